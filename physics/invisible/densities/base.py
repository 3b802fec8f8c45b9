"""Spectral densities of the invisible final state: rho_ab(q2) of two dark currents.

The density is the integral of J_a J_b* over the phase space of the invisible particles, summed over
their spins: the coefficient of -g + q q / q2 for vector currents (spin 1), the integral itself for
scalar currents and for the time component (spin 0). Here is what a density is, and those of
massless neutrinos; each dark sector has a file of its own, `densities_...`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Array

__all__ = [
    "LNV_SCALAR",
    "LNV_TENSOR",
    "MASSLESS_CHIRAL_VECTOR",
    "NO_WIDTH",
    "Density",
    "Line",
    "Pole",
    "lnv_scalar",
    "lnv_tensor",
    "massless_chiral_vector",
    "pair_density",
    "phase_space",
]


# GeV^2. A resonance of smaller half width counts as one of none: its square would underflow.
NO_WIDTH = 1e-150


@dataclass(frozen=True)
class Pole:
    """A resonance: the factor 1/[(q2 - square)^2 + half_width^2] of a density.

    Attributes
    ----------
    square : float or (n, 1) array, GeV^2
        M^2.
    half_width : float or (n, 1) array, GeV^2
        M Gamma. Zero for a stable particle: the factor is not integrable over the pole then, see
        `Density.diverges`.
    """

    square: float | Array
    half_width: float | Array

    def factor(self, distance: Array) -> Array:
        """The factor at q2 - square, in GeV^-4; zero on a pole without a width.

        Further axes of the distance, behind the first two, are allowed.
        """
        half = np.asarray(self.half_width)
        half = half.reshape(half.shape + (1,) * (distance.ndim - half.ndim) * bool(half.ndim))
        denominator = np.square(distance) + np.square(half)
        on_pole = denominator < NO_WIDTH**2
        return np.asarray(np.where(on_pole, 0.0, 1.0 / np.where(on_pole, 1.0, denominator)))


@dataclass(frozen=True)
class Density:
    """A spectral density with its parameters.

    Attributes
    ----------
    function : callable
        Takes q2, (g, k) in GeV^2, and the parameters; returns a real or complex array that
        broadcasts with q2, without the factor of the pole. It is only asked at the threshold and
        above, inside the physical region.
    parameters : tuple of float or (n, 1) array
        Masses, widths and the like. If all are floats the integrals over q2 are cached.
    threshold : float or (n, 1) array, GeV^2
        Lower end of the invisible mass squared, (m_1 + m_2)^2.
    scale : float or (n, 1) array, GeV^2
        Distance from the threshold, where a square root may start, to the next singular point
        below it: 4 m_1 m_2. Zero for a density without any.
    pole : Pole or None
        A resonance, which multiplies the function.
    """

    function: Callable[..., Array]
    parameters: tuple[float | Array, ...] = ()
    threshold: float | Array = 0.0
    scale: float | Array = 0.0
    pole: Pole | None = None

    @property
    def fixed(self) -> bool:
        """Whether the density is the same at every parameter point."""
        return not any(isinstance(entry, np.ndarray) for entry in self._entries)

    @property
    def _entries(self) -> tuple[float | Array, ...]:
        pole = () if self.pole is None else (self.pole.square, self.pole.half_width)
        return (*self.parameters, self.threshold, self.scale, *pole)

    @property
    def size(self) -> int:
        """Number of parameter points, 1 if it is fixed."""
        return max(len(entry) if isinstance(entry, np.ndarray) else 1 for entry in self._entries)

    def rows(self, rows: slice | Array) -> Density:
        """Density of some of the parameter points."""

        def cut(entry: float | Array) -> float | Array:
            varies = isinstance(entry, np.ndarray) and len(entry) > 1
            return np.asarray(entry)[rows] if varies else entry

        pole = self.pole and Pole(cut(self.pole.square), cut(self.pole.half_width))
        parameters = tuple(cut(entry) for entry in self.parameters)
        return Density(self.function, parameters, cut(self.threshold), cut(self.scale), pole)

    @property
    def smooth(self) -> bool:
        """Whether nothing happens inside the physical region: no threshold, no resonance."""
        return (
            self.pole is None
            and isinstance(self.threshold, float)
            and isinstance(self.scale, float)
            and self.threshold == 0.0
            and self.scale == 0.0
        )

    def __call__(self, q2: Array) -> Array:
        """Value at q2, or at the threshold if q2 lies below."""
        if not self.smooth:
            q2 = np.maximum(q2, self.threshold)
        value = self.function(q2, *self.parameters)
        return value if self.pole is None else value * self.pole.factor(q2 - self.pole.square)

    def diverges(self, low: Array, high: Array, end: float | Array) -> Array | None:
        """Whether a pole without a width lies between limits of q2, both included.

        Parameters
        ----------
        low, high : (1 or n, k) array, GeV^2
            Limits; equal for a point.
        end : float or (n, 1) array, GeV^2
            Kinematic end point.

        Returns
        -------
        (1 or n, k) array of bool, or None
            None if there is no resonance, or every one has a width.
        """
        if self.pole is None:
            return None
        square, stable = self.pole.square, np.asarray(self.pole.half_width) < NO_WIDTH
        if not np.any(stable):
            return None
        inside = stable & (square >= self.threshold) & (square <= end)
        return np.asarray(inside & (square >= low) & (square <= high))

    @property
    def without_pole(self) -> Density:
        """The density without the factor of its resonance."""
        if self.pole is None:
            return self
        return Density(self.function, self.parameters, self.threshold, self.scale)

    def times_q2(self) -> Density:
        """The density times q2, for first moments of a spectrum."""
        return replace(self, function=_TimesQ2(self.function))


@dataclass(frozen=True)
class _TimesQ2:
    """A function of q2 and parameters, times q2; equal if the functions are, for the caches."""

    function: Callable[..., Array]

    def __call__(self, q2: Array, *parameters: float | Array) -> Array:
        product: Array = q2 * self.function(q2, *parameters)
        return product


@dataclass(frozen=True)
class Line:
    """The density 2 pi delta(q2 - mass^2) of a single particle: a two-body decay.

    Attributes
    ----------
    mass : float or (n, 1) array, GeV
    """

    mass: float | Array

    @property
    def square(self) -> float | Array:
        """Mass squared, GeV^2."""
        return self.mass * self.mass


def phase_space(q2: Array, m_1: float | Array, m_2: float | Array) -> Array:
    """Two-body phase space, sqrt(Källén(q2, m_1^2, m_2^2)) / (8 pi q2); zero below threshold.

    Parameters
    ----------
    q2 : (g, k) array, GeV^2
    m_1, m_2 : float or (n, 1) array, GeV

    Returns
    -------
    array, 1
    """
    # The product keeps its relative accuracy near the threshold.
    kallen = np.maximum(q2 - (m_1 + m_2) ** 2, 0.0) * (q2 - (m_1 - m_2) ** 2)
    return np.asarray(np.sqrt(kallen) / (8.0 * np.pi * q2))


def pair_density(
    function: Callable[..., Array], m_1: float | Array, m_2: float | Array | None = None
) -> Density:
    """Density of a pair of particles of masses m_1 and m_2.

    Parameters
    ----------
    function : callable
        Takes q2 and m_1, and m_2 if it is given.
    m_1 : float or (n, 1) array, GeV
    m_2 : float or (n, 1) array, GeV, optional
        Equal to `m_1` if not given.

    Returns
    -------
    Density
    """
    if m_2 is None:
        threshold = 4.0 * m_1 * m_1
        return Density(function, (m_1,), threshold, threshold)
    threshold = (m_1 + m_2) ** 2
    product = 4.0 * m_1 * m_2
    # With one massless particle there is no square root, and q2 = 0 is the next singular point.
    scale = np.where(np.asarray(product) > 0.0, product, threshold)
    plain = not isinstance(threshold, np.ndarray)
    return Density(function, (m_1, m_2), threshold, float(scale) if plain else scale)


def massless_chiral_vector(q2: Array) -> Array:
    """Spin-1 density of one massless pair coupled through nubar gamma^mu P_L nu (or P_R).

    rho = q2 / (12 pi).

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (12.0 * np.pi)


def lnv_scalar(q2: Array) -> Array:
    """Spin-0 density of a massless Majorana pair coupled through nu^c_i P_L nu_j.

    rho = q2 / (4 pi) for each entry of a symmetric flavour matrix, summed over ordered pairs i, j:
    twice the q2 / (8 pi) of distinct chiral fields, since both contractions contribute.

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (4.0 * np.pi)


def lnv_tensor(q2: Array) -> Array:
    """Spin-1 density of J_E for a massless Majorana pair, nu^c_i sigma^{mu nu} P_L nu_j.

    rho_EE = q2 / (12 pi) for each entry of an antisymmetric flavour matrix, summed over ordered
    pairs i, j: twice the q2 / (24 pi) of distinct chiral fields. The current is self-dual,
    J_M = -i J_E.

    Parameters
    ----------
    q2 : array, GeV^2

    Returns
    -------
    array, GeV^2
    """
    return q2 / (12.0 * np.pi)


MASSLESS_CHIRAL_VECTOR = Density(massless_chiral_vector)
LNV_SCALAR = Density(lnv_scalar)
LNV_TENSOR = Density(lnv_tensor)
