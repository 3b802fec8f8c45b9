"""K -> pi nu nubar: golden numbers, published predictions, limits."""

import json
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.data.constants import constant
from bsinv.errors import PredictionError
from bsinv.fitter.predict import predict_with_error
from bsinv.physics.ckm import ckm_matrix, height_of_v_cb
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.kaons import kaon_neutrino_terms
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
CHARGED, NEUTRAL = "BR(K+->pi+inv)", "BR(KL->pi0inv)"
# Made with the formula in which kappa_+ and kappa_L stand for form factor and phase space
# (arXiv:0705.2025), apart from this package.
GOLDEN = json.loads((Path(__file__).parent / "golden_kaons.json").read_text())["entries"]


def constants_of(entry):
    given = entry["inputs"]
    lam = given["lam"]
    return {
        "CKM_lambda": lam,
        "V_cb": given["A"] * lam**2,
        "CKM_rhobar": given["rhobar"],
        "CKM_etabar": given["etabar"],
        "X_t_sd": given["X_t"],
        "P_c": given["P_c"] * (lam / 0.2255) ** 4,
        "delta_Pcu": given["delta_Pcu"],
        "epsilon_K": given["eps_K"],
    }


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: entry["id"])
def test_golden(entry):
    """With and without r_epsilon; K -> pi l nu fixes f_+(0) lambda in both.

    Tolerances: digits of the factors `norm_`, 1e-5; the square of the CP-even part, 6e-5.
    """
    charged, without, neutral = entry["value"]
    given = constants_of(entry)
    assert bsinv.predict(CHARGED, **given) == pytest.approx(charged, rel=1.5e-5)
    assert bsinv.predict(NEUTRAL, **given) == pytest.approx(neutral, rel=7e-5)
    given["epsilon_K"] = 0.0
    assert bsinv.predict(NEUTRAL, **given) == pytest.approx(without, rel=1e-5)


@pytest.mark.parametrize(
    ("row", "charged", "neutral"),
    [
        # Rows (lambda, A, rhobar, etabar) of the PDG reviews of the CKM matrix of 2024 and 2020.
        ((0.22501, 0.826, 0.1591, 0.3523), 8.23e-11, 2.87e-11),
        ((0.2265, 0.790, 0.141, 0.357), 7.76e-11, 2.597e-11),
    ],
)
def test_rows_of_the_pdg(row, charged, neutral):
    """By the CKM row alone, all else at its default: to the digits of the numbers."""
    lam, height, rho, eta = row
    given = {"CKM_lambda": lam, "V_cb": height * lam**2, "CKM_rhobar": rho, "CKM_etabar": eta}
    assert bsinv.predict(CHARGED, **given) == pytest.approx(charged, rel=1e-3)
    assert bsinv.predict(NEUTRAL, **given) == pytest.approx(neutral, rel=1.6e-3)


def test_published():
    """7.73(61)e-11 and 2.59(29)e-11 of arXiv:2105.02868, with its |V_cb| = 0.0405 to 0.5 %.

    |V_cb| = 0.04175 of this package makes both larger: 8.2e-11 and 2.9e-11.
    """
    theirs = constants_of(GOLDEN[0])
    assert bsinv.predict(CHARGED, **theirs) == pytest.approx(7.73e-11, rel=0.005)
    assert bsinv.predict(NEUTRAL, **theirs) == pytest.approx(2.59e-11, rel=0.005)
    charged, neutral = (predict_with_error(name) for name in (CHARGED, NEUTRAL))
    assert charged == pytest.approx((8.216e-11, 0.65e-11), rel=0.03)
    assert neutral == pytest.approx((2.888e-11, 0.31e-11), rel=0.03)
    assert (charged[0] - 7.73e-11) / 0.61e-11 < 1.0
    assert (neutral[0] - 2.59e-11) / 0.29e-11 < 1.1


def test_v_cb_is_that_of_b_to_s():
    """Rates of KL go like |V_cb|^4; CKM_A, of another |V_cb|, does not enter."""
    both = bsinv.predict(NEUTRAL, VtbVts=np.array([0.040, 0.042]), epsilon_K=0.0)
    assert both[1] / both[0] == pytest.approx(1.05**4, rel=1e-3)
    assert bsinv.predict(NEUTRAL, V_cb=0.042 / 0.982) == pytest.approx(
        bsinv.predict(NEUTRAL, VtbVts=0.042), rel=1e-14
    )
    assert bsinv.predict(CHARGED, CKM_A=0.7) == bsinv.predict(CHARGED)


