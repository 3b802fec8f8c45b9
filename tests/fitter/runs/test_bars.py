"""Progress: bars in a notebook, silence in scripts, and what was asked for."""

import subprocess
import sys

import bsinv
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.runs.bars import bar, in_notebook

SETUP = """
import bsinv
analysis = bsinv.load({
    "name": "small", "model": "wet", "likelihoods": ["belle_2013_kpnunu_value"],
    "parameters": {"dC_L": {"prior": {"uniform": [-20, 3]}, "start": -1.0}},
    "sampler": {"walkers": 8, "max_steps": 60},
})
"""
LIMITS = """
light = bsinv.load({
    "name": "light", "model": "two-body-br", "likelihoods": ["belle2-2023-bknunu"],
    "parameters": {
        "m_X": {"prior": {"uniform": [0.0, 4.7]}, "start": 1.0},
        "BR_K": {"prior": {"uniform": [0.0, 40.0]}, "start": 3.0},
    },
})
"""
# What is done, and how its bar ends.
DONE = {
    "best = analysis.fit()": "fit, ",
    "analysis.profile('dC_L', points=5, best=best)": "profile, ",
    "analysis.sample(best=best)": "sample, 60",
    "analysis.toys(number=5, best=best)": "toys, 5 / 5, ",
    "light.limit('BR_K', {'m_X': [1.0, 2.0]})": "limit, 2 / 2, ",
    "light.significance('BR_K', {'m_X': [1.0, 2.0]}, toys=100)": "significance, 100 / 100, ",
}


@pytest.fixture(scope="module")
def cells():
    """Outputs of cells of a notebook, by their source."""
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    silent = "_ = analysis.fit(progress=False)"
    failed = """
def stop(*anything):
    raise RuntimeError("enough")
try:
    light.limit('BR_K', {'m_X': [1.0, 2.0]}, report=stop)
except RuntimeError:
    print("stopped")
"""
    sources = [SETUP, LIMITS, *(f"{one};" for one in DONE), silent, failed]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
    client.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return {cell["source"]: [dict(output) for output in cell["outputs"]] for cell in notebook.cells}


def pictures(outputs):
    return [o["data"] for o in outputs if "progress" in o.get("data", {}).get("text/html", "")]


@pytest.mark.parametrize(("source", "told"), DONE.items())
def test_a_notebook_shows_one_bar_that_ends(cells, source, told):
    (shown,) = pictures(cells[f"{source};"])
    assert shown["text/plain"].startswith(told)
    assert shown["text/plain"].endswith(", done")
    assert shown["text/html"].startswith("<progress value=")


def test_it_is_silent_if_told(cells):
    assert cells["_ = analysis.fit(progress=False)"] == []


def test_a_bar_tells_that_work_was_stopped(cells):
    outputs = cells[next(source for source in cells if "enough" in source)]
    (shown,) = pictures(outputs)
    assert shown["text/plain"].endswith(", stopped")
    assert any(output.get("text") == "stopped\n" for output in outputs)


def run(code):
    done = subprocess.run(
        [sys.executable, "-c", SETUP + code], capture_output=True, text=True, check=True
    )
    return done.stdout, done.stderr


def test_a_script_says_nothing_unless_asked():
    code = """
best = analysis.fit()
analysis.sample(best=best)
analysis.toys(number=3, best=best)
"""
    assert run(code) == ("", "")
    out, error = run("analysis.fit(progress=True)")
    assert out == ""
    assert error.startswith("fit")


def test_both_a_bar_and_who_else_asked_are_told():
    seen = []
    analysis = bsinv.load(
        {
            "name": "small",
            "model": "wet",
            "likelihoods": ["belle_2013_kpnunu_value"],
            "parameters": {"dC_L": {"prior": {"uniform": [-20, 3]}, "start": -1.0}},
        }
    )
    calls = []
    best = analysis.fit(calls.append)
    assert calls == sorted(calls)
    assert calls[-1] > 0
    analysis.toys(number=3, best=best, report=lambda study: seen.append(study.done))
    assert seen == [3]


def test_what_is_no_answer_is_refused():
    assert not in_notebook()
    with (
        pytest.raises(ParameterError, match="progress = 'yes' is not allowed: it must be True"),
        bar("fit", "yes"),
    ):
        pass
