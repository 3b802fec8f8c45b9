"""The signal template of Belle II 2023: compiled model, null prediction and shares of q2 bins.

`belle2` weights the template, `support` asks how far that can be trusted, `efficiency` reads the
efficiency off it. All are made once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ...errors import PredictionError
from ..base import Array
from ..histfactory.compile import compile_workspace
from ..histfactory.profile import Profiler
from ..histfactory.workspace import read_workspace

if TYPE_CHECKING:
    from ...data.records import Belle2Data

__all__ = [
    "FORM_FACTOR_MODIFIERS",
    "NAME",
    "N_SPECTRUM",
    "checked",
    "data",
    "folding",
    "folding_of_squares",
    "null_columns",
    "profiler",
    "shares",
]

NAME = "belle2-2023-bknunu"
N_SPECTRUM = 100
# Modifiers of the published model that stand for the form-factor uncertainty of its signal.
FORM_FACTOR_MODIFIERS = ("corr_ff_c1", "corr_ff_c2", "corr_ff_c3")


def checked(prediction: Array) -> Array:
    """Predictions with the column of events outside the histogram, after checks: (n, 101)."""
    try:
        prediction = np.atleast_2d(prediction)
    except ValueError:  # lists of unequal lengths
        prediction = np.atleast_2d("")
    if prediction.dtype.kind not in "iuf":
        raise PredictionError(f"{NAME}: real numbers are needed, not {prediction.dtype}")
    prediction = prediction.astype(np.float64, copy=False)
    if prediction.ndim != 2 or prediction.shape[1] not in (N_SPECTRUM, N_SPECTRUM + 1):
        raise PredictionError(
            f"{NAME}: a spectrum of shape (n, {N_SPECTRUM}) is needed (branching fraction in "
            f"uniform bins of q2 on [0, 22.885] GeV^2), not {prediction.shape}"
        )
    if (prediction < 0).any():
        point, column = np.argwhere(prediction < 0)[0]
        raise PredictionError(
            f"{NAME}: negative branching fraction {prediction[point, column]:.3g} in column "
            f"{column} of point {point}"
        )
    # NaN passes through products silently, infinity times zero would warn.
    prediction = np.where(np.isfinite(prediction), prediction, np.nan)
    if prediction.shape[1] == N_SPECTRUM + 1:
        return prediction
    return np.concatenate([np.ones((len(prediction), 1)), prediction], axis=1)


@lru_cache(maxsize=1)
def data() -> Belle2Data:
    """The published likelihood and its densities."""
    from ...data.belle2 import belle2_2023

    return belle2_2023()


@lru_cache(maxsize=2)
def profiler(form_factor_systematics: bool) -> Profiler:
    """The compiled model, with or without the form-factor modifiers of its signal."""
    published = data()
    dropped = () if form_factor_systematics else FORM_FACTOR_MODIFIERS
    workspace = read_workspace(published.workspace, name=NAME)
    signals = {channel: (sample,) for channel, sample in published.signal_samples.items()}
    return Profiler(compile_workspace(workspace, signals, dropped, {"mu": 1.0}))


@lru_cache(maxsize=1)
def folding() -> Array:
    """(101, B) array F: weights = (sentinel weight, spectrum) @ F."""
    fold: Array = shares() / null_columns()[:, None]
    return fold


@lru_cache(maxsize=1)
def folding_of_squares() -> Array:
    """(101, B) array G: sum_b p_b w_b^2 = (sentinel weight, spectrum)^2 @ G."""
    fold: Array = shares() / null_columns()[:, None] ** 2
    return fold


@lru_cache(maxsize=1)
def shares() -> Array:
    """Share n(x, b)/sum n of the signal of bin x that generated bin b has.

    Returns
    -------
    (101, B) array
        Row 0 is outside the histogram; zero for bins without signal.
    """
    published = data()
    model = profiler(True).model
    found = np.zeros((N_SPECTRUM + 1, model.observed.size))
    for channel, density in published.densities.items():
        found[:, model.channel(channel)] = (density / density.sum(axis=1, keepdims=True)).T
    return found


@lru_cache(maxsize=1)
def null_columns() -> Array:
    """(101,) array: the null prediction, with the sentinel weight 1 in front."""
    from ...physics.invisible.null import null_spectrum

    return np.concatenate([[1.0], null_spectrum(data().q2_edges)])
