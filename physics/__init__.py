"""Theory: pure functions of Wilson coefficients, masses and form factors."""

from .inputs import Inputs
from .observables import Observable, observable, observables
from .wilson import WILSON_NAMES, Wilson

__all__ = ["WILSON_NAMES", "Inputs", "Observable", "Wilson", "observable", "observables"]
