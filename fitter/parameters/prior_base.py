"""What every prior can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError

__all__ = ["Array", "Prior", "check_ends", "masked"]

Array = NDArray[np.float64]


class Prior(ABC):
    """A normalised density over a block of ``size`` parameters.

    Attributes
    ----------
    is_constraint : bool
        True if it stands for a measurement: then a frequentist fit counts it too.
    size : int
        Number of parameters.
    logarithmic : bool
        True if it is flat in the logarithm, which is then the coordinate of minimisers.
    """

    is_constraint: ClassVar[bool]
    logarithmic: ClassVar[bool] = False

    @property
    def size(self) -> int:
        """Number of parameters of the block."""
        return 1

    @property
    @abstractmethod
    def support(self) -> tuple[Array, Array]:
        """Lower and upper ends, two (size,) arrays, infinite where there is none."""

    @property
    @abstractmethod
    def centre(self) -> Array:
        """A typical point inside the support, (size,): mode or middle."""

    @property
    @abstractmethod
    def description(self) -> str:
        """Text for tables, such as ``uniform [-20, 20]``."""

    @abstractmethod
    def log_pdf(self, x: Array) -> Array:
        """Natural log of the density.

        Parameters
        ----------
        x : (n, size) array

        Returns
        -------
        (n,) array
            -inf outside the support and at NaN.
        """

    @abstractmethod
    def ppf(self, u: Array) -> Array:
        """Map the unit cube to the prior.

        Parameters
        ----------
        u : (n, size) array
            In [0, 1].

        Returns
        -------
        (n, size) array
            Finite; for the tails of normals ``u`` is kept 2^-53 away from 0 and 1.
        """

    @abstractmethod
    def cdf(self, x: Array) -> Array:
        """Inverse of ``ppf``.

        Parameters
        ----------
        x : (n, size) array

        Returns
        -------
        (n, size) array
            In [0, 1].
        """

    def scores(self, x: Array) -> Array:
        """Coordinates in which the prior is standard normal.

        Constraints have their own form, which keeps its precision far out in both tails: data pull
        parameters there.

        Parameters
        ----------
        x : (n, size) array
            Inside the support.

        Returns
        -------
        (n, size) array
            Infinite at the ends of the support.
        """
        from scipy.special import ndtri

        return np.asarray(ndtri(self.cdf(x)))

    def from_scores(self, z: Array) -> Array:
        """Inverse of ``scores``.

        Parameters
        ----------
        z : (n, size) array

        Returns
        -------
        (n, size) array
        """
        from scipy.special import ndtr

        return self.ppf(ndtr(z))

    @abstractmethod
    def step(self, x: Array) -> Array:
        """First step of a minimiser at a point.

        Parameters
        ----------
        x : (size,) array
            The start.

        Returns
        -------
        (size,) array
            Positive.
        """

    @property
    def measured(self) -> Array:
        """What was measured, of a constraint: (size,)."""
        raise NotImplementedError(f"{self.description} stands for no measurement")

    def log_measured(self, x: Array, measured: Array) -> Array:
        """Natural log of the density, had something else been measured; of a constraint.

        Parameters
        ----------
        x : (n, size) array
        measured : (m, size) array
            With m = n, or one of both 1.

        Returns
        -------
        (n,) array, or (m,) for one point
            That of `log_pdf` for what was measured; the norm of a cut density stays that of it.
        """
        raise NotImplementedError(f"{self.description} stands for no measurement")

    def sample_measured(self, x: Array, rng: np.random.Generator) -> Array:
        """Draw what might be measured if the parameters are x; of a constraint.

        Parameters
        ----------
        x : (n, size) array
        rng : numpy.random.Generator

        Returns
        -------
        (n, size) array
            Also beyond the ends of the support.
        """
        raise NotImplementedError(f"{self.description} stands for no measurement")

    def sample(self, rng: np.random.Generator, n: int) -> Array:
        """Draw points.

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int
            Number of points.

        Returns
        -------
        (n, size) array
        """
        return self.ppf(rng.random((n, self.size)))


def masked(inside: NDArray[np.bool_], log_density: Array) -> Array:
    """Log density where ``inside``, minus infinity elsewhere; both (n,)."""
    return np.where(inside, log_density, -np.inf)


def check_ends(kind: str, lower: float, upper: float) -> None:
    """Refuse ends in the wrong order, or NaN, with a ParameterError that names the kind."""
    if not lower < upper:
        raise ParameterError(f"a {kind} prior needs lower < upper, not {lower:g} and {upper:g}.")
