"""What is needed of models, constants and form-factor sets to make parameters of them."""

from __future__ import annotations

from typing import Protocol

from .priors import Array

__all__ = ["ConstantLike", "FormFactorSetLike", "ModelParameterLike"]


class ModelParameterLike(Protocol):
    """What is needed of a parameter of a model."""

    @property
    def name(self) -> str:
        """Name in the analysis file."""

    @property
    def latex(self) -> str:
        """Symbol, math mode without dollar signs."""

    @property
    def unit(self) -> str:
        """Unit, ``"1"`` if there is none."""

    @property
    def default(self) -> float:
        """Value if the analysis does not name it."""

    @property
    def lower(self) -> float:
        """Lower end of the range allowed."""

    @property
    def upper(self) -> float:
        """Upper end of the range allowed."""


class ConstantLike(Protocol):
    """What is needed of a constant."""

    @property
    def allowed(self) -> tuple[float, float]:
        """Lower and upper end of the range of its values."""

    @property
    def latex(self) -> str:
        """Symbol, math mode without dollar signs."""

    @property
    def unit(self) -> str:
        """Unit, ``"1"`` if there is none."""

    @property
    def value(self) -> float:
        """Value in the unit."""


class FormFactorSetLike(Protocol):
    """What is needed of a form-factor set."""

    @property
    def names(self) -> tuple[str, ...]:
        """Coefficients, m of them."""

    @property
    def central(self) -> Array:
        """Central values, (m,)."""

    @property
    def covariance(self) -> Array:
        """Covariance, (m, m)."""
