"""One massless particle: rates at m = 0 are the limits m -> 0, or are refused."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.fitter.predict import predict
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.final_states.single import SINGLE_OPERATORS
from bsinv.physics.invisible.final_states.states import dark_terms
from bsinv.physics.invisible.rates import binned_branching_fraction
from bsinv.physics.observables import observable, observables
from bsinv.physics.transitions import transition, transitions
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
COUPLINGS = tuple(SINGLE_OPERATORS)
# The phase of a coupling of s -> d decides whether a KL feels it.
SIZE = 1e-9 * (0.6 + 0.8j)
NO_LIMIT = {0: ("g_V",), 1: ("g_A",), 0.5: ("g_V", "g_A")}
BR = [name for name in observables() if name.startswith("BR(") and name.endswith(("nunu)", "inv)"))]
B_TO_D = ("->pinunu", "->rhonunu", "->omega", "Bs->K*", "B0->inv")


def suffix_of(name):
    if "D" in name:
        return "_cu"
    return "_sd" if name.startswith("BR(K") else "_bd" if any(d in name for d in B_TO_D) else ""


def sees(name):
    """Spin of the hadron beside the particle, that of the quark for X_s; None for the vacuum."""
    if "->inv" in name:
        return None
    if "Lambda" in name or "X_s" in name:
        return 0.5
    return 1 if any(meson in name for meson in ("K*", "phi", "rho", "omega")) else 0


def value(name, coupling, mass, **kinematics):
    size = np.full(np.size(mass), SIZE)
    wilson = Wilson({coupling + suffix_of(name): size, "m_1": np.asarray(mass)})
    return observable(name)(wilson, INPUTS, **kinematics)


@pytest.mark.parametrize("name", BR)
@pytest.mark.parametrize("coupling", COUPLINGS)
def test_rates_at_zero_mass_are_limits(name, coupling):
    if coupling in NO_LIMIT.get(sees(name), ()):
        with pytest.raises(PredictionError, match=f"{coupling}.* couples one vector particle"):
            value(name, coupling, 0.0)
        return
    # A dipole between pseudoscalars emits no massless vector: its rate falls like m^2.
    size = value(name, coupling, 0.1)[0]
    limit = value(name, coupling, 1e-6)[0]
    for mass in (0.0, 5e-324, 1e-200, 1e-30, 1e-12):
        assert value(name, coupling, mass)[0] == pytest.approx(limit, rel=1e-9, abs=1e-9 * size)
    at_zero, near, far = (value(name, coupling, m)[0] for m in (0.0, 1e-2, 2e-2))
    # Approached like m^2.
    assert far - at_zero == pytest.approx(4.0 * (near - at_zero), rel=0.05, abs=1e-9 * size)


@pytest.mark.parametrize("channel", transitions())
@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("longitudinal", [False, True])
def test_bins_and_helicities_at_zero_mass(channel, coupling, longitudinal):
    sector = transition(channel).sector.replace("_KL", "_sd")
    mass = np.array([0.0, 1e-12])
    wilson = Wilson({coupling + sector: np.full(2, SIZE), "m_1": mass})
    edges = np.array([-1.0, 0.0, 0.02, 1.0, 22.885])
    bins = binned_branching_fraction(channel, wilson, INPUTS, edges, longitudinal=longitudinal)
    if coupling in NO_LIMIT[transition(channel).spin]:
        expected = [[False, True, False, False], [False] * 4]
        np.testing.assert_array_equal(np.isinf(bins), expected)
        assert bins[1, 1] > 1.0
        return
    np.testing.assert_allclose(bins[0], bins[1], rtol=1e-12, atol=1e-24)
    # All of it is in the bin that starts at zero.
    without = Wilson({coupling + sector: np.zeros(1), "m_1": 0.0})
    standard = binned_branching_fraction(channel, without, INPUTS, edges, longitudinal=longitudinal)
    np.testing.assert_allclose(bins[0, [0, 2, 3]], standard[0, [0, 2, 3]], rtol=1e-14)


# decays.md 2.2 and inclusive_baryons.md E.1 with the inputs of `golden_inputs`: E000, E001, E003,
# E004 (d_T and d_T5), E005 of golden_inclusive_baryons.json, closed forms in GeV.
@pytest.mark.parametrize(
    ("channel", "coupling", "width"),
    [
        ("B+->K+", "k_V", 0.31403238067920985),
        ("B+->K+", "g_S", 0.018681283800071974),
        ("B0->K*0", "k_A", 0.34764219),
        ("B0->K*0", "g_P", 0.019156373015414452),
        ("B0->K*0", "d_T", 2.062247835383262),
        ("B0->K*0", "d_T5", 2.062247835383262),
        ("B+->K+", "d_T", 0.0),
    ],
)
def test_golden_widths(golden_inputs, channel, coupling, width):
    inputs = golden_inputs.replace(constants={"X_t": 0.0})
    wilson = Wilson({coupling: 1.0, "m_1": 0.0})
    known = transition(channel)
    found = binned_branching_fraction(channel, wilson, inputs, [0.0, 1.0])[0, 0]
    lifetime = inputs.constant(known.lifetime)[0] * 1e-12 / inputs.constant("hbar")[0]
    # The closed form of k_A is printed with eight digits.
    assert found / lifetime == pytest.approx(width, rel=2e-8 if coupling == "k_A" else 1e-9)


@pytest.mark.parametrize(
    ("name", "coupling", "expected"),
    [
        # E006 and E008, and inclusive_baryons.md E.1, with the inputs of the package.
        ("BR(B+->Knunu)", "k_V", 8.10512e-5),
        ("BR(B0->K*nunu)", "k_A", 8.3968e-5),
        ("BR(B0->K*nunu)", "d_T", 4.79899e-4),
        ("BR(B0->K*nunu)", "d_T5", 4.79899e-4),
    ],
)
def test_axion_and_dark_photon_of_the_model(name, coupling, expected):
    found = predict(name, "two-body", m_X=0.0, **{coupling: 1.0}) - predict(name)
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("mass", [0.0, 1e-3, 1.0])
def test_equations_of_motion(mass):
    """k_V is i g_S over m_b - m_s, k_A is -g_P over m_b + m_s, interference included."""
    m_b, m_s = (INPUTS.constant(name)[0] for name in ("m_b", "m_s"))
    inputs = INPUTS.replace(constants={"X_t": 0.0})
    for name, derivative, plain, factor in (
        ("BR(B+->Knunu)", "k_V", "g_S", 1j * (m_b - m_s)),
        ("BR(B0->K*nunu)", "k_A", "g_P", -(m_b + m_s)),
    ):
        couplings = np.array([[1.0, 0.0], [0.0, factor], [1.0, -factor], [1.0, factor]]) * 1e-8
        wilson = Wilson({derivative: couplings[:, 0], plain: couplings[:, 1], "m_1": mass})
        one, other, opposite, sum_ = observable(name)(wilson, inputs)
        assert one == pytest.approx(other, rel=1e-12)
        assert abs(opposite) < 1e-13 * one
        assert sum_ == pytest.approx(4.0 * one, rel=1e-12)


def test_interference_of_a_vector_and_a_dipole_has_no_root_of_q2():
    """|g f_+/m + 2 d m f_T/(m_B + m_K)|^2 of decays.md 3.6, down to small masses."""
    g, d = 1e-8 * (1.0 + 0.5j), 1e-7 * (0.3 - 1.0j)
    m = np.array([1e-150, 1e-60, 1e-3, 0.5, 2.0])
    inputs = INPUTS.replace(constants={"X_t": 0.0})
    m_b, m_k = (inputs.constant(name)[0] for name in ("m_Bplus", "m_Kplus"))
    factors = inputs.form_factors("B->K")
    f_plus, f_t = (factors.value(name, m[None] ** 2)[0] for name in ("f+", "fT"))
    kallen = ((m_b + m_k) ** 2 - m**2) * ((m_b - m_k) ** 2 - m**2)
    amplitude = np.abs(g * f_plus / m + 2.0 * d * m * f_t / (m_b + m_k))
    width = kallen**1.5 * amplitude**2 / (16.0 * np.pi * m_b**3)
    lifetime = inputs.constant("tau_Bplus")[0] * 1e-12 / inputs.constant("hbar")[0]
    found = observable("BR(B+->Knunu)")(Wilson({"g_V": g, "d_T": d, "m_1": m}), inputs)
    np.testing.assert_allclose(found, width * lifetime, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["<FL>(B0->K*nunu)", "RK*(nunu)", "BR(B0->K*nunu)", "BR(B->K*nunu)"]
)
def test_what_has_no_limit_is_refused_with_the_coupling(name):
    for mass in (0.0, 1e-200):
        with pytest.raises(PredictionError) as caught:
            value(name, "g_A", mass)
        assert str(caught.value).startswith(
            f"{name} is infinite: g_A couples one vector particle of mass {mass:g} GeV to a "
            "current that is not conserved in B"
        )
    # The vector current between a B and a K* is conserved.
    assert np.isfinite(value(name, "g_V", 0.0)).all()


def test_the_points_of_a_batch_are_named():
    mass = np.array([0.5, 0.0, 0.3, 0.0, 0.0])
    coupling = np.array([1.0, 1.0, 1.0, 0.0, 1.0]) * 1e-8
    wilson = Wilson({"g_V": coupling, "k_V": 1e-8, "m_1": mass})
    with pytest.raises(PredictionError, match=r"at the points 1, 4 \(counted from 0\) of 5: g_V"):
        observable("BR(B+->Knunu)")(wilson, INPUTS)
    # Without the coupling a massless point is like any other.
    allowed = Wilson({"g_V": coupling[[0, 3]], "k_V": 1e-8, "m_1": mass[[0, 3]]})
    found = observable("BR(B+->Knunu)")(allowed, INPUTS)
    assert found[1] == pytest.approx(
        observable("BR(B+->Knunu)")(Wilson({"k_V": 1e-8, "m_1": 0.0}), INPUTS)[0], rel=1e-12
    )
    with pytest.raises(PredictionError, match=r"one vector particle of mass 0 GeV .* in KL->pi0"):
        observable("BR(KL->pi0inv)")(Wilson({"g_V_sd": 1e-12j, "m_1": 0.0}), INPUTS)


def test_a_rate_that_overflows_is_refused():
    wilson = Wilson({"g_S": 1e200, "m_1": 1.0})
    with (
        np.errstate(all="ignore"),
        pytest.raises(PredictionError, match="is too large for a floating-point number"),
    ):
        observable("BR(B+->Knunu)")(wilson, INPUTS)
    # A number that is huge but right is given: 1/m^2 at 1e-30 GeV.
    ratio = [value("BR(B+->Knunu)", "g_V", m)[0] for m in (1e-30, 1e-2)]
    assert ratio[0] / ratio[1] == pytest.approx(1e56, rel=1e-3)


def test_weights_carry_no_power_of_the_mass():
    """What the hadronic side of other decays has to provide: products of S, qV, V, qE and so on."""
    every = dict.fromkeys(COUPLINGS, 1e-8)
    at_zero, at_one = (dark_terms(Wilson({**every, "m_1": m}), INPUTS) for m in (0.0, 1.0))
    for one, other in zip(at_zero, at_one, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
