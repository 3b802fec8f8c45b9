"""What ``bsinv project --json`` wrote is read again, and nothing else is taken for it."""

import json

import pytest
from bsinv.chains.files.projections import read_projection
from bsinv.chains.records.projections import ExpectedError, Projected, Projection
from bsinv.cli.plain_records import plain
from bsinv.errors import StoreError

ERROR = ExpectedError("g", 1.0, 0.5, 0.1, 0.1, 0.1, 0.4, 0.6)
POINT = Projected(5.0, "scaled", (ERROR,), 0.0, 9.0, 3.0)
FOUND = Projection("a", "best fit", "SM", 1, (("belle2", 0.362),), ("other",), (POINT,))


def written(tmp_path, content):
    path = tmp_path / "projection.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_what_was_written_is_read(tmp_path):
    found = read_projection(written(tmp_path, plain(FOUND)))
    assert found.points[0].errors[0].upper == 0.6
    assert found.points[0].sigma_toys[1] != found.points[0].sigma_toys[1]  # NaN
    assert plain(found) == plain(FOUND)
    assert found.today == (("belle2", 0.362),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": []}, "'points' is empty"),
        ({"name": 3}, "name is 3, not of type str"),
        ({"points": [{**plain(POINT), "sigma": "x"}]}, "points[0].sigma is 'x', not of type float"),
        ({"points": [{"luminosity": 5}]}, "'points[0].assumption' is missing"),
        ({"today": [["a"]]}, "today[0] has 1 entries, 2 are needed"),
        ({"points": 5}, "points is 5, not a list"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, change, message):
    with pytest.raises(StoreError) as caught:
        read_projection(written(tmp_path, {**plain(FOUND), **change}))
    assert message in str(caught.value)
    assert "projection.json" in str(caught.value)


@pytest.mark.parametrize("content", ["", "[1", "[" * 100000])
def test_what_is_no_json_is_refused(tmp_path, content):
    with pytest.raises(StoreError, match="cannot be read as a projection"):
        read_projection(written(tmp_path, content))


def test_a_list_is_no_projection(tmp_path):
    with pytest.raises(StoreError, match="the file is \\[1\\], not a mapping"):
        read_projection(written(tmp_path, [1]))
