"""Likelihoods that are piecewise constant along a parameter."""

import bsinv
import numpy as np
import pytest
from bsinv.fitter.drivers.minimum.minuit import FitOptions, fit
from bsinv.fitter.drivers.minimum.staircase import stepped_columns
from bsinv.fitter.drivers.objective import Objective
from targets import GaussianTarget, TwoModes


class Stairs(GaussianTarget):
    """A Gaussian in the middle of the bin, of width 0.4, in which a lies."""

    width_of_bin = 0.4
    slope = 0.0

    def log_likelihood(self, theta):
        binned = theta.copy()
        binned[:, 0] = self.width_of_bin * (np.floor(theta[:, 0] / self.width_of_bin) + 0.5)
        return super().log_likelihood(binned) + self.slope * theta[:, 0]


class FineStairs(Stairs):
    width_of_bin = 0.013


class Sloped(Stairs):
    """The treads are not level: a coupling also moves the rate inside of a bin."""

    slope = 0.02


def stepped(target):
    objective = Objective(target)
    found = fit(target, FitOptions(retries=1))
    return [target.names[i] for i in stepped_columns(objective, found.values, target.scale)]


@pytest.mark.parametrize("kind", [Stairs, FineStairs, Sloped])
def test_staircases_are_seen(kind):
    assert stepped(kind()) == ["a"]


class Kinked(GaussianTarget):
    """|a| has a kink, and no step."""

    def log_likelihood(self, theta):
        return -abs(theta[:, 0] - 1.0) - 0.5 * theta[:, 1] ** 2


class Sharp(GaussianTarget):
    """A sharp but smooth edge: a thousandth of a standard deviation wide."""

    def log_likelihood(self, theta):
        edge = 0.5 * np.tanh((theta[:, 0] - 1.5) / 1e-3)
        return super().log_likelihood(theta) + 0.02 * edge


class Plateau(GaussianTarget):
    """Flat up to 2, then a half Gaussian: an upper limit."""

    def log_likelihood(self, theta):
        return -0.5 * np.maximum(theta[:, 0] - 2.0, 0.0) ** 2 - 0.5 * theta[:, 1] ** 2


class Noisy(GaussianTarget):
    """The noise of a profiled likelihood."""

    def log_likelihood(self, theta):
        return super().log_likelihood(theta) + 1e-9 * np.sin(1e9 * theta[:, 0])


class Wall(GaussianTarget):
    """Zero beyond 1.5: a wall is no step."""

    def log_likelihood(self, theta):
        return np.where(theta[:, 0] > 1.5, -np.inf, super().log_likelihood(theta))


class Flat(GaussianTarget):
    def log_likelihood(self, theta):
        return -0.5 * theta[:, 1] ** 2


@pytest.mark.parametrize(
    "kind", [GaussianTarget, TwoModes, Kinked, Sharp, Plateau, Noisy, Wall, Flat]
)
def test_smooth_likelihoods_have_none(kind):
    assert stepped(kind()) == []


@pytest.mark.parametrize("name", ["b2snunu-lfu", "belle2-wet-eos"])
def test_built_in_likelihoods_have_none(name):
    analysis = bsinv.load(name)
    objective = Objective(analysis.problem)
    assert stepped_columns(objective, analysis.start, analysis.scale) == []


@pytest.mark.parametrize("kind", [Stairs, Sloped])
def test_the_interval_of_a_staircase_is_that_of_its_profile(kind):
    target = kind()
    outcome = fit(target, FitOptions(minos=("b",), retries=2))
    assert outcome.valid, outcome.status
    assert np.isnan(outcome.errors[0])
    assert outcome.hesse_status == ("the likelihood is piecewise constant along it", "", "")
    assert "No symmetric error of a: the likelihood is piecewise constant" in outcome.status
    # Bins around 1.0 with the centre 1.0 are those of 0.8 to 1.2.
    level = kind.slope == 0.0
    assert outcome.values[0] == pytest.approx(1.0 if level else 1.2, abs=0.01)
    # Brute force: the profile over (b, shift) is exact in the centre of each bin.
    variance = target.posterior_covariance[0, 0]
    centres = 0.4 * (np.arange(-20, 20) + 0.5)
    inside = centres[(centres - 1.0) ** 2 / variance <= 1.0]
    lower, upper = outcome.values[0] + outcome.minos[0]
    assert lower == pytest.approx(inside.min() - 0.2, abs=2e-3)
    assert upper == pytest.approx(inside.max() + 0.2, abs=2e-3)
    assert outcome.minos_status[0] == "valid (from the profile, which has steps)"
    # The profile of b looks at other treads too; with a held its error would be smaller.
    errors = np.sqrt(target.posterior_covariance[1, 1])
    np.testing.assert_allclose(outcome.minos[1], [-errors, errors], rtol=0.03)


def test_a_narrow_peak_in_bins():
    """One particle at Belle II: the likelihood changes where its peak enters another bin of q2."""
    analysis = bsinv.load(
        {
            "name": "peak",
            "model": "two-body-br",
            "likelihoods": ["belle2-2023-bknunu"],
            "parameters": {
                "m_X": {"prior": {"uniform": [0.0, 4.7]}},
                "BR_K": {"prior": {"uniform": [0, 40]}, "start": 3.0},
            },
        }
    )
    best = analysis.fit()
    # MINUIT's HESSE printed 2.0853 +- 0.0018.
    assert best.hesse_status[0] == "the likelihood is piecewise constant along it"
    assert np.isnan(best.errors[0])
    # Brute force on a grid of the mass: the tread is that of the lowest point, the interval that
    # of all treads on the way that are within one.
    masses = best.values[0] + np.arange(-0.2, 0.2, 0.004)
    rates = np.arange(4.0, 14.0, 0.1)
    grid = np.stack([part.ravel() for part in np.meshgrid(masses, rates, indexing="ij")], axis=1)
    profile = -2 * analysis.log_likelihood(grid).reshape(len(masses), -1).max(axis=1)
    near = profile <= profile.min() + 1.0
    lower, upper = best.values[0] + best.minos[0]
    assert near[(masses > lower + 0.004) & (masses < upper - 0.004)].all()
    assert not near[masses < lower - 0.004][-1]
    assert not near[masses > upper + 0.004][0]
    assert best.reference_test == "local, one-sided"
    assert "m_X does not exist at SM; BR_K lies on its bound there" in best.reference_remark
    assert "toys at SM are needed for the global one" in best.reference_remark
