"""log L of a point does not depend on its batch, nor on what was evaluated before it."""

from __future__ import annotations

from pathlib import Path

import bsinv
import numpy as np
import pytest

SCENARIOS = Path(__file__).resolve().parents[2] / "examples" / "scenarios"
ANALYSES = ("b2snunu-lfu", "belle2-wet-eos", str(SCENARIOS / "scalar-pair.yaml"))


@pytest.fixture(params=ANALYSES, ids=lambda name: Path(name).stem)
def analysis(request):
    return bsinv.load(request.param)


def ends(analysis, rng, size):
    """Points at the ends of the priors, in all combinations."""
    far = np.stack([analysis.start - 30.0 * analysis.scale, analysis.start + 30.0 * analysis.scale])
    bounds = np.where(np.isfinite(analysis.bounds.T), analysis.bounds.T, far)
    return np.where(rng.random((size, len(analysis.start))) < 0.5, *bounds)


@pytest.mark.parametrize("count", [2, 64, 513])
def test_companions_do_not_matter(analysis, count):
    rng = np.random.default_rng(20231124)
    point = analysis.start[None]
    alone = analysis.log_likelihood(point)
    assert np.isfinite(alone).all()
    for companions in (analysis.sample_prior(rng, count - 1), ends(analysis, rng, count - 1)):
        place = count // 3
        batch = np.insert(companions, place, point, axis=0)
        found = analysis.log_likelihood(batch)[[place]]
        np.testing.assert_allclose(found, alone, rtol=1e-11, atol=1e-11)


def test_order_and_repetition_do_not_matter(analysis):
    rng = np.random.default_rng(7)
    points = analysis.sample_prior(rng, 4)
    first = [analysis.log_likelihood(point[None])[0] for point in points]
    for _ in range(15):  # more often than any count of calls would need
        for index in rng.permutation(len(points)):
            assert analysis.log_likelihood(points[index][None])[0] == first[index]
    analysis.log_likelihood(points)
    np.testing.assert_array_equal(first, [analysis.log_likelihood(p[None])[0] for p in points])
    np.testing.assert_array_equal(analysis.log_likelihood(points), analysis.log_likelihood(points))
