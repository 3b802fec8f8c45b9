"""Mediators of any width: a contact interaction times a Breit-Wigner, integrated by brute force."""

from itertools import pairwise

import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError
from bsinv.fitter.predict import predict
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.densities import fermion as densities_fermion
from bsinv.physics.invisible.final_states.states import dark_terms
from bsinv.physics.invisible.vacuum import vacuum_width
from bsinv.physics.invisible.widths import binned_width, decay_of, differential_width
from bsinv.physics.observables import observable
from bsinv.physics.transitions import transition
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
NODE, WEIGHT = np.polynomial.legendre.leggauss(32)
BELLE = np.linspace(0.0, 22.885, 101)
WHOLE = np.array([0.0, 30.0])
SHAPES = {"S": "scalar", "P": "pseudoscalar", "V": "vector", "A": "axial"}


def end_point(channel, inputs=INPUTS):
    return float(decay_of(transition(channel), inputs)[0].end_point)


def graded(low, high, singular):
    """Gauss nodes and weights on panels that grow from singular points by a fifth."""
    steps = np.concatenate([[0.0], np.geomspace(1e-18, 60.0, 250)])
    points = np.concatenate([s + sign * steps for s in singular for sign in (-1.0, 1.0)])
    edges = np.unique(np.clip(np.concatenate([[low, high], points]), low, high))
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    return (middle[:, None] + half[:, None] * NODE).ravel(), (half[:, None] * WEIGHT).ravel()


def brute_force(channel, operator, mass, width, m_chi, edges, running=False, inputs=INPUTS):
    """Contact spectrum over (q2 - M^2)^2 + (M Gamma)^2, in the distance from the pole."""
    terms = dark_terms(Wilson({f"chi_{operator}": 1.0, "m_chi": m_chi}), inputs)
    threshold, square, end = 4.0 * m_chi**2, mass * mass, end_point(channel, inputs)
    shape = getattr(densities_fermion, SHAPES[operator[1]])
    found = []
    for low, high in pairwise(np.clip(edges, threshold, max(end, threshold))):
        if high <= low:
            found.append(0.0)
            continue
        ends = (threshold - square, 0.0, end - square)
        distance, weight = graded(low - square, high - square, ends)
        q2 = np.clip(square + distance, threshold, end)
        half = mass * width
        if running and square > threshold:
            peak = shape(np.array([[square]]), m_chi, m_chi)[0, 0]
            half = half * shape(q2[None], m_chi, m_chi)[0] / peak
        spectrum = differential_width(channel, terms, inputs, q2)[0]
        found.append(float(np.sum(weight * spectrum / (distance**2 + half**2))))
    return np.array(found)


def ours(channel, operator, mass, width, m_chi, edges, size=2, running=0.0, inputs=INPUTS):
    values = {f"med_{operator}": 1.0, "m_med": mass, "Gamma_med": width, "m_chi": m_chi}
    values["med_running"] = running
    wilson = Wilson({name: np.full(size, value) for name, value in values.items()})
    return binned_width(channel, dark_terms(wilson, inputs), inputs, edges)[0]


def check(*args, tolerance=1e-10, **options):
    expected = brute_force(*args, running=bool(options.get("running", 0.0)))
    np.testing.assert_allclose(ours(*args, **options), expected, rtol=tolerance, atol=0.0)


@pytest.mark.parametrize("ratio", np.geomspace(1e-1, 1e-12, 15))
def test_fifteen_widths(ratio):
    check("B+->K+", "SS", 2.1, 2.1 * ratio, 0.5, WHOLE)
    check("B+->K+", "VV", 3.3, 3.3 * ratio, 0.2, WHOLE, size=1)
    check("B0->K*0", "PP", 2.1, 2.1 * ratio, 0.5, WHOLE)
    check("B+->K+", "SP", 1.4, 1.4 * ratio, 0.5, np.array([0.0, 1.5, 1.96, 2.5, 9.0]))


@pytest.mark.parametrize("ratio", [1e-1, 1e-3, 1e-6, 1e-9, 1e-12])
def test_bins_of_the_likelihood(ratio):
    check("B+->K+", "SS", 2.1, 2.1 * ratio, 0.5, BELLE)
    check("B+->K+", "SS", 2.1, 2.1 * ratio, 0.5, BELLE, running=1.0, tolerance=1e-8)


