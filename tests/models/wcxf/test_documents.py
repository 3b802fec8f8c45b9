"""Files of WCxf: what is read, written and refused."""

import json
import time

import pytest
from bsinv.errors import ParameterError
from bsinv.models.wcxf.documents import read_wcxf, scale_and_values, wcxf_text, write_wcxf

VALUES = {
    "C9_bsmumu": 1e-9,
    "CL_bsnuenue": {"Re": 1.0, "Im": -2e-10},
    "C7_bs": 0.0,
    "a": -1e22,
    "b": 1.25e-300,
}
DOCUMENT = {"eft": "WET", "basis": "flavio", "scale": 4.8, "values": VALUES}


@pytest.mark.parametrize("name", ["a.yaml", "a.YML", "a.json", "a.wcxf"])
def test_round_trip(tmp_path, name):
    write_wcxf(tmp_path / name, DOCUMENT)
    assert read_wcxf(tmp_path / name) == DOCUMENT
    assert (tmp_path / name).read_text().startswith("eft" if name[2] in "yY" else "{")


def test_other_readers():
    """YAML 1.1, which PyYAML reads, takes 1e-09 for a text."""
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(wcxf_text(DOCUMENT, "yaml")) == DOCUMENT
    assert json.loads(wcxf_text(DOCUMENT, "json")) == DOCUMENT
    assert yaml.safe_load(wcxf_text({**DOCUMENT, "values": {}}, "yaml"))["values"] == {}


def test_what_other_writers_write(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("\ufeffeft: WET\nbasis: flavio\nscale: 5\nvalues:\n  C: {Im: 1e-9}\n  D: 2\n")
    assert scale_and_values(read_wcxf(path), ("WET",), ("flavio",)) == (5.0, {"C": 1e-9j, "D": 2.0})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a WCxf file holds a mapping, not NoneType."),
        ("- 1", "a WCxf file holds a mapping, not list."),
        ("text", "a WCxf file holds a mapping, not str."),
        ("\n <!DOCTYPE HTML><p>", "a web page, not a WCxf file; download the file itself"),
        ("<?xml version='1.0'?>", "a web page, not a WCxf file"),
        ('{"a": 1, "a": 2}', "not a WCxf file in JSON (the key 'a' stands there twice)."),
        ("a: 1\na: 2", "not a WCxf file in YAML, line 2 (found duplicate key"),
        ("a: 1\n---\nb: 2", "not a WCxf file in YAML, line 2 (but found another document)."),
        ("a: !!python/object/apply:os.system ['ls']", "could not determine a constructor"),
        ("[" * 100_000, "not a WCxf file in JSON ("),
        ("a: " + "[" * 5_000, "not a WCxf file in YAML ("),
        (b"\x89HDF\r\n\xff", "not a WCxf file: it is no text in UTF-8 (byte 0)."),
        (b"#" * 5_000_001, "above 5 MB, more than a WCxf file can need."),
    ],
)
def test_what_is_none(tmp_path, content, message):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ParameterError) as caught:
        read_wcxf(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_places_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(ParameterError, match=r"cannot be read \(Is a directory\)"):
        read_wcxf(tmp_path)
    with pytest.raises(ParameterError, match=r"cannot be written \(No such file or directory\)"):
        write_wcxf(tmp_path / "none" / "a.json", DOCUMENT)


def test_aliases_that_multiply(tmp_path):
    """Lists of lists of aliases, 10^9 entries if they were written out."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for one, other in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{other}: &{other} [{', '.join([f'*{one}'] * 10)}]")
    lines += ["eft: WET", "basis: flavio", "scale: 4.8", "values: {C9_bsmumu: *i}"]
    path = tmp_path / "laughs.yaml"
    path.write_text("\n".join(lines))
    begun = time.perf_counter()
    with pytest.raises(ParameterError, match=r"C9_bsmumu is a list, which is not a number"):
        scale_and_values(read_wcxf(path), ("WET",), ("flavio",))
    assert time.perf_counter() - begun < 5.0


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**5000), float("inf"), {"Re": float("nan")}],
    ids=["large", "larger than can be printed", "inf", "nan"],
)
def test_numbers_that_are_not_finite(value):
    with pytest.raises(ParameterError, match=r"C is .*, which is not finite"):
        scale_and_values({**DOCUMENT, "values": {"C": value}}, ("WET",), ("flavio",))
