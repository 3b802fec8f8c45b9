"""Limits whose blocks of points are kept when a run ends before its time; evidence in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bsinv.fitter.drivers.limit_blocks import LimitTask, blocks
from bsinv.fitter.runs.job import Interrupted
from bsinv.fitter.runs.studies.limits import limits_only
from executor_jobs import differences, loaded


def test_blocks() -> None:
    assert blocks(1, 0) == ((0, 1),)
    assert blocks(23, 0) == ((0, 10), (10, 20), (20, 23))
    assert blocks(3, 500) == ((0, 1), (1, 2), (2, 3))


def test_limits_go_on_where_they_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    analysis, scan = loaded(tmp_path), {"dC_L": np.linspace(-3.0, 3.0, 24)}
    out = tmp_path / "out"

    def stop() -> bool:
        return any(out.glob("run.chunks/*/0*.h5"))

    with pytest.raises(Interrupted, match="stopped; 1 of 3 blocks of points are stored in"):
        limits_only(analysis, "dC_R", scan, out=out, stop=stop)
    done, call = [], LimitTask.__call__

    def counted(task: LimitTask, problem: Any, block: tuple[int, int]) -> Any:
        done.append(block)
        return call(task, problem, block)

    monkeypatch.setattr(LimitTask, "__call__", counted)
    # Another method is another job.
    limits_only(analysis, "dC_R", scan, "bayes", out=tmp_path / "bayes")
    assert done == [(0, 10), (10, 20), (20, 24)]
    done.clear()
    limits_only(analysis, "dC_R", scan, out=out)
    assert done == [(10, 20), (20, 24)]
    assert not (out / "run.chunks").exists()
    limits_only(analysis, "dC_R", scan, out=tmp_path / "whole")
    assert differences(out / "run.h5", tmp_path / "whole" / "run.h5") == []


@pytest.mark.slow
def test_evidence_agrees_on_every_executor(tmp_path: Path) -> None:
    pytest.importorskip("nautilus")
    analysis = loaded(tmp_path)
    _, here = analysis.evidence(1, effective=2000.0, live=400)
    _, there = analysis.evidence(1, effective=2000.0, live=400, executor="processes:2")
    error = np.hypot(here.error, there.error)
    assert abs(here.log_evidence - there.log_evidence) < 4.0 * error
    assert error < 0.1
