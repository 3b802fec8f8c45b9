"""SMEFT coefficients in the exchange format WCxf (arXiv:1712.05298), basis Warsaw.

Warsaw is the basis of mass eigenstates of down quarks and charged leptons, as in the model
``smeft``; values are in GeV^-2. Of coefficients that are conjugates of each other WCxf names one:
C[ij,kl]* = C[ji,lk].
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from numpy.typing import ArrayLike

from ...errors import ParameterError, PredictionError, UnknownNameError
from ..heavy.smeft import SMEFT, SMEFT_ENTRIES, SMEFT_UNIT, STERILE_NAMES
from .documents import check_one_point, scale_and_values, wcxf_document

__all__ = ["SMEFT_WCXF_NAMES", "parameters_from_smeft_wcxf", "wcxf_from_smeft_parameters"]

_EFT, _BASIS = "SMEFT", "Warsaw"


def _wcxf_name(name: str, i: int, j: int, k: int) -> tuple[str, bool]:
    """Name in WCxf of [ij,k3], and whether its value is the conjugate."""
    leptons, quarks = f"{i + 1}{j + 1}", f"{k + 1}3"
    # The first pair of flavours is in ascending order: that of the leptons, but of quarks in qe.
    if name == "qe":
        return f"{name}_{quarks}{leptons}", False
    if i > j:
        return f"{name}_{leptons[::-1]}{quarks[::-1]}", True
    return f"{name}_{leptons}{quarks}", False


# Name in WCxf: name of the parameter, and whether one is the complex conjugate of the other.
SMEFT_WCXF_NAMES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        name: (parameter, conjugate)
        for parameter, entry in SMEFT_ENTRIES.items()
        for name, conjugate in (_wcxf_name(*entry),)
    }
)


def parameters_from_smeft_wcxf(
    document: Mapping[str, Any], *, ignore_others: bool = False
) -> dict[str, float]:
    """Values of parameters of the model ``smeft`` of a WCxf document.

    Parameters
    ----------
    document : mapping
        With the keys eft (SMEFT), basis (Warsaw), scale (GeV) and values (GeV^-2).
    ignore_others : bool
        Pass over coefficients that are not parameters of the model instead of refusing them.

    Returns
    -------
    dict of str to float
        Lambda in TeV, and the others in TeV^-2: the real part of each coefficient, and its
        imaginary part if it is not zero.

    Raises
    ------
    ParameterError
        If a key is missing, the EFT or basis is another, a value is not a number, or that of a
        Hermitian coefficient is not real.
    UnknownNameError
        If a coefficient is not a parameter of the model.
    """
    scale, values = scale_and_values(document, (_EFT,), (_BASIS,))
    found = {"Lambda": 1e-3 * scale}
    names = {parameter.name for parameter in SMEFT.parameters}
    for name, value in values.items():
        if name not in SMEFT_WCXF_NAMES:
            if ignore_others:
                continue
            raise UnknownNameError("WCxf coefficient", name, SMEFT_WCXF_NAMES, "the model 'smeft'")
        parameter, conjugate = SMEFT_WCXF_NAMES[name]
        found[parameter] = value.real / SMEFT_UNIT
        imaginary = (-value.imag if conjugate else value.imag) / SMEFT_UNIT
        if imaginary != 0.0:
            if f"Im_{parameter}" not in names:
                raise ParameterError(f"WCxf: {name} is Hermitian, but its value is not real.")
            found[f"Im_{parameter}"] = imaginary
    return found


def wcxf_from_smeft_parameters(values: Mapping[str, ArrayLike]) -> dict[str, Any]:
    """WCxf document of values of parameters of the model ``smeft``.

    Parameters
    ----------
    values : mapping of str to number
        Those not named are at their defaults; `running` does not matter.

    Returns
    -------
    dict
        With the scale Lambda.

    Raises
    ------
    UnknownNameError
        If a name is not a parameter of ``smeft``.
    PredictionError
        If a coefficient of right-handed neutrinos, which WCxf does not have, is not zero, or
        several values of a parameter are given.
    """
    complete = SMEFT.complete(values)
    check_one_point(complete)
    for name in STERILE_NAMES:
        if complete[name].any():
            raise PredictionError(
                f"the coefficient {name} has no name in the WCxf basis {_BASIS!r} of the {_EFT}; "
                "set it to zero to export the others."
            )
    arrays = SMEFT.coefficients(complete)
    found = {}
    for name, (parameter, conjugate) in SMEFT_WCXF_NAMES.items():
        key, i, j, k = SMEFT_ENTRIES[parameter]
        if key in arrays:
            value = complex(arrays[key][0, i, j, k])
            found[name] = value.conjugate() if conjugate else value
    return wcxf_document(_EFT, _BASIS, 1e3 * float(complete["Lambda"][0]), found)
