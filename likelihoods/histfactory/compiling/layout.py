"""Where each sample of a workspace goes in the arrays of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..interpolation import Array
from .workspace import Channel, Sample, Workspace

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """Where each sample of each channel goes: slot and bins.

    Attributes
    ----------
    workspace : Workspace
    bins : dict of str to slice
        By channel.
    samples : dict of str to dict of int to str
        Names of samples by channel and slot; weighted ones come first.
    shape : (int, int)
        Slots and bins.
    signals : int
        Slots of weighted samples.
    observed : (B,) array
    """

    workspace: Workspace
    bins: dict[str, slice]
    samples: dict[str, dict[int, str]]
    shape: tuple[int, int]
    signals: int
    observed: Array

    @classmethod
    def of(cls, workspace: Workspace, signals: Mapping[str, Sequence[str]]) -> Layout:
        """Layout of a workspace with the weighted samples of each channel."""
        for channel, names in signals.items():
            for name in names:
                workspace.sample(channel, name)
        depth = max((len(names) for names in signals.values()), default=1) or 1
        bins: dict[str, slice] = {}
        samples: dict[str, dict[int, str]] = {}
        start = 0
        for entry in workspace.channels:
            bins[entry.name] = slice(start, start + entry.bins)
            start += entry.bins
            own = tuple(signals.get(entry.name, ()))
            others = [each.name for each in entry.samples if each.name not in own]
            samples[entry.name] = dict(enumerate(own)) | dict(enumerate(others, start=depth))
        slots = 1 + max(max(entry) for entry in samples.values())
        observed = np.concatenate([channel.observed for channel in workspace.channels])
        return cls(workspace, bins, samples, (slots, start), depth, observed)

    def place(self, channel: Channel, sample: Sample) -> tuple[int, slice]:
        """Slot and bins of a sample."""
        names = self.samples[channel.name]
        slot = next(slot for slot, name in names.items() if name == sample.name)
        return slot, self.bins[channel.name]
