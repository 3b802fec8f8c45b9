from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from bsinv.cli.commands import app
from typer.testing import CliRunner

Command = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("what", ["models", "observables", "likelihoods", "analyses", "data"])
def test_lists(bsinv: Command, what: str) -> None:
    code, text, told = bsinv("list", what)
    assert (code, told) == (0, "")
    records = json.loads(bsinv("list", what, "--json")[1])
    assert records
    for record in records:
        assert record["id" if what == "data" else "name"] in text


def test_list_data_gives_experiment_value_and_reference(bsinv: Command) -> None:
    line = next(
        line for line in bsinv("list", "data")[1].splitlines() if "belle2_2023_kpnunu " in line
    )
    for part in ("Belle II 2023", "2.3e-05 +7.1e-06 -6.4e-06", "arXiv:2311.14647"):
        assert part in line


def test_data_that_enter_no_fit(bsinv: Command) -> None:
    from bsinv.data.measurements import measurements
    from bsinv.likelihoods.measured import usable

    records = json.loads(bsinv("list", "data", "--unused", "--json")[1])
    found = {record["id"]: record["why"] for record in records}
    assert set(found) == {id for id, one in measurements().items() if not usable(one)}
    assert all(found.values())
    assert found["belle2_2025_xsnunu_low_value"] == "seen in no source: unconfirmed"
    assert found["belle_2017_pinunu_combined"].startswith("how the charged and the neutral mode")
    # Limits whose observables are predicted now.
    for name in ("belle_2017_pipnunu", "belle_2013_rho0nunu", "belle2_2025_xsnunu_mid"):
        assert name not in found
    assert "belle_2013_phinunu" in bsinv("list", "data", "--unused")[1]
    code, _, told = bsinv("list", "models", "--unused")
    assert code != 0
    assert "--unused goes with the list of data, not with that of models" in told


def test_predict(bsinv: Command) -> None:
    arguments = ("BR(B+->Knunu)", "dBR/dq2(B+->Knunu)", "--set", "dC_L=1", "--q2", "1,5")
    code, text, _ = bsinv("predict", *arguments)
    assert code == 0
    assert "q2 = 5" in text
    record = json.loads(bsinv("predict", *arguments, "--errors", "--json")[1])
    assert record["settings"] == {"dC_L": 1.0}
    total, spectrum = record["predictions"]
    assert 0 < total["error"] < 0.2 * total["value"]
    assert spectrum["kinematics"] == {"q2": [1.0, 5.0]}
    assert len(spectrum["value"]) == len(spectrum["error"]) == 2


def test_predict_in_a_range_of_q2(bsinv: Command) -> None:
    def value(*limits: str) -> float:
        settings = [part for limit in limits for part in ("--set", limit)]
        record = json.loads(bsinv("predict", "BR(B+->Knunu)", *settings, "--json")[1])
        return float(record["predictions"][0]["value"])

    parts = value("q2max=6") + value("q2min=6")
    assert parts == pytest.approx(value(), rel=1e-9)
    assert value("long_distance=true") > value()


