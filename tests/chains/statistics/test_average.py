"""Averages with scale factors against published and analytic ones."""

import numpy as np
import pytest
from bsinv.chains.statistics.average import weighted_average
from bsinv.errors import ParameterError


def test_the_average_of_hflav():
    """HFLAV, December 2025: BR(B+ -> K+ nu nu) = 1.38(35)e-5, chi2 = 5.55 for 4 degrees of freedom.

    Belle II 2023, Belle 2017 and 2013, BaBar 2010 and 2013; HFLAV does not scale the error.
    """
    values = np.array([2.3, 1.0, 2.9, 0.2, 1.5])
    plus, minus = np.array([0.71, 0.6, 1.6, 0.8, 1.75]), np.array([0.64, 0.6, 1.6, 0.7, 0.825])
    found = weighted_average(values, plus, minus)
    assert found.value == pytest.approx(1.38, abs=0.01)
    assert found.error / found.scale == pytest.approx(0.35, abs=0.005)
    assert found.chi2 == pytest.approx(5.55, abs=0.02)
    assert found.scale == pytest.approx(np.sqrt(5.55 / 4), abs=0.003)
    assert (found.dof, found.number) == (4, 5)


def test_symmetric_errors_are_the_analytic_average():
    found = weighted_average(np.array([1.0, 4.0]), np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert found.value == pytest.approx(1.6)  # (1/1 + 4/4) / (1 + 1/4)
    assert found.chi2 == pytest.approx(9.0 / 5.0)  # 3^2 / (1^2 + 2^2)
    assert found.error == pytest.approx(np.sqrt(0.8 * 9.0 / 5.0))


def test_an_error_far_larger_does_not_lower_the_scale():
    """Those above 3 sqrt(N) times the error of the average are left out of S."""
    x, e = np.array([0.0, 3.0, 1.0]), np.array([1.0, 1.0, 100.0])
    assert weighted_average(x, e, e).scale == pytest.approx(np.sqrt(4.5), rel=1e-3)


def test_one_value_keeps_its_error_and_order_does_not_matter():
    one = weighted_average(np.array([2.0]), np.array([0.5]), np.array([0.3]))
    assert (one.value, one.scale, one.dof) == (2.0, 1.0, 0)
    assert one.error == pytest.approx(0.3 + 0.2 * 0.3 / 0.8)  # at the value: linear in between
    rng = np.random.default_rng(4)
    x, up, down = rng.normal(size=9), rng.uniform(0.1, 5, 9), rng.uniform(0.1, 5, 9)
    turned = weighted_average(x[::-1], up[::-1], down[::-1])
    assert weighted_average(x, up, down).value == pytest.approx(turned.value)


@pytest.mark.parametrize("error", [0.0, -1.0, np.nan, np.inf])
def test_errors_must_be_positive(error):
    with pytest.raises(ParameterError, match="finite values with positive errors"):
        weighted_average(np.array([1.0]), np.array([error]), np.array([1.0]))
