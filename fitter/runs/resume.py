"""What a results file says of its run: the analysis, and whether it can be gone on with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...chains.files.store import check_fingerprint
from ...chains.records import RunFile
from ...errors import BsinvError, StoreError
from ..analysis_file.sections import SamplerSpec
from ..analysis_file.source import read_text
from ..checked import CheckedFile
from .fingerprint import fingerprint

__all__ = ["resumed", "stored_analysis", "stored_sampler"]


def stored_analysis(results: RunFile) -> CheckedFile:
    """Analysis written in a results file.

    Parameters
    ----------
    results : RunFile

    Returns
    -------
    CheckedFile

    Raises
    ------
    StoreError
        If it is not valid any more.
    """
    text = results.analysis_text
    try:
        return CheckedFile(text if "\n" in text else text + "\n", files=results.files)
    except BsinvError as error:
        raise StoreError(f"the analysis stored in the results is not valid now: {error}") from error


def stored_sampler(results: RunFile) -> SamplerSpec:
    """Settings of the sampler written in a results file; the defaults if they cannot be read.

    Without the rest of the analysis, which may need a model of the user's own, or a package that is
    not installed here.
    """
    from pydantic import ValidationError

    try:
        return SamplerSpec.model_validate(read_text(results.analysis_text).data.get("sampler", {}))
    except (BsinvError, ValidationError):
        return SamplerSpec()


def resumed(analysis: CheckedFile, path: Path, results: RunFile) -> RunFile:
    """Stored results, if they belong to an analysis; a seed that was drawn is kept.

    Parameters
    ----------
    analysis : CheckedFile
    path : Path
        Of the results, for errors.
    results : RunFile

    Returns
    -------
    RunFile
        With the text of the analysis as it is now: what only says when to stop may have changed.

    Raises
    ------
    StoreError
        If they are those of another run.
    """
    given = analysis.spec.seed
    seed = results.seed if given is None else given
    try:
        check_fingerprint(results.fingerprint, fingerprint(analysis, seed))
    except StoreError as error:
        raise StoreError(f"{path}: {error}") from None
    _refuse_other_chains(analysis, path, results)
    return replace(results, analysis_text=analysis.text, files=analysis.files)


def _refuse_other_chains(analysis: CheckedFile, path: Path, results: RunFile) -> None:
    """Raise if the chains are not those that a run of the analysis makes."""
    wanted, names = analysis.spec.sampler, analysis.problem.names
    chains = results.ensembles
    if chains and len(chains) != wanted.ensembles:
        raise StoreError(
            f"{path}: holds {len(chains)} ensembles, but the analysis asks for {wanted.ensembles}."
        )
    for chain in chains:
        fits = (chain.names, chain.thin) == (names, wanted.thin) and chain.steps > 0
        if not (fits and _is_random_state(chain.random_state)):
            raise StoreError(
                f"{path}: a chain of {', '.join(chain.names)}, thinned by {chain.thin}, of "
                f"{chain.steps} steps, cannot be continued by this analysis."
            )


def _is_random_state(state: tuple[Any, ...]) -> bool:
    try:
        np.random.RandomState().set_state(state)
    except (TypeError, ValueError, IndexError):
        return False
    return True
