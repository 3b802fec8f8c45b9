"""Leptoquarks integrated out: operators of dimension six at tree level, mixing from boxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ...errors import PredictionError
from ...physics.arrays import Array

__all__ = [
    "LEPTOQUARKS",
    "PAIRS",
    "Leptoquark",
    "bottom_coefficients",
    "box_coefficient",
    "box_product",
    "smeft_coefficients",
    "strange_coefficients",
    "up_couplings",
]


@dataclass(frozen=True)
class Leptoquark:
    """What distinguishes one leptoquark field from another.

    Attributes
    ----------
    name : str
        As in the names of the models.
    latex : str
        Symbol, without dollar signs.
    vector : bool
        Whether it has spin 1.
    lagrangian, formula : str
        As a text, and its LaTeX as `Model.lagrangian`.
    conjugate : bool
        Whether the quark enters as qbar^c, so that the field carries fermion number 2.
    weights : mapping of str to float
        C M^2 over the product of two couplings, for each of C_lq1, C_lq3 and C_ld that it makes.
    box : (str, float) or None
        Operator and number F of the components in the box of meson mixing. None for vectors: their
        box diverges and depends on the theory above.
    """

    name: str
    latex: str
    vector: bool
    lagrangian: str
    formula: str
    conjugate: bool
    weights: Mapping[str, float]
    box: tuple[str, float] | None = None

    @property
    def doublet(self) -> bool:
        """Whether it couples to the quark doublet, and so to up quarks."""
        return "lq3" in self.weights


LEPTOQUARKS: Mapping[str, Leptoquark] = MappingProxyType(
    {
        field.name: field
        for field in (
            Leptoquark(
                "S0",
                "S_0",
                False,
                "lambda_ql qbar^c_q i tau_2 l_l S_0 + h.c.",
                r"\lambda_{ql}\,\bar q^c_q\,i\tau_2\,l_l\,S_0",
                True,
                {"lq1": 1 / 4, "lq3": -1 / 4},
                ("VLL", 1.0),
            ),
            Leptoquark(
                "S~1/2",
                r"\tilde S_{1/2}",
                False,
                "lambda_ql dbar_q l_l S~_1/2 + h.c.",
                r"\lambda_{ql}\,\bar d_q\,l_l\,\tilde S_{1/2}",
                False,
                {"ld": -1 / 2},
                ("VRR", 2.0),
            ),
            Leptoquark(
                "S1",
                "S_1",
                False,
                "lambda_ql qbar^c_q i tau_2 (tau.S_1) l_l + h.c.",
                r"\lambda_{ql}\,\bar q^c_q\,i\tau_2\,\vec\tau\cdot\vec S_1\,l_l",
                True,
                {"lq1": 3 / 4, "lq3": 1 / 4},
                ("VLL", 5.0),
            ),
            Leptoquark(
                "V1/2",
                "V_{1/2}",
                True,
                "lambda_ql dbar^c_q gamma_mu l_l V^mu_1/2 + h.c.",
                r"\lambda_{ql}\,\bar d^c_q\gamma_\mu\,l_l\,V^\mu_{1/2}",
                True,
                {"ld": 1.0},
            ),
            Leptoquark(
                "V1",
                "V_1",
                True,
                "lambda_ql qbar_q gamma_mu (tau.V^mu_1) l_l + h.c.",
                r"\lambda_{ql}\,\bar q_q\gamma_\mu\,\vec\tau\cdot\vec V^\mu_1\,l_l",
                False,
                {"lq1": -3 / 2, "lq3": 1 / 2},
            ),
        )
    }
)

# Quarks (q', q) of (q'bar Gamma q)^2 as indices of the three families, by the name of the pair.
PAIRS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"bs": (1, 2), "bd": (0, 2), "sd": (0, 1), "cu": (0, 1)}
)


def smeft_coefficients(field: Leptoquark, couplings: Array, mass: Array) -> dict[str, Array]:
    """SMEFT coefficients of the exchange of a leptoquark, all flavours.

    C[ij,kl] = w lambda*_ki lambda_lj/M^2 where the quark enters as qbar^c (S_0, S_1, V_1/2), and
    w lambda_kj lambda*_li/M^2 where as qbar (S~_1/2, V_1); i, j are the leptons and k, l the quarks
    of (lbar_i gamma l_j)(qbar_k gamma q_l). The weights w of

    ========  =====  =====  =====
    field     C_lq1  C_lq3  C_ld
    ========  =====  =====  =====
    S_0        1/4   -1/4     0
    S_1        3/4    1/4     0
    V_1       -3/2    1/2     0
    S~_1/2      0      0    -1/2
    V_1/2       0      0      1
    ========  =====  =====  =====

    follow from L = +J^dagger J/M^2 for scalars and -J^dagger_mu J^mu/M^2 for vectors with
    L = J X + h.c.; triplets have canonically normalised complex Cartesian components. The fields
    are S_1, R~_2, S_3, V_2 and U_3 of the review arXiv:1603.04993.

    Parameters
    ----------
    field : Leptoquark
    couplings : (n, 3, 3) complex array
        [quark, lepton], in the basis of mass eigenstates of down quarks and charged leptons.
    mass : (1,) or (n,) array, GeV

    Returns
    -------
    dict of "lq1", "lq3", "ld" to (n, 3, 3, 3, 3) array, GeV^-2
        [i, j, k, l]; coefficients that the field does not make are left out.
    """
    return _exchange(field, couplings, couplings, mass)


def bottom_coefficients(field: Leptoquark, couplings: Array, mass: Array) -> dict[str, Array]:
    """SMEFT coefficients [ij,k3] of the exchange of a leptoquark, see `smeft_coefficients`.

    Returns
    -------
    dict of "lq1", "lq3", "ld" to (n, 3, 3, 3) array, GeV^-2
        [i, j, k] with the leptons i, j and the quark k; the other quark is the b.
    """
    found = _exchange(field, couplings, couplings[:, 2:], mass)
    return {name: array[..., 0] for name, array in found.items()}


def strange_coefficients(field: Leptoquark, couplings: Array, mass: Array) -> dict[str, Array]:
    """SMEFT coefficients [ij,12] of the exchange of a leptoquark, see `smeft_coefficients`.

    Returns
    -------
    dict of "lq1", "lq3", "ld" to (n, 3, 3) array, GeV^-2
        [i, j] with the leptons i, j; for `bsinv.models.strange_down`.
    """
    found = _exchange(field, couplings[:, :1], couplings[:, 1:2], mass)
    return {name: array[..., 0, 0] for name, array in found.items()}


def _exchange(field: Leptoquark, couplings: Array, other: Array, mass: Array) -> dict[str, Array]:
    """Coefficients [ij,kl] with k a row of the couplings and l one of the other ones."""
    if field.conjugate:
        product = np.einsum("nki,nlj->nijkl", couplings.conj(), other)
    else:
        product = np.einsum("nkj,nli->nijkl", couplings, other.conj())
    product = product / (mass * mass)[:, None, None, None, None]
    return {name: weight * product for name, weight in field.weights.items()}


def up_couplings(couplings: Array, ckm: Array) -> Array:
    """Couplings to the up quarks of the doublets q_i = ((V^dagger u_L)_i, d_Li).

    The field of the i-th doublet is sum_a V*_ai u_a, so that a coupling to qbar^c (linear in q)
    becomes sum_q V*_aq lambda_ql.

    Parameters
    ----------
    couplings : (..., 3, 3) complex array
        [down quark, lepton].
    ckm : (..., 3, 3) complex array
        [up quark, down quark].

    Returns
    -------
    (..., 3, 3) complex array
        [up quark, lepton].
    """
    return np.asarray(ckm.conj() @ couplings)


def box_product(first: Array, second: Array) -> Array:
    """Product of four couplings in a box, summed over leptons and over copies of the leptoquark.

    sum_ab (sum_i l'*_ai l_bi)(sum_j l'*_bj l_aj) for copies a, b of one mass: each lepton joins one
    quark to the other, each leptoquark one pair of quarks to the other pair. For one copy it is
    (sum_i l'*_i l_i)^2.

    Parameters
    ----------
    first, second : (n, m, 3) complex arrays
        Couplings l' of the outgoing quark q' and l of the incoming q in (q'bar q)^2, for each of
        the m copies and the leptons.

    Returns
    -------
    (n,) complex array
    """
    chain = np.einsum("nai,nbi->nab", first.conj(), second)
    return np.asarray(np.einsum("nab,nba->n", chain, chain))


def box_coefficient(field: Leptoquark, couplings: Array, mass: Array, pair: str) -> Array:
    """Coefficient of (q'bar gamma_mu P q)^2 in H from the box with two scalar leptoquarks.

    C = F/(128 pi^2 M^2) (sum_i lambda*_q'i lambda_qi)^2 at the scale M, with F = 1 for S_0 and 5
    for S_1 (P_L), and F = 2 with lambda_q'i lambda*_qi for S~_1/2 (P_R); massless leptons,
    components of one mass. Agrees with arXiv:1511.01900 and arXiv:1712.06572.

    Parameters
    ----------
    field : Leptoquark
        One with a box.
    couplings : (n, 3, 3) complex array
        [quark, lepton]; for D mixing those of `up_couplings`.
    mass : (1,) or (n,) array, GeV
    pair : str
        A name of `PAIRS`: "bs", "bd", "sd", "cu".

    Returns
    -------
    (n,) complex array, GeV^-2

    Raises
    ------
    PredictionError
        For a vector leptoquark.
    """
    if field.box is None:
        raise PredictionError(f"the box of {field.name} depends on the theory above its mass.")
    given = couplings if field.conjugate else couplings.conj()
    out, into = PAIRS[pair]
    product = box_product(given[:, None, out], given[:, None, into])
    return np.asarray(field.box[1] * product / (128.0 * np.pi**2 * mass * mass))
