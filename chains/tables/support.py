"""The table that tells how well the published simulation supports a best fit."""

from __future__ import annotations

from ..records import SupportReport
from .table import Cell, Label, Table

__all__ = ["support_table"]


def support_table(report: SupportReport) -> Table:
    """Table of the channels of a support report, with its verdict.

    Parameters
    ----------
    report : SupportReport

    Returns
    -------
    Table
        One row for each channel: signal events as published and of this spectrum, and the template
        error of the bin in which it grows most.
    """
    head = (
        *("channel", "signal (SM simulation)", "signal", "template error", "reweighted"),
        *("effective events", "reweighted", "from simulated events"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name in report.channels:
        bins = report.channel(name)
        growth = report.reweighted_error[bins] / report.published_error[bins]
        worst = bins[int(growth.argmax())]
        errors = report.published_error[worst], report.reweighted_error[worst]
        rows.append(
            (
                Label(name),
                f"{report.nominal_events[bins].sum():.1f}",
                f"{report.expected_events[bins].sum():.1f}",
                *(_percent(error) for error in errors),
                *(f"{error**-2:.3g}" for error in errors),
                _percent(report.counted_error[worst]),
            )
        )
    notes = (
        report.verdict,
        f"Signal events weighted by up to {report.largest_weight:.3g} (mean "
        f"{report.mean_weight:.3g}); {_percent(report.outside_fraction)} of them outside the "
        f"histograms; {_percent(report.unsupported_rate)} of the branching fraction and "
        f"{_percent(report.unsupported_events)} of the events where there is nearly no simulation; "
        f"{_percent(report.changed_events)} of the events in bins of q2 inside which the weight "
        "changes strongly. Errors are those of the bin in which they grow most; reweighted ones "
        "take the published error as that of a count, which is an upper estimate.",
    )
    return Table("Support by the published simulation", head, tuple(rows), notes)


def _percent(fraction: float) -> str:
    return f"{100.0 * fraction:.2g} %" if fraction < 0.995 else f"{100.0 * fraction:.0f} %"
