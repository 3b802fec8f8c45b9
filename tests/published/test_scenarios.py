"""Light invisible particles and the Belle II likelihood (docs/results/scenarios.md)."""

import importlib.util
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import BestFit

ROOT = Path(__file__).parents[2]

ANALYSIS = {
    "name": "one-particle",
    "model": "two-body-br",
    "likelihoods": ["belle2-2023-bknunu"],
    "parameters": {
        "m_X": {"prior": {"uniform": [0.0, 4.7]}},
        "BR_K": {"prior": {"uniform": [0, 40]}},
    },
    "inputs": {"VtbVts": 0.04185},
    "form_factors": {"B->K": {"set": "BtoK_HPQCD2022_BCL", "treatment": "fixed"}},
}


def test_one_particle():
    """2602.09666: m_X = 2.1 -0.1 +0.2 GeV, BR = (9.2 -3.4 +1.8)e-6.

    An independent profile scan with the published form-factor modifiers kept finds -13.2 at
    2.1 GeV with 8.5e-6; the grid here is that of a scan, so its steps are the tolerance.
    """
    analysis = bsinv.load(ANALYSIS)
    masses, rates = np.arange(1.8, 2.5, 0.05), np.arange(0.0, 20.0, 0.5)
    grid = np.stack(np.meshgrid(masses, rates, indexing="ij"), axis=-1).reshape(-1, 2)
    log = analysis.log_likelihood(grid).reshape(len(masses), len(rates))
    best = np.unravel_index(log.argmax(), log.shape)
    assert masses[best[0]] == pytest.approx(2.1, abs=0.051)
    assert rates[best[1]] == pytest.approx(8.5, abs=0.51)
    assert -2.0 * (log.max() - log[0, 0]) == pytest.approx(-13.2, abs=0.1)


