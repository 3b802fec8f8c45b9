"""Fits of one particle to the Belle II likelihood, beside published ones.

Run ``python tools/one_particle_fits.py`` from the root (some minutes). It prints the tables of
docs/statistics/statistics.md: best mass, branching fraction and significance for widths of 0 and
0.1 GeV, and best branching fractions with 68 % intervals at given masses.
"""

import argparse

import bsinv
import numpy as np
from bsinv.fitter.analysis import Analysis
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, norm

WIDTHS = (0.0, 0.1)
MASSES = (0.3, 0.98, 1.5, 1.97, 2.5)
# Grid of the mass, GeV: the likelihood is a staircase of the bins of q2, 0.23 GeV^2 wide.
SCAN = np.linspace(0.05, 4.65, 231)
LARGEST = 60.0


def analysis(width: float, response: str) -> Analysis:
    """One particle of a given width, central form factors: they cancel in the rate of X."""
    found: Analysis = bsinv.load(
        {
            "name": "one-particle",
            "description": "",
            "model": "two-body-br",
            "likelihoods": [{"name": "belle2-2023-bknunu", "response": response}],
            "parameters": {
                "m_X": {"prior": {"uniform": [0.0, 4.7]}},
                "BR_K": {"prior": {"uniform": [0, LARGEST]}},
                "Gamma_X": width,
            },
        }
    )
    return found


def twice(of: Analysis, mass: float, rates: np.ndarray) -> np.ndarray:
    """-2 ln L at rates: (k,)."""
    theta = np.tile(of.start, (len(rates), 1))
    theta[:, of.names.index("m_X")] = mass
    theta[:, of.names.index("BR_K")] = rates
    return np.asarray(-2.0 * of.log_likelihood(theta))


def profile(of: Analysis, mass: float) -> tuple[float, float, float, float]:
    """Best rate, ends of the interval of -2 Delta ln L = 1, and q_0."""

    def value(rate: float) -> float:
        return float(twice(of, mass, np.array([rate]))[0])

    grid = np.linspace(0.0, LARGEST, 41)
    values = twice(of, mass, grid)
    place = int(values.argmin())
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
    found = minimize_scalar(value, bounds=(low, high), method="bounded", options={"xatol": 1e-5})
    best, lowest = (float(found.x), float(found.fun))
    if values[0] <= lowest:
        best, lowest = 0.0, float(values[0])
    ends = [0.0, LARGEST]
    if values[0] - lowest > 1.0:
        ends[0] = brentq(lambda rate: value(rate) - lowest - 1.0, 0.0, best, xtol=1e-4)
    if values[-1] - lowest > 1.0:
        ends[1] = brentq(lambda rate: value(rate) - lowest - 1.0, best, LARGEST, xtol=1e-4)
    return best, ends[0], ends[1], float(values[0]) - lowest


def best_mass(of: Analysis) -> tuple[float, float, float]:
    """Best mass and the ends of -2 Delta ln L = 1, the rate profiled on a grid."""
    rates = np.linspace(0.0, LARGEST, 121)
    theta = np.tile(of.start, (len(SCAN) * len(rates), 1))
    masses, all_rates = (axis.ravel() for axis in np.meshgrid(SCAN, rates, indexing="ij"))
    theta[:, of.names.index("m_X")], theta[:, of.names.index("BR_K")] = masses, all_rates
    values = -2.0 * np.asarray(of.log_likelihood(theta)).reshape(len(SCAN), -1)
    # A parabola through the three lowest rates, since the grid of rates is coarse.
    at = np.clip(values.argmin(axis=1), 1, len(rates) - 2)
    rows = np.arange(len(SCAN))
    left, middle, right = (values[rows, at + step] for step in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    lowest = np.where(values[:, 0] < middle, values[:, 0], middle - (left - right) ** 2 / 8 / bend)
    inside = SCAN[lowest - lowest.min() <= 1.0]
    return float(SCAN[lowest.argmin()]), float(inside.min()), float(inside.max())


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    print("| Gamma_X | response | m_X | BR in 1e-6 | q_0 | local | 2 degrees of freedom |")
    for width in WIDTHS:
        for response in ("published", "linear"):
            of = analysis(width, response)
            mass, low, high = best_mass(of)
            best, lower, upper, q = profile(of, mass)
            print(
                f"| {width:g} | {response} | {mass:.2f} ({low:.2f} to {high:.2f}) | {best:.2f} "
                f"-{best - lower:.2f} +{upper - best:.2f} | {q:.2f} | {np.sqrt(q):.2f} | "
                f"{norm.isf(chi2.sf(q, 2)):.2f} |"
            )
    for width in WIDTHS:
        of = analysis(width, "published")
        for mass in MASSES:
            best, lower, upper, q = profile(of, mass)
            print(
                f"| {width:g} | {mass:g} | {best:.2f} ({lower:.2f} to {upper:.2f}) | "
                f"{np.sqrt(max(q, 0.0)):.2f} |"
            )


if __name__ == "__main__":
    main()
