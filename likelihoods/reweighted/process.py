"""Predictions that weight a signal: a spectrum in kinematic bins, or one number.

A process has columns: the weight of events outside the bins (1, or the strength where all signal is
scaled), then the branching fraction in each bin. The K* modes may be binned in the helicity angle
too, where the selection depends on it:

    d2B/dq2 dcos = dB/dq2 3/4 [(1 - F_L) sin^2 + 2 F_L cos^2],

with the angle theta_K between K and the direction opposite to the B in the rest frame of the K*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DataError
from ..base import Array
from .response import from_moments, nodes

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.invisible.neutrinos import Mode
    from ...physics.wilson import Wilson

__all__ = ["ANGLE", "Q2", "NumberProcess", "Process", "SpectrumProcess", "mode_of"]

# Names of the kinematic variables.
Q2, ANGLE = "q2", "cos"
# Nodes in each bin for an observable without bins of its own.
NODES = 16


@dataclass(frozen=True)
class SpectrumProcess:
    """A spectrum in kinematic bins.

    Attributes
    ----------
    observable : str
        ``dBR/dq2(...)``, or ``d2BR/dq2dcos(...)`` of a K* mode.
    edges : mapping of str to (k + 1,) array
        Bins of each variable, the first variable slowest; q2 in GeV^2.
    null : (K,) array
        Branching fraction in each bin that the simulation was made with.
    masses : (float, float) or None
        Masses of B and M in GeV in place of the constants.
    null_at : callable or None
        The null spectrum in bins of any edges, if it is known.
    """

    observable: str
    edges: Mapping[str, Array]
    null: Array
    masses: tuple[float, float] | None = None
    null_at: Callable[[Array], Array] | None = field(default=None, compare=False)

    def null_in(self, edges: Array) -> Array:
        """Null spectrum in bins of q2 of any edges, for a process binned in q2 alone: (k,).

        Where only its bins are known, from their monotone cubic sum.
        """
        if self.null_at is not None:
            return self.null_at(edges)
        from scipy.interpolate import PchipInterpolator

        total = np.concatenate([[0.0], np.cumsum(self.null)])
        return np.asarray(np.diff(PchipInterpolator(self.edges[Q2], total)(edges)))

    @property
    def key(self) -> str:
        """The same for processes with the same columns."""
        edges = [(name, np.asarray(points).tolist()) for name, points in self.edges.items()]
        return repr((self.observable, edges, self.null.tolist(), self.masses))

    @property
    def size(self) -> int:
        """Number of columns: the sentinel and the bins."""
        return 1 + len(self.null)

    @property
    def columns(self) -> Array:
        """The null prediction: (1 + K,)."""
        return np.concatenate([[1.0], self.null])

    def predict(self, wilson: Wilson, inputs: Inputs, response: str = "published") -> Array:
        """Columns of a batch of points: (n, 1 + K)."""
        if "signal_strength" in wilson:
            strength = np.real(wilson["signal_strength"])[:, None]
            scaled: Array = strength * self.columns
            return scaled
        if response == "linear":
            bins = self.hats(wilson, inputs)
        else:
            bins = self.spectrum(wilson, inputs, self.edges)
        return np.concatenate([np.ones((len(bins), 1)), bins], axis=1)

    def spectrum(self, wilson: Wilson, inputs: Inputs, edges: Mapping[str, Array] | Array) -> Array:
        """Branching fraction in bins of any edges: (n, k)."""
        if not isinstance(edges, Mapping):
            edges = {Q2: edges}
        mode = mode_of(self.observable)
        if mode is None:
            return _by_quadrature(self.observable, wilson, inputs, edges[Q2])
        total = _binned(mode, wilson, inputs, edges[Q2], self.masses)
        if ANGLE not in edges:
            return total
        longitudinal = _binned(mode, wilson, inputs, edges[Q2], self.masses, longitudinal=True)
        cos = np.asarray(edges[ANGLE])
        along = 0.5 * np.diff(cos**3)
        across = 0.75 * np.diff(cos - cos**3 / 3.0)
        both = (total - longitudinal)[:, :, None] * across + longitudinal[:, :, None] * along
        if next(iter(edges)) == ANGLE:
            both = np.swapaxes(both, 1, 2)
        return np.asarray(both.reshape(len(both), -1))

    def hats(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Branching fraction weighted with the hat functions of the bins (`response`): (n, K)."""
        mode = mode_of(self.observable)
        if mode is None or ANGLE in self.edges:
            raise DataError(
                f"{self.observable}: a linear response needs bins of q2 alone, of a mode of ours"
            )
        points = nodes(self.edges[Q2])
        zeroth, first = (
            _binned(mode, wilson, inputs, points, self.masses, first_moment=moment)
            for moment in (False, True)
        )
        return from_moments(points, zeroth, first)


@dataclass(frozen=True)
class NumberProcess:
    """One number that multiplies a signal.

    Attributes
    ----------
    observable : str
        A scalar observable.
    null : (1,) array
        What the signal was made with.
    """

    observable: str
    null: Array

    @property
    def key(self) -> str:
        """The same for processes with the same columns."""
        return self.observable

    @property
    def size(self) -> int:
        """Number of columns: the sentinel, which nothing has, and the number."""
        return 2

    @property
    def columns(self) -> Array:
        """The null prediction: (2,)."""
        return np.concatenate([[1.0], self.null])

    def predict(self, wilson: Wilson, inputs: Inputs, response: str = "published") -> Array:
        """Columns of a batch of points: (n, 2)."""
        from ..base import predict_one

        value = predict_one(self.observable, wilson, inputs)
        return np.stack([np.ones_like(value), value], axis=1)


Process = SpectrumProcess | NumberProcess


def mode_of(observable: str) -> Mode | None:
    """Mode of a spectrum of ours; None for another observable.

    Raises
    ------
    UnknownNameError
        If there is no such observable.
    DataError
        If it is no spectrum.
    """
    from ...physics.observables import observable as find

    name = observable.replace("d2BR/dq2dcos(", "dBR/dq2(", 1)
    record = find(name)
    if record.kinematics != ("q2",):
        raise DataError(f"{observable}: a spectrum in q2 is needed, such as dBR/dq2(B+->Knunu)")
    if name.startswith("dBR/dq2(") and isinstance(record.function, partial):
        mode: Any = record.function.args[0]
        if observable != name and "K*" not in observable and "phi" not in observable:
            raise DataError(f"{observable}: only modes with a K* or phi have a helicity angle")
        found: Mode = mode
        return found
    return None


def _binned(
    mode: Mode,
    wilson: Wilson,
    inputs: Inputs,
    edges: Array,
    masses: tuple[float, float] | None,
    **options: bool,
) -> Array:
    from ...physics.invisible.rates import binned_branching_fraction

    parts = [
        weight * binned_branching_fraction(channel, wilson, inputs, edges, masses=masses, **options)
        for channel, weight in mode.channels
    ]
    total: Array = sum(parts[1:], parts[0])
    return total


def _by_quadrature(observable: str, wilson: Wilson, inputs: Inputs, edges: Array) -> Array:
    """Integrals of a differential observable over bins of q2, by Gauss-Legendre: (n, k)."""
    from ...physics.observables import observable as find

    points, weights = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * np.diff(edges)
    q2 = (0.5 * (edges[1:] + edges[:-1]))[:, None] + half[:, None] * points
    values = np.asarray(find(observable).function(wilson, inputs, q2=q2.ravel()))
    binned: Array = (values.reshape(len(values), len(half), NODES) @ weights) * half
    return binned
