"""Parameter table of an analysis, from its records and those of the model and the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from ..errors import ParameterError
from .known import coefficient_prefix
from .parameter_records import Affine, Parameter, Role
from .parameters import ParameterTable
from .priors import Array, CorrelatedNormal, Prior, make_prior
from .spec import AnalysisSpec, FixedSpec, FreeSpec, TiedSpec

__all__ = ["ConstantLike", "FormFactorSetLike", "ModelParameterLike", "build_table"]


class ModelParameterLike(Protocol):
    """What is needed of a parameter of a model."""

    @property
    def name(self) -> str:
        """Name in the analysis file."""

    @property
    def latex(self) -> str:
        """Symbol, math mode without dollar signs."""

    @property
    def unit(self) -> str:
        """Unit, ``"1"`` if there is none."""

    @property
    def default(self) -> float:
        """Value if the analysis does not name it."""

    @property
    def lower(self) -> float:
        """Lower end of the range allowed."""

    @property
    def upper(self) -> float:
        """Upper end of the range allowed."""


class ConstantLike(Protocol):
    """What is needed of a constant."""

    @property
    def latex(self) -> str:
        """Symbol, math mode without dollar signs."""

    @property
    def unit(self) -> str:
        """Unit, ``"1"`` if there is none."""

    @property
    def value(self) -> float:
        """Value in the unit."""


class FormFactorSetLike(Protocol):
    """What is needed of a form-factor set."""

    @property
    def names(self) -> tuple[str, ...]:
        """Coefficients, m of them."""

    @property
    def central(self) -> Array:
        """Central values, (m,)."""

    @property
    def covariance(self) -> Array:
        """Covariance, (m, m)."""


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
    model_parameters: Iterable[ModelParameterLike],
    constants: Mapping[str, ConstantLike],
    form_factor_sets: Mapping[str, FormFactorSetLike],
) -> ParameterTable:
    """Make the parameter table of an analysis.

    Columns of theta: free parameters of the model and then constants, each in the order of the
    file, then the coefficients of form factors that float.

    Parameters
    ----------
    spec : AnalysisSpec
        From ``schema.load_spec``: its names exist.
    model_parameters : iterable of ModelParameter
        Of the model ``spec.model``.
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
        A prior cannot be made, or a tied parameter starts outside its range.
    """
    declared = {entry.name: entry for entry in model_parameters}
    columns = _Columns()
    for name, entry in spec.parameters.items():
        if isinstance(entry, FreeSpec):
            limits = declared[name].lower, declared[name].upper
            prior = make_prior(entry.prior, limits)
            known, default = declared[name], declared[name].default
            free = _free(entry, prior, name, known.latex, known.unit, default, "model", spec)
            columns.add(prior, [free])
    fixed_constants: dict[str, float] = {}
    constant_columns: dict[str, int] = {}
    for name, item in spec.inputs.items():
        if isinstance(item, FixedSpec):
            fixed_constants[name] = item.value
            continue
        constant_columns[name] = len(columns.parameters)
        prior, given = make_prior(item.prior), constants[name]
        free = _free(item, prior, name, given.latex, given.unit, given.value, "constant", spec)
        columns.add(prior, [free])
    blocks: dict[str, tuple[int, int]] = {}
    for process, choice in spec.form_factors.items():
        if choice.treatment == "float":
            first = len(columns.parameters)
            _add_form_factors(columns, process, choice.set, form_factor_sets[choice.set], spec)
            blocks[process] = first, len(columns.parameters)
    names = tuple(entry.name for entry in columns.parameters)
    start = np.array([[entry.value for entry in columns.parameters]], dtype=np.float64)
    rules = _rules(spec, declared, names)
    free_parameters = {entry.name: entry for entry in columns.parameters}
    model_table = [
        free_parameters.get(name) or _held(known, rules.get(name), spec, start)
        for name, known in declared.items()
    ]
    constant_table = [
        Parameter(name, constants[name].latex, constants[name].unit, "constant", "fixed", value)
        for name, value in fixed_constants.items()
    ]
    rest = [entry for entry in columns.parameters if entry.role != "model"]
    return ParameterTable(
        parameters=(*model_table, *constant_table, *rest),
        names=names,
        priors=tuple(columns.priors),
        model=rules,
        constants=constant_columns,
        fixed_constants=fixed_constants,
        blocks=blocks,
    )


def _free(
    entry: FreeSpec,
    prior: Prior,
    name: str,
    latex: str,
    unit: str,
    default: float,
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
    )


def _default_start(prior: Prior, default: float) -> float:
    """Centre of a measured parameter, else the default if it lies inside the support.

    Never an end of the support: minimisers with limits cannot leave it.
    """
    (lower,), (upper,) = prior.support
    candidates = [float(prior.centre[0])]
    if not prior.is_constraint:
        candidates.insert(0, default)
    for value in candidates:
        if lower < value < upper:
            return value
    return float(prior.ppf(np.array([[0.5]]))[0, 0])


def _add_form_factors(
    columns: _Columns, process: str, name: str, chosen: FormFactorSetLike, spec: AnalysisSpec
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
                correlated=True,
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


def _rules(
    spec: AnalysisSpec, declared: Mapping[str, ModelParameterLike], names: tuple[str, ...]
) -> dict[str, Affine]:
    """Rule of each parameter that the analysis names, ties followed to their ends."""

    def follow(name: str) -> Affine:
        entry = spec.parameters.get(name)
        if isinstance(entry, TiedSpec):
            end = follow(entry.equals)  # circles were refused with the analysis file
            times, plus = entry.times * end.times, entry.times * end.plus + entry.plus
            lower, upper = declared[name].lower, declared[name].upper
            return Affine(end.column if times else None, times, plus, lower, upper)
        if isinstance(entry, FreeSpec):
            return Affine(names.index(name), 1.0, 0.0)  # its range is in its prior
        value = declared[name].default if entry is None else entry.value
        return Affine(None, 0.0, value)

    return {name: follow(name) for name in spec.parameters}


def _held(
    known: ModelParameterLike, rule: Affine | None, spec: AnalysisSpec, start: Array
) -> Parameter:
    """Record of a fixed or tied parameter of the model."""
    value = known.default if rule is None else float(rule(start)[0])
    held = Parameter(
        name=known.name,
        latex=known.latex,
        unit=known.unit,
        role="model",
        status="fixed",
        value=value,
        lower=known.lower,
        upper=known.upper,
        rule="default" if rule is None else "",
    )
    entry = spec.parameters.get(known.name)
    if not isinstance(entry, TiedSpec):
        return held
    if not known.lower <= value <= known.upper:
        raise ParameterError(
            f"{known.name}, tied to {entry.equals}, starts at {value:g}: outside its range "
            f"[{known.lower:g}, {known.upper:g}]."
        )
    times = "" if entry.times == 1.0 else f"{entry.times:g} x "
    plus = "" if entry.plus == 0.0 else f" {'-' if entry.plus < 0 else '+'} {abs(entry.plus):g}"
    return replace(held, status="tied", rule=f"{times}{entry.equals}{plus}")
