import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.models import model
from bsinv.models.matching import normalisation
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

INPUTS = Inputs.default()
GOLDEN = json.loads((Path(__file__).parent / "golden_leptoquarks.json").read_text())["rpv.match"]
COUPLINGS = [f"lambdap_{i}{j}{k}" for i in "123" for j in "123" for k in "123"]
LEPTONS = {"e": 1, "mu": 2, "tau": 3}
QUARKS = {"d": 1, "s": 2, "b": 3}
MASSES = {"M_sLQ", "decays_sLQ", "max_coupling"}


def wilson(name, inputs=INPUTS, **values):
    entry = model(name)
    return entry.wilson(entry.complete(values), inputs)


def random_values(n, seed=4, size=0.4):
    rng = np.random.default_rng(seed)
    return {
        f"{prefix}{name}": rng.normal(scale=size, size=n)
        for name in COUPLINGS
        for prefix in ("", "Im_")
    }


def leptoquark_values(n=2):
    """Couplings of a leptoquark, and the same as those of one squark of each kind."""
    rng = np.random.default_rng(7)
    own, singlet, doublet = {}, {}, {}
    for quark, q in QUARKS.items():
        for lepton, i in LEPTONS.items():
            for prefix in ("", "Im_"):
                value = rng.normal(scale=0.4, size=n)
                own[f"{prefix}lambda_{quark}{lepton}"] = value
                singlet[f"{prefix}lambdap_{i}{q}3"] = value
                doublet[f"{prefix}lambdap_{i}2{q}"] = value
    return own, singlet, doublet


def test_parameters():
    entry = model("rpv")
    names = {parameter.name for parameter in entry.parameters}
    masses = {"m_dR", "m_qL", "m_snu"}
    assert names == {*masses, "running", *COUPLINGS, *(f"Im_{name}" for name in COUPLINGS)}
    assert len(names) == 58
    for parameter in entry.parameters:
        if parameter.name in masses:
            assert (parameter.unit, parameter.lower, parameter.upper) == ("TeV", 0.1, 50.0)


def test_golden():
    given, wanted = GOLDEN["inputs"], GOLDEN["outputs"]
    inputs = INPUTS.replace(
        {"G_F": given["G_F"], "alpha_inv": given["alpha_inv"], "VtbVts": -given["lambda_t"]}
    )
    phase = normalisation(inputs) / normalisation(inputs, real_ckm=True)
    values = {
        f"lambdap_{i}{j}{k}": given["lamp"][i - 1][j - 1][k - 1]
        for i in (1, 2, 3)
        for j in (1, 2, 3)
        for k in (1, 2, 3)
    }
    squark, sneutrino = given["m_squark"] / 1e3, given["m_sneutrino"] / 1e3
    masses = {"m_dR": squark, "m_qL": squark, "m_snu": sneutrino, "running": 0.0}
    got = wilson("rpv", inputs, **masses, **values)
    for key, name in (("C_L", "dC_L"), ("C_R", "dC_R"), ("C_R", "C_9p")):
        np.testing.assert_allclose(got[name][0], phase * wanted[key], rtol=GOLDEN["rtol"])
    np.testing.assert_allclose(got["C_10p"], -got["C_9p"])
    # One-loop boxes of both chiralities do not make SLR where nothing runs.
    np.testing.assert_allclose(got["C_SLR_bs"], [-wanted["L_SLR_bsbs"]], rtol=GOLDEN["rtol"])


def test_singlet_squark_is_the_leptoquark_s0():
    own, values, _ = leptoquark_values()
    # Doublets and sneutrinos far away: what sleptons make there is a hundred-thousandth.
    got = wilson("rpv", m_dR=1.7, m_qL=50.0, m_snu=50.0, **values)
    expected = wilson("leptoquark-S0", M=1.7, **own)
    np.testing.assert_array_equal(got["decays_sLQ"][:, 2], expected["decays_sLQ"][:, 0])
    for key in ("dC_L", "C_VL_cb", "C_VLL_bs", "C_VLL_bd", "C_VLL_sd", "C_VLL_cu", "M_sLQ"):
        np.testing.assert_allclose(got[key], expected[key], rtol=5e-5 if key == "dC_L" else 1e-12)
    np.testing.assert_allclose(got["max_coupling"], expected["max_coupling"])


def test_doublet_squark_is_the_leptoquark_with_right_handed_quarks():
    own, _, values = leptoquark_values()
    got = wilson("rpv", m_dR=50.0, m_qL=1.7, m_snu=50.0, **values)
    expected = wilson("leptoquark-S~1/2", M=1.7, **own)
    for key in ("dC_R", "C_9p", "C_10p", "C_VRR_bs", "C_VRR_bd", "C_VRR_sd", "M_sLQ"):
        sleptons = key in ("dC_R", "C_9p", "C_10p")
        tolerance = {"rtol": 1e-3, "atol": 1e-3 * abs(expected[key]).max()} if sleptons else {}
        np.testing.assert_allclose(got[key], expected[key], **{"rtol": 1e-12, **tolerance})


def test_lighter_squark_bounds_and_size_of_couplings():
    got = wilson("rpv", m_dR=[1.0, 3.0], m_qL=2.0, lambdap_333=0.3, Im_lambdap_333=0.4)
    np.testing.assert_array_equal(got["M_sLQ"], [1.0, 2.0])
    np.testing.assert_allclose(got["max_coupling"], 0.5)
    assert set(wilson("rpv", m_dR=[1.0, 2.0])) == MASSES


