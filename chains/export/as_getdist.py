"""Samples for getdist (arXiv:1910.13970): an MCSamples, and the text files of CosmoMC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import MissingExtraError
from ..records import ParameterRecord, RunFile
from .draws import Chain, draws

__all__ = ["getdist_files", "to_getdist"]


def to_getdist(run: RunFile, discard: int | None = None) -> Any:
    """Samples of a run for getdist.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to leave out at the start of each ensemble; the suggested burn-in if None.

    Returns
    -------
    getdist.MCSamples
        One chain for each ensemble, with weights, ranges, labels, and minus log posterior.

    Raises
    ------
    MissingExtraError
        If getdist is not installed.
    StoreError
        If there are no samples.
    """
    try:
        from getdist import MCSamples
    except ImportError:
        raise MissingExtraError("getdist", "export", "an export for getdist") from None

    found = draws(run, discard)
    weighted = found.weighted
    return MCSamples(
        samples=[chain.samples for chain in found.chains],
        weights=[chain.weights for chain in found.chains] if weighted else None,
        loglikes=[-_log_posterior(chain) for chain in found.chains],
        names=[_plain(name) for name in found.names],
        labels=[_label(record) for record in found.parameters],
        ranges={_plain(record.name): _range(record) for record in found.parameters},
        sampler="nested" if weighted else "mcmc",
        name_tag=run.name,
        label=run.name,
    )


def getdist_files(run: RunFile, root: str, discard: int | None = None) -> Mapping[str, str]:
    """Text files that getdist and others read.

    Parameters
    ----------
    run : RunFile
    root : str
        What file names begin with.
    discard : int, optional
        As of `to_getdist`.

    Returns
    -------
    mapping of str to str
        Name and text: ``root_1.txt`` and so on, one for each ensemble, with weight, minus log
        posterior and parameters in each line, ``root.paramnames`` and ``root.ranges``.

    Raises
    ------
    StoreError
        If there are no samples.
    """
    found = draws(run, discard)
    files = {
        f"{root}.paramnames": "".join(
            f"{_plain(record.name)}\t{_label(record)}\n" for record in found.parameters
        ),
        f"{root}.ranges": "".join(
            " ".join([_plain(record.name), *map(_spelt, _range(record))]) + "\n"
            for record in found.parameters
        ),
    }
    for i, chain in enumerate(found.chains, start=1):
        weights = np.ones(len(chain.samples)) if chain.weights is None else chain.weights
        columns = np.column_stack([weights, -_log_posterior(chain), chain.samples])
        files[f"{root}_{i}.txt"] = "".join(
            " ".join(f"{value:.10e}" for value in row) + "\n" for row in columns.tolist()
        )
    return files


def _log_posterior(chain: Chain) -> np.ndarray:
    total: np.ndarray = chain.log_likelihood + chain.log_prior
    # The prior of samples from elsewhere may not be known: then the likelihood alone is given.
    return np.where(np.isfinite(total), total, chain.log_likelihood)


def _plain(name: str) -> str:
    """Name without what has a meaning in files of getdist: spaces, ``*`` and ``?``."""
    return "".join("_" if char.isspace() or char in "*?" else char for char in name)


def _label(record: ParameterRecord) -> str:
    label = record.latex or record.name
    return label if record.unit in ("", "1") else rf"{label}\,[\mathrm{{{record.unit}}}]"


def _range(record: ParameterRecord) -> list[Any]:
    ends: list[Any] = [x if np.isfinite(x) else None for x in (record.lower, record.upper)]
    return [*ends, True] if np.isfinite(record.period) and None not in ends else ends


def _spelt(value: Any) -> str:
    if value is True:
        return "periodic"
    return "N" if value is None else f"{value:.10e}"
