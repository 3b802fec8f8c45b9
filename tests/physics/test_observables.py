import pickle

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.dark_matter import observables as dark_matter_observables
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import (
    binned_branching_fraction,
    branching_fraction,
    differential_branching_fraction,
)
from bsinv.physics.invisible.tau_pole import tau_pole_differential
from bsinv.physics.observables import ALIASES, observable, observables
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
NAMES = tuple(observables())
UNITS = {
    "tau_eff(Bs->mumu)": "ps",
    "DeltaM_s": "ps^-1",
    "DeltaM_d": "ps^-1",
    "DeltaM_K(NP)": "GeV",
    "sigmav_x20(phi)": "GeV^-2",
    "sigmav_0(phi)": "cm^3 s^-1",
    "f_eff*sigmav/m(phi)": "cm^3 s^-1 GeV^-1",
    "sigma_SI(phi)": "cm^2",
    "|C_S(sb)|(phi)": "GeV^-1",
    "|C_S(ss)|(phi)": "GeV^-1",
}
# Not predicted without a dark scalar.
OF_DARK_MATTER = {entry.name for entry in dark_matter_observables.OBSERVABLES}
DARK_SCALAR = {"m_phi0": 0.7, "phi0_S_ss": 1e-4, "phi0_kappa": 0.01}
PREDICTED_BY_A_SIGNAL_STRENGTH = (
    "BR(B+->Knunu)",
    "dBR/dq2(B+->Knunu)",
    "<dBR/dq2>(B+->Knunu)",
)


def predict(name, wilson=None, **kinematics):
    entry = observable(name)
    if "q2" in entry.kinematics:
        kinematics.setdefault("q2", np.array([2.0, 9.0]))
    if "q2min" in entry.kinematics:
        kinematics = {"q2min": 0.01, "q2max": 9.0, **kinematics}
    return entry(standard(name) if wilson is None else wilson, INPUTS, **kinematics)


def standard(name):
    return Wilson(DARK_SCALAR if name in OF_DARK_MATTER else {})


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_records(name):
    entry = observable(name)
    assert entry.name == name
    assert entry.latex
    assert entry.description
    assert entry.references
    assert entry.unit == UNITS.get(name, "GeV^-2" if "dBR" in name else "1")
    wilson = Wilson({"dC_L": np.zeros((3, 3, 3)), **standard(name)})
    many = "q2" in entry.kinematics
    assert predict(name, wilson).shape == ((3, 2) if many else (3,))
    if many:
        assert predict(name, wilson, q2=2.0).shape == (3,)
        np.testing.assert_allclose(predict(name, q2=2.0), predict(name)[:, 0])


@pytest.mark.parametrize("name", NAMES)
def test_can_be_sent_to_another_process(name):
    entry = pickle.loads(pickle.dumps(observable(name)))
    kinematics = dict(zip(entry.kinematics, (0.02, 4.0), strict=False))
    np.testing.assert_array_equal(
        entry(standard(name), INPUTS, **kinematics), predict(name, **kinematics)
    )


def test_names_of_measurements():
    for alias, name in ALIASES.items():
        assert observable(alias) is observables()[name]
        assert alias not in observables()
    assert observable("BR(B->K*nunu)").name == "BR(B->K*nunu)"


def test_standard_model_values():
    """About 4.8e-6 and 9.8e-6 at |V_tb V_ts*| = 0.0410."""
    assert predict("BR(B+->Knunu)")[0] == pytest.approx(4.75e-6, rel=0.01)
    assert predict("BR(B0->K*nunu)")[0] == pytest.approx(9.8e-6, rel=0.01)


def test_isospin_and_ks():
    np.testing.assert_allclose(predict("BR(B0->KSnunu)"), 0.5 * predict("BR(B0->Knunu)"))
    for meson in ("K", "K*"):
        mean = 0.5 * (predict(f"BR(B+->{meson}nunu)") + predict(f"BR(B0->{meson}nunu)"))
        np.testing.assert_allclose(predict(f"BR(B->{meson}nunu)"), mean)
        mean = 0.5 * (predict(f"dBR/dq2(B+->{meson}nunu)") + predict(f"dBR/dq2(B0->{meson}nunu)"))
        np.testing.assert_allclose(predict(f"dBR/dq2(B->{meson}nunu)"), mean)


