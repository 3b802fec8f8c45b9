"""Checks of an analysis that look at two places at once: names, ties, ranges, starts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...errors import did_you_mean
from .cuts import parse_cut
from .names import KnownNames, coefficient_prefix
from .parameter_checks import EVERYWHERE, check_free, check_names, check_parameters, check_start
from .prediction_checks import check_predictions
from .reading.faults import Fault
from .reading.nodes import Key
from .sections import AnalysisSpec, FreeSpec, LikelihoodSpec
from .settings import MOST_GRID_POINTS, FitSpec

__all__ = ["check_spec"]


def check_spec(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    """All faults of an analysis whose single values are right.

    Parameters
    ----------
    spec : AnalysisSpec
        The analysis.
    known : KnownNames
        Names that exist.

    Returns
    -------
    iterator of Fault
        Found one by one, so that whoever has seen enough may stop.
    """
    for check in (
        _check_likelihoods,
        check_parameters,
        _check_inputs,
        _check_form_factors,
        _check_fit,
        _check_sampler,
        check_predictions,
        _check_overlaps,
        _check_exclude,
        _check_cuts,
    ):
        yield from check(spec, known)


def _check_likelihoods(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, entry in enumerate(spec.likelihoods):
        path: Key = ("likelihoods", index)
        if entry.file is not None:
            continue
        if not entry.by_name:
            yield from _check_stated(entry, known, path)
            if entry.name in first:
                yield Fault(path, f"{entry.name!r} is listed twice: remove one.")
            first.setdefault(entry.name, index)
            continue
        if entry.name not in known.likelihoods:
            hint = did_you_mean(entry.name, known.likelihoods)
            yield Fault(path, f"unknown likelihood {entry.name!r}{hint}")
            continue
        if entry.name in first:
            yield Fault(path, f"{entry.name!r} is listed twice: remove one.")
        first.setdefault(entry.name, index)
        for option in entry.options:
            if option not in known.likelihoods[entry.name]:
                yield Fault((*path, option), f"{entry.name!r} does not take this option.")


def _check_stated(entry: LikelihoodSpec, known: KnownNames, path: Key) -> Iterator[Fault]:
    """Faults of a likelihood of the user's own; the rest is checked when it is made."""
    if entry.name in known.likelihoods:
        yield Fault((*path, "name"), f"{entry.name!r} is a likelihood already: take another name.")
    if entry.flavio is not None:
        for option in entry.options:
            yield Fault((*path, option), "does not go with flavio.")
        given = entry.flavio.arguments
        if {"q2min", "q2max"} <= set(given) and not given["q2min"] < given["q2max"]:
            message = f"needs q2min < q2max, not {given['q2min']:g} and {given['q2max']:g}."
            yield Fault((*path, "flavio", "arguments"), message)
    where = path if entry.flavio is None else (*path, "flavio")
    listed = (entry.data or ()) if entry.flavio is None else entry.flavio.data
    for index, name in enumerate(listed):
        if name not in known.data_ids:
            hint = did_you_mean(name, known.data_ids)
            yield Fault((*where, "data", index), f"unknown measurement {name!r}{hint}")


