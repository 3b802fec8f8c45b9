"""Quantities over planes of two free parameters, computed through the stored analysis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...chains.records import Array, ParameterRecord, RunFile
from ...chains.records.planes import PlaneField
from ...errors import ParameterError, StoreError
from ..problem import Problem
from .request import Request, Source

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["DENSITIES", "decay_lengths", "density", "plane_points"]

# Points along each axis if nothing else says how many.
POINTS = 41
# Part of the largest value by which a quantity differs that depends on the plane.
_DEPENDS = 1e-9
# Of a density that was put in and is found again, to the precision of its solution.
_DENSITY_DEPENDS = 1e-4
LIGHT = 299_792_458.0  # m/s, exact in the SI

# What is measured of a relic density, and the observable that predicts it.
DENSITIES = {"planck_2018_omegac": "Omega_phi h^2"}


def plane_points(
    source: Source, request: Request, names: tuple[str, str], known: Mapping[str, Array]
) -> dict[str, Array]:
    """Grid values of both axes: those given with ``--along``, of a scan, or over a range.

    Parameters
    ----------
    source : Source
    request : Request
    names : (str, str)
    known : mapping of str to (k,) array
        Of a scan.

    Returns
    -------
    dict of str to (k,) array
        Ascending.
    """
    along = dict(request.along)
    for name in along:
        if name not in names:
            raise ParameterError(f"--along {name}: the axes are {' and '.join(names)}.")
    found = {}
    for name in names:
        record = source.run.parameter(name)
        if name in along:
            found[name] = np.unique(np.asarray(along[name], float))
        elif name in request.ranges or name not in known:
            found[name] = _over(record, request.ranges.get(name, (record.lower, record.upper)))
        else:
            found[name] = known[name]
        if len(found[name]) < 2:
            raise ParameterError(f"--along {name}: two different values or more are needed.")
    return found


def _over(record: ParameterRecord, ends: tuple[float, float]) -> Array:
    """Values from one end to the other, equal in the logarithm where the prior is."""
    if not np.isfinite(ends).all():
        raise ParameterError(
            f"{record.name} has no finite range: give one with --range {record.name}=LOW:HIGH."
        )
    if record.logarithmic and ends[0] > 0.0:
        return np.geomspace(*ends, POINTS)
    return np.linspace(*ends, POINTS)


def _over_plane(
    source: Source,
    problem: Problem,
    points: Mapping[str, Array],
    value: Callable[[Array], Array],
) -> Array:
    """Values (k_1, k_2) at all points of a plane, the others at the best fit of the run."""
    columns = []
    for name, axis in points.items():
        if name not in problem.names:
            raise ParameterError(
                f"{name} is no free parameter of {source.run.name}: {', '.join(problem.names)}."
            )
        columns.append(problem.names.index(name))
        lower, upper = problem.bounds[columns[-1]]
        if axis[0] < lower or axis[-1] > upper:
            raise ParameterError(
                f"{name} from {axis[0]:g} to {axis[-1]:g} leaves its range [{lower:g}, {upper:g}]."
            )
    mesh = np.stack([one.ravel() for one in np.meshgrid(*points.values(), indexing="ij")], axis=1)
    theta = np.repeat(_held(source.run, problem)[None], len(mesh), axis=0)
    theta[:, columns] = mesh
    values = np.broadcast_to(np.asarray(value(theta), float).reshape(-1), (len(mesh),))
    return values.reshape([len(axis) for axis in points.values()])


def _held(run: RunFile, problem: Problem) -> Array:
    """Best fit, what stands for measurements at its central value."""
    start = np.asarray(problem.start, float)
    best = run.best_fit
    if best is None:
        return start.copy()
    known = dict(zip(best.names, best.values, strict=True))
    values = np.array([known.get(name, at) for name, at in zip(problem.names, start, strict=True)])
    return np.where(problem.constrained, start, values)


def _told(run: RunFile, problem: Problem, names: tuple[str, str]) -> tuple[str, ...]:
    """Where the other parameters without constraint are, in words."""
    held = _held(run, problem)
    return tuple(
        f"{name} = {held[i]:.4g}"
        for i, name in enumerate(problem.names)
        if name not in names and not problem.constrained[i]
    )


def decay_lengths(source: Source, request: Request, points: Mapping[str, Array]) -> PlaneField:
    """Proper decay length c tau of the dark particle over a plane, in metres.

    It is the model's own (``ctau``), or hbar c over the width; where the width is zero there is
    none.

    Raises
    ------
    StoreError
        If the model has neither, or neither depends on the plane.
    """
    problem = source.analysis(request.own).problem
    values = _over_plane(source, problem, points, lambda theta: _ctau(*problem.wilson(theta)))
    if not np.isfinite(values).any():
        raise StoreError(
            f"{problem.model.name} has no decay length here: its particle is stable, so that there "
            "is nothing to draw with --show ctau."
        )
    if np.nanmax(values) - np.nanmin(values) <= _DEPENDS * np.nanmax(values):
        raise StoreError(
            f"the decay length of {problem.model.name} is {np.nanmax(values):.3g} m everywhere: "
            "write the width or ctau in the analysis file as an expression of mass and coupling."
        )
    one, two = points
    return PlaneField(
        "ctau", r"c\tau", "m", (one, two), tuple(points.values()), values,
        held=_told(source.run, problem, (one, two)),
    )  # fmt: skip


def _ctau(wilson: Wilson, inputs: Inputs) -> Array:
    from ...physics.invisible.densities.lives import STABLE

    given = wilson.get("ctau")
    if given is not None:
        return np.where(np.asarray(given) < STABLE, given, np.nan)
    width = wilson.get("Gamma_1")
    if width is None:
        return np.array([np.nan])
    positive = np.where(np.asarray(width) > 0.0, width, np.nan)
    length: Array = inputs.constant("hbar") * LIGHT / positive
    return np.ravel(length)


def density(source: Source, request: Request, points: Mapping[str, Array]) -> PlaneField:
    """Relic density over a plane, with what was measured of it.

    Raises
    ------
    StoreError
        If the model predicts none, or it does not depend on the plane.
    """
    from ...data.measurements import measurements
    from ...errors import BsinvError

    problem = source.analysis(request.own).problem
    (measured, name), *_ = DENSITIES.items()
    try:
        values = _over_plane(source, problem, points, lambda t: problem.observable(name, t))
    except ParameterError:
        raise
    except BsinvError as error:
        raise StoreError(f"{problem.model.name} predicts no relic density: {error}") from error
    known = values[np.isfinite(values)]
    if not len(known) or np.ptp(known) <= _DENSITY_DEPENDS * abs(known).max():
        raise StoreError(
            f"the relic density of {problem.model.name} does not depend on {' and '.join(points)}: "
            "choose other axes with --params."
        )
    record, datum = problem.record(name), measurements()[measured]
    central, *_ = datum.values if datum.values is not None else (np.nan,)
    width, *_ = datum.errors_plus if datum.errors_plus is not None else (np.nan,)
    one, two = points
    return PlaneField(
        name, record.latex, "", (one, two), tuple(points.values()), values, float(central),
        float(width),         _told(source.run, problem, (one, two)), measured,
    )  # fmt: skip
