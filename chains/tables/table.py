"""A table of results as plain data, and the three ways to write it: terminal, Markdown, LaTeX."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ..records.arrays import Array
from ..records.shown import dataframe, html_table
from .rounding import format_interval, format_measured, format_number

if TYPE_CHECKING:
    import rich.table

__all__ = [
    "Bound",
    "Cell",
    "Interval",
    "Label",
    "Measured",
    "Rounded",
    "Table",
    "Union",
    "columns_csv",
    "csv_text",
    "plain",
]


@dataclass(frozen=True)
class Label:
    """A name with its LaTeX (without dollar signs; empty if it has none)."""

    name: str
    latex: str = ""


@dataclass(frozen=True)
class Measured:
    """A value with lower and upper error (of any sign; NaN or zero: none).

    With `resolve`, errors that differ get a third digit where two would hide it.
    """

    value: float
    minus: float
    plus: float
    resolve: bool = False


@dataclass(frozen=True)
class Interval:
    """Lower and upper end of an interval."""

    lower: float
    upper: float


@dataclass(frozen=True)
class Union:
    """Intervals apart from each other, and the probability of each if it is known."""

    intervals: tuple[tuple[float, float], ...]
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bound:
    """An upper or lower limit with its confidence level (NaN if it has none)."""

    limit: float
    level: float
    lower: bool = False


@dataclass(frozen=True)
class Rounded:
    """A number to be shown with so many significant digits."""

    value: float
    digits: int


Cell = str | float | Label | Measured | Interval | Union | Bound | Rounded

_LATEX_SPECIAL = {
    **{char: "\\" + char for char in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "−": "$-$",
    "±": r"$\pm$",
    "σ": r"$\sigma$",
    "τ": r"$\tau$",
    "Δ": r"$\Delta$",
    "–": "--",
}


# Texts that stand for a number that is not there.
_EMPTY = ("", "–")

# Powers, as in the unit GeV^-2.
_POWER = re.compile(r"\^(-?\d+)")


def _escaped(text: str) -> str:
    pieces = _POWER.split(text)  # what lies between powers, and the powers
    pieces[::2] = ["".join(_LATEX_SPECIAL.get(char, char) for char in one) for one in pieces[::2]]
    pieces[1::2] = [f"$^{{{power}}}$" for power in pieces[1::2]]
    return "".join(pieces)


def _joined_in_latex(parts: Iterable[str]) -> str:
    return r" $\cup$ ".join(part.replace("%", r"\%") for part in parts)


def _text(cell: Cell, style: str) -> str:
    """Write a cell in one of the styles "plain", "markdown" and "latex"."""
    numbers = "latex" if style == "latex" else "text"
    if isinstance(cell, Measured):
        return format_measured(cell.value, cell.minus, cell.plus, numbers, cell.resolve)
    if isinstance(cell, Interval):
        return format_interval(cell.lower, cell.upper, numbers)
    if isinstance(cell, Union):
        shares = [f" ({100.0 * part:.2g} %)" for part in cell.probabilities]
        shares = shares or [""] * len(cell.intervals)
        parts = [
            format_interval(*ends, numbers) + share
            for ends, share in zip(cell.intervals, shares, strict=True)
        ]
        return " ∪ ".join(parts) if style != "latex" else _joined_in_latex(parts)
    if isinstance(cell, Bound):
        sign = ">" if cell.lower else "<"
        level = "" if math.isnan(cell.level) else f" ({100 * cell.level:g} %)"
        if style == "latex":
            sign, level = _escaped(sign), _escaped(level)
        return f"{sign} {format_number(cell.limit, numbers)}{level}"
    if isinstance(cell, Rounded):
        return format_number(cell.value, numbers, cell.digits)
    if isinstance(cell, float):
        return format_number(cell, numbers)
    if isinstance(cell, Label):
        if style == "latex":
            return f"${cell.latex}$" if cell.latex else rf"\texttt{{{_escaped(cell.name)}}}"
        return f"`{cell.name}`".replace("|", r"\|") if style == "markdown" else cell.name
    if style == "latex":
        return _escaped(cell)
    return cell.replace("|", r"\|") if style == "markdown" else cell


def plain(cell: Cell) -> str:
    """A cell as plain text."""
    return _text(cell, "plain")


@dataclass(frozen=True)
class Table:
    """A table: title, header, rows of cells, and notes below.

    Parameters
    ----------
    title : str
    header : tuple of str
    rows : tuple of tuples of cells
        A cell is a text, a number (`Rounded` or with four digits), a `Label`, a `Measured`, an
        `Interval`, a `Union` or a `Bound`.
    notes : tuple of str
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Write the table in Markdown, without its title; notes follow as paragraphs."""
        lines = [
            "| " + " | ".join(_text(cell, "markdown") for cell in row) + " |"
            for row in (self.header, *self.rows)
        ]
        rule = "|" + "|".join([" :-- "] + [" --: "] * (len(self.header) - 1)) + "|"
        lines.insert(1, rule)
        return "\n".join(lines + [f"\n{note}" for note in self.notes]) + "\n"

    def latex(self) -> str:
        """Write the table as a LaTeX tabular that needs no package; notes follow as comments."""
        head, *body = (
            " & ".join(_text(cell, "latex") for cell in row) + r" \\"
            for row in (self.header, *self.rows)
        )
        columns = "l" + "r" * (len(self.header) - 1)
        lines = [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\hline",
            head,
            r"\hline",
            *body,
            r"\hline",
            r"\end{tabular}",
            *(f"% {note}" for note in self.notes),
        ]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """Write the table in HTML, with its title; notes follow as paragraphs."""
        header, *rows = (
            [_text(cell, "plain") for cell in row] for row in (self.header, *self.rows)
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return html_table(self.title, header, rows) + notes

    def _repr_html_(self) -> str:
        return self.html()

    def to_dataframe(self) -> Any:
        """Cells as a ``pandas.DataFrame`` (extra ``pandas``).

        Numbers are numbers; of values with errors there are three columns, of intervals two; all
        else is text.
        """
        columns: dict[str, Any] = {}
        for index, head in enumerate(self.header):
            columns |= _columns(head, [row[index] for row in self.rows])
        return dataframe(columns)

    def rich(self) -> rich.table.Table:
        """Make a table for the terminal."""
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(title=self.title, title_justify="left", caption_justify="left")
        for index, head in enumerate(self.header):
            table.add_column(Text(head), justify="right" if index else "left", overflow="fold")
        for row in self.rows:
            # Text, since square brackets in plain strings would be read as markup
            table.add_row(*(Text(_text(cell, "plain")) for cell in row))
        if self.notes:
            table.caption = Text("\n".join(self.notes))
        return table


def _columns(head: str, cells: Sequence[Cell]) -> dict[str, list[float] | list[str]]:
    """Cells of a column as columns of one kind."""
    kinds = {type(cell) for cell in cells if cell not in _EMPTY}
    if kinds and kinds <= {Measured, float, int, Rounded}:
        rows = [_numbers(cell) for cell in cells]
        if Measured not in kinds:
            return {head: [row[0] for row in rows]}
        names = (head, f"{head} minus", f"{head} plus")
        return {name: [row[i] for row in rows] for i, name in enumerate(names)}
    if kinds == {Interval}:
        ends = [
            cell if isinstance(cell, Interval) else Interval(math.nan, math.nan) for cell in cells
        ]
        return {
            f"{head} lower": [cell.lower for cell in ends],
            f"{head} upper": [cell.upper for cell in ends],
        }
    return {head: [_text(cell, "plain") for cell in cells]}


def _numbers(cell: Cell) -> tuple[float, float, float]:
    """Value and errors of a cell; NaN where there is none."""
    if isinstance(cell, Measured):
        return cell.value, cell.minus, cell.plus
    if isinstance(cell, Rounded):
        return cell.value, math.nan, math.nan
    return (float(cell) if isinstance(cell, float | int) else math.nan), math.nan, math.nan


def csv_text(
    header: Iterable[str], rows: Iterable[Iterable[object]], told: Iterable[str] = ()
) -> str:
    """Rows as CSV, below a header.

    Parameters
    ----------
    header : iterable of str
    rows : iterable of iterables
        Cells, written as they are.
    told : iterable of str
        Lines above the header; they begin with #.

    Returns
    -------
    str
    """
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in told)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def columns_csv(told: Iterable[str], columns: Mapping[str, Array]) -> str:
    """Columns of numbers as CSV; lines that begin with # say what they are.

    Parameters
    ----------
    told : iterable of str
        Those lines.
    columns : mapping of str to (n,) array
    """
    rows = zip(*columns.values(), strict=True)
    return csv_text(columns, ([f"{value:.6g}" for value in row] for row in rows), told)
