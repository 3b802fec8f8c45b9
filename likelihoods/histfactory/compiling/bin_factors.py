"""Bin factors of a workspace (staterror, shapesys): which are eliminated, which are parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ....errors import DataError
from ..interpolation import Array
from .layout import Layout

__all__ = ["BinFactor", "BinFactors", "collect_bin_factors"]

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class BinFactor:
    """One factor: in one bin, on one or several samples.

    Attributes
    ----------
    name : str
        Of the modifier, with the number of the bin.
    bin : int
    slots : tuple of int
        Samples that it multiplies.
    width : float
        Of its normal constraint; zero if that is Poisson.
    tau : float
        Auxiliary counts of its Poisson constraint; zero if that is normal.
    """

    name: str
    bin: int
    slots: tuple[int, ...]
    width: float
    tau: float


@dataclass(frozen=True)
class BinFactors:
    """All bin factors of a model.

    Attributes
    ----------
    relative_error, tau : (S, B) arrays
        Constraints of those that are eliminated, in the slot of their first sample.
    members : (S, S, B) array or None
        As for `HistFactoryModel`.
    explicit : tuple of BinFactor
        Those that are parameters.
    shape : (int, int)
        Slots and bins.
    constant : float
        ``-ln`` of the constraints of factors that are held.
    """

    relative_error: Array
    tau: Array
    members: Array | None
    explicit: tuple[BinFactor, ...]
    shape: tuple[int, int]
    constant: float

    def explicit_places(self) -> list[tuple[str, Array]]:
        """Names of the parameters, and 1 where they multiply an entry."""
        places = []
        for factor in self.explicit:
            where = np.zeros(self.shape)
            where[list(factor.slots), factor.bin] = 1.0
            places.append((factor.name, where))
        return places


def collect_bin_factors(
    layout: Layout, dropped: frozenset[str], fixed: Mapping[str, float]
) -> BinFactors:
    """Bin factors of a workspace.

    A staterror of one name and channel multiplies all samples that have it, with
    ``delta = sqrt(sum error^2) / sum nominal``; a shapesys multiplies one, with
    ``tau = (nominal/error)^2``. Without nominal events or error the factor is held at 1.

    Parameters
    ----------
    layout : Layout
    dropped : frozenset of str
        Modifiers left out.
    fixed : mapping of str to float
        Parameters that are held; bin factors at 1 only.

    Returns
    -------
    BinFactors

    Raises
    ------
    DataError
        If a bin factor is held elsewhere, or its constraint is configured by the measurement.
    """
    factors, constant = _factors(layout, dropped, fixed)
    slots, _ = layout.shape
    relative_error, tau = np.zeros(layout.shape), np.zeros(layout.shape)
    identity = np.repeat(np.eye(slots)[:, :, None], layout.shape[1], axis=2)
    members = identity.copy()
    claimed = np.zeros(layout.shape, dtype=bool)
    explicit = []
    for factor in factors:
        entries = list(factor.slots)
        if claimed[entries, factor.bin].any():
            explicit.append(factor)
            continue
        claimed[entries, factor.bin] = True
        first = entries[0]
        relative_error[first, factor.bin] = factor.width
        tau[first, factor.bin] = factor.tau
        members[entries, entries, factor.bin] = 0.0
        members[entries, first, factor.bin] = 1.0
    shared = None if np.array_equal(members, identity) else members
    return BinFactors(relative_error, tau, shared, tuple(explicit), layout.shape, constant)


def _factors(
    layout: Layout, dropped: frozenset[str], fixed: Mapping[str, float]
) -> tuple[list[BinFactor], float]:
    factors: list[BinFactor] = []
    constant = 0.0
    for (name, kind), entries in _entries(layout, dropped).items():
        _check(layout, name, kind, fixed)
        number = 0
        for bins, places in entries.items():
            for offset in range(bins[1] - bins[0]):
                bin_ = bins[0] + offset
                slots = tuple(slot for slot, _, _ in places)
                nominal = sum(float(data[offset]) for _, data, _ in places)
                errors = [float(error[offset]) for _, _, error in places]
                factor = _factor(f"{name}[{number}]", kind, bin_, slots, nominal, errors)
                held = name in fixed
                if factor is None or held:
                    constant += _held_constant(factor, kind)
                else:
                    factors.append(factor)
                number += 1
    return factors, constant


def _entries(
    layout: Layout, dropped: frozenset[str]
) -> dict[tuple[str, str], dict[tuple[int, int], list[tuple[int, Array, Array]]]]:
    """By name and type, by bins: slot, nominal counts and errors of each sample."""
    entries: dict[tuple[str, str], dict[tuple[int, int], list[tuple[int, Array, Array]]]] = {}
    for channel, sample, modifier in layout.workspace.modifiers():
        if modifier.type in ("staterror", "shapesys") and modifier.name not in dropped:
            slot, bins = layout.place(channel, sample)
            of_name = entries.setdefault((modifier.name, modifier.type), {})
            of_bins = of_name.setdefault((bins.start, bins.stop), [])
            of_bins.append((slot, sample.data, np.asarray(modifier.data, float)))
    return entries


def _check(layout: Layout, name: str, kind: str, fixed: Mapping[str, float]) -> None:
    where = layout.workspace.name
    if fixed.get(name, 1.0) != 1.0:
        raise DataError(f"{where}: {kind} {name!r} can be held at 1 only, not at {fixed[name]:g}")
    config = layout.workspace.parameters.get(name, {})
    for key in ("auxdata", "sigmas", "factors"):
        if config.get(key):
            raise DataError(
                f"{where}: {key} of {kind} {name!r} in the measurement are not supported: its "
                "constraint follows from its errors"
            )


def _factor(
    name: str, kind: str, bin_: int, slots: tuple[int, ...], nominal: float, errors: list[float]
) -> BinFactor | None:
    error = float(np.sqrt(sum(each**2 for each in errors)))
    if not (nominal > 0 and error > 0):
        return None
    if kind == "staterror":
        return BinFactor(name, bin_, slots, error / nominal, 0.0)
    return BinFactor(name, bin_, slots, 0.0, (nominal / error) ** 2)


def _held_constant(factor: BinFactor | None, kind: str) -> float:
    """``-ln`` of the constraint of a factor held at 1, as pyhf counts it."""
    from scipy.special import gammaln

    if kind == "staterror":
        width = 1.0 if factor is None else factor.width
        return 0.5 * _LOG_2PI + float(np.log(width))
    n = 1.0 if factor is None else factor.tau
    return float(n - n * np.log(n) + gammaln(n + 1.0))
