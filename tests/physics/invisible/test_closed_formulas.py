"""The factorised rates against the closed formulas, written out here on their own.

Vector operators: arXiv:1409.4557; scalar and tensor operators: arXiv:2111.04327.
"""

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction, differential_branching_fraction
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

Q2 = np.array([0.3, 1.0, 5.0, 8.0, 12.0, 16.0, 18.5])
KEYS = ("dC_L", "dC_R", "C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL")


def random_wilson(seed, keys=KEYS, n=3, scale=4.0):
    rng = np.random.default_rng(seed)
    shape = (n, 3, 3)
    return Wilson({k: scale * (rng.normal(size=shape) + 1j * rng.normal(size=shape)) for k in keys})


def square(matrix):
    return (np.abs(matrix) ** 2).sum(axis=(1, 2))[:, None]


def symmetric(matrix):
    return 0.5 * (matrix + matrix.transpose(0, 2, 1))


def antisymmetric(matrix):
    return 0.5 * (matrix - matrix.transpose(0, 2, 1))


def constants(inputs, *names):
    return [float(inputs.constant(name)[0]) for name in names]


def c_standard(inputs):
    x_t, s2w = constants(inputs, "X_t", "sin2_theta_W")
    return -x_t / s2w


def closed(channel, wilson, inputs):
    """dB/dq2 at Q2 by the formulas of the papers."""
    g, a, v, m_b, m_s, hbar = constants(inputs, "G_F", "alpha_inv", "VtbVts", "m_b", "m_s", "hbar")
    kaon = channel == "B+->K+"
    names = ("m_Bplus", "m_Kplus", "tau_Bplus") if kaon else ("m_B0", "m_Kstar0", "tau_B0")
    m, k, tau = constants(inputs, *names)
    n0 = 4 * g / np.sqrt(2) * v / a / (2 * np.pi)
    lam = m**4 + k**4 + Q2**2 - 2 * (m * m * k * k + m * m * Q2 + k * k * Q2)
    delta = m * m - k * k
    left = wilson["dC_L"] + c_standard(inputs) * np.eye(3)
    plus = square(left + wilson["dC_R"]) + square(wilson["C_Lp"] + wilson["C_Rp"])
    minus = square(left - wilson["dC_R"]) + square(wilson["C_Lp"] - wilson["C_Rp"])
    scalar_plus = square(symmetric(wilson["C_SL"] + wilson["C_SR"]))
    scalar_minus = square(symmetric(wilson["C_SL"] - wilson["C_SR"]))
    tensor = square(antisymmetric(wilson["C_TL"]))

    def f(name):
        return inputs.form_factors("B->K" if kaon else "B->K*").value(name, Q2)

    if kaon:
        braces = (
            lam * f("f+") ** 2 / (48 * np.pi) * plus
            + Q2 / (16 * np.pi) * (delta * f("f0") / (m_b - m_s)) ** 2 * scalar_plus
            + Q2 / (3 * np.pi) * lam * (f("fT") / (m + k)) ** 2 * tensor
        )
    else:
        v_part = 2 * lam * f("V") ** 2 / (m + k) ** 2
        a_part = 2 * (m + k) ** 2 * f("A1") ** 2 + 64 * (m * k * f("A12")) ** 2 / Q2
        t_part = (
            16 * (m * k * f("T23") / (m + k)) ** 2
            + (2 * lam * f("T1") ** 2 + 2 * delta**2 * f("T2") ** 2) / Q2
        )
        braces = (
            Q2 / (48 * np.pi) * (v_part * plus + a_part * minus)
            + Q2 / (16 * np.pi) * lam * (f("A0") / (m_b + m_s)) ** 2 * scalar_minus
            + Q2 / (3 * np.pi) * t_part * tensor
        )
    return np.sqrt(lam) * n0**2 / (32 * np.pi**2 * m**3) * braces * tau * 1e-12 / hbar


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize("seed", range(3))
def test_rates(channel, seed):
    inputs, wilson = Inputs.default(), random_wilson(seed)
    got = differential_branching_fraction(channel, wilson, inputs, Q2)
    np.testing.assert_allclose(got, closed(channel, wilson, inputs), rtol=1e-12)


