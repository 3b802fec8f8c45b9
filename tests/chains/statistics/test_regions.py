"""Highest-density regions against exact ones of known distributions."""

import numpy as np
import pytest
from bsinv.chains.statistics.modes import nearest
from bsinv.chains.statistics.regions import Marginal
from bsinv.errors import ParameterError
from scipy import optimize, stats


class Mixture:
    """Weights and distributions; draws exact samples, knows its density and its distribution."""

    def __init__(self, *parts):
        self.parts = parts

    def draw(self, size, rng):
        counts = rng.multinomial(size, [weight for weight, _ in self.parts])
        drawn = [
            one.rvs(size=k, random_state=rng)
            for k, (_, one) in zip(counts, self.parts, strict=True)
        ]
        return rng.permutation(np.concatenate(drawn))

    def pdf(self, x):
        return sum(weight * one.pdf(x) for weight, one in self.parts)

    def inside(self, intervals):
        return sum(w * (one.cdf(b) - one.cdf(a)) for w, one in self.parts for a, b in intervals)

    def region(self, content, grid):
        """Exact ends: where the density crosses the level that holds the content."""
        density = self.pdf(grid)
        ordered = np.sort(density)[::-1]
        held = np.cumsum(ordered) * (grid[1] - grid[0])
        level = ordered[np.searchsorted(held, content)]
        crossings = np.flatnonzero(np.diff(density > level))
        ends = [optimize.brentq(lambda x: self.pdf(x) - level, *grid[i : i + 2]) for i in crossings]
        return np.reshape(ends, (-1, 2))


