"""Changes of an analysis, key by key, before it is checked: ``parameters.dC_L.start=2``.

What is changed is the text too, comments and order kept, since it is what results store.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from ...errors import AnalysisError, ParameterError, did_you_mean
from .reading.nodes import Key, Nodes, compose, describe_value, format_key
from .reading.source import Located, read_mapping, read_text

__all__ = ["changed", "parse_changes"]

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_DOTTED = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[\d+\])*")
# Key that the short form of an entry stands for.
_SHORT = {"likelihoods": "name", "predictions": "observable"}
# Sections of which an entry is whole or not there: the keys that make it one.
_WHOLE = ("prior", "value", "equals", "expression", "polar")
_ENTRIES = ("parameters", "auxiliary", "inputs")


def parse_changes(texts: Sequence[str], option: str = "--set") -> dict[str, Any]:
    """Read changes ``key=value``, the value in YAML.

    Parameters
    ----------
    texts : sequence of str
    option : str
        Option that they were given with, for errors.

    Returns
    -------
    dict of str to plain value
        By dotted key.

    Raises
    ------
    ParameterError
        If a text is of another form, its value is not plain YAML, or a key comes twice.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not (key and equals):
            raise ParameterError(f"{option} {text!r}: key=value is needed.")
        if key in found:
            raise ParameterError(f"{option}: {key} is set twice.")
        try:
            node = compose(value, None)
            if node is None:
                raise ParameterError(f"{option} {key}: a value is needed after the '='.")
            found[key] = Nodes(None).plain(node)
        except AnalysisError as error:
            told = str(error).partition(": ")[2] if error.line else str(error)
            raise ParameterError(f"{option} {key}: {told}") from None
    return found


def changed(source: Located, changes: Mapping[str, Any]) -> Located:
    """Analysis with some of its keys set to other values.

    Parameters
    ----------
    source : Located
    changes : mapping of str to plain value
        By dotted key, such as ``fit.minos`` or ``likelihoods[0].nuisances``; an entry of a list may
        be named, ``likelihoods.belle2-2023-bknunu.nuisances``.

    Returns
    -------
    Located
        Lines are those of the analysis as it was.

    Raises
    ------
    AnalysisError
        If a key leads nowhere, or a value is not plain.
    """
    if not isinstance(changes, Mapping) or not all(isinstance(key, str) for key in changes):
        raise AnalysisError(
            f"changes must be a mapping of dotted keys to values, not {type(changes).__name__}.",
            source.file,
        )
    if not changes:
        return source
    data, edits = deepcopy(source.data), []
    for dotted, value in changes.items():
        path = _path(data, dotted, source)
        _put(data, path, deepcopy(value))
        edits.append((path, value))
    plain = read_mapping(data)
    kept = {
        path: line
        for path, line in source.lines.items()
        if not any(path[: len(key)] == key for key, _ in edits)
    }
    text = _rewritten(source.text, edits, plain)
    return Located(plain.data, text, source.file, kept)


def _path(data: dict[str, Any], dotted: str, source: Located) -> Key:
    """Keys and positions that a dotted key means; every part but the last leads somewhere."""
    if not _DOTTED.fullmatch(dotted):
        raise AnalysisError(
            f"{dotted!r} is no key of an analysis: write it with dots, such as "
            "parameters.dC_L.start.",
            source.file,
        )
    parts = [name or int(index) for name, index in _PART.findall(dotted)]
    path: Key = ()
    node: Any = data
    for place, part in enumerate(parts):
        rest = parts[place + 1 :]
        if isinstance(node, dict):
            key: str | int = str(part)
            if rest and key not in node:
                _refuse_part(node, path, str(part), rest, source)
                return (*path, *map(str, parts[place:]))
        elif isinstance(node, list):
            key = _position(node, part, path, source)
        else:
            raise source.mistake(
                f"is {describe_value(node)}, with no keys below it: set it whole, "
                f"{format_key(path)}=...",
                path,
            )
        path = (*path, key)
        if rest:
            node = node[key]
            if isinstance(node, str) and path[:-1] in [(name,) for name in _SHORT]:
                node = {_SHORT[str(path[0])]: node}
    return path


def _refuse_part(
    node: dict[str, Any], path: Key, part: str, rest: Sequence[str | int], source: Located
) -> None:
    """Raise where an entry that is not there would be begun with a key that does not make one."""
    if path in [(name,) for name in _ENTRIES] and rest[0] not in _WHOLE:
        raise source.mistake(
            f"there is no {part!r} here of which {rest[0]} could be set{did_you_mean(part, node)}",
            (*path, part),
        )
    if any(isinstance(one, int) for one in rest):
        raise source.mistake(f"there is no {part!r} here{did_you_mean(part, node)}", (*path, part))


def _position(node: list[Any], part: str | int, path: Key, source: Located) -> int:
    """Position of an entry of a list, by number or by name."""
    short = _SHORT.get(str(path[0]), "name")
    names = [entry.get(short) if isinstance(entry, dict) else entry for entry in node]
    if isinstance(part, str) and part in names:
        return names.index(part)
    if str(part).isdigit() and int(part) < len(node):
        return int(part)
    if str(part).isdigit():
        last = f", the last of which is [{len(node) - 1}]" if node else ""
        raise source.mistake(f"there is no [{part}] among {len(node)} entries{last}.", path)
    known = [name for name in names if isinstance(name, str)]
    raise source.mistake(f"there is no {part!r} here{did_you_mean(str(part), known)}", path)


def _put(tree: Any, path: Key, value: Any) -> None:
    """Set a value, writing out the short form of an entry on the way."""
    node = tree
    for place, part in enumerate(path[:-1]):
        if isinstance(node, dict) and part not in node:
            node[part] = {}
        elif isinstance(node[part], str):
            node[part] = {_SHORT[str(path[place - 1])]: node[part]}
        node = node[part]
    node[path[-1]] = value


def _rewritten(text: str, edits: Sequence[tuple[Key, Any]], wanted: Located) -> str:
    """Text with the edits, comments kept; where that does not give the data, text of the data."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    writer: Any = YAML(pure=True)
    writer.preserve_quotes, writer.width = True, 10**6
    stream = io.StringIO()
    try:
        tree = writer.load(text)
        for path, value in edits:
            _put(tree, path, deepcopy(value))
        writer.dump(tree, stream)
        if read_text(stream.getvalue()).data == wanted.data:
            return stream.getvalue()
    except (YAMLError, AnalysisError, LookupError, TypeError, ValueError):
        pass
    return wanted.text
