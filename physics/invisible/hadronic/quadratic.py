"""Integrated kernels as quadratic forms in the form-factor coefficients, kept once made.

An amplitude is a kinematic factor times one form factor, and a form factor is linear in its
coefficients: at fixed masses an integral of products is a quadratic form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...arrays import Array, frozen
from ...form_factors import Expansion
from ...kinematics import Grid, bin_grid, checked_edges, kinematics, q2_max
from ..densities.base import Density
from .helicity import pair_products
from .panels import cells, zone

__all__ = ["UNIT_DENSITY", "Decay", "QuadraticForm", "hadronic_table", "quadratic_form"]

UNIT_DENSITY = Density(np.ones_like)


@dataclass(frozen=True)
class Decay:
    """Spin of M and masses of a decay B -> M X.

    Attributes
    ----------
    spin : float
        Spin of M: 0, 1, 1/2.
    m_parent, m_meson : float or (n, 1) array, GeV
    """

    spin: float
    m_parent: float | Array
    m_meson: float | Array

    @property
    def fixed(self) -> bool:
        """Whether the masses are the same at every parameter point."""
        return not (isinstance(self.m_parent, np.ndarray) or isinstance(self.m_meson, np.ndarray))

    def rows(self, rows: Array) -> Decay:
        """Decay at some of the parameter points."""
        masses = (
            mass[rows] if isinstance(mass, np.ndarray) and len(mass) > 1 else mass
            for mass in (self.m_parent, self.m_meson)
        )
        return Decay(self.spin, *masses)

    @property
    def end_point(self) -> float | Array:
        """Largest invisible mass squared, GeV^2."""
        return q2_max(self.m_parent, self.m_meson)


@dataclass(frozen=True, eq=False)
class QuadraticForm:
    """sum_ij a_i a_j matrix_ij for every bin, over the pairs i <= j that contribute."""

    first: Array
    second: Array
    matrix: Array

    def __call__(self, coefficients: Array) -> Array:
        """Value for each bin or node, (n, k), from coefficients (n, m)."""
        products = coefficients[:, self.first] * coefficients[:, self.second]
        return np.asarray(products @ self.matrix)


@lru_cache(maxsize=256)
def _grid(edges: tuple[float, ...], lower: float, upper: float) -> Grid:
    return bin_grid(checked_edges(edges), lower, upper)


@lru_cache(maxsize=512)
def quadratic_form(
    decay: Decay,
    expansion: Expansion,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool,
) -> QuadraticForm:
    """Integrated kernel at fixed masses, as a quadratic form in the coefficients.

    That of a density with a threshold or a resonance is made of the hadronic table, in the time of
    one folding: a mass that is another one in every call costs no more than one that varies.
    """
    end = float(decay.end_point)
    if density.smooth:
        grid = _grid(edges, 0.0, end)
        values = _products(decay, expansion, pair, density, grid.q2, longitudinal)
        return _symmetrised(grid.integrate(values), len(expansion.names))
    division = cells(edges, end)
    near = zone(division, density, end)
    q2, table = hadronic_table(decay, expansion, pair, edges, longitudinal)
    count = division.edges.size - 1
    regular = table.matrix * density(q2)
    regular = regular.reshape(len(table.first), count, q2.shape[1] // count)
    total = np.where(near.regular, regular.sum(axis=2), 0.0)
    kin = kinematics(near.q2, decay.m_parent, decay.m_meson)
    front = kin.phase_space * density.without_pole(kin.q2)
    values = np.zeros((len(table.first), near.q2.shape[1]))
    for one, other, factor in pair_products(decay.spin, pair, kin, longitudinal):
        left = expansion.basis(one, kin.q2)[:, 0, :]
        right = expansion.basis(other, kin.q2)[:, 0, :]
        both = left[table.first] * right[table.second] + left[table.second] * right[table.first]
        values = values + both * (front * factor)
    near.add_to(total, np.where(table.first == table.second, 0.5, 1.0)[:, None] * values)
    return QuadraticForm(table.first, table.second, frozen(division.bins(total)))


@lru_cache(maxsize=128)
def hadronic_table(
    decay: Decay,
    expansion: Expansion,
    pair: tuple[str, str],
    edges: tuple[float, ...],
    longitudinal: bool,
) -> tuple[Array, QuadraticForm]:
    """Nodes of the fixed rule in all cells, and the kernel without density times the weights."""
    end = float(decay.end_point)
    grid = bin_grid(cells(edges, end).edges, 0.0, end)
    values = _products(decay, expansion, pair, UNIT_DENSITY, grid.q2, longitudinal) * grid.weight
    return grid.q2, _symmetrised(values, len(expansion.names))


def _products(
    decay: Decay,
    expansion: Expansion,
    pair: tuple[str, str],
    density: Density,
    q2: Array,
    longitudinal: bool,
) -> Array:
    """Derivatives of the kernel with respect to all pairs of coefficients, (m * m, k)."""
    kin = kinematics(q2, decay.m_parent, decay.m_meson)
    front = kin.phase_space * density(kin.q2)
    size = len(expansion.names)
    total = np.zeros((size, size, q2.shape[1]))
    for first, second, factor in pair_products(decay.spin, pair, kin, longitudinal):
        left = expansion.basis(first, kin.q2)[:, 0, :]
        right = expansion.basis(second, kin.q2)[:, 0, :]
        total = total + (left[:, None, :] * right[None, :, :]) * (front * factor)
    return total.reshape(size * size, -1)


def _symmetrised(values: Array, size: int) -> QuadraticForm:
    """Quadratic form of a matrix, (size * size, k), folded onto its upper triangle."""
    total = values.reshape(size, size, -1)
    upper, lower = np.triu_indices(size), np.tril_indices(size, -1)
    total[lower[1], lower[0]] += total[lower]
    matrix = total[upper]
    used = np.any(matrix != 0.0, axis=1)
    return QuadraticForm(upper[0][used], upper[1][used], frozen(matrix[used]))
