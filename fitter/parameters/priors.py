"""Priors of one parameter or of a block of correlated ones.

Every density is normalised, constants included, and acts on a batch: points have shape (n, size),
where ``size`` is 1 for all but the correlated normal. Outside the support, and at NaN, the log
density is minus infinity. Which to choose: ``Uniform`` for what a fit measures, ``Normal`` for an
input known from elsewhere, ``TruncatedNormal`` if it also has a physical edge, ``LogUniform`` for
a positive scale of unknown order, ``CorrelatedNormal`` for form-factor coefficients.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .correlated import CorrelatedNormal
from .flat import LogUniform, Uniform
from .normal import Normal, TruncatedNormal
from .prior_base import Array, Prior

if TYPE_CHECKING:
    from ..analysis_file.sections import PriorSpec

__all__ = [
    "Array",
    "CorrelatedNormal",
    "LogUniform",
    "Normal",
    "Prior",
    "TruncatedNormal",
    "Uniform",
    "make_prior",
]


def make_prior(
    spec: PriorSpec, limits: tuple[float, float] = (-math.inf, math.inf)
) -> Uniform | LogUniform | Normal | TruncatedNormal:
    """Prior of one parameter from its entry in an analysis.

    Parameters
    ----------
    spec : PriorSpec
        The entry.
    limits : (lower, upper), optional
        Range of the parameter, in its unit: a normal prior is cut there.

    Returns
    -------
    Prior

    Raises
    ------
    ParameterError
        The numbers do not make a density.
    """
    if spec.uniform is not None:
        return Uniform(*spec.uniform)
    if spec.log_uniform is not None:
        return LogUniform(*spec.log_uniform)
    if spec.normal is None:
        raise TypeError("a PriorSpec holds one kind")  # its own validator sees to it
    lower, upper = spec.support()
    lower, upper = max(lower, limits[0]), min(upper, limits[1])
    if math.isinf(lower) and math.isinf(upper):
        return Normal(*spec.normal)
    return TruncatedNormal(*spec.normal, lower, upper)
