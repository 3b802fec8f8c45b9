"""What toys say of hypotheses: p-values, goodness of fit, discovery.

Definitions with formulas and references are in docs/statistics/statistics.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..records import ToyStudy
from ..records.arrays import Array

__all__ = [
    "LEVELS",
    "Goodness",
    "TailProbability",
    "TestResult",
    "discovery",
    "goodness",
    "likelihood_ratio",
    "tail",
]

LEVELS = (0.6827, 0.90, 0.95)
"""Levels of the intervals whose coverage is told; errors of counts are of the first."""

# Fits end within 1e-5 of their minima: differences below this are none.
_TIE = 1e-5


@dataclass(frozen=True)
class TailProbability:
    """Part of the toys whose statistic is at least the observed one.

    Attributes
    ----------
    value : float
        Of the toys whose fits converged; NaN without any.
    error : float
        Binomial, sqrt(p (1 - p)/n). Where no toy or all of them are in the tail, the distance to
        the end of the 68.27 % interval of Clopper and Pearson (Biometrika 26 (1934) 404).
    count, total : int
        Toys in the tail, and all whose fits converged.
    failed : int
        Toys without: counted neither way.
    lowest, highest : float
        The value if all that failed were outside of the tail, or inside.
    """

    value: float
    error: float
    count: int
    total: int
    failed: int
    lowest: float
    highest: float

    @property
    def sigma(self) -> float:
        """One-sided significance, -Phi^-1(p); minus or plus infinity at the ends."""
        from scipy.special import ndtri

        return -float(ndtri(self.value))


def tail(values: Array, observed: float, good: Array | None = None) -> TailProbability:
    """Probability of a statistic at least as large as observed.

    Parameters
    ----------
    values : (n,) array
        Of toys; NaN where a fit failed.
    observed : float
        NaN: the probability is not known.
    good : (n,) bool array, optional
        Toys that count; those that do not have failed.

    Returns
    -------
    TailProbability
    """
    kept = np.isfinite(values) if good is None else np.isfinite(values) & good
    total, failed = int(kept.sum()), int((~kept).sum())
    if not total or not math.isfinite(observed):
        return TailProbability(math.nan, math.nan, 0, total, failed, math.nan, math.nan)
    count = int((values[kept] >= observed - _TIE).sum())
    every = total + failed
    return TailProbability(
        count / total,
        binomial_error(count, total),
        count,
        total,
        failed,
        count / every,
        (count + failed) / every,
    )


def binomial_error(count: int, total: int) -> float:
    """Error of a fraction, see `TailProbability.error`."""
    if 0 < count < total:
        return math.sqrt(count * (total - count) / total**3)
    return 1.0 - (0.5 * (1.0 - LEVELS[0])) ** (1.0 / total) if total else math.nan


def converged(study: ToyStudy) -> Array:
    """Toys both of whose fits converged: (n,) bool."""
    return np.asarray((study.failed == 0) & np.isfinite(study.statistic))


@dataclass(frozen=True)
class TestResult:
    """A test of the point at which toys were drawn.

    Attributes
    ----------
    statistic : float
        Observed.
    toys : TailProbability
    asymptotic : float
        p-value of the asymptotic distribution; NaN where there is none.
    degrees : int
        Of its chi-square.
    """

    statistic: float
    toys: TailProbability
    asymptotic: float
    degrees: int

    @property
    def asymptotic_sigma(self) -> float:
        """One-sided significance of the asymptotic p-value."""
        from scipy.special import ndtri

        return -float(ndtri(self.asymptotic))


def likelihood_ratio(study: ToyStudy) -> TestResult | None:
    """Test of psi against all other values: -2 ln lambda(psi), chi-square after Wilks.

    Returns
    -------
    TestResult or None
        None if no parameter is tested.
    """
    from scipy.stats import chi2

    if not study.tested:
        return None
    degrees, observed = len(study.tested), study.observed_statistic
    found = tail(study.statistic, observed, converged(study))
    asymptotic = float("nan") if at_bound(study) else float(chi2.sf(observed, degrees))
    return TestResult(observed, found, asymptotic, degrees)


def at_bound(study: ToyStudy) -> tuple[str, ...]:
    """Tested parameters whose truth is an end of their range: no chi-square there."""
    places = [study.names.index(name) for name in study.tested]
    return tuple(study.names[i] for i in places if study.truth[i] in study.bounds[i])


def discovery(study: ToyStudy) -> TestResult | None:
    """Test of psi as a null against larger values: q0, 1007.1727 eq. (12).

    ``q0 = -2 ln lambda(psi)`` where the best fit is above psi, else 0; asymptotically half a
    chi-square of one degree of freedom, ``p = 1 - Phi(sqrt q0)`` (its eq. 52).

    Returns
    -------
    TestResult or None
        None unless one parameter is tested.
    """
    from scipy.special import ndtr

    if len(study.tested) != 1:
        return None
    place = study.names.index(study.tested[0])
    truth = study.truth[place]
    values = np.where(study.values[:, place] >= truth, study.statistic, 0.0)
    values = np.where(np.isfinite(study.statistic), values, np.nan)
    above = study.observed_values[place] >= truth
    observed = study.observed_statistic if above else 0.0
    return TestResult(
        observed, tail(values, observed, converged(study)), float(ndtr(-math.sqrt(observed))), 1
    )


@dataclass(frozen=True)
class Goodness:
    """Goodness of fit of all data, or of one term.

    Attributes
    ----------
    name : str
        Of the term; empty for all together.
    deviance : float
        Observed -2 ln of the ratio to the saturated model.
    data : int
        Number of data.
    degrees : int
        Number of data less that of parameters fitted; -1 for one term of several, of which it is
        not defined.
    asymptotic : float
        Chi-square p-value with these degrees of freedom; NaN without any.
    toys : TailProbability
    """

    name: str
    deviance: float
    data: int
    degrees: int
    asymptotic: float
    toys: TailProbability


def goodness(study: ToyStudy) -> tuple[tuple[Goodness, ...], tuple[str, ...]]:
    """Goodness of fit against the saturated model, whose predictions are the data.

    Deviances of terms and of the priors that stand for measurements add up. A measurement of a
    constrained parameter brings one datum and one parameter, so that neither counts.

    Returns
    -------
    found : tuple of Goodness
        All together, then each term; empty if no term has one.
    without : tuple of str
        Terms that have none and are left out.
    """
    from scipy.stats import chi2

    has = np.isfinite(study.observed_term_deviance) & (study.term_data > 0)
    names = study.term_names
    without = tuple(name for name, there in zip(names, has, strict=True) if not there)
    if not has.any():
        return (), without
    fine = study.failed % 2 == 0  # of the fit with all parameters free
    total = study.term_deviance[:, has].sum(axis=1) + study.constraint_deviance
    observed = float(study.observed_term_deviance[has].sum()) + study.observed_constraint_deviance
    count = int(study.term_data[has].sum())
    degrees = count - study.fitted
    asymptotic = float(chi2.sf(observed, degrees)) if degrees > 0 else math.nan
    found = [Goodness("", observed, count, degrees, asymptotic, tail(total, observed, fine))]
    for place in np.flatnonzero(has):
        own = float(study.observed_term_deviance[place])
        found.append(
            Goodness(
                names[place],
                own,
                int(study.term_data[place]),
                -1,
                math.nan,
                tail(study.term_deviance[:, place], own, fine),
            )
        )
    return tuple(found), without
