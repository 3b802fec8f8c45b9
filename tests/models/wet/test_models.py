import numpy as np
import pytest
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson_names import FLAVOURS

INPUTS = Inputs.default()


def matrix(name, key, **values):
    entry = model(name)
    return entry.wilson(entry.complete(values), INPUTS)[key][0]


@pytest.mark.parametrize("key", ["dC_L", "dC_R", "C_Lp", "C_Rp"])
def test_vector_entries(key):
    for i, first in enumerate(FLAVOURS):
        for j, second in enumerate(FLAVOURS):
            name = f"{key}_{first}{second}"
            expected = np.zeros((3, 3), dtype=complex)
            expected[i, j] = 2.0 - 3.0j
            got = matrix("wet", key, **{name: 2.0, f"Im_{name}": -3.0})
            np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("key", ["dC_L", "dC_R", "C_Lp", "C_Rp", "C_SL", "C_SR"])
def test_universal_values_add_to_entries(key):
    got = matrix("wet", key, **{key: 1.5, f"Im_{key}": 0.5, f"{key}_mumu": 1.0})
    expected = (1.5 + 0.5j) * np.eye(3)
    expected[1, 1] += 1.0
    np.testing.assert_array_equal(got, expected)


def test_scalars_are_symmetric_and_tensors_antisymmetric():
    got = matrix("wet", "C_SL", C_SL_emu=1.0, Im_C_SL_mutau=2.0, C_SL_tautau=3.0)
    np.testing.assert_array_equal(got, [[0, 1, 0], [1, 0, 2j], [0, 2j, 3]])
    got = matrix("wet", "C_TL", C_TL_emu=1.0, C_TL_etau=2.0, Im_C_TL_mutau=3.0)
    np.testing.assert_array_equal(got, [[0, 1, 2], [-1, 0, 3j], [-2, -3j, 0]])
    names = {parameter.name for parameter in model("wet").parameters}
    assert not names & {"C_SL_mue", "C_TL_ee", "C_TL_mue", "C_TL"}


def test_coefficients_at_zero_cost_nothing():
    entry = model("wet")
    assert len(entry.wilson(entry.complete(), INPUTS)) == 0
    wilson = entry.wilson(entry.complete({"dC_L": 0.0, "dC_R_ee": 1.0}), INPUTS)
    assert set(wilson) == {"dC_R"}


def test_smaller_models_agree_with_the_general_one():
    values = {"dC_L": 1.0, "Im_dC_L": 0.3, "dC_R": -2.0, "Im_dC_R": 0.1, "C_Lp": 0.7, "C_Rp": -0.2}
    values |= {"Im_C_Lp": -0.4, "Im_C_Rp": 0.6}
    for key in ("dC_L", "dC_R", "C_Lp", "C_Rp"):
        np.testing.assert_array_equal(
            matrix("wet-lfu", key, **values), matrix("wet", key, **values)
        )
    values = {"dC_R_ee": 1.0, "dC_R_tautau": 2.0, "Im_dC_R_mumu": -1.0}
    np.testing.assert_array_equal(
        matrix("wet-diagonal", "dC_R", **values), np.diag([1.0, -1.0j, 2.0])
    )
