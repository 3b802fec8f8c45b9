"""Figures of planes of two parameters from stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...chains.records import RunFile, Scan
from ...errors import ParameterError, StoreError, did_you_mean
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...chains.plots.planes.coupling_mass import Excluded
    from ...chains.records import Array, LimitScan

__all__ = ["constraints", "coupling_mass", "known_ranges", "relic_density"]


def constraints(sources: Sequence[Source], request: Request) -> Figure:
    """Region of each constraint over a scanned plane."""
    from ...chains.plots.planes.constraints import constraints_plane
    from ...chains.plots.planes.grids import set_ranges

    run = sources[0].run
    scan = _plane(run, request.of)
    panel = constraints_plane(run, scan, request.params, width=request.width)
    set_ranges(panel, scan.parameters, known_ranges(request, scan.parameters))
    return figure_of(panel)


def known_ranges(request: Request, names: Sequence[str]) -> Mapping[str, tuple[float, float]]:
    """Ranges of axes; one of another name is refused."""
    for name in request.ranges:
        if name not in names:
            raise ParameterError(f"--range {name}: the axes are {' and '.join(names)}.")
    return request.ranges


def _plane(run: RunFile, name: str) -> Scan:
    """The scan of two parameters that is meant: one with parts if there is one."""
    planes = [scan for scan in run.scans if len(scan.parameters) == 2]
    if name:
        chosen = [scan for scan in planes if scan.name == name]
        if not chosen:
            known = [scan.name for scan in planes]
            raise StoreError(f"--of {name!r}: no such scan of two parameters"
                             f"{did_you_mean(name, known)}")  # fmt: skip
        return chosen[0]
    if not planes:
        raise StoreError(
            f"{run.name} holds no scan of two parameters: give the analysis file 'fit: grids' with "
            "'separate: [groups]' and run 'bsinv fit'."
        )
    parted = [scan for scan in planes if scan.separate_names] or planes
    if len(parted) > 1:
        names = "; ".join(scan.name for scan in parted)
        raise ParameterError(f"--of says which scan of {run.name}: {names}.")
    return parted[0]


def relic_density(sources: Sequence[Source], request: Request) -> Figure:
    """Band of the measured relic density over a plane."""
    from ...chains.plots.planes.grids import set_ranges
    from ...chains.plots.planes.relic_density import relic_density as draw
    from .fields import density, plane_points

    source = sources[0]
    scan = None
    if not request.params or request.of:
        scan = _plane(source.run, request.of)
        names = _pair(scan.parameters)
    else:
        names = _pair(request.params)
        scan = next((one for one in source.run.scans if one.parameters == names), None)
    known = {} if scan is None else dict(zip(scan.parameters, scan.axes, strict=True))
    ranges = known_ranges(request, names)
    field = density(source, request, plane_points(source, request, names, known))
    panel = draw(source.run, field, scan, width=request.width)
    ends = {name: (axis[0], axis[-1]) for name, axis in zip(names, field.axes, strict=True)}
    set_ranges(panel, names, {**ends, **ranges})
    return figure_of(panel)


def coupling_mass(sources: Sequence[Source], request: Request) -> Figure:
    """Coupling against mass: what each run excludes."""
    from ...chains.files.overlays import read_overlay
    from ...chains.plots.planes import coupling_mass as plots
    from .fields import decay_lengths, plane_points

    names = _pair(request.params) if request.params else _mass_and_coupling(sources)
    ranges = known_ranges(request, names)
    limits: list[tuple[Array, Array, str]] = []
    regions: list[Excluded] = []
    for source in sources:
        before = len(limits) + len(regions)
        for entry in source.run.limits:
            if _against(entry, names):
                limits.append(plots.excluded_by_limits(source.label, entry))
        for scan in source.run.scans:
            if set(scan.parameters) == set(names) and scan.separate_names:
                regions += _parts(source, scan, names, len(sources) > 1)
        if len(limits) + len(regions) == before:
            raise StoreError(
                f"{source.path} holds neither limits on {names[1]} against {names[0]} ('bsinv "
                f"limit --of {names[1]} --scan {names[0]}=...') nor a grid of both with 'separate'."
            )
    overlays = [curve for path in request.overlays for curve in read_overlay(path)]
    lifetime = None
    if "ctau" in request.show:
        points = plane_points(sources[0], request, names, _points_of(limits, regions, names))
        lifetime = decay_lengths(sources[0], request, points)
    panel = plots.coupling_mass(
        [sources[0].run.parameter(name) for name in names],
        limits=limits,
        regions=regions,
        lifetime=lifetime,
        overlays=overlays,
        outlines="outlines" in request.show,
        ranges=ranges,
        width=request.width,
    )
    return figure_of(panel)


def _pair(names: Sequence[str]) -> tuple[str, str]:
    if len(names) != 2 or names[0] == names[1]:
        raise ParameterError("--params needs two different names, such as mass,coupling.")
    return names[0], names[1]


def _mass_and_coupling(sources: Sequence[Source]) -> tuple[str, str]:
    """Axes of the first result that has them: of limits, or of a grid, mass first."""
    for source in sources:
        for entry in source.run.limits:
            if int((entry.shape > 1).sum()) == 1:
                return entry.axes[int(entry.shape.argmax())], entry.parameter
        for scan in source.run.scans:
            if scan.separate_names and len(scan.parameters) == 2:
                one, two = scan.parameters
                units = [source.run.parameter(name).unit for name in (one, two)]
                return (two, one) if units[1] == "GeV" != units[0] else (one, two)
    raise StoreError(
        f"{sources[0].path} holds neither limits along a scan ('bsinv limit') nor a grid of two "
        "parameters with 'separate' in the analysis file."
    )


def _against(entry: LimitScan, names: tuple[str, str]) -> bool:
    """Whether limits are on the coupling along the mass alone."""
    if entry.parameter != names[1] or int((entry.shape > 1).sum()) != 1:
        return False
    return entry.axes[int(entry.shape.argmax())] == names[0]


def _parts(source: Source, scan: Scan, names: tuple[str, str], several: bool) -> list[Excluded]:
    """What parts of a grid exclude, mass first, named with their run if there are several."""
    from ...chains.plots.planes.coupling_mass import excluded_by_parts

    found = excluded_by_parts(scan)
    if scan.parameters != names:
        found = [replace(one, axes=one.axes[::-1], heights=one.heights.T) for one in found]
    if several:
        found = [replace(one, label=f"{source.label}: {one.label}") for one in found]
    return found


def _points_of(
    limits: Sequence[tuple[Array, Array, str]], regions: Sequence[Excluded], names: tuple[str, str]
) -> dict[str, Array]:
    """Values along both axes over which what is excluded goes, equal in the logarithm."""
    import numpy as np

    from .fields import POINTS

    first = [x for x, _, _ in limits] + [one.axes[0] for one in regions]
    second = [np.array([0.1, 10.0])[:, None] * y for _, y, _ in limits]
    second += [one.axes[1] for one in regions]
    found = {}
    for name, many in zip(names, (first, second), strict=True):
        values = np.concatenate([np.ravel(one) for one in many])
        values = values[np.isfinite(values) & (values > 0.0)]
        if len(values) and values.min() < values.max():
            found[name] = np.geomspace(values.min(), values.max(), POINTS)
    return found
