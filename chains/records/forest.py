"""Record of the measurements of one observable, with their average and a band of theory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Average", "Forest", "ForestRow"]


@dataclass(frozen=True)
class ForestRow:
    """One measurement, limit, or prediction.

    Attributes
    ----------
    label : str
        Experiment and year, or name of a run.
    value, plus, minus : float
        Central value and both errors (68 %), positive; NaN where only a limit is known.
    limit, level : float
        Upper limit and its confidence level; NaN without one.
    mark : str
        Why it is not in the average, such as ``"superseded"``; empty if it is in it.
    detail : str
        Such as the tagging method.
    """

    label: str
    value: float = np.nan
    plus: float = np.nan
    minus: float = np.nan
    limit: float = np.nan
    level: float = np.nan
    mark: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Average:
    """Weighted average as the Particle Data Group makes it.

    Attributes
    ----------
    value, error : float
        The error is scaled already.
    scale : float
        Factor S >= 1 on the error.
    chi2, dof : float, int
    number : int
        Measurements in it.
    """

    value: float
    error: float
    scale: float
    chi2: float
    dof: int
    number: int


@dataclass(frozen=True)
class Forest:
    """Measurements of one observable.

    Attributes
    ----------
    observable, latex, unit : str
    rows : tuple of ForestRow
        Measurements and limits.
    average : Average or None
        None if fewer than two measurements can enter one.
    theory, theory_error : float
        At the Standard Model; NaN where there is none.
    runs : tuple of ForestRow
        Predictions of runs.
    """

    observable: str
    latex: str
    unit: str
    rows: tuple[ForestRow, ...]
    average: Average | None = None
    theory: float = np.nan
    theory_error: float = np.nan
    runs: tuple[ForestRow, ...] = ()
