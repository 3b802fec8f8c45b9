"""Curves of others: what is read, and how bad files are refused."""

import numpy as np
import pytest
from bsinv.chains.files.overlays import read_overlay
from bsinv.errors import StoreError


def written(tmp_path, text):
    path = tmp_path / "babar.csv"
    path.write_text(text, "utf-8")
    return path


def test_labels_fill_and_separators(tmp_path):
    text = "mass,g\n0.1, 1e-3\n1,2e-3\n\n# source: x\n"
    text += "# label: BaBar: 2013\n# fill: yes\n1;2\n3;4\n5\t6\n"
    first, second = read_overlay(written(tmp_path, text))
    assert (first.label, first.filled) == ("babar", False)
    np.testing.assert_array_equal(first.x, [0.1, 1.0])
    assert (second.label, second.filled) == ("BaBar: 2013", True)
    np.testing.assert_array_equal(second.y, [2.0, 4.0, 6.0])


def test_an_empty_line_begins_another_curve_of_the_same_label(tmp_path):
    curves = read_overlay(written(tmp_path, "# label: a\n1 2\n3 4\n\n5 6\n7 8\n"))
    assert [curve.label for curve in curves] == ["a", "a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3,x\n", "babar.csv:2: 'x' is no finite number."),
        ("1,2\n3,nan\n", "babar.csv:2: 'nan' is no finite number."),
        ("1,2\ninf,3\n", "babar.csv:2: 'inf' is no finite number."),
        ("1,2,3\n", "babar.csv:1: 3 columns, but two are needed, x and y."),
        ("x,y\na,b\n", "babar.csv:2: 'a' is no finite number."),
        ("1,2\n\n3,4\n5,6\n", "babar.csv:2: the curve that ends here has one point"),
        ("# fill: maybe\n1,2\n2,3\n", "babar.csv:1: 'fill' is 'maybe': yes or no."),
        ("", "babar.csv holds no curve: two numbers in a line are needed"),
        ("# label: a\n", "babar.csv holds no curve"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(StoreError) as caught:
        read_overlay(written(tmp_path, text))
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(StoreError, match=r"nothing\.csv cannot be read as a curve"):
        read_overlay(tmp_path / "nothing.csv")
    path = tmp_path / "bytes.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(StoreError, match="cannot be read as a curve"):
        read_overlay(path)
