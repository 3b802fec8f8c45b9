"""Has the chain converged: a verdict in numbers and one text, never an exception."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .autocorrelation import integrated_time
from .records import Array, Ensemble

__all__ = ["Verdict", "acceptance_fraction", "burn_in", "diagnose", "split_rhat"]

# A walker is held for dead if it stays put for this many steps and for the time in which the
# average walker of its ensemble makes this many moves, which happens by chance to one in e^20.
_STUCK_STEPS = 50
_STUCK_MOVES = 20.0
# The estimate of tau is biased low in chains shorter than this many tau.
_LEAST_LENGTH = 20.0
# Above this R-hat the fall of R-hat with the length says nothing (0.8 standard deviations between
# the means of two ensembles).
_APART = 1.1


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the diagnostics say of the ensembles of one run.

    Parameters
    ----------
    converged : bool
        True if every parameter reaches the wanted ESS and R-hat, the ensembles are long enough
        for tau to be trusted, there are at least two of them, and nothing is wrong with walkers.
    names : tuple of str
        The d parameters.
    tau : (d,) array
        Integrated autocorrelation time in stored steps, the largest over the ensembles.
    ess : (d,) array
        Effective sample size: sum over ensembles of (steps after burn-in * walkers / tau).
    rhat : (d,) array
        R-hat over half-ensembles, see `split_rhat`.
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
    rhat: Array
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

    Parameters
    ----------
    ensembles : sequence of Ensemble
        Independent ensembles with the same parameters; may be empty or short.
    target_ess : float
        Effective sample size wanted for every parameter.
    target_rhat : float
        Largest R-hat allowed.
    discard : int, optional
        Burn-in in stored steps; `burn_in` if None.

    Returns
    -------
    Verdict
    """
    names = ensembles[0].names if ensembles else ()
    steps = min((ensemble.steps for ensemble in ensembles), default=0)
    start = burn_in(ensembles) if discard is None else min(max(discard, 0), steps)
    chains = [ensemble.chain[start:] for ensemble in ensembles]
    taus = np.array([integrated_time(c) for c in chains]).reshape(len(chains), len(names))
    counts = np.array([chain.shape[0] * chain.shape[1] for chain in chains], dtype=float)
    verdict = Verdict(
        converged=False,
        names=names,
        tau=np.max(taus, axis=0) if len(taus) else np.full(len(names), np.nan),
        ess=np.sum(counts[:, None] / taus, axis=0),
        rhat=split_rhat(chains) if chains else np.full(len(names), np.nan),
        burn_in=start,
        steps=steps,
        acceptance=tuple(acceptance_fraction(ensemble) for ensemble in ensembles),
        problems=_problems(ensembles, start),
        text="",
        steps_needed=None,
    )
    certain = len(ensembles) >= 2 and not verdict.problems
    factor = _length_factor(verdict, target_ess, target_rhat) if certain else math.inf
    apart = certain and bool(np.nanmax(verdict.rhat, initial=0.0) > _APART)
    needed = None
    if math.isfinite(factor) and not apart:
        needed = max(0, math.ceil((factor - 1.0) * (steps - start)))
    verdict = replace(verdict, converged=needed == 0, steps_needed=needed)
    return replace(verdict, text=_text(verdict, target_ess, target_rhat, apart))


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
        tau = integrated_time(ensemble.chain[half:])
        tau = tau[np.isfinite(tau)]
        settle = math.ceil(5.0 * tau.max()) if len(tau) else 0
        suggestion = max(suggestion, int(np.argmax(reached)), settle)
    return min(suggestion, steps // 2)


def split_rhat(chains: Sequence[Array]) -> Array:
    """Gelman-Rubin R-hat over half-ensembles.

    Walkers of one ensemble are proposed from one another and are not independent chains, so the
    unit compared is the half of an ensemble, all its walkers together. With H halves (two of each
    ensemble), half h having mean m_h and variance s_h^2 over its L_h = steps * walkers samples,

        W = mean_h s_h^2,    B = sum_h (m_h - mean m)^2 / (H - 1),
        R-hat^2 = (L - 1)/L + B / W,    L = mean_h L_h,

    which is Gelman and Rubin's (Stat. Sci. 7 (1992) 457) estimate of the variance of the target,
    (L - 1)/L W + B, over the variance within. If the ensembles have converged the expectation of
    B is W over the effective sample size of a half, and R-hat - 1 falls as half its inverse; if
    two ensembles sit D standard deviations apart, R-hat^2 is 1 + D^2 / 3.

    Parameters
    ----------
    chains : sequence of (steps, walkers, d) arrays
        Chains of the ensembles after burn-in, of any lengths.

    Returns
    -------
    (d,) array
        NaN where there are fewer than four steps or values that are not finite; infinite where
        the halves differ but nothing varies within them.
    """
    ndim = chains[0].shape[2]
    if min(len(chain) for chain in chains) < 4:
        return np.full(ndim, np.nan)
    halves = [
        half for chain in chains for half in (chain[: len(chain) // 2], chain[len(chain) // 2 :])
    ]
    length = np.mean([half.shape[0] * half.shape[1] for half in halves])
    with np.errstate(divide="ignore", invalid="ignore"):
        means = np.array([half.mean(axis=(0, 1)) for half in halves])
        within = np.mean([half.var(axis=(0, 1), ddof=1) for half in halves], axis=0)
        between = means.var(axis=0, ddof=1)
        rhat: Array = np.sqrt((length - 1.0) / length + between / within)
    return rhat


def _length_factor(verdict: Verdict, target_ess: float, target_rhat: float) -> float:
    """How many times longer the chains must be after burn-in; infinite if that cannot be said."""
    length = verdict.steps - verdict.burn_in
    if not length or not verdict.names:
        return math.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        by_ess = target_ess / verdict.ess
        by_rhat = (verdict.rhat**2 - 1.0) / (target_rhat**2 - 1.0)  # falls as 1 / length
        by_tau = _LEAST_LENGTH * verdict.tau / length
    factors = np.concatenate([by_ess, by_rhat, by_tau])
    return float(np.max(factors)) if np.all(np.isfinite(factors)) else math.inf


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


def _text(verdict: Verdict, target_ess: float, target_rhat: float, apart: bool) -> str:
    """Put the verdict in words: outcome, worst numbers, what is wrong, what to do."""
    names, ensembles = verdict.names, len(verdict.acceptance)
    if not verdict.steps or not names:
        return "Not converged: there are no samples yet."
    tau = _worst(names, verdict.tau, True, ".1f")
    ess = _worst(names, verdict.ess, False, ".0f")
    rhat = _worst(names, verdict.rhat, True, ".3f")
    count = "1 ensemble" if ensembles == 1 else f"{ensembles} ensembles"
    parts = [
        f"{'Converged' if verdict.converged else 'Not converged'}: {count} of {verdict.steps} "
        f"steps, {verdict.burn_in} of them burn-in; longest autocorrelation time {tau}; smallest "
        f"ESS {ess}, target {target_ess:g}; largest R-hat {rhat}, target {target_rhat:g}."
    ]
    parts.extend(verdict.problems)
    if ensembles == 1:
        parts.append("One ensemble cannot show that it sees all of the posterior: sample two.")
    if verdict.steps_needed:
        parts.append(f"At this rate {verdict.steps_needed} more steps per ensemble are needed.")
    if apart:
        parts.append(
            "The ensembles do not agree on where the posterior is, so the number of steps needed "
            "cannot be told: go on, or look for several maxima."
        )
    return " ".join(parts)


def _worst(names: tuple[str, ...], values: Array, largest: bool, form: str) -> str:
    if not np.any(np.isfinite(values)):
        return "unknown"
    index = int(np.nanargmax(values) if largest else np.nanargmin(values))
    return f"{values[index]:{form}} ({names[index]})"
