"""The scalar dark-matter model: couplings at low scales, dipoles, and what it leaves out."""

import numpy as np
import pytest
from bsinv.models.dark.scalar_dm import SCALAR_DM
from bsinv.models.running import dipoles_at_mb, mass_running
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

# arXiv:2403.12485: m_Q = m_D = 3 TeV, |y_q^s| = |y_d^s| = 2.
BENCHMARK = {"m_phi": 0.7, "m_Q": 3.0, "m_D": 3.0, "y_q_s": 2.0, "y_d_s": 2.0, "y_1": 0.35}
PREFACTOR = 7.7379e-5 * 0.35  # K of the benchmark at the matching scale, GeV^-1


def wilson(**values):
    return SCALAR_DM.wilson(SCALAR_DM.complete(values), Inputs.default())


def test_benchmark_runs_like_a_mass():
    """C_ss(2 GeV) = 2 K cos(rho) m(2 GeV)/m(3 TeV), the factor 4.4 K of the table of factors."""
    found = wilson(**BENCHMARK)
    grown = mass_running(np.array([3.0]), "2GeV")[0]
    assert grown == pytest.approx(2.192, rel=3e-3)
    assert found["phi0_S_ss"][0] == pytest.approx(-2 * PREFACTOR * grown, rel=2e-3)
    phased = wilson(**BENCHMARK, alpha_s=0.3)
    ratio = phased["phi0_S_ss"][0] / found["phi0_S_ss"][0]
    assert ratio == pytest.approx(np.cos(0.3), rel=2e-3)


@pytest.mark.parametrize("theta", [0.0, 0.9, 2.5])
def test_moduli_of_the_b_to_s_couplings(theta):
    """|C^S(P)_sb| = K |r_d +- r_q exp(i theta)|, apart from terms of light-quark masses."""
    r_d, r_q = 1.4e-3, 0.7e-3
    # A large y_1, so that the terms of light-quark masses are below a per cent.
    given = BENCHMARK | {"y_1": 7.0, "y_q_b": 2 * r_q, "y_d_b": 2 * r_d, "alpha_b": theta}
    found, turned, size = wilson(**given, running=0.0), np.exp(1j * theta), 20 * PREFACTOR
    assert abs(found["phi0_S"][0]) == pytest.approx(size * abs(r_d + r_q * turned), rel=1e-2)
    assert abs(found["phi0_P"][0]) == pytest.approx(size * abs(r_d - r_q * turned), rel=1e-2)


def test_up_quarks_get_couplings_in_proportion_to_their_masses():
    """|C_u|/m_c = |V_us V_cs| |y|^2/(2 m_Q^2) = 0.049 TeV^-2 at the benchmark."""
    inputs = Inputs.default()
    found = wilson(**BENCHMARK)
    coupling = abs(found["phi0_S_cu"][0]) / inputs.constant("m_c")[0] * 1e6
    assert coupling == pytest.approx(0.049, rel=0.01)
    assert abs(found["phi0_P_cu"][0]) == pytest.approx(abs(found["phi0_S_cu"][0]), rel=5e-3)


def test_dipoles_are_small():
    """C_7 and C_8 of the benchmark change BR(B -> X_s gamma) by about a per cent at most."""
    found = wilson(**BENCHMARK, y_q_b=2e-3, y_d_b=2e-3)
    for name in ("dC_7", "C_7p", "dC_8", "C_8p"):
        assert 1e-5 < abs(found[name][0]) < 5e-3


def test_dipole_running_from_mz():
    """eta^(16/23) and (8/3)(eta^(14/23) - eta^(16/23)) below the top quark: 0.66 and 0.09."""
    scale = np.array([0.0911876])
    one, none = np.ones(1), np.zeros(1)
    c_7, c_8 = dipoles_at_mb(one, none, scale)
    assert c_7[0] == pytest.approx(0.66, abs=0.01)
    assert c_8[0] == 0
    mixed, kept = dipoles_at_mb(none, one, scale)
    assert mixed[0] == pytest.approx(0.09, abs=0.01)
    assert kept[0] == pytest.approx(0.69, abs=0.01)


def test_no_couplings_leave_masses_only():
    found = wilson(m_phi=0.6)
    assert set(found) == {"m_phi0", "M_VLQ"}
    assert found["M_VLQ"] == [3.0]


def test_batch_equals_points():
    rng = np.random.default_rng(1)
    names = ("y_q_s", "y_d_s", "y_q_b", "y_d_b", "y_1", "alpha_b", "beta_s", "m_Q")
    values = {name: rng.uniform(0.1, 2.0, 5) for name in names}
    whole = wilson(**values)
    for index in range(5):
        alone = wilson(**{name: array[index] for name, array in values.items()})
        for key, array in whole.items():
            at = array[index] if len(array) > 1 else array[0]
            np.testing.assert_allclose(alone[key][0], at, rtol=1e-12)


def test_largest_coupling_and_lightest_quark():
    found = wilson(**BENCHMARK | {"y_1": -3.0, "m_D": 1.7})
    assert found["max_coupling"][0] == 3.0
    assert found["M_VLQ"][0] == 1.7


def test_massless_scalar():
    inputs = Inputs.default()
    couplings = {"y_q_s": 2.0, "y_d_s": 2.0, "y_1": 0.3, "y_d_b": 2e-3}
    light, massless = (wilson(m_phi=mass, **couplings) for mass in (1e-5, 0.0))
    for name in ("BR(B+->Knunu)", "BR(Bs->inv)"):
        predict = observable(name).function
        assert predict(massless, inputs) == pytest.approx(predict(light, inputs), rel=1e-8)
    # One point alone and in a batch with another one.
    both = wilson(m_phi=np.array([0.0, 0.7]), **couplings)
    omega = observable("Omega_phi h^2").function
    assert np.isnan(omega(massless, inputs)[0])
    assert np.isnan(omega(both, inputs)[0])