@pytest.mark.parametrize("width", [1e-1, 1e-3, 1e-6, 1e-8])
@pytest.mark.parametrize("m_chi", [0.49, 0.49995, 0.4999999, 0.5, 0.5000001, 0.50005, 0.51])
@pytest.mark.parametrize("operator", ["SS", "SP"])
def test_poles_beside_a_threshold(width, m_chi, operator):
    """M = 1: beyond, on and below 2 m_chi, by more and by less than the width."""
    # Rounding of q2 counts where the distance to the threshold does: 1e-16 over M Gamma.
    tolerance = 1e-9 + 1e-15 / width
    check("B+->K+", operator, 1.0, width, m_chi, WHOLE, tolerance=tolerance)
    check("B+->K+", operator, 1.0, width, m_chi, WHOLE, running=1.0, tolerance=1e-6)


@pytest.mark.parametrize("width", [1e-1, 1e-4, 1e-7])
@pytest.mark.parametrize("shift", [-1e-2, -1e-4, -1e-6, 0.0, 1e-6, 1e-4, 1e-2, 1.0])
@pytest.mark.parametrize(("channel", "operator"), [("B+->K+", "SS"), ("B0->K*0", "PP")])
def test_poles_beside_the_end_point(width, shift, channel, operator):
    mass = float(np.sqrt(end_point(channel))) + shift
    check(channel, operator, mass, width, 0.5, WHOLE, tolerance=1e-9 + 1e-15 / width)


@pytest.mark.parametrize("width", [1e-2, 1e-6, 1e-11])
@pytest.mark.parametrize("shift", [0.0, 1e-14, 1e-9, -1e-9])
def test_poles_on_an_edge_of_a_bin(width, shift):
    mass = float(np.sqrt(BELLE[40])) * (1.0 + shift)
    check("B+->K+", "SS", mass, width, 0.5, BELLE)


@pytest.mark.parametrize(
    ("mass", "m_chi", "operator"),
    [(10.0, 0.3, "SS"), (0.5, 0.5, "SS"), (0.9, 0.5, "SP"), (5.0, 0.0, "VV"), (0.2, 0.1001, "VV")],
)
def test_without_a_width_off_the_pole(mass, m_chi, operator):
    check("B+->K+", operator, mass, 0.0, m_chi, WHOLE)
    stable = ours("B+->K+", operator, mass, 0.0, m_chi, WHOLE)
    for width in (1e-300, 1e-100, 1e-12):
        found = ours("B+->K+", operator, mass, width, m_chi, WHOLE)
        np.testing.assert_allclose(found, stable, rtol=1e-12)


def test_a_batch_mixes_broad_narrow_and_stable_mediators():
    width = np.array([0.3, 1e-3, 1e-7, 1e-12, 0.0, 1e-9, 0.0])
    mass = np.array([2.1, 2.1, 2.1, 2.1, 10.0, 1.0, 0.6])
    m_chi = np.array([0.5, 0.2, 0.5, 0.4, 0.3, 0.5, 0.4])
    values = {"med_SS": 1.0, "med_DVP": 0.3, "m_med": mass, "Gamma_med": width, "m_chi": m_chi}
    batch = binned_width("B+->K+", dark_terms(Wilson(values), INPUTS), INPUTS, BELLE)
    for i in range(len(mass)):
        alone = {key: np.atleast_1d(value)[i % np.size(value)] for key, value in values.items()}
        single = binned_width("B+->K+", dark_terms(Wilson(alone), INPUTS), INPUTS, BELLE)[0]
        np.testing.assert_allclose(batch[i], single, rtol=1e-9)


# E009 to E022 of golden_inclusive_baryons.json, with the inputs of `golden_inputs`; GeV.
OFF_SHELL = {1e-3: 7.702100549985852e-06, 1e-9: 7.702100659260448e-06, 0.0: 7.702100659260448e-06}
TAIL = {
    0.1: (7.208972144674178e-05, 0.0002376393626172194),
    1e-3: (7.219145045911389e-05, 0.00023783168372554112),
    1e-6: (7.219146064738063e-05, 0.0002378317029771493),
    1e-9: (7.219146064739082e-05, 0.00023783170297716856),
}
TOTAL = {
    0.1: (0.011378334704312865, 0.011174083709843137),
    1e-6: (1117.4085780250975, 1117.4083709843137),
    1e-9: (1117408.3711913566, 1117408.3709843138),
}
VACUUM = {1e-4: 0.0008549129118925464, 1e-8: 0.0008549129119559037}


def golden_terms(inputs, **values):
    return dark_terms(Wilson({"m_chi": 0.5, **values}), inputs.replace(constants={"X_t": 0.0}))


@pytest.mark.parametrize("width", OFF_SHELL)
def test_golden_widths_off_shell(golden_inputs, width):
    terms = golden_terms(golden_inputs, med_SS=1.0, m_med=10.0, Gamma_med=width)
    found = binned_width("B+->K+", terms, golden_inputs, WHOLE)[0, 0]
    assert found == pytest.approx(OFF_SHELL[width], rel=1e-6)


