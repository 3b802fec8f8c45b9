"""Modes are found where they are, and none where there is chance alone."""

import numpy as np
import pytest
from bsinv.chains.statistics.modes import emptiest, quantiles, valleys

ONE_MODE = {
    "flat": lambda rng, n: rng.random(n),
    "normal": lambda rng, n: rng.normal(size=n),
    "exponential": lambda rng, n: rng.exponential(size=n),
    "Cauchy": lambda rng, n: rng.standard_cauchy(n),
    "log-uniform over 13 decades": lambda rng, n: np.exp(rng.uniform(0.0, 30.0, n)),
}


@pytest.mark.parametrize("name", ONE_MODE)
@pytest.mark.parametrize(("size", "sets"), [(300, 40), (3000, 16), (100_000, 3)])
def test_one_mode_is_not_split(name, size, sets):
    rng = np.random.default_rng(size)
    for _ in range(sets):
        values = np.sort(ONE_MODE[name](rng, size))
        assert not len(valleys(values, size))


def test_samples_that_depend_on_each_other_count_less():
    """A walk that is nearly still: each of 300 values repeated 100 times, with a little noise."""
    rng = np.random.default_rng(1)
    for _ in range(20):
        values = np.sort(np.repeat(rng.normal(size=300), 100) + 1e-3 * rng.normal(size=30000))
        assert not len(valleys(values, 300.0))
    assert len(valleys(values, 30000.0))  # taken for independent they would have many modes


@pytest.mark.parametrize("size", [300, 3000, 100_000])
def test_unequal_modes_are_found(size):
    """Weights 0.1, 0.6, 0.3; widths from 0.05 to 5."""
    rng = np.random.default_rng(size)
    parts = ((0.1, 0.0, 0.05), (0.6, 6.0, 1.0), (0.3, 40.0, 5.0))
    values = np.concatenate([rng.normal(at, sd, int(w * size)) for w, at, sd in parts])
    first, second = valleys(np.sort(values), size)
    assert 0.15 < first < 3.5
    assert 9.0 < second < 28.0


def test_too_few_samples_say_nothing():
    assert not len(valleys(np.array([0.0, 1.0]), 2.0))
    assert not len(valleys(np.sort(np.r_[np.zeros(20), np.ones(20)]), 40.0))
    assert not len(valleys(np.full(1000, 3.0), 1000.0))
    rounding = 0.4901 * (1.0 + 1e-15 * np.arange(1000) // 500)
    assert not len(valleys(rounding, 1000.0))


def test_quantiles_are_those_of_numpy():
    values = np.sort(np.random.default_rng(1).normal(size=101))
    ranks = np.linspace(0.0, 1.0, 33)
    np.testing.assert_allclose(quantiles(values, ranks), np.quantile(values, ranks), atol=1e-15)


def test_the_emptiest_place_is_opposite_of_the_mode():
    rng = np.random.default_rng(1)
    for middle in (0.0, 1.0, 3.0, 6.0):
        values = np.sort(np.mod(rng.normal(middle, 0.5, 3000), 2 * np.pi))
        away = np.exp(1j * (emptiest(values, 2 * np.pi, 3000.0) - middle))
        assert abs(np.angle(away)) > 2.5