@pytest.mark.parametrize(
    "name",
    [name for name in NAMES if name.startswith("BR") and "q2max" in observable(name).optional],
)
def test_ranges_add_up(name):
    middle = 7.0 if name[:4] in ("BR(B", "BR_L") else 0.05
    parts = predict(name, q2max=middle) + predict(name, q2min=middle)
    np.testing.assert_allclose(parts, predict(name), rtol=1e-11)


def test_ratios_are_one_in_the_standard_model_and_do_not_depend_on_normalisations():
    wilson = Wilson({"dC_R": 2.0 * np.eye(3)})
    scaled = INPUTS.replace(constants={"norm_BtoKstar": 0.7, "VtbVts": 0.05})
    for name in ("RK(nunu)", "RK*(nunu)"):
        np.testing.assert_allclose(predict(name), 1.0, rtol=1e-14)
        np.testing.assert_allclose(observable(name)(wilson, scaled), predict(name, wilson))
        assert predict(name, wilson, q2min=2.0, q2max=4.0).shape == (1,)


def test_longitudinal_fractions():
    local = predict("FL(B0->K*nunu)", q2=np.linspace(0.0, 19.0, 20))[0]
    assert local[0] == pytest.approx(1.0)
    assert local[-1] == pytest.approx(1.0 / 3.0, abs=0.02)
    assert np.all(np.diff(local) < 0.0)
    narrow = predict("<FL>(B0->K*nunu)", q2min=8.999, q2max=9.001)
    np.testing.assert_allclose(narrow, predict("FL(B0->K*nunu)", q2=9.0), rtol=1e-6)


def test_a_fraction_of_nothing_is_refused():
    with pytest.raises(PredictionError, match="vanishes at the q2 asked for"):
        predict("FL(B0->K*nunu)", q2=23.0)
    with pytest.raises(PredictionError, match="vanishes at the q2 asked for"):
        predict("FL(B0->K*nunu)", q2=[3.0, -1.0])


BINNED = [name for name in NAMES if "q2max" in observable(name).optional]
DIFFERENTIAL = [name for name in NAMES if name.startswith("dBR/dq2")]


@pytest.mark.parametrize("name", BINNED)
def test_bins_that_hold_nothing_of_the_physical_region_are_refused(name):
    for limits, bin_ in (
        ({"q2min": 28.0, "q2max": 29.0}, "from 28 to 29"),
        ({"q2min": 30.0}, "from 30"),
        ({"q2min": -2.0, "q2max": 0.0}, "from -2 to 0"),
    ):
        with pytest.raises(PredictionError) as caught:
            predict(name, **limits)
        message = str(caught.value)
        assert f"the bin of q2 {bin_} GeV^2 holds nothing of the physical region, from 0" in message
    # What holds part of it is cut.
    assert predict(name, q2min=-3.0, q2max=50.0) == pytest.approx(predict(name), rel=1e-12)


def test_the_physical_region_is_named():
    end = (INPUTS.constant("m_Bplus")[0] - INPUTS.constant("m_Kplus")[0]) ** 2
    with pytest.raises(PredictionError, match=f"from 0 to {end:.6g} GeV"):
        predict("BR(B+->Knunu)", q2min=end)
    assert predict("BR(B+->Knunu)", q2min=end - 1e-6)[0] > 0.0
    # The mean of two modes has the larger region; masses that vary, the largest.
    assert predict("BR(B->Knunu)", q2min=end - 1e-6)[0] > 0.0
    varied = INPUTS.replace(constants={"m_Bplus": np.array([5.3, 5.2794])})
    values = observable("BR(B+->Knunu)")(Wilson(), varied, q2min=end + 0.01)
    assert values[0] > 0.0
    assert values[1] == 0.0


