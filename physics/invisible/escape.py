"""Whether a dark particle that decays is seen at Belle II: it decays beyond the detector, or not.

A particle of proper decay length c tau that goes a distance L through the detector leaves it with
the probability exp(-m L/(p c tau)). Its decays to invisible particles are not seen either: with
their branching fraction B_inv the rate is multiplied by

    B_inv + (1 - B_inv) P_esc

for each particle. A visible decay inside is lost, since the event is vetoed; it is not counted in
another final state. The B is at rest in the frame of the Upsilon(4S): its momentum of 0.33 GeV
changes P_esc by 0.003 or less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from .densities.base import Line
from .densities.currents import DarkTerm
from .densities.lives import Life
from .detector import Geometry, escape_probability, survival
from .hadronic.quadratic import Decay

__all__ = ["pair_factor", "unseen", "unseen_at_rest"]

# Nodes in the direction of a pair, the polar and the azimuthal angle of its decay; in q2.
_DIRECTION, _POLAR, _AZIMUTH, _Q2 = 16, 10, 10, 17
# Points at a time, so that the angles fit into the caches.
_BLOCK = 8
# Above the threshold of a pair, the smallest scale of P_esc over the range of q2.
_FINEST = 1e-3


def pair_factor(life: Life, square: Array, momentum: Array, geometry: Geometry) -> Array:
    """Mean of the factors of both particles of a pair over the directions of pair and decay.

    The decay of the pair is taken as isotropic in its rest frame, which is exact for spin 0.

    Parameters
    ----------
    life : Life
        Of two particles.
    square : (n or 1, k) array, GeV^2
        Invisible mass squared, at the threshold or above.
    momentum : (n or 1, k) array, GeV
        Of the pair in the frame of the Upsilon(4S).
    geometry : Geometry
        With arrays (n or 1, 1).

    Returns
    -------
    (n or 1, k) array, 1
    """
    geometry = geometry.reshaped(3)
    m_1, m_2 = (np.atleast_2d(mass)[..., None, None, None] for mass in life.masses)
    ctau, invisible = (one[:, None, None, None, None] for one in (life.ctau, life.invisible))
    q2, p = square[..., None, None, None], momentum[..., None, None, None]
    arrays = (m_1, m_2, q2, p, ctau, invisible)
    size = max(len(one) for one in (*arrays, *geometry.parts))
    blocks = []
    for start in range(0, size, _BLOCK):
        rows = slice(start, start + _BLOCK)
        cut = [one if len(one) == 1 else one[rows] for one in (*arrays, *geometry.parts)]
        first, second, squares, momenta, lengths, shares, *rest = cut
        shape = Geometry(*rest)
        blocks.append(_mean_of_pair(first, second, squares, momenta, lengths, shares, shape))
    return np.concatenate(blocks)


def _mean_of_pair(
    m_1: Array,
    m_2: Array,
    q2: Array,
    momentum: Array,
    ctau: Array,
    invisible: Array,
    geometry: Geometry,
) -> Array:
    """See `pair_factor`; axes n, k, direction of the pair, polar and azimuthal angle of decay."""
    directions, w_direction = np.polynomial.legendre.leggauss(_DIRECTION)
    polar, w_polar = np.polynomial.legendre.leggauss(_POLAR)
    azimuth, w_azimuth = np.polynomial.legendre.leggauss(_AZIMUTH)
    cosine = directions[:, None, None]
    sine = np.sqrt(1.0 - cosine * cosine)
    along_pair = polar[:, None]
    # Mirrored at the plane of pair and beam both paths stay as they are.
    turned = np.cos(0.5 * np.pi * (azimuth + 1.0)) * np.sqrt(1.0 - along_pair**2)
    aside = np.sin(0.5 * np.pi * (azimuth + 1.0)) * np.sqrt(1.0 - along_pair**2)
    root = np.sqrt(np.where(q2 > 0.0, q2, 1.0))
    kallen = np.maximum(q2 - (m_1 + m_2) ** 2, 0.0) * (q2 - (m_1 - m_2) ** 2)
    own = 0.5 * np.sqrt(np.maximum(kallen, 0.0)) / root
    total = np.hypot(momentum, root)
    product: Array = np.ones(1)
    for mass, sign in ((m_1, 1.0), (m_2, -1.0)):
        energy = np.hypot(own, mass)
        forward = (total * sign * own * along_pair + momentum * energy) / root
        z = forward * cosine - sign * own * turned * sine
        x = forward * sine + sign * own * turned * cosine
        lab_energy = (total * energy + momentum * sign * own * along_pair) / root
        gamma = 1.0 / np.sqrt(1.0 - geometry.beta**2)
        z = gamma * (z + geometry.beta * lab_energy)
        alive = survival(mass, z, np.hypot(x, own * aside), ctau, geometry)
        product = product * (invisible + (1.0 - invisible) * alive)
    weights = w_direction[:, None, None] * w_polar[:, None] * w_azimuth / 8.0
    return np.asarray(np.sum(product * weights, axis=(-3, -2, -1)))


def _single_factor(life: Life, mass: Array, momentum: Array, geometry: Geometry) -> Array:
    """Factor of one particle: (n or 1, k)."""
    alive = escape_probability(mass, momentum, life.ctau[:, None], geometry)
    invisible = life.invisible[:, None]
    return np.asarray(invisible + (1.0 - invisible) * alive)


def _momentum(square: Array, decay: Decay) -> Array:
    """Momentum of the invisible system in the rest frame of the B, zero beyond the end point."""
    m_b, m_m = decay.m_parent, decay.m_meson
    kallen = ((m_b - m_m) ** 2 - square) * ((m_b + m_m) ** 2 - square)
    return np.asarray(0.5 * np.sqrt(np.maximum(kallen, 0.0)) / m_b)


def unseen(terms: Iterable[DarkTerm], decay: Decay, inputs: Inputs) -> Iterator[DarkTerm]:
    """Entries of W_ab with the probability that their particles are not seen in B -> M.

    Parameters
    ----------
    terms : iterable of DarkTerm
        Those without a life come back as they are.
    decay : Decay
    inputs : Inputs

    Yields
    ------
    DarkTerm
    """
    # All entries of one final state have one life, which is kept here, and one threshold.
    known: dict[tuple[int, bool], tuple[Life, tuple[Array, ...]]] = {}
    for term in terms:
        if term.life is None:
            yield term
            continue
        line = isinstance(term.density, Line)
        key = id(term.life), line
        if key not in known:
            known[key] = term.life, _factor(term, term.life, decay, inputs)
        factor = known[key][1]
        if isinstance(term.density, Line):
            yield replace(term, weight=term.weight * factor[0][:, 0])
            continue
        density = replace(
            term.density,
            function=_Unseen(term.density.function),
            parameters=(*term.density.parameters, *factor),
        )
        yield replace(term, density=density)


def _factor(term: DarkTerm, life: Life, decay: Decay, inputs: Inputs) -> tuple[Array, ...]:
    """Of a line the factor (n, 1); else the last parameters of `_Unseen`, (n or 1, ...)."""
    geometry = Geometry.of(inputs).reshaped(1)
    if isinstance(term.density, Line):
        mass = np.atleast_2d(term.density.mass)
        return (_single_factor(life, mass, _momentum(mass**2, decay), geometry),)
    low, high = np.atleast_2d(term.density.threshold), np.atleast_2d(decay.end_point)
    span = np.maximum(high - low, 1e-12 * high)
    scale = np.maximum(low, _FINEST * span)
    # Chebyshev nodes in ln(1 + (q2 - threshold)/scale): most happens near a low threshold.
    angles = np.pi * (np.arange(_Q2) + 0.5) / _Q2
    reach = np.log1p(span / scale)
    square = low + scale * np.expm1(0.5 * (np.cos(angles) + 1.0) * reach)
    momentum = _momentum(square, decay)
    if len(life.masses) == 1:
        values = _single_factor(life, np.sqrt(square), momentum, geometry)
    else:
        values = pair_factor(life, square, momentum, geometry)
    basis = np.cos(np.arange(_Q2)[:, None] * angles) * (2.0 / _Q2)
    basis[0] *= 0.5
    return low, scale, reach, values @ basis.T


@dataclass(frozen=True)
class _Unseen:
    """A function of q2 and parameters, times a Chebyshev series in ln(1 + (q2 - low)/scale)."""

    function: Callable[..., Array]

    def __call__(self, q2: Array, *parameters: float | Array) -> Array:
        *own, low, scale, reach, series = parameters
        axes = (1,) * (np.ndim(q2) - 2)
        low, scale, reach = (np.reshape(one, (-1, 1, *axes)) for one in (low, scale, reach))
        depth = np.log1p(np.maximum(q2 - low, 0.0) / scale)
        x = np.clip(2.0 * depth / reach - 1.0, -1.0, 1.0)
        columns = np.asarray(series).T.reshape(_Q2, -1, 1, *axes)
        # Clenshaw's recurrence.
        after: Array = np.zeros(1)
        here: Array = np.zeros(1)
        for column in columns[:0:-1]:
            here, after = 2.0 * x * here - after + column, here
        factor = np.clip(x * here - after + columns[0], 0.0, 1.0)
        return np.asarray(self.function(q2, *own) * factor)


def unseen_at_rest(term: DarkTerm, mass: Array, inputs: Inputs) -> Array:
    """Factor on an entry of W_ab for a meson that decays to a pair alone.

    Parameters
    ----------
    term : DarkTerm
    mass : (1,) or (n,) array, GeV
        Of the meson.
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    if term.life is None:
        return np.ones(1)
    geometry, square = Geometry.of(inputs).reshaped(1), (mass**2)[:, None]
    if len(term.life.masses) == 1:
        factor = _single_factor(term.life, mass[:, None], np.zeros((1, 1)), geometry)
    else:
        factor = pair_factor(term.life, square, np.zeros((1, 1)), geometry)
    return np.asarray(factor[:, 0])
