"""Rates that are not finite: which parameter points, and why.

Rates are infinite where their limit is, so that a fit counts such a point as excluded and goes on;
a prediction that was asked for by name is refused instead, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...errors import PredictionError
from ..arrays import Array
from ..inputs import Inputs
from ..transitions import Transition
from ..wilson import Wilson
from .densities.base import NO_WIDTH
from .final_states.mediator import MEDIATED
from .hadronic.helicity import conserved

__all__ = ["refuse_infinite_rates"]

# GeV. Only below it does 1/m^2 overflow for couplings that do not.
_OVERFLOWS = 1e-100

_LARGEST = float(np.sqrt(np.finfo(float).max))

# Points that a message lists at most.
_LISTED = 6


def refuse_infinite_rates(
    name: str, decays: tuple[Transition, ...], wilson: Wilson, inputs: Inputs, values: Array
) -> None:
    """Refuse a rate, or a quotient of rates, that is not finite although all that enters is.

    Parameters
    ----------
    name : str
        Of the observable.
    decays : tuple of Transition
        Transitions that it is made of; none for a decay to nothing but invisible particles.
    wilson : Wilson
    inputs : Inputs
    values : (n,) or (n, k) array
        The prediction.

    Raises
    ------
    PredictionError
        With the coupling, the mass and the points: a massless particle coupled to a current that
        is not conserved, a stable mediator on its mass shell, a coupling that is too large.
    """
    if np.isfinite(values).all():
        return
    rows = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    bad = ~rows & inputs.finite
    for value in wilson.values():
        bad = bad & np.isfinite(value).reshape(len(value), -1).all(axis=1)
    points = np.flatnonzero(bad)
    if not points.size:
        return
    reasons = list(dict.fromkeys(_reasons(decays, wilson, points)))
    if not reasons:
        # Products of numbers that overflow may be undefined. What is undefined without any is told
        # where all predictions are looked at.
        if not np.isinf(values).any() and not _overflows(wilson):
            return
        reasons = ["a coupling or the inverse of a mass is too large for a floating-point number"]
    raise PredictionError(f"{name} is infinite{_where(points, len(bad))}: {'; '.join(reasons)}.")


def _overflows(wilson: Wilson) -> bool:
    """Whether the square of a coefficient is too large for a floating-point number."""
    return any(float(np.max(np.abs(value), initial=0.0)) > _LARGEST for value in wilson.values())


def _where(points: Array, size: int) -> str:
    """Which points of a batch."""
    if size == 1:
        return ""
    listed = ", ".join(str(point) for point in points[:_LISTED])
    more = ", ..." if len(points) > _LISTED else ""
    plural = "s" if len(points) > 1 else ""
    return f" at the point{plural} {listed}{more} (counted from 0) of {size}"


def _reasons(decays: tuple[Transition, ...], wilson: Wilson, points: Array) -> Iterator[str]:
    """Sentences that hold at one of the points."""
    for decay in decays:
        suffix = "_sd" if decay.sector == "_KL" else decay.sector
        for coupling, current in (("g_V", "V"), ("g_A", "A")):
            used = _at(wilson, f"{coupling}{suffix}", points)
            mass = _at(wilson, "m_1", points)
            if conserved(decay.spin, current) or not used.any():
                continue
            lightest = float(np.min(mass[used != 0.0]))
            if lightest > _OVERFLOWS:
                continue
            yield (
                f"{coupling}{suffix} couples one vector particle of mass {lightest:g} GeV to a "
                f"current that is not conserved in {decay.name}, whose rate grows like 1/m^2: give "
                f"it a mass, or set {coupling}{suffix} to zero"
            )
    yield from _mediator_reasons(wilson, points)
    for kind in ("X", "X0"):
        if any(key.startswith(f"{kind}_") for key in wilson):
            mass = _at(wilson, f"m_{kind}", points)
            if (mass < _OVERFLOWS).any():
                yield (
                    f"rates of pairs of vectors grow like powers of 1/m^2: give m_{kind} a value "
                    "above zero"
                )


def _mediator_reasons(wilson: Wilson, points: Array) -> Iterator[str]:
    """Sentences about mediators."""
    used = [
        kind
        for kind in MEDIATED
        if any(key.startswith(kind.prefix) and key != "med_running" for key in wilson)
    ]
    for kind in used:
        names = ("m_med", "Gamma_med", kind.mass)
        masses, *others = (_at(wilson, name, points) for name in names)
        for mass, width, own in zip(masses.tolist(), *(o.tolist() for o in others), strict=True):
            if mass * width < NO_WIDTH and mass >= 2.0 * own:
                yield (
                    f"a mediator of mass m_med = {mass:g} GeV with Gamma_med = {width:g} GeV is on "
                    f"its mass shell in the range of q2, at {mass**2:g} GeV^2: give it a width, or "
                    "leave the pole out of the range"
                )
                break
        axial = any(f"{kind.prefix}{name}" in wilson for name in ("VA", "AA"))
        if axial and (masses < _OVERFLOWS).any():
            yield (
                "axial-vector currents of a massless mediator are not conserved: give m_med a value"
            )


def _at(wilson: Wilson, name: str, points: Array) -> Array:
    """Coefficient at some of the points, zero if it is not given."""
    value = wilson.get(name)
    if value is None:
        return np.zeros(len(points))
    return np.broadcast_to(value, (max(len(value), int(points.max()) + 1),))[points]
