"""Loader of the groups: data that are used together under one name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from ._checks import check_keys, check_text, check_texts, fault, named_entries, read_json
from .constants import constants
from .frozen import FrozenMapping
from .measurements import measurements
from .overlaps import data_sets
from .records import Group

__all__ = ["default_floats", "groups"]

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


@lru_cache(maxsize=1)
def default_floats() -> Mapping[str, tuple[str, ...]]:
    """Constants that float by default in fits of some data.

    Returns
    -------
    mapping of measurement or group to names of constants

    Raises
    ------
    DataError
        If the file is missing or names data or constants that do not exist.
    """
    content = read_json(FILE)
    return read_floats(content.get("floats", {}), groups(), {*measurements(), *data_sets()})


def read_floats(
    content: Mapping[str, Any],
    known_groups: Mapping[str, Group],
    known: Collection[str],
    file: str = FILE,
) -> Mapping[str, tuple[str, ...]]:
    """Check and make `default_floats` from the part ``floats`` of the file.

    Parameters
    ----------
    content : mapping
        Id of a measurement or data set to a list of constants with errors.
    known_groups : mapping of name to Group
        They float what their members do.
    known : collection of str
        Ids of measurements and data sets.
    file : str
        Name used in errors.

    Returns
    -------
    mapping of measurement or group to names of constants

    Raises
    ------
    DataError
        On the first thing that is not allowed.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, listed in content.items():
        where = f"{file}: floats"
        if name not in known:
            raise fault(where, "key", name, "the id of a measurement or data set")
        for constant in check_texts(where, name, listed):
            if constant not in constants() or not constants()[constant].error > 0:
                raise fault(where, name, constant, "the name of a constant with an error")
        found[name] = tuple(listed)
    for group in known_groups.values():
        listed = [constant for member in group.members for constant in found.get(member, ())]
        if listed:
            found[group.name] = tuple(dict.fromkeys(listed))
    return FrozenMapping(found)


def read_groups(
    content: Mapping[str, Any], known: Collection[str], file: str = FILE
) -> Mapping[str, Group]:
    """Check and make all groups from the content of the file.

    Parameters
    ----------
    content : mapping
        With keys ``terms`` (names of likelihoods that use no data) and ``entries``, and ``floats``
        (see `read_floats`); an entry has
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
    check_keys(file, content, {"terms", "entries"}, {"floats"})
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
