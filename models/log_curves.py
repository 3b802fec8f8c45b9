"""Smooth curves through tabulated running factors, as functions of the logarithm of a scale."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..data.tables import table
from ..physics.arrays import Array

__all__ = ["REACH", "log_curves"]

# Running is linear in ln(Lambda) to 5e-4 over this range outside the tables; beyond, it is frozen.
REACH = (0.0911876, 20.0)


def log_curves(name: str, scale: Array) -> dict[str, Array]:
    """Columns of a table at given scales: natural cubic splines in ln(Lambda).

    Outside the table the curves go on as straight lines in ln(Lambda), down to m_Z and up to
    20 TeV; farther away they stay at the value there.

    Parameters
    ----------
    name : str
        Name of a table with the column Lambda, TeV.
    scale : (1,) or (n,) array, TeV
        Positive; where it is not, the curves are NaN.

    Returns
    -------
    dict of column name to (1,) or (n,) array
    """
    columns, nodes, values, bends = _spline(name)
    given = np.asarray(scale, dtype=float)
    positive = np.where(given > 0.0, given, np.nan)
    log = np.log(np.clip(positive, *REACH))
    inside = np.clip(log, nodes[0], nodes[-1])
    low = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(nodes) - 2)
    width = nodes[low + 1] - nodes[low]
    b = (inside - nodes[low]) / width
    a = 1.0 - b
    w2 = (width * width / 6.0)[:, None]
    y0, y1, m0, m1 = values[low], values[low + 1], bends[low], bends[low + 1]
    b, a, width = b[:, None], a[:, None], width[:, None]
    curve = a * y0 + b * y1 + w2 * ((a**3 - a) * m0 + (b**3 - b) * m1)
    slope = (y1 - y0) / width + width / 6.0 * ((3.0 * b * b - 1.0) * m1 - (3.0 * a * a - 1.0) * m0)
    curve = curve + slope * (log - inside)[:, None]
    return {column: curve[:, index] for index, column in enumerate(columns)}


@lru_cache(maxsize=32)
def _spline(name: str) -> tuple[tuple[str, ...], Array, Array, Array]:
    """Column names, nodes (k,), values (k, m) and second derivatives (k, m), zero at the ends."""
    source = table(name)
    columns = tuple(column for column in source.columns if column != "Lambda")
    nodes = np.log(source.columns["Lambda"])
    values = np.stack([source.columns[column] for column in columns], axis=1)
    bends = np.zeros_like(values)
    if len(nodes) > 2:
        h = np.diff(nodes)
        matrix = np.diag(2.0 * (h[:-1] + h[1:])) + np.diag(h[1:-1], 1) + np.diag(h[1:-1], -1)
        slopes = np.diff(values, axis=0) / h[:, None]
        bends[1:-1] = np.linalg.solve(matrix, 6.0 * np.diff(slopes, axis=0))
    return columns, nodes, values, bends
