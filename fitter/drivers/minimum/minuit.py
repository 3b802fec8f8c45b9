"""Best fits: a search from many starts at once, MINUIT at the best, errors, and a verdict.

What is minimised is ``-2 (ln L + ln constraints)``: the likelihood times those priors that stand
for measurements (form factors, inputs). Uniform priors only bound the parameters, so that a fit
is the frequentist one with external measurements as penalty terms, and UP = 1 gives
one-standard-deviation errors. All starts are minimised as one batch (`descent`); MIGRAD takes the
best, in the logarithm of log-uniform parameters and in units of the change that the objective
feels; the covariance comes from `hesse`, asymmetric errors from the profile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..coordinates import internal
from ..minimise_batch import minimise_batch
from ..objective import WALL, Objective
from ..target import Array, Target
from .descent import descend, natural_steps
from .errors_of_fit import Errors, errors_of
from .migrad import climb
from .minima import Minimum, not_alone, other_minima, verdict
from .staircase import Tread, lowest_tread, stepped_columns
from .starts import starting_points
from .valley import Valley

__all__ = ["FitOptions", "FitOutcome", "fit", "refit"]

# A point that lies lower than the minimum by this is one that the search has missed.
MISSED = 1e-3
# Fresh searches from such points.
_ATTEMPTS = 4
# Minima are equally deep within this.
_TIE = 1e-4


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
    """What was found.

    Attributes
    ----------
    values, errors : (d,) arrays
        Errors from HESSE; NaN where there is none.
    covariance : (d, d) array
        NaN where HESSE failed or was refused.
    hesse_status : tuple of str
        Empty where the symmetric error can be quoted, else why it is not.
    minos : (d, 2) array
        Lower (negative) and upper errors; NaN where not done or failed.
    minos_status : tuple of str
        Empty where not done, "valid", or what went wrong.
    objective : float
        ``-2 (ln L + ln constraints)`` at the minimum.
    valid : bool
    status : str
        One sentence or more.
    edm : float
    n_calls : int
        Points at which the likelihood was evaluated.
    ladder : tuple of str
        What was tried, in order.
    other_minima : (k, d) array
        Minima nearly as deep, which the status names.
    seconds : float
    """

    values: Array
    errors: Array
    covariance: Array
    hesse_status: tuple[str, ...]
    minos: Array
    minos_status: tuple[str, ...]
    objective: float
    valid: bool
    status: str
    edm: float
    n_calls: int
    ladder: tuple[str, ...]
    other_minima: Array
    seconds: float


def fit(
    target: Target,
    options: FitOptions | None = None,
    progress: Callable[[int], None] | None = None,
    starts: Sequence[Array] = (),
) -> FitOutcome:
    """Find the best fit and its errors.

    Parameters
    ----------
    target : Target
    options : FitOptions, optional
    progress : callable, optional
        Called with the number of points evaluated.
    starts : sequence of (d,) arrays
        Further points to begin at.

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
    points = starting_points(objective, options.retries, options.seed, starts, ladder)
    known: list[Minimum] = []
    bottoms: list[Minimum] = []
    for attempt in range(_ATTEMPTS):
        bottom, ends = _minimum(objective, points, options.strategy, ladder)
        bottom = _along_walls(objective, bottom, ladder)
        bottoms.append(bottom)
        known += [bottom, *ends]
        best = min(bottoms, key=lambda one: one.value)
        errors = errors_of(objective, best, options.minos, ladder)
        missed = best.value - objective.lowest_value
        if missed <= MISSED or attempt == _ATTEMPTS - 1:
            break
        ladder.append(f"a point lower by {missed:.3g} was seen on the way: begun again from there")
        points = objective.lowest[None]
    others, places = other_minima(objective, known, best)
    ladder += others
    return replace(
        _outcome(objective, best, errors, not_alone(others)),
        other_minima=places,
        ladder=tuple(ladder),
        seconds=time.perf_counter() - began,
    )


def refit(
    target: Target,
    fixed: Mapping[int, float],
    starts: Array,
    progress: Callable[[int], None] | None = None,
) -> tuple[Array, float, bool]:
    """Minimise with some columns held, without errors.

    Parameters
    ----------
    target : Target
    fixed : dict of int to float
        Columns and their values.
    starts : (n, d) array
        Points to begin at.
    progress : callable, optional
        Called with the number of points evaluated.

    Returns
    -------
    point : (d,) array
    value : float
        Of ``-2 (ln L + ln constraints)``.
    valid : bool
    """
    inner = internal(target)
    held = np.array(starts, float)
    held[:, list(fixed)] = list(fixed.values())
    held = inner.forward(held)
    inside = {column: float(held[0, column]) for column in fixed}
    objective = Objective(inner, inside, progress)
    found = descend(objective, held[:, objective.free])
    best = int(found.values.argmin())
    point = inner.backward(objective.embed(found.points[[best]]))[0]
    value = float(found.values[best])
    point[list(fixed)] = list(fixed.values())
    return point, value, bool(value < WALL and (found.converged[best] or not len(objective.free)))


