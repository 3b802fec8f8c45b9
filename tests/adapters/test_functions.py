"""Plain functions of parameters and of Wilson coefficients: batches, names, faults."""

import bsinv
import numpy as np
import pytest
from bsinv.adapters import CoefficientFunction, ParameterFunction
from bsinv.errors import AnalysisError, ParameterError, UnknownNameError
from bsinv.physics.inputs import Inputs

ANALYSIS = {
    "name": "a",
    "model": "wet",
    "likelihoods": ["belle2-2023-bknunu", "belle_2017_kst0nunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-20, 20]}, "start": 1.0}},
    "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
}


@pytest.fixture(scope="module")
def belle2():
    return CoefficientFunction()


def test_parameters_are_those_of_the_analysis():
    loaded = bsinv.load(ANALYSIS)
    function = ParameterFunction(loaded)
    assert function.names == ("dC_L", "norm_BtoKstar")
    theta = np.array([[-3.0, 1.1], [0.0, 1.1], [2.5, 1.1]])
    expected = loaded.log_likelihood(theta)
    found = function({"dC_L": theta[:, 0]}, norm_BtoKstar=1.1)
    np.testing.assert_array_equal(found, expected)
    one = function(dC_L=-3.0, norm_BtoKstar=1.1)
    assert isinstance(one, float)
    assert one == pytest.approx(expected[0], rel=1e-14)
    assert function() == pytest.approx(loaded.log_likelihood(loaded.point())[0], rel=1e-14)
    both = ParameterFunction(ANALYSIS, constraints=True)
    constraint = loaded.problem.log_constraint(theta)
    np.testing.assert_allclose(
        both(dC_L=theta[:, 0], norm_BtoKstar=1.1), expected + constraint, rtol=1e-14
    )
    assert function({"dC_L": np.array([])}).shape == (0,)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"dC_l": 1.0}, UnknownNameError, "unknown free parameter 'dC_l': did you mean 'dC_L'"),
        ({"dC_L": "1"}, ParameterError, "dC_L = '1' is not allowed: it must be a real number"),
        ({"dC_L": 1j}, ParameterError, "must be a real number"),
        ({"dC_L": np.nan}, ParameterError, "it must be finite"),
        ({"dC_L": True}, ParameterError, "must be a real number"),
        ({"dC_L": [[1.0]]}, ParameterError, "must be a real number or"),
        (
            {"dC_L": [1.0, 2.0], "norm_BtoKstar": [1.0, 1.0, 1.0]},
            ParameterError,
            "arrays have different lengths: {'dC_L': 2, 'norm_BtoKstar': 3}.",
        ),
        ([1.0], ParameterError, "values must be a mapping of names to numbers, not list."),
    ],
)
def test_faults(values, error, message):
    with pytest.raises(error) as caught:
        ParameterFunction(ANALYSIS)(values)
    assert message in str(caught.value)


def test_nothing_free_and_given_twice():
    with pytest.raises(AnalysisError, match="no parameter is free"):
        ParameterFunction({**ANALYSIS, "parameters": {}, "inputs": {}})
    with pytest.raises(ParameterError, match="dC_L is given twice"):
        ParameterFunction(ANALYSIS)({"dC_L": 1.0}, dC_L=2.0)


def test_coefficients_are_those_of_the_model_wet_full(belle2):
    """The same point by names of WCxf, by parameters, and as an analysis."""
    values = {"CL_bsnutaunutau": -8.0, "CR_bsnumunue": 1.0 - 2.0j}
    # CR_bsnu{x}nu{y} is dC_R, i = y, j = x (docs/physics/wilson.md): antineutrino mu, neutrino e.
    parameters = {"dC_L_tautau": -8.0, "dC_R_emu": 1.0, "Im_dC_R_emu": -2.0}
    assert belle2(values) == pytest.approx(belle2(parameters), rel=1e-13)
    fixed = {"name": "a", "model": "wet-full", "likelihoods": ["belle2-2023-bknunu"]}
    loaded = bsinv.load(
        {**fixed, "parameters": {**parameters, "dC_L": {"prior": {"uniform": [-1, 1]}}}}
    )
    expected = loaded.log_likelihood(np.zeros((1, 1)))[0]
    assert belle2(values) == pytest.approx(expected, rel=1e-12)
    mixed = {"CL_bsnutaunutau": -5.0, "dC_L_tautau": -3.0, "CR_bsnumunue": 1.0 - 2.0j}
    assert belle2(mixed) == pytest.approx(expected, rel=1e-12)


def test_a_batch_is_a_loop(belle2):
    rng = np.random.default_rng(3)
    left = rng.normal(size=5) + 1j * rng.normal(size=5)
    found = belle2(CL_bsnuenutau=left, dC_R=0.5)
    assert found.shape == (5,)
    loop = [belle2(CL_bsnuenutau=value, dC_R=0.5) for value in left]
    np.testing.assert_allclose(found, loop, rtol=1e-12)
    np.testing.assert_allclose(belle2(CL_bsnuenutau=np.zeros(3)), belle2(), rtol=1e-12)
    assert belle2(CL_bsnuenutau=np.array([])).shape == (0,)


def test_several_likelihoods_and_inputs():
    inputs = Inputs.default().replace(constants={"VtbVts": 0.042})
    both = CoefficientFunction("belle2-2023-bknunu", "belle_2017_kst0nunu", inputs=inputs)
    alone = [CoefficientFunction(term, inputs=inputs) for term in both.terms]
    assert both(dC_L=2.0) == pytest.approx(sum(one(dC_L=2.0) for one in alone), rel=1e-13)
    assert both(dC_L=2.0) != pytest.approx(CoefficientFunction(*both.terms)(dC_L=2.0), rel=1e-6)
    laplace = CoefficientFunction("belle2-2023-bknunu", nuisances="laplace")
    assert laplace() != CoefficientFunction()()


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"CL_bsnutaunuta": 1.0}, UnknownNameError, "unknown Wilson coefficient 'CL_bsnutaunuta'"),
        ({"dC_L": 1j}, ParameterError, "dC_L is real: its imaginary part is Im_dC_L."),
        ({"CL_bsnutaunutau": np.inf}, ParameterError, "must be finite"),
    ],
)
def test_faults_of_coefficients(belle2, values, error, message):
    with pytest.raises(error) as caught:
        belle2(values)
    assert message in str(caught.value)


def test_no_such_likelihood():
    with pytest.raises(UnknownNameError, match="belle2-2023-bknunu"):
        CoefficientFunction("belle2-2023")
