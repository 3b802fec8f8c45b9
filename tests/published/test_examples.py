"""Every example loads, starts finite, and has no dead parameter."""

from pathlib import Path

import bsinv
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


ANALYSES = sorted(path for path in EXAMPLES.rglob("*.yaml") if path.parent.name != "hepdata")


@pytest.mark.parametrize("path", ANALYSES, ids=lambda path: path.stem)
def test_example(path):
    analysis = bsinv.load(path)
    assert analysis.name == path.stem
    assert np.isfinite(analysis.problem.log_posterior(analysis.start[None])).all()
    assert analysis.check(points=2).dead == ()
