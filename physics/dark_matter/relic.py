"""Relic density of a real dark scalar that froze out, for many parameter points at once.

    dY/dx = -sqrt(pi/45) M_Pl m sqrt(g_*) <sigma v>/x^2 (Y^2 - Y_eq^2),  x = m/T,
    Y_eq = 45 x^2 K_2(x)/(4 pi^4 h),  Omega h^2 = m Y_0 s_0/(rho_c/h^2)

(Gondolo, Gelmini, Nucl. Phys. B360 (1991) 145; a real scalar is its own antiparticle). W = ln Y is
linear in x before and constant after freeze-out, so backward differentiation of third order in
ln x reaches 1e-4 with 64 steps; its implicit equation is w + A sinh(w) = rho with
w = W - ln Y_eq, two Newton steps from the extrapolated value. From x = 50 on Y_eq is negligible,
and 1/Y grows by an integral. The tests solve the same equation with a stiff integrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..arrays import Array, frozen
from ..inputs import Inputs
from ..wilson import Wilson, points
from .chiral_annihilation import CHANNELS, channel_strengths, dark_matter_mass
from .thermal import entropy_degrees, sqrt_g_star, thermal_table

__all__ = ["START", "FreezeOut", "freeze_out", "relic_density"]

# First value of x = m/T; the first three steps have the density of equilibrium.
START = 8.0
_END, _STEPS, _TAIL = 50.0, 64, 8
# Points solved at a time: the arrays of a chunk fit into the cache.
_CHUNK = 512
# Y over Y_eq that defines the temperature of freeze-out.
_DEPARTURE = np.log(2.5)


@dataclass(frozen=True)
class FreezeOut:
    """What is left of the dark scalar.

    Attributes
    ----------
    omega : (n,) array
        Omega h^2; NaN where the mass is not positive.
    x_f : (n,) array
        m/T where Y = 2.5 Y_eq; NaN where that is not between 8 and 50.
    """

    omega: Array
    x_f: Array


@dataclass(frozen=True)
class _Nodes:
    """Values of x of the steps and of the tail, with what depends on x alone."""

    x: Array
    step: float
    log_equilibrium: Array
    tail_weights: Array


@lru_cache(maxsize=1)
def _nodes() -> _Nodes:
    """Steps of equal size in ln x from 8 to 50, then Gauss nodes in 1/x to infinity."""
    from scipy.special import kve

    ln_x = np.linspace(np.log(START), np.log(_END), _STEPS + 1)
    nodes, weights = np.polynomial.legendre.leggauss(_TAIL)
    tail = 2.0 * _END / (nodes + 1.0)
    steps = np.exp(ln_x)
    equilibrium = np.log(45.0 * steps**2 * kve(2, steps) / (4.0 * np.pi**4)) - steps
    return _Nodes(
        np.concatenate([steps, tail]), ln_x[1] - ln_x[0], equilibrium, weights / (2.0 * _END)
    )


def relic_density(wilson: Wilson, inputs: Inputs) -> Array:
    """Omega h^2 of the dark scalar: (n,).

    See `freeze_out`, of which it is one attribute.
    """
    return freeze_out(wilson, inputs).omega


def freeze_out(wilson: Wilson, inputs: Inputs) -> FreezeOut:
    """Relic density and temperature of freeze-out.

    The particle is taken to be in equilibrium until x = 8.5. Without a coupling, or with a very
    small one, it keeps the density it has there: Omega h^2 of about 10^4 (m/0.7 GeV), a large
    number and not infinity.

    Parameters
    ----------
    wilson : Wilson
        ``m_phi0``, and ``phi0_S_uu``, ``phi0_S_dd``, ``phi0_S_ss`` at 2 GeV.
    inputs : Inputs
        Those of `chiral_annihilation`, ``M_Planck``, ``s_today``, ``rho_critical``.

    Returns
    -------
    FreezeOut

    Raises
    ------
    PredictionError
        If there is no dark scalar, or batch sizes differ.
    """
    size = points(wilson, inputs)
    rows = _rows(wilson, inputs, size)
    good = np.isfinite(rows).all(axis=1)
    # Where there is no answer the equations are solved for another point.
    rows[~good] = 1.0
    log_y, x_f = np.empty((2, size))
    for ratios, own in _groups(inputs, size):
        for at in range(0, own.size, _CHUNK):
            chunk = own[at : at + _CHUNK]
            log_y[chunk], x_f[chunk] = _solved(rows[chunk].tobytes(), ratios)
    today = inputs.constant("s_today") / inputs.constant("rho_critical")
    omega = np.where(good, rows[:, 0] * np.exp(log_y) * today, np.nan)
    return FreezeOut(omega, np.where(good, x_f, np.nan))


def _rows(wilson: Wilson, inputs: Inputs, size: int) -> Array:
    """What the equations depend on: mass, Planck mass, strengths, positions of thresholds."""
    columns = [
        dark_matter_mass(wilson, "the relic density"),
        inputs.constant("M_Planck"),
        *channel_strengths(wilson, inputs).T,
        *(
            0.5 * (inputs.constant(one) + inputs.constant(other))
            for one, other in (channel.masses for channel in CHANNELS)
        ),
    ]
    return np.stack([np.broadcast_to(column, (size,)) for column in columns], axis=1)


def _groups(inputs: Inputs, size: int) -> Iterator[tuple[tuple[float, ...], Array]]:
    """Ratios (m_1 - m_2)/(m_1 + m_2) of the channels, and the indices of their points.

    To a precision at which nearby points share their tables; mostly there is one group.
    """
    columns = []
    for channel in CHANNELS:
        first, second = (inputs.constant(name) for name in channel.masses)
        columns.append(np.nan_to_num(np.round(abs(first - second) / (first + second), 4)))
    ratios = np.stack(np.broadcast_arrays(*columns), axis=1)
    found, group = np.unique(ratios, axis=0, return_inverse=True)
    group = np.broadcast_to(group.ravel(), (size,))
    for index, row in enumerate(found):
        yield tuple(row.tolist()), np.flatnonzero(group == index)


# Several terms of a likelihood ask for the density of the same points.
@lru_cache(maxsize=32)
def _solved(rows: bytes, ratios: tuple[float, ...]) -> Array:
    """Solutions ln Y_0 and x_f, (2, n), for rows of `_rows` as bytes."""
    mass, planck, *others = np.frombuffer(rows).reshape(-1, 2 + 2 * len(CHANNELS)).T
    strengths, thresholds = others[: len(CHANNELS)], others[len(CHANNELS) :]
    sigma = np.zeros((len(mass), len(_nodes().x)))
    x = tuple(_nodes().x.tolist())
    for strength, threshold, ratio in zip(strengths, thresholds, ratios, strict=True):
        if strength.any():
            sigma += strength[:, None] * thermal_table(x, ratio)((threshold / mass) ** 2)
    sigma /= 64.0 * np.pi * mass[:, None] ** 2
    return frozen(np.stack(_solve(mass, planck, sigma)))


def _solve(mass: Array, planck: Array, sigma: Array) -> tuple[Array, Array]:
    """Solve the Boltzmann equation: ln Y_0 and x_f, (n,) each, for <sigma v> at the nodes."""
    nodes = _nodes()
    temperature = mass[:, None] / nodes.x
    # -dY/d(1/x) over Y^2 - Y_eq^2, node by node as rows.
    rate = np.sqrt(np.pi / 45.0) * (planck * mass)[:, None] * sqrt_g_star(temperature) * sigma
    rate = np.ascontiguousarray(rate.T)
    n = _STEPS + 1
    log_eq = nodes.log_equilibrium[:, None] - np.log(entropy_degrees(temperature[:, :n])).T
    stiff = 2.0 * nodes.step / nodes.x[:n, None] * rate[:n] * np.exp(log_eq)
    w = _backward_differentiation(log_eq, stiff)
    tail = nodes.tail_weights @ rate[n:]
    return -np.log(np.exp(-w[-1]) + tail), _departure(w - log_eq)


def _backward_differentiation(log_eq: Array, stiff: Array) -> Array:
    """Solve dW/d(ln x) = -(stiff/step) sinh(W - ln Y_eq), starting in equilibrium.

    Parameters
    ----------
    log_eq : (k, n) array
        ln Y_eq, steps first.
    stiff : (k, n) array
        Rate times the step in ln x.

    Returns
    -------
    (k, n) array
        W = ln Y.
    """
    w = log_eq.copy()
    for i in range(3, len(w)):
        a = (3.0 / 11.0) * stiff[i]
        rho = (18.0 * w[i - 1] - 9.0 * w[i - 2] + 2.0 * w[i - 3]) / 11.0 - log_eq[i]
        v = 3.0 * (w[i - 1] - w[i - 2]) + w[i - 3] - log_eq[i]
        for _ in range(2):
            up = a * np.exp(v)
            down = a * np.exp(-v)
            v -= (v + up - down - rho) / (1.0 + up + down)
        w[i] = v + log_eq[i]
    return w


def _departure(excess: Array) -> Array:
    """X at which ln(Y/Y_eq), (k, n) on the steps, passes ln 2.5: (n,)."""
    above = excess > _DEPARTURE
    last = len(excess) - 2
    index = np.clip(np.argmax(above, axis=0), 1, last)
    columns = np.arange(excess.shape[1])
    at = np.stack([excess[index + k, columns] for k in (-1, 0, 1)])
    inside = above.any(axis=0) & ~above[0] & (np.diff(at, axis=0) > 0.0).all(axis=0)
    at = np.where(inside, at, np.arange(3.0)[:, None])
    # Inverse interpolation through the steps around the passage.
    steps = np.zeros(len(index))
    for i, j, k in ((0, 1, 2), (1, 0, 2), (2, 0, 1)):
        distance = (at[i] - at[j]) * (at[i] - at[k])
        steps += (index - 1 + i) * (_DEPARTURE - at[j]) * (_DEPARTURE - at[k]) / distance
    return np.where(inside, np.exp(np.log(START) + steps * _nodes().step), np.nan)
