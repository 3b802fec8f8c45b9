"""Lines of docs/guide/security.md without a better place; each there and on failures has a test."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bsinv
import numpy as np
import pytest
from attacks import unsealed
from bsinv.chains.files.store import read, write
from bsinv.chains.records import RunFile, Scan
from bsinv.errors import AnalysisError
from bsinv.fitter.runs.pictures import draw

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("page", "number"), [("guide/security.md", 4), ("project/reliability.md", 3)]
)
def test_every_line_names_a_test_that_is_there(page: str, number: int) -> None:
    text = (ROOT / "docs" / page).read_text()
    tables = re.findall(r"^\| \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert len(tables) == number
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) >= 15
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row.split("|")[-2])
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (ROOT / file).read_text(), (file, name)


def test_modules_in_the_directory_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unsealed(write(tmp_path / "run.h5", RunFile("x", "", 1)))
    for name in ("h5py", "json", "numpy", "bsinv"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    assert read(path).name == "x"
    assert not (tmp_path / "executed").exists()


def test_a_file_cannot_bring_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text("open('executed', 'w').close()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("mine", "mine:Model", "./mine.py", "os.system"):
        with pytest.raises(AnalysisError, match="unknown model"):
            bsinv.load({"name": "x", "model": name, "likelihoods": ["belle_2013_kpnunu_value"]})
    assert not (tmp_path / "executed").exists()


def test_names_of_pictures_stay_in_the_directory(tmp_path: Path) -> None:
    grid = np.linspace(-1, 1, 5)
    scan = Scan("s", ("../../x/\x1b[2J",), (grid,), -(grid**2))
    (tmp_path / "a" / "b").mkdir(parents=True)
    files = draw(RunFile("x", "", 1, scans=(scan,)), tmp_path / "a" / "b")
    assert set(files) == {"profile-x2J.png"}
    assert [entry.name for entry in tmp_path.rglob("*.png")] == ["profile-x2J.png"]


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("the network was used")

    connect: Callable[..., None] = refuse
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    analysis = {"model": "wet-lfu", "likelihoods": ["belle_2013_kpnunu_value"], "seed": 1}
    analysis["parameters"] = {"dC_L": {"prior": {"uniform": [-6.4, 20]}}}
    from bsinv.fitter.runs.run import fit_only, redraw

    fit_only({"name": "quiet", **analysis}, tmp_path)
    redraw(tmp_path / "run.h5")


def test_the_checksum_is_no_signature(tmp_path: Path) -> None:
    path = write(tmp_path / "run.h5", RunFile("x", "", 1))
    write(path, replace(read(path), seed=2))
    assert read(path).seed == 2


def test_no_file_is_unpickled_or_evaluated() -> None:
    for folder in ("chains", "fitter"):
        for file in (ROOT / folder).rglob("*.py"):
            # Plugins are code that a user names, see tests/cli/test_plugins.py.
            words = "eval" if file.name == "plugins.py" else "eval|exec"
            text = file.read_text()
            # What travels between processes of one job never lies in a file.
            pickled = "allow_pickle" if file.name == "shipping.py" else "import pickle|allow_pickle"
            assert not re.search(rf"{pickled}|\b({words})\(", text), file
