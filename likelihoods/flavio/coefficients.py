"""Wilson coefficients for flavio: its names and normalisation, and what it does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import PredictionError
from ...physics.ckm import lambda_td
from ...physics.wcxf_names import WCXF_COEFFICIENTS
from ...physics.wilson import WILSON_NAMES
from ..base import Array

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["refuse_unknown", "translate"]

# What flavio does not have of b -> s with neutrinos.
_ALIEN = ("C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL", "signal_strength")
_ALIEN_BD = tuple(f"{name}_bd" for name in _ALIEN[:-1])


def translate(wilson: Wilson, inputs: Inputs, sectors: frozenset[str]) -> dict[str, Array]:
    """Coefficients in the basis and normalisation of flavio.

    Parameters
    ----------
    wilson : Wilson
    inputs : Inputs
        Constants alpha_inv and VtbVts, and those of `ckm.lambda_td`.
    sectors : frozenset of str
        Of WCxf, to be translated.

    Returns
    -------
    dict of str to (n,) or (1,) array
        Only coefficients that are not zero at every point.
    """
    from .bridge import alpha_lambda

    alpha, modulus = alpha_lambda()
    lambda_ratio = inputs.constant("VtbVts") / modulus
    ratios = {
        "": np.ones(1),
        "lambda_t": lambda_ratio,
        "alpha lambda_t": lambda_ratio / (alpha * inputs.constant("alpha_inv")),
    }
    if "dbnunu" in sectors:
        beside = np.abs(lambda_td(inputs)) / alpha_lambda("bd")[1]
        ratios["alpha lambda_td"] = beside / (alpha * inputs.constant("alpha_inv"))
    values = {}
    for name, place in WCXF_COEFFICIENTS.items():
        if place.sector not in sectors:
            continue
        entry: tuple[slice | int, ...] = (slice(None), *place.at)
        parts = [factor * wilson[key][entry] for key, factor in place.parts if key in wilson]
        total = sum(parts, np.zeros(1))
        if np.any(total):
            values[name] = ratios[place.relative_to] * (total.conj() if place.conjugate else total)
    return values


def refuse_unknown(wilson: Wilson, sectors: frozenset[str], observable: str) -> None:
    """Refuse coefficients that flavio does not have and that would change the observable.

    Parameters
    ----------
    wilson : Wilson
    sectors : frozenset of str
        Of WCxf, on which the prediction depends.
    observable : str
        Name in flavio, for the message.

    Raises
    ------
    PredictionError
        Naming the first of them that is not zero.
    """
    missing = {
        "sbnunu": (*_ALIEN, *_dark("")),
        "dbnunu": (*_ALIEN_BD, *_dark("_bd")),
        "sdnunu": _dark("_sd"),
        "dF=0": ("da_mu",),
    }
    for sector in sectors & set(missing):
        for name in missing[sector]:
            # A point that is not a number has no prediction anyway.
            if name in wilson and np.any(np.nan_to_num(wilson[name])):
                raise PredictionError(
                    f"flavio does not have the coefficient {name}, which would change {observable}:"
                    " fit that observable without flavio, or set the coefficient to zero."
                )


def _dark(suffix: str) -> tuple[str, ...]:
    """Coefficients of dark particles with a pair of quarks: all pairs have the same ones."""
    return tuple(
        name + suffix
        for name, known in WILSON_NAMES.items()
        if not known.flavour
        if f"{name}_bd" in WILSON_NAMES and name + suffix in WILSON_NAMES
    )
