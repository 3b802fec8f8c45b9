"""Corner plot of several runs over each other, with Hessian, profiles and priors on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....errors import ParameterError, StoreError
from ...records import Array, ForeignChain, RunFile
from ...records.arrays import kish
from ...statistics.samples import Posterior
from ...tables.profiles import profile_curve
from ..frames import Frame, frame_of
from ..likelihood.overlays import draw_ellipses, draw_profile_regions, fit_of, smooth
from ..palette import REFERENCE
from ..panels import Staircase, staircase
from ..style import SIZES
from ..subjects import Subject, colour_of, distinct_subjects, records_of
from .densities import density_curve, draw_regions

__all__ = ["overlaid_corner"]

Entries = Subject | RunFile | ForeignChain | Sequence[Subject | RunFile | ForeignChain]
_DASHES: dict[str, Any] = {"posterior": "-", "profile": "--", "hessian": "-.", "prior": ":"}
_FEWEST = 10


def overlaid_corner(
    runs: Entries,
    parameters: Sequence[str] | None = None,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    show: Sequence[str] = (),
    axes: Any = None,
    width: float = SIZES["page"],
) -> Array:
    """Draw marginal posteriors of parameters, of one run or of several over each other.

    Regions hold 68 and 95 % of the probability in two dimensions. On the diagonal every curve has
    the same height: densities, and the profile likelihood relative to its largest value. A prior
    is drawn to scale with the posterior.

    Parameters
    ----------
    runs : Subject, RunFile or ForeignChain, or a sequence of them
    parameters : sequence of str, optional
        Parameters, or predicted numbers that are stored with samples; by default those of the
        models that all runs sampled.
    ranges : mapping of str to (low, high), optional
        Ends of axes.
    show : sequence of str
        ``"hessian"``: ellipses of the covariance at the best fit; ``"profile"``: profile
        likelihoods that are stored; ``"prior"``: of subjects that have priors.
    axes : (n, n) array of Axes, optional
        To draw on, n parameters; those of a new figure by default.
    width : float
        Of a new figure, inches.

    Returns
    -------
    (n, n) array of Axes
        None of them above the diagonal in a new figure are visible.

    Raises
    ------
    StoreError
        If no run has samples, or not what is to be shown.
    ParameterError
        If the runs have no parameter in common and none is named, or a range holds no sample.
    UnknownNameError
        If no run has a parameter.
    """
    subjects = distinct_subjects(runs)
    names = tuple(parameters) if parameters else _common(subjects)
    records = records_of(subjects, names)
    samples = [_enough(subject, subject.posterior(names), names) for subject in subjects]
    whole = [subject.posterior(()) for subject in subjects]
    if not any(one is not None for one in samples):
        raise StoreError(
            f"{', '.join(subject.run.name for subject in subjects)}: no samples of "
            f"{', '.join(names)}; 'bsinv sample FILE.h5' makes them."
        )
    _refuse_nothing(subjects, names, show)
    frames = [
        frame_of(record, subjects, samples, (ranges or {}).get(record.name)) for record in records
    ]
    for name in ranges or {}:
        if name not in names:
            raise ParameterError(f"--range {name}: not among the parameters shown.")
    titles = [_median(frame, samples[0]) for frame in frames] if len(subjects) == 1 else []
    stairs = staircase(frames, width, axes, titles)
    for index, subject in enumerate(subjects):
        _draw(stairs, frames, subject, (whole[index], samples[index]), show, colour_of(index))
    _references(stairs, frames, subjects)
    stairs.finish(frames, _handles(subjects, samples, names, show))
    return stairs.axes


def _common(subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Parameters of models that all have samples of."""
    first, *others = subjects
    own = first.posterior(())
    names = () if own is None else own.names
    for other in others:
        theirs = other.posterior(())
        names = tuple(n for n in names if theirs is not None and n in theirs.names)
    if not names:
        if any(one.posterior(()) is None for one in subjects):
            lacking = next(one for one in subjects if one.posterior(()) is None)
            raise StoreError(
                f"run {lacking.run.name!r} has no samples: 'bsinv sample FILE.h5' makes them."
            )
        raise ParameterError("the runs have no parameter in common: --params says which to show.")
    runs = [s.run for s in subjects if isinstance(s.run, RunFile)]
    roles = {n: runs[0].parameter(n).role if runs else "model" for n in names}
    model = tuple(n for n in names if roles[n] in ("model", "auxiliary"))
    return model or names


