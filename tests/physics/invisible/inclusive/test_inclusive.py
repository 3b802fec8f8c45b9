"""B → X_s + invisible: normalisation, regions, the larger of partonic and exclusive, the flag."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.inclusive.qcd import qcd_factor, total_qcd_factor
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
TOTAL = "BR(B->X_snunu)"
REGIONS = tuple(f"{TOTAL}[{name}]" for name in ("M_Xs<0.6 GeV", "0.6<M_Xs<1.0 GeV", "M_Xs>1.0 GeV"))


def predict(name, wilson=None, inputs=INPUTS, **kinematics):
    return observable(name)(wilson or Wilson(), inputs, **kinematics)


def one(name, inputs=INPUTS, **values):
    return predict(name, Wilson(values), inputs)[0]


def test_standard_model():
    """3.35(10), 3.62(11) of Fael and others 2026; regions 0.46, 0.90, 2.1 of 2511.10980's SM."""
    assert one("BR(B0->X_snunu)") == pytest.approx(3.35e-5, rel=1e-12)
    assert one("BR(B+->X_snunu)") == pytest.approx(3.62e-5, rel=1e-12)
    assert one(TOTAL) == pytest.approx(3.485e-5, rel=1e-12)
    found = [one(name) for name in REGIONS]
    np.testing.assert_allclose(found, [4.6e-6, 9.0e-6, 2.1e-5], rtol=0.03)
    assert sum(found) == pytest.approx(one(TOTAL), rel=1e-12)


def test_vtbvts_cancels_for_neutrinos_and_does_not_touch_dark_states():
    other = INPUTS.replace(constants={"VtbVts": 0.03, "alpha_inv": 120.0})
    assert one(TOTAL, other) == pytest.approx(one(TOTAL), rel=1e-12)
    dark = {"chi_VV": 2e-8, "m_chi": 0.3}
    found = one(TOTAL, other, **dark) - one(TOTAL, other)
    assert found == pytest.approx(one(TOTAL, **dark) - one(TOTAL), rel=1e-9)


def test_a_world_without_standard_model():
    """X_t = 0 leaves dark states alone, with the usual normalisation."""
    alone = INPUTS.replace(constants={"X_t": 0.0})
    assert one(TOTAL, alone) == 0.0
    dark = {"chi_VV": 2e-8, "m_chi": 0.3}
    assert one(TOTAL, alone, **dark) == pytest.approx(one(TOTAL, **dark) - one(TOTAL), rel=1e-9)
    mixed = INPUTS.replace(constants={"X_t": np.array([0.0, 1.469])})
    np.testing.assert_allclose(predict(TOTAL, Wilson(), mixed), [0.0, 3.485e-5], rtol=1e-12)


def test_left_and_right_handed_quarks():
    """Σ(|C_L|² + |C_R|²) − ρ_LR Re C_L C_R*, ρ_LR near 4 m_s/m_b = 0.086 (A.1)."""
    c = predict("BR(B0->X_snunu)", Wilson({"dC_R": np.array([[[-6.353]], [[6.353]]]) * np.eye(3)}))
    ratio = c / 3.35e-5
    assert ratio.mean() == pytest.approx(2.0, rel=1e-3)
    assert (ratio[1] - ratio[0]) / 2.0 == pytest.approx(0.0848, abs=0.001)


# (K + K*)/inclusive of inclusive_baryons.md A.3 for unit couplings, with form factors of its own.
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"chi_VV": 1.0, "chi_AV": -1.0}, (0.39, 0.51)),
        ({"chi_VA": 1.0, "chi_AA": -1.0}, (0.39, 0.59)),
        ({"chi_TT": 1.0}, (0.29, 0.39)),
        ({"chi_SS": 1.0}, (1.34, 2.11)),
        ({"chi_PS": 1.0}, (0.62, 0.79)),
    ],
)
def test_where_the_expansion_fails(values, expected):
    alone = INPUTS.replace(constants={"X_t": 0.0})
    scalar = any(name in values for name in ("chi_SS", "chi_PS"))
    for mass, ratio in zip((0.3, 1.0), expected, strict=True):
        given = {**{key: 1e-8 * c for key, c in values.items()}, "m_chi": mass}
        found = one("exclusive_fraction(B->X_snunu)", alone, **given)
        # Scalars have a correction of 1/0.83; form factors, the normalisation: 25 %.
        found = found / 0.831 if scalar else found
        assert found == pytest.approx(ratio, rel=0.3)
        flag = one("leading_power_fails(B->X_snunu)", alone, **given)
        assert flag == float(one("exclusive_fraction(B->X_snunu)", alone, **given) > 0.6)
        kaons = one("BR(B->Knunu)", alone, **given) + one("BR(B->K*nunu)", alone, **given)
        assert one(TOTAL, alone, **given) >= kaons


def test_heavy_lines_are_exclusive():
    alone = INPUTS.replace(constants={"X_t": 0.0})
    for mass, partonic in ((4.0, True), (4.2, False)):
        given = {"g_S": 1e-8, "g_P": 1e-8, "m_1": mass}
        kaons = one("BR(B->Knunu)", alone, **given) + one("BR(B->K*nunu)", alone, **given)
        assert (one("exclusive_fraction(B->X_snunu)", alone, **given) < np.inf) == partonic
        if not partonic:
            assert one(TOTAL, alone, **given) == pytest.approx(kaons, rel=1e-12)
        assert one("leading_power_fails(B->X_snunu)", alone, **given) == 1.0


