import numpy as np
import pytest
from bsinv.chains.plots.planes.constraints import part_heights
from bsinv.chains.plots.refined import filled
from bsinv.chains.records import Scan, ScanStatus


def refined(stride, asked=()):
    """A plane x + 10 y on a grid of 9 x 5 with a spacing, and some points between."""
    x, y = np.arange(9.0), np.arange(5.0)
    values = x[:, None] + 10.0 * y
    status = np.full(values.shape, ScanStatus.NOT_ASKED)
    status[::stride, ::stride] = ScanStatus.CONVERGED
    for place in asked:
        status[place] = ScanStatus.CONVERGED
    known = np.where(status == ScanStatus.CONVERGED, values, np.nan)
    parts = {"separate_names": ("p",), "separate_terms": ("t",), "separate": known[..., None]}
    return Scan("s", ("a", "b"), (x, y), known, status=status, **parts), values


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_a_plane_is_filled_exactly(stride):
    scan, values = refined(stride)
    np.testing.assert_allclose(filled(scan, scan.log_likelihood), values)
    np.testing.assert_allclose(part_heights(scan, "p"), 2.0 * (values.max() - values))


def test_points_that_were_computed_are_kept_and_failed_ones_are_not_filled():
    scan, values = refined(4, asked=[(2, 2), (1, 1)])
    changed = np.where(np.isfinite(scan.log_likelihood), values, np.nan)
    changed[2, 2], changed[1, 1] = 500.0, np.nan
    result = filled(scan, changed)
    assert result[2, 2] == 500.0
    assert np.isnan(result[1, 1])
    assert np.isfinite(np.delete(result.ravel(), [6])).all()
    assert np.isnan(changed).sum() > 30  # what was given is left as it was


def test_the_repr_counts_the_points_that_were_done():
    scan, _ = refined(4, asked=[(2, 2)])
    assert repr(scan) == "<Scan of a, b: 9 x 5 points, 7 done>"
