import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.heavy.smeft import SMEFT_ENTRIES
from bsinv.models.matching import low_energy, normalisation
from bsinv.models.running import mass_running, tensor_running
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction
from bsinv.physics.wilson_names import FLAVOURS

INPUTS = Inputs.default()
SMEFT = model("smeft")
RATES = ("B+->K+", "B0->K*0")


def wilson(**values):
    return SMEFT.wilson(SMEFT.complete(values), INPUTS)


def array(key, **values):
    return SMEFT.coefficients(SMEFT.complete(values))[key][0]


@pytest.mark.parametrize("name", list(SMEFT_ENTRIES))
def test_entries(name):
    key, i, j, k = SMEFT_ENTRIES[name]
    hermitian = k == 2
    value = 0.3 if hermitian and i == j else 0.3 - 0.2j
    values = {name: value.real} | ({f"Im_{name}": value.imag} if value.imag else {})
    expected = np.zeros((3, 3, 3), dtype=complex)
    if hermitian:
        expected[j, i, k] = 1e-6 * np.conj(value)
    expected[i, j, k] = 1e-6 * value
    np.testing.assert_allclose(array(key, **values), expected, rtol=1e-14)


def test_names():
    names = {parameter.name for parameter in SMEFT.parameters}
    assert {"lq1", "Im_ed", "lq1_tautau", "Im_qe_mutau", "lq3_13_taumu", "lq3_33_tautau"} <= names
    # Hermitian: real on the diagonal, nothing below it.
    assert not names & {"Im_lq3_33_tautau", "lq3_33_taumu", "qe_13_tautau", "ed_13_tautau"}
    assert len(names) == 181


def test_universal_values_add_to_entries():
    got = array("ld", ld=0.1, Im_ld=0.2, ld_mumu=0.5)
    expected = (0.1 + 0.2j) * np.eye(3)
    expected[1, 1] += 0.5
    np.testing.assert_allclose(got[..., 1], 1e-6 * expected)
    assert not got[..., [0, 2]].any()


def test_no_running_is_tree_level():
    found = wilson(lq1_taumu=0.02, Im_lq1_taumu=0.01, ld_ee=-0.03, running=0.0)
    unit = 1e-6 * normalisation(INPUTS)[0]
    assert found["dC_L"][0, 2, 1] == pytest.approx(unit * (0.02 + 0.01j))
    assert found["dC_10"][0, 2, 1] == pytest.approx(-unit * (0.02 + 0.01j))
    assert found["dC_R"][0, 0, 0] == pytest.approx(-0.03 * unit)
    assert found["C_9p"][0, 0, 0] == -found["C_10p"][0, 0, 0] == found["dC_R"][0, 0, 0]
    assert set(found) == {"dC_L", "dC_R", "dC_9", "dC_10", "C_9p", "C_10p"}


def test_running_starts_at_lambda():
    for scale in (1.0, 4.0):
        expected = low_energy(
            {"lq3": array("lq3", lq3_tautau=0.01)[None]}, INPUTS, np.array([scale])
        )
        found = wilson(lq3_tautau=0.01, Lambda=scale)
        assert set(found) == set(expected)
        for key, value in expected.items():
            np.testing.assert_array_equal(found[key], value)


def test_zero_costs_nothing():
    assert len(wilson()) == 0
    assert set(wilson(ld_ee=0.1, lq1=0.0)) == {"dC_R", "C_9p", "C_10p"}


def test_massless_right_handed_neutrinos():
    found = wilson(QN=0.01, Im_dN=0.02)
    unit = 1e-6 * normalisation(INPUTS)[0]
    np.testing.assert_allclose(found["C_Lp"][0], 0.01 * unit * np.eye(3))
    np.testing.assert_allclose(found["C_Rp"][0], 0.02j * unit * np.eye(3))
    assert set(found) == {"C_Lp", "C_Rp"}


def test_right_handed_neutrinos_with_a_mass():
    values = {"QN": 0.012, "Im_QN": 0.003, "dN": -0.007, "Im_dN": 0.002}
    light, massless = wilson(**values, m_N=1e-4), wilson(**values)
    assert set(light) == {"NN_VR", "NN_AR", "m_N"}
    heavy = wilson(**values, m_N=1.5)
    for rate in RATES:
        expected = branching_fraction(rate, massless, INPUTS)[0]
        assert branching_fraction(rate, light, INPUTS)[0] == pytest.approx(expected, rel=1e-6)
        assert branching_fraction(rate, heavy, INPUTS)[0] < expected


def test_neutrino_and_right_handed_neutrino():
    scale = np.array([3.0])
    found = wilson(LNQd=0.01, LNQdT=0.02, Lambda=3.0)
    scalar = 1e-8 * mass_running(scale, "m_b")
    np.testing.assert_allclose(found["nuN_SR"], 0.5 * scalar)
    np.testing.assert_allclose(found["nuN_PR"], -0.5j * scalar)
    np.testing.assert_allclose(found["nuN_TR"], 2e-8 * tensor_running(scale))
    still = wilson(LNQd=0.01, LNQdT=0.02, running=0.0)
    np.testing.assert_allclose(still["nuN_SR"], 0.5e-8)
    np.testing.assert_allclose(still["nuN_TR"], 2e-8)


def test_scalars_and_tensors_do_not_interfere():
    # Why moduli are enough.
    def excess(rate, **values):
        both = branching_fraction(rate, wilson(**values), INPUTS)[0]
        return both - branching_fraction(rate, wilson(), INPUTS)[0]

    for m_n in (0.0, 1.2):
        for rate in RATES:
            parts = (excess(rate, LNQd=0.01, m_N=m_n), excess(rate, LNQdT=0.01, m_N=m_n))
            both = excess(rate, LNQd=0.01, LNQdT=0.01, m_N=m_n)
            assert min(parts) > 0.0
            assert both == pytest.approx(sum(parts), rel=1e-9)


def test_flavours_of_the_neutral_current():
    # The entry [ij] drives b -> s l_i^- l_j^+, and the same of neutrinos.
    for i, first in enumerate(FLAVOURS):
        for j, second in enumerate(FLAVOURS):
            found = wilson(**{f"lq1_{first}{second}": 0.01}, running=0.0)
            for key in ("dC_L", "dC_9", "dC_10"):
                assert np.flatnonzero(found[key][0]).tolist() == [3 * i + j]
