"""QCD corrections of order alpha_s to b -> s nu nubar with a massless s quark."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array

__all__ = ["qcd_factor", "total_qcd_factor"]


def total_qcd_factor(alpha_s: ArrayLike) -> Array:
    """Factor of order alpha_s on the total rate of V - A, 1 - (2 alpha_s/3 pi)(pi^2 - 25/4).

    Massless s quark, pole scheme; arXiv:0902.0160.
    """
    return np.asarray(1.0 - 2.0 * np.asarray(alpha_s) / (3.0 * np.pi) * (np.pi**2 - 6.25))


def qcd_factor(y: ArrayLike, alpha_s: ArrayLike) -> Array:
    """Factor of order alpha_s on the spectrum of V - A at y = q2/m_b^2, between 0 and 1.

    1 - (2 alpha_s/3 pi) f_1/f_0 with f_0 = 2 (1 - y)^2 (1 + 2 y) and
    f_1 = f_0 [pi^2 + 2 Li_2(y) - 2 Li_2(1 - y)] + 4 y (1 - y - 2 y^2) ln y
    + 2 (1 - y)^2 (5 + 4 y) ln(1 - y) - (1 - y)(5 + 9 y - 6 y^2); M. Jezabek, J. H. Kuehn, Nucl.
    Phys. B314 (1989) 1. Massless s quark; towards y = 1 it grows like a logarithm, so that only
    bins of 2 GeV^2 and more mean something there.

    Returns
    -------
    array, 1
        1 outside of (0, 1).
    """
    from scipy.special import spence

    y = np.asarray(y, dtype=float)
    inside = (y > 0.0) & (y < 1.0)
    x = np.where(inside, y, 0.5)
    f_0 = 2.0 * (1.0 - x) ** 2 * (1.0 + 2.0 * x)
    # spence(x) is Li_2(1 - x).
    f_1 = f_0 * (np.pi**2 + 2.0 * spence(1.0 - x) - 2.0 * spence(x))
    f_1 = f_1 + 4.0 * x * (1.0 - x - 2.0 * x * x) * np.log(x)
    f_1 = f_1 + 2.0 * (1.0 - x) ** 2 * (5.0 + 4.0 * x) * np.log1p(-x)
    f_1 = f_1 - (1.0 - x) * (5.0 + 9.0 * x - 6.0 * x * x)
    factor = 1.0 - 2.0 * np.asarray(alpha_s) / (3.0 * np.pi) * f_1 / f_0
    return np.asarray(np.where(inside, factor, 1.0))
