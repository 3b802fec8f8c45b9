"""Record of a likelihood of the user's own, on an observable that flavio predicts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, model_validator

from .values import Name, Number, Record, fault

__all__ = ["ErrorSpec", "FlavioSpec"]

Positive = Annotated[Number, Field(gt=0)]


class ErrorSpec(Record):
    """Upper and lower error of a value."""

    plus: Positive
    minus: Positive


def _form(value: Any) -> str:
    """Tag of the form of an error; in angle brackets, so that messages can drop it."""
    return "<sides>" if isinstance(value, dict | ErrorSpec) else "<number>"


_Error = Annotated[
    Annotated[Positive, Tag("<number>")] | Annotated[ErrorSpec, Tag("<sides>")],
    Discriminator(_form),
]


class FlavioSpec(Record):
    """A value with its error, or an upper limit with its level.

    Attributes
    ----------
    observable : str
        Name in flavio.
    arguments : mapping of str to float
        Of the observable, such as q2min and q2max.
    value : float, optional
        In the unit of flavio.
    error : float or ErrorSpec, optional
        That of the prediction included.
    limit, cl : float, optional
        Upper limit in the unit of flavio, and its confidence level.
    data : tuple of str
        Measurements of the package made from the same data.
    """

    observable: Name
    arguments: dict[str, Number] = Field(default_factory=dict)
    value: Number | None = None
    error: _Error | None = None
    limit: Positive | None = None
    cl: Annotated[Positive, Field(lt=1)] | None = None
    data: tuple[Name, ...] = ()

    @property
    def errors(self) -> tuple[float, float] | None:
        """Upper and lower error, if there is a value."""
        if self.error is None:
            return None
        if isinstance(self.error, ErrorSpec):
            return self.error.plus, self.error.minus
        return self.error, self.error

    @model_validator(mode="after")
    def _one_form(self) -> FlavioSpec:
        keys = ("value", "error", "limit", "cl")
        given = [key for key in keys if getattr(self, key) is not None]
        if given not in (["value", "error"], ["limit", "cl"]):
            shown = " and ".join(given) or "none"
            raise fault(f"needs value and error, or limit and cl; given: {shown}.")
        return self
