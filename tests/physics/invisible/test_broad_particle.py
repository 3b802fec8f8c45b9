"""One particle with a width: the two-body rate under a Breit-Wigner, integrated by brute force."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import (
    binned_branching_fraction,
    branching_fraction,
    differential_branching_fraction,
)
from bsinv.physics.invisible.vacuum import vacuum_branching_fraction
from bsinv.physics.invisible.widths import decay_of
from bsinv.physics.transitions import transition
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
EDGES = np.array([0.0, 0.5, 3.9, 4.5, 10.0, 30.0])
NODE, WEIGHT = np.polynomial.legendre.leggauss(16)
SCALAR = {"B+->K+": {"g_S": 1e-8, "k_V": 2e-9j}, "B0->K*0": {"g_P": 1e-8, "k_A": 2e-9}}
VECTOR = {
    "B+->K+": {"g_V": 1e-8, "d_T": 2e-9},
    "B0->K*0": {"g_V": 1e-8, "g_A": 5e-9j, "d_T5": 2e-9},
}


def line(channel, mass, **couplings):
    return branching_fraction(channel, Wilson({"m_1": mass, **couplings}), INPUTS)


def breit_wigner(channel, couplings, mass, width, edges, grows):
    """(1/pi) int dq2 [m Gamma or q2 gamma]/|denominator|^2 BR(m = sqrt(q2)), by substitution.

    q2 = M^2 + H sinh(x): the constant width has M = m, H = m Gamma; the growing one, written out,
    (q2 - m^2)^2 + (q2 gamma)^2 = (1 + gamma^2)[(q2 - M^2)^2 + H^2], M^2 = m^2/(1 + gamma^2).
    """
    end = float(decay_of(transition(channel), INPUTS)[0].end_point)
    gamma = width / mass
    slower = 1.0 + gamma**2 if grows else 1.0
    square = mass**2 / slower
    half = square * gamma
    found = []
    for low, high in zip(np.clip(edges, 0, end)[:-1], np.clip(edges, 0, end)[1:], strict=True):
        # Panels that shrink towards the ends, where a line rises like a root.
        steps = np.concatenate([[0.0], np.geomspace(1e-12, 1.0, 30)])
        middle = 0.5 * (low + high)
        ends = [low + (middle - low) * steps, high - (high - middle) * steps[::-1]]
        x = np.arcsinh((np.concatenate(ends) - square) / half)
        x = np.unique(np.concatenate([x, np.linspace(x[0], x[-1], 40)]))
        nodes = ((0.5 * (x[1:] + x[:-1]))[:, None] + 0.5 * np.diff(x)[:, None] * NODE).ravel()
        weight = (0.5 * np.diff(x)[:, None] * WEIGHT).ravel() / np.cosh(nodes) / half / np.pi
        q2 = np.clip(square + half * np.sinh(nodes), 1e-14, end)
        rate = line(channel, np.sqrt(q2), **couplings)
        found.append(float(np.sum(weight * rate * (q2 * gamma / slower if grows else half))))
    return np.array(found)


@pytest.mark.parametrize("channel", ["B+->K+", "B0->K*0"])
@pytest.mark.parametrize("grows", [False, True])
@pytest.mark.parametrize(
    ("mass", "width"), [(2.0, 0.1), (2.0, 1e-5), (0.05, 0.1), (4.7, 0.3), (1.0, 2.0), (7.0, 0.5)]
)
def test_breit_wigner_by_brute_force(channel, grows, mass, width):
    couplings = (VECTOR if grows else SCALAR)[channel]
    expected = breit_wigner(channel, couplings, mass, width, EDGES, grows)
    wilson = Wilson({"m_1": mass, "Gamma_1": width, **couplings})
    got = binned_branching_fraction(channel, wilson, INPUTS, EDGES)[0]
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-10 * expected.sum())
    several = Wilson({"m_1": [mass, 2.0, 0.0], "Gamma_1": [width, 0.0, 0.1], **couplings})
    if not (grows and channel == "B0->K*0") and "g_V" not in couplings:
        batch = binned_branching_fraction(channel, several, INPUTS, EDGES)
        np.testing.assert_allclose(batch[0], got, rtol=1e-9)
        for row, value in ((1, 2.0), (2, 0.0)):
            alone = Wilson({"m_1": value, **couplings})
            np.testing.assert_allclose(
                batch[row], binned_branching_fraction(channel, alone, INPUTS, EDGES)[0], rtol=1e-12
            )


@pytest.mark.parametrize("couplings", [SCALAR, VECTOR])
def test_without_a_width_nothing_moves(couplings):
    masses = np.array([0.3, 2.0, 4.7, 4.9])
    for channel, values in couplings.items():
        plain = line(channel, masses, **values)
        assert np.array_equal(line(channel, masses, Gamma_1=0.0, **values), plain)
        assert np.array_equal(line(channel, masses, Gamma_1=np.zeros(4), **values), plain)


@pytest.mark.parametrize("couplings", [SCALAR, VECTOR])
def test_a_narrow_width_is_a_line(couplings):
    """The tails are linear in the width: a tenth of it, a tenth of the difference."""
    for channel, values in couplings.items():
        plain = line(channel, 2.0, **values)
        gaps = [line(channel, 2.0, Gamma_1=w, **values) / plain - 1 for w in (1e-3, 1e-4, 1e-12)]
        assert 1e-6 < abs(gaps[0]) < 3e-3
        assert gaps[1] == pytest.approx(0.1 * gaps[0], rel=0.02, abs=1e-7)
        assert abs(gaps[2]) < 1e-11


def test_the_physical_region_holds_a_part_of_the_resonance():
    """Of a constant amplitude it is [arctan((end - m^2)/(m G)) + arctan(m/G)]/pi; near the end of
    phase space half of the resonance is closed, beyond it only a tail is open."""
    masses, end = np.array([3.0, 4.78, 6.0]), 5.279325 - 0.493677
    broad = line("B+->K+", masses, Gamma_1=0.2, g_S=1e-8)
    narrow = line("B+->K+", masses, g_S=1e-8)
    assert narrow[2] == 0.0 < broad[2] < 0.02 * broad[0]
    assert broad[0] < narrow[0]
    spectrum = differential_branching_fraction(
        "B+->K+",
        Wilson({"m_1": 3.0, "Gamma_1": 0.2, "g_S": 1e-8}),
        INPUTS,
        np.array([9.0, 9.6, end**2 + 1.0]),
    )[0]
    ratio = line("B+->K+", np.sqrt(9.6), g_S=1e-8) / narrow[0]
    np.testing.assert_allclose(spectrum[1] / spectrum[0], ratio / (1.0 + (0.6 / 0.6) ** 2))
    assert spectrum[2] == 0.0


def test_a_width_lets_the_meson_decay_through_the_tail():
    """B_s -> X* -> invisible: |f h_P|^2/(2 m) times 2 m_X G/[(m^2 - m_X^2)^2 + m_X^2 G^2]."""
    values = {"m_1": 2.0, "g_P": 1e-8}
    assert vacuum_branching_fraction("Bs", Wilson(values), INPUTS)[0] == 0.0
    m, f, tau, m_b, m_s, hbar = (
        INPUTS.constant(n)[0] for n in ("m_Bs", "f_Bs", "tau_Bs", "m_b", "m_s", "hbar")
    )
    got = vacuum_branching_fraction("Bs", Wilson({**values, "Gamma_1": 0.1}), INPUTS)[0]
    amplitude = 1e-8 * f * m**2 / (m_b + m_s)
    rate = amplitude**2 / (2 * m) * 2 * 0.2 / ((m**2 - 4.0) ** 2 + 0.04)
    assert got == pytest.approx(rate * tau * 1e-12 / hbar, rel=1e-12)


def test_widths_that_are_none():
    with pytest.raises(PredictionError, match=r"Gamma_1 is negative: -0.1 GeV"):
        line("B+->K+", 2.0, Gamma_1=-0.1, g_S=1e-8)
    rates = line("B+->K+", 2.0, Gamma_1=np.array([0.1, np.nan, np.inf, 0.0]), g_S=1e-8)
    assert np.isfinite(rates).tolist() == [True, False, False, True]
    assert np.isinf(line("B+->K+", 0.0, Gamma_1=0.1, g_V=1e-8))
    assert np.isfinite(line("B+->K+", 1e-60, Gamma_1=0.1, g_S=1e-8)).all()
