import numpy as np
import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.analysis_file.reading.nodes import describe_value, format_key
from bsinv.fitter.analysis_file.reading.source import (
    read_file,
    read_mapping,
    read_source,
    read_text,
)
from hypothesis import given
from hypothesis import strategies as st

TEXT = """\
# a comment
name: first
parameters:
  dC_L: {prior: {uniform: [-20, 20]},
         start: 1}
  dC_R: 0.5
likelihoods:
  - one
  - name: two
    nuisances: profile
"""


def test_lines_of_keys_and_items():
    source = read_text(TEXT, "a.yaml")
    assert source.file == "a.yaml"
    assert source.text == TEXT
    assert source.line(("name",)) == 2
    assert source.line(("parameters", "dC_L", "start")) == 5
    assert source.line(("likelihoods", 0)) == 8
    assert source.line(("likelihoods", 1, "nuisances")) == 10


def test_line_of_a_missing_key_is_that_of_its_parent():
    source = read_text(TEXT)
    assert source.line(("likelihoods", 1, "limit_form")) == 9
    assert source.line(("fit",)) is None
    assert source.line(()) == 1


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-6", 1e-6),
        ("1e-5", 1e-5),
        ("1.e-5", 1e-5),
        ("5E3", 5000.0),
        ("-.5", -0.5),
        ("+1.5", 1.5),
        ("1_000", 1000),
        ("0x10", 16),
        ("0o17", 15),
        ("010", 10),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("off", "off"),
        ("null", None),
        ("~", None),
        ("2023-11-24", "2023-11-24"),
        ("'1e-6'", "1e-6"),
        ("!!str 5", "5"),
        ("!!float 5", 5.0),
        ("[1, [2, x]]", [1, [2, "x"]]),
        ("{B->K*: 1}", {"B->K*": 1}),
    ],
)
def test_values_of_yaml_1_2(written, value):
    read = read_text(f"a: {written}\n").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_nan_is_read():
    assert np.isnan(read_text("a: .nan\n").data["a"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n", "empty: an analysis needs name, model and likelihoods."),
        ("<<: {a: 1}\n", "1: the merge key << is not supported."),
        ("a: !!int x\n", "1: a: cannot read 'x' as a number."),
        ("a: !!set {x}\n", "1: a: the YAML tag !!set is not supported: write a plain value."),
        ("a: " + "9" * 5000 + "\n", f"1: a: cannot read '{'9' * 36}... as a number."),
        ("a: " + "[" * 40 + "]" * 40 + "\n", "1: nested too deeply for an analysis."),
        ("a: &x [*x]\n", "1: a: YAML anchors (&x) are not supported: write the value out."),
        ("a: *x\n", "1: not valid YAML: found undefined alias 'x'."),
        ("? [a]\n: 1\n", "1: a key must be text, not a list: put it in quotes."),
        ("a: 1\nb: \x00\n", "2: not valid YAML: special characters are not allowed."),
        ("a: 1\na: 2\n", "2: a: this key is given twice, first in line 1."),
        ("l:\n- x: 1\n  x: 1\n", "3: l[0].x: this key is given twice, first in line 2."),
    ],
)
def test_refused_texts(text, message):
    with pytest.raises(AnalysisError) as caught:
        read_text(text)
    assert str(caught.value) == message


def test_nesting_does_not_overflow_the_stack():
    with pytest.raises(AnalysisError, match=r"nested too deeply|not valid YAML"):
        read_text("a: " + "[" * 3000 + "]" * 3000 + "\n")


def test_file_is_read_with_and_without_byte_order_mark(tmp_path):
    path = tmp_path / "a.yaml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text("description: B⁺→K⁺νν̄\r\nname: a\r\n", encoding)
        assert read_source(str(path)).data == {"description": "B⁺→K⁺νν̄", "name": "a"}
        assert read_source(path).line(("name",)) == 2


def test_files_that_cannot_be_read(tmp_path):
    def message(path):
        with pytest.raises(AnalysisError) as caught:
            read_file(path)
        return str(caught.value)

    missing = tmp_path / "missing.yaml"
    assert message(missing) == f"{missing}: no such file."
    assert message(tmp_path) == f"{tmp_path}: this is a directory, not an analysis file."
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"name: a\ndescription: caf\xe9\n")
    assert message(latin) == f"{latin}:2: not UTF-8 text (byte 0xe9)."
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 1_000_001)
    assert message(large) == f"{large}: larger than 1 MB: this is not an analysis file."
    empty = tmp_path / "empty.yaml"
    empty.touch()
    assert message(empty) == f"{empty}: empty: an analysis needs name, model and likelihoods."
    assert message("a" * 5000).endswith(": cannot be read: File name too long.")
    assert "cannot be read" in message("a\0b")


def test_mapping_source_takes_tuples_and_numpy_numbers():
    source = read_mapping({"z": np.float64(1e-6), "a": (1, np.int64(3)), "b": {"c": None}})
    assert source.data == {"z": 1e-6, "a": [1, 3], "b": {"c": None}}
    assert type(source.data["z"]) is float
    assert source.file is None
    assert source.line(("a",)) is None
    assert read_text(source.text).data == source.data
    assert list(read_text(source.text).data) == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"a": {1: 2}}, "a: a key must be text, not the number 1."),
        ({"a": {"b": [{1}]}}, "a.b[0]: only mappings, lists, text, numbers, true/false and None"),
        ({"a": np.zeros(2)}, "a: only mappings, lists, text, numbers, true/false and None"),
        ({"a": 10**5000}, "a: this integer is too large."),
    ],
)
def test_refused_mappings(mapping, message):
    with pytest.raises(AnalysisError) as caught:
        read_mapping(mapping)
    assert str(caught.value).startswith(message)


def test_mapping_that_holds_itself():
    circle: dict = {}
    circle["a"] = circle
    with pytest.raises(AnalysisError, match=r"^a\.a\.a: nested too deeply"):
        read_mapping(circle)


def test_source_of_another_kind():
    with pytest.raises(AnalysisError, match="a YAML text or a mapping, not int"):
        read_source(5)


def test_format_key():
    assert format_key(()) is None
    assert format_key(("likelihoods", 1, "name")) == "likelihoods[1].name"
    assert format_key(("form_factors", "B->K*", "set")) == "form_factors.B->K*.set"


def test_describe_value():
    shown = [describe_value(value) for value in (None, True, 1, 1.5, "x", [], {})]
    assert shown == [
        "nothing",
        "true",
        "the number 1",
        "the number 1.5",
        "the text 'x'",
        "a list",
        "a mapping",
    ]


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc->*_", max_size=6), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc->*_", min_size=1, max_size=6), plain, min_size=1))
def test_text_of_a_mapping_reads_back(mapping):
    source = read_mapping(mapping)
    assert read_text(source.text).data == source.data


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_sentence(text):
    told = ""
    try:
        read_text(text + "\n")
    except AnalysisError as error:
        told = str(error)
    assert "\n" not in told
