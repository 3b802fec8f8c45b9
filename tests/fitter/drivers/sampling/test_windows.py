"""Scans hold the minima that are known, and grow until they are closed or the support ends."""

import dataclasses

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import BestFit, Scan, ScanEnd, ScanStatus
from bsinv.fitter.drivers.sampling.windows import ends_of, window_of
from bsinv.fitter.reports.profiles import profile_scan
from bsinv.fitter.reports.reference import reference_point, unseen_parameters
from targets import GaussianTarget


def best_fit(value=1.0, error=1.0, others=()):
    """A best fit of the Gaussian target, with minima besides in its first parameter."""
    return BestFit(
        names=GaussianTarget.names,
        values=[value, -2.0, 0.0],
        covariance=np.diag([error**2, 2.0, 0.25]),
        errors=[error, np.sqrt(2.0), 0.5],
        log_likelihood=0.0,
        log_prior=0.0,
        status="",
        valid=True,
        other_minima=[[x, 0.0, 0.0] for x in others],
    )


def test_windows_stay_inside_the_bounds():
    target = GaussianTarget()  # a in [-10, 10]
    np.testing.assert_allclose(window_of(target, best_fit(), "a", 3).axis, [-2.0, 1.0, 4.0])
    np.testing.assert_allclose(window_of(target, best_fit(9.0), "a", 3).axis, [6.0, 8.0, 10.0])
    shift = window_of(target, best_fit(), "shift", 3)
    np.testing.assert_allclose(shift.axis, [-1.5, 0.0, 1.5])
    lost = dataclasses.replace(best_fit(), errors=[1.0, 1.0, np.nan])
    np.testing.assert_allclose(window_of(target, lost, "shift", 3).axis, [-1.5, 0.0, 1.5])
    for error in (np.nan, np.inf, 0.0):
        np.testing.assert_allclose(window_of(target, best_fit(1, error), "a", 2).axis, [-10, 10])


def test_windows_hold_other_minima():
    target = GaussianTarget()
    near = window_of(target, best_fit(others=[-5.0]), "a", 7).axis
    assert near[0] == -7.0
    assert near[-1] == 4.0
    np.testing.assert_allclose(np.diff(near), np.diff(near)[0])
    assert np.diff(near)[0] <= 1.0  # the spacing that was asked for
    # where they are far apart, each is seen as finely as the best fit
    far = window_of(target, best_fit(8.0, 0.01, others=[-8.0]), "a", 7).axis
    assert np.count_nonzero(abs(far - 8.0) <= 0.0301) >= 7
    assert np.count_nonzero(abs(far + 8.0) <= 0.0201) >= 7
    assert len(far) < 25
    assert (np.diff(far) > 0).all()


class Wide(GaussianTarget):
    """A Gaussian of a whose error near the minimum is a tenth of that far away."""

    bounds = np.array([[-50.0, 1e6], [-10.0, 10.0], [-np.inf, np.inf]])
    reach = 1e3

    def log_likelihood(self, theta):
        a = theta[:, 0]
        return -4.0 * np.log1p((a / self.reach) ** 2) - 0.5 * theta[:, 2] ** 2


class Scanned(Wide):
    """What `profile_scan` asks of a problem."""

    class table:
        @staticmethod
        def index(name):
            return GaussianTarget.names.index(name)


def test_a_scan_grows_until_it_is_closed_or_the_support_ends():
    best = best_fit(0.0, 1.0)
    scan = profile_scan(Scanned(), ("a",), 11, best)
    assert scan.ends == (ScanEnd.SUPPORT, ScanEnd.CLOSED)
    axis, heights = scan.axes[0], -2.0 * scan.log_penalised
    assert axis[0] == -50.0
    # -2 ln L = 8 ln(1 + (a/1000)^2) reaches 4 at 805
    assert 805.0 < axis[-1] < 2500.0
    assert heights[-1] > 4.0 > heights[0]
    assert (np.diff(axis) > 0).all()
    assert (scan.status == ScanStatus.CONVERGED).all()


def test_a_flat_scan_is_given_up_or_ends_with_the_support():
    class Flat(Scanned):
        reach = 1e300

    scan = profile_scan(Flat(), ("a",), 11, best_fit(0.0, 1.0))
    assert scan.ends == (ScanEnd.SUPPORT, ScanEnd.SUPPORT)
    assert (scan.axes[0][0], scan.axes[0][-1]) == (-50.0, 1e6)

    class Endless(Flat):
        bounds = np.array([[-np.inf, 1e300], [-10.0, 10.0], [-np.inf, np.inf]])

    scan = profile_scan(Endless(), ("a",), 11, best_fit(0.0, 1.0))
    assert scan.ends == (ScanEnd.OPEN, ScanEnd.OPEN)
    assert len(scan.axes[0]) < 15 * 11


