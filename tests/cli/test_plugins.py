"""Objects of a user's own on the command line, and in results that are gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bsinv as package
import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.errors import StoreError
from bsinv.fitter.runs.run import resume

Command = Callable[..., tuple[int, str, str]]

PLUGIN = """\
import pathlib
import bsinv
import numpy as np
from bsinv.likelihoods.base import predict_one
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

pathlib.Path("executed").touch()


class Third(bsinv.Model):
    name, description = "third", "shift of C_L of tau neutrinos"
    parameters = (bsinv.ModelParameter("C_tau", "C", "1", 0.0, -100.0, 100.0, "shift"),)

    def wilson(self, values, inputs):
        matrix = np.zeros((len(values["C_tau"]), 3, 3), dtype=complex)
        matrix[:, 2, 2] = values["C_tau"]
        return Wilson({"dC_L": matrix})


class Value(bsinv.Term):
    name, description, includes_constants = "my-value", "a value", False
    observables, data_ids = ("twice",), ("my-value",)

    def predict(self, wilson, inputs):
        return predict_one("twice", wilson, inputs)

    def log_likelihood(self, prediction):
        return -0.5 * ((prediction - 2e-5) / 6e-6) ** 2

    def pull(self, prediction):
        return (2e-5 - prediction) / 6e-6


def twice(wilson, inputs):
    return 2.0 * observable("BR(B+->Knunu)")(wilson, inputs)


MODELS, TERMS = [Third()], [Value()]
OBSERVABLES = [bsinv.Observable("twice", "2B", "1", twice)]
"""


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the plugin leaves where it is executed stays out of the tree."""
    monkeypatch.chdir(tmp_path)


