"""What a shell offers, by the protocol of each shell."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def asked(environment, folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "bsinv", *arguments],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def bash(line, folder):
    words = line.split(" ")
    environment = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return asked({**environment, "_BSINV_COMPLETE": "complete_bash"}, folder).split()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nparameters:\n  # a comment\n  m_X: {prior: {uniform: [0, 1]}}\n\n"
        "  BR_K:\n    prior: {uniform: [0, 1]}\nseed: 1\n"
    )
    (tmp_path / "short.yaml").write_text(
        "parameters: {C_a: {prior: {uniform: [0, 1]}}, C_b: {prior: {normal: [0, 1]}}}\n"
    )
    (tmp_path / "run.h5").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "mould").mkdir()
    (tmp_path / "mould" / "deep.yaml").write_text("")
    return tmp_path


CASES = {
    "bsinv exp": ["export", "export-wcxf", "export-popxf"],
    "bsinv run b2": ["b2snunu-lfu", "b2snunu-lfu-kstar"],
    "bsinv run m": ["mine.yaml", "mould/"],
    "bsinv run mould/": ["mould/deep.yaml"],
    "bsinv run nowhere/": [],
    "bsinv plot ": ["mould/", "run.h5"],
    "bsinv plot run.h5 --kind cor": ["corner", "correlation"],
    "bsinv plot run.h5 --kind corner --show ": ["hessian", "prior", "profile"],
    "bsinv plot run.h5 --show ": [],
    "bsinv plot run.h5 --format p": ["pdf", "png"],
    "bsinv export-popxf --basis ": ["bsinv", "flavio"],
    "bsinv limit mine.yaml --of ": ["BR_K", "m_X"],
    "bsinv limit mine.yaml --of BR_K --scan ": ["BR_K=", "m_X="],
    "bsinv limit short.yaml --of C": ["C_a", "C_b"],
    "bsinv limit absent.yaml --of ": [],
    "bsinv limit b2snunu-lfu --of d": ["dC_L", "dC_R"],
    "bsinv limit mine.yaml --method ": ["bayes", "cls", "feldman-cousins"],
    "bsinv toys mine.yaml --at ": ["BR_K=", "best", "m_X=", "posterior", "sm"],
    "bsinv export run.h5 --to ": ["arviz", "csv", "getdist", "hepdata"],
    "bsinv run mine.yaml --executor ": ["dask:", "dask:local:", "mpi", "processes:", "serial"],
    "bsinv predict x --model two": ["two-body", "two-body-br"],
    "bsinv predict x --model two-body --set m": ["m_X="],
    "bsinv list obs": ["observables"],
}


@pytest.mark.parametrize(("line", "words"), CASES.items())
def test_words_that_fit(line, words, folder):
    found = bash(line, folder)
    if line.endswith("-set m"):
        assert set(words) <= set(found)
    else:
        assert found == words


def test_observables_are_quoted_where_bash_needs_it(folder):
    assert "'BR(B+->Knunu)'" in bash("bsinv predict BR(B+->Kn", folder)
    assert "BR(B+->Knunu)" in bash("bsinv predict 'BR(B+->Kn", folder)
    assert "BR(B+->Knunu)" in bash('bsinv predict "BR(B+->Kn', folder)


def test_zsh_and_fish(folder):
    out = asked(
        {"_TYPER_COMPLETE_ARGS": "bsinv run min", "_BSINV_COMPLETE": "complete_zsh"}, folder
    )
    assert out == "_arguments '*: :((\"mine.yaml\"))'\n"
    fish = {
        "_TYPER_COMPLETE_ARGS": "bsinv limit mine.yaml --of ",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_BSINV_COMPLETE": "complete_fish",
    }
    assert asked(fish, folder).split() == ["BR_K", "m_X"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_of_shells(shell, folder):
    script = asked({"_BSINV_COMPLETE": f"source_{shell}"}, folder)
    assert f"_BSINV_COMPLETE=complete_{shell}" in script
    assert "--install-completion" in asked({}, folder, "--help")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not there")
def test_bash_fills_in_a_word(folder):
    script = asked({"_BSINV_COMPLETE": "source_bash"}, folder)
    (folder / "bsinv").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bsinv "$@"\n')
    (folder / "bsinv").chmod(0o755)
    code = f"""{script}
COMP_WORDS=(bsinv limit mine.yaml --of m) COMP_CWORD=4
_bsinv_completion ./bsinv
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "m_X\n"


def test_it_is_fast_and_imports_no_numerics(folder):
    code = """
import sys
from bsinv.cli.commands import main
try:
    main()
except SystemExit:
    pass
heavy = {"numpy", "scipy", "ruamel", "h5py", "matplotlib"} & set(sys.modules)
print("loaded:", sorted(heavy))
"""
    line = {"COMP_WORDS": "bsinv predict BR", "COMP_CWORD": "2", "_BSINV_COMPLETE": "complete_bash"}
    spent = []
    for _ in range(3):
        before = time.perf_counter(), os.times().children_user + os.times().children_system
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **line},
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )
        spent.append(os.times().children_user + os.times().children_system - before[1])
    assert done.stdout.splitlines()[-1] == "loaded: []"
    assert min(spent) < 0.6  # 0.15 s on a machine that is free


def test_names_are_those_of_the_package():
    spec = importlib.util.spec_from_file_location("t", ROOT / "tools" / "make_completion.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.FILE.read_text(encoding="utf-8") == tool.names()
