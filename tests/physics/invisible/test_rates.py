from itertools import pairwise

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.null import null_differential, null_masses, null_spectrum
from bsinv.physics.invisible.rates import (
    binned_branching_fraction,
    branching_fraction,
    differential_branching_fraction,
)
from bsinv.physics.transitions import transition, transitions
from bsinv.physics.wilson import Wilson
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

INPUTS = Inputs.default()
CHANNELS = tuple(name for name in transitions() if name.startswith("B"))
KEYS = ("dC_L", "dC_R", "C_Lp", "C_Rp", "C_SL", "C_SR", "C_TL")
BELLE = np.linspace(0.0, 22.885, 101)


def end_point(channel):
    known = transition(channel)
    masses = (INPUTS.constant(known.parent_mass)[0], INPUTS.constant(known.meson_mass)[0])
    return (masses[0] - masses[1]) ** 2


def random_wilson(seed, n=1, keys=KEYS):
    rng = np.random.default_rng(seed)
    shape = (n, 3, 3)
    return Wilson({key: 5 * (rng.normal(size=shape) + 1j * rng.normal(size=shape)) for key in keys})


def random_inputs(seed, n):
    rng = np.random.default_rng(seed)
    coefficients = {
        process: rng.multivariate_normal(
            INPUTS.form_factors(process).source.central,
            INPUTS.form_factors(process).source.covariance,
            n,
        )
        for process in ("B->K", "B->K*")
    }
    constants = {
        "VtbVts": rng.normal(0.041, 0.001, n),
        "X_t": rng.normal(1.469, 0.017, n),
        "m_b": rng.normal(4.18, 0.03, n),
        "norm_BtoKstar": rng.normal(1.0, 0.09, n),
    }
    return INPUTS.replace(constants=constants, coefficients=coefficients)


def by_quadrature(channel, wilson, low, high, longitudinal=False):
    """Integral by an adaptive rule, the square root at the end point taken out by hand."""
    end = end_point(channel)

    def integrand(u):
        value = differential_branching_fraction(
            channel, wilson, INPUTS, [end - u * u], longitudinal=longitudinal
        )
        return 2.0 * u * value[0, 0]

    limits = np.sqrt(np.maximum(end - np.array([high, low]), 0.0))
    return quad(integrand, *limits, epsrel=1e-12, epsabs=0.0)[0]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("longitudinal", [False, True])
def test_total_against_quadrature(channel, longitudinal):
    wilson = random_wilson(3)
    got = branching_fraction(channel, wilson, INPUTS, longitudinal=longitudinal)[0]
    expected = by_quadrature(channel, wilson, 0.0, end_point(channel), longitudinal)
    assert got == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("channel", CHANNELS)
def test_bins_against_quadrature(channel):
    wilson = random_wilson(4)
    end = end_point(channel)
    edges = np.array([0.0, 0.2, 3.0, 8.0, 14.0, end - 0.3, end - 0.01, end - 1e-4, end + 1.0])
    got = binned_branching_fraction(channel, wilson, INPUTS, edges)[0]
    expected = [by_quadrature(channel, wilson, low, high) for low, high in pairwise(edges)]
    np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_bins_of_the_belle_ii_densities():
    masses = (5.279495, 0.495644)
    wilson = random_wilson(5)
    got = binned_branching_fraction("B+->K+", wilson, INPUTS, BELLE, masses=masses)[0]
    fine = np.linspace(0.0, 22.885, 501)
    parts = binned_branching_fraction("B+->K+", wilson, INPUTS, fine, masses=masses)[0]
    np.testing.assert_allclose(got, parts.reshape(100, 5).sum(axis=1), rtol=1e-11)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(CHANNELS),
    st.lists(st.floats(-1.0, 25.0), min_size=3, max_size=9, unique=True),
    st.integers(0, 2**32 - 1),
)
def test_bins_add_up_and_are_positive(channel, points, seed):
    edges = np.sort(points)
    if np.any(np.diff(edges) < 1e-3):
        return
    wilson = random_wilson(seed)
    bins = binned_branching_fraction(channel, wilson, INPUTS, edges)
    whole = binned_branching_fraction(channel, wilson, INPUTS, edges[[0, -1]])
    assert np.all(bins >= 0.0)
    np.testing.assert_allclose(bins.sum(axis=1), whole[:, 0], rtol=1e-9, atol=1e-20)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(CHANNELS), st.integers(0, 2**32 - 1))
