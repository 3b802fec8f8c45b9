import numpy as np
import pytest
from bsinv.physics.ckm import ckm_matrix, lambda_t, lambda_td
from bsinv.physics.inputs import Inputs

INPUTS = Inputs.default()


def inputs(**constants):
    return INPUTS.replace(constants={f"CKM_{name}": value for name, value in constants.items()})


def test_unitarity_of_a_batch():
    rng = np.random.default_rng(1)
    values = {"lambda": rng.uniform(0.1, 0.9, 7), "A": rng.uniform(0.1, 1.1, 7)}
    matrix = ckm_matrix(inputs(**values, rhobar=rng.uniform(-1, 1, 7), etabar=0.4))
    assert matrix.shape == (7, 3, 3)
    product = matrix @ matrix.conj().transpose(0, 2, 1)
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(3), (7, 3, 3)), atol=1e-14)


def test_phase_convention_and_apex():
    matrix = ckm_matrix(INPUTS)[0]
    for place in ((0, 0), (0, 1), (1, 2), (2, 2)):
        assert matrix[place].imag == 0.0
        assert matrix[place].real > 0.0
    apex = -matrix[0, 0] * matrix[0, 2].conj() / (matrix[1, 0] * matrix[1, 2].conj())
    expected = complex(*(INPUTS.constant(f"CKM_{name}")[0] for name in ("rhobar", "etabar")))
    assert apex == pytest.approx(expected, rel=1e-12)
    assert abs(matrix[0, 1]) / np.hypot(*abs(matrix[0, :2])) == pytest.approx(0.22497, rel=1e-12)


def test_leading_orders_of_wolfenstein():
    # arXiv:1106.4041: V_ts = -A lambda^2 [1 - lambda^2 (1/2 - rho - i eta)] to lambda^5 for the
    # angles of the PDG.
    lam, a, rho, eta = (
        INPUTS.constant(f"CKM_{name}")[0] for name in ("lambda", "A", "rhobar", "etabar")
    )
    got = ckm_matrix(INPUTS)[0, 2, 1]
    assert got == pytest.approx(-a * lam**2 * (1 - lam**2 * (0.5 - rho - 1j * eta)), rel=1e-3)


def test_factors():
    matrix = ckm_matrix(INPUTS)[0]
    (factor,) = lambda_t(INPUTS)
    assert abs(factor) == pytest.approx(INPUTS.constant("VtbVts")[0])
    assert np.angle(factor) == pytest.approx(np.angle(matrix[2, 2] * matrix[2, 1].conj()))
    assert np.degrees(np.angle(factor)) == pytest.approx(178.93, abs=0.05)
    (factor,) = lambda_td(INPUTS)
    assert np.angle(factor) == pytest.approx(np.angle(matrix[2, 2] * matrix[2, 0].conj()))


def test_top_and_down_from_tree_level_decays():
    """|V_td| without the mass difference of the B0: that of the matrix with the same inputs."""
    constant = {name: INPUTS.constant(name)[0] for name in ("Vub", "Vus", "VtbVts", "CKM_gamma")}
    # 8.53e-3: below the 8.58(19)e-3 of the PDG fit, which holds DeltaM_d.
    assert abs(lambda_td(INPUTS)[0]) == pytest.approx(0.00852, abs=1e-5)
    exact = INPUTS.replace(
        constants={
            "Vub": abs(ckm_matrix(INPUTS)[0, 0, 2]),
            "Vus": abs(ckm_matrix(INPUTS)[0, 0, 1]),
            "VtbVts": abs(ckm_matrix(INPUTS)[0, 2, 2] * ckm_matrix(INPUTS)[0, 2, 1]),
            "CKM_gamma": -np.degrees(np.angle(ckm_matrix(INPUTS)[0, 0, 2])),
        }
    )
    own = ckm_matrix(INPUTS)[0]
    assert lambda_td(exact)[0] == pytest.approx(own[2, 2] * own[2, 0].conj(), rel=1e-12)
    # Errors of the squared modulus: |V_cb| 5 %, gamma 5 %, |V_ub| below 1 %.
    size = abs(lambda_td(INPUTS)[0]) ** 2
    shifts = {"VtbVts": (0.0010, 0.05), "CKM_gamma": (3.0, 0.05), "Vub": (0.0002, -0.002)}
    for name, (error, change) in shifts.items():
        moved = INPUTS.replace(constants={name: constant[name] + error})
        got = abs(lambda_td(moved)[0]) ** 2 / size - 1.0
        assert got == pytest.approx(change, abs=0.003), name
    both = lambda_t(INPUTS.replace(constants={"VtbVts": [0.04, 0.05]}))
    np.testing.assert_allclose(abs(both), [0.04, 0.05])


def test_real_without_eta():
    matrix = ckm_matrix(inputs(etabar=0.0))
    assert np.all(matrix.imag == 0.0)


def test_impossible_angles():
    matrix = ckm_matrix(inputs(A=[0.8, 30.0]))
    assert np.isfinite(matrix[0]).all()
    assert np.isnan(matrix[1]).any()
