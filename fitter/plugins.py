"""Plugins: Python files with models, terms and observables of a user's own.

A plugin is read by its path and executed once, as a module of its own; the text of it is kept with
the results. Nothing here executes a text that came out of a results file unless it is asked to.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import BsinvError, PluginError, did_you_mean, printable
from ..models.base import described

__all__ = ["NAMES", "Plugin", "plugin_of", "read_plugin"]

NAMES = ("MODELS", "TERMS", "OBSERVABLES")
"""What a plugin may define: each a list of objects."""

_CONVENTION = (
    "a plugin defines MODELS, TERMS or OBSERVABLES, each a list of objects (docs/guide/your-own.md)"
)
# As of an analysis file.
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Plugin:
    """What a Python file brings.

    Attributes
    ----------
    name : str
        Name of the file, without its directory.
    text : str
        All that is in it.
    models, terms, observables : tuple
        Objects of its lists, not checked yet.
    """

    name: str
    text: str
    models: tuple[Any, ...] = ()
    terms: tuple[Any, ...] = ()
    observables: tuple[Any, ...] = ()

    @property
    def digest(self) -> str:
        """Short digest of the text."""
        return _digest(self.text)


def read_plugin(path: str | Path) -> Plugin:
    """Read a Python file and execute it.

    Parameters
    ----------
    path : path

    Returns
    -------
    Plugin

    Raises
    ------
    PluginError
        If it cannot be read, fails, or defines none of `NAMES`.
    """
    if not isinstance(path, str | Path):
        raise PluginError(
            f"plugins holds {type(path).__name__}: each must be the path of a Python file."
        )
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        why = error.strerror or error
        raise PluginError(f"{path}: the plugin cannot be read: {why}.") from None
    except ValueError as error:  # a null character in the path
        raise PluginError(f"{path!r}: the plugin cannot be read: {error}.") from None
    if len(content) > _LARGEST:
        raise PluginError(f"{path}: the plugin has more than {_LARGEST} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PluginError(f"{path}: the plugin is no text in UTF-8.") from None
    return plugin_of(Path(path).name, text, str(path))


def plugin_of(name: str, text: str, path: str = "") -> Plugin:
    """Execute the text of a plugin.

    Parameters
    ----------
    name : str
        Name of the file.
    text : str
    path : str, optional
        Where it is, for errors and tracebacks.

    Returns
    -------
    Plugin

    Raises
    ------
    PluginError
        As `read_plugin`.
    """
    told = path or name
    module = _executed(told, text)
    given = {key: getattr(module, key) for key in NAMES if hasattr(module, key)}
    if not given:
        near = [key for key in vars(module) if key.upper() in NAMES]
        hint = did_you_mean(near[0], NAMES) if near else "."
        raise PluginError(f"{told}: there is nothing to take: {_CONVENTION}{hint}")
    lists: dict[str, tuple[Any, ...]] = {}
    for key, value in given.items():
        if not isinstance(value, list | tuple):
            raise PluginError(f"{told}: {key} must be a list, not {described(value)}.")
        lists[key.lower()] = tuple(value)
    if not any(lists.values()):
        raise PluginError(f"{told}: {' and '.join(given)} is empty: {_CONVENTION}.")
    return Plugin(name, text, **lists)


def _executed(told: str, text: str) -> ModuleType:
    """Module of the text; it stays among those imported, since its classes look for it there."""
    module = ModuleType(f"bsinv_plugin_{_digest(text)}")
    module.__file__ = told
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, told, "exec", dont_inherit=True), vars(module))
    except (Exception, SystemExit) as error:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before
        raise PluginError(_failure(told, error)) from error
    return module


def _failure(told: str, error: BaseException) -> str:
    """One sentence on a plugin that fails, with its line."""
    if isinstance(error, SyntaxError) and error.filename == told:
        line, why = error.lineno, error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == told), None)
        why = str(error).partition("\n")[0]
    place = f"{told}:{line}" if line else told
    what = why if isinstance(error, BsinvError) else f"{type(error).__name__}: {why}"
    sentence = f"{place}: the plugin fails: {printable(what, '').rstrip('.')}."
    if isinstance(error, ImportError):
        sentence += " (Its own directory is not searched: a plugin is one file.)"
    return sentence


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
