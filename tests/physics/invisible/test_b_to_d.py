"""b → d + invisible and B_s → η⁽′⁾νν̄: what each mode sees, charged and neutral, τ poles."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
MODES = ("B+->pinunu", "B0->pinunu", "B+->rhonunu", "B0->rhonunu", "B0->omeganunu", "Bs->K*0nunu")


def predict(name, wilson=None, **kinematics):
    return observable(name)(wilson or Wilson(), INPUTS, **kinematics)


@pytest.mark.parametrize("name", MODES)
def test_each_mode_has_coefficients_of_b_to_d(name):
    standard = predict(f"BR({name})")[0]
    for key, changes in (("dC_L", False), ("dC_L_bd", True), ("dC_L_sd", False)):
        value = predict(f"BR({name})", Wilson({key: 2.0 * np.eye(3)}))[0]
        assert (value != standard) == changes
    # Of b -> s none of it changes.
    for other in ("BR(B+->Knunu)", "BR(Bs->phinunu)", "BR(Lambdab->Lambdanunu)"):
        assert predict(other, Wilson({"dC_L_bd": 2.0 * np.eye(3)})) == predict(other)


def test_every_operator_of_neutrinos():
    """The rates of b -> d follow the same formula: the ratio to a K is that of the SM."""
    rng = np.random.default_rng(2)
    keys = ("dC_L", "dC_R", "C_Lp", "C_Rp")
    values = {key: rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for key in keys}
    kaon = predict("BR(B+->Knunu)", Wilson(values)) / predict("BR(B+->Knunu)")
    pion = predict("BR(B+->pinunu)", Wilson({f"{k}_bd": v for k, v in values.items()}))
    np.testing.assert_allclose(pion / predict("BR(B+->pinunu)"), kaon, rtol=1e-12)
    for key in ("C_SL", "C_SR", "C_TL"):
        more = predict("BR(B0->rhonunu)", Wilson({f"{key}_bd": rng.normal(size=(3, 3))}))
        assert more > predict("BR(B0->rhonunu)")


def test_neutral_mesons_come_half_as_often():
    lifetimes = INPUTS.constant("tau_Bplus")[0] / INPUTS.constant("tau_B0")[0]
    for meson in ("pi", "rho"):
        charged, neutral = (predict(f"BR({b}->{meson}nunu)")[0] for b in ("B+", "B0"))
        assert charged / neutral == pytest.approx(2.0 * lifetimes, rel=0.01)


def test_tau_poles():
    """9.4(21) 10^-6 for the pion (0908.1174); B(tau -> rho nu) = 25.5 % (PDG) for the rho."""
    pion, rho = (predict(f"BR_LD(B+->{meson}nunu)")[0] for meson in ("pi", "rho"))
    assert pion == pytest.approx(9.4e-6, abs=2.1e-6)
    # B(tau -> pi nu) = 10.8 %.
    assert rho / pion == pytest.approx(25.5 / 10.8, rel=0.05)
    for name, pole in (("B+->pinunu", pion), ("B+->rhonunu", rho)):
        both = predict(f"BR({name})", long_distance=True)[0]
        assert both == pytest.approx(predict(f"BR({name})")[0] + pole, rel=1e-9)
    for name in ("B0->pinunu", "Bs->etanunu"):
        assert "long_distance" not in observable(f"BR({name})").optional


def test_eta_and_etaprime():
    """Both see V, S, E of b -> s as a K does."""
    for name in ("BR(Bs->etanunu)", "BR(Bs->etaprimenunu)"):
        assert predict(name)[0] == pytest.approx(2.4e-6, rel=0.1)
        ratio = predict(name, Wilson({"dC_R": 3.0 * np.eye(3)})) / predict(name)
        kaon = predict("RK(nunu)", Wilson({"dC_R": 3.0 * np.eye(3)}))
        assert ratio == pytest.approx(kaon, rel=1e-9)
        assert predict(name, Wilson({"phi_P": 1e-7, "m_phi": 0.2})) == predict(name)


def rate(name, observed, **values):
    entry = model(name)
    wilson = entry.wilson(entry.complete(values), INPUTS)
    return observable(observed)(wilson, INPUTS)[0]


@pytest.mark.parametrize(
    ("name", "couplings"),
    [
        ("leptoquark-S0", {"lambda_btau": 1.0, "lambda_{}tau": 0.05}),
        ("leptoquark-S~1/2", {"lambda_btau": 1.0, "lambda_{}tau": 0.05}),
        ("zprime", {"g_L_{}b": 0.02, "g_nu_tautau": 1.0}),
        ("zprime", {"g_R_{}b": 0.02, "g_N": 1.0}),
        ("zprime", {"g_R_{}b": 0.02, "g_N": 1.0, "m_N": 0.5}),
    ],
)
def test_heavy_models_treat_d_as_s(name, couplings):
    """With the same coupling the amplitudes, in GeV^-2, are the same: N is that of each pair."""
    changes = {}
    for quark, meson in (("s", "K"), ("d", "pi")):
        given = {key.format(quark): value for key, value in couplings.items()}
        entry = model(name)
        wilson = entry.wilson(entry.complete({**given, "running": 0.0}), INPUTS)
        keys = {"s": ("dC_L", "dC_R", "C_Lp", "C_Rp"), "d": ("dC_L_bd", "dC_R_bd", "C_Lp_bd")}
        found = [key for key in (*keys[quark], "C_Rp_bd") if key in wilson]
        sector = "_bd" if quark == "d" else ""
        if found:
            from bsinv.models.matching import normalisation

            unit = normalisation(INPUTS, sector=sector)[0]
            changes[quark] = sorted(abs(np.trace(wilson[key][0]) / unit) for key in found)
        else:
            changes[quark] = [abs(wilson[f"NN_VR{sector}"][0]), abs(wilson[f"NN_AR{sector}"][0])]
        assert rate(name, f"BR(B+->{meson}nunu)", **given) != rate(name, f"BR(B+->{meson}nunu)")
    np.testing.assert_allclose(changes["d"], changes["s"], rtol=1e-12)


def test_mixing_of_the_b0_in_a_zprime():
    """H = g^2/(2 M^2) (dbar gamma P_L b)^2, that of the B_s with s in place of d (1211.1896)."""
    entry = model("zprime")
    for pair, name in (("bs", "sb"), ("bd", "db")):
        wilson = entry.wilson(entry.complete({f"g_L_{name}": 0.01, "running": 0.0}), INPUTS)
        expected = 0.01**2 / (2.0 * 2000.0**2)
        assert wilson[f"C_VLL_{pair}"][0].real == pytest.approx(expected, rel=1e-12)
        assert "C_VLL_cu" in wilson


def test_dark_models_of_b_to_d():
    for name, given in (
        ("dm-scalar", {"C_S_bd": 1.0}),
        ("two-body", {"g_S_bd": 1.0}),
        ("mediator", {"g_SS_bd": 1.0}),
        ("sterile-neutrino", {"nuN_SR_bd": 1.0}),
    ):
        assert rate(name, "BR(B+->pinunu)", **given) > rate(name, "BR(B+->pinunu)")
        assert rate(name, "BR(B+->Knunu)", **given) == rate(name, "BR(B+->Knunu)")


def test_mistakes():
    with pytest.raises(PredictionError, match="holds nothing of the physical region, from 0 to 26"):
        predict("BR(B+->pinunu)", q2min=26.5, q2max=27.0)
    with pytest.raises(PredictionError, match="signal strength"):
        predict("BR(B+->rhonunu)", Wilson({"signal_strength": 1.0}))
