"""The spectrum that a simulation was made with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ..base import Array
from ..histfactory.file_text import FileText
from .density import Bins, read_table
from .process import SpectrumProcess

__all__ = ["null_of"]

_KEYS = {"observable", "form_factors", "inputs"}


def null_of(name: str, source: Any, observable: str, bins: Bins) -> Array:
    """Branching fraction in the kinematic bins inside the cutoff.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    source : str, Path, FileText, array or mapping
        A file or array with one number per kinematic bin, or per bin inside the cutoff; or a
        mapping with ``observable``, ``form_factors`` (sets by transition) and ``inputs``
        (constants by name), all optional: the Standard Model with these.
    observable : str
        Of the process.
    bins : Bins

    Returns
    -------
    (K,) array

    Raises
    ------
    DataError
        If the number of bins is another, or a number is negative.
    """
    if isinstance(source, Mapping):
        null = _predicted(name, source, observable, bins)
    elif isinstance(source, str | Path | FileText | np.ndarray | list | tuple):
        null = read_table(name, source).ravel()
        if len(null) == bins.size:
            null = null[bins.mask]
    else:
        raise DataError(
            f"{name}: null_spectrum is a file, or observable, form_factors and inputs, not "
            f"{type(source).__name__}"
        )
    size = int(bins.mask.sum())
    if len(null) != size:
        raise DataError(
            f"{name}: the null spectrum has {len(null)} bins: {bins.size} kinematic bins, or the "
            f"{size} inside the cutoff, are needed"
        )
    if (null < 0).any():
        column = int(np.flatnonzero(null < 0)[0])
        raise DataError(f"{name}: the null spectrum is negative in bin {column}: {null[column]:g}")
    return null


def _predicted(name: str, source: Mapping[str, Any], observable: str, bins: Bins) -> Array:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

    if unknown := set(source) - _KEYS:
        raise DataError(
            f"{name}: null_spectrum does not know {sorted(unknown)[0]!r}: it has "
            + ", ".join(sorted(_KEYS))
        )
    inputs = Inputs.default(source.get("form_factors")).replace(
        constants=source.get("inputs") or {}
    )
    edges = bins.inner_edges
    process = SpectrumProcess(source.get("observable", observable), edges, np.zeros(0))
    return np.asarray(process.spectrum(Wilson(), inputs, edges)[0])
