"""Hadronic kernels of the rates: products of helicity amplitudes folded with a density.

Where nothing but coefficients varies, the integrals are quadratic forms made once (`quadratic`);
where a mass of the dark sector varies, a table of the hadronic part is folded with the density.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, common_size
from ...form_factors import FormFactors
from ...kinematics import Kinematics, bin_grid, checked_edges, kinematics
from ..densities.base import Density, Line
from .helicity import pair_products
from .panels import cells, zone
from .quadratic import UNIT_DENSITY, Decay, hadronic_table, quadratic_form

__all__ = ["Decay", "folded", "integrated_kernel", "kernel"]

# Points folded together; the arrays of a block stay in the cache of the processor.
_BLOCK = 64

# Steps of the end point, in each factor of two, within which points share a division of the bins.
_STEPS_OF_TWO = 8


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
    density: Density | Line,
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
    if isinstance(density, Line):
        return _line_kernel(decay, form_factors, pair, density, edges, longitudinal)
    if decay.fixed and density.fixed:
        # Whatever was asked before: how often something comes back must not change its digits.
        key = (decay, form_factors.expansion, pair, density, edges, longitudinal)
        return quadratic_form(*key)(form_factors.coefficients)
    if decay.fixed:
        return folded(decay, form_factors, pair, density, edges, longitudinal)
    # Floated masses of the mesons move the physical region: nothing can be tabulated.
    return _unfolded(decay, form_factors, pair, density, edges, longitudinal)


def folded(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool = False,
) -> Array:
    """Integrals of `kernel` over bins at fixed meson masses, for a density that varies.

    The hadronic part is tabulated at fixed nodes and folded with the density; near thresholds and
    resonances it is evaluated at nodes of each point, see `panels`. Arguments and result are those
    of `integrated_kernel`.
    """
    sizes = [form_factors.size, density.size]
    count = common_size({"form factors": sizes[0], "density": sizes[1]})
    if count <= _BLOCK:
        return _folded_block(decay, form_factors, pair, density, edges, longitudinal)
    blocks = []
    for start in range(0, count, _BLOCK):
        rows = slice(start, start + _BLOCK)
        part = form_factors if sizes[0] == 1 else form_factors.rows(rows)
        shape = density if sizes[1] == 1 else density.rows(rows)
        blocks.append(_folded_block(decay, part, pair, shape, edges, longitudinal))
    return np.concatenate(blocks)


def _folded_block(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool,
) -> Array:
    end = float(decay.end_point)
    division = cells(edges, end)
    q2, form = hadronic_table(decay, form_factors.expansion, pair, edges, longitudinal)
    count = division.edges.size - 1
    hadronic = form(form_factors.coefficients)
    near = zone(division, density, end)
    values = (density(q2) * hadronic).reshape(-1, count, q2.shape[1] // count)
    total = np.where(near.regular, values.sum(axis=2), 0.0)
    kin = kinematics(near.q2, decay.m_parent, decay.m_meson)
    bare = density.without_pole
    near.add_to(total, kernel(decay, form_factors, pair, bare, kin, longitudinal))
    return division.bins(total)


def _unfolded(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool,
) -> Array:
    """Integrals with every node evaluated at every point."""
    if density.smooth:
        grid = bin_grid(checked_edges(edges), 0.0, decay.end_point)
        kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
        return grid.integrate(kernel(decay, form_factors, pair, density, kin, longitudinal))
    # Points of one step share a division; one far away must not spoil that of the others.
    steps = np.ceil(np.log2(np.asarray(decay.end_point)) * _STEPS_OF_TWO).ravel()
    found = np.unique(steps)
    if len(found) == 1:
        return _divided(decay, form_factors, pair, density, edges, longitudinal, float(found[0]))
    count = common_size({"masses": steps.size, "rest": max(form_factors.size, density.size)})
    total: Array | None = None
    for step in found:
        rows = np.flatnonzero(steps == step)
        part = form_factors if form_factors.size == 1 else form_factors.rows(rows)
        shape = density if density.size == 1 else density.rows(rows)
        own = decay.rows(rows)
        values = _divided(own, part, pair, shape, edges, longitudinal, float(step))
        if total is None:
            total = np.zeros((count, len(edges) - 1), dtype=values.dtype)
        total[rows] = values
    return np.asarray(total)


def _divided(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    density: Density,
    edges: tuple[float, ...],
    longitudinal: bool,
    step: float,
) -> Array:
    """Integrals at points with end points of one step, which share a division of the bins."""
    end = decay.end_point
    division = cells(edges, 2.0 ** (step / _STEPS_OF_TWO))
    near = zone(division, density, end)
    grid = bin_grid(division.edges, 0.0, end)
    kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
    total = grid.integrate(kernel(decay, form_factors, pair, density, kin, longitudinal))
    total = np.where(near.regular, total, 0.0)
    kin = kinematics(near.q2, decay.m_parent, decay.m_meson)
    bare = density.without_pole
    near.add_to(total, kernel(decay, form_factors, pair, bare, kin, longitudinal))
    return division.bins(total)


def _line_kernel(
    decay: Decay,
    form_factors: FormFactors,
    pair: tuple[str, str],
    line: Line,
    edges: tuple[float, ...],
    longitudinal: bool,
) -> Array:
    """Integrals of a line: 2 pi times the hadronic part at its place, in the bin that holds it.

    Infinite for a massless particle that couples to a current which is not conserved.
    """
    square = np.atleast_2d(line.square)
    low, high = checked_edges(edges)[None, :-1], checked_edges(edges)[None, 1:]
    inside = (square >= low) & (square < high) & (square < decay.end_point)
    at = np.minimum(square, decay.end_point)
    kin = kinematics(at, decay.m_parent, decay.m_meson, lowest=0.0)
    with np.errstate(divide="ignore", over="ignore"):
        values = kernel(decay, form_factors, pair, UNIT_DENSITY, kin, longitudinal)
        return np.where(inside, 2.0 * np.pi * values, 0.0)
