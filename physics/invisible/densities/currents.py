"""From operators to entries of W_ab: quark currents, dark currents and their interference.

An operator couples quark currents to dark currents. The amplitude of the quark current a is the sum
over dark currents j of A_aj J_j, and W_ab = sum_jk A_aj A_bk* rho_jk. This file makes the entries
for every dark sector; the sector brings its list of operators and its table of densities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ....errors import PredictionError
from ...arrays import Array, column
from ...wilson import Wilson
from .base import Density, Line
from .lives import Life

__all__ = [
    "Amplitudes",
    "DarkTerm",
    "Interference",
    "Operator",
    "amplitudes",
    "entries",
    "mass_parameter",
]


@dataclass(frozen=True, eq=False)
class DarkTerm:
    """One entry of W_ab, weight times density.

    Attributes
    ----------
    pair : (str, str)
        Quark currents a and b. For a != b the entry stands for both W_ab and W_ba = W_ab*.
    weight : (1,) or (n,) array
        C_a C_b*, with everything that does not depend on q2.
    density : Density or Line
    life : Life or None
        How the particles decay; None if they are stable.
    """

    pair: tuple[str, str]
    weight: Array
    density: Density | Line
    life: Life | None = None


@dataclass(frozen=True)
class Interference:
    """Density of two dark currents, a phase times a real function of q2 and the masses."""

    function: Callable[..., Array]
    phase: complex = 1.0


# (quark current, factor, dark current) for each amplitude that an operator contributes to.
Operator = tuple[tuple[str, complex, str], ...]

Amplitudes = dict[tuple[str, str], Array]

# Pairs of quark currents whose product of helicity amplitudes does not vanish identically.
_PAIRS = (
    *((current, current) for current in ("V", "A", "E", "M", "S", "P", "Vt", "At")),
    *(("V", "E"), ("A", "M"), ("S", "Vt"), ("P", "At")),
    *((current, current) for current in ("qV", "qA", "qE", "qM")),
    *(("V", "qE"), ("A", "qM"), ("S", "qV"), ("P", "qA")),
)


def amplitudes(
    wilson: Wilson, prefix: str, operators: Mapping[str, Operator], suffix: str = ""
) -> Amplitudes:
    """Amplitudes A_aj of the operators whose coefficients are given.

    Parameters
    ----------
    wilson : Wilson
    prefix, suffix : str
        The name of a coefficient is prefix + name of the operator + suffix.
    operators : mapping of name to Operator

    Returns
    -------
    dict of (quark current, dark current) to (n,) array
    """
    found: Amplitudes = {}
    for name, links in operators.items():
        coefficient = wilson.get(f"{prefix}{name}{suffix}")
        if coefficient is None:
            continue
        for quark, factor, dark in links:
            part = factor * coefficient
            known = found.get((quark, dark))
            found[quark, dark] = part if known is None else known + part
    return found


def entries(
    found: Amplitudes,
    table: Mapping[tuple[str, str], Interference],
    density: Callable[[Callable[..., Array]], Density | Line],
    factor: float = 1.0,
) -> tuple[DarkTerm, ...]:
    """Entries of W_ab of one dark sector.

    Parameters
    ----------
    found : dict of (quark current, dark current) to (n,) array
    table : mapping of (dark current, dark current) to Interference
        Each pair once; the mirror is the complex conjugate.
    density : callable
        Makes the density of a function of the table.
    factor : float
        Factor on all densities, such as that of identical particles.

    Returns
    -------
    tuple of DarkTerm
    """
    terms = []
    for pair in _PAIRS:
        first = {dark: value for (quark, dark), value in found.items() if quark == pair[0]}
        second = {dark: value for (quark, dark), value in found.items() if quark == pair[1]}
        if not first or not second:
            continue
        same = pair[0] == pair[1]
        for (one, other), entry in table.items():
            weight: Array | None = None
            if one in first and other in second:
                weight = factor * entry.phase * first[one] * np.conj(second[other])
                if same and one != other:
                    weight = 2.0 * weight
            if not same and one != other and other in first and one in second:
                mirror = np.conj(factor * entry.phase) * first[other] * np.conj(second[one])
                weight = mirror if weight is None else weight + mirror
            if weight is not None:
                terms.append(DarkTerm(pair, np.asarray(weight), density(entry.function)))
    return tuple(terms)


def mass_parameter(wilson: Wilson, name: str, needed_by: str) -> float | Array:
    """Mass or width of the dark sector: a float if it is the same at every point, else (n, 1).

    Raises
    ------
    PredictionError
        If it is missing or negative.
    """
    value = wilson.get(name)
    if value is None:
        raise PredictionError(f"the coefficients {needed_by}... need {name} (GeV).")
    if np.any(value < 0.0):
        raise PredictionError(f"{name} is negative: {float(np.min(value)):g} GeV.")
    return column(value)