def test_imaginary_part():
    """Im lambda_t = A^2 lambda^5 etabar/(1 - lambda^2/2): 1.4753e-4 at A = 0.839, not 1.4392e-4."""
    inputs = INPUTS.replace(constants={"V_cb": 0.839 * 0.22497**2, "epsilon_K": 0.0})
    (matrix,) = ckm_matrix(inputs, height_of_v_cb(inputs))
    assert (matrix[2, 1].conj() * matrix[2, 0]).imag == pytest.approx(1.4753e-4, rel=5e-5)
    (term, _) = kaon_neutrino_terms(Wilson(), inputs, klong=True)
    (double, _) = kaon_neutrino_terms(
        Wilson(), inputs.replace(constants={"X_t_sd": 2 * 1.462}), klong=True
    )
    assert double.weight == pytest.approx(4.0 * term.weight, rel=1e-12)


@pytest.mark.parametrize("eta", [0.0, 1e-300, 1e-12, 1e-3, 0.004, -0.3])
def test_small_eta_gives_no_negative_rate(eta):
    """What is left at eta = 0 is |epsilon_K|^2 of the CP-even rate."""
    found = bsinv.predict(NEUTRAL, CKM_etabar=eta)
    assert found > 0.0
    near = bsinv.predict(NEUTRAL, CKM_etabar=eta + 1e-13)
    assert found == pytest.approx(near, rel=1e-9)


@pytest.mark.parametrize(("name", "norm"), [(CHARGED, "norm_Kpiplus"), (NEUTRAL, "norm_KLpi0")])
def test_isospin_factor_is_on_every_rate(name, norm):
    """Standard Model and new physics, vector and scalar currents, totals and spectra."""
    central = constant(norm).value
    free = INPUTS.replace(constants={norm: 1.0})
    for size in (0.0, 1e-9 * (1.0 + 1j)):
        for operator in ("phi_V_sd", "phi_S_sd"):
            wilson = Wilson({operator: size, "m_phi": 0.05})
            one, other = (observable(name)(wilson, inputs)[0] for inputs in (INPUTS, free))
            assert one == pytest.approx(central * other, rel=1e-14)
            assert (one > 1.5 * bsinv.predict(name)) == (size != 0.0)
    spectrum = name.replace("BR", "dBR/dq2", 1)
    q2 = np.array([0.02, 0.06])
    got = bsinv.predict(spectrum, q2=q2, **{norm: 0.5})
    np.testing.assert_allclose(2.0 * got, bsinv.predict(spectrum, q2=q2, **{norm: 1.0}))


def test_theory_errors_are_named():
    assert observable(CHARGED).theory[0] == "norm_Kpiplus"
    assert {"VtbVts", "X_t_sd", "P_c", "delta_Pcu"} <= set(observable(CHARGED).theory)


def test_impossible_angles_are_no_silent_nan():
    """s_23 = |V_cb| of 1 leaves no unitary matrix."""
    with pytest.raises(PredictionError, match=r"BR\(KL->pi0inv\) is nan at V_cb = 1"):
        bsinv.predict(NEUTRAL, V_cb=1.0)


def entry(i, j, value):
    matrix = np.zeros((3, 3), dtype=complex)
    matrix[i, j] = value
    return matrix


# Over the Standard Model, flavio 2.7.1 with the constants below and coefficients CL_sdnu.nu.,
# CR_sdnu.nu. at 2 GeV, which are those of (sbar Gamma d): complex conjugates of ours.
FLAVIO = {
    "CKM_lambda": 0.2248,
    "V_cb": 0.04197,
    "X_t_sd": 6.587734793359753 * 0.23121,
    "sin2_theta_W": 0.23121,
    "P_c": 0.36354133867764254 * (0.2248 / 0.2255) ** 4,
    "epsilon_K": 0.0,
}


