"""Analysis file to checked records: the one way in is ``load_spec``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .checks import check_spec
from .names import KnownNames, KnownSet
from .reading.faults import faults_of, raise_faults
from .reading.source import Located, read_source
from .sections import AnalysisSpec, FreeSpec, PriorSpec

__all__ = ["AnalysisSpec", "KnownNames", "KnownSet", "load_spec", "validate"]


def load_spec(source: str | Path | Mapping[str, Any], known: KnownNames) -> AnalysisSpec:
    """Read and check an analysis.

    Parameters
    ----------
    source : path, str or mapping
        A file name, a YAML text (with a line break) or a mapping of the same form.
    known : KnownNames
        Names of models, likelihoods, constants, form-factor sets and data that exist.

    Returns
    -------
    AnalysisSpec

    Raises
    ------
    AnalysisError
        The analysis cannot be read or has faults; the message has one line for each, with file,
        line, key, what is wrong and what was allowed.
    """
    return validate(read_source(source), known)


def validate(source: Located, known: KnownNames) -> AnalysisSpec:
    """Check an analysis that was read already.

    Parameters
    ----------
    source : Located
        From ``yaml_source.read_source``.
    known : KnownNames
        Names that exist.

    Returns
    -------
    AnalysisSpec
        With the default form-factor sets filled in, and the constants that float by default where
        some data are used.

    Raises
    ------
    AnalysisError
        The analysis has faults.
    """
    try:
        spec = AnalysisSpec.model_validate(source.data)
    except ValidationError as error:
        raise_faults(faults_of(error, source.data), source)
        raise  # not reached: a pydantic error has at least one fault
    spec = _with_default_inputs(_with_default_sets(spec, known), known)
    raise_faults(check_spec(spec, known), source)
    return spec


def _with_default_sets(spec: AnalysisSpec, known: KnownNames) -> AnalysisSpec:
    """Copy in which form factors without a set have the default one of their process."""
    filled = {
        process: entry
        if entry.set
        else entry.model_copy(update={"set": known.default_sets.get(process, "")})
        for process, entry in spec.form_factors.items()
    }
    return spec.model_copy(update={"form_factors": filled})


def _with_default_inputs(spec: AnalysisSpec, known: KnownNames) -> AnalysisSpec:
    """Copy in which constants float that some of the data cannot tell from new physics."""
    wanted = {
        name: FreeSpec(prior=PriorSpec.model_validate({"normal": list(normal)}))
        for entry in spec.likelihoods
        if entry.by_name
        for member in _members(entry.name, spec, known)
        for name, normal in known.default_inputs.get(member, {}).items()
    }
    return spec.model_copy(update={"inputs": {**spec.inputs, **_without(wanted, spec.inputs)}})


def _members(name: str, spec: AnalysisSpec, known: KnownNames) -> list[str]:
    """Likelihoods that a name brings: itself, or members of a group that are not left out."""
    if not spec.exclude or name not in known.members:
        return [name]
    return [member for member in known.members[name] if member not in spec.exclude]


def _without(entries: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: entry for name, entry in entries.items() if name not in names}
