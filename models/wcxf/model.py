"""A model that is a WCxf file: all its coefficients, with one parameter that scales them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...data.constants import constants
from ...errors import BsinvError, ParameterError
from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wcxf_names import WCXF_COEFFICIENTS
from ...physics.wilson import WILSON_NAMES, Wilson
from ..base import Model, ModelParameter, points
from .documents import read_wcxf
from .low_energy import add_place
from .point import WcxfPoint, wcxf_point
from .translation import PREFACTORS, prefactor_of

__all__ = ["WcxfModel", "check_scale_by", "model_of_document", "wcxf_model"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = ("q2", "q2min", "q2max", "long_distance")
_LIMIT = 1000.0


class WcxfModel(Model):
    """Coefficients of a file times a parameter.

    Parameters
    ----------
    name : str
    point : WcxfPoint
    scale_by : str, optional
        Name of the parameter: 0 is the Standard Model, its default, and 1 the file. Without it the
        model has no parameter and is the file.

    Attributes
    ----------
    point : WcxfPoint
        What was read.
    notes : tuple of str
        What a reader of results should know: coefficients that no observable sees, running.
    """

    def __init__(self, name: str, point: WcxfPoint, scale_by: str | None = None) -> None:
        self.name, self.point, self.notes = name, point, point.notes
        self.description = f"WCxf file, {point.eft}, basis {point.basis}, {point.scale:g} GeV"
        factor = rf"\mathrm{{{scale_by}}}" if scale_by else ""
        self.lagrangian = rf"\mathcal{{L}}\;=\;{factor}\sum_kC_k\,O_k"
        self._scale_by = scale_by
        self._arrays = _arrays(point.values)
        self.parameters = (
            (
                ModelParameter(
                    scale_by, rf"\mathrm{{{scale_by}}}", "1", 0.0, -_LIMIT, _LIMIT,
                    "what all coefficients of the file are multiplied by",
                ),
            )
            if scale_by
            else ()
        )  # fmt: skip

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients of the file, in the normalisation of the inputs."""
        times = values[self._scale_by] if self._scale_by else np.ones(1)
        found: dict[str, Array] = {}
        for kind, arrays in self._arrays.items():
            factor = times if self.point.relative else times * PREFACTORS[kind](inputs)
            for key, array in arrays.items():
                own = factor.reshape(-1, *(1,) * (array.ndim - 1)) * array
                found[key] = found[key] + own if key in found else own
        real = {key: np.real(array) for key, array in found.items() if WILSON_NAMES[key].real}
        size = max([points(values), *(len(array) for array in found.values())])
        return Wilson({**found, **real}, size=size)


def _arrays(values: Mapping[str, complex]) -> dict[str, dict[str, Array]]:
    """Arrays of a `Wilson` of one point, by the factor that they are without.

    Of conjugated entries the factors are real.
    """
    found: dict[str, dict[str, Array]] = {}
    for name, value in values.items():
        place = WCXF_COEFFICIENTS[name]
        add_place(found.setdefault(prefactor_of(place), {}), place, np.array([value]))
    return found


def wcxf_model(path: str | Path, scale_by: str | None = None) -> WcxfModel:
    """Model of a WCxf file.

    Parameters
    ----------
    path : str or Path
        YAML or JSON. Basis flavio, JMS or Bern of the EFT WET (WET-3 and WET-4 for mixing) at the
        scales of `physics.wcxf_names.SCALES`; every other basis, SMEFT and other scales are matched
        and run by the package wilson.
    scale_by : str, optional
        Name of a parameter that multiplies all coefficients after matching and running; its
        default is 0, the Standard Model.

    Returns
    -------
    WcxfModel

    Raises
    ------
    ParameterError
        If the file cannot be read, a value is not a finite number, the EFT, basis or scale does
        not exist or do not go together, or `scale_by` is no name, or that of something else.
    UnknownNameError
        If a coefficient does not belong to the basis.
    MissingExtraError
        If the package wilson is needed and not installed.
    """
    check_scale_by(scale_by)
    document = read_wcxf(path)
    try:
        return model_of_document(Path(path).name, document, scale_by)
    except BsinvError as error:
        error.args = (f"{path}: {error}",)
        raise


def model_of_document(
    name: str, document: Mapping[str, Any], scale_by: str | None = None
) -> WcxfModel:
    """Model of a WCxf document that was read already.

    Parameters
    ----------
    name : str
        Of the model.
    document : mapping
    scale_by : str, optional
        As for `wcxf_model`.

    Returns
    -------
    WcxfModel

    Raises
    ------
    ParameterError, UnknownNameError, MissingExtraError
        As of `wcxf_model`.
    """
    check_scale_by(scale_by)
    return WcxfModel(name, wcxf_point(document), scale_by)


def check_scale_by(name: str | None) -> None:
    """Refuse the name of a parameter that is no name, or that of something else.

    Raises
    ------
    ParameterError
    """
    if name is not None and (
        not isinstance(name, str)
        or not _NAME.fullmatch(name)
        or name in constants()
        or name in _TAKEN
    ):
        raise ParameterError(
            f"scale_by = {name!r} is not allowed: give a name of letters, digits and "
            "underscores that is not that of a constant, such as 'kappa'."
        )
