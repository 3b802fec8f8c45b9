import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.heavy.zprime_matching import (
    mixing_coefficients,
    smeft_coefficients,
    sterile_coefficients,
    up_coupling,
)
from bsinv.models.matching import b_to_s, normalisation
from bsinv.models.running import delta_f2
from bsinv.physics.ckm import ckm_matrix
from bsinv.physics.flavour.muon import muon_decay_ratio
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction
from bsinv.physics.observables import observable

GOLDEN = json.loads((Path(__file__).parents[1] / "golden_matching.json").read_text())
ENTRY = GOLDEN["entries"]["zp.match"]
INPUTS = Inputs.default()
ZPRIME, LMU_LTAU = model("zprime"), model("zprime-lmu-ltau")
FLAVOURS = ("e", "mu", "tau")


def wilson(entry=ZPRIME, inputs=INPUTS, **values):
    return entry.wilson(entry.complete(values), inputs)


def test_golden():
    given, expected = ENTRY["inputs"], ENTRY["outputs"]
    left, right = np.array([given["g_L_sb"]]), np.array([given["g_R_sb"]])
    doublet, singlet = np.diag(given["g_nu"])[None], np.diag(given["g_lR"])[None]
    mass = np.array([given["M"]])
    real = INPUTS.replace(
        constants={
            "G_F": given["G_F"],
            "alpha_inv": given["alpha_inv"],
            "VtbVts": abs(given["lambda_t"]),
        }
    )
    norm = normalisation(real, real_ckm=True)
    found = b_to_s(smeft_coefficients(left, right, doublet, singlet, mass), norm)
    names = {"dC_L": "C_L_diag", "dC_R": "C_R_diag", "dC_9": "C9", "dC_10": "C10"}
    names |= {"C_9p": "C9p", "C_10p": "C10p"}
    for key, name in names.items():
        np.testing.assert_allclose(np.diag(found[key][0]), expected[name], rtol=1e-6)
        assert not (found[key][0] - np.diag(np.diag(found[key][0]))).any()
    mixing = mixing_coefficients(left, right, mass)
    for name in ("VLL", "VRR", "VLR"):
        assert mixing[name][0] == pytest.approx(expected[f"H_{name}"], rel=1e-6)
    sterile = sterile_coefficients(left, right, np.array([0.7]), mass)[0]
    assert (norm * sterile)[0] == pytest.approx(expected["CN_Lprime"], rel=1e-6)


def test_model_without_running():
    values = {"g_L_sb": 2e-3, "Im_g_L_sb": 1e-3, "g_R_sb": -1e-3, "M": 1.5, "running": 0.0}
    found = wilson(**values, g_nu_mutau=0.5, Im_g_nu_mutau=0.2, g_lR_tautau=-0.4, g_N=0.7)
    unit = -normalisation(INPUTS)[0] / 1500.0**2
    left, coupling = 2e-3 + 1e-3j, 0.5 + 0.2j
    assert found["dC_L"][0, 1, 2] == pytest.approx(unit * left * coupling)
    assert found["dC_L"][0, 2, 1] == pytest.approx(unit * left * np.conj(coupling))
    assert found["dC_R"][0, 1, 2] == pytest.approx(-1e-3 * unit * coupling)
    for sign, vector, axial in ((left, "dC_9", "dC_10"), (-1e-3, "C_9p", "C_10p")):
        assert found[vector][0, 2, 2] == pytest.approx(-0.4 * unit * sign)
        assert found[axial][0, 2, 2] == pytest.approx(-0.4 * unit * sign)
        assert found[vector][0, 1, 2] == pytest.approx(unit * sign * coupling)
        assert found[axial][0, 1, 2] == pytest.approx(-unit * sign * coupling)
    np.testing.assert_allclose(found["C_Lp"][0], 0.7 * unit * left * np.eye(3))
    np.testing.assert_allclose(found["C_Rp"][0], -0.7e-3 * unit * np.eye(3))
    assert found["C_VLL_bs"][0] == pytest.approx(left**2 / (2 * 1500.0**2))
    assert found["C_VRR_bs"][0] == pytest.approx(1e-6 / (2 * 1500.0**2))
    assert found["C_VLR_bs"][0] == pytest.approx(-1e-3 * left / 1500.0**2)
    assert found["C_SLR_bs"][0] == 0.0
    assert found["max_coupling"][0] == pytest.approx(0.7)


