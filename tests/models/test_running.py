import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.data import table
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.models.log_curves import log_curves
from bsinv.models.running import (
    delta_f2,
    delta_f2_between,
    delta_f2_leading,
    low_delta_f2,
    mass_running,
    tensor_running,
)

GOLDEN = json.loads(Path(__file__).with_name("golden_matching.json").read_text())
ENTRIES = GOLDEN["entries"]
PAIRS = ("bs", "bd", "sd", "cu")
SCALES = np.geomspace(0.1, 50.0, 40)


def test_masses():
    for name, expected in ENTRIES["run.scalar"]["outputs"].items():
        scale, low = name.split("->")
        low = {"4.18": "m_b", "2": "2GeV"}.get(low, low)
        assert mass_running(np.array([float(scale) / 1e3]), low)[0] == pytest.approx(
            expected, rel=3e-3
        )
    with pytest.raises(UnknownNameError, match="unknown low scale '2 GeV': did you mean '2GeV'"):
        mass_running(np.ones(1), "2 GeV")


def test_tensors():
    np.testing.assert_allclose(tensor_running(np.array([1.0, 2.0])), [0.854, 0.843], rtol=1e-3)


def test_leading_order():
    entry = ENTRIES["mix.running"]
    given = entry["inputs"]
    left, vector, mixed, scalar = delta_f2_leading(
        (given["a2T"] / given["amt"], 7.0), (given["amt"] / given["a42"], 23.0 / 3.0)
    )
    assert left[0] == pytest.approx(entry["outputs"]["U_VLL"], rel=1e-6)
    got = [[vector[0], 0.0], [mixed[0], scalar[0]]]
    np.testing.assert_allclose(got, entry["outputs"]["U_LR"], rtol=1e-6)


def test_delta_f2_near_leading_order():
    # Yukawa couplings make 4 % in VLL; the split of VLR is that of leading order.
    full = delta_f2("bs", np.array([2.0]))
    (matrix_vv, _), (matrix_sv, matrix_ss) = ENTRIES["mix.running"]["outputs"]["U_LR"]
    assert full["VLL"][0] == pytest.approx(ENTRIES["mix.running"]["outputs"]["U_VLL"], rel=0.05)
    assert full["VRR"][0] == pytest.approx(ENTRIES["mix.running"]["outputs"]["U_VLL"], rel=5e-3)
    assert full["VLR"][0] == pytest.approx(matrix_vv, rel=0.02)
    assert full["VLR->SLR"][0] == pytest.approx(matrix_sv, rel=0.02)
    assert full["SLR"][0] == pytest.approx(matrix_ss, rel=1e-3)


@pytest.mark.parametrize("pair", PAIRS)
def test_delta_f2_gives_the_tabulated_derivatives(pair):
    source = table(f"mixing_running_{pair}").columns
    own = {key: column[0] for key, column in table(f"mixing_low_energy_{pair}").columns.items()}
    factors = delta_f2(pair, source["Lambda"])
    for name in ("VLL", "VRR"):
        np.testing.assert_allclose(factors[name] * own["VLL"], source[name], rtol=1e-12)
    total = factors["VLR"] * own["VLR"] + factors["VLR->SLR"] * own["SLR"]
    np.testing.assert_allclose(total, source["VLR"], rtol=1e-12)
    assert factors["SLR"][0] * own["SLR"] == pytest.approx(own["SLR_mZ"], rel=1e-12)


def test_derivatives_of_the_bs():
    names = {"qq1_2323": "VLL", "dd_2323": "VRR", "qd1_2323": "VLR"}
    source = table("mixing_running_bs").columns
    for name, value in GOLDEN["mixing_Bs"].items():
        operator, scale = name.split("@")
        if operator in names:
            row = list(source["Lambda"]).index(float(scale) / 1e3)
            # Those are coefficients of L.
            # The two runs differ in the size of the coefficient.
            assert source[names[operator]][row] == pytest.approx(-value, rel=5e-5)


@pytest.mark.parametrize("pair", PAIRS)
def test_factors_are_monotonic_and_continuous(pair):
    factors = delta_f2(pair, SCALES)
    for name, sign in {"VLL": -1, "VRR": -1, "VLR": -1, "VLR->SLR": -1, "SLR": 1}.items():
        steps = sign * np.diff(factors[name])
        assert np.all(steps > 0.0), name
        assert np.all(steps < 0.1 * abs(factors[name][1:])), name


