"""Pictures of docs/results/gallery.md from results of examples/scalar-dark-matter.

    python tools/scalar_dm_gallery.py FOLDER

FOLDER holds one directory of results for each analysis, named like its file without ``scalar-dm-``.
Chains of scalar-dm-posterior and scalar-dm-direct-detection need hours to converge: of the latter
the profile of the mass is copied, pictures that compare two runs are drawn here.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np
from bsinv.chains.files.store import read
from bsinv.chains.plots.likelihood.profiles import contour_levels, minus_two_delta_log
from bsinv.chains.plots.palette import REFERENCE, new_figure
from bsinv.chains.records import RunFile, Scan

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Draw and copy every picture whose results are there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the results")
    parser.add_argument("--images", type=Path, default=IMAGES, help="default docs/images")
    given = parser.parse_args()
    folder, images = given.folder, given.images
    runs = {path.parent.name: read(path) for path in folder.glob("*/run.h5")}
    if not runs:
        parser.error(f"{folder} holds no NAME/run.h5")
    if {"belle2", "total-rate"} <= set(runs):
        mass_and_coupling(runs["belle2"], runs["total-rate"], images)
    if "relic-density" in runs:
        couplings(runs["relic-density"], images)
    profile = folder / "direct-detection" / "profile-m_S.png"
    if profile.exists():
        shutil.copyfile(profile, images / "scalar-dm-direct-detection-mass.png")


def grid(run: RunFile) -> Scan:
    """The scan over mass and coupling."""
    return next(scan for scan in run.scans if len(scan.parameters) == 2)


def mass_and_coupling(likelihood: RunFile, total: RunFile, images: Path) -> None:
    """Regions of the published likelihood, lines of the total rate."""
    figure = new_figure(6.4, 4.6)
    figure.set_layout_engine("constrained")
    panel = figure.subplots()
    for run, filled in ((likelihood, True), (total, False)):
        scan = grid(run)
        height = minus_two_delta_log(run, scan).T
        if filled:
            panel.contourf(
                *scan.axes, height, (-1.0, *contour_levels()), colors=("#56B4E9", "#B9DFF5")
            )
        else:
            panel.contour(
                *scan.axes, height, contour_levels(), colors="#D55E00", linestyles=("-", "--")
            )
    panel.fill([], [], color="#56B4E9", label="published likelihood, 68 %")
    panel.fill([], [], color="#B9DFF5", label="95 %")
    panel.plot([], [], color="#D55E00", label="total rate, 68 %")
    panel.plot([], [], color="#D55E00", linestyle="--", label="95 %")
    panel.axhspan(3.0, 8.0, color=REFERENCE, alpha=0.15, label="arXiv:2403.12485")
    panel.set_xlabel(r"$m_\phi$ (GeV)")
    panel.set_ylabel(r"$C^{S,sb}$ ($10^{-8}$ GeV$^{-1}$)")
    panel.set_xlim(0.05, 2.3)
    panel.legend(frameon=False, loc="upper left")
    figure.savefig(images / "scalar-dm-belle2.png", dpi=120)


def couplings(run: RunFile, images: Path) -> None:
    """Samples of the two couplings, coloured by the cross section on nucleons."""
    found = {entry.name: entry.samples[:, 0] for entry in run.predictions if entry.axis is None}
    bottom, strange = found["|C_S(sb)|(phi)"], found["|C_S(ss)|(phi)"]
    nucleon = 1e38 * found["sigma_SI(phi)"]
    figure = new_figure(5.8, 4.4)
    figure.set_layout_engine("constrained")
    panel = figure.subplots()
    points = panel.scatter(1e8 * bottom, 1e4 * strange, c=nucleon, s=9, cmap="viridis")
    for power in (1000, 2000):
        height = np.array([1.0, 2.0])
        panel.plot(1e4 * height / power, height, color=REFERENCE, linewidth=0.8, linestyle=":")
        panel.annotate(f"ratio {power}", (1e4 * 2.0 / power, 2.0), fontsize=8, ha="right")
    figure.colorbar(points, label=r"$\sigma_\mathrm{SI}$ ($10^{-38}$ cm$^2$)")
    panel.set_xlabel(r"$|C^{S,sb}|$ ($10^{-8}$ GeV$^{-1}$)")
    panel.set_ylabel(r"$|C^{S,ss}|$ ($10^{-4}$ GeV$^{-1}$)")
    panel.set_ylim(1.0, 2.1)
    figure.savefig(images / "scalar-dm-relic-density.png", dpi=120)


if __name__ == "__main__":
    main()
