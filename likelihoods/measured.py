"""From a measurement of the data layer to a likelihood term."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array, Term
from .bounds import MassBound, bounded_mass, decays_of
from .correlated import CorrelatedGaussian
from .dark_matter import DENSITY, POWERS, DarkMatterLimit, UpperGaussian
from .gaussian import TwoPieceGaussian
from .limit_forms import chosen_form, limit_term
from .options import TermOptions, check_choice
from .theory import theory_constants, theory_covariance

if TYPE_CHECKING:
    from ..data.records import Measurement

__all__ = ["describe", "from_measurement", "options_of", "usable"]

VALUES = ("gaussian", "asymmetric", "correlated")


def usable(measurement: Measurement) -> bool:
    """Whether a measurement can be a term: its observables are predicted, its numbers confirmed."""
    # A prediction of the Standard Model is no datum, although it has a value and an error.
    if not measurement.confirmed or measurement.status == "theory":
        return False
    kind = measurement.kind
    if kind == "lower_limit":
        bounded = bounded_mass(measurement.observables[0]) is not None
        return bounded and measurement.limit is not None and measurement.cl == 0.95
    if not observables_of(measurement):
        return False
    if kind == "upper_limit":
        has_limit = measurement.limit is not None or measurement.curve is not None
        return has_limit and measurement.cl is not None
    has_values = measurement.values is not None and measurement.errors_plus is not None
    if kind == "correlated":
        return has_values and measurement.correlation is not None
    return kind in VALUES and has_values


def options_of(measurement: Measurement) -> tuple[str, ...]:
    """Names of the fields of `TermOptions` that matter for the term of a measurement."""
    if measurement.kind == "lower_limit":
        return ("bound_form",)
    if _first(measurement) == DENSITY:
        return ("omega_form",)
    if _first(measurement) in POWERS:
        return ("abundance",)
    if measurement.kind == "upper_limit":
        return ("limit_form",)
    return ("theory_errors",) if theory_constants(observables_of(measurement)) else ()


def describe(
    measurement: Measurement,
    floated: Collection[str] = (),
    theory_errors: bool = True,
    limit_form: str = "measured",
) -> str:
    """One line: experiment, observables, form, theory errors, reference.

    Parameters
    ----------
    measurement : Measurement
    floated : collection of str
        Constants that float in the fit.
    theory_errors : bool
        Whether errors of predictions are added.
    limit_form : str
        Of an upper limit.

    Returns
    -------
    str
    """
    reference = measurement.reference
    source = f" ({reference.arxiv})" if reference.arxiv else ""
    quantities = ", ".join(measurement.observables)
    form = {"upper_limit": "limit", "lower_limit": "lower limit"}.get(measurement.kind, "value")
    if measurement.kind == "lower_limit":
        form += _assumed(measurement)
    elif measurement.curve is not None:
        low, high = measurement.curve[0, 0], measurement.curve[-1, 0]
        form += f" for masses from {low:.3g} to {high:.3g} GeV"
    if any(_three_body(name) for name in measurement.observables):
        # The dependence of these efficiencies on q^2 is not published.
        form += " on the total rate with efficiencies for the Standard Model spectrum"
    if options_of(measurement) == ("limit_form",):
        used = chosen_form(measurement, limit_form)
        form += "" if used is None else f", used as {used.words}"
    if theory_errors and measurement.kind in VALUES:
        constants = theory_constants(observables_of(measurement), floated)
        form += f", with theory errors from {', '.join(constants)}" if constants else ""
    when = "" if reference.year is None else f" {reference.year}"
    return f"{reference.experiment}{when}, {quantities}, {form}{source}"


def from_measurement(
    measurement: Measurement, options: TermOptions, floated: Collection[str] = ()
) -> Term:
    """Make the term of a measurement.

    Parameters
    ----------
    measurement : Measurement
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
    ParameterError
        If the value of an option is not known.
    """
    description = describe(measurement, floated, options.theory_errors, options.limit_form)
    if measurement.kind == "lower_limit":
        return _bound(measurement, description, options)
    observables = observables_of(measurement)
    _check_units(measurement, observables)
    if measurement.kind == "upper_limit":
        return _limit(measurement, description, observables[0], options)
    ids, name = (measurement.id,), measurement.id
    values, plus, minus = measurement.values, measurement.errors_plus, measurement.errors_minus
    if values is None or plus is None or minus is None:
        raise DataError(f"measurement {name!r} has no values with errors")
    if observables == (DENSITY,):
        form = check_choice(name, "omega_form", options.omega_form)
        if form == "upper":
            words = f"{description}; the prediction may stay below"
            return UpperGaussian(name, words, DENSITY, float(values[0]), float(plus[0]), ids)
    theory = np.zeros((len(observables),) * 2)
    if options.theory_errors:
        theory = theory_covariance(observables, floated)
    if measurement.kind == "correlated":
        if measurement.correlation is None:
            raise DataError(f"measurement {name!r} has no published correlation")
        sides = np.stack([plus, minus])
        errors = sides.mean(axis=0)
        covariance = measurement.correlation * np.outer(errors, errors)
        return CorrelatedGaussian(
            name, description, observables, values, covariance, ids, theory, sides
        )
    numbers = (float(values[0]), float(plus[0]), float(minus[0]))
    error = float(np.sqrt(theory[0, 0]))
    return TwoPieceGaussian(name, description, observables[0], *numbers, ids, error)


def observables_of(measurement: Measurement) -> tuple[str, ...]:
    """Names of the observables that can be predicted; empty if one of them cannot."""
    from ..physics.observables import ALIASES, observables

    known = observables()
    translated = tuple(ALIASES.get(name, name) for name in measurement.observables)
    return translated if all(name in known for name in translated) else ()


def _first(measurement: Measurement) -> str:
    """Name of the first observable, empty if it is not predicted."""
    return next(iter(observables_of(measurement)), "")


def _check_units(measurement: Measurement, observables: tuple[str, ...]) -> None:
    """Refuse to compare numbers in different units."""
    from ..physics.observables import observable

    units = measurement.unit.split(", ")
    units = units * len(observables) if len(units) == 1 else units
    for name, unit in zip(observables, units, strict=True):
        if unit != observable(name).unit:
            raise DataError(
                f"measurement {measurement.id!r} is in {unit}, {name} in {observable(name).unit}"
            )


def _assumed(measurement: Measurement) -> str:
    """What a limit on a mass supposes of the decays, in words."""
    observable = measurement.observables[0]
    if bounded_mass(observable) == "M_VLQ":
        return " if it decays to W, Z or H and a quark, as a quark that is odd under a Z2 does not"
    if decays_of(observable):
        return ", weakened by the branching fractions of the model"
    return ""


def _limit(
    measurement: Measurement, description: str, observable: str, options: TermOptions
) -> Term:
    name, ids = measurement.id, (measurement.id,)
    if observable in POWERS:
        curve = _curve_numbers(measurement)
        return DarkMatterLimit(name, description, observable, *curve, ids, options.abundance)
    return limit_term(measurement, description, observable, options.limit_form)


def _bound(measurement: Measurement, description: str, options: TermOptions) -> Term:
    limit, level = _bound_numbers(measurement)
    if measurement.unit != "GeV":
        raise DataError(f"measurement {measurement.id!r} is in {measurement.unit}, masses in GeV")
    ids, observable = (measurement.id,), measurement.observables[0]
    form, curve = options.bound_form, measurement.curve
    return MassBound(measurement.id, description, observable, limit, level, ids, form, curve)


def _bound_numbers(measurement: Measurement) -> tuple[float, float]:
    if measurement.limit is None or measurement.cl is None:
        raise DataError(f"measurement {measurement.id!r} has no limit with a confidence level")
    return measurement.limit, measurement.cl


def _curve_numbers(measurement: Measurement) -> tuple[float | Array, float]:
    """Limit, or limits as a curve in the mass, and level."""
    if measurement.curve is None or measurement.cl is None:
        return _bound_numbers(measurement)
    return measurement.curve, measurement.cl


def _three_body(name: str) -> bool:
    """Whether an observable is the rate to a hadron and an invisible system."""
    return name.startswith("BR(") and name.endswith("nunu)")
