"""Compile a HistFactory workspace (pyhf JSON) to the arrays of `likelihoods.histfactory.model`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...errors import DataError
from .interpolation import Array, normalisation_coefficients
from .model import HistFactoryModel
from .parameters import Parameters

__all__ = ["compile_workspace"]


def compile_workspace(
    workspace: Mapping[str, Any],
    signal: Mapping[str, str],
    dropped: Iterable[str] = (),
) -> HistFactoryModel:
    """Compile a HistFactory workspace.

    Parameters
    ----------
    workspace : mapping
        pyhf JSON specification: channels, samples, modifiers, observations.
    signal : mapping
        Channel name to the name of its signal sample; channels without signal are absent.
    dropped : iterable of str, optional
        Modifiers left out. The form-factor modifiers go when the form factors float in the
        prediction itself, since they would be counted twice.

    Returns
    -------
    HistFactoryModel

    Raises
    ------
    DataError
        For a modifier that is not known, a bin factor shared between samples, an error of a
        sample given twice, or a name in `dropped` that the file does not have.
    """
    layout = _Layout(workspace, signal)
    collected = _collect(layout, frozenset(dropped))
    shape_names = tuple(sorted(collected.shapes))
    scale_keys = sorted(collected.scales)
    alpha_names = tuple(sorted({*shape_names, *(name for name, _, _ in scale_keys)}))
    position = {name: index for index, name in enumerate(alpha_names)}
    lo = np.array([key[1] for key in scale_keys])
    hi = np.array([key[2] for key in scale_keys])
    empty = np.zeros((0, *layout.shape))
    shapes = [collected.shapes[name] for name in shape_names]
    return HistFactoryModel(
        channels=tuple(layout.bins.items()),
        samples=tuple(layout.samples[name] for name in layout.bins),
        observed=layout.observed,
        nominal=collected.nominal,
        relative_error=collected.relative_error,
        shape_names=shape_names,
        scale_names=tuple(key[0] for key in scale_keys),
        odd=np.array([odd for odd, _ in shapes]) if shapes else empty,
        even=np.array([even for _, even in shapes]) if shapes else empty,
        log_lo=np.log(lo),
        log_hi=np.log(hi),
        coefficients=np.array(
            [normalisation_coefficients(low, high) for low, high in zip(lo, hi, strict=True)]
        ).T.reshape(7, -1),
        applies=np.array([collected.scales[key] for key in scale_keys]).reshape(-1, *layout.shape),
        shape_index=np.array([position[name] for name in shape_names], dtype=int),
        scale_index=np.array([position[key[0]] for key in scale_keys], dtype=int),
        parameters=Parameters.standard(alpha_names),
    )


class _Layout:
    """Where each sample of each channel goes: (slot, bins)."""

    def __init__(self, workspace: Mapping[str, Any], signal: Mapping[str, str]) -> None:
        self.channels = workspace["channels"]
        observed = {entry["name"]: entry["data"] for entry in workspace["observations"]}
        self.bins: dict[str, slice] = {}
        self.samples: dict[str, dict[int, str]] = {}
        start = 0
        for channel in self.channels:
            name, size = channel["name"], len(channel["samples"][0]["data"])
            self.bins[name] = slice(start, start + size)
            start += size
            names = [sample["name"] for sample in channel["samples"]]
            backgrounds = [entry for entry in names if entry != signal.get(name)]
            slots = dict(enumerate(backgrounds, start=1))
            self.samples[name] = {0: signal[name], **slots} if name in signal else slots
        depth = 1 + max(max(entry) for entry in self.samples.values())
        self.shape = (depth, start)
        self.observed = np.concatenate([np.asarray(observed[name], float) for name in self.bins])

    def slot(self, channel: str, sample: str) -> int:
        return next(slot for slot, name in self.samples[channel].items() if name == sample)


class _Collected:
    """Arrays filled while walking over the modifiers of a workspace."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.nominal = np.zeros(shape)
        self.relative_error = np.zeros(shape)
        self.shapes: dict[str, tuple[Array, Array]] = {}
        self.scales: dict[tuple[str, float, float], Array] = {}
        self.staterrors: set[str] = set()
        self.strengths: set[str] = set()

    def add(self, modifier: Mapping[str, Any], place: tuple[int, slice], data: Array) -> None:
        kind, name, content = modifier["type"], modifier["name"], modifier["data"]
        if kind == "staterror":
            if name in self.staterrors:
                raise DataError(f"bin factor {name!r} is shared between samples: not supported")
            self.staterrors.add(name)
            self.relative_error[place] = np.asarray(content, float) / data
        elif kind == "histosys":
            odd, even = self.shapes.setdefault(name, (np.zeros(self.shape), np.zeros(self.shape)))
            lo, hi = np.asarray(content["lo_data"]), np.asarray(content["hi_data"])
            odd[place] = 0.5 * (hi - lo)
            even[place] = (hi + lo - 2.0 * data) / 16.0
        elif kind == "normsys":
            key = (name, float(content["lo"]), float(content["hi"]))
            self.scales.setdefault(key, np.zeros(self.shape))[place] = 1.0
        elif kind == "normfactor" and place[0] == 0 and self.strengths <= {name}:
            self.strengths.add(name)  # the signal weights take its place
        else:
            raise DataError(
                f"modifier {name!r} of type {kind!r}: allowed are staterror, histosys, normsys "
                "and one normfactor on the signal"
            )


def _collect(layout: _Layout, dropped: frozenset[str]) -> _Collected:
    collected = _Collected(layout.shape)
    seen = set()
    for channel in layout.channels:
        bins = layout.bins[channel["name"]]
        for sample in channel["samples"]:
            place = (layout.slot(channel["name"], sample["name"]), bins)
            data = np.asarray(sample["data"], float)
            collected.nominal[place] = data
            for modifier in sample["modifiers"]:
                seen.add(modifier["name"])
                if modifier["name"] not in dropped:
                    collected.add(modifier, place, data)
    if missing := dropped - seen:
        raise DataError(f"modifiers to drop that the workspace does not have: {sorted(missing)}")
    return collected
