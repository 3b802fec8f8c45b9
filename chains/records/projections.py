"""What other luminosities would tell: expected errors and significances."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["ExpectedError", "Projected", "Projection"]


@dataclass(frozen=True)
class ExpectedError:
    """Expected errors of one parameter.

    Attributes
    ----------
    name : str
    truth : float
    error : float
        From second derivatives; NaN at a bound, or where there is none.
    counts : float
        Part of it from the fluctuations of the counts of the scaled terms, everything fitted.
    simulation : float
        Part of it from the statistics of simulation: the auxiliary data of bin factors.
    others : float
        The rest in quadrature: other auxiliary data, and all other measurements.
    lower, upper : float
        Where -2 Delta ln L = 1 below and above the truth, as distances; NaN if not asked for.
    mean, spread : float
        Of the best fits of toys; NaN without.
    """

    name: str
    truth: float
    error: float
    counts: float
    simulation: float
    others: float
    lower: float
    upper: float
    mean: float = math.nan
    spread: float = math.nan


@dataclass(frozen=True)
class Projected:
    """One luminosity under one assumption.

    Attributes
    ----------
    luminosity : float
        In 1/ab.
    assumption : str
        ``"statistical"``, ``"published"`` or ``"scaled"``.
    errors : tuple of ExpectedError
        Of the parameters without constraint.
    closure : float
        Largest distance of the fit from the truth, in typical changes of the parameters.
    statistic : float
        -2 ln of the ratio of likelihoods of the null and the truth; NaN without a null.
    sigma : float
        Significance for as many degrees of freedom as the null fixes, two-sided; the square root of
        the statistic for one parameter.
    sigma_toys : (float, float, float)
        That of toys: 15.87 % quantile, median, 84.13 % quantile; NaN without.
    failed : int
        Toys left out since fits failed.
    rival_statistic : float
        -2 ln of the ratio of likelihoods of the rival and the truth; NaN without a rival.
    separation : float
        Its square root.
    separation_toys : float
        Significance, one-sided, at which half of the toys of the truth exclude the rival, from toys
        of both; at most that of half a toy.
    """

    luminosity: float
    assumption: str
    errors: tuple[ExpectedError, ...]
    closure: float
    statistic: float
    sigma: float
    sigma_toys: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    failed: int = 0
    rival_statistic: float = math.nan
    separation: float = math.nan
    separation_toys: float = math.nan


@dataclass(frozen=True)
class Projection:
    """Luminosities and assumptions of one truth.

    Attributes
    ----------
    name : str
        Of the analysis.
    truth, null : str
        What is true, and what is tested.
    degrees : int
        Parameters that the null fixes.
    today : tuple of (str, float)
        Terms that are scaled, and the luminosities of their samples in 1/ab.
    unchanged : tuple of str
        Terms that are not.
    points : tuple of Projected
    foreseen : tuple of (str, str, float)
        Measurements to come that were added: name, observable, error.
    rival : str
        Scenario that was to be told from the truth; empty without.
    toys : int
        At each point.
    seed : str
    """

    name: str
    truth: str
    null: str
    degrees: int
    today: tuple[tuple[str, float], ...]
    unchanged: tuple[str, ...]
    points: tuple[Projected, ...]
    foreseen: tuple[tuple[str, str, float], ...] = ()
    rival: str = ""
    toys: int = 0
    seed: str = "0"
