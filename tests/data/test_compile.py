import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from bsinv.data._checks import read_json
from bsinv.data.written import flatten_counts
from bsinv.errors import DataError

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "compile_data.py"

MEASURED = {
    "id": "x",
    "observable": "BR(B+->K+nunu)",
    "kind": "gaussian",
    "status": "current",
    "unit": "1",
    "experiment": "Belle",
    "year": 2020,
    "arxiv": None,
    "doi": None,
    "value": 3.0,
    "stat": 0.3,
    "syst": 0.4,
    "error": 0.5,
    "error_from": "quadrature",
    "confirmed_by": ["paper"],
}


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("compile_data", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_shipped_files_are_up_to_date():
    done = subprocess.run(
        [sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_check_names_what_is_stale(tool, monkeypatch, capsys):
    monkeypatch.setattr(tool, "compile_all", lambda sources: {"constants.json": "{}"})
    monkeypatch.setattr(sys, "argv", ["compile_data.py", "--check"])
    with pytest.raises(SystemExit, match=r"stale: constants\.json; run tools/compile_data\.py"):
        tool.main()


def test_measurement(tool):
    flat = tool.flatten_measurement(dict(MEASURED), "a")
    assert flat["values"] == [3.0]
    assert flat["errors_plus"] == flat["errors_minus"] == [0.5]
    assert flat["notes"] == ["Errors: +-0.3 (stat) +-0.4 (syst); added in quadrature."]
    assert flat["reference"] == {"experiment": "Belle", "year": 2020, "source": ["paper"]}
    assert flat["confirmed"] is True


def test_unconfirmed(tool):
    flat = tool.flatten_measurement({**MEASURED, "confirmed_by": "unconfirmed"}, "a")
    assert flat["confirmed"] is False
    assert "source" not in flat["reference"]


def test_total_error_must_be_that_of_its_parts(tool):
    with pytest.raises(DataError, match=r"a: x: error is \+-0.6; allowed: the quadrature"):
        tool.flatten_measurement({**MEASURED, "error": 0.6}, "a")


def test_asymmetric_counts_are_split():
    counts = flatten_counts({"observed": 51, "background_error": {"plus": 3, "minus": 2}})
    assert counts == {"observed": 51, "background_error_plus": 3, "background_error_minus": 2}


def test_unknown_key_of_a_measurement(tool):
    with pytest.raises(DataError, match="a: x: unknown key 'valu'; allowed: arxiv"):
        tool.flatten_measurement({**MEASURED, "valu": 1}, "a")


def write_constants(folder, text):
    (folder / "constants.yaml").write_text(
        f"entries:\n- {{{text}, latex: m, allowed: [0, 9], description: d}}\n"
    )
    return folder


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: m, unit: GeV, from: y", "constants.yaml: m: from is 'y'; allowed: a gaussian"),
        ("name: m, unit: GeV, from: x", "constants.yaml: m: unit is GeV; allowed: 1."),
        ("name: m, unit: GeV", "constants.yaml: m: needs one of from, gives, value"),
        (
            "name: m, unit: GeV, from: x, tims: 2",
            "needs one of from, gives, value, no key but allowed, d",
        ),
    ],
)
def test_faults_of_constants(tool, tmp_path, text, message):
    measured = {"entries": [tool.flatten_measurement(dict(MEASURED), "a")]}
    with pytest.raises(DataError) as caught:
        tool.compile_constants(write_constants(tmp_path, text), measured)
    assert message in str(caught.value)


def test_constant_of_other_unit(tool, tmp_path):
    measured = {"entries": [tool.flatten_measurement(dict(MEASURED), "a")]}
    folder = write_constants(tmp_path, "name: m, unit: GeV, from: x, times: 0.001")
    (entry,) = tool.compile_constants(folder, measured)["entries"]
    assert entry["allowed"] == [0, 9]
    assert (entry["value"], entry["error"]) == (0.003, 0.0005)
    assert entry["reference"]["source"] == ["measurement x", "paper"]


def test_constant_that_is_another_one(tool, tmp_path):
    common = "unit: '1', allowed: [0, 9], latex: x, description: d, reference: {}"
    (tmp_path / "constants.yaml").write_text(
        f"entries:\n- {{name: a, value: 3.0, error: 1.0, {common}}}\n"
        f"- {{name: b, gives: a, times: 2.0, {common}}}\n"
    )
    _, entry = tool.compile_constants(tmp_path, {"entries": []})["entries"]
    assert (entry["value"], entry["error"]) == (1.5, 0.5)
    assert entry["gives"] == {"name": "a", "times": 2.0}
    text = "name: b, gives: a, times: 2.0, unit: '1', reference: {}"
    with pytest.raises(DataError, match="b: gives is 'a'; allowed: a constant before it"):
        tool.compile_constants(write_constants(tmp_path, text), {"entries": []})


def test_constant_without_a_range(tool, tmp_path):
    text = "entries:\n- {name: a, value: 3.0, error: 1.0, unit: '1', latex: a, description: d}\n"
    (tmp_path / "constants.yaml").write_text(text)
    with pytest.raises(DataError, match="a: allowed missing"):
        tool.compile_constants(tmp_path, {"entries": []})


def test_set_with_errors_that_are_not_those_of_the_covariance(tool):
    entry = {"id": "s", "names": ["a"], "sigma": [0.1], "covariance": [[0.02]]}
    with pytest.raises(DataError, match="B->K: s: sigma is not the square root"):
        tool.reduce_set(entry, "B->K")


def test_set_that_is_not_symmetric(tool):
    entry = {"id": "s", "names": ["a", "b"], "sigma": [1, 1], "covariance": [[1, 0.1], [0, 1]]}
    with pytest.raises(DataError, match="B->K: s: covariance is not symmetric"):
        tool.reduce_set(entry, "B->K")


def test_missing_file_says_how_to_make_it():
    with pytest.raises(DataError, match=r"none\.json: cannot be read .*; reinstall bsinv, or in a"):
        read_json("none.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "line 1 is not JSON"), ("[]", "holds a list, not a mapping")],
)
def test_broken_file(tmp_path, monkeypatch, text, message):
    (tmp_path / "broken.json").write_text(text)
    monkeypatch.setattr("bsinv.data._checks.__file__", str(tmp_path / "_checks.py"))
    with pytest.raises(DataError, match=message):
        read_json("broken.json")
