"""Annihilation to mesons: amplitudes from the trace, golden numbers, laws of scaling."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.dark_matter.chiral_annihilation import (
    CHANNELS,
    CM3_PER_SECOND,
    channel_strengths,
    cross_section_at_rest,
    dark_matter_mass,
    phase_space,
    thermal_cross_section,
)
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_dark_matter.json").read_text())
B_0 = GOLDEN["dm.sigv"]["inputs"]["B"]
INPUTS = Inputs.default().replace(constants={"B_chiral": B_0})


def scalar(mass=0.7, uu=0.0, dd=0.0, ss=0.0):
    return Wilson({"m_phi0": mass, "phi0_S_uu": uu, "phi0_S_dd": dd, "phi0_S_ss": ss})


def trace(couplings, first, second):
    """Second derivative of tr[C Phi^2] in two fields, with Phi of unit fields."""
    product = first @ second + second @ first
    return np.trace(np.diag(couplings) @ product)


def test_amplitudes_follow_from_the_chiral_lagrangian():
    """L = (1/2) B phi^2 tr[C Phi^2]: amplitude = B d^2 tr[C Phi^2], K+ conjugate to K-."""

    def unit(i, j):
        matrix = np.zeros((3, 3))
        matrix[i, j] = 1.0
        return matrix

    pi0 = np.diag([1.0, -1.0, 0.0]) / np.sqrt(2.0)
    eta = np.diag([1.0, 1.0, -2.0]) / np.sqrt(6.0)
    fields = {
        "K+K-": (unit(0, 2), unit(2, 0)),
        "K0K0bar": (unit(1, 2), unit(2, 1)),
        "etaeta": (eta, eta),
        "pi+pi-": (unit(0, 1), unit(1, 0)),
        "pi0pi0": (pi0, pi0),
        "pi0eta": (pi0, eta),
    }
    couplings = np.array([0.3, -0.7, 1.1])
    assert set(fields) == {channel.name for channel in CHANNELS}
    for channel in CHANNELS:
        amplitude = trace(couplings, *fields[channel.name])
        assert np.dot(channel.weights, couplings) == pytest.approx(amplitude)
        identical = channel.masses[0] == channel.masses[1] and channel.name != "pi+pi-"
        identical &= channel.name not in ("K+K-", "K0K0bar")
        assert channel.symmetry == (0.5 if identical else 1.0)


def test_golden_thermal_cross_sections():
    outputs = GOLDEN["dm.sigv"]["outputs"]
    values = thermal_cross_section(scalar(np.array([*map(float, outputs)]), ss=1e-4), INPUTS, 20.0)
    np.testing.assert_allclose(values, list(outputs.values()), rtol=1e-6)


def test_golden_couplings_of_the_criterion():
    """<sigma v>(x = 20) = 2.2e-9 GeV^-2 needs C_s of about 1e-4 GeV^-1."""
    for mass, coupling in GOLDEN["dm.criterion"]["outputs"].items():
        value = thermal_cross_section(scalar(float(mass), ss=coupling), INPUTS, 20.0)
        assert value[0] == pytest.approx(2.2e-9, rel=1e-6)
        assert 0.9e-4 < coupling < 1.4e-4


def test_golden_cross_sections_at_rest():
    couplings = {"0.55": 1.3067e-4, "0.7": 1.2250e-4, "0.9": 1.4289e-4}
    for mass, (sigma, efficiency) in GOLDEN["dm.cmb"]["outputs"].items():
        value = cross_section_at_rest(scalar(float(mass), ss=couplings[mass]), INPUTS)[0]
        assert value * CM3_PER_SECOND == pytest.approx(sigma, rel=1e-6)
        assert 3.2e-28 * float(mass) / (value * CM3_PER_SECOND) == pytest.approx(efficiency)


def test_prefactors_far_above_threshold():
    """1/(64 pi m^2) for each pair of kaons, 1/(72 pi m^2) for two etas."""
    mass, coupling = 50.0, 1e-4
    strengths = channel_strengths(scalar(mass, ss=coupling), INPUTS)[0] / (B_0 * coupling) ** 2
    np.testing.assert_allclose(strengths, [1.0, 1.0, 8.0 / 9.0, 0.0, 0.0, 0.0])
    value = cross_section_at_rest(scalar(mass, ss=coupling), INPUTS)[0]
    expected = (2.0 + 8.0 / 9.0) * (B_0 * coupling) ** 2 / (32.0 * np.pi * mass**2)
    assert value == pytest.approx(expected, rel=1e-3)


def test_cold_thermal_average_is_the_value_at_rest():
    wilson = scalar(np.array([0.6, 0.7, 0.9]), uu=2e-5, dd=-1e-5, ss=1e-4)
    cold = thermal_cross_section(wilson, INPUTS, 1e6)
    np.testing.assert_allclose(cold, cross_section_at_rest(wilson, INPUTS), rtol=1e-4)


def test_below_the_thresholds():
    kaons = scalar(0.45, ss=1e-4)
    assert cross_section_at_rest(kaons, INPUTS)[0] == 0.0
    assert thermal_cross_section(kaons, INPUTS, 20.0)[0] > 0.0
    assert cross_section_at_rest(scalar(0.45, uu=1e-4), INPUTS)[0] > 0.0


def test_unequal_masses():
    """pi0 eta opens at the mean of the masses; its phase space at rest is that of two bodies."""
    mass = 0.4
    m_1, m_2 = (INPUTS.constant(name)[0] for name in ("m_pi0", "m_eta"))
    index = [channel.name for channel in CHANNELS].index("pi0eta")
    space = phase_space(np.array([mass]), INPUTS)
    beta = np.sqrt((1.0 - space.z[0, index]) * (1.0 - space.difference[0, index]))
    s = 4.0 * mass**2
    triangle = (s - (m_1 + m_2) ** 2) * (s - (m_1 - m_2) ** 2)
    assert beta == pytest.approx(np.sqrt(triangle) / s)


def test_isovector_coupling_has_no_even_channels():
    """C_u = -C_d: no pi pi, no eta eta, kaons of equal size."""
    strengths = channel_strengths(scalar(uu=1e-4, dd=-1e-4), INPUTS)[0]
    found = dict(zip((channel.name for channel in CHANNELS), strengths, strict=True))
    assert found["pi+pi-"] == found["pi0pi0"] == found["etaeta"] == 0.0
    assert found["K+K-"] == found["K0K0bar"] > 0.0
    assert found["pi0eta"] == pytest.approx(4.0 / 3.0 * found["K+K-"])


def test_scaling_and_factor():
    wilson = scalar(ss=1e-4)
    once = thermal_cross_section(wilson, INPUTS, 20.0)
    np.testing.assert_allclose(thermal_cross_section(scalar(ss=-3e-4), INPUTS, 20.0), 9.0 * once)
    floated = INPUTS.replace(constants={"ln_norm_sigmav": np.log([0.5, 1.0, 2.0])})
    np.testing.assert_allclose(
        thermal_cross_section(wilson, floated, 20.0), once * [0.5, 1.0, 2.0], rtol=1e-12
    )


def test_batch_is_loop():
    masses, couplings = np.array([0.3, 0.5, 0.8]), np.array([1e-4, -2e-4, 3e-5])
    batch = thermal_cross_section(scalar(masses, uu=1e-5, ss=couplings), INPUTS, 25.0)
    loop = [
        thermal_cross_section(scalar(m, uu=1e-5, ss=c), INPUTS, 25.0)[0]
        for m, c in zip(masses, couplings, strict=True)
    ]
    np.testing.assert_allclose(batch, loop, rtol=1e-12)


def test_masses_that_are_not_positive():
    values = cross_section_at_rest(scalar(np.array([0.0, -1.0, 0.7]), ss=1e-4), INPUTS)
    np.testing.assert_array_equal(np.isnan(values), [True, True, False])
    assert np.isnan(thermal_cross_section(scalar(-1.0, ss=1e-4), INPUTS, 20.0)[0])


def test_no_dark_scalar():
    with pytest.raises(PredictionError) as caught:
        dark_matter_mass(Wilson(), "the relic density")
    assert str(caught.value) == (
        "the relic density needs a dark scalar, but there is no coefficient m_phi0 (its mass in "
        "GeV): choose a model that has one, such as 'scalar-dm', or leave out what asks for it."
    )


def test_no_coupling():
    assert cross_section_at_rest(Wilson({"m_phi0": [0.5, 0.7]}), INPUTS).tolist() == [0.0, 0.0]
