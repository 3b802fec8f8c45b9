"""Matching of leptoquarks against golden numbers and an expansion in explicit components.

The expansion knows nothing of SMEFT: Dirac, charge-conjugation and SU(2) matrices are written out,
fields are moved to the order qbar q lbar l with the signs of Fermi statistics, and neutrinos,
charged leptons and the charged current are read off one by one.
"""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.models.heavy.leptoquark_matching import (
    LEPTOQUARKS,
    PAIRS,
    bottom_coefficients,
    box_coefficient,
    box_product,
    smeft_coefficients,
    up_couplings,
)
from dirac import CONJUGATION, EPSILON, GAMMA, LEFT, METRIC, PAULI, RIGHT

GOLDEN = json.loads((Path(__file__).parent / "golden_leptoquarks.json").read_text())
GOLDEN_NAMES = {"S0": "S0", "S1": "S1", "St12": "S~1/2", "V12": "V1/2", "V1": "V1"}


def numbers(nested):
    return np.asarray(nested)[..., 0] + 1j * np.asarray(nested)[..., 1]


def random_couplings(n=4, seed=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3, 3)) + 1j * rng.normal(size=(n, 3, 3))


def product(first, second):
    """Tensor of (qbar G1 q)(lbar G2 l) with the Lorentz index contracted: [qbar, q, lbar, l]."""
    return sum(
        METRIC[mu, mu] * np.einsum("ab,cd->abcd", GAMMA[mu] @ first, GAMMA[mu] @ second)
        for mu in range(4)
    )


def bilinears(name):
    """Matrices of J in (spinor, SU(2)) of (q, l) or (qbar, l) for each component of the field."""
    lorentz = [np.eye(4)] if name.startswith("S") else GAMMA
    signs = [1.0] if name.startswith("S") else -np.diag(METRIC)  # -J^dagger_mu J^mu for vectors
    conjugate = LEPTOQUARKS[name].conjugate
    isospin = {
        "S0": [EPSILON],
        "S1": [EPSILON @ tau for tau in PAULI],
        "V1": list(PAULI),
        "S~1/2": [EPSILON[[0]], EPSILON[[1]]],
        "V1/2": [EPSILON[[0]], EPSILON[[1]]],
    }[name]
    return [
        (sign, np.einsum("ab,rs->arbs", (CONJUGATION if conjugate else np.eye(4)) @ gamma, t))
        for sign, gamma in zip(signs, lorentz, strict=True)
        for t in isospin
    ]


def exchange(name):
    """sum J^dagger J for unit couplings: tensor [qbar, r, q, s, lbar, t, l, u] of spinor, SU(2)."""
    doublet = LEPTOQUARKS[name].doublet
    quark = LEFT if doublet else RIGHT
    total = 0.0
    for sign, matrix in bilinears(name):
        if LEPTOQUARKS[name].conjugate:
            # J = q_a M_ab l_b; J^dagger = lbar_c (g0 M^dagger g0^T)_cd qbar_d.
            m = np.einsum("axby,ac,bd->cxdy", matrix, quark, LEFT)
            bar = np.einsum("cb,axby,ad->cydx", GAMMA[0], m.conj(), GAMMA[0])
            # lbar_c qbar_a q_b l_d -> qbar_a q_b lbar_c l_d: two exchanges.
            total = total + sign * np.einsum("ctar,bsdu->arbsctdu", bar, m)
        else:
            # J = qbar_a M_ab l_b; J^dagger = lbar_c (g0 M^dagger g0)_cd q_d.
            m = np.einsum("axby,bd->axdy", matrix, LEFT)
            bar = np.einsum("cb,axby,ad->cydx", GAMMA[0], m.conj(), GAMMA[0])
            project = np.einsum("axby,bd->axdy", bar, quark)
            # lbar_c q_b qbar_a l_d -> qbar_a q_b lbar_c l_d: three exchanges.
            total = total - sign * np.einsum("ctbs,ardu->arbsctdu", project, m)
    return total


def projected(tensor, reference):
    """The number c of tensor = c reference, after a check that nothing is left."""
    coefficient = np.vdot(reference, tensor) / np.vdot(reference, reference)
    np.testing.assert_allclose(tensor, coefficient * reference, atol=1e-14)
    return coefficient