@pytest.mark.parametrize("key", KEYS)
def test_each_coefficient_alone(key):
    zero = np.zeros((1, 3, 3))
    inputs = Inputs.default()
    alone = random_wilson(7, (key,))
    filled = Wilson({**dict.fromkeys(KEYS, zero), key: alone[key]})
    for channel in ("B+->K+", "B0->K*0"):
        got = differential_branching_fraction(channel, alone, inputs, Q2)
        np.testing.assert_allclose(got, closed(channel, filled, inputs), rtol=1e-12)


def eta(inputs):
    """(Gamma_A - Gamma_V)/(Gamma_A + Gamma_V) from two rates."""
    vector = Wilson({"dC_R": c_standard(inputs) * np.eye(3)})
    gamma_v = branching_fraction("B0->K*0", vector, inputs) / 4.0
    return float(1.0 - 2.0 * gamma_v[0] / branching_fraction("B0->K*0", Wilson(), inputs)[0])


def test_ratio_formulas():
    """R_K and R_K* of arXiv:1409.4557, right-handed neutrinos included."""
    inputs = Inputs.default()
    wilson = random_wilson(11, ("dC_L", "dC_R", "C_Lp", "C_Rp"), n=5)
    c_sm, size = c_standard(inputs), 3 * c_standard(inputs) ** 2

    def trace(matrix):
        return np.trace(matrix, axis1=1, axis2=2).real

    def product(first, second):
        return (first * second.conj()).sum(axis=(1, 2)).real

    left, right, left_p, right_p = (wilson[key] for key in ("dC_L", "dC_R", "C_Lp", "C_Rp"))
    linear = 2 * c_sm / size
    kaon = (
        1
        + linear * trace(left + right)
        + product(left + right, left + right) / size
        + product(left_p + right_p, left_p + right_p) / size
    )
    np.testing.assert_allclose(observable("RK(nunu)")(wilson, inputs), kaon, rtol=1e-12)
    mixing = product(left, right) + product(left_p, right_p)
    squares = sum(product(matrix, matrix) for matrix in (left, right, left_p, right_p))
    vector = (
        1
        + linear * trace(left)
        + squares / size
        - 2 * eta(inputs) * (c_sm * trace(right) + mixing) / size
    )
    np.testing.assert_allclose(observable("RK*(nunu)")(wilson, inputs), vector, rtol=1e-10)


def test_published_eta():
    """eta = 0.666 +- 0.027 with the form factors of arXiv:1503.05534; kappa = 2 eta = 1.34(4)."""
    assert eta(Inputs.default()) == pytest.approx(0.666, abs=0.01)


def test_longitudinal_fraction_of_every_operator():
    """Only helicity 0 of the vector and tensor operators, and all of the scalar ones."""
    inputs = Inputs.default().replace(constants={"X_t": 0.0})
    fractions = {}
    for key in ("dC_L", "C_SL", "C_TL"):
        values = observable("FL(B0->K*nunu)")(random_wilson(5, (key,), n=2), inputs, q2=Q2)
        np.testing.assert_allclose(values[0], values[1], rtol=1e-12)
        fractions[key] = values[0]
    np.testing.assert_allclose(fractions["C_SL"], 1.0, rtol=1e-14)
    m, k = constants(inputs, "m_B0", "m_Kstar0")
    lam = (m**2 - k**2 - Q2) ** 2 - 4 * k**2 * Q2
    t_1, t_2, t_23 = (
        inputs.form_factors("B->K*").value(name, Q2)[0] for name in ("T1", "T2", "T23")
    )
    zero = 16 * (m * k * t_23 / (m + k)) ** 2
    rest = (2 * lam * t_1**2 + 2 * (m**2 - k**2) ** 2 * t_2**2) / Q2
    np.testing.assert_allclose(fractions["C_TL"], zero / (zero + rest), rtol=1e-12)
    assert np.all((fractions["dC_L"] > 0.1) & (fractions["dC_L"] < 1.0))


def test_longitudinal_fraction_does_not_depend_on_left_handed_coefficients():
    inputs = Inputs.default()
    standard = observable("<FL>(B0->K*nunu)")(Wilson(), inputs)
    shifted = observable("<FL>(B0->K*nunu)")(random_wilson(2, ("dC_L",)), inputs)
    np.testing.assert_allclose(shifted, standard[0], rtol=1e-13)
    # 0.487 +- 0.040, arXiv:1503.05534 form factors.
    assert standard[0] == pytest.approx(0.487, abs=0.01)
