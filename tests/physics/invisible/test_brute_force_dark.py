"""Every dark operator, all of a sector at once, against amplitudes written out by hand.

Explicit Dirac matrices and polarisation vectors, hadronic matrix elements as Lorentz tensors,
numerical average over the angle of the pair; only the form factors are shared.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.pairs import FERMION_OPERATORS, VECTOR_OPERATORS
from bsinv.physics.invisible.final_states.states import dark_terms
from bsinv.physics.invisible.widths import binned_width, differential_width
from bsinv.physics.wilson import WILSON_NAMES, Wilson

_SPEC = importlib.util.spec_from_file_location(
    "brute_force", Path(__file__).with_name("test_brute_force.py")
)
bf = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(bf)

INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
UNIT = np.eye(4)
P_LEFT, P_RIGHT = 0.5 * (UNIT - bf.GAMMA_5), 0.5 * (UNIT + bf.GAMMA_5)
# Charge conjugation in the Dirac representation.
CHARGE = 1j * bf.GAMMA[2] @ bf.GAMMA[0]


def dot(a, b):
    return a @ bf.lower(b)


def pair_momenta(q, m_1, m_2, cosine):
    """Momenta at an angle in the rest frame of the pair, boosted along q."""
    mass = np.sqrt(dot(q, q))
    e_1 = (mass**2 + m_1**2 - m_2**2) / (2 * mass)
    momentum = np.sqrt(e_1**2 - m_1**2)
    axis = q[1:] / np.linalg.norm(q[1:])
    across = np.cross(axis, [0.3, 0.5, -0.2])
    across /= np.linalg.norm(across)
    gamma, speed = q[0] / mass, np.linalg.norm(q[1:]) / mass
    found = []
    for sign, energy in ((1.0, e_1), (-1.0, mass - e_1)):
        along, side = sign * momentum * cosine, sign * momentum * np.sqrt(1 - cosine**2)
        boosted = gamma * energy + speed * along
        parallel = gamma * along + speed * energy
        found.append(np.concatenate([[boosted], parallel * axis + side * across]))
    return *found, momentum


def dirac(vector):
    """Contraction of a vector with gamma^mu."""
    return np.einsum("m,mij->ij", bf.lower(vector), bf.GAMMA)


def sigma(tensor):
    return np.einsum("mn,mnij->ij", bf.METRIC @ tensor @ bf.METRIC, bf.SIGMA)


def times_gamma_5(tensor):
    """Elements of sigma gamma_5 from those of sigma."""
    return -0.5j * np.einsum("mnrs,rs->mn", bf.EPSILON, bf.METRIC @ tensor @ bf.METRIC)


def quark(element):
    """Elements by the letters of the operators; P = i gamma_5."""
    scalar, gamma_5, vector, axial, tensor = element
    return {"S": scalar, "P": 1j * gamma_5, "V": vector, "A": axial, "T": tensor}


def fermion_vertex(name, h):
    """Matrix between u-bar and v of an operator such as VA, or TR of N."""
    first, second = name[0], name[1:]
    if first == "T":
        if second in ("L", "R"):
            sign, projector = (-1, P_LEFT) if second == "L" else (1, P_RIGHT)
            return sigma(0.5 * (h["T"] + sign * times_gamma_5(h["T"]))) @ projector
        return sigma(h["T"]) @ (bf.GAMMA_5 if second == "T5" else UNIT)
    chiral = {"L": P_LEFT, "R": P_RIGHT}
    if first in "SP":
        return h[first] * {"S": UNIT, "P": 1j * bf.GAMMA_5, **chiral}[second]
    return dirac(h[first]) @ {"V": UNIT, "A": bf.GAMMA_5, **chiral}[second]


def fermion_square(coefficients, h, k_1, k_2, m_1, m_2, majorana=False):
    vertex = sum(c * fermion_vertex(name, h) for name, c in coefficients.items())
    if majorana:
        vertex = 0.5 * (vertex + CHARGE @ vertex.T @ np.linalg.inv(CHARGE))
    bar = bf.GAMMA[0] @ vertex.conj().T @ bf.GAMMA[0]
    first, second = bf.slash(k_1) + m_1 * UNIT, bf.slash(k_2) - m_2 * UNIT
    return np.trace(first @ vertex @ second @ bar).real


def scalar_square(coefficients, h, k_1, k_2, m_1, m_2):
    values = {"S": h["S"], "P": h["P"]}
    values |= {key: dot(h[key], k_1 - k_2) for key in "VA"}
    return abs(sum(c * values[name] for name, c in coefficients.items())) ** 2


def strength(k, e):
    return 1j * (np.outer(k, e) - np.outer(e, k))


def vector_amplitude(name, h, k_1, k_2, e_1, e_2):
    q = k_1 + k_2
    low = bf.METRIC
    outer = np.outer(e_1, e_2)
    odd, even = outer - outer.T, outer + outer.T
    if name in ("S", "P"):
        return h[name] * dot(e_1, e_2)
    if name == "T1":
        return 0.5j * np.sum(low @ h["T"] @ low * odd)
    if name == "T2":
        return 0.5 * np.sum(low @ times_gamma_5(h["T"]) @ low * odd)
    if name[1:].startswith("F"):
        one, other = strength(k_1, e_1), low @ strength(k_2, e_2) @ low
        if name.endswith("t"):
            dual = 0.5 * np.einsum("mnrs,rs->mn", bf.EPSILON, other)
            other = low @ dual @ low
        return h[name[0]] * np.sum(one * other)
    current = bf.lower(h[name[0]])
    lowered = low @ outer @ low
    results = {
        "2": lambda: current @ even @ (1j * bf.lower(q)),
        "3": lambda: np.einsum(
            "mnrs,m,n,rs", bf.EPSILON, current, 1j * bf.lower(k_2 - k_1), lowered
        ),
        "4": lambda: current @ (k_1 - k_2) * dot(e_1, e_2),
        "5": lambda: current @ odd @ (-bf.lower(q)),
        "6": lambda: np.einsum("mnrs,m,n,rs", bf.EPSILON, current, -bf.lower(q), lowered),
    }
    return results[name[1]]()


def vector_square(coefficients, h, k_1, k_2, m_1, m_2, real=False):
    total = 0.0
    for e_1 in bf.polarisations(k_1, m_1):
        for e_2 in bf.polarisations(k_2, m_2):
            pairs = [(k_1, k_2, e_1, e_2)] + ([(k_2, k_1, e_2, e_1)] if real else [])
            value = sum(
                c * vector_amplitude(name, h, *pair)
                for name, c in coefficients.items()
                for pair in pairs
            )
            total += abs(value / len(pairs)) ** 2
    return total


def explicit_width(channel, square, coefficients, m_1, m_2, q2, **options):
    """dGamma/dq2 in GeV^-1."""

    def constant(name):
        return float(INPUTS.constant(name)[0])

    kaon = channel == "B+->K+"
    m_b = constant("m_Bplus" if kaon else "m_B0")
    m_m = constant("m_Kplus" if kaon else "m_Kstar0")
    process, make = ("B->K", bf.kaon_elements) if kaon else ("B->K*", bf.kstar_elements)
    quarks = (constant("m_b"), constant("m_s"))
    p, k, elements = make(bf.form_factors(INPUTS, process, q2), m_b, m_m, quarks, q2)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    total = 0.0
    for cosine, weight in zip(nodes, weights, strict=True):
        k_1, k_2, momentum = pair_momenta(p - k, m_1, m_2, cosine)
        for element in elements:
            h = quark(element)
            total += 0.5 * weight * square(coefficients, h, k_1, k_2, m_1, m_2, **options)
    pair = momentum / (4 * np.pi * np.sqrt(q2))
    recoil = np.linalg.norm(k[1:]) / (4 * np.pi * m_b)
    return total * pair * recoil / (2 * np.pi) / (2 * m_b)


# Couplings of the dark scalar outside quark transitions.
DIAGONAL = ("phi0_S_uu", "phi0_S_dd", "phi0_S_ss", "phi0_kappa")


def names_of(prefix):
    names = [name for name in WILSON_NAMES if name not in DIAGONAL]
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def operators(prefix):
    return [name for name in names_of(prefix) if not name.endswith(("_bd", "_cu", "_sd"))]


# Prefix, squared amplitude, masses by name, options, factor of identical particles.
SECTORS = {
    "complex scalar": ("phi_", scalar_square, {"m_phi": 0.7}, {}, 1.0),
    "real scalar": ("phi0_", scalar_square, {"m_phi0": 0.7}, {}, 0.5),
    "Dirac": ("chi_", fermion_square, {"m_chi": 0.9}, {}, 1.0),
    "unequal Dirac": ("chi_", fermion_square, {"m_chi": 0.4, "m_chi2": 1.1}, {}, 1.0),
    "Majorana": ("chi0_", fermion_square, {"m_chi0": 0.9}, {"majorana": True}, 0.5),
    "complex vector": ("X_", vector_square, {"m_X": 0.8}, {}, 1.0),
    "real vector": ("X0_", vector_square, {"m_X0": 0.8}, {"real": True}, 0.5),
    "nu N": ("nuN_", fermion_square, {"nu": 0.0, "m_N": 1.2}, {}, 1.0),
    "N N": ("NN_", fermion_square, {"m_N": 0.6}, {}, 1.0),
    "N N'": ("NN_", fermion_square, {"m_N": 0.6, "m_N2": 0.3}, {}, 1.0),
}


def compare(channel, sector, coefficients, q2):
    prefix, square, masses, options, factor = SECTORS[sector]
    m_1, m_2 = next(iter(masses.values())), list(masses.values())[-1]
    expected = factor * explicit_width(channel, square, coefficients, m_1, m_2, q2, **options)
    given = {name: value for name, value in masses.items() if name in WILSON_NAMES}
    wilson = Wilson({prefix + name: value for name, value in coefficients.items()} | given)
    got = differential_width(channel, dark_terms(wilson, INPUTS), INPUTS, [q2])[0, 0]
    return got, expected


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize("sector", list(SECTORS))
@pytest.mark.parametrize("q2", [4.1, 12.0])
def test_all_operators_together(channel, sector, q2):
    rng = np.random.default_rng(11)
    names = operators(SECTORS[sector][0])
    coefficients = dict(zip(names, rng.normal(size=(len(names), 2)) @ [1, 1j], strict=True))
    got, expected = compare(channel, sector, coefficients, q2)
    assert got == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize(
    ("sector", "name"),
    [(sector, name) for sector in SECTORS for name in operators(SECTORS[sector][0])],
)
def test_each_operator(channel, sector, name):
    got, expected = compare(channel, sector, {name: 1.0}, 7.3)
    assert got == pytest.approx(expected, rel=1e-11, abs=1e-20)


def test_majorana_fields_have_no_vector_or_tensor_current():
    assert set(operators("chi0_")) == {name for name in FERMION_OPERATORS if name[1] not in "VT"}
    h = {"S": 0.3, "P": 0.2j, "V": np.arange(4.0), "A": np.ones(4), "T": np.zeros((4, 4))}
    h["T"][1, 2], h["T"][2, 1] = 1.0, -1.0
    for name in FERMION_OPERATORS:
        k_1, k_2, _ = pair_momenta(np.array([4.0, 0, 1.0, 2.0]), 0.9, 0.9, 0.3)
        value = fermion_square({name: 1.0}, h, k_1, k_2, 0.9, 0.9, majorana=True)
        assert (abs(value) < 1e-12) == (name[1] in "VT")


def test_real_vectors_keep_only_what_is_even_under_charge_conjugation():
    assert {*operators("X0_")} == {
        name
        for name in VECTOR_OPERATORS
        if name[:2] not in ("T1", "T2", "V4", "V5", "V6") and name[:2] not in ("A4", "A5", "A6")
    }


def explicit_single(channel, couplings, mass):
    """Two-body width with explicit polarisation vectors of the emitted particle."""

    def constant(name):
        return float(INPUTS.constant(name)[0])

    kaon = channel == "B+->K+"
    m_b = constant("m_Bplus" if kaon else "m_B0")
    m_m = constant("m_Kplus" if kaon else "m_Kstar0")
    process, make = ("B->K", bf.kaon_elements) if kaon else ("B->K*", bf.kstar_elements)
    quarks = (constant("m_b"), constant("m_s"))
    factors = bf.form_factors(INPUTS, process, mass**2)
    p, k, elements = make(factors, m_b, m_m, quarks, mass**2)
    q = p - k
    total = 0.0
    for element in elements:
        h = quark(element)
        derivative = couplings.get("k_V", 0) * h["V"] + couplings.get("k_A", 0) * h["A"]
        scalar = couplings.get("g_S", 0) * h["S"] + couplings.get("g_P", 0) * h["P"]
        total += abs(scalar + 1j * dot(derivative, q)) ** 2
        tensor = couplings.get("d_T", 0) * h["T"]
        tensor = tensor + couplings.get("d_T5", 0) * times_gamma_5(h["T"])
        vector = couplings.get("g_V", 0) * h["V"] + couplings.get("g_A", 0) * h["A"]
        for e in bf.polarisations(q, mass):
            field = bf.METRIC @ strength(q, e) @ bf.METRIC
            total += abs(dot(vector, e) + np.sum(tensor * field)) ** 2
    return total * np.linalg.norm(k[1:]) / (8 * np.pi * m_b**2)


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize("mass", [0.3, 1.7])
def test_single_particle(channel, mass):
    rng = np.random.default_rng(5)
    names = ("g_S", "g_P", "k_V", "k_A", "g_V", "g_A", "d_T", "d_T5")
    # Scalar and vector particles do not interfere: the widths of the two add up.
    couplings = dict(zip(names, rng.normal(size=(len(names), 2)) @ [1, 1j], strict=True))
    wilson = Wilson({**couplings, "m_1": mass})
    got = binned_width(channel, dark_terms(wilson, INPUTS), INPUTS, [0.0, 1.0, 10.0, 25.0])[0]
    inside = 0 if mass < 1.0 else 1
    assert got[inside] == pytest.approx(explicit_single(channel, couplings, mass), rel=1e-11)
    np.testing.assert_array_equal(np.delete(got, inside), 0.0)


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize("q2", [5.0, 9.0, 14.0])
def test_mediators(channel, q2):
    """Exchange with the propagator written out, scalar and derivative couplings together."""
    mass, width, m_chi = 3.0, 0.4, 0.5
    pole = mass**2 - 1j * mass * width

    def scalar_exchange(c, h, k_1, k_2, m_1, m_2):
        q = k_1 + k_2
        total = 0.0
        # Different dark currents have couplings of their own, but S and P never interfere.
        for dark, matrix in (("S", UNIT), ("P", 1j * bf.GAMMA_5)):
            source = sum(c[x + dark] * h[x] for x in "SP")
            source += 1j * sum(c[f"D{x}{dark}"] * dot(h[x], q) for x in "VA")
            vertex = source * matrix / (q2 - pole)
            bar = bf.GAMMA[0] @ vertex.conj().T @ bf.GAMMA[0]
            first, second = bf.slash(k_1) + m_1 * UNIT, bf.slash(k_2) - m_2 * UNIT
            total += np.trace(first @ vertex @ second @ bar).real
        return total

    def vector_exchange(c, h, k_1, k_2, m_1, m_2):
        q = k_1 + k_2
        propagator = (-bf.METRIC + np.outer(bf.lower(q), bf.lower(q)) / pole) / (q2 - pole)
        vertex = np.zeros((4, 4), dtype=complex)
        for dark, matrix in (("V", UNIT), ("A", bf.GAMMA_5)):
            source = sum(c[x + dark] * h[x] for x in "VA")
            vertex += np.einsum("m,mn,nij->ij", source, propagator, bf.GAMMA) @ matrix
        bar = bf.GAMMA[0] @ vertex.conj().T @ bf.GAMMA[0]
        first, second = bf.slash(k_1) + m_1 * UNIT, bf.slash(k_2) - m_2 * UNIT
        return np.trace(first @ vertex @ second @ bar).real

    rng = np.random.default_rng(2)
    for exchange, names in (
        (scalar_exchange, [n for n in operators("med_") if n[-1] in "SP" and n[0] not in "VA"]),
        (vector_exchange, ["VV", "VA", "AV", "AA"]),
    ):
        c = dict(zip(names, rng.normal(size=(len(names), 2)) @ [1, 1j], strict=True))
        expected = explicit_width(channel, exchange, c, m_chi, m_chi, q2)
        given = {"m_med": mass, "Gamma_med": width, "m_chi": m_chi}
        wilson = Wilson({f"med_{name}": value for name, value in c.items()} | given)
        got = differential_width(channel, dark_terms(wilson, INPUTS), INPUTS, [q2])[0, 0]
        assert got == pytest.approx(expected, rel=1e-11)