@pytest.mark.parametrize("name", list(LEPTOQUARKS))
def test_components(name):
    field = LEPTOQUARKS[name]
    found = exchange(name)
    weight = {key: field.weights.get(key, 0.0) for key in ("lq1", "lq3", "ld")}
    up, down, neutrino, electron = 0, 1, 0, 1
    if not field.doublet:
        reference = product(RIGHT, LEFT)
        for lepton in (neutrino, electron):
            got = projected(found[:, 0, :, 0, :, lepton, :, lepton], reference)
            assert got == pytest.approx(weight["ld"])
        assert not np.any(found[:, 0, :, 0, :, neutrino, :, electron])
        return
    reference = product(LEFT, LEFT)
    neutrinos = projected(found[:, down, :, down, :, neutrino, :, neutrino], reference)
    electrons = projected(found[:, down, :, down, :, electron, :, electron], reference)
    charged = projected(found[:, up, :, down, :, electron, :, neutrino], reference)
    tops = projected(found[:, up, :, up, :, electron, :, electron], reference)
    assert neutrinos == pytest.approx(weight["lq1"] - weight["lq3"])
    assert electrons == pytest.approx(weight["lq1"] + weight["lq3"])
    assert charged == pytest.approx(2.0 * weight["lq3"])
    assert tops == pytest.approx(neutrinos)
    # What the fields are known for: (nu, l, charged current) of S0, S1 and V1.
    expected = {"S0": (0.5, 0.0, -0.5), "S1": (0.5, 1.0, 0.5), "V1": (-2.0, -1.0, 1.0)}[name]
    assert (neutrinos, electrons, charged) == pytest.approx(expected)


@pytest.mark.parametrize("short", list(GOLDEN_NAMES))
def test_golden_coefficients(short):
    golden = GOLDEN[f"lq.{short}"]
    couplings = numbers(golden["inputs"]["lam"])[None]
    mass = np.array([golden["inputs"]["M"]])
    found = smeft_coefficients(LEPTOQUARKS[GOLDEN_NAMES[short]], couplings, mass)
    named = {"lq1": "C_lq1", "lq3": "C_lq3", "ld": "C_ld"}
    assert {named[key] for key in found} == {k for k in golden["outputs"] if k in named.values()}
    for key, array in found.items():
        expected = numbers(golden["outputs"][named[key]])
        np.testing.assert_allclose(array[0, :, :, 1, 2], expected, rtol=golden["rtol"])


@pytest.mark.parametrize("name", list(LEPTOQUARKS))
def test_flavour_indices(name):
    """C[ij,kl] for couplings of one quark and lepton to another; hermitian; [ij,k3] is a part."""
    field, couplings = LEPTOQUARKS[name], random_couplings()
    mass = np.array([900.0, 1500.0, 2000.0, 5e3])
    found = smeft_coefficients(field, couplings, mass)
    part = bottom_coefficients(field, couplings, mass)
    assert set(found) == set(part) == set(field.weights)
    for key, array in found.items():
        np.testing.assert_allclose(array, array.conj().transpose(0, 2, 1, 4, 3), rtol=1e-13)
        np.testing.assert_allclose(part[key], array[..., 2], rtol=1e-13)
        for i, j, k, m in [(0, 1, 1, 2), (2, 0, 0, 1), (1, 2, 2, 2)]:
            legs = (
                couplings[:, k, i].conj() * couplings[:, m, j]
                if field.conjugate
                else couplings[:, k, j] * couplings[:, m, i].conj()
            )
            expected = field.weights[key] * legs / mass**2
            np.testing.assert_allclose(array[:, i, j, k, m], expected, rtol=1e-13)


def test_golden_boxes():
    golden = GOLDEN["lq.box"]
    couplings = numbers(golden["inputs"]["lam"])[None]
    mass = np.array([golden["inputs"]["M"]])
    for short, expected in golden["outputs"].items():
        got = box_coefficient(LEPTOQUARKS[GOLDEN_NAMES[short]], couplings, mass, "bs")
        np.testing.assert_allclose(got, [complex(*expected)], rtol=golden["rtol"])


@pytest.mark.parametrize("name", ["S0", "S1", "S~1/2"])
def test_boxes_of_other_quarks(name):
    field, couplings = LEPTOQUARKS[name], random_couplings()
    mass = np.array([2000.0])
    for pair, (out, into) in PAIRS.items():
        legs = np.sum(couplings[:, out].conj() * couplings[:, into], axis=1)
        legs = legs if field.conjugate else legs.conj()
        expected = field.box[1] * legs**2 / (128 * np.pi**2 * mass**2)
        got = box_coefficient(field, couplings, mass, pair)
        np.testing.assert_allclose(got, expected, rtol=1e-13)
    # Exchange of the two quarks is the conjugate, so M_12 of the other meson is too.
    swapped = couplings[:, [0, 2, 1]]
    np.testing.assert_allclose(
        box_coefficient(field, swapped, mass, "bs"),
        box_coefficient(field, couplings, mass, "bs").conj(),
    )


@pytest.mark.parametrize("name", ["S0", "S1", "S~1/2"])
def test_sign_and_size_of_boxes(name):
    """Positive as in the Standard Model where couplings are real; grows as M^2 at fixed C_R."""
    field = LEPTOQUARKS[name]
    mass = np.array([1000.0, 2000.0, 4000.0])
    couplings = np.zeros((3, 3, 3), dtype=complex)
    couplings[:, 1, 2], couplings[:, 2, 2] = mass / 2e3, -0.3 * mass / 2e3
    tree = next(iter(bottom_coefficients(field, couplings, mass).values()))[:, 2, 2, 1]
    box = box_coefficient(field, couplings, mass, "bs")
    np.testing.assert_allclose(tree, tree[0])
    assert np.all(box.real > 0.0)
    np.testing.assert_allclose(box.imag, 0.0)
    np.testing.assert_allclose(box / box[0], [1.0, 4.0, 16.0])