def _enough(subject: Subject, samples: Posterior | None, names: Sequence[str]) -> Posterior | None:
    """Samples, if they are of any of the parameters; StoreError if they are too few."""
    if samples is None or not any(name in samples.names for name in names):
        return None
    count = len(samples.samples) if samples.weights is None else kish(samples.weights)
    if count < _FEWEST:
        raise StoreError(
            f"run {subject.run.name!r} has {count:.3g} effective samples, too few for a picture."
        )
    return samples


def _refuse_nothing(subjects: Sequence[Subject], names: Sequence[str], show: Sequence[str]) -> None:
    if "profile" in show:
        pairs = [(a, b) for i, a in enumerate(names) for b in names[:i]]
        wanted = [(name,) for name in names] + pairs
        if not any(s.profile(*one) is not None for s in subjects for one in wanted):
            raise StoreError(
                f"no profile of {', '.join(names)} is stored; 'bsinv fit … --profile NAME "
                "--contour NAME NAME' makes them."
            )
    if "hessian" in show and not any(
        s.covariance([n]) is not None for s in subjects for n in names
    ):
        raise StoreError("no best fit with a covariance is stored; 'bsinv fit …' makes one.")
    if "prior" in show and all(s.prior(n) is None for s in subjects for n in names):
        raise StoreError("no run has a prior of the parameters shown.")


def _draw(
    stairs: Staircase,
    frames: Sequence[Frame],
    subject: Subject,
    found: tuple[Posterior | None, Posterior | None],
    show: Sequence[str],
    colour: str,
) -> None:
    for row, frame in enumerate(frames):
        samples = _with(found, frame)
        _diagonal(stairs.axes[row, row], frame, subject, samples, show, colour)
        for column in range(row):
            panel = stairs.axes[row, column]
            pair = (frames[column], frame)
            samples = _with(found, *pair)
            if samples is not None:
                draw_regions(panel, samples, pair, colour)
            scan = subject.profile(*(f.record.name for f in pair)) if "profile" in show else None
            if scan is not None:
                draw_profile_regions(
                    panel, fit_of(subject), scan, pair, colour, filled=False, style="--"
                )
            if "hessian" in show:
                draw_ellipses(panel, subject, pair, colour, "-.")
            place = [float(f.turned(subject.point(f.record.name))) for f in pair]
            stairs.mark(panel, place, pair, "*", colour)


def _with(found: tuple[Posterior | None, Posterior | None], *frames: Frame) -> Posterior | None:
    """All samples, or the fewer ones with predictions where these are needed; None without any."""
    for samples in found:
        if samples is not None and all(f.record.name in samples.names for f in frames):
            return samples
    return None


def _diagonal(
    panel: Any,
    frame: Frame,
    subject: Subject,
    samples: Posterior | None,
    show: Sequence[str],
    colour: str,
) -> None:
    name, peak = frame.record.name, np.nan
    if samples is not None and name in samples.names:
        x, density = density_curve(samples, frame)
        peak = float(density.max())
        if peak > 0.0:
            panel.plot(x, density / peak, color=colour)
            panel.fill_between(x, density / peak, color=colour, alpha=0.15, linewidth=0.0)
    scan = subject.profile(name) if "profile" in show else None
    if scan is not None:
        x, y = smooth(*profile_curve(fit_of(subject), scan))
        panel.plot(x, np.exp(-0.5 * y), _DASHES["profile"], color=colour)
    covariance = subject.covariance([name]) if "hessian" in show else None
    if covariance is not None and covariance[0, 0] > 0.0:
        low, high = (float(frame.straight(end)) for end in frame.ends)
        x = frame.back(np.linspace(low, high, 300))
        centre = float(frame.turned(subject.point(name)))
        height = np.exp(-0.5 * (x - centre) ** 2 / covariance[0, 0])
        panel.plot(x, height, _DASHES["hessian"], color=colour)
    prior = subject.prior(name) if "prior" in show else None
    if prior is not None:
        density = np.array(prior.density)
        if prior.logarithmic and not frame.logarithmic:
            density = density / prior.values
        elif frame.logarithmic and not prior.logarithmic:
            density = density * prior.values
        scale = peak if peak > 0.0 else float(density.max())
        panel.plot(frame.turned(prior.values), density / scale, _DASHES["prior"], color=colour)
    best = float(frame.turned(subject.point(name)))
    if frame.low <= best <= frame.high:
        panel.axvline(best, color=colour, linewidth=0.9)


