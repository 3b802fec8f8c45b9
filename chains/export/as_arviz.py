"""Samples for arviz: an InferenceData (arviz below 1) or a DataTree (from 1 on)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingExtraError
from ..records import Array, RunFile
from .draws import Chain, Draws, draws

__all__ = ["netcdf", "to_arviz"]

# Draws of samples with weights, of which arviz knows nothing, are always the same.
_SEED = 0


def to_arviz(run: RunFile, discard: int | None = None) -> Any:
    """Samples of a run for arviz.

    Ensembles are the chains; the walkers of a step follow each other in a chain, and the longest
    ones are cut at their start to the length of the shortest. Samples with weights are drawn again
    with equal ones, as many as their effective number, which the attribute ``resampled`` says.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        Stored steps to leave out at the start of each ensemble; the suggested burn-in if None.

    Returns
    -------
    arviz.InferenceData or xarray.DataTree
        Groups ``posterior`` (each parameter: chain, draw) and ``sample_stats`` (``lp``, the log
        posterior, ``log_l`` and ``log_prior``).

    Raises
    ------
    MissingExtraError
        If arviz is not installed.
    StoreError
        If there are no samples.
    """
    try:
        import arviz
    except ImportError:
        raise MissingExtraError("arviz", "export", "an export for arviz") from None

    found = draws(run, discard)
    posterior, statistics = _groups(found)
    attributes = {
        "created_by": f"bsinv {run.versions.get('bsinv', '')}".strip(),
        "analysis": run.name,
        "seed": str(run.seed),
        "burn_in": found.burn_in,
        "walkers": found.walkers,
        "resampled": int(found.weighted),
    }
    if int(arviz.__version__.partition(".")[0]) >= 1:
        make: Any = arviz.from_dict
        tree = make({"posterior": posterior, "sample_stats": statistics})
    else:
        tree = arviz.from_dict(posterior=posterior, sample_stats=statistics)
    for record in found.parameters:
        described = {"unit": record.unit or "1", "latex": record.latex or record.name}
        tree["posterior"][record.name].attrs.update(described)
    tree["posterior"].attrs.update(attributes)
    return tree


def netcdf(run: RunFile, discard: int | None = None) -> bytes:
    """Samples of a run as a netCDF file that ``arviz.from_netcdf`` reads.

    Parameters
    ----------
    run : RunFile
    discard : int, optional
        As of `to_arviz`.

    Returns
    -------
    bytes

    Raises
    ------
    MissingExtraError, StoreError
        As `to_arviz`.
    """
    tree = to_arviz(run, discard)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "samples.nc"
        tree.to_netcdf(str(path))
        return path.read_bytes()


def _groups(found: Draws) -> tuple[dict[str, Array], dict[str, Array]]:
    chains = [_equal(chain) for chain in found.chains]
    length = min(len(chain.samples) for chain in chains)
    samples = np.stack([chain.samples[-length:] for chain in chains])
    likelihood = np.stack([chain.log_likelihood[-length:] for chain in chains])
    prior = np.stack([chain.log_prior[-length:] for chain in chains])
    posterior = {name: samples[:, :, i] for i, name in enumerate(found.names)}
    return posterior, {
        "lp": likelihood + prior,
        "log_l": likelihood,
        "log_prior": prior,
    }


def _equal(chain: Chain) -> Chain:
    """The chain with equal weights: systematic resampling, in random order."""
    if chain.weights is None:
        return chain
    size = max(1, int(chain.effective))
    rng = np.random.default_rng(_SEED)
    ends = np.cumsum(chain.weights) / chain.weights.sum()
    rows = np.searchsorted(ends, (rng.random() + np.arange(size)) / size)
    rows = rng.permutation(np.minimum(rows, len(ends) - 1))
    return Chain(
        chain.samples[rows], chain.log_likelihood[rows], chain.log_prior[rows], None, float(size)
    )
