"""Records of what is predicted: numbers, spectra, and counts after the fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, read_only
from .shown import brief

__all__ = ["PostFitSpectrum", "Prediction"]


@dataclass(frozen=True, eq=False)
class Prediction:
    """A predicted number or spectrum, for posterior samples, best fit and reference point.

    Parameters
    ----------
    name : str
        Name of the observable.
    samples : (s, k) array
        Predictions for s posterior samples; s may be 0.
    best_fit, reference : (k,) arrays
        At the best fit and the reference point (NaN if there is none).
    latex : str
        LaTeX without dollar signs; the name if empty.
    unit : str
        Unit of the prediction, such as ``"GeV^-2"``.
    axis : (k,) or (k + 1,) array, optional
        Points or bin edges; None for one number (k = 1).
    axis_latex, axis_unit : str
        What the axis is.
    weights : (s,) array, optional
        Of the samples, not negative; all the same if None.
    """

    name: str
    samples: Array
    best_fit: Array = field(default_factory=missing)
    reference: Array = field(default_factory=missing)
    latex: str = ""
    unit: str = ""
    axis: Array | None = None
    axis_latex: str = "q^2"
    axis_unit: str = "GeV^2"
    weights: Array | None = None

    __repr__ = brief

    def __post_init__(self) -> None:
        k = np.shape(self.samples)[-1]
        for name in ("best_fit", "reference"):
            fill(self, name, (k,))
        read_only(self)
        expect(self, "samples", (len(self.samples), k))
        expect(self, "best_fit", (k,))
        expect(self, "reference", (k,))
        if self.weights is not None:
            expect(self, "weights", (len(self.samples),))
            good = np.isfinite(self.weights).all() and (self.weights >= 0.0).all()
            if not good or (len(self.weights) and not self.weights.any()):
                raise StoreError(
                    f"prediction {self.name!r}: weights must be finite, not negative and not all "
                    "zero."
                )
        if (k != 1) if self.axis is None else (self.axis.shape not in ((k,), (k + 1,))):
            found = None if self.axis is None else self.axis.shape
            raise StoreError(
                f"prediction {self.name!r} has {k} columns and an axis of shape {found}; "
                f"{k} points or {k + 1} edges are needed."
            )

    @property
    def binned(self) -> bool:
        """True if the axis holds bin edges."""
        return self.axis is not None and len(self.axis) == self.samples.shape[1] + 1


@dataclass(frozen=True, eq=False)
class PostFitSpectrum:
    """Counts of one channel after the fit: data, backgrounds and signal per bin.

    The k bins are ordered by group, then along the axis: ``k = len(groups) * (len(edges) - 1)``.

    Parameters
    ----------
    channel : str
        Name of the channel, such as ``"ITA signal region"``.
    groups : tuple of str
        Label (text that may hold ``$...$``) of each group of bins, such as a range of the
        classifier; one empty label if there is but one group.
    edges : (m + 1,) array
        Bin edges within each group.
    data : (k,) array
        Observed counts.
    backgrounds : mapping of str to (k,) array
        Expected counts of each background, bottom of the stack first.
    signal_best, signal_reference : (k,) arrays
        Expected signal counts at the best fit and at the reference point.
    total_lower, total_upper : (k,) arrays
        68 % band of the total expectation at the best fit.
    axis_latex, axis_unit : str
        What the edges are.
    reference_label : str
        Name of the reference point.
    """

    channel: str
    groups: tuple[str, ...]
    edges: Array
    data: Array
    backgrounds: Mapping[str, Array]
    signal_best: Array
    signal_reference: Array
    total_lower: Array
    total_upper: Array
    axis_latex: str = r"q^2_\mathrm{rec}"
    axis_unit: str = "GeV^2"
    reference_label: str = "reference"

    __repr__ = brief

    def __post_init__(self) -> None:
        read_only(self)
        k = len(self.groups) * (len(self.edges) - 1)
        for name in ("data", "signal_best", "signal_reference", "total_lower", "total_upper"):
            expect(self, name, (k,))
        for name, counts in self.backgrounds.items():
            if counts.shape != (k,):
                raise StoreError(
                    f"background {name!r} of channel {self.channel!r} has shape {counts.shape}, "
                    f"but {(k,)} is needed."
                )

    @property
    def background(self) -> Array:
        """Sum of the backgrounds, (k,)."""
        total: Array = np.sum(list(self.backgrounds.values()), axis=0) + np.zeros(len(self.data))
        return total
