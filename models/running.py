"""Running between the scale of new physics and the scales of the low-energy coefficients."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..data.tables import table
from ..errors import UnknownNameError
from ..physics.arrays import Array
from ..physics.wilson_names import MIXING_PAIRS
from .log_curves import log_curves

__all__ = [
    "ALPHA_S_48",
    "ALPHA_S_TOP",
    "M_Z",
    "delta_f2",
    "delta_f2_between",
    "delta_f2_leading",
    "descent",
    "dipoles_at_mb",
    "low_delta_f2",
    "mass_running",
    "tensor_running",
]

# alpha_s at m_t(m_t) = 162.7 GeV and at 4.8 GeV for alpha_s(m_Z) = 0.1180, four loops.
ALPHA_S_TOP = 0.10852
ALPHA_S_48 = 0.215634

# Scale of the first row of the tables, TeV.
M_Z = np.array([0.0911876])
M_Z.flags.writeable = False

_LOW_SCALES = ("m_b", "4.8", "2GeV")
# First coefficients of the beta function for six, five and four flavours.
_BETA_6, _BETA_5, _BETA_4 = 7.0, 23.0 / 3.0, 25.0 / 3.0
_MATCHING = 4.2


def mass_running(scale: Array, low: str = "m_b") -> Array:
    """MSbar quark mass at a low scale over that at a high one; scalar operators run alike.

    C_S(low) = C_S(scale) m(low)/m(scale), four loops with alpha_s(m_Z) = 0.1180 (arXiv:1703.03751).

    Parameters
    ----------
    scale : (1,) or (n,) array, TeV
    low : {"m_b", "4.8", "2GeV"}
        The low scale: 4.18, 4.8 or 2 GeV.

    Returns
    -------
    (1,) or (n,) array, 1

    Raises
    ------
    UnknownNameError
        If there is no such low scale.
    """
    if low not in _LOW_SCALES:
        raise UnknownNameError("low scale", low, _LOW_SCALES)
    return log_curves("qcd_running", scale)[low]


def tensor_running(scale: Array) -> Array:
    """Factor C_T(4.8 GeV)/C_T(scale) of sigma_munu currents, leading order in QCD.

    (alpha_s(m_t)/alpha_s(scale))^(-4/21) (alpha_s(4.8)/alpha_s(m_t))^(-4/23), hep-ph/0005183.

    Parameters
    ----------
    scale : (1,) or (n,) array, TeV

    Returns
    -------
    (1,) or (n,) array, 1
    """
    high = log_curves("qcd_running", scale)["alpha_s"]
    low = (ALPHA_S_48 / ALPHA_S_TOP) ** (-4.0 / 23.0)
    return np.asarray((ALPHA_S_TOP / high) ** (-4.0 / 21.0) * low)


def delta_f2(pair: str, scale: Array) -> dict[str, Array]:
    """Factors that take coefficients of H(Delta F = 2) at a high scale to the low one.

    VLL, VRR and VLR hold the full one-loop running including Yukawa couplings, tabulated as
    dM_12/dC; SLR is that of QCD at leading order above m_Z. VLR at the high scale gives VLR and SLR
    at the low one: they are in the ratio of leading order, and their sum gives the tabulated M_12.

    Parameters
    ----------
    pair : {"bs", "bd", "sd", "cu"}
        Low scale 4.2 GeV for the first two, 2 GeV for the others.
    scale : (1,) or (n,) array, TeV

    Returns
    -------
    dict of str to (1,) or (n,) array, 1
        ``VLL``, ``VRR``, ``VLR``, ``SLR`` from the operator to itself, ``VLR->SLR``.

    Raises
    ------
    UnknownNameError
        If there is no such pair.
    """
    if pair not in MIXING_PAIRS:
        raise UnknownNameError("quark pair", pair, MIXING_PAIRS)
    own = {key: float(column[0]) for key, column in _low_energy(pair).items()}
    derivative = log_curves(f"mixing_running_{pair}", scale)
    vector, mixed, _ = _leading(pair, scale)
    share = derivative["VLR"] / (vector * own["VLR"] + mixed * own["SLR"])
    at_mz = _leading(pair, M_Z)[2]
    return {
        "VLL": derivative["VLL"] / own["VLL"],
        "VRR": derivative["VRR"] / own["VLL"],
        "VLR": vector * share,
        "VLR->SLR": mixed * share,
        "SLR": own["SLR_mZ"] / own["SLR"] * _leading(pair, scale)[2] / at_mz,
    }


def low_delta_f2(
    pair: str, coefficients: Mapping[str, Array], scale: Array, running: Array | float = 1.0
) -> dict[str, Array]:
    """Low-energy Wilson coefficients of H(Delta F = 2) of those at a high scale.

    Parameters
    ----------
    pair : {"bs", "bd", "sd", "cu"}
    coefficients : mapping of {"VLL", "VRR", "VLR", "SLR"} to (1,) or (n,) array, GeV^-2
        Coefficients of H at the scale.
    scale : (1,) or (n,) array, TeV
    running : number or (n,) array
        1 for the full running, 0 for none, and what lies between.

    Returns
    -------
    dict of str to (1,) or (n,) array, GeV^-2
        With names of Wilson coefficients such as ``C_VLL_bs``.

    Raises
    ------
    UnknownNameError
        If there is no such pair or operator.
    """
    known = ("VLL", "VRR", "VLR", "SLR")
    factors = delta_f2(pair, scale)
    found: dict[str, Array] = {}
    for name, value in coefficients.items():
        if name not in known:
            raise UnknownNameError("Delta F = 2 operator", name, known)
        key = f"C_{name}_{pair}"
        found[key] = found.get(key, 0.0) + (1.0 + running * (factors[name] - 1.0)) * value
    if "VLR" in coefficients:
        key = f"C_SLR_{pair}"
        found[key] = found.get(key, 0.0) + running * factors["VLR->SLR"] * coefficients["VLR"]
    return found


def descent(scale: Array, low: float) -> tuple[tuple[Array, float], tuple[Array, float]]:
    """Steps of fixed flavour number down from a high scale: six above m_t, five below.

    Parameters
    ----------
    scale : (1,) or (n,) array, TeV
    low : float
        alpha_s at the low scale, between m_b and m_t.

    Returns
    -------
    two pairs of (1,) or (n,) array and number
        eta = alpha_s(high)/alpha_s(low) and beta_0 of each step; eta is 1 where there is none.
    """
    high = log_curves("qcd_running", scale)["alpha_s"]
    return (
        (np.minimum(high, ALPHA_S_TOP) / ALPHA_S_TOP, _BETA_6),
        (np.maximum(high, ALPHA_S_TOP) / low, _BETA_5),
    )


def delta_f2_leading(*steps: tuple[Array | float, float]) -> tuple[Array, Array, Array, Array]:
    """Leading-order QCD running of H(Delta F = 2) through steps of fixed flavour number.

    For eta = alpha_s(high)/alpha_s(low): VLL takes eta^(2/beta_0); (VLR, SLR) take the matrix
    [[eta^(1/beta_0), 0], [(2/3)(eta^(1/beta_0) - eta^(-8/beta_0)), eta^(-8/beta_0)]],
    hep-ph/0102316.

    Parameters
    ----------
    *steps : pairs of (1,) or (n,) array and number
        eta and beta_0 of each step.

    Returns
    -------
    four (1,) or (n,) arrays, 1
        VLL to VLL (as for VRR), VLR to VLR, VLR to SLR, SLR to SLR.
    """
    left: Array = np.ones(1)
    vector, scalar = np.ones(1), np.ones(1)
    for eta, beta in steps:
        left = left * np.asarray(eta) ** (2.0 / beta)
        vector = vector * np.asarray(eta) ** (1.0 / beta)
        scalar = scalar * np.asarray(eta) ** (-8.0 / beta)
    # The eigenvectors do not depend on the number of flavours, so the steps multiply.
    return left, vector, 2.0 / 3.0 * (vector - scalar), scalar


def delta_f2_between(start: float, end: float) -> dict[str, float]:
    """Leading-order QCD factors of H(Delta F = 2) between two scales near m_b.

    Five flavours above 4.2 GeV, four below. SLL (and SRR) is the element from the operator to
    itself, eigenvalues -9.683 and 11.016 of the anomalous dimension of hep-ph/0005183; the tensor
    operator that it makes is left out.

    Parameters
    ----------
    start, end : float, GeV
        From 2 to 10 GeV.

    Returns
    -------
    dict of str to float, 1
        ``VLL``, ``VRR``, ``VLR``, ``VLR->SLR``, ``SLR``, ``SLL``, ``SRR``.
    """
    steps: list[tuple[Array | float, float]] = []
    scalar = 1.0
    for low, high, beta in ((0.0, _MATCHING, _BETA_4), (_MATCHING, np.inf, _BETA_5)):
        first, last = float(np.clip(start, low, high)), float(np.clip(end, low, high))
        if first != last:
            eta = _alpha_s(first, beta) / _alpha_s(last, beta)
            steps.append((eta, beta))
            scalar *= 1.01532 * eta ** (-4.8414 / beta) - 0.01532 * eta ** (5.5081 / beta)
    left, vector, mixed, chiral = (float(factor[0]) for factor in delta_f2_leading(*steps))
    return {
        "VLL": left,
        "VRR": left,
        "VLR": vector,
        "VLR->SLR": mixed,
        "SLR": chiral,
        "SLL": scalar,
        "SRR": scalar,
    }


def _alpha_s(scale: float, beta: float) -> float:
    """QCD coupling near 4.2 GeV, with the two-loop coefficient to first order."""
    at = float(_low_energy("bs")["alpha_s"][0])
    flavours = (33.0 - 3.0 * beta) / 2.0
    second = 102.0 - 38.0 / 3.0 * flavours
    slope = beta / (2.0 * np.pi) + second * at / (8.0 * np.pi**2)
    return float(1.0 / (1.0 / at + slope * np.log(scale / _MATCHING)))


def _leading(pair: str, scale: Array) -> tuple[Array, Array, Array]:
    """VLR to VLR, VLR to SLR and SLR to SLR at leading order, six flavours above m_t."""
    bottom = float(_low_energy("bs")["alpha_s"][0])
    steps: list[tuple[Array | float, float]] = [*descent(scale, bottom)]
    if pair in ("sd", "cu"):
        steps.append((bottom / float(_low_energy(pair)["alpha_s"][0]), _BETA_4))
    _, vector, mixed, scalar = delta_f2_leading(*steps)
    return vector, mixed, scalar


def _low_energy(pair: str) -> Mapping[str, Array]:
    """Matrix elements and alpha_s at the low scale, columns of one row."""
    return table(f"mixing_low_energy_{pair}").columns


def dipoles_at_mb(c_7: Array, c_8: Array, scale: Array) -> tuple[Array, Array]:
    """C_7 and C_8 at 4.8 GeV of those at a high scale, leading order in QCD (hep-ph/9512380).

    C_7 -> eta^a C_7 + (8/3)(eta^b - eta^a) C_8, C_8 -> eta^b C_8 with a = 16/(3 beta_0),
    b = 14/(3 beta_0) and eta = alpha_s(high)/alpha_s(low), six flavours above m_t, five below.

    Parameters
    ----------
    c_7, c_8 : (n,) complex arrays
        At the scale.
    scale : (1,) or (n,) array, TeV

    Returns
    -------
    tuple of two (n,) complex arrays
    """
    for eta, beta in descent(scale, ALPHA_S_48):
        photon, gluon = eta ** (16.0 / (3.0 * beta)), eta ** (14.0 / (3.0 * beta))
        c_7, c_8 = photon * c_7 + 8.0 / 3.0 * (gluon - photon) * c_8, gluon * c_8
    return c_7, c_8
