"""The Standard Model under a signal: as predicted, or times a factor that is free."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from ..errors import ParameterError
from .analysis_file.arguments import check_member
from .checked import CheckedFile

__all__ = ["BACKGROUNDS", "with_background"]

BACKGROUNDS = ("sm", "rescaled-sm")
# The rate of the Standard Model is proportional to the square of this input.
_SM_INPUT = "X_t"
# By how much the amplitude may be larger: the rate by its square.
_LARGEST_FACTOR = 5.0

Checked = TypeVar("Checked", bound=CheckedFile)


def with_background(analysis: Checked, background: str) -> Checked:
    """The analysis with the Standard Model as predicted, or times a factor that is free.

    Parameters
    ----------
    analysis : CheckedFile
    background : {"sm", "rescaled-sm"}
        The second floats the input X_t, to the square of which b -> s nu nu rates are proportional.

    Returns
    -------
    CheckedFile
        Of the same class; the same one for "sm".

    Raises
    ------
    ParameterError
        For another background, or if the analysis gives the input itself.
    """
    check_member("background", background, BACKGROUNDS)
    if background == "sm":
        return analysis
    from ruamel.yaml import YAML

    given = YAML(typ="safe", pure=True).load(analysis.text)
    inputs = dict(given.get("inputs") or {})
    if _SM_INPUT in inputs:
        raise ParameterError(
            f"background = 'rescaled-sm': {analysis.name} has {_SM_INPUT} among its inputs already."
        )
    value = float(np.ravel(analysis.problem.inputs.constant(_SM_INPUT))[0])
    end = float(f"{_LARGEST_FACTOR * value:.4g}")
    inputs[_SM_INPUT] = {"prior": {"uniform": [0.0, end]}, "start": float(f"{value:.6g}")}
    changed = given | {"name": f"{analysis.name}-rescaled-sm", "inputs": inputs}
    own = analysis.own
    return type(analysis)(
        changed,
        next(iter(own.models.values()), None),
        files=analysis.files,
        terms=own.terms,
        observables=tuple(own.observables.values()),
    )
