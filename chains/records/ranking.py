"""Record of the nuisance parameters of a term: pulls, and impacts on a parameter of interest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array, expect, fill, missing, read_only

__all__ = ["Ranking"]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Nuisance parameters in order of their impact, the largest first.

    Attributes
    ----------
    term : str
        HistFactory term that they are of.
    parameter, latex, unit : str
        Parameter of interest.
    value, error : float
        Its best fit and error (from the covariance), all nuisance parameters profiled.
    names : tuple of str
        The n nuisance parameters.
    pull : (n,) array
        (theta - theta_0) / sigma_0 at the best fit, of those with a constraint; NaN for free ones.
    constraint : (n,) array
        Error after the fit over that of the constraint; NaN for free ones.
    impact : (n, 2) array
        Change of the parameter of interest where the nuisance parameter is held at its best fit
        minus and plus its error after the fit: cov(mu, theta) / sigma_theta.
    refitted : (n, 2) array
        The same from fits with it held there; NaN where none was made.
    """

    term: str
    parameter: str
    value: float
    error: float
    names: tuple[str, ...]
    pull: Array
    constraint: Array
    impact: Array
    refitted: Array = field(default_factory=missing)
    latex: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        n = len(self.names)
        fill(self, "refitted", (n, 2), np.nan)
        read_only(self)
        for name, shape in (("pull", (n,)), ("constraint", (n,)), ("impact", (n, 2))):
            expect(self, name, shape)
        expect(self, "refitted", (n, 2))

    def rows(self) -> list[dict[str, float | str]]:
        """One row a parameter, for tables and CSV."""
        columns = ("pull", "constraint")
        return [
            {
                "parameter": name,
                **{column: float(getattr(self, column)[index]) for column in columns},
                "impact_down": float(self.impact[index, 0]),
                "impact_up": float(self.impact[index, 1]),
                "refitted_down": float(self.refitted[index, 0]),
                "refitted_up": float(self.refitted[index, 1]),
            }
            for index, name in enumerate(self.names)
        ]
