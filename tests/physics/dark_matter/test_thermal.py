"""Thermal averages: golden numbers, limits, the threshold, and the table against the quadrature."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.dark_matter.relic import _nodes
from bsinv.physics.dark_matter.thermal import (
    log_thermal_factor,
    thermal_factor,
    thermal_table,
    zero_temperature_factor,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import kve

GOLDEN = json.loads(Path(__file__).with_name("golden_dark_matter.json").read_text())


@pytest.mark.parametrize("key", GOLDEN["dm.eta"]["outputs"])
def test_golden(key):
    x, z = map(float, key.split(","))
    expected = GOLDEN["dm.eta"]["outputs"][key]
    assert thermal_factor(x, z) == pytest.approx(expected, rel=1e-9)


def by_adaptive_quadrature(x, z, d):
    """The defining integral over e = e_0 + t^2."""
    low = max(1.0, z)

    def integrand(t):
        e = low + t * t
        factor = np.sqrt(abs((e - 1.0) * (1.0 - z / e) * (1.0 - d / e)))
        root = np.sqrt(e)
        bessel = kve(1, 2 * x * root) * np.exp(-2 * x * (root - np.sqrt(low)))
        return 2.0 * t * factor * bessel

    edges = np.array([0.0, 1e-3, 0.03, 0.3, 1.0, 3.0, 9.0, 30.0]) / np.sqrt(x)
    parts = [quad(integrand, a, b, epsrel=1e-11)[0] for a, b in pairwise(edges)]
    return 4 * x / kve(2, x) ** 2 * sum(parts) * np.exp(-2 * x * (np.sqrt(low) - 1.0))


@pytest.mark.parametrize("x", [1.0, 8.0, 20.0, 300.0])
@pytest.mark.parametrize(
    ("z", "d"),
    [(0.0, 0.0), (0.3, 0.05), (0.9, 0.0), (0.9999, 0.0), (1.0, 0.0), (1.0001, 0.1), (1.05, 0.0),
     (1.5, 0.3)],
)  # fmt: skip
def test_definition_below_at_and_above_the_threshold(x, z, d):
    np.testing.assert_allclose(thermal_factor(x, z, d), by_adaptive_quadrature(x, z, d), rtol=1e-7)


def test_cold_limit():
    z, d = np.array([0.0, 0.4, 0.8]), np.array([0.0, 0.1, 0.0])
    np.testing.assert_allclose(thermal_factor(1e6, z, d), zero_temperature_factor(z, d), rtol=1e-5)
    assert zero_temperature_factor(1.2) == 0.0
    assert np.isnan(zero_temperature_factor(np.nan))


def test_closed_channels_are_suppressed_exponentially():
    x = np.array([20.0, 40.0, 80.0])
    log = log_thermal_factor(x, 1.44)
    assert np.all(np.diff(log) < -0.2 * 2 * np.diff(x) * 0.9)
    assert thermal_factor(1e4, 4.0) == 0.0
    assert np.isfinite(log_thermal_factor(1e4, 4.0))


@given(st.floats(1.0, 2000.0), st.floats(0.0, 3.0), st.floats(1e-6, 0.5))
def test_falls_with_the_threshold(x, z, step):
    assert 0.0 <= thermal_factor(x, z + step) <= thermal_factor(x, z)


@pytest.mark.parametrize("ratio", [0.0, 0.605])
def test_table(ratio):
    """To 1e-4 wherever the factor matters, also within 1/x of the threshold."""
    x = tuple(_nodes().x.tolist())
    rng = np.random.default_rng(2)
    root = np.concatenate(
        [rng.uniform(0, 2, 300), 1 + 3e-3 * rng.normal(size=100), [0.0, 1.0], rng.uniform(2, 10, 9)]
    )
    z = root**2
    exact = log_thermal_factor(np.array(x), z[:, None], ratio**2 * z[:, None])
    matters = exact > -30.0
    table = np.log(np.maximum(thermal_table(x, ratio)(z), 1e-300))
    assert np.abs(table - exact)[matters].max() < 3e-5
    assert np.all(table[exact < -40.0] < -35.0)
