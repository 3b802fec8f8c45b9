"""Compiles a workspace to arrays: which modifier acts where, and which bin factors are eliminated.

A bin factor can be eliminated (`factors`) as long as no entry of its bin has another one that is;
what is left over, say a shapesys of a sample that also has a staterror, becomes a parameter like
the others. Modifiers that are held are multiplied in, those that are dropped are forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ....errors import DataError
from ..interpolation import (
    Array,
    bend,
    exponential_factors,
    log_factors,
    normalisation_coefficients,
    polynomial_table,
)
from ..model import HistFactoryModel
from ..parameters import Parameters
from .bin_factors import BinFactors, collect_bin_factors
from .layout import Layout
from .workspace import Modifier, Workspace

__all__ = ["compile_workspace"]

_LOG_2PI = float(np.log(2.0 * np.pi))


def compile_workspace(
    workspace: Workspace,
    signals: Mapping[str, Sequence[str]],
    dropped: Iterable[str] = (),
    fixed: Mapping[str, float] | None = None,
) -> HistFactoryModel:
    """Compile a workspace.

    Parameters
    ----------
    workspace : Workspace
    signals : mapping of str to sequence of str
        Weighted samples of each channel; channels without any are absent.
    dropped : iterable of str, optional
        Modifiers left out. The form-factor modifiers go when the form factors float in the
        prediction itself, since they would be counted twice.
    fixed : mapping of str to float, optional
        Parameters that are held, and where. The prediction takes the place of the parameter of
        interest, so that is held at 1.

    Returns
    -------
    HistFactoryModel

    Raises
    ------
    DataError
        For a name in `signals`, `dropped` or `fixed` that the workspace does not have, a parameter
        of interest of a weighted sample that is neither held nor dropped, a free parameter that
        multiplies no events, or a bin with observed and no expected events.
    """
    layout = Layout.of(workspace, signals)
    dropped, fixed = frozenset(dropped), _held(workspace, fixed or {})
    _check_names(workspace, layout, dropped, fixed)
    found = _collect(layout, dropped, fixed)
    bins = collect_bin_factors(layout, dropped, fixed)
    names, free = _ordered(found), sorted(found.free)
    lumis = sorted(found.lumis)
    parameters = _parameters(workspace, names, lumis, bins, free)
    position = {name: index for index, name in enumerate(parameters.names)}
    keys = sorted(found.scales)
    lo, hi = np.array([key[1] for key in keys]), np.array([key[2] for key in keys])
    linear = [*((name, found.lumis[name]) for name in lumis), *bins.explicit_places()]
    linear += [(name, found.free[name]) for name in free]
    applies = [found.scales[key] for key in keys] + [where for _, where in linear]
    shape_names = tuple(sorted(found.shapes))
    shapes = [found.shapes[name] for name in shape_names]
    empty = np.zeros((0, *layout.shape))
    index = [position[key[0]] for key in keys] + [position[name] for name, _ in linear]
    coefficients = [normalisation_coefficients(*pair) for pair in zip(lo, hi, strict=True)]
    model = HistFactoryModel(
        channels=tuple(layout.bins.items()),
        samples=tuple(layout.samples[name] for name in layout.bins),
        observed=layout.observed,
        nominal=found.nominal,
        relative_error=bins.relative_error,
        shape_names=shape_names,
        scale_names=tuple(key[0] for key in keys),
        odd=np.array([odd for odd, _ in shapes]) if shapes else empty,
        even=np.array([even for _, even in shapes]) if shapes else empty,
        log_lo=np.log(lo),
        log_hi=np.log(hi),
        coefficients=np.array(coefficients).T.reshape(7, -1),
        applies=np.array(applies).reshape(-1, *layout.shape),
        shape_index=np.array([position[name] for name in shape_names], dtype=int),
        scale_index=np.array(index, dtype=int),
        parameters=parameters,
        signals=layout.signals,
        codes=workspace.codes,
        tau=bins.tau if (bins.tau > 0).any() else None,
        members=bins.members,
        extra_constant=found.constant + bins.constant,
    )
    _check_events(workspace, model, found, free)
    return model


@dataclass
class _Found:
    """Arrays filled while walking over the modifiers of a workspace."""

    nominal: Array
    shapes: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    scales: dict[tuple[str, float, float], Array] = field(default_factory=dict)
    lumis: dict[str, Array] = field(default_factory=dict)
    free: dict[str, Array] = field(default_factory=dict)
    constant: float = 0.0


def _held(workspace: Workspace, fixed: Mapping[str, float]) -> dict[str, float]:
    """Parameters held by the caller, and by the measurement."""
    held = {name: float(value) for name, value in fixed.items()}
    kinds = {modifier.name: modifier.type for _, _, modifier in workspace.modifiers()}
    for name, config in workspace.parameters.items():
        if config.get("fixed") and name in kinds and name not in held:
            default = {"histosys": 0.0, "normsys": 0.0}.get(kinds[name], 1.0)
            first = config.get("inits") or config.get("auxdata") or [default]
            held[name] = float(first[0])
    return held


def _check_names(
    workspace: Workspace, layout: Layout, dropped: frozenset[str], fixed: Mapping[str, float]
) -> None:
    names = {modifier.name for _, _, modifier in workspace.modifiers()}
    if missing := dropped - names:
        raise DataError(
            f"{workspace.name}: modifiers to drop that the workspace does not have: "
            f"{sorted(missing)}"
        )
    if unknown := set(fixed) - names:
        raise DataError(
            f"{workspace.name}: parameters to hold that the workspace does not have: "
            f"{sorted(unknown)}"
        )
    for channel, sample, modifier in workspace.modifiers():
        slot, _ = layout.place(channel, sample)
        if slot >= layout.signals or sample.name not in layout.samples[channel.name].values():
            continue
        if modifier.name == workspace.poi and modifier.name not in dropped | set(fixed):
            raise DataError(
                f"{workspace.name}: {modifier.name!r} is the parameter of interest of the weighted "
                f"sample {sample.name!r}: hold it (fix: {{{modifier.name}: 1}}), the prediction "
                "takes its place"
            )


def _collect(layout: Layout, dropped: frozenset[str], fixed: Mapping[str, float]) -> _Found:
    found = _Found(np.zeros(layout.shape))
    shift, factor = np.zeros(layout.shape), np.ones(layout.shape)
    seen: set[str] = set()
    for channel, sample, modifier in layout.workspace.modifiers():
        if modifier.name in dropped:
            continue
        place = layout.place(channel, sample)
        if modifier.name in fixed:
            _hold(layout, modifier, sample.data, place, fixed[modifier.name], shift, factor)
            if modifier.name not in seen:
                found.constant += _held_constant(
                    layout.workspace, modifier.name, modifier.type, fixed
                )
            seen.add(modifier.name)
        else:
            _add(found, layout.shape, modifier, sample.data, place)
    for channel in layout.workspace.channels:
        for sample in channel.samples:
            found.nominal[layout.place(channel, sample)] = sample.data
    found.nominal += shift
    found.nominal *= factor
    for odd, even in found.shapes.values():
        odd *= factor
        even *= factor
    return found


def _add(
    found: _Found,
    shape: tuple[int, int],
    modifier: Modifier,
    data: Array,
    place: tuple[int, slice],
) -> None:
    kind, name, content = modifier.type, modifier.name, modifier.data
    if kind == "histosys":
        odd, even = found.shapes.setdefault(name, (np.zeros(shape), np.zeros(shape)))
        odd[place], even[place] = _variation(content, data)
    elif kind == "normsys":
        key = (name, float(content["lo"]), float(content["hi"]))
        found.scales.setdefault(key, np.zeros(shape))[place] = 1.0
    elif kind == "lumi":
        found.lumis.setdefault(name, np.zeros(shape))[place] = 1.0
    elif kind == "normfactor":
        found.free.setdefault(name, np.zeros(shape))[place] = 1.0
    elif kind == "shapefactor":
        slot, bins = place
        for number, bin_ in enumerate(range(bins.start, bins.stop)):
            where = found.free.setdefault(f"{name}[{number}]", np.zeros(shape))
            where[slot, bin_] = 1.0


def _variation(content: Mapping[str, Sequence[float]], data: Array) -> tuple[Array, Array]:
    lo, hi = np.asarray(content["lo_data"], float), np.asarray(content["hi_data"], float)
    return 0.5 * (hi - lo), (hi + lo - 2.0 * data) / 16.0


def _hold(
    layout: Layout,
    modifier: Modifier,
    data: Array,
    place: tuple[int, slice],
    value: float,
    shift: Array,
    factor: Array,
) -> None:
    """Multiply or add in a modifier whose parameter is held."""
    codes, at = layout.workspace.codes, np.array([[value]])
    if modifier.type == "histosys":
        odd, even = _variation(modifier.data, data)
        shift[place] += odd * value + even * bend(at, codes[0])[0][0, 0]
    elif modifier.type == "normsys":
        lo, hi = float(modifier.data["lo"]), float(modifier.data["hi"])
        logs = np.log([lo]), np.log([hi])
        if codes[1] == "1":
            log, _ = exponential_factors(at, *logs)
        else:
            table = polynomial_table(normalisation_coefficients(lo, hi)[:, None])
            log, _ = log_factors(at, *logs, table)
        factor[place] *= np.exp(log[0, 0])
    elif modifier.type in ("lumi", "normfactor", "shapefactor"):
        factor[place] *= value


def _held_constant(workspace: Workspace, name: str, kind: str, fixed: Mapping[str, float]) -> float:
    """``-ln`` of the constraint of a parameter that is held, as pyhf counts it."""
    if kind not in ("histosys", "normsys", "lumi"):
        return 0.0
    centre, width = _constraint(workspace, name, kind)
    pull = (fixed[name] - centre) / width
    return 0.5 * _LOG_2PI + float(np.log(width)) + 0.5 * pull**2


def _constraint(workspace: Workspace, name: str, kind: str = "histosys") -> tuple[float, float]:
    config = workspace.parameters.get(name, {})
    centre = float((config.get("auxdata") or [0.0])[0])
    width = float((config.get("sigmas") or [1.0])[0])
    if not width > 0:
        raise DataError(
            f"{workspace.name}: {kind} {name!r} has an error of {width:g}: not positive"
        )
    return centre, width


def _ordered(found: _Found) -> list[str]:
    return sorted({*found.shapes, *(name for name, _, _ in found.scales)})


def _parameters(
    workspace: Workspace, names: list[str], lumis: list[str], bins: BinFactors, free: list[str]
) -> Parameters:
    normal = [_constraint(workspace, name) for name in (*names, *lumis)]
    explicit = bins.explicit
    size = len(normal) + len(explicit) + len(free)
    lower, upper = np.full(size, -np.inf), np.full(size, np.inf)
    initial = np.ones(len(free))
    for index, name in enumerate(free):
        base, _, number = name.partition("[")
        config = workspace.parameters.get(base, {})
        which = int(number[:-1]) if number else 0
        bounds = config.get("bounds")
        position = len(normal) + len(explicit) + index
        lower[position], upper[position] = bounds[which] if bounds else (0.0, np.inf)
        if config.get("inits"):
            initial[index] = config["inits"][which]
    lower[len(normal) : size - len(free)] = [1e-10 if each.tau else -np.inf for each in explicit]
    return Parameters(
        names=(*names, *lumis, *(each.name for each in explicit), *free),
        centre=np.array([*(pair[0] for pair in normal), *([1.0] * len(explicit)), *initial]),
        width=np.array(
            [
                *(pair[1] for pair in normal),
                *(each.width or np.inf for each in explicit),
                *([np.inf] * len(free)),
            ]
        ),
        tau=np.array(
            [*([0.0] * len(normal)), *(each.tau for each in explicit), *([0.0] * len(free))]
        ),
        lower=lower,
        upper=upper,
    )


def _check_events(
    workspace: Workspace, model: HistFactoryModel, found: _Found, free: list[str]
) -> None:
    for name in free:
        if not (found.free[name] * model.nominal).any():
            raise DataError(f"{workspace.name}: the free parameter {name!r} multiplies no events")
    weighted = float(model.nominal[: model.signals].sum())
    if model.signals and not weighted > 0:
        raise DataError(
            f"{workspace.name}: the weighted samples have {weighted:g} events, with parameters "
            "held as asked: they must be above 0"
        )
    possible = (model.nominal > 0).any(axis=0) | (model.odd != 0).any(axis=(0, 1))
    for channel, bins in model.channels:
        lost = ~possible[bins] & (model.observed[bins] > 0)
        if lost.any():
            number = int(np.flatnonzero(lost)[0])
            raise DataError(
                f"{workspace.name}: bin {number} of channel {channel!r} has "
                f"{model.observed[bins][number]:g} observed events and none expected"
            )
