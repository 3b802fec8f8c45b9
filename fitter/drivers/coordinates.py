"""Coordinates in which a target is minimised: logarithms where the prior is flat in the logarithm.

An angle has no ends there: it is put back into its range where it is evaluated.

A parameter between 2600 and 1e16 has no typical size of a change, its logarithm has. Results are
told in the parameters themselves; only the way to them is in these coordinates.
"""

from __future__ import annotations

import numpy as np

from .target import Array, Target, logarithmic, periods

__all__ = ["InternalTarget", "internal"]


def internal(target: Target) -> InternalTarget:
    """Target in internal coordinates; one that is already is given back."""
    return target if isinstance(target, InternalTarget) else InternalTarget(target)


class InternalTarget:
    """A target whose log-uniform parameters are replaced by their natural logarithms.

    It is a `Target` itself; its prior density is that of the new coordinates (Jacobian included),
    likelihood and constraints are the same numbers.

    Parameters
    ----------
    target : Target
        `logarithmic`, (d,) bool, says which columns change, and `periods`, (d,), which are angles
        (finite and positive); none if it has no such attribute.

    Attributes
    ----------
    bounds : (d, 2) array
        In internal coordinates.
    ends : (d, 2) array
        The same in the parameters themselves; infinite for angles.
    """

    def __init__(self, target: Target) -> None:
        self.outer = target
        self.logarithmic = logarithmic(target)
        self.names = target.names
        self.constrained = np.asarray(target.constrained)
        outer_bounds = np.array(target.bounds, float).reshape(len(self.names), 2)
        self.periods = periods(target)
        self.angular = np.isfinite(self.periods)
        outer_bounds[self.angular] = [-np.inf, np.inf]
        self.ends = outer_bounds
        self.bounds = self.forward(outer_bounds.T).T
        self.start = self.forward(np.asarray(target.start, float)[None])[0]
        # A twentieth of the range, as for uniform priors.
        low, high = self.bounds.T
        self.scale = np.array(target.scale, float)
        self.scale[self.logarithmic] = (high - low)[self.logarithmic] / 20.0
        metric = np.array(target.metric, float)
        columns = np.flatnonzero(self.logarithmic)
        metric[columns, columns] = self.scale[columns]
        self.metric = metric

    def forward(self, theta: Array) -> Array:
        """Internal coordinates of points (n, d): (n, d)."""
        if not self.logarithmic.any():
            return np.array(theta, float)
        inner = np.array(theta, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            inner[:, self.logarithmic] = np.log(inner[:, self.logarithmic])
        return inner

    def backward(self, inner: Array) -> Array:
        """Parameters at internal coordinates (n, d): (n, d), not outside their supports."""
        theta = np.array(inner, float)
        if self.angular.any():
            low, _ = np.asarray(self.outer.bounds, float)[self.angular].T
            turned = np.mod(theta[:, self.angular] - low, self.periods[self.angular])
            theta[:, self.angular] = low + turned
        if self.logarithmic.any():
            low, high = np.asarray(self.outer.bounds, float)[self.logarithmic].T
            # Only rounding is taken off: what lies outside stays outside.
            part = inner[:, self.logarithmic]
            ends = self.bounds[self.logarithmic].T
            with np.errstate(over="ignore"):
                value = np.exp(part)
            near = 8.0 * np.finfo(float).eps * np.maximum(abs(part), 1.0)
            value = np.where(abs(part - ends[0]) <= near, np.maximum(value, low), value)
            value = np.where(abs(part - ends[1]) <= near, np.minimum(value, high), value)
            theta[:, self.logarithmic] = value
        return theta

    def slope(self, inner: Array) -> Array:
        """Change of each parameter with its internal coordinate, (d,) at a point (d,)."""
        return np.where(self.logarithmic, self.backward(inner[None])[0], 1.0)

    def nearest(self, points: Array, to: Array) -> Array:
        """Points (n, d) with their angles turned to be the nearest to a point (d,)."""
        found = np.array(points, float)
        if self.angular.any():
            period = self.periods[self.angular]
            turns = np.round((found[:, self.angular] - to[self.angular]) / period)
            found[:, self.angular] -= turns * period
        return found

    def log_likelihood(self, inner: Array) -> Array:
        """Logarithm of the likelihood: (n,)."""
        return self.outer.log_likelihood(self.backward(inner))

    def log_constraint(self, inner: Array) -> Array:
        """Logarithm of the priors that stand for measurements: (n,)."""
        return self.outer.log_constraint(self.backward(inner))

    def log_prior(self, inner: Array) -> Array:
        """Logarithm of the prior density of the internal coordinates: (n,)."""
        outer = self.outer.log_prior(self.backward(inner))
        total: Array = outer + inner[:, self.logarithmic].sum(axis=1)
        return total

    def prior_transform(self, unit: Array) -> Array:
        """Map the unit cube to the prior: (n, d) to (n, d)."""
        return self.forward(self.outer.prior_transform(unit))

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior: (size, d)."""
        return self.forward(self.outer.sample_prior(rng, size))

    def diffuse(self, inner: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters, see `Target.diffuse`: (n, d)."""
        return self.forward(self.outer.diffuse(self.backward(inner), step, normals))
