"""Likelihoods of bsinv in flavio, wilson and smelli."""

import numpy as np
import pytest
from bsinv.adapters import CoefficientFunction
from bsinv.errors import ParameterError
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

pytestmark = pytest.mark.filterwarnings("ignore")
flavio = pytest.importorskip("flavio")
wilson = pytest.importorskip("wilson")

from bsinv.adapters.flavio import (  # noqa: E402
    coefficients_here,
    flavio_likelihood,
    log_likelihood,
    measurement,
    sectors_of,
)

KSTAR = "belle_2017_kst0nunu"


def point(**values):
    return wilson.Wilson(values, 4.8, "WET", "flavio")


def central():
    return flavio.default_parameters.get_central_all()


@pytest.fixture(scope="module")
def in_the_inputs_of_flavio():
    """Function with alpha and V_tb V_ts* of flavio, so that coefficients are the same numbers."""
    from flavio.physics import ckm
    from flavio.physics.running import running

    alpha = running.get_alpha_e(central(), 4.8)
    modulus = abs(ckm.xi("t", "bs")(central()))
    return CoefficientFunction(
        inputs=Inputs.default().replace(constants={"VtbVts": modulus, "alpha_inv": 1.0 / alpha})
    )


def test_the_standard_model_is_that_of_bsinv():
    assert log_likelihood(point()) == pytest.approx(CoefficientFunction()(), rel=1e-14)


def test_the_shift_is_the_same_amplitude(in_the_inputs_of_flavio):
    """Far from the Standard Model its part, which has the inputs of each code, does not matter."""
    from bsinv.physics.wilson import Wilson

    values = {"CL_bsnutaunutau": -8.0, "CR_bsnutaunumu": 3.0 + 2.0j}
    function = CoefficientFunction()
    own = in_the_inputs_of_flavio
    wilson_point = own.wilson({name: np.array([value]) for name, value in values.items()})
    ratio = (own.inputs.constant("VtbVts") / own.inputs.constant("alpha_inv")) / (
        function.inputs.constant("VtbVts") / function.inputs.constant("alpha_inv")
    )
    scaled = Wilson({name: array * ratio[0] for name, array in wilson_point.items()})
    expected = function.of(scaled, function.inputs)[0]
    assert log_likelihood(point(**values)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "made",
    [
        ({"lq1_3323": 2e-8}, 1000.0, "SMEFT", "Warsaw"),
        ({"lq1_3323": 5e-9, "lq1_2323": 1e-8}, 1000.0, "SMEFT", "Warsaw"),
        ({"CL_bsnutaunutau": -8.0, "CR_bsnutaunumu": 3.0 + 2.0j}, 4.8, "WET", "flavio"),
    ],
)
def test_the_amplitude_is_the_one_that_flavio_has(made):
    """Branching fractions by both codes: inputs differ by 1 % (docs/project/other-codes.md)."""
    coefficients = flavio.WilsonCoefficients.from_wilson(wilson.Wilson(*made), central())
    inputs = Inputs.default()
    values = coefficients_here(coefficients, central(), inputs, ("sbnunu",))
    found = observable("BR(B+->Knunu)")(CoefficientFunction().wilson(arrays(values)), inputs)[0]
    expected = flavio.np_prediction("BR(B+->Knunu)", wilson.Wilson(*made))
    assert found == pytest.approx(expected, rel=0.012)
    assert abs(expected / flavio.sm_prediction("BR(B+->Knunu)") - 1.0) > 0.3
    assert log_likelihood(wilson.Wilson(*made)) == pytest.approx(CoefficientFunction()(values))


def arrays(values):
    return {name: np.array([value]) for name, value in values.items()}


def test_sectors_are_found():
    assert sectors_of(CoefficientFunction()) == ("sbnunu",)
    assert sectors_of(CoefficientFunction("belle_2017_kst0nunu")) == ("sbnunu",)
    assert "sbsb" in sectors_of(CoefficientFunction("hflav_2024_dms"))
    assert set(sectors_of(CoefficientFunction("lhcb_2021_bsmumu"))) >= {"sb"}


def test_a_measurement_of_flavio():
    made, label = measurement("belle2-2023-bknunu")
    w = point(CL_bsnutaunutau=-8.0)
    q = flavio.np_prediction(label, w)
    expected = log_likelihood(w)
    assert made.get_logprobability_single(label, q) == pytest.approx(expected, rel=1e-12)
    shift = flavio.sm_prediction(label) - q
    assert shift == pytest.approx(2.0 * (expected - log_likelihood(point())), rel=1e-10)
    assert q > 0.0
    with pytest.raises(ParameterError, match="use it in flavio's Likelihood, not FastLikelihood"):
        made.get_random_all()


def test_a_likelihood_of_flavio():
    made = flavio_likelihood("belle2-2023-bknunu", KSTAR, name="two")
    w = point(CL_bsnutaunutau=-8.0, CR_bsnuenue=1.0)
    expected = log_likelihood(w, "belle2-2023-bknunu", KSTAR)
    assert made.log_likelihood(central(), w) == pytest.approx(expected, rel=1e-12)
    again = flavio_likelihood("belle2-2023-bknunu", KSTAR, name="two")
    assert again.log_likelihood(central(), w) == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
def test_in_smelli():
    smelli = pytest.importorskip("smelli")
    gl = smelli.GlobalLikelihood(
        eft="WET", include_likelihoods=["likelihood_zlfv.yaml"], fix_ckm=True
    )
    gl.likelihoods["bsinv"] = flavio_likelihood()
    values = {"CL_bsnutaunutau": -8.0}
    found = gl.parameter_point(values, 4.8).log_likelihood_dict()
    assert found["global"] == pytest.approx(sum(found.values()) - found["global"])
    expected = log_likelihood(point(**values)) - log_likelihood(point())
    assert found["bsinv"] == pytest.approx(expected, rel=1e-6)
