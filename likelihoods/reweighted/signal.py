"""A compiled workspace together with what weights its signal.

The weight of the signal of analysis bin x is, with its density n(x, b) (2402.08417, 2507.12393),

    w_x = [n(x, 0) w_0 + sum_b n(x, b) dB_b / dB_b^null] / sum_b n(x, b),

where column 0 holds events outside the kinematic bins. It multiplies the signal after all its
systematic variations, as in redist. All processes of a workspace are columns of one prediction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...errors import DataError, PredictionError
from ..base import Array
from ..histfactory.compiling.compile import compile_workspace
from ..histfactory.compiling.workspace import Workspace
from ..histfactory.model import HistFactoryModel
from ..histfactory.profile import Profiler
from .process import Process

__all__ = ["ReweightedSignal", "SignalEntry"]


@dataclass(frozen=True)
class SignalEntry:
    """A weighted sample of a channel.

    Attributes
    ----------
    channel, sample : str
    process : Process
    density : (X, columns) array
        Nominal events of each analysis bin by column of the process.
    """

    channel: str
    sample: str
    process: Process
    density: Array


@dataclass(frozen=True)
class ReweightedSignal:
    """A workspace, its weighted samples, and how it is compiled.

    Attributes
    ----------
    name : str
        Of the term, for errors.
    workspace : Workspace
    entries : tuple of SignalEntry
    dropped : frozenset of str
        Modifiers left out.
    fixed : mapping of str to float
        Parameters that are held.
    """

    name: str
    workspace: Workspace
    entries: tuple[SignalEntry, ...]
    dropped: frozenset[str]
    fixed: Mapping[str, float]

    @classmethod
    def of(
        cls,
        name: str,
        workspace: Workspace,
        entries: Sequence[SignalEntry],
        dropped: Iterable[str] = (),
        fixed: Mapping[str, float] | None = None,
    ) -> ReweightedSignal:
        """Check that each sample is weighted once, and that there is one.

        Entries with equal processes share the columns of one.

        Raises
        ------
        DataError
        """
        places = [(entry.channel, entry.sample) for entry in entries]
        if not places:
            raise DataError(f"{name}: no sample is weighted by a prediction")
        for place in places:
            if places.count(place) > 1:
                raise DataError(f"{name}: sample {place[1]!r} of {place[0]!r} is weighted twice")
        if isinstance(dropped, str):
            raise DataError(f"{name}: theory_modifiers is a list of names, not {dropped!r}")
        if fixed is not None and not (
            isinstance(fixed, Mapping) and all(map(_is_number, fixed.values()))
        ):
            raise DataError(f"{name}: fix is a mapping of parameters to numbers, not {fixed!r}")
        known: dict[str, Process] = {}
        shared = tuple(
            replace(entry, process=known.setdefault(entry.process.key, entry.process))
            for entry in entries
        )
        return cls(name, workspace, shared, frozenset(dropped), dict(fixed or {}))

    @cached_property
    def signals(self) -> dict[str, tuple[str, ...]]:
        """Weighted samples of each channel."""
        signals: dict[str, tuple[str, ...]] = {}
        for entry in self.entries:
            signals[entry.channel] = (*signals.get(entry.channel, ()), entry.sample)
        return signals

    @cached_property
    def profiler(self) -> Profiler:
        """The compiled model."""
        return Profiler(compile_workspace(self.workspace, self.signals, self.dropped, self.fixed))

    @property
    def model(self) -> HistFactoryModel:
        """The compiled model."""
        return self.profiler.model

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """Processes in the order in which the entries name them."""
        found: list[Process] = []
        for entry in self.entries:
            if not any(entry.process is known for known in found):
                found.append(entry.process)
        return tuple(found)

    @cached_property
    def blocks(self) -> tuple[slice, ...]:
        """Columns of each process in a prediction."""
        ends = np.cumsum([process.size for process in self.processes]).tolist()
        return tuple(
            slice(end - process.size, end)
            for end, process in zip(ends, self.processes, strict=True)
        )

    @cached_property
    def null_columns(self) -> Array:
        """The null prediction of all processes, weights outside the bins in front of each: (C,)."""
        return np.concatenate([process.columns for process in self.processes])

    def place(self, entry: SignalEntry) -> slice:
        """Where an entry is in flat weights (P * B)."""
        slot = self.signals[entry.channel].index(entry.sample)
        bins, size = self.model.channel(entry.channel), self.model.observed.size
        return slice(slot * size + bins.start, slot * size + bins.stop)

    def block(self, entry: SignalEntry) -> slice:
        """Columns of the process of an entry."""
        index = next(i for i, known in enumerate(self.processes) if known is entry.process)
        return self.blocks[index]

    @cached_property
    def shares(self) -> Array:
        """Share n(x, b)/sum n of the signal of bin x that column b has: (C, P * B)."""
        model = self.model
        shares = np.zeros((len(self.null_columns), model.signals * model.observed.size))
        for entry in self.entries:
            total = entry.density.sum(axis=1, keepdims=True)
            share = np.divide(
                entry.density, total, out=np.zeros_like(entry.density), where=total > 0
            )
            shares[self.block(entry), self.place(entry)] = share.T
        return shares

    @cached_property
    def folding(self) -> Array:
        """(C, P * B) array F: weights = columns @ F."""
        null = self.null_columns
        empty = (null == 0) & (self.shares > 0).any(axis=1)
        if empty.any():
            column = int(np.flatnonzero(empty)[0])
            raise DataError(
                f"{self.name}: the null spectrum is zero in column {column}, from which the "
                "density has events: no weight can be given to them"
            )
        fold: Array = self.shares / np.where(null > 0, null, 1.0)[:, None]
        return fold

    @cached_property
    def folding_of_squares(self) -> Array:
        """(C, P * B) array G: sum_b p_b w_b^2 = columns^2 @ G."""
        null = np.where(self.null_columns > 0, self.null_columns, 1.0)
        fold: Array = self.folding / null[:, None]
        return fold

    def columns(self, prediction: Array) -> Array:
        """Predictions of all columns, after checks.

        Parameters
        ----------
        prediction : (n, C) array
            Of one process also (n, C - 1), without the weight of events outside the bins, then 1.

        Returns
        -------
        (n, C) array
            NaN in place of what is not finite.

        Raises
        ------
        PredictionError
            For another shape, or a value that is negative.
        """
        try:
            prediction = np.atleast_2d(prediction)
        except ValueError:  # lists of unequal lengths
            prediction = np.atleast_2d("")
        if prediction.dtype.kind not in "iuf":
            raise PredictionError(f"{self.name}: real numbers are needed, not {prediction.dtype}")
        prediction = prediction.astype(np.float64, copy=False)
        size = len(self.null_columns)
        bare = len(self.processes) == 1 and prediction.shape[-1] == size - 1
        if prediction.ndim != 2 or not (bare or prediction.shape[1] == size):
            raise PredictionError(f"{self.name}: {self._described()}, not {prediction.shape}")
        if (prediction < 0).any():
            point, column = np.argwhere(prediction < 0)[0]
            raise PredictionError(
                f"{self.name}: negative branching fraction {prediction[point, column]:.3g} in "
                f"column {column} of point {point}"
            )
        # NaN passes through products silently, infinity times zero would warn.
        prediction = np.where(np.isfinite(prediction), prediction, np.nan)
        if not bare:
            return prediction
        return np.concatenate([np.ones((len(prediction), 1)), prediction], axis=1)

    def _described(self) -> str:
        if len(self.processes) == 1:
            process = self.processes[0]
            return (
                f"a spectrum of shape (n, {process.size - 1}) is needed (branching fraction in the "
                f"bins of {process.observable}), or (n, {process.size}) with the weight of events "
                "outside in front"
            )
        listed = "; ".join(
            f"{process.observable}: weight outside and {process.size - 1} bins"
            for process in self.processes
        )
        return f"a prediction of shape (n, {len(self.null_columns)}) is needed ({listed})"

    def weights(self, columns: Array) -> Array:
        """Weights of all entries from checked columns: (n, P * B)."""
        return np.where(self.model.signal, columns @ self.folding, 1.0)

    def inflation(self, columns: Array) -> Array:
        """Growth of the squared relative error of the signal with the weights: (n, P * B).

        ``(sum_b p_b w_b^2) / (sum_b p_b w_b)^2`` with the shares p_b; 1 where there is no signal.
        """
        mean, square = columns @ self.folding, columns**2 @ self.folding_of_squares
        empty = ~(mean > 0)
        inflation: Array = np.where(empty, 1.0, square / np.where(empty, 1.0, mean) ** 2)
        return inflation


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))
