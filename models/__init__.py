"""The parameter layer: model parameters to Wilson coefficients."""

from .base import Model, ModelParameter
from .registry import model, models

__all__ = ["Model", "ModelParameter", "model", "models"]
