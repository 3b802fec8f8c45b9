"""Fit every scenario of examples/scenarios to the Belle II likelihood: docs/scenarios.md.

Run without arguments from the root of the repository, with the package installed. For each
scenario the likelihood is profiled over the mass (coupling and form factors refitted), then over
the coupling at the best mass.
"""

from __future__ import annotations

from pathlib import Path

import bsinv
import numpy as np
from bsinv.chains.records import BestFit
from bsinv.data.measurements import measurement
from bsinv.errors import PredictionError
from bsinv.fitter.analysis import Analysis

ROOT = Path(__file__).resolve().parent.parent
LIMITS = {
    "BR(B0->K*nunu)": "belle_2017_kst0nunu",
    "BR(Bs->inv)": "aleph_recast_bs_inv",
}


def start_of(analysis: Analysis, theta: np.ndarray | None = None) -> BestFit:
    """A record from which scans begin, without fitting anything."""
    values = analysis.start if theta is None else theta
    scale = analysis.scale
    return BestFit(analysis.names, values, np.diag(scale**2), scale, np.nan, np.nan, "", True)


def interval(axis: np.ndarray, height: np.ndarray) -> tuple[float, float]:
    """Ends of the connected region around the minimum where the height is below 1."""
    index, fine = int(np.nanargmin(height)), np.linspace(axis[0], axis[-1], 4001)
    smooth = np.interp(fine, axis, height)
    centre = int(abs(fine - axis[index]).argmin())
    below = np.flatnonzero(smooth > 1.0)
    low = below[below < centre].max(initial=-1) + 1
    high = below[below > centre].min(initial=len(fine)) - 1
    return float(fine[low]), float(fine[high])


def best_point(analysis: Analysis) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Best fit, its log posterior, and the interval of the mass."""
    mass = analysis.names[0]
    low, high = analysis.bounds[0]
    axis = np.linspace(max(low, 0.02), high - 0.02, 95)
    scan = analysis.profile(axes={mass: axis}, best=start_of(analysis))
    centre = axis[int(np.nanargmax(scan.log_penalised))]
    fine = np.clip(np.linspace(centre - 0.12, centre + 0.12, 49), max(low, 0.0), high)
    fine = np.unique(fine)
    near = analysis.profile(axes={mass: fine}, best=start_of(analysis))
    index = int(np.nanargmax(near.log_penalised))
    theta = np.concatenate([[fine[index]], near.other_values[index]])
    best = float(near.log_penalised[index])
    heights = 2.0 * (best - np.concatenate([scan.log_penalised, near.log_penalised]))
    both = np.concatenate([axis, fine])
    order = np.argsort(both)
    return theta, best, interval(both[order], heights[order])


def coupling_interval(analysis: Analysis, theta: np.ndarray) -> tuple[float, float]:
    """Interval of the coupling at the best mass."""
    mass, coupling = analysis.names[:2]
    axis = np.linspace(0.0, 2.5 * theta[1], 101)
    scan = analysis.profile(axes={mass: theta[:1], coupling: axis}, best=start_of(analysis, theta))
    height = 2.0 * (np.nanmax(scan.log_penalised) - scan.log_penalised[0])
    return interval(axis, height)


def standard_model(analysis: Analysis) -> float:
    """Log posterior without the new coupling."""
    coupling = analysis.names[1]
    scan = analysis.profile(axes={coupling: np.array([0.0])}, best=start_of(analysis))
    return float(scan.log_penalised[0])


def implied(analysis: Analysis, theta: np.ndarray) -> dict[str, float]:
    found = {}
    for name in ("BR(B+->Knunu)", *LIMITS):
        try:
            found[name] = float(analysis.observable(name, theta[None])[0])
        except PredictionError:
            found[name] = np.nan
    return found


def signed(value: float, low: float, high: float) -> str:
    if value - low < 1e-6:
        return f"< {high:.2f}"
    digits = max(0, 1 - int(np.floor(np.log10(min(high - value, value - low)))))
    return f"{value:.{digits}f} −{value - low:.{digits}f} +{high - value:.{digits}f}"


def row(path: Path) -> str:
    analysis = bsinv.load(path)
    parameters = {entry.name: entry for entry in analysis.table.free}
    theta, best, masses = best_point(analysis)
    couplings = coupling_interval(analysis, theta)
    gain = 2.0 * (best - standard_model(analysis))
    rates = implied(analysis, theta)
    coupling = analysis.names[1]
    verdict = [
        name
        for name, source in LIMITS.items()
        if rates[name] > (measurement(source).limit or np.inf)
    ]
    cells = [
        f"`{path.stem}`",
        signed(theta[0], *masses),
        f"{signed(theta[1], *couplings)} ({coupling}, {parameters[coupling].unit})",
        f"{gain:.1f}",
        *(f"{rates[name] * 1e6:.2g}" for name in rates),
        ", ".join(verdict) or "none",
    ]
    print(" | ".join(cells), flush=True)
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    rows = [row(path) for path in sorted((ROOT / "examples" / "scenarios").glob("*.yaml"))]
    page = ROOT / "docs" / "scenarios.md"
    before, rest = page.read_text().split("<!-- table -->\n")
    header = (
        "| scenario | mass [GeV] | coupling | −2Δ ln L | B⁺→K⁺inv | B⁰→K*⁰inv | B_s→inv "
        "| excluded by |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    table = header + "\n".join(rows) + "\n"
    page.write_text(
        before + "<!-- table -->\n" + table + "<!-- end -->" + rest.split("<!-- end -->")[1]
    )


if __name__ == "__main__":
    main()
