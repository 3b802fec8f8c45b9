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

from ....errors import PredictionError
from ...base import Array
from ..process import SpectrumProcess
from ..signal import ReweightedSignal, SignalEntry
from ..template import data
from ..template import signal as belle2_signal

__all__ = ["channels", "efficiency", "efficiency_ratio", "expected_signal"]


def channels(signal: ReweightedSignal | None = None, process: int = 0) -> tuple[str, ...]:
    """Channels with signal: for Belle II labels of inclusive tag, control region, hadronic tag.

    Parameters
    ----------
    signal : ReweightedSignal, optional
        Of a term; Belle II 2023 by default.
    process : int
        Which of its processes.

    Returns
    -------
    tuple of str
    """
    labels = data().channel_labels if signal is None else {}
    return tuple(labels.get(entry.channel, entry.channel) for entry in _entries(signal, process)[0])


def _entries(
    signal: ReweightedSignal | None, process: int
) -> tuple[list[SignalEntry], SpectrumProcess]:
    signal = signal or belle2_signal(True)
    asked = signal.processes[process]
    if not isinstance(asked, SpectrumProcess):
        raise PredictionError(f"{signal.name}: {asked.observable} is no spectrum in bins")
    return [entry for entry in signal.entries if entry.process is asked], asked


def efficiency(
    by_bin: bool = False, signal: ReweightedSignal | None = None, process: int = 0
) -> Array:
    """Expected events per unit of branching fraction in bins of generated q2.

    Parameters
    ----------
    by_bin : bool
        Keep the analysis bins of each channel apart.
    signal, process
        As for `channels`.

    Returns
    -------
    (E, K) array, or (X, K) with `by_bin`
        Efficiency times the number of B mesons, one row for each of `channels` (or for each of
        their analysis bins, in order). Events outside the bins are left out; NaN where the null
        prediction has nothing.
    """
    entries, asked = _entries(signal, process)
    inside = [entry.density[:, 1:] for entry in entries]
    rows = np.concatenate(inside) if by_bin else np.array([entry.sum(axis=0) for entry in inside])
    null = np.where(asked.null > 0, asked.null, np.nan)
    events: Array = rows / null
    return events


def expected_signal(
    spectra: ArrayLike, signal: ReweightedSignal | None = None, process: int = 0
) -> Array:
    """Signal events of each channel, nuisance parameters at their nominal values.

    Parameters
    ----------
    spectra : (K,) or (n, K) array
        Branching fraction in each bin of generated q2.
    signal, process
        As for `channels`.

    Returns
    -------
    (n, E) array

    Raises
    ------
    PredictionError
        If a spectrum is negative, not finite, or of another shape.
    """
    _, asked = _entries(signal, process)
    per_unit = np.nan_to_num(efficiency(False, signal, process))
    events: Array = _checked(spectra, asked) @ per_unit.T
    return events


def efficiency_ratio(
    spectra: ArrayLike,
    reference: ArrayLike | None = None,
    signal: ReweightedSignal | None = None,
    process: int = 0,
) -> Array:
    """omega: efficiency of the reference spectrum over that of others, for each channel.

    Parameters
    ----------
    spectra : (K,) or (n, K) array
        Spectra of any normalisation.
    reference : (K,) array, optional
        The null prediction (Standard Model) by default.
    signal, process
        As for `channels`.

    Returns
    -------
    (n, E) array
        Above 1 where the spectrum lies where less is selected.

    Raises
    ------
    PredictionError
        As for `expected_signal`, or if a spectrum is zero.
    """
    _, asked = _entries(signal, process)
    chosen = _checked(asked.null if reference is None else reference, asked)
    given = _checked(spectra, asked)
    for entry in (chosen, given):
        if not (entry.sum(axis=1) > 0).all():
            raise PredictionError("a spectrum that is zero everywhere has no efficiency")
    means = [
        expected_signal(entry, signal, process) / entry.sum(axis=1, keepdims=True)
        for entry in (chosen, given)
    ]
    with np.errstate(divide="ignore"):
        ratio: Array = means[0] / means[1]
    return ratio


def _checked(spectra: ArrayLike, asked: SpectrumProcess) -> Array:
    array = np.atleast_2d(np.asarray(spectra, float))
    size = len(asked.null)
    if array.ndim != 2 or array.shape[1] != size:
        raise PredictionError(
            f"spectra of shape (n, {size}) are needed (branching fraction in the bins of "
            f"{asked.observable}), not {array.shape}"
        )
    if not np.isfinite(array).all() or (array < 0).any():
        raise PredictionError("spectra must be finite and not negative")
    return array
