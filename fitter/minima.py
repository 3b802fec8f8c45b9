"""What to say of a minimum of MINUIT: MINOS errors, whether to trust it, others as deep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .objective import WALL, Objective
from .target import Array, Target

if TYPE_CHECKING:
    from iminuit import Minuit

__all__ = ["minos_errors", "not_alone", "other_minima", "status_of", "trusted"]


def other_minima(objective: Objective, minuits: list[Minuit], best: Minuit) -> list[str]:
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


def not_alone(others: list[str]) -> str:
    """Sentence on other minima for the status of a fit; empty if there are none."""
    if not others:
        return ""
    return f" It is not the only one: {'; '.join(others)}."


def minos_errors(
    minuit: Minuit, names: tuple[str, ...], wanted: tuple[str, ...], ladder: list[str]
) -> tuple[Array, tuple[str, ...]]:
    """Asymmetric errors of the parameters wanted, (d, 2) with NaN where not found, and why not."""
    errors, status = np.full((len(names), 2), np.nan), [""] * len(names)
    for name in wanted:
        index = names.index(name)
        try:
            found = _minos(minuit, name)
        except RuntimeError as error:
            status[index] = str(error).strip().splitlines()[0]
            ladder.append(f"MINOS of {name}: {status[index]}")
            continue
        flags = [
            (found.lower_valid and not found.at_lower_limit, 0, found.lower),
            (found.upper_valid and not found.at_upper_limit, 1, found.upper),
        ]
        for good, side, value in flags:
            errors[index, side] = value if good else np.nan
        status[index] = _minos_status(found)
        ladder.append(f"MINOS of {name}: {status[index]}")
    return errors, tuple(status)


def _minos(minuit: Minuit, name: str) -> Any:
    """MINOS errors of a parameter; with strategy 2 where it gives up without a reason.

    MIGRAD, started at a point that is the minimum to rounding, can fail for want of a gradient.
    """
    minuit.minos(name)
    if "not found" in _minos_status(minuit.merrors[name]):
        strategy = minuit.strategy.strategy
        minuit.strategy = 2
        minuit.minos(name)
        minuit.strategy = strategy
    return minuit.merrors[name]


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


def trusted(minuit: Minuit) -> bool:
    """Whether all flags of the minimum are good and its numbers finite."""
    return bool(
        minuit.valid
        and minuit.accurate
        and minuit.fval < WALL
        and np.isfinite(minuit.fval)
        and np.isfinite(np.array(minuit.errors)).all()
    )


def status_of(minuit: Minuit, target: Target, walled: bool = False) -> str:
    """One sentence from all flags of the minimum, and whether it lies at a wall."""
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
    if walled:
        reasons.append(
            "it lies where the likelihood drops to zero, so its errors mean nothing: make the "
            "bound smooth, or put it into the prior"
        )
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
