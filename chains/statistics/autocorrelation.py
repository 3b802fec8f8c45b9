"""Integrated autocorrelation time of an ensemble of walkers."""

from __future__ import annotations

import numpy as np

from ..records import Array

__all__ = ["autocorrelation_function", "integrated_time"]


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
