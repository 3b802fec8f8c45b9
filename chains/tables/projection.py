"""The table of a projection: expected errors and significance against luminosity."""

from __future__ import annotations

import math

from ..records.projections import ExpectedError, Projected, Projection
from .run import hundredths, without_empty_columns
from .table import Cell, Rounded, Table

__all__ = ["projection_table"]

_WORDS = {
    "statistical": "nuisance parameters are fixed at the truth",
    "published": "widths of nuisance parameters are those published",
    "scaled": "widths named for it, and the statistics of simulation, fall with 1/√L",
}


def projection_table(found: Projection) -> Table:
    """One row for each luminosity, assumption and parameter.

    Parameters
    ----------
    found : Projection

    Returns
    -------
    Table
    """
    head = ["L [1/ab]", "assumption", "parameter", "truth", "error", "lower", "upper", "counts"]
    head += ["simulation", "others", "mean", "spread", "−2 Δ ln L", "σ", "σ of toys"]
    head += ["T of rival", "√T", "separation of toys"]
    rows: list[list[Cell]] = []
    for point in found.points:
        for index, entry in enumerate(point.errors):
            first = index == 0
            rows.append(
                [
                    f"{point.luminosity:g}" if first else "",
                    point.assumption if first else "",
                    entry.name,
                    entry.truth,
                    *_errors(entry),
                    *_significances(point, first),
                ]
            )
    today = ", ".join(f"{name} ({luminosity:g}/ab)" for name, luminosity in found.today)
    notes = [
        f"Truth: {found.truth}. Scaled: {today}.",
        "counts, simulation: parts of the error from the fluctuation of counts, and of the "
        "simulation of templates; others: the rest in quadrature.",
    ]
    without = dict.fromkeys(
        entry.name for point in found.points for entry in point.errors
        if not math.isfinite(entry.error)
    )  # fmt: skip
    if without:
        notes.append(
            f"Without an error from second derivatives, at the end of its range or not told by the "
            f"data: {', '.join(without)}."
        )
    if found.null and not all(math.isfinite(point.statistic) for point in found.points):
        notes.append(f"Without −2 Δ ln L: a fit at {found.null} did not converge.")
    if found.toys:
        failed = sum(point.failed for point in found.points)
        notes.append(
            f"{found.toys} toys each, seed {found.seed}: mean and spread of best fits, median and "
            f"68.27 % of the significance; {failed} left out."
        )
    if found.rival:
        notes.append(
            f"T = −2 ln of the ratio of likelihoods of {found.rival} and the truth on Asimov data, "
            "√T the expected separation; of toys: one-sided significance at which half of those of "
            "the truth exclude it."
        )
    for name, observable, error in found.foreseen:
        told = "" if observable == name else f" ({observable})"
        notes.append(f"Foreseen: {name}{told} with an error of {error:.3g}.")
    if found.null:
        freedom = f"two-sided, {found.degrees} degrees of freedom"
        notes.append(f"−2 Δ ln L and σ ({freedom}) against {found.null}.")
    if found.unchanged:
        notes.append(f"As today: {', '.join(found.unchanged)}.")
    used = dict.fromkeys(point.assumption for point in found.points)
    notes += [f"{name}: {_WORDS[name]}." for name in used]
    return without_empty_columns(f"Projection of {found.name}", head, rows, notes)


def _errors(entry: ExpectedError) -> list[Cell]:
    parts = (entry.counts, entry.simulation, entry.others)
    values = (entry.error, entry.lower, entry.upper, *parts, entry.mean, entry.spread)
    return [Rounded(value, 3) if math.isfinite(value) else "" for value in values]


def _significances(point: Projected, first: bool) -> list[Cell]:
    """What a luminosity says of the null and of the rival, beside its first parameter."""
    low, middle, high = point.sigma_toys
    toys = f"{middle:.2f} ({low:.2f} to {high:.2f})" if math.isfinite(middle) else ""
    rival = (point.rival_statistic, point.separation, point.separation_toys)
    values = (_two(point.statistic), _two(point.sigma), toys, *map(_two, rival))
    return [value if first else "" for value in values]


def _two(value: float) -> Cell:
    return hundredths(value) if math.isfinite(value) else ""
