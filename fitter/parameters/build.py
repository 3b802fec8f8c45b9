"""Parameter table of an analysis, from its records and those of the model and the data."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...data.records import Constant, FormFactorSet
from ...models import ModelParameter
from ..analysis_file.definitions import Definition, definitions, phases
from ..analysis_file.names import coefficient_prefix
from ..analysis_file.parameters import (
    ExpressionSpec,
    FixedAuxiliarySpec,
    FixedSpec,
    FormedAuxiliarySpec,
    FreeAuxiliarySpec,
    FreeSpec,
)
from ..analysis_file.sections import AnalysisSpec
from .angles import SEAM
from .cuts import cut_rules, with_fraction
from .priors import Array, CorrelatedNormal, Prior, make_prior
from .records import Parameter, Role
from .rules import Rules, make_rules, tied_parameter
from .table import ParameterTable

__all__ = ["build_table"]

# Standard deviations at which a normal prior has no more than 1e-23 of its weight left.
_FAR = 10.0


@dataclass
class _Columns:
    """Free parameters gathered so far."""

    parameters: list[Parameter] = field(default_factory=list)
    priors: list[Prior] = field(default_factory=list)

    def add(self, prior: Prior, parameters: Iterable[Parameter]) -> None:
        """Append a prior and the parameters of its columns."""
        self.priors.append(prior)
        self.parameters.extend(parameters)


def build_table(
    spec: AnalysisSpec,
    model_parameters: Iterable[ModelParameter],
    constants: Mapping[str, Constant],
    form_factor_sets: Mapping[str, FormFactorSet],
) -> ParameterTable:
    """Make the parameter table of an analysis.

    Columns of theta: free parameters of the model, auxiliary ones and constants, each in the order
    of the file, then the coefficients of form factors that float.

    Parameters
    ----------
    spec : AnalysisSpec
        From ``schema.load_spec``: its names exist.
    model_parameters : iterable of ModelParameter
        Of the model ``spec.model_name``.
    constants : mapping of str to Constant
        At least those under ``inputs``.
    form_factor_sets : mapping of str to FormFactorSet
        Set name -> set; at least those that float.

    Returns
    -------
    ParameterTable

    Raises
    ------
    ParameterError
        A prior cannot be made, a tied parameter starts outside its range or is not defined there,
        or cuts leave nothing at the start or hardly anything of the prior.
    """
    declared = {entry.name: entry for entry in model_parameters}
    columns = _Columns()
    _add_model(columns, declared, spec)
    _add_auxiliary(columns, spec)
    constant_columns = _add_constants(columns, constants, spec)
    blocks: dict[str, tuple[int, int]] = {}
    for process, choice in spec.form_factors.items():
        if choice.treatment == "float":
            first = len(columns.parameters)
            _add_form_factors(columns, process, choice.set, form_factor_sets[choice.set], spec)
            blocks[process] = first, len(columns.parameters)
    names = tuple(entry.name for entry in columns.parameters)
    fixed_constants = {
        name: item.value for name, item in spec.inputs.items() if isinstance(item, FixedSpec)
    }
    rules = make_rules(spec, declared, names)
    table = ParameterTable(
        parameters=_records(columns, declared, constants, spec, rules),
        names=names,
        priors=tuple(columns.priors),
        model={name: rule for name, rule in rules.affine.items() if name in spec.parameters},
        constants=constant_columns,
        fixed_constants=fixed_constants,
        blocks=blocks,
        formulas=rules.formulas,
        cuts=cut_rules(spec, rules.affine, declared, names),
    )
    return with_fraction(table)


def _add_model(
    columns: _Columns, declared: Mapping[str, ModelParameter], spec: AnalysisSpec
) -> None:
    for name, entry in spec.parameters.items():
        if isinstance(entry, FreeSpec):
            known = declared[name]
            prior = make_prior(entry.prior, (known.lower, known.upper))
            free = _free(entry, prior, name, known.latex, known.unit, known.default, "model", spec)
            columns.add(prior, [free])


def _add_auxiliary(columns: _Columns, spec: AnalysisSpec) -> None:
    for name, entry in spec.auxiliary.items():
        if isinstance(entry, FreeAuxiliarySpec):
            prior, unit = make_prior(entry.prior), entry.unit or "1"
            free = _free(entry, prior, name, _plain(name), unit, None, "auxiliary", spec)
            columns.add(prior, [free])


def _add_constants(
    columns: _Columns, constants: Mapping[str, Constant], spec: AnalysisSpec
) -> dict[str, int]:
    """Add the constants that float, and return their columns."""
    found: dict[str, int] = {}
    for name, entry in spec.inputs.items():
        if isinstance(entry, FreeSpec):
            found[name] = len(columns.parameters)
            known = constants[name]
            prior = make_prior(entry.prior, _near(known.allowed, entry))
            latex, unit, value = known.latex, known.unit, known.value
            free = _free(entry, prior, name, latex, unit, value, "constant", spec)
            columns.add(prior, [free])
    return found


def _near(allowed: tuple[float, float], entry: FreeSpec) -> tuple[float, float]:
    """Ends of the range of a constant at which a normal prior is cut.

    Not those so far away that a float could not tell: there a plain normal does.
    """
    if entry.prior.normal is None:
        return allowed
    mean, sigma = entry.prior.normal
    lower, upper = allowed
    return (
        lower if lower > mean - _FAR * sigma else -math.inf,
        upper if upper < mean + _FAR * sigma else math.inf,
    )


def _records(
    columns: _Columns,
    declared: Mapping[str, ModelParameter],
    constants: Mapping[str, Constant],
    spec: AnalysisSpec,
    rules: Rules,
) -> tuple[Parameter, ...]:
    """All parameters: of the model, auxiliary ones, constants, form factors."""
    start = np.array([[entry.value for entry in columns.parameters]], dtype=np.float64)
    values, given = rules.at(start), definitions(spec)
    free = {entry.name: entry for entry in columns.parameters}
    model = [free.get(name) or _held(known, given, values) for name, known in declared.items()]
    auxiliary = [
        free[name] if isinstance(entry, FreeAuxiliarySpec) else _auxiliary(name, entry, values)
        for name, entry in spec.auxiliary.items()
    ]
    fixed = [
        Parameter(name, constants[name].latex, constants[name].unit, "constant", "fixed", it.value)
        for name, it in spec.inputs.items()
        if isinstance(it, FixedSpec)
    ]
    rest = [entry for entry in free.values() if entry.role in ("constant", "form factor")]
    return (*model, *auxiliary, *fixed, *rest)


def _free(
    entry: FreeSpec,
    prior: Prior,
    name: str,
    latex: str,
    unit: str,
    default: float | None,
    role: Role,
    spec: AnalysisSpec,
) -> Parameter:
    """Record of a free parameter with a prior of its own."""
    start = spec.fit.start.get(name, entry.start)
    value = _default_start(prior, default) if start is None else start
    lower, upper = (float(end[0]) for end in prior.support)
    return Parameter(
        name=name,
        latex=entry.latex or latex,
        unit=unit,
        role=role,
        status="free",
        value=value,
        lower=lower,
        upper=upper,
        step=float(prior.step(np.array([value]))[0]),
        rule=prior.description,
        constraint=prior.is_constraint,
        periodic=_maybe_angle(name, entry, spec),
    )


def _maybe_angle(name: str, entry: FreeSpec, spec: AnalysisSpec) -> bool:
    """Whether a parameter is said to be an angle, or is the phase of a polar form over a turn."""
    if entry.periodic is not None or entry.prior.uniform is None:
        return bool(entry.periodic)
    lower, upper = entry.prior.uniform
    turn = abs(upper - lower - 2.0 * np.pi) < SEAM * 2.0 * np.pi
    return turn and name in phases(spec)


def _default_start(prior: Prior, default: float | None) -> float:
    """Centre of a measured parameter, else the default, if any, where it is inside the support.

    Never an end of the support: minimisers with limits cannot leave it.
    """
    (lower,), (upper,) = prior.support
    candidates = [float(prior.centre[0])]
    if not prior.is_constraint and default is not None:
        candidates.insert(0, default)
    for value in candidates:
        if lower < value < upper:
            return value
    return float(prior.ppf(np.array([[0.5]]))[0, 0])


def _add_form_factors(
    columns: _Columns, process: str, name: str, chosen: FormFactorSet, spec: AnalysisSpec
) -> None:
    """One correlated block with the coefficients of a process."""
    prior = CorrelatedNormal(chosen.central, chosen.covariance, label=name)
    prefix = coefficient_prefix(process)
    steps = prior.step(prior.centre)
    columns.add(
        prior,
        [
            Parameter(
                name=prefix + coefficient,
                latex=_coefficient_latex(coefficient, process),
                unit="1",
                role="form factor",
                status="free",
                value=spec.fit.start.get(prefix + coefficient, float(prior.mean[index])),
                step=float(steps[index]),
                rule=prior.description,
                constraint=True,
            )
            for index, coefficient in enumerate(chosen.names)
        ],
    )


def _coefficient_latex(coefficient: str, process: str) -> str:
    """Symbol of a coefficient: ``a0_A12`` of ``B->K*`` gives ``a_{0}^{A_{12}}(K^{*})``."""
    meson = process.split("->")[-1].replace("*", "^{*}").replace("phi", r"\phi")
    match = re.fullmatch(r"([a-z])(\d+)_([A-Za-z])(\S*)", coefficient)
    if match is None:
        plain = coefficient.replace("_", r"\_")
        return rf"\mathrm{{{plain}}}({meson})"
    letter, order, form_factor, index = match.groups()
    upper = f"{form_factor}_{{{index}}}" if index else form_factor
    return f"{letter}_{{{order}}}^{{{upper}}}({meson})"


def _held(
    known: ModelParameter, given: Mapping[str, Definition], values: Mapping[str, Array]
) -> Parameter:
    """Record of a fixed or tied parameter of the model."""
    named = known.name in values
    held = Parameter(
        name=known.name,
        latex=known.latex,
        unit=known.unit,
        role="model",
        status="fixed",
        value=float(values[known.name][0]) if named else known.default,
        lower=known.lower,
        upper=known.upper,
        rule="" if known.name in given else "default",
    )
    return tied_parameter(held, given.get(known.name), values)


def _auxiliary(
    name: str, entry: FixedAuxiliarySpec | FormedAuxiliarySpec, values: Mapping[str, Array]
) -> Parameter:
    """Record of an auxiliary parameter that is not free."""
    value = float(values[name][0])
    held = Parameter(
        name, entry.latex or _plain(name), entry.unit or "1", "auxiliary", "fixed", value
    )
    return tied_parameter(held, entry if isinstance(entry, ExpressionSpec) else None, values)


def _plain(name: str) -> str:
    """Symbol of a parameter that has none: its name."""
    return rf"\mathrm{{{name}}}".replace("_", r"\_")
