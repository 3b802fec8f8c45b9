"""Smooth curves through tabulated running factors, as functions of the logarithm of a scale."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..data.tables import table
from ..errors import PredictionError
from ..physics.arrays import Array

__all__ = ["log_curves"]

# A scale that is an end of a table to rounding is inside.
_ROUNDING = 1e-9


def log_curves(name: str, scale: Array) -> dict[str, Array]:
    """Columns of a table at given scales: natural cubic splines in ln(Lambda).

    Parameters
    ----------
    name : str
        Name of a table with the column Lambda, TeV.
    scale : (1,) or (n,) array, TeV
        Where it is NaN, the curves are.

    Returns
    -------
    dict of column name to (1,) or (n,) array

    Raises
    ------
    PredictionError
        If a scale is outside the table.
    """
    columns, nodes, values, bends = _spline(name)
    given = np.asarray(scale, dtype=float)
    ends = np.exp(nodes[[0, -1]])
    outside = (given < ends[0] * (1.0 - _ROUNDING)) | (given > ends[1] * (1.0 + _ROUNDING))
    if outside.any():
        raise PredictionError(
            f"the scale of new physics is {given[outside][0]:.6g} TeV: the running ({name}) is "
            f"tabulated from {ends[0]:.6g} to {ends[1]:.6g} TeV."
        )
    inside = np.clip(np.log(given), nodes[0], nodes[-1])
    low = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(nodes) - 2)
    width = nodes[low + 1] - nodes[low]
    b = (inside - nodes[low]) / width
    a = 1.0 - b
    w2 = (width * width / 6.0)[:, None]
    y0, y1, m0, m1 = values[low], values[low + 1], bends[low], bends[low + 1]
    b, a, width = b[:, None], a[:, None], width[:, None]
    curve = a * y0 + b * y1 + w2 * ((a**3 - a) * m0 + (b**3 - b) * m1)
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
