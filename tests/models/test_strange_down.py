"""s -> d nu nubar from heavy particles: matching, running, models."""

import bsinv
import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.strange_down import strange_down
from bsinv.physics.ckm import ckm_matrix, height_of_v_cb
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
PAIRS = ("BR(K+->pi+inv)", "BR(KL->pi0inv)")


def norm():
    matrix = ckm_matrix(INPUTS, height_of_v_cb(INPUTS))[0]
    unit = np.pi * 127.951 / (np.sqrt(2.0) * 1.1663788e-5)
    return unit / (matrix[2, 0].conj() * matrix[2, 1])


def coefficients(name, **values):
    entry = model(name)
    return entry.wilson(entry.complete(values), INPUTS)


def test_tree_level():
    rng = np.random.default_rng(3)
    shape = (4, 3, 3)
    given = {
        name: 1e-9 * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
        for name in ("lq1", "lq3", "ld", "qe")
    }
    found = strange_down(given, INPUTS, np.array([2.0]), 0.0)
    assert set(found) == {"dC_L_sd", "dC_R_sd"}
    np.testing.assert_allclose(found["dC_L_sd"], norm() * (given["lq1"] - given["lq3"]), rtol=1e-6)
    np.testing.assert_allclose(found["dC_R_sd"], norm() * given["ld"], rtol=1e-6)
    assert strange_down({"qe": given["qe"]}, INPUTS, np.array([2.0])) == {}


@pytest.mark.parametrize(
    ("name", "scale", "factor"),
    # C_sdnutaunutau of wilson 2.5.2 for a coefficient [33,12] at the scale, over that at m_Z.
    [
        ("lq1", 1.0, 1.02182),
        ("lq1", 2.0, 1.02834),
        ("lq1", 10.0, 1.04384),
        ("lq3", 1.0, 1.09902),
        ("lq3", 2.0, 1.12789),
        ("lq3", 10.0, 1.19531),
        ("ld", 2.0, 1.00510),
        ("ld", 10.0, 1.00784),
    ],
)
def test_running_is_that_of_b_to_s_to_a_per_cent(name, scale, factor):
    entry = np.zeros((1, 3, 3))
    entry[0, 2, 2] = 1e-9
    place = np.array([scale])
    ratio = [
        next(iter(strange_down({name: entry}, INPUTS, place, running).values()))[0, 2, 2]
        for running in (1.0, 0.0)
    ]
    assert ratio[0] / ratio[1] == pytest.approx(factor, rel=0.012)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("S0", {"dC_L_sd": 1 / 2}),
        ("S1", {"dC_L_sd": 1 / 2}),
        ("V1", {"dC_L_sd": -2.0}),
        ("S~1/2", {"dC_R_sd": -1 / 2}),
        ("V1/2", {"dC_R_sd": 1.0}),
    ],
)
def test_leptoquarks(field, expected):
    """Tree level, lambda_d = a for nu_tau and lambda_s = b for nu_mu, M = 3 TeV.

    b a* at [ij] = [tau, mu] where the quark enters as qbar^c, else a b* at [mu, tau]: the current
    (dbar s) takes the coupling of d as it stands in L or its conjugate (arXiv:1603.04993).
    """
    a, b = 0.02 - 0.01j, 0.03 + 0.02j
    values = {"lambda_dtau": a.real, "Im_lambda_dtau": a.imag}
    values |= {"lambda_smu": b.real, "Im_lambda_smu": b.imag, "M": 3.0, "running": 0.0}
    found = coefficients(f"leptoquark-{field}", **values)
    ((name, weight),) = expected.items()
    conjugate = field in ("S0", "S1", "V1/2")
    place = (2, 1) if conjugate else (1, 2)
    product = np.conj(a) * b if conjugate else a * np.conj(b)
    wanted = np.zeros((3, 3), dtype=complex)
    wanted[place] = norm() * weight * product / 3000.0**2
    np.testing.assert_allclose(found[name][0], wanted, rtol=1e-6)
    assert not {"dC_L_sd", "dC_R_sd"} - {name} & set(found)


