"""Predictions as polynomials in the coefficients of neutrinos, in the exchange format POPxf.

A rate into neutrinos is a quadratic polynomial in real and imaginary parts of the coefficients, so
as many points as it has monomials tell it exactly; a polarisation is a ratio of two of them. What
is written is compared with the prediction at points of random coefficients, and what is no such
polynomial is refused. Format: https://json.schemastore.org/popxf-1.0.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from ...errors import ParameterError, UnknownNameError
from ...physics.inputs import Inputs
from ...physics.observable import Observable
from ...physics.observables import observable
from ...physics.wcxf_names import SCALES, WCXF_COEFFICIENTS
from ...physics.wilson_names import FLAVOURS
from .popxf_inputs import errors_and_correlation, inputs_that_matter
from .popxf_polynomials import Coefficient, Polynomial, fitted, verified

__all__ = ["BASES", "DEFAULT_OBSERVABLES", "SCHEMA", "popxf_document"]

SCHEMA = "https://json.schemastore.org/popxf-1.0.json"
BASES = ("flavio", "bsinv")
DEFAULT_OBSERVABLES = (
    *("BR(B+->Knunu)", "BR(B0->Knunu)", "BR(B0->KSnunu)", "BR(B+->K*nunu)", "BR(B0->K*nunu)"),
    *("RK(nunu)", "RK*(nunu)", "<FL>(B0->K*nunu)", "BR(Bs->phinunu)"),
    *("BR(Lambdab->Lambdanunu)", "BR(B->X_snunu)"),
)
# Coefficients of all operators with neutrinos, of which WCxf knows the first two.
_OWN = ("dC_L", "dC_R", "C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL")
_SECTORS = ("sbnunu", "dbnunu")


def popxf_document(
    names: Sequence[str] = DEFAULT_OBSERVABLES,
    basis: str = "flavio",
    *,
    inputs: Inputs | None = None,
    samples: int = 2000,
    version: str = "",
) -> dict[str, Any]:
    """Observables as polynomials in the coefficients of b -> s and b -> d with neutrinos.

    Parameters
    ----------
    names : sequence of str
        Observables, with kinematics in brackets where they need some.
    basis : {"flavio", "bsinv"}
        ``flavio``: the coefficients of WCxf, shifts from the Standard Model at 4.8 GeV, beside
        (4 G_F/sqrt 2) V_tb V_ts* alpha/(4 pi). ``bsinv``: those and all other operators with
        neutrinos, by the names of docs/wilson.md, as a custom basis.
    inputs : Inputs, optional
        Constants and form factors; the defaults if not given.
    samples : int
        Draws from which the errors of Standard Model predictions are found; 0 for none.
    version : str
        Of this package.

    Returns
    -------
    dict
        Document of POPxf 1.0.

    Raises
    ------
    ParameterError
        If no name or one twice is given, the basis is none, or kinematics are missing.
    UnknownNameError
        If an observable does not exist.
    PredictionError
        If one is no polynomial, nor a ratio of two, in these coefficients.
    """
    if basis not in BASES:
        raise UnknownNameError("basis of POPxf", basis, BASES)
    if not names or len(set(names)) != len(names):
        raise ParameterError("observables for POPxf: one or more, each once.")
    given = Inputs.default() if inputs is None else inputs
    records = [_single(name) for name in names]
    parts = [_parts(record) for record in records]
    quantities = list(dict.fromkeys(name for pair in parts for name in pair if name))
    parameters = _parameters(basis)
    found = fitted(quantities, parameters, given)
    verified(names, parts, quantities, parameters, given, found)
    monomials, used = _data(found, parameters)
    ratios = any(denominator for _, denominator in parts)
    document: dict[str, Any] = {
        "$schema": SCHEMA,
        "metadata": _metadata(names, parts, quantities, used, basis),
        "data": {"polynomial_central" if ratios else "observable_central": monomials},
    }
    if samples:
        errors, correlation = errors_and_correlation(records, given, samples)
        document["data"]["observable_uncertainties"] = {"total": errors}
        document["metadata"]["misc"]["correlation_of_uncertainties"] = correlation
        told = "Standard deviations of Standard Model predictions from draws of all inputs."
        document["metadata"]["misc"]["uncertainties"] = f"{told} {samples} draws, seed 1."
    document["metadata"]["reproducibility"] = [
        {
            "description": "Evaluated at as many points as there are monomials, and checked.",
            "tool": {"name": "bsinv", "version": version or "unknown", "settings": {}},
            "inputs": inputs_that_matter(records, given),
        }
    ]
    return document


def _single(name: str) -> Observable:
    record = observable(name)
    if record.kinematics:
        raise ParameterError(
            f"{name} needs {', '.join(record.kinematics)}: give them in brackets, as in "
            f"'{name}[{record.kinematics[0]}=4]'."
        )
    return record


def _parts(record: Observable) -> tuple[str, str]:
    """Names of numerator and denominator; that of the observable, and nothing, if it is no ratio.

    The numerator of a polarisation is written as the product of it and the denominator.
    """
    for ratio, rate in (("<FL>", "BR"), ("FL", "dBR/dq2")):
        if record.name.startswith(f"{ratio}("):
            rate_name = rate + record.name.removeprefix(ratio)
            return f"{record.name} {rate_name}", rate_name
    return record.name, ""


def _parameters(basis: str) -> tuple[Coefficient, ...]:
    if basis == "flavio":
        return tuple(
            Coefficient(name, place.parts[0][0], (place.at[0], place.at[1]))
            for name, place in WCXF_COEFFICIENTS.items()
            if place.sector in _SECTORS
        )
    return tuple(
        Coefficient(f"{key}_{FLAVOURS[i]}{FLAVOURS[j]}", key, (i, j))
        for key, i, j in product((*_OWN, "dC_L_bd", "dC_R_bd"), range(3), range(3))
    )


def _data(
    found: Polynomial, parameters: Sequence[Coefficient]
) -> tuple[dict[str, list[float]], tuple[Coefficient, ...]]:
    """Monomials, by the keys of the format, and the parameters in them."""
    monomials: dict[str, list[float]] = {_key([]): found.constant.tolist()}
    used = set()
    p = 2 * len(parameters)
    for i in range(p):
        if found.linear[i].any():
            monomials[_key([(parameters[i // 2].name, "RI"[i % 2])])] = found.linear[i].tolist()
            used.add(i // 2)
    for i in range(p):
        for j in range(i, p):
            if found.quadratic[i, j].any():
                pair = [(parameters[k // 2].name, "RI"[k % 2]) for k in (i, j)]
                monomials[_key(pair)] = found.quadratic[i, j].tolist()
                used |= {i // 2, j // 2}
    chosen = tuple(parameters[k] for k in sorted(used))
    return dict(sorted(monomials.items())), chosen


def _key(factors: Sequence[tuple[str, str]]) -> str:
    """Key of a monomial: names in order, padded in front, and R or I for each."""
    padded = sorted([("", "R")] * (2 - len(factors)) + list(factors), key=lambda entry: entry[0])
    names, kinds = zip(*sorted(padded), strict=True)
    return repr((*names, "".join(kinds)))


def _metadata(
    names: Sequence[str],
    parts: Sequence[tuple[str, str]],
    quantities: Sequence[str],
    used: Sequence[Coefficient],
    basis: str,
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "observable_names": list(names),
        "parameters": sorted(one.name for one in used),
        "basis": _basis(basis),
        "scale": SCALES["sbnunu"][0],
        "misc": {"coefficients": _CONVENTIONS[basis]},
    }
    if any(denominator for _, denominator in parts):
        told["polynomial_names"] = list(quantities)
        told["observable_expressions"] = [
            {"variables": {"num": numerator, "den": denominator}, "expression": "num / den"}
            if denominator
            else {"variables": {"value": numerator}, "expression": "value"}
            for numerator, denominator in parts
        ]
    return told


_CONVENTIONS: Mapping[str, str] = {
    "flavio": (
        "Shifts from the Standard Model, whose part is in the constants. The Hamiltonian has "
        "-(4 G_F/sqrt 2) V_tb V_ts* alpha(m_Z)/(4 pi) with the inputs below."
    ),
    "bsinv": (
        "Names and normalisations of bsinv (docs/wilson.md); dC are shifts from the Standard "
        "Model, whose part is in the constants."
    ),
}


def _basis(basis: str) -> dict[str, Any]:
    if basis == "flavio":
        return {"wcxf": {"eft": "WET", "basis": "flavio", "sectors": list(_SECTORS)}}
    return {"custom": "bsinv: coefficients of neutrinos"}
