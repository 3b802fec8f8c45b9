from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.store import read

Command = Callable[..., tuple[int, str, str]]


def change(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text)


def test_run_writes_everything_and_goes_on(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text, told = bsinv("run", quick, "--out", out)
    assert code == 0
    expected = {"run.h5", "corner.png", "spectrum.png", "dbdq2.png", "summary.md"}
    assert expected <= {entry.name for entry in out.iterdir()}
    assert "dC_L" in text
    assert "Converged: 2 ensembles" in text
    for name in expected:
        assert f"{out / name}: " in text
    assert told.splitlines()[:2] == ["fit", f"saved {out / 'run.h5'}"]
    first = read(out / "run.h5")

    code, _, told = bsinv("run", quick, "--out", out)
    assert code == 0
    steps = first.ensembles[0].steps
    assert told.splitlines()[0] == f"going on from {out / 'run.h5'}: the best fit, {steps} steps"
    again = read(out / "run.h5")
    np.testing.assert_array_equal(again.ensembles[1].chain, first.ensembles[1].chain)
    assert len(again.notes) == len(set(again.notes)) == len(first.notes)


def test_a_changed_analysis_is_not_resumed(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bsinv("fit", quick, "--out", out)[0] == 0
    change(quick, ("[-6.4, 20]", "[-6.3, 20]"), ("seed: 7", "seed: 8"))
    code, _, told = bsinv("run", quick, "--out", out)
    assert code == 2
    first, *keys = told.splitlines()
    assert first == (
        f"bsinv: error: {out / 'run.h5'}: the results file belongs to another run; to resume, "
        "undo what changed, otherwise choose another file, or set this one aside (--fresh):"
    )
    changed = [line.split(":")[0].strip() for line in keys]
    assert changed == ["parameters and priors", "likelihood at the start", "seed"]

    before = (out / "run.h5").read_bytes()
    code, _, told = bsinv("fit", quick, "--out", out, "--fresh")
    assert code == 0
    kept = list(out.glob("run-*.h5"))
    assert len(kept) == 1
    assert kept[0].read_bytes() == before
    assert f"renamed the results that were there to {kept[0]}" in told


def test_the_end_of_sampling_may_be_moved(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bsinv("sample", quick, "--out", out, "--max-steps", 60)[0] == 0
    assert read(out / "run.h5").ensembles[0].steps == 60
    assert bsinv("sample", out / "run.h5", "--max-steps", 130)[0] == 0
    assert read(out / "run.h5").ensembles[0].steps == 130
    code, _, told = bsinv("sample", out / "run.h5", "--fresh")
    assert (code, told) == (
        2,
        f"bsinv: error: {out / 'run.h5'} is continued in place: leave out --out and --fresh.\n",
    )


def test_a_seed_is_drawn_and_kept(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    change(quick, ("seed: 7\n", ""))
    assert bsinv("fit", quick, "--out", tmp_path / "a")[0] == 0
    assert bsinv("fit", quick, "--out", tmp_path / "b")[0] == 0
    seed = read(tmp_path / "a" / "run.h5").seed
    assert seed != read(tmp_path / "b" / "run.h5").seed
    assert bsinv("sample", quick, "--out", tmp_path / "a", "--max-steps", 50)[0] == 0
    assert read(tmp_path / "a" / "run.h5").seed == seed


def test_the_analysis_is_stored_verbatim(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    quick.write_text("# a comment\n" + quick.read_text())
    assert bsinv("fit", quick, "--out", tmp_path / "out")[0] == 0
    assert read(tmp_path / "out" / "run.h5").analysis_text == quick.read_text()


def test_fit_with_profile_and_contour(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    change(quick, ("fit: ", "inputs: {X_t: {prior: {normal: [1.469, 0.017]}}}\nfit: "))
    out = tmp_path / "out"
    code, text, _ = bsinv(
        "fit", quick, "--out", out, "--profile", "X_t", "--contour", "dC_L", "X_t"
    )
    assert code == 0
    for name in ("profile-X_t.png", "contour-dC_L-X_t.png", "summary.md"):
        assert f"{out / name}: " in text
    assert [scan.parameters for scan in read(out / "run.h5").scans] == [("X_t",), ("dC_L", "X_t")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("fit", "FILE", "--profile", "dC_R"),
            "unknown free parameter 'dC_R': did you mean 'dC_L'?",
        ),
        (
            ("fit", "FILE", "--contour", "dC_L", "dC_L"),
            "contours need two different parameters, not 'dC_L' twice.",
        ),
        (
            ("run", "FILE", "--out", "FILE"),
            "FILE is a file: choose a directory for the results with --out.",
        ),
        (("sample", "none.h5"), "none.h5: no such results file."),
    ],
)
def test_wrong_input_is_told_before_anything_is_computed(
    bsinv: Command, quick: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, text, told = bsinv(*(entry.replace("FILE", str(quick)) for entry in arguments))
    assert (code, text) == (2, "")
    assert told == f"bsinv: error: {message.replace('FILE', str(quick))}\n"
    assert [entry.name for entry in quick.parent.iterdir()] == [quick.name]


def test_dead_parameters_are_refused(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    change(quick, ("parameters:", "inputs: {m_tau: {prior: {uniform: [1, 2]}}}\nparameters:"))
    message = (
        "bsinv: error: quick: 'm_tau' changes no prediction of any likelihood: fix what does "
        "nothing, or add data that depend on it ('bsinv check' shows the table).\n"
    )
    for command in ("run", "fit", "sample"):
        assert bsinv(command, quick, "--out", tmp_path / "out") == (2, "", message)
    assert not (tmp_path / "out").exists()
    code, text, told = bsinv("check", quick)
    assert (code, told) == (2, message)
    assert "m_tau" in text


def test_a_failed_fit_is_written_and_told(
    bsinv: Command, quick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bsinv.fitter.drivers.minimum import minuit

    monkeypatch.setattr(minuit, "verdict", lambda *_: (False, "No minimum."))
    code, text, told = bsinv("fit", quick, "--out", tmp_path / "out")
    assert code == 1
    best = read(tmp_path / "out" / "run.h5").best_fit
    assert best is not None
    assert not best.valid
    assert told.splitlines()[-1] == f"bsinv: error: the fit failed: {best.status}"
    assert "summary.md" in text


def test_plot_and_show_need_the_file_alone(bsinv: Command, quick: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert bsinv("sample", quick, "--out", out, "--max-steps", 100)[0] == 0
    quick.unlink()
    code, text, _ = bsinv("plot", out / "run.h5", "--out", tmp_path / "pictures")
    assert code == 0
    assert "corner.png: " in text
    assert (tmp_path / "pictures" / "summary.md").exists()

    code, text, _ = bsinv("show", out / "run.h5")
    assert "Observables" in text
    assert "belle_2013_kpnunu_value" in text
    assert code == 0
    for part in ("Best fit: ", "Not converged: ", "Note: ", "seed 7", "belle_2013_kpnunu_value"):
        assert part in text
    assert r"\begin{tabular}" in bsinv("show", out / "run.h5", "--latex")[1]

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    record = json.loads(bsinv("show", out / "run.h5", "--json")[1], parse_constant=refuse)
    assert record["seed"] == 7
    assert record["best_fit"]["valid"] is True
    low, high = record["posterior"]["dC_L"]["interval_68"]
    assert low < high
    assert {entry["name"] for entry in record["predictions"]} >= {"BR(B+->Knunu)"}


def start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bsinv", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )


def test_an_interrupt_saves_and_says_so(quick: Path, tmp_path: Path) -> None:
    change(quick, ("200,", "1000000,"))
    path = tmp_path / "out" / "run.h5"
    process = start(["sample", str(quick), "--out", str(path.parent)])
    assert process.stderr is not None
    for line in process.stderr:
        if line.endswith(" steps\n"):
            break
    os.kill(process.pid, signal.SIGINT)
    told = process.stderr.read().splitlines()
    assert process.wait() == 130
    steps = read(path).ensembles[0].steps
    assert told[-1] == (
        f"bsinv: stopped; {steps} steps are saved in {path}. The same command (without --fresh) "
        "goes on from there."
    )


def test_ten_kills_change_nothing(quick: Path, tmp_path: Path) -> None:
    """kill -9 at random times: nothing saved is lost, and the chain is that of a quiet run."""
    change(quick, ("200,", "1000000,"), ("walkers: 8", "max_steps: 2000"))
    quiet = start(["sample", str(quick), "--out", str(tmp_path / "quiet")])
    path = tmp_path / "killed" / "run.h5"
    command = ["sample", str(quick), "--out", str(path.parent)]
    rng = np.random.default_rng(5)
    saved, kills = 0, 0
    while kills < 10:
        process = start(command)
        assert process.stderr is not None
        left = int(rng.integers(1, 3))
        for line in process.stderr:
            if line.startswith("saved "):
                saved = int(line.split()[-2]) if line.endswith(" steps\n") else saved
                left -= 1
            if not left:
                break
        # Somewhere in the next steps or the next write.
        try:
            process.wait(rng.uniform(0.0, 0.02))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        else:
            pytest.fail(f"the run ended by itself after {kills} kills")
        rest = process.stderr.read().splitlines()
        told = [int(line.split()[-2]) for line in rest if line.endswith(" steps")]
        saved = max([saved, *told])
        found = read(path)
        assert found.best_fit is not None
        assert min((entry.steps for entry in found.ensembles), default=0) >= saved
    assert start(command).wait() == 0
    assert quiet.wait() == 0
    expected, found = read(tmp_path / "quiet" / "run.h5"), read(path)
    for one, other in zip(expected.ensembles, found.ensembles, strict=True):
        np.testing.assert_array_equal(other.chain, one.chain)
        np.testing.assert_array_equal(other.log_posterior, one.log_posterior)
        np.testing.assert_array_equal(other.accepted, one.accepted)