def test_batch_is_a_loop(channel, seed):
    n = 4
    wilson, inputs = random_wilson(seed, n), random_inputs(seed, n)
    edges = np.array([0.0, 4.0, 12.0, 30.0])
    q2 = np.array([0.0, 3.0, 15.0])
    batch = binned_branching_fraction(channel, wilson, inputs, edges)
    spectrum = differential_branching_fraction(channel, wilson, inputs, q2)
    names = ("VtbVts", "X_t", "m_b", "norm_BtoKstar")
    for index in range(n):
        one = Wilson({key: value[index] for key, value in wilson.items()})
        single = INPUTS.replace(
            constants={name: inputs.constant(name)[index] for name in names},
            coefficients={
                process: inputs.form_factors(process).coefficients[index]
                for process in ("B->K", "B->K*")
            },
        )
        alone = binned_branching_fraction(channel, one, single, edges)
        np.testing.assert_allclose(batch[index], alone[0], rtol=1e-12)
        alone = differential_branching_fraction(channel, one, single, q2)
        np.testing.assert_allclose(spectrum[index], alone[0], rtol=1e-12)


@pytest.mark.parametrize("channel", CHANNELS)
def test_floated_masses_agree_with_fixed_ones(channel):
    known = transition(channel)
    m_b, m_m = (INPUTS.constant(name)[0] for name in (known.parent_mass, known.meson_mass))
    masses = np.array([m_b, m_b + 0.05, m_b - 0.1])
    floated = INPUTS.replace(constants={known.parent_mass: masses})
    wilson = random_wilson(6)
    edges = np.array([0.0, 5.0, 15.0, 22.885])
    got = binned_branching_fraction(channel, wilson, floated, edges)
    spectrum = differential_branching_fraction(channel, wilson, floated, edges[:-1])
    assert got.shape == (3, 3)
    for index, mass in enumerate(masses):
        here = (float(mass), float(m_m))
        fixed = binned_branching_fraction(channel, wilson, INPUTS, edges, masses=here)
        np.testing.assert_allclose(got[index], fixed[0], rtol=1e-11)
        fixed = differential_branching_fraction(channel, wilson, INPUTS, edges[:-1], masses=here)
        np.testing.assert_allclose(spectrum[index], fixed[0], rtol=1e-11)


@pytest.mark.parametrize("channel", CHANNELS)
def test_exactly_zero_outside_the_physical_region(channel):
    end = end_point(channel)
    wilson = random_wilson(8)
    outside = np.array([-2.0, -1.0, end, end + 1.0, end + 2.0])
    bins = binned_branching_fraction(channel, wilson, INPUTS, outside)[0]
    assert bins[0] == 0.0
    np.testing.assert_array_equal(bins[2:], 0.0)
    spectrum = differential_branching_fraction(channel, wilson, INPUTS, outside)[0]
    np.testing.assert_array_equal(spectrum, 0.0)


@pytest.mark.parametrize("channel", CHANNELS)
def test_spectrum_is_continuous_at_zero(channel):
    wilson = random_wilson(9)
    values = differential_branching_fraction(channel, wilson, INPUTS, [0.0, 1e-9])[0]
    assert values[0] > 0.0
    assert values[0] == pytest.approx(values[1], rel=1e-6)


@pytest.mark.parametrize("key", KEYS)
def test_an_absent_coefficient_is_zero(key):
    wilson = random_wilson(10, 2)
    others = {name: value for name, value in wilson.items() if name != key}
    absent, zero = Wilson(others), Wilson({**others, key: np.zeros((2, 3, 3))})
    for channel in ("B+->K+", "B0->K*0"):
        np.testing.assert_allclose(
            branching_fraction(channel, absent, INPUTS),
            branching_fraction(channel, zero, INPUTS),
            rtol=1e-14,
        )


def test_only_the_symmetric_or_antisymmetric_part_counts():
    matrix = np.arange(9.0).reshape(3, 3)
    odd, even = matrix - matrix.T, matrix + matrix.T
    for key, none in (("C_SL", odd), ("C_SR", odd), ("C_TL", even)):
        for channel in ("B+->K+", "B0->K*0"):
            np.testing.assert_allclose(
                branching_fraction(channel, Wilson({key: none}), INPUTS),
                branching_fraction(channel, Wilson(), INPUTS),
                rtol=1e-14,
            )


