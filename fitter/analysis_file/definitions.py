"""What the parameters of an analysis are made of: which others each is defined by."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from .cuts import parse_cut
from .expressions import parse
from .parameters import ExpressionSpec, FixedSpec, FreeSpec, PolarSpec, TiedSpec
from .sections import AnalysisSpec

__all__ = [
    "IMAGINARY",
    "Definition",
    "circles",
    "definitions",
    "in_order",
    "phases",
    "sources",
    "used",
]

Definition: TypeAlias = FixedSpec | FreeSpec | TiedSpec | ExpressionSpec

# Before the name of a parameter: its imaginary part.
IMAGINARY = "Im_"


def definitions(spec: AnalysisSpec) -> dict[str, Definition]:
    """Every parameter that an analysis names, polar forms written out as two expressions.

    Parameters
    ----------
    spec : AnalysisSpec

    Returns
    -------
    dict of str to FixedSpec, FreeSpec, TiedSpec or ExpressionSpec
        Of the model, then auxiliary ones, each in the order of the file.
    """
    found: dict[str, Definition] = {}
    for name, entry in spec.parameters.items():
        if isinstance(entry, PolarSpec):
            found[name], found[IMAGINARY + name] = entry.parts
        else:
            found[name] = entry
    return {**found, **spec.auxiliary}


def sources(entry: Definition | None) -> tuple[str, ...]:
    """Parameters that one is made of, each once.

    Parameters
    ----------
    entry : definition or None
        None stands for a parameter that the analysis does not name.

    Returns
    -------
    tuple of str
        Empty unless it is tied or an expression.
    """
    if isinstance(entry, TiedSpec):
        return (entry.equals,)
    return parse(entry.expression).names if isinstance(entry, ExpressionSpec) else ()


def in_order(given: Mapping[str, Definition]) -> list[str]:
    """Names in an order in which each comes after those that it is made of.

    Parameters
    ----------
    given : mapping of str to definition
        Without circles.

    Returns
    -------
    list of str
        Also parameters that are only named by others.
    """
    graph = {name: sources(entry) for name, entry in given.items()}
    return list(TopologicalSorter(graph).static_order())


def circles(given: Mapping[str, Definition]) -> list[list[str]]:
    """Circles of parameters that are made of each other.

    Parameters
    ----------
    given : mapping of str to definition

    Returns
    -------
    list of lists of str
        Each circle once: from the parameter that comes first in `given`, to one that it is made
        of, and so on back to itself.
    """
    graph = {name: sources(entry) for name, entry in given.items()}
    rank = {name: position for position, name in enumerate(given)}
    found = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            # In the order in which they would have to be computed; the first stands twice.
            members = list(reversed(error.args[1][1:]))
            first = members.index(min(members, key=rank.__getitem__))
            circle = [*members[first:], *members[:first]]
            found.append([*circle, circle[0]])
            graph.update(dict.fromkeys(circle, ()))
        else:
            return sorted(found, key=lambda circle: rank[circle[0]])


def phases(spec: AnalysisSpec) -> set[str]:
    """Parameters that are, as they stand, the phase of a polar form.

    Parameters
    ----------
    spec : AnalysisSpec

    Returns
    -------
    set of str
    """
    polar = [entry.polar for entry in spec.parameters.values() if isinstance(entry, PolarSpec)]
    return {pair.phase for pair in polar if pair.phase.isidentifier()}


def used(spec: AnalysisSpec) -> set[str]:
    """Names from which parameters of the model or cuts are made, directly or through others.

    Parameters
    ----------
    spec : AnalysisSpec

    Returns
    -------
    set of str
    """
    given = definitions(spec)
    cut = {name for text in spec.cuts for name in parse_cut(text).names}
    left = [*(name for name in given if name not in spec.auxiliary), *cut]
    reached: set[str] = set(cut)
    while left:
        fresh = set(sources(given.get(left.pop()))) - reached
        reached |= fresh
        left.extend(fresh)
    return reached
