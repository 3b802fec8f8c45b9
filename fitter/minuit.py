"""Best fits with MINUIT: MIGRAD with a ladder of retries, HESSE, MINOS.

What is minimised is ``-2 (ln L + ln constraints)``: the likelihood times those priors that stand
for measurements (form factors, inputs). Uniform priors only bound the parameters, so that a fit
is the frequentist one with external measurements as penalty terms, and UP = 1 gives
one-standard-deviation errors. Gradients are central differences evaluated as one batch.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FitError
from .minima import minos_errors, not_alone, other_minima, status_of, trusted
from .objective import WALL, Objective
from .target import Array, Target

if TYPE_CHECKING:
    from iminuit import Minuit

__all__ = ["FitOptions", "FitOutcome", "fit", "minimise"]


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
        Further starting points, drawn from the prior, to look for lower minima.
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
    others = other_minima(objective, minuits, best)
    ladder += others
    minos, minos_status = minos_errors(best, target.names, options.minos, ladder)
    covariance = np.full((len(target.names),) * 2, np.nan)
    if best.covariance is not None:
        covariance = np.array(best.covariance)
    walled = objective.walled(np.array(best.values))
    return FitOutcome(
        values=np.array(best.values),
        errors=np.array(best.errors),
        covariance=covariance,
        minos=minos,
        minos_status=minos_status,
        objective=float(best.fval),
        valid=trusted(best) and not walled,
        status=status_of(best, target, walled) + not_alone(others),
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
            f"{len(drawn)} points drawn from the prior{_causes(target)}: widen the priors or give "
            "fit.start"
        )
    return starts


def _causes(target: Target) -> str:
    """What rejected most points, in brackets; empty if the target does not count."""
    counted: Counter[str] = Counter(getattr(target, "rejected", {}))
    causes = ", ".join(f"{name} at {count}" for name, count in counted.most_common(3))
    return f" (rejected by {causes})" if causes else ""


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
