"""Profiles and contours of several runs over each other, with posteriors and priors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import Array, BestFit, ForeignChain, RunFile, Scan, ScanStatus
from ...statistics.samples import Posterior
from ...tables.profiles import contour_levels, profile_curve, scan_heights
from ..frames import Frame, frame_of, set_frame
from ..legends import legend_on_top
from ..palette import REFERENCE
from ..posterior.densities import CONTENTS, density_curve, draw_regions
from ..style import SIZES, on_axes
from ..subjects import Subject, colour_of, distinct_subjects, records_of
from .surfaces import surface_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["contours", "draw_profile_regions", "profiles"]

Entries = Subject | RunFile | ForeignChain | Sequence[Subject | RunFile | ForeignChain]
_GREY, _TOP = "#888888", 9.0


def fit_of(subject: Subject) -> BestFit | None:
    """Best fit of a subject; None if it has none."""
    return None if isinstance(subject.run, ForeignChain) else subject.run.best_fit


def profiles(
    runs: Entries,
    parameter: str,
    *,
    ends: tuple[float, float] | None = None,
    show: Sequence[str] = (),
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw profile likelihoods of one parameter, with lines at one and two standard deviations.

    The zero of each curve is the best point of its own run, unless heights are absolute.

    Parameters
    ----------
    runs : Subject, RunFile or ForeignChain, or a sequence of them
    parameter : str
    ends : (low, high), optional
        Of the axis, in the unit of the parameter.
    show : sequence of str
        ``"posterior"``, ``"prior"``: -2 ln of these densities, relative to the largest of the
        posterior (of the prior where there is none); ``"absolute"``: the best point of all runs is
        the zero, which makes sense only if they have the same data.
    axes : Axes, optional
        To draw on; those of a new figure by default.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If none of the runs has such a profile, or heights of different data are to be compared.
    ParameterError
        If nothing lies between the ends.
    """
    subjects = distinct_subjects(runs)
    (record,) = records_of(subjects, [parameter])
    scans = [subject.profile(parameter) for subject in subjects]
    if not any(scans):
        raise StoreError(
            f"no profile of {parameter!r} is stored; 'bsinv fit … --profile {parameter}' makes one."
        )
    shifts = _shifts(subjects, scans) if "absolute" in show else [0.0] * len(subjects)
    samples = [s.posterior([parameter]) if "posterior" in show else None for s in subjects]
    scanned = [_low_part(s, scan) for s, scan in zip(subjects, scans, strict=True) if scan]
    frame = frame_of(record, subjects, [None], ends, scanned)
    if ends is None:
        frame = _tight(frame, scanned)
    own, axes = axes is None, on_axes(axes, width)
    handles: list[Any] = []
    tops = []
    for index, (subject, scan) in enumerate(zip(subjects, scans, strict=True)):
        colour, many = colour_of(index), len(subjects) > 1
        if scan is not None:
            x, y = smooth(*profile_curve(fit_of(subject), scan))
            y = y + shifts[index]
            tops.append(float(np.nanmax(y)))
            handles += axes.plot(x, y, color=colour, label=subject.text if many else "profile")
            _mark_poor(axes, scan, scan_heights(fit_of(subject), scan) + shifts[index], colour)
        elif many:
            handles += axes.plot([], [], color=colour, label=f"{subject.text}: no profile")
        handles += _densities(axes, subject, samples[index], frame, show, colour, many)
    top = max(min(1.05 * max(tops), max(_TOP, 1.1 * max(shifts) + 5.0)), 1.2)
    axes.set_ylim(-0.03 * top, top)
    _sigma_lines(axes, top)
    handles += _points(axes, subjects, frame)
    axes.set_ylabel(r"$-2\,\Delta \ln L$")
    axes.set_xlabel(frame.text())
    legend_on_top(axes, handles, grow=own)
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    set_frame(axes, "x", frame)
    return axes


def _tight(frame: Frame, scanned: Sequence[Array]) -> Frame:
    """A frame that ends where the scans do."""
    low, high = min(axis[0] for axis in scanned), max(axis[-1] for axis in scanned)
    return Frame(frame.record, float(low), float(high), frame.logarithmic)


