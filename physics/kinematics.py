"""Kinematics of B -> M X and the quadrature in q2 that all rates share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..errors import PredictionError
from .arrays import Array, frozen

__all__ = [
    "Grid",
    "Kinematics",
    "bin_grid",
    "checked_edges",
    "kinematics",
    "q2_max",
    "z_map",
]

# At q2 = 0 powers of 1/q2 are finite only times the density of a pair, which vanishes there; with
# the same floor in both, the product is right. A single particle has no density: no floor.
_Q2_FLOOR = 1e-30

# Distance, in the angle of `bin_grid`, from the physical region to the nearest singularity of a
# rate: the 1- pole of B -> K, whose q2 = 5.415^2 lies arccosh(5.415/4.784) = 0.51 beyond the end.
_NEAREST_SINGULARITY = 0.5


def q2_max(m_parent: float | Array, m_meson: float | Array) -> float | Array:
    """Kinematic end point (m_B - m_M)^2 of the invisible mass squared, GeV^2."""
    return (m_parent - m_meson) ** 2


def z_map(q2: Array, t_plus: float, t_0: float) -> Array:
    """Conformal variable z(q2, t_0) of the pair-production cut at t_plus.

    z = [sqrt(t_+ - q2) - sqrt(t_+ - t_0)] / [sqrt(t_+ - q2) + sqrt(t_+ - t_0)].

    Parameters
    ----------
    q2 : array, GeV^2
        Invisible mass squared, below `t_plus`.
    t_plus, t_0 : float, GeV^2
        Position of the cut; the point mapped to z = 0.

    Returns
    -------
    array, 1, with the shape of `q2`
    """
    root, root_0 = np.sqrt(t_plus - q2), np.sqrt(t_plus - t_0)
    return np.asarray((root - root_0) / (root + root_0))


@dataclass(frozen=True, eq=False)
class Kinematics:
    """Kinematic quantities at given q2.

    Attributes
    ----------
    q2 : (1, k) or (n, k) array, GeV^2
        Invisible mass squared.
    root_q2 : the same shape, GeV
        Its square root.
    root_lambda : the same shape, GeV^2
        Square root of the Källén function of (m_B^2, m_M^2, q2); zero beyond the end point.
    m_parent, m_meson : float or (n, 1) array, GeV
        Masses m_B and m_M.
    """

    q2: Array
    root_q2: Array
    root_lambda: Array
    m_parent: float | Array
    m_meson: float | Array

    @property
    def delta(self) -> float | Array:
        """m_B^2 - m_M^2, GeV^2."""
        return self.m_parent**2 - self.m_meson**2

    @property
    def phase_space(self) -> Array:
        """lambda^(1/2) / (32 pi^2 m_B^3), the factor in front of every rate, GeV^-1."""
        return np.asarray(self.root_lambda / (32.0 * np.pi**2 * self.m_parent**3))


def kinematics(
    q2: Array, m_parent: float | Array, m_meson: float | Array, lowest: float = _Q2_FLOOR
) -> Kinematics:
    """Kinematic quantities of m_parent -> m_meson + X at the invisible masses squared `q2`.

    Parameters
    ----------
    q2 : (1, k) or (n, k) array, GeV^2
    m_parent, m_meson : float or (n, 1) array, GeV
    lowest : float, GeV^2
        Smaller values of `q2` are raised to it.

    Returns
    -------
    Kinematics
    """
    q2 = np.maximum(q2, lowest)
    t_plus, t_minus = (m_parent + m_meson) ** 2, (m_parent - m_meson) ** 2
    # The product of the two factors keeps its relative accuracy near the end point, where the
    # sum form of the Källén function cancels.
    squared = np.maximum(t_plus - q2, 0.0) * np.maximum(t_minus - q2, 0.0)
    return Kinematics(q2, np.sqrt(q2), np.sqrt(squared), m_parent, m_meson)


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes and weights of the quadrature in q2, bin by bin.

    Attributes
    ----------
    q2 : (g, bins * nodes) array, GeV^2
        Nodes; g is 1, or n where the limits differ from point to point.
    weight : (g, bins * nodes) array, GeV^2
        Weights; exactly zero in bins outside the physical region.
    bins : int
        Number of bins.
    """

    q2: Array
    weight: Array
    bins: int

    def integrate(self, values: Array) -> Array:
        """Integrals over the bins, (n, bins), of values at the nodes, (n, bins * nodes)."""
        weighted = values * self.weight
        return np.asarray(weighted.reshape(weighted.shape[0], self.bins, -1).sum(axis=2))


def bin_grid(edges: Array, lower: float | Array, upper: float | Array) -> Grid:
    """Gauss-Legendre grid over bins of q2, cut to the physical region [lower, upper].

    The variable is the angle of q2 = lower + (upper - lower) sin^2(angle), in which the square
    roots at the threshold and at the end point are analytic, so that the integrals converge
    geometrically everywhere. The number of nodes follows from the width of the widest bin and is
    chosen for a relative accuracy of 1e-13.

    Parameters
    ----------
    edges : (bins + 1,) array, GeV^2
        Increasing edges; they may lie outside the physical region.
    lower, upper : float or (n, 1) array, GeV^2
        Threshold and kinematic end point.

    Returns
    -------
    Grid
    """
    low, high = np.atleast_2d(lower), np.atleast_2d(upper)
    high = np.maximum(low, high)
    inside = np.clip(edges[None, :], low, high)
    angles = np.arctan2(np.sqrt(inside - low), np.sqrt(high - inside))
    angles = np.where(high > low, angles, 0.0)
    half = 0.5 * np.diff(angles, axis=1)
    widest = max(float(np.max(half)), 1e-3)
    ratio = _NEAREST_SINGULARITY / widest
    order = int(np.clip(np.ceil(15.0 / np.arcsinh(ratio)), 4, 32))
    node, weight = np.polynomial.legendre.leggauss(order)
    middle = 0.5 * (angles[:, 1:] + angles[:, :-1])
    angle = middle[:, :, None] + half[:, :, None] * node
    span = (high - low)[:, :, None]
    q2 = low[:, :, None] + span * np.sin(angle) ** 2
    weights = half[:, :, None] * weight * span * np.sin(2.0 * angle)
    shape = (angles.shape[0], -1)
    return Grid(frozen(q2.reshape(shape)), frozen(weights.reshape(shape)), edges.size - 1)


@lru_cache(maxsize=1024)
def checked_edges(edges: tuple[float, ...]) -> Array:
    """Bin edges as an array, after a check.

    Parameters
    ----------
    edges : tuple of float, GeV^2
        At least two, increasing; infinity stands for the kinematic end point.

    Returns
    -------
    (k + 1,) array, GeV^2

    Raises
    ------
    PredictionError
        If there are fewer than two edges or they do not increase.
    """
    array = np.asarray(edges, dtype=float)
    if array.size < 2:
        raise PredictionError(f"a bin of q2 needs two edges, not {array.size}.")
    if not np.all(np.diff(array) > 0.0):
        raise PredictionError(f"bin edges of q2 must increase: {list(edges)}.")
    return frozen(array)
