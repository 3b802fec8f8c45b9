"""Rates against an evaluation that shares only the form factors.

Explicit Dirac matrices, hadronic matrix elements as full Lorentz tensors with explicit K*
polarisation vectors, contraction in the B rest frame, numerical average over the angle of the pair.
"""

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import differential_branching_fraction
from bsinv.physics.wilson import Wilson

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def _gammas():
    unit, zero = np.eye(2), np.zeros((2, 2))
    upper = [np.block([[unit, zero], [zero, -unit]])]
    upper += [np.block([[zero, sigma], [-sigma, zero]]) for sigma in PAULI]
    return np.array(upper, dtype=complex)


GAMMA = _gammas()
GAMMA_5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
P_LEFT = 0.5 * (np.eye(4) - GAMMA_5)
SIGMA = 0.5j * (np.einsum("mij,njk->mnik", GAMMA, GAMMA) - np.einsum("nij,mjk->mnik", GAMMA, GAMMA))


def _levi_civita():
    tensor = np.zeros((4, 4, 4, 4))
    for index in np.ndindex(4, 4, 4, 4):
        if len(set(index)) == 4:
            tensor[index] = -np.linalg.det(np.eye(4)[list(index)])
    return tensor  # epsilon^{0123} = -1


EPSILON = _levi_civita()


def lower(vector):
    return METRIC @ vector


def slash(vector):
    return np.einsum("m,mij->ij", lower(vector), GAMMA)


def frame(m_b, m_m, q2):
    """Momenta of B and M, M along a direction that is not an axis."""
    energy = (m_b**2 + m_m**2 - q2) / (2 * m_b)
    momentum = np.sqrt(energy**2 - m_m**2)
    direction = np.array([0.48, -0.6, 0.64])
    direction /= np.linalg.norm(direction)
    return np.array([m_b, 0, 0, 0]), np.concatenate([[energy], momentum * direction])


def polarisations(k, m_m):
    direction = k[1:] / np.linalg.norm(k[1:])
    first = np.cross(direction, [1.0, 0, 0])
    first /= np.linalg.norm(first)
    second = np.cross(direction, first)
    longitudinal = np.concatenate([[np.linalg.norm(k[1:])], k[0] * direction]) / m_m
    return [np.concatenate([[0], first]), np.concatenate([[0], second]), longitudinal]


def pair_momenta(q, cosine):
    """Massless momenta of the pair, at an angle in its rest frame, boosted to the B frame."""
    mass = np.sqrt(q @ lower(q))
    sine = np.sqrt(1 - cosine**2)
    boost_axis = q[1:] / np.linalg.norm(q[1:])
    across = np.cross(boost_axis, [0.3, 0.5, -0.2])
    across /= np.linalg.norm(across)
    along, side = 0.5 * mass * cosine, 0.5 * mass * sine
    gamma, speed = q[0] / mass, np.linalg.norm(q[1:]) / mass
    momenta = []
    for sign in (1.0, -1.0):
        energy = gamma * 0.5 * mass + speed * sign * along
        parallel = gamma * sign * along + speed * 0.5 * mass
        momenta.append(np.concatenate([[energy], parallel * boost_axis + sign * side * across]))
    return momenta


def form_factors(inputs, process, q2):
    found = inputs.form_factors(process)
    names = {"B->K": ("f+", "f0", "fT"), "B->K*": ("V", "A0", "A1", "A12", "T1", "T2", "T23")}
    return {name: float(found.value(name, np.array([q2]))[0, 0]) for name in names[process]}


def kaon_elements(f, m_b, m_k, quarks, q2):
    """<K| s-bar (1, gamma5, gamma^mu, gamma^mu gamma5, sigma^{mu nu}) b |B>."""
    p, k = frame(m_b, m_k, q2)
    q, total, delta = p - k, p + k, m_b**2 - m_k**2
    vector = f["f+"] * (total - delta / q2 * q) + f["f0"] * delta / q2 * q
    tensor = -2j * f["fT"] / (m_b + m_k) * (np.outer(p, k) - np.outer(k, p))
    scalar = delta / (quarks[0] - quarks[1]) * f["f0"]
    return p, k, [(scalar, 0.0, vector, np.zeros(4), tensor)]


def kstar_elements(f, m_b, m_v, quarks, q2):
    """The same for K*, one entry for each polarisation."""
    p, k = frame(m_b, m_v, q2)
    q, total, delta = p - k, p + k, m_b**2 - m_v**2
    lam = (m_b**2 - m_v**2 - q2) ** 2 - 4 * m_v**2 * q2
    a_2 = (
        (m_b + m_v) ** 2 * (m_b**2 - m_v**2 - q2) * f["A1"]
        - 16 * m_b * m_v**2 * (m_b + m_v) * f["A12"]
    ) / lam
    t_3 = (
        delta * (m_b**2 + 3 * m_v**2 - q2) * f["T2"] - 8 * m_b * m_v**2 * (m_b - m_v) * f["T23"]
    ) / lam
    a_3 = ((m_b + m_v) * f["A1"] - (m_b - m_v) * a_2) / (2 * m_v)
    elements = []
    for eta in polarisations(k, m_v):
        down, dot = lower(eta), eta @ lower(q)
        vector = (
            2 * f["V"] / (m_b + m_v) * np.einsum("mnrs,n,r,s->m", EPSILON, down, lower(p), lower(k))
        )
        axial = 1j * (
            eta * (m_b + m_v) * f["A1"]
            - total * dot / (m_b + m_v) * a_2
            - q * dot * 2 * m_v / q2 * (a_3 - f["A0"])
        )
        pseudoscalar = -2j * m_v * dot / sum(quarks) * f["A0"]
        inner = (
            -1j * f["T1"] * np.outer(down, lower(total))
            - 1j * (f["T2"] - f["T1"]) * delta / q2 * np.outer(down, lower(q))
            - 1j * ((f["T1"] - f["T2"]) / q2 - t_3 / delta) * dot * np.outer(lower(total), lower(q))
        )
        tensor = np.einsum("mnrs,rs->mn", EPSILON, inner)
        elements.append((0.0, pseudoscalar, vector, axial, tensor))
    return p, k, elements


