"""An export of one's own: posterior samples, or the best fit, as comma-separated values.

    python examples/extending/export.py b2snunu-lfu/run.h5 samples.csv

In the package: one file in chains/export/, and a command. It gets a `RunFile`, the record of all
results, and knows nothing of how they were made.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from bsinv.chains import RunFile, posterior, read


def rows(run: RunFile) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the columns, and the rows: draws after burn-in, else the best fit alone."""
    if run.ensembles:
        drawn = posterior(run)
        return drawn.names, drawn.samples
    if run.best_fit is None:
        raise SystemExit("neither samples nor a best fit in these results")
    return run.best_fit.names, run.best_fit.values[None]


def main(source: str, target: str) -> None:
    names, values = rows(read(Path(source)))
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(values.tolist())


if __name__ == "__main__":
    main(*sys.argv[1:])
