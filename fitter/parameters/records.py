"""Plain records of parameters and their values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..analysis_file.expressions import Expression
from .priors import Array

__all__ = ["Affine", "Formula", "Parameter", "Role", "Status", "Values"]

Role = Literal["model", "auxiliary", "constant", "form factor"]
Status = Literal["free", "fixed", "tied"]


@dataclass(frozen=True)
class Parameter:
    """One parameter, for tables and results files.

    Attributes
    ----------
    name, latex, unit : str
        LaTeX in math mode without dollar signs; unit ``"1"`` if there is none.
    role : "model", "auxiliary", "constant" or "form factor"
        What it enters; auxiliary ones enter parameters of the model.
    status : "free", "fixed" or "tied"
        Free parameters are the columns of theta; tied ones follow from others.
    value : float
        Start if free, else the value (of a tied one: at the start of the others).
    lower, upper : float
        Support of the prior if free, else the range allowed.
    step : float
        First step of a minimiser; 0 unless free.
    rule : str
        The prior if free, ``2 x dC_L + 1`` or ``= r * cos(phi)`` if tied, ``default`` if the
        analysis does not name it, else empty.
    constraint : bool
        Whether its prior stands for a measurement.
    periodic : bool
        Whether it is an angle, whose support is one period.
    """

    name: str
    latex: str
    unit: str
    role: Role
    status: Status
    value: float
    lower: float = -math.inf
    upper: float = math.inf
    step: float = 0.0
    rule: str = ""
    constraint: bool = False
    periodic: bool = False

    @property
    def period(self) -> float:
        """Width of the support of an angle; NaN for others."""
        return self.upper - self.lower if self.periodic else math.nan


@dataclass(frozen=True)
class Affine:
    """A model parameter as ``times`` x a column of theta ``plus`` a number.

    Attributes
    ----------
    column : int or None
        None: the number alone.
    times, plus : float
        ``plus`` in the parameter's unit.
    lower, upper : float
        Range in which the value is allowed.
    """

    column: int | None
    times: float
    plus: float
    lower: float = -math.inf
    upper: float = math.inf

    def __call__(self, theta: Array) -> Array:
        """Value at each point, (n, ndim) -> (n,), or (1,) if it does not vary."""
        if self.column is None:
            return np.array([self.plus])
        if self.times == 1.0 and self.plus == 0.0:
            return theta[:, self.column]
        return self.times * theta[:, self.column] + self.plus

    @property
    def bounded(self) -> bool:
        """Whether a value can fall out of the range when theta varies."""
        open_range = math.isinf(self.lower) and math.isinf(self.upper)
        return self.column is not None and not open_range


@dataclass(frozen=True)
class Formula:
    """A parameter as an expression of others.

    Attributes
    ----------
    name : str
    role : "model" or "auxiliary"
    expression : Expression
    sources : mapping of str to Affine
        Rules of those parameters in the expression that are no formulas themselves.
    lower, upper : float
        Range in which the value is allowed.
    """

    name: str
    role: Role
    expression: Expression
    sources: Mapping[str, Affine]
    lower: float = -math.inf
    upper: float = math.inf

    def __call__(self, theta: Array, found: Mapping[str, Array]) -> Array:
        """Value at each point.

        Parameters
        ----------
        theta : (n, ndim) array
        found : mapping of str to array
            Values of the formulas that it needs.

        Returns
        -------
        (n,) array, or (1,) if it does not vary
            NaN where it is not defined.
        """
        known = {name: rule(theta) for name, rule in self.sources.items()}
        return self.expression({**found, **known})

    def outside(self, value: Array) -> NDArray[np.bool_]:
        """Whether values have left the range; those that are not defined have not."""
        return np.asarray((value < self.lower) | (value > self.upper))


@dataclass(frozen=True)
class Values:
    """Values at a batch of points.

    Attributes
    ----------
    model : mapping of str to (n,) or (1,) array
        Parameters of the model that the analysis names: free, fixed and tied; (1,) for those
        that do not vary, so that predictions can tell; NaN where an expression is not defined.
        The others are at the model's defaults.
    constants : mapping of str to (n,) array
        Constants that float; those fixed are in ``ParameterTable.fixed_constants``.
    coefficients : mapping of str to (n, m) array
        Process -> coefficients, for the form factors that float.
    """

    model: Mapping[str, Array]
    constants: Mapping[str, Array]
    coefficients: Mapping[str, Array]