@pytest.mark.parametrize(
    ("shifts", "ratios"),
    [
        ({"dC_L_sd": entry(0, 0, 3 - 2j)}, (0.81792003, 1.19344637)),
        ({"dC_R_sd": entry(1, 1, -4 - 1j)}, (1.3474834, 1.95244223)),
        (
            {"dC_L_sd": entry(2, 2, 3j), "dC_R_sd": entry(2, 2, -4j)},
            (0.99542942, 1.27994731),
        ),
        # KL -> pi0 nu_mu nubar_tau is not in flavio as it should be, see below.
        ({"dC_L_sd": entry(2, 1, 2 + 5j)}, (1.11486732, None)),
    ],
)
def test_new_physics_as_in_flavio(shifts, ratios):
    """flavio takes the apex from |V_ub| = 0.00364, gamma = 1.15; it neglects Im lambda_c."""
    lam, ub, gamma = FLAVIO["CKM_lambda"], 0.00364, 1.15
    apex = ub * np.exp(1j * gamma) / (lam * FLAVIO["V_cb"]) * np.sqrt(1 - lam**2)
    given = {**FLAVIO, "CKM_rhobar": apex.real, "CKM_etabar": apex.imag}
    inputs = INPUTS.replace(constants=given)
    for name, ratio in zip((CHARGED, NEUTRAL), ratios, strict=True):
        if ratio is not None:
            with_new, alone = (observable(name)(w, inputs)[0] for w in (Wilson(shifts), Wilson()))
            assert with_new / alone == pytest.approx(ratio, rel=1.5e-3)


@pytest.mark.parametrize("phase", [0.0, 0.7, 2.0])
def test_two_flavours_of_neutrinos_need_no_cp_violation(phase):
    """The KL rate to nu_i nubar_j and nu_j nubar_i goes with |C_ij - C*_ji|^2 (hep-ph/9701313).

    A coefficient of one entry adds |C|^2/2, whatever its phase, and a hermitian matrix nothing.
    """
    inputs = INPUTS.replace(constants={"epsilon_K": 0.0})
    value = 3.0 * np.exp(1j * phase)
    matrix = ckm_matrix(inputs, height_of_v_cb(inputs))
    top = (matrix[0, 2, 1].conj() * matrix[0, 2, 0]).conj()
    alone = observable(NEUTRAL)(Wilson(), inputs)[0]
    new = observable(NEUTRAL)(Wilson({"dC_L_sd": entry(0, 1, value)}), inputs)[0] - alone
    size = (3.0 * abs(top) * 0.23121) ** 2
    standard = 3.0 * (top.imag * 1.462) ** 2
    assert new / alone == pytest.approx(0.5 * size / standard, rel=1e-4)
    hermitian = (entry(0, 1, value) + entry(1, 0, np.conj(value))) / top
    assert observable(NEUTRAL)(Wilson({"dC_R_sd": hermitian}), inputs)[0] == pytest.approx(alone)


def test_grossman_nir_bound():
    """BR(KL)/BR(K+) < tau(KL)/tau(K+) times isospin breaking, 4.3 (hep-ph/9701313)."""
    rng = np.random.default_rng(5)
    shape = (200, 3, 3)
    shifts = Wilson(
        {
            key: 20.0 * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
            for key in ("dC_L_sd", "dC_R_sd")
        }
    )
    charged, neutral = (observable(name)(shifts, INPUTS) for name in (CHARGED, NEUTRAL))
    assert (neutral < 4.4 * charged).all()
    assert (neutral > 1.5 * charged).any()
    one = Wilson({key: value[7] for key, value in shifts.items()})
    assert observable(NEUTRAL)(one, INPUTS)[0] == pytest.approx(neutral[7], rel=1e-12)


def test_zero_shifts_change_nothing():
    for name in (CHARGED, NEUTRAL):
        zero = Wilson({"dC_L_sd": np.zeros((3, 3)), "dC_R_sd": np.zeros((3, 3))})
        assert observable(name)(zero, INPUTS)[0] == pytest.approx(bsinv.predict(name), rel=1e-14)


def test_right_handed_neutrinos_of_kl():
    """A hermitian current of one N: Im C of the vector quark current, no m_N needed apart."""
    real, imaginary = (
        observable(NEUTRAL)(Wilson({"NN_VR_sd": value, "m_N": 0.05}), INPUTS)[0]
        for value in (1e-10, 1e-10j)
    )
    assert real == pytest.approx(bsinv.predict(NEUTRAL), rel=1e-13)
    assert imaginary > 2.0 * real
    with pytest.raises(PredictionError, match="not hermitian"):
        observable(NEUTRAL)(Wilson({"NN_VR_sd": 1e-10j, "m_N": 0.05, "m_N2": 0.06}), INPUTS)
