"""The page on measurements of one's own: what it shows is read as it stands and works."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from bsinv.fitter.analysis import load

PAGE = (Path(__file__).parents[2] / "docs" / "guide" / "your-own.md").read_text("utf-8")
PAGE = PAGE.partition("\n## A measurement\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ANALYSES = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith("name:")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (records,) = [text for kind, text in BLOCKS if "\nentries:" in text]
    (table,) = [text for kind, text in BLOCKS if kind == "text"]
    (tmp_path / "my-measurements.yaml").write_text(records, "utf-8")
    (tmp_path / "limits.csv").write_text(table, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_is_something_to_try():
    assert len(ANALYSES) == 3


@pytest.mark.parametrize("text", ANALYSES, ids=lambda text: text.split("\n")[0])
def test_analyses(text, folder):
    path = folder / "analysis.yaml"
    path.write_text(text, "utf-8")
    one = load(path)
    assert np.isfinite(one.problem.log_posterior(one.start[None])).all()
    assert any(term.own for term in one.terms)


def test_python(folder):
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(code, {})
    assert "BR(B+->Knunu)[q2min=1, q2max=6]" in told.getvalue()
