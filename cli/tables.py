"""Tables on a terminal: of texts, and of what each term says of each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.table
    from rich.console import JustifyMethod

    from ..fitter.sensitivity.check import Identifiability

__all__ = ["rich_table", "sensitivity_tables"]


def rich_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: bool = False
) -> rich.table.Table:
    """Make a table of texts for the terminal.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequences of str
    right : bool
        Align all columns but the first to the right.

    Returns
    -------
    rich.table.Table
    """
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for index, head in enumerate(header):
        justify: JustifyMethod = "right" if right and index else "left"
        table.add_column(Text(head), overflow="fold", justify=justify, no_wrap=index == 0)
    for row in rows:
        # Text, since square brackets in plain strings would be read as markup.
        table.add_row(*(Text(cell) for cell in row))
    return table


def sensitivity_tables(found: Identifiability, width: int) -> list[rich.table.Table]:
    """Tables of term against parameter, as many as the width of the terminal makes needed.

    Parameters
    ----------
    found : Identifiability
    width : int
        Characters.

    Returns
    -------
    list of rich.table.Table
    """
    used = max(map(len, found.terms)) + 4
    blocks: list[list[int]] = []
    left = 0
    for index, name in enumerate(found.parameters):
        needed = max(len(name), 7) + 3
        if not blocks or left < needed:
            blocks.append([])
            left = width - used
        blocks[-1].append(index)
        left -= needed
    return [
        rich_table(
            ("term", *(found.parameters[index] for index in block)),
            [
                (term, *(_sensitivity(row[index]) for index in block))
                for term, row in zip(found.terms, found.sensitivity, strict=True)
            ],
            right=True,
        )
        for block in blocks
    ]


def _sensitivity(value: float) -> str:
    from ..fitter.sensitivity.check import NOTHING

    return "-" if value < NOTHING else f"{value:.2g}"