def test_scalar_pair_and_bs_to_invisible():
    """C_P = 7.8e-8 GeV^-1 at 0.6 GeV: BR(Bs -> phi phi) = 6.1e-5 with f_Bs = 0.2303 GeV."""
    rate = bsinv.predict("BR(Bs->inv)", "dm-scalar", m_S=0.6, C_P=7.8, f_Bs=0.2303)
    assert rate == pytest.approx(6.1e-5, rel=0.02)
    excess = bsinv.predict("BR(B+->Knunu)", "dm-scalar", m_S=0.6, C_S=7.8)
    assert excess - bsinv.predict("BR(B+->Knunu)") == pytest.approx(1.8e-5, rel=0.02)


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location(
        "make_scenarios", ROOT / "tools" / "make_scenarios.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_examples_are_those_of_the_table(tool):
    files = {path.stem: path.read_text() for path in tool.EXAMPLES.glob("*.yaml")}
    assert files == {name: tool.example(entry) for name, entry in tool.SCENARIOS.items()}


def test_page_has_every_scenario(tool):
    page = tool.PAGE.read_text()
    for block in ("belle2", "b2snunu", "limits"):
        table = page.partition(f"<!-- {block} -->")[2].partition("<!-- end -->")[0]
        rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
        assert sorted(rows) == sorted(tool.SCENARIOS)


def test_every_operator_is_a_scenario_or_like_one(tool):
    """Spectra of the others are proportional to those of a scenario, or there is no B -> K."""
    told = tool.other_operators()
    assert "| none |" not in told
    table, _, silent = told.partition("Without B → K: ")
    # Real fields with L = C/2: half the rate; a complex field has twice that of a real one.
    assert "| `dm-scalar-complex` | `C_S` | `scalar-pair` | 0.707 |" in table
    assert "| `dm-vector-real` | `C_V3` | `vector-pair-v3` | 1.41 |" in table
    # decays.md 3.5: the axial vector operators and P have no B -> K.
    assert "`C_P`, `C_A2`, `C_A3`, `C_A4`, `C_A5`, `C_A6`, `C_PF`, `C_PFt` of `dm-vector`" in silent


def test_two_scenarios(tool, tmp_path, monkeypatch, capsys):
    """Scalar pair and the spectrum of the Standard Model, from nothing, and again from the cache.

    The free multiple of the published spectrum gains 7.4 (docs/statistics/belle2-likelihood.md);
    with the form factors floating it is 7.3. The limits are those of 1702.03224 and of its
    addendum.
    """
    names = ["scalar-pair", "massless-neutrinos"]
    tool.main(["--only", *names, "--cache", str(tmp_path)])
    first = capsys.readouterr().out
    found = tool.results(names, tmp_path)
    pair = found["scalar-pair", "belle2", "published"]
    assert pair["valid"]
    assert pair["test"] == "local, one-sided"
    assert pair["gain"] == pytest.approx(10.85, abs=0.05)
    assert pair["mass"][0] == pytest.approx(0.58, abs=0.02)
    factors = tool.exceeded(pair)
    assert factors["belle_2017_kpnunu"] == pytest.approx(2.5, abs=0.05)
    assert factors["belle2_2025_xsnunu_low"] == pytest.approx(2.1, abs=0.05)
    assert "aleph_recast_bs_inv" not in factors
    shape = found["massless-neutrinos", "belle2", "published"]
    assert shape["gain"] == pytest.approx(7.35, abs=0.1)
    assert tool.exceeded(shape)["belle_2017_kst0nunu"] == pytest.approx(2.5, abs=0.05)

    def refuse(*_):
        raise AssertionError("fitted again")

    monkeypatch.setattr(tool, "fit", refuse)
    tool.main(["--only", *names, "--cache", str(tmp_path)])
    assert capsys.readouterr().out == first


def test_stale_fits_are_made_again(tool, tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(
        tool, "fit", lambda analysis, entry: made.append(entry["name"]) or {"valid": True}
    )
    entry = tool.SCENARIOS["massless-neutrinos"]
    for changed in (entry, entry, {**entry, "coupling": ["C_Rp", 30]}):
        tool.cached(changed, "belle2", "published", tmp_path)
    assert len(made) == 2
    assert [path.name for path in tmp_path.iterdir()] == [
        "massless-neutrinos-belle2-published.json"
    ]


def test_recasts_exclude_nothing(tool):
    """The limit on B_s -> invisible is a recast of ALEPH; superseded limits are left out."""
    rates = {"BR(Bs->inv)": 1e-3, "BR(B+->Knunu)": 1.4e-5, "RK*(nunu)": 2.0}
    record = {"rates": rates, "standard": {**dict.fromkeys(rates, 0.0)}}
    factors = tool.exceeded(record)
    assert factors["aleph_recast_bs_inv"] == pytest.approx(1e-3 / 5.6e-4)
    assert "talk_2024_RKstnunu_neutral" in factors
    # 1.3e-5, replaced by a combination of 1.6e-5.
    assert "babar_2010_kpnunu" not in factors
    assert tool.verdict(record) == "none"


def test_interval_of_a_profile(tool):
    """Where MINOS has no end the profile has one, or there is none."""
    axis = np.linspace(0.0, 2.0, 21)
    profile = np.stack([axis, (axis - 0.5) ** 2 / 0.16])
    best = BestFit(("m",), np.array([0.5]), np.eye(1), np.ones(1), 0.0, 0.0, "", True)
    value, low, high = tool.interval(best, "m", profile)
    assert (value, low, high) == pytest.approx((0.5, 0.1, 0.9), abs=0.03)
    flat = np.stack([axis, np.where(axis < 1.0, 0.5, 2.0)])
    assert tool.interval(best, "m", flat)[1] is None
    assert tool.measured([0.5, None, 0.9]) == "< 0.90"
    assert tool.measured([0.5, None, None]) == "any"
    assert tool.measured([0.5, 0.3, 0.7]) == "0.50 ± 0.20"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "gain"), [("v3", 8.08), ("v6", 8.10), ("t2", 7.95), ("s", 0.08)])
def test_vector_pairs(tool, name, gain):
    """V3, V6 and T2 gain about 8, at the smallest masses; spin-0 operators S, SF nothing."""
    entry = tool.SCENARIOS[f"vector-pair-{name}"]
    record = tool.fit(tool.analysis_of(entry, "belle2", "published"), entry)
    assert record["gain"] == pytest.approx(gain, abs=0.03)
    assert record["mass"][0] == pytest.approx(0.05, abs=0.001)
