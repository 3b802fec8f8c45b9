"""What a converged chain has to fulfil, and the verdict in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..records import Array

if TYPE_CHECKING:
    from .diagnostics import Verdict

__all__ = ["Criterion", "criteria_of", "disagreement", "verdict_text"]

# The estimate of tau is biased low in short chains: by 10 % in those of 5 tau, 5 % in those of 10,
# 2 % in those of 20, whatever the number of walkers (deviations are from the mean of all of them).
_LEAST_LENGTH = 10.0
# Above this R-hat the fall of R-hat with the length says nothing (0.8 standard deviations between
# the means of two ensembles).
_APART = 1.1


@dataclass(frozen=True)
class Criterion:
    """One condition of convergence.

    Attributes
    ----------
    factor : float
        How many times longer the chains after burn-in must be to fulfil it: at most 1 where it
        holds, infinite if that cannot be said.
    failure : str
        What is said where it does not hold: what was found, and what is wanted.
    """

    factor: float
    failure: str


def criteria_of(verdict: Verdict, target_ess: float, target_rhat: float) -> list[Criterion]:
    """All conditions on numbers, each with its worst parameter.

    Parameters
    ----------
    verdict : Verdict
    target_ess, target_rhat : float

    Returns
    -------
    list of Criterion
    """
    length = verdict.steps - verdict.burn_in
    if not length or not verdict.names:
        return [Criterion(math.inf, "there are no steps after burn-in")]
    ess, rhat = f"target {target_ess:g}", f"target {target_rhat:g}"
    least = f"but {length} steps after burn-in are fewer than {_LEAST_LENGTH:g} of it"
    wanted = target_rhat**2 - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        rows = (
            ("ESS of the mean", verdict.ess, ".0f", ess, target_ess / verdict.ess),
            ("ESS of the tails", verdict.tail_ess, ".0f", ess, target_ess / verdict.tail_ess),
            # The excess of R-hat squared falls as 1 / length.
            ("R-hat of the mean", verdict.rhat, ".3f", rhat, (verdict.rhat**2 - 1.0) / wanted),
            ("R-hat of ranks", verdict.rank_rhat, ".3f", rhat, (verdict.rank_rhat**2 - 1) / wanted),
            (
                "autocorrelation time",
                verdict.tau,
                ".1f",
                least,
                _LEAST_LENGTH / length * verdict.tau,
            ),
        )
    return [_worst_of(verdict.names, *row) for row in rows]


def _worst_of(
    names: tuple[str, ...], label: str, values: Array, form: str, target: str, factors: Array
) -> Criterion:
    """Criterion that is fulfilled if all factors are at most 1."""
    unknown = ~np.isfinite(factors)
    if unknown.any():
        index = int(np.argmax(unknown))
        found = f"is {values[index]:{form}}" if np.isinf(values[index]) else "cannot be computed"
        return Criterion(math.inf, f"{label} of {names[index]} {found}, {target}")
    index = int(np.argmax(factors))
    return Criterion(
        float(factors[index]), f"{label} of {names[index]} is {values[index]:{form}}, {target}"
    )


def disagreement(verdict: Verdict) -> str:
    """What the ensembles do not agree on; empty if they do.

    Parameters
    ----------
    verdict : Verdict

    Returns
    -------
    str
    """
    if np.nanmax(verdict.rhat, initial=0.0) > _APART:
        return "where the posterior is"
    return "how wide the posterior is" if np.nanmax(verdict.rank_rhat, initial=0) > _APART else ""


def verdict_text(
    verdict: Verdict,
    criteria: list[Criterion],
    apart: str,
    target_ess: float,
    target_rhat: float,
) -> str:
    """Put the verdict in words: outcome, worst numbers, what failed, what is wrong, what to do.

    Parameters
    ----------
    verdict : Verdict
        All but its text.
    criteria : list of Criterion
    apart : str
        What the ensembles do not agree on.
    target_ess, target_rhat : float

    Returns
    -------
    str
    """
    names, ensembles = verdict.names, len(verdict.acceptance)
    if not verdict.steps or not names:
        return "Not converged: there are no samples yet."
    count = "1 ensemble" if ensembles == 1 else f"{ensembles} ensembles"
    parts = [
        f"{'Converged' if verdict.converged else 'Not converged'}: {count} of {verdict.steps} "
        f"steps, {verdict.burn_in} of them burn-in; longest autocorrelation time "
        f"{_worst(names, verdict.tau, True, '.1f')}; smallest ESS of a mean "
        f"{_worst(names, verdict.ess, False, '.0f')}, of tails "
        f"{_worst(names, verdict.tail_ess, False, '.0f')}, target {target_ess:g}; largest R-hat of "
        f"means {_worst(names, verdict.rhat, True, '.3f')}, of ranks "
        f"{_worst(names, verdict.rank_rhat, True, '.3f')}, target {target_rhat:g}."
    ]
    failed = [entry.failure for entry in criteria if not entry.factor <= 1.0]
    if failed:
        parts.append(f"Failed: {'; '.join(failed)}.")
    parts.extend(verdict.problems)
    if ensembles == 1:
        parts.append("One ensemble cannot show that it sees all of the posterior: sample two.")
    if verdict.steps_needed:
        parts.append(f"At this rate {verdict.steps_needed} more steps per ensemble are needed.")
    if apart:
        parts.append(
            f"The ensembles do not agree on {apart}, so the number of steps needed cannot be told: "
            "go on, or look for several maxima."
        )
    return " ".join(parts)


def _worst(names: tuple[str, ...], values: Array, largest: bool, form: str) -> str:
    if not np.any(np.isfinite(values)):
        return "unknown"
    index = int(np.nanargmax(values) if largest else np.nanargmin(values))
    return f"{values[index]:{form}} ({names[index]})"