def test_regions_never_fall_below_the_exclusive_parts():
    rng = np.random.default_rng(3)
    values = {"chi_SS": 1e-7 * rng.random(20), "chi_PP": 1e-7 * rng.random(20)}
    wilson = Wilson({**values, "m_chi": 2.2 * rng.random(20)})
    low, mid, high = (predict(name, wilson) for name in REGIONS)
    np.testing.assert_allclose(low, predict("BR(B->Knunu)", wilson))
    np.testing.assert_allclose(mid, 0.89 * predict("BR(B->K*nunu)", wilson))
    assert np.all(high >= 0.11 * predict("BR(B->K*nunu)", wilson) * (1 - 1e-12))
    np.testing.assert_allclose(low + mid + high, predict(TOTAL, wilson), rtol=1e-12)


@pytest.mark.parametrize("mass", [2.0, 3.8, 4.3, 4.7])
@pytest.mark.parametrize("name", ["g_S", "g_P"])
def test_what_does_not_interfere_adds_up(mass, name):
    """A particle adds what it adds without neutrinos; it does not take from them above 1 GeV."""
    alone, given = INPUTS.replace(constants={"X_t": 0.0}), {name: 1e-8, "m_1": mass}
    for observable_name in (TOTAL, *REGIONS):
        added = one(observable_name, **given) - one(observable_name)
        assert added == pytest.approx(one(observable_name, alone, **given), rel=1e-9, abs=1e-17)
        assert added >= -1e-17
    kaons = one("BR(B->Knunu)", **given) - one("BR(B->Knunu)")
    assert one(TOTAL, **given) - one(TOTAL) >= kaons * (1 - 1e-9)
    # (K + K*)/partonic of the scalar particle is 0.28 at 2 GeV, 1.7 at 3.8 GeV.
    assert one("leading_power_fails(B->X_snunu)", **given) == float(mass > 3.0)


def test_scalar_operators_of_neutrinos_add_up_too():
    given = {"C_SL": 10.0 * np.eye(3), "C_SR": 10.0 * np.eye(3)}
    for name in (TOTAL, *REGIONS):
        assert one(name, **given) >= one(name) * (1 - 1e-12)


def test_batch_is_loop():
    rng = np.random.default_rng(4)
    values = {"chi_VV": 1e-8 * rng.random(5), "m_chi": rng.random(5), "g_V": 1e-9 * rng.random(5)}
    values["m_1"] = 4.5 * rng.random(5) + 0.1
    inputs = INPUTS.replace(constants={"m_b_1S": 4.65 + 0.03 * rng.normal(size=5)})
    names = (TOTAL, *REGIONS, "exclusive_fraction(B->X_snunu)", "leading_power_fails(B->X_snunu)")
    for name in names:
        batch = predict(name, Wilson(values), inputs)
        for k in range(5):
            alone = {key: value[k] for key, value in values.items()}
            own = INPUTS.replace(constants={"m_b_1S": inputs.constant("m_b_1S")[k]})
            assert batch[k] == pytest.approx(predict(name, Wilson(alone), own)[0], rel=1e-9)


def test_spectrum():
    """Integrates to the branching fraction: the local factor has the total one as its mean."""
    edge = (4.65 - 0.1) ** 2
    nodes, weights = np.polynomial.legendre.leggauss(200)
    q2, weight = 0.5 * edge * (nodes + 1.0), 0.5 * edge * weights
    values = predict("dBR/dq2(B0->X_snunu)", q2=q2)[0]
    assert values @ weight == pytest.approx(3.35e-5, rel=3e-3)
    massless = INPUTS.replace(constants={"m_s_Xs": 0.0})
    q2, weight = q2 * 4.65**2 / edge, weight * 4.65**2 / edge
    values = predict("dBR/dq2(B0->X_snunu)", inputs=massless, q2=q2)[0]
    assert values @ weight == pytest.approx(3.35e-5, rel=1e-5)
    assert predict("dBR/dq2(B0->X_snunu)", q2=5.0).shape == (1,)
    dark = Wilson({"chi_SS": np.full(3, 1e-8), "m_chi": 0.3})
    more = predict("dBR/dq2(B->X_snunu)", dark, q2=[5.0, 25.0])
    assert more.shape == (3, 2)
    np.testing.assert_array_equal(more[:, 1], 0.0)


def test_qcd_factor_at_the_ends():
    np.testing.assert_array_equal(qcd_factor([-1.0, 0.0, 1.0, 2.0], 0.22), 1.0)
    # m -> 0: 1 - (2 alpha_s/3 pi)(2 pi^2/3 - 5/2).
    low = 1.0 - 2.0 * 0.22 / (3.0 * np.pi) * (2.0 * np.pi**2 / 3.0 - 2.5)
    assert qcd_factor(1e-9, 0.22) == pytest.approx(low, rel=1e-6)
    # -3 ln(1 - y) 2 alpha_s/(3 pi) towards y = 1.
    near = qcd_factor(1.0 - np.array([1e-4, 1e-5]), 0.22)
    slope = np.diff(near)[0] / np.log(10.0)
    assert slope == pytest.approx(3.0 * 2.0 * 0.22 / (3.0 * np.pi), rel=0.01)
    assert total_qcd_factor(0.0) == 1.0


def test_mistakes():
    with pytest.raises(PredictionError, match="signal strength"):
        predict(TOTAL, Wilson({"signal_strength": 1.0}))
    with pytest.raises(PredictionError, match=r"g_V couples one vector particle of mass 0 GeV"):
        one(TOTAL, g_V=1e-8, m_1=0.0)
