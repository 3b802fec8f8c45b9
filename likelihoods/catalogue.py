"""Likelihood terms by name: the Belle II likelihood, every measurement by its id, and groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from ..errors import AnalysisError, DataError, ParameterError, UnknownNameError
from .base import Term
from .belle2 import NAME as BELLE2_2023
from .belle2 import Belle2Likelihood
from .gaussian import CorrelatedGaussian, TwoPieceGaussian
from .limits import CountingLimit, HalfGaussianLimit

if TYPE_CHECKING:
    from ..data.records import Measurement

__all__ = [
    "TermOptions",
    "accepted_options",
    "build",
    "check_overlaps",
    "groups",
    "names",
    "term",
]

# Every published result on b -> s nu nubar once: central values where there are any, else limits.
GROUPS: dict[str, tuple[str, ...]] = {
    "b2snunu": (
        BELLE2_2023,
        "belle_2013_kpnunu_value",
        "belle_2017_kpnunu_value",
        "babar_2010_kpnunu_value",
        "babar_2013_kpnunu_value",
        "belle_2013_k0nunu",
        "belle_2013_kst0nunu",
        "belle_2013_kstpnunu",
        "belle_2017_k0nunu",
        "belle_2017_kst0nunu",
        "belle_2017_kstpnunu",
        "babar_2013_k0nunu_combined",
        "babar_2013_kst0nunu_combined",
        "babar_2013_kstpnunu_combined",
    ),
}


@dataclass(frozen=True)
class TermOptions:
    """How a term is made; what does not concern its form is ignored by it.

    Attributes
    ----------
    nuisances : {"profile", "laplace"}
        For the Belle II likelihood.
    form_factor_systematics : bool
        For the Belle II likelihood: keep its own form-factor modifiers.
    template_errors : {"published", "reweighted"}
        For the Belle II likelihood: statistical errors of the signal template.
    limit_form : {"half-gaussian", "gamma"}
        For upper limits; ``gamma`` needs counts.
    """

    nuisances: str = "profile"
    form_factor_systematics: bool = True
    limit_form: str = "half-gaussian"
    template_errors: str = "published"


def groups() -> Mapping[str, tuple[str, ...]]:
    """Groups of likelihoods: name to the names of its terms."""
    return dict(GROUPS)


def names() -> dict[str, str]:
    """Every likelihood that can be asked for: name to a one-line description."""
    from ..data.measurements import measurements

    described = {BELLE2_2023: Belle2Likelihood.description}
    for group, members in GROUPS.items():
        described[group] = f"group of {len(members)} terms: " + ", ".join(members)
    for measurement in measurements().values():
        if _observables(measurement) and _has_form(measurement):
            described[measurement.id] = _describe(measurement)
    return described


def accepted_options() -> dict[str, tuple[str, ...]]:
    """Options that each likelihood or group takes: name to names of fields of `TermOptions`."""
    from ..data.measurements import measurements

    every = tuple(entry.name for entry in fields(TermOptions))
    accepted: dict[str, tuple[str, ...]] = dict.fromkeys(names(), ())
    accepted.update(dict.fromkeys(GROUPS, every))
    accepted[BELLE2_2023] = ("nuisances", "form_factor_systematics", "template_errors")
    known = measurements()
    accepted.update(
        {name: ("limit_form",) for name in accepted if name in known and _countable(known[name])}
    )
    return accepted


def build(
    requests: Iterable[tuple[str, TermOptions]], allowed: Iterable[Iterable[str]] = ()
) -> tuple[Term, ...]:
    """Terms of a fit, groups expanded, with overlaps refused.

    Parameters
    ----------
    requests : iterable of (name, TermOptions)
        Names of likelihoods or groups. A term that a group brings and that is also named alone is
        made once, with the options given with its own name.
    allowed : iterable of pairs of str, optional
        Overlapping data that may stand together all the same.

    Returns
    -------
    tuple of Term

    Raises
    ------
    UnknownNameError
        For a name that is neither a likelihood nor a group.
    AnalysisError
        If two data overlap.
    """
    chosen: dict[str, TermOptions] = {}
    alone = {}
    for name, options in requests:
        if name in GROUPS:
            chosen.update(dict.fromkeys(GROUPS[name], options))
        else:
            alone[name] = options
    chosen.update(alone)
    terms = tuple(term(name, options) for name, options in chosen.items())
    check_overlaps((data_id for entry in terms for data_id in entry.data_ids), allowed)
    return terms


def term(name: str, options: TermOptions | None = None) -> Term:
    """One likelihood term by name.

    Parameters
    ----------
    name : str
        ``belle2-2023-bknunu`` or the id of a measurement.
    options : TermOptions, optional

    Returns
    -------
    Term

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    ParameterError
        If it is the name of a group.
    DataError
        If the form asked for needs what the measurement does not give.
    """
    options = options or TermOptions()
    if name == BELLE2_2023:
        return Belle2Likelihood(
            options.nuisances, options.form_factor_systematics, options.template_errors
        )
    from ..data.measurements import measurements

    if name in GROUPS:
        raise ParameterError(
            f"{name!r} is a group of likelihoods: choose one of {', '.join(GROUPS[name])}"
        )
    known = names()
    if name not in known:
        raise UnknownNameError("likelihood", name, known)
    return _from_measurement(measurements()[name], options)


def check_overlaps(ids: Iterable[str], allowed: Iterable[Iterable[str]] = ()) -> None:
    """Refuse data that count the same events twice.

    Parameters
    ----------
    ids : iterable of str
        Identifiers of the data of a fit.
    allowed : iterable of pairs of str, optional
        Pairs that may stand together.

    Raises
    ------
    AnalysisError
        Naming the first overlapping pair, why it overlaps, and what can be done.
    """
    from ..data.overlaps import conflicts

    permitted = {frozenset(pair) for pair in allowed}
    for one, other, reason in conflicts(ids):
        if frozenset((one, other)) not in permitted:
            raise AnalysisError(
                f"{one!r} and {other!r} overlap ({reason}): leave one out, or allow it with "
                f"allow_overlaps: [[{one}, {other}]]"
            )


def _from_measurement(measurement: Measurement, options: TermOptions) -> Term:
    ids, description = (measurement.id,), _describe(measurement)
    observables = _observables(measurement)
    if measurement.kind == "upper_limit":
        return _limit(measurement, observables[0], options)
    values, plus, minus = measurement.values, measurement.errors_plus, measurement.errors_minus
    if values is None or plus is None or minus is None:
        raise DataError(f"measurement {measurement.id!r} has no values with errors")
    if measurement.kind == "correlated":
        if measurement.correlation is None:
            raise DataError(f"measurement {measurement.id!r} has no published correlation")
        if not np.allclose(plus, minus, atol=0.0):
            raise DataError(f"measurement {measurement.id!r}: correlated values need equal errors")
        covariance = measurement.correlation * np.outer(plus, plus)
        return CorrelatedGaussian(measurement.id, description, observables, values, covariance, ids)
    return TwoPieceGaussian(
        measurement.id,
        description,
        observables[0],
        float(values[0]),
        float(plus[0]),
        float(minus[0]),
        ids,
    )


def _limit(measurement: Measurement, observable: str, options: TermOptions) -> Term:
    if measurement.limit is None or measurement.cl is None:
        raise DataError(f"measurement {measurement.id!r} has no limit with a confidence level")
    description, ids = _describe(measurement), (measurement.id,)
    limit, level = measurement.limit, measurement.cl
    if options.limit_form == "half-gaussian":
        return HalfGaussianLimit(measurement.id, description, observable, limit, level, ids)
    counts = measurement.counts or {}
    if not _countable(measurement):
        raise DataError(
            f"measurement {measurement.id!r} gives no counts: its form can only be 'half-gaussian'"
        )
    observed = float(counts["observed"])
    background = counts.get("background", observed - counts.get("signal_yield", 0.0))
    return CountingLimit(
        measurement.id, description, observable, limit, level, observed, float(background), ids
    )


def _countable(measurement: Measurement) -> bool:
    """Whether the counts suffice for a counting form."""
    counts = set(measurement.counts or {})
    return "observed" in counts and bool({"background", "signal_yield"} & counts)


def _observables(measurement: Measurement) -> tuple[str, ...]:
    """Names of the observables that can be predicted; empty if one of them cannot."""
    from ..physics.observables import ALIASES, observables

    known = observables()
    translated = tuple(ALIASES.get(name, name) for name in measurement.observables)
    return translated if all(name in known for name in translated) else ()


def _has_form(measurement: Measurement) -> bool:
    # A prediction of the Standard Model is no datum, although it has a value and an error.
    if not measurement.confirmed or measurement.status == "theory":
        return False
    if measurement.kind == "upper_limit":
        return measurement.limit is not None and measurement.cl is not None
    if measurement.kind == "correlated":
        return measurement.correlation is not None and measurement.values is not None
    return measurement.kind in ("gaussian", "asymmetric") and measurement.values is not None


def _describe(measurement: Measurement) -> str:
    reference = measurement.reference
    source = f" ({reference.arxiv})" if reference.arxiv else ""
    quantities = ", ".join(measurement.observables)
    form = "limit" if measurement.kind == "upper_limit" else "value"
    if any(_three_body(name) for name in measurement.observables):
        # The dependence of these efficiencies on q^2 is not published.
        form += " on the total rate with efficiencies for the Standard Model spectrum"
    return f"{reference.experiment} {reference.year}, {quantities}, {form}{source}"


def _three_body(name: str) -> bool:
    """Whether an observable is the rate to a hadron and an invisible system."""
    return name.startswith("BR(") and name.endswith("nunu)")