def _minimum(
    objective: Objective, starts: Array, strategy: int, ladder: list[str]
) -> tuple[Minimum, list[Minimum]]:
    """The best minimum from starts (n, d), taken to the bottom, and where the searches ended."""
    found = descend(objective, starts)
    order = np.argsort(found.values, kind="stable")
    ends = ", ".join(f"{found.values[i]:.4f}" for i in order[:8])
    ladder.append(
        f"{len(order)} searches as one batch, {int(found.converged.sum())} converged: "
        f"-2 ln(L x constraints) = {ends}{', ...' if len(order) > 8 else ''}"
    )
    # Of minima that are equally deep the one of the earliest start, so that it is told each time.
    first = int(np.flatnonzero(found.values <= found.values[order[0]] + _TIE)[0])
    treads: dict[int, Tread] = {}
    point = found.points[first]
    stepped = stepped_columns(objective, point, found.steps[first])
    if stepped:
        point = _on_treads(objective, found.points[order[:8]], stepped, treads)
        names = ", ".join(objective.target.names[column] for column in stepped)
        ladder.append(
            f"the likelihood is a staircase along {names}: its lowest tread was looked for"
        )
    best = _bottom(objective, point, treads, strategy, ladder)
    rest = [
        Minimum(found.points[i], float(found.values[i]), bool(found.converged[i])) for i in order
    ]
    return best, rest


def _on_treads(
    objective: Objective, starts: Array, stepped: list[int], treads: dict[int, Tread]
) -> Array:
    """Point in the middle of the lowest treads of the columns with steps: (d,)."""
    d = len(objective.target.names)
    flat = np.full((d, d), np.nan)
    for _ in range(1 if len(stepped) == 1 else 2):
        for column in stepped:
            held = objective.holding({other: 0.0 for other in stepped if other != column})
            steps = natural_steps(objective, starts[:1])[0]
            valley = Valley(held, column, starts[0], flat, steps)
            treads[column] = lowest_tread(valley, starts)
            objective.absorb(held)
            starts = treads[column].points[[treads[column].best]]
    point: Array = starts[0]
    return point


def _bottom(
    objective: Objective,
    point: Array,
    treads: dict[int, Tread],
    strategy: int,
    ladder: list[str],
) -> Minimum:
    """Minimum of MIGRAD from a point (d,), columns with steps held."""
    held = objective.holding({column: float(point[column]) for column in treads})
    steps = np.array(objective.target.scale)
    if not len(held.free):
        return Minimum(point, objective(point), True, steps=steps, treads=treads)
    own = point[held.free]
    steps[held.free] = natural_steps(held, own[None])[0]
    rung = climb(held, own, steps[held.free], strategy, ladder)
    lowest = held.embed(rung.point[None])[0]
    objective.absorb(held)
    return Minimum(lowest, rung.value, rung.valid, rung.edm, rung.reasons, steps, treads)


def _along_walls(objective: Objective, bottom: Minimum, ladder: list[str]) -> Minimum:
    """The same minimum, or a lower one along the wall at which it lies: MIGRAD stops there."""
    if bottom.value >= WALL or bottom.treads or not len(objective.free):
        return bottom
    steps = natural_steps(objective, bottom.point[None], off_walls=True)[0]
    if not objective.walled(bottom.point, steps):
        return bottom
    found = minimise_batch(
        lambda z, which: objective.batch(bottom.point + steps * z),
        np.zeros((1, len(steps))),
        (objective.bounds - bottom.point[:, None]) / steps[:, None],
    )
    gain = bottom.value - float(found.values[0])
    if not gain > 0:
        return bottom
    ladder.append(f"moved along a wall: lower by {gain:.3g}")
    return replace(bottom, point=bottom.point + steps * found.points[0], value=bottom.value - gain)


def _outcome(objective: Objective, best: Minimum, errors: Errors, others: str) -> FitOutcome:
    """Record of a minimum, in the parameters' units."""
    missed = best.value - objective.lowest_value
    valid, status = verdict(objective, best, errors.covariance, missed if missed > MISSED else 0.0)
    target = objective.target
    refused = "".join(
        f" No symmetric error of {name}: {why}."
        for name, why in zip(target.names, errors.hesse_status, strict=True)
        if why
    )
    return FitOutcome(
        values=target.backward(best.point[None])[0],
        errors=errors.covariance.errors,
        covariance=errors.covariance.matrix,
        hesse_status=errors.hesse_status,
        minos=errors.minos,
        minos_status=errors.minos_status,
        objective=best.value,
        valid=valid,
        status=status + refused + others,
        edm=best.edm,
        n_calls=objective.calls,
        other_minima=np.empty((0, len(target.names))),
        ladder=(),
        seconds=0.0,
    )
