"""Basis changes, running and matching of WCxf documents by the package wilson (arXiv:1804.05033).

Importing this module imports wilson. Its own parameters (G_F, alpha, CKM elements) are used from
the document to the coefficients of the basis flavio and back to GeV^-2, so that they are not in
what comes out, but for what they do in matching and running.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import wilson
from ckmutil.ckm import ckm_tree
from wilson import parameters, wcxf

from ...errors import ParameterError, UnknownNameError
from ...physics.inputs import Inputs
from ...physics.wcxf_names import SCALES, WCXF_COEFFICIENTS
from .documents import scale_and_values, wcxf_document
from .translation import PREFACTORS, prefactor_of

__all__ = ["known_bases", "names_of_basis", "real_names", "run", "translated", "without_factors"]

# Effective theories from the heaviest down; what is there can only be taken down.
_FLAVIO = ("WET", "flavio")
_LADDER = ("SMEFT", "WET", "WET-4", "WET-3")


def known_bases(eft: str) -> tuple[str, ...]:
    """Bases of an effective theory that wilson can read from."""
    own = "Warsaw" if eft == "SMEFT" else "JMS"
    others = {
        start for theory, start, end in wcxf.Translator.instances if (theory, end) == (eft, own)
    }
    return (own, *sorted(others))


def names_of_basis(eft: str, basis: str) -> frozenset[str]:
    """All coefficients of a basis."""
    return frozenset(wcxf.Basis[eft, basis].all_wcs)


def real_names(eft: str, basis: str) -> frozenset[str]:
    """Coefficients of a basis that are real."""
    sectors = wcxf.Basis[eft, basis].sectors.values()
    return frozenset(
        name for sector in sectors for name, entry in sector.items() if (entry or {}).get("real")
    )


def run(
    eft: str, basis: str, scale: float, values: Mapping[str, complex], quick: bool = False
) -> dict[str, complex]:
    """Coefficients of the basis flavio, each at the scale where a `Wilson` has it.

    Parameters
    ----------
    eft, basis : str
    scale : float, GeV
    values : mapping of str to complex
    quick : bool
        Run in SMEFT with leading logarithms alone.

    Returns
    -------
    dict of str to complex
        Those of `physics.wcxf_names.WCXF_COEFFICIENTS` that are not zero.

    Raises
    ------
    ParameterError
        If wilson refuses.
    """
    groups: dict[tuple[float, str], list[str]] = {}
    for sector, place in SCALES.items():
        if _LADDER.index(place[1]) >= _LADDER.index(eft):
            groups.setdefault(place, []).append(sector)
    found: dict[str, complex] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            start = wilson.Wilson(dict(values), scale=scale, eft=eft, basis=basis)
            if quick:
                start.set_option("smeft_accuracy", "leadinglog")
            for (low, theory), sectors in groups.items():
                there = start.match_run(low, theory, "flavio", sectors=tuple(sectors)).dict
                found |= {
                    name: complex(there[name])
                    for name, place in WCXF_COEFFICIENTS.items()
                    if place.sector in sectors and there.get(name)
                }
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            told = f"{type(error).__name__}: {str(error)[:200]}"
            raise ParameterError(
                f"WCxf: the package wilson cannot take {eft}, {basis} at {scale:g} GeV to the "
                f"scales of the b quark ({told})."
            ) from error
    if not np.isfinite(list(found.values())).all():
        raise ParameterError(
            f"WCxf: the package wilson gives coefficients that are not finite from {eft}, {basis} "
            f"at {scale:g} GeV."
        )
    return found


def without_factors(values: Mapping[str, complex]) -> dict[str, complex]:
    """Coefficients of the basis flavio divided by the factors that wilson has in them, GeV^-2.

    Parameters
    ----------
    values : mapping of str to complex
        Made by `run`.
    """
    factors = _factors()
    return {
        name: value / factors[prefactor_of(WCXF_COEFFICIENTS[name])]
        for name, value in values.items()
    }


def translated(document: Mapping[str, Any], basis: str, inputs: Inputs) -> dict[str, Any]:
    """Document of the EFT WET, basis flavio and factors of `inputs`, in another basis.

    Parameters
    ----------
    document : mapping
    basis : str
        Such as ``JMS``.
    inputs : Inputs
        Of one point, beside whose G_F, CKM elements and alpha the coefficients stand.

    Returns
    -------
    dict

    Raises
    ------
    UnknownNameError
        If wilson cannot translate to the basis.
    """
    known = {end for eft, start, end in wcxf.Translator.instances if (eft, start) == _FLAVIO}
    if basis not in known:
        raise UnknownNameError("WCxf basis", basis, {*known, "flavio"}, "the WET")
    scale, values = scale_and_values(document, ("WET",), ("flavio",))
    theirs = _factors()
    own = {}
    for name, value in values.items():
        kind = prefactor_of(WCXF_COEFFICIENTS[name])
        own[name] = value / complex(PREFACTORS[kind](inputs)[0]) * theirs[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = wilson.Wilson(own, scale=scale, eft="WET", basis="flavio")
        found = start.wc.translate(basis).dict
    return wcxf_document("WET", basis, scale, {key: complex(found[key]) for key in found})


@lru_cache(maxsize=1)
def _factors() -> dict[str, complex]:
    """Those of `translation.PREFACTORS` with the parameters of wilson."""
    own = parameters.p
    ckm = ckm_tree(own["Vus"], own["Vub"], own["Vcb"], own["gamma"])
    half_vev = np.sqrt(2.0) / (4.0 * own["GF"])
    lambda_t, lambda_td = (ckm[2, 2] * np.conj(ckm[2, quark]) for quark in (1, 0))
    return {
        "semileptonic": half_vev * 2.0 * np.pi / own["alpha_e"] / lambda_t,
        "b to d": half_vev * 2.0 * np.pi / own["alpha_e"] / lambda_td,
        "dipole": half_vev / lambda_t,
        "charged current": -half_vev / ckm[1, 2],
        "four leptons": half_vev,
        "mixing": 1.0,
    }
