import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.invisible.hadronic.helicity import SPIN_1, pair_products, quark_mass_factor
from bsinv.physics.kinematics import kinematics

Q2 = np.array([[0.5, 4.0, 9.0, 15.0]])
MASSES = {0: (5.279, 0.494), 1: (5.279, 0.892)}


def kin(spin):
    return kinematics(Q2, *MASSES[spin])


def products(spin, pair, longitudinal=False):
    return {key[:2]: key[2] for key in pair_products(spin, pair, kin(spin), longitudinal)}


@pytest.mark.parametrize("spin", [0, 1])
def test_currents_that_do_not_interfere(spin):
    for pair in (("V", "A"), ("V", "M"), ("A", "E"), ("E", "M"), ("S", "P"), ("S", "At")):
        assert products(spin, pair) == {}


def test_currents_that_vanish_by_parity():
    assert all(products(0, (name, name)) == {} for name in ("A", "M", "P", "At"))
    assert all(products(1, (name, name)) == {} for name in ("S", "Vt"))


def test_spin_0_and_spin_1_never_interfere():
    with pytest.raises(PredictionError, match="the quark currents V and S do not interfere"):
        pair_products(0, ("V", "S"), kin(0))


@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("currents", [("S", "P", "Vt", "At", "qV", "qA"), SPIN_1])
def test_products_are_hermitian_and_positive(spin, currents):
    for a in currents:
        for value in products(spin, (a, a)).values():
            assert value.dtype == float
            assert np.all(value > 0.0)
        for b in currents:
            mirrored = products(spin, (b, a))
            for (first, second), value in products(spin, (a, b)).items():
                np.testing.assert_allclose(mirrored[second, first], np.conj(value))


def test_longitudinal_part_is_helicity_zero():
    assert set(products(1, ("A", "A"))) == {("A12", "A12"), ("A1", "A1")}
    assert set(products(1, ("A", "A"), True)) == {("A12", "A12")}
    assert products(1, ("V", "V"), True) == {}
    assert products(1, ("P", "P"), True).keys() == products(1, ("P", "P")).keys()
    assert products(0, ("V", "V"), True).keys() == products(0, ("V", "V")).keys()


def test_quark_equations_of_motion():
    """sqrt(q2) H_V^t = (m_b - m_s) H_S and sqrt(q2) H_A^t = i (m_b + m_s) H_P."""
    heavy, light = np.array([4.18]), np.array([0.08])
    for spin, time, scalar, sign, phase in ((0, "Vt", "S", -1, 1.0), (1, "At", "P", 1, 1j)):
        factor = quark_mass_factor(scalar, heavy, light)
        key = ("f0", "f0") if spin == 0 else ("A0", "A0")
        # (H_t H_S*) sqrt(q2) = phase (m_b -+ m_s) |H_S|^2
        left = products(spin, (time, scalar))[key] * factor * np.sqrt(Q2)
        right = phase * (heavy + sign * light) * products(spin, (scalar, scalar))[key] * factor**2
        np.testing.assert_allclose(left, right, rtol=1e-14)
    assert quark_mass_factor("V", heavy, light) == 1.0


def test_left_handed_strange_quark_makes_no_right_handed_meson():
    """Large-energy limit, where all transverse form factors are one: fixes V-E and A-M signs.

    The helicity + amplitudes of s-bar gamma^mu (1 - gamma5) b and s-bar sigma q (1 + gamma5) b
    vanish, so that the amplitudes of V and E, and of A and M, are parallel.
    """
    m_b, m_v = 5.279, 1e-3
    q2 = np.array([[6.0]])
    here = kinematics(q2, m_b, m_v)
    energy = (m_b**2 - q2) / (2 * m_b)
    values = {
        "V": (m_b + m_v) / m_b,
        "A1": 2 * energy / (m_b + m_v),
        "T1": 1.0,
        "T2": 2 * energy / m_b,
    }

    def folded(pair):
        return sum(
            factor * values[a] * values[b]
            for a, b, factor in pair_products(1, pair, here)
            if a in values and b in values
        )

    # Parallel amplitudes saturate the Cauchy-Schwarz inequality.
    for pair in (("V", "E"), ("A", "M")):
        product = folded(pair)
        norm = np.sqrt(folded((pair[0],) * 2) * folded((pair[1],) * 2))
        np.testing.assert_allclose(np.abs(product), norm, rtol=1e-6)
    scale = np.sqrt(folded(("E", "E")) / folded(("V", "V")))
    np.testing.assert_allclose(folded(("V", "E")), -1j * folded(("V", "V")) * scale, rtol=1e-6)
    np.testing.assert_allclose(folded(("A", "M")), folded(("A", "A")) * scale, rtol=1e-3)
