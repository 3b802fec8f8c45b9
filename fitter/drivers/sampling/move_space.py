"""Coordinates in which moves are proposed: logarithms, circles, or the parameters themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..target import Array, Target, logarithmic, periods

__all__ = ["MoveSpace", "wrap"]


@dataclass(frozen=True, eq=False)
class MoveSpace:
    """The d coordinates of an ensemble move.

    A coordinate is the parameter itself, its logarithm, or a point on a circle. A symmetric step
    in the logarithm is not symmetric in the parameter: `shifted` gives the logarithm of dx'/dx,
    which the acceptance has to count.

    Attributes
    ----------
    logarithmic : (d,) bool array
        Parameters that move in their logarithm; they are positive.
    lower : (d,) array
        Lower ends of the supports.
    periods : (d,) array
        Lengths of the circles, infinite for other parameters.
    """

    logarithmic: Array
    lower: Array
    periods: Array

    @classmethod
    def of(cls, target: Target) -> MoveSpace:
        """Coordinates that suit a target."""
        return cls(logarithmic(target), np.asarray(target.bounds, float)[:, 0], periods(target))

    @classmethod
    def plain(cls, ndim: int) -> MoveSpace:
        """The parameters themselves."""
        return cls(np.zeros(ndim, bool), np.full(ndim, -np.inf), np.full(ndim, np.inf))

    def difference(self, first: Array, second: Array) -> Array:
        """Difference of points in these coordinates, on a circle the shorter way.

        Parameters
        ----------
        first, second : (n, d) arrays

        Returns
        -------
        (n, d) array
            Antisymmetric; on a circle between minus and plus half a period.
        """
        found: Array = first - second
        if self.logarithmic.any():
            logs = [np.log(points[:, self.logarithmic]) for points in (first, second)]
            found[:, self.logarithmic] = logs[0] - logs[1]
        circle = np.isfinite(self.periods)
        if circle.any():
            period = self.periods[circle]
            found[:, circle] -= period * np.round(found[:, circle] / period)
        return found

    def shifted(self, theta: Array, shift: Array) -> tuple[Array, Array]:
        """Move points, on a circle back into its range.

        Parameters
        ----------
        theta : (n, d) array
        shift : (n, d) array
            In these coordinates; what is not shifted stays the same to the last bit.

        Returns
        -------
        moved : (n, d) array
            Parameters.
        log_volume : (n,) array
            Logarithm of the Jacobian of `moved` with respect to `theta` at equal shifts in these
            coordinates: the sum of the shifts of the logarithms.
        """
        logs = self.logarithmic
        moved = np.array(theta + np.where(logs, 0.0, shift))
        # What overflows is outside of every support.
        with np.errstate(over="ignore", under="ignore"):
            moved[:, logs] = theta[:, logs] * np.exp(shift[:, logs])
        return (
            np.where(shift != 0.0, wrap(moved, self.lower, self.periods), moved),
            np.sum(shift[:, logs], axis=1),
        )


def wrap(theta: Array, lower: Array, lengths: Array) -> Array:
    """Bring periodic parameters back into their ranges.

    Parameters
    ----------
    theta : (n, d) array
    lower : (d,) array
        Lower ends of the ranges.
    lengths : (d,) array
        Periods, infinite for parameters that stay as they are.

    Returns
    -------
    (n, d) array
    """
    circle = np.isfinite(lengths)
    if not circle.any():
        return theta
    wrapped = np.array(theta)
    start, length = lower[circle], lengths[circle]
    inside = start + np.mod(wrapped[:, circle] - start, length)
    # A rounding may put a point that lies just below the lower end at the upper one, or above.
    wrapped[:, circle] = np.minimum(inside, np.nextafter(start + length, start))
    return wrapped
