"""Bs -> l l of equal leptons."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.bsll.charm import standard_model
from bsinv.physics.bsll.leptonic import time_average
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_bsll.json").read_text())
INPUTS = Inputs.default()
INDEX = {"e": 0, "mu": 1, "tau": 2}


def predict(name, wilson=None, inputs=INPUTS):
    return observable(name)(Wilson() if wilson is None else wilson, inputs)[0]


def flavio_inputs():
    """Inputs of the tables for Bs -> l l."""
    given = GOLDEN["polynomial_inputs"]
    lifetime = 2309468822170.9004 * 6.582119569e-13
    return INPUTS.replace(
        constants={
            "VtbVts": given["lambda_t_abs"],
            "m_Bs": 5.36692,
            "tau_Bs": lifetime,
            "DeltaGamma_s": 0.129 / lifetime,
            "f_Bs": 0.2303,
            "m_tau": 1.77686,
        }
    )


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_bs_against_polynomials_fitted_to_flavio(lepton):
    raw = np.array(GOLDEN["polynomials"][f"{2 * lepton} ['BR(Bs->{2 * lepton})']"])
    inputs = flavio_inputs()
    scale = INPUTS.constant("alpha_inv")[0] / GOLDEN["polynomial_inputs"]["alpha_inv"]
    for ten, primed in ((0.0, 0.0), (0.7, -0.4), (-3.0, 2.0)):
        wanted = np.array([1.0, 0.0, ten, 0.0, primed])
        rows, columns = np.triu_indices(5)
        wanted = (raw * wanted[rows] * wanted[columns]).sum()
        filled = [np.zeros((3, 3)) for _ in range(2)]
        for entry, value in zip(filled, (ten, primed), strict=True):
            entry[INDEX[lepton], INDEX[lepton]] = value * scale
        wilson = Wilson({"dC_10": filled[0], "C_10p": filled[1]})
        # flavio rounds alpha: 132.11637 instead of 132.116.
        got = predict(f"BR(Bs->{lepton}{lepton})", wilson, inputs)
        assert got == pytest.approx(wanted, rel=2e-5)


def test_time_average():
    y = np.array([0.06])
    assert time_average(np.array([1.0 + 0j]), y)[0] == pytest.approx(1.0 / 0.94)
    assert time_average(np.array([2.0j]), y)[0] == pytest.approx(1.0 / 1.06)
    assert time_average(np.array([0j]), y)[0] == pytest.approx(1.0 / (1.0 - 0.06**2))


def test_effective_lifetime():
    """tau/(1 -+ y) for A = +-1: the lifetime of the heavy state in the Standard Model."""
    tau, width = (INPUTS.constant(name)[0] for name in ("tau_Bs", "DeltaGamma_s"))
    assert predict("tau_eff(Bs->mumu)") == pytest.approx(1.0 / (1.0 / tau - 0.5 * width))
    ten = np.zeros((3, 3), dtype=complex)
    scale = INPUTS.constant("alpha_inv")[0] / GOLDEN["polynomial_inputs"]["alpha_inv"]
    ten[1, 1] = (1.0j - 1.0) * standard_model()["C_10"] * scale
    imaginary = Wilson({"dC_10": ten})
    assert predict("tau_eff(Bs->mumu)", imaginary) == pytest.approx(1.0 / (1.0 / tau + 0.5 * width))
    # flavio 2.7.1 in the Standard Model.
    assert predict("tau_eff(Bs->mumu)", None, flavio_inputs()) == pytest.approx(1.624928, rel=1e-6)


def test_no_rate_when_the_amplitude_cancels():
    ten = -standard_model()["C_10"] * INPUTS.constant("alpha_inv")[0] / 132.116
    filled = np.zeros((3, 3))
    filled[1, 1] = ten
    assert predict("BR(Bs->mumu)", Wilson({"dC_10": filled})) == pytest.approx(0.0, abs=1e-30)


def test_theory_error_of_bs():
    assert observable("BR(Bs->mumu)").theory == ("f_Bs", "VtbVts", "tau_Bs")


def scalars(lepton, **values):
    """Scalar operators of one lepton, GeV^-1."""
    filled = {}
    for name, value in values.items():
        filled[name] = np.zeros((3, 3), dtype=complex)
        filled[name][INDEX[lepton], INDEX[lepton]] = value
    return Wilson(filled)


def in_amplitude(lepton, value):
    """C_S or C_P of the package as an amplitude relative to that of the Standard Model."""
    m_b, m_s, m_bs, mass = (
        INPUTS.constant(name)[0]
        for name in ("m_b", "m_s", "m_Bs", {"mu": "m_mu", "tau": "m_tau", "e": "m_e"}[lepton])
    )
    alpha = standard_model()["alpha_inv"] / INPUTS.constant("alpha_inv")[0]
    ratio = m_bs**2 / (2.0 * mass) * m_b / (m_b + m_s)
    return ratio * value * alpha / standard_model()["C_10"], np.sqrt(1.0 - 4.0 * mass**2 / m_bs**2)


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_scalar_operators(lepton):
    """BR/BR_SM = (|P|^2 + |S|^2)(1 + A y)/(1 + y), A = Re(P^2 - S^2)/(|P|^2 + |S|^2), with
    P = 1 + m_Bs^2/(2 m) m_b/(m_b + m_s) (C_P - C_P')/C_10 and S times the velocity: 1204.1737."""
    values = {"C_S": 0.02 + 0.01j, "C_P": -0.03 + 0.02j, "C_Sp": 0.01j, "C_Pp": 0.015}
    s, velocity = in_amplitude(lepton, values["C_S"] - values["C_Sp"])
    p = 1.0 + in_amplitude(lepton, values["C_P"] - values["C_Pp"])[0]
    s = s * velocity
    y = 0.5 * INPUTS.constant("tau_Bs")[0] * INPUTS.constant("DeltaGamma_s")[0]
    total = abs(p) ** 2 + abs(s) ** 2
    a = (p**2 - s**2).real / total
    got = predict(f"BR(Bs->{lepton}{lepton})", scalars(lepton, **values))
    wanted = predict(f"BR(Bs->{lepton}{lepton})") * total * (1.0 + a * y) / (1.0 + y)
    assert got == pytest.approx(wanted, rel=1e-12)


def test_lifetime_of_a_scalar_amplitude():
    """P = 0 leaves the scalar amplitude, of opposite CP: the lifetime of the light state."""
    unit, _ = in_amplitude("mu", 1.0)
    wilson = scalars("mu", C_P=-1.0 / unit, C_S=0.02)
    tau, width = (INPUTS.constant(name)[0] for name in ("tau_Bs", "DeltaGamma_s"))
    assert predict("tau_eff(Bs->mumu)", wilson) == pytest.approx(1.0 / (1.0 / tau + 0.5 * width))
    equal = scalars("mu", C_S=1.0 / unit / in_amplitude("mu", 1.0)[1])
    y = 0.5 * tau * width
    # A = 0 for |S| = |P|: tau (1 + y^2)/(1 - y^2).
    assert predict("tau_eff(Bs->mumu)", equal) == pytest.approx(tau * (1 + y**2) / (1 - y**2))


def test_scalar_operators_of_other_leptons_do_nothing():
    assert predict("BR(Bs->mumu)", scalars("tau", C_S=1.0, C_P=1.0)) == predict("BR(Bs->mumu)")
