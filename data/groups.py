"""Loader of the groups: data that are used together under one name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from ._checks import check_keys, check_text, check_texts, fault, named_entries, read_json
from .frozen import FrozenMapping
from .measurements import measurements
from .overlaps import data_sets
from .records import Group

__all__ = ["groups"]

FILE = "groups.json"


@lru_cache(maxsize=1)
def groups() -> Mapping[str, Group]:
    """Every group by its name.

    Returns
    -------
    mapping of name to Group

    Raises
    ------
    DataError
        If the file is missing or names data that do not exist.
    """
    return read_groups(read_json(FILE), {*measurements(), *data_sets()})


def read_groups(
    content: Mapping[str, Any], known: Collection[str], file: str = FILE
) -> Mapping[str, Group]:
    """Check and make all groups from the content of the file.

    Parameters
    ----------
    content : mapping
        With keys ``terms`` (names of likelihoods that use no data) and ``entries``; an entry has
        ``name``, ``description``, and ``members`` or ``groups`` (earlier ones, whose members it
        takes over) or both.
    known : collection of str
        Ids of measurements and data sets.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of name to Group

    Raises
    ------
    DataError
        On the first thing that is not allowed: unknown or repeated names.
    """
    check_keys(file, content, {"terms", "entries"})
    names = {*known, *check_texts(file, "terms", content["terms"])}
    found: dict[str, Group] = {}
    keys, optional = {"name", "description"}, {"members", "groups"}
    for name, where, entry in named_entries(file, content["entries"], keys, optional, names):
        members: list[str] = []
        for i, group in enumerate(check_texts(where, "groups", entry.get("groups", []))):
            if group not in found:
                raise fault(where, f"groups[{i}]", group, "the name of an earlier group")
            members += [member for member in found[group].members if member not in members]
        for i, member in enumerate(check_texts(where, "members", entry.get("members", []))):
            if member not in names:
                raise fault(where, f"members[{i}]", member, "the id of a measurement or data set")
            if member in members:
                raise fault(where, f"members[{i}]", member, "each once")
            members.append(member)
        if not members:
            raise fault(where, "members", members, "one or more")
        description = check_text(where, "description", entry["description"])
        found[name] = Group(name, description, tuple(members))
    return FrozenMapping(found)