def test_a_contour_grows():
    scan = profile_scan(Scanned(), ("a", "b"), 5, best_fit(0.0, 300.0))
    assert scan.ends[:2] == (ScanEnd.SUPPORT, ScanEnd.CLOSED)
    assert scan.ends[2:] == (ScanEnd.SUPPORT, ScanEnd.SUPPORT)  # nothing depends on b
    assert scan.log_likelihood.shape == tuple(len(axis) for axis in scan.axes)
    assert np.isfinite(scan.log_likelihood).all()


def test_a_scan_without_a_likelihood_ends_too():
    class Nothing(Scanned):
        def log_likelihood(self, theta):
            return np.full(len(theta), -np.inf)

    scan = profile_scan(Nothing(), ("a",), 5, best_fit())
    assert scan.ends == ()
    assert (scan.status == ScanStatus.FAILED).all()


def test_a_wall_closes_a_scan():
    best = best_fit()
    heights = np.array([np.nan, -1.0, 0.0, -1.0])
    status = [ScanStatus.FAILED, 0, 0, 0]
    axis = np.array([-2.0, -1.0, 0.0, 1.0])
    scan = Scan("s", ("a",), (axis,), heights, status=status)
    window = window_of(GaussianTarget(), best, "a", 4)
    assert ends_of(scan, (window,), best) == (ScanEnd.CLOSED, ScanEnd.OPEN)


def test_a_grid_that_is_given_stays(monkeypatch):
    axes = {"a": np.linspace(-1.0, 1.0, 5)}
    scan = profile_scan(Scanned(), (), 5, best_fit(0.0, 1.0), axes=axes)
    assert scan.ends == ()
    assert len(scan.axes[0]) == 5


def test_both_minima_of_a_rate_are_in_its_profile():
    """|C_L|^2 from a rate: minima on both sides of -C_L(SM), both regions of 1 sigma seen."""
    loaded = bsinv.load(
        {
            "name": "sign",
            "model": "wet-lfu",
            "likelihoods": ["talk_2024_RKnunu"],
            "parameters": {"dC_L": {"prior": {"uniform": [-40, 53]}}},
        }
    )
    best = loaded.fit(minos=())
    assert len(best.other_minima) == 1
    scan = loaded.profile("dC_L", best=best)
    axis = scan.axes[0]
    # R_K = 5.4: |C_L| = 6.35 sqrt(5.4), so dC_L = 6.35 (1 +- 2.324)
    for minimum in (-8.41, 21.11):
        assert axis[0] < minimum < axis[-1]
        assert abs(axis - minimum).min() < 0.7
    assert scan.ends == (ScanEnd.CLOSED, ScanEnd.CLOSED)


def test_a_mass_has_no_meaning_at_the_standard_model():
    """Nor has a phase at modulus zero; couplings have, and the mass where another one is left."""
    flavour = {
        "name": "mass",
        "model": "leptoquark-S~1/2",
        "likelihoods": ["talk_2024_RKnunu"],
        "parameters": {
            "M": {"prior": {"log_uniform": [0.8, 10.0]}},
            "lambda_stau": {"prior": {"uniform": [0, 3.5]}},
            "lambda_btau": {"equals": "lambda_stau", "times": -1.0},
        },
    }
    best = bsinv.load(flavour).fit(minos=(), retries=1)
    assert best.reference_undefined == ("M",)
    assert np.isnan(best.reference_line("M"))
    assert best.reference_line("lambda_stau") == 0.0
    assert best.reference_label == "SM"
    flavour["inputs"] = {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}}
    flavour["likelihoods"].append("belle_2017_kst0nunu")
    assert bsinv.load(flavour).fit(minos=(), retries=1).reference_label == "SM (refitted)"


@pytest.mark.parametrize("model", ["wet-lfu", "signal-strength"])
def test_couplings_have_a_meaning_at_the_standard_model(model):
    name = "dC_L" if model == "wet-lfu" else "mu"
    loaded = bsinv.load(
        {
            "name": "x",
            "model": model,
            "likelihoods": ["belle2-2023-bknunu"],
            "parameters": {name: {"prior": {"uniform": [0, 20]}}},
        }
    )
    found = reference_point(loaded.problem).columns
    theta = loaded.start[None].copy()
    theta[0, list(found)] = list(found.values())
    assert unseen_parameters(loaded.problem, theta, found) == ()
