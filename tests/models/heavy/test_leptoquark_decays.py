"""Branching fractions: sums, SU(2), thresholds, no couplings; what searches make of them."""

import numpy as np
import pytest
from bsinv.likelihoods import catalogue
from bsinv.models import model
from bsinv.models.heavy.leptoquark_decays import decay_table
from bsinv.models.heavy.leptoquark_matching import LEPTOQUARKS
from bsinv.physics.ckm import ckm_matrix
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson_names import LEPTOQUARK_DECAYS

INPUTS = Inputs.default()
TEV = np.array([2000.0])
TOP = (INPUTS.constant("m_t")[0] / 2000.0) ** 2
COMPONENTS = {"S0": 1, "S~1/2": 2, "S1": 3, "V1/2": 2, "V1": 3}


def fractions(name, couplings, mass=TEV):
    """Non-zero fractions of each component at the first point."""
    table = decay_table(LEPTOQUARKS[name], couplings, mass, INPUTS)
    return [
        {state: row[1 + k] for k, state in enumerate(LEPTOQUARK_DECAYS) if row[1 + k] > 1e-6}
        for row in table[0]
    ]


def one(row, column, value=0.5):
    couplings = np.zeros((1, 3, 3), dtype=complex)
    couplings[0, row, column] = value
    return couplings


def wilson(name, **values):
    entry = model(name)
    return entry.wilson(entry.complete(values), INPUTS)


def events(term, name, **values):
    return catalogue.term(term).predict(wilson(name, **values), INPUTS)


def test_b_and_tau():
    """One coupling lambda_btau: charge eigenstates of arXiv:1603.04993."""
    top, charm = (abs(ckm_matrix(INPUTS)[0, k, 2]) ** 2 for k in (2, 1))
    up = abs(ckm_matrix(INPUTS)[0, 0, 2]) ** 2
    scalar = top * (1 - TOP) ** 2
    vector = scalar * (1 + TOP / 2)
    (s0,) = fractions("S0", one(2, 2))
    total = 1.0 + scalar + charm + up
    assert s0 == pytest.approx({"ttau": scalar / total, "ctau": charm / total, "bnu": 1 / total})
    assert s0["ttau"] == pytest.approx(0.4958, abs=1e-4)
    assert fractions("S~1/2", one(2, 2)) == [{"btau": 1.0}, {"bnu": 1.0}]
    assert fractions("V1/2", one(2, 2)) == [{"btau": 1.0}, {"bnu": 1.0}]
    charged, mixed, neutral = fractions("S1", one(2, 2))
    assert (charged, mixed) == ({"btau": 1.0}, pytest.approx(s0))
    share = scalar / (scalar + charm + up)
    assert neutral["tnu"] == pytest.approx(share)
    high, middle, low = fractions("V1", one(2, 2))
    assert middle["btau"] == pytest.approx(1 / (1 + vector + charm + up))
    assert middle["tnu"] == pytest.approx(vector / (1 + vector + charm + up))
    assert high["ttau"] == pytest.approx(vector / (vector + charm + up))
    assert low == {"bnu": 1.0}


@pytest.mark.parametrize(("name", "number"), COMPONENTS.items())
def test_general_couplings(name, number):
    rng = np.random.default_rng(3)
    couplings = rng.normal(size=(5, 3, 3)) + 1j * rng.normal(size=(5, 3, 3))
    table = decay_table(LEPTOQUARKS[name], couplings, TEV, INPUTS)
    assert table.shape == (5, number, 13)
    assert np.all(table[..., 0] == 2.0)
    sums = table[..., 1:].sum(axis=-1)
    # Light quarks take the rest.
    assert np.all((table >= 0.0) & (sums[..., None] < 1.0))
    for factor in (1e-200, 1e150, 1j):
        again = decay_table(LEPTOQUARKS[name], factor * couplings, TEV, INPUTS)
        np.testing.assert_allclose(again, table, rtol=1e-12)
    for row in range(5):
        alone = decay_table(LEPTOQUARKS[name], couplings[row : row + 1], TEV, INPUTS)
        np.testing.assert_allclose(alone[0], table[row], rtol=1e-13)


