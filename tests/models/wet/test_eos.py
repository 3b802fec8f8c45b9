"""Coefficients in the EOS normalisation, arXiv:2111.15428 and arXiv:2111.04327."""

import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.wet.eos import EOS_ALPHA_INV, EOS_SM_VECTOR
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import differential_branching_fraction

INPUTS = Inputs.default()
Q2 = np.array([1.0, 8.0, 16.0])
EOS = model("wet-eos")


def constant(name):
    return float(INPUTS.constant(name)[0])


def eos_rate(channel, values):
    """dB/dq2 in the EOS convention: alpha = 1/133, three diagonal flavours for each operator."""
    kaon = channel == "B+->K+"
    names = ("m_Bplus", "m_Kplus", "tau_Bplus") if kaon else ("m_B0", "m_Kstar0", "tau_B0")
    m, k, tau = (constant(name) for name in names)
    m_b, m_s = constant("m_b"), constant("m_s")
    n_0 = 4 * constant("G_F") / np.sqrt(2) * constant("VtbVts") / EOS_ALPHA_INV / (2 * np.pi)
    lam = (m * m - k * k - Q2) ** 2 - 4 * k * k * Q2
    delta = m * m - k * k
    form_factors = INPUTS.form_factors("B->K" if kaon else "B->K*")
    f = {name: form_factors.value(name, Q2)[0] for name in form_factors.source.poles}
    vl, vr, sl, sr, tl = (values[name] for name in ("cVL", "cVR", "cSL", "cSR", "cTL"))
    if kaon:
        braces = (
            lam * f["f+"] ** 2 / (48 * np.pi) * abs(vl + vr) ** 2
            + Q2 / (16 * np.pi) * (delta * f["f0"] / (m_b - m_s)) ** 2 * abs(sl + sr) ** 2
            + Q2 / (3 * np.pi) * lam * (f["fT"] / (m + k)) ** 2 * abs(tl) ** 2
        )
    else:
        v_part = 2 * lam * f["V"] ** 2 / (m + k) ** 2
        a_part = 2 * ((m + k) * f["A1"]) ** 2 + 64 * (m * k * f["A12"]) ** 2 / Q2
        t_part = 16 * (m * k * f["T23"] / (m + k)) ** 2
        t_part = t_part + 2 * (lam * f["T1"] ** 2 + delta**2 * f["T2"] ** 2) / Q2
        braces = (
            Q2 / (48 * np.pi) * (v_part * abs(vl + vr) ** 2 + a_part * abs(vl - vr) ** 2)
            + Q2 / (16 * np.pi) * lam * (f["A0"] / (m_b + m_s)) ** 2 * abs(sr - sl) ** 2
            + Q2 / (3 * np.pi) * t_part * abs(tl) ** 2
        )
    front = 3 * np.sqrt(lam) * n_0**2 / (32 * np.pi**2 * m**3)
    return front * braces * tau * 1e-12 / constant("hbar")


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
def test_rates(channel):
    rng = np.random.default_rng(2)
    values = {name: rng.normal(scale=6.0, size=4) for name in ("cVL", "cVR", "cSL", "cSR", "cTL")}
    wilson = EOS.wilson(EOS.complete(values), INPUTS)
    got = differential_branching_fraction(channel, wilson, INPUTS, Q2)
    expected = [eos_rate(channel, {k: v[i] for k, v in values.items()}) for i in range(4)]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_standard_model():
    """c_VL = 6.613 with alpha = 1/133 is X_t/sin^2(theta_W) with alpha(m_Z) to 0.13 %."""
    converted = EOS_SM_VECTOR * constant("alpha_inv") / EOS_ALPHA_INV
    assert converted == pytest.approx(constant("X_t") / constant("sin2_theta_W"), rel=1.4e-3)
    wilson = EOS.wilson(EOS.complete(), INPUTS)
    assert set(wilson) == {"dC_L"}
    assert abs(wilson["dC_L"]).max() < 0.01


def test_signs_and_flavours():
    ratio = constant("alpha_inv") / EOS_ALPHA_INV
    wilson = EOS.wilson(EOS.complete({"cVR": 2.0, "cSL": 3.0, "cSR": -1.0, "cTL": 5.0}), INPUTS)
    np.testing.assert_allclose(wilson["dC_R"][0], -2.0 * ratio * np.eye(3))
    np.testing.assert_allclose(wilson["C_SL"][0], 3.0 * ratio * np.eye(3))
    np.testing.assert_allclose(wilson["C_SR"][0], -1.0 * ratio * np.eye(3))
    tensor = wilson["C_TL"][0]
    np.testing.assert_allclose(tensor, -tensor.T)
    assert (np.abs(tensor) ** 2).sum() == pytest.approx(3 * (5.0 * ratio) ** 2)


def test_follows_varied_inputs():
    inputs = INPUTS.replace(constants={"X_t": [1.4, 1.5]})
    wilson = EOS.wilson(EOS.complete(), inputs)
    standard = -inputs.constant("X_t") / inputs.constant("sin2_theta_W")
    total = wilson["dC_L"][:, 0, 0] + standard
    np.testing.assert_allclose(total, -EOS_SM_VECTOR * constant("alpha_inv") / EOS_ALPHA_INV)
