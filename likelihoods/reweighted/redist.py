"""Models saved by redist (2402.08417), of its versions 1.x and 2.0.

The file has the pyhf specification with one custom modifier for each reweighted sample, and for
each custom modifier its map (analysis bins times kinematic bins), its bins, its cutoff and the new
parameters of its theory. These parameters are dropped: a model of ours takes their place. Neither
version stores the null spectrum. In 1.x there is one modifier and no list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import BsinvError, DataError
from ..histfactory.compiling.workspace import Workspace, read_workspace
from ..histfactory.file_text import FileText, read_json
from .build import located, spectrum_process
from .density import Bins, read_density
from .process import SpectrumProcess
from .signal import ReweightedSignal, SignalEntry
from .term import ReweightedTerm

__all__ = ["redist_term", "saved_workspace"]


def redist_term(
    name: str,
    *,
    file: Mapping[str, Any] | str | Path | FileText,
    observable: str | Sequence[str],
    null_spectrum: Any,
    fix: Mapping[str, float] | None = None,
    theory_modifiers: Iterable[str] = (),
    cutoff: Mapping[str, Sequence[float]] | None = None,
    observations: Mapping[str, Sequence[float]] | None = None,
    interpolation: Mapping[str, str | int] | None = None,
    description: str = "",
    data: Sequence[str] = (),
    nuisances: str = "profile",
    template_errors: str = "published",
    response: str = "published",
    directory: str | Path | None = None,
) -> ReweightedTerm:
    """A likelihood term from a model saved by redist.

    Parameters
    ----------
    name : str
    file : mapping, str or Path
        What redist saves, or its file.
    observable : str, or sequence of str
        Of all custom modifiers, or one for each in the order of the file.
    null_spectrum
        As for `build.reweighted_term`; a list of files or mappings, one for each modifier, is
        allowed.
    cutoff : mapping, optional
        In place of that of the file.
    observations : mapping of str to sequence, optional
        Observed counts by channel, where the file has none.
    fix, theory_modifiers, interpolation, description, data, directory
        As for `build.reweighted_term`.
    nuisances, template_errors, response
        As for `ReweightedTerm`.

    Returns
    -------
    ReweightedTerm
        Its `notes()` name the parameters that were dropped.

    Raises
    ------
    DataError
        In one sentence, for whatever does not fit.
    """
    content = _content(name, located(file, directory))
    with _as_saved(name):
        modifiers = _modifiers(name, content)
        plain = _workspace(name, content, set(modifiers), observations)
    workspace = read_workspace(
        plain,
        None,
        None,
        None,
        interpolation,
        name,
    )
    observables = _each(name, "observable", observable, len(modifiers), (str,))
    nulls = _each(
        name, "null_spectrum", null_spectrum, len(modifiers), (str, Path, FileText, Mapping)
    )
    entries = []
    for (modifier, saved), asked, null in zip(modifiers.items(), observables, nulls, strict=True):
        with _as_saved(name):
            own, variables = cutoff or _cutoff(saved), _variables(name, saved["bins"], asked)
        bins = Bins.of(name, variables, own)
        process = spectrum_process(name, asked, bins, located(null, directory))
        with _as_saved(name):
            entries += _entries(
                name, content["spec"], modifier, saved["map"], workspace, bins, process
            )
    made = ReweightedSignal.of(name, workspace, entries, theory_modifiers, fix)
    term = ReweightedTerm(made, description, tuple(data), nuisances, template_errors, response)
    term.origin = _origin(name, modifiers)
    return term


def saved_workspace(name: str, source: Mapping[str, Any] | str | Path | FileText) -> dict[str, Any]:
    """Workspace in a model saved by redist, without its own modifiers: pyhf's JSON.

    Raises
    ------
    DataError
        If it is no such model.
    """
    content = _content(name, source)
    with _as_saved(name):
        return _workspace(name, content, set(_modifiers(name, content)), None)


def _content(name: str, source: Mapping[str, Any] | str | Path | FileText) -> Mapping[str, Any]:
    content = source if isinstance(source, Mapping) else read_json(source, name)
    needed = ("spec", "name", "new_pars", "map", "bins")
    missing = [key for key in needed if key not in content]
    if missing:
        raise DataError(
            f"{name}: a file saved by redist has {', '.join(needed)}; {missing[0]} is missing"
        )
    return content


@contextmanager
def _as_saved(name: str) -> Iterator[None]:
    """Say in one sentence that a file is not what redist saves."""
    try:
        yield
    except BsinvError:
        raise
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DataError(
            f"{name}: the file is not as redist saves it: {type(error).__name__}: {error}"
        ) from None


def _modifiers(name: str, content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What is saved of each custom modifier, by name, for either version."""
    single = isinstance(content["name"], str)
    names = [content["name"]] if single else list(content["name"])
    found: dict[str, dict[str, Any]] = {}
    for index, modifier in enumerate(names):
        saved: dict[str, Any] = {}
        for key in ("map", "bins", "new_pars", "cutoff", "weight_bound", "allow_negative_weights"):
            value = content.get(key)
            saved[key] = value if single or value is None else value[index]
        if saved["weight_bound"] is not None or saved["allow_negative_weights"]:
            raise DataError(
                f"{name}: {modifier!r} bounds its weights or allows negative ones, which is no "
                "prediction of a rate: not supported"
            )
        found[modifier] = saved
    return found


