"""Rates of b -> s l l from given form factors: golden numbers, limits, explicit Dirac matrices."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.bsll.charm import effective_c9, quark_loop, standard_model
from bsinv.physics.bsll.rates import (
    FORM_FACTORS,
    LEPTON_DENSITIES,
    Couplings,
    helicity_amplitudes,
    leptonic_width,
    normalisation,
    spectrum,
)
from bsinv.physics.invisible.densities.base import phase_space
from bsinv.physics.kinematics import kinematics

GOLDEN = json.loads(Path(__file__).with_name("golden_bsll.json").read_text())
MU, TAU = GOLDEN["inputs"]["m_mu"], GOLDEN["inputs"]["m_tau"]
HBAR = 6.582119569e-25


def entry(name):
    found = GOLDEN["entries"][name]
    return found["inputs"], found["outputs"]


def golden_normalisation(given):
    return normalisation(*(np.array([given[k]]) for k in ("G_F", "alpha_inv", "lambda_t_abs")))[0]


@pytest.mark.parametrize(
    ("key", "masses", "dipole"),
    [
        ("taumu_noC7", (TAU, MU), 0.0),
        ("tautau_withC7", (TAU, TAU), 1.0),
        ("mumu_withC7", (MU, MU), 1.0),
    ],
)
def test_golden_kaon(key, masses, dipole):
    given, wanted = entry("bsll.K")
    kin = kinematics(np.array([[given["q2"]]]), given["m_B"], given["m_K"])
    values = {"f+": given["fp"], "f0": given["f0"], "fT": given["fT"]}
    couplings = Couplings(
        given["C9_sum"], given["C10_sum"], c_7=dipole * given["C7"], m_b=given["m_b_C7"]
    )
    got = spectrum(0, kin, values, couplings, masses)[0, 0] * golden_normalisation(given) ** 2
    assert got == pytest.approx(wanted[key], rel=1e-9)


@pytest.mark.parametrize(
    ("key", "masses", "dipole"),
    [("taumu_noC7", (TAU, MU), 0.0), ("tautau_withC7", (TAU, TAU), 1.0)],
)
def test_golden_kstar(key, masses, dipole):
    given, wanted = entry("bsll.Kst")
    kin = kinematics(np.array([[given["q2"]]]), given["m_B"], given["m_V"])
    values = {name: np.array([[given[name]]]) for name in FORM_FACTORS[1]}
    couplings = Couplings(
        *(given[k] for k in ("C9", "C10", "C9p", "C10p")),
        c_7=dipole * given["C7"],
        m_b=given["m_b_C7"],
    )
    got = spectrum(1, kin, values, couplings, masses)[0, 0] * golden_normalisation(given) ** 2
    assert got == pytest.approx(wanted[key], rel=1e-9)


@pytest.mark.parametrize(
    ("key", "masses", "squares"),
    [
        ("mumu_C10m4p166", (MU, MU), (0.0, 4.166**2)),
        ("tautau_C10m4p166", (TAU, TAU), (0.0, 4.166**2)),
        ("taumu_C9d2_C10dm2p7", (TAU, MU), (4.0, 2.7**2)),
    ],
)
def test_golden_leptonic(key, masses, squares):
    given, wanted = entry("bsll.Bs")
    # |(m_1 -+ m_2) C|^2 of C_9 - C_9' and C_10 - C_10'.
    sums = (masses[0] - masses[1], masses[0] + masses[1])
    squares = tuple(mass**2 * square for mass, square in zip(sums, squares, strict=True))
    arrays = [tuple(np.array([x]) for x in pair) for pair in (masses, squares)]
    width = leptonic_width(np.array([given["m_Bs"]]), np.array([given["f_Bs"]]), *arrays)[0]
    lifetime = given["tau_ps"] * 1e-12 / HBAR
    assert width * golden_normalisation(given) ** 2 * lifetime == pytest.approx(
        wanted[key], rel=1e-9
    )


@pytest.mark.parametrize("masses", [(TAU, MU), (MU, TAU), (TAU, TAU), (0.3, 0.0)])
def test_densities_of_leptons(masses):
    """Phi a and Phi b with b_V = 2 (m_1 - m_2)^2 [q2 - (m_1 + m_2)^2]/q2 and so on."""
    q2 = np.linspace(1.01 * sum(masses) ** 2, 22.0, 9)
    for current, sign in (("V", 1.0), ("A", -1.0)):
        first, second = masses[0], sign * masses[1]
        b = 2.0 * (first - second) ** 2 * (q2 - (first + second) ** 2) / q2
        a = (b + 4.0 * (q2 - first**2 - second**2 + 4.0 * first * second)) / 3.0
        phi = phase_space(q2, *masses)
        np.testing.assert_allclose(LEPTON_DENSITIES[current](q2, *masses), a * phi, rtol=1e-12)
        time = LEPTON_DENSITIES[f"{current}t"](q2, *masses)
        np.testing.assert_allclose(time, b * phi, rtol=1e-12, atol=1e-18)


# Dirac matrices in the representation of Weyl.
SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
ZERO, ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = np.array(
    [np.block([[ZERO, ONE], [ONE, ZERO]]), *(np.block([[ZERO, s], [-s, ZERO]]) for s in SIGMA)]
)
GAMMA_5 = np.diag([-1.0, -1.0, 1.0, 1.0])
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def slash(momentum):
    return np.einsum("m,mab->ab", METRIC @ momentum, GAMMA)


def lepton_tensor(q2, masses, matrix, other, cosine=0.3):
    """Sum over spins of (ubar_1 Gamma_m v_2)(ubar_1 Gamma_n v_2)* at one direction."""
    root = np.sqrt(q2)
    energy = (q2 + masses[0] ** 2 - masses[1] ** 2) / (2.0 * root)
    size = np.sqrt(energy**2 - masses[0] ** 2)
    vector = size * np.array([np.sqrt(1.0 - cosine**2), 0.0, cosine])
    k_1, k_2 = np.array([energy, *vector]), np.array([root - energy, *-vector])
    bar = GAMMA[0] @ other.conj().T @ GAMMA[0]
    unit = np.eye(4)
    return np.trace(
        (slash(k_1) + masses[0] * unit) @ matrix @ (slash(k_2) - masses[1] * unit) @ bar
    )


@pytest.mark.parametrize("masses", [(TAU, MU), (TAU, TAU)])
@pytest.mark.parametrize(("current", "chirality"), [("V", np.eye(4)), ("A", GAMMA_5)])
def test_densities_against_explicit_traces(masses, current, chirality):
    """Spin 1: trace over space indices, 3 rho = sum_i L_ii Phi; spin 0: L_00 Phi."""
    q2 = 15.0
    phi = phase_space(np.array(q2), *masses)
    tensor = [lepton_tensor(q2, masses, g @ chirality, g @ chirality).real for g in GAMMA]
    density = LEPTON_DENSITIES[current](np.array(q2), *masses)
    assert density == pytest.approx(sum(tensor[1:]) / 3.0 * phi, rel=1e-12)
    time = LEPTON_DENSITIES[f"{current}t"](np.array(q2), *masses)
    assert time == pytest.approx(tensor[0] * phi, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("masses", [(TAU, MU), (MU, MU)])
def test_leptonic_against_explicit_traces(masses):
    """<0|sbar gamma^mu gamma_5 b|Bs> = i f p^mu, so that the leptons see (N f/2) p-slash, and
    <0|sbar gamma_5 b|Bs> = -i f m^2/(m_b + m_s), of the same sign: P_R against P_L."""
    mass, decay_constant, nine, ten = 5.367, 0.23, 1.3 - 0.4j, -2.2 + 0.7j
    scalar, pseudoscalar = 0.2 + 0.1j, -0.3 + 0.05j
    at_rest = mass * GAMMA[0] @ (nine * np.eye(4) + ten * GAMMA_5)
    at_rest = at_rest + mass**2 * (scalar * np.eye(4) + pseudoscalar * GAMMA_5)
    squared = 0.25 * decay_constant**2 * lepton_tensor(mass**2, masses, at_rest, at_rest).real
    wanted = squared * phase_space(np.array(mass**2), *masses) / (2.0 * mass)
    got = leptonic_width(
        np.array([mass]),
        np.array([decay_constant]),
        tuple(np.array([m]) for m in masses),
        (
            np.array([abs((masses[0] - masses[1]) * nine + mass**2 * scalar) ** 2]),
            np.array([abs((masses[0] + masses[1]) * ten + mass**2 * pseudoscalar) ** 2]),
        ),
    )
    assert got[0] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("masses", [(TAU, MU), (MU, TAU), (TAU, TAU)])
def test_spin_0_against_explicit_traces(spin, masses):
    """Of both currents the leptons see q-slash (C_9 + C_10 gamma_5)/q2 + C_S + C_P gamma_5 times
    one number: q_mu (sbar gamma^mu P_L b) = [m_b sbar P_R b - m_s sbar P_L b]."""
    q2 = 15.0
    kin = kinematics(np.array([[q2]]), 5.28, 0.6)
    nine, ten, scalar, pseudoscalar = 1.3 - 0.4j, -2.2 + 0.7j, 0.2 + 0.1j, -0.3 + 0.05j
    values = {name: np.zeros((1, 1)) for name in FORM_FACTORS[spin]}
    values["f0" if spin == 0 else "A0"] = np.ones((1, 1))
    # The spin-1 amplitudes vanish with their form factors.
    couplings = Couplings(nine, ten, c_s=scalar, c_p=pseudoscalar)
    root = np.sqrt(q2)
    seen = GAMMA[0] / root @ (nine * np.eye(4) + ten * GAMMA_5)
    seen = seen + scalar * np.eye(4) + pseudoscalar * GAMMA_5
    time = kin.delta[0, 0] if spin == 0 and np.ndim(kin.delta) else kin.delta
    strength = time if spin == 0 else kin.root_lambda[0, 0]
    squared = 0.25 * np.square(strength) * lepton_tensor(q2, masses, seen, seen).real
    wanted = kin.phase_space * squared * phase_space(np.array(q2), *masses)
    got = spectrum(spin, kin, values, couplings, masses)
    assert got[0, 0] == pytest.approx(np.ravel(wanted)[0], rel=1e-12)


def test_leptons_that_are_too_heavy():
    arrays = [np.array([x]) for x in (3.0, 0.2, 1.7, 1.7)]
    got = leptonic_width(arrays[0], arrays[1], (arrays[2], arrays[3]), (np.ones(1), np.ones(1)))
    assert got[0] == 0.0


@pytest.mark.parametrize("spin", [0, 1])
def test_spectra_are_symmetric(spin):
    """The order of the leptons and the CP conjugate of the coefficients change nothing."""
    kin = kinematics(np.linspace(4.0, 18.0, 5)[None, :], 5.28, 0.6)
    values = {name: np.array([[0.3 + 0.1 * k]]) for k, name in enumerate(FORM_FACTORS[spin])}
    c = (1.2 - 0.5j, 0.4 + 2.0j, -0.7j, 0.3 - 0.2j)
    first = spectrum(spin, kin, values, Couplings(*c), (TAU, MU))
    np.testing.assert_allclose(
        spectrum(spin, kin, values, Couplings(*c), (MU, TAU)), first, rtol=1e-13
    )
    conjugate = Couplings(*np.conj(c))
    np.testing.assert_allclose(spectrum(spin, kin, values, conjugate, (TAU, MU)), first, rtol=1e-13)


def test_photon_end_of_the_kstar_is_transverse():
    """At small q2 T_1(0) = T_2(0) makes one helicity vanish: H_perp and H_par become equal."""
    kin = kinematics(np.array([[1e-6]]), 5.28, 0.8955)
    values = dict.fromkeys(FORM_FACTORS[1], np.array([[0.28]]))
    vector = helicity_amplitudes(
        1, kin, values, Couplings(0.0, 0.0, c_7=-0.3, m_b=4.8), (0.0, 0.0)
    )[:3]
    perpendicular, parallel, longitudinal = (amplitude[0, 0] for _, amplitude in vector)
    assert perpendicular == pytest.approx(parallel, rel=1e-6)
    assert abs(longitudinal) < 1e-2 * abs(parallel)


def test_quark_loops():
    """Values near q2 = 0 and on both sides of a threshold, and the limit of a light quark."""
    heavy = quark_loop(np.array([1e-4]), 4.8, 4.8)[0]
    assert heavy == pytest.approx(-4.0 / 9.0, abs=1e-5)
    square = np.array([4.0 * 1.68**2 * (1.0 - 1e-10), 4.0 * 1.68**2 * (1.0 + 1e-10)])
    below, above = quark_loop(square, 1.68, 4.8)
    assert below == pytest.approx(above, abs=1e-4)
    assert below.imag == 0.0
    assert above.imag > 0.0
    light = quark_loop(np.array([20.0]), 1e-6, 4.8)[0]
    assert light == pytest.approx(quark_loop(np.array([20.0]), 0.0, 4.8)[0], abs=1e-10)


def test_dispersion_relation_of_the_loop():
    """h(s) - h(0) = (s/pi) int ds' Im h(s')/(s' (s' - s)) below the threshold."""
    mass, scale, point = 1.68, 4.8, 3.0
    node, weight = np.polynomial.legendre.leggauss(400)
    # s' = threshold/x^2 with x from 0 to 1.
    x, weight = 0.5 * (node + 1.0), 0.5 * weight
    s = 4.0 * mass**2 / x**2
    integrand = quark_loop(s, mass, scale).imag / (s * (s - point)) * 2.0 * s / x
    wanted = quark_loop(np.array([1e-5, point]), mass, scale).real
    got = point / np.pi * (weight * integrand).sum()
    assert got == pytest.approx(wanted[1] - wanted[0], rel=1e-5)


def test_effective_c9():
    """C_9 + Y of flavio 2.7.1 with the same pole masses."""
    assert standard_model()["C_9"] == pytest.approx(4.05, abs=0.01)
    wanted = [4.471582355510028 + 0.060148957606554476j, 4.858537627300006 + 0.6844894176285007j]
    np.testing.assert_allclose(effective_c9(np.array([3.0, 15.0])), wanted, rtol=1e-12)
