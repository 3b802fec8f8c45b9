"""Rates that interfere with the Standard Model: quadratic forms in the shifts of coefficients.

The mean of the rates of a B and an anti-B is x^T F x + y^T F y with x + i y = (1, C_9, C_10, C_9',
C_10', C_7, C_7', C_8, C_S, C_P, C_S', C_P') and a real symmetric F: tabulated, or an integral over
q2. Where the last seven vanish the first block of F is enough.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...data.tables import table
from ..arrays import Array, frozen
from ..form_factors import FormFactors
from ..invisible.hadronic.quadratic import Decay
from ..kinematics import bin_grid, checked_edges, kinematics
from .charm import effective_c9, standard_model
from .rates import FORM_FACTORS, LEPTON_DENSITIES, Couplings, helicity_amplitudes

__all__ = ["SIZE", "SMALL", "evaluate", "filled", "polynomial", "rate_form"]

# Length of the vectors with all coefficients, and with C_9, C_10 and their primed partners alone.
SIZE, SMALL = 12, 5


def evaluate(form: Array, vector: Array) -> Array:
    """Value of quadratic forms, not negative.

    Parameters
    ----------
    form : (SIZE, SIZE) or (n, SIZE, SIZE) array
        Real and symmetric; a block of the size of the vectors is enough.
    vector : (n, SMALL) or (n, SIZE) complex array

    Returns
    -------
    (n,) array, in the unit of `form`
    """
    size = vector.shape[1]
    if form.shape[-1] != size:
        form = form[..., :size, :size]
    total = 0.0
    for part in (vector.real, vector.imag):
        row = part @ form if form.ndim == 2 else (part[:, None, :] @ form)[:, 0]
        total = total + (row * part).sum(axis=1)
    # A form has no negative eigenvalue but for rounding errors.
    return np.asarray(np.maximum(total, 0.0))


@lru_cache(maxsize=64)
def polynomial(name: str, size: int = SIZE) -> Array:
    """Form of a polynomial of the table ``bsll_polynomials``.

    The mass of the s quark beside that of the b quark is neglected in scalar operators: the factor
    of `coefficients.scalar_factor` is that of the coefficients.

    Parameters
    ----------
    name : str
        Column, such as ``B+->K+tautau``.
    size : int
        `SIZE`, or `SMALL` for the first block alone.

    Returns
    -------
    (size, size) array, 1 for a total or GeV^-2 for the mean of dBR/dq2 over a bin
    """
    form = filled(table("bsll_polynomials").columns[name])
    # The fit leaves eigenvalues down to -5e-8 in directions that do not contribute: a rate must
    # not become negative far along them.
    small = _without_negative(form[:SMALL, :SMALL])
    if size == SMALL:
        return frozen(small)
    mixed, rest = form[:SMALL, SMALL:], form[SMALL:, SMALL:]
    inverse = np.linalg.pinv(small, rcond=1e-7, hermitian=True)
    # The first block must not depend on whether the others are used: they are adapted to it.
    mixed = small @ inverse @ mixed
    lowest = mixed.T @ inverse @ mixed
    rest = lowest + _without_negative(rest - lowest)
    return frozen(np.block([[small, mixed], [mixed.T, rest]]))


def filled(values: Array) -> Array:
    """Symmetric matrix of the rows of a column of the table.

    Parameters
    ----------
    values : array
        Coefficients of the products of the first `SMALL` entries, and then for each further entry
        those of its products with all before it and with itself; zero where they are left out.

    Returns
    -------
    (SIZE, SIZE) array
    """
    matrix = np.zeros((SIZE, SIZE))
    count = SMALL * (SMALL + 1) // 2
    matrix[np.triu_indices(SMALL)] = values[:count]
    for k in range(SMALL, SIZE if len(values) > count else SMALL):
        matrix[: k + 1, k] = values[count : count + k + 1]
        count += k + 1
    return 0.5 * (matrix + matrix.T)


def _without_negative(form: Array) -> Array:
    """The form without its negative eigenvalues."""
    eigenvalues, vectors = np.linalg.eigh(form)
    if eigenvalues[0] >= 0.0:
        return form
    return np.asarray((vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T)


def rate_form(
    decay: Decay,
    form_factors: FormFactors,
    mass: float | Array,
    edges: tuple[float, ...],
    size: int = SMALL,
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
    size : int
        `SIZE`, or `SMALL` for the first block alone.

    Returns
    -------
    (1, bins, size, size) or (n, bins, size, size) array, GeV^5
        N with alpha at 4.8 GeV, as the coefficients; C_8, which comes with loops, has no part.
    """
    if decay.fixed and form_factors.size == 1 and not isinstance(mass, np.ndarray):
        return _fixed_rate_form(decay, form_factors, mass, edges, size)
    return _rate_form(decay, form_factors, mass, edges, size)


def _rate_form(
    decay: Decay,
    form_factors: FormFactors,
    mass: float | Array,
    edges: tuple[float, ...],
    size: int,
) -> Array:
    grid = bin_grid(checked_edges(edges), 4.0 * mass * mass, decay.end_point)
    kin = kinematics(grid.q2, decay.m_parent, decay.m_meson)
    values = {name: form_factors.value(name, kin.q2) for name in FORM_FACTORS[decay.spin]}
    couplings = _unit_couplings(kin.q2, size)
    amplitudes = helicity_amplitudes(decay.spin, kin, values, couplings, (mass, mass))
    total = np.zeros((1, grid.bins, size, size))
    for current, amplitude in amplitudes:
        density = LEPTON_DENSITIES[current](kin.q2, mass, mass)
        weight = 0.25 * grid.weight * kin.phase_space * np.maximum(density, 0.0)
        rows = np.moveaxis(amplitude * np.sqrt(weight), 0, -1)
        rows = rows.reshape(rows.shape[0], grid.bins, -1, size)
        # The imaginary part changes sign between a B and an anti-B.
        total = total + (np.swapaxes(rows.conj(), 2, 3) @ rows).real
    return frozen(total)


# Form factors are compared by identity: fixed ones are the same object from call to call.
_fixed_rate_form = lru_cache(maxsize=64)(_rate_form)


def _unit_couplings(q2: Array, size: int) -> Couplings:
    """Couplings of the Standard Model and of each coefficient alone, along a new first axis."""
    sm = standard_model()
    unit = np.broadcast_to(np.eye(size)[:, :, None, None], (size, size, *q2.shape))
    standard = unit[0]
    # In the order of `coefficients.NAMES` and `coefficients.FURTHER`; C_8 is left out.
    names = ("c_7", "c_7p", "c_8", "c_s", "c_p", "c_sp", "c_pp")
    further = dict(zip(names, unit[SMALL:], strict=False))
    further.pop("c_8", None)
    # The operators of new physics hold the running mass.
    mass = sm["m_b_msbar"] / sm["m_b"]
    seven, primed = (mass * further.pop(name, 0.0) for name in ("c_7", "c_7p"))
    return Couplings(
        c_9=effective_c9(q2) * standard + unit[1],
        c_10=sm["C_10"] * standard + unit[2],
        c_9p=unit[3],
        c_10p=unit[4],
        c_7=sm["C_7_eff"] * standard + seven,
        c_7p=primed,
        m_b=sm["m_b"],
        **further,
    )
