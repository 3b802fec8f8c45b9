"""Interpolation of systematic variations in HistFactory, batched, with derivatives.

Codes 4p (histograms) and 4 (normalisations) of the HistFactory definition as used by pyhf:
a polynomial for ``|alpha| <= 1`` that joins the linear (exponential) extrapolation with
continuous value, first and second derivative, so that Newton steps see a smooth function.

Histograms may also follow code 0, linear on either side of zero, or code 2, quadratic inside and
linear outside of [-1, 1]. There the definition (CERN-OPEN-2012-016) and pyhf forget a constant and
jump at +-1; here the pieces join, as in ROOT. Normalisations may follow code 1, exponential on
either side of zero. The kink of codes 0 and 1 is rounded over +-1e-9.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "Array",
    "bend",
    "bend_curvature",
    "exponential_curvature",
    "exponential_factors",
    "log_factor_curvature",
    "log_factors",
    "normalisation_coefficients",
    "polynomial_table",
]

Array = np.ndarray

# Half width of the parabola that replaces the kink of |alpha|.
KINK = 1e-9


def _absolute(alpha: Array) -> tuple[Array, Array, Array]:
    """|alpha| with its kink rounded, its slope and curvature."""
    near = abs(alpha) < KINK
    value = np.where(near, 0.5 * (alpha * alpha / KINK + KINK), abs(alpha))
    return value, np.where(near, alpha / KINK, np.sign(alpha)), np.where(near, 1.0 / KINK, 0.0)


def bend(alpha: Array, code: str = "4p") -> tuple[Array, Array]:
    """Even part of the histogram interpolation and its derivative.

    A variation with templates (lo, nominal, hi) shifts a bin by
    ``S alpha + A bend(alpha)``, with ``S = (hi - lo)/2``, ``A = (hi + lo - 2 nominal)/16`` and
    ``bend = alpha^2 (15 - 10 alpha^2 + 3 alpha^4)`` inside, ``8 |alpha|`` outside [-1, 1]; with
    code 2 ``8 alpha^2`` and ``8 (2 |alpha| - 1)``, with code 0 ``8 |alpha|`` everywhere.

    Parameters
    ----------
    alpha : array of any shape
        Nuisance parameters, in standard deviations.
    code : {"4p", "2", "0"}

    Returns
    -------
    value, slope : arrays of the shape of `alpha`
    """
    if code == "0":
        value, slope, _ = _absolute(alpha)
        return 8.0 * value, 8.0 * slope
    square = alpha * alpha
    inside = square <= 1.0
    if code == "2":
        value = np.where(inside, 8.0 * square, 8.0 * (2.0 * abs(alpha) - 1.0))
        return value, np.where(inside, 16.0 * alpha, np.copysign(16.0, alpha))
    value = np.where(inside, square * (15.0 + square * (-10.0 + 3.0 * square)), 8.0 * abs(alpha))
    slope = np.where(
        inside, alpha * (30.0 + square * (-40.0 + 18.0 * square)), np.copysign(8.0, alpha)
    )
    return value, slope


def bend_curvature(alpha: Array, code: str = "4p") -> Array:
    """Second derivative of `bend`: an array of the shape of `alpha`."""
    if code == "0":
        return 8.0 * _absolute(alpha)[2]
    square = alpha * alpha
    if code == "2":
        return np.where(square <= 1.0, 16.0, 0.0)
    return np.where(square <= 1.0, 30.0 + square * (-120.0 + 90.0 * square), 0.0)


def normalisation_coefficients(lo: float, hi: float) -> Array:
    """Polynomial of the normalisation interpolation (code 4) for one variation.

    Parameters
    ----------
    lo, hi : float
        Factors at -1 and +1 standard deviation, positive.

    Returns
    -------
    (7,) array
        Coefficients of ``1, alpha, ..., alpha^6``: value, first and second derivative at
        ``alpha = +-1`` join ``hi^alpha`` and ``lo^(-alpha)``.
    """
    powers = np.arange(1, 7)
    plus = np.ones(6)
    minus = (-1.0) ** powers
    conditions = np.array(
        [
            plus,
            minus,
            powers * plus,
            -powers * minus,
            powers * (powers - 1) * plus,
            powers * (powers - 1) * minus,
        ]
    )
    log_hi, log_lo = np.log(hi), np.log(lo)
    joined = [hi - 1, lo - 1, hi * log_hi, -lo * log_lo, hi * log_hi**2, lo * log_lo**2]
    return np.concatenate([[1.0], np.linalg.solve(conditions, joined)])


def polynomial_table(coefficients: Array) -> Array:
    """Coefficients of polynomials and of their derivatives, for one Horner scheme over both.

    Parameters
    ----------
    coefficients : (7, J) array
        From `normalisation_coefficients`.

    Returns
    -------
    (7, 2, 1, J) array
        Coefficient of alpha^k of the J polynomials ``[k, 0]`` and of their slopes ``[k, 1]``.
    """
    slopes = np.zeros_like(coefficients)
    slopes[:-1] = np.arange(1, 7)[:, None] * coefficients[1:]
    return np.stack([coefficients, slopes], axis=1)[:, :, None, :]


def log_factors(alpha: Array, log_lo: Array, log_hi: Array, table: Array) -> tuple[Array, Array]:
    """Logarithm of normalisation factors (code 4) and its derivative.

    Parameters
    ----------
    alpha : (n, J) array
        Nuisance parameter of each factor.
    log_lo, log_hi : (J,) arrays
        Logarithms of the factors at -1 and +1.
    table : (7, 2, 1, J) array
        From `polynomial_table`.

    Returns
    -------
    value, slope : (n, J) arrays
    """
    # Outside [-1, 1] the polynomial is not used; clipping keeps it positive and finite there.
    x = np.clip(alpha, -1.0, 1.0)
    both = table[6] * x
    for row in table[5:0:-1]:
        both += row
        both *= x
    both += table[0]
    log, slope = np.log(both[0]), both[1] / both[0]
    outside = alpha != x
    if outside.any():
        slope = np.where(outside, np.where(alpha > 0, log_hi, -log_lo), slope)
        log = np.where(outside, alpha * slope, log)
    return log, slope


def log_factor_curvature(alpha: Array, coefficients: Array) -> Array:
    """Second derivative of `log_factors`: (n, J); zero in the exponential region."""
    order = np.arange(7)
    x = np.clip(alpha, -1.0, 1.0)[..., None]
    powers = x**order
    value = np.einsum("njk,kj->nj", powers, coefficients)
    first = np.einsum("njk,kj->nj", powers[..., :6], (order[:, None] * coefficients)[1:])
    factor = (order * (order - 1))[:, None]
    second = np.einsum("njk,kj->nj", powers[..., :5], (factor * coefficients)[2:])
    return np.where(abs(alpha) > 1.0, 0.0, second / value - (first / value) ** 2)


def exponential_factors(alpha: Array, log_lo: Array, log_hi: Array) -> tuple[Array, Array]:
    """Logarithm of normalisation factors (code 1) and its derivative.

    Parameters
    ----------
    alpha : (n, J) array
        Nuisance parameter of each factor.
    log_lo, log_hi : (J,) arrays
        Logarithms of the factors at -1 and +1.

    Returns
    -------
    value, slope : (n, J) arrays
    """
    odd, even = 0.5 * (log_hi - log_lo), 0.5 * (log_hi + log_lo)
    value, slope, _ = _absolute(alpha)
    return odd * alpha + even * value, odd + even * slope


def exponential_curvature(alpha: Array, log_lo: Array, log_hi: Array) -> Array:
    """Second derivative of `exponential_factors`: (n, J)."""
    curvature: Array = 0.5 * (log_hi + log_lo) * _absolute(alpha)[2]
    return curvature
