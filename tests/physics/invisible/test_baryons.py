"""Λ_b → Λ + invisible: sum rule, longitudinal fraction, both sets of form factors, errors."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.fitter.predict import predict_with_error
from bsinv.fitter.varied import drawn_coefficients
from bsinv.physics.inputs import HIGHER_ORDER, Inputs
from bsinv.physics.invisible.hadronic.helicity import pair_products
from bsinv.physics.invisible.widths import binned_width
from bsinv.physics.kinematics import kinematics
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
RATE, FRACTION = "BR(Lambdab->Lambdanunu)", "<FL>(Lambdab->Lambdanunu)"


def predict(name, wilson=None, inputs=INPUTS, **kinematics_):
    return observable(name)(wilson or Wilson(), inputs, **kinematics_)


def test_sum_rule():
    """R_Λ = 0.290 R_K + 0.710 R_K* for any C_L, C_R (2604.20340; coefficients: 0.28, 0.72)."""
    rng = np.random.default_rng(5)
    matrices = rng.normal(size=(2, 20, 3, 3)) + 1j * rng.normal(size=(2, 20, 3, 3))
    wilson = Wilson({"dC_L": 8.0 * matrices[0], "dC_R": 8.0 * matrices[1]})
    kaon, kstar = (predict(name, wilson) for name in ("RK(nunu)", "RK*(nunu)"))
    baryon = predict(RATE, wilson) / predict(RATE)
    np.testing.assert_allclose(baryon, 0.290 * kaon + 0.710 * kstar, rtol=5e-3)
    # Exact with coefficients of its own; those of the text are rounded.
    c = np.linalg.lstsq(np.stack([kaon, kstar], axis=1), baryon, rcond=None)[0]
    np.testing.assert_allclose(c.sum(), 1.0, rtol=1e-9)
    np.testing.assert_allclose(c[0] * kaon + c[1] * kstar, baryon, rtol=1e-9)
    assert c[1] == pytest.approx(0.710, abs=0.005)


def test_currents_that_do_not_interfere():
    kin = kinematics(np.array([[2.0, 11.0]]), 5.62, 1.116)
    for pair in (("V", "A"), ("V", "M"), ("A", "E"), ("E", "M"), ("S", "P"), ("S", "At")):
        assert pair_products(0.5, pair, kin) == ()
    for pair in (("V", "E"), ("A", "M"), ("S", "Vt"), ("P", "At")):
        one, other = pair_products(0.5, pair, kin), pair_products(0.5, pair[::-1], kin)
        assert one
        for (first, second, value), (_, _, mirror) in zip(one, other, strict=True):
            assert first != second or first in ("f0", "g0")
            np.testing.assert_allclose(mirror, np.conj(value), rtol=1e-14)
    with pytest.raises(PredictionError, match="do not interfere"):
        pair_products(0.5, ("V", "S"), kin)


def test_rates_are_positive_for_any_couplings():
    """Squares of amplitudes: no sign of an interference is wrong enough to win."""
    rng = np.random.default_rng(6)
    size = 200
    names = ("SS", "SP", "PS", "PP", "VV", "VA", "AV", "AA", "TT", "TT5")
    values = {f"chi_{n}": rng.normal(size=size) + 1j * rng.normal(size=size) for n in names}
    wilson = Wilson({**values, "m_chi": 0.4, "m_chi2": 0.9})
    alone = INPUTS.replace(constants={"X_t": 0.0})
    points = np.array([2.0, 5.0, 10.0, 18.0, 20.0])
    assert np.all(predict("dBR/dq2(Lambdab->Lambdanunu)", wilson, alone, q2=points) > 0.0)
    fractions = predict("FL(Lambdab->Lambdanunu)", wilson, alone, q2=points)
    assert np.all((fractions > 0.0) & (fractions < 1.0))


def test_ends_of_the_longitudinal_fraction():
    """1 at q² = 0, and 1/3 at the end point, where no direction is left."""
    end = (INPUTS.constant("m_Lambdab")[0] - INPUTS.constant("m_Lambda")[0]) ** 2
    name = "FL(Lambdab->Lambdanunu)"
    assert predict(name, q2=0.0)[0] == pytest.approx(1.0, abs=1e-9)
    assert predict(name, q2=end * (1.0 - 1e-6))[0] == pytest.approx(1.0 / 3.0, abs=2e-3)
    with pytest.raises(PredictionError, match="vanishes at the q2 asked for"):
        predict(name, q2=end + 0.1)


def test_published_error():
    """8.1(5)(7) 10^-6 with max(|O_HO - O|, sqrt|sigma_HO^2 - sigma^2|) (1602.01399)."""
    process = "Lambdab->Lambda"
    found = {}
    for kind, chosen in (("nominal", None), ("higher", HIGHER_ORDER[process])):
        inputs = INPUTS if chosen is None else INPUTS.replace(sets={process: chosen})
        drawn = drawn_coefficients(inputs.form_factors(process).source, 4000, 1)
        varied = inputs.replace(coefficients={process: drawn})
        found[kind] = predict(RATE, None, inputs)[0], predict(RATE, None, varied).std()
    (value, sigma), (other, grown) = found["nominal"], found["higher"]
    assert (value, sigma) == pytest.approx((8.1e-6, 0.55e-6), rel=0.05)
    assert other == pytest.approx(8.8e-6, rel=0.01)
    systematic = max(abs(other - value), np.sqrt(abs(grown**2 - sigma**2)))
    assert systematic == pytest.approx(0.75e-6, rel=0.1)
    # Of the whole error, constants are what is left: 2 x 2.4 % of |V_tb V_ts*|, 1.2 % of X_t.
    _, error = predict_with_error(RATE)
    constants = 8.1e-6 * np.hypot(2 * 0.0244, 2 * 0.0116)
    assert error == pytest.approx(np.sqrt(sigma**2 + systematic**2 + constants**2), rel=0.1)
    _, error = predict_with_error(FRACTION)
    assert error == pytest.approx(0.034, abs=0.003)


def test_errors_of_other_modes_have_no_second_fit():
    one, two = (predict_with_error("BR(B+->Knunu)", samples=50)[1] for _ in range(2))
    assert one == two
    value, error = predict_with_error("dBR/dq2(Lambdab->Lambdanunu)", samples=50, q2=[1.0, 9.0])
    assert value.shape == error.shape == (2,)


def test_normalisation_and_floated_masses():
    scaled = INPUTS.replace(constants={"norm_LambdabtoLambda": [0.5, 1.0, 2.0]})
    np.testing.assert_allclose(predict(RATE, None, scaled) / predict(RATE), [0.5, 1.0, 2.0])
    masses = np.array([5.6196, 5.7, 1.0])
    varied = INPUTS.replace(constants={"m_Lambdab": masses})
    rates = predict(RATE, None, varied)
    assert rates[0] == pytest.approx(predict(RATE)[0], rel=1e-9)
    assert rates[1] > rates[0]
    assert rates[2] == 0.0


def test_a_quark_is_a_baryon_with_form_factors_of_one():
    """b → s against the kernels of inclusive_baryons.md A.1, V - A: the free-quark spectrum."""
    from bsinv.physics.invisible.final_states.states import neutrino_terms

    inputs = INPUTS.replace(constants={"m_s_Xs": 0.0})
    edges = np.linspace(0.0, 4.65**2, 6)
    bins = binned_width("b->s", neutrino_terms(Wilson(), inputs), inputs, edges)[0]
    y = edges / 4.65**2
    primitive = y - y**3 + 0.5 * y**4  # of (1 - y)^2 (1 + 2 y)
    np.testing.assert_allclose(bins / bins.sum(), np.diff(primitive) / 0.5, rtol=1e-9)
