"""Angles: both ends of their range are one point for fits, scans and summaries."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import ScanEnd
from bsinv.chains.statistics.regions import Marginal
from bsinv.errors import AnalysisError
from bsinv.fitter.drivers.sampling.move_space import wrap
from bsinv.fitter.parameters.angles import nearest
from bsinv.fitter.reports.best_fit import parameter_records

TURN = 2 * np.pi
RANGES = [(0.0, TURN), (-np.pi, np.pi), (0.4, 0.4 + TURN), (0.0, 6.2832)]


def analysis(lower=0.0, upper=TURN, **keys):
    """A right-handed coupling of modulus 20 and free phase; R_K(nunu) = 5.4 +- 1.6."""
    phi = {"prior": {"uniform": [float(lower), float(upper)]}, "unit": "rad", **keys}
    return bsinv.load(
        {
            "name": "angle",
            "model": "wet",
            "likelihoods": ["talk_2024_RKnunu"],
            "auxiliary": {"r": 20, "phi": phi},
            "parameters": {"dC_R": {"polar": {"modulus": "r", "phase": "phi"}}},
            "seed": 1,
        }
    )


def draws(loaded, size=20_000):
    """Exact draws of the one parameter, by its distribution on a fine grid."""
    ((lower, upper),) = loaded.bounds
    grid = np.linspace(lower, upper, 20_001)
    density = np.exp(loaded.log_likelihood(grid[:, None]))
    held = np.cumsum(density) / density.sum()
    return np.interp(np.random.default_rng(2).random(size), held, grid)


@pytest.mark.parametrize(("lower", "upper"), RANGES)
def test_the_region_of_a_phase_is_the_same_in_any_range(lower, upper):
    """1.3446 rad long around 0: where the density, cut into 200 000 cells, holds 68.27 %."""
    loaded = analysis(lower, upper)
    assert loaded.problem.periods == pytest.approx([TURN], rel=1e-5)
    (record,) = [one for one in parameter_records(loaded.problem) if one.free]
    assert record.period == pytest.approx(TURN, rel=1e-5)
    found = Marginal(draws(loaded), period=record.period, origin=record.lower)
    ((low, high),) = found.region(0.6827).intervals
    assert high - low == pytest.approx(1.345, abs=0.03)
    assert abs(nearest(np.array(low + high), np.array(0.0), np.array(2 * TURN))) < 0.08
    assert np.cos(found.location) > 0.998


@pytest.mark.parametrize(("lower", "upper"), RANGES)
def test_minos_passes_the_seam(lower, upper):
    """-2 ln L rises by 1 at +-0.91 and, by a dip of 0.24 only, has no end between +-0.505."""
    best = analysis(lower, upper).fit(minos=("phi",), retries=2)
    assert best.valid
    assert "limit" not in best.status
    assert best.minos_status == ("valid",)
    assert lower <= best.values[0] <= upper
    assert np.cos(best.values[0]) == pytest.approx(np.cos(0.5053), abs=1e-3)
    # the two minima are one and the other side of 0, whatever the range
    ends = np.sort(nearest(best.values + best.minos[0], np.zeros(2), np.full(2, TURN)))
    np.testing.assert_allclose(ends, [-0.9009, 0.9009], atol=2e-3)
    others = best.other_minima[:, 0]
    np.testing.assert_allclose(np.cos(others), np.cos(0.5053), atol=1e-3)
    assert len(others) <= 1


def test_profiles_go_round():
    loaded = analysis()
    best = loaded.fit(minos=(), retries=2)
    scan = loaded.profile("phi", best=best)
    assert scan.ends == (ScanEnd.CLOSED, ScanEnd.CLOSED)
    axis = scan.axes[0]
    assert axis[0] < 0.0 < axis[-1] or axis[0] < TURN < axis[-1]
    expected = loaded.log_likelihood(np.mod(axis, TURN)[:, None])
    np.testing.assert_allclose(scan.log_likelihood, expected, atol=1e-9)


def test_what_is_an_angle_by_itself():
    assert np.isnan(analysis(0.0, np.pi).problem.periods).all()
    assert np.isnan(analysis(0.0, 4 * np.pi).problem.periods).all()
    assert np.isnan(analysis(periodic=False).problem.periods).all()
    assert np.isfinite(analysis(0.0, 4 * np.pi, periodic=True).problem.periods).all()


def test_an_expression_may_be_of_another_period():
    """cos 2 phi and sin 2 phi: half a turn is a full period, if it is said to be."""
    given = {
        "name": "half",
        "model": "wet",
        "likelihoods": ["talk_2024_RKnunu"],
        "auxiliary": {"phi": {"prior": {"uniform": [0.0, float(np.pi)]}}},
        "parameters": {"dC_R": {"polar": {"modulus": 20, "phase": "2 * phi"}}},
    }
    assert np.isnan(bsinv.load(given).problem.periods).all()
    given["auxiliary"]["phi"]["periodic"] = True
    assert bsinv.load(given).problem.periods == pytest.approx([np.pi])


def test_a_phase_that_enters_elsewhere_too_is_no_angle():
    given = {
        "name": "twice",
        "model": "wet",
        "likelihoods": ["talk_2024_RKnunu"],
        "auxiliary": {"phi": {"prior": {"uniform": [0.0, float(TURN)]}}},
        "parameters": {
            "dC_R": {"polar": {"modulus": 20, "phase": "phi"}},
            "dC_L": {"expression": "phi"},
        },
    }
    assert np.isnan(bsinv.load(given).problem.periods).all()


def test_no_angle_where_the_ends_differ():
    with pytest.raises(AnalysisError, match=r"phi.periodic: phi is no angle over \[0, 3\].*dC_R ="):
        analysis(0.0, 3.0, periodic=True)
    given = {
        "name": "line",
        "model": "wet-lfu",
        "likelihoods": ["talk_2024_RKnunu"],
        # B -> K sees |C_L|^2 only, which is the same at both ends
        "parameters": {"dC_L": {"prior": {"uniform": [-20.0, 32.7]}, "periodic": True}},
    }
    with pytest.raises(AnalysisError, match=r"parameters.dC_L.periodic: dC_L is no angle"):
        bsinv.load(given)


def test_analyses_without_the_key_are_written_as_before():
    """So that the fingerprints of older runs still agree."""
    dumped = analysis().spec.model_dump(mode="json", warnings=False)["auxiliary"]["phi"]
    assert "periodic" not in dumped
    given = analysis(periodic=True).spec.model_dump(mode="json", warnings=False)
    assert given["auxiliary"]["phi"]["periodic"] is True


def test_helpers_leave_other_parameters_alone():
    bounds = np.array([[0.0, TURN], [-1.0, 1.0]])
    periods = np.array([TURN, np.nan])
    theta = np.array([[-0.5, 7.0], [TURN, 0.0], [1e9, 0.0], [0.0, np.inf], [-1e-18, 0.0]])
    found = wrap(theta, bounds[:, 0], np.where(np.isnan(periods), np.inf, periods))
    assert ((found[:, 0] >= 0.0) & (found[:, 0] <= TURN)).all()
    assert found[0, 0] == pytest.approx(TURN - 0.5)
    assert found[1, 0] == 0.0  # both ends are one point
    np.testing.assert_array_equal(found[:, 1], theta[:, 1])
    moved = nearest(np.array([6.0, 9.0]), np.array([0.1, 0.0]), periods)
    np.testing.assert_allclose(moved, [6.0 - TURN, 9.0])
