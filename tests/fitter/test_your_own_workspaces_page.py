"""The section on HistFactory likelihoods: what it shows is read as it stands and works."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bsinv.fitter.analysis import load

from ..likelihoods.reweighted import toy_channel
from ..likelihoods.reweighted.test_redist import toy_file

PAGE = (Path(__file__).parents[2] / "docs" / "guide" / "your-own.md").read_text("utf-8")
SECTION = PAGE.partition("\n## A HistFactory likelihood\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
ANALYSES = [text for kind, text in BLOCKS if kind == "yaml"]


@pytest.fixture
def folder(tmp_path):
    for name in ("likelihood.json", "ks.json"):
        (tmp_path / name).write_text(json.dumps(toy_channel.workspace()), "utf-8")
    saved = toy_file(2)
    (tmp_path / "model.json").write_text(json.dumps(saved), "utf-8")
    np.savetxt(tmp_path / "null.csv", toy_channel.null_spectrum(), fmt="%.17g")
    np.savetxt(tmp_path / "number_density.csv", toy_channel.density(), delimiter=",", fmt="%.17g")
    return tmp_path


def test_there_is_something_to_try():
    assert [text.split("\n")[0] for text in ANALYSES] == [
        "name: with-a-ks-channel",
        "name: shorter-forms",
    ]


@pytest.mark.parametrize("text", ANALYSES, ids=lambda text: text.split("\n")[0])
def test_analyses(text, folder):
    path = folder / "analysis.yaml"
    path.write_text(text, "utf-8")
    one = load(path)
    assert np.isfinite(one.problem.log_posterior(one.start[None])).all()
    assert all(term.own for term in one.terms)


def test_commands(folder, monkeypatch, capsys):
    from bsinv.cli.commands import main

    monkeypatch.chdir(folder)
    (block,) = [text for kind, text in BLOCKS if kind == "sh"]
    for line in block.splitlines():
        with pytest.raises(SystemExit) as ended:
            main(line.partition("#")[0].split()[1:])
        assert ended.value.code == 0
    assert "channel ks_sr" in capsys.readouterr().out