@pytest.mark.parametrize(
    ("pair", "first", "second"), [("bs", "32", "23"), ("bd", "31", "13"), ("sd", "21", "12")]
)
def test_sneutrinos(pair, first, second):
    """C_SLR = -lambda'_ijk lambda'*_ikj/m^2 before it runs; very strong after."""
    values = {f"lambdap_2{first}": 2e-3, f"Im_lambdap_2{second}": 1e-3, "m_snu": [1.0, 2.0]}
    got = wilson("rpv", running=0.0, **values)
    np.testing.assert_allclose(got[f"C_SLR_{pair}"], 2e-6j * np.array([1e-6, 0.25e-6]))
    run = wilson("rpv", **values)[f"C_SLR_{pair}"] / got[f"C_SLR_{pair}"]
    assert np.all((run.real > 2.0) & (run.real < 6.0))
    # Two different leptons do not exchange a sneutrino.
    values = {f"lambdap_2{first}": 2e-3, f"lambdap_1{second}": 1e-3}
    assert f"C_SLR_{pair}" not in wilson("rpv", running=0.0, **values)


def test_couplings_without_sneutrino_exchange_or_right_handed_quarks():
    got = wilson("rpv", lambdap_323=0.4, lambdap_333=0.5)
    # The top loop turns [33] into [13] too.
    made = {"dC_L", "dC_L_bd", "dC_9", "dC_10", "C_VL_cb", "C_VLL_bs", "C_VLL_cu"}
    # Right-handed quarks turn under the running of their Yukawa matrix, by m_s/m_b.
    assert set(got) == MASSES | made | {"C_SLR_bs"}
    still = wilson("rpv", lambdap_323=0.4, lambdap_333=0.5, running=0.0)
    assert "C_SLR_bs" not in still
    # A real product raises b -> s nu nu with left-handed quarks alone: one ratio.
    r_k, r_kstar = (observable(name)(got, INPUTS)[0] for name in ("RK(nunu)", "RK*(nunu)"))
    assert r_kstar == pytest.approx(r_k, rel=1e-9)
    assert abs(r_k - 1.0) > 0.1


def test_masses_act_on_their_own_coefficients():
    values = random_values(1)
    masses = {"m_dR": 2.0, "m_qL": 2.0, "m_snu": 2.0, "running": 0.0}
    before = wilson("rpv", **masses, **values)
    changed = {
        "m_dR": {"dC_L", "dC_L_bd", "dC_L_sd", "C_VL_cb"}
        | {"C_VLL_bs", "C_VLL_bd", "C_VLL_sd", "C_VLL_cu"},
        "m_qL": {"dC_R", "dC_R_bd", "dC_R_sd", "C_9p", "C_10p"}
        | {"C_VRR_bs", "C_VRR_bd", "C_VRR_sd"},
        "m_snu": {"C_SLR_bs", "C_SLR_bd", "C_SLR_sd"},
    }
    both = {"C_VLR_bs", "C_VLR_bd", "C_VLR_sd"}
    assert set(before) == MASSES | both | set().union(*changed.values())
    for mass, keys in changed.items():
        after = wilson("rpv", **{**masses, mass: 3.0}, **values)
        moved = {key for key in after if not np.allclose(after[key], before[key], 1e-9, 0.0)}
        moved -= MASSES
        assert moved == keys | (set() if mass == "m_snu" else both)
        for key in keys:
            np.testing.assert_allclose(after[key] / before[key], 4.0 / 9.0)


def test_batch_is_loop():
    values = {"m_dR": np.array([0.9, 1.5, 7.0]), "m_qL": 1.1, "m_snu": np.array([0.3, 4.0, 9.0])}
    values |= {"running": np.array([0.0, 0.5, 1.0]), **random_values(3)}
    batch = wilson("rpv", **values)
    assert batch.size == 3
    for index in range(3):
        alone = {key: np.broadcast_to(value, 3)[index] for key, value in values.items()}
        single = wilson("rpv", **alone)
        for key, value in batch.items():
            full = np.broadcast_to(value, (3, *value.shape[1:]))[index]
            alone_value = single[key][0] if key in single else np.zeros_like(full)
            atol = 1e-11 if value.ndim == 3 else 1e-22
            np.testing.assert_allclose(full, alone_value, rtol=1e-11, atol=atol)


def test_every_parameter_matters():
    entry = model("rpv")
    values = entry.complete({key: value[0] for key, value in random_values(1).items()})
    values["running"] = np.array([0.5])
    before = entry.wilson(values, INPUTS)
    for parameter in entry.parameters:
        after = entry.wilson({**values, parameter.name: 0.9 * values[parameter.name]}, INPUTS)
        largest = max(
            np.abs(after[key] - before[key]).max() / np.abs(before[key]).max()
            for key in before
            if key not in MASSES
        )
        assert largest > 1e-5, parameter.name


def test_running_mixes_the_box_of_both_chiralities_into_scalars():
    values = {"lambdap_333": 0.5, "lambdap_323": 0.4, "lambdap_223": 0.6, "lambdap_222": 0.3}
    plain = wilson("rpv", running=0.0, **values)
    full = wilson("rpv", **values)
    assert "C_SLR_bs" not in plain
    assert plain["C_VLR_bs"].any()
    assert abs(full["C_SLR_bs"][0]) > abs(plain["C_VLR_bs"][0])
