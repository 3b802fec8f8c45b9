"""How well chains mix: autocorrelation, R-hat of means and of ranks, samples of the tails."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..records import Array

__all__ = [
    "autocorrelation_function",
    "integrated_time",
    "rank_rhat",
    "split_rhat",
    "tail_ess",
    "unwound",
]

# Tails begin at these quantiles (1903.08008, section 4.3).
TAILS = (0.05, 0.95)


def autocorrelation_function(chain: Array) -> Array:
    """Autocorrelation function of one parameter, averaged over the walkers of one ensemble.

    c(k) = < (x_w(t) - m) (x_w(t + k) - m) >_{t, w} / c(0), with m the mean over all walkers and
    steps. Deviations are taken from the common mean, not from each walker's own as in emcee: then
    walkers that sit in different places show as a correlation that does not die out. Summands are
    divided by the number of steps at every lag (the biased estimate), computed by FFT.

    Parameters
    ----------
    chain : (steps, walkers) array

    Returns
    -------
    (steps,) array
        1 at lag 0; NaN throughout if the chain does not vary.
    """
    steps, _ = chain.shape
    deviation = chain - chain.mean()
    padded = 1 << (2 * steps - 1).bit_length()
    power = np.zeros(padded // 2 + 1)
    for walker in deviation.T:  # one at a time: all at once would double the memory of the chain
        power += np.abs(np.fft.rfft(walker, padded)) ** 2
    covariance = np.fft.irfft(power, padded)[:steps]
    if not covariance[0] > 0.0:
        return np.full(steps, np.nan)
    correlation: Array = covariance / covariance[0]
    return correlation


def integrated_time(chain: Array, window: float = 5.0) -> Array:
    """Integrated autocorrelation time of each parameter of one ensemble, in stored steps.

    tau = 1 + 2 sum_{k=1}^{M} c(k), c averaged over the walkers, M the smallest lag with
    M >= window * tau(M) (Sokal's automatic window; Goodman and Weare, CAMCoS 5 (2010) 65,
    section 3.3, use it for the mean over walkers; averaging the correlations of single walkers, as
    emcee does, has less noise). If no such M exists the chain is too short, and the largest value
    of the sum is taken. Values below 1 are set to 1, so that no sample counts twice.

    Parameters
    ----------
    chain : (steps, walkers, d) array
    window : float
        Width of the window in units of tau.

    Returns
    -------
    (d,) array
        NaN for a parameter that does not vary or is not finite, or if there are no steps.
    """
    steps, _, ndim = chain.shape
    tau = np.full(ndim, np.nan)
    for d in range(ndim if steps else 0):
        if not np.all(np.isfinite(chain[:, :, d])):
            continue
        sums = 2.0 * np.cumsum(autocorrelation_function(chain[:, :, d])) - 1.0
        if np.isnan(sums[0]):
            continue
        enough = np.arange(steps) >= window * sums
        estimate = sums[np.argmax(enough)] if enough.any() else sums.max()
        tau[d] = max(1.0, estimate)
    return tau


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


def rank_rhat(chains: Sequence[Array]) -> Array:
    """Rank-normalised R-hat, the larger of that of the values and that of their folded values.

    Vehtari et al. (1903.08008, eqs. 14 and 15): values are replaced by normal scores of their
    ranks r among all S samples, Phi^-1((r - 3/8) / (S + 1/4)), so that it is defined also for
    distributions without a mean; folded values |x - median| show ensembles of the same place and
    different widths. Then as `split_rhat`.

    Parameters
    ----------
    chains : sequence of (steps, walkers, d) arrays

    Returns
    -------
    (d,) array
        NaN as for `split_rhat`.
    """

    def both(column: Array) -> Array:
        return np.stack([_scores(column), _scores(np.abs(column - np.median(column)))], axis=-1)

    rhat = [split_rhat(part) for part in _by_column(chains, both)]
    return np.array([np.max(pair) for pair in rhat])


def tail_ess(chains: Sequence[Array]) -> Array:
    """Effective sample size of the tails.

    The smaller of those of the fractions of samples below the 5 % and the 95 % quantiles of all
    samples (1903.08008, section 4.3): each is the mean of 0 and 1, and has an autocorrelation time
    as any mean has.

    Parameters
    ----------
    chains : sequence of (steps, walkers, d) arrays

    Returns
    -------
    (d,) array
        NaN where an ensemble has no samples on one side of a quantile, or values that are not
        finite.
    """

    def below(column: Array) -> Array:
        return (column[:, None] <= np.quantile(column, TAILS)).astype(float)

    found = []
    for part in _by_column(chains, below):
        counts = np.array([float(chain.shape[0] * chain.shape[1]) for chain in part])
        taus = np.array([integrated_time(chain) for chain in part])
        found.append(np.min(np.sum(counts[:, None] / taus, axis=0)))
    return np.array(found)


def unwound(chains: Sequence[Array], periods: Array) -> tuple[list[Array], Array]:
    """Chains with cosine and sine in place of each periodic parameter, whose seam means nothing.

    Parameters
    ----------
    chains : sequence of (steps, walkers, d) arrays
    periods : (d,) array
        Infinite for parameters that are not periodic.

    Returns
    -------
    chains : list of (steps, walkers, m) arrays
    owner : (m,) integer array
        Parameter to which each column belongs.
    """
    circle = np.flatnonzero(np.isfinite(periods))
    owner = np.concatenate([np.arange(len(periods)), circle]).astype(int)
    if not len(circle):
        return list(chains), owner
    turned = []
    for chain in chains:
        with np.errstate(invalid="ignore"):
            angle = 2.0 * np.pi * chain[:, :, circle] / periods[circle]
            whole = np.concatenate([chain, np.sin(angle)], axis=2)
            whole[:, :, circle] = np.cos(angle)
        turned.append(whole)
    return turned, owner


def _by_column(chains: Sequence[Array], change: Callable[[Array], Array]) -> list[list[Array]]:
    """Apply a map from (s,) to (s, m) to all samples of each parameter: (steps, walkers, m)."""
    ndim = chains[0].shape[2]
    ends = np.cumsum([chain.shape[0] * chain.shape[1] for chain in chains])[:-1]
    result = []
    for d in range(ndim):
        column = np.concatenate([chain[:, :, d].ravel() for chain in chains])
        if len(column) and np.isfinite(column).all():
            changed = change(column)
        else:
            changed = np.full((len(column), 1), np.nan)
        parts = np.split(changed, ends)
        result.append(
            [
                part.reshape(*chain.shape[:2], changed.shape[1])
                for part, chain in zip(parts, chains, strict=True)
            ]
        )
    return result


def _scores(column: Array) -> Array:
    """Normal scores of ranks, equal values sharing their mean rank: (s,)."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores: Array = ndtri((rankdata(column) - 0.375) / (len(column) + 0.25))
    return scores
