"""A plot of one's own: pulls of all observables, from a results file.

    python examples/extending/plot.py b2snunu-lfu/run.h5 pulls.png

In the package: one file in a room of chains/plots/, and its entry in fitter/figures/kinds.py.
"""

import sys
from pathlib import Path

from bsinv.chains import RunFile, read
from bsinv.chains.plots.palette import REFERENCE, new_figure
from matplotlib.figure import Figure


def pull_figure(run: RunFile) -> Figure:
    """One point for each term, measured minus predicted over the error."""
    best = run.best_fit
    if best is None:
        raise SystemExit("no best fit in these results")
    rows = range(len(best.term_names))
    figure = new_figure(5.0, 1.0 + 0.25 * len(rows))
    figure.set_layout_engine("constrained")
    axes = figure.add_subplot()
    axes.axvline(0.0, color=REFERENCE, linewidth=0.8)
    axes.plot(best.term_pulls, rows, "o")
    axes.set_yticks(rows, best.term_names, fontsize=7)
    axes.set_xlabel("pull")
    return figure


def main(source: str, target: str) -> None:
    pull_figure(read(Path(source))).savefig(target, dpi=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
