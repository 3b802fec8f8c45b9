"""Predictions as polynomials in the coefficients of neutrinos, in the exchange format POPxf.

A rate into neutrinos is a quadratic polynomial in real and imaginary parts of the coefficients, so
as many points as it has monomials tell it exactly; a polarisation is a ratio of two of them. What
is written is compared with the prediction at points of random coefficients, and what is no such
polynomial is refused. Format: https://json.schemastore.org/popxf-1.0.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from ...errors import ParameterError, PredictionError, UnknownNameError
from ...physics.inputs import Inputs
from ...physics.observable import Observable
from ...physics.observables import observable
from ...physics.wcxf_names import SCALES, WCXF_COEFFICIENTS
from ...physics.wilson import Wilson
from ...physics.wilson_names import FLAVOURS
from ..parameters.priors import Array
from .popxf_inputs import errors_and_correlation, inputs_that_matter

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
# Size of coefficients at the points that are evaluated: as large as that of the Standard Model, so
# that nothing is a small difference of large numbers.
_STEP = 6.0
# Part of the largest contribution below which a monomial is rounding; accuracy that is asked for.
_ROUNDING, _ACCURACY = 1e-13, 1e-12
_POINTS, _CHUNK = 20, 2000


@dataclass(frozen=True)
class _Parameter:
    """A complex parameter: its name in the file, and where it is in a `Wilson`."""

    name: str
    key: str
    at: tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Polynomial:
    """Quadratic polynomial of several quantities in p real variables.

    Parameters
    ----------
    constant : (m,) array
    linear : (p, m) array
    quadratic : (p, p, m) array
        Upper triangle.
    """

    constant: Array
    linear: Array
    quadratic: Array

    def __call__(self, points: Array) -> Array:
        """Values at points (n, p): (n, m)."""
        second = np.einsum("ni,nj,ijm->nm", points, points, self.quadratic)
        found: Array = self.constant + points @ self.linear + second
        return found


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
    found = _fitted(quantities, parameters, given)
    _verified(names, parts, quantities, parameters, given, found)
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


def _parameters(basis: str) -> tuple[_Parameter, ...]:
    if basis == "flavio":
        return tuple(
            _Parameter(name, place.parts[0][0], (place.at[0], place.at[1]))
            for name, place in WCXF_COEFFICIENTS.items()
            if place.sector in _SECTORS
        )
    return tuple(
        _Parameter(f"{key}_{FLAVOURS[i]}{FLAVOURS[j]}", key, (i, j))
        for key, i, j in product((*_OWN, "dC_L_bd", "dC_R_bd"), range(3), range(3))
    )


def _evaluator(
    quantities: Sequence[str], parameters: Sequence[_Parameter], inputs: Inputs
) -> Callable[[Array], Array]:
    """Function of points (n, 2 p), real and imaginary parts in turn, to quantities (n, m)."""
    factors = [[observable(part) for part in _split(name)] for name in quantities]

    def values(points: Array) -> Array:
        chunks = []
        for start in range(0, len(points), _CHUNK):
            rows = points[start : start + _CHUNK]
            matrices: dict[str, Array] = {}
            for k, one in enumerate(parameters):
                if one.key not in matrices:
                    matrices[one.key] = np.zeros((len(rows), 3, 3), dtype=complex)
                matrices[one.key][:, one.at[0], one.at[1]] = (
                    rows[:, 2 * k] + 1j * rows[:, 2 * k + 1]
                )
            wilson = Wilson(matrices)
            made = [np.prod([one(wilson, inputs) for one in parts], axis=0) for parts in factors]
            chunks.append(np.stack([np.ravel(column) for column in made], axis=1))
        return np.concatenate(chunks)

    return values


def _split(name: str) -> list[str]:
    """Factors of a product of observables, whose names have no blank outside brackets."""
    return re.split(r" (?![^\[]*\])", name)


def _fitted(
    quantities: Sequence[str], parameters: Sequence[_Parameter], inputs: Inputs
) -> _Polynomial:
    """Coefficients from the constant, both sides of each axis, and pairs of those that matter."""
    function = _evaluator(quantities, parameters, inputs)
    p = 2 * len(parameters)
    axes = _STEP * np.eye(p)
    constant = function(np.zeros((1, p)))[0]
    above, below = function(axes) - constant, function(-axes) - constant
    linear, diagonal = (above - below) / (2.0 * _STEP), (above + below) / (2.0 * _STEP**2)
    size = np.abs(constant) + np.abs(above).max(axis=0)
    linear[np.abs(linear) * _STEP <= _ROUNDING * size] = 0.0
    diagonal[np.abs(diagonal) * _STEP**2 <= _ROUNDING * size] = 0.0
    moving = np.flatnonzero((linear != 0.0).any(axis=1) | (diagonal != 0.0).any(axis=1))
    quadratic = np.zeros((p, p, len(quantities)))
    quadratic[range(p), range(p)] = diagonal
    pairs = list(combinations(moving.tolist(), 2))
    if pairs:
        first, second = np.transpose(pairs)
        mixed = function(axes[first] + axes[second]) - constant - above[first] - above[second]
        mixed[np.abs(mixed) <= 4.0 * _ROUNDING * size] = 0.0
        quadratic[first, second] = mixed / _STEP**2
    return _Polynomial(constant, linear, quadratic)


def _verified(
    names: Sequence[str],
    parts: Sequence[tuple[str, str]],
    quantities: Sequence[str],
    parameters: Sequence[_Parameter],
    inputs: Inputs,
    found: _Polynomial,
) -> None:
    """Compare with the prediction at random points of small and large coefficients."""
    rng = np.random.default_rng(1)
    points = (
        rng.normal(size=(_POINTS, 2 * len(parameters))) * np.geomspace(0.1, 50, _POINTS)[:, None]
    )
    direct, made = _evaluator(quantities, parameters, inputs)(points), found(points)
    for name, pair in zip(names, parts, strict=True):
        columns = [quantities.index(part) for part in pair if part]
        away = np.abs(made[:, columns] - direct[:, columns])
        worst = float((away / np.abs(direct[:, columns]).clip(1e-300)).max())
        if not worst <= _ACCURACY:
            raise PredictionError(
                f"{name} is no quadratic polynomial in these coefficients, nor a ratio of two: at "
                f"a random point one differs by {worst:.2g} of it. It cannot be written as POPxf."
            )
        moves = found.linear[:, columns].any() or found.quadratic[:, :, columns].any()
        if not moves:
            raise PredictionError(
                f"{name} depends on no coefficient of this basis: leave it out, or take the basis "
                "'bsinv' with all operators of neutrinos."
            )


def _data(
    found: _Polynomial, parameters: Sequence[_Parameter]
) -> tuple[dict[str, list[float]], tuple[_Parameter, ...]]:
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
    used: Sequence[_Parameter],
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
