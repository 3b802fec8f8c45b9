"""Workspaces in pyhf's JSON: read, patched, checked, described.

A workspace has channels of samples with modifiers, observations, and measurements that configure
parameters. What is wrong with one is said in one sentence each (`explain`), all at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....errors import DataError
from ..file_text import FileText, read_json
from ..interpolation import Array
from .checks import problems
from .modifiers import HISTOGRAM_CODES, MODIFIERS, SCALE_CODES
from .patch import apply_patch

__all__ = [
    "Channel",
    "Modifier",
    "Sample",
    "Workspace",
    "describe_workspace",
    "explain",
    "read_workspace",
]


# Observed counts of a channel that a description writes out.
MOST_SHOWN = 12


@dataclass(frozen=True)
class Modifier:
    """A modifier of a sample: `name`, `type`, and `data` as in the file."""

    name: str
    type: str
    data: Any


@dataclass(frozen=True)
class Sample:
    """A sample of a channel: nominal counts and modifiers."""

    name: str
    data: Array
    modifiers: tuple[Modifier, ...]


@dataclass(frozen=True)
class Channel:
    """A channel: samples and observed counts."""

    name: str
    samples: tuple[Sample, ...]
    observed: Array

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.observed)


@dataclass(frozen=True)
class Workspace:
    """A checked workspace with one measurement.

    Attributes
    ----------
    name : str
        For errors: the file, or what it is called.
    channels : tuple of Channel
    parameters : mapping of str to mapping
        Configuration of parameters, by name: inits, bounds, auxdata, sigmas, fixed.
    poi : str or None
        Parameter of interest of the measurement.
    codes : (str, str)
        Interpolation codes of histograms and normalisations.
    """

    name: str
    channels: tuple[Channel, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    poi: str | None = None
    codes: tuple[str, str] = ("4p", "4")

    def modifiers(self) -> Iterator[tuple[Channel, Sample, Modifier]]:
        """All modifiers, with the channel and sample they belong to."""
        for channel in self.channels:
            for sample in channel.samples:
                for modifier in sample.modifiers:
                    yield channel, sample, modifier

    def sample(self, channel: str, sample: str) -> Sample:
        """A sample by the names of its channel and its own.

        Raises
        ------
        DataError
            If there is none; the message lists what there is.
        """
        for entry in self.channels:
            if entry.name == channel:
                for found in entry.samples:
                    if found.name == sample:
                        return found
                known = ", ".join(each.name for each in entry.samples)
                raise DataError(
                    f"{self.name}: channel {channel!r} has no sample {sample!r}, but {known}"
                )
        known = ", ".join(entry.name for entry in self.channels)
        raise DataError(f"{self.name}: no channel {channel!r}, but {known}")


def read_workspace(
    source: Mapping[str, Any] | str | Path | FileText,
    measurement: str | None = None,
    patch: str | None = None,
    patchset: Mapping[str, Any] | str | Path | FileText | None = None,
    interpolation: Mapping[str, str | int] | None = None,
    name: str | None = None,
) -> Workspace:
    """Read and check a workspace.

    Parameters
    ----------
    source : mapping, str, Path or FileText
        pyhf JSON, or its file.
    measurement : str, optional
        Name of the measurement, needed where there are several.
    patch : str, optional
        Name of a patch of the patch set.
    patchset : mapping, str or Path, optional
        pyhf patch set, or its file; by default the ``patchset.json`` beside the file.
    interpolation : mapping, optional
        Codes by type of modifier: ``histosys`` 0, 2 or 4p (default), ``normsys`` 1 or 4 (default).
    name : str, optional
        For errors; the file by default.

    Returns
    -------
    Workspace

    Raises
    ------
    DataError
        With the first sentence of `explain`.
    """
    content, name = _content(source, name)
    if patch is not None:
        content = apply_patch(content, name, patch, _patchset(source, patchset, name))
    found = problems(content, name, measurement)
    if found:
        raise DataError(found[0])
    codes = _codes(name, interpolation or {})
    observed = {entry["name"]: entry["data"] for entry in content["observations"]}
    channels = tuple(
        Channel(
            channel["name"],
            tuple(
                Sample(
                    sample["name"],
                    np.asarray(sample["data"], float),
                    tuple(
                        Modifier(entry["name"], entry["type"], entry.get("data"))
                        for entry in sample.get("modifiers") or ()
                    ),
                )
                for sample in channel["samples"]
            ),
            np.asarray(observed[channel["name"]], float),
        )
        for channel in content["channels"]
    )
    config = _measurement(content, measurement)
    parameters = {entry["name"]: entry for entry in config.get("parameters") or ()}
    return Workspace(name, channels, parameters, config.get("poi") or None, codes)


def explain(
    source: Mapping[str, Any] | str | Path | FileText,
    measurement: str | None = None,
    name: str | None = None,
) -> list[str]:
    """What keeps a workspace from being used, one sentence each; empty if nothing does.

    Parameters
    ----------
    source : mapping, str, Path or FileText
        pyhf JSON, or its file.
    measurement : str, optional
        As for `read_workspace`.
    name : str, optional
        For the sentences; the file by default.

    Returns
    -------
    list of str
    """
    try:
        content, name = _content(source, name)
    except DataError as error:
        return [str(error)]
    return problems(content, name, measurement)


def describe_workspace(workspace: Workspace) -> list[str]:
    """Channels, samples and modifiers, a line each, for printing.

    Parameters
    ----------
    workspace : Workspace

    Returns
    -------
    list of str
    """
    lines = []
    for channel in workspace.channels:
        lines.append(
            f"channel {channel.name}: {channel.bins} bins, {channel.observed.sum():g} observed: "
            + _few(channel.observed)
        )
        for sample in channel.samples:
            kinds: dict[str, list[str]] = {}
            for modifier in sample.modifiers:
                kinds.setdefault(modifier.type, []).append(modifier.name)
            listed = "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds.items())
            lines.append(
                f"  sample {sample.name}: {sample.data.sum():.6g} expected"
                + (f"; {listed}" if listed else "")
            )
    names = {modifier.name: modifier.type for _, _, modifier in workspace.modifiers()}
    counted = {
        kind: sum(found == kind for found in names.values())
        for kind in MODIFIERS
        if kind in names.values()
    }
    lines.append("modifiers: " + ", ".join(f"{size} {kind}" for kind, size in counted.items()))
    lines.append(f"parameter of interest: {workspace.poi or 'none'}")
    return lines


def _few(counts: Array) -> str:
    shown = " ".join(f"{count:g}" for count in counts[:MOST_SHOWN])
    return shown + (" ..." if len(counts) > MOST_SHOWN else "")


def _content(
    source: Mapping[str, Any] | str | Path | FileText, name: str | None
) -> tuple[Mapping[str, Any], str]:
    if isinstance(source, Mapping):
        return source, name or "workspace"
    if not isinstance(source, str | Path | FileText):
        raise DataError(
            f"{name or 'workspace'}: a workspace is a file or a mapping, not "
            f"{type(source).__name__}"
        )
    name = name or str(source)
    return read_json(source, name), name


def _patchset(
    source: Mapping[str, Any] | str | Path | FileText,
    patchset: Mapping[str, Any] | str | Path | FileText | None,
    name: str,
) -> Mapping[str, Any]:
    if patchset is None:
        if not isinstance(source, str | Path):
            raise DataError(f"{name}: a patch by name needs its patch set")
        patchset = Path(source).with_name("patchset.json")
    return _content(patchset, None if not isinstance(patchset, Mapping) else "patchset")[0]


def _codes(name: str, given: Mapping[str, str | int]) -> tuple[str, str]:
    if not isinstance(given, Mapping):
        raise DataError(f"{name}: interpolation is a mapping of type of modifier to code")
    codes = {"histosys": "4p", "normsys": "4"} | {
        kind: str(code).removeprefix("code") for kind, code in given.items()
    }
    allowed = {"histosys": HISTOGRAM_CODES, "normsys": SCALE_CODES}
    for kind, code in codes.items():
        if code not in allowed.get(kind, ()):
            raise DataError(
                f"{name}: interpolation code {code} of {kind} is not known: allowed are "
                + ", ".join(f"{known} {' or '.join(each)}" for known, each in allowed.items())
            )
    return codes["histosys"], codes["normsys"]


def _measurement(content: Mapping[str, Any], measurement: str | None) -> Mapping[str, Any]:
    for entry in content.get("measurements") or ():
        if measurement in (None, entry["name"]):
            config: Mapping[str, Any] = entry.get("config", {})
            return config
    return {}