@pytest.mark.parametrize("width", TAIL)
def test_golden_tails(golden_inputs, width):
    terms = golden_terms(golden_inputs, med_SS=1.0, m_med=2.1, Gamma_med=width)
    point = differential_width("B+->K+", terms, golden_inputs, [10.0])[0, 0]
    bin_ = binned_width("B+->K+", terms, golden_inputs, [10.0, 15.0])[0, 0]
    assert (point, bin_) == pytest.approx(TAIL[width], rel=1e-6)


@pytest.mark.parametrize("width", TOTAL)
def test_golden_totals_and_the_narrow_width_limit(golden_inputs, width):
    total, narrow = TOTAL[width]
    terms = golden_terms(golden_inputs, med_SS=1.0, m_med=2.1, Gamma_med=width)
    assert binned_width("B+->K+", terms, golden_inputs, WHOLE)[0, 0] == pytest.approx(
        total, rel=1e-5 if width == 0.1 else 1e-6
    )
    # pi F(M^2)/(M Gamma): two-body decay with g^2 rho(M^2) in place of 2 pi delta.
    line = golden_terms(golden_inputs, g_S=1.0, m_1=2.1)
    two_body = binned_width("B+->K+", line, golden_inputs, WHOLE)[0, 0] / (2.0 * np.pi)
    density = densities_fermion.scalar(np.array([[2.1**2]]), 0.5, 0.5)[0, 0]
    assert np.pi * two_body * density / (2.1 * width) == pytest.approx(narrow, rel=1e-9)


@pytest.mark.parametrize("width", VACUUM)
def test_golden_vacuum(golden_inputs, golden, width):
    given = golden["inputs"]
    constants = {"m_Bs": given.get("m_Bs", 5.36693), "f_Bs": given.get("f_Bs", 0.2303)}
    inputs = golden_inputs.replace(constants=constants)
    terms = golden_terms(inputs, med_PP=1.0, m_med=2.1, Gamma_med=width)
    assert vacuum_width("Bs", terms, inputs)[0] == pytest.approx(VACUUM[width], rel=1e-9)


def excess(name, **values):
    return predict(name, "mediator", **values) - predict(name)


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9, 1e-12, 0.0])
def test_a_heavy_mediator_of_the_model(width):
    """2.0877e-5 from the contact interaction over (q2 - M^2)^2, whatever the width."""
    found = excess("BR(B+->Knunu)", m_med=10.0, m_chi=0.3, g_SS=100.0, Gamma_med=width)
    assert found == pytest.approx(2.0877e-5, rel=1e-4)
    found = predict("BR(Bs->inv)", "mediator", m_med=2.1, m_chi=0.4, g_PP=1.0, Gamma_med=width)
    assert found == pytest.approx(1.9763e-7, rel=1e-4)


def test_a_narrow_mediator_near_its_threshold():
    values = {"m_med": 1.0, "m_chi": 0.49995, "g_SS": 1.0}
    found = excess("BR(B+->Knunu)", **values, Gamma_med=1e-8)
    # inclusive_baryons.md E.2 by brute force.
    assert found == pytest.approx(5.488e-5, rel=1e-3)


def test_spectra_are_true_lorentzians():
    mass, width = 2.1, 1e-9
    square, half = mass * mass, mass * width
    q2 = square + np.array([-3.0, -1.0, 0.0, 1.0, 2.0]) * 4.0 * half
    contact = dark_terms(Wilson({"chi_SS": 1.0, "m_chi": 0.5}), INPUTS)
    values = {"med_SS": 1.0, "m_med": mass, "Gamma_med": width, "m_chi": 0.5}
    found = differential_width("B+->K+", dark_terms(Wilson(values), INPUTS), INPUTS, q2)[0]
    expected = differential_width("B+->K+", contact, INPUTS, q2)[0]
    np.testing.assert_allclose(found, expected / ((q2 - square) ** 2 + half**2), rtol=1e-12)


