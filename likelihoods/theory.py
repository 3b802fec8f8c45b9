"""Errors of predictions: what the errors of constants do to an observable.

An observable names the constants whose errors are the error of its prediction (`Observable.theory`:
lattice results, bag parameters, errors of a Standard Model calculation). With derivatives at the
Standard Model point, of all observables o of one term and all their constants c,

    T_op = sum_c (dO_o/dc) (dO_p/dc) sigma_c^2.

A constant that floats in a fit is left out, since its prior does the same there, at every point
and for all terms at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array

if TYPE_CHECKING:
    from ..physics.observable import Observable

__all__ = ["theory_constants", "theory_covariance"]

# Step of the differences, in errors of the constant: small against its curvature, and large against
# the rounding errors of the integrals behind some observables.
STEP = 0.1


def theory_constants(
    observables: Sequence[str | Observable], floated: Collection[str] = ()
) -> tuple[str, ...]:
    """Constants whose errors are the theory error of some observables.

    Parameters
    ----------
    observables : sequence of str or Observable
        Names, or records of one's own.
    floated : collection of str
        Constants that float in the fit: left out, as are those without an error.

    Returns
    -------
    tuple of str
        Each once.
    """
    from ..data.constants import constant, kept_name

    floated = {kept_name(name) for name in floated}
    named = dict.fromkeys(name for entry in observables for name in _record(entry).theory)
    return tuple(name for name in named if name not in floated and constant(name).error > 0)


def theory_covariance(
    observables: Sequence[str | Observable], floated: Collection[str] = ()
) -> Array:
    """Covariance of the predictions of some observables, at the Standard Model point.

    Parameters
    ----------
    observables : sequence of str or Observable, length k
    floated : collection of str
        Constants that float in the fit.

    Returns
    -------
    (k, k) array
        In the units of the observables, products of two; zeros where no constant is named.

    Raises
    ------
    DataError
        If a derivative is not finite.
    """
    constants = theory_constants(observables, floated)
    rows = [
        _shifts(entry, constants) if isinstance(entry, str) else _changes(entry, constants)
        for entry in observables
    ]
    shifts = np.array(rows).reshape(len(observables), len(constants))
    covariance: Array = shifts @ shifts.T
    return covariance


def _record(asked: str | Observable) -> Observable:
    from ..physics.observables import observable

    return observable(asked) if isinstance(asked, str) else asked


@lru_cache(maxsize=1024)
def _shifts(name: str, constants: tuple[str, ...]) -> tuple[float, ...]:
    return _changes(_record(name), constants)


def _changes(record: Observable, constants: tuple[str, ...]) -> tuple[float, ...]:
    """Change of an observable by one error of each constant; zero for those it does not name."""
    from ..data.constants import constant
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

    own = [entry for entry in constants if entry in record.theory]
    if not own:
        return (0.0,) * len(constants)
    moves = STEP * np.concatenate([np.eye(len(own)), -np.eye(len(own))])
    moved = {
        entry: constant(entry).value + constant(entry).error * moves[:, column]
        for column, entry in enumerate(own)
    }
    values = record.function(Wilson(), Inputs.default().replace(constants=moved))
    up, down = np.broadcast_to(values, (len(moves),)).reshape(2, -1)
    found = dict(zip(own, (up - down) / (2.0 * STEP), strict=True))
    for entry, shift in found.items():
        if not np.isfinite(shift):
            raise DataError(f"theory error of {record.name}: its change with {entry} is {shift}")
    return tuple(float(found.get(entry, 0.0)) for entry in constants)
