"""The list of all data, for people to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .belle2 import belle2_2023
from .constants import constants
from .form_factors import form_factor_sets
from .measurements import measurements
from .overlaps import data_sets
from .records import Belle2Data, Constant, FormFactorSet, Listing, Measurement, Reference

__all__ = ["listing", "reference_text"]

# Loaders of the published likelihoods, by the names of their data sets.
_PUBLISHED: Mapping[str, Callable[[], Belle2Data]] = MappingProxyType(
    {"belle2-2023-bknunu": belle2_2023}
)


def listing() -> list[Listing]:
    """List the likelihoods, measurements, constants and form-factor sets, in this order.

    Returns
    -------
    list of Listing
        One line for each; the value is text.
    """
    return [
        *(_likelihood_line(name) for name in data_sets()),
        *(_measurement_line(record) for record in measurements().values()),
        *(_constant_line(record) for record in constants().values()),
        *(_form_factor_line(record) for record in form_factor_sets().values()),
    ]


def _likelihood_line(name: str) -> Listing:
    data = _PUBLISHED[name]()
    bins = sum(len(entry["data"]) for entry in data.workspace["observations"])
    return Listing(
        kind="likelihood",
        id=name,
        observables=("BR(B+->K+nunu)",),
        experiment=data.reference.experiment or "",
        year=data.reference.year,
        value=f"{len(data.channel_labels)} channels, {bins} bins",
        unit="1",
        status="current",
        reference=reference_text(data.reference),
    )


def _measurement_line(record: Measurement) -> Listing:
    return Listing(
        kind="measurement",
        id=record.id,
        observables=record.observables,
        experiment=record.reference.experiment or "",
        year=record.reference.year,
        value=_measurement_text(record),
        unit=record.unit,
        status=record.status,
        reference=reference_text(record.reference),
    )


def _constant_line(record: Constant) -> Listing:
    return Listing(
        kind="constant",
        id=record.name,
        observables=(record.description,),
        experiment=record.reference.experiment or "",
        year=record.reference.year,
        value=_value_text(record.value, record.error, record.error),
        unit=record.unit,
        status="input",
        reference=reference_text(record.reference),
    )


def _form_factor_line(record: FormFactorSet) -> Listing:
    form = "values at q2" if record.kind == "points" else f"coefficients, {record.parametrisation}"
    return Listing(
        kind="form factors",
        id=record.id,
        observables=(record.process,),
        experiment=record.reference.experiment or "",
        year=record.reference.year,
        value=f"{len(record.names)} {form}",
        unit="1",
        status=record.status,
        reference=reference_text(record.reference),
    )


def _measurement_text(record: Measurement) -> str:
    """Limit if there is one for a limit, else values with errors."""
    bounded = record.kind in {"upper_limit", "lower_limit"}
    level = f"({100 * record.cl:g} % CL)" if record.cl is not None else ""
    if bounded and record.limit is not None:
        sign = "<" if record.kind == "upper_limit" else ">"
        return f"{sign} {record.limit:.10g} {level}"
    if record.curve is not None:
        return f"curve of {len(record.curve)} points {level}"
    if record.values is None:
        return "none (see notes)"
    if record.errors_plus is None or record.errors_minus is None:
        return ", ".join(f"{value:.10g}" for value in record.values) + " (errors: see notes)"
    triples = zip(record.values, record.errors_plus, record.errors_minus, strict=True)
    return ", ".join(_value_text(*triple) for triple in triples)


def _value_text(value: float, plus: float, minus: float) -> str:
    """Value with its error; an error of zero (exact, or not known) is left out."""
    if plus == minus == 0:
        return f"{value:.10g}"
    if plus == minus:
        return f"{value:.10g} +- {plus:.3g}"
    return f"{value:.10g} +{plus:.3g} -{minus:.3g}"


def reference_text(reference: Reference) -> str:
    """Text of the arXiv number, else the DOI, else the journal, else experiment and year."""
    if reference.arxiv:
        return f"arXiv:{reference.arxiv}"
    if reference.doi:
        return f"doi:{reference.doi}"
    if reference.journal:
        return reference.journal
    experiment = reference.experiment or ""
    if reference.year is None or experiment[-4:].isdigit():  # authors with a year of their own
        return experiment
    return f"{experiment} {reference.year}".strip()
