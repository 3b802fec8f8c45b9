"""Names of Wilson coefficients in the basis "flavio" of WCxf (arXiv:1712.05298), and where each is.

One literal table for all that reads or writes such names: files, and other codes. The two sets of
conventions differ in

- the order of flavours: in ``C9_bs{x}{y}`` and ``CL_bsnu{x}nu{y}`` x belongs to the antilepton,
  while the entry [i, j] of a matrix here is b -> s l_i^- l_j^+, so i = y and j = x;
- the sign of four-quark coefficients: L = + C O there, H = + C O here;
- the order of quarks in charm mixing: (cbar u)^2 there, (ubar c)^2 here;
- chiral couplings of the muon to neutrinos there, vector and axial ones here.

Coefficients of b -> s with leptons stand beside (4 G_F/sqrt 2) V_tb V_ts* alpha/(4 pi) in both, but
alpha and V_tb V_ts* are those of who reads the number: only the product is physical. So do those of
b -> d with V_tb V_td*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType

from .wilson_names import FLAVOURS, MIXING_OPERATORS

__all__ = ["MIXING_SECTORS", "SCALES", "WCXF_COEFFICIENTS", "WcxfCoefficient"]

# Sectors of meson mixing by pair of quarks, as in the names of the coefficients of a `Wilson`.
MIXING_SECTORS: Mapping[str, str] = MappingProxyType(
    {"bs": "sbsb", "bd": "dbdb", "sd": "sdsd", "cu": "cucu"}
)


@dataclass(frozen=True)
class WcxfCoefficient:
    """Where a coefficient of WCxf is in a `Wilson`.

    Attributes
    ----------
    sector : str
        Sector of WCxf.
    parts : tuple of (str, float)
        Keys of a `Wilson` and factors: the coefficient is the sum of factor x value.
    at : (i, j) or ()
        Entry of the flavour matrices.
    relative_to : str
        Factors that stand beside it in the Hamiltonian and that are not the same number in every
        code: ``"alpha lambda_t"``, ``"alpha lambda_td"`` with V_tb V_td*, ``"lambda_t"``, or none.
    conjugate : bool
        Whether the sum is to be complex-conjugated.
    """

    sector: str
    parts: tuple[tuple[str, float], ...]
    at: tuple[int, ...] = ()
    relative_to: str = ""
    conjugate: bool = False


# Scale in GeV at which the coefficients of a sector stand in a `Wilson`, and the EFT of WCxf there.
SCALES: Mapping[str, tuple[float, str]] = MappingProxyType(
    {
        "sbsb": (4.2, "WET"),
        "dbdb": (4.2, "WET"),
        "sdsd": (2.0, "WET-3"),
        "cucu": (2.0, "WET-4"),
        **dict.fromkeys(
            (
                "sb",
                *(f"sb{x}{y}" for x, y in product(FLAVOURS, FLAVOURS) if x != y),
                "sbnunu",
                "dbnunu",
                *(f"cb{x}nu" for x in FLAVOURS),
                "ffnunu",
            ),
            (4.8, "WET"),
        ),
    }
)

_Entry = tuple[str, WcxfCoefficient]


def _pairs() -> Iterator[tuple[int, int, str, str]]:
    """Entries [i, j] of a matrix with the names of both flavours."""
    for i, j in product(range(3), range(3)):
        yield i, j, FLAVOURS[i], FLAVOURS[j]


def _semileptonic() -> Iterator[_Entry]:
    """Coefficients of b -> s with two leptons, and of b -> d with neutrinos."""
    relative_to = "alpha lambda_t"
    for i, j, one, other in _pairs():
        for name, key in (("CL", "dC_L"), ("CR", "dC_R")):
            place = WcxfCoefficient("sbnunu", ((key, 1.0),), (i, j), relative_to)
            yield f"{name}_bsnu{other}nu{one}", place
            parts = ((f"{key}_bd", 1.0),)
            place = WcxfCoefficient("dbnunu", parts, (i, j), "alpha lambda_td")
            yield f"{name}_bdnu{other}nu{one}", place
        sector = "sb" if i == j else f"sb{one}{other}"
        vectors = (("C9", "dC_9"), ("C10", "dC_10"), ("C9p", "C_9p"), ("C10p", "C_10p"))
        scalars = (("CS", "C_S"), ("CP", "C_P"), ("CSp", "C_Sp"), ("CPp", "C_Pp"))
        for name, key in (*vectors, *scalars):
            place = WcxfCoefficient(sector, ((key, 1.0),), (i, j), relative_to)
            yield f"{name}_bs{other}{one}", place


def _dipoles() -> Iterator[_Entry]:
    for name, key in (("C7", "dC_7"), ("C7p", "C_7p"), ("C8", "dC_8"), ("C8p", "C_8p")):
        yield f"{name}_bs", WcxfCoefficient("sb", ((key, 1.0),), (), "lambda_t")


def _mixing() -> Iterator[_Entry]:
    for pair in ("bs", "bd", "sd"):
        for name in MIXING_OPERATORS:
            place = WcxfCoefficient(MIXING_SECTORS[pair], ((f"C_{name}_{pair}", -1.0),))
            yield f"C{name}_{pair}{pair}", place
    # The Hermitian conjugate of (ubar P_L c)^2 is (cbar P_R u)^2.
    flipped = {"SLL": "SRR", "SRR": "SLL"}
    for name in MIXING_OPERATORS:
        key = f"C_{flipped.get(name, name)}_cu"
        yield f"C{name}_ucuc", WcxfCoefficient("cucu", ((key, -1.0),), conjugate=True)


def _charged_current() -> Iterator[_Entry]:
    for i, j, lepton, neutrino in _pairs():
        for name in ("VL", "VR", "SL", "SR", "T"):
            place = WcxfCoefficient(f"cb{lepton}nu", ((f"C_{name}_cb", 1.0),), (i, j))
            yield f"C{name}_bc{lepton}nu{neutrino}", place


def _muon_and_neutrinos() -> Iterator[_Entry]:
    """Couplings of (nubar_i nu_j)(mubar mu); those below the diagonal are conjugates of others."""
    for i, j, one, other in _pairs():
        if i <= j:
            for name, sign in (("VLL", 1.0), ("VLR", -1.0)):
                parts = (("dg_V", -0.5), ("dg_A", -0.5 * sign))
                yield f"C{name}_nu{one}nu{other}mumu", WcxfCoefficient("ffnunu", parts, (i, j))


WCXF_COEFFICIENTS: Mapping[str, WcxfCoefficient] = MappingProxyType(
    dict(
        (
            *_semileptonic(),
            *_dipoles(),
            *_mixing(),
            *_charged_current(),
            *_muon_and_neutrinos(),
        )
    )
)
