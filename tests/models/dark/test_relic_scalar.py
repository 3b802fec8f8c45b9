"""The relic density as a parameter: the coupling found gives the density asked for."""

import numpy as np
import pytest
from bsinv.models.dark.relic_scalar import RELIC_SCALAR
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

INPUTS = Inputs.default()


def wilson(inputs=INPUTS, **values):
    return RELIC_SCALAR.wilson(RELIC_SCALAR.complete(values), inputs)


def test_the_density_is_the_parameter():
    rng = np.random.default_rng(2)
    wanted = rng.uniform(0.01, 0.5, 60)
    found = wilson(
        m_S=rng.uniform(0.46, 0.9, 60), Omega=wanted, ratio_dd=rng.uniform(-0.3, 0.3, 60)
    )
    density = observable("Omega_phi h^2")(found, INPUTS)
    np.testing.assert_allclose(density, wanted, rtol=2e-4)


@pytest.mark.parametrize(("mass", "coupling"), [(0.5, 1.8847), (0.7, 1.2250), (0.9, 1.4289)])
def test_couplings_of_the_measured_density(mass, coupling):
    """Couplings of Omega h^2 = 0.120, found by another solution of the Boltzmann equation."""
    found = observable("|C_S(ss)|(phi)")(wilson(m_S=mass), INPUTS)
    assert 1e4 * found[0] == pytest.approx(coupling, rel=3e-3)


def test_a_larger_cross_section_needs_a_smaller_coupling():
    inputs = INPUTS.replace(constants={"ln_norm_sigmav": np.log(4.0)})
    ratio = wilson(inputs, m_S=0.7)["phi0_S_ss"] / wilson(m_S=0.7)["phi0_S_ss"]
    assert ratio[0] == pytest.approx(0.5, rel=1e-4)


def test_ratios_of_couplings():
    found = wilson(m_S=0.7, ratio_dd=-0.05, ratio_uu=0.02, C_S=11.0)
    assert found["phi0_S_dd"][0] / found["phi0_S_ss"][0] == pytest.approx(-0.05)
    assert found["phi0_S_uu"][0] / found["phi0_S_ss"][0] == pytest.approx(0.02)
    assert found["phi0_S"][0] == pytest.approx(11e-8)
    assert observable("|C_S(sb)|(phi)")(found, INPUTS)[0] == pytest.approx(11e-8)


def test_no_density_no_coupling():
    assert np.isnan(wilson(Omega=-0.1)["phi0_S_ss"]).all()
