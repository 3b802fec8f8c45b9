"""The unit cube becomes the prior: the same distribution as that of its draws."""

from dataclasses import replace

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.parameters.records import Affine
from bsinv.fitter.parameters.unit_cube import log_tied_content, prior_transform
from scipy.stats import ks_2samp

COUPLING = {"prior": {"uniform": [-20.0, 20.0]}}


def problem(**changes):
    content = {
        "name": "cube",
        "model": "wet-lfu",
        "likelihoods": ["belle_2017_kpnunu_value"],
        "parameters": {"dC_L": COUPLING},
    }
    return bsinv.load(content | changes).problem


def alike(one, size=4000):
    """Smallest p-value of the Kolmogorov-Smirnov tests of all columns and two sums of them."""
    mapped = one.prior_transform(np.random.default_rng(3).random((size, len(one.names))))
    drawn = one.sample_prior(np.random.default_rng(4), size)
    assert np.isfinite(one.log_prior(mapped)).all()
    weights = np.random.default_rng(5).standard_normal((2, len(one.names))) / one.scale
    both = [np.column_stack([theta, theta @ weights.T]) for theta in (mapped, drawn)]
    return min(ks_2samp(a, b).pvalue for a, b in zip(both[0].T, both[1].T, strict=True))


def test_every_kind_of_prior_and_correlated_blocks():
    one = problem(
        model="zprime",
        parameters={
            "M": {"prior": {"log_uniform": [1.0, 10.0]}},
            "g_L_sb": {"prior": {"uniform": [-0.1, 0.1]}},
            "g_nu_ee": {"prior": {"normal": [0.2, 0.5]}},  # cut at the ends of its range
        },
        inputs={"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
        form_factors={"B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}},
    )
    assert alike(one) > 1e-3


def test_corners_are_finite_and_inside():
    one = bsinv.load("b2snunu-lfu").problem
    corners = np.stack([np.zeros(11), np.full(11, 0.5), np.ones(11)])
    theta = one.prior_transform(corners)
    assert np.isfinite(one.log_prior(theta)).all()
    assert theta[0, :2].tolist() == [-30.0, -30.0]
    assert theta[2, :2].tolist() == [30.0, 30.0]
    # 2^-53 is 8.2 standard deviations.
    assert (theta[2, 2] - 1.0) / 0.09 == pytest.approx(8.2, abs=0.1)
    assert one.prior_transform(np.empty((0, 11))).shape == (0, 11)


@pytest.mark.parametrize(
    ("times", "plus", "ends"),
    [(-2.0, 1.0, (-49.5, 50.0)), (4.0, 0.0, (-25.0, 25.0)), (3.0, 50.0, (-50.0, 50.0 / 3.0))],
)
def test_ties_cut_the_prior_of_what_they_are_tied_to(times, plus, ends):
    """dC_R may be between -100 and 100."""
    wide = {"prior": {"uniform": [-60.0, 50.0]}}
    tied = {"equals": "dC_L", "times": times, "plus": plus}
    one = problem(parameters={"dC_L": wide, "dC_R": tied})
    assert alike(one) > 1e-3
    found = one.prior_transform(np.array([[0.0], [1.0]]))[:, 0]
    assert found == pytest.approx(ends, rel=1e-12)
    assert log_tied_content(one.table) == pytest.approx(np.log((ends[1] - ends[0]) / 110.0))


def test_an_expression_that_cuts_the_prior_is_refused():
    free = {"prior": {"uniform": [-3.0, 3.0]}}
    plain = {"auxiliary": {"a": free}, "parameters": {"dC_L": {"expression": "a ** 2"}}}
    assert problem(**plain).prior_transform(np.array([[0.25]])) == pytest.approx(-1.5)
    root = {"auxiliary": {"a": {**free, "start": 1}}, "parameters": {"dC_L": "sqrt(a)"}}
    root["parameters"] = {"dC_L": {"expression": "sqrt(a)"}}
    with pytest.raises(ParameterError, match="dC_L is not defined in a part of the prior"):
        problem(**root).prior_transform(np.array([[0.9]]))
    outside = {"auxiliary": {"a": free}, "parameters": {"dC_L": {"expression": "50 * a"}}}
    with pytest.raises(ParameterError, match=r"dC_L leaves its range \[-100, 100\]"):
        problem(**outside).prior_transform(np.array([[0.5]]))


@pytest.mark.parametrize("value", [-1e-9, 1.0 + 1e-9, np.nan, np.inf])
def test_the_cube_has_ends(value):
    with pytest.raises(ParameterError, match=r"dC_L: .* at point 1 is not allowed"):
        problem().prior_transform(np.array([[0.5], [value]]))


def test_ties_that_have_no_map_are_refused():
    table = bsinv.load("b2snunu-lfu").problem.table
    column = table.blocks["B->K"][0] if "B->K" in table.blocks else table.ndim - 1
    unit = np.full((1, table.ndim), 0.5)

    def with_rule(*given):
        return replace(table, model={**table.model, "dC_L_ee": Affine(*given)})

    with pytest.raises(ParameterError, match="one of several that are correlated"):
        prior_transform(with_rule(column, 2.0, 0.0, -1.0, 1.0), unit)
    with pytest.raises(ParameterError, match="tied to dC_L leaves nothing of its prior"):
        prior_transform(with_rule(0, 1.0, 0.0, 40.0, 50.0), unit)
    far = table.names.index("norm_BtoKstar")
    with pytest.raises(ParameterError, match="leaves next to nothing of its prior"):
        prior_transform(with_rule(far, 1.0, 0.0, 3.0, 3.1), unit)
