"""Loader of the form-factor sets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import DataError, find
from ._checks import (
    check_array,
    check_choice,
    check_keys,
    check_number,
    check_symmetric_positive,
    check_text,
    check_texts,
    fault,
    read_json,
    read_reference,
)
from .frozen import FrozenMapping
from .records import FormFactorSet

__all__ = ["form_factor_set", "form_factor_sets"]

FILE = "form_factors.json"

_SCALARS = ("f+", "f0", "fT")
_VECTORS = ("A0", "A1", "A12", "V", "T1", "T2", "T23")
# Form factors of each process, in the basis of arXiv:1503.05534 (helicity basis A12, T23); of
# baryons in that of arXiv:1602.01399, ht for h with a tilde.
FORM_FACTORS = {
    **dict.fromkeys(("B->K", "B->pi", "Bs->eta", "Bs->etaprime"), _SCALARS),
    **dict.fromkeys(("B->K*", "Bs->phi", "B->rho", "B->omega", "Bs->K*"), _VECTORS),
    "Lambdab->Lambda": (
        *("f+", "fperp", "f0", "g+", "gperp", "g0", "h+", "hperp", "ht+", "htperp"),
    ),
    "D->pi": ("f+", "f0", "fT"),
    "K->pi": ("f+", "f0", "fT"),
}
# Allowed ranges of the masses of both mesons and of the poles, GeV, by the first hadron. The masses
# of Lambda_b -> Lambda are those of the cut, B and K.
_RANGES = {
    "B": ((5.0, 6.0), (0.13, 1.1), (5.0, 7.0)),
    "L": ((5.0, 6.0), (0.4, 1.1), (5.0, 7.0)),
    "D": ((1.8, 1.9), (0.13, 0.15), (1.9, 2.6)),
    "K": ((0.48, 0.51), (0.13, 0.15), (0.5, 1.5)),
}
PARAMETRISATIONS = {"BSZ", "BCL", "BCL-HPQCD", "BCL-LMvD", "DM"}
# Highest power of z in `names`; those not listed have 2.
_HIGHEST = {"BCL-LMvD": 4}
STATUSES = {"confirmed", "derived", "approximate", "auxiliary"}
_REQUIRED = {
    *("id", "process", "kind", "parametrisation", "status", "names", "central", "covariance"),
    *("m_B", "m_M", "options", "notes", "reference"),
}
_OPTIONS = {"t0", "variable", "terms", "constraints", "masses", "L"}


@lru_cache(maxsize=1)
def form_factor_sets() -> Mapping[str, FormFactorSet]:
    """Every form-factor set by its id.

    Returns
    -------
    mapping of id to FormFactorSet

    Raises
    ------
    DataError
        If the file is missing or a number in it is not allowed.
    """
    return read_sets(read_json(FILE))


def form_factor_set(id: str) -> FormFactorSet:
    """Return one form-factor set.

    Parameters
    ----------
    id : str
        Such as ``"BtoK_HPQCD2022_BCL"``.

    Returns
    -------
    FormFactorSet

    Raises
    ------
    UnknownNameError
        If there is no such set; the nearest ones are named.
    """
    return find("form-factor set", id, form_factor_sets())


def read_sets(content: Mapping[str, Any], file: str = FILE) -> Mapping[str, FormFactorSet]:
    """Check and make all sets from the content of the file.

    Parameters
    ----------
    content : mapping
        With the key ``entries``.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of id to FormFactorSet

    Raises
    ------
    DataError
        On the first thing that is not allowed.
    """
    check_keys(file, content, {"entries"})
    found: dict[str, FormFactorSet] = {}
    for entry in content["entries"]:
        record = read_set(entry, file)
        if record.id in found:
            raise DataError(f"{file}: the id {record.id} occurs twice; ids are unique.")
        found[record.id] = record
    return FrozenMapping(found)


def read_set(entry: Mapping[str, Any], file: str = FILE) -> FormFactorSet:
    """Check and make one form-factor set.

    Parameters
    ----------
    entry : mapping
        Keys as the attributes of `FormFactorSet`; ``poles`` or ``points`` as the kind demands.
    file : str
        Name used in errors.

    Returns
    -------
    FormFactorSet

    Raises
    ------
    DataError
        Naming file, id, key, value and what is allowed: the names are unique and belong to form
        factors of the process, the covariance is symmetric and positive definite (in a set of
        status ``auxiliary`` a coefficient may have no error: zeros in its row and column).
    """
    id = check_text(file, "id", entry.get("id"))
    where = f"{file}: {id}"
    kind = check_choice(where, "kind", entry.get("kind"), {"parameters", "points"})
    check_keys(where, entry, _REQUIRED | {"poles" if kind == "parameters" else "points"})
    process = check_choice(where, "process", entry["process"], FORM_FACTORS)
    parent, meson, _ = _RANGES[process[0]]
    allowed = PARAMETRISATIONS if kind == "parameters" else {"points"}
    parametrisation = check_choice(where, "parametrisation", entry["parametrisation"], allowed)
    names = check_texts(where, "names", entry["names"])
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise fault(where, "names", twice, "each name once")
    covariance = check_array(where, "covariance", entry["covariance"], (len(names), len(names)))
    status = check_choice(where, "status", entry["status"], STATUSES)
    known = np.diag(covariance) != 0.0 if status == "auxiliary" else np.ones(len(names), dtype=bool)
    if np.any(covariance[~known]) or np.any(covariance[:, ~known]):
        raise fault(where, "covariance", "not zero", "zero beside a variance of zero")
    check_symmetric_positive(where, "covariance", covariance[np.ix_(known, known)])
    poles: dict[str, float] = {}
    points = None
    if kind == "parameters":
        poles = _poles(where, entry["poles"], process)
        _check_coefficients(where, names, parametrisation, process)
    else:
        points = _points(where, entry["points"], names, process)
    return FormFactorSet(
        id=id,
        process=process,
        kind=kind,
        parametrisation=parametrisation,
        status=status,
        names=names,
        central=check_array(where, "central", entry["central"], (len(names),)),
        covariance=covariance,
        poles=FrozenMapping(poles),
        m_B=check_number(where, "m_B", entry["m_B"], above=parent[0], below=parent[1]),
        m_M=check_number(where, "m_M", entry["m_M"], above=meson[0], below=meson[1]),
        options=_options(where, entry["options"], parametrisation),
        points=points,
        notes=check_texts(where, "notes", entry["notes"]),
        reference=read_reference(where, entry["reference"]),
    )


def _poles(where: str, poles: Mapping[str, Any], process: str) -> dict[str, float]:
    """Pole masses, one for each form factor of the process; above the end point of q^2."""
    check_keys(f"{where}: poles", poles, FORM_FACTORS[process])
    _, _, (above, below) = _RANGES[process[0]]
    return {
        name: check_number(f"{where}: poles", name, mass, above=above, below=below)
        for name, mass in poles.items()
    }


def _check_coefficients(
    where: str, names: tuple[str, ...], parametrisation: str, process: str
) -> None:
    """Names are ``a{order}_{form factor}``, or ``a0`` where f0 and f+ share it."""
    orders = range(_HIGHEST.get(parametrisation, 2) + 1)
    allowed = {f"a{order}_{name}" for name in FORM_FACTORS[process] for order in orders}
    if parametrisation in ("BCL-HPQCD", "BCL-LMvD") or process == "K->pi":
        allowed = (allowed - {"a0_f0", "a0_f+"}) | {"a0"}
    for name in names:
        if name not in allowed:
            raise fault(where, "names", name, "one of " + ", ".join(sorted(allowed)))


def _points(
    where: str, points: object, names: tuple[str, ...], process: str
) -> tuple[tuple[str, float], ...]:
    """Form factor and q^2 of each point, as its name says."""
    if not isinstance(points, list) or len(points) != len(names):
        raise fault(where, "points", points, f"{len(names)} pairs of form factor and q2")
    found = []
    for i, (point, name) in enumerate(zip(points, names, strict=True)):
        place = f"points[{i}]"
        if not isinstance(point, list) or len(point) != 2:
            raise fault(where, place, point, "a pair of form factor and q2")
        factor = check_choice(where, place, point[0], FORM_FACTORS[process])
        q2 = check_number(where, place, point[1], below=26.5)
        if name != f"{factor}@{q2:.10g}":
            raise fault(where, f"names[{i}]", name, f"{factor}@{q2:.10g}, as {place}")
        found.append((factor, q2))
    return tuple(found)


def _options(
    where: str, options: Mapping[str, Any], parametrisation: str
) -> FrozenMapping[str, Any]:
    """What an evaluator needs; for points only the origin of the masses."""
    place = f"{where}: options"
    if parametrisation == "points":
        check_keys(place, options, {"masses"})
        return FrozenMapping({"masses": check_text(place, "masses", options["masses"])})
    needed = _OPTIONS if parametrisation == "BCL-HPQCD" else _OPTIONS - {"L"}
    check_keys(place, options, needed)
    read: dict[str, Any] = {
        "t0": _t0(place, options["t0"], parametrisation),
        "variable": check_choice(place, "variable", options["variable"], {"z", "z - z(0)"}),
        "terms": int(check_number(place, "terms", options["terms"], above=0)),
        "constraints": check_texts(place, "constraints", options["constraints"]),
        "masses": check_text(place, "masses", options["masses"]),
    }
    if parametrisation == "BCL-HPQCD":
        read["L"] = check_number(place, "L", options["L"], above=0)
    return FrozenMapping(read)


def _t0(place: str, value: object, parametrisation: str) -> str | float:
    """Point mapped to z = 0: a word, or a number where it belongs to other masses, GeV^2."""
    if parametrisation == "DM":
        return check_number(place, "t0", value, above=0)
    return check_choice(place, "t0", value, {"optimal", "zero"})
