"""What may be wrong with a workspace, one sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from .modifiers import MODIFIERS

__all__ = ["problems"]


def problems(content: Mapping[str, Any], name: str, measurement: str | None = None) -> list[str]:
    """Everything that keeps a workspace from being used.

    Parameters
    ----------
    content : mapping
        pyhf JSON.
    name : str
        Of the workspace, with which each sentence begins.
    measurement : str, optional
        Name of the measurement that is asked for.

    Returns
    -------
    list of str
        One sentence each; empty if there is nothing.
    """
    return [f"{name}: {sentence}" for sentence in _sentences(content, measurement)]


def _sentences(content: Mapping[str, Any], measurement: str | None) -> Iterator[str]:
    channels: Any = content.get("channels")
    if not _entries(channels):
        yield "a workspace needs a list of channels, each with a name"
        return
    if not _entries(content.get("observations")):
        yield "there are no observations: a list with name and data of all channels is needed"
        return
    if (broken := _broken_measurement(content.get("measurements") or ())) is not None:
        yield broken
        return
    unclear = list(_measurements(content, measurement))
    yield from unclear
    config = _config(content, measurement)
    observed = {entry.get("name"): entry.get("data") for entry in content["observations"]}
    names = [channel["name"] for channel in channels]
    for twice in sorted({each for each in names if names.count(each) > 1}):
        yield f"channel {twice!r} is there more than once"
    found = [sentence for channel in channels for sentence in _channel(channel, observed)]
    yield from found
    if any("modifiers without" in sentence or "has no samples" in sentence for sentence in found):
        return
    yield from _names(channels)
    if not unclear:
        yield from _luminosity(channels, config)


def _entries(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and len(value) > 0
        and all(
            isinstance(entry, Mapping) and isinstance(entry.get("name"), str) for entry in value
        )
    )


def _broken_measurement(measurements: Any) -> str | None:
    """What makes measurements unreadable."""
    if measurements and not _entries(measurements):
        return "measurements are a list of entries with a name"
    for entry in measurements or ():
        config = entry.get("config", {})
        given = config.get("parameters", []) if isinstance(config, Mapping) else None
        if given is None or (given and not _entries(given)):
            return (
                f"the config of measurement {entry['name']!r} has a list of parameters with a name "
                "each"
            )
        for parameter in given or ():
            for key in ("inits", "auxdata", "sigmas"):
                if parameter.get(key) and not _numbers(parameter[key]):
                    return f"{key} of parameter {parameter['name']!r} are not a list of numbers"
    return None


def _measurements(content: Mapping[str, Any], measurement: str | None) -> Iterator[str]:
    known = [str(entry.get("name")) for entry in content.get("measurements") or ()]
    if measurement is None and len(known) > 1:
        yield f"there are several measurements ({', '.join(known)}): say which one"
    elif measurement is not None and measurement not in known:
        yield f"no measurement {measurement!r}, but {', '.join(known) or 'none'}"


def _config(content: Mapping[str, Any], measurement: str | None) -> Mapping[str, Mapping[str, Any]]:
    for entry in content.get("measurements") or ():
        if measurement in (None, entry.get("name")):
            return {each["name"]: each for each in entry.get("config", {}).get("parameters") or ()}
    return {}


def _channel(channel: Mapping[str, Any], observed: Mapping[Any, Any]) -> Iterator[str]:
    where = f"channel {channel['name']!r}"
    if not _entries(channel.get("samples")):
        yield f"{where} has no samples"
        return
    data = observed.get(channel["name"])
    if data is None:
        yield f"{where} has no observations"
    elif not _numbers(data):
        yield f"the observations of {where} are not a list of numbers"
    elif min(data) < 0:
        yield f"{where} has a negative number of observed events, {min(data):g}"
    bins = len(data) if _numbers(data) else None
    for number, sample in enumerate(channel["samples"]):
        if any(sample["name"] == each["name"] for each in channel["samples"][:number]):
            yield f"sample {sample['name']!r} is more than once in {where}"
        place = f"sample {sample['name']!r} of {where}"
        values: Any = sample.get("data")
        if not _numbers(values):
            yield f"{place} has no list of expected events"
            continue
        bins = bins or len(values)
        if len(values) != bins:
            yield f"{place} has {len(values)} bins, its channel has {bins}"
            continue
        if min(values) < 0:
            yield f"{place} expects a negative number of events, {min(values):g}"
        modifiers = sample.get("modifiers", ())
        if modifiers and not _entries(modifiers):
            yield f"{place} has modifiers without a name"
            continue
        for modifier in modifiers or ():
            yield from _modifier(modifier, place, bins)


def _modifier(modifier: Mapping[str, Any], place: str, bins: int) -> Iterator[str]:
    name, kind = modifier.get("name"), modifier.get("type")
    data: Any = modifier.get("data")
    where = f"{kind} {name!r} of {place}"
    if kind not in MODIFIERS:
        yield (
            f"modifier {name!r} of {place} has type {kind!r}: allowed are " + ", ".join(MODIFIERS)
        )
    elif kind == "histosys":
        for side in ("lo_data", "hi_data"):
            values: Any = data.get(side) if isinstance(data, Mapping) else None
            if not _numbers(values) or len(values) != bins:
                yield f"{where} needs {bins} numbers as {side}"
    elif kind == "normsys":
        sides: Any = [
            data.get(side) if isinstance(data, Mapping) else None for side in ("lo", "hi")
        ]
        if not _numbers(sides) or min(sides) <= 0:
            yield f"{where} needs positive factors lo and hi, not {sides[0]} and {sides[1]}"
    elif kind in ("staterror", "shapesys"):
        if not _numbers(data) or len(data) != bins:
            yield f"{where} needs {bins} errors"
        elif min(data) < 0:
            yield f"{where} has a negative error, {min(data):g}"


def _numbers(values: Any) -> TypeGuard[Sequence[float]]:
    return (
        isinstance(values, Sequence)
        and not isinstance(values, str)
        and len(values) > 0
        and all(map(_number, values))
    )


def _number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # whole numbers of JSON have any length
        return False


def _names(channels: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One name, one kind of constraint; one shapesys, one sample."""
    kinds: dict[str, dict[str, str]] = {}
    poisson: dict[str, str] = {}
    sizes: dict[str, tuple[int, str]] = {}
    for channel in channels:
        for sample in channel.get("samples", ()):
            place = f"sample {sample.get('name')!r} of channel {channel['name']!r}"
            for modifier in sample.get("modifiers") or ():
                name, kind = str(modifier.get("name")), modifier.get("type")
                if kind not in MODIFIERS:
                    continue
                kinds.setdefault(name, {}).setdefault(MODIFIERS[kind], kind)
                if kind == "shapesys" and poisson.setdefault(name, place) != place:
                    yield f"shapesys {name!r} is given twice, to {poisson[name]} and to {place}"
                if kind == "shapefactor":
                    bins = len(sample.get("data", ()))
                    first = sizes.setdefault(name, (bins, place))
                    if first[0] != bins:
                        yield (
                            f"shapefactor {name!r} has {first[0]} bins in {first[1]} and {bins} "
                            f"in {place}"
                        )
    for name, found in kinds.items():
        if len(found) > 1:
            listed = " and ".join(f"{kind} ({constraint})" for constraint, kind in found.items())
            yield f"the name {name!r} stands for different constraints: {listed}"


def _luminosity(
    channels: Sequence[Mapping[str, Any]], config: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    names = {
        modifier["name"]
        for channel in channels
        for sample in channel.get("samples", ())
        for modifier in sample.get("modifiers") or ()
        if modifier.get("type") == "lumi"
    }
    for name in sorted(names):
        given = config.get(name, {})
        if not given.get("auxdata") or not given.get("sigmas"):
            yield (f"lumi {name!r} needs its value (auxdata) and error (sigmas) in the measurement")