def _low_part(subject: Subject, scan: Scan) -> Array:
    """Part of the axis of a scan of one parameter that is low enough to be seen."""
    axis, heights = profile_curve(fit_of(subject), scan)
    low = np.flatnonzero(np.nan_to_num(heights, nan=np.inf) <= _TOP)
    if not len(low):
        return axis
    part: Array = axis[max(low[0] - 1, 0) : low[-1] + 2]
    return part


def _extent(subject: Subject, scan: Scan, name: str) -> Array:
    """Ends of a parameter between which the regions of a scan lie, with a margin."""
    surface = surface_of(fit_of(subject), scan)
    values = surface.x if scan.parameters[0] == name else surface.y
    axis = scan.axes[scan.parameters.index(name)]
    low = values[surface.heights <= contour_levels()[-1]]
    if not len(low) or not low.min() < low.max():
        return axis
    margin = 0.15 * (low.max() - low.min())
    ends: Array = np.clip([low.min() - margin, low.max() + margin], axis[0], axis[-1])
    return ends


def smooth(x: Array, y: Array) -> tuple[Array, Array]:
    """Curve through points that nowhere leaves the range between two of them; broken at NaN."""
    from scipy.interpolate import PchipInterpolator

    parts_x: list[Any] = []
    parts_y: list[Any] = []
    for rows in np.split(np.arange(len(x)), np.flatnonzero(np.isnan(y))):
        rows = rows[np.isfinite(y[rows])]
        if not len(rows):
            continue
        fine = x[rows]
        if len(rows) > 2:
            fine = np.unique(np.concatenate([fine, np.linspace(fine[0], fine[-1], 400)]))
        parts_x += [fine, [np.nan]]
        parts_y += [
            PchipInterpolator(x[rows], y[rows])(fine) if len(rows) > 2 else y[rows],
            [np.nan],
        ]
    return np.concatenate(parts_x[:-1]), np.concatenate(parts_y[:-1])


def _shifts(subjects: Sequence[Subject], scans: Sequence[Scan | None]) -> list[float]:
    """How much higher the zero of each scan is than that of the best, in -2 ln L."""
    terms = {fit.term_names for fit in map(fit_of, subjects) if fit is not None}
    if len(terms) > 1:
        raise StoreError(
            "heights of runs with different likelihood terms cannot be compared: leave out "
            "'absolute'."
        )
    best = []
    for subject, scan in zip(subjects, scans, strict=True):
        fit, highest = fit_of(subject), -np.inf
        if scan is not None:
            highest = float(np.nanmax(scan.log_penalised))
        if fit is not None and np.isfinite(fit.log_penalised):
            highest = max(highest, fit.log_penalised)
        best.append(highest)
    return [2.0 * (max(best) - one) if np.isfinite(one) else 0.0 for one in best]


def _mark_poor(axes: Axes, scan: Scan, heights: Array, colour: str) -> None:
    poor = scan.status == ScanStatus.NOT_CONVERGED
    axes.plot(scan.axes[0][poor], heights[poor], "x", color=colour, markersize=6)


def _densities(
    axes: Axes,
    subject: Subject,
    samples: Posterior | None,
    frame: Frame,
    show: Sequence[str],
    colour: str,
    many: bool,
) -> list[Any]:
    """-2 ln of posterior and prior density, from the largest posterior density."""
    name, handles = frame.record.name, []
    beside = f"{subject.text}, " if many else ""
    peak = np.nan
    if samples is not None and name in samples.names:
        x, density = density_curve(samples, frame)
        peak = float(density.max())
        with np.errstate(divide="ignore"):
            height = -2.0 * np.log(density / peak)
        handles += axes.plot(x, height, "--", color=colour, label=f"{beside}posterior")
    prior = subject.prior(name) if "prior" in show else None
    if prior is not None:
        with np.errstate(divide="ignore"):
            height = -2.0 * np.log(prior.density / prior.density.max())
        handles += axes.plot(prior.values, height, ":", color=colour, label=f"{beside}prior")
    return handles


