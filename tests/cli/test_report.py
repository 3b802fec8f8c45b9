"""The command that writes a report: what it takes, what it refuses, what it leaves alone."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import h5py
import pytest
from bsinv.chains import RunFile, write
from bsinv.chains.records import ParameterRecord
from bsinv.chains.report.about import About
from bsinv.fitter.runs import report as module

from .conftest import QUICK

MODEL = """
from bsinv.models import Model, ModelParameter, Wilson
from pathlib import Path
Path({mark!r}).touch()

class Mine(Model):
    name = "mine"
    description = "a coupling of my own"
    lagrangian = r"\\mathcal{{L}} = g\\,\\bar s b\\,\\phi"
    parameters = (ModelParameter("g", "g", "1", 0.5, -30.0, 30.0, "coupling"),)

    def wilson(self, values, inputs):
        import numpy as np
        return Wilson({{"dC_L": values["g"][:, None, None] * np.eye(3)}})

MODELS = [Mine()]
"""


def small(path, **changes):
    """Results with nothing but parameters."""
    given = {
        "name": "quick",
        "analysis_text": QUICK,
        "seed": 7,
        "parameters": (ParameterRecord("dC_L", r"\Delta C_L", prior="uniform [-6.4, 20]"),),
    }
    return write(path, RunFile(**given | changes))


@pytest.fixture
def results(bsinv):
    """A results file in the directory at hand."""
    return small(Path("run.h5"))


def test_a_report_of_a_fit(bsinv, quick):
    assert bsinv("fit", quick)[0] == 0
    results = Path("quick/run.h5")
    before = results.read_bytes()
    code, out, err = bsinv("report", results)
    page = Path("quick/run-report.html")
    assert (code, out, err) == (0, f"{page}: report of {results}\n", "")
    text = page.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    # Of the model, the data with their references, how to cite, the file.
    for told in (
        *("wet-lfu: vector operators", "bar\\nu_i\\gamma^\\mu", "arXiv:1303.3719", "@article{"),
        *("https://arxiv.org/abs/1303.3719", hashlib.sha256(before).hexdigest()),
        *("bsinv fit quick.yaml", "bsinv sample run.h5", "target_ess: 200"),
    ):
        assert told in text, told
    assert results.read_bytes() == before
    assert sorted(one.name for one in Path("quick").glob("*.tmp")) == []


def test_where_it_is_written(bsinv, results, tmp_path):
    code, out, _ = bsinv("report", results, "-o", "pages/mine.html")
    assert (code, out) == (0, f"pages/mine.html: report of {results}\n")
    assert Path("pages/mine.html").stat().st_size > 10_000


def test_a_report_is_replaced_and_nothing_else(bsinv, results):
    page = Path("page.html")
    assert bsinv("report", results, "--out", page)[0] == 0
    first = page.read_text()
    assert bsinv("report", results, "--out", page)[0] == 0
    assert page.read_text() == first
    for name in ("notes.html", results):
        other = Path(name)
        if not other.exists():
            other.write_text("<html>my notes</html>")
        before = other.read_bytes()
        code, out, err = bsinv("report", results, "-o", other)
        told = f"bsinv: error: {other}: is there and no report: give another name, or remove it.\n"
        assert (code, out, err) == (2, "", told)
        assert other.read_bytes() == before


def test_a_directory_is_no_page(bsinv, results):
    Path("pages").mkdir()
    code, _, err = bsinv("report", results, "-o", "pages")
    told = "bsinv: error: pages: is a directory: give the name of the page.\n"
    assert (code, err) == (2, told)


def test_a_page_is_named_as_one(bsinv, results):
    code, _, err = bsinv("report", results, "-o", "page.pdf")
    told = "bsinv: error: page.pdf: the page is HTML: end its name in .html or .htm.\n"
    assert (code, err) == (2, told)
    assert not Path("page.pdf").exists()


@pytest.mark.parametrize(
    ("text", "message"), [(None, "cannot be read: No such file"), ("1 / 0", "ZeroDivisionError")]
)
def test_a_plugin_that_is_given_is_read(bsinv, results, text, message):
    if text is not None:
        Path("mine.py").write_text(text)
    code, _, err = bsinv("report", results, "--plugin", "mine.py")
    assert code == 2
    assert err.startswith("bsinv: error: mine.py:")
    assert message in err
    assert not Path("run-report.html").exists()


def test_a_pipe_is_no_page(bsinv, results):
    os.mkfifo("pipe")
    code, _, err = bsinv("report", results, "-o", "pipe")
    assert (code, err) == (2, "bsinv: error: pipe: is no regular file: give another name.\n")


def test_a_file_that_is_replaced_while_it_is_read(bsinv, results, monkeypatch):
    def later(file, run, own):
        small(results, seed=8)
        return About(file.name)

    monkeypatch.setattr(module, "_about", later)
    code, _, err = bsinv("report", results)
    told = "bsinv: error: run.h5: was replaced while it was read: try again.\n"
    assert (code, err) == (2, told)
    assert not Path("run-report.html").exists()


def test_runs_beside_each_other(bsinv, results):
    shutil.copy(results, "other.h5")
    code, out, _ = bsinv("report", results, "other.h5", "-o", "both.html")
    assert (code, out) == (0, "both.html: report of 2 results files\n")
    text = Path("both.html").read_text()
    assert "quick (run.h5) and quick (other.h5)" in text
    assert "Best fits" in text
    assert "no best fit" in text


def test_one_file_twice(bsinv, results):
    code, _, err = bsinv("report", results, results)
    assert (code, err) == (2, "bsinv: error: a results file is given twice: give each once.\n")


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "cut", "analysis", "damaged"])
def test_what_is_no_results_file(bsinv, quick, kind, tmp_path):
    file = tmp_path / "run.h5"
    whole = small(tmp_path / "good.h5").read_bytes()
    if kind != "missing":
        file.write_bytes(
            {
                "empty": b"",
                "text": b"no results",
                "cut": whole[: len(whole) // 2],
                "analysis": quick.read_bytes(),
                "damaged": whole[:-40] + b"\xff" * 40,
            }[kind]
        )
    code, out, err = bsinv("report", file)
    assert (code, out) == (2, "")
    assert err.startswith(f"bsinv: error: {file}")
    assert err.count("\n") == 1
    assert not (tmp_path / "run-report.html").exists()


def test_a_plugin_in_results_is_not_executed(bsinv, tmp_path):
    mark = tmp_path / "executed"
    plugin = tmp_path / "mine.py"
    plugin.write_text(MODEL.format(mark=str(mark)))
    analysis = QUICK.replace("wet-lfu", "mine").replace("dC_L", "g")
    file = small(
        tmp_path / "run.h5",
        analysis_text=analysis,
        plugins={"mine.py": plugin.read_text()},
        parameters=(ParameterRecord("g", prior="uniform [-6.4, 20]"),),
    )
    code, _, _ = bsinv("report", file)
    page = tmp_path / "run-report.html"
    text = page.read_text("utf-8")
    assert code == 0
    assert not mark.exists()
    assert "the run was made with the plugin mine.py" in text
    assert "not executed by itself" in text
    assert "class Mine(Model)" in text  # its text is shown
    assert "Its Lagrangian is not known" in text
    # Named, it tells of the model.
    code, _, _ = bsinv("report", file, "--plugin", plugin)
    assert code == 0
    assert mark.exists()
    assert 'aria-label="\\mathcal{L} = g\\,\\bar s b\\,\\phi"' in page.read_text("utf-8")


def test_an_analysis_that_is_not_valid_now(bsinv, tmp_path):
    text = QUICK.replace("belle_2013_kpnunu_value", "belle_1999_gone")
    file = small(tmp_path / "run.h5", analysis_text=text + "description: A question of old.\n")
    code, _, _ = bsinv("report", file)
    page = (tmp_path / "run-report.html").read_text("utf-8")
    assert code == 0
    assert "A question of old." in page
    assert "References are not known: the analysis stored in the results is not valid now" in page


def test_an_analysis_that_is_no_yaml(bsinv, tmp_path):
    file = small(tmp_path / "run.h5", analysis_text="{<b>: [")
    assert bsinv("report", file)[0] == 0
    assert "{&lt;b&gt;: [" in (tmp_path / "run-report.html").read_text("utf-8")


def test_a_file_of_an_earlier_version(bsinv, tmp_path):
    # Without checksum and in the first layout: told, read, and shown.
    file = small(tmp_path / "run.h5")
    with h5py.File(file, "r+") as stored:
        stored.attrs["schema_version"] = 1
        del stored["checksums"]
    with file.open("r+b") as stream:
        stream.write(bytes(512))
    code, _, err = bsinv("report", file)
    assert code == 0
    assert err.startswith("bsinv: note: ")
    assert "layout 1" in (tmp_path / "run-report.html").read_text("utf-8")
