"""Squarks as leptoquarks, sneutrino exchange, and the signs of boxes with both chiralities."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.models.heavy.leptoquark_matching import (
    LEPTOQUARKS,
    PAIRS,
    bottom_coefficients,
    box_coefficient,
    up_couplings,
)
from bsinv.models.heavy.rpv_matching import (
    doublet_squark_box,
    doublet_squark_exchange,
    mixed_squark_box,
    singlet_squark_box,
    singlet_squark_exchange,
    sneutrino_exchange,
)
from bsinv.physics.ckm import ckm_matrix
from bsinv.physics.inputs import Inputs
from dirac import CONJUGATION, GAMMA, LEFT, METRIC, RIGHT

GOLDEN = json.loads((Path(__file__).parent / "golden_leptoquarks.json").read_text())
MASS = np.array([1500.0, 2000.0, 3000.0])


def random_couplings(n=3, seed=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3, 3, 3)) + 1j * rng.normal(size=(n, 3, 3, 3))


def only(**entries):
    """Couplings that are zero but for those named, as in c332=0.5."""
    couplings = np.zeros((1, 3, 3, 3), dtype=complex)
    for name, value in entries.items():
        couplings[(0, *(int(digit) - 1 for digit in name[1:]))] = value
    return couplings


def test_golden():
    golden = GOLDEN["rpv.match"]
    given = golden["inputs"]
    couplings = np.array(given["lamp"], dtype=complex)[None]
    mass = np.array([given["m_squark"]])
    n = np.pi * given["alpha_inv"] / (np.sqrt(2.0) * given["G_F"] * given["lambda_t"])
    left = singlet_squark_exchange(couplings, mass)
    right = doublet_squark_exchange(couplings, mass)
    rtol = golden["rtol"]
    got = n * (left["lq1"] - left["lq3"])[0, :, :, 1]
    np.testing.assert_allclose(got, golden["outputs"]["C_L"], rtol=rtol)
    np.testing.assert_allclose(n * right["ld"][0, :, :, 1], golden["outputs"]["C_R"], rtol=rtol)
    sneutrino = sneutrino_exchange(couplings, np.array([given["m_sneutrino"]]), "bs")
    # That of L, and here that of H.
    np.testing.assert_allclose(sneutrino, [-golden["outputs"]["L_SLR_bsbs"]], rtol=rtol)


def test_written_out():
    couplings = random_couplings()
    left = singlet_squark_exchange(couplings, MASS)
    right = doublet_squark_exchange(couplings, MASS)
    assert set(left) == {"lq1", "lq3"}
    assert set(right) == {"ld"}
    np.testing.assert_allclose(left["lq3"], -left["lq1"])
    for i, j, q in [(0, 2, 1), (1, 1, 0), (2, 0, 2)]:
        expected = sum(couplings[:, i, q, k].conj() * couplings[:, j, 2, k] for k in range(3))
        np.testing.assert_allclose(left["lq1"][:, i, j, q], expected / (4 * MASS**2))
        expected = sum(couplings[:, j, m, q] * couplings[:, i, m, 2].conj() for m in range(3))
        np.testing.assert_allclose(right["ld"][:, i, j, q], -expected / (2 * MASS**2))


@pytest.mark.parametrize("copy", range(3))
def test_one_squark_is_a_leptoquark(copy):
    couplings = random_couplings()
    ckm = ckm_matrix(Inputs.default())
    one = np.zeros_like(couplings)
    one[..., copy] = couplings[..., copy]
    leptoquark = couplings[..., copy].transpose(0, 2, 1)
    field = LEPTOQUARKS["S0"]
    for key, array in bottom_coefficients(field, leptoquark, MASS).items():
        np.testing.assert_allclose(singlet_squark_exchange(one, MASS)[key], array)
    for pair in PAIRS:
        up = pair == "cu"
        used = up_couplings(leptoquark, ckm) if up else leptoquark
        np.testing.assert_allclose(
            singlet_squark_box(one, MASS, pair, ckm if up else None),
            box_coefficient(field, used, MASS, pair),
        )
    one = np.zeros_like(couplings)
    one[:, :, copy] = couplings[:, :, copy]
    leptoquark = couplings[:, :, copy].transpose(0, 2, 1)
    field = LEPTOQUARKS["S~1/2"]
    expected = bottom_coefficients(field, leptoquark, MASS)["ld"]
    np.testing.assert_allclose(doublet_squark_exchange(one, MASS)["ld"], expected)
    for pair in ("bs", "bd", "sd"):
        expected = box_coefficient(field, leptoquark, MASS, pair)
        np.testing.assert_allclose(doublet_squark_box(one, MASS, pair), expected)


def test_boxes_written_out():
    couplings = random_couplings(1)
    mass = np.array([2000.0])
    for pair in ("bs", "bd", "sd"):
        p, q = PAIRS[pair]
        left = right = mixed = 0.0
        for i in range(3):
            for j in range(3):
                for a in range(3):
                    for b in range(3):
                        c, d = couplings[0, i], couplings[0, j]
                        left += c[p, a].conj() * c[q, b] * d[p, b].conj() * d[q, a]
                        right += c[a, p] * c[b, q].conj() * d[b, p] * d[a, q].conj()
                        mixed += c[q, a] * c[b, q].conj() * d[p, a].conj() * d[b, p]
        unit = 1.0 / (128 * np.pi**2 * mass**2)
        np.testing.assert_allclose(singlet_squark_box(couplings, mass, pair), left * unit)
        np.testing.assert_allclose(doublet_squark_box(couplings, mass, pair), 2 * right * unit)
        np.testing.assert_allclose(mixed_squark_box(couplings, mass, mass, pair), -2 * mixed * unit)


def quark_product(first, second):
    """(sbar gamma G1 b)(sbar gamma G2 b) with straight colours: [sbar, b, sbar, b]."""
    spin = sum(
        METRIC[mu, mu] * np.einsum("ab,cd->abcd", GAMMA[mu] @ first, GAMMA[mu] @ second)
        for mu in range(4)
    )
    colour = np.einsum("ab,cd->abcd", np.eye(3), np.eye(3))
    return np.einsum("abcd,efgh->aebfcgdh", spin, colour).reshape(12, 12, 12, 12)


def antisymmetric(tensor):
    """Part of a tensor [sbar, b, sbar, b] that is odd under exchange of equal fields."""
    tensor = tensor - tensor.transpose(2, 1, 0, 3)
    return tensor - tensor.transpose(0, 3, 2, 1)


def test_sign_of_the_mixed_box():
    """(b^T C gamma b_R)(sbar_R gamma C sbar^T) is -(sbar gamma P_L b)(sbar gamma P_R b)."""
    # sbar P_L belongs to the right-handed field, sbar P_R to the left-handed one.
    first = [LEFT.T @ CONJUGATION @ GAMMA[mu] @ RIGHT for mu in range(4)]
    second = [LEFT @ GAMMA[mu] @ CONJUGATION @ RIGHT.T for mu in range(4)]
    # b_a b_b sbar_c sbar_d -> sbar_c b_a sbar_d b_b: an odd number of exchanges. The squarks carry
    # the colour of b_L to sbar_L and that of sbar_R to b_R.
    spin = -sum(METRIC[mu, mu] * np.einsum("ab,cd->cadb", first[mu], second[mu]) for mu in range(4))
    colour = np.einsum("ad,bc->cadb", np.eye(3), np.eye(3))
    found = np.einsum("abcd,efgh->aebfcgdh", spin, colour).reshape(12, 12, 12, 12)
    assert np.any(found)
    np.testing.assert_allclose(
        antisymmetric(found), antisymmetric(-quark_product(LEFT, RIGHT)), atol=1e-14
    )


def test_sign_of_the_box_of_one_chirality():
    """The same steps for (b^T C gamma C sbar^T)^2, whose sign and factor 1/2 are the reference."""
    chain = [LEFT.T @ CONJUGATION @ GAMMA[mu] @ CONJUGATION @ RIGHT.T for mu in range(4)]
    # b_a sbar_b b_c sbar_d -> sbar_b b_a sbar_d b_c: an even number of exchanges.
    spin = sum(METRIC[mu, mu] * np.einsum("ab,cd->badc", chain[mu], chain[mu]) for mu in range(4))
    colour = np.einsum("ad,bc->badc", np.eye(3), np.eye(3))
    found = np.einsum("abcd,efgh->aebfcgdh", spin, colour).reshape(12, 12, 12, 12)
    np.testing.assert_allclose(
        antisymmetric(found), antisymmetric(quark_product(LEFT, LEFT)), atol=1e-14
    )


def test_mixed_box_of_unequal_masses():
    couplings = random_couplings()
    equal = mixed_squark_box(couplings, MASS, MASS, "bs")
    near = mixed_squark_box(couplings, MASS * (1 + 1e-9), MASS, "bs")
    np.testing.assert_allclose(near, equal, rtol=1e-8)
    got = mixed_squark_box(couplings, MASS, 2.0 * MASS, "bs")
    np.testing.assert_allclose(got, equal * np.log(4.0) / 3.0)
    np.testing.assert_allclose(mixed_squark_box(couplings, 2.0 * MASS, MASS, "bs"), got)


def test_one_chirality_makes_no_mixed_box():
    """One common quark index in all couplings is not enough: left and right need their own."""
    only_left = only(c333=0.5, c323=0.4)
    assert not mixed_squark_box(only_left, MASS[:1], MASS[:1], "bs").any()
    assert not sneutrino_exchange(only_left, MASS[:1], "bs").any()
    assert singlet_squark_box(only_left, MASS[:1], "bs")[0].real > 0.0
    assert not doublet_squark_box(only_left, MASS[:1], "bs").any()


def test_sneutrino_written_out():
    couplings = random_couplings()
    for pair, (out, into) in PAIRS.items():
        if pair == "cu":
            continue
        legs = sum(couplings[:, i, into, out] * couplings[:, i, out, into].conj() for i in range(3))
        np.testing.assert_allclose(sneutrino_exchange(couplings, MASS, pair), -legs / MASS**2)
    # lambda'_i32 lambda'*_i23 of bs.
    got = sneutrino_exchange(only(c332=0.2j, c323=0.5), np.array([1000.0]), "bs")
    np.testing.assert_allclose(got, [-0.1j * 1e-6])
