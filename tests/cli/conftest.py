from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bsinv.cli.commands import main

Command = Callable[..., tuple[int, str, str]]

QUICK = """\
name: quick
model: wet-lfu
likelihoods: [belle_2013_kpnunu_value, babar_2013_k0nunu_combined]
parameters:
  dC_L: {prior: {uniform: [-6.4, 20]}}
fit: {minos: [dC_L]}
sampler: {ensembles: 2, walkers: 8, target_ess: 200, target_rhat: 1.05, checkpoint_seconds: 0.001}
seed: 7
"""


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    file = tmp_path / "quick.yaml"
    file.write_text(QUICK)
    return file


@pytest.fixture
def bsinv(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command line in this process: arguments to exit code, output, error output."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0), output.out, output.err

    return call
