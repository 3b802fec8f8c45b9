"""Integrals near thresholds, end points and resonances against a graded composite rule."""

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.states import dark_terms
from bsinv.physics.invisible.hadronic.panels import cells
from bsinv.physics.invisible.null import null_masses
from bsinv.physics.invisible.widths import binned_width, differential_width
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
MASSES = null_masses()
END = (MASSES[0] - MASSES[1]) ** 2
BELLE = np.linspace(0.0, 22.885, 101)
UNEVEN = np.array([0.0, 0.01, 0.02, 0.03, 1.44, 1.45, 1.4501, 8.0, 20.0, 22.8, 22.88])
NODE, WEIGHT = np.polynomial.legendre.leggauss(40)


def graded(values, edges, singular):
    """Composite Gauss rule whose panels shrink geometrically towards singular points."""
    terms = dark_terms(Wilson(values), INPUTS)
    steps = np.geomspace(1e-13, 30.0, 110)
    points = np.concatenate([[s] for s in singular] + [s + steps for s in singular])
    points = np.concatenate([points, *(s - steps for s in singular)])
    found = []
    for low, high in zip(edges[:-1], np.minimum(edges[1:], END), strict=True):
        if high <= low:
            found.append(0.0)
            continue
        panels = np.unique(np.clip([low, high, *points], low, high))
        half, middle = 0.5 * np.diff(panels), 0.5 * (panels[1:] + panels[:-1])
        q2 = (middle[:, None] + half[:, None] * NODE).ravel()
        spectrum = differential_width("B+->K+", terms, INPUTS, q2, masses=MASSES)[0]
        found.append(float((spectrum.reshape(half.size, -1) @ WEIGHT) @ half))
    return np.array(found)


def check(values, edges, singular, tolerance=1e-9):
    expected = graded(values, edges, [*singular, 0.0, END])
    for n in (1, 2):
        wilson = Wilson({name: np.full(n, value) for name, value in values.items()})
        terms = dark_terms(wilson, INPUTS)
        got = binned_width("B+->K+", terms, INPUTS, edges, masses=MASSES)[0]
        floor = 1e-9 * expected.max()
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * floor)
        np.testing.assert_array_equal(got == 0.0, expected == 0.0)


@pytest.mark.parametrize("mass", [1e-4, 1e-3, 0.05, 0.6, 1.5, 2.3, 2.39, 2.3919])
@pytest.mark.parametrize("edges", [BELLE, UNEVEN, np.array([0.0, 30.0])])
def test_pairs(mass, edges):
    tolerance = 1e-7 if edges is UNEVEN or mass < 1e-3 else 1e-9
    check({"phi_S": 1.0, "m_phi": mass}, edges, [4.0 * mass**2], tolerance)


@pytest.mark.parametrize(("m_1", "m_2"), [(0.001, 1.3), (0.4, 1.1), (1.1, 3.6)])
def test_unequal_masses(m_1, m_2):
    values = {"chi_VV": 1.0, "m_chi": m_1, "m_chi2": m_2}
    check(values, BELLE, [(m_1 + m_2) ** 2, (m_1 - m_2) ** 2])


@pytest.mark.parametrize("mass", [0.01, 1.0, 4.7])
def test_one_massless_particle(mass):
    check({"nuN_VL": 1.0, "m_N": mass}, BELLE, [mass**2])


@pytest.mark.parametrize(
    ("mass", "width", "m_chi"),
    [
        *((3.0, 0.3, 0.5), (3.0, 3e-3, 0.5), (3.0, 3e-5, 0.5), (1.0, 1e-3, 0.4999)),
        *((1.0, 1e-3, 0.5001), (4.78, 1e-4, 0.1), (5.0, 0.01, 0.5), (0.05, 1e-3, 0.02)),
    ],
)
@pytest.mark.parametrize("edges", [BELLE, np.array([0.0, 30.0])])
def test_resonances(mass, width, m_chi, edges):
    values = {"med_SS": 1.0, "m_med": mass, "Gamma_med": width, "m_chi": m_chi}
    check(values, edges, [4.0 * m_chi**2, mass**2])


def test_cells_follow_the_bins():
    division = cells((0.0, 1.0, 1.5, 30.0), 6.0)
    assert division.first[0] == 0
    np.testing.assert_allclose(division.edges[division.first], [0.0, 1.0, 1.5])
    assert division.edges[-1] == 6.0
    assert np.diff(division.edges).max() <= 6.0 / 60 + 1e-12
    values = np.ones((2, division.edges.size - 1))
    np.testing.assert_allclose(division.bins(values).sum(axis=1), division.edges.size - 1)