def test_squarks_are_leptoquarks():
    singlet = coefficients("rpv", lambdap_211=0.1, lambdap_321=0.2, m_dR=2.0)
    scalar = coefficients("leptoquark-S0", lambda_dmu=0.1, lambda_stau=0.2, M=2.0)
    np.testing.assert_allclose(singlet["dC_L_sd"], scalar["dC_L_sd"], rtol=1e-12)
    doublet = coefficients("rpv", lambdap_221=0.1, lambdap_322=0.2, m_qL=2.0)
    scalar = coefficients("leptoquark-S~1/2", lambda_dmu=0.1, lambda_stau=0.2, M=2.0)
    np.testing.assert_allclose(doublet["dC_R_sd"], scalar["dC_R_sd"], rtol=1e-12)
    # Squarks of different families are no one leptoquark.
    assert "dC_L_sd" not in coefficients("rpv", lambdap_211=0.1, lambdap_322=0.2)


def test_zprime():
    """-g_q g_nu/M^2 (arXiv:1211.1896): rates, and mixing of kaons by g^2/(2 M^2)."""
    values = {"M": 5.0, "running": 0.0, "g_L_sd": 1e-3, "Im_g_L_sd": 2e-3, "g_nu_tautau": 0.5}
    found = coefficients("zprime", **values)
    wanted = -norm() * (1e-3 + 2e-3j) * 0.5 / 5000.0**2
    assert found["dC_L_sd"][0, 2, 2] == pytest.approx(wanted, rel=1e-6)
    assert found["C_VLL_sd"][0] == pytest.approx((1e-3 + 2e-3j) ** 2 / (2 * 5000.0**2), rel=1e-6)
    assert "C_VLL_bs" not in found
    assert "dC_L" not in found
    # V_ud V_cs* g + V_us V_cd* g*
    matrix = ckm_matrix(INPUTS)[0]
    coupling = 1e-3 + 2e-3j
    up = matrix[0, 0] * matrix[1, 1].conj() * coupling
    up += matrix[0, 1] * matrix[1, 0].conj() * np.conj(coupling)
    assert found["C_VLL_cu"][0] == pytest.approx(up**2 / (2 * 5000.0**2), rel=1e-6)
    assert found["max_coupling"] == pytest.approx(0.5)
    alone = coefficients("zprime-lmu-ltau", g_L_sd=0.3, g_prime=0.1)
    assert np.trace(alone["dC_L_sd"][0]) == pytest.approx(0.0)
    assert alone["max_coupling"] == pytest.approx(0.3)


@pytest.mark.parametrize("mass", [0.0, 1e-6])
def test_right_handed_neutrinos_of_a_zprime(mass):
    """Without interference: as much as left-handed ones of vector coupling alone."""
    quark = {"Im_g_L_sd": 3e-3, "M": 5.0, "running": 0.0}
    right = coefficients("zprime", g_N=0.5, m_N=mass, **quark)
    flavours = dict.fromkeys(("g_nu_ee", "g_nu_mumu", "g_nu_tautau"), 0.5)
    left = coefficients("zprime", **flavours, **quark)
    opposite = coefficients("zprime", **dict.fromkeys(flavours, -0.5), **quark)
    for name in PAIRS:
        standard, new, one, other = (
            observable(name)(w, INPUTS)[0] for w in (Wilson(), right, left, opposite)
        )
        assert new - standard == pytest.approx(0.5 * (one + other) - standard, rel=1e-3)


def test_models_without_light_couplings_predict_the_standard_model():
    for name in ("leptoquark-S0", "rpv", "zprime"):
        given = {"leptoquark-S0": {"lambda_bmu": 0.1, "lambda_smu": 0.1}}.get(name, {})
        for pair in PAIRS:
            found = observable(pair)(coefficients(name, **given), INPUTS)[0]
            assert found == bsinv.predict(pair)
