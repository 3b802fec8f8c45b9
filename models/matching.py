"""Tree-level matching of SMEFT on b -> s, b -> d and b -> c operators, with one-loop running.

L = sum C O in the basis where down quarks and charged leptons are mass eigenstates,
O_lq1 = (l_i gamma l_j)(q_k gamma q_l), O_lq3 with sigma^I in both currents, O_ld and O_ed with
right-handed down quarks, O_qe and O_ed with right-handed charged leptons (arXiv:1008.4884).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..errors import PredictionError, UnknownNameError
from ..physics.arrays import Array
from ..physics.ckm import ckm_matrix, lambda_t, lambda_td
from ..physics.inputs import Inputs
from .couplings import add_arrays
from .log_curves import log_curves

__all__ = [
    "SMEFT_NAMES",
    "b_to_d",
    "b_to_s",
    "charged_current",
    "higgs_vev",
    "low_energy",
    "normalisation",
    "running_factors",
]

# Tree-level factors of N C[ij,23]: arXiv:1409.4557 for the neutrinos, arXiv:1407.7044.
_TREE: Mapping[str, Mapping[str, float]] = {
    "lq1": {"dC_L": 1.0, "dC_9": 1.0, "dC_10": -1.0},
    "lq3": {"dC_L": -1.0, "dC_9": 1.0, "dC_10": -1.0},
    "ld": {"dC_R": 1.0, "C_9p": 1.0, "C_10p": -1.0},
    "qe": {"dC_9": 1.0, "dC_10": 1.0},
    "ed": {"C_9p": 1.0, "C_10p": 1.0},
}

# Those with quarks [33] that the top Yukawa coupling turns into [23].
_TOP_LOOP = ("lq1", "lq3", "qe")

SMEFT_NAMES = tuple(_TREE)

_D, _S, _B = 0, 1, 2

# Of b -> d there are neutrinos alone.
_NEUTRINOS = ("dC_L", "dC_R")

# factors[source][target]: (n,) arrays. Targets besides Wilson names: "<name>_universal", the
# part of a lepton loop; "<name>_33" for quarks [33].
Factors = Mapping[str, Mapping[str, Array]]


def normalisation(inputs: Inputs, *, real_ckm: bool = False, sector: str = "") -> Array:
    """N = pi/(sqrt 2 G_F alpha lambda_t), which makes b -> s coefficients dimensionless.

    (4 G_F/sqrt 2) lambda_t alpha/(4 pi) = 1/(2 N), alpha = alpha(m_Z); N = -594 TeV^2.

    Parameters
    ----------
    inputs : Inputs
    real_ckm : bool
        Take lambda_t = -|V_tb V_ts*|, without its phase.
    sector : str
        Empty, or ``_bd`` for b -> d with V_tb V_td* in place of lambda_t.

    Returns
    -------
    (1,) or (n,) complex array, GeV^2
    """
    if sector == "_bd":
        factor = lambda_td(inputs)
    else:
        factor = -inputs.constant("VtbVts").astype(complex) if real_ckm else lambda_t(inputs)
    unit = np.pi * inputs.constant("alpha_inv") / (np.sqrt(2.0) * inputs.constant("G_F"))
    # Points outside the range of a constant are NaN and stay so.
    with np.errstate(invalid="ignore"):
        return np.asarray(unit / factor)


def higgs_vev(inputs: Inputs) -> Array:
    """Return v = (sqrt 2 G_F)^(-1/2) = 246.22 GeV, (1,) or (n,) array."""
    return np.asarray((np.sqrt(2.0) * inputs.constant("G_F")) ** -0.5)


def low_energy(
    coefficients: Mapping[str, Array],
    inputs: Inputs,
    scale: Array | None = None,
    running: Array | float = 1.0,
) -> dict[str, Array]:
    """Low-energy coefficients of SMEFT coefficients.

    Parameters
    ----------
    coefficients : mapping of str to (1, 3, 3, 3) or (n, 3, 3, 3) array, GeV^-2
        ``lq1``, ``lq3``, ``ld``, ``qe``, ``ed``; the element [point, i, j, k] is the coefficient
        [ij,k3] with leptons i, j and quarks k3 (for qe [k3,ij]), k = d, s, b. b -> s comes from
        k = s; b -> d from k = d; b -> c from k = d, s, b of lq3; with running, k = b of lq1, lq3
        and qe mixes into k = d, s. Names left out are zero.
    inputs : Inputs
    scale : (1,) or (n,) array, TeV, optional
        Where the coefficients are given. Without it the matching is at tree level.
    running : number or (n,) array
        1 for the full running from the scale to 4.8 GeV, 0 for none, and what lies between.

    Returns
    -------
    dict of str to (n, 3, 3) complex array, 1
        Those of dC_L, dC_R, dC_9, dC_10, C_9p, C_10p, C_VL_cb that the names given feed; dC_L_bd
        and dC_R_bd where they are not zero. Charged leptons of b -> d are left out.

    Raises
    ------
    UnknownNameError
        If a name is not one of the five.
    PredictionError
        If an array has another shape.
    """
    for name, array in coefficients.items():
        if name not in _TREE:
            raise UnknownNameError("SMEFT coefficient", name, _TREE)
        if np.shape(array)[1:] != (3, 3, 3):
            raise PredictionError(
                f"the SMEFT coefficient {name} has shape {np.shape(array)}: give (n, 3, 3, 3)."
            )
    if not coefficients:
        return {}
    factors = None if scale is None else running_factors(tuple(coefficients), scale, running)
    found = b_to_s(coefficients, normalisation(inputs), factors, lambda_t(inputs))
    if any(array[..., _D].any() for array in coefficients.values()) or (
        factors is not None
        and any(coefficients[name][..., _B].any() for name in _TOP_LOOP if name in coefficients)
    ):
        norm = normalisation(inputs, sector="_bd")
        found |= b_to_d(coefficients, norm, factors, lambda_td(inputs))
    if "lq3" in coefficients or (factors is not None and "lq1" in coefficients):
        found["C_VL_cb"] = charged_current(
            coefficients, ckm_matrix(inputs), higgs_vev(inputs), factors
        )
    return found


def running_factors(
    names: tuple[str, ...], scale: Array, running: Array | float = 1.0
) -> dict[str, dict[str, Array]]:
    """Factors of N C and of the tree-level charged current, from a scale to 4.8 GeV.

    One-loop SMEFT and WET running of arXiv:1804.05033, interpolated in ln(scale).

    Parameters
    ----------
    names : tuple of str
        SMEFT coefficients.
    scale : (1,) or (n,) array, TeV
    running : number or (n,) array
        0 gives the tree-level factors, 1 the full ones.

    Returns
    -------
    dict of SMEFT name to dict of target to (1,) or (n,) array, 1
        A target is the name of a Wilson coefficient; with ``_universal`` what a lepton loop adds
        for every flavour; with ``_33`` what quarks [33] give.
    """
    found: dict[str, dict[str, Array]] = {}
    for name in names:
        curves = log_curves(f"smeft_running_{name}", scale)
        if name in _TOP_LOOP:
            top = log_curves(f"smeft_running_{name}_33", scale)
            curves |= {f"{target}_33": curve for target, curve in top.items()}
        for target in _TREE[name]:
            # The table is for a diagonal entry, which holds its own lepton loop.
            curves[target] = curves[target] - curves.get(f"{target}_universal", 0.0)
        tree = {**_TREE[name]}
        if name == "lq3":
            tree |= {"C_VL_cb": 1.0, "C_VL_cb_33": 1.0}
        found[name] = {
            target: tree.get(target, 0.0) + running * (curve - tree.get(target, 0.0))
            for target, curve in curves.items()
        }
    return found


def b_to_s(
    coefficients: Mapping[str, Array],
    norm: Array,
    factors: Factors | None = None,
    ckm_factor: Array | None = None,
) -> dict[str, Array]:
    """Coefficients of b -> s: C_L = N (C_lq1 - C_lq3), C_9 = N (C_lq1 + C_lq3 + C_qe) and so on.

    Parameters
    ----------
    coefficients : mapping of str to (n, 3, 3, 3) array, GeV^-2
        As for `low_energy`.
    norm : (1,) or (n,) array, GeV^2
        N, of `normalisation`.
    factors : mapping, optional
        Made by `running_factors`; without it the relations are those of tree level.
    ckm_factor : (1,) or (n,) array, optional
        V_tb V_ts*, which multiplies quarks [33]; needed with `factors`.

    Returns
    -------
    dict of str to (n, 3, 3) array, 1
    """
    return _of_quark(_S, _TREE, coefficients, norm, factors, ckm_factor)


def b_to_d(
    coefficients: Mapping[str, Array],
    norm: Array,
    factors: Factors | None = None,
    ckm_factor: Array | None = None,
) -> dict[str, Array]:
    """Coefficients of b -> d nu nubar, as `b_to_s` with the quarks [13] in place of [23].

    Parameters
    ----------
    coefficients, factors
        As for `b_to_s`: QCD and electroweak running do not tell d from s.
    norm : (1,) or (n,) array, GeV^2
        N of the sector ``_bd``.
    ckm_factor : (1,) or (n,) array, optional
        V_tb V_td*.

    Returns
    -------
    dict of "dC_L_bd", "dC_R_bd" to (n, 3, 3) array, 1
    """
    targets = {
        name: {target: sign for target, sign in signs.items() if target in _NEUTRINOS}
        for name, signs in _TREE.items()
    }
    found = _of_quark(_D, targets, coefficients, norm, factors, ckm_factor)
    return {f"{name}_bd": array for name, array in found.items()}


def _of_quark(
    quark: int,
    tree: Mapping[str, Mapping[str, float]],
    coefficients: Mapping[str, Array],
    norm: Array,
    factors: Factors | None,
    ckm_factor: Array | None,
) -> dict[str, Array]:
    """Coefficients of b -> quark with the tree-level factors given."""
    found: dict[str, Array] = {}
    for name, array in coefficients.items():
        own = norm[:, None, None] * array[..., quark]
        top = None
        if factors is not None and ckm_factor is not None and name in _TOP_LOOP:
            top = (norm * ckm_factor)[:, None, None] * array[..., _B]
        for target, sign in tree[name].items():
            if factors is None:
                part = sign * own
            else:
                part = _factor(factors[name][target]) * own
                if f"{target}_universal" in factors[name]:
                    total = np.trace(own, axis1=1, axis2=2)[:, None, None] * np.eye(3)
                    part = part + _factor(factors[name][f"{target}_universal"]) * total
                if top is not None:
                    part = part + _factor(factors[name][f"{target}_33"]) * top
            add_arrays(found, {target: part})
    return found


def charged_current(
    coefficients: Mapping[str, Array], ckm: Array, vev: Array, factors: Factors | None = None
) -> Array:
    """C_VL of b -> c l_i nu_j: -v^2 sum_k (V_ck/V_cb) C_lq3[ij,k3].

    Parameters
    ----------
    coefficients : mapping of str to (n, 3, 3, 3) array, GeV^-2
        ``lq3`` and, with running, ``lq1``.
    ckm : (1, 3, 3) or (n, 3, 3) array
    vev : (1,) or (n,) array, GeV
    factors : mapping, optional
        Made by `running_factors`.

    Returns
    -------
    (n, 3, 3) array, 1
    """
    weights = -(vev**2)[:, None] * ckm[:, 1] / ckm[:, 1, _B, None]
    found: Array = np.zeros((1, 3, 3), dtype=complex)
    for name in ("lq1", "lq3"):
        if name not in coefficients or (name == "lq1" and factors is None):
            continue
        own = weights
        if factors is not None:
            light, heavy = factors[name]["C_VL_cb"], factors[name]["C_VL_cb_33"]
            own = weights * np.stack([light, light, heavy], axis=-1)
        found = found + np.einsum("nk,nijk->nij", *_same(own, coefficients[name]))
    return found


def _factor(values: Array) -> Array:
    """(n, 1, 1) array of (n,) values."""
    return np.asarray(values)[:, None, None]


def _same(first: Array, second: Array) -> tuple[Array, Array]:
    """Both arrays with the same number of points, for einsum, which does not stretch axes."""
    size = max(len(first), len(second))
    return (
        np.broadcast_to(first, (size, *first.shape[1:])),
        np.broadcast_to(second, (size, *second.shape[1:])),
    )
