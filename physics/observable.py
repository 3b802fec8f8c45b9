"""The record of an observable: a named function of Wilson coefficients and inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..errors import PredictionError, UnknownNameError
from .arrays import Array
from .inputs import Inputs
from .wilson import Wilson, points, refuse_signal_strength

__all__ = ["LIMITS", "Observable", "check_limits", "check_points", "check_range", "single_valued"]


@dataclass(frozen=True)
class Observable:
    """A quantity that can be predicted; call it with Wilson coefficients and inputs.

    One of your own needs a name, a symbol, a unit and a function; `bsinv.load` takes it.

    Attributes
    ----------
    name : str
    latex : str
        Symbol, without dollar signs.
    unit : str
        Unit of the prediction; ``"1"`` if there is none.
    function : callable
        ``(wilson, inputs, **kinematics)`` to (n,), or (n, k) if the latter hold ``q2`` of k points.
    kinematics : tuple of str
        Keywords that must be given, in GeV^2.
    optional : tuple of str
        Keywords that may be given: limits of q2 in GeV^2, and switches.
    description : str
    references : tuple of str
        arXiv numbers.
    theory : tuple of str
        Constants whose errors are the error of the prediction for given Wilson coefficients. Terms
        add them in quadrature to the error of a measurement unless a fit lets them float.
    instead : str
        What else may be meant where the kinematics given do not fit.
    check : callable or None
        (name, wilson, inputs, values) that refuses values of `function`. Fits, where one point must
        not stop the others, ask `function` and count what is not finite.
    invisible_spectrum : bool
        Whether it is the rate of a decay to a hadron and an invisible system of any mass, of which
        the efficiency of a measurement depends on the spectrum in q2.
    """

    name: str
    latex: str
    unit: str
    function: Callable[..., Array]
    kinematics: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    description: str = ""
    references: tuple[str, ...] = ()
    theory: tuple[str, ...] = ()
    instead: str = ""
    check: Callable[[str, Wilson, Inputs, Array], None] | None = None
    invisible_spectrum: bool = False

    def __call__(self, wilson: Wilson, inputs: Inputs, **kinematics: Any) -> Array:
        """Predict the observable.

        Parameters
        ----------
        wilson : Wilson
        inputs : Inputs
        **kinematics
            Those of `kinematics`, and any of `optional`.

        Returns
        -------
        (n,) or (n, k) array

        Raises
        ------
        UnknownNameError
            If a keyword does not belong to the observable.
        PredictionError
            If one is missing, a q2 is not finite, a limit of q2 is not a finite number, the limits
            do not increase or leave nothing of the physical region, a rate is infinite (see
            `divergences`), or the prediction cannot be made.
        """
        allowed = (*self.kinematics, *self.optional)
        instead = f" {self.instead}" if self.instead else ""
        missing = [name for name in self.kinematics if name not in kinematics]
        if missing:
            needed = ", ".join(missing)
            raise PredictionError(f"{self.name} needs a value of {needed} (GeV^2).{instead}")
        for name in kinematics:
            if name not in allowed:
                raise UnknownNameError("kinematic variable", name, allowed, self.name)
        if "q2" in kinematics:
            check_points(self.name, kinematics["q2"])
        check_limits(self.name, {key: kinematics[key] for key in LIMITS if key in kinematics})
        values = self.function(wilson, inputs, **kinematics)
        if self.check is not None:
            self.check(self.name, wilson, inputs, values)
        return values


LIMITS = ("q2min", "q2max")


def check_points(name: str, q2: Any) -> None:
    """Refuse q2 that is not a finite number or a list of them."""
    array = _array(q2)
    if array.ndim > 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise PredictionError(
            f"{name}: q2 = {q2} is not allowed: it must be a finite number, or an array (k,) of "
            "finite numbers, in GeV^2."
        )


def check_limits(name: str, limits: Mapping[str, Any]) -> None:
    """Refuse limits of q2 that are not finite numbers, or do not increase."""
    for key, value in limits.items():
        array = _array(value)
        if array.ndim > 0 or array.dtype.kind not in "iuf" or not np.isfinite(array):
            raise PredictionError(
                f"{name}: {key} = {value} is not allowed: it must be one finite number, in GeV^2; "
                "without limits the range is the physical region."
            )
    lower = limits.get("q2min", 0.0)
    if "q2max" in limits and not lower < limits["q2max"]:
        raise PredictionError(
            f"{name}: q2max = {limits['q2max']:g} is not allowed: it must be above q2min = "
            f"{lower:g} GeV^2."
        )


def check_range(name: str, q2min: float, q2max: float, end: float) -> None:
    """Refuse limits of q2 between which nothing of the physical region lies.

    Parameters
    ----------
    name : str
        What was asked for.
    q2min, q2max : float, GeV^2
    end : float, GeV^2
        Kinematic end point, the largest if there are several; the region starts at zero.

    Raises
    ------
    PredictionError
        With the limits and the physical region.
    """
    if q2min < end and q2max > 0.0:
        return
    upper = "" if np.isinf(q2max) else f" to {q2max:g}"
    raise PredictionError(
        f"{name}: the bin of q2 from {q2min:g}{upper} GeV^2 holds nothing of the physical region, "
        f"from 0 to {end:.6g} GeV^2."
    )


def _array(value: Any) -> Array:
    """Value as an array; of text if it has no shape, such as lists of unequal lengths."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray("")


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
