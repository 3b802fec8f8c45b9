"""What a term is asked about must be real numbers in the right shape."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.wilson import Wilson

SINGLE = ("belle_2017_kpnunu_value", "belle_2017_kst0nunu", "cms_2022_T_any")


@pytest.mark.parametrize("name", [*SINGLE, "bsmumu_2022_wilson", "belle2-2023-bknunu"])
@pytest.mark.parametrize(
    "value", [1e-6 + 1j, True, "a", None, np.array([1], dtype=object), 10**400, [[1], [1, 2]]]
)
def test_other_things_are_refused(name, value):
    term = bsinv.likelihood(name)
    with pytest.raises(PredictionError) as caught:
        term.log_likelihood(value)
    assert str(caught.value).startswith(f"{name}: ")


@pytest.mark.parametrize("name", SINGLE)
def test_one_observable_has_one_axis(name):
    term = bsinv.likelihood(name)
    with pytest.raises(PredictionError, match=r"of shape \(n,\) is needed, not float64 of shape"):
        term.log_likelihood(np.ones((2, 1)))
    assert term.log_likelihood(np.array([1, 2])).shape == (2,)
    assert np.isnan(term.log_likelihood(np.array([np.nan])))


def test_several_have_a_column_each():
    term = bsinv.likelihood("bsmumu_2022_wilson")
    for wrong in (np.ones(4), np.ones((2, 3)), np.ones((1, 2, 4))):
        with pytest.raises(PredictionError, match=r"of shape \(n, 4\) is needed"):
            term.log_likelihood(wrong)
    assert term.log_likelihood(np.zeros((3, 4), dtype=int)).shape == (3,)


@pytest.mark.parametrize("value", ["1", True, None, 10**400, np.array([1], dtype=object)])
@pytest.mark.parametrize("name", ["m_phi", "phi_S", "dC_L"])
def test_coefficients_are_numbers(name, value):
    with pytest.raises(PredictionError, match=f"the coefficient {name} must be made of numbers"):
        Wilson({name: value})
