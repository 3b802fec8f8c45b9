"""How parameters follow from the columns of theta: ties and expressions put in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...errors import ParameterError
from ...models import ModelParameter
from ..analysis_file.definitions import Definition, definitions, in_order, sources
from ..analysis_file.expressions import Expression, parse
from ..analysis_file.parameters import ExpressionSpec, FixedSpec, FreeSpec, TiedSpec
from ..analysis_file.sections import AnalysisSpec
from .priors import Array
from .records import Affine, Formula, Parameter

__all__ = ["Rules", "StartError", "make_rules", "tied_parameter"]


class StartError(ParameterError):
    """A parameter that follows from others has no allowed value at the start.

    Parameters
    ----------
    name : str
        Of the parameter.
    message : str
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Rules:
    """Rules of all parameters that an analysis names, and of those that they are made of.

    Attributes
    ----------
    affine : mapping of str to Affine
        Those that are a number, a column, or tied to one.
    formulas : tuple of Formula
        The others, each after those that it is made of.
    """

    affine: Mapping[str, Affine]
    formulas: tuple[Formula, ...]

    def at(self, theta: Array) -> dict[str, Array]:
        """Values of all of them at points (n, ndim): name to (n,) or (1,) array."""
        values = {name: rule(theta) for name, rule in self.affine.items()}
        for formula in self.formulas:
            values[formula.name] = formula(theta, values)
        return values


def make_rules(
    spec: AnalysisSpec, declared: Mapping[str, ModelParameter], names: tuple[str, ...]
) -> Rules:
    """Follow ties and expressions to their ends.

    Parameters
    ----------
    spec : AnalysisSpec
        Without circles, unknown names or names given twice.
    declared : mapping of str to ModelParameter
        Every parameter of the model.
    names : tuple of str
        Free parameters, in the order of the columns of theta.

    Returns
    -------
    Rules
    """
    given = definitions(spec)
    columns = {name: column for column, name in enumerate(names)}
    affine: dict[str, Affine] = {}
    formulas: list[Formula] = []
    for name in in_order(given):
        entry = given.get(name)
        if entry is None and name not in declared:
            entry = spec.inputs[name]
        if isinstance(entry, FreeSpec):
            affine[name] = Affine(columns[name], 1.0, 0.0)  # its range is in its prior
        elif entry is None or isinstance(entry, FixedSpec):
            value = declared[name].default if entry is None else entry.value
            affine[name] = Affine(None, 0.0, value)
        elif isinstance(entry, TiedSpec) and entry.equals in affine:
            end, held = affine[entry.equals], declared[name]
            times, plus = entry.times * end.times, entry.times * end.plus + entry.plus
            column = end.column if times else None
            affine[name] = Affine(column, times, plus, held.lower, held.upper)
        else:
            formulas.append(_formula(name, entry, declared.get(name), affine))
    return Rules(affine, tuple(formulas))


def _formula(
    name: str,
    entry: TiedSpec | ExpressionSpec,
    held: ModelParameter | None,
    affine: Mapping[str, Affine],
) -> Formula:
    """Rule of an expression, or of a tie to one."""
    expression = (
        Expression.linear(entry.equals, entry.times, entry.plus)
        if isinstance(entry, TiedSpec)
        else parse(entry.expression)
    )
    own = {source: affine[source] for source in sources(entry) if source in affine}
    if held is None:
        return Formula(name, "auxiliary", expression, own)
    return Formula(name, "model", expression, own, held.lower, held.upper)


def tied_parameter(
    held: Parameter, entry: Definition | None, values: Mapping[str, Array]
) -> Parameter:
    """Record of a parameter that is not free, completed if it follows from others.

    Parameters
    ----------
    held : Parameter
        As it is without that.
    entry : definition or None
        How the analysis gives it.
    values : mapping of str to (1,) array
        Values of all parameters at the start.

    Returns
    -------
    Parameter

    Raises
    ------
    StartError
        It is not defined at the start, or outside its range.
    """
    if isinstance(entry, TiedSpec):
        times = "" if entry.times == 1.0 else f"{entry.times:g} x "
        sign = "-" if entry.plus < 0 else "+"
        plus = "" if entry.plus == 0.0 else f" {sign} {abs(entry.plus):g}"
        rule, what = f"{times}{entry.equals}{plus}", f", tied to {entry.equals}, "
    elif isinstance(entry, ExpressionSpec):
        rule = f"= {entry.expression}"
        what = f" {rule} "
    else:
        return held
    value = float(values[held.name][0])
    if value != value:
        made_of = ", ".join(f"{name} = {float(values[name][0]):g}" for name in sources(entry))
        raise StartError(
            held.name,
            f"{held.name}{what}is not a finite number at the start"
            + (f", {made_of}: give other starts." if made_of else "."),
        )
    if not held.lower <= value <= held.upper:
        raise StartError(
            held.name,
            f"{held.name}{what}starts at {value:g}: outside its range "
            f"[{held.lower:g}, {held.upper:g}].",
        )
    return replace(held, status="tied", rule=rule)