def test_the_longitudinal_part_is_everything_for_a_kaon_and_a_part_for_a_vector():
    wilson = random_wilson(12)
    for channel in CHANNELS:
        total = branching_fraction(channel, wilson, INPUTS)
        part = branching_fraction(channel, wilson, INPUTS, longitudinal=True)
        if transition(channel).spin == 0:
            np.testing.assert_array_equal(part, total)
        else:
            assert 0.0 < part[0] < total[0]


def test_constants_scale_the_rates():
    half = INPUTS.replace(constants={"norm_BtoKstar": 0.5, "VtbVts": 0.082})
    ratio = branching_fraction("B0->K*0", Wilson(), half) / branching_fraction(
        "B0->K*0", Wilson(), INPUTS
    )
    np.testing.assert_allclose(ratio, 2.0)
    ratio = branching_fraction("B0->K0", Wilson(), half) / branching_fraction(
        "B0->K0", Wilson(), INPUTS
    )
    np.testing.assert_allclose(ratio, 4.0)


def test_signal_strength_scales_the_null_prediction():
    wilson = Wilson({"signal_strength": [0.0, 1.0, 4.6]})
    bins = binned_branching_fraction("B+->K+", wilson, INPUTS, BELLE)
    np.testing.assert_allclose(bins, np.outer([0.0, 1.0, 4.6], null_spectrum(BELLE)))
    spectrum = differential_branching_fraction("B+->K+", wilson, INPUTS, [2.0, 9.0])
    np.testing.assert_allclose(spectrum, np.outer([0.0, 1.0, 4.6], null_differential([2.0, 9.0])))
    with pytest.raises(PredictionError, match=r"predicts only B\+->K\+nunu, not B0->K\*0"):
        branching_fraction("B0->K*0", wilson, INPUTS)


def test_the_null_masses_give_the_same_end_point():
    bins = binned_branching_fraction("B+->K+", Wilson(), INPUTS, BELLE, masses=null_masses())[0]
    ratio = bins / null_spectrum(BELLE)
    assert np.ptp(ratio) < 0.2
    assert np.all(np.isfinite(ratio))


def test_a_non_finite_input_is_not_hidden():
    broken = INPUTS.replace(constants={"VtbVts": [0.041, np.nan]})
    values = branching_fraction("B+->K+", Wilson(), broken)
    assert np.isfinite(values[0])
    assert np.isnan(values[1])


def test_sizes():
    two = INPUTS.replace(constants={"X_t": [1.4, 1.5]})
    assert branching_fraction("B+->K+", Wilson(), two).shape == (2,)
    assert branching_fraction("B+->K+", Wilson(size=5), INPUTS).shape == (5,)
    with pytest.raises(PredictionError, match=r"Wilson coefficients: 3, inputs: 2"):
        branching_fraction("B+->K+", Wilson(size=3), two)


def test_unknown_transition():
    with pytest.raises(UnknownNameError, match=r"unknown transition 'B\+->K': did you mean"):
        branching_fraction("B+->K", Wilson(), INPUTS)


@pytest.mark.parametrize("size", [1, 3])
def test_floated_masses_without_phase_space_have_no_rate(size):
    masses = np.array([7.0, 0.5, -1.0])[:size]
    inputs = INPUTS.replace(constants={"m_Kplus": masses})
    alone = INPUTS.replace(constants={"m_Kplus": 0.5})
    for function, place in (
        (binned_branching_fraction, [0.0, 5.0, 15.0]),
        (differential_branching_fraction, [1.0, 5.0]),
    ):
        values = function("B+->K+", Wilson(), inputs, place)
        np.testing.assert_array_equal(values[0], 0.0)
        if size > 1:
            expected = function("B+->K+", Wilson(), alone, place)[0]
            np.testing.assert_allclose(values[1], expected, rtol=1e-11)
            assert np.isnan(values[2]).all()


def test_masses_without_phase_space_are_refused():
    with pytest.raises(PredictionError) as caught:
        branching_fraction("B+->K+", Wilson(), INPUTS, masses=(5.0, 7.0))
    assert str(caught.value) == (
        "masses = (5, 7) GeV are not allowed for B+->K+: the first must be above the second, both "
        "finite and not negative."
    )
