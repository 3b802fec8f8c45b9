"""The likelihood between the points of a scan of two parameters, to draw contours of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...records import Array, BestFit, Scan, ScanStatus
from ...tables.profiles import scan_heights
from ..refined import filled

__all__ = ["Surface", "surface_of"]

# Points between two of the grid where a spline may be trusted.
_FINER = 6
_MOST_NODES = 60_000
# of a refined grid, whose smallest islands are a few points wide
_MOST_REFINED_NODES = 250_000
# -2 Delta ln L far above which only its logarithm counts for the shape of a contour.
_HIGH = 10.0


@dataclass(frozen=True, eq=False)
class Surface:
    """-2 Delta ln L at points in a plane, and triangles between them.

    Parameters
    ----------
    x, y : (n,) arrays
    heights : (n,) array
    triangles : (m, 3) integer array
        None of them has a corner at which the likelihood is not known.
    """

    x: Array
    y: Array
    heights: Array
    triangles: Array

    def triangulation(self, turned: bool = False) -> Any:
        """As matplotlib wants it.

        Parameters
        ----------
        turned : bool
            x along the ordinate.
        """
        from matplotlib.tri import Triangulation

        x, y = (self.y, self.x) if turned else (self.x, self.y)
        return Triangulation(x, y, self.triangles)

    def area(self, level: float) -> float:
        """Area in which the surface is below a level, in units of x times y."""
        corners = np.sort(self.heights[self.triangles], axis=1)
        points = np.stack([self.x, self.y], axis=1)[self.triangles]
        one, other = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
        whole = 0.5 * abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
        low, middle, high = corners.T
        with np.errstate(divide="ignore", invalid="ignore"):
            rising = (level - low) ** 2 / ((middle - low) * (high - low))
            falling = 1.0 - (high - level) ** 2 / ((high - low) * (high - middle))
        part = np.where(level >= high, 1.0, np.where(level >= middle, falling, rising))
        return float(np.sum(whole * np.where(level <= low, 0.0, part)))


def surface_of(best: BestFit | None, scan: Scan, own_zero: bool = False) -> Surface:
    """Surface through the points of a scan of two parameters and the best fit.

    Between points of the grid it is a cubic spline where all of them are known, and flat triangles
    where the scan was refined. The best fit is one of its points, so that no region is without it.

    Parameters
    ----------
    best : BestFit or None
        The zero, unless a point of the scan is better.
    scan : Scan
        Of two parameters.
    own_zero : bool
        The lowest point of the scan is the zero.

    Returns
    -------
    Surface

    Raises
    ------
    StoreError
        If no point of the scan was done.
    """
    heights = filled(scan, scan_heights(None if own_zero else best, scan))
    x, y, z = _nodes(scan, heights)
    points = np.column_stack([x, y])
    top = scan_zero(best, scan) if not own_zero else None
    if top is not None and best is not None:
        place, depth = top
        inside = all(a[0] <= p <= a[-1] for a, p in zip(scan.axes, place, strict=True))
        if inside:
            same = np.isclose(points, place, rtol=1e-9, atol=0.0).all(axis=1)
            points, z = np.vstack([points[~same], place]), np.append(z[~same], depth)
    triangles = _triangles(scan, points)
    known = np.isfinite(z[triangles]).all(axis=1)
    return Surface(points[:, 0], points[:, 1], np.where(np.isfinite(z), z, 0.0), triangles[known])


def scan_zero(best: BestFit | None, scan: Scan) -> tuple[Array, float] | None:
    """Place of the best fit in the plane of a scan and its height; None if it is not known."""
    if best is None or not np.isfinite(best.log_penalised):
        return None
    if any(name not in best.names for name in scan.parameters):
        return None
    place = np.array([best[name] for name in scan.parameters])
    highest = float(np.nanmax(scan.log_penalised))
    return place, max(0.0, 2.0 * (highest - best.log_penalised))


def _smooth(scan: Scan) -> bool:
    known = (ScanStatus.CONVERGED, ScanStatus.NOT_ASKED)
    return bool(np.isin(scan.status, known).all())


def _nodes(scan: Scan, heights: Array) -> tuple[Array, Array, Array]:
    first, second = scan.axes
    if min(heights.shape) >= 6 and _smooth(scan):
        from scipy.interpolate import RectBivariateSpline

        refined = (scan.status == ScanStatus.NOT_ASKED).any()
        most = _MOST_REFINED_NODES if refined else _MOST_NODES
        finer = min(_FINER, max(1, int(np.sqrt(most / heights.size))))
        # in steps of the grid, which may be of different lengths
        fine = [
            np.linspace(0.0, len(axis) - 1.0, finer * (len(axis) - 1) + 1) for axis in scan.axes
        ]
        steps = [np.arange(float(len(axis))) for axis in scan.axes]
        # compressed where it is high: a wall beside a valley would let the spline swing
        flat = _HIGH * np.log1p(heights / _HIGH)
        z = _HIGH * np.expm1(RectBivariateSpline(*steps, flat)(*fine) / _HIGH)
        first, second = (np.interp(f, s, a) for f, s, a in zip(fine, steps, scan.axes, strict=True))
    else:
        z = heights
    x, y = np.meshgrid(first, second, indexing="ij")
    return x.ravel(), y.ravel(), z.ravel()


def _triangles(scan: Scan, points: Array) -> Array:
    """Delaunay's triangles in steps of the grid, where the units of the axes do not matter."""
    from scipy.spatial import Delaunay

    steps = np.column_stack(
        [
            np.interp(column, axis, np.arange(float(len(axis))))
            for column, axis in zip(points.T, scan.axes, strict=True)
        ]
    )
    found: Array = Delaunay(steps, qhull_options="Qbb Qc Qz Q12").simplices
    # one that is wider than a cell reaches over points that are not known
    kept: Array = found[(np.ptp(steps[found], axis=1) < 1.0 + 1e-9).all(axis=1)]
    return kept
