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
from bsinv.physics.invisible.kaons import kaon_neutrino_terms
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
    (term, _) = kaon_neutrino_terms(inputs, klong=True)
    (double, _) = kaon_neutrino_terms(inputs.replace(constants={"X_t_sd": 2 * 1.462}), klong=True)
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
