"""Rates to one particle alone: against the whole rate, kaons against closed forms, lives."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
COUPLINGS = {"g_S": 2e-8, "g_P": 1e-8j, "k_V": 3e-9, "g_V": 1e-9, "d_T": 1e-9 + 2e-9j}


def rate(name, wilson, inputs=INPUTS):
    return observable(name)(wilson, inputs)


@pytest.mark.parametrize(
    ("alone", "whole"),
    [
        ("BR(B+->K+X)", "BR(B+->Knunu)"),
        ("BR(B0->K0X)", "BR(B0->Knunu)"),
        ("BR(B->K*X)", "BR(B->K*nunu)"),
    ],
)
@pytest.mark.parametrize("life", [{}, {"ctau": 2.0, "BR_inv": 0.2}])
def test_the_rest_of_the_rate_is_neutrinos(alone, whole, life):
    wilson = Wilson({**COUPLINGS, "m_1": 1.3, **life})
    standard = rate(whole, Wilson())
    np.testing.assert_allclose(rate(alone, wilson), rate(whole, wilson) - standard, rtol=1e-9)
    assert rate(alone, Wilson())[0] == 0.0


def test_pairs_do_not_count():
    wilson = Wilson({"chi_VV": 1e-8, "m_chi": 0.4, "g_S": 1e-8, "m_1": 1.0})
    only = Wilson({"g_S": 1e-8, "m_1": 1.0})
    assert rate("BR(B+->K+X)", wilson)[0] == rate("BR(B+->K+X)", only)[0]


@pytest.mark.parametrize("name", ["g_S", "k_V"])
@pytest.mark.parametrize("part", [1.0, 1.0j])
def test_kaons(name, part):
    """Of a KL the real part of scalar, the imaginary part of derivative couplings; no lives."""
    values = {f"{name}_sd": 1e-13 * part, "m_1": 0.1}
    for alone, whole in (
        ("BR(K+->pi+X)", "BR(K+->pi+inv)"),
        ("BR(KL->pi0X)", "BR(KL->pi0inv)"),
    ):
        found = rate(alone, Wilson(values))[0]
        rest = rate(whole, Wilson(values))[0] - rate(whole, Wilson())[0]
        assert found == pytest.approx(rest, rel=1e-6, abs=1e-22)
        assert found == rate(alone, Wilson({**values, "ctau": 1e-3}))[0]
        absent = alone.startswith("BR(KL") and (part == 1.0) == (name == "k_V")
        assert (found == 0.0) == absent


def test_closed_form_of_a_scalar():
    """K+ -> pi+ phi, massless: |g_S|^2 Delta^2 f_0^2 p/(8 pi m_K^2 (m_s - m_d)^2)."""
    constants = {
        name: INPUTS.constant(name)[0]
        for name in ("m_Kplus", "m_piplus", "m_s_2GeV", "m_d_2GeV", "tau_Kplus", "norm_Kpiplus")
    }
    m_k, m_pi = constants["m_Kplus"], constants["m_piplus"]
    delta = m_k**2 - m_pi**2
    width = (1e-13 * delta * 0.9698) ** 2 / (constants["m_s_2GeV"] - constants["m_d_2GeV"]) ** 2
    width *= delta / (2.0 * m_k) / (8.0 * np.pi * m_k**2)
    wanted = width * constants["tau_Kplus"] * 1e-12 / 6.582119569e-25 * constants["norm_Kpiplus"]
    found = bsinv.predict("BR(K+->pi+X)", model="two-body", m_X=0.0, g_S_sd=1.0)
    assert found == pytest.approx(wanted, rel=1e-4)


def test_couplings_of_s_and_d_are_parameters():
    entry = model("two-body")
    for name in ("g_S", "k_V", "g_V"):
        for prefix in ("", "Im_"):
            given = {f"{prefix}{name}_sd": 2.0, "m_X": 0.1}
            wilson = entry.wilson(entry.complete(given), INPUTS)
            assert rate("BR(K+->pi+X)", wilson)[0] > 0.0
            assert rate("BR(B+->K+X)", wilson)[0] == 0.0


def test_what_is_infinite_is_refused():
    with pytest.raises(PredictionError, match="infinite"):
        rate("BR(K+->pi+X)", Wilson({"g_V_sd": 1e-13, "m_1": 0.0}))
    with pytest.raises(PredictionError, match="signal strength"):
        rate("BR(B+->K+X)", Wilson({"signal_strength": 1.0}))
