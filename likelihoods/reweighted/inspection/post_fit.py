"""Counts of all channels at the nuisance parameters that fit best, with their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...base import Array
from ...histfactory.curvature import bin_jacobian, hessian

if TYPE_CHECKING:
    from ...histfactory.model import HistFactoryModel, Rates
    from ..term import ReweightedTerm

__all__ = ["ChannelCounts", "error_of_sum", "post_fit"]


@dataclass(frozen=True)
class ChannelCounts:
    """Counts of one channel at profiled nuisance parameters.

    Attributes
    ----------
    observed, expected, error : (bins,) arrays
        Data, sum of all samples, and the error of that sum.
    samples : mapping of str to (bins,) array
        Expected counts by sample, the signal first where there is one.
    """

    observed: Array
    expected: Array
    error: Array
    samples: dict[str, Array]


def post_fit(term: ReweightedTerm, prediction: Array) -> dict[str, ChannelCounts]:
    """Expected counts at the profiled nuisance parameters of one prediction.

    Parameters
    ----------
    term : ReweightedTerm
    prediction : (C,) array
        One spectrum, as for `ReweightedTerm.weights`.

    Returns
    -------
    dict of str to ChannelCounts
        By channel of the published model.
    """
    model, rates = term.model, term.profiled(np.asarray(prediction, float)[None])
    counts, error = (model.entry_factors(rates) * rates.rate)[0], error_of_sum(model, rates)
    return {
        name: ChannelCounts(
            model.observed[bins],
            rates.expected[0, bins],
            error[bins],
            {sample: counts[slot, bins] for slot, sample in samples.items()},
        )
        for (name, bins), samples in zip(model.channels, model.samples, strict=True)
    }


def error_of_sum(model: HistFactoryModel, rates: Rates) -> Array:
    """Error of the sum of all samples in each bin, from the Hessian in all parameters: (B,).

    ``k^2 J H^-1 J^T + V/(1 + n V/nu^2)``: what the alphas move, the bin factors following them, and
    the bin factors at fixed alphas.
    """
    inverse = np.linalg.inv(hessian(model, rates)[0])
    ratio = (rates.counts * rates.variance / rates.expected**2)[0]
    jacobian = bin_jacobian(model, rates)[0] / (1.0 + ratio)[:, None]
    moved = np.einsum("bi,ij,bj->b", jacobian, inverse, jacobian)
    error: Array = np.sqrt(moved + rates.variance[0] / (1.0 + ratio))
    return error
