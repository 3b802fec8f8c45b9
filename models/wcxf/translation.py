"""The bases JMS and Bern of WCxf: which of their coefficients make those of the basis flavio.

JMS (arXiv:1709.04486) has L = sum C O with C in GeV^-2; Bern (arXiv:1704.06639) the same in units
of 4 G_F/sqrt 2 and other operators; the basis flavio stands beside G_F, CKM factors and alpha. Here
are the linear combinations with the units of JMS, without these factors: `PREFACTORS` are what they
are multiplied by. Flavours in names are those of the basis files of arXiv:1712.05298. Dipoles and
scalar operators, whose factors are the running b mass and QCD coupling, are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np

from ...data.constants import constant
from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix
from ...physics.inputs import Inputs
from ...physics.wcxf_names import MIXING_SECTORS, WcxfCoefficient
from ...physics.wilson_names import FLAVOURS
from ..matching import higgs_vev, normalisation

__all__ = ["DIPOLES", "PREFACTORS", "TRANSLATIONS", "Piece", "absolute_values", "prefactor_of"]


@dataclass(frozen=True)
class Piece:
    """A coefficient of another basis in a coefficient of the basis flavio.

    Attributes
    ----------
    name : str
    factor : float
    conjugate : bool
        Whether the complex conjugate is meant.
    """

    name: str
    factor: float = 1.0
    conjugate: bool = False


_Row = tuple[str, tuple[Piece, ...]]
_QUARKS = {"d": 1, "s": 2, "b": 3, "u": 1, "c": 2}


def _current(name: str, i: int, j: int, factor: float = 1.0, quark: int = 2) -> Piece:
    """Current of leptons [i, j] and quarks [quark, 3]; of it and its conjugate one is there."""
    there, back = f"{name}_{i}{j}{quark}3", f"{name}_{j}{i}3{quark}"
    return Piece(there if i <= j else back, factor, i > j)


def _jms_semileptonic() -> Iterator[_Row]:
    """Vector currents of b -> s, and of b -> d with neutrinos."""
    for i, one in enumerate(FLAVOURS, start=1):
        for j, other in enumerate(FLAVOURS, start=1):
            leptons, quarks_first = other + one, Piece(f"VdeLR_23{i}{j}")
            yield f"CL_bsnu{other}nu{one}", (_current("VnudLL", i, j),)
            yield f"CR_bsnu{other}nu{one}", (_current("VnudLR", i, j),)
            yield f"CL_bdnu{other}nu{one}", (_current("VnudLL", i, j, quark=1),)
            yield f"CR_bdnu{other}nu{one}", (_current("VnudLR", i, j, quark=1),)
            yield f"C9_bs{leptons}", (_current("VedLL", i, j), quarks_first)
            yield f"C10_bs{leptons}", (_current("VedLL", i, j, -1.0), quarks_first)
            right = _current("VedRR", i, j)
            yield f"C9p_bs{leptons}", (right, _current("VedLR", i, j))
            yield f"C10p_bs{leptons}", (right, _current("VedLR", i, j, -1.0))


def _jms_charged_current() -> Iterator[_Row]:
    names = {"VL": "V{}LL", "VR": "V{}LR", "SR": "S{}RL", "SL": "S{}RR", "T": "T{}RR"}
    for i, lepton in enumerate(FLAVOURS, start=1):
        for j, neutrino in enumerate(FLAVOURS, start=1):
            for own, pattern in names.items():
                piece = Piece(f"{pattern.format('nuedu')}_{j}{i}32", 1.0, True)
                yield f"C{own}_bc{lepton}nu{neutrino}", (piece,)


def _jms_mixing() -> Iterator[_Row]:
    """With three colours, 1/(2 N_c) + 1/4 = 5/12 of the octet operators."""
    pairs = (("s", "b", "dd"), ("d", "b", "dd"), ("d", "s", "dd"), ("c", "u", "uu"))
    for light, heavy, kind in pairs:
        i, j = _QUARKS[light], _QUARKS[heavy]
        straight = i < j
        at = f"{i}{j}{i}{j}" if straight else f"{j}{i}{j}{i}"
        name = f"{heavy}{light}{heavy}{light}"
        there, back = f"{i}{j}{i}{j}", f"{j}{i}{j}{i}"
        yield f"CVLL_{name}", (Piece(f"V{kind}LL_{at}", 1.0, not straight),)
        yield f"CVRR_{name}", (Piece(f"V{kind}RR_{at}", 1.0, not straight),)
        yield (
            f"CVLR_{name}",
            (
                Piece(f"V1{kind}LR_{at}", 1.0, not straight),
                Piece(f"V8{kind}LR_{at}", -1.0 / 6.0, not straight),
            ),
        )
        yield f"CSLR_{name}", (Piece(f"V8{kind}LR_{at}", -1.0, not straight),)
        yield (
            f"CSLL_{name}",
            (
                Piece(f"S1{kind}RR_{back}", 1.0, True),
                Piece(f"S8{kind}RR_{back}", -5.0 / 12.0, True),
            ),
        )
        yield (
            f"CSRR_{name}",
            (Piece(f"S1{kind}RR_{there}"), Piece(f"S8{kind}RR_{there}", -5.0 / 12.0)),
        )


def _jms_neutrinos_and_muons() -> Iterator[_Row]:
    for i, one in enumerate(FLAVOURS, start=1):
        for j, other in enumerate(FLAVOURS, start=1):
            if i <= j:
                for chirality in ("LL", "LR"):
                    piece = Piece(f"Vnue{chirality}_{i}{j}22")
                    yield f"CV{chirality}_nu{one}nu{other}mumu", (piece,)


def _bern() -> Iterator[_Row]:
    for one in FLAVOURS:
        for other in FLAVOURS:
            pair, leptons = one + other, other + one
            yield f"CL_bsnu{other}nu{one}", (Piece(f"nu1sb{pair}"),)
            yield f"CR_bsnu{other}nu{one}", (Piece(f"nu1psb{pair}"),)
            yield f"CL_bdnu{other}nu{one}", (Piece(f"nu1db{pair}"),)
            yield f"CR_bdnu{other}nu{one}", (Piece(f"nu1pdb{pair}"),)
            yield f"C9_bs{leptons}", (Piece(f"1sb{pair}", 2.0), Piece(f"3sb{pair}", 20.0))
            yield f"C10_bs{leptons}", (Piece(f"3sb{pair}", -12.0),)
            yield f"C9p_bs{leptons}", (Piece(f"1psb{pair}", 2.0), Piece(f"3psb{pair}", 20.0))
            yield f"C10p_bs{leptons}", (Piece(f"3psb{pair}", 12.0),)
            for own, there in (("VL", "1"), ("VR", "1p"), ("SR", "5"), ("SL", "5p"), ("T", "7p")):
                yield f"C{own}_bc{one}nu{other}", (Piece(f"{there}cb{pair}"),)
    for name, there in (("bsbs", "sbsb"), ("bdbd", "dbdb"), ("sdsd", "dsds"), ("ucuc", "cucu")):
        yield f"CVLL_{name}", (Piece(f"1{there}"),)
        yield f"CVRR_{name}", (Piece(f"1p{there}"),)
        yield f"CVLR_{name}", (Piece(f"5{there}", -0.5),)
        yield f"CSLR_{name}", (Piece(f"4{there}"),)
        yield f"CSLL_{name}", (Piece(f"2{there}"), Piece(f"3{there}", -0.5))
        yield f"CSRR_{name}", (Piece(f"2p{there}"), Piece(f"3p{there}", -0.5))


TRANSLATIONS: Mapping[str, Mapping[str, tuple[Piece, ...]]] = MappingProxyType(
    {
        "JMS": MappingProxyType(
            dict(
                (
                    *_jms_semileptonic(),
                    *_jms_charged_current(),
                    *_jms_mixing(),
                    *_jms_neutrinos_and_muons(),
                )
            )
        ),
        "Bern": MappingProxyType(dict(_bern())),
    }
)

_JMS_SCALARS = tuple(
    f"Sed{chiralities}_{i}{j}{quarks}"
    for chiralities in ("RR", "RL")
    for i in "123"
    for j in "123"
    for quarks in ("23", "32")
)
_BERN_SCALARS = tuple(
    f"{name}sb{one}{other}"
    for name in ("5", "5p", "7", "7p", "9", "9p")
    for one in FLAVOURS
    for other in FLAVOURS
)

# Dipoles of b -> s and scalar operators of b -> s l l: what is in them besides is the running b
# mass and QCD coupling.
DIPOLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "JMS": frozenset({"dgamma_23", "dgamma_32", "dG_23", "dG_32", *_JMS_SCALARS}),
        "Bern": frozenset({"7gammasb", "7pgammasb", "8gsb", "8pgsb", *_BERN_SCALARS}),
    }
)


def absolute_values(basis: str, values: Mapping[str, complex]) -> dict[str, complex]:
    """Coefficients of the basis flavio without its factors of G_F, CKM elements and alpha.

    Parameters
    ----------
    basis : str
        ``JMS`` or ``Bern``.
    values : mapping of str to complex
        Coefficients of that basis, dipoles left out.

    Returns
    -------
    dict of str to complex, GeV^-2
        By the names of the basis flavio.
    """
    unit = 4.0 * constant("G_F").value / np.sqrt(2.0) if basis == "Bern" else 1.0
    found = {}
    for name, pieces in TRANSLATIONS[basis].items():
        given = [piece for piece in pieces if piece.name in values]
        if given:
            found[name] = unit * sum(
                piece.factor
                * (values[piece.name].conjugate() if piece.conjugate else values[piece.name])
                for piece in given
            )
    return found


def _charged(inputs: Inputs) -> Array:
    """-v^2/(2 V_cb): L = -(4 G_F/sqrt 2) V_cb C O."""
    # Points outside the range of a constant are NaN and stay so.
    with np.errstate(invalid="ignore"):
        return np.asarray(-(higgs_vev(inputs) ** 2) / (2.0 * ckm_matrix(inputs)[:, 1, 2]))


def _fermi(inputs: Inputs) -> Array:
    """v^2/2: L = +(4 G_F/sqrt 2) C O."""
    return np.asarray(higgs_vev(inputs) ** 2 / 2.0)


def _dipole(inputs: Inputs) -> Array:
    """v^2/(2 lambda_t), the rest of the factor being that of whoever made the coefficient."""
    alpha = 1.0 / inputs.constant("alpha_inv")
    return np.asarray(normalisation(inputs) * alpha / (2.0 * np.pi))


def _none(inputs: Inputs) -> Array:
    return np.ones(1)


# What coefficients of `absolute_values` are multiplied by: (1,) or (n,) array, GeV^2 or 1.
PREFACTORS: Mapping[str, Callable[[Inputs], Array]] = MappingProxyType(
    {
        "semileptonic": normalisation,
        "b to d": partial(normalisation, sector="_bd"),
        "dipole": _dipole,
        "charged current": _charged,
        "four leptons": _fermi,
        "mixing": _none,
    }
)


def prefactor_of(place: WcxfCoefficient) -> str:
    """Key of `PREFACTORS` of a coefficient of the basis flavio."""
    if place.sector in MIXING_SECTORS.values():
        return "mixing"
    if place.sector == "ffnunu":
        return "four leptons"
    if place.sector.startswith("cb"):
        return "charged current"
    if place.sector == "dbnunu":
        return "b to d"
    return "dipole" if place.relative_to == "lambda_t" else "semileptonic"