def _cutoff(saved: Mapping[str, Any]) -> dict[str, Sequence[float]] | None:
    if saved["cutoff"] is None:
        return None
    return dict(zip(("q2", "cos"), saved["cutoff"], strict=False))


def _variables(name: str, bins: Sequence[Any], observable: str) -> dict[str, Sequence[float]]:
    """Bins by variable; the transposed maps of redist have the first variable slowest."""
    variables = ("q2", "cos") if observable.startswith("d2BR") else ("q2",)
    if len(bins) != len(variables):
        raise DataError(
            f"{name}: {observable} needs bins of {' and '.join(variables)}, the file has "
            f"{len(bins)} variables"
        )
    return dict(zip(variables, bins, strict=True))


def _workspace(
    name: str,
    content: Mapping[str, Any],
    custom: set[str],
    observations: Mapping[str, Sequence[float]] | None,
) -> dict[str, Any]:
    """Pyhf JSON without the custom modifiers."""
    spec = content["spec"]
    channels = []
    for channel in spec["channels"]:
        samples = [
            {
                **sample,
                "modifiers": [each for each in sample["modifiers"] if each["type"] not in custom],
            }
            for sample in channel["samples"]
        ]
        channels.append({**channel, "samples": samples})
    parameters = spec.get("parameters", [])
    return {
        "channels": channels,
        "observations": _observations(name, content, channels, observations),
        "measurements": [{"name": "redist", "config": {"poi": "", "parameters": parameters}}],
        "version": "1.0.0",
    }


def _observations(
    name: str,
    content: Mapping[str, Any],
    channels: Sequence[Mapping[str, Any]],
    observations: Mapping[str, Sequence[float]] | None,
) -> list[dict[str, Any]]:
    if observations is not None:
        return [{"name": channel, "data": list(data)} for channel, data in observations.items()]
    if "data" not in content:
        raise DataError(f"{name}: the file has no data: observations are needed, by channel")
    # Channels in pyhf's data are sorted by name; auxiliary data, if saved too, come after them.
    data, start, found = np.asarray(content["data"], float).ravel(), 0, []
    for channel in sorted(channels, key=lambda entry: str(entry["name"])):
        size = len(channel["samples"][0]["data"])
        found.append({"name": channel["name"], "data": data[start : start + size].tolist()})
        start += size
    if start > len(data):
        raise DataError(f"{name}: the file has {len(data)} observed counts for {start} bins")
    return found


def _entries(
    name: str,
    spec: Mapping[str, Any],
    modifier: str,
    table: Any,
    workspace: Workspace,
    bins: Bins,
    process: SpectrumProcess,
) -> list[SignalEntry]:
    """Samples that a custom modifier weights; the map has their bins one after the other."""
    density, start = np.asarray(table, float), 0
    density = density.reshape(len(density), -1)
    entries = []
    # pyhf lays entries out by name: samples, and for each of them channels.
    weighted = sorted(
        (sample["name"], channel["name"])
        for channel in spec["channels"]
        for sample in channel["samples"]
        if any(each["type"] == modifier for each in sample["modifiers"])
    )
    for sample, channel in weighted:
        nominal = workspace.sample(channel, sample).data
        rows = density[start : start + len(nominal)]
        start += len(nominal)
        label = f"sample {sample!r} of {channel!r}"
        own = read_density(name, rows, nominal, bins, label)
        entries.append(SignalEntry(channel, sample, process, own))
    if start != len(density):
        raise DataError(
            f"{name}: the map of {modifier!r} has {len(density)} rows, the samples with it have "
            f"{start} bins"
        )
    return entries


def _each(name: str, key: str, value: Any, size: int, single: tuple[type, ...]) -> list[Any]:
    """One value for each modifier."""
    if isinstance(value, (np.ndarray, *single)):
        return [value] * size
    if len(value) != size:
        raise DataError(f"{name}: {key} has {len(value)} entries for {size} reweighted modifiers")
    return list(value)


def _origin(name: str, modifiers: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    dropped = sorted({parameter for saved in modifiers.values() for parameter in saved["new_pars"]})
    if not dropped:
        return ()
    return (
        f"{name}: parameters of the saved model that the prediction takes the place of: "
        + ", ".join(dropped)
        + ".",
    )