ANALYSIS = """\
name: third
model: third
likelihoods: [belle_2017_kst0nunu, my-value, {name: stated, observable: twice, value: 2e-5, error: 1e-5}]
parameters:
  C_tau: {prior: {uniform: [-10, 40]}, start: 20.0}
predictions: [twice]
sampler: {ensembles: 2, walkers: 8, max_steps: 30}
seed: 3
"""  # noqa: E501
BROUGHT = "From the plugin mine.py: model third, term my-value, observable twice."


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Analysis and plugin."""
    analysis, plugin = tmp_path / "third.yaml", tmp_path / "mine.py"
    analysis.write_text(ANALYSIS)
    plugin.write_text(PLUGIN)
    return analysis, plugin


def test_a_run_with_a_plugin_goes_on(
    bsinv: Command, files: tuple[Path, Path], tmp_path: Path
) -> None:
    analysis, plugin = files
    out, stored = tmp_path / "out", tmp_path / "out" / "run.h5"
    code, _, told = bsinv("sample", analysis, "--out", out, "--plugin", plugin)
    assert code == 0
    assert told.startswith(f"bsinv: note: {BROUGHT}\n")
    first = read(stored)
    assert first.plugins == {"mine.py": PLUGIN}
    assert BROUGHT in first.notes
    assert first.fingerprint["model"] == "third (plugin mine.py)"
    assert "twice" in [entry.name for entry in first.predictions]

    # What is shown needs no plugin, and executes none.
    (tmp_path / "executed").unlink()
    code, text, _ = bsinv("show", stored)
    assert code == 0
    assert "plugin mine.py" in text
    assert json.loads(bsinv("show", stored, "--json")[1])["plugins"] == {"mine.py": PLUGIN}
    code, _, told = bsinv("sample", stored, "--max-steps", 40)
    assert code == 2
    assert told == (
        "bsinv: error: the run was made with the plugin mine.py, whose text in the results is not "
        "executed by itself: add --plugin mine.py (in Python plugins=[...]), or "
        "--trust-stored-plugin if you trust who wrote the file.\n"
    )
    for command in (("resume",), ("show", "--cite"), ("export-wcxf",)):
        assert bsinv(*command, stored)[0] == 2
    assert not (tmp_path / "executed").exists()

    code, _, told = bsinv("sample", stored, "--max-steps", 40, "--plugin", plugin)
    assert (code, told.splitlines()[0]) == (0, BROUGHT)
    assert read(stored).ensembles[0].steps == 40
    assert (tmp_path / "executed").exists()
    plugin.rename(tmp_path / "kept.py")
    assert bsinv("sample", stored, "--max-steps", 50, "--trust-stored-plugin")[0] == 0
    longer = read(stored)
    assert longer.ensembles[0].steps == 50
    np.testing.assert_array_equal(longer.ensembles[1].chain[:30], first.ensembles[1].chain)
    assert bsinv("export-wcxf", stored, "--trust-stored-plugin")[0] == 0


def test_a_changed_plugin_is_refused(
    bsinv: Command, files: tuple[Path, Path], tmp_path: Path
) -> None:
    analysis, plugin = files
    out = tmp_path / "out"
    assert bsinv("fit", analysis, "--out", out, "--plugin", plugin)[0] == 0
    plugin.write_text(PLUGIN + "# a remark\n")
    for command in (("resume", out / "run.h5"), ("run", analysis, "--out", out)):
        code, _, told = bsinv(*command, "--plugin", plugin)
        assert code == 2
        first, *keys = [line for line in told.splitlines() if "note" not in line][-2:]
        assert "the results file belongs to another run" in first
        assert [key.split(":")[0].strip() for key in keys] == ["plugin mine.py"]
    plugin.write_text(PLUGIN.replace("6e-6", "7e-6"))
    told = bsinv("run", analysis, "--out", out, "--plugin", plugin)[2]
    assert "\n  likelihood at the start: " in told


def test_check_validate_predict_and_list(bsinv: Command, files: tuple[Path, Path]) -> None:
    analysis, plugin = files
    with_plugin = ("--plugin", plugin)
    assert bsinv("check", analysis, *with_plugin)[0] == 0
    code, text, told = bsinv("validate", analysis, *with_plugin)
    assert code == 0
    assert "valid: third, model third, 3 likelihood terms" in text
    assert told == f"bsinv: note: {BROUGHT}\n"
    assert bsinv("validate", analysis)[0] == 2
    asked = ("predict", "twice", "--model", "third", "--set", "C_tau=3", "--json", *with_plugin)
    value = json.loads(bsinv(*asked)[1])["predictions"][0]["value"]
    same = package.predict("BR(B+->Knunu)", "wet-diagonal", dC_L_tautau=3.0)
    assert value == pytest.approx(2.0 * same, rel=1e-12)
    for what, name in (("models", "third"), ("observables", "twice"), ("likelihoods", "my-value")):
        listed = json.loads(bsinv("list", what, "--json", *with_plugin)[1])
        assert listed[-1]["name"] == name
    code, _, told = bsinv("list", "constants", *with_plugin)
    assert (code, told) == (
        2,
        "bsinv: error: --plugin goes with the lists of models, observables and likelihoods, not "
        "constants.\n",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = (\n", "mine.py:1: the plugin fails: SyntaxError: '(' was never closed."),
        ("import nowhere\n", "mine.py:1: the plugin fails: ModuleNotFoundError: "),
        ("models = []\n", "mine.py: there is nothing to take: "),
    ],
)
def test_a_plugin_that_fails_is_one_sentence(
    bsinv: Command, files: tuple[Path, Path], text: str, told: str
) -> None:
    analysis, plugin = files
    plugin.write_text(text)
    for command in ("run", "fit", "sample", "check", "validate"):
        code, _, error = bsinv(command, analysis, "--plugin", plugin)
        assert code == 2
        assert error.startswith("bsinv: error: ")
        assert told in error
        assert error.count("\n") == 1


def test_a_run_of_python_is_resumed_from_python(files: tuple[Path, Path], tmp_path: Path) -> None:
    from bsinv.fitter.plugins import read_plugin
    from bsinv.fitter.runs.run import fit_only

    plugin = read_plugin(files[1])
    own = {"terms": plugin.terms, "observables": plugin.observables}
    given = {"model": plugin.models[0], **own}
    fit_only(package.load(ANALYSIS, **given), tmp_path)
    stored = tmp_path / "run.h5"
    found = read(stored)
    assert not found.plugins
    assert "Given in Python: model third, term my-value, observable twice." in found.notes
    with pytest.raises(
        StoreError, match=r"\(Given in Python: model third, .*\): give the same aga"
    ):
        resume(stored)
    with pytest.raises(StoreError, match=r"unknown model 'third'"):
        resume(stored, **own)
    steps = [entry.steps for entry in package.resume(stored, **given).results.ensembles]
    assert steps == [30, 30]
    # Terms that the file does not list are missed all the same.
    unlisted = tmp_path / "unlisted"
    text = ANALYSIS.replace("my-value, ", "")
    fit_only(package.load(text, **given), unlisted)
    lacking = {**given, "terms": ()}
    with pytest.raises(StoreError, match=r"term my-value: 'my-value .*' in the file, absent now"):
        resume(unlisted / "run.h5", **lacking)


def test_a_text_that_somebody_put_into_results_is_not_executed(
    bsinv: Command, quick: Path, tmp_path: Path
) -> None:
    assert bsinv("fit", quick, "--out", tmp_path)[0] == 0
    stored, mark = tmp_path / "run.h5", tmp_path / "mark"
    text = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nTERMS = [1]\n"
    write(stored, replace(read(stored), plugins={"harm.py": text}))
    for command in ("show", "resume", "sample"):
        bsinv(command, stored)
    bsinv("show", stored, "--cite")
    assert not mark.exists()
    assert bsinv("resume", stored, "--trust-stored-plugin")[0] == 2
    assert mark.exists()
    # A run that needs none drops them.
    mark.unlink()
    assert bsinv("fit", quick, "--out", tmp_path)[0] == 0
    assert not mark.exists()
    assert not read(stored).plugins


def test_toys_of_a_term_that_has_no_data_name_it(
    bsinv: Command, files: tuple[Path, Path], tmp_path: Path
) -> None:
    analysis, plugin = files
    code, _, told = bsinv("toys", analysis, "--number", 2, "--out", tmp_path, "--plugin", plugin)
    assert code == 2
    assert told.splitlines()[0] == f"bsinv: note: {BROUGHT}"
    assert "bsinv: error: my-value: data cannot be drawn or replaced, since Value does" in told
    stored = tmp_path / "run.h5"
    code, _, told = bsinv("toys", stored, "--number", 2)
    assert (code, "--trust-stored-plugin" in told) == (2, True)
