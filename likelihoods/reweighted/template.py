"""The signal template of Belle II 2023: compiled model, null prediction and shares of q2 bins.

`belle2` weights the template, `support` asks how far that can be trusted, `efficiency` reads the
efficiency off it. All are made once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..base import Array
from ..histfactory.compiling.workspace import read_workspace
from .process import SpectrumProcess
from .signal import ReweightedSignal, SignalEntry

if TYPE_CHECKING:
    from ...data.records import Belle2Data

__all__ = [
    "FORM_FACTOR_MODIFIERS",
    "NAME",
    "data",
    "null_columns",
    "shares",
    "signal",
]

NAME = "belle2-2023-bknunu"
# Modifiers of the published model that stand for the form-factor uncertainty of its signal.
FORM_FACTOR_MODIFIERS = ("corr_ff_c1", "corr_ff_c2", "corr_ff_c3")


@lru_cache(maxsize=1)
def data() -> Belle2Data:
    """The published likelihood and its densities."""
    from ...data.belle2 import belle2_2023

    return belle2_2023()


@lru_cache(maxsize=1)
def process() -> SpectrumProcess:
    """The spectrum of B+ -> K+ nu nubar in the published bins, with the masses of the null one."""
    from ...physics.invisible.null import null_masses, null_spectrum

    edges = data().q2_edges
    null = null_spectrum(edges)
    return SpectrumProcess("dBR/dq2(B+->Knunu)", {"q2": edges}, null, null_masses(), null_spectrum)


@lru_cache(maxsize=2)
def signal(form_factor_systematics: bool) -> ReweightedSignal:
    """The published workspace, with or without the form-factor modifiers of its signal."""
    published = data()
    entries = [
        SignalEntry(channel, published.signal_samples[channel], process(), np.asarray(density))
        for channel, density in published.densities.items()
    ]
    return ReweightedSignal.of(
        NAME,
        read_workspace(published.workspace, name=NAME),
        entries,
        () if form_factor_systematics else FORM_FACTOR_MODIFIERS,
        {"mu": 1.0},
    )


def shares() -> Array:
    """Share n(x, b)/sum n of the signal of bin x that generated bin b has.

    Returns
    -------
    (101, B) array
        Row 0 is outside the histogram; zero for bins without signal.
    """
    return signal(True).shares


def null_columns() -> Array:
    """(101,) array: the null prediction, with the sentinel weight 1 in front."""
    return signal(True).null_columns
