"""How records show themselves in a notebook and in pandas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import numpy as np

from ...errors import MissingExtraError

__all__ = ["brief", "columns_html", "dataframe", "file_stem", "html_table", "shown", "with_unit"]


def with_unit(name: str, unit: str) -> str:
    """Name of a column with its unit, if it has one.

    Parameters
    ----------
    name, unit : str

    Returns
    -------
    str
    """
    return f"{name} [{unit}]" if unit not in ("", "1") else name


def file_stem(parts: Iterable[str]) -> str:
    """Name of the files of a record, without ending: letters, digits and _, parts joined by -.

    Parameters
    ----------
    parts : iterable of str

    Returns
    -------
    str
    """
    return "-".join(re.sub(r"[^A-Za-z0-9_]", "", part.replace("-", "_")) for part in parts)


# Longest text of a field that is shown in one line.
_LONGEST = 40


def html_table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in HTML, all texts escaped; the first column is text, the others are numbers.

    Parameters
    ----------
    title : str
        Caption; none if empty.
    header : sequence of str
    rows : iterable of sequences of str

    Returns
    -------
    str
    """

    def row(cells: Sequence[str], tag: str) -> str:
        sides = ["left", *["right"] * (len(cells) - 1)]
        scope = ' scope="col"' if tag == "th" else ""
        return "".join(
            f'<{tag}{scope} style="text-align:{side}">{escape(cell)}</{tag}>'
            for side, cell in zip(sides, cells, strict=True)
        )

    style = "text-align:left;white-space:nowrap"
    caption = f'<caption style="{style}">{escape(title)}</caption>' if title else ""
    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in rows)
    return (
        f"<table>{caption}<thead><tr>{row(header, 'th')}</tr></thead><tbody>{body}</tbody></table>"
    )


def columns_html(title: str, columns: Mapping[str, Iterable[float]]) -> str:
    """Columns of numbers as a table in HTML, see `html_table`.

    Parameters
    ----------
    title : str
    columns : mapping of str to (n,) array

    Returns
    -------
    str
    """
    rows = [[shown(value) for value in row] for row in zip(*columns.values(), strict=True)]
    return html_table(title, list(columns), rows)


def shown(value: float) -> str:
    """A number in a cell; a dash if it is not there."""
    return "–" if np.isnan(value) else f"{value + 0.0:.4g}"


def brief(record: Any) -> str:
    """A record in one line: short values as they are, of arrays and tuples the size.

    Parameters
    ----------
    record : dataclass instance

    Returns
    -------
    str
    """
    parts = []
    for entry in fields(record):
        value = getattr(record, entry.name)
        if isinstance(value, np.ndarray):
            parts.append(f"{entry.name} {value.shape}")
        elif isinstance(value, tuple | Mapping):
            parts += [f"{len(value)} {entry.name}"] if value else []
        elif isinstance(value, str):
            parts += [f"{entry.name}={value!r}"] if 0 < len(value) <= _LONGEST else []
        elif isinstance(value, bool | int | float):
            shown = f"{value:.4g}" if isinstance(value, float) else str(value)
            parts.append(f"{entry.name}={shown}")
    return f"<{type(record).__name__} {', '.join(parts)}>"


def dataframe(columns: Mapping[str, Any], index: Sequence[str] | None = None) -> Any:
    """Columns as a ``pandas.DataFrame``.

    Parameters
    ----------
    columns : mapping of str to (n,) array
    index : sequence of str, optional

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise MissingExtraError("pandas", "pandas", "to_dataframe()") from None
    return pandas.DataFrame(dict(columns), index=None if index is None else list(index))
