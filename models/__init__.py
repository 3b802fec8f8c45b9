"""The parameter layer: model parameters to Wilson coefficients."""

from ..physics.wilson import Wilson
from .base import Model, ModelParameter
from .contract import check_model
from .registry import model, models

__all__ = ["Model", "ModelParameter", "Wilson", "check_model", "model", "models"]
