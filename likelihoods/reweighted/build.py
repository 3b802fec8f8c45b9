"""Terms from workspaces of one's own: with number densities, or one parameter that is predicted.

The arguments are the keys of an analysis file:

    reweighted_term("belle2-2027-ks", workspace="likelihood.json", fix={"mu": 1},
        theory_modifiers=["corr_ff_c1"], cutoff={"q2": [0, 22.885]}, null_spectrum="null.csv",
        bins={"q2": [-1, {"start": 0, "stop": 22.885, "bins": 100}]},
        signal=[{"channel": "sgn1_had", "sample": "sgn_1_had",
                 "observable": "dBR/dq2(B0->KSnunu)", "density": "density.csv"}])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError, UnknownNameError
from ..histfactory.compiling.workspace import Workspace, read_workspace
from ..histfactory.file_text import FileText
from .density import Bins, read_density
from .null import null_of
from .process import NumberProcess, SpectrumProcess
from .signal import ReweightedSignal, SignalEntry
from .term import ReweightedTerm

__all__ = ["pyhf_term", "reweighted_term"]

_ENTRY = ("channel", "sample", "observable", "density")
_OWN = ("bins", "cutoff", "null_spectrum")


def reweighted_term(
    name: str,
    *,
    workspace: Mapping[str, Any] | str | Path | FileText,
    signal: Sequence[Mapping[str, Any]],
    bins: Mapping[str, Sequence[Any]] | None = None,
    null_spectrum: Any = None,
    cutoff: Mapping[str, Sequence[float]] | None = None,
    fix: Mapping[str, float] | None = None,
    theory_modifiers: Iterable[str] = (),
    measurement: str | None = None,
    patch: str | None = None,
    patchset: Mapping[str, Any] | str | Path | FileText | None = None,
    interpolation: Mapping[str, str | int] | None = None,
    description: str = "",
    data: Sequence[str] = (),
    nuisances: str = "profile",
    template_errors: str = "published",
    response: str = "published",
    directory: str | Path | None = None,
) -> ReweightedTerm:
    """A likelihood term from a workspace, joint number densities and a null spectrum.

    Parameters
    ----------
    name : str
    workspace : mapping, str or Path
        pyhf JSON, or its file.
    signal : sequence of mapping
        One entry a weighted sample: channel, sample, observable (``dBR/dq2(...)``, or
        ``d2BR/dq2dcos(...)`` for K*), density (file or array). An entry may have bins, cutoff and
        null_spectrum of its own.
    bins : mapping of str to sequence
        Edges of the kinematic bins by variable (q2 in GeV^2, cos), the first slowest.
    null_spectrum : str, Path, array or mapping
        Branching fraction per kinematic bin that the simulation was made with; or observable,
        form_factors and inputs of a Standard Model prediction.
    cutoff : mapping of str to (float, float), optional
        Columns outside keep weight 1.
    fix : mapping of str to float, optional
        Parameters that are held; the prediction takes the place of the parameter of interest.
    theory_modifiers : iterable of str, optional
        Modifiers left out since the analysis floats what they stand for.
    measurement, patch, patchset, interpolation
        As for `histfactory.compiling.workspace.read_workspace`.
    description : str, optional
    data : sequence of str, optional
        Identifiers of the data, for the overlap table; the name by default.
    nuisances, template_errors, response
        As for `ReweightedTerm`.
    directory : str or Path, optional
        Where relative files are; the working directory by default.

    Returns
    -------
    ReweightedTerm

    Raises
    ------
    DataError
        In one sentence, for whatever does not fit.
    UnknownNameError
        For an observable that is not known.
    """
    read = read_workspace(
        located(workspace, directory),
        measurement,
        patch,
        located(patchset, directory),
        interpolation,
        name,
    )
    if not isinstance(signal, Sequence) or not all(isinstance(e, Mapping) for e in signal):
        raise DataError(f"{name}: signal is a list of entries with {', '.join(_ENTRY)}")
    shared = {"bins": bins, "cutoff": cutoff, "null_spectrum": null_spectrum}
    entries = [_entry(name, read, entry, shared, directory) for entry in signal]
    made = ReweightedSignal.of(name, read, entries, theory_modifiers, fix)
    return ReweightedTerm(made, description, tuple(data), nuisances, template_errors, response)


def _entry(
    name: str,
    workspace: Workspace,
    entry: Mapping[str, Any],
    shared: Mapping[str, Any],
    directory: str | Path | None,
) -> SignalEntry:
    for key in entry:
        if key not in (*_ENTRY, *_OWN):
            raise UnknownNameError("key", key, (*_ENTRY, *_OWN), f"{name}: signal")
    if missing := [key for key in _ENTRY if key not in entry]:
        raise DataError(f"{name}: an entry of signal needs {missing[0]}")
    given = {key: entry.get(key, shared[key]) for key in _OWN}
    observable = entry["observable"]
    for key in ("bins", "null_spectrum"):
        if given[key] is None:
            raise DataError(f"{name}: {key} of {observable} is needed")
    bins = Bins.of(name, given["bins"], given["cutoff"])
    process = spectrum_process(name, observable, bins, located(given["null_spectrum"], directory))
    sample = workspace.sample(entry["channel"], entry["sample"])
    label = f"sample {entry['sample']!r} of {entry['channel']!r}"
    density = read_density(name, located(entry["density"], directory), sample.data, bins, label)
    return SignalEntry(entry["channel"], entry["sample"], process, density)


def spectrum_process(name: str, observable: str, bins: Bins, null_spectrum: Any) -> SpectrumProcess:
    """Process of one observable in kinematic bins, checked.

    Parameters
    ----------
    name : str
        Of the term, for errors.
    observable : str
    bins : Bins
    null_spectrum
        As for `reweighted_term`.

    Returns
    -------
    SpectrumProcess

    Raises
    ------
    DataError
        If the observable and the bins do not fit, or the null spectrum does not.
    """
    from .process import ANGLE, mode_of

    mode_of(observable)
    double = observable.startswith("d2BR/dq2dcos(")
    if double != (ANGLE in bins.edges):
        needed = "q2 and cos" if double else "q2"
        raise DataError(
            f"{name}: {observable} needs bins of {needed}, not " + ", ".join(bins.edges)
        )
    null = null_of(name, null_spectrum, observable, bins)
    return SpectrumProcess(observable, bins.inner_edges, null)


def located(source: Any, directory: str | Path | None) -> Any:
    """A file relative to a directory; anything else as it is."""
    if directory is None or not isinstance(source, str | Path):
        return source
    return Path(directory) / source


def pyhf_term(
    name: str,
    *,
    file: Mapping[str, Any] | str | Path | FileText,
    parameter_map: Mapping[str, str],
    fix: Mapping[str, float] | None = None,
    measurement: str | None = None,
    patch: str | None = None,
    patchset: Mapping[str, Any] | str | Path | FileText | None = None,
    interpolation: Mapping[str, str | int] | None = None,
    description: str = "",
    data: Sequence[str] = (),
    nuisances: str = "profile",
    directory: str | Path | None = None,
) -> ReweightedTerm:
    """A likelihood term from a workspace in which norm factors are observables.

    Parameters
    ----------
    name : str
    file : mapping, str or Path
        pyhf JSON, or its file.
    parameter_map : mapping of str to str
        Norm factors and the scalar observables that they are, such as ``{mu: RK(nunu)}``.
    fix, measurement, patch, patchset, interpolation, description, data, nuisances, directory
        As for `reweighted_term`.

    Returns
    -------
    ReweightedTerm

    Raises
    ------
    DataError
        If a parameter is no norm factor, or two of them multiply one sample.
    UnknownNameError
        For an observable that is not known.
    """
    from ...physics.observables import observable

    read = read_workspace(
        located(file, directory),
        measurement,
        patch,
        located(patchset, directory),
        interpolation,
        name,
    )
    processes: dict[str, NumberProcess] = {}
    for parameter, asked in parameter_map.items():
        if observable(asked).kinematics:
            raise DataError(f"{name}: {parameter} needs one number, and {asked} is a spectrum")
        processes[parameter] = NumberProcess(asked, np.ones(1))
    entries, seen = [], set()
    for channel, sample, modifier in read.modifiers():
        if modifier.name not in parameter_map:
            continue
        if modifier.type != "normfactor":
            raise DataError(
                f"{name}: {modifier.name!r} is a {modifier.type}, parameter_map needs norm factors"
            )
        seen.add(modifier.name)
        density = np.stack([np.zeros(channel.bins), sample.data], axis=1)
        entries.append(SignalEntry(channel.name, sample.name, processes[modifier.name], density))
    if missing := sorted(set(parameter_map) - seen):
        raise DataError(f"{name}: the workspace has no norm factor {missing[0]!r}")
    for parameter in parameter_map:
        if isinstance(fix, Mapping) and fix.get(parameter, 1.0) != 1.0:
            raise DataError(
                f"{name}: {parameter} is predicted (parameter_map) and cannot be held at "
                f"{fix[parameter]!r}"
            )
    fixed = {**(fix or {}), **dict.fromkeys(parameter_map, 1.0)}
    made = ReweightedSignal.of(name, read, entries, (), fixed)
    return ReweightedTerm(made, description, tuple(data), nuisances)
