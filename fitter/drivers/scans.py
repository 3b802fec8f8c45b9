"""Likelihoods on grids of one or two parameters, the others refitted at each point or held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...chains.records import Scan, ScanEnd, ScanStatus
from .coordinates import internal
from .minimise_batch import minimise_batch
from .minimum.descent import natural_steps
from .objective import WALL, Objective
from .refinement import begun_stride, halved, points_in_doubt, warm_points
from .target import Array, Target
from .work import Work, one_by_one

__all__ = ["GridTask", "Solutions", "WarmTask", "grid_scan"]

# Steps, in typical changes, at which a solution is left along one parameter to see whether it is
# lower there: a coupling at zero is stationary, however much a finite one would gain.
ESCAPES = np.geomspace(0.02, 10.0, 14)
# Grid points minimised together, and between two reports of progress; few enough that a contour is
# work for several.
CHUNK = 32
# Starting values of the other parameters of interest tried at each grid point.
CANDIDATES = 24
SWEEPS = 5
# A typical change of a prior that is longer than this many that the likelihood feels is shortened.
TOO_LONG = 20.0


def grid_scan(
    target: Target,
    axes: dict[str, Array],
    start: Array,
    *,
    profiled: bool = True,
    separate: Mapping[str, tuple[str, ...]] | None = None,
    refine: int = 0,
    best: float = -np.inf,
    begun: Scan | None = None,
    report: Callable[[Scan], None] | None = None,
    work: Work | None = None,
) -> Scan:
    """Scan the likelihood on a grid of one or two parameters.

    Where the other parameters are refitted, each grid point starts from the best fit and from the
    best of several values of the other parameters of interest; afterwards points that a neighbour's
    solution improves are fitted again, so that a profile follows the lower of several minima.

    Parameters
    ----------
    target : Target
    axes : mapping of str to (k,) array
        One or two free parameters and their grid values.
    start : (d,) array
        Best fit: where refits begin, or the values at which the others are held.
    profiled : bool
        Refit the other parameters (nuisance parameters inside a term always are).
    separate : mapping of str to tuple of str, optional
        Label -> terms of the target whose part of the log likelihood is stored for every point:
        where others are refitted, at what the fit of all terms finds.
    refine : int
        How often the spacing of a grid of two parameters is halved where a contour is in doubt
        (`points_in_doubt`). New points are fitted from the solutions of their neighbours.
    best : float
        Log likelihood times constraints of the best fit, from which contours are counted too.
    begun : Scan, optional
        Part of the same scan, done earlier.
    report : callable, optional
        Called after each chunk of points with the scan so far.
    work : callable, optional
        Who does the chunks; here, one after the other, by default.

    Returns
    -------
    Scan
        Points without a finite likelihood are marked, and the scan goes on. Refined, its axes are
        the finest ones, and points that were not needed are marked.
    """
    finest = {name: halved(np.asarray(axis, float), refine) for name, axis in axes.items()}
    task = GridTask(finest, np.asarray(start, float), profiled, dict(separate or {}))
    grid = _Grid(target, task)
    scan = begun if begun is not None else grid.empty(2**refine)
    stride = begun_stride(scan.status, refine)
    while True:
        left = np.flatnonzero(scan.status.ravel() == ScanStatus.NOT_DONE)
        left = left[np.argsort(grid.distance(start)[left], kind="stable")]
        chunks = [left[at : at + CHUNK] for at in range(0, len(left), CHUNK)]
        warm = stride < 2**refine
        items = [grid.warm_starts(scan, part, stride) for part in chunks] if warm else chunks
        for index, made in (work or one_by_one(target))(WarmTask(task) if warm else task, items):
            scan = grid.stored(scan, chunks[index], made)
            if report:
                report(scan)
        if profiled and len(grid.free):
            scan = grid.follow_neighbours(scan, stride)
        wanted = points_in_doubt(scan, stride, best) if stride > 1 else None
        if wanted is None or not wanted.any():
            return replace(scan, ends=())
        stride //= 2
        scan = replace(scan, status=np.where(wanted, ScanStatus.NOT_DONE, scan.status))


@dataclass(frozen=True, eq=False)
class GridTask:
    """Chunks of grid points, as workers do them.

    Attributes
    ----------
    axes : mapping of str to (k,) array
    start : (d,) array
    profiled : bool
    separate : mapping of str to tuple of str
        As for `grid_scan`.
    """

    axes: dict[str, Array]
    start: Array
    profiled: bool
    separate: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __call__(self, target: Target, index: Array) -> Solutions:
        """Solutions at grid points of flat indices (m,)."""
        grid = _Grid(target, self)
        return grid.solved(index, *grid.best(index))


@dataclass(frozen=True, eq=False)
class WarmTask:
    """Chunks of grid points that are fitted from solutions nearby, as workers do them.

    Attributes
    ----------
    grid : GridTask
    """

    grid: GridTask

    def __call__(self, target: Target, item: tuple[Array, Array]) -> Solutions:
        """Solutions at grid points of flat indices (m,), from starts (m, s, f)."""
        index, starts = item
        grid = _Grid(target, self.grid)
        return grid.solved(index, *grid.warm(index, starts))


@dataclass(frozen=True, eq=False)
class Solutions:
    """What was found at m grid points.

    Attributes
    ----------
    log_likelihood, log_constraint : (m,) arrays
        NaN where there is no finite likelihood.
    status : (m,) array
    others : (m, o) array
        The other parameters.
    separate : (m, g) array
        Parts of the log likelihood.
    """

    log_likelihood: Array
    log_constraint: Array
    status: Array
    others: Array
    separate: Array


class _Grid:
    """The points of a scan and the small minimisation at each."""

    def __init__(self, target: Target, task: GridTask) -> None:
        axes, start, profiled = task.axes, task.start, task.profiled
        self.given, self.separate = target, task.separate
        # In internal coordinates, but for `axes` and what is stored.
        self.target = internal(target)
        self.start = self.target.forward(np.asarray(start, float)[None])[0]
        self.names = tuple(axes)
        self.axes = tuple(np.asarray(axis, float) for axis in axes.values())
        self.shape = tuple(len(axis) for axis in self.axes)
        self.columns = [target.names.index(name) for name in self.names]
        others = [i for i in range(len(target.names)) if i not in self.columns]
        self.others = np.array(others, dtype=int)
        self.free = self.others if profiled else self.others[:0]
        mesh = np.meshgrid(*self.axes, indexing="ij")
        self.grid = np.stack([values.ravel() for values in mesh], axis=1)
        whole = np.repeat(np.asarray(start, float)[None], len(self.grid), axis=0)
        whole[:, self.columns] = self.grid
        self.points = self.target.forward(whole)[:, self.columns]
        # Columns of the metric belong to coordinates z: theta = start + metric z.
        self.metric = self._metric()
        bounds = (self.target.bounds[self.free] - self.start[self.free, None]) / np.diag(
            self.metric
        )[:, None]
        coupled = (self.metric != 0).sum(axis=1) > 1
        self.bounds = np.where(coupled[:, None], [-np.inf, np.inf], bounds)

    def _metric(self) -> Array:
        """Typical changes of the parameters that are refitted; not far longer than they matter."""
        metric: Array = self.target.metric[np.ix_(self.free, self.free)]
        held = {column: float(self.start[column]) for column in self.columns}
        objective = Objective(self.target, held)
        if not len(self.free) or not len(objective.free):
            return metric
        steps = natural_steps(objective, self.start[objective.free][None], off_walls=True)
        ratio = steps[0] / objective.scale
        matters = np.where(ratio < 1.0 / TOO_LONG, ratio, 1.0)
        scaled: Array = metric * matters[np.searchsorted(objective.free, self.free)]
        return scaled

    def empty(self, stride: int = 1) -> Scan:
        nan = np.full(self.shape, np.nan)
        status = np.full(self.shape, ScanStatus.NOT_ASKED)
        status[(slice(None, None, stride),) * len(self.shape)] = ScanStatus.NOT_DONE
        return Scan(
            name="profile " + " ".join(self.names),
            parameters=self.names,
            axes=self.axes,
            log_likelihood=nan,
            log_constraint=nan,
            status=status,
            other_names=tuple(self.target.names[i] for i in self.others),
            other_values=np.full((*self.shape, len(self.others)), np.nan),
            ends=(ScanEnd.UNFINISHED,),
            separate_names=tuple(self.separate),
            separate_terms=tuple(", ".join(terms) for terms in self.separate.values()),
        )

    def distance(self, start: Array) -> Array:
        """Of each grid point from the best fit, in grid spans."""
        span = np.array([np.ptp(axis) or 1.0 for axis in self.axes])
        offset = (self.grid - np.asarray(start)[self.columns]) / span
        distance: Array = (offset**2).sum(axis=1)
        return distance

    def theta(self, z: Array, index: Array) -> Array:
        """Full parameter points of grid points `index`: (m, d)."""
        theta = np.repeat(self.start[None], len(index), axis=0)
        theta[:, self.columns] = self.points[index]
        if len(self.free):
            theta[:, self.free] += z @ self.metric.T
        return theta

    def objective(self, theta: Array) -> Array:
        total = self.target.log_likelihood(theta) + self.target.log_constraint(theta)
        return np.where(np.isfinite(total), -2.0 * total, WALL)

    def best(self, index: Array) -> tuple[Array, Array, Array]:
        """Lowest solutions of grid points, from several starts."""
        best = self._minimise(np.zeros((len(index), len(self.free))), index)
        interesting = np.flatnonzero(~np.asarray(self.target.constrained)[self.free])
        if len(interesting):
            other = self._minimise(self._candidates(index, interesting), index)
            best = self._escaped(_lower(best, other), index, interesting)
        return best

    def warm_starts(self, scan: Scan, index: Array, stride: int) -> tuple[Array, Array]:
        """Points and where the other parameters are at their neighbours, for a `WarmTask`."""
        near = warm_points(index, scan.status, stride)
        if not len(self.free):
            return index, np.zeros((*near.shape, 0))
        z = (self._solutions(scan) - self.start[self.others]) @ np.linalg.inv(self.metric).T
        # The best fit is a start too: for a point all of whose neighbours failed.
        starts = np.concatenate([z[near], np.zeros((len(index), 1, z.shape[1]))], axis=1)
        return index, np.where(np.isfinite(starts), starts, 0.0)

    def warm(self, index: Array, starts: Array) -> tuple[Array, Array, Array]:
        """Solutions of grid points (m,) from the best of the starts (m, s, f) of each."""
        number, free = starts.shape[1:]
        z = starts.reshape(len(index) * number, free)
        values = self.objective(self.theta(z, np.repeat(index, number)))
        lowest = values.reshape(len(index), number).argmin(axis=1)
        return self._minimise(starts[np.arange(len(index)), lowest], index)

    def _minimise(self, start: Array, index: Array) -> tuple[Array, Array, Array]:
        found = minimise_batch(
            lambda z, which: self.objective(self.theta(z, index[which])), start, self.bounds
        )
        return found.points, found.values, found.converged

    def _candidates(self, index: Array, interesting: Array) -> Array:
        """Best of some prior values of the other parameters of interest at each grid point."""
        rng = np.random.default_rng(len(self.points))
        drawn = self.target.sample_prior(rng, CANDIDATES)[:, self.free[interesting]]
        offsets = np.zeros((CANDIDATES, len(self.free)))
        scale = np.diag(self.metric)[interesting]
        offsets[:, interesting] = (drawn - self.start[self.free[interesting]]) / scale
        z = np.tile(offsets, (len(index), 1))
        values = self.objective(self.theta(z, np.repeat(index, CANDIDATES)))
        lowest: Array = offsets[values.reshape(len(index), CANDIDATES).argmin(axis=1)]
        return lowest

    def _escaped(
        self, found: tuple[Array, Array, Array], index: Array, interesting: Array
    ) -> tuple[Array, Array, Array]:
        """Solutions left along each parameter of interest where that leads lower."""
        offsets = np.zeros((2 * len(ESCAPES) * len(interesting), len(self.free)))
        steps = np.concatenate([-ESCAPES, ESCAPES])
        for number, column in enumerate(interesting):
            offsets[number * len(steps) : (number + 1) * len(steps), column] = steps
        trial = np.clip(found[0][:, None] + offsets, *self.bounds.T)
        owners = np.repeat(index, len(offsets))
        values = self.objective(self.theta(trial.reshape(len(owners), -1), owners))
        values = values.reshape(len(index), len(offsets))
        lowest = values.argmin(axis=1)
        rows = np.flatnonzero(values.min(axis=1) < found[1] - 1e-3)
        if not len(rows):
            return found
        again = self._minimise(trial[rows, lowest[rows]], index[rows])
        better = tuple(np.array(part) for part in found)
        for part, improved in zip(better, again, strict=True):
            part[rows] = improved
        return _lower(found, better)  # type: ignore[arg-type]

    def solved(self, index: Array, z: Array, values: Array, converged: Array) -> Solutions:
        """What is stored of solutions."""
        theta = self.theta(z, index)
        likelihood = self.target.log_likelihood(theta)
        finite = np.isfinite(likelihood) & (values < WALL)
        good = np.where(converged, ScanStatus.CONVERGED, ScanStatus.NOT_CONVERGED)
        # Held, a point has its parts whatever the others say; of a refit that failed there is none.
        known = finite if len(self.free) else np.ones(len(theta), bool)
        return Solutions(
            np.where(finite, likelihood, np.nan),
            np.where(finite, self.target.log_constraint(theta), np.nan),
            np.where(finite, good, ScanStatus.FAILED),
            self.target.backward(theta)[:, self.others],
            np.where(known[:, None], self._parts(theta), np.nan),
        )

    def _parts(self, theta: Array) -> Array:
        """Log likelihood of each separate group of terms at points (m, d): (m, g)."""
        parts = np.full((len(theta), len(self.separate)), np.nan)
        if not self.separate:
            return parts
        logs = self.given.term_log_likelihoods(self.target.backward(theta))  # type: ignore[attr-defined]
        for column, terms in enumerate(self.separate.values()):
            total = np.sum([logs[term] for term in terms], axis=0)
            parts[:, column] = np.where(np.isfinite(total), total, np.nan)
        return parts

    def stored(self, scan: Scan, index: Array, made: Solutions) -> Scan:
        """Scan with some more points done."""
        changes: dict[str, Any] = {}
        for name in ("log_likelihood", "log_constraint", "status"):
            flat = np.array(getattr(scan, name)).reshape(-1)
            flat[index] = getattr(made, name)
            changes[name] = flat.reshape(self.shape)
        solutions = np.array(scan.other_values).reshape(len(self.points), len(self.others))
        solutions[index] = made.others
        parts = np.array(scan.separate).reshape(len(self.points), len(self.separate))
        parts[index] = made.separate
        return replace(
            scan,
            other_values=solutions.reshape(*self.shape, len(self.others)),
            separate=parts.reshape(*self.shape, len(self.separate)),
            **changes,
        )

    def follow_neighbours(self, scan: Scan, stride: int = 1) -> Scan:
        """Refit points at which the solution of a neighbour is better than their own."""
        inverse = np.linalg.inv(self.metric)
        asked = scan.status.ravel() != ScanStatus.NOT_ASKED
        for _ in range(SWEEPS):
            own = -2.0 * scan.log_penalised.ravel()
            own = np.where(np.isfinite(own), own, np.inf)
            z = (self._solutions(scan) - self.start[self.others]) @ inverse.T
            improved = np.full(len(own), -1)
            best = own - 1e-3
            for neighbour in _neighbours(self.shape, stride):
                index = np.flatnonzero(asked & (neighbour >= 0) & np.isfinite(own[neighbour]))
                values = self.objective(self.theta(z[neighbour[index]], index))
                better = values < best[index]
                improved[index[better]] = neighbour[index[better]]
                best[index[better]] = values[better]
            index = np.flatnonzero(improved >= 0)
            if not len(index):
                break
            made = self.solved(index, *self._minimise(z[improved[index]], index))
            scan = self.stored(scan, index, made)
        return scan

    def _solutions(self, scan: Scan) -> Array:
        """Where the other parameters are at each grid point, in internal coordinates."""
        whole = np.repeat(self.target.backward(self.start[None]), len(self.points), axis=0)
        whole[:, self.others] = np.array(scan.other_values).reshape(len(self.points), -1)
        inner: Array = self.target.forward(whole)[:, self.others]
        return inner


def _lower(
    one: tuple[Array, Array, Array], other: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array]:
    """Point by point the solution with the lower value."""
    take = other[1] < one[1]
    points = np.where(take[:, None], other[0], one[0])
    return points, np.where(take, other[1], one[1]), np.where(take, other[2], one[2])


def _neighbours(shape: tuple[int, ...], stride: int) -> list[Array]:
    """For each direction along the axes, the flat index of the neighbour, -1 at an edge."""
    index = np.arange(int(np.prod(shape))).reshape(shape)
    found = []
    for axis in range(len(shape)):
        for shift in (stride, -stride):
            rolled = np.roll(index, shift, axis=axis)
            edge = [slice(None)] * len(shape)
            edge[axis] = slice(0, shift) if shift > 0 else slice(shift, None)
            rolled[tuple(edge)] = -1
            found.append(rolled.ravel())
    return found
