"""Minima and crossings of many functions of one variable at once, each of a row of its own.

Every step evaluates all rows that are not done as one batch.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .target import Array

__all__ = ["cross_rows", "minimise_rows"]

Function = Callable[[Array, Array], Array]
"""Values at x (m,) of the rows (m,): (m,)."""

# Differences of -2 ln L that are none.
_GAIN = 1e-5
_STEPS, _CROSSING_STEPS = 40, 60
# A minimum on an end of the range is one if a point this near, in sizes, is higher.
_NEAR = 1e-3


def minimise_rows(function: Function, upper: float, size: Array) -> tuple[Array, Array, Array]:
    """Minimum of each row over 0 <= x <= upper, of functions with one minimum.

    Parabolas through the lowest point and its neighbours; bisection where they do not help.

    Parameters
    ----------
    function : callable
    upper : float
    size : (n,) array
        About the width of each function, where it changes by about 1.

    Returns
    -------
    x, values : (n,) arrays
    converged : (n,) bool array
    """
    n, rows = len(size), np.arange(len(size))
    size = np.minimum(size, 0.4 * upper)
    x = np.stack([np.zeros(n), size, 2.0 * size], axis=1)
    f = np.stack([function(rows, column) for column in x.T], axis=1)
    converged = np.zeros(n, dtype=bool)
    for _ in range(_STEPS):
        trial, done = _trial(x[rows], f[rows], upper, size[rows])
        converged[rows[done]] = True
        rows, trial = rows[~done], trial[~done]
        if not len(rows):
            break
        column = np.full((n, 1), np.inf)
        x, f = np.append(x, column, axis=1), np.append(f, column, axis=1)
        x[rows, -1], f[rows, -1] = trial, function(rows, trial)
    lowest = f.argmin(axis=1)
    every = np.arange(n)
    return x[every, lowest], f[every, lowest], converged & np.isfinite(f.min(axis=1))


def _trial(x: Array, f: Array, upper: float, size: Array) -> tuple[Array, Array]:
    """Where to look next, and which rows are done."""
    every = np.arange(len(x))
    order = x.argsort(axis=1)
    x, f = np.take_along_axis(x, order, axis=1), np.take_along_axis(f, order, axis=1)
    used = np.isfinite(x).sum(axis=1)
    i = f.argmin(axis=1)
    first, last = i == 0, i == used - 1
    here, value = x[every, i], f[every, i]
    left, right = x[every, np.maximum(i - 1, 0)], x[every, np.minimum(i + 1, used - 1)]
    f_left, f_right = f[every, np.maximum(i - 1, 0)], f[every, np.minimum(i + 1, used - 1)]
    with np.errstate(all="ignore"):
        a, b = here - left, here - right
        p = a * a * (value - f_right) - b * b * (value - f_left)
        q = a * (value - f_right) - b * (value - f_left)
        vertex = here - 0.5 * p / q
        # Of the parabola through the three points, half of its second derivative.
        bend = ((f_left - value) / a - (f_right - value) / b) / (right - left)
        gain = bend * (vertex - here) ** 2
        # A parabola tells nothing of a valley much narrower than its three points.
        narrow = (right - left < 4.0 * size) & (f_left + f_right - 2.0 * value < 20.0)
    good = np.isfinite(vertex) & (vertex > left) & (vertex < right) & (bend > 0.0)
    middle = np.where(right - here > here - left, 0.5 * (here + right), 0.5 * (here + left))
    trial = np.where(good & (abs(vertex - here) > 1e-9 * size), vertex, middle)
    done = good & narrow & (gain < _GAIN)
    done |= right - left < _NEAR * size
    # On the ends of the range.
    outward = np.minimum(2.0 * here + size, upper)
    near_upper = upper - 0.25 * (upper - left)
    trial = np.where(last, np.where(here < upper, outward, near_upper), trial)
    trial = np.where(first, np.where(right > 0.02 * size, 0.2 * right, 0.5 * right), trial)
    done = np.where(first, right <= 0.01 * size, done)
    done = np.where(last, (here >= upper) & (upper - left <= 0.01 * size), done)
    return trial, done | ~np.isfinite(value)


def cross_rows(
    function: Function, lower: Array, guess: Array, upper: float, tolerance: float = 1e-5
) -> Array:
    """Where each row, negative at `lower`, becomes positive: Illinois' variant of regula falsi.

    Parameters
    ----------
    function : callable
    lower, guess : (n,) arrays
        Where the search begins, and where the crossing may be.
    upper : float
        End of the range.
    tolerance : float
        Of the crossing, relative.

    Returns
    -------
    (n,) array
        Infinite where the function is negative up to `upper`, NaN where it is not a number.
    """
    rows = np.arange(len(lower))
    low, high = np.array(lower, float), np.clip(guess, lower, upper)
    f_low, f_high = function(rows, low), np.full(len(rows), -np.inf)
    found = np.where(f_low >= 0.0, low, np.nan)
    rows = rows[f_low < 0.0]
    for _ in range(_CROSSING_STEPS):  # a bracket
        f_high[rows] = function(rows, high[rows])
        short = f_high[rows] < 0.0
        rows = rows[short]
        at_end = high[rows] >= upper
        found[rows[at_end]] = np.inf
        rows = rows[~at_end]
        if not len(rows):
            break
        low[rows], f_low[rows] = high[rows], f_high[rows]
        high[rows] = np.minimum(np.maximum(2.0 * high[rows], 1e-12 * upper), upper)
    rows = np.flatnonzero(np.isnan(found) & (f_low < 0.0) & (f_high >= 0.0))
    side = np.zeros(len(low), dtype=int)
    for step in range(_CROSSING_STEPS):
        a, b, fa, fb = low[rows], high[rows], f_low[rows], f_high[rows]
        with np.errstate(invalid="ignore"):
            trial = (a * fb - b * fa) / (fb - fa)
        halved = ~np.isfinite(trial) | (step % 8 == 7)
        trial = np.where(halved, 0.5 * (a + b), np.clip(trial, a, b))
        value = function(rows, trial)
        positive = value >= 0.0
        f_low[rows] = np.where(positive & (side[rows] == 1), 0.5 * fa, fa)
        f_high[rows] = np.where(~positive & (side[rows] == -1), 0.5 * fb, fb)
        moved = np.minimum(abs(trial - a), abs(trial - b))
        low[rows], high[rows] = np.where(positive, a, trial), np.where(positive, trial, b)
        f_low[rows] = np.where(positive, f_low[rows], value)
        f_high[rows] = np.where(positive, value, f_high[rows])
        side[rows] = np.where(positive, 1, -1)
        found[rows] = np.where(np.isnan(value), np.nan, trial)
        done = (moved <= tolerance * trial) | np.isnan(value) | (value == 0.0)
        rows = rows[~done]
        if not len(rows):
            break
    return found
