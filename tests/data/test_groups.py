"""Loader of the groups: what is shipped, and every fault."""

import pytest
from bsinv.data.groups import groups, read_groups
from bsinv.data.measurements import measurements
from bsinv.data.overlaps import conflicts, data_sets
from bsinv.errors import DataError

KNOWN = {"one", "two", "three"}


def content(*entries):
    return {"terms": ["wall"], "entries": list(entries)}


FIRST = {"name": "first", "description": "d", "members": ["one", "two"]}


def test_members_exist_and_do_not_overlap():
    known = {*measurements(), *data_sets(), "perturbativity"}
    assert "b2s-invisible-global" in groups()
    for name, group in groups().items():
        assert group.name == name
        assert group.description
        assert set(group.members) <= known
        assert conflicts(group.members) == ()


def test_a_group_takes_over_the_members_of_others():
    second = {"name": "second", "description": "d", "members": ["wall"], "groups": ["first"]}
    third = {"name": "third", "description": "d", "groups": ["second", "first"]}
    found = read_groups(content(FIRST, second, third), KNOWN)
    assert found["second"].members == found["third"].members == ("one", "two", "wall")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"name": "x", "description": "d"}], "x: members is []; allowed: one or more"),
        ([{"name": "x", "members": ["one"]}], "x: description is missing"),
        ([{**FIRST, "member": []}], "first: unknown key 'member'"),
        ([{**FIRST, "members": ["four"]}], "first: members[0] is 'four'; allowed: the id of a"),
        ([{**FIRST, "members": ["one", "one"]}], "first: members[1] is 'one'; allowed: each once"),
        ([FIRST, FIRST], "the name first occurs twice"),
        ([{**FIRST, "name": "one"}], "the name one occurs twice"),
        (
            [{**FIRST, "groups": ["second"]}],
            "first: groups[0] is 'second'; allowed: the name of an earlier group",
        ),
        (
            [FIRST, {**FIRST, "name": "second", "groups": ["first"]}],
            "second: members[0] is 'one'; allowed: each once",
        ),
    ],
)
def test_faults(entries, message):
    with pytest.raises(DataError) as caught:
        read_groups(content(*entries), KNOWN)
    assert message in str(caught.value)