def test_mixing_with_running():
    found = wilson(g_L_sb=2e-3, g_R_sb=1e-3, M=2.0)
    factors = delta_f2("bs", np.array([2.0]))
    tree = mixing_coefficients(np.array([2e-3]), np.array([1e-3]), np.array([2000.0]))
    for name in ("VLL", "VRR", "VLR"):
        np.testing.assert_allclose(found[f"C_{name}_bs"], factors[name] * tree[name])
    np.testing.assert_allclose(found["C_SLR_bs"], factors["VLR->SLR"] * tree["VLR"])


def test_mixing_of_d_mesons():
    ckm = ckm_matrix(INPUTS)
    down = np.zeros((3, 3), dtype=complex)
    down[1, 2], down[2, 1] = 2e-3 + 1e-3j, 2e-3 - 1e-3j
    full = ckm[0] @ down @ ckm[0].conj().T
    got = up_coupling(np.array([2e-3 + 1e-3j]), ckm)
    assert got[0] == pytest.approx(full[0, 1], rel=1e-12)
    # Small: suppressed twice by the CKM matrix.
    assert abs(got[0]) < 0.02 * abs(down[1, 2])
    found = wilson(g_L_sb=2e-3, Im_g_L_sb=1e-3, M=2.0)
    expected = delta_f2("cu", np.array([2.0]))["VLL"] * got**2 / (2 * 2000.0**2)
    np.testing.assert_allclose(found["C_VLL_cu"], expected)
    assert "C_VLL_cu" not in wilson(g_R_sb=2e-3)
    assert not {"C_VLL_bd", "C_VLL_sd"} & set(found)


def test_hermitian_couplings():
    found = wilson(g_L_sb=2e-3, g_nu_emu=0.3, Im_g_nu_emu=0.4, g_nu_mumu=0.2)
    for key in ("dg_V", "dg_A"):
        np.testing.assert_allclose(found[key][0], found[key][0].conj().T)
    # The entry mu mu has the shift of the Fermi constant besides.
    unit = 1.0 / (np.sqrt(2.0) * INPUTS.constant("G_F")[0]) / (2.0 * 2000.0**2)
    assert found["dg_V"][0, 0, 1] == pytest.approx(unit * 0.2 * (0.3 + 0.4j))
    names = {parameter.name for parameter in ZPRIME.parameters}
    assert not names & {"Im_g_nu_mumu", "g_nu_mue", "Im_g_lR_ee"}


def test_conjugation():
    # With a real CKM matrix conjugate couplings give conjugate amplitudes.
    real = INPUTS.replace(constants={"CKM_etabar": 0.0})
    values = {"g_L_sb": 1e-3, "Im_g_L_sb": 2e-3, "Im_g_R_sb": 1e-3, "g_nu_mutau": 0.3}
    values |= {"Im_g_nu_mutau": 0.5, "g_lR_mumu": 0.4}
    flipped = {name: -v if name.startswith("Im_") else v for name, v in values.items()}
    plain, mirrored = wilson(inputs=real, **values), wilson(inputs=real, **flipped)
    assert set(plain) == set(mirrored)
    for key in plain:
        np.testing.assert_allclose(mirrored[key], plain[key].conj(), rtol=1e-12, atol=1e-30)


def test_lmu_ltau_is_a_special_case():
    values = {"g_L_sb": 1e-3, "Im_g_L_sb": -2e-3, "g_R_sb": 5e-4, "M": 1.2}
    own = wilson(LMU_LTAU, g_prime=0.6, **values)
    general = wilson(**values, g_nu_mumu=0.6, g_nu_tautau=-0.6, g_lR_mumu=0.6, g_lR_tautau=-0.6)
    assert set(own) == set(general)
    for key in own:
        np.testing.assert_allclose(own[key], general[key], rtol=1e-13, atol=1e-30)


def test_lmu_ltau():
    found = wilson(LMU_LTAU, g_prime=1.0, g_L_sb=1e-3, running=0.0)
    left, nine = found["dC_L"][0], found["dC_9"][0]
    assert left[1, 1] == -left[2, 2]
    np.testing.assert_allclose(nine, 2.0 * left)
    # No axial couplings; interference with the SM cancels in the sum over neutrinos.
    assert not {"dC_10", "dg_A"} & set(found)
    plus = branching_fraction("B+->K+", found, INPUTS)[0]
    minus = branching_fraction("B+->K+", wilson(LMU_LTAU, g_prime=-1.0, g_L_sb=1e-3), INPUTS)[0]
    assert plus == pytest.approx(minus, rel=2e-3)


