"""Analysis files with random faults; the thousands of `tests/soak/yaml_mutations.py` are slow."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "soak" / "yaml_mutations.py"


def _failed(number: int, seed: int) -> list[object]:
    found = importlib.util.spec_from_file_location("yaml_mutations", FILE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules["yaml_mutations"] = module
    found.loader.exec_module(module)
    made = list(module.trials(number, seed))
    assert len(made) == number
    assert {trial.outcome for trial in made} >= {"read", "refused"}
    return [trial for trial in made if not trial.held]


def test_changed_analyses_are_read_or_refused() -> None:
    assert _failed(150, 2026) == []


@pytest.mark.slow
def test_three_thousand_changed_analyses_are_read_or_refused() -> None:
    assert _failed(3000, 1) == []
