"""The null prediction of the Belle II analysis, arXiv:2311.14647 and arXiv:2402.08417."""

import numpy as np
import pytest
from bsinv.physics.invisible.null import null_differential, null_masses, null_spectrum

EDGES = np.linspace(0.0, 22.885, 101)


def test_total():
    """4.96613e-6; published as 4.97(37)e-6."""
    assert null_spectrum([0.0, np.inf])[0] == pytest.approx(4.96613e-6, rel=5e-7)


def test_spectrum():
    got = null_differential([1.0, 8.0, 16.0])
    np.testing.assert_allclose(got, [2.93723e-7, 2.76624e-7, 1.92359e-7], rtol=4e-6)


def test_intervals():
    got = null_spectrum([0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 22.885])
    expected = [1.17070e-6, 1.13734e-6, 1.05516e-6, 0.89140e-6, 0.58751e-6, 0.12402e-6]
    np.testing.assert_allclose(got, expected, rtol=4e-5)


def test_bins_of_the_number_densities():
    got = null_spectrum(EDGES)
    expected = [6.72909e-8, 5.81248e-8, 3.22308e-10]
    np.testing.assert_allclose(got[[0, 49, 99]], expected, rtol=2e-6)
    assert got.sum() == pytest.approx(null_spectrum([0.0, 22.885])[0], rel=1e-12)


def test_closed_form():
    """F |p|^3 f_+^2 with F = G_F^2 alpha^2 X_t^2 |V|^2 tau/(32 pi^5 s_W^4)."""
    from bsinv.physics.invisible.null import null_inputs

    inputs = null_inputs()

    def constant(name):
        return float(inputs.constant(name)[0])

    m_b, m_k = null_masses()
    q2 = np.array([0.0, 3.0, 11.0, 22.0])
    momentum = np.sqrt((m_b**2 - m_k**2 - q2) ** 2 - 4 * m_k**2 * q2) / (2 * m_b)
    front = constant("G_F") * constant("X_t") * constant("VtbVts")
    front = (front / constant("alpha_inv") / constant("sin2_theta_W")) ** 2 / (32 * np.pi**5)
    lifetime = constant("tau_Bplus") * 1e-12 / constant("hbar")
    f_plus = inputs.form_factors("B->K").value("f+", q2)[0]
    expected = front * lifetime * momentum**3 * f_plus**2
    np.testing.assert_allclose(null_differential(q2), expected, rtol=1e-13)
