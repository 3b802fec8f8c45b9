"""Numbers from weighted samples, next to exact ones and to those of plain samples."""

import numpy as np
import pytest
from bsinv.chains.statistics.intervals import equal_tailed, hdi
from bsinv.chains.statistics.regions import Marginal
from bsinv.chains.statistics.weights import deviation, kish, mean, quantile, thinned
from bsinv.errors import ParameterError
from scipy import optimize, stats

RANKS = [0.0, 0.025, 0.16, 0.5, 0.84, 0.975, 1.0]


def flat_draws(density, lower, upper, size=40000, seed=1):
    """Draws from a flat distribution with the weights of another."""
    values = np.random.default_rng(seed).uniform(lower, upper, size)
    return values, density(values)


def test_normal_distribution():
    values, weights = flat_draws(stats.norm(2.0, 0.5).pdf, -3.0, 7.0)
    error = 0.5 / np.sqrt(kish(weights))  # of the mean; a few times that in the tails
    assert mean(values, weights) == pytest.approx(2.0, abs=4 * error)
    assert deviation(values, weights) == pytest.approx(0.5, abs=4 * error)
    found = quantile(values, RANKS[1:-1], weights)
    exact = stats.norm(2.0, 0.5).ppf(RANKS[1:-1])
    assert np.all(abs(found - exact) < 4 * error * np.array([2.7, 1.5, 1.25, 1.5, 2.7]))
    assert equal_tailed(values, 0.95, weights) == pytest.approx((1.02, 2.98), abs=0.04)
    for content in (0.68, 0.95):
        ends = stats.norm(2.0, 0.5).interval(content)
        assert hdi(values, content, weights) == pytest.approx(ends, abs=0.08)
        region = Marginal(values, weights=weights).region(content)
        assert region.intervals[0] == pytest.approx(ends, abs=0.05)
    found = Marginal(values, weights=weights)
    assert found.location == pytest.approx(2.0, abs=5 * error)
    assert (found.mean, found.deviation) == (mean(values, weights), deviation(values, weights))


def test_mixture_has_its_modes_and_regions():
    parts = ((0.3, stats.norm(-4.0, 0.5)), (0.7, stats.norm(3.0, 1.0)))

    def density(x):
        return sum(weight * part.pdf(x) for weight, part in parts)

    def outside(x):
        return sum(weight * part.sf(x) for weight, part in parts)

    values, weights = flat_draws(density, -8.0, 8.0)
    found = Marginal(values, weights=weights)
    assert found.separate
    assert [mode.weight for mode in found.modes] == pytest.approx([0.3, 0.7], abs=0.02)
    assert [mode.peak for mode in found.modes] == pytest.approx([-4.0, 3.0], abs=0.3)

    def ends(level):
        """Of the region where the density, that of one part near its peak, is above a level."""
        half = [
            part.std() * np.sqrt(-2.0 * np.log(level / (weight * part.pdf(part.mean()))))
            for weight, part in parts
        ]
        return [(p.mean() - h, p.mean() + h) for (_, p), h in zip(parts, half, strict=True)]

    def held(level):
        return sum(outside(low) - outside(high) for low, high in ends(level))

    level = optimize.brentq(lambda level: held(level) - 0.95, 1e-4, 0.2)
    region = found.region(0.95)
    assert np.ravel(region.intervals) == pytest.approx(np.ravel(ends(level)), abs=0.1)
    assert sum(region.probabilities) == pytest.approx(0.95, abs=1e-3)


def test_equal_weights_change_no_bit():
    values = np.random.default_rng(2).gamma(2.0, size=(501, 2))
    for weights in (np.ones(501), np.full(501, 1e-200), np.full(501, 0.1)):
        np.testing.assert_array_equal(
            quantile(values, RANKS, weights), np.quantile(values, RANKS, axis=0)
        )
        one = values[:, 0]
        assert equal_tailed(one, 0.68, weights) == equal_tailed(one, 0.68)
        assert hdi(one, 0.68, weights) == hdi(one, 0.68)
        plain, same = Marginal(one), Marginal(one, weights=weights)
        assert same.region(0.68) == plain.region(0.68)
        assert same.weights is None
        assert (same.location, same.mean, same.modes) == (plain.location, plain.mean, plain.modes)


def test_nearly_equal_weights_are_close_to_equal_ones():
    rng = np.random.default_rng(3)
    values = rng.normal(size=300)
    weights = 1.0 + 1e-9 * rng.uniform(size=300)
    np.testing.assert_allclose(quantile(values, RANKS, weights), np.quantile(values, RANKS), 1e-6)
    assert hdi(values, 0.68, weights) == hdi(values, 0.68)


def test_samples_of_weight_zero_are_none():
    rng = np.random.default_rng(4)
    values, weights = rng.normal(size=400), rng.uniform(size=400)
    more = np.concatenate([values, [np.nan, np.inf, 1e300]])
    zero = np.concatenate([weights, np.zeros(3)])
    np.testing.assert_array_equal(quantile(more, RANKS, zero), quantile(values, RANKS, weights))
    assert hdi(more, 0.9, zero) == hdi(values, 0.9, weights)
    found, plain = Marginal(more, weights=zero), Marginal(values, weights=weights)
    assert (found.size, found.location) == (400, plain.location)
    assert found.region(0.9) == plain.region(0.9)
    # what is left is all of one weight
    np.testing.assert_array_equal(
        quantile(more, RANKS, (zero > 0).astype(float)), np.quantile(values, RANKS)
    )


