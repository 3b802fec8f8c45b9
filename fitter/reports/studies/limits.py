"""Limits on a rate along a scan: what is asked, whether it can be, and the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....chains.records import LimitScan
from ....errors import ParameterError, UnknownNameError
from ...analysis_file.arguments import check_count, check_member, real_array
from ...drivers.limit_blocks import LimitTask, blocks
from ...drivers.limit_curves import RateProblem
from ...drivers.limits import Limits
from ...drivers.target import Array
from ...drivers.work import Work, one_by_one
from ...problem import Problem
from ..best_fit import parameter_records

__all__ = [
    "LEVELS",
    "METHODS",
    "LimitJob",
    "checked_request",
    "grid_points",
    "limit_job",
    "limit_scan",
    "rate_request",
    "refuse_nuisances",
]

LEVELS = (0.90, 0.95)
METHODS = ("cls", "feldman-cousins", "bayes")

FEWEST_TOYS = 100
MOST_TOYS, MOST_POINTS = 10_000_000, 10_000
_BESIDE = "Fitted beside the rate, from one start"
# Relative deviation from a straight line of what depends on a rate.
_STRAIGHT = 1e-6


_STATISTIC = {
    "cls": "CLs with q~_mu (1007.1727, eq. 16), asymptotic distributions, Asimov set at mu = 0 "
    "with conditional nuisance parameters.",
    "cls toys": "CLs with q~_mu (1007.1727, eq. 16), distributions from toys at mu and at 0 with "
    "conditional nuisance parameters; expected limits are quantiles of limits of toys at 0.",
    "feldman-cousins": "Order by t~_mu (1007.1727, eq. 11; physics/9711021), distributions from "
    "toys with conditional nuisance parameters.",
    "bayes": "Prior flat in {rate} from 0 to {end:g}, nuisance parameters marginalised.",
}


@dataclass(frozen=True, eq=False)
class LimitJob:
    """Limits that are to be found along a scan.

    Attributes
    ----------
    rate : RateProblem
    of, background : str
    axes : mapping of str to (k,) array
    task : LimitTask
        What finds those of a block.
    """

    rate: RateProblem
    of: str
    background: str
    axes: Mapping[str, Array]
    task: LimitTask

    @property
    def items(self) -> tuple[tuple[int, int], ...]:
        """Blocks of points."""
        return blocks(len(self.task.points), self.task.toys)

    def scan(self, parts: Sequence[Limits]) -> LimitScan:
        """Record of the limits of all blocks, in their order."""
        found, task = Limits.joined(parts), self.task
        units = {record.name: record.unit for record in parameter_records(self.rate.problem)}
        key = "cls toys" if task.method == "cls" and task.toys else task.method
        return LimitScan(
            parameter=self.of,
            unit=units[self.of],
            axes=tuple(self.axes),
            axis_units=tuple(units[name] for name in self.axes),
            points=task.points,
            shape=np.array([len(values) for values in self.axes.values()], dtype=int),
            method=task.method,
            statistic=_STATISTIC[key].format(rate=self.of, end=self.rate.upper),
            background=self.background,
            levels=np.array(LEVELS),
            range_end=self.rate.upper,
            toys=task.toys,
            seed=str(task.seed),
            best=found.best,
            lower=found.lower,
            upper=found.upper,
            expected=found.expected,
            lower_errors=found.lower_errors,
            upper_errors=found.errors,
            failed=found.failed.astype(int),
            notes=_notes(self.rate, self.of, task.method, found),
        )


def limit_job(
    problem: Problem,
    of: str,
    scan: Mapping[str, Any],
    *,
    method: str = "cls",
    toys: int = 0,
    background: str = "sm",
    seed: int = 0,
) -> LimitJob:
    """See whether limits can be found, and what is to be done.

    Parameters, errors: those of `Analysis.limit`.

    Returns
    -------
    LimitJob
    """
    check_count("seed", seed, 0)
    rate, axes, points = checked_request(problem, of, scan, method, toys)
    task = LimitTask(rate.column, rate.scanned, rate.origin, points, method, LEVELS, toys, seed)
    return LimitJob(rate, of, background, axes, task)


def limit_scan(
    problem: Problem,
    of: str,
    scan: Mapping[str, Any],
    *,
    method: str = "cls",
    toys: int = 0,
    background: str = "sm",
    seed: int = 0,
    report: Callable[[int, int], None] | None = None,
    work: Work | None = None,
) -> LimitScan:
    """Limits of 90 and 95 % on a rate; arguments and errors are those of `Analysis.limit`.

    Parameters
    ----------
    problem : Problem
    of : str
    scan : mapping of str to (k,) array
    method : {"cls", "feldman-cousins", "bayes"}
    toys : int
    background : str
        Told in the record; see `fitter.background`.
    seed : int
    report : callable, optional
    work : callable, optional
        Who does the blocks; here by default.

    Returns
    -------
    LimitScan
    """
    job = limit_job(problem, of, scan, method=method, toys=toys, background=background, seed=seed)
    items, parts, done = job.items, dict[int, Limits](), 0
    for index, found in (work or one_by_one(problem))(job.task, items):
        parts[index] = found
        done += items[index][1] - items[index][0]
        if report is not None:
            report(done, len(job.task.points))
    return job.scan([parts[index] for index in range(len(items))])


def checked_request(
    problem: Problem, of: str, scan: Mapping[str, Any], method: str, toys: int
) -> tuple[RateProblem, dict[str, Array], Array]:
    """What is asked for, if it can be: the rate, the axes of the scan, and its points (n, a)."""
    check_member("method", method, METHODS)
    check_count("toys", toys, 0, MOST_TOYS)
    _check_toys(method, toys)
    rate, axes, points = rate_request(problem, of, scan)
    if method == "bayes":
        refuse_nuisances(problem, "Bayesian limit", "laplace")
    else:
        refuse_nuisances(problem, f"method = {method!r}", "profile")
    return rate, axes, points


def rate_request(
    problem: Problem, of: str, scan: Mapping[str, Any], what: str = "limit on"
) -> tuple[RateProblem, dict[str, Array], Array]:
    """The rate, the axes of a scan, and its points (n, a), if what is asked for can be found.

    Errors begin with `what` and the name of the rate.
    """
    column = _rate_column(problem, of, what)
    axes = _axes(problem, of, scan)
    number = int(np.prod([len(values) for values in axes.values()]))
    if number > MOST_POINTS:
        raise ParameterError(f"a scan of {number} points: up to {MOST_POINTS} are allowed.")
    points = grid_points(axes)
    scanned = tuple(problem.names.index(name) for name in axes)
    rate = RateProblem(problem, column, scanned, np.array(problem.start))
    _refuse_no_rate(rate, of, points, what)
    return rate, axes, points


def grid_points(axes: Mapping[str, Array]) -> Array:
    """All points of a grid, the last axis running fastest: (n, a); one point without axes."""
    grid = np.meshgrid(*axes.values(), indexing="ij")
    return np.stack([values.ravel() for values in grid], axis=1) if axes else np.empty((1, 0))


def _check_toys(method: str, toys: int) -> None:
    if method == "bayes" and toys:
        raise ParameterError(f"toys = {toys}: a Bayesian limit has none.")
    if method == "feldman-cousins" and toys < FEWEST_TOYS:
        raise ParameterError(
            f"toys = {toys}: intervals of Feldman and Cousins need toys, {FEWEST_TOYS} or more."
        )
    if method == "cls" and 0 < toys < FEWEST_TOYS:
        raise ParameterError(f"toys = {toys}: none, or {FEWEST_TOYS} or more.")


def _rate_column(problem: Problem, of: str, what: str) -> int:
    """Column of a free parameter whose range begins at zero."""
    if of not in problem.names:
        raise UnknownNameError("free parameter", of, problem.names, what.split()[0])
    column = problem.names.index(of)
    low, high = (float(end) for end in problem.bounds[column])
    if low != 0.0 or not np.isfinite(high):
        why = (
            f"a {what.replace(' ', ' is ')} a rate, which is not negative: use the rate, with a "
            "range from 0"
            if low < 0.0
            else "its range must begin at 0 and end"
        )
        raise ParameterError(f"{what} {of}, of range [{low:g}, {high:g}]: {why}.")
    return column


def _axes(problem: Problem, of: str, scan: Mapping[str, Any]) -> dict[str, Array]:
    if not isinstance(scan, Mapping) or len(scan) > 2:
        raise ParameterError("scan: values by name of up to two free parameters are needed.")
    axes = {}
    for name, given in scan.items():
        if name not in problem.names:
            raise UnknownNameError("free parameter", name, problem.names, "scan")
        if name == of:
            raise ParameterError(f"scan of {name}: it is the rate itself, which is not held.")
        values = np.atleast_1d(real_array(f"scan of {name}", given, "a list of numbers"))
        if values.ndim != 1 or not len(values):
            raise ParameterError(f"scan of {name}: a list of numbers is needed.")
        low, high = problem.bounds[problem.names.index(name)]
        outside = values[~((values >= low) & (values <= high))]
        if len(outside):
            raise ParameterError(
                f"scan of {name} at {outside[0]:g}: outside of its range [{low:g}, {high:g}]."
            )
        axes[name] = values
    return axes


def _refuse_no_rate(rate: RateProblem, of: str, points: Array, what: str) -> None:
    """Raise where predictions are not linear in the parameter: a coupling enters squared."""
    problem = rate.problem
    places = np.unique(np.linspace(0, len(points) - 1, 9).astype(int))
    sizes = (min(float(problem.scale[rate.column]), 0.25 * rate.upper), 0.25 * rate.upper)
    known = False
    for place in rate.at(points[places]):
        for size in sizes:
            theta = np.repeat(place[None], 3, axis=0)
            theta[:, rate.column] = size * np.array([0.0, 1.0, 2.0])
            if problem.table.undefined(theta):
                continue
            for name, values in problem.predictions(theta).items():
                told = _bent(values.reshape(3, -1))
                known |= told is not None
                if told:
                    raise ParameterError(
                        f"{what} {of}: the prediction of {name} is {told}; use the rate."
                    )
    if not known:
        raise ParameterError(f"{what} {of}: no prediction depends on it.")


def _bent(values: Array) -> str | None:
    """How predictions (3, k) at 0, 1 and 2 are not linear; empty if they are, None if constant."""
    one, two = values[1] - values[0], values[2] - values[0]
    # Differences are known to the rounding of the predictions.
    rounding = 1e-11 * float(abs(values).max(initial=0.0))
    if not np.isfinite(values).all() or max(abs(one).max(), abs(two).max()) <= rounding:
        return None
    if (abs(two - 2.0 * one) <= _STRAIGHT * abs(two).max() + rounding).all():
        return ""
    even = np.allclose(two, 4.0 * one, rtol=1e-3, atol=rounding)
    return "even in it, such as a coupling squared" if even else "not linear in it"


def refuse_nuisances(problem: Problem, what: str, wanted: str) -> None:
    """Raise if a term treats its nuisance parameters in another way than `what` needs."""
    other, does, why = (
        ("profile", "profiles", ", which marginalises them")
        if wanted == "laplace"
        else ("laplace", "marginalises", "")
    )
    for term in problem.terms:
        if getattr(term, "nuisances", None) == other:
            raise ParameterError(
                f"{what}: {term.name} {does} its nuisance parameters: give it 'nuisances: "
                f"{wanted}'{why}."
            )


def _notes(rate: RateProblem, of: str, method: str, found: Limits) -> tuple[str, ...]:
    notes = []
    problem = rate.problem
    free = [problem.names[i] for i in rate.others if not problem.constrained[i]]
    if free:
        how = "Averaged over their priors" if method == "bayes" else _BESIDE
        notes.append(
            f"{how}: {', '.join(free)}. A parameter that means "
            "nothing where the rate is zero, such as a mass, must be scanned."
        )
    beyond = int(np.isinf(found.upper).any(axis=1).sum())
    if beyond:
        notes.append(
            f"At {beyond} points a limit is beyond the range of {of}, which ends at "
            f"{rate.upper:g}: widen its prior."
        )
    unknown = int(np.isnan(found.upper).any(axis=1).sum())
    if unknown:
        notes.append(f"At {unknown} points fits failed, and there is no limit.")
    if found.failed.any():
        notes.append(f"Fits of {int(found.failed.sum())} toys failed; they are left out.")
    return tuple(notes)
