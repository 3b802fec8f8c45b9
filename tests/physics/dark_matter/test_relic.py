"""Relic density: golden numbers, two independent solvers, scaling, and inputs without an answer."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.tables import table
from bsinv.errors import PredictionError
from bsinv.physics.dark_matter.relic import freeze_out, relic_density
from bsinv.physics.dark_matter.thermal import entropy_degrees, sqrt_g_star
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from hypothesis import given, settings
from hypothesis import strategies as st
from stiff import relic_density_stiff

GOLDEN = json.loads(Path(__file__).with_name("golden_dark_matter.json").read_text())
INPUTS = Inputs.default().replace(constants={"B_chiral": GOLDEN["dm.omega"]["inputs"]["B"]})
POINTS = [tuple(map(float, key.split(","))) for key in GOLDEN["dm.omega"]["outputs"]]


def scalar(mass=0.7, uu=0.0, dd=0.0, ss=0.0):
    return Wilson({"m_phi0": mass, "phi0_S_uu": uu, "phi0_S_dd": dd, "phi0_S_ss": ss})


def test_golden_degrees_of_freedom():
    for temperature, (g, h, root) in GOLDEN["dm.dof"]["outputs"].items():
        at = np.array([float(temperature)])
        grid = table("degrees_of_freedom").columns
        assert np.interp(at, grid["T"], grid["g"])[0] == pytest.approx(g, rel=2e-3)
        assert entropy_degrees(at)[0] == pytest.approx(h, rel=2e-4)
        assert sqrt_g_star(at)[0] == pytest.approx(root, rel=2e-4)


def test_degrees_of_freedom_are_held_at_the_ends():
    low, high = np.array([1e-6, 6e-4]), np.array([0.2, 5.0])
    for function in (entropy_degrees, sqrt_g_star):
        assert function(low)[0] == function(low)[1]
        assert function(high)[0] == function(high)[1]


def test_golden():
    """To 5e-4, a tenth of the tolerance of the golden numbers."""
    masses, couplings = np.array(POINTS).T
    result = freeze_out(scalar(masses, ss=couplings), INPUTS)
    omega, x_f = np.array(list(GOLDEN["dm.omega"]["outputs"].values())).T
    np.testing.assert_allclose(result.omega, omega, rtol=5e-4)
    np.testing.assert_allclose(result.x_f, x_f, atol=0.01)


@pytest.mark.parametrize(
    ("mass", "uu", "dd", "ss"),
    [
        (0.7, 0.0, 0.0, 1.225e-4),
        (0.5, 0.0, 0.0, 1.88e-4),
        (0.7, 0.0, 0.0, 1e-2),
        (0.7, 0.0, 0.0, 1e-5),
        (0.48, 0.0, 0.0, 4e-4),
        (0.4937, 0.0, 0.0, 2e-4),
        (0.3, 1e-4, 0.0, 0.0),
        (0.4, 2e-4, -2e-4, 0.0),
        (0.7, -2e-4, 1e-5, 1e-4),
    ],
)
def test_against_a_stiff_integrator(mass, uu, dd, ss):
    """Radau with quadratures, at open, forbidden and threshold channels: 2e-4."""
    wilson = scalar(mass, uu, dd, ss)
    expected = relic_density_stiff(wilson, INPUTS, rtol=1e-6)
    assert relic_density(wilson, INPUTS)[0] == pytest.approx(expected, rel=2e-4)


def test_the_stiff_integrator_by_another_method():
    wilson = scalar(0.7, ss=1.225e-4)
    radau, bdf = (relic_density_stiff(wilson, INPUTS, method) for method in ("Radau", "BDF"))
    assert radau == pytest.approx(bdf, rel=5e-5)


def test_published_couplings():
    """C_s of about 1e-4 GeV^-1; larger by 1.24 to 1.43 than from <sigma v> = 2.2e-9 GeV^-2."""
    outputs = GOLDEN["dm.criterion"]["outputs"]
    criterion = [outputs[f"{mass:g}"] for mass, _ in POINTS[:6]]
    masses, couplings = np.array(POINTS[:6]).T
    ratio = couplings / criterion
    assert ratio.min() == pytest.approx(1.24, abs=0.02)
    assert ratio.max() == pytest.approx(1.43, abs=0.02)
    np.testing.assert_allclose(relic_density(scalar(masses, ss=couplings), INPUTS), 0.12, rtol=1e-3)


def test_batch_is_loop_and_chunks_do_not_matter():
    rng = np.random.default_rng(4)
    masses = rng.uniform(0.45, 0.9, 1030)
    couplings = 10.0 ** rng.uniform(-5, -3, 1030)
    batch = relic_density(scalar(masses, uu=1e-6, ss=couplings), INPUTS)
    for i in (0, 511, 512, 1029):
        one = relic_density(scalar(masses[i], uu=1e-6, ss=couplings[i]), INPUTS)
        np.testing.assert_allclose(one, batch[i], rtol=1e-10)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.35, 1.5), st.floats(-5.0, -2.0), st.floats(0.05, 1.0))
def test_falls_with_the_coupling(mass, exponent, step):
    """Nearly as 1/C^2: freeze-out moves with ln C."""
    couplings = 10.0 ** (exponent + np.array([0.0, step]))
    weak, strong = relic_density(scalar(np.full(2, mass), ss=couplings), INPUTS)
    assert 0.0 < strong < weak
    assert weak / strong <= 10.0 ** (2.0 * step) * 1.0001


def test_sign_of_the_coupling_does_not_matter():
    plus, minus = relic_density(scalar(0.7, ss=np.array([1e-4, -1e-4])), INPUTS)
    assert plus == minus


def test_factor_and_condensate_are_one_parameter():
    by_factor = INPUTS.replace(constants={"ln_norm_sigmav": np.log(1.5)})
    wilson = scalar(ss=1e-4)
    np.testing.assert_allclose(
        relic_density(wilson, by_factor),
        relic_density(scalar(ss=1e-4 * np.sqrt(1.5)), INPUTS),
        rtol=1e-10,
    )


def test_constants_that_vary():
    factors = np.array([-0.5, 0.0, 0.5])
    varied = INPUTS.replace(constants={"ln_norm_sigmav": factors, "m_Kplus": [0.49, 0.4937, 0.497]})
    values = relic_density(scalar(ss=1e-4), varied)
    for i, factor in enumerate(factors):
        one = {"ln_norm_sigmav": factor, "m_Kplus": varied.constant("m_Kplus")[i]}
        single = relic_density(scalar(ss=1e-4), INPUTS.replace(constants=one))
        np.testing.assert_allclose(values[i], single[0], rtol=1e-10)


def test_no_and_hardly_any_coupling_give_a_large_finite_density():
    values = relic_density(scalar(0.7, ss=np.array([0.0, 1e-12, 1e-6])), INPUTS)
    assert values[0] == pytest.approx(1e4, rel=0.05)
    assert values[1] == pytest.approx(values[0])
    assert 100.0 < values[2] < 0.2 * values[0]


def test_absurd_inputs_stay_finite_or_are_nan():
    masses = np.array([1e-3, 5.0, 0.7, 0.0, -1.0, 0.7])
    couplings = np.array([1e-4, 1e-4, 1e10, 1e-4, 1e-4, np.nan])
    result = freeze_out(scalar(masses, ss=couplings), INPUTS)
    np.testing.assert_array_equal(np.isfinite(result.omega), [True] * 3 + [False] * 3)
    assert np.all(result.omega[:3] >= 0.0)
    alone = freeze_out(scalar(masses[1], ss=couplings[1]), INPUTS)
    assert alone.omega[0] == pytest.approx(result.omega[1])


def test_no_dark_scalar():
    for function in (relic_density, relic_density_stiff):
        with pytest.raises(PredictionError, match="the relic density needs a dark scalar"):
            function(Wilson({"phi0_S_ss": 1e-4}), INPUTS)


def test_the_stiff_integrator_takes_one_point():
    with pytest.raises(PredictionError, match="takes one parameter point"):
        relic_density_stiff(scalar(np.array([0.6, 0.7]), ss=1e-4), INPUTS)


def test_masses_of_mesons_that_are_not_allowed_reject_their_points():
    """An array of a floating constant is NaN where it is not positive; other points are solved."""
    varied = INPUTS.replace(constants={"m_eta": [-1.0, 0.547862]})
    values = relic_density(scalar(uu=1e-4, ss=1e-4), varied)
    assert np.isnan(values[0])
    assert values[1] == pytest.approx(relic_density(scalar(uu=1e-4, ss=1e-4), INPUTS)[0])


def test_masses_of_mesons_that_vary_over_a_batch():
    """Each point has the ratio of masses of its own final states, not that of the first point."""
    eta = np.array([0.547862, 0.3, np.nan, 0.547862])
    wilson = scalar(0.4, uu=2e-4, ss=3e-4)
    batch = relic_density(wilson, INPUTS.replace(constants={"m_eta": eta}))
    for i in (0, 1, 3):
        alone = INPUTS.replace(constants={"m_eta": eta[i]})
        assert batch[i] == pytest.approx(relic_density(wilson, alone)[0], rel=1e-12)
    assert np.isnan(batch[2])
    assert batch[1] < 0.5 * batch[0]
