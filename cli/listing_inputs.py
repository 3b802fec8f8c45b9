"""Lists of what predictions are made with: form factors, constants, groups, parameters."""

from __future__ import annotations

from collections.abc import Mapping

from ..data.catalogue import reference_text
from .listing import Listing

__all__ = ["constants_listing", "form_factors_listing", "groups_listing", "parameters_listing"]


def form_factors_listing() -> Listing:
    """Form-factor sets; those of type points are data of fits, not sets that rates take."""
    from ..data.form_factors import form_factor_sets
    from ..physics.inputs import DEFAULT_FORM_FACTORS

    defaults = set(DEFAULT_FORM_FACTORS.values())
    found = form_factor_sets().values()
    return Listing(
        ("name", "process", "form", "coefficients", "status", "reference"),
        tuple(
            (
                entry.id + (" (default)" if entry.id in defaults else ""),
                entry.process,
                entry.parametrisation,
                str(len(entry.names)) + (" points" if entry.kind == "points" else ""),
                entry.status,
                reference_text(entry.reference),
            )
            for entry in found
        ),
        tuple(
            {
                "name": entry.id,
                "process": entry.process,
                "kind": entry.kind,
                "parametrisation": entry.parametrisation,
                "coefficients": entry.names,
                "status": entry.status,
                "default": entry.id in defaults,
                "reference": reference_text(entry.reference),
                "notes": entry.notes,
            }
            for entry in found
        ),
    )


def constants_listing() -> Listing:
    """Constants, with their errors and the ranges that predictions take."""
    from ..data.constants import constants

    found = constants().values()
    return Listing(
        ("name", "value", "error", "unit", "allowed", "description", "reference"),
        tuple(
            (
                entry.name,
                f"{entry.value:.10g}",
                f"{entry.error:.3g}" if entry.error else "",
                "" if entry.unit == "1" else entry.unit,
                f"{entry.allowed[0]:g} to {entry.allowed[1]:g}",
                entry.description,
                reference_text(entry.reference),
            )
            for entry in found
        ),
        tuple(
            {
                "name": entry.name,
                "value": entry.value,
                "error": entry.error,
                "unit": entry.unit,
                "allowed": entry.allowed,
                "latex": entry.latex,
                "description": entry.description,
                "same_as": None if entry.gives is None else entry.gives[0],
                "reference": reference_text(entry.reference),
            }
            for entry in found
        ),
    )


def groups_listing() -> Listing:
    """Groups of likelihoods."""
    from ..data.groups import groups

    found = groups().values()
    return Listing(
        ("name", "members", "description"),
        tuple((entry.name, ", ".join(entry.members), entry.description) for entry in found),
        tuple(
            {"name": entry.name, "members": entry.members, "description": entry.description}
            for entry in found
        ),
    )


def parameters_listing(names: str | None = None) -> Listing:
    """Constants and coefficients of form factors, by their names here or in another code.

    Parameters
    ----------
    names : str, optional
        ``flavio`` or ``eos``: only what that code has, by its names.

    Raises
    ------
    UnknownNameError
        If `names` is another.
    """
    from ..errors import find
    from ..physics.ecosystem_names import EOS_PARAMETERS, FLAVIO_PARAMETERS

    tables = {"flavio": FLAVIO_PARAMETERS, "eos": EOS_PARAMETERS}
    described = _described()
    if names is not None:
        table = find("code", names.lower(), tables)
        records = [
            {"name": theirs, "here": other.name, "factor": other.factor, **described[other.name]}
            for theirs, other in table.items()
        ]
        return Listing(
            ("name", "here", "unit here", "value here / there", "description"),
            tuple(
                (
                    str(one["name"]),
                    str(one["here"]),
                    "" if one["unit"] == "1" else str(one["unit"]),
                    "" if one["factor"] == 1.0 else f"{one['factor']:.6g}",
                    str(one["description"]),
                )
                for one in records
            ),
            tuple(records),
        )
    theirs = {
        code: {other.name: name for name, other in table.items()} for code, table in tables.items()
    }
    rows = [
        {
            "name": name,
            **entry,
            **{code: inverse.get(name, "") for code, inverse in theirs.items()},
        }
        for name, entry in described.items()
    ]
    return Listing(
        ("name", "unit", "flavio", "EOS", "description"),
        tuple(
            (
                one["name"],
                "" if one["unit"] == "1" else one["unit"],
                one["flavio"],
                one["eos"],
                one["description"],
            )
            for one in rows
        ),
        tuple(rows),
    )


def _described() -> Mapping[str, dict[str, str]]:
    """Unit and description of constants, coefficients and parameters that other codes name."""
    from ..data.constants import constants
    from ..models import model
    from ..physics.inputs import form_factor_parameters

    found = {
        name: {"unit": entry.unit, "description": entry.description}
        for name, entry in constants().items()
    }
    for name, (process, _) in form_factor_parameters().items():
        coefficient = name.partition("_")[2]
        text = f"coefficient {coefficient} of the default form factors of {process}"
        found[name] = {"unit": "1", "description": text}
    for entry in model("wet-eos").parameters:
        text = f"model wet-eos: {entry.description}"
        found[entry.name] = {"unit": entry.unit, "description": text}
    return found
