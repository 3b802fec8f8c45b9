"""Hadronic kernels of the rates: products of helicity amplitudes folded with a density.

An amplitude is a kinematic factor times one form factor, and a form factor is linear in its
coefficients. At fixed masses an integrated kernel is therefore a quadratic form in the
coefficients, whose matrix is computed once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .arrays import Array, frozen
from .densities import Density
from .form_factors import Expansion, FormFactors
from .helicity import pair_products
from .kinematics import Grid, Kinematics, bin_grid, checked_edges, kinematics, q2_max

__all__ = ["Decay", "integrated_kernel", "kernel"]


@dataclass(frozen=True)
class Decay:
    """Spin of M and masses of a decay B -> M X.

    Attributes
    ----------
    spin : int
        Spin of M.
    m_parent, m_meson : float or (n, 1) array, GeV
    """

    spin: int
    m_parent: float | Array
    m_meson: float | Array

    @property
    def fixed(self) -> bool:
        """Whether the masses are the same at every parameter point."""
        return not (isinstance(self.m_parent, np.ndarray) or isinstance(self.m_meson, np.ndarray))

    @property
    def end_point(self) -> float | Array:
        """Largest invisible mass squared, GeV^2."""
        return q2_max(self.m_parent, self.m_meson)


def kernel(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    kin: Kinematics,
    longitudinal: bool = False,
) -> Array:
    """Phase space x sum_lambda H_a H_b* x density at given q2.

    Parameters
    ----------
    decay : Decay
    form_factors : FormFactors
    pair : (str, str)
        Quark currents a and b.
    density : Density
    kin : Kinematics
        At q2 of shape (g, k), g = 1 or n.
    longitudinal : bool
        Keep only a longitudinal M.

    Returns
    -------
    (n, k) array, real for a = b; without the quark masses of S and P
    """
    front = kin.phase_space * density(kin.q2)
    total = np.zeros((1, kin.q2.shape[1]))
    for first, second, factor in pair_products(decay.spin, pair, kin, longitudinal):
        product = form_factors.value(first, kin.q2) * form_factors.value(second, kin.q2)
        total = total + front * factor * product
    return total


def integrated_kernel(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool = False,
) -> Array:
    """Integrals of `kernel` over bins of q2.

    Parameters
    ----------
    edges : tuple of float, GeV^2
        Increasing edges; the parts outside the physical region are cut off.
    decay, form_factors, pair, density, longitudinal :
        As in `kernel`.

    Returns
    -------
    (n, bins) array
    """
    if decay.fixed and density.fixed:
        expansion = form_factors.expansion
        form = _quadratic_form(decay, expansion, pair, density, edges, longitudinal)
        return form(form_factors.coefficients)
    # Floated masses move the physical region: the grid differs from point to point.
    grid = bin_grid(checked_edges(edges), density.threshold, decay.end_point)
    kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
    return grid.integrate(kernel(decay, form_factors, pair, density, kin, longitudinal))


@dataclass(frozen=True, eq=False)
class _QuadraticForm:
    """sum_ij a_i a_j matrix_ij for every bin, over the pairs i <= j that contribute."""

    first: Array
    second: Array
    matrix: Array

    def __call__(self, coefficients: Array) -> Array:
        products = coefficients[:, self.first] * coefficients[:, self.second]
        return np.asarray(products @ self.matrix)


@lru_cache(maxsize=256)
def _grid(edges: tuple[float, ...], lower: float, upper: float) -> Grid:
    return bin_grid(checked_edges(edges), lower, upper)


@lru_cache(maxsize=512)
def _quadratic_form(
    decay: Decay,
    expansion: Expansion,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool,
) -> _QuadraticForm:
    """Integrated kernel at fixed masses, as a quadratic form in the coefficients."""
    grid = _grid(edges, density.threshold, decay.end_point)  # type: ignore[arg-type]
    kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
    front = kin.phase_space * density(kin.q2)
    size = len(expansion.names)
    total = np.zeros((size, size, grid.bins))
    for first, second, factor in pair_products(decay.spin, pair, kin, longitudinal):
        left = expansion.basis(first, kin.q2)[:, 0, :]
        right = expansion.basis(second, kin.q2)[:, 0, :]
        values = (left[:, None, :] * right[None, :, :]) * (front * factor)
        total = total + grid.integrate(values.reshape(size * size, -1)).reshape(total.shape)
    upper, lower = np.triu_indices(size), np.tril_indices(size, -1)
    total[lower[1], lower[0]] += total[lower]
    matrix = total[upper]
    used = np.any(matrix != 0.0, axis=1)
    return _QuadraticForm(upper[0][used], upper[1][used], frozen(matrix[used]))
