"""Kinds of measurement: the numbers that one needs, its options, and the term that it becomes.

A kind of one's own is a file with its `Kind`, like one of those here, and an entry in
`measured.KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError, UnknownNameError
from .base import Term, name_of
from .batches import Array
from .forms.bounds import MassBound, bounded_mass, decays_of
from .forms.correlated import CorrelatedGaussian
from .forms.dark_matter import DarkMatterLimit, UpperGaussian
from .forms.gaussian import TwoPieceGaussian
from .forms.lifetime_curves import LimitSurface
from .forms.likelihood_curves import LikelihoodCurve
from .forms.mass_curves import LimitCurve, ValueCurve
from .limit_forms import chosen_form, counts_term, limit_term
from .options import TermOptions, check_choice
from .theory import theory_constants, theory_covariance

if TYPE_CHECKING:
    from ..data.records import Measurement
    from ..physics.observable import Observable

__all__ = [
    "CORRELATED",
    "COUNTS",
    "DARK_MATTER_DENSITY",
    "DARK_MATTER_RATE",
    "LIKELIHOOD_CURVE",
    "LIMIT_CURVE",
    "LIMIT_SURFACE",
    "MASS_LIMIT",
    "UPPER_LIMIT",
    "VALUE",
    "VALUE_CURVE",
    "Kind",
    "observables_of",
]


NO_OBSERVABLES: Mapping[str, Observable] = MappingProxyType({})


@dataclass(frozen=True)
class Kind:
    """How measurements of one kind become likelihood terms.

    Attributes
    ----------
    usable : callable
        (measurement) to bool: whether it has the numbers, of observables that are predicted.
    options : callable
        (measurement) to the names of the fields of `TermOptions` that matter.
    words : callable
        (measurement, options, floated constants) to what it is, such as ``"limit"``, in words.
    build : callable
        (measurement, description, options, floated constants) to the term. It raises a DataError
        for numbers that are missing, also if `usable` was not asked.
    """

    usable: Callable[[Measurement], bool]
    options: Callable[[Measurement], tuple[str, ...]]
    words: Callable[[Measurement, TermOptions, Collection[str]], str]
    build: Callable[[Measurement, str, TermOptions, Collection[str]], Term]


def observables_of(
    measurement: Measurement, own: Mapping[str, Observable] = NO_OBSERVABLES
) -> tuple[str | Observable, ...]:
    """Observables that can be predicted, by their names here; empty if one of them cannot.

    Parameters
    ----------
    measurement : Measurement
    own : mapping of str to Observable
        The user's own by name, of which the records are returned.

    Returns
    -------
    tuple of str or Observable
    """
    from ..physics.observables import known_observable

    found: list[str | Observable] = []
    for name in measurement.observables:
        record = own.get(name) or known_observable(name)
        if record is None:
            return ()
        found.append(record if name in own else record.name)
    return tuple(found)


def _predicted(measurement: Measurement, options: TermOptions) -> tuple[str | Observable, ...]:
    """Its observables, in whose units it must be.

    Raises
    ------
    UnknownNameError
        If one is not predicted.
    DataError
        If it is in another unit, or one of them is no single number.
    """
    from ..physics.observables import known_observable, observables

    own = options.observables
    records = [own.get(name) or known_observable(name) for name in measurement.observables]
    units = measurement.unit.split(", ")
    units = units * len(records) if len(units) == 1 else units
    for name, record, unit in zip_longest(measurement.observables, records, units):
        if record is None:
            known = {*own, *observables()}
            raise UnknownNameError("observable", name, known, f"measurement {measurement.id!r}")
        if record.unit != unit:
            raise DataError(
                f"measurement {measurement.id!r} is in {unit}, {record.name} in {record.unit}"
            )
        if record.kinematics:
            needed = ", ".join(f"{key}=..." for key in record.kinematics)
            raise DataError(
                f"measurement {measurement.id!r}: {record.name} is no single number: name it as "
                f"{record.name}[{needed}]"
            )
    return observables_of(measurement, own)


# Values with errors, alone or correlated.


def _errors(measurement: Measurement) -> tuple[Array, Array, Array]:
    values, plus, minus = measurement.values, measurement.errors_plus, measurement.errors_minus
    if values is None or plus is None or minus is None:
        raise DataError(f"measurement {measurement.id!r} has no values with errors")
    return values, plus, minus


def _has_values(measurement: Measurement) -> bool:
    numbers = measurement.values, measurement.errors_plus, measurement.errors_minus
    return bool(observables_of(measurement)) and all(entry is not None for entry in numbers)


def _theory_option(measurement: Measurement) -> tuple[str, ...]:
    return ("theory_errors",) if theory_constants(observables_of(measurement)) else ()


def _value_words(measurement: Measurement, options: TermOptions, floated: Collection[str]) -> str:
    words = "value" + _spectrum_words(measurement, options)
    if options.theory_errors:
        constants = theory_constants(observables_of(measurement, options.observables), floated)
        words += f", with theory errors from {', '.join(constants)}" if constants else ""
    return words


def _spectrum_words(measurement: Measurement, options: TermOptions) -> str:
    if not of_standard_model_spectrum(measurement, options.observables):
        return ""
    # The dependence of these efficiencies on q^2 is not published.
    ranges = any("[" in name for name in measurement.observables)
    what = "rate in the range" if ranges else "total rate"
    return f" on the {what} with efficiencies for the Standard Model spectrum"


def of_standard_model_spectrum(
    measurement: Measurement, own: Mapping[str, Observable] = NO_OBSERVABLES
) -> bool:
    """Whether an observable is a rate whose efficiency depends on the spectrum in q2."""
    from ..physics.observables import observable

    return any(
        (observable(asked) if isinstance(asked, str) else asked).invisible_spectrum
        for asked in observables_of(measurement, own)
    )


def _theory(
    observables: tuple[str | Observable, ...], options: TermOptions, floated: Collection[str]
) -> Array:
    if options.theory_errors:
        return theory_covariance(observables, floated)
    return np.zeros((len(observables),) * 2)


def _value(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    observables, ids = _predicted(measurement, options), (measurement.id,)
    value, plus, minus = (float(entry[0]) for entry in _errors(measurement))
    error = float(np.sqrt(_theory(observables, options, floated)[0, 0]))
    return TwoPieceGaussian(
        measurement.id, description, observables[0], value, plus, minus, ids, error
    )


def _correlated(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    observables, ids = _predicted(measurement, options), (measurement.id,)
    values, plus, minus = _errors(measurement)
    if measurement.correlation is None:
        raise DataError(f"measurement {measurement.id!r} has no published correlation")
    sides = np.stack([plus, minus])
    errors = sides.mean(axis=0)
    covariance = measurement.correlation * np.outer(errors, errors)
    theory = _theory(observables, options, floated)
    return CorrelatedGaussian(
        measurement.id, description, observables, values, covariance, ids, theory, sides
    )


VALUE = Kind(_has_values, _theory_option, _value_words, _value)
CORRELATED = Kind(
    lambda measurement: _has_values(measurement) and measurement.correlation is not None,
    _theory_option,
    _value_words,
    _correlated,
)


# Upper limits.


def _limit_of(measurement: Measurement) -> tuple[float, float]:
    if measurement.limit is None or measurement.cl is None:
        raise DataError(f"measurement {measurement.id!r} has no limit with a confidence level")
    return measurement.limit, measurement.cl


def _has_limit(measurement: Measurement) -> bool:
    return (
        bool(observables_of(measurement))
        and measurement.limit is not None
        and measurement.cl is not None
    )


def _limit_words(measurement: Measurement, options: TermOptions, floated: Collection[str]) -> str:
    words = "limit" + _spectrum_words(measurement, options)
    used = chosen_form(measurement, options.limit_form)
    return words if used is None else f"{words}, used as {used.words}"


def _limit(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,) = _predicted(measurement, options)
    return limit_term(measurement, description, observable, options.limit_form)


UPPER_LIMIT = Kind(_has_limit, lambda measurement: ("limit_form",), _limit_words, _limit)


# Counts alone, and curves.


def _counts(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,) = _predicted(measurement, options)
    return counts_term(measurement, description, observable)


def _likelihood_curve(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,), name = _predicted(measurement, options), measurement.id
    return LikelihoodCurve(name, description, observable, _curve_of(measurement), (name,))


def _limit_curve(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,), name = _predicted(measurement, options), measurement.id
    if measurement.cl is None:
        raise DataError(f"measurement {name!r} has no confidence level")
    what = name, description, observable, *_mass_of(measurement), _curve_of(measurement)
    return LimitCurve(*what, measurement.cl, (name,))


def _limit_surface(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,), name = _predicted(measurement, options), measurement.id
    if measurement.cl is None or measurement.lengths is None:
        raise DataError(f"measurement {name!r} has no confidence level or no decay lengths")
    what = name, description, observable, *_mass_of(measurement), _curve_of(measurement)
    return LimitSurface(*what, measurement.lengths, measurement.cl, (name,))


def _value_curve(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,), name = _predicted(measurement, options), measurement.id
    what = name, description, observable, *_mass_of(measurement), _curve_of(measurement)
    return ValueCurve(*what, (name,))


def _curve_of(measurement: Measurement) -> Array:
    if measurement.curve is None:
        raise DataError(f"measurement {measurement.id!r} has no curve")
    return measurement.curve


def _mass_of(measurement: Measurement) -> tuple[str, str]:
    if measurement.mass is None:
        raise DataError(f"measurement {measurement.id!r} does not say which parameter the mass is")
    return measurement.mass, measurement.mass_unit


def _has_curve(measurement: Measurement) -> bool:
    return bool(observables_of(measurement)) and measurement.curve is not None


def _curve_words(what: str) -> Callable[[Measurement, TermOptions, Collection[str]], str]:
    def words(measurement: Measurement, options: TermOptions, floated: Collection[str]) -> str:
        found = what + _spectrum_words(measurement, options)
        told = "recast" in (measurement.reference.experiment or "")
        found = f"recast, {found}" if measurement.status == "recast" and not told else found
        if measurement.mass is None:
            return found
        low, high = _curve_of(measurement)[[0, -1], 0]
        return f"{found}, {measurement.mass} from {low:.3g} to {high:.3g} {measurement.mass_unit}"

    return words


def _no_options(measurement: Measurement) -> tuple[str, ...]:
    return ()


COUNTS = Kind(
    lambda measurement: bool(observables_of(measurement)) and measurement.counts is not None,
    _no_options,
    _curve_words("counts"),
    _counts,
)
LIKELIHOOD_CURVE = Kind(
    _has_curve, _no_options, _curve_words("likelihood curve"), _likelihood_curve
)
LIMIT_CURVE = Kind(_has_curve, _no_options, _curve_words("limits"), _limit_curve)
LIMIT_SURFACE = Kind(
    _has_curve, _no_options, _curve_words("limits by decay length"), _limit_surface
)
VALUE_CURVE = Kind(_has_curve, _no_options, _curve_words("values"), _value_curve)


# Lower limits on masses, whose observables are no predictions.


def _has_mass(measurement: Measurement) -> bool:
    bounded = bounded_mass(measurement.observables[0]) is not None
    return bounded and measurement.limit is not None and measurement.cl == 0.95


def _mass_words(measurement: Measurement, options: TermOptions, floated: Collection[str]) -> str:
    observable = measurement.observables[0]
    if bounded_mass(observable) == "M_VLQ":
        assumed = " if it decays to W, Z or H and a quark, as a quark that is odd under a Z2 does"
        return f"lower limit{assumed} not"
    if decays_of(observable):
        return "lower limit, weakened by the branching fractions of the model"
    return "lower limit"


def _mass(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    numbers, name = _limit_of(measurement), measurement.id
    if measurement.unit != "GeV":
        raise DataError(f"measurement {name!r} is in {measurement.unit}, masses in GeV")
    observable, form = measurement.observables[0], options.bound_form
    return MassBound(name, description, observable, *numbers, (name,), form, measurement.curve)


MASS_LIMIT = Kind(_has_mass, lambda measurement: ("bound_form",), _mass_words, _mass)


# Dark matter.


def _named(measurement: Measurement, options: TermOptions) -> tuple[str, ...]:
    """Names of its observables, which are those of the package."""
    return tuple(map(name_of, _predicted(measurement, options)))


def _density(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    name = measurement.id
    if check_choice(name, "omega_form", options.omega_form) == "measurement":
        return _value(measurement, description, options, floated)
    (observable,), (values, errors, _) = _named(measurement, options), _errors(measurement)
    words = f"{description}; the prediction may stay below"
    return UpperGaussian(name, words, observable, float(values[0]), float(errors[0]), (name,))


def _has_limits(measurement: Measurement) -> bool:
    if measurement.curve is None:
        return _has_limit(measurement)
    return bool(observables_of(measurement)) and measurement.cl is not None


def _rate_words(measurement: Measurement, options: TermOptions, floated: Collection[str]) -> str:
    if measurement.curve is None:
        return "limit"
    low, high = measurement.curve[0, 0], measurement.curve[-1, 0]
    return f"limit for masses from {low:.3g} to {high:.3g} GeV"


def _rate(
    measurement: Measurement, description: str, options: TermOptions, floated: Collection[str]
) -> Term:
    (observable,), name = _named(measurement, options), measurement.id
    limit: float | Array
    if measurement.curve is None or measurement.cl is None:
        limit, level = _limit_of(measurement)
    else:
        limit, level = measurement.curve, measurement.cl
    form = options.abundance
    return DarkMatterLimit(name, description, observable, limit, level, (name,), form)


DARK_MATTER_DENSITY = Kind(_has_values, lambda measurement: ("omega_form",), _value_words, _density)
DARK_MATTER_RATE = Kind(_has_limits, lambda measurement: ("abundance",), _rate_words, _rate)