def _check_exclude(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    """What is left out must be brought by a group, and by nothing else."""
    named = [entry.name for entry in spec.likelihoods if entry.by_name]
    brought = {member for name in named for member in known.members.get(name, ())}
    ids = {*known.data_ids, *known.likelihoods} - set(known.members)
    for index, name in enumerate(spec.exclude):
        path: Key = ("exclude", index)
        if name in spec.exclude[:index]:
            yield Fault(path, f"{name!r} is listed twice: remove one.")
        elif name in known.members:
            yield Fault(path, f"{name!r} is a group: leave out its members, or do not list it.")
        elif name not in ids:
            yield Fault(path, f"unknown measurement {name!r}{did_you_mean(name, ids)}")
        elif name in named:
            yield Fault(path, f"{name!r} is listed under likelihoods by itself: remove one.")
        elif name not in brought:
            yield Fault(path, f"{name!r} is in none of the groups of this analysis.")
    kept = [name for name in named if name not in known.members] or brought - set(spec.exclude)
    if spec.exclude and not kept and all(entry.by_name for entry in spec.likelihoods):
        yield Fault(("exclude",), "leaves nothing of the likelihoods.")


def _check_cuts(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    if spec.model_name not in known.models:  # told already
        return
    for index, text in enumerate(spec.cuts):
        path: Key = ("cuts", index)
        if text in spec.cuts[:index]:
            yield Fault(path, "is listed twice: remove one.")
        yield from check_names(parse_cut(text).names, path, spec, known)


def _check_inputs(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    for name, entry in spec.inputs.items():
        path: Key = ("inputs", name)
        if name in spec.parameters:
            yield Fault(path, "stands under parameters too: remove one.")
        elif name not in known.constants:
            yield Fault(path, f"unknown constant{known.hint(name, known.constants)}")
        elif known.same_constants.get(name) in spec.inputs:
            other = known.same_constants[name]
            yield Fault(path, f"is one number with {other}, which stands here too: remove one.")
        elif isinstance(entry, FreeSpec):
            yield from check_free(entry, path, known.constant_ranges.get(name, EVERYWHERE))
            if entry.periodic:
                yield Fault((*path, "periodic"), "a constant of nature is no angle.")


def _check_form_factors(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    processes = {entry.process for entry in known.form_factor_sets.values()}
    for process, entry in spec.form_factors.items():
        path: Key = ("form_factors", process)
        fits = [name for name, one in known.form_factor_sets.items() if one.process == process]
        if process not in processes:
            yield Fault(path, f"unknown process{did_you_mean(process, processes)}")
        elif not entry.set:
            yield Fault(path, f"{process} has no default set: name one; known: {', '.join(fits)}.")
        elif entry.set not in known.form_factor_sets:
            hint = did_you_mean(entry.set, fits)
            yield Fault((*path, "set"), f"unknown form-factor set {entry.set!r}{hint}")
        elif entry.set not in fits:
            other = known.form_factor_sets[entry.set].process
            hint = did_you_mean(entry.set, fits)
            yield Fault((*path, "set"), f"{entry.set!r} is for {other}, not {process}{hint}")


def _supports(spec: AnalysisSpec, known: KnownNames) -> dict[str, tuple[float, float]]:
    """Support of each free parameter, in the order of the parameter table."""
    ranges = {**known.models.get(spec.model_name, {}), **known.constant_ranges}
    supports: dict[str, tuple[float, float]] = {}
    for name, entry in {**spec.parameters, **spec.auxiliary, **spec.inputs}.items():
        if isinstance(entry, FreeSpec):
            (lower, upper), limits = entry.prior.support(), ranges.get(name, EVERYWHERE)
            supports[name] = max(lower, limits[0]), min(upper, limits[1])
    for process, choice in spec.form_factors.items():
        if choice.treatment == "float" and choice.set in known.form_factor_sets:
            for name in known.form_factor_sets[choice.set].names:
                supports[coefficient_prefix(process) + name] = EVERYWHERE
    return supports


def _check_fit(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    supports = _supports(spec, known)
    named = {*known.models.get(spec.model_name, {}), *spec.auxiliary, *spec.inputs}
    fit = spec.fit
    asked: list[tuple[Key, str]] = [
        *((("fit", "minos", index), name) for index, name in enumerate(fit.minos)),
        *((("fit", "profiles", name), name) for name in fit.profiles),
        *((("fit", "start", name), name) for name in fit.start),
        *(
            (("fit", "contours", index, side), name)
            for index, pair in enumerate(fit.contours)
            for side, name in enumerate(pair)
        ),
        *(
            (("fit", "grids", index, "axes", name), name)
            for index, grid in enumerate(fit.grids)
            for name in grid.axes
        ),
    ]
    for path, name in asked:
        if name in supports:
            continue
        if name in named:
            yield Fault(path, f"{name!r} is not free: give it a prior.")
        else:
            hint = known.hint(name, supports) if supports else ": nothing floats here."
            yield Fault(path, f"{name!r} is not a free parameter{hint}")
    for index, name in enumerate(fit.minos):
        if name in fit.minos[:index]:
            yield Fault(("fit", "minos", index), f"{name!r} is listed twice: remove one.")
    for index, pair in enumerate(fit.contours):
        if pair[0] == pair[1]:
            yield Fault(("fit", "contours", index), "needs two different parameters.")
    yield from _check_grids(fit, supports)
    for name, start in fit.start.items():
        entry = {**spec.parameters, **spec.auxiliary, **spec.inputs}.get(name)
        if isinstance(entry, FreeSpec) and entry.start is not None:
            yield Fault(("fit", "start", name), f"the start of {name} is given twice: remove one.")
        elif name in supports:
            yield from check_start(start, supports[name], ("fit", "start", name))


def _check_grids(fit: FitSpec, supports: dict[str, tuple[float, float]]) -> Iterator[Fault]:
    for index, grid in enumerate(fit.grids):
        path: Key = ("fit", "grids", index, "axes")
        if len(grid.axes) not in (1, 2):
            yield Fault(path, f"needs one or two parameters, not {len(grid.axes)}.")
        if grid.refine and len(grid.axes) == 1:
            yield Fault(
                (*path[:-1], "refine"), "only a grid of two parameters is made finer: leave it out."
            )
        finer = 2**grid.refine
        total = math.prod(finer * (points - 1) + 1 for _, _, points in grid.axes.values())
        if total > MOST_GRID_POINTS:
            told = f"{total} with refine: {grid.refine}" if grid.refine else f"{total}"
            yield Fault(path, f"needs at most {MOST_GRID_POINTS} points in all, not {told}.")
        for name, (lower, upper, points) in grid.axes.items():
            where = (*path, name)
            if points < 2:
                yield Fault(where, f"needs two or more points, not {points}.")
            if not lower < upper:
                yield Fault(where, f"needs lower < upper, not {lower:g} and {upper:g}.")
                continue
            for end in (lower, upper):
                least, most = supports.get(name, (end, end))
                if not least <= end <= most:
                    yield Fault(
                        where, f"{end:g} is outside the prior's support [{least:g}, {most:g}]."
                    )


def _check_sampler(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    walkers, ndim = spec.sampler.walkers, len(_supports(spec, known))
    if walkers is None:
        return
    # Each half of an ensemble proposes moves for the other; to reach all directions a half
    # needs one point more than there are dimensions.
    least = 2 * (ndim + 1)
    path: Key = ("sampler", "walkers")
    if walkers < least:
        message = f"{walkers} are too few for {ndim} free parameters: at least {least}, or auto."
        yield Fault(path, message)
    elif walkers % 2:
        yield Fault(path, f"must be even, not {walkers}.")


def _check_overlaps(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    for index, pair in enumerate(spec.allow_overlaps):
        path: Key = ("allow_overlaps", index)
        for side, name in enumerate(pair):
            if name not in known.data_ids:
                hint = did_you_mean(name, known.data_ids)
                yield Fault((*path, side), f"unknown measurement {name!r}{hint}")
        if pair[0] == pair[1]:
            yield Fault(path, "needs two different measurements.")
