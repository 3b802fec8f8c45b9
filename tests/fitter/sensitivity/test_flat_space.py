import bsinv
import numpy as np
import pytest
from bsinv.fitter.sensitivity.flat_space import flat_space, scalings, sparse_basis
from bsinv.fitter.sensitivity.outlook import outlook, outlook_sentences
from hypothesis import given
from hypothesis import strategies as st


def norm_jacobian(point):
    """Of |a + b|^2 summed over two flavours, in (a_1, a_2, b_1, b_2)."""
    total = point[:2] + point[2:]
    return 2.0 * np.concatenate([total, total])[None]


POINTS = np.random.default_rng(0).normal(size=(5, 4))


def test_straight_and_bent_directions_are_told_apart():
    space = flat_space([norm_jacobian(point) for point in POINTS])
    expected = np.array([[1, 0, -1, 0], [0, 1, 0, -1]]) / np.sqrt(2)
    np.testing.assert_allclose(space.straight, expected, atol=1e-9)
    assert space.bent.shape == (1, 4)
    assert norm_jacobian(POINTS[space.base]) @ space.bent[0] == pytest.approx(0.0, abs=1e-9)
    assert space.bent @ space.straight.T == pytest.approx(0.0, abs=1e-9)
    assert space.special.shape == (0, 4)
    for point, own in zip(POINTS, space.turning, strict=True):
        assert norm_jacobian(point) @ own[0] == pytest.approx(0.0, abs=1e-9)
        assert own[0] @ own[0] == pytest.approx(1.0)


def test_a_special_first_point():
    points = np.concatenate([np.zeros((1, 4)), POINTS])
    space = flat_space([norm_jacobian(point) for point in points])
    assert space.base == 1
    assert (len(space.straight), len(space.bent), len(space.special)) == (2, 1, 2)
    assert not space.turning[0].any()


def test_a_special_point_where_nothing_else_is_flat():
    space = flat_space([np.zeros((1, 1)), np.ones((1, 1))])
    assert (len(space.straight), len(space.bent)) == (0, 0)
    assert space.special.tolist() == [[1.0]]


def test_few_points_make_nothing_straight_that_fresh_ones_deny():
    rng = np.random.default_rng(1)

    def along(units):
        return norm_jacobian(rng.normal(size=4)) @ units.T

    alone = flat_space([norm_jacobian(POINTS[0])])
    assert (len(alone.straight), len(alone.bent)) == (3, 0)
    refined = flat_space([norm_jacobian(POINTS[0])], along)
    assert (len(refined.straight), len(refined.bent)) == (2, 1)


def test_no_parameter_and_no_flat_direction():
    space = flat_space([np.empty((3, 0))])
    assert space.straight.shape == (0, 0)
    space = flat_space([np.eye(2)])
    assert (len(space.straight), len(space.bent), len(space.special)) == (0, 0, 0)


@given(st.integers(0, 1000), st.integers(1, 4), st.integers(4, 6))
def test_a_sparse_basis_spans_the_same_space(seed, rows, columns):
    space = np.linalg.qr(np.random.default_rng(seed).normal(size=(columns, rows)))[0].T
    basis = sparse_basis(space)
    assert basis.shape == space.shape
    np.testing.assert_allclose(np.linalg.norm(basis, axis=1), 1.0)
    np.testing.assert_allclose(basis @ space.T @ space, basis, atol=1e-5)
    assert np.linalg.matrix_rank(basis) == rows
    zeros = (basis == 0.0).sum()
    assert zeros >= rows * (rows - 1)


COUPLING = {"prior": {"uniform": [-3, 3]}, "start": 0.5}


def leptoquark(mass, *likelihoods):
    return bsinv.load(
        {
            "name": "a",
            "model": "leptoquark-S~1/2",
            "likelihoods": ["belle_2013_kpnunu_value", "belle_2017_kst0nunu", *likelihoods],
            "parameters": {"M": mass, "lambda_stau": COUPLING, "lambda_btau": COUPLING},
            "seed": 1,
        }
    )


def test_only_the_product_of_two_couplings_counts():
    analysis = leptoquark(2.0)
    seen = outlook(analysis.problem, analysis.check())
    (scaling,) = seen.scalings
    assert scaling == pytest.approx({"lambda_stau": 1.0, "lambda_btau": -1.0}, abs=1e-4)
    (sentence,) = outlook_sentences(seen)
    assert "A flat direction that differs from point to point" in sentence
    assert (
        "Only products count: with any factor t nothing moves if one multiplies lambda_stau by t, "
        "lambda_btau by t^-1."
    ) in sentence


def test_a_mass_and_couplings_that_mixing_would_tell_apart():
    analysis = leptoquark({"prior": {"uniform": [1, 5]}})
    seen = outlook(analysis.problem, analysis.check())
    assert len(seen.scalings) == 2
    for scaling in seen.scalings:
        # Couplings over mass squared, but for the running.
        powers = scaling.get("lambda_stau", 0.0) + scaling.get("lambda_btau", 0.0)
        assert powers == pytest.approx(2.0 * scaling.get("M", 0.0), abs=5e-3)
    assert "DeltaM_s" in {lift.observable for lift in seen.directions[0].lifts}
    with_mixing = leptoquark({"prior": {"uniform": [1, 5]}}, "pdg2026_dms")
    told = outlook(with_mixing.problem, with_mixing.check())
    assert len(told.scalings) == 1


def test_other_curves_are_no_changes_of_scale():
    # Circles: the tangent at (x, y) is (y, -x).
    points = np.array([[1.0, 2.0], [2.0, 0.5], [-1.0, 3.0], [0.3, 0.4]])
    tangents = points[:, ::-1] * [1.0, -1.0]
    unit = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    assert scalings(points, unit[:, None], np.ones(2)).shape == (0, 2)
    # Hyperbolas: x y is constant; a point on an axis spoils nothing but the proof.
    tangents = points * [1.0, -1.0]
    unit = tangents / np.linalg.norm(tangents, axis=1, keepdims=True)
    np.testing.assert_allclose(scalings(points, unit[:, None], np.ones(2)), [[1.0, -1.0]])
    points[0, 0] = 0.0
    assert scalings(points, unit[:, None], np.ones(2)).shape == (0, 2)


def test_too_few_points_prove_nothing():
    assert scalings(np.ones((2, 2)), np.ones((2, 1, 2)), np.ones(2)).shape == (0, 2)
    assert scalings(np.ones((3, 2)), np.empty((3, 0, 2)), np.ones(2)).shape == (0, 2)