def test_low_delta_f2():
    scale = np.array([1.0, 3.0])
    given = {"VLL": np.array([1e-12 + 1e-12j]), "VLR": np.array([2e-12]), "SLR": np.array([1e-13])}
    factors = delta_f2("bs", scale)
    got = low_delta_f2("bs", given, scale)
    np.testing.assert_allclose(got["C_VLL_bs"], factors["VLL"] * given["VLL"])
    np.testing.assert_allclose(got["C_VLR_bs"], factors["VLR"] * given["VLR"])
    expected = factors["SLR"] * given["SLR"] + factors["VLR->SLR"] * given["VLR"]
    np.testing.assert_allclose(got["C_SLR_bs"], expected)
    still = low_delta_f2("bs", given, scale, 0.0)
    for name, value in given.items():
        np.testing.assert_allclose(still[f"C_{name}_bs"], np.full(2, value[0]), rtol=1e-14)
    with pytest.raises(UnknownNameError, match="operator 'TLL'"):
        low_delta_f2("bs", {"TLL": np.ones(1)}, scale)
    with pytest.raises(UnknownNameError, match="unknown quark pair 'sb'"):
        delta_f2("sb", scale)


def test_between_low_scales():
    there, back = delta_f2_between(4.8, 2.0), delta_f2_between(2.0, 4.8)
    for name in ("VLL", "VRR", "VLR", "SLR"):
        assert there[name] * back[name] == pytest.approx(1.0, rel=1e-12)
    mixed = there["VLR->SLR"] * back["VLR"] + there["SLR"] * back["VLR->SLR"]
    assert mixed == pytest.approx(0.0, abs=1e-12)
    assert delta_f2_between(4.8, 4.2)["SLL"] == pytest.approx(1.026, abs=2e-3)


def test_curves_between_their_points():
    # wilson 2.5.2 at 0.25, 10 and 50 TeV and at scales that the table does not have.
    curve = log_curves("smeft_running_lq3", np.array([0.25, 0.5, 10.0, 20.0, 50.0]))["dC_L"]
    expected = [-1.038602, -1.065289, -1.181969, -1.20926, -1.245513]
    np.testing.assert_allclose(curve, expected, rtol=1e-4)
    curve = log_curves("smeft_running_lq1", np.array([0.25, 0.5, 10.0, 20.0]))["dC_9"]
    np.testing.assert_allclose(curve, [0.9754531, 0.9678495, 0.9373696, 0.930784], rtol=1e-4)


TABLES = [
    *(f"smeft_running_{name}" for name in ("lq1", "lq3", "ld", "qe", "ed", "qd")),
    *(f"smeft_running_{name}_33" for name in ("lq1", "lq3", "qe")),
    *(f"mixing_running_{pair}" for pair in PAIRS),
    "qcd_running",
]


@pytest.mark.parametrize("name", TABLES)
def test_scales_outside_a_table_are_refused(name):
    top = 100.0 if name == "qcd_running" else 50.0
    inside = log_curves(name, np.array([0.0911876, top, top * (1 + 1e-12)]))
    assert all(np.isfinite(curve).all() for curve in inside.values())
    # Not frozen between the two last points.
    assert all(len(set(log_curves(name, np.array([20.0, 35.0, top]))[key])) == 3 for key in inside)
    for scale in (1.001 * top, 0.09, 0.0, -1.0, np.inf):
        with pytest.raises(PredictionError) as error:
            log_curves(name, np.array([2.0, scale]))
        assert str(error.value) == (
            f"the scale of new physics is {scale:.6g} TeV: the running ({name}) is tabulated from "
            f"0.0911876 to {top:.6g} TeV."
        )


def test_curves_are_smooth():
    middle = np.geomspace(0.2, 45.0, 200)
    step = 1e-4
    values = [log_curves("smeft_running_ld", middle * np.exp(k * step)) for k in (-1, 0, 1)]
    for column in values[0]:
        low, at, high = (value[column] for value in values)
        slope = (high - low) / (2 * step)
        assert np.abs(high - 2 * at + low).max() < 1e-6 * step
        assert np.abs(np.diff(slope)).max() < 0.1 * np.abs(slope).max()


def test_a_scale_that_is_not_a_number():
    curve = log_curves("qcd_running", np.array([np.nan, 2.0]))["m_b"]
    assert np.isnan(curve).tolist() == [True, False]
