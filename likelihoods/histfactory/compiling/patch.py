"""Patches of workspaces: JSON Patch (RFC 6902), and pyhf's sets of them by name."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from ....errors import DataError

__all__ = ["apply_operations", "apply_patch"]


def apply_patch(
    content: Mapping[str, Any], name: str, patch: str, patchset: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Workspace with one patch of a set applied.

    Parameters
    ----------
    content : mapping
        Workspace; not changed.
    name : str
        Of the workspace, for errors.
    patch : str
        Name of the patch.
    patchset : mapping
        pyhf patch set.

    Returns
    -------
    mapping

    Raises
    ------
    DataError
        If the set has no such patch, or an operation does not fit the workspace.
    """
    entries = {
        entry.get("metadata", {}).get("name"): entry.get("patch", ())
        for entry in patchset.get("patches", ())
    }
    if patch not in entries:
        known = ", ".join(map(str, entries)) or "none"
        raise DataError(f"{name}: no patch {patch!r} in the patch set, but {known}")
    changed: Mapping[str, Any] = apply_operations(content, entries[patch], f"{name}: patch {patch}")
    return changed


def apply_operations(content: Any, operations: Sequence[Mapping[str, Any]], where: str) -> Any:
    """A document with operations of JSON Patch applied, in order; the document is not changed.

    Parameters
    ----------
    content : JSON document
    operations : sequence of mapping
        ``op`` is add, remove, replace, move, copy or test.
    where : str
        For errors.

    Returns
    -------
    JSON document

    Raises
    ------
    DataError
        If an operation is not known or does not fit.
    """
    content = copy.deepcopy(content)
    for operation in operations:
        kind, path = operation.get("op"), operation.get("path", "")
        try:
            content = _apply(content, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError):
            raise DataError(f"{where}: {kind} at {path!r} does not fit the workspace") from None
    return content


def _apply(content: Any, operation: Mapping[str, Any]) -> Any:
    kind, keys = operation["op"], _keys(operation["path"])
    if kind == "add":
        return _put(content, keys, copy.deepcopy(operation["value"]), insert=True)
    if kind == "replace":
        _get(content, keys)
        return _put(content, keys, copy.deepcopy(operation["value"]), insert=False)
    if kind == "remove":
        _remove(content, keys)
        return content
    if kind == "test":
        if _get(content, keys) != operation["value"]:
            raise ValueError
        return content
    if kind in ("move", "copy"):
        origin = _keys(operation["from"])
        value = copy.deepcopy(_get(content, origin))
        if kind == "move":
            _remove(content, origin)
        return _put(content, keys, value, insert=True)
    raise ValueError


def _keys(pointer: str) -> list[str]:
    if not pointer:
        return []
    if not pointer.startswith("/"):
        raise ValueError
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def _get(content: Any, keys: list[str]) -> Any:
    for key in keys:
        content = content[int(key)] if isinstance(content, list) else content[key]
    return content


def _put(content: Any, keys: list[str], value: Any, insert: bool) -> Any:
    if not keys:
        return value
    parent, last = _get(content, keys[:-1]), keys[-1]
    if isinstance(parent, list):
        if last == "-":
            parent.append(value)
        elif insert:
            if int(last) > len(parent):
                raise IndexError
            parent.insert(int(last), value)
        else:
            parent[int(last)] = value
    else:
        parent[last] = value
    return content


def _remove(content: Any, keys: list[str]) -> None:
    parent, last = _get(content, keys[:-1]), keys[-1]
    del parent[int(last) if isinstance(parent, list) else last]
