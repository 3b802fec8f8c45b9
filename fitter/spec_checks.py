"""Checks of an analysis that look at two places at once: names, ties, ranges, starts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..errors import did_you_mean
from .known import MAX_SIGMAS, KnownNames, coefficient_prefix
from .spec import (
    AnalysisSpec,
    FitSpec,
    FixedSpec,
    FreeSpec,
    PriorSpec,
    TiedSpec,
)
from .spec_faults import Fault
from .yaml_nodes import Key

__all__ = ["check_spec"]

_EVERYWHERE = (-math.inf, math.inf)


def check_spec(spec: AnalysisSpec, known: KnownNames) -> list[Fault]:
    """All faults of an analysis whose single values are right.

    Parameters
    ----------
    spec : AnalysisSpec
        The analysis.
    known : KnownNames
        Names that exist.

    Returns
    -------
    list of Fault
    """
    return [
        *_check_likelihoods(spec, known),
        *_check_parameters(spec, known),
        *_check_inputs(spec, known),
        *_check_form_factors(spec, known),
        *_check_fit(spec, known),
        *_check_sampler(spec, known),
        *_check_overlaps(spec, known),
    ]


def _check_likelihoods(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, entry in enumerate(spec.likelihoods):
        path: Key = ("likelihoods", index)
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


def _check_parameters(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    if spec.model not in known.models:
        yield Fault(
            ("model",), f"unknown model {spec.model!r}{did_you_mean(spec.model, known.models)}"
        )
        return
    ranges = known.models[spec.model]
    for name, entry in spec.parameters.items():
        path: Key = ("parameters", name)
        if name not in ranges:
            hint = did_you_mean(name, ranges)
            yield Fault(path, f"unknown parameter of the model {spec.model!r}{hint}")
        elif isinstance(entry, FixedSpec):
            lower, upper = ranges[name]
            if not lower <= entry.value <= upper:
                message = f"{entry.value:g} is outside the range [{lower:g}, {upper:g}] of {name}."
                yield Fault(path, message)
        elif isinstance(entry, FreeSpec):
            yield from _check_free(entry, path, ranges[name])
        elif entry.equals not in ranges:
            hint = did_you_mean(entry.equals, ranges)
            yield Fault(path, f"tied to an unknown parameter {entry.equals!r}{hint}")
    yield from _check_circles(spec)


def _check_circles(spec: AnalysisSpec) -> Iterator[Fault]:
    """One fault for each circle of ties, at its first member in the file."""
    seen: set[str] = set()
    for name in spec.parameters:
        chain = [name]
        while isinstance(entry := spec.parameters.get(chain[-1]), TiedSpec):
            chain.append(entry.equals)
            if entry.equals in chain[:-1]:
                break
        if len(chain) > 1 and chain[-1] == name and not seen & set(chain):
            yield Fault(("parameters", name), f"tied in a circle: {' -> '.join(chain)}.")
            seen |= set(chain)


def _check_free(entry: FreeSpec, path: Key, limits: tuple[float, float]) -> Iterator[Fault]:
    """Faults of a prior, its support within the parameter's range, and the start within it."""
    faults = list(_check_prior(entry.prior, (*path, "prior")))
    yield from faults
    if faults:
        return
    lower, upper = entry.prior.support()
    where = (*path, "prior", entry.prior.kind)
    if math.isfinite(lower) and lower < limits[0]:
        message = f"reaches down to {lower:g}: the parameter's range starts at {limits[0]:g}."
        yield Fault(where, message)
        return
    if math.isfinite(upper) and upper > limits[1]:
        message = f"reaches up to {upper:g}: the parameter's range ends at {limits[1]:g}."
        yield Fault(where, message)
        return
    # A normal prior without ends of its own is cut at the parameter's range.
    lower, upper = max(lower, limits[0]), min(upper, limits[1])
    if entry.prior.normal is not None:
        mean, sigma = entry.prior.normal
        if abs(min(max(mean, lower), upper) - mean) > MAX_SIGMAS * sigma:
            message = f"lies more than {MAX_SIGMAS:g} sigma outside [{lower:g}, {upper:g}]."
            yield Fault(where, message)
            return
    if entry.start is not None:
        yield from _check_start(entry.start, (lower, upper), (*path, "start"))


