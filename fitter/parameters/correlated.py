"""Normal prior of a correlated block of parameters, such as form-factor coefficients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, final

import numpy as np

from ...errors import ParameterError
from .normal import EDGE, LOG_SQRT_2PI
from .prior_base import Array, Prior, masked

__all__ = ["CorrelatedNormal"]


@final
@dataclass(frozen=True, eq=False)
class CorrelatedNormal(Prior):
    """Normal density of several parameters with a covariance.

    Parameters
    ----------
    mean : (m,) array
        In the parameters' units.
    covariance : (m, m) array
        Positive definite.
    label : str
        What the block is, for tables.
    """

    is_constraint: ClassVar[bool] = True
    mean: Array
    covariance: Array
    label: str = ""
    _sigma: Array = field(init=False, repr=False)
    _factor: Array = field(init=False, repr=False)
    _whiten: Array = field(init=False, repr=False)
    _log_norm: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mean, covariance = np.array(self.mean, float), np.array(self.covariance, float)
        where = f" of {self.label}" if self.label else ""
        if mean.ndim != 1 or covariance.shape != (mean.size, mean.size):
            raise ParameterError(
                f"the correlated prior{where} has {mean.shape} means and a {covariance.shape} "
                "covariance: (m,) and (m, m) are needed."
            )
        variance = np.diag(covariance)
        finite = bool(np.isfinite(mean).all() and np.isfinite(covariance).all())
        if not finite or not (variance > 0.0).all() or not np.allclose(covariance, covariance.T):
            raise ParameterError(
                f"the covariance{where} must be finite and symmetric with variances above 0."
            )
        # Coefficients may differ by orders of magnitude: factorise the correlation.
        sigma = np.sqrt(variance)
        try:
            factor = np.linalg.cholesky(covariance / np.outer(sigma, sigma))
        except np.linalg.LinAlgError:
            smallest = np.linalg.eigvalsh(covariance / np.outer(sigma, sigma))[0]
            raise ParameterError(
                f"the covariance{where} is not positive definite (smallest eigenvalue of the "
                f"correlation {smallest:.2g}): leave out a coefficient that the others determine."
            ) from None
        values = (mean, covariance, sigma, factor, np.linalg.inv(factor))
        names = ("mean", "covariance", "_sigma", "_factor", "_whiten")
        for name, value in zip(names, values, strict=True):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        log_det = float(np.log(sigma).sum() + np.log(np.diag(factor)).sum())
        object.__setattr__(self, "_log_norm", log_det + mean.size * LOG_SQRT_2PI)

    @property
    def size(self) -> int:
        """Number of parameters of the block."""
        return int(self.mean.size)

    @property
    def support(self) -> tuple[Array, Array]:
        """The whole space."""
        return np.full(self.size, -np.inf), np.full(self.size, np.inf)

    @property
    def centre(self) -> Array:
        """The mean."""
        return self.mean

    @property
    def description(self) -> str:
        """Text for tables."""
        what = f" ({self.label})" if self.label else ""
        return f"correlated normal of {self.size}{what}"

    def _white(self, x: Array, mean: Array | None = None) -> Array:
        return ((x - (self.mean if mean is None else mean)) / self._sigma) @ self._whiten.T

    def log_pdf(self, x: Array) -> Array:
        """-(x - mean)^T C^-1 (x - mean) / 2 - log sqrt(det(2 pi C))."""
        return self.log_measured(x, self.mean)

    @property
    def measured(self) -> Array:
        """The mean."""
        return self.mean

    def log_measured(self, x: Array, measured: Array) -> Array:
        """The same around another mean."""
        finite = np.asarray(np.isfinite(x).all(axis=1))
        with np.errstate(over="ignore"):
            white = self._white(np.where(finite[:, None], x, self.mean), measured)
            square = (white**2).sum(axis=1)
        return masked(finite, -0.5 * square - self._log_norm)

    def sample_measured(self, x: Array, rng: np.random.Generator) -> Array:
        """X + the Cholesky factor times standard normal numbers."""
        return np.asarray(x + self._sigma * (rng.standard_normal(x.shape) @ self._factor.T))

    def ppf(self, u: Array) -> Array:
        """Mean plus the Cholesky factor times normal quantiles."""
        from scipy.special import ndtri

        white = ndtri(np.clip(u, EDGE, 1.0 - EDGE))
        return self.from_scores(white)

    def cdf(self, x: Array) -> Array:
        """Normal distribution function of the whitened point: the inverse of ``ppf``."""
        from scipy.special import ndtr

        return np.asarray(ndtr(self._white(x)))

    def scores(self, x: Array) -> Array:
        """The whitened point."""
        return self._white(x)

    def from_scores(self, z: Array) -> Array:
        """Mean plus the Cholesky factor times z."""
        return np.asarray(self.mean + self._sigma * (z @ self._factor.T))

    def step(self, x: Array) -> Array:
        """Sigmas."""
        return self._sigma
