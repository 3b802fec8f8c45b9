"""The record of an observable: a named function of Wilson coefficients and inputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import PredictionError, UnknownNameError
from .arrays import Array
from .inputs import Inputs
from .q2_checks import LIMITS, check_limits, check_points
from .wilson import Wilson

__all__ = ["Observable"]


@dataclass(frozen=True)
class Observable:
    """A quantity that can be predicted; call it with Wilson coefficients and inputs.

    Attributes
    ----------
    name : str
    latex : str
        Symbol, without dollar signs.
    unit : str
        Unit of the prediction; ``"1"`` if there is none.
    function : callable
        (wilson, inputs, **kinematics) to (n,), or (n, k) if `kinematics` holds ``q2`` of k points.
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
    kinematics: tuple[str, ...]
    optional: tuple[str, ...]
    description: str
    references: tuple[str, ...]
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
