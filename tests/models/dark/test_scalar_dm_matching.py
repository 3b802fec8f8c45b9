"""Matching of the vector-like quarks against golden numbers and a numerical diagonalisation."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.models.dark.scalar_dm_matching import (
    chirality_flip,
    dipole_amplitude,
    down_couplings,
    up_couplings,
)

GOLDEN = {
    entry["id"]: entry
    for entry in json.loads((Path(__file__).parent / "golden_scalar_dm.json").read_text())
}
V = 246.21964023926205


def as_complex(pairs):
    array = np.array(pairs)
    return array[..., 0] + 1j * array[..., 1]


def couplings(y_q, y_d, y_1, y_2, m_q, m_d, masses):
    number = np.atleast_1d
    flip = chirality_flip(y_q, y_d, number(y_1), number(y_2), number(m_q), number(m_d), number(V))
    return flip, *down_couplings(flip, y_q, y_d, number(m_q), number(m_d), masses)


def test_golden_matching():
    given, wanted = GOLDEN["dm.match"]["inputs"], GOLDEN["dm.match"]["outputs"]
    _, scalar, pseudoscalar = couplings(
        as_complex(given["y_q"])[None],
        as_complex(given["y_d"])[None],
        given["y_1"],
        0.0,
        given["m_Q"],
        given["m_D"],
        np.array([given["m_d"]]),
    )
    np.testing.assert_allclose(scalar[0], as_complex(wanted["C_S"]), rtol=1e-6, atol=1e-20)
    np.testing.assert_allclose(pseudoscalar[0], as_complex(wanted["C_P"]), rtol=1e-6, atol=1e-20)


def test_golden_moduli():
    given, wanted = GOLDEN["dm.param"]["inputs"], GOLDEN["dm.param"]["outputs"]
    rho, theta = given["rho"], given["theta"]
    y_q = given["ys_q"] * np.array([[0, np.exp(-1j * rho), given["r_q"] * np.exp(-1j * 0.4)]])
    y_d = given["ys_d"] * np.array([[0, 1, given["r_d"] * np.exp(-1j * (theta - rho - 0.4))]])
    _, scalar, pseudoscalar = couplings(
        y_q, y_d, given["y1"], 0.0, given["m_Q"], given["m_D"], np.zeros((1, 3))
    )
    assert abs(scalar[0, 1, 1]) == pytest.approx(wanted["Css"], rel=1e-6)
    assert abs(pseudoscalar[0, 1, 1]) == pytest.approx(wanted["CPss"], rel=1e-6)
    assert abs(scalar[0, 1, 2]) == pytest.approx(wanted["CSsb"], rel=1e-6)
    assert abs(pseudoscalar[0, 1, 2]) == pytest.approx(wanted["CPsb"], rel=1e-6)


def test_golden_dipole():
    given, wanted = GOLDEN["dm.dipole"]["inputs"], GOLDEN["dm.dipole"]["outputs"]
    flip = np.zeros((1, 3, 3), complex)
    flip[0, 1, 2] = given["A_sb"]
    one, none = np.ones(1), np.zeros((1, 3), complex)
    left, right = dipole_amplitude(flip, none, none, one, one, one)
    e = np.sqrt(4 * np.pi / given["alpha_inv"])
    assert -e * given["Q_d"] / (64 * np.pi**2) * left[0] == pytest.approx(wanted["C_dgamma"], 1e-6)
    assert right[0] == 0


def light_masses(y_q, y_d, y_1, y_2, m_q, m_d, masses, phi):
    """Mass matrix of the light quarks in a constant background phi, by a direct rotation."""
    k = len(masses)
    full = np.zeros((k + 2, k + 2), complex)
    full[:k, :k] = np.diag(masses)
    full[:k, k] = -phi * y_q
    full[k, k], full[k + 1, k + 1] = m_q, m_d
    full[k, k + 1] = y_1 * V / np.sqrt(2)
    full[k + 1, k] = np.conj(y_2) * V / np.sqrt(2)
    full[k + 1, :k] = -phi * y_d
    left, _, right = np.linalg.svd(full)
    sides = []
    for vectors in (left[:, 2:], right.conj().T[:, 2:]):
        u, _, w = np.linalg.svd(vectors[:k])
        sides.append(vectors @ (u @ w).conj().T)
    return sides[0].conj().T @ full @ sides[1]


@pytest.mark.parametrize(("mass", "tolerance"), [(2000.0, 2e-2), (4000.0, 5e-3), (25000.0, 1e-4)])
def test_against_numerical_diagonalisation(mass, tolerance):
    """L = -dbar_L M(phi) d_R: the coefficient of phi^2 of -M is (C^S + i C^P)/2.

    The difference falls like (y v/m)^2, the order of the corrections left out.
    """
    rng = np.random.default_rng(3)
    y_q, y_d = (rng.normal(size=3) + 1j * rng.normal(size=3) for _ in range(2))
    y_1, y_2, masses = 0.7, 0.4, np.array([0.1, 0.6, 4.0])
    m_q, m_d = mass, 1.3 * mass
    _, scalar, pseudoscalar = couplings(y_q[None], y_d[None], y_1, y_2, m_q, m_d, masses[None])
    phi = 0.01 * mass
    at = [light_masses(y_q, y_d, y_1, y_2, m_q, m_d, masses, x * phi) for x in (0, 1, np.sqrt(2))]
    # Richardson: the term in phi^4 is removed.
    slope = (4 * (at[1] - at[0]) - (at[2] - at[0])) / (2 * phi**2)
    exact = -2 * slope
    matched = scalar[0] + 1j * pseudoscalar[0]
    assert abs(exact - matched).max() < tolerance * abs(matched).max()
    wrong_sign = couplings(y_q[None], y_d[None], -y_1, -y_2, m_q, m_d, masses[None])
    assert abs(exact - wrong_sign[1][0] - 1j * wrong_sign[2][0]).max() > abs(matched).max()


def test_mass_terms_alone_against_numerical_diagonalisation():
    y_q, y_d = np.array([0.3, 1.2j, 0.7]), np.array([0.5, -0.4, 0.2 + 0.9j])
    masses, m_q, m_d, phi = np.array([0.1, 0.6, 4.0]), 3000.0, 4000.0, 20.0
    _, scalar, pseudoscalar = couplings(y_q[None], y_d[None], 0.0, 0.0, m_q, m_d, masses[None])
    at = [light_masses(y_q, y_d, 0, 0, m_q, m_d, masses, x * phi) for x in (0, 1, np.sqrt(2))]
    exact = -(4 * (at[1] - at[0]) - (at[2] - at[0])) / phi**2
    matched = scalar[0] + 1j * pseudoscalar[0]
    np.testing.assert_allclose(exact, matched, atol=2e-5 * abs(matched).max())


def test_up_quarks_against_numerical_diagonalisation():
    """Four by four: three up quarks and the partner in the heavy doublet."""
    y_q = np.array([[0.2, 1.5, 0.4j]])
    ckm = np.linalg.qr(np.array([[1, 0.22, 0.003j], [-0.22, 1, 0.04], [0.01, -0.04, 1]]))[0][None]
    masses, m_q, phi = np.array([0.05, 1.2, 20.0]), 3000.0, 20.0
    scalar, pseudoscalar = up_couplings(y_q, ckm, np.array([m_q]), masses[None])
    rotated = ckm[0] @ y_q[0]
    none = np.zeros(3)
    at = [light_masses(rotated, none, 0, 0, m_q, m_q, masses, x * phi) for x in (0, 1, np.sqrt(2))]
    exact = -(4 * (at[1] - at[0]) - (at[2] - at[0])) / phi**2
    matched = scalar[0] + 1j * pseudoscalar[0]
    np.testing.assert_allclose(exact, matched, atol=5e-5 * abs(matched).max())


def test_couplings_are_hermitian():
    rng = np.random.default_rng(5)
    y_q, y_d = (rng.normal(size=(4, 3)) + 1j * rng.normal(size=(4, 3)) for _ in range(2))
    mass = np.full(4, 3000.0)
    flip = chirality_flip(y_q, y_d, np.full(4, 0.3), np.full(4, 0.2), mass, mass, np.full(4, V))
    for matrix in down_couplings(flip, y_q, y_d, mass, mass, np.full((4, 3), 0.5)):
        np.testing.assert_allclose(matrix, matrix.conj().swapaxes(1, 2))
