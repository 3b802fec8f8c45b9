"""Records of a model at a batch of points: what it is compared with, and what it expects."""

from __future__ import annotations

from dataclasses import dataclass

from .factors import Eliminated
from .interpolation import Array

__all__ = ["ModelData", "Rates"]


@dataclass(frozen=True)
class ModelData:
    """Data sets of a model, one for all points of a batch or one each.

    Attributes
    ----------
    counts : (m, B) array
    centres : (m, n_alpha) array or None
        Auxiliary data of the alphas: centres of their constraints. None if all are zero.
    factors : (m, S, B) array or None
        Auxiliary data of the bin factors; 1 where there is none. None if all are 1.
    """

    counts: Array
    centres: Array | None = None
    factors: Array | None = None

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: Array | slice) -> ModelData:
        """Data of some of the points; data that all points share stay as they are."""
        if len(self) == 1:
            return self
        return ModelData(
            self.counts[rows],
            None if self.centres is None else self.centres[rows],
            None if self.factors is None else self.factors[rows],
        )


@dataclass(frozen=True)
class Rates:
    """Expected counts of every sample and what follows from them at one batch of points.

    Entries are laid out as (slot, bin), slot-major: the signals come first, then the backgrounds in
    the order of the file; bins of all channels follow one another. What belongs to bin factors has
    the slot of the first sample that a factor multiplies, which for factors of one sample is that
    of the sample.

    Attributes
    ----------
    alpha : (n, n_alpha) array
        Nuisance parameters of the points.
    factor : (n, S, B) array
        Normalisation factors times signal weights.
    rate : (n, S, B) array
        r of each sample, events.
    grouped : (n, S, B) array
        rho, the sum of the rates that one bin factor multiplies, events.
    spread : (n, S, B) array
        delta^2 rho of each bin factor, events.
    excess : (n, B) array
        u = n_obs / nu - 1 with nu profiled over the bin factors.
    expected : (n, B) array
        nu, events.
    variance : (n, B) array
        V, events^2.
    bend_slope : (n, K) array
        Derivative of the even interpolation.
    log_slope : (n, J) array
        Derivative of the logarithms of the normalisation factors.
    data : ModelData
        What the points are compared with.
    signal_width2 : (n, B) array or None
        delta^2 of the signal where it differs from point to point; None where it is the model's.
    poisson : Eliminated or None
        Bin factors and their widths, where some of their constraints are Poisson.
    """

    alpha: Array
    factor: Array
    rate: Array
    grouped: Array
    spread: Array
    excess: Array
    expected: Array
    variance: Array
    bend_slope: Array
    log_slope: Array
    data: ModelData
    signal_width2: Array | None = None
    poisson: Eliminated | None = None

    @property
    def counts(self) -> Array:
        """n, with a number in place of zero of which the logarithm exists: (m, B)."""
        return self.data.counts

    @property
    def pulls(self) -> Array:
        """Distance of the alphas from the centres of their constraints: (n, n_alpha)."""
        return self.alpha if self.data.centres is None else self.alpha - self.data.centres

    @property
    def gamma(self) -> Array:
        """Bin factors at their minimum: (n, S, B)."""
        if self.poisson is not None and self.poisson.gamma is not None:
            return self.poisson.gamma
        gamma: Array = self.excess[:, None, :] * self.spread
        gamma += 1.0 if self.data.factors is None else self.data.factors
        return gamma