def test_a_stable_mediator_on_its_mass_shell_is_refused():
    values = {"m_med": 2.1, "m_chi": 0.5, "g_SS": 1.0, "Gamma_med": 0.0}
    message = (
        r"m_med = 2.1 GeV with Gamma_med = 0 GeV is on its mass shell in the range of q2, at 4.41"
    )
    with pytest.raises(PredictionError, match=message):
        predict("BR(B+->Knunu)", "mediator", **values)
    for limits in ({"q2max": 5.0}, {"q2min": 2.1**2, "q2max": 9.0}, {"q2max": 2.1**2}):
        with pytest.raises(PredictionError, match=message):
            predict("BR(B+->Knunu)", "mediator", **values, **limits)
    with pytest.raises(PredictionError, match=message):
        predict("dBR/dq2(B+->Knunu)", "mediator", **values, q2=[4.0, 2.1**2])
    # Elsewhere the rate is finite.
    assert np.isfinite(predict("dBR/dq2(B+->Knunu)", "mediator", **values, q2=[4.0, 5.0])).all()
    tail = predict("BR(B+->Knunu)", "mediator", **values, q2min=10.0, q2max=15.0)
    narrow = predict(
        "BR(B+->Knunu)", "mediator", **{**values, "Gamma_med": 1e-9}, q2min=10.0, q2max=15.0
    )
    assert tail == pytest.approx(narrow, rel=1e-12)
    assert predict("BR(Bs->inv)", "mediator", **values) == 0.0
    # A coupling that the decay does not feel, or none, is no reason to refuse.
    other = {**values, "g_SS": 0.0, "g_PP": 1.0}
    assert excess("BR(B+->Knunu)", **other) == 0.0
    with pytest.raises(PredictionError, match=message):
        predict("BR(B0->K*nunu)", "mediator", **other)


def test_stable_points_of_a_batch_are_named():
    wilson = Wilson(
        {
            "med_SS": np.array([1e-8, 1e-8, 0.0, 1e-8]),
            "med_DVS": 1e-8j,
            "m_med": np.array([2.1, 2.1, 10.0, 10.0]),
            "Gamma_med": np.array([0.1, 0.0, 0.0, 0.0]),
            "m_chi": 0.5,
        }
    )
    with pytest.raises(PredictionError, match=r"at the point 1 \(counted from 0\) of 4: a med"):
        observable("BR(B+->Knunu)")(wilson, INPUTS)
    bins = binned_width("B+->K+", dark_terms(wilson, INPUTS), INPUTS, [0.0, 4.0, 5.0, 22.9])
    np.testing.assert_array_equal(np.isinf(bins), np.eye(4)[1][:, None] * np.eye(3)[1] > 0)


def test_running_is_a_switch_of_each_point():
    """A point of a batch that asks for a running width does not decide for the others."""
    values = {"med_SS": 1e-8, "m_med": 3.0, "Gamma_med": 1.0, "m_chi": 0.5}
    switch = np.array([0.0, 1.0, 0.0])
    for name in ("BR(B+->Knunu)", "dBR/dq2(B+->Knunu)"):
        kinematics = {"q2": 9.5} if "q2)" not in name and name.startswith("d") else {}
        batch = observable(name)(Wilson({**values, "med_running": switch}), INPUTS, **kinematics)
        for i, own in enumerate(switch):
            wilson = Wilson({**values, "med_running": own})
            alone = observable(name)(wilson, INPUTS, **kinematics)[0]
            assert batch[i] == pytest.approx(alone, rel=1e-11)
        assert abs(batch[1] / batch[0] - 1.0) > 0.01


def test_range_of_the_width():
    with pytest.raises(ParameterError, match=r"Gamma_med = -0.1 is outside the range \[0, 10\]"):
        predict("BR(B+->Knunu)", "mediator", g_SS=1.0, Gamma_med=-0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"med_AA": 1e-8, "m_med": 0.0, "Gamma_med": 0.1, "m_chi": 0.3},
            "BR(B0->K*nunu) is infinite: axial-vector currents of a massless mediator are not "
            "conserved: give m_med a value.",
        ),
        (
            {"med_AV": 1e-8, "m_med": 2.0, "Gamma_med": 1e-200, "m_chi": 0.3},
            "BR(B0->K*nunu) is infinite: a mediator of mass m_med = 2 GeV with Gamma_med = 1e-200 "
            "GeV is on its mass shell in the range of q2, at 4 GeV^2: give it a width, or leave "
            "the pole out of the range.",
        ),
        (
            {"X_A4": 1e-8, "m_X": 0.0},
            "BR(B0->K*nunu) is infinite: rates of pairs of vectors grow like powers of 1/m^2: give "
            "m_X a value above zero.",
        ),
    ],
)
def test_what_has_no_limit_is_refused_with_its_reason(values, message):
    with np.errstate(all="ignore"), pytest.raises(PredictionError) as caught:
        observable("BR(B0->K*nunu)")(Wilson(values), INPUTS)
    assert str(caught.value) == message


def test_a_massless_mediator_of_a_conserved_current_is_like_others():
    """1/q2^2 for a photon, far above the threshold."""
    found = ours("B+->K+", "VV", 0.0, 0.0, 0.3, WHOLE)
    np.testing.assert_allclose(found, brute_force("B+->K+", "VV", 0.0, 0.0, 0.3, WHOLE), rtol=1e-10)
    assert found == pytest.approx(ours("B+->K+", "VV", 1e-9, 0.0, 0.3, WHOLE), rel=1e-12)
