"""A particle that flies through a detector: the probability that it leaves before it decays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from .densities.lives import STABLE

__all__ = ["Geometry", "escape_probability", "survival"]

# Nodes in each of the five pieces between corners of the detector.
_PIECE = 24


@dataclass(frozen=True)
class Geometry:
    """What a particle must leave to be unseen, around the interaction point; z along the e-.

    Attributes
    ----------
    radius, backward, forward : (1,) or (n,) array, m
        Of a cylinder, and how far it reaches to either side.
    sphere : (1,) or (n,) array, m
        Not zero: the radius of a sphere in place of the cylinder.
    beta : (1,) or (n,) array, 1
        Velocity of the Upsilon(4S) along z.
    """

    radius: Array
    backward: Array
    forward: Array
    sphere: Array
    beta: Array

    @classmethod
    def of(cls, inputs: Inputs) -> Geometry:
        """Geometry of the constants detector_..., beta_Upsilon4S."""
        names = ("radius", "backward", "forward", "sphere")
        radius, backward, forward, sphere = (inputs.constant(f"detector_{name}") for name in names)
        return cls(radius, backward, forward, sphere, inputs.constant("beta_Upsilon4S"))

    @property
    def parts(self) -> tuple[Array, ...]:
        """All its arrays."""
        return self.radius, self.backward, self.forward, self.sphere, self.beta

    def reshaped(self, axes: int) -> Geometry:
        """The same with more axes at the end."""
        return Geometry(*(part.reshape(part.shape + (1,) * axes) for part in self.parts))

    def exponent(self, along: Array, across: Array) -> Array:
        """L/p_lab in m/GeV for momenta along z and across it in the laboratory, GeV."""
        with np.errstate(divide="ignore"):
            side = self.radius / across
            end = np.where(along >= 0.0, self.forward, self.backward) / np.abs(along)
            ball = self.sphere / np.hypot(along, across)
        return np.asarray(np.where(self.sphere > 0.0, ball, np.minimum(side, end)))


def escape_probability(mass: Array, momentum: Array, ctau: Array, geometry: Geometry) -> Array:
    """P_esc of a particle that goes in all directions alike in the frame of the Upsilon(4S).

    P = 1/2 int dcos exp(-m L/(p_lab c tau)), cut where the path changes from the side to an end.

    Parameters
    ----------
    mass, momentum : arrays that broadcast with each other, GeV
    ctau : array that broadcasts with them, m
    geometry : Geometry
        With axes that broadcast too.

    Returns
    -------
    array, 1
    """
    mass, momentum, ctau = (np.asarray(one, dtype=float) for one in (mass, momentum, ctau))
    corners = _corners(mass, momentum, geometry)
    points, weights = np.polynomial.legendre.leggauss(_PIECE)
    half = 0.5 * np.diff(corners, axis=-1)
    cosine = 0.5 * (corners[..., 1:] + corners[..., :-1])[..., None] + half[..., None] * points
    m, p, life = (one[..., None, None] for one in (mass, momentum, ctau))
    geometry = geometry.reshaped(2)
    alive = survival(m, *_boosted(p, cosine, m, geometry), life, geometry)
    return np.asarray(0.5 * np.sum(half[..., None] * alive * weights, axis=(-2, -1)))


def _boosted(
    momentum: Array, cosine: Array, mass: Array, geometry: Geometry
) -> tuple[Array, Array]:
    """Momenta along z and across it in the laboratory, GeV."""
    gamma = 1.0 / np.sqrt(1.0 - geometry.beta**2)
    energy = np.hypot(momentum, mass)
    across = momentum * np.sqrt(np.maximum(1.0 - cosine * cosine, 0.0))
    return np.asarray(gamma * (momentum * cosine + geometry.beta * energy)), np.asarray(across)


def survival(mass: Array, along: Array, across: Array, ctau: Array, geometry: Geometry) -> Array:
    """exp(-m L/(p c tau)); 1 for a massless particle and for a stable one."""
    forever = (mass == 0.0) | (ctau >= STABLE)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        exponent = mass * geometry.exponent(along, across) / ctau
        return np.asarray(np.where(forever, 1.0, np.exp(-exponent)))


def _corners(mass: Array, momentum: Array, geometry: Geometry) -> Array:
    """-1, the cosines where the path goes through a corner of the cylinder, and 1, rising.

    p_T = T |p_z| with T = radius over length: a quadratic equation, whose roots for the other end
    do no harm.

    Returns
    -------
    array with a last axis of 6
    """
    gamma2 = 1.0 / (1.0 - geometry.beta**2)
    boost = geometry.beta * np.hypot(momentum, mass)
    edges = [np.full(boost.shape, -1.0), np.full(boost.shape, 1.0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        velocity = boost / momentum
        for length in (geometry.backward, geometry.forward):
            slope = gamma2 * (geometry.radius / length) ** 2
            half = slope * velocity
            root = np.sqrt(half**2 - (1.0 + slope) * (slope * velocity**2 - 1.0))
            for sign in (-1.0, 1.0):
                found = (-half + sign * root) / (1.0 + slope)
                edges.append(np.where(np.isfinite(found), np.clip(found, -1.0, 1.0), 1.0))
    return np.asarray(np.sort(np.stack(np.broadcast_arrays(*edges), axis=-1), axis=-1))