def test_predict_with_kinematics_in_the_name(bsinv: Command, tmp_path: Path) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(
        "import bsinv\n"
        "from bsinv.physics.observables import observable\n"
        "def low(wilson, inputs, **limits):\n"
        "    return 2.0 * observable('BR(B+->Knunu)')(wilson, inputs, **limits)\n"
        "OBSERVABLES = [bsinv.Observable('mine', 'm', '1', low, (), ('q2min', 'q2max'))]\n"
    )
    names = ("BR(B+->Knunu)[q2max=6, q2min=1]", "dBR/dq2(B+->Knunu)[q2=4]", "mine[q2min=1,q2max=6]")
    code, text, told = bsinv("predict", *names, "--errors", "--json", "--plugin", plugin)
    assert code == 0, told
    first, point, own = json.loads(text)["predictions"]
    assert first["observable"] == "BR(B+->Knunu)[q2min=1, q2max=6]"
    limits = ("--set", "q2min=1", "--set", "q2max=6")
    (same,) = json.loads(bsinv("predict", "BR(B+->Knunu)", *limits, "--json")[1])["predictions"]
    assert first["value"] == pytest.approx(same["value"], rel=1e-12)
    assert own["value"] == pytest.approx(2.0 * same["value"], rel=1e-12)
    assert 0.0 < point["error"] < 0.2 * point["value"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "predict BR(B+->Knun)",
            "unknown observable 'BR(B+->Knun)': did you mean 'BR(B+->Knunu)' or "
            "'BR(B+->K+nunu)' or 'BR(B+->K*nunu)'?",
        ),
        ("predict RK(nunu) --set cVL", "--set 'cVL': name=value is needed."),
        ("predict RK(nunu) --set dC_L=x", "--set dC_L: 'x' is not a number."),
        ("predict RK(nunu) --set dC_L=1 --set dC_L=2", "--set: dC_L is set twice."),
        ("predict RK(nunu) --q2 1", "none of the observables takes q2: RK(nunu)."),
        ("predict RK(nunu) --model wett", "unknown model 'wett': did you mean 'wet'?"),
        (
            "predict dBR/dq2(B+->Knunu)",
            "dBR/dq2(B+->Knunu) needs a value of q2 (GeV^2).",
        ),
        (
            "list modles",
            "unknown list 'modles': did you mean 'models'?",
        ),
        (
            "runn",
            "No such command 'runn'. Did you mean 'run'? ('bsinv --help' shows what there is.)",
        ),
        (
            "run no-such-analysis",
            "'no-such-analysis' is neither a file nor a built-in analysis; known: b2snunu-lfu, "
            "b2snunu-lfu-kstar, belle2-signal-strength, belle2-wet-eos.",
        ),
        ("show none.h5", "none.h5: no such results file."),
        (
            "check belle2-signal-strength --point nu=1",
            "unknown free parameter 'nu'; known: mu.",
        ),
    ],
)
def test_wrong_input(bsinv: Command, arguments: str, message: str) -> None:
    assert bsinv(*arguments.split(" ")) == (2, "", f"bsinv: error: {message}\n")


def test_an_unknown_option_is_told_in_one_line(bsinv: Command) -> None:
    code, text, told = bsinv("run", "--fresch")
    assert (code, text) == (2, "")
    assert told.startswith("bsinv: error: No such option: --fresch")
    assert "--fresh" in told
    assert told.count("\n") == 1


def test_check(bsinv: Command, quick: Path) -> None:
    code, text, told = bsinv("check", quick, "--point", "dC_L=2")
    assert (code, told) == (0, "")
    assert "ln L at dC_L = 2:" in text
    assert "No dead parameter, no flat direction." in text
    record = json.loads(bsinv("check", quick, "--json")[1])
    assert set(record["sensitivity"]) == {"belle_2013_kpnunu_value", "babar_2013_k0nunu_combined"}
    assert record["dead"] == []


def test_check_names_what_would_lift_a_flat_direction(bsinv: Command, quick: Path) -> None:
    right = "parameters:\n  dC_R: {prior: {uniform: [-10, 10]}}\n"
    quick.write_text(quick.read_text().replace("parameters:\n", right))
    code, text, told = bsinv("check", quick)
    assert (code, told) == (0, "")
    plain = " ".join(text.split())
    assert "Flat direction, in units of the typical changes:" in plain
    assert "data: belle_2013_kst0nunu, belle_2017_kst0nunu" in plain
    assert "No dead parameter, no flat direction." not in plain
    record = json.loads(bsinv("check", quick, "--point", "dC_L=2", "--json")[1])
    assert record["outlook"]["place"] == "the point given"
    (direction,) = record["outlook"]["directions"]
    assert direction["kind"] == "straight"
    assert set(direction["components"]) == {"dC_L", "dC_R"}
    assert "BR(B0->K*nunu)" in {lift["observable"] for lift in direction["lifts"]}


