"""Rates that interfere with the Standard Model: quadratic forms in the shifts of coefficients.

The mean of the rates of a B and an anti-B is x^T F x + y^T F y with x + i y =
(1, C_9, C_10, C_9', C_10') and a real symmetric F: tabulated, or an integral over q2.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...data.tables import table
from ..arrays import Array, frozen
from ..form_factors import FormFactors
from ..invisible.quadratic import Decay
from ..kinematics import bin_grid, checked_edges, kinematics
from .charm import effective_c9, standard_model
from .rates import FORM_FACTORS, LEPTON_DENSITIES, Couplings, helicity_amplitudes

__all__ = ["evaluate", "polynomial", "rate_form"]

_SIZE = 5


def evaluate(form: Array, vector: Array) -> Array:
    """Value of quadratic forms, not negative.

    Parameters
    ----------
    form : (5, 5) or (n, 5, 5) array
        Real and symmetric.
    vector : (n, 5) complex array

    Returns
    -------
    (n,) array, in the unit of `form`
    """
    total = 0.0
    for part in (vector.real, vector.imag):
        row = part @ form if form.ndim == 2 else (part[:, None, :] @ form)[:, 0]
        total = total + (row * part).sum(axis=1)
    # A form has no negative eigenvalue but for rounding errors.
    return np.asarray(np.maximum(total, 0.0))


@lru_cache(maxsize=64)
def polynomial(name: str) -> Array:
    """Form of a polynomial of the table ``bsll_polynomials``.

    Parameters
    ----------
    name : str
        Column, such as ``B+->K+tautau``.

    Returns
    -------
    (5, 5) array, 1 for a total or GeV^-2 for the mean of dBR/dq2 over a bin
    """
    values = np.zeros((_SIZE, _SIZE))
    values[np.triu_indices(_SIZE)] = table("bsll_polynomials").columns[name]
    form = 0.5 * (values + values.T)
    # The fit leaves eigenvalues down to -5e-8 in directions that do not contribute: a rate must
    # not become negative far along them.
    eigenvalues, vectors = np.linalg.eigh(form)
    if eigenvalues[0] < 0.0:
        form = (vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T
    return frozen(form)


def rate_form(
    decay: Decay, form_factors: FormFactors, mass: float | Array, edges: tuple[float, ...]
) -> Array:
    """Form of the rates of B -> M l l over N^2 in bins of q2, with C_9^eff at one loop.

    Parameters
    ----------
    decay : Decay
    form_factors : FormFactors
    mass : float or (n, 1) array, GeV
        Mass of the lepton.
    edges : tuple of float, GeV^2
        Increasing edges of the bins; what lies outside of the physical region is cut off.

    Returns
    -------
    (1, bins, 5, 5) or (n, bins, 5, 5) array, GeV^5
        N with alpha at 4.8 GeV, as the coefficients.
    """
    if decay.fixed and form_factors.size == 1 and not isinstance(mass, np.ndarray):
        return _fixed_rate_form(decay, form_factors, mass, edges)
    return _rate_form(decay, form_factors, mass, edges)


def _rate_form(
    decay: Decay, form_factors: FormFactors, mass: float | Array, edges: tuple[float, ...]
) -> Array:
    grid = bin_grid(checked_edges(edges), 4.0 * mass * mass, decay.end_point)
    kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
    values = {name: form_factors.value(name, kin.q2) for name in FORM_FACTORS[decay.spin]}
    amplitudes = helicity_amplitudes(decay.spin, kin, values, _unit_couplings(kin.q2))
    total = np.zeros((1, grid.bins, _SIZE, _SIZE))
    for current, amplitude in amplitudes:
        density = LEPTON_DENSITIES[current](kin.q2, mass, mass)
        weight = 0.25 * grid.weight * kin.phase_space * np.maximum(density, 0.0)
        rows = np.moveaxis(amplitude * np.sqrt(weight), 0, -1)
        rows = rows.reshape(rows.shape[0], grid.bins, -1, _SIZE)
        # The imaginary part changes sign between a B and an anti-B.
        total = total + (np.swapaxes(rows.conj(), 2, 3) @ rows).real
    return frozen(total)


# Form factors are compared by identity: fixed ones are the same object from call to call.
_fixed_rate_form = lru_cache(maxsize=64)(_rate_form)


def _unit_couplings(q2: Array) -> Couplings:
    """Couplings of the Standard Model and of each coefficient alone, along a new first axis."""
    sm = standard_model()
    unit = np.broadcast_to(np.eye(_SIZE)[:, :, None, None], (_SIZE, _SIZE, *q2.shape))
    standard = unit[0]
    return Couplings(
        c_9=effective_c9(q2) * standard + unit[1],
        c_10=sm["C_10"] * standard + unit[2],
        c_9p=unit[3],
        c_10p=unit[4],
        c_7=sm["C_7_eff"] * standard,
        m_b=sm["m_b"],
    )