@pytest.mark.parametrize("name", DIFFERENTIAL)
def test_spectra_vanish_outside_the_physical_region(name):
    values = predict(name, q2=[-1.0, -1e-9, 26.5, 28.0, 1e6])[0]
    np.testing.assert_array_equal(values, 0.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, [1.0, np.nan], [[1.0]], "x", None])
def test_functions_behind_refuse_q2_that_is_not_finite(bad):
    with pytest.raises(PredictionError, match="it must be a finite number"):
        differential_branching_fraction("B+->K+", Wilson(), INPUTS, bad)
    with pytest.raises(PredictionError, match="it must be a finite number"):
        tau_pole_differential("B+->K+", INPUTS, bad)


def test_several_bins_may_lie_outside():
    """As those of the Belle II likelihood, whose masses differ from those of B+ and K+."""
    edges = np.array([-1.0, 0.0, 22.0, 22.885, 24.0, 25.0])
    values = binned_branching_fraction("B+->K+", Wilson(), INPUTS, edges)[0]
    np.testing.assert_array_equal(values > 0.0, [False, True, True, True, False])
    with pytest.raises(PredictionError, match="the bin of q2 from 24 to 25"):
        branching_fraction("B+->K+", Wilson(), INPUTS, q2min=24.0, q2max=25.0)


@pytest.mark.parametrize("name", NAMES)
def test_signal_strength(name):
    wilson = Wilson({"signal_strength": [1.0, 2.0]})
    if name in PREDICTED_BY_A_SIGNAL_STRENGTH:
        values = predict(name, wilson)
        np.testing.assert_allclose(values[1], 2.0 * values[0])
    else:
        with pytest.raises(PredictionError, match=r"a signal strength predicts only B\+->K\+nunu"):
            predict(name, wilson)
    if name == "BR(B+->Knunu)":
        assert predict(name, wilson)[0] == pytest.approx(4.96613e-6, rel=1e-6)


def test_mistakes():
    with pytest.raises(
        UnknownNameError, match=r"unknown observable 'BR\(B\+->Knn\)': did you mean"
    ):
        observable("BR(B+->Knn)")
    with pytest.raises(
        UnknownNameError, match=r"in BR\(B\+->Knunu\): did you mean 'q2max' or 'q2m"
    ):
        predict("BR(B+->Knunu)", q2=1.0)
    with pytest.raises(PredictionError, match=r"dBR/dq2\(B0->Knunu\) needs a value of q2"):
        observable("dBR/dq2(B0->Knunu)")(Wilson(), INPUTS)
    with pytest.raises(UnknownNameError, match="long_distance"):
        predict("BR(B0->Knunu)", long_distance=True)


@pytest.mark.parametrize(
    ("name", "kinematics", "message"),
    [
        (
            "BR(B+->Knunu)",
            {"q2min": [1, 2], "q2max": [3, 4]},
            "q2min = [1, 2] is not allowed: it must be one finite number, in GeV^2; without limits "
            "the range is the physical region.",
        ),
        (
            "<FL>(B0->K*nunu)",
            {"q2max": np.nan},
            "q2max = nan is not allowed: it must be one finite number, in GeV^2; without limits "
            "the range is the physical region.",
        ),
        (
            "BR_LD(B+->Knunu)",
            {"q2min": 4.0, "q2max": 4.0},
            "q2max = 4 is not allowed: it must be above q2min = 4 GeV^2.",
        ),
        (
            "RK(nunu)",
            {"q2max": -1},
            "q2max = -1 is not allowed: it must be above q2min = 0 GeV^2.",
        ),
        (
            "dBR/dq2(B0->Knunu)",
            {"q2": np.nan},
            "q2 = nan is not allowed: it must be a finite number, or an array (k,) of finite "
            "numbers, in GeV^2.",
        ),
        (
            "FL(B0->K*nunu)",
            {"q2": "x"},
            "q2 = x is not allowed: it must be a finite number, or an array (k,) of finite "
            "numbers, in GeV^2.",
        ),
    ],
)
def test_q2_that_is_not_allowed(name, kinematics, message):
    with pytest.raises(PredictionError) as caught:
        predict(name, **kinematics)
    assert str(caught.value) == f"{name}: {message}"
