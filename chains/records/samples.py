"""Records of samples of the posterior: chains of walkers, and samples with weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, kish, missing, read_only
from .shown import dataframe, html_table

__all__ = ["Ensemble", "WeightedSamples"]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """The chain of one ensemble of walkers.

    Parameters
    ----------
    names : tuple of str
        The d sampled parameters, in the order of the columns.
    chain : (steps, walkers, d) array
        Parameter values, each in its unit.
    log_posterior, log_likelihood, log_prior : (steps, walkers) arrays
        Natural logarithms; the first is the sum of the other two.
    accepted : (walkers,) array
        Accepted proposals of each walker at the stored steps (emcee's convention), so that
        ``accepted / steps`` is the acceptance fraction.
    random_state : tuple
        ``numpy.random.RandomState.get_state()`` after the last step; empty if not known.
    thin : int
        Steps made per step stored.
    periods : (d,) array
        Widths of the ranges of periodic parameters; infinite for the others, and where not known.
    """

    names: tuple[str, ...]
    chain: Array
    log_posterior: Array
    log_likelihood: Array
    log_prior: Array
    accepted: Array
    random_state: tuple[Any, ...] = ()
    thin: int = 1
    periods: Array = field(default_factory=missing)

    def __post_init__(self) -> None:
        fill(self, "periods", (len(self.names),), np.inf)
        read_only(self)
        if self.chain.ndim != 3:
            raise StoreError(
                f"Ensemble.chain has shape {self.chain.shape}, but (steps, walkers, parameters) "
                "is needed."
            )
        steps, walkers, _ = self.chain.shape
        expect(self, "chain", (steps, walkers, len(self.names)))
        for name in ("log_posterior", "log_likelihood", "log_prior"):
            expect(self, name, (steps, walkers))
        expect(self, "accepted", (walkers,))
        expect(self, "periods", (len(self.names),))

    def __repr__(self) -> str:
        return f"<Ensemble of {self.walkers} walkers, {self.steps} steps: {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        flat = self.chain.reshape(-1, len(self.names))
        rows = [
            (name, f"{column.mean():.4g}", f"{column.std():.4g}")
            for name, column in zip(self.names, flat.T, strict=True)
            if len(column)
        ]
        told = f"{self.walkers} walkers, {self.steps} steps, burn-in included"
        return html_table(told, ("parameter", "mean", "deviation"), rows)

    def to_dataframe(self) -> Any:
        """All stored samples, burn-in included, a row for each (extra ``pandas``).

        Columns: ``step``, ``walker``, the parameters and the three logarithms.
        """
        step, walker = np.indices((self.steps, self.walkers))
        columns = {"step": step.ravel(), "walker": walker.ravel()}
        columns |= dict(zip(self.names, self.chain.reshape(-1, len(self.names)).T, strict=True))
        for name in ("log_posterior", "log_likelihood", "log_prior"):
            columns[name] = getattr(self, name).ravel()
        return dataframe(columns)

    @property
    def steps(self) -> int:
        """Number of steps stored."""
        return int(self.chain.shape[0])

    @property
    def walkers(self) -> int:
        """Number of walkers."""
        return int(self.chain.shape[1])


# By how much the effective number may exceed that of the weights: rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class WeightedSamples:
    """Independent points with weights, as nested or importance sampling makes them.

    Parameters
    ----------
    names : tuple of str
        The d sampled parameters, in the order of the columns.
    points : (s, d) array
        Parameter values, each in its unit.
    log_weights : (s,) array
        Natural logarithms of the posterior weights, up to a common constant; minus infinity for a
        point that does not count.
    log_likelihood : (s,) array
    log_prior : (s,) array
        Logarithm of the normalised prior density; NaN where not known.
    log_evidence, log_evidence_error : float
        ln Z, Z the mean of the likelihood over the normalised prior, and its error; NaN if the
        sampler finds none.
    effective_samples : float
        Effective number of samples; that of the weights (`kish`) if not given, and never more.
    sampler : str
        Name and version of the sampler.
    options : mapping of str to str
        What it was told, the seed among it.
    n_calls : int
        Points at which the likelihood was evaluated.
    seconds : float
        Time taken.
    complete : bool
        Whether the sampler reached its own end; if not, the samples are provisional.
    """

    names: tuple[str, ...]
    points: Array
    log_weights: Array
    log_likelihood: Array
    log_prior: Array = field(default_factory=missing)
    log_evidence: float = np.nan
    log_evidence_error: float = np.nan
    effective_samples: float = np.nan
    sampler: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    n_calls: int = 0
    seconds: float = np.nan
    complete: bool = True

    def __post_init__(self) -> None:
        count = len(self.points)
        fill(self, "log_prior", (count,))
        texts = {str(key): str(value) for key, value in self.options.items()}
        object.__setattr__(self, "options", MappingProxyType(texts))
        read_only(self)
        expect(self, "points", (count, len(self.names)))
        for name in ("log_weights", "log_likelihood", "log_prior"):
            expect(self, name, (count,))
        self._check_values()
        most = kish(self.weights)
        given = most if np.isnan(self.effective_samples) else float(self.effective_samples)
        if not 0.0 <= given <= most * (1.0 + _ROUNDING):
            raise StoreError(
                f"WeightedSamples.effective_samples is {given:g}, but the weights are those of "
                f"{most:g} samples at most."
            )
        object.__setattr__(self, "effective_samples", given)

    def _check_values(self) -> None:
        """Refuse weights that are none, and points that count but are not finite."""
        bad = np.isnan(self.log_weights) | (self.log_weights == np.inf)
        if bad.any():
            at = int(np.argmax(bad))
            raise StoreError(
                f"WeightedSamples.log_weights[{at}] is {self.log_weights[at]}: a finite number or "
                "minus infinity is needed."
            )
        counts = self.log_weights > -np.inf
        if self.size and not counts.any():
            raise StoreError("WeightedSamples.log_weights: all weights are zero.")
        finite = np.isfinite(self.points) & np.isfinite(self.log_likelihood)[:, None]
        wrong = counts[:, None] & ~finite
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            raise StoreError(
                f"WeightedSamples: point {row} has a weight, but {self.names[column]} = "
                f"{self.points[row, column]}, log likelihood = {self.log_likelihood[row]}."
            )

    def __repr__(self) -> str:
        done = "" if self.complete else ", provisional"
        return (
            f"<WeightedSamples of {self.sampler or 'a sampler'}: {self.size} points, "
            f"{self.effective_samples:.4g} effective{done}: {', '.join(self.names)}>"
        )

    def _repr_html_(self) -> str:
        rows = []
        for name, column in zip(self.names, self.points.T, strict=True):
            if self.size:
                used = self.weights > 0.0  # a point that does not count may be anything
                values, weights = column[used], self.weights[used]
                mean = np.average(values, weights=weights)
                sigma = math.sqrt(np.average((values - mean) ** 2, weights=weights))
                rows.append((name, f"{mean:.4g}", f"{sigma:.4g}"))
        told = f"{self.size} points, {self.effective_samples:.4g} effective"
        if np.isfinite(self.log_evidence):
            told += f", ln Z = {self.log_evidence:.2f} ± {self.log_evidence_error:.2f}"
        return html_table(told, ("parameter", "mean", "deviation"), rows)

    def to_dataframe(self) -> Any:
        """All points, a row for each (extra ``pandas``).

        Columns: ``weight`` (with sum 1), the parameters, ``log_likelihood``, ``log_prior``.
        """
        columns: dict[str, Any] = {"weight": self.weights}
        columns |= dict(zip(self.names, self.points.T, strict=True))
        columns |= {"log_likelihood": self.log_likelihood, "log_prior": self.log_prior}
        return dataframe(columns)

    @property
    def size(self) -> int:
        """Number of points."""
        return int(self.points.shape[0])

    @property
    def weights(self) -> Array:
        """Weights with sum 1: (s,)."""
        if not self.size:
            return np.empty(0)
        scaled = np.exp(self.log_weights - self.log_weights.max())
        weights: Array = scaled / scaled.sum()
        return weights