def test_one_sample_that_dominates_is_a_point():
    rng = np.random.default_rng(5)
    values = rng.normal(size=1000)
    weights = np.full(1000, 1e-9)
    weights[17] = 1.0
    assert kish(weights) == pytest.approx(1.0, abs=1e-5)
    np.testing.assert_allclose(quantile(values, [0.025, 0.5, 0.975], weights), values[17], 1e-4)
    assert hdi(values, 0.95, weights) == (values[17], values[17])
    found = Marginal(values, weights=weights)
    assert found.location == pytest.approx(values[17], rel=1e-4)
    assert found.region(0.95).intervals[0] == pytest.approx((values[17], values[17]), abs=1e-6)
    assert not found.separate


def test_whole_weights_are_repetitions():
    rng = np.random.default_rng(6)
    values, weights = rng.normal(size=3000), rng.integers(0, 6, 3000)
    many = np.repeat(values, weights)
    assert hdi(values, 0.683, weights) == hdi(many, 0.683)
    np.testing.assert_allclose(
        quantile(values, RANKS[1:-1], weights), np.quantile(many, RANKS[1:-1]), atol=4e-3
    )
    assert mean(values, weights) == pytest.approx(many.mean())
    assert deviation(values, weights) == pytest.approx(many.std())
    found, plain = Marginal(values, weights=weights), Marginal(many, kish(weights))
    np.testing.assert_allclose(found.region(0.9).intervals, plain.region(0.9).intervals, atol=0.03)


def test_values_of_all_sizes_do_not_spoil_each_other():
    values = np.concatenate([[-1e30, -1e20], np.linspace(-1.0, 1.0, 1001), [1e25, 1e30]])
    weights = np.linspace(1.0, 1.1, len(values))
    low, high = quantile(values, [0.4, 0.6], weights)
    assert -0.25 < low < -0.1 < 0.1 < high < 0.3
    assert quantile(values, 1.0, weights) == 1e30


def test_quantiles_rise_and_stay_inside():
    rng = np.random.default_rng(7)
    for size in (1, 2, 3, 50):
        values, weights = rng.normal(size=size), 10.0 ** rng.uniform(-12, 0, size)
        found = quantile(values, list(np.linspace(0.0, 1.0, 101)), weights)
        assert np.all(np.diff(found) >= -1e-12)
        assert values.min() - 1e-12 <= found[0]
        assert found[-1] <= values.max() + 1e-12


def test_columns_are_taken_one_by_one():
    rng = np.random.default_rng(8)
    table, weights = rng.normal(size=(200, 3)), rng.uniform(size=200)
    found = quantile(table, [0.2, 0.7], weights)
    for column in range(3):
        np.testing.assert_array_equal(
            found[:, column], quantile(table[:, column], [0.2, 0.7], weights)
        )
    assert quantile(table, 0.5, weights).shape == (3,)
    assert quantile(table[:, 0], 0.5, weights).shape == ()


def test_angles():
    """Von Mises across the seam, from flat draws."""
    values, weights = flat_draws(stats.vonmises(4.0, loc=0.1).pdf, 0.0, 2.0 * np.pi, seed=9)
    found = Marginal(values, weights=weights, period=2.0 * np.pi)
    assert found.location == pytest.approx(0.1, abs=0.03)
    low, high = found.region(0.68).intervals[0]
    exact = stats.vonmises(4.0, loc=0.1).interval(0.68)
    assert (low, high) == pytest.approx(exact, abs=0.05)


def test_thinned_samples_stand_for_all():
    values, weights = flat_draws(stats.norm.pdf, -6.0, 6.0, 20000)
    rows, counts = thinned(weights, 1000)
    assert len(rows) <= 1000
    assert counts.sum() == pytest.approx(1.0)
    assert len(set(rows.tolist())) == len(rows)
    assert mean(values[rows], counts) == pytest.approx(0.0, abs=0.1)
    assert deviation(values[rows], counts) == pytest.approx(1.0, abs=0.1)
    rows, counts = thinned(np.array([0.0, 3.0, 1.0]), 1000)
    np.testing.assert_array_equal(rows, [0, 1, 2])
    np.testing.assert_array_equal(counts, [0.0, 0.75, 0.25])
    rows, counts = thinned(np.array([1e-300, 1.0, 1e-300]), 2)
    assert rows.tolist() == [1]


def test_wrong_weights_are_told():
    with pytest.raises(ParameterError, match="2 weights do not match 3 samples"):
        quantile(np.ones(3), 0.5, np.ones(2))
    with pytest.raises(ParameterError, match="finite and not negative"):
        hdi(np.ones(2), 0.5, np.array([1.0, -1.0]))
    with pytest.raises(ParameterError, match="finite and not negative"):
        equal_tailed(np.ones(2), 0.5, np.array([1.0, np.inf]))
    with pytest.raises(ParameterError, match="all weights of the samples are zero"):
        quantile(np.ones(2), 0.5, np.zeros(2))
    with pytest.raises(ParameterError, match="an interval of samples that are not finite"):
        hdi(np.array([1.0, np.nan]), 0.5, np.array([1.0, 2.0]))
