"""From a measurement of the data layer to a likelihood term."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import UnknownNameError
from .base import Term, name_of
from .forms.dark_matter import DENSITY, POWERS
from .kinds import (
    CORRELATED,
    COUNTS,
    DARK_MATTER_DENSITY,
    DARK_MATTER_RATE,
    LIKELIHOOD_CURVE,
    LIMIT_CURVE,
    LIMIT_SURFACE,
    MASS_LIMIT,
    UPPER_LIMIT,
    VALUE,
    VALUE_CURVE,
    Kind,
    observables_of,
    of_standard_model_spectrum,
)
from .options import TermOptions

if TYPE_CHECKING:
    from ..data.records import Measurement

__all__ = [
    "KINDS",
    "describe",
    "from_measurement",
    "observables_of",
    "options_of",
    "usable",
    "why_unused",
]

# How a note of a measurement begins that says why it is no term.
_NO_FIT = "Enters no fit: "

# By `Measurement.kind`, and by observable too where one has a form of its own.
KINDS: Mapping[tuple[str, str], Kind] = MappingProxyType(
    {
        ("gaussian", ""): VALUE,
        ("asymmetric", ""): VALUE,
        ("correlated", ""): CORRELATED,
        ("upper_limit", ""): UPPER_LIMIT,
        ("lower_limit", ""): MASS_LIMIT,
        ("counts", ""): COUNTS,
        ("likelihood", ""): LIKELIHOOD_CURVE,
        ("limit_curve", ""): LIMIT_CURVE,
        ("limit_surface", ""): LIMIT_SURFACE,
        ("value_curve", ""): VALUE_CURVE,
        ("gaussian", DENSITY): DARK_MATTER_DENSITY,
        ("asymmetric", DENSITY): DARK_MATTER_DENSITY,
        **{("upper_limit", rate): DARK_MATTER_RATE for rate in POWERS},
    }
)


def _kind(measurement: Measurement) -> Kind:
    first = next(iter(observables_of(measurement)), "")
    found = KINDS.get((measurement.kind, name_of(first))) or KINDS.get((measurement.kind, ""))
    if found is None:
        known = {kind for kind, _ in KINDS}
        place = f"measurement {measurement.id!r}"
        raise UnknownNameError("kind of measurement", measurement.kind, known, place)
    return found


def usable(measurement: Measurement) -> bool:
    """Whether a measurement can be a term: its observables are predicted, its numbers confirmed.

    Raises
    ------
    UnknownNameError
        If its kind is not in `KINDS`; so do all functions here.
    """
    # A prediction of the Standard Model is no datum, although it has a value and an error.
    if not measurement.confirmed or measurement.status == "theory":
        return False
    return _kind(measurement).usable(measurement)


def why_unused(measurement: Measurement) -> str:
    """Why a measurement is no term: a few words, none if it is one.

    Parameters
    ----------
    measurement : Measurement

    Returns
    -------
    str
    """
    if usable(measurement):
        return ""
    for note in measurement.notes:
        if note.startswith(_NO_FIT):
            return note.removeprefix(_NO_FIT)
    if not measurement.confirmed:
        return "seen in no source: unconfirmed"
    if measurement.status == "theory":
        return "a prediction, no datum"
    if measurement.status == "input":
        return "an input of the predictions, or beside one"
    if not observables_of(measurement):
        return f"no prediction of {', '.join(measurement.observables)}"
    return "no number that a term takes"


def options_of(measurement: Measurement) -> tuple[str, ...]:
    """Names of the fields of `TermOptions` that matter for the term of a measurement."""
    return _kind(measurement).options(measurement)


def describe(
    measurement: Measurement, options: TermOptions | None = None, floated: Collection[str] = ()
) -> str:
    """One line: experiment, observables, form, theory errors, reference.

    Parameters
    ----------
    measurement : Measurement
    options : TermOptions, optional
    floated : collection of str
        Constants that float in the fit.

    Returns
    -------
    str
    """
    reference = measurement.reference
    form = _kind(measurement).words(measurement, options or TermOptions(), floated)
    # A measurement of a user's own may have no reference.
    origin = reference.origin
    source = f" ({reference.arxiv})" if reference.arxiv else ""
    words = [origin or "own measurement"]
    return ", ".join([*words, *measurement.observables, form]) + source


def from_measurement(
    measurement: Measurement, options: TermOptions, floated: Collection[str] = ()
) -> Term:
    """Make the term of a measurement.

    Parameters
    ----------
    measurement : Measurement
        One of the data layer, or of a user's own.
    options : TermOptions
    floated : collection of str
        Constants that float in the fit: their errors are not added.

    Returns
    -------
    Term

    Raises
    ------
    DataError
        If the form asked for needs what the measurement does not give, or its unit is not that of
        the prediction.
    UnknownNameError
        If an observable is not predicted.
    ParameterError
        If the value of an option is not known.
    """
    description = describe(measurement, options, floated)
    term = _kind(measurement).build(measurement, description, options, floated)
    term.standard_model_spectrum = of_standard_model_spectrum(measurement, options.observables)
    term.reference = measurement.reference
    return term
