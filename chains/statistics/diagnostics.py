"""Has the chain converged: a verdict in numbers and one text, never an exception."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..records import Array, Ensemble
from .convergence_criteria import criteria_of, disagreement, verdict_text
from .mixing import integrated_time, rank_rhat, split_rhat, tail_ess, unwound

__all__ = ["Verdict", "acceptance_fraction", "burn_in", "diagnose"]

# A walker is held for dead if it stays put for this many steps and for the time in which the
# average walker of its ensemble makes this many moves, which happens by chance to one in e^20.
_STUCK_STEPS = 50
_STUCK_MOVES = 20.0
# R-hat of ranks looks at this many steps in an autocorrelation time.
_THINNING = 4.0


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the diagnostics say of the ensembles of one run.

    Parameters
    ----------
    converged : bool
        True if every parameter reaches the wanted ESS (of the mean and of the tails) and R-hat (of
        the mean and of ranks), the ensembles are long enough for tau to be trusted, there are at
        least two of them, and nothing is wrong with walkers.
    names : tuple of str
        The d parameters.
    tau : (d,) array
        Integrated autocorrelation time in stored steps, the largest over the ensembles.
    ess : (d,) array
        Effective sample size: sum over ensembles of (steps after burn-in * walkers / tau).
    tail_ess : (d,) array
        Effective sample size of the tails, see `mixing.tail_ess`.
    rhat : (d,) array
        R-hat over half-ensembles, see `mixing.split_rhat`.
    rank_rhat : (d,) array
        Rank-normalised and folded R-hat, see `mixing.rank_rhat`.
    burn_in : int
        Stored steps to drop at the start.
    steps : int
        Stored steps of the shortest ensemble, burn-in included.
    acceptance : tuple of float
        Acceptance fraction of each ensemble.
    problems : tuple of str
        Sentences about dead walkers, values that are not finite, and the like.
    text : str
        The verdict in words.
    steps_needed : int or None
        Stored steps per ensemble still to make at this rate; 0 if converged, None if no number
        can be given.
    """

    converged: bool
    names: tuple[str, ...]
    tau: Array
    ess: Array
    tail_ess: Array
    rhat: Array
    rank_rhat: Array
    burn_in: int
    steps: int
    acceptance: tuple[float, ...]
    problems: tuple[str, ...]
    text: str
    steps_needed: int | None


def diagnose(
    ensembles: Sequence[Ensemble],
    *,
    target_ess: float = 1000.0,
    target_rhat: float = 1.02,
    discard: int | None = None,
) -> Verdict:
    """Judge the convergence of independent ensembles.

    A periodic parameter is judged by its cosine and sine, whichever is worse.

    Parameters
    ----------
    ensembles : sequence of Ensemble
        Independent ensembles with the same parameters; may be empty or short.
    target_ess : float
        Effective sample size wanted for every parameter, of its mean and of its tails.
    target_rhat : float
        Largest R-hat allowed, of means and of ranks.
    discard : int, optional
        Burn-in in stored steps; `burn_in` if None.

    Returns
    -------
    Verdict
    """
    names = ensembles[0].names if ensembles else ()
    steps = min((ensemble.steps for ensemble in ensembles), default=0)
    start = burn_in(ensembles) if discard is None else min(max(discard, 0), steps)
    verdict = Verdict(
        converged=False,
        names=names,
        **_numbers([ensemble.chain[start:] for ensemble in ensembles], _periods(ensembles)),
        burn_in=start,
        steps=steps,
        acceptance=tuple(acceptance_fraction(ensemble) for ensemble in ensembles),
        problems=_problems(ensembles, start),
        text="",
        steps_needed=None,
    )
    criteria = criteria_of(verdict, target_ess, target_rhat)
    certain = len(ensembles) >= 2 and not verdict.problems
    factor = max((entry.factor for entry in criteria), default=math.inf) if certain else math.inf
    apart = disagreement(verdict) if certain else ""
    needed = None
    if math.isfinite(factor) and not apart:
        needed = max(0, math.ceil((factor - 1.0) * (steps - start)))
    verdict = replace(verdict, converged=needed == 0, steps_needed=needed)
    return replace(verdict, text=verdict_text(verdict, criteria, apart, target_ess, target_rhat))


def _periods(ensembles: Sequence[Ensemble]) -> Array:
    return ensembles[0].periods if ensembles else np.empty(0)


