import numpy as np
import pytest
from bsinv.chains.statistics.intervals import equal_tailed, hdi, interval
from bsinv.errors import ParameterError
from hypothesis import given
from hypothesis import strategies as st

samples_strategy = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60).map(np.array)


def test_normal_samples():
    values = np.random.default_rng(1).normal(size=200000)
    for find in (equal_tailed, hdi):
        # the 68.27 % point of 200000 normals is known to 0.004, the shortest interval to less
        np.testing.assert_allclose(find(values, 0.6827), (-1.0, 1.0), atol=0.04)
        np.testing.assert_allclose(find(values, 0.9545), (-2.0, 2.0), atol=0.08)


def test_exponential_samples():
    """The density falls from zero: the shortest interval starts there, the other does not."""
    values = np.random.default_rng(2).exponential(size=200000)
    low, high = hdi(values, 0.68)
    assert low == pytest.approx(0.0, abs=0.01)
    assert high == pytest.approx(-np.log(0.32), rel=0.02)
    low, high = equal_tailed(values, 0.68)
    assert low == pytest.approx(-np.log(0.84), rel=0.02)
    assert high == pytest.approx(-np.log(0.16), rel=0.02)


def test_small_samples():
    assert hdi(np.array([0.0, 1.0, 1.5, 1.6, 5.0]), 0.6) == (1.0, 1.6)
    assert hdi(np.array([2.0]), 0.68) == (2.0, 2.0)
    assert np.isnan(hdi(np.array([]), 0.68)).all()
    assert np.isnan(equal_tailed(np.array([]), 0.68)).all()


@given(samples_strategy, st.floats(0.01, 0.99))
def test_hdi_holds_its_content_and_is_shortest(values, content):
    low, high = hdi(values, content)
    inside = np.count_nonzero((values >= low) & (values <= high))
    assert inside >= content * len(values) - 1e-9
    need = int(np.ceil(content * len(values)))
    ordered = np.sort(values)
    widths = [ordered[i + need - 1] - ordered[i] for i in range(len(values) - need + 1)]
    assert high - low == min(widths)


def test_mistakes_are_named():
    with pytest.raises(ParameterError, match="between 0 and 1, not 68"):
        hdi(np.ones(3), 68)
    with pytest.raises(ParameterError, match="not finite"):
        equal_tailed(np.array([1.0, np.nan]), 0.68)
    with pytest.raises(ParameterError, match="'shortest'; known: 'equal-tailed', 'hdi'"):
        interval(np.ones(3), 0.68, "shortest")
    assert interval(np.ones(3), 0.68, "hdi") == (1.0, 1.0)
