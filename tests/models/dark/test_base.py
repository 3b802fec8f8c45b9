import numpy as np
import pytest
from bsinv.models import model, models
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction
from bsinv.physics.wilson import WILSON_NAMES, Wilson

INPUTS = Inputs.default()
DARK = ("dm-", "sterile-neutrino", "two-body", "mediator")
NAMES = [name for name in models() if name.startswith(DARK)]
SIZES = {"10^-8": 1e-8, "10^-5 TeV^-1": 1e-8, "10^-2 TeV^-2": 1e-8, "TeV^-3": 1e-9}


def rate(channel, wilson, inputs=INPUTS):
    standard = branching_fraction(channel, Wilson(), inputs)
    return branching_fraction(channel, wilson, inputs) - standard


@pytest.mark.parametrize("name", [name for name in NAMES if name != "two-body-br"])
def test_units_and_parts(name):
    """A parameter is its coefficient in the unit it states, imaginary with the prefix."""
    entry = model(name)
    couplings = [p for p in entry.parameters if p.unit in SIZES]
    assert couplings
    for parameter in couplings:
        wilson = entry.wilson(entry.complete({parameter.name: 2.0}), INPUTS)
        keys = [key for key in wilson if not WILSON_NAMES[key].real]
        assert len(keys) == 1
        unit = WILSON_NAMES[keys[0]].unit
        assert (
            parameter.unit
            == {
                "1": "10^-8",
                "GeV^-1": "10^-5 TeV^-1",
                "GeV^-2": "10^-2 TeV^-2",
                "GeV^-3": "TeV^-3",
            }[unit]
        )
        factor = 1j if parameter.name.startswith("Im_") else 1.0
        np.testing.assert_allclose(wilson[keys[0]], [2.0 * factor * SIZES[parameter.unit]])


@pytest.mark.parametrize("name", NAMES)
def test_masses_reach_the_end_point_of_the_decay_to_kaons(name):
    entry = model(name)
    masses = [p for p in entry.parameters if p.unit == "GeV" and p.name.startswith("m_")]
    assert masses
    end = 5.279495 - 0.495644
    for parameter in masses:
        if parameter.name != "m_med":
            assert parameter.upper in (pytest.approx(end, abs=1e-3), pytest.approx(end / 2, 1e-3))


def test_real_scalar_of_the_talk():
    """C/(10^5 TeV) of 3 to 8 gives a few 1e-6 to 2e-5."""
    entry = model("dm-scalar")
    wilson = entry.wilson(entry.complete({"m_S": 0.6, "C_S": [3.0, 8.0]}), INPUTS)
    low, high = rate("B+->K+", wilson)
    assert 2e-6 < low < high < 3e-5
    assert high / low == pytest.approx((8.0 / 3.0) ** 2)


@pytest.mark.parametrize("mass", [0.0, 1.0, 2.1, 4.7])
def test_two_body_branching_fraction(mass):
    entry = model("two-body-br")
    values = {"m_X": mass, "BR_K": [0.0, 9.2], "g_P": 1.0, "Im_g_P": 0.5}
    rng = np.random.default_rng(1)
    source = INPUTS.form_factors("B->K").source
    drawn = rng.multivariate_normal(source.central, source.covariance, 2)
    floated = INPUTS.replace(coefficients={"B->K": drawn})
    for inputs in (INPUTS, floated):
        wilson = entry.wilson(entry.complete(values), inputs)
        np.testing.assert_allclose(rate("B+->K+", wilson, inputs), [0.0, 9.2e-6], atol=1e-19)
        if mass < 4.3:
            star = rate("B0->K*0", wilson, inputs)
            alone = Wilson({"g_P": 1e-8 + 0.5e-8j, "m_1": mass})
            np.testing.assert_allclose(star, rate("B0->K*0", alone)[0], rtol=1e-9)


@pytest.mark.parametrize("width", [0.0, 1e-9, 0.1, 3.0])
def test_two_body_branching_fraction_is_that_of_the_physical_region(width):
    """Whatever part of the resonance lies there, at the end of phase space and at zero too."""
    entry = model("two-body-br")
    masses = np.array([0.0, 0.05, 2.0, 4.7, 4.783])
    values = {"m_X": masses, "BR_K": 9.2, "Gamma_X": width}
    wilson = entry.wilson(entry.complete(values), INPUTS)
    np.testing.assert_allclose(rate("B+->K+", wilson), 9.2e-6, rtol=1e-9)
    # All points in one batch with others of no width.
    both = {"m_X": np.repeat(masses, 2), "BR_K": 9.2, "Gamma_X": np.tile([width, 0.0], 5)}
    mixed = entry.wilson(entry.complete(both), INPUTS)
    np.testing.assert_allclose(mixed["g_S"][::2], wilson["g_S"], rtol=1e-9)


def test_a_closed_decay_or_a_negative_rate_is_not_a_number():
    entry = model("two-body-br")
    for values in ({"m_X": 4.9, "BR_K": 5.0}, {"m_X": 1.0, "BR_K": -5.0}):
        wilson = entry.wilson(entry.complete(values), INPUTS)
        assert np.isnan(wilson["g_S"]).all()


def test_massless_right_handed_neutrinos():
    entry = model("sterile-neutrino")
    wilson = entry.wilson(entry.complete({"C_Lp": [1.0, 3.0], "C_Rp": 2.0}), INPUTS)
    wet = model("wet-lfu")
    expected = wet.wilson(wet.complete({"C_Lp": [1.0, 3.0], "C_Rp": 2.0}), INPUTS)
    for channel in ("B+->K+", "B0->K*0"):
        np.testing.assert_allclose(
            branching_fraction(channel, wilson, INPUTS),
            branching_fraction(channel, expected, INPUTS),
        )
