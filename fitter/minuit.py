"""Best fits with MINUIT: MIGRAD with a ladder of retries, HESSE, MINOS.

What is minimised is ``-2 (ln L + ln constraints)``: the likelihood times those priors that stand
for measurements (form factors, inputs). Uniform priors only bound the parameters, so that a fit
is the frequentist one with external measurements as penalty terms, and UP = 1 gives
one-standard-deviation errors. Gradients are central differences evaluated as one batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FitError
from .target import Array, Target

if TYPE_CHECKING:
    from iminuit import Minuit

__all__ = ["FitOptions", "FitOutcome", "Objective", "fit", "minimise"]

# Fraction of the typical size of a parameter used in central differences: the noise of a profiled
# likelihood (1e-9) and the third derivative then both contribute less than 1e-5 of an error.
DIFFERENCE = 1e-3
# Where the likelihood is zero MINUIT needs a finite number to step back from.
WALL = 1e10


@dataclass(frozen=True)
class FitOptions:
    """How a fit is made.

    Attributes
    ----------
    minos : tuple of str
        Parameters that get asymmetric errors.
    strategy : int
        Of the first MIGRAD.
    retries : int
        Further starting points tried if the fit fails, and the number of other starting points
        tried in any case to look for a lower minimum.
    seed : int
        Of the starting points drawn from the prior.
    """

    minos: tuple[str, ...] = ()
    strategy: int = 1
    retries: int = 4
    seed: int = 0


@dataclass(frozen=True)
class FitOutcome:
    """What MINUIT found.

    Attributes
    ----------
    values, errors : (d,) arrays
    covariance : (d, d) array
        NaN if HESSE failed.
    minos : (d, 2) array
        Lower (negative) and upper errors; NaN where not done or failed.
    minos_status : tuple of str
        Empty where not done, "valid", or what went wrong.
    objective : float
        ``-2 (ln L + ln constraints)`` at the minimum.
    valid : bool
    status : str
        One sentence.
    edm : float
    n_calls : int
        Points at which the likelihood was evaluated.
    ladder : tuple of str
        What was tried, in order.
    seconds : float
    """

    values: Array
    errors: Array
    covariance: Array
    minos: Array
    minos_status: tuple[str, ...]
    objective: float
    valid: bool
    status: str
    edm: float
    n_calls: int
    ladder: tuple[str, ...]
    seconds: float


class Objective:
    """``-2 (ln L + ln constraints)`` of a target, with a batched numerical gradient.

    Parameters
    ----------
    target : Target
    fixed : mapping of int to float, optional
        Columns held at a value (for profiles).
    progress : callable, optional
        Called with the number of points evaluated so far.
    """

    def __init__(
        self,
        target: Target,
        fixed: dict[int, float] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.target = target
        self.fixed = fixed or {}
        free = [column for column in range(len(target.names)) if column not in self.fixed]
        self.free = np.array(free, dtype=int)
        self.scale = np.asarray(target.scale)[self.free]
        self.bounds = np.asarray(target.bounds)[self.free]
        self.calls = 0
        self._progress = progress

    def embed(self, points: Array) -> Array:
        """Full parameter points from the free columns: (n, d)."""
        theta = np.empty((len(points), len(self.target.names)))
        theta[:, self.free] = points
        for column, value in self.fixed.items():
            theta[:, column] = value
        return theta

    def batch(self, points: Array) -> Array:
        """Objective at points of the free parameters: (n,); a high wall where ln L = -inf."""
        theta = self.embed(np.atleast_2d(points))
        self.calls += len(theta)
        if self._progress:
            self._progress(self.calls)
        total = self.target.log_likelihood(theta) + self.target.log_constraint(theta)
        return np.where(np.isfinite(total), -2.0 * total, WALL)

    def __call__(self, point: Sequence[float] | Array) -> float:
        """Objective at one point."""
        return float(self.batch(np.asarray(point, float)[None])[0])

    def gradient(self, point: Sequence[float] | Array) -> Array:
        """Central differences, one-sided at a bound: (d_free,)."""
        centre = np.asarray(point, float)
        step = np.diag(DIFFERENCE * self.scale)
        low, high = self.bounds.T
        up, down = np.clip(centre + step, low, high), np.clip(centre - step, low, high)
        values = self.batch(np.concatenate([up, down]))
        width = np.diagonal(up - down)
        gradient: Array = (values[: len(centre)] - values[len(centre) :]) / width
        return gradient


def fit(
    target: Target,
    options: FitOptions | None = None,
    progress: Callable[[int], None] | None = None,
) -> FitOutcome:
    """Find the best fit and its errors.

    Parameters
    ----------
    target : Target
    options : FitOptions, optional
    progress : callable, optional
        Called with the number of points evaluated.

    Returns
    -------
    FitOutcome
        Also for a failed fit: `valid` is False and `status` says why.

    Raises
    ------
    FitError
        If the likelihood is zero at the start and at all points drawn from the prior.
    """
    options = options or FitOptions()
    began = time.perf_counter()
    objective = Objective(target, progress=progress)
    ladder: list[str] = []
    minuits = [
        _climb(objective, start, options.strategy, ladder)
        for start in _starts(objective, options, ladder)
    ]
    best = min(minuits, key=lambda entry: (not entry.valid, entry.fval))
    # Rescaling by the errors just found makes the gradient's differences fit the minimum.
    with_errors = np.array(best.errors)
    good = np.isfinite(with_errors) & (with_errors > 0)
    objective.scale = np.where(good, np.minimum(with_errors, objective.scale), objective.scale)
    best = _minuit(objective, np.array(best.values), 1)
    best.migrad(ncall=20000)
    best.hesse()
    others = _other_minima(objective, minuits, best)
    ladder += others
    minos, minos_status = _minos(best, target.names, options.minos, ladder)
    covariance = np.full((len(target.names),) * 2, np.nan)
    if best.covariance is not None:
        covariance = np.array(best.covariance)
    return FitOutcome(
        values=np.array(best.values),
        errors=np.array(best.errors),
        covariance=covariance,
        minos=minos,
        minos_status=minos_status,
        objective=float(best.fval),
        valid=_trusted(best),
        status=_status(best, target) + _not_alone(others),
        edm=float(best.fmin.edm),
        n_calls=objective.calls,
        ladder=tuple(ladder),
        seconds=time.perf_counter() - began,
    )


def minimise(objective: Objective, start: Array) -> tuple[Array, float, bool]:
    """Minimise from one start with the ladder, without errors: point, value, validity.

    Parameters
    ----------
    objective : Objective
    start : (d_free,) array

    Returns
    -------
    point : (d_free,) array
    value : float
    valid : bool
    """
    if not len(objective.free):
        value = objective(start)
        return np.asarray(start), value, value < WALL
    best = _climb(objective, start, 0, [])
    return np.array(best.values), float(best.fval), bool(best.valid and best.fval < WALL)


def _starts(objective: Objective, options: FitOptions, ladder: list[str]) -> list[Array]:
    """The given start and the best of points drawn from the prior, apart from each other."""
    target = objective.target
    rng = np.random.default_rng(options.seed)
    drawn = target.sample_prior(rng, 64 * max(options.retries, 1))
    # Nuisance parameters start at their constraint: a random draw of ten of them says little.
    held = target.constrained
    drawn[:, held] = np.asarray(target.start)[held]
    values = objective.batch(drawn)
    order = np.argsort(values)[: options.retries]
    starts = [np.asarray(target.start, float)]
    starts += [drawn[i] for i in order if values[i] < WALL]
    ladder.append(f"starting points: the analysis's own and {len(starts) - 1} from the prior")
    if objective(starts[0]) >= WALL:
        starts = starts[1:]
        ladder.append("the likelihood is zero at the analysis's own starting point: left out")
    if not starts:
        raise FitError(
            "the likelihood is zero at the starting point and at "
            f"{len(drawn)} points drawn from the prior: widen the priors or give fit.start"
        )
    return starts


def _climb(objective: Objective, start: Array, strategy: int, ladder: list[str]) -> Minuit:
    """MIGRAD, then strategy 2, then simplex and MIGRAD: stops at the first valid minimum."""
    minuit = _minuit(objective, start, strategy)
    rungs: tuple[tuple[str, Callable[[Minuit], Any]], ...] = (
        (f"MIGRAD (strategy {strategy})", lambda m: m.migrad(ncall=20000)),
        ("MIGRAD (strategy 2)", _strategy_two),
        ("SIMPLEX and MIGRAD", lambda m: m.simplex(ncall=5000).migrad(ncall=20000)),
    )
    for name, rung in rungs:
        rung(minuit)
        outcome = "valid" if minuit.valid else "not valid"
        ladder.append(
            f"{name}: {outcome}, -2 ln(L x constraints) = {minuit.fval:.4f}, "
            f"EDM = {minuit.fmin.edm:.1e}"
        )
        if minuit.valid and minuit.fval < WALL:
            break
    return minuit


def _other_minima(objective: Objective, minuits: list[Minuit], best: Minuit) -> list[str]:
    """Sentences on minima nearly as deep elsewhere: a rate may know a coefficient up to a sign.

    Another minimum is one behind a barrier: on the way to every one known already the objective
    rises above both ends.
    """
    target = objective.target
    interesting = np.flatnonzero(~target.constrained)
    found: list[tuple[Array, float]] = [(np.array(best.values), float(best.fval))]
    sentences = []
    for other in sorted(minuits, key=lambda entry: entry.fval):
        point, depth = np.array(other.values), float(other.fval - best.fval)
        here = (point, float(other.fval))
        if not other.valid or depth > 4.0:
            continue
        if not all(_barrier(objective, here, known) for known in found):
            continue
        found.append(here)
        place = ", ".join(f"{target.names[i]} = {point[i]:.3g}" for i in interesting)
        sentences.append(
            f"another minimum at {place}: -2 ln(L x constraints) higher by {max(depth, 0.0):.2f}"
        )
    return sentences


def _barrier(objective: Objective, one: tuple[Array, float], other: tuple[Array, float]) -> bool:
    way = np.linspace(0.0, 1.0, 21)[1:-1, None]
    between = objective.batch((1.0 - way) * one[0] + way * other[0])
    return bool(between.max() > max(one[1], other[1]) + 0.05)


def _not_alone(others: list[str]) -> str:
    if not others:
        return ""
    return f" It is not the only one: {'; '.join(others)}."


def _strategy_two(minuit: Minuit) -> None:
    minuit.strategy = 2
    minuit.migrad(ncall=20000)


def _minuit(objective: Objective, start: Array, strategy: int) -> Minuit:
    from iminuit import Minuit

    names = [objective.target.names[column] for column in objective.free]
    minuit = Minuit(objective, np.asarray(start, float), grad=objective.gradient, name=names)
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.strategy = strategy
    minuit.errors = objective.scale
    minuit.limits = [
        (low if np.isfinite(low) else None, high if np.isfinite(high) else None)
        for low, high in objective.bounds
    ]
    minuit.print_level = 0
    return minuit


def _minos(
    minuit: Minuit, names: tuple[str, ...], wanted: tuple[str, ...], ladder: list[str]
) -> tuple[Array, tuple[str, ...]]:
    errors, status = np.full((len(names), 2), np.nan), [""] * len(names)
    for name in wanted:
        index = names.index(name)
        try:
            minuit.minos(name)
        except RuntimeError as error:
            status[index] = str(error).strip().splitlines()[0]
            ladder.append(f"MINOS of {name}: {status[index]}")
            continue
        found = minuit.merrors[name]
        flags = [
            (found.lower_valid and not found.at_lower_limit, 0, found.lower),
            (found.upper_valid and not found.at_upper_limit, 1, found.upper),
        ]
        for good, side, value in flags:
            errors[index, side] = value if good else np.nan
        status[index] = _minos_status(found)
        ladder.append(f"MINOS of {name}: {status[index]}")
    return errors, tuple(status)


def _minos_status(found: Any) -> str:
    sides = []
    for side in ("lower", "upper"):
        if getattr(found, f"at_{side}_limit"):
            sides.append(f"{side} error reaches the limit of the parameter")
        elif getattr(found, f"{side}_new_min"):
            sides.append(f"{side} error found a new minimum")
        elif not getattr(found, f"{side}_valid"):
            sides.append(f"{side} error not found")
    return "; ".join(sides) or "valid"


def _trusted(minuit: Minuit) -> bool:
    return bool(
        minuit.valid
        and minuit.accurate
        and minuit.fval < WALL
        and np.isfinite(minuit.fval)
        and np.isfinite(np.array(minuit.errors)).all()
    )


def _status(minuit: Minuit, target: Target) -> str:
    """One sentence from all flags of the minimum."""
    flags = minuit.fmin
    reasons = []
    if flags.has_reached_call_limit:
        reasons.append("the limit of function calls was reached")
    if flags.is_above_max_edm:
        reasons.append(f"the estimated distance to the minimum is {flags.edm:.1e}")
    if flags.hesse_failed or minuit.covariance is None:
        reasons.append("HESSE failed, so the errors are missing: a direction may be flat")
    elif flags.has_made_posdef_covar:
        reasons.append("the covariance had to be forced positive: a direction may be flat")
    if minuit.fval >= WALL:
        reasons.append("the likelihood is zero there")
    at_bound = [
        name
        for name, value, (low, high), scale in zip(
            target.names, minuit.values, target.bounds, target.scale, strict=True
        )
        if min(value - low, high - value) < 1e-3 * scale
    ]
    limits = f"; at the limit of {', '.join(at_bound)}" if at_bound else ""
    if reasons or not minuit.valid:
        why = "; ".join(reasons) or "MIGRAD did not converge"
        return f"Not a trustworthy minimum: {why}{limits}. 'bsinv check' looks for flat directions."
    return f"Valid minimum, estimated distance {flags.edm:.1e}{limits}."
