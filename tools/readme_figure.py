"""Draw docs/images/explanations.png, the picture of the README: the excess, what may explain it.

Run ``python tools/readme_figure.py docs/images/explanations.png``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import bsinv
import numpy as np
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.inspection.post_fit import post_fit
from bsinv.likelihoods.reweighted.inspection.regions import SIGNAL_REGIONS
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
# What it may be: the analysis, and a colour.
EXPLANATIONS = {
    "more neutrinos, Standard Model shape": ("scenarios/massless-neutrinos", "#0072B2"),
    "pair of scalars": ("scenarios/scalar-pair", "#D55E00"),
    "pair of fermions": ("scenarios/fermion-pair-vector", "#009E73"),
    "one particle": ("scenarios/one-particle", "#CC79A7"),
}
Q2 = ("−1 to 4", "4 to 8", "8 to 25")


@dataclass(frozen=True)
class Explained:
    """Best fit of an explanation: events of the inclusive tag, masses, gain in −2 ln L.

    Attributes
    ----------
    signal, excess, errors : (9,) arrays
        Events: predicted, measured beyond the fitted background, and their Poisson errors.
    mass : float, GeV
        NaN if there is none.
    gain : float
        −2 ln of the likelihood of the Standard Model over that of the best fit.
    """

    signal: np.ndarray
    excess: np.ndarray
    errors: np.ndarray
    mass: float
    gain: float


def explain(name: str) -> Explained:
    """Fit an example to the Belle II likelihood."""
    analysis = bsinv.load(EXAMPLES / f"{name}.yaml")
    best = analysis.fit()
    (term,) = analysis.terms
    if not isinstance(term, Belle2Likelihood) or best.minus_two_delta_log is None:
        raise SystemExit(f"{name}: no fit of the Belle II likelihood alone")
    spectrum = analysis.problem.predictions(best.values[None])[term.name][0]
    channel = post_fit(term, spectrum)[SIGNAL_REGIONS[0].channel]
    signal = next(iter(channel.samples.values()))
    masses = [value for key, value in zip(best.names, best.values, strict=True) if key[:2] == "m_"]
    return Explained(
        signal,
        channel.observed - (channel.expected - signal),
        np.sqrt(channel.observed),
        masses[0] if masses else float("nan"),
        best.minus_two_delta_log,
    )


def draw_events(ax: Axes, found: dict[str, Explained]) -> None:
    """Events beyond the background in bins of q2, in three ranges of the classifier."""
    edges = np.arange(10)
    for (name, one), (_, colour) in zip(found.items(), EXPLANATIONS.values(), strict=True):
        ax.stairs(one.signal, edges, color=colour, lw=1.8, label=name)
    first = next(iter(found.values()))
    label = "Belle II, background subtracted"
    middle = edges[:-1] + 0.5
    ax.errorbar(middle, first.excess, first.errors, fmt="ko", ms=4, lw=1.2, label=label)
    ax.axhline(0, color="#888888", lw=0.6)
    for edge in (3, 6):
        ax.axvline(edge, color="#bbbbbb", lw=0.8, ls=":")
    ax.set_xlim(0, 9)
    ax.set_xticks(middle, Q2 * 3, fontsize=7)
    ax.set_xlabel(r"$q^2_\mathrm{rec}$ [GeV$^2$], more signal-like to the right", fontsize=9)
    ax.set_ylabel("events", fontsize=9)
    ax.set_title(r"$B^+\to K^+$ + nothing visible, inclusive tag", fontsize=10)


def draw_gains(ax: Axes, found: dict[str, Explained]) -> None:
    """How much better each describes the data than the Standard Model."""
    colours = [colour for _, colour in EXPLANATIONS.values()]
    gains = [one.gain for one in found.values()]
    ax.barh(range(len(gains)), gains, color=colours, height=0.55)
    for row, (name, one) in enumerate(found.items()):
        mass = "" if np.isnan(one.mass) else f", {one.mass:.2g} GeV"
        ax.text(0.1, row - 0.4, f"{name}{mass}", fontsize=8.5, va="bottom")
        ax.text(one.gain + 0.2, row, f"{one.gain:.1f}", fontsize=9, va="center")
    ax.set_ylim(len(gains) - 0.5, -0.75)
    ax.set_xlim(0, 1.15 * max(gains))
    ax.set_yticks([])
    ax.set_xlabel(r"better than the Standard Model by $-2\,\Delta\ln L$", fontsize=9)
    ax.set_title("What is it?", fontsize=10)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("figure", help="where to write the PNG")
    path = parser.parse_args().figure
    found = {label: explain(name) for label, (name, _) in EXPLANATIONS.items()}
    figure = Figure(figsize=(10.0, 3.9), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, width_ratios=(1.45, 1.0))
    draw_events(left, found)
    draw_gains(right, found)
    left.legend(fontsize=7.5, frameon=False, ncols=2, loc="upper left", bbox_to_anchor=(0.0, 1.0))
    low, high = left.get_ylim()
    left.set_ylim(low, high + 0.28 * (high - low))
    figure.savefig(path, dpi=130)
    print(", ".join(f"{label}: {one.gain:.1f}" for label, one in found.items()))


if __name__ == "__main__":
    main()
