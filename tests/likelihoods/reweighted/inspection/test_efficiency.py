"""Efficiency against q2, and omega for three shapes written out from their formulas."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.errors import PredictionError
from bsinv.likelihoods.reweighted.inspection import efficiency
from numpy.testing import assert_allclose

GIVEN = json.loads((Path(__file__).parent / "shapes.json").read_text())
EDGES = belle2_2023().q2_edges


def kallen(a, b, c):
    return a**2 + b**2 + c**2 - 2 * (a * b + b * c + c * a)


def form_factor(q2, name):
    """BCL series of 2207.12468."""
    m_b, m_k = GIVEN["z_masses"]
    plus = (m_b + m_k) ** 2
    z = (np.sqrt(plus - q2) - np.sqrt(plus)) / (np.sqrt(plus - q2) + np.sqrt(plus))
    a0, a1, a2 = GIVEN[name]
    pole = GIVEN["pole_" + name]
    series = a0 + a1 * z + a2 * z**2
    if name == "fp":
        series += -a1 / 3 * z**3 + 2 * a2 / 3 * z**3
    return GIVEN["L"] / (1 - q2 / pole**2) * series


def shape(name, q2):
    """dGamma/dq2 up to a factor: H^2 rho sqrt(lambda) (scalar: f0, vector current: f+)."""
    mass = 0.0 if "massless" in name else 0.6
    inside = (q2 > 4 * mass**2) & (q2 < (GIVEN["m_B"] - GIVEN["m_K"]) ** 2)
    q2 = np.where(inside, q2, 5.0)
    lam = kallen(GIVEN["m_B"] ** 2, GIVEN["m_K"] ** 2, q2)
    beta = np.sqrt(1 - 4 * mass**2 / q2)
    if "scalar" in name:
        value = np.sqrt(lam) * form_factor(q2, "f0") ** 2 * beta
    else:
        density = beta * q2 * (1 + 2 * mass**2 / q2)
        value = lam**1.5 / q2 * form_factor(q2, "fp") ** 2 * density
    return np.where(inside, value, 0.0)


def binned(name, points=64):
    """Spectrum of the stated total; Gauss points, bins split at the threshold and end point."""
    mass = 0.0 if "massless" in name else 0.6
    ends = [4 * mass**2, (GIVEN["m_B"] - GIVEN["m_K"]) ** 2]
    edges = np.unique(np.concatenate([EDGES, ends]))
    # A substitution quadratic at both ends keeps the square roots exact enough.
    x, w = np.polynomial.legendre.leggauss(points)
    t, weight = 0.5 * (x + 1), 0.5 * w
    smooth, jacobian = t**2 * (3 - 2 * t), weight * 6 * t * (1 - t)
    width = np.diff(edges)
    q2 = edges[:-1, None] + width[:, None] * smooth
    parts = (shape(name, q2) * jacobian).sum(axis=1) * width
    centre = 0.5 * (edges[1:] + edges[:-1])
    found = np.histogram(centre, EDGES, weights=parts)[0]
    return found * GIVEN["total"] / found.sum()


@pytest.mark.parametrize("name", GIVEN["regression"])
def test_events_and_omega(name):
    expected = GIVEN["regression"][name]
    spectrum = binned(name)
    order = [efficiency.channels().index(label) for label in ("ITA-SR", "ITA-CR", "HTA")]
    assert_allclose(efficiency.expected_signal(spectrum)[0, order], expected["events"], rtol=1e-4)
    assert_allclose(efficiency.efficiency_ratio(spectrum)[0, order], expected["omega"], atol=1e-4)


def test_null_prediction_gives_its_events(null):
    """120.01, 40.04 and 8.04 events, the sentinel column left out."""
    densities = belle2_2023().densities
    expected = [density[:, 1:].sum() for density in densities.values()]
    assert_allclose(efficiency.expected_signal(null)[0], expected, rtol=1e-12)
    assert_allclose(expected, [120.011, 40.039, 8.0390], rtol=1e-4)
    assert_allclose(efficiency.efficiency_ratio(null), 1.0, rtol=1e-12)


def test_normalisation_drops_out_of_omega(null):
    spectra = np.stack([binned("scalar pair"), 7.0 * binned("scalar pair")])
    ratio = efficiency.efficiency_ratio(spectra, reference=3.0 * null)
    assert ratio.shape == (2, 3)
    assert_allclose(ratio[0], ratio[1], rtol=1e-12)


def test_analysis_bins_add_up():
    apart = efficiency.efficiency(by_bin=True)
    assert apart.shape == (18, 100)
    sizes = [len(density) for density in belle2_2023().densities.values()]
    summed = np.add.reduceat(apart, np.cumsum([0, *sizes[:-1]]), axis=0)
    assert_allclose(summed, efficiency.efficiency(), rtol=1e-12)


def test_signal_efficiency_falls_with_q2():
    """From [0, 2.3] to [13.7, 16] GeV^2 the inclusive tag loses a factor 20, the hadronic 1.7."""
    mean = efficiency.efficiency()[:, :70].reshape(3, 7, 10).mean(axis=2)
    inclusive, _, hadronic = mean
    assert inclusive[6] == pytest.approx(inclusive[0] / 20, rel=0.1)
    assert hadronic[6] == pytest.approx(hadronic[0] / 1.7, rel=0.1)


def test_nothing_selected_is_infinite():
    last = np.zeros(100)
    last[99] = 1e-6
    assert np.isinf(efficiency.efficiency_ratio(last)).all()


@pytest.mark.parametrize("bad", [np.ones(101), -np.ones(100), np.full(100, np.nan)])
def test_bad_spectra(bad):
    with pytest.raises(PredictionError, match="spectra"):
        efficiency.expected_signal(bad)


def test_zero_spectrum():
    with pytest.raises(PredictionError, match="zero everywhere has no efficiency"):
        efficiency.efficiency_ratio(np.zeros(100))
