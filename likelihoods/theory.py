"""Errors of predictions: what the errors of constants do to an observable.

An observable names the constants whose errors are the error of its prediction (`Observable.theory`:
lattice results, bag parameters, errors of a Standard Model calculation). With derivatives at the
Standard Model point, of all observables o of one term and all their constants c,

    T_op = sum_c (dO_o/dc) (dO_p/dc) sigma_c^2.

A constant that floats in a fit is left out, since its prior does the same there, at every point
and for all terms at once.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import numpy as np

from ..errors import DataError
from .base import Array

__all__ = ["theory_constants", "theory_covariance"]

# Step of the differences, in errors of the constant: small against its curvature, and large against
# the rounding errors of the integrals behind some observables.
STEP = 0.1


def theory_constants(
    observables: tuple[str, ...], floated: Collection[str] = ()
) -> tuple[str, ...]:
    """Constants whose errors are the theory error of some observables.

    Parameters
    ----------
    observables : tuple of str
    floated : collection of str
        Constants that float in the fit: left out, as are those without an error.

    Returns
    -------
    tuple of str
        Each once.
    """
    from ..data.constants import constant, kept_name
    from ..physics.observables import observable

    floated = {kept_name(name) for name in floated}
    named = dict.fromkeys(name for entry in observables for name in observable(entry).theory)
    return tuple(name for name in named if name not in floated and constant(name).error > 0)


def theory_covariance(observables: tuple[str, ...], floated: Collection[str] = ()) -> Array:
    """Covariance of the predictions of some observables, at the Standard Model point.

    Parameters
    ----------
    observables : tuple of str, length k
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
    rows = [_shifts(name, constants) for name in observables]
    shifts = np.array(rows).reshape(len(observables), len(constants))
    covariance: Array = shifts @ shifts.T
    return covariance


@lru_cache(maxsize=1024)
def _shifts(name: str, constants: tuple[str, ...]) -> tuple[float, ...]:
    """Change of an observable by one error of each constant; zero for those it does not name."""
    from ..data.constants import constant
    from ..physics.inputs import Inputs
    from ..physics.observables import observable
    from ..physics.wilson import Wilson

    record = observable(name)
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
            raise DataError(f"theory error of {name}: its change with {entry} is {shift}")
    return tuple(float(found.get(entry, 0.0)) for entry in constants)
