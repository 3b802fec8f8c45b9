"""Records of scans of the likelihood around a best fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, read_only
from .shown import dataframe, html_table

__all__ = ["Scan", "ScanEnd", "ScanStatus"]


class ScanStatus:
    """Codes of the status grid of a `Scan`."""

    NOT_ASKED = -2
    """Left out of a refined grid: no contour is near."""
    NOT_DONE = -1
    CONVERGED = 0
    NOT_CONVERGED = 1
    FAILED = 2


class ScanEnd:
    """How a scan ends on one side; the texts are what is stored."""

    CLOSED = "closed"
    SUPPORT = "support"
    PERIOD = "period"
    OPEN = "open"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, eq=False)
class Scan:
    """Log likelihood on a grid of one or two parameters, the others refitted or held.

    Parameters
    ----------
    name : str
        Name of the scan.
    parameters : tuple of str
        One or two parameter names.
    axes : tuple of (k_i,) arrays
        Grid values of each, ascending, in its unit.
    log_likelihood, log_constraint : (k_1,) or (k_1, k_2) arrays
        At the refitted points; NaN where not done or failed. The constraint is the part of the
        prior that stands for measurements, as in `BestFit`.
    status : (k_1,) or (k_1, k_2) integer array
        Codes of `ScanStatus`. In a refined grid most points are not asked for, and hold NaN.
    other_names : tuple of str
        The m parameters that were refitted.
    other_values : (..., m) array
        Their values at each grid point.
    ends : tuple of str
        Lower and upper end along each axis, as named by `ScanEnd`: whether the 95 % region is
        closed there. Empty for a grid that was given, and in older files.
    separate_names : tuple of str
        Labels of the g groups of terms whose parts of the log likelihood are stored; empty if none
        are, and in older files.
    separate_terms : tuple of str
        The terms of each, with ", " between them.
    separate : (..., g) array
        Those parts, at the same values of the other parameters as `log_likelihood`; NaN where one
        is not finite. A term may be in several groups, or in none.
    refitted : bool or None
        Whether the other parameters were refitted at each point, or held; None in older files,
        where only the name says so.
    """

    name: str
    parameters: tuple[str, ...]
    axes: tuple[Array, ...]
    log_likelihood: Array
    log_constraint: Array = field(default_factory=missing)
    status: Array = field(default_factory=missing, metadata={"integer": True})
    other_names: tuple[str, ...] = ()
    other_values: Array = field(default_factory=missing)
    ends: tuple[str, ...] = ()
    refitted: bool | None = None
    separate_names: tuple[str, ...] = ()
    separate_terms: tuple[str, ...] = ()
    separate: Array = field(default_factory=missing)

    def __post_init__(self) -> None:
        shape = tuple(len(axis) for axis in self.axes)
        if len(self.parameters) != len(shape) or len(shape) not in (1, 2):
            raise StoreError(
                f"scan {self.name!r} has {len(self.parameters)} parameters and {len(shape)} axes; "
                "one or two of each are needed."
            )
        fill(self, "log_constraint", shape, 0.0)
        fill(self, "other_values", (*shape, len(self.other_names)))
        fill(self, "separate", (*shape, len(self.separate_names)))
        if np.size(self.status) == 0:
            done = np.isfinite(np.asarray(self.log_likelihood))
            codes = np.where(done, ScanStatus.CONVERGED, ScanStatus.NOT_DONE)
            object.__setattr__(self, "status", codes)
        read_only(self)
        for name in ("log_likelihood", "log_constraint", "status"):
            expect(self, name, shape)
        expect(self, "other_values", (*shape, len(self.other_names)))
        expect(self, "separate", (*shape, len(self.separate_names)))
        if len(self.separate_terms) != len(self.separate_names):
            raise StoreError(
                f"scan {self.name!r} has terms of {len(self.separate_terms)} groups, "
                f"{len(self.separate_names)} are named."
            )

    def __repr__(self) -> str:
        shape = " x ".join(str(size) for size in self.log_likelihood.shape)
        done = int(np.count_nonzero(self.status >= ScanStatus.CONVERGED))
        return f"<Scan of {', '.join(self.parameters)}: {shape} points, {done} done>"

    def _repr_html_(self) -> str:
        done = self.status >= ScanStatus.CONVERGED
        converged = self.status == ScanStatus.CONVERGED
        rows = [
            (name, f"{len(axis)}", f"{axis[0]:.4g}", f"{axis[-1]:.4g}")
            for name, axis in zip(self.parameters, self.axes, strict=True)
            if len(axis)
        ]
        told = f"{repr(self).strip('<>')}, {np.count_nonzero(converged & done)} converged"
        return html_table(told, ("parameter", "points", "from", "to"), rows)

    def to_dataframe(self) -> Any:
        """Grid, log likelihood and refitted parameters, a row for each point (extra ``pandas``)."""
        grids = np.meshgrid(*self.axes, indexing="ij")
        columns = {name: grid.ravel() for name, grid in zip(self.parameters, grids, strict=True)}
        columns |= {
            "log_likelihood": self.log_likelihood.ravel(),
            "log_constraint": self.log_constraint.ravel(),
            "status": self.status.ravel(),
        }
        parts = self.separate.reshape(self.status.size, len(self.separate_names))
        columns |= {
            f"log_likelihood[{name}]": part
            for name, part in zip(self.separate_names, parts.T, strict=True)
        }
        others = self.other_values.reshape(self.status.size, len(self.other_names))
        columns |= dict(zip(self.other_names, others.T, strict=True))
        return dataframe(columns)

    @property
    def held(self) -> bool:
        """Whether the other parameters were held: a section of the likelihood, not a profile."""
        if self.refitted is None:
            return self.name.startswith("section")
        return not self.refitted

    @property
    def log_penalised(self) -> Array:
        """Log likelihood plus log constraint on the grid: what the profile is made of."""
        total: Array = self.log_likelihood + self.log_constraint
        return total