def _sigma_lines(axes: Axes, top: float) -> None:
    for level, text in ((1.0, "1 σ"), (4.0, "2 σ")):
        if level < top:
            axes.axhline(level, color=_GREY, linewidth=0.9, linestyle="--", zorder=1)
            axes.annotate(
                text,
                (1.0, level),
                xytext=(3, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                fontsize="small",
                color="#555555",
            )


def _points(axes: Axes, subjects: Sequence[Subject], frame: Frame) -> list[Any]:
    """Reference point as a line, once."""
    for subject in subjects:
        value = float(frame.turned(subject.point(frame.record.name, reference=True)))
        fit = fit_of(subject)
        if frame.low <= value <= frame.high and fit is not None:
            line = axes.axvline(value, color=REFERENCE, linestyle=":", linewidth=1.2, zorder=1)
            line.set_label(fit.reference_name)
            return [line]
    return []


def contours(
    runs: Entries,
    parameters: tuple[str, str],
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    show: Sequence[str] = (),
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw regions of 68 and 95 % content of two parameters, of several runs over each other.

    Regions of the profile likelihood where such a scan is stored, and those of the posterior where
    they are asked for, or where a run has no scan.

    Parameters
    ----------
    runs : Subject, RunFile or ForeignChain, or a sequence of them
    parameters : (str, str)
        Along abscissa and ordinate.
    ranges : mapping of str to (low, high), optional
        Ends of axes.
    show : sequence of str
        ``"profile"``, ``"posterior"``, ``"hessian"``; both of the first as they are there by
        default.
    axes : Axes, optional
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If none of the runs has what is asked for.
    ParameterError
        If nothing lies between the ends.
    """
    subjects = distinct_subjects(runs)
    records = records_of(subjects, parameters)
    scans = [s.profile(*parameters) if _wants(show, "profile") else None for s in subjects]
    samples = [
        s.posterior(parameters) if "posterior" in show or (not show and scan is None) else None
        for s, scan in zip(subjects, scans, strict=True)
    ]
    samples = [
        one if one is not None and all(n in one.names for n in parameters) else None
        for one in samples
    ]
    if not any(scans) and not any(one is not None for one in samples) and "hessian" not in show:
        pair = " ".join(parameters)
        raise StoreError(
            f"neither contours nor samples of {' and '.join(parameters)} are stored; "
            f"'bsinv fit … --contour {pair}' makes contours, 'bsinv sample FILE.h5' samples."
        )
    frames = []
    for name, record in zip(parameters, records, strict=True):
        axis = [_extent(s, scan, name) for s, scan in zip(subjects, scans, strict=True) if scan]
        given = (ranges or {}).get(name)
        frame = frame_of(record, subjects, samples, given, axis)
        alone = given is None and not any(one is not None for one in samples) and axis
        frames.append(_tight(frame, axis) if alone else frame)
    own, axes = axes is None, on_axes(axes, width, 0.85)
    handles: list[Any] = []
    for index, subject in enumerate(subjects):
        found = (scans[index], samples[index])
        handles += _one(axes, subject, found, frames, show, (index, len(subjects)))
    handles += _content_handles()
    handles += _markers(axes, subjects, frames)
    axes.set_xlabel(frames[0].text())
    axes.set_ylabel(frames[1].text())
    legend_on_top(axes, handles, grow=own)
    axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
    set_frame(axes, "x", frames[0])
    set_frame(axes, "y", frames[1])
    return axes


def _wants(show: Sequence[str], layer: str) -> bool:
    return not show or layer in show


def _one(
    axes: Axes,
    subject: Subject,
    found: tuple[Scan | None, Posterior | None],
    frames: Sequence[Frame],
    show: Sequence[str],
    which: tuple[int, int],
) -> list[Any]:
    """Regions of one subject, and what the legend says of them."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    (scan, samples), (index, count) = found, which
    colour = colour_of(index)
    handles: list[Any] = []
    filled = Patch(facecolor=to_rgba(colour, 0.35), edgecolor=colour)
    lines = Line2D([], [], color=colour, linestyle="--")
    if scan is not None:
        draw_profile_regions(axes, fit_of(subject), scan, frames, colour)
        filled.set_label(_said(subject, "profile likelihood", count))
        handles.append(filled)
    if samples is not None:
        if scan is None:
            draw_regions(axes, samples, frames, colour)
            filled.set_label(_said(subject, "posterior", count))
            handles.append(filled)
        else:
            before = set(axes.collections)
            draw_regions(axes, samples, frames, colour, filled=False)
            for made in set(axes.collections) - before:
                made.set_linestyle("--")
            lines.set_label(_said(subject, "posterior", count))
            handles.append(lines)
    if "hessian" in show and draw_ellipses(axes, subject, frames, colour):
        handles.append(
            Line2D([], [], color=colour, linestyle=":", label=_said(subject, "Hessian", count))
        )
    if scan is None and samples is None and not handles:
        names = [f.record.name for f in frames]
        missing = [n for n in names if subject.record(n) is None] or names
        handles.append(
            Line2D([], [], color="none", label=f"{subject.text}: no {', '.join(missing)}")
        )
    return handles


def _said(subject: Subject, what: str, count: int) -> str:
    return f"{subject.text}, {what}" if count > 1 else what


def draw_profile_regions(
    axes: Any,
    best: BestFit | None,
    scan: Scan,
    frames: Sequence[Frame],
    colour: str,
    *,
    filled: bool = True,
    style: str = "-",
) -> None:
    """Draw regions of 68 and 95 % content of a profile likelihood.

    Parameters
    ----------
    axes : Axes
    best : BestFit or None
    scan : Scan
        Of the parameters of the frames, in either order.
    frames : two Frames
        Of abscissa and ordinate.
    colour : str
    filled : bool
    style : str
        Of the lines.
    """
    from matplotlib.colors import to_rgba

    surface = surface_of(best, scan)
    turned = scan.parameters[0] != frames[0].record.name
    triangles = surface.triangulation(turned)
    levels = contour_levels()
    if not len(surface.triangles) or surface.heights.min() >= levels[-1]:
        return
    if filled:
        shades = [to_rgba(colour, 0.5), to_rgba(colour, 0.22)]
        lowest = min(-1.0, float(surface.heights.min()) - 1.0)
        axes.tricontourf(triangles, surface.heights, levels=[lowest, *levels], colors=shades)
    axes.tricontour(
        triangles,
        surface.heights,
        levels=levels,
        colors=[colour],
        linewidths=1.1,
        linestyles=[style],
    )


def draw_ellipses(
    axes: Any, subject: Subject, frames: Sequence[Frame], colour: str, style: str = ":"
) -> bool:
    """Draw ellipses of the covariance of HESSE with 68 and 95 % content; False if it is not known.

    Parameters
    ----------
    axes : Axes
    subject : Subject
    frames : two Frames
    colour, style : str
    """
    names = [frame.record.name for frame in frames]
    covariance = subject.covariance(names)
    if covariance is None:
        return False
    values, vectors = np.linalg.eigh(covariance)
    if not (values > 0.0).all():
        return False
    centre = [float(f.turned(subject.point(f.record.name))) for f in frames]
    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    circle = vectors @ (np.sqrt(values)[:, None] * np.array([np.cos(turn), np.sin(turn)]))
    for level in contour_levels():
        x, y = np.array(centre)[:, None] + np.sqrt(level) * circle
        axes.plot(x, y, style, color=colour, linewidth=1.2, zorder=4)
    return True


def _content_handles() -> list[Any]:
    from matplotlib.patches import Patch

    return [
        Patch(
            facecolor=(0.4, 0.4, 0.4, shade), edgecolor="#666666", label=f"{100 * part:.0f} % (2D)"
        )
        for part, shade in zip(CONTENTS, (0.5, 0.22), strict=True)
    ]


def _markers(axes: Axes, subjects: Sequence[Subject], frames: Sequence[Frame]) -> list[Any]:
    """Stars at the best fits, a diamond at the reference point."""
    handles: list[Any] = []
    names = [frame.record.name for frame in frames]
    for reference in (False, True):
        for index, subject in enumerate(subjects):
            place = [
                float(f.turned(subject.point(n, reference)))
                for f, n in zip(frames, names, strict=True)
            ]
            inside = [f.low <= p <= f.high for f, p in zip(frames, place, strict=True)]
            fit = fit_of(subject)
            if not all(inside) or fit is None:
                continue
            colour = REFERENCE if reference else colour_of(index)
            style: dict[str, Any] = {
                "marker": "D" if reference else "*",
                "markersize": 6 if reference else 11,
                "markeredgecolor": "white",
                "linestyle": "none",
            }
            axes.plot(*place, color=colour, zorder=6, clip_on=False, **style)
            told = fit.reference_name if reference else "best fit"
            if told not in [handle.get_label() for handle in handles]:
                shown = REFERENCE if reference or len(subjects) > 1 else colour
                (handle,) = axes.plot([], [], color=shown, label=told, **style)
                handles.append(handle)
            if reference:
                break
    return handles
