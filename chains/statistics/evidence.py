"""Evidence from independent runs of a sampler that gives weights, and whether the runs agree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ..records import Array, WeightedSamples
from ..records.arrays import kish
from .weights import cumulative

__all__ = ["Evidence", "distance", "evidence", "reweighted"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Evidence of runs taken together, and two tests of their agreement.

    Attributes
    ----------
    log_evidence, error : float
        ln Z, the mean of the runs by the inverse squares of their errors. Its error is that of the
        mean, or that which the scatter of the runs tells of if it is larger (the scale factor of
        the Particle Data Group). NaN if no run has a number.
    p_value : float
        Of the scatter of ln Z, for the errors that the runs claim; NaN for one run.
    names : tuple of str
        The d parameters.
    p_values : (d,) array
        Of the largest distance between the marginal distributions of two runs
        (Kolmogorov-Smirnov, with effective numbers of samples; the smallest over the pairs of runs
        times the number of pairs, 1 at most); NaN for one run.
    """

    log_evidence: float
    error: float
    p_value: float
    names: tuple[str, ...]
    p_values: Array

    @property
    def least(self) -> float:
        """Smallest p-value of a marginal times the number of parameters (Bonferroni), 1 at most."""
        if not len(self.p_values) or np.isnan(self.p_values).any():
            return math.nan
        return float(min(1.0, len(self.p_values) * self.p_values.min()))


def evidence(runs: Sequence[WeightedSamples]) -> Evidence:
    """Evidence of independent runs on the same likelihood and prior.

    Parameters
    ----------
    runs : sequence of WeightedSamples
        At least one.

    Returns
    -------
    Evidence
    """
    names = runs[0].names
    pairs = list(combinations([run for run in runs if run.size], 2))
    p_values = np.full(len(names), np.nan)
    if pairs:
        found = [[_p_value(*pair, column) for column in range(len(names))] for pair in pairs]
        p_values = np.minimum(1.0, len(pairs) * np.min(found, axis=0))
    return Evidence(*_together(runs), names, p_values)


def _together(runs: Sequence[WeightedSamples]) -> tuple[float, float, float]:
    """Evidence (ln Z) of all runs, its error and the p-value of the scatter."""
    from scipy import stats

    values = np.array([run.log_evidence for run in runs])
    errors = np.array([run.log_evidence_error for run in runs])
    known = np.isfinite(values)
    values, errors = values[known], errors[known]
    count = len(values)
    if not count:
        return math.nan, math.nan, math.nan
    if count == 1:
        return float(values[0]), float(errors[0]), math.nan
    if not (np.isfinite(errors).all() and (errors > 0.0).all()):
        # without errors to go by, only the scatter tells
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(count)), math.nan
    precision = errors**-2.0
    middle = float(precision @ values / precision.sum())
    scatter = float(precision @ (values - middle) ** 2)
    scale = max(1.0, math.sqrt(scatter / (count - 1)))
    p_value = float(stats.chi2.sf(scatter, count - 1))
    return middle, scale / math.sqrt(precision.sum()), p_value


def reweighted(run: WeightedSamples, log_ratio: Array) -> WeightedSamples:
    """Samples and evidence with another prior: Z' = Z <pi'/pi>, the mean over the posterior.

    Right as far as the other prior lies where the first one does; where it is much wider than the
    samples reach, or narrower than their distances, the effective number tells.

    Parameters
    ----------
    run : WeightedSamples
    log_ratio : (s,) array
        Logarithm of the ratio of the normalised prior densities at the points, minus infinity where
        the other one is zero.

    Returns
    -------
    WeightedSamples
        The error of ln Z has that of the mean beside that of the first ln Z. Without points and
        with ln Z of minus infinity if the other prior is zero at all of them.
    """
    old = run.weights
    good = (old > 0.0) & (log_ratio > -np.inf)
    if not good.any():
        none = np.empty(0)
        return replace(
            run, points=run.points[:0], log_weights=none, log_likelihood=none, log_prior=none,
            log_evidence=-math.inf, log_evidence_error=math.nan, effective_samples=0.0,
        )  # fmt: skip
    highest = float(log_ratio[good].max())
    ratio = np.where(good, np.exp(np.where(good, log_ratio, -np.inf) - highest), 0.0)
    mean = float(old @ ratio)
    scatter = math.sqrt(float(old @ (ratio - mean) ** 2) / max(run.effective_samples, 1.0)) / mean
    weights = run.log_weights[good] + log_ratio[good]
    shared = run.effective_samples / kish(old)
    scaled = np.exp(weights - weights.max())
    return replace(
        run,
        points=run.points[good],
        log_weights=weights,
        log_likelihood=run.log_likelihood[good],
        log_prior=run.log_prior[good] + log_ratio[good],
        log_evidence=run.log_evidence + highest + math.log(mean),
        log_evidence_error=math.hypot(run.log_evidence_error, scatter),
        effective_samples=shared * kish(scaled),
    )


def distance(first: Array, second: Array, weights: tuple[Array, Array]) -> float:
    """Largest difference of the cumulative distributions of two weighted samples.

    Parameters
    ----------
    first, second : (n,), (m,) arrays
    weights : ((n,) array, (m,) array)

    Returns
    -------
    float
        Between 0 and 1.
    """
    places = np.sort(np.concatenate([first, second]))
    heights = []
    for values, own in zip((first, second), weights, strict=True):
        order = np.argsort(values, kind="stable")
        sums = np.concatenate([[0.0], cumulative(own[order])])
        heights.append(sums[np.searchsorted(values[order], places, side="right")])
    return float(np.abs(heights[0] - heights[1]).max())


def _p_value(first: WeightedSamples, second: WeightedSamples, column: int) -> float:
    """Of the distance of one marginal of two runs, from Kolmogorov's distribution."""
    from scipy import stats

    far = distance(
        first.points[:, column], second.points[:, column], (first.weights, second.weights)
    )
    one, other = first.effective_samples, second.effective_samples
    return float(stats.kstwobign.sf(far * math.sqrt(one * other / (one + other))))
