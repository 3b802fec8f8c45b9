import pytest
from bsinv.errors import UnknownNameError, did_you_mean, find

KNOWN = ("belle2-2023", "Belle_2017", "babar_belle", "hflav", "norm")


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("belle", ": did you mean 'belle2-2023' or 'Belle_2017' or 'babar_belle'?"),
        ("BELLE2", ": did you mean 'belle2-2023' or 'Belle_2017'?"),
        ("lav", ": did you mean 'hflav'?"),
        ("nrom", ": did you mean 'norm'?"),
        ("n", "; known: Belle_2017, babar_belle, belle2-2023, hflav, norm."),
        ("", "; known: Belle_2017, babar_belle, belle2-2023, hflav, norm."),
    ],
)
def test_names_offered(name, end):
    assert did_you_mean(name, KNOWN) == end
    assert str(UnknownNameError("term", name, KNOWN)) == f"unknown term {name!r}{end}"


def test_not_too_many_names_are_offered():
    text = did_you_mean("data", [f"data_{number}" for number in range(20)])
    assert text.count("'data_") == 6


def test_what_has_a_name():
    assert find("number", "one", {"one": 1, "two": 2}) == 1
    with pytest.raises(UnknownNameError, match=r"unknown number 'on': did you mean 'one'\?"):
        find("number", "on", {"one": 1, "two": 2})


def test_a_name_known_twice_is_told_once():
    assert did_you_mean("x", ["a", "b", "a"]) == "; known: a, b."
