"""Mixing of neutral mesons."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.measurements import measurement
from bsinv.errors import UnknownNameError
from bsinv.physics.ckm import ckm_matrix, lambda_t, lambda_td
from bsinv.physics.flavour import mixing
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from bsinv.physics.wilson_names import MIXING_OPERATORS

FILE = json.loads(Path(__file__).with_name("golden_mixing.json").read_text())
GOLDEN, FLAVIO = FILE["golden"], FILE["flavio"]
INPUTS = Inputs.default()
HBAR = 6.582119569e-25
PAIRS = {"Bs": "bs", "B0": "bd", "K0": "sd", "D0": "cu"}
DELTA_M = {"Bs": "DeltaM_s", "B0": "DeltaM_d"}


@pytest.fixture(scope="module")
def flavio_inputs():
    given = dict(FLAVIO["inputs"])
    given["tau_D0"] = given.pop("tau_D0_GeV") * HBAR / 1e-12
    inputs = Inputs.default().replace(constants=given)
    # |V_tb V_td*| of the same CKM matrix as that of flavio.
    matrix = ckm_matrix(inputs)[0]
    return inputs.replace(
        constants={
            "Vub": abs(matrix[0, 2]),
            "Vus": abs(matrix[0, 1]),
            "CKM_gamma": -np.degrees(np.angle(matrix[0, 2])),
        }
    )


def cplx(pairs):
    array = np.array(pairs)
    return array[..., 0] + 1j * array[..., 1]


def of(row):
    pair = PAIRS[row["meson"]]
    return Wilson({f"C_{name}_{pair}": cplx(value) for name, value in row["C"].items()})


def rows(*mesons):
    return [
        pytest.param(row, id=f"{row['meson']}-{i}")
        for i, row in enumerate(FLAVIO["mixing"])
        if row["meson"] in mesons
    ]


def matrix_elements(name, inputs):
    """M_12 of each operator for a coefficient of one."""
    pair = mixing.neutral_meson(name).pair
    return {
        operator: mixing.new_amplitude(name, Wilson({f"C_{operator}_{pair}": 1.0}), inputs).real
        for operator in MIXING_OPERATORS
    }


def test_golden_matrix_elements():
    given, expected = GOLDEN["mix"]["inputs"], GOLDEN["mix"]["outputs"]
    constants = {
        "m_Bs": given["m_Bs"],
        "f_Bs": given["f_Bs"],
        "chiral_Bs": given["r"],
        **{f"bag_Bs_{i}": given[f"B{i}"] for i in (1, 4, 5)},
    }
    got = matrix_elements("Bs", INPUTS.replace(constants=constants))
    for name in ("VLL", "SLR", "VLR"):
        assert got[name][0] == pytest.approx(expected[f"me_{name}"], rel=1e-6)


@pytest.mark.parametrize("name", ["Bs", "B0", "K0", "D0"])
def test_matrix_elements_of_flavio(name, flavio_inputs):
    got = matrix_elements(name, flavio_inputs)
    for operator, value in FLAVIO["matrix_elements"][name].items():
        assert got[operator][0] == pytest.approx(value, rel=1e-8)
    assert got["VRR"] == got["VLL"]
    assert got["SRR"] == got["SLL"]


@pytest.mark.parametrize("row", rows("Bs", "B0", "K0", "D0"))
def test_new_physics_of_flavio(row, flavio_inputs):
    got = mixing.new_amplitude(row["meson"], of(row), flavio_inputs)
    np.testing.assert_allclose(got, cplx(row["M12_NP"]), rtol=1e-8)


@pytest.mark.parametrize("row", rows("Bs", "B0"))
def test_b_mixing_of_flavio(row, flavio_inputs):
    name, wilson = row["meson"], of(row)
    standard = mixing.standard_amplitude(name, flavio_inputs)
    np.testing.assert_allclose(standard, cplx(row["M12_SM"]), rtol=1e-7)
    ratio = mixing.amplitude_ratio(name, wilson, flavio_inputs)
    np.testing.assert_allclose(ratio, cplx(row["M12"]) / cplx(row["M12_SM"]), rtol=1e-7)
    got = observable(DELTA_M[name])(wilson, flavio_inputs)[0]
    assert got == pytest.approx(row["DeltaM_per_ps"], rel=1e-7)
    phase = observable(f"phase(M12_{'s' if name == 'Bs' else 'd'})")(wilson, flavio_inputs)
    np.testing.assert_allclose(phase, np.angle(ratio))
    # The phase of M_12/(V_cb V_cq*)^2 is that of the CP asymmetries.
    if name == "Bs":
        got, expected = observable("phi_s")(wilson, flavio_inputs)[0], row["phase"]
    else:
        got, expected = observable("sin2beta")(wilson, flavio_inputs)[0], np.sin(row["phase"])
    assert got == pytest.approx(expected, abs=1e-7)


def test_cp_asymmetries_of_flavio_in_the_standard_model(flavio_inputs):
    """S of B0 -> J/psi K_S and Bs -> J/psi phi, there with Gamma_12."""
    got = observable("sin2beta")(Wilson(), flavio_inputs)[0]
    assert got == pytest.approx(FLAVIO["S_psiK"], abs=5e-5)
    got = -np.sin(observable("phi_s")(Wilson(), flavio_inputs)[0])
    assert got == pytest.approx(FLAVIO["S_psiphi"], abs=5e-5)


@pytest.mark.parametrize("row", rows("K0"))
def test_kaon(row, flavio_inputs):
    wilson, expected = of(row), row["eps"]
    got = mixing.epsilon_k_new(wilson, flavio_inputs)[0]
    assert got == pytest.approx(expected, rel=1e-8)
    assert observable("epsilon_K(NP)")(wilson, flavio_inputs)[0] == pytest.approx(abs(expected))
    total = observable("|epsilon_K|")(wilson, flavio_inputs)[0]
    assert total == pytest.approx(abs(2.161e-3 + expected))
    real = observable("DeltaM_K(NP)")(wilson, flavio_inputs)[0]
    assert real == pytest.approx(2.0 * abs(row["M12_NP"][0]), rel=1e-8)


@pytest.mark.parametrize("row", rows("D0"))
def test_charm(row, flavio_inputs):
    got = observable("x12_D(NP)")(of(row), flavio_inputs)[0]
    assert got == pytest.approx(row["x12"], rel=1e-8)


def test_amplitude_of_the_standard_model_over_lambda_t_squared(flavio_inputs):
    reduced = mixing.standard_amplitude("Bs", flavio_inputs) / lambda_t(flavio_inputs) ** 2
    assert reduced[0] == pytest.approx(3.362e-9, rel=1e-4)
    reduced = mixing.standard_amplitude("B0", flavio_inputs) / lambda_td(flavio_inputs) ** 2
    assert reduced[0] == pytest.approx(2.329281e-9, rel=1e-6)


def test_standard_model_values_and_data():
    values = {"DeltaM_s": 17.16, "DeltaM_d": 0.5036, "|epsilon_K|": 2.161e-3, "sin2beta": 0.716}
    for name, value in values.items():
        assert observable(name)(Wilson(), INPUTS)[0] == pytest.approx(value, rel=2e-3)
    for name, id, error in (
        ("DeltaM_s", "hflav_2024_dms", 0.055),
        ("DeltaM_d", "hflav_2025_dmd", 0.08),
    ):
        predicted = observable(name)(Wilson(), INPUTS)[0]
        assert predicted == pytest.approx(measurement(id).values[0], rel=error)
    for name in ("epsilon_K(NP)", "DeltaM_K(NP)", "x12_D(NP)", "phase(M12_s)", "phase(M12_d)"):
        assert observable(name)(Wilson(), INPUTS)[0] == 0.0
    assert observable("phi_s")(Wilson(), INPUTS)[0] == pytest.approx(-0.0375, abs=5e-4)


def test_box_function():
    """Limits: S_0(x) to x for light quarks, 3/4 in the limit x to 1, x/4 for x to infinity."""
    got = mixing.box_function(np.array([1e-6, 1.0 + 1e-4, 1e8]))
    np.testing.assert_allclose(got, [1e-6, 0.75, 2.5e7], rtol=1e-4)
    assert mixing.box_function(np.array([(162.5 / 80.4) ** 2]))[0] == pytest.approx(2.31, rel=5e-3)


def test_box_of_a_scalar_doublet_leptoquark():
    """R_K = 5.3 with tau couplings of a doublet of 1.5 TeV, run as from 2 TeV to 4.2 GeV."""
    given, expected = GOLDEN["st12.benchmark"]["inputs"], GOLDEN["st12.benchmark"]["outputs"]
    high = 2.0 * expected["lamlam"] ** 2 / (128.0 * np.pi**2 * given["M"] ** 2)
    low = high * given["me_RR_2TeV"] / matrix_elements("Bs", INPUTS)["VRR"]
    new = mixing.new_amplitude("Bs", Wilson({"C_VRR_bs": low}), INPUTS)
    got = new.real / given["M12_SM"]
    assert got[0] == pytest.approx(expected["M12_ratio_shift"], rel=1e-6)


def test_real_coupling_over_lambda_t_adds_to_the_standard_model():
    """C_VLL of the phase of (V_tb V_ts*)^2 moves DeltaM_s and no phase."""
    factor = lambda_t(INPUTS) ** 2
    wilson = Wilson({"C_VLL_bs": 1e-8 * factor * np.array([1.0, -1.0])})
    ratio = mixing.amplitude_ratio("Bs", wilson, INPUTS)
    np.testing.assert_allclose(ratio.imag, 0.0, atol=1e-14)
    np.testing.assert_allclose(
        observable("DeltaM_s")(wilson, INPUTS),
        observable("DeltaM_s")(Wilson(), INPUTS) * ratio.real,
    )
    assert ratio.real[0] > 1.0 > ratio.real[1]


def test_k_mixing_of_the_standard_model_has_the_sign_of_epsilon():
    """(V_ts V_td*)^2 with a positive box gives a positive epsilon_K."""
    product = lambda_td(INPUTS) / lambda_t(INPUTS).conj() * np.abs(lambda_t(INPUTS)) ** 2
    wilson = Wilson({"C_VLL_sd": 1e-6 * product**2})
    assert mixing.epsilon_k_new(wilson, INPUTS)[0] > 0.0


def test_batches_and_varying_inputs():
    rng = np.random.default_rng(5)
    names = [f"C_{op}_{pair}" for op in ("VLL", "VLR", "SRR") for pair in PAIRS.values()]
    size = 4
    values = {name: 1e-12 * (rng.normal(size=size) + 1j * rng.normal(size=size)) for name in names}
    constants = {"VtbVts": rng.uniform(0.039, 0.042, size), "CKM_etabar": np.full(size, 0.34)}
    together = INPUTS.replace(constants=constants)
    for name in ("DeltaM_s", "DeltaM_d", "phi_s", "sin2beta", "|epsilon_K|", "x12_D(NP)"):
        got = observable(name)(Wilson(values), together)
        for i in range(size):
            single = INPUTS.replace(constants={key: value[i] for key, value in constants.items()})
            one = observable(name)(Wilson({key: v[i] for key, v in values.items()}), single)
            assert got[i] == pytest.approx(one[0], rel=1e-12)


def test_what_is_not_calculable():
    with pytest.raises(
        UnknownNameError, match="unknown neutral meson 'K0' in the Standard Model amplitude"
    ):
        mixing.standard_amplitude("K0", INPUTS)
    with pytest.raises(UnknownNameError, match="unknown neutral meson 'Bd'; known: B0, Bs"):
        mixing.new_amplitude("Bd", Wilson(), INPUTS)


def test_bounds_say_what_they_are():
    for id in ("bound_epsK_np", "bound_dmK_np", "bound_x12D_np"):
        record = measurement(id)
        assert record.kind == "upper_limit"
        assert record.notes[0].startswith("Requirement that")
        entry = observable(record.observables[0])
        assert entry.unit == record.unit
    assert measurement("bound_epsK_np").limit == pytest.approx(0.2 * 2.228e-3, rel=0.02)
    assert measurement("bound_dmK_np").limit == measurement("pdg_dmK").values[0]
