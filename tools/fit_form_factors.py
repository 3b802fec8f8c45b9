"""Fit the BSZ form of B_s -> eta and eta' to the published points, and print it as YAML.

    python tools/fit_form_factors.py

The sets `Bstoeta_MR2025_BSZ` and `Bstoetaprime_MR2025_BSZ` of data/sources are made of what this
prints. A form factor is linear in its coefficients: the least-squares fit to
correlated points has a closed solution.
"""

from __future__ import annotations

import sys

import numpy as np
from bsinv.data.form_factors import form_factor_set
from bsinv.data.records import FormFactorSet
from bsinv.physics.form_factors import Expansion

POLES = (("f+", 5.415), ("f0", 5.63), ("fT", 5.415))
NAMES = ("a0_f+", "a1_f+", "a2_f+", "a1_f0", "a2_f0", "a0_fT", "a1_fT", "a2_fT")


def fit(points: FormFactorSet) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients of `NAMES`, their covariance, and chi2 of the fit to a set of points."""
    if points.points is None:
        sys.exit(f"{points.id} holds no points.")
    plus, minus = (points.m_B + points.m_M) ** 2, (points.m_B - points.m_M) ** 2
    t_0 = float(plus * (1.0 - np.sqrt(1.0 - minus / plus)))
    expansion = Expansion("fit", "BSZ", NAMES, POLES, points.m_B, points.m_M, t_0, 1.0)
    design = np.array([expansion.basis(name, np.array(q2)) for name, q2 in points.points])
    weight = np.linalg.inv(points.covariance)
    covariance = np.linalg.inv(design.T @ weight @ design)
    central = covariance @ design.T @ weight @ points.central
    left = points.central - design @ central
    return central, covariance, float(left @ weight @ left)


def main() -> None:
    for name in ("Bstoeta_MR2025", "Bstoetaprime_MR2025"):
        central, covariance, chi2 = fit(form_factor_set(f"{name}_points"))
        free = len(form_factor_set(f"{name}_points").names) - len(NAMES)
        print(f"# {name}_BSZ: chi2 = {chi2:.4f} for {free} degrees of freedom")
        print(f"  central: {central.tolist()}")
        print(f"  sigma: {np.sqrt(np.diag(covariance)).tolist()}")
        print("  covariance:")
        for row in 0.5 * (covariance + covariance.T):
            print(f"  - {row.tolist()}")


if __name__ == "__main__":
    main()