def _median(frame: Frame, samples: Posterior | None) -> str:
    """Median with its 68 % interval; empty where there are separate modes."""
    from ...statistics.weights import quantile
    from ...tables.rounding import format_measured

    name = frame.record.name
    if samples is None or name not in samples.names:
        return ""
    if samples.marginal(frame.record).separate or np.isfinite(frame.record.period):
        return ""
    low, middle, high = quantile(samples.column(name), [0.16, 0.5, 0.84], samples.weights)
    return format_measured(middle, middle - low, high - middle, "latex")


def _references(stairs: Staircase, frames: Sequence[Frame], subjects: Sequence[Subject]) -> None:
    """Reference point of the first subject that has one."""
    for subject in subjects:
        found = [float(f.turned(subject.point(f.record.name, reference=True))) for f in frames]
        if not np.isfinite(found).any():
            continue
        for row, frame in enumerate(frames):
            if frame.low <= found[row] <= frame.high:
                stairs.axes[row, row].axvline(
                    found[row], color=REFERENCE, linestyle=":", linewidth=1.0
                )
            for column in range(row):
                pair = (frames[column], frame)
                stairs.mark(
                    stairs.axes[row, column], [found[column], found[row]], pair, "D", REFERENCE
                )
        return


def _handles(
    subjects: Sequence[Subject],
    samples: Sequence[Posterior | None],
    names: Sequence[str],
    show: Sequence[str],
) -> list[Any]:
    """What colours, lines and markers are."""
    from matplotlib.colors import to_rgba
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    many, grey = len(subjects) > 1, "#555555"
    for index, (subject, one) in enumerate(zip(subjects, samples, strict=True)):
        colour = colour_of(index)
        known = () if one is None else one.names
        lacking = [name for name in names if name not in known]
        told = subject.text if many else "posterior"
        if not many and subject.text.endswith("(not converged)"):
            told = "posterior (not converged)"
        if lacking:
            told += ": no samples" if len(lacking) == len(names) else f": no {', '.join(lacking)}"
        handles.append(Patch(facecolor=to_rgba(colour, 0.35), edgecolor=colour, label=told))
    if len(names) > 1:
        handles += [
            Patch(facecolor=(0.4, 0.4, 0.4, shade), edgecolor="#666666", label=text)
            for text, shade in (("68 % (2D)", 0.5), ("95 % (2D)", 0.22))
        ]
    line = grey if many else colour_of(0)
    for layer in ("profile", "hessian", "prior"):
        if layer in show:
            told = "Hessian" if layer == "hessian" else layer
            handles.append(Line2D([], [], color=line, linestyle=_DASHES[layer], label=told))
    shape: dict[str, Any] = {"markeredgecolor": "white"}
    if len(names) < 2:
        shape = {"marker": None}
    if any(np.isfinite(s.point(n)) for s in subjects for n in names):
        style = {"marker": "*", "markersize": 10, **shape}
        handles.append(Line2D([], [], color=line, linewidth=0.9, label="best fit", **style))
    for subject in subjects:
        fit = fit_of(subject)
        if fit is not None and any(np.isfinite(subject.point(n, True)) for n in names):
            style = {"marker": "D", "markersize": 5, **shape}
            told = fit.reference_name
            handles.append(Line2D([], [], color=REFERENCE, linestyle=":", label=told, **style))
            break
    return handles
