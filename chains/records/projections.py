"""What other luminosities would tell: expected errors and significances."""

from __future__ import annotations

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
    others : float
        The rest in quadrature: auxiliary data, and all other measurements.
    lower, upper : float
        Where -2 Delta ln L = 1 below and above the truth, as distances; NaN if not asked for.
    """

    name: str
    truth: float
    error: float
    counts: float
    others: float
    lower: float
    upper: float


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
    """

    luminosity: float
    assumption: str
    errors: tuple[ExpectedError, ...]
    closure: float
    statistic: float
    sigma: float


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
    """

    name: str
    truth: str
    null: str
    degrees: int
    today: tuple[tuple[str, float], ...]
    unchanged: tuple[str, ...]
    points: tuple[Projected, ...]
