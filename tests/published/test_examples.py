"""Every example loads, starts finite, and has no dead parameter."""

from pathlib import Path

import bsinv
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: path.stem)
def test_example(path):
    analysis = bsinv.load(path)
    assert analysis.name == path.stem
    assert np.isfinite(analysis.problem.log_posterior(analysis.start[None])).all()
    assert analysis.check(points=2).dead == ()
