"""Standard output that is closed, full or of another encoding; no home, no display, no LaTeX."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bsinv.cli.terminal import Forgiving

from .conftest import QUICK

COMMAND = [sys.executable, "-m", "bsinv"]
PLAIN = {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


def _shell(redirect: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command with its streams redirected by the shell, such as ``>&-``."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("environment", [PLAIN, {"PYTHONIOENCODING": "ascii"}])
def test_characters_that_cannot_be_shown_are_replaced(environment: dict[str, str]) -> None:
    done = _shell("", "list", "analyses", **environment)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "b2snunu-lfu" in done.stdout
    wrong = _shell("", "list", "µodels", **environment)
    assert wrong.returncode == 2
    assert "odels': did you mean 'models'?" in wrong.stderr
    assert wrong.stderr.isascii()


def test_a_closed_output_is_no_error() -> None:
    for redirect in (">&-", ">&- 2>&-", "<&- >&- 2>&-"):
        assert _shell(redirect, "validate", "b2snunu-lfu").returncode == 0
        assert _shell(redirect, "validate", "no-such-file").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("list", "models"), ("--help",), ("--version",)])
def test_a_full_output_is_told(arguments: tuple[str, ...]) -> None:
    done = _shell(">/dev/full", *arguments)
    assert done.returncode == 2
    assert done.stderr == (
        "bsinv: error: standard output cannot be written: No space left on device; what was to be "
        "shown is lost.\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_run_goes_on_with_a_full_output_and_odd_settings_of_matplotlib(tmp_path: Path) -> None:
    (tmp_path / "quick.yaml").write_text(QUICK)
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\n")
    done = _shell(
        ">/dev/full",
        "run",
        str(tmp_path / "quick.yaml"),
        "--out",
        str(tmp_path / "out"),
        MPLCONFIGDIR=str(tmp_path),
        MPLBACKEND="no-such-backend",
        HOME=str(tmp_path / "nobody"),
        PATH=os.defpath,  # matplotlib looks for latex there
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("what was to be shown is lost.\n")
    for name in ("run.h5", "summary.md", "corner.png"):
        assert (tmp_path / "out" / name).stat().st_size > 1000


def test_a_pipe_closed_by_its_reader_is_not_forgiven() -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        Forgiving(Closed()).flush()