N = stats.norm
EXACT = {
    "equal": (Mixture((0.5, N(-7.2, 2.1)), (0.5, N(19.9, 2.1))), 2),
    "unequal": (Mixture((0.1, N(0, 0.05)), (0.9, N(6, 1.5))), 2),
    "at a bound": (Mixture((0.4, stats.expon(0, 0.3)), (0.6, N(6, 1))), 2),
    "half a mode at a bound": (Mixture((0.5, stats.halfnorm(0, 0.3)), (0.5, N(4, 1))), 2),
    "three": (Mixture((0.3, N(0, 1)), (0.3, N(8, 1)), (0.4, N(30, 5))), 3),
    "touching, in one": (Mixture((0.5, N(-0.9, 1)), (0.5, N(0.9, 1))), 1),
    "normal": (Mixture((1, N(0, 1))), 1),
    "flat": (Mixture((1, stats.uniform())), 1),
    "exponential": (Mixture((1, stats.expon())), 1),
    "Cauchy": (Mixture((1, stats.cauchy())), 1),
    "log-normal, sigma 3": (Mixture((1, stats.lognorm(3))), 1),
    "log-uniform": (Mixture((1, stats.loguniform(1, 1e13))), 1),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize(("size", "sets"), [(1000, 16), (10_000, 4), (100_000, 1)])
def test_regions_hold_their_content(name, size, sets):
    """The exact probability inside is the content, within the error of the count of samples.

    A smallest region of samples holds a little less than it says, as any fit to noise does: by
    about n^(-2/3), which is below half the error of the count.
    """
    mixture, modes = EXACT[name]
    rng = np.random.default_rng(7)
    for content in (0.6827, 0.95):
        held = []
        for _ in range(sets):
            region = Marginal(mixture.draw(size, rng)).region(content)
            assert len(region.intervals) == modes
            assert sum(region.probabilities) == pytest.approx(content, abs=2.0 / size + 1e-4)
            held.append(mixture.inside(region.intervals))
        error = np.sqrt(content * (1.0 - content) / size)
        assert abs(np.mean(held) - content) < 4.0 * error / np.sqrt(sets) + size ** (-2 / 3)


@pytest.mark.parametrize("name", ["equal", "unequal", "three"])
def test_ends_are_the_exact_ones(name):
    mixture, _ = EXACT[name]
    found = Marginal(mixture.draw(100_000, np.random.default_rng(3)))
    exact = mixture.region(0.6827, np.linspace(-20, 60, 800_001))
    ends = np.array(found.region(0.6827).intervals)
    np.testing.assert_allclose(ends, exact, atol=0.06 * np.diff(exact).max())
    assert found.separate
    assert np.isnan(found.location)
    weights = [weight for weight, _ in mixture.parts]
    np.testing.assert_allclose([mode.weight for mode in found.modes], weights, atol=0.006)
    centres = [one.mean() for _, one in mixture.parts]
    np.testing.assert_allclose([mode.peak for mode in found.modes], centres, atol=1.0)


def test_modes_that_touch_are_split_where_the_level_says():
    """Four standard deviations apart: the 68 % region has a gap, that of 99 % has none."""
    mixture = Mixture((0.4, N(-2, 1)), (0.6, N(2, 1)))
    found = Marginal(mixture.draw(100_000, np.random.default_rng(5)))
    assert [len(found.region(content).intervals) for content in (0.6827, 0.99)] == [2, 1]
    assert found.separate
    exact = mixture.region(0.6827, np.linspace(-10, 10, 200_001))
    np.testing.assert_allclose(found.region(0.6827).intervals, exact, atol=0.06)


def test_a_dip_that_no_region_sees_leaves_the_median():
    found = Marginal(
        Mixture((0.5, N(-1.2, 1)), (0.5, N(1.2, 1))).draw(100_000, np.random.default_rng(6))
    )
    assert len(found.modes) == 2
    assert len(found.region(0.95).intervals) == 1
    assert not Marginal(found.samples[:1000]).separate


def test_a_gap_without_samples_is_kept():
    rng = np.random.default_rng(8)
    found = Marginal(np.r_[rng.uniform(0, 1, 5000), rng.uniform(5, 6, 5000)])
    (_, low), (high, _) = found.region(0.95).intervals
    assert low < 1.0
    assert high > 5.0


def test_little_or_nothing():
    assert Marginal(np.array([])).region(0.68).intervals == ()
    assert np.isnan(Marginal(np.array([])).location)
    assert Marginal(np.array([2.0])).region(0.68).intervals == ((2.0, 2.0),)
    assert Marginal(np.array([2.0, 3.0])).region(0.68).intervals == ((2.0, 3.0),)
    constant = Marginal(np.full(5000, -4.0))
    assert constant.region(0.95).intervals == ((-4.0, -4.0),)
    assert constant.location == -4.0
    two = Marginal(np.repeat([0.0, 1.0], [300, 700]))
    assert two.region(0.95).intervals == ((0.0, 0.0), (1.0, 1.0))
    assert two.region(0.95).probabilities == (0.3, 0.7)
    assert two.region(0.5).intervals == ((1.0, 1.0),)
    for scale in (1e-100, 1e-30, 1e100):
        values = scale * np.random.default_rng(1).normal(size=2000)
        ((low, high),) = Marginal(values).region(0.6827).intervals
        np.testing.assert_allclose([low / scale, high / scale], [-1, 1], atol=0.2)


def test_values_on_a_lattice_and_walkers_that_stay_are_no_modes():
    rng = np.random.default_rng(9)
    rounded = Marginal(np.round(rng.exponential(size=30_000), 2))
    assert len(rounded.modes) == 1
    np.testing.assert_allclose(rounded.region(0.68).intervals, [(0.0, -np.log(0.32))], atol=0.04)
    stay = Marginal(np.repeat(rng.normal(size=2000), rng.geometric(0.2, size=2000)), 1000.0)
    assert len(stay.modes) == 1


def test_a_part_that_sits_at_one_point():
    """Half of the probability at zero, as where a bound is reached, and a peak beside it."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        apart = Marginal(np.r_[np.zeros(5000), rng.normal(5.0, 1.0, 5000)])
        (zero, (low, high)) = apart.region(0.68).intervals
        assert zero == (0.0, 0.0)
        assert apart.region(0.68).probabilities[0] == 0.5
        assert N.cdf(high - 5) - N.cdf(low - 5) == pytest.approx(0.36, abs=0.03)
    ((low, high),) = (
        Marginal(np.r_[np.zeros(500), rng.exponential(size=500)]).region(0.75).intervals
    )
    assert low == 0.0
    assert high == pytest.approx(np.log(2.0), abs=0.12)


def test_few_effective_samples_widen_no_region_without_end():
    values = np.random.default_rng(11).normal(size=2000)
    for ess in (0.0, 1.0, 20.0, np.nan, np.inf):
        ((low, high),) = Marginal(values, ess).region(0.68).intervals
        np.testing.assert_allclose([low, high], [-1.0, 1.0], atol=0.25)


def test_weights_count():
    """Flat draws with the weights of two normal peaks, 1 to 3."""
    rng = np.random.default_rng(2)
    values = rng.uniform(-10, 10, 40_000)
    weights = 0.25 * N.pdf(values, -5, 1) + 0.75 * N.pdf(values, 5, 1)
    found = Marginal(values, weights=weights)
    np.testing.assert_allclose([mode.weight for mode in found.modes], [0.25, 0.75], atol=0.02)
    assert Mixture((0.25, N(-5, 1)), (0.75, N(5, 1))).inside(
        found.region(0.6827).intervals
    ) == pytest.approx(0.6827, abs=0.02)
    same = Marginal(values[:500], weights=np.full(500, 0.1))
    assert same.location == pytest.approx(np.median(values[:500]), abs=0.05)


def test_regions_of_a_logarithm():
    values = np.exp(np.random.default_rng(3).normal(5.0, 2.0, 50_000))
    ((low, high),) = Marginal(values, logarithmic=True).region(0.6827).intervals
    np.testing.assert_allclose([np.log(low), np.log(high)], [3.0, 7.0], atol=0.15)
    assert Marginal(values, logarithmic=True).location == pytest.approx(np.exp(5.0), rel=0.05)


@pytest.mark.parametrize("origin", [0.0, -np.pi, -2 * np.pi, 1.0])
def test_an_angle_is_the_same_in_any_range(origin):
    rng = np.random.default_rng(4)
    values = origin + np.mod(rng.normal(0.1, 0.5, 20_000) - origin, 2 * np.pi)
    found = Marginal(values, period=2 * np.pi, origin=origin)
    ((low, high),) = found.region(0.6827).intervals
    np.testing.assert_allclose(
        nearest(np.array([low, high]), 0.1, 2 * np.pi), [-0.4, 0.6], atol=0.05
    )
    assert high - low == pytest.approx(1.0, abs=0.03)
    assert low < found.location < high
    assert np.cos(found.location - 0.1) > 0.9999
    # R of a wrapped normal distribution is exp(-sigma^2 / 2)
    assert found.mean_length == pytest.approx(np.exp(-0.125), abs=0.01)


def test_modes_of_an_angle_across_the_seam():
    rng = np.random.default_rng(5)
    values = np.mod(np.r_[rng.normal(0.0, 0.2, 6000), rng.normal(3.0, 0.2, 4000)], 2 * np.pi)
    found = Marginal(values, period=2 * np.pi)
    (low, high), (other, _) = found.region(0.6827).intervals
    assert low < 0.0 < high < other
    assert sorted(mode.weight for mode in found.modes) == pytest.approx([0.4, 0.6])
    assert np.isnan(found.location)


def test_a_flat_angle_has_no_end():
    values = np.random.default_rng(6).uniform(0.0, 2 * np.pi, 20_000)
    found = Marginal(values, period=2 * np.pi)
    assert len(found.modes) == 1
    ((low, high),) = found.region(0.95).intervals
    assert high - low == pytest.approx(0.95 * 2 * np.pi, rel=0.02)


def test_mistakes_are_named():
    with pytest.raises(ParameterError, match="between 0 and 1: 68"):
        Marginal(np.ones(3)).region(68)
    with pytest.raises(ParameterError, match="not finite"):
        Marginal(np.array([1.0, np.nan]))
    with pytest.raises(ParameterError, match="2 weights do not match 3 samples"):
        Marginal(np.ones(3), weights=np.ones(2))
    with pytest.raises(ParameterError, match="finite and not negative"):
        Marginal(np.ones(2), weights=np.array([1.0, -1.0]))
    with pytest.raises(ParameterError, match="all weights of the samples are zero"):
        Marginal(np.ones(2), weights=np.zeros(2))
    with pytest.raises(ParameterError, match="period = -1"):
        Marginal(np.ones(2), period=-1.0)
    with pytest.raises(ParameterError, match="not positive"):
        Marginal(np.array([0.0, 1.0]), logarithmic=True)
