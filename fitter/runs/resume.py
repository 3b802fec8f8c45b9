"""What a results file says of its run: the analysis, and whether it can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...chains.files.store import check_fingerprint
from ...chains.records import RunFile
from ...errors import BsinvError, ModelError, PluginError, StoreError
from ..analysis_file.reading.source import read_text
from ..analysis_file.sections import SamplerSpec
from ..checked import CheckedFile
from ..own_objects import GIVEN
from ..plugins import Plugin, plugin_of
from .fingerprint import fingerprint

__all__ = ["Own", "resumed", "stored_analysis", "stored_sampler"]


@dataclass(frozen=True)
class Own:
    """What is brought along to results: objects that the analysis in them needs.

    Attributes
    ----------
    model, terms, observables, plugins
        As for `bsinv.load`.
    trust_stored : bool
        Execute the plugins whose text is in the results, if none are given.
    """

    model: Any = None
    terms: Any = ()
    observables: Any = ()
    plugins: Sequence[str | Path] = ()
    trust_stored: bool = False


def stored_analysis(results: RunFile, own: Own | None = None) -> CheckedFile:
    """Analysis written in a results file.

    Parameters
    ----------
    results : RunFile
    own : Own, optional
        What was brought along to the run: the text of a plugin in the results is not executed
        unless this says so.

    Raises
    ------
    StoreError
        If the analysis cannot be loaded, or what was brought along is missing.
    ModelError, PluginError
        If what is brought along is not what it must be.
    """
    own = own or Own()
    plugins: list[str | Path | Plugin] = list(own.plugins)
    if results.plugins and not plugins:
        if not own.trust_stored:
            names = " ".join(f"--plugin {name}" for name in results.plugins)
            raise StoreError(
                f"the run was made with the plugin {' and '.join(results.plugins)}, whose text in "
                f"the results is not executed by itself: add {names} (in Python plugins=[...]), or "
                "--trust-stored-plugin if you trust who wrote the file."
            )
        plugins = [
            plugin_of(name, text, f"<stored {name}>") for name, text in results.plugins.items()
        ]
    _refuse_nothing_given(results, own)
    given: dict[str, Any] = {"terms": own.terms, "observables": own.observables, "plugins": plugins}
    given["files"] = results.files
    text = results.analysis_text
    try:
        return CheckedFile(text if "\n" in text else text + "\n", own.model, **given)
    except (ModelError, PluginError):
        raise
    except BsinvError as error:
        raise StoreError(f"the analysis stored in the results is not valid now: {error}") from error


def _refuse_nothing_given(results: RunFile, own: Own) -> None:
    """Say what a run was made with that came from Python, where nothing is given."""
    told = next((note for note in results.notes if note.startswith(GIVEN)), "")
    if told and own.model is None and not own.terms and not own.observables:
        raise StoreError(
            f"the run needs objects of your own ({told.rstrip('.')}): give the same again, "
            "bsinv.resume(file, model=..., terms=[...], observables=[...])."
        )


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
    plugins = {plugin.name: plugin.text for plugin in analysis.own.plugins}
    return replace(results, analysis_text=analysis.text, files=analysis.files, plugins=plugins)


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