def test_threshold_and_no_couplings():
    masses = np.array([100.0, 162.0, 163.0, 1e5])
    table = decay_table(LEPTOQUARKS["S0"], one(2, 2), masses, INPUTS)
    column = 1 + LEPTOQUARK_DECAYS.index("ttau")
    assert table[:2, 0, column].tolist() == [0.0, 0.0]
    assert 0.0 < table[2, 0, column] < 1e-3
    assert table[3, 0, column] == pytest.approx(0.5, abs=2e-3)
    couplings = np.concatenate([one(2, 2), np.zeros((1, 3, 3))])
    table = decay_table(LEPTOQUARKS["S1"], couplings, TEV, INPUTS)
    assert (table[1, :, 1:] == 0.0).all()
    for name in ("leptoquark-S0", "leptoquark-V1", "rpv"):
        for term in catalogue.groups()["lhc-masses"]:
            assert events(term, name, running=[0.0, 1.0]).tolist() == [0.0, 0.0]
        # As many rows as with couplings, so that points can be compared.
        key = "decays_vLQ" if "V" in name else "decays_sLQ"
        some = {"lambdap_333": 0.1} if name == "rpv" else {"lambda_btau": 0.1}
        assert wilson(name)[key].shape == wilson(name, **some)[key].shape


def test_limits_by_final_state():
    """At the mass of the limit a search expects 3 beta^2 events."""
    assert events("atlas_2024_sLQ_btau", "leptoquark-S~1/2", M=1.48, lambda_btau=0.3) == (
        pytest.approx(3.0)
    )
    assert events("atlas_2024_sLQ_btau", "leptoquark-S0", M=1.48, lambda_btau=0.3) == 0.0
    half = events("atlas_2024_sLQ_ttau", "leptoquark-S0", M=1.52, lambda_btau=0.3)
    assert half[0] == pytest.approx(3.0 * 0.4934**2, rel=1e-3)
    batch = events("atlas_2024_sLQ_bmu", "leptoquark-S~1/2", M=1.71, lambda_btau=1.0,
                   lambda_bmu=[0.0, 1.0, 1e6])  # fmt: skip
    np.testing.assert_allclose(batch, [0.0, 0.75, 3.0], rtol=1e-9)
    # Strange quarks are not searched for, and take their share.
    strange = events("atlas_2024_sLQ_btau", "leptoquark-S~1/2", M=1.48, lambda_btau=1.0,
                     lambda_stau=3.0)  # fmt: skip
    assert strange[0] == pytest.approx(3.0 / 100.0)
    # Vectors have their own.
    assert events("atlas_2023_vLQ_btau", "leptoquark-V1/2", M=1.91, lambda_btau=1.0) == (
        pytest.approx(3.0)
    )
    assert events("atlas_2024_sLQ_btau", "leptoquark-V1/2", M=1.91, lambda_btau=1.0) == 0.0


def test_two_final_states():
    """CMS: one top and tau, one b and neutrino, 950 GeV at one half each."""
    term = "cms_2021_sLQ_ttau_bnu"
    got = events(term, "leptoquark-S0", M=0.95, lambda_btau=1.0)
    assert got[0] == pytest.approx(3.0, rel=0.01)
    assert events(term, "leptoquark-S~1/2", M=0.95, lambda_btau=1.0) == 0.0


def test_published_dependence_on_the_branching_fraction():
    term = catalogue.term("atlas_2021_sLQ_ttau")
    assert term.events(1430.0, 1.0) == pytest.approx(3.0)
    assert term.events(1220.0, 0.5) == pytest.approx(3.0)
    assert term.events(1325.0, 0.75) == pytest.approx(3.0)
    assert term.events(1220.0, 0.25) == pytest.approx(0.75)
    assert term.events(1220.0, 0.0) == 0.0


def test_squarks():
    """d~_R^k is an S_0 and the doublets are S~_1/2 with their own masses; three copies each."""
    values = {"lambdap_323": 0.1, "lambdap_333": 0.4, "m_dR": 1.52, "m_qL": 1.48}
    decays = wilson("rpv", **values)["decays_sLQ"]
    assert decays.shape == (1, 9, 13)
    # Copies without couplings do not decay: d~_R, s~_R and the first doublet.
    active = decays[0, :, 1:].sum(axis=1) > 0.0
    assert active.tolist() == [False, False, True, False, False, True, True, True, True]
    assert decays[0, active, 0].tolist() == [1.52, 1.48, 1.48, 1.48, 1.48]
    # u~_L of the second and of the third doublet decay to b tau alone.
    assert events("atlas_2024_sLQ_btau", "rpv", **values)[0] == pytest.approx(6.0)
    expected = events("atlas_2024_sLQ_ttau", "leptoquark-S0", M=1.52, lambda_stau=0.1,
                      lambda_btau=0.4)  # fmt: skip
    assert events("atlas_2024_sLQ_ttau", "rpv", **values) == pytest.approx(expected)