def _check_prior(prior: PriorSpec, path: Key) -> Iterator[Fault]:
    where = (*path, prior.kind)
    if prior.normal is not None and prior.normal[1] <= 0.0:
        yield Fault(where, f"needs a sigma above 0, not {prior.normal[1]:g}.")
    if prior.log_uniform is not None and prior.log_uniform[0] <= 0.0:
        yield Fault(where, f"needs a lower end above 0, not {prior.log_uniform[0]:g}.")
    lower, upper = prior.support()
    if not lower < upper:
        yield Fault(where, f"needs lower < upper, not {lower:g} and {upper:g}.")


def _check_start(start: float, support: tuple[float, float], path: Key) -> Iterator[Fault]:
    lower, upper = support
    if not lower <= start <= upper:
        yield Fault(path, f"{start:g} is outside the prior's support [{lower:g}, {upper:g}].")


def _check_inputs(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    for name, entry in spec.inputs.items():
        path: Key = ("inputs", name)
        if name in spec.parameters:
            yield Fault(path, "stands under parameters too: remove one.")
        elif name not in known.constants:
            yield Fault(path, f"unknown constant{did_you_mean(name, known.constants)}")
        elif isinstance(entry, FreeSpec):
            yield from _check_free(entry, path, _EVERYWHERE)


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
    ranges = known.models.get(spec.model, {})
    supports: dict[str, tuple[float, float]] = {}
    for name, entry in {**spec.parameters, **spec.inputs}.items():
        if isinstance(entry, FreeSpec):
            (lower, upper), limits = entry.prior.support(), ranges.get(name, _EVERYWHERE)
            supports[name] = max(lower, limits[0]), min(upper, limits[1])
    for process, choice in spec.form_factors.items():
        if choice.treatment == "float" and choice.set in known.form_factor_sets:
            for name in known.form_factor_sets[choice.set].names:
                supports[coefficient_prefix(process) + name] = _EVERYWHERE
    return supports


def _check_fit(spec: AnalysisSpec, known: KnownNames) -> Iterator[Fault]:
    supports = _supports(spec, known)
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
        if name in known.models.get(spec.model, {}) or name in spec.inputs:
            yield Fault(path, f"{name!r} is not free: give it a prior.")
        else:
            hint = did_you_mean(name, supports) if supports else ": nothing floats here."
            yield Fault(path, f"{name!r} is not a free parameter{hint}")
    for index, name in enumerate(fit.minos):
        if name in fit.minos[:index]:
            yield Fault(("fit", "minos", index), f"{name!r} is listed twice: remove one.")
    for index, pair in enumerate(fit.contours):
        if pair[0] == pair[1]:
            yield Fault(("fit", "contours", index), "needs two different parameters.")
    yield from _check_grids(fit, supports)
    for name, start in fit.start.items():
        entry = spec.parameters.get(name) or spec.inputs.get(name)
        if isinstance(entry, FreeSpec) and entry.start is not None:
            yield Fault(("fit", "start", name), f"the start of {name} is given twice: remove one.")
        elif name in supports:
            yield from _check_start(start, supports[name], ("fit", "start", name))


def _check_grids(fit: FitSpec, supports: dict[str, tuple[float, float]]) -> Iterator[Fault]:
    for index, grid in enumerate(fit.grids):
        path: Key = ("fit", "grids", index, "axes")
        if len(grid.axes) not in (1, 2):
            yield Fault(path, f"needs one or two parameters, not {len(grid.axes)}.")
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