def antisymmetric(tensor):
    """Tensor [qbar, q, qbar, q] of multi-indices, antisymmetric in both kinds of field."""
    result = 0.0
    for first in permutations((0, 2)):
        for second in permutations((1, 3)):
            sign = (1 if first == (0, 2) else -1) * (1 if second == (1, 3) else -1)
            result = result + sign * tensor.transpose(first[0], second[0], first[1], second[1])
    return result


def quark_product(first, second, crossed):
    """(sbar G1 b)(sbar G2 b), colours straight or crossed, as a tensor [sbar, b, sbar, b]."""
    colour = np.einsum("ad,cb->abcd" if crossed else "ab,cd->abcd", np.eye(3), np.eye(3))
    tensor = np.einsum("abcd,efgh->aebfcgdh", product(first, second), colour)
    return antisymmetric(tensor.reshape(12, 12, 12, 12))


def test_fierz_identity_of_the_box():
    """(b^T C nu)(nubar C sbar^T) with a massless propagator is -(sbar gamma b); colours cross."""
    for mu in range(4):
        chain = CONJUGATION @ GAMMA[mu] @ CONJUGATION
        np.testing.assert_allclose(chain.T, GAMMA[mu])
    straight = quark_product(LEFT, LEFT, crossed=False)
    np.testing.assert_allclose(quark_product(LEFT, LEFT, crossed=True), straight, atol=1e-14)


def test_weak_components_of_the_boxes():
    """Leptons of a quark have one charge each, so the squared weights of the components add."""
    for name, expected in (("S0", 1.0), ("S1", 5.0), ("S~1/2", 2.0)):
        squares = {"up": [], "down": []}
        isospin = {
            "S0": [EPSILON],
            # The charge eigenstates (S^1 -+ i S^2)/sqrt 2 and S^3.
            "S1": [
                EPSILON @ (PAULI[0] + 1j * PAULI[1]) / np.sqrt(2.0),
                EPSILON @ (PAULI[0] - 1j * PAULI[1]) / np.sqrt(2.0),
                EPSILON @ PAULI[2],
            ],
            "S~1/2": [EPSILON[[0]], EPSILON[[1]]],
        }[name]
        for matrix in isospin:
            rows = {"up": 0, "down": -1}
            for quark, row in rows.items():
                squares[quark] += [abs(x) ** 4 for x in matrix[row] if x]
        assert sum(squares["down"]) == pytest.approx(expected)
        assert LEPTOQUARKS[name].box[1] == expected
        if LEPTOQUARKS[name].doublet:
            assert sum(squares["up"]) == pytest.approx(expected)


def test_copies_in_a_box():
    """Two copies with the same couplings are sqrt(2) times one coupling, in one direction."""
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(2, 3, 1, 3)) + 1j * rng.normal(size=(2, 3, 1, 3))
    one = box_product(first, second)
    np.testing.assert_allclose(box_product(first.repeat(2, 1), second.repeat(2, 1)), 4.0 * one)
    # A rotation of the copies among themselves is only a choice of basis.
    first, second = rng.normal(size=(2, 3, 2, 3)) + 1j * rng.normal(size=(2, 3, 2, 3))
    turn = np.array([[0.6, 0.8j], [0.8j, 0.6]])
    np.testing.assert_allclose(
        box_product(np.einsum("ab,nbi->nai", turn, first), np.einsum("ab,nbi->nai", turn, second)),
        box_product(first, second),
    )
    # Leptons that differ from copy to copy: only the diagonal chains are left.
    first = np.zeros((1, 2, 3))
    first[0, 0, 1], first[0, 1, 2] = 0.4, 0.7
    np.testing.assert_allclose(box_product(first, first), 0.4**4 + 0.7**4)


def test_up_couplings():
    angle = 0.3
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    ckm = np.eye(3, dtype=complex)
    ckm[:2, :2] = turn
    ckm = ckm @ np.diag(np.exp([0.1j, -0.4j, 0.7j]))
    couplings = random_couplings()
    found = up_couplings(couplings, ckm[None])
    np.testing.assert_allclose(found, np.einsum("aq,nql->nal", ckm.conj(), couplings))
    # In the basis of the doublets the coupling is that of the down quarks.
    np.testing.assert_allclose(np.einsum("aq,nal->nql", ckm, found), couplings)


@pytest.mark.parametrize("name", ["V1", "V1/2"])
def test_no_box_of_vectors(name):
    with pytest.raises(PredictionError, match=f"box of {name} depends"):
        box_coefficient(LEPTOQUARKS[name], random_couplings(), np.array([2e3]), "bs")
