"""Named errors of bsinv: each message says what is wrong, where, and what was allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

__all__ = [
    "AnalysisError",
    "BsinvError",
    "DataError",
    "ExecutorError",
    "FitError",
    "LeaseError",
    "MissingExtraError",
    "ModelError",
    "ParameterError",
    "PluginError",
    "PredictionError",
    "StoreError",
    "UnknownNameError",
    "choices",
    "did_you_mean",
    "find",
    "printable",
]

Found = TypeVar("Found")

# Names that a message offers at most, and length from which part of a name counts as a hint.
_MOST_OFFERED = 6
_SHORTEST_PART = 2
# Spaces that Python does not count among what can be printed.
_WIDE_SPACES = frozenset("\u00a0\u202f\u205f\u3000") | {chr(code) for code in range(0x2000, 0x200B)}


class BsinvError(Exception):
    """Base of all errors that a user of bsinv can cause and mend.

    The command line prints the message alone and exits with code 2.
    """


class DataError(BsinvError):
    """A data file of the package is missing, malformed or inconsistent."""


class ParameterError(BsinvError):
    """A parameter value, prior or combination is not allowed."""


class ModelError(BsinvError):
    """A model of a user's own is not what `bsinv.models.Model` asks for."""


class PluginError(BsinvError):
    """A plugin, or an object of a user's own, is not what it must be."""


class PredictionError(BsinvError):
    """A prediction is not finite, negative where it must not be, or cannot be made.

    Parameters
    ----------
    message : str
    name : str, optional
        Of the constant that is to blame.
    """

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class FitError(BsinvError):
    """A fit, scan or sampling could not be done."""


class StoreError(BsinvError):
    """A results file cannot be read, written or resumed."""


class LeaseError(StoreError):
    """Another process writes the same results, or may by now."""


class MissingExtraError(BsinvError):
    """An optional dependency is needed.

    Parameters
    ----------
    package : str
        Name of the package to import.
    extra : str
        Name of the extra of bsinv that installs it.
    purpose : str
        What needs it.
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'bsinv[{extra}]'.")


class ExecutorError(BsinvError):
    """Work could not be done where it was sent: workers that fail, or cannot be had."""


class AnalysisError(BsinvError):
    """An analysis file (or mapping) has a mistake.

    Parameters
    ----------
    message : str
        What is wrong and what was allowed.
    file : str, optional
        Name of the file.
    line : int, optional
        Line of the mistake, from 1.
    key : str, optional
        Dotted path of the key.
    """

    def __init__(
        self,
        message: str,
        file: str | None = None,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        self.file, self.line, self.key = file, line, key
        place = ":".join(str(part) for part in (file, line) if part is not None)
        parts = [part for part in (place, key) if part]
        super().__init__(": ".join([*parts, message]))


class UnknownNameError(BsinvError):
    """A name is not in a list of known names.

    Parameters
    ----------
    kind : str
        What is named, such as ``"model"``.
    name : str
        The name given.
    known : iterable of str
        The names that exist.
    where : str, optional
        Where the name was given.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str | None = None):
        known = sorted(known)
        self.kind, self.name, self.known = kind, name, known
        place = f" in {where}" if where else ""
        super().__init__(f"unknown {kind} {name!r}{place}{did_you_mean(name, known)}")


def printable(text: str, kept: str = "\n") -> str:
    r"""Text that a terminal shows as it is: characters that control one are written as escapes.

    Parameters
    ----------
    text : str
    kept : str
        Control characters that stay.

    Returns
    -------
    str
        Such as ``r"\x1b[2J"`` in place of what clears a screen.
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter in kept or letter in _WIDE_SPACES
        else letter.encode("unicode_escape", "surrogatepass").decode()
        for letter in text
    )


def find(kind: str, name: str, known: Mapping[str, Found]) -> Found:
    """What has a name.

    Parameters
    ----------
    kind : str
        What is named, such as ``"model"``.
    name : str
        The name given.
    known : mapping of str
        What there is, by name.

    Raises
    ------
    UnknownNameError
        If nothing has the name; the nearest ones are told.
    """
    try:
        return known[name]
    except KeyError:
        raise UnknownNameError(kind, name, known) from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """End of a sentence that offers the nearest known names, or lists all if they are few.

    First come names that start with the name given, then names that contain it, then names of
    similar spelling; case is ignored.

    Parameters
    ----------
    name : str
        The name given.
    known : iterable of str
        The names that exist.

    Returns
    -------
    str
        Such as ``": did you mean 'wet-lfu'?"``.
    """
    known = sorted(set(known))
    by_fold = {entry.casefold(): entry for entry in reversed(known)}
    given = str(name).casefold()
    similar = difflib.get_close_matches(given, list(by_fold), n=3, cutoff=0.6)
    near = list(dict.fromkeys([*_holding(given, list(by_fold)), *similar]))[:_MOST_OFFERED]
    if near:
        return ": did you mean " + " or ".join(repr(by_fold[entry]) for entry in near) + "?"
    if not known:
        return "."
    shown = ", ".join(known[:12])
    more = f", ... ({len(known)} in all)" if len(known) > 12 else ""
    return f"; known: {shown}{more}."


def choices(given: object, allowed: Iterable[str]) -> str:
    """End of a sentence that lists what is allowed in place of a word, and offers the nearest.

    Parameters
    ----------
    given : object
        The word given.
    allowed : iterable of str
        In the order in which they are listed.

    Returns
    -------
    str
        Such as ``"'best', 'sm': did you mean 'best'?"``.
    """
    words = list(allowed)
    offered = did_you_mean(given, words) if isinstance(given, str) else ""
    end = offered if offered.startswith(": did") else "."
    return f"{', '.join(map(repr, words))}{end}"


def _holding(part: str, known: list[str]) -> list[str]:
    """Names that start with a text, then those that contain it."""
    if len(part.strip()) < _SHORTEST_PART:
        return []
    starting = sorted(entry for entry in known if entry.startswith(part))
    return [
        *starting,
        *sorted(entry for entry in known if part in entry[1:] and entry not in starting),
    ]