def test_muon():
    found = wilson(g_nu_mumu=0.5, g_lR_mumu=0.5, M=1.0)
    assert found["da_mu"][0] == pytest.approx(2.3565e-11, rel=1e-4)
    vev2 = 1.0 / (np.sqrt(2.0) * INPUTS.constant("G_F")[0])
    assert found["dg_V"][0, 1, 1] == pytest.approx(vev2 * 0.25 / 1e6)
    assert "dg_A" not in found
    # Chirality flip on an internal tau.
    flip = wilson(g_nu_mutau=0.1, g_lR_mutau=0.1, M=1.0)
    assert flip["da_mu"][0] == pytest.approx(4.567181e-11, rel=1e-4)
    assert "dg_V" not in flip
    assert not {"da_mu", "dg_V"} & set(wilson(g_nu_ee=0.5, g_L_sb=1e-3))


def test_decoupling():
    strong = {"g_nu_mumu": 1.0, "g_lR_mumu": 0.3, "g_L_sb": 0.01, "g_R_sb": 0.02, "g_N": 1.0}
    near, far = wilson(**strong, M=5.0, running=0.0), wilson(**strong, M=50.0, running=0.0)
    for key in set(near) - {"max_coupling"}:
        np.testing.assert_allclose(far[key], near[key] / 100.0, rtol=1e-9, atol=1e-40)


def test_nothing_without_couplings():
    assert set(wilson()) == {"max_coupling"}
    assert wilson()["max_coupling"][0] == 0.0
    assert set(wilson(g_nu_mumu=1.0)) == {"max_coupling", "dg_V", "dg_A", "da_mu"}
    assert set(wilson(LMU_LTAU, g_L_sb=0.1)) == {"max_coupling", "C_VLL_bs", "C_VLL_cu"}


def test_fermi_constant_of_muon_decay():
    """|g_emu|^2 raises the rate of muon decay: W and Z exchange are weaker than it says."""
    x = 1.0 / (np.sqrt(2.0) * INPUTS.constant("G_F")[0]) / (2.0 * 300.0**2)
    assert x * 0.42**2 == pytest.approx(0.0594, abs=1e-4)
    # The rate by brute force: amplitudes of mu -> e nu_j nubar_i, in units of W exchange.
    g = np.array([[0.2, 0.42j, 0.1], [-0.42j, 0.5, 0.3], [0.1, 0.3, -0.4]])
    right = np.array([[0.0, 0.6, 0.0], [0.6, 0.1, 0.0], [0.0, 0.0, 0.0]])
    amplitude = x * g[0, 1] * g
    amplitude[1, 0] += 1.0
    rate = (np.abs(amplitude) ** 2).sum() + (np.abs(x * right[0, 1] * g) ** 2).sum()
    got = muon_decay_ratio(np.array([300.0]), g[None], right[None], INPUTS)
    assert got[0] == pytest.approx(rate, rel=1e-12)
    # e mu alone: everything of the Standard Model smaller by G_F^2.
    found = wilson(M=0.3, g_nu_emu=0.42)
    alone = (1.0 + 0.42**2 * x) ** 2 + 0.42**4 * x**2
    trident = observable("R_trident")(found, INPUTS)[0]
    assert trident == pytest.approx(1.0 / alone, rel=1e-12)
    # Interference with the coupling of the muon, and the flavour-changing neutrinos.
    found = wilson(M=0.3, g_nu_emu=0.3, Im_g_nu_emu=0.4, g_nu_mumu=0.6, g_lR_mumu=0.2)
    total = 2 * 0.25 + 0.36
    weaker = ((1.0 + 0.25 * x) ** 2 + x**2 * 0.25 * (total - 0.25)) ** -0.5
    vector = 0.5 + 2.0 * INPUTS.constant("sin2_theta_W")[0]
    expected = (weaker * vector + x * 0.6 * 0.8) ** 2 + (weaker * 0.5 + x * 0.6 * 0.4) ** 2
    expected += x**2 * 0.25 * (0.8**2 + 0.4**2)
    got = observable("R_trident")(found, INPUTS)[0]
    assert got == pytest.approx(expected / (vector**2 + 0.25), rel=1e-12)
    # A right-handed e mu current needs neutrinos to decay to.
    assert "dg_V" not in wilson(g_lR_emu=0.4)
    got = wilson(M=0.3, g_lR_emu=0.4, g_nu_ee=0.5)["dg_A"][0, 1, 1]
    assert got == pytest.approx(0.5 * ((1.0 + x**2 * 0.16 * 0.25) ** -0.5 - 1.0), rel=1e-12)
