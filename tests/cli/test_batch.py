"""Several analyses in one command, and changes of them on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from bsinv.chains.files.store import read
from bsinv.cli import batch
from bsinv.cli.batch import Entry, run_all

from .conftest import QUICK, Command


def written(folder: Path, name: str, text: str = QUICK) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("name: quick", f"name: {name}"))
    return path


def test_each_in_its_own_directory_and_one_that_fails(bsinv: Command, tmp_path: Path) -> None:
    first, last = written(tmp_path, "first"), written(tmp_path, "last")
    broken = written(tmp_path, "broken", QUICK.replace("dC_L: {", "dC_l: {"))
    code, text, told = bsinv("fit", first, broken, last, "--out", "all", "--set", "seed=11")
    assert code == 2
    assert f"{broken}:5: parameters.dC_l: unknown parameter" in told
    table = text[text.rindex("┏") :]
    told_of = [line.split("│")[2].strip() for line in table.splitlines()[3:-1]]
    assert [word for word in told_of if word] == ["done", "error", "done"]
    for name in ("first", "last"):
        results = read(tmp_path / "all" / name / "run.h5")
        assert (results.name, results.seed) == (name, 11)
        assert "seed: 11" in results.analysis_text
    assert not (tmp_path / "all" / "broken").exists()


def test_one_directory_for_two_is_refused_before_anything(bsinv: Command, tmp_path: Path) -> None:
    first, same = written(tmp_path, "first"), tmp_path / "same.yaml"
    same.write_text(first.read_text())
    for arguments in (("fit", first, same), ("run", first, first)):
        code, text, told = bsinv(*arguments)
        assert (code, text) == (2, "")
        assert "would both write into first: give them different names" in told
    code, _, told = bsinv("run", first, written(tmp_path, "last"), "--set", "name=x")
    assert code == 2
    assert "would both write into x" in told
    assert not any(path.is_dir() for path in tmp_path.iterdir())


def test_validate_ends_with_a_table(bsinv: Command, tmp_path: Path) -> None:
    good = written(tmp_path, "good")
    code, text, _ = bsinv("validate", good, tmp_path / "none.yaml")
    assert code == 2
    assert "│ done" in text
    assert "│ error │ no such file." in text.replace("  ", "")
    assert bsinv("validate", good, written(tmp_path, "other"))[0] == 0
    code, text, told = bsinv("validate", good, "--set", "sampler.walkrs=8")
    assert (code, text) == (2, "")
    assert "sampler.walkrs: unknown key: did you mean 'walkers'?" in told


def test_changes_on_check_sample_and_toys(bsinv: Command, tmp_path: Path) -> None:
    quick = written(tmp_path, "quick")
    code, text, _ = bsinv("check", quick, "--set", "parameters.dC_L.start=1.25")
    assert code == 0
    assert "ln L at dC_L = 1.25" in text
    assert bsinv("sample", quick, "--set", "sampler.max_steps=60", "--set", "seed=5")[0] == 0
    results = read(tmp_path / "quick" / "run.h5")
    assert results.seed == 5
    assert "max_steps: 60" in results.analysis_text
    assert bsinv("toys", quick, "--number", "10", "--out", "t", "--set", "seed=5")[0] == 0
    assert read(tmp_path / "t" / "run.h5").seed == 5
    code, _, told = bsinv("limit", quick, "--of", "dC_L", "--set", "seeed=5")
    assert code == 2
    assert "seeed: unknown key: did you mean 'seed'?" in told
    for command in ("sample", "toys"):
        code, _, told = bsinv(command, "quick/run.h5", "--set", "seed=6")
        assert code == 2
        assert "--set: quick/run.h5 holds results" in told


def entries(count: int) -> list[Entry]:
    return [Entry(f"{n}.yaml", object(), Path(str(n))) for n in range(count)]  # type: ignore[arg-type]


def test_a_bug_or_a_full_disk_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    raised = [ZeroDivisionError("x"), OSError(28, "No space left on device"), MemoryError()]
    told: list[str] = []
    reached: list[Path] = []

    def work(_: object, directory: Path) -> object:
        reached.append(directory)
        raise raised[len(reached) - 1]

    listed = entries(3)
    run_all(listed, work, lambda outcome: None, told.append)  # type: ignore[arg-type]
    assert [entry.code for entry in listed] == [1, 2, 2]
    assert len(reached) == 3
    assert told[0] == "0.yaml: ZeroDivisionError: x"
    assert "No space left" in told[1]
    assert told[2] == "2.yaml: not enough memory."
    assert "Traceback" in capsys.readouterr().err
    assert batch.print_entries(listed) == 2


def test_an_interrupt_stops_all() -> None:
    reached: list[Path] = []

    def work(_: object, directory: Path) -> object:
        reached.append(directory)
        raise typer.Exit(130)

    with pytest.raises(typer.Exit):
        run_all(entries(2), work, lambda outcome: None, print)  # type: ignore[arg-type]
    assert reached == [Path("0")]