def dual_chiral(tensor):
    """s-bar sigma^{mu nu} P_L b from that of sigma: sigma gamma5 = -(i/2) epsilon sigma."""
    low = METRIC @ tensor @ METRIC
    gamma_5 = -0.5j * np.einsum("mnrs,rs->mn", EPSILON, low)
    return 0.5 * (tensor - gamma_5)


def spectrum(channel, operator, inputs, q2, quark_sign):
    """dB/dq2 for one flavour pair with unit coefficient, N_0 left out of the coefficient."""

    def constant(name):
        return float(inputs.constant(name)[0])

    kaon = channel == "B+->K+"
    m_b = constant("m_Bplus" if kaon else "m_B0")
    m_m = constant("m_Kplus" if kaon else "m_Kstar0")
    process, make = ("B->K", kaon_elements) if kaon else ("B->K*", kstar_elements)
    quarks = (constant("m_b"), constant("m_s"))
    p, k, elements = make(form_factors(inputs, process, q2), m_b, m_m, quarks, q2)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    total = 0.0
    for cosine, weight in zip(nodes, weights, strict=True):
        k1, k2 = pair_momenta(p - k, cosine)
        for scalar, pseudoscalar, vector, axial, tensor in elements:
            if operator == "vector":
                current = 0.5 * (vector + quark_sign * axial)
                vertex = np.einsum("m,mij->ij", lower(current), GAMMA) @ P_LEFT
            elif operator == "scalar":
                vertex = 0.5 * (scalar + quark_sign * pseudoscalar) * P_LEFT
            else:
                low = METRIC @ dual_chiral(tensor) @ METRIC
                vertex = np.einsum("mn,mnij->ij", low, SIGMA) @ P_LEFT
            bar = GAMMA[0] @ vertex.conj().T @ GAMMA[0]
            total += 0.5 * weight * np.trace(slash(k1) @ vertex @ slash(k2) @ bar).real
    momentum = np.linalg.norm(k[1:])
    # dq2/(2 pi) x |k|/(4 pi m_B) x 1/(8 pi) x 1/(2 m_B)
    width = total * momentum / (4 * np.pi * m_b) / (8 * np.pi) / (2 * np.pi) / (2 * m_b)
    lifetime = constant("tau_Bplus" if kaon else "tau_B0") * 1e-12 / constant("hbar")
    n_0 = 4 * constant("G_F") / np.sqrt(2) * constant("VtbVts") / constant("alpha_inv")
    return width * lifetime * (n_0 / (2 * np.pi)) ** 2


def entry(value):
    matrix = np.zeros((3, 3))
    matrix[0, 1] = value
    return matrix


CASES = [
    # operator, quark chirality, coefficients, factor on the rate of distinct fields
    ("vector", -1, {"dC_L": entry(1.0)}, 1.0),
    ("vector", +1, {"dC_R": entry(1.0)}, 1.0),
    # c_12 and c_21 = +-c_12 multiply the same bilinear of Majorana fields, so the amplitude is
    # twice that of distinct fields.
    ("scalar", -1, {"C_SL": entry(1.0) + entry(1.0).T}, 4.0),
    ("scalar", +1, {"C_SR": entry(1.0) + entry(1.0).T}, 4.0),
    ("tensor", -1, {"C_TL": entry(1.0) - entry(1.0).T}, 4.0),
]


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize(("operator", "sign", "coefficients", "factor"), CASES)
@pytest.mark.parametrize("q2", [1.0, 8.0, 16.0])
def test_rate(channel, operator, sign, coefficients, factor, q2):
    inputs = Inputs.default().replace(constants={"X_t": 0.0})
    got = differential_branching_fraction(channel, Wilson(coefficients), inputs, [q2])[0, 0]
    expected = factor * spectrum(channel, operator, inputs, q2, sign)
    assert got == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
def test_standard_model(channel):
    inputs = Inputs.default()
    c_sm = inputs.constant("X_t")[0] / inputs.constant("sin2_theta_W")[0]
    got = differential_branching_fraction(channel, Wilson(), inputs, [6.0])[0, 0]
    expected = 3 * c_sm**2 * spectrum(channel, "vector", inputs, 6.0, -1)
    assert got == pytest.approx(expected, rel=1e-11)
