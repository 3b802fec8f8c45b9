"""The low-energy point of a WCxf document of any basis: read as it is, or matched and run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ...errors import MissingExtraError, ParameterError, UnknownNameError
from ...physics.wcxf_names import MIXING_SECTORS, SCALES, WCXF_COEFFICIENTS
from ..running import delta_f2_between
from .documents import scale_and_values, shown
from .translation import DIPOLES, TRANSLATIONS, absolute_values
from .warsaw import SMEFT_WCXF_NAMES

__all__ = ["WcxfPoint", "wcxf_point"]

# Scales at which each effective theory is meaningful, GeV: SMEFT above the electroweak scale, the
# others below it and above the next lighter quark.
_RANGES: Mapping[str, tuple[float, float]] = {
    "SMEFT": (80.0, 1e16),
    "WET": (2.0, 250.0),
    "WET-4": (1.0, 6.0),
    "WET-3": (0.9, 3.0),
}
_NATIVE = ("flavio", *TRANSLATIONS)
# Operators of mixing of other bases that are scalar and tensor ones of the basis flavio.
_OCTETS: Mapping[str, tuple[str, ...]] = {
    "JMS": (
        *(f"S8ddRR_{flavours}" for flavours in ("2323", "3232", "1313", "3131", "1212", "2121")),
        *("S8uuRR_1212", "S8uuRR_2121"),
    ),
    "Bern": tuple(f"3{p}{q}" for p in ("", "p") for q in ("sbsb", "dbdb", "dsds", "cucu")),
}
_MIXING = tuple(MIXING_SECTORS.values())
# Mixing runs at leading order in this range, GeV; what else runs in QCD is not run here.
_LOWEST, _HIGHEST = 2.0, 10.0
_RUNNING = ("C7", "C8", "CSL_bc", "CSR_bc", "CT_bc")
# What moves no coefficient here by more is seen by no observable: the amplitudes of the Standard
# Model are of order one, those of mixing above 10^-15 GeV^-2 (limits on K0 reach 10^-17).
_SEEN, _SEEN_IN_MIXING = 1e-4, 1e-19
# Coefficients of SMEFT that are tried one by one, a third of a second each; those that match on
# b -> s at tree level need no trial.
_TRIED = 32


@dataclass(frozen=True)
class WcxfPoint:
    """Coefficients of a document, each at the scale at which a `Wilson` has it.

    Attributes
    ----------
    eft, basis : str
        Of the document.
    scale : float, GeV
        Of the document.
    values : mapping of str to complex
        By the names of the basis flavio.
    relative : bool
        Whether they are numbers of the basis flavio, beside whose factors of G_F, CKM elements and
        alpha they stand; else these factors are not in them, and they are in GeV^-2.
    notes : tuple of str
    """

    eft: str
    basis: str
    scale: float
    values: Mapping[str, complex]
    relative: bool
    notes: tuple[str, ...] = ()


def wcxf_point(document: Mapping[str, Any]) -> WcxfPoint:
    """Low-energy coefficients of a document.

    Parameters
    ----------
    document : mapping
        With the keys eft, basis, scale and values.

    Returns
    -------
    WcxfPoint

    Raises
    ------
    ParameterError
        If a key is missing, a value is not a finite number, or the EFT, basis or scale cannot be.
    UnknownNameError
        If a coefficient does not belong to the basis.
    MissingExtraError
        If the package wilson is needed and not installed.
    """
    basis = document.get("basis", "") if isinstance(document, Mapping) else ""
    if not isinstance(basis, str):
        raise ParameterError(f"WCxf: basis is {shown(basis)}; give a name such as 'flavio'.")
    scale, values = scale_and_values(document, tuple(_RANGES), (basis,))
    eft = str(document["eft"])
    _check_scale(eft, scale)
    found = _natively(eft, basis, scale, values)
    if found is not None:
        return found
    package = _wilson()
    if package is None:
        return _without_wilson(eft, basis, scale, values)
    if basis not in package.known_bases(eft):
        raise UnknownNameError("WCxf basis", basis, package.known_bases(eft), f"the {eft}")
    known, where = package.names_of_basis(eft, basis), f"the basis {basis!r} of the {eft}"
    _check_names(values, known, package.real_names(eft, basis), where)
    return _with_wilson(package, eft, basis, scale, _not_zero(values))


def _not_zero(values: Mapping[str, complex]) -> dict[str, complex]:
    return {name: value for name, value in values.items() if value != 0.0}


def _natively(
    eft: str, basis: str, scale: float, values: Mapping[str, complex]
) -> WcxfPoint | None:
    """A document of which everything is known here and stands at its own scale."""
    if eft == "SMEFT" or basis not in _NATIVE or not set(values) <= _names(basis):
        return None
    read = _read(basis, _not_zero(values))
    if read.dipoles or not all(_at_home(name, eft, scale) for name in read.values):
        return None
    _check_names(values, _names(basis), _real(basis), basis)
    notes = (*_tensors(basis, values), *_unseen(read.unseen))
    return WcxfPoint(eft, basis, scale, read.values, basis == "flavio", notes)


def _names(basis: str) -> frozenset[str]:
    """Coefficients of a basis that are known here."""
    if basis == "flavio":
        return frozenset(WCXF_COEFFICIENTS)
    rows = TRANSLATIONS[basis].values()
    return DIPOLES[basis] | {piece.name for pieces in rows for piece in pieces}


def _real(basis: str) -> frozenset[str]:
    """Coefficients of a basis, known here, that are real."""
    own = {
        name
        for name, place in WCXF_COEFFICIENTS.items()
        if place.sector == "ffnunu" and place.at[0] == place.at[1]
    }
    if basis == "flavio":
        return frozenset(own)
    table = TRANSLATIONS[basis]
    return frozenset(piece.name for name in own for piece in table.get(name, ()))


@dataclass(frozen=True)
class _Read:
    """Coefficients by the names of flavio, those of other names, and dipoles of other bases."""

    values: Mapping[str, complex]
    unseen: tuple[str, ...]
    dipoles: tuple[str, ...]


def _read(basis: str, values: Mapping[str, complex]) -> _Read:
    if basis == "flavio":
        own = {name: value for name, value in values.items() if name in WCXF_COEFFICIENTS}
        return _Read(own, tuple(name for name in values if name not in own), ())
    used = {piece.name for pieces in TRANSLATIONS[basis].values() for piece in pieces}
    dipoles = tuple(name for name in values if name in DIPOLES[basis])
    unseen = tuple(name for name in values if name not in used and name not in dipoles)
    return _Read(absolute_values(basis, values), unseen, dipoles)


def _at_home(name: str, eft: str, scale: float) -> bool:
    """Whether a document is in the theory and at the scale where a `Wilson` has a coefficient."""
    home, theory = SCALES[WCXF_COEFFICIENTS[name].sector]
    return theory == eft and abs(scale / home - 1.0) < 1e-9


def _without_wilson(eft: str, basis: str, scale: float, values: Mapping[str, complex]) -> WcxfPoint:
    """What can be had where the package is not there: mixing near m_b, currents that run little."""
    if eft == "SMEFT" or basis not in _NATIVE:
        raise MissingExtraError("wilson", "wilson", f"the basis {basis!r} of the {eft}")
    where = f"the part of the basis {basis!r} that is known without the package wilson"
    _check_names(values, _names(basis), _real(basis), where)
    read = _read(basis, _not_zero(values))
    mixing = [name for name in read.values if WCXF_COEFFICIENTS[name].sector in _MIXING]
    fixed = [
        name
        for name in read.values
        if not _at_home(name, eft, scale)
        and (name.startswith(_RUNNING) or (name in mixing and not _LOWEST <= scale <= _HIGHEST))
    ]
    for name in (*read.dipoles, *fixed):
        what = f"{name} of a WCxf file, {eft}, basis {basis!r}, {scale:g} GeV"
        raise MissingExtraError("wilson", "wilson", what)
    found = dict(read.values)
    for name in mixing:
        factors = delta_f2_between(scale, SCALES[WCXF_COEFFICIENTS[name].sector][0])
        kind, _, quarks = name[1:].partition("_")
        added = factors["VLR->SLR"] * read.values.get(f"CVLR_{quarks}", 0.0)
        found[name] = factors[kind] * read.values[name] + (added if kind == "SLR" else 0.0)
        if kind == "VLR" and f"CSLR_{quarks}" not in read.values:
            found[f"CSLR_{quarks}"] = added
    note = (
        f"The package wilson is not installed: what is at {scale:g} GeV is run with QCD at leading "
        "order alone."
    )
    notes = (note, *_tensors(basis, values), *_unseen(read.unseen))
    return WcxfPoint(eft, basis, scale, found, basis == "flavio", notes)


def _with_wilson(
    package: ModuleType, eft: str, basis: str, scale: float, values: Mapping[str, complex]
) -> WcxfPoint:
    found = package.run(eft, basis, scale, values)
    relative = eft != "SMEFT" and basis == "flavio"
    notes = [f"Matched and run from {scale:g} GeV by the package wilson."]
    notes += _tensors(basis, values)
    plain: Collection[str] = SMEFT_WCXF_NAMES if (eft, basis) == ("SMEFT", "Warsaw") else ()
    if eft != "SMEFT" and basis in _NATIVE:
        plain = _names(basis)
    doubtful = {name: value for name, value in values.items() if name not in plain}
    if len(doubtful) <= _TRIED or eft != "SMEFT":
        unseen = [
            name
            for name, value in doubtful.items()
            if not _moves(package.run(eft, basis, scale, {name: value}, quick=True))
        ]
        notes += _unseen(tuple(unseen))
    else:
        notes.append(
            f"Which of {len(doubtful)} coefficients no observable here sees was not tried: more "
            f"than {_TRIED}."
        )
    own = found if relative else package.without_factors(found)
    return WcxfPoint(eft, basis, scale, own, relative, tuple(notes))


def _moves(values: Mapping[str, complex]) -> bool:
    """Whether coefficients that observables depend on are more than rounding."""
    return any(
        abs(value) > (_SEEN_IN_MIXING if WCXF_COEFFICIENTS[name].sector in _MIXING else _SEEN)
        for name, value in values.items()
    )


def _tensors(basis: str, values: Mapping[str, complex]) -> tuple[str, ...]:
    """Note on operators of mixing that are in part tensors, which a `Wilson` does not have."""
    starts = _OCTETS.get(basis, ())
    names = [name for name in values if values[name] and name.startswith(starts)] if starts else []
    if not names:
        return ()
    return (f"The tensor operators of mixing that are in {', '.join(names)} are left out.",)


def _unseen(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        return ()
    verb = "is a coefficient" if len(names) == 1 else "are coefficients"
    return (f"{', '.join(names)} {verb} that no observable here sees.",)


def _check_scale(eft: str, scale: float) -> None:
    low, high = _RANGES[eft]
    if not low <= scale <= high:
        raise ParameterError(
            f"WCxf: the scale {scale:g} GeV is not one of the {eft}, which is used from {low:g} to "
            f"{high:g} GeV; eft or scale is wrong."
        )


def _check_names(
    values: Mapping[str, complex], known: frozenset[str], real: frozenset[str], where: str
) -> None:
    """Refuse coefficients that are not in the basis, and imaginary parts of those that are real."""
    for name, value in values.items():
        if name not in known:
            raise UnknownNameError("WCxf coefficient", name, known, where)
        if name in real and value.imag != 0.0:
            raise ParameterError(f"WCxf: {name} is Hermitian, but its value is not real.")


def _wilson() -> ModuleType | None:
    """The bridge to the package wilson, if that is installed."""
    try:
        from . import with_wilson
    except ImportError:
        return None
    return with_wilson
