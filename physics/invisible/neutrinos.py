"""Functions behind the observables of decays to a hadron and neutrinos, named in `observables`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...errors import PredictionError
from ..arrays import Array
from ..inputs import Inputs
from ..observable import check_range
from ..wilson import Wilson, refuse_signal_strength
from .rates import binned_branching_fraction, check_physical, differential_branching_fraction
from .tau_pole import has_tau_pole as channel_has_tau_pole
from .tau_pole import tau_pole_binned, tau_pole_differential, tau_pole_end

__all__ = [
    "Mode",
    "branching_fraction",
    "has_tau_pole",
    "longitudinal_fraction",
    "longitudinal_spectrum",
    "sm_ratio",
    "spectrum",
    "tau_pole",
]


@dataclass(frozen=True)
class Mode:
    """What an experiment calls a decay: a sum of transitions with weights.

    Attributes
    ----------
    name : str
        Such as ``B0->K*nunu``.
    latex : str
        Without dollar signs.
    channels : tuple of (str, float)
        Names of transitions and their weights: 1/2 for K0 -> K_S. An isospin combination is the
        mean of the two branching fractions, each with its own lifetime.
    """

    name: str
    latex: str
    channels: tuple[tuple[str, float], ...]


def has_tau_pole(mode: Mode) -> bool:
    """Whether the tau pole of the mode is known."""
    return len(mode.channels) == 1 and channel_has_tau_pole(mode.channels[0][0])


def branching_fraction(
    mode: Mode,
    wilson: Wilson,
    inputs: Inputs,
    *,
    q2min: float = 0.0,
    q2max: float = np.inf,
    long_distance: bool = False,
) -> Array:
    """Branching fraction of a mode, integrated over q2.

    Parameters
    ----------
    mode : Mode
    wilson : Wilson
    inputs : Inputs
    q2min, q2max : float, GeV^2
        Limits; by default the whole physical region.
    long_distance : bool
        Add the tau pole of a charged mode. Measurements count it as background.

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        If nothing of the physical region lies between the limits.
    """
    return _binned(mode, wilson, inputs, (q2min, q2max), long_distance=long_distance)


def spectrum(
    mode: Mode, wilson: Wilson, inputs: Inputs, *, q2: ArrayLike, long_distance: bool = False
) -> Array:
    """Branching fraction of a mode, differential in q2.

    Parameters
    ----------
    mode : Mode
    wilson : Wilson
    inputs : Inputs
    q2 : number or (k,) array, GeV^2
    long_distance : bool
        Add the tau pole of a charged mode.

    Returns
    -------
    (n,) array for a number, else (n, k) array, GeV^-2
    """
    values = _differential(mode, wilson, inputs, q2)
    if long_distance:
        values = values + tau_pole_differential(_charged(mode), inputs, q2)
    return values[:, 0] if np.ndim(q2) == 0 else values


def longitudinal_fraction(
    mode: Mode, wilson: Wilson, inputs: Inputs, *, q2min: float = 0.0, q2max: float = np.inf
) -> Array:
    """Longitudinal fraction of a vector meson or of Lambda_b -> Lambda, a ratio of integrals.

    Helicity 0 of the spin-1 systems and all of the spin-0 systems over the whole rate.

    Returns
    -------
    (n,) array, 1
        NaN where the rate vanishes in the range.

    Raises
    ------
    PredictionError
        If nothing of the physical region lies in the range.
    """
    limits = (q2min, q2max)
    total = _binned(mode, wilson, inputs, limits)
    part = _binned(mode, wilson, inputs, limits, longitudinal=True)
    return _fraction(part, total)


def longitudinal_spectrum(mode: Mode, wilson: Wilson, inputs: Inputs, *, q2: ArrayLike) -> Array:
    """Longitudinal fraction at values of q2.

    Returns
    -------
    (n,) array for a number q2, else (n, k) array, 1
        NaN where the rate vanishes.
    """
    total = _differential(mode, wilson, inputs, q2)
    part = _differential(mode, wilson, inputs, q2, longitudinal=True)
    values = _fraction(part, total)
    return values[:, 0] if np.ndim(q2) == 0 else values


def sm_ratio(
    name: str,
    mode: Mode,
    wilson: Wilson,
    inputs: Inputs,
    *,
    q2min: float = 0.0,
    q2max: float = np.inf,
) -> Array:
    """Branching fraction of a mode over its Standard Model value with the same inputs.

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        If the range lies outside the physical region.
    """
    refuse_signal_strength(wilson, name)
    limits = (q2min, q2max)
    standard = _binned(mode, Wilson(), inputs, limits)
    return _fraction(_binned(mode, wilson, inputs, limits), standard)


def tau_pole(
    mode: Mode, wilson: Wilson, inputs: Inputs, *, q2min: float = 0.0, q2max: float = np.inf
) -> Array:
    """Branching fraction of a charged mode through an on-shell tau; independent of `wilson`.

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        If the limits leave nothing of the range of the tau pole.
    """
    refuse_signal_strength(wilson, f"BR_LD({mode.name})")
    end = float(np.max(tau_pole_end(_charged(mode), inputs)))
    check_range(f"BR_LD({mode.name})", q2min, q2max, end)
    values = tau_pole_binned(_charged(mode), inputs, (q2min, q2max))[:, 0]
    return np.broadcast_to(values, np.broadcast_shapes(values.shape, (wilson.size,))).copy()


def _binned(
    mode: Mode,
    wilson: Wilson,
    inputs: Inputs,
    limits: tuple[float, float],
    *,
    longitudinal: bool = False,
    long_distance: bool = False,
) -> Array:
    """Weighted sum of the branching fractions of the transitions of a mode, (n,)."""
    check_physical(mode.name, (channel for channel, _ in mode.channels), inputs, *limits)
    edges = np.array(limits)
    parts = [
        weight
        * binned_branching_fraction(channel, wilson, inputs, edges, longitudinal=longitudinal)
        for channel, weight in mode.channels
    ]
    if long_distance:
        parts.append(tau_pole_binned(_charged(mode), inputs, edges))
    return np.asarray(sum(parts[1:], parts[0])[:, 0])


def _differential(
    mode: Mode, wilson: Wilson, inputs: Inputs, q2: ArrayLike, *, longitudinal: bool = False
) -> Array:
    """Weighted sum of the spectra of the transitions of a mode, (n, k)."""
    parts = [
        weight
        * differential_branching_fraction(channel, wilson, inputs, q2, longitudinal=longitudinal)
        for channel, weight in mode.channels
    ]
    return np.asarray(sum(parts[1:], parts[0]))


def _fraction(part: Array, total: Array) -> Array:
    """Quotient of two rates, NaN where the denominator is exactly zero."""
    # Beside an infinite rate a fraction is not defined: infinite too, not NaN.
    usual = np.isfinite(total) & (total != 0.0)
    other = np.where(np.isinf(total), np.inf, np.nan)
    return np.where(usual, part / np.where(usual, total, 1.0), other)


def _charged(mode: Mode) -> str:
    """Name of the transition of a mode with a tau pole."""
    if not has_tau_pole(mode):
        raise PredictionError(
            f"the tau pole of {mode.name} is not known; those of charged modes of B+ are."
        )
    return mode.channels[0][0]