def _numbers(chains: list[Array], periods: Array) -> dict[str, Array]:
    """Diagnostics of each parameter: the worst of its columns."""
    if not chains:
        nothing = np.full(len(periods), np.nan)
        return dict.fromkeys(("tau", "ess", "tail_ess", "rhat", "rank_rhat"), nothing)
    columns, owner = unwound(chains, periods)
    taus = np.array([integrated_time(chain) for chain in columns]).reshape(len(chains), len(owner))
    counts = np.array([chain.shape[0] * chain.shape[1] for chain in chains], dtype=float)
    tau = np.max(taus, axis=0)
    # Ranks are costly, and steps much closer than tau tell R-hat nothing.
    shortest = np.min(tau[np.isfinite(tau)], initial=1e9) if np.isfinite(tau).any() else 1.0
    few = [chain[:: max(1, int(shortest / _THINNING))] for chain in columns]
    found = {
        "tau": (tau, np.maximum),
        "ess": (np.sum(counts[:, None] / taus, axis=0), np.minimum),
        "tail_ess": (tail_ess(columns), np.minimum),
        "rhat": (split_rhat(columns), np.maximum),
        "rank_rhat": (rank_rhat(few), np.maximum),
    }
    worst = {}
    for name, (values, worse) in found.items():
        worst[name] = np.array(values[: len(periods)])
        with np.errstate(invalid="ignore"):
            worse.at(worst[name], owner[len(periods) :], values[len(periods) :])
    return worst


def acceptance_fraction(ensemble: Ensemble) -> float:
    """Mean over walkers of the fraction of proposals accepted; NaN if there are no steps.

    Parameters
    ----------
    ensemble : Ensemble

    Returns
    -------
    float
    """
    return float(np.mean(ensemble.accepted)) / ensemble.steps if ensemble.steps else math.nan


def burn_in(ensembles: Sequence[Ensemble]) -> int:
    """Suggest how many stored steps to drop at the start, the same for all ensembles.

    The larger of two numbers, for the ensemble that needs most: the first step at which the median
    log posterior of the walkers reaches the lower quartile of its values in the second half of the
    chain, and five autocorrelation times measured in the second half. At most half of the steps.

    Parameters
    ----------
    ensembles : sequence of Ensemble

    Returns
    -------
    int
    """
    steps = min((ensemble.steps for ensemble in ensembles), default=0)
    suggestion = 0
    for ensemble in ensembles if steps >= 2 else ():
        half = ensemble.steps // 2
        level = np.median(ensemble.log_posterior, axis=1)
        with np.errstate(invalid="ignore"):
            reached = level >= np.quantile(level[half:], 0.25)
        tau = integrated_time(unwound([ensemble.chain[half:]], ensemble.periods)[0][0])
        tau = tau[np.isfinite(tau)]
        settle = math.ceil(5.0 * tau.max()) if len(tau) else 0
        suggestion = max(suggestion, int(np.argmax(reached)), settle)
    return min(suggestion, steps // 2)


def _problems(ensembles: Sequence[Ensemble], start: int) -> tuple[str, ...]:
    """Sentences about what is wrong with the samples themselves."""
    found = []
    for number, ensemble in enumerate(ensembles):
        chain = ensemble.chain[start:]
        for name, column in zip(ensemble.names, np.moveaxis(chain, 2, 0), strict=True):
            bad = int(np.count_nonzero(~np.isfinite(column)))
            if bad:
                found.append(f"Ensemble {number} has {bad} values of {name} that are not finite.")
            elif column.size > 1 and np.ptp(column) == 0.0:
                found.append(f"Parameter {name} does not vary in ensemble {number}.")
        outside = ~np.isfinite(ensemble.log_posterior[start:])
        if outside.any():
            found.append(
                f"The log posterior of {int(outside.any(axis=0).sum())} of {ensemble.walkers} "
                f"walkers of ensemble {number} is not finite."
            )
        dead, window = _dead_walkers(ensemble, start)
        if dead:
            found.append(
                f"{dead} of {ensemble.walkers} walkers of ensemble {number} did not move in the "
                f"last {window} steps."
            )
    return tuple(found)


def _dead_walkers(ensemble: Ensemble, start: int) -> tuple[int, int]:
    """Count walkers that do not move any more, and tell over how many steps that was looked at."""
    chain = ensemble.chain[start:]
    rate = acceptance_fraction(ensemble)
    # half of the chain is enough even where hardly any walker moves
    patience = min(_STUCK_MOVES / rate, len(chain) / 2) if rate > 0.0 else len(chain) / 2
    window = max(_STUCK_STEPS, math.ceil(patience))
    if len(chain) < window:
        return 0, window
    return int(np.count_nonzero(np.all(chain[-window:] == chain[-1], axis=(0, 2)))), window
