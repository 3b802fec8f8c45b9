"""Draw docs/images/spectra.png: what each operator predicts, and what Belle II saw.

Run ``python tools/spectra_figure.py docs/images/spectra.png``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise

import bsinv
import numpy as np
from bsinv.chains.plots.palette import label
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.inspection.post_fit import post_fit
from bsinv.likelihoods.reweighted.inspection.regions import SIGNAL_REGIONS, SignalRegion
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Operator: model, mass parameter, coupling, masses in GeV.
OPERATORS = {
    r"scalars, $(\bar sb)\,\phi^2$": ("dm-scalar", "m_S", "C_S", (0.1, 0.6, 1.2)),
    r"scalars, vector current": ("dm-scalar-complex", "m_S", "C_V", (0.1, 0.5, 1.2)),
    r"fermions, $V\otimes V$": ("dm-fermion", "m_chi", "C_VV", (0.1, 0.6, 1.2)),
    r"fermions, $S\otimes S$": ("dm-fermion", "m_chi", "C_SS", (0.1, 0.6, 1.2)),
    r"fermions, $T\otimes T$": ("dm-fermion", "m_chi", "C_TT", (0.1, 0.6, 1.2)),
    r"$\nu N$, vector current": ("sterile-neutrino", "m_N", "nuN_VL", (0.2, 1.0, 2.5)),
}
# Best fits of docs/results/scenarios.md.
BEST = {
    "Standard Model shape": ("wet-lfu", {"dC_L": -7.32}),
    "scalar pair": ("dm-scalar", {"m_S": 0.58, "C_S": 11.8}),
    r"fermion pair, $V\otimes V$": ("dm-fermion", {"m_chi": 0.65, "C_VV": 1.78}),
    "one particle": ("two-body-br", {"m_X": 2.112, "BR_K": 8.6}),
}
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


def draw_shapes(axes: Sequence[Axes], q2: np.ndarray) -> None:
    standard = bsinv.predict("dBR/dq2(B+->Knunu)", q2=q2)
    step = q2[1] - q2[0]
    for ax, (title, (model, mass, coupling, masses)) in zip(axes, OPERATORS.items(), strict=True):
        ax.plot(q2, standard / (standard.sum() * step), "k--", lw=1, label="SM")
        for value, colour in zip(masses, COLOURS, strict=False):
            settings = {mass: value, coupling: 3.0}
            total = bsinv.predict("dBR/dq2(B+->Knunu)", model, q2=q2, **settings)
            shape = total - standard
            ax.plot(q2, shape / (shape.sum() * step), color=colour, label=f"{value} GeV")
        ax.set_title(title, fontsize=9)
        ax.set_xlim(0, 23)
        ax.set_ylim(bottom=0)
        ax.legend(fontsize=7, frameon=False)
        ax.set_xlabel(r"$q^2$ [GeV$^2$]", fontsize=8)
        ax.tick_params(labelsize=7)
    for ax in (axes[0], axes[3]):
        ax.set_ylabel(r"$(1/\mathcal{B})\,d\mathcal{B}/dq^2$ [GeV$^{-2}$]", fontsize=8)


def draw_data(axes: Sequence[Axes]) -> None:
    from bsinv.models import model
    from bsinv.physics.inputs import Inputs

    term = Belle2Likelihood(form_factor_systematics=False)
    inputs = Inputs.default()
    for number, (title, (name, values)) in enumerate(BEST.items()):
        chosen = model(name)
        given = chosen.complete({key: [value] for key, value in values.items()})
        counts = post_fit(term, term.predict(chosen.wilson(given, inputs), inputs)[0])
        for ax, region in zip(axes, SIGNAL_REGIONS, strict=True):
            channel = counts[region.channel]
            signal = next(iter(channel.samples.values()))
            bins = np.arange(len(signal) + 1)
            ax.stairs(signal, bins, color=COLOURS[number], lw=1.6, label=title)
            if number == 0:
                background = channel.expected - signal
                ax.errorbar(
                    bins[:-1] + 0.5,
                    channel.observed - background,
                    np.sqrt(channel.observed),
                    fmt="ko",
                    ms=3,
                    lw=1,
                    label="data - background",
                )
            ax.set_xlim(0, len(signal))
    for ax, region in zip(axes, SIGNAL_REGIONS, strict=True):
        label_bins(ax, region)
    axes[0].set_ylabel("events", fontsize=8)
    axes[1].legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def label_bins(ax: Axes, region: SignalRegion) -> None:
    """Ranges below the bins, ranges of the classifier above the groups of bins."""
    per_group = len(region.edges) - 1
    ranges = [f"[{low:g}, {high:g}]" for low, high in pairwise(region.edges)] * len(region.groups)
    ax.set_xticks(np.arange(len(ranges)) + 0.5, ranges, fontsize=7)
    ax.tick_params(axis="x", length=0)
    ax.tick_params(axis="y", labelsize=7)
    ax.set_xlabel(label(region.axis_latex, region.axis_unit), fontsize=8)
    ax.axhline(0, color="#888888", lw=0.6)
    for index, text in enumerate(region.groups):
        if index:
            ax.axvline(index * per_group, color="#888888", lw=0.6, ls=":")
        ax.text((index + 0.5) * per_group, 1.01, text, transform=ax.get_xaxis_transform(),
                ha="center", va="bottom", fontsize=7)  # fmt: skip
    ax.set_title(region.label, fontsize=9, pad=14 if any(region.groups) else 6)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("figure", help="where to write the PNG")
    path = parser.parse_args().figure
    figure = Figure(figsize=(10.5, 9.0), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(2, 1, height_ratios=(2.0, 1.1))
    upper, lower = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    q2 = np.linspace(0.02, 22.86, 400)
    draw_shapes(list(upper.subplots(2, 3).ravel()), q2)
    draw_data(list(lower.subplots(1, 2, width_ratios=(1.5, 1.0)).ravel()))
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
