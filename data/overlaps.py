"""Which data share events or numbers, so that no two of them may enter one fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from itertools import combinations
from typing import Any

from ._checks import check_choice, check_keys, check_text, check_texts, fault, read_json
from .frozen import FrozenMapping
from .measurements import measurements
from .records import Conflict, Measurement, Overlap

__all__ = ["conflicts", "data_sets", "overlaps"]

FILE = "overlaps.json"


@lru_cache(maxsize=1)
def overlaps() -> tuple[Overlap, ...]:
    """Every declared overlap; any two members of one overlap share data.

    An average against each of its inputs is one overlap of two members for each input. A
    measurement and the one that supersedes it overlap too.

    Returns
    -------
    tuple of Overlap

    Raises
    ------
    DataError
        If the file is missing or names data that do not exist.
    """
    return read_overlaps(read_json(FILE), measurements())


@lru_cache(maxsize=1)
def data_sets() -> Mapping[str, str]:
    """Ids, beside those of measurements, that stand for whole data sets in overlaps.

    Returns
    -------
    mapping of id to description
        Such as ``belle2-2023-bknunu``, the published likelihood.
    """
    return FrozenMapping(read_json(FILE)["data_sets"])


def conflicts(ids: Iterable[str]) -> tuple[Conflict, ...]:
    """Find the pairs of data that may not enter one fit together.

    Parameters
    ----------
    ids : iterable of str
        Ids of measurements and data sets, as often as they are used. Others (a user's own data)
        overlap with nothing but themselves.

    Returns
    -------
    tuple of Conflict
        One for each pair that overlaps, in the order of `ids`; empty if all is well. An id that
        comes twice conflicts with itself.
    """
    used = list(ids)
    reasons = _pairs()
    found: dict[frozenset[str], Conflict] = {}
    for a, b in combinations(used, 2):
        pair = frozenset((a, b))
        if pair in found:
            continue
        if a == b:
            found[pair] = Conflict(a, b, "the same data used twice")
        elif pair in reasons:
            found[pair] = Conflict(a, b, reasons[pair])
    return tuple(found.values())


@lru_cache(maxsize=1)
def _pairs() -> dict[frozenset[str], str]:
    """Reasons by pair; several reasons are joined."""
    reasons: dict[frozenset[str], list[str]] = {}
    for overlap in overlaps():
        for pair in combinations(overlap.members, 2):
            known = reasons.setdefault(frozenset(pair), [])
            if overlap.reason not in known:
                known.append(overlap.reason)
    return {pair: "; ".join(texts) for pair, texts in reasons.items()}


def read_overlaps(
    content: Mapping[str, Any], known: Mapping[str, Measurement], file: str = FILE
) -> tuple[Overlap, ...]:
    """Check and make all overlaps from the content of the file.

    Parameters
    ----------
    content : mapping
        With keys ``data_sets`` and ``entries``; an entry has a ``reason`` and either ``members``,
        or ``one`` and ``against``.
    known : mapping of id to Measurement
        What members may name, beside the data sets.
    file : str
        Name used in errors.

    Returns
    -------
    tuple of Overlap

    Raises
    ------
    DataError
        On the first thing that is not allowed.
    """
    check_keys(file, content, {"data_sets", "entries"})
    names = {*known, *content["data_sets"]}
    found: list[Overlap] = []
    for i, entry in enumerate(content["entries"]):
        where = f"{file}: entries[{i}]"
        reason = check_text(where, "reason", entry.get("reason"))
        if "one" in entry:
            check_keys(where, entry, {"one", "against", "reason"})
            one = check_choice(where, "one", entry["one"], names)
            others = _members(where, "against", entry["against"], names, at_least=1)
            if one in others:
                raise fault(where, "against", one, "ids other than one")
            found += [Overlap((one, other), reason) for other in others]
        else:
            check_keys(where, entry, {"members", "reason"})
            members = _members(where, "members", entry["members"], names, at_least=2)
            found.append(Overlap(members, reason))
    found += [
        Overlap((record.id, record.superseded_by), f"{record.superseded_by} supersedes {record.id}")
        for record in known.values()
        if record.superseded_by is not None
    ]
    return tuple(found)


def _members(
    where: str, key: str, value: object, names: Set[str], *, at_least: int
) -> tuple[str, ...]:
    """Ids that exist, each once."""
    members = check_texts(where, key, value)
    for i, member in enumerate(members):
        if member not in names:
            raise fault(where, f"{key}[{i}]", member, "the id of a measurement or data set")
    if len(set(members)) < max(len(members), at_least):
        raise fault(where, key, list(members), f"at least {at_least} different ids, each once")
    return members
