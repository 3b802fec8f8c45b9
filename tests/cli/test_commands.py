"""Commands at their edges: exit codes and sentences that other tests see from outside only."""

from __future__ import annotations

from pathlib import Path

import bsinv as package
import pytest
from bsinv.chains import Lease, RunFile, write

from .conftest import Command


def test_the_version(bsinv: Command) -> None:
    assert bsinv("--version") == (0, f"bsinv {package.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "check belle2-signal-strength --point mu=-1",
            "--point: this point is outside the priors.",
        ),
        ("predict BR(B+->Knunu) --set dC_Lx=1", "unknown parameter 'dC_Lx': did you mean 'dC_L'"),
    ],
)
def test_wrong_values_are_told(bsinv: Command, arguments: str, message: str) -> None:
    code, output, errors = bsinv(*arguments.split(" "))
    assert (code, output) == (2, "")
    assert errors.startswith(f"bsinv: error: {message}")
    assert errors.count("\n") == 1


def test_an_interrupt_has_the_exit_code_of_one(
    bsinv: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bsinv.cli.commands.app", interrupted)
    assert bsinv("list", "models") == (130, "", "")


def test_results_without_a_fit_are_shown(bsinv: Command, tmp_path: Path) -> None:
    path = tmp_path / "run.h5"
    with Lease(path) as lease:
        write(path, RunFile("begun", "", 1), lease)
    code, output, errors = bsinv("show", path)
    assert (code, errors) == (0, "")
    assert "No best fit yet." in output
