"""Terms from HistFactory likelihoods that an analysis names, and those with nuisances in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from ..errors import BsinvError, DataError, ParameterError, UnknownNameError, did_you_mean
from ..likelihoods.base import Term
from ..likelihoods.histfactory.compiling.patch import apply_patch
from ..likelihoods.histfactory.file_text import FileText, read_json
from ..likelihoods.reweighted.build import pyhf_term, reweighted_term
from ..likelihoods.reweighted.joint import joint_term
from ..likelihoods.reweighted.process import Process, SpectrumProcess, mode_of
from ..likelihoods.reweighted.redist import redist_term
from ..likelihoods.reweighted.term import ReweightedTerm
from ..models import Model
from .analysis_file.own_workspaces import NullSpec, PyhfSpec, RedistSpec, ReweightedSpec
from .analysis_file.reading.attachments import MAX_WORKSPACE, Attachments
from .analysis_file.reading.source import Located
from .analysis_file.sections import AnalysisSpec, LikelihoodSpec
from .parameters.table import ParameterTable

__all__ = ["correlated_terms", "packable", "workspace_term"]

# Options of terms that such an entry takes.
_OPTIONS = {
    "reweighted": ("nuisances", "template_errors", "response", "form_factor_systematics"),
    "redist": ("nuisances", "template_errors", "response", "form_factor_systematics"),
    "pyhf": ("nuisances",),
}


def workspace_term(
    entry: LikelihoodSpec, table: ParameterTable, attached: Attachments, model: Model
) -> ReweightedTerm:
    """Term of an entry with a HistFactory likelihood.

    Parameters
    ----------
    entry : LikelihoodSpec
    table : ParameterTable
        Of which the form factors that float are asked.
    attached : Attachments
        Files that the entry names.
    model : Model

    Returns
    -------
    ReweightedTerm

    Raises
    ------
    BsinvError
        In one sentence, for whatever does not fit.
    """
    (kind,) = entry.workspaces
    options = dict(entry.options)
    for option in options:
        if option not in _OPTIONS[kind]:
            raise ParameterError(f"{entry.name!r} does not take the option {option}")
    kept = options.pop("form_factor_systematics", None)
    options["data"] = (entry.name, *(entry.data or ()))

    def file(name: str) -> FileText:
        return FileText(name, attached.text(name, MAX_WORKSPACE))

    if entry.pyhf is not None:
        term = pyhf_term(entry.name, **_plain_workspace(entry.pyhf, file), **options)
    elif entry.redist is not None:
        keys = _redist(entry.redist, file)
        term = _without_theory(redist_term, entry.name, keys | options, kept, table, model)
    elif entry.reweighted is not None:
        keys = _reweighted(entry.reweighted, file)
        term = _without_theory(reweighted_term, entry.name, keys | options, kept, table, model)
    else:
        raise DataError(f"{entry.name}: no workspace is given")
    term.own = True
    return term


def _plain_workspace(
    given: ReweightedSpec | PyhfSpec, file: Callable[[str], FileText]
) -> dict[str, Any]:
    """Arguments on the workspace itself, its patch set beside it where none is named."""
    key = "file" if isinstance(given, PyhfSpec) else "workspace"
    name = getattr(given, key)
    found: dict[str, Any] = {
        key: file(name),
        **_common(given),
        "measurement": given.measurement,
        "patch": given.patch,
    }
    if given.patch is not None:
        patchset = given.patchset or str(PurePath(name).with_name("patchset.json"))
        found["patchset"] = file(patchset)
    if isinstance(given, PyhfSpec):
        found["parameter_map"] = given.parameter_map
    return found


def _common(given: ReweightedSpec | RedistSpec | PyhfSpec) -> dict[str, Any]:
    return {key: getattr(given, key) for key in ("description", "fix", "interpolation")}


def _reweighted(given: ReweightedSpec, file: Callable[[str], FileText]) -> dict[str, Any]:
    signal = []
    for one in given.signal:
        entry = {key: getattr(one, key) for key in ("channel", "sample", "observable")}
        entry["density"] = file(one.density)
        entry |= _binning(one, file)
        signal.append(entry)
    shared = _binning(given, file)
    return {
        **_plain_workspace(given, file),
        **shared,
        "signal": signal,
        "theory_modifiers": given.theory_modifiers,
    }


def _binning(given: Any, file: Callable[[str], FileText]) -> dict[str, Any]:
    """Bins, cutoff and null spectrum, where they are given."""
    found = {key: getattr(given, key) for key in ("bins", "cutoff")}
    if given.null_spectrum is not None:
        found["null_spectrum"] = _null(given.null_spectrum, file)
    return {key: value for key, value in found.items() if value is not None}


def _null(given: str | NullSpec, file: Callable[[str], FileText]) -> Any:
    if isinstance(given, NullSpec):
        return given.model_dump(exclude_none=True)
    return file(given)


def _redist(given: RedistSpec, file: Callable[[str], FileText]) -> dict[str, Any]:
    nulls = [_null(one, file) for one in given.null_spectrum]
    observables = list(given.observable)
    return {
        "file": file(given.file),
        "observable": observables[0] if len(observables) == 1 else observables,
        "null_spectrum": nulls[0] if len(nulls) == 1 else nulls,
        **_common(given),
        "theory_modifiers": given.theory_modifiers,
        "cutoff": given.cutoff,
        "observations": given.observations,
    }


def _without_theory(
    build: Callable[..., ReweightedTerm],
    name: str,
    keys: Mapping[str, Any],
    kept: bool | None,
    table: ParameterTable,
    model: Model,
) -> ReweightedTerm:
    """Term in which the modifiers of form factors are left out if these float in the prediction."""
    theory = tuple(keys["theory_modifiers"])
    if kept is not None and not theory:
        raise ParameterError(f"{name!r}: form_factor_systematics goes with theory_modifiers")
    term = build(name, **{**keys, "theory_modifiers": ()})
    known = {modifier.name for _, _, modifier in term.signal.workspace.modifiers()}
    for one in theory:
        if one not in known:
            raise UnknownNameError("modifier", one, known, f"{name}: theory_modifiers")
        if one not in _acting(term):
            raise ParameterError(
                f"{name!r}: the modifier {one!r} of theory_modifiers acts on no weighted sample: "
                "it stands for no form factor of the prediction"
            )
    if not theory or kept:
        return term
    if kept is None and not _floating(name, term.signal.processes, table, model):
        return term
    return build(name, **keys)


def _acting(term: ReweightedTerm) -> set[str]:
    """Modifiers of the weighted samples."""
    weighted = {(entry.channel, entry.sample) for entry in term.signal.entries}
    return {
        modifier.name
        for channel, sample, modifier in term.signal.workspace.modifiers()
        if (channel.name, sample.name) in weighted
    }


def _floating(name: str, processes: Sequence[Process], table: ParameterTable, model: Model) -> bool:
    """Whether the form factors of the predictions float, so that their modifiers count twice."""
    # A scaled template keeps the modifiers of its simulation.
    if model.scales_template or not table.blocks:
        return False
    floats = {_floats(process, table) for process in processes}
    if len(floats) > 1:
        raise ParameterError(
            f"{name!r}: the form factors of a part of its signals float: say with "
            "form_factor_systematics whether theory_modifiers are kept (true) or left out (false)"
        )
    return floats.pop()


def _floats(process: Process, table: ParameterTable) -> bool:
    from ..physics.transitions import transition

    mode = mode_of(process.observable) if isinstance(process, SpectrumProcess) else None
    if mode is None:
        return False
    used = {transition(channel).form_factors for channel, _ in mode.channels}
    return bool(used & set(table.blocks))


def correlated_terms(
    spec: AnalysisSpec, terms: Sequence[Term], source: Located
) -> tuple[Term, ...]:
    """Terms of an analysis, those with nuisance parameters in common as one.

    Parameters
    ----------
    spec : AnalysisSpec
    terms : sequence of Term
    source : Located
        The analysis as read, for file and lines.

    Returns
    -------
    tuple of Term
        A joint term stands where the first of its terms stood.

    Raises
    ------
    AnalysisError
        For a term or a parameter that is not there, different constraints, and so on.
    """
    by_name = {term.name: term for term in terms}
    for index, group in enumerate(spec.correlate):
        for name in group:
            sentence = _refused(name, by_name)
            if sentence:
                raise source.mistake(sentence, ("correlate", index, name))
    found = list(terms)
    for members in _components(spec.correlate):
        indices = [i for i, group in enumerate(spec.correlate) if set(group) <= members]
        joined = [term for term in terms if term.name in members]
        groups = [spec.correlate[i] for i in indices]
        try:
            joint = joint_term([one for one in joined if isinstance(one, ReweightedTerm)], groups)
        except BsinvError as error:
            raise source.mistake(_sentence(error), ("correlate", indices[0])) from error
        joint.own = any(one.own for one in joined)
        found[found.index(joined[0])] = joint
        found = [term for term in found if term not in joined]
    return tuple(found)


def _refused(name: str, terms: Mapping[str, Term]) -> str:
    """Why a term cannot be correlated; empty if it can."""
    known = [one for one, term in terms.items() if isinstance(term, ReweightedTerm)]
    if name not in terms:
        return f"no likelihood {name!r} in this analysis{did_you_mean(name, known)}"
    if name not in known:
        return f"{name!r} is no HistFactory likelihood: it has no nuisance parameters by name."
    return ""


def _sentence(error: BsinvError) -> str:
    text = str(error)
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _components(groups: Sequence[Mapping[str, str]]) -> list[set[str]]:
    """Sets of terms that have parameters in common, directly or through others."""
    found: list[set[str]] = []
    for group in groups:
        members = set(group)
        apart = [one for one in found if not one & members]
        for one in found:
            if one & members:
                members |= one
        found = [*apart, members]
    return found


def packable(
    spec: AnalysisSpec, files: Mapping[str, str], name: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Arguments of `likelihoods.reweighted.pack.pack` for an entry of an analysis.

    Parameters
    ----------
    spec : AnalysisSpec
    files : mapping of str to str
        Texts of the files that it names.
    name : str, optional
        Of the entry; needed where there are several.

    Returns
    -------
    name : str
    arguments : dict
        With the patch applied.

    Raises
    ------
    UnknownNameError
        If there is no such entry with `reweighted`.
    ParameterError
        If there is none at all, or it is not said which.
    """
    entries = {one.name: one.reweighted for one in spec.likelihoods if one.reweighted is not None}
    if not entries:
        raise ParameterError(f"{spec.name}: no likelihood with reweighted, which could be packed")
    if name is None and len(entries) > 1:
        raise ParameterError(f"{spec.name}: say which to pack: {', '.join(entries)}")
    chosen = next(iter(entries)) if name is None else name
    if chosen not in entries:
        raise UnknownNameError("likelihood with reweighted", chosen, entries, spec.name)
    attached = Attachments.of(None, files)

    def file(wanted: str) -> FileText:
        return FileText(wanted, attached.text(wanted, MAX_WORKSPACE))

    found = _reweighted(entries[chosen], file)
    workspace: Any = read_json(found["workspace"], chosen)
    patch, patchset = found.pop("patch"), found.pop("patchset", None)
    if patch is not None:
        workspace = apply_patch(workspace, chosen, patch, read_json(patchset, chosen))
    kept = {key: value for key, value in found.items() if value not in (None, {}, (), "")}
    return chosen, {**kept, "workspace": workspace}
