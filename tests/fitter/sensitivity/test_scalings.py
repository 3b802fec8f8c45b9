import bsinv
import numpy as np
import pytest
from bsinv.fitter.sensitivity.flat_space import scalings
from bsinv.fitter.sensitivity.outlook import outlook, outlook_sentences

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
