"""The contract of a model: named parameters in, Wilson coefficients out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from numpy.typing import ArrayLike

from ..errors import ModelError, UnknownNameError
from ..physics.arrays import Array, batch, common_size
from ..physics.inputs import Inputs
from ..physics.wilson import Wilson

__all__ = ["Model", "ModelParameter", "default_value", "described", "points"]


@dataclass(frozen=True)
class ModelParameter:
    """A parameter of a model.

    Attributes
    ----------
    name : str
    latex : str
        Symbol, without dollar signs.
    unit : str
        ``"1"`` if there is none.
    default : float
        Value where an analysis does not name the parameter.
    lower, upper : float
        Allowed range.
    description : str
    """

    name: str
    latex: str
    unit: str
    default: float
    lower: float
    upper: float
    description: str


class Model(ABC):
    """A parameterisation of b -> s + invisible.

    A model of your own is a subclass that sets the four attributes and defines `wilson`.

    Attributes
    ----------
    name : str
    description : str
        One sentence.
    parameters : tuple of ModelParameter
    one_sided : frozenset of str
        Parameters of which one asks whether they lie above their defaults, such as a signal
        strength: their significance is one-sided.
    reference_label : str
        What its defaults are called in tables and pictures.
    scales_template : bool
        Whether it multiplies the published template of a likelihood in place of predicting a
        spectrum: form factors and masses do not matter then.
    lagrangian : str
        LaTeX without dollar signs for reports, of what matplotlib's mathtext can set; a line break
        begins a new line of the formula. Empty if it is not written down.
    """

    name: str
    description: str
    parameters: tuple[ModelParameter, ...]
    one_sided: frozenset[str] = frozenset()
    reference_label: str = "SM"
    scales_template: bool = False
    lagrangian: str = ""

    @abstractmethod
    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Wilson coefficients at each parameter point.

        Parameters
        ----------
        values : mapping of str to (1,) or (n,) array
            Every parameter of the model, in its unit; `complete` fills in the defaults.
        inputs : Inputs
            Constants that the map may depend on.

        Returns
        -------
        Wilson
        """

    def at(self, values: Mapping[str, ArrayLike] | None, inputs: Inputs) -> Wilson:
        """Wilson coefficients at values of some parameters, the others at their defaults.

        Parameters
        ----------
        values : mapping of str to number or (n,) array, optional
        inputs : Inputs
            Of one point or n.

        Returns
        -------
        Wilson
            Of one point, if none of the parameters matters, or n.

        Raises
        ------
        ModelError
            If `wilson` returned something else, or another number of points.
        UnknownNameError, PredictionError
            As `complete`.
        """
        complete = self.complete(values)
        found = self.wilson(complete, inputs)
        if not isinstance(found, Wilson):
            raise ModelError(
                f"wilson() of the model {self.name!r} returned {described(found)}: it must return "
                "bsinv.models.Wilson({name: array, ...})."
            )
        if found.size not in (1, points(complete)) and found.size != inputs.size:
            raise ModelError(
                f"wilson() of the model {self.name!r} returned coefficients of {found.size} points "
                f"for values of {points(complete)}: the first axis of every array is that of "
                "values[...], one entry for each point."
            )
        return found

    def complete(self, values: Mapping[str, ArrayLike] | None = None) -> dict[str, Array]:
        """Values of all parameters, the default where none is given.

        Parameters
        ----------
        values : mapping of str to number or (n,) array, optional

        Returns
        -------
        dict of str to (1,) or (n,) array, in the order of `parameters`

        Raises
        ------
        UnknownNameError
            If a name is not a parameter of the model.
        PredictionError
            If a value has more than one axis.
        """
        given = dict(values or {})
        complete = {}
        for parameter in self.parameters:
            name = parameter.name
            complete[name] = (
                batch(given.pop(name), f"the parameter {name}")
                if name in given
                else default_value(parameter.default)
            )
        for name in given:
            known = [parameter.name for parameter in self.parameters]
            raise UnknownNameError("parameter", name, known, f"the model {self.name!r}")
        return complete


def described(found: object) -> str:
    """What an object is, for a sentence: ``None``, or ``a dict``."""
    if found is None:
        return "None"
    kind = type(found).__name__
    return f"an {kind}" if kind[0] in "aeiouAEIOU" else f"a {kind}"


@lru_cache(maxsize=256)
def default_value(default: float) -> Array:
    """Default of a parameter as a read-only batch of one, the same object at every call."""
    return batch(default, "a default")


def points(values: Mapping[str, Array]) -> int:
    """Number of parameter points of the values of a model.

    Raises
    ------
    PredictionError
        If two parameters have different numbers of points, neither of them 1.
    """
    return common_size({name: value.size for name, value in values.items()})
