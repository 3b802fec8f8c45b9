"""A refined grid filled between the points that were computed, to draw it; nothing is stored."""

from __future__ import annotations

import numpy as np

from ..records import Array, Scan, ScanStatus

__all__ = ["filled"]


def filled(scan: Scan, values: Array) -> Array:
    """Values on the grid of a scan, with straight lines over the points that were not asked for.

    Parameters
    ----------
    scan : Scan
    values : array of the shape of the grid

    Returns
    -------
    array of the shape of the grid
        The same values where the grid was not refined.
    """
    asked = scan.status != ScanStatus.NOT_ASKED
    if asked.all():
        return values
    result, stride = np.array(values, dtype=float), 1
    while not asked[(slice(None, None, stride),) * asked.ndim].all():
        stride *= 2
    # From the widest spacing down: what is halfway follows from what is beside it.
    while stride > 1:
        half = stride // 2
        for axis in range(asked.ndim):
            steps = [half if other <= axis else stride for other in range(asked.ndim)]
            places = tuple(slice(None, None, step) for step in steps)
            part = np.moveaxis(result[places], axis, 0)
            known = np.moveaxis(asked[places], axis, 0)
            with np.errstate(invalid="ignore"):
                between = 0.5 * (part[:-1:2] + part[2::2])
            part[1::2] = np.where(known[1::2], part[1::2], between)
        stride = half
    return result
