"""Observables that are one number for each parameter point, without kinematics."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from .arrays import Array
from .inputs import Inputs
from .observable import Observable
from .wilson import Wilson, points, refuse_signal_strength

__all__ = ["single_valued"]

Function = Callable[[Wilson, Inputs], Array]


def single_valued(
    name: str,
    latex: str,
    unit: str,
    function: Function,
    description: str,
    references: tuple[str, ...],
    theory: tuple[str, ...] = (),
) -> Observable:
    """Record of an observable whose function need not know the batch size.

    Parameters
    ----------
    name, latex, unit, description, references, theory
        As in `Observable`.
    function : callable
        (wilson, inputs) to (1,) or (n,); a function of a module, so that it can be sent to other
        processes.

    Returns
    -------
    Observable
        Predicts (n,), n that of the coefficients or of the inputs, and refuses a signal strength.
    """
    return Observable(
        name=name,
        latex=latex,
        unit=unit,
        function=partial(_evaluate, name, function),
        kinematics=(),
        optional=(),
        description=description,
        references=references,
        theory=theory,
    )


def _evaluate(name: str, function: Function, wilson: Wilson, inputs: Inputs) -> Array:
    """Values at every point, (n,), the same at all of them where nothing varies."""
    refuse_signal_strength(wilson, name)
    size = points(wilson, inputs)
    return np.broadcast_to(function(wilson, inputs), (size,)).copy()