def test_check_sees_the_spectrum_beside_the_column_of_outside_events(bsinv: Command) -> None:
    record = json.loads(bsinv("check", "b2snunu-lfu", "--json")[1])
    for name in ("dC_L", "dC_R", "BtoK_a0_f+"):
        assert record["sensitivity"]["belle2-2023-bknunu"][name] > 0.01
    assert "BtoK_a0_fT" in record["marginalised"]


def test_validate_tells_every_file(bsinv: Command, quick: Path) -> None:
    wrong = quick.with_name("wrong.yaml")
    wrong.write_text(quick.read_text().replace("wet-lfu", "wet-flu"))
    code, text, told = bsinv("validate", wrong, quick)
    assert code == 2
    begin = f"{quick}: valid: quick, model wet-lfu, 2 likelihood terms, 1 free parameters; a run"
    assert text.startswith(f"{begin} takes")
    assert re.fullmatch(
        r" about \d+ s \(fit \d+ s, scans 0 s, samples \d+ s, at most \d+ (s|min)\), "
        r"\d+ MB of memory \(at most \d+ MB\) and a file of \d+ MB \(at most \d+ MB\)\n",
        text[: text.index("\n") + 1].removeprefix(f"{begin} takes"),
    )
    assert told == (
        f"bsinv: error: {wrong}:2: model: unknown model 'wet-flu': did you mean 'wet-lfu' or "
        "'wet-full' or 'wet'?\n"
    )
    assert bsinv("validate", quick)[0] == 0


def test_a_long_run_is_only_begun_with_a_yes(
    bsinv: Command, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a person sits; a script has nobody to ask."""
    small = "walkers: 8, target_ess: 200"
    quick.write_text(quick.read_text().replace(small, "walkers: 60000, target_ess: 1.0e+12"))
    begun = []

    def begin(*_: object, **__: object) -> None:
        begun.append(True)
        raise KeyboardInterrupt

    monkeypatch.setattr("bsinv.fitter.runs.run.run", begin)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    code, out, err = bsinv("run", quick)
    assert (code, out, begun) == (2, "", [])
    assert err.startswith("bsinv: error: quick: a run takes about ")
    assert err.endswith(": add --yes to begin.\n")
    bsinv("run", quick, "--yes")
    assert len(begun) == 1
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: False))
    bsinv("run", quick)
    assert len(begun) == 2


def test_a_bug_stays_a_traceback(bsinv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from bsinv.cli import listing

    monkeypatch.setattr(listing, "LISTINGS", {"models": lambda: 1 / 0})
    with pytest.raises(ZeroDivisionError):
        bsinv("list", "models")


def test_help_names_all_commands_and_is_quick() -> None:
    text = CliRunner().invoke(app, ["--help"]).output
    for name in (
        *("run", "fit", "sample", "plot", "show"),
        *("predict", "check", "validate", "list"),
    ):
        assert f"\n  {name} " in text
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "bsinv"], capture_output=True, check=True)
    assert b"Usage: bsinv" in done.stdout
    assert time.perf_counter() - began < 2.0
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, bsinv.cli.commands; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"numpy", "scipy", "h5py", "matplotlib", "pydantic"} & set(loaded)


def test_a_closed_pipe_is_quiet() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bsinv", "list", "data"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait() == 141
    assert process.stderr.read() == b""


def test_lists_of_parameters_are_for_reading(bsinv: Command) -> None:
    _, text, _ = bsinv("list", "models")
    assert len(text.splitlines()) < 140
    assert "[Im_]dC_L, [Im_]dC_R" in text
    assert " Im_dC_L" not in text
    assert "534 in all: --json lists them" in " ".join(text.replace("│", " ").split())
