"""Signal efficiency of Belle II against q2, and what a model loses or gains by it.

The densities n(x, b) (`template`) are expected events of the null prediction, so the events per
unit of branching fraction in the generated bin b are

    eps_b = sum_x n(x, b) / dB_b^null,

the efficiency times the number of B mesons. An excess that was read with the efficiency of the
Standard Model as a branching fraction Delta B corresponds to omega Delta B of another spectrum
(2403.12485),

    omega = sum_b Gamma_SM,b eps_b / sum_b Gamma_NP,b eps_b,

both spectra normalised to the same total. It is one number for each channel, an approximation of
the reweighted likelihood, which also follows the analysis bins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...errors import PredictionError
from ..base import Array
from .template import N_SPECTRUM, data, null_columns

__all__ = ["channels", "efficiency", "efficiency_ratio", "expected_signal"]


def channels() -> tuple[str, ...]:
    """Labels of the channels with signal: inclusive tag, its control region, hadronic tag."""
    published = data()
    return tuple(published.channel_labels[name] for name in published.densities)


def efficiency(by_bin: bool = False) -> Array:
    """Expected events per unit of branching fraction in bins of generated q2.

    Parameters
    ----------
    by_bin : bool
        Keep the analysis bins of each channel apart.

    Returns
    -------
    (3, 100) array, or (18, 100) with `by_bin`
        Efficiency times the number of B mesons, one row for each of `channels` (or for each of
        their analysis bins, in order). Events outside the histogram are left out.
    """
    inside = [density[:, 1:] for density in data().densities.values()]
    rows = np.concatenate(inside) if by_bin else np.array([entry.sum(axis=0) for entry in inside])
    events: Array = rows / null_columns()[1:]
    return events


def expected_signal(spectra: ArrayLike) -> Array:
    """Signal events of each channel, nuisance parameters at their nominal values.

    Parameters
    ----------
    spectra : (100,) or (n, 100) array
        Branching fraction in each bin of generated q2.

    Returns
    -------
    (n, 3) array

    Raises
    ------
    PredictionError
        If a spectrum is negative, not finite, or of another shape.
    """
    events: Array = _checked(spectra) @ efficiency().T
    return events


def efficiency_ratio(spectra: ArrayLike, reference: ArrayLike | None = None) -> Array:
    """omega: efficiency of the reference spectrum over that of others, for each channel.

    Parameters
    ----------
    spectra : (100,) or (n, 100) array
        Spectra of any normalisation.
    reference : (100,) array, optional
        The null prediction (Standard Model) by default.

    Returns
    -------
    (n, 3) array
        Above 1 where the spectrum lies where less is selected.

    Raises
    ------
    PredictionError
        As for `expected_signal`, or if a spectrum is zero.
    """
    chosen = _checked(null_columns()[1:] if reference is None else reference)
    given = _checked(spectra)
    for entry in (chosen, given):
        if not (entry.sum(axis=1) > 0).all():
            raise PredictionError("a spectrum that is zero everywhere has no efficiency")
    means = [expected_signal(entry) / entry.sum(axis=1, keepdims=True) for entry in (chosen, given)]
    with np.errstate(divide="ignore"):
        ratio: Array = means[0] / means[1]
    return ratio


def _checked(spectra: ArrayLike) -> Array:
    array = np.atleast_2d(np.asarray(spectra, float))
    if array.ndim != 2 or array.shape[1] != N_SPECTRUM:
        raise PredictionError(
            f"spectra of shape (n, {N_SPECTRUM}) are needed (branching fraction in uniform bins of "
            f"q2 on [0, 22.885] GeV^2), not {array.shape}"
        )
    if not np.isfinite(array).all() or (array < 0).any():
        raise PredictionError("spectra must be finite and not negative")
    return array
