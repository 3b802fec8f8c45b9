"""What a run is asked for: predictions besides those that every run makes, and scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import BsinvError, ParameterError, UnknownNameError
from ..likelihoods.catalogue import groups
from ..physics.observable import Observable
from .analysis_file.reading.source import Located
from .analysis_file.sections import FitSpec, PredictionSpec
from .analysis_file.settings import REST
from .parameters.priors import Array
from .parameters.records import Parameter
from .problem import Problem

__all__ = [
    "ScanRequest",
    "Scans",
    "check_predictions",
    "check_separate",
    "label_of",
    "scans_asked",
    "separate_terms",
    "value_of",
]

PROFILE_POINTS, CONTOUR_POINTS = 30, 15


def label_of(problem: Problem, request: PredictionSpec) -> dict[str, Any]:
    """Name, symbol and unit of a prediction that was asked for.

    Parameters
    ----------
    problem : Problem
    request : PredictionSpec

    Returns
    -------
    dict of str to str
        With the keys ``name``, ``latex``, ``unit``: fields of a `Prediction`.
    """
    parameter = _parameter(problem, request)
    entry: Parameter | Observable = parameter or problem.record(request.observable)
    name, latex = request.observable, entry.latex
    if request.q2min is not None or request.q2max is not None:
        low = "" if request.q2min is None else f"{request.q2min:g} < "
        high = "" if request.q2max is None else f" < {request.q2max:g}"
        name += f", {low}q2{high}"
        latex += rf",\ {low}q^2{high}"
    if request.long_distance:
        name += ", with long distance"
        latex += r"\ \mathrm{(LD)}"
    return {"name": name, "latex": latex, "unit": "" if entry.unit == "1" else entry.unit}


def value_of(problem: Problem, request: PredictionSpec, theta: Array) -> Array:
    """Prediction that was asked for, at a batch of points.

    Parameters
    ----------
    problem : Problem
    request : PredictionSpec
        An observable, or a parameter that follows from others.
    theta : (n, d) array

    Returns
    -------
    (n,) array
        In the unit of the observable or the parameter.

    Raises
    ------
    PredictionError
        If the model cannot predict it.
    """
    if _parameter(problem, request) is None:
        return problem.observable(request.observable, theta, **request.kinematics)
    table = problem.table
    rule = table.model.get(request.observable)
    value = table.derived(theta)[request.observable] if rule is None else rule(theta)
    return np.broadcast_to(value, (len(theta),))


def _parameter(problem: Problem, request: PredictionSpec) -> Parameter | None:
    entries = problem.table.parameters
    return next((entry for entry in entries if entry.name == request.observable), None)


def check_predictions(
    problem: Problem, requests: Sequence[PredictionSpec], located: Located
) -> None:
    """Make every prediction that was asked for once, so that what cannot work is said at once.

    Parameters
    ----------
    problem : Problem
    requests : sequence of PredictionSpec
    located : Located
        The analysis file, for the line.

    Raises
    ------
    AnalysisError
        If the model cannot predict one.
    """
    for index, request in enumerate(requests):
        try:
            value_of(problem, request, problem.start[None])
        except BsinvError as error:
            raise located.mistake(str(error), ("predictions", index)) from error


@dataclass(frozen=True)
class ScanRequest:
    """A scan that a run makes.

    Attributes
    ----------
    axes : mapping of str to (lower, upper, points)
        One or two parameters; without ends (NaN) the grid is around the best fit and grows, see
        `fitter.drivers.windows`.
    profiled : bool
        Refit the other parameters at each point.
    separate : mapping of str to tuple of str
        Label -> terms whose part of the log likelihood is stored besides.
    refine : int
        How often the spacing is halved where a contour may be.
    """

    axes: Mapping[str, tuple[float, float, int]]
    profiled: bool = True
    separate: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refine: int = 0

    @property
    def name(self) -> str:
        """Name in the results file."""
        ends = [f" [{a:g}, {b:g}]" if np.isfinite(a) else "" for a, b, _ in self.axes.values()]
        named = " ".join(f"{name}{end}" for name, end in zip(self.axes, ends, strict=True))
        return ("profile " if self.profiled else "section ") + named

    @property
    def shape(self) -> tuple[int, ...]:
        """Grid points along each axis."""
        return tuple(points for _, _, points in self.axes.values())

    def grid(self) -> dict[str, np.ndarray] | None:
        """Grid values; None if they follow from the best fit."""
        if any(np.isnan(low) for low, _, _ in self.axes.values()):
            return None
        return {name: np.linspace(*axis) for name, axis in self.axes.items()}


Scans = tuple[ScanRequest, ...]


def scans_asked(
    problem: Problem, given: FitSpec, profiles: Sequence[str] = (), contour: Sequence[str] = ()
) -> Scans:
    """Scans of the analysis file, and more.

    Parameters
    ----------
    problem : Problem
    given : FitSpec
        Section of the analysis file.
    profiles : sequence of str
        Further parameters to profile.
    contour : sequence of str
        Two parameters, or none.

    Returns
    -------
    tuple of ScanRequest

    Raises
    ------
    UnknownNameError
        If a name is not a free parameter.
    ParameterError
        If both parameters of a contour are the same.
    """
    for name in (*profiles, *contour):
        problem.table.index(name)
    if contour and contour[0] == contour[1]:
        raise ParameterError(f"contours need two different parameters, not {contour[0]!r} twice.")
    asked = dict(given.profiles)
    asked |= {name: asked.get(name, PROFILE_POINTS) for name in profiles}
    pairs = dict.fromkeys(tuple(pair) for pair in (*given.contours, contour) if pair)
    nan = float("nan")
    return (
        *(ScanRequest({name: (nan, nan, points)}) for name, points in asked.items()),
        *(ScanRequest(dict.fromkeys(pair, (nan, nan, CONTOUR_POINTS))) for pair in pairs),
        *(
            ScanRequest(
                dict(grid.axes),
                grid.others == "refitted",
                separate_terms(problem, grid.separate),
                grid.refine,
            )
            for grid in given.grids
        ),
    )


def separate_terms(
    problem: Problem, separate: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Terms behind the labels of ``separate``, and those behind none of them.

    Parameters
    ----------
    problem : Problem
    separate : mapping of str to sequence of str
        Label -> names of terms of the problem, or of groups with terms of it.

    Returns
    -------
    dict of str to tuple of str
        In the order of the labels, the terms in that of the problem; `REST` last if any is left.

    Raises
    ------
    UnknownNameError
        If a name is none of a term, nor of a group with terms of this problem.
    """
    if not separate:
        return {}
    terms = [term.name for term in problem.terms]
    members = {term: {term} for term in terms}
    for group, parts in groups().items():
        used = {name for name in parts if name in terms}
        if used:
            members[group] = used
    found = {}
    for label, given in separate.items():
        for name in given:
            if name not in members:
                raise UnknownNameError("likelihood of this analysis", name, members)
        wanted = {member for name in given for member in members[name]}
        found[label] = tuple(term for term in terms if term in wanted)
    named = {term for entry in found.values() for term in entry}
    rest = tuple(term for term in terms if term not in named)
    return found | ({REST: rest} if rest else {})


def check_separate(problem: Problem, fit: FitSpec, located: Located) -> None:
    """Refuse a ``separate`` of a grid that names what the analysis does not use.

    Parameters
    ----------
    problem : Problem
    fit : FitSpec
    located : Located
        The analysis file, for the line.

    Raises
    ------
    AnalysisError
        With the nearest names.
    """
    for index, grid in enumerate(fit.grids):
        for label, names in grid.separate.items():
            try:
                separate_terms(problem, {label: names})
            except BsinvError as error:
                path = ("fit", "grids", index, "separate")
                raise located.mistake(str(error), path) from error
