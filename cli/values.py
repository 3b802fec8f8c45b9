"""Values of options: settings, points, grids and lists of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ParameterError

__all__ = ["parse_axes", "parse_numbers", "parse_point", "parse_settings"]

# Points of one axis of a scan.
MOST_POINTS = 10_000


def parse_settings(texts: Sequence[str], option: str) -> dict[str, float | bool]:
    """Read ``name=value`` settings.

    Parameters
    ----------
    texts : sequence of str
    option : str
        Option they were given with.

    Returns
    -------
    dict of str to float or bool

    Raises
    ------
    ParameterError
        If a text is of another form, or a name is given twice.
    """
    found: dict[str, float | bool] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise ParameterError(f"{option} {text!r}: name=value is needed.")
        if name in found:
            raise ParameterError(f"{option}: {name} is set twice.")
        switch = {"true": True, "false": False}.get(value)
        found[name] = _number(value, f"{option} {name}") if switch is None else switch
    return found


def parse_point(texts: Sequence[str], option: str) -> str | dict[str, float]:
    """Read a point: one word, or ``name=value`` settings.

    Parameters
    ----------
    texts : sequence of str
    option : str
        Option they were given with.

    Returns
    -------
    str or dict of str to float

    Raises
    ------
    ParameterError
        If a text is of another form, or a word stands beside others.
    """
    if len(texts) == 1 and "=" not in texts[0]:
        return texts[0].strip().lower()
    return {name: float(value) for name, value in parse_settings(texts, option).items()}


def parse_axes(texts: Sequence[str], option: str) -> dict[str, list[float]]:
    """Read grids: ``name=first:last:number``, or ``name=value,value``.

    Parameters
    ----------
    texts : sequence of str
    option : str
        Option they were given with.

    Returns
    -------
    dict of str to list of float

    Raises
    ------
    ParameterError
        If a text is of another form, or a name is given twice.
    """
    found: dict[str, list[float]] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        parts = value.split(":")
        if not (name and equals and value) or len(parts) not in (1, 3):
            raise ParameterError(f"{option} {text!r}: name=first:last:number is needed.")
        if name in found:
            raise ParameterError(f"{option}: {name} is given twice.")
        if len(parts) == 1:
            found[name] = [_number(part, f"{option} {name}") for part in value.split(",")]
            continue
        first, last = (_number(part, f"{option} {name}") for part in parts[:2])
        number = int(parts[2]) if parts[2].strip().isdecimal() else 0
        if not 2 <= number <= MOST_POINTS or not first < last:
            raise ParameterError(
                f"{option} {text!r}: first < last and a number of points from 2 to {MOST_POINTS} "
                "are needed."
            )
        step = (last - first) / (number - 1)
        found[name] = [first + i * step for i in range(number - 1)] + [last]
    return found


def parse_numbers(texts: Sequence[str], option: str) -> list[float]:
    """Read numbers, in one text or several, separated by commas."""
    return [_number(part, option) for text in texts for part in text.split(",")]


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ParameterError(f"{where}: {text!r} is not a number.") from None
