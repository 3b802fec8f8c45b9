"""Limits against mass and lifetime: interpolation, edges, gaps, shares of invisible decays."""

import numpy as np
import pytest
from bsinv.errors import DataError, PredictionError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.forms.lifetime_curves import LimitSurface
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from numpy.testing import assert_allclose

INPUTS = Inputs.default()
NONE = np.inf
TABLE = np.array(
    [
        [0.0, 4e-10, 2e-10, 1e-10],
        [0.1, NONE, 4e-10, 1e-11],
        [0.2, NONE, NONE, NONE],
        [0.3, 8e-10, 2e-10, 1e-10],
    ]
)
LENGTHS = np.array([0.1, 1.0, 10.0])


def surface(table=TABLE, lengths=LENGTHS, level=0.9):
    what = ("x", "", "BR(K+->pi+X)", "m_1", "GeV")
    return LimitSurface(*what, np.array(table), np.array(lengths), level, ("x",))


def limit(mass, length, invisible=0.0):
    return surface().limit_at(mass, length, invisible)


def test_at_the_points_of_the_table():
    for row in TABLE:
        for length, wanted in zip(LENGTHS, row[1:], strict=True):
            if row[0] > 0:
                assert_allclose(limit(row[0], length), wanted, rtol=1e-12)


def test_logarithms_between_points():
    """Linear in the mass and in the logarithm of the decay length."""
    assert_allclose(limit(0.05, 10.0), np.sqrt(1e-10 * 1e-11))
    assert_allclose(limit(0.1, np.sqrt(10.0)), np.sqrt(4e-10 * 1e-11))
    assert_allclose(limit(0.025, 1.0), (2e-10) ** 0.75 * (4e-10) ** 0.25)


def test_no_constraint():
    """Outside the masses, in gaps and beside them, below the smallest decay length."""
    for mass, length in [(0.31, 10.0), (0.2, 10.0), (0.15, 10.0), (0.29, 1.0), (0.05, 0.099)]:
        assert limit(mass, length) == np.inf
    assert limit(0.05, 0.2) == np.inf
    assert limit(0.05, 0.0) == np.inf
    assert limit(-0.1, 1.0) == np.inf


def test_long_lifetimes_are_as_the_longest_of_the_table():
    assert_allclose(limit(0.1, np.array([10.0, 1e3, 1e15, np.inf])), 1e-11, rtol=1e-12)


def test_massless_particles_do_not_decay():
    assert_allclose(limit(0.0, np.array([0.0, 0.05, 1.0])), 1e-10, rtol=1e-12)


def test_invisible_decays_add_acceptances():
    """1/limit is linear in BR_inv, and goes on where visible decays have no limit."""
    share = np.array([0.0, 0.25, 1.0])
    assert_allclose(1.0 / limit(0.1, 1.0, share), share / 1e-11 + (1 - share) / 4e-10)
    assert_allclose(limit(0.1, 0.01, share), [np.inf, 4e-11, 1e-11])


def test_half_gaussian_at_the_limit():
    """ln L = -1.645^2/2 where the prediction is the limit (90 %)."""
    term = surface()
    rows = np.array([[1e-10, 0.3, 1e15, 0.0], [1e-10, 0.35, 1e15, 0.0], [-1e-10, 0.3, 1e15, 0.0]])
    rows[:, 0] /= term.unit
    assert_allclose(term.log_likelihood(rows), [-0.5 * 1.6448536**2, 0.0, 0.0], rtol=1e-6)
    pulls = term.pull(rows)
    assert_allclose(pulls[[0, 2]], [-1.6448536, 0.0], atol=1e-6)
    assert np.isnan(pulls[1])
    assert np.isnan(term.log_likelihood(np.array([[np.nan, 0.3, 1.0, 0.0]])))
    assert np.isnan(term.log_likelihood(np.array([[1.0, np.nan, 1.0, 0.0]])))


def test_data_sets():
    term = surface()
    row = np.array([[1e-10 / term.unit, 0.3, 1e15, 0.0]])
    asimov = term.asimov(row)
    assert term.log_likelihood(row, asimov)[0] == 0.0
    drawn = term.sample(np.repeat(row, 4000, axis=0), np.random.default_rng(1)).values
    assert drawn.mean() == pytest.approx(1.645, abs=0.06)
    assert drawn.std() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("table", "lengths", "message"),
    [
        (TABLE[:1], LENGTHS, "two or more masses"),
        (TABLE[::-1], LENGTHS, "must rise"),
        (TABLE, LENGTHS[::-1], "must rise"),
        (TABLE, [0.0, 1.0, 10.0], "must be positive and finite"),
        (TABLE, [1.0, 10.0], "a limit for each decay length and mass"),
        (np.where(TABLE == 4e-10, np.nan, TABLE), LENGTHS, "must have limits"),
        (np.where(TABLE == 4e-10, -1e-10, TABLE), LENGTHS, "must be positive"),
        (np.array([[0.0, NONE], [1.0, NONE]]), [1.0], "must have limits"),
    ],
)
def test_tables_that_are_none(table, lengths, message):
    with pytest.raises(DataError, match=message):
        surface(table, lengths)


def prediction(name, **values):
    entry = model("two-body")
    wilson = entry.wilson(entry.complete(values), INPUTS)
    term = catalogue.term(name)
    return term, term.predict(wilson, INPUTS)


def test_published_limits():
    """NA62 2025: 2.911e-11 at m = 0 (HEPData 160245: 2.912e-11); KOTO at 0.135 GeV, PDG: 2.4e-9."""
    na62 = catalogue.term("na62_2025_kpiX")
    assert_allclose(na62.limit_at(np.zeros(1), np.full(1, 1e15), np.zeros(1)), 2.911e-11)
    # Columns are proper decay lengths: 1000 ps are 0.29979 m.
    assert na62.limit_at(0.2, 1000e-12 * 299792458.0, 0.0) == pytest.approx(4.0759e-11, rel=1e-3)
    assert na62.limit_at(0.13, 1e15, 0.0) == np.inf
    pi0 = catalogue.term("na62_2021_kpiX_pi0")
    assert 5e-10 < pi0.limit_at(0.13, 1e15, 0.0) < 2e-9
    koto = catalogue.term("koto_2019_klpi0X")
    assert koto.limit_at(0.135, 1e15, 0.0) == pytest.approx(2.37e-9, rel=3e-3)
    assert koto.limit_at(0.135, 1e14, 0.0) == np.inf
    assert koto.limit_at(0.135, 1.0, 0.5) == pytest.approx(2 * 2.3654e-9, rel=2e-3)


def test_lifetimes_of_a_model():
    """The branching fraction of a kaon does not know the lifetime; the limit does."""
    term, rows = prediction(
        "na62_2025_kpiX", m_X=0.2, g_S_sd=1.0, ctau=[1e15, 0.3, 1e-3], BR_inv=[0.0, 0.0, 0.5]
    )
    assert_allclose(rows[:, 0], rows[0, 0])
    log = term.log_likelihood(rows)
    assert log[0] < log[2] < log[1] < 0.0
    assert log[2] == pytest.approx(0.25 * log[0], rel=1e-9)


def test_a_model_without_a_particle_is_refused():
    with pytest.raises(PredictionError, match="no parameter of the model is called 'm_1'"):
        catalogue.term("na62_2025_kpiX").predict(Wilson(), INPUTS)
