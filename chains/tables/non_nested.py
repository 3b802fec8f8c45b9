"""The table of toys of two models that are no special cases of each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..statistics.non_nested import NonNestedTest
from .run import hundredths, without_empty_columns
from .table import Cell, Table
from .toys import probability

__all__ = ["non_nested_table"]


def non_nested_table(tests: Sequence[NonNestedTest], notes: Sequence[str] = ()) -> Table:
    """One row for each model that is taken as true.

    Parameters
    ----------
    tests : sequence of NonNestedTest
    notes : sequence of str
        What else is to be said, below the table.

    Returns
    -------
    Table
        Without rows if there are none.
    """
    head = ["true", "against", "toys", "T observed", "T, mean", "T, width", "p (toys)", "σ (toys)"]
    told = []
    if tests:
        told.append(
            "T = −2 ln [L(A)/L(B)] at the best fits of both, A the one named first: "
            + "; ".join(
                f"{a} (A), {b} (B)"
                for a, b in dict.fromkeys((test.first, test.second) for test in tests)
            )
            + "."
        )
        told.append(
            "Toys are drawn at the best fit of what is true. p: part of them with T at least as "
            "far towards the other model as observed (as large for A, as small for B)."
        )
    for test in tests:
        if test.toys.failed:
            told.append(
                f"{test.true_name}: fits of {test.toys.failed} toys failed; with them p would be "
                f"between {test.toys.lowest:.3g} and {test.toys.highest:.3g}."
            )
    rows = [_row(test) for test in tests]
    return without_empty_columns(
        "Models that are no special cases of each other", head, rows, [*told, *notes]
    )


def _row(test: NonNestedTest) -> list[Cell]:
    other = test.second if test.under == "first" else test.first
    return [
        test.true_name,
        other,
        str(test.toys.total),
        _hundredths(test.observed),
        _hundredths(test.mean),
        _hundredths(test.width),
        probability(test.toys),
        _hundredths(test.toys.sigma),
    ]


def _hundredths(value: float) -> Cell:
    return hundredths(value) if math.isfinite(value) else ""
