"""Weighted average of measurements with a scale factor."""

from __future__ import annotations

import numpy as np

from ...errors import ParameterError
from ..records.arrays import Array
from ..records.forest import Average

__all__ = ["weighted_average"]

_STEPS, _CLOSE = 200, 1e-13


def weighted_average(values: Array, plus: Array, minus: Array) -> Average:
    """Weighted average as the Particle Data Group makes it (Review, Introduction, section 5.2).

    Weights are 1/error^2. Of asymmetric errors the one on the side of the average counts, linear in
    between, so that the average is found by iteration. If chi2/(N - 1) > 1 the error is multiplied
    with S = sqrt(chi2/(N - 1)), for which measurements with errors above 3 sqrt(N) times that of
    the average are left out.

    Parameters
    ----------
    values, plus, minus : (n,) arrays
        Central values, upward and downward errors (positive).

    Returns
    -------
    Average

    Raises
    ------
    ParameterError
        If there are no values, one is not finite, or an error is not positive.
    """
    x, up, down = (np.atleast_1d(np.asarray(each, dtype=float)) for each in (values, plus, minus))
    good = np.isfinite(x) & (up > 0.0) & (down > 0.0) & np.isfinite(up) & np.isfinite(down)
    if not len(x) or not good.all():
        raise ParameterError("an average needs finite values with positive errors.")
    mean = float(np.average(x, weights=1.0 / (0.5 * (up + down)) ** 2))
    # Damped: with strongly asymmetric errors the plain iteration may oscillate.
    for _ in range(_STEPS):
        wanted = float(np.average(x, weights=1.0 / _errors(mean, x, up, down) ** 2))
        step = 0.5 * (wanted - mean)
        mean += step
        if abs(step) <= _CLOSE * max(abs(mean), float(up.min())):
            break
    errors = _errors(mean, x, up, down)
    error = float(np.sum(1.0 / errors**2) ** -0.5)
    chi2 = float(np.sum(((x - mean) / errors) ** 2))
    used = errors <= 3.0 * np.sqrt(len(x)) * error
    scale = 1.0
    if used.sum() > 1:
        partial = float(np.sum(((x - mean) / errors)[used] ** 2))
        scale = max(1.0, float(np.sqrt(partial / (used.sum() - 1))))
    return Average(mean, scale * error, scale, chi2, len(x) - 1, len(x))


def _errors(mean: float, x: Array, up: Array, down: Array) -> Array:
    """Error of each measurement towards the average."""
    # The average above a value asks for its upward error.
    share = np.clip((mean - (x - down)) / (up + down), 0.0, 1.0)
    errors: Array = down + share * (up - down)
    return errors
