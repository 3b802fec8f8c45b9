"""The table of samples with weights: evidence, effective numbers, agreement of the runs."""

from __future__ import annotations

import math

import numpy as np

from ..records import RunFile, WeightedSamples
from ..statistics.evidence import Evidence, evidence
from ..statistics.samples import used
from .run import without_empty_columns
from .table import Cell, Measured, Table

__all__ = ["evidence_table"]

# Below this, two runs are said to disagree.
DISAGREE = 0.01


def evidence_table(run: RunFile) -> Table:
    """Table of the runs of a sampler that gives weights, and of all of them together.

    Parameters
    ----------
    run : RunFile

    Returns
    -------
    Table
        Without rows if there are none.
    """
    head = ["sampler", "seed", "points", "effective", "evaluations", "ln Z", "state"]
    rows: list[list[Cell]] = [_row(entry) for entry in run.weighted]
    ended = tuple(entry for entry in run.weighted if entry.complete and entry.size)
    notes = []
    if any(math.isfinite(entry.log_evidence) for entry in run.weighted):
        notes.append(
            "Z is the mean of the likelihood over the priors of all free parameters: it changes "
            "with their ranges."
        )
    if len(ended) > 1:
        found = evidence(ended)
        size = sum(entry.effective_samples for entry in ended)
        points, calls = (sum(getattr(e, key) for e in ended) for key in ("size", "n_calls"))
        value = _number(found.log_evidence, found.error)
        rows.append(["together", "", str(points), f"{size:.0f}", str(calls), value, ""])
        notes.append(_agreement(found))
    if run.weighted and not used(run):
        notes.append("The posterior above is that of the chain, not of these samples.")
    return without_empty_columns("Samples with weights", head, rows, notes)


def _row(entry: WeightedSamples) -> list[Cell]:
    return [
        entry.sampler or "unknown",
        entry.options.get("seed", ""),
        str(entry.size),
        f"{entry.effective_samples:.0f}",
        str(entry.n_calls) if entry.n_calls else "",
        _number(entry.log_evidence, entry.log_evidence_error),
        "ended" if entry.complete else "not ended: provisional",
    ]


def _number(value: float, error: float) -> Cell:
    return Measured(value, error, error) if math.isfinite(value) else ""


def _agreement(found: Evidence) -> str:
    """Say whether the runs agree in ln Z and in the marginal distributions."""
    parts = []
    if math.isfinite(found.p_value):
        word = "agree" if found.p_value >= DISAGREE else "disagree"
        parts.append(f"{word} in ln Z (p = {found.p_value:.2g})")
    if math.isfinite(found.least):
        worst = found.names[int(np.argmin(found.p_values))]
        word = "agree" if found.least >= DISAGREE else "disagree"
        parts.append(
            f"{word} in the marginal distributions (the farthest is {worst}, p = {found.least:.2g} "
            f"for {len(found.names)})"
        )
    return f"Runs {', and '.join(parts)}." if parts else "Whether the runs agree is not known."
