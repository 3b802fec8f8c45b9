"""Likelihoods that assume the Standard Model spectrum, where it is another one; without them."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.records import RunFile
from bsinv.chains.tables.robustness import alternative_table
from bsinv.chains.tables.run import STANDARD_SPECTRUM, term_table
from bsinv.errors import AnalysisError
from bsinv.fitter.reports.alternatives import alternatives
from bsinv.fitter.reports.notes import notes_of
from bsinv.fitter.reports.other_spectra import _channels, _distance, of_another_spectrum
from bsinv.fitter.runs.run import run
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observables
from bsinv.physics.wilson import Wilson

TOTALS = ["belle_2017_kpnunu_value", "babar_2013_kst0nunu_combined", "bes3_2022_d0_pi0nunu"]
EMPTY = RunFile(name="x", analysis_text="", seed=1)
KAON = "na62_2024_kppinunu"
NAMES = [name for name, record in observables().items() if record.invisible_spectrum]


def analysis(model, parameters, likelihoods=(*TOTALS, KAON), **more):
    return bsinv.load(
        {
            "name": "spectra",
            "model": model,
            "likelihoods": list(likelihoods),
            "parameters": parameters,
            **more,
        }
    )


def free(start, low=-20.0, high=20.0):
    return {"prior": {"uniform": [low, high]}, "start": start}


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        # A left-handed current has the spectrum of the Standard Model in every decay.
        ("wet", {"dC_L": 3.0}, []),
        # A right-handed one too in B -> K, and nearly so in B -> K*.
        ("wet", {"dC_R": 3.0}, []),
        ("wet", {"C_SL": 3.0}, TOTALS[:1]),
        # A particle that couples to S is in B -> K alone, one that couples to P in B -> K*.
        ("two-body", {"g_S": 2.0, "m_X": 2.0}, TOTALS[:1]),
        ("two-body", {"g_P": 2.0, "m_X": 2.0}, TOTALS[1:2]),
        ("two-body", {"g_S_sd": 2.0, "m_X": 0.1}, [KAON]),
        # A signal too small to be seen changes no spectrum.
        ("two-body", {"g_S": 0.01, "m_X": 2.0}, []),
        ("signal-strength", {"mu": 3.0}, None),
    ],
)
def test_where_the_spectrum_is_another_one(model, values, expected):
    name, start = next(iter(values.items()))
    fixed = {key: value for key, value in values.items() if key != name}
    only = TOTALS[:1] if expected is None else (*TOTALS, KAON)
    loaded = analysis(model, {name: free(start, 0.0), **fixed}, only)
    problem = loaded.problem
    assert list(of_another_spectrum(problem, problem.start)) == (expected or [])


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"Gamma_X": 0.1}, "0.1 GeV at the start"),
        # Narrow at the start, broad elsewhere in the prior.
        ({"Gamma_X": free(0.0, 0.0, 1.0)}, "0 GeV at the start"),
        ({"Gamma_X": 0.0}, None),
        ({}, None),
    ],
)
def test_tables_against_a_mass_do_not_know_of_a_width(parameters, told):
    """A summary says so for each form of a table, and for no other term."""
    tables = ("na62_2025_kpiX", "babar_2013_BKX_recast")
    given = {"m_X": free(2.0, 0.0, 4.0), "BR_K": 3.0, **parameters}
    found = analysis("two-body-br", given, (*tables, "belle_2017_kpnunu_value"))
    notes = [note for note in notes_of(found.problem, EMPTY) if "narrow particle" in note]
    if told is None:
        assert notes == []
    else:
        assert len(notes) == 1
        assert notes[0].startswith(f"{', '.join(tables)}: tables")
        assert told in notes[0]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_rate_has_a_spectrum(name):
    """Also those of baryons, of b -> d and inclusive ones: nothing there that is always another."""
    channels = _channels(name)
    assert channels
    standard = [_distance(channel, Wilson(), Inputs.default()) for channel in channels]
    assert standard == [0.0] * len(channels)


def test_left_out():
    kept = analysis(
        "two-body-br",
        {"m_X": 2.0, "BR_K": free(5.0, 0.0, 30.0)},
        ["b2snunu", "light-particle-recast"],
        spectrum_support="exclude",
    )
    names = [term.name for term in kept.problem.terms]
    # What is left out overlaps with nothing, such as the total rates of BaBar with their recast.
    assert names == [
        *("belle2-2023-bknunu", "na62_2025_kpiX", "na62_2021_kpiX_pi0", "e949_2009_kpiX"),
        *("koto_2019_klpi0X", "babar_2013_BKX_recast", "babar_2013_BKstarX_recast"),
    ]


def test_own_measurements_are_left_out_too():
    mine = {"name": "mine", "observable": "BR(B+->Knunu)", "value": 1e-5, "error": 3e-6}
    both = ["bsmumu_2022_wilson", mine]
    kept = analysis("wet-full", {"dC_9": free(0.0)}, both, spectrum_support="exclude")
    assert [term.name for term in kept.problem.terms] == ["bsmumu_2022_wilson"]


def test_nothing_left():
    with pytest.raises(AnalysisError, match="spectrum_support: exclude leaves nothing"):
        analysis("wet", {"dC_L": free(1.0)}, TOTALS, spectrum_support="exclude")
    with pytest.raises(AnalysisError, match="spectrum_support"):
        analysis("wet", {"dC_L": free(1.0)}, TOTALS, spectrum_support="sometimes")


def one_particle():
    value = {"name": "peak", "observable": "BR(B+->K+X)", "value": 8e-6, "error": 2e-6}
    return analysis(
        "two-body-br",
        {"m_X": 2.0, "BR_K": free(5.0, 0.0, 30.0)},
        [value, "belle_2017_kpnunu_value", "belle_2017_kst0nunu"],
        sampler={"ensembles": 2, "walkers": 8, "max_steps": 60, "moves": "stretch"},
        seed=2,
    )


def test_result_without_these_terms():
    """Alone the measured peak is met exactly."""
    loaded = one_particle()
    best = loaded.fit()
    found = alternatives(loaded.problem, loaded.requested, best, np.empty((0, 1)), (), None)
    (found,) = (one for one in found if one.option == "spectrum_support")
    assert (found.used, found.other) == ("include", "exclude")
    assert found.terms == ("belle_2017_kpnunu_value",)
    assert found.values[found.names.index("BR_K")] == pytest.approx(8.0, rel=1e-3)
    assert best.values[best.names.index("BR_K")] != pytest.approx(8.0, rel=1e-2)
    assert np.isfinite(found.minus_two_delta_log)
    marked = [record.term for record in best.observables if record.standard_spectrum]
    assert marked == ["belle_2017_kpnunu_value", "belle_2017_kst0nunu"]
    assert f"belle_2017_kst0nunu{STANDARD_SPECTRUM}" in term_table(best).markdown()


@pytest.mark.slow
def test_marked_and_told_in_the_summary(tmp_path):
    """A run of one particle: rows are marked, and there is a result without the total rates."""
    loaded = one_particle()
    run(loaded, tmp_path / "out")
    summary = (tmp_path / "out" / "summary.md").read_text()
    assert f"belle_2017_kpnunu_value{STANDARD_SPECTRUM}" in summary
    assert f"peak{STANDARD_SPECTRUM}" not in summary
    assert "## spectrum_support: exclude in place of include" in summary
    stored = read(tmp_path / "out" / "run.h5")
    (found,) = (one for one in stored.alternatives if one.option == "spectrum_support")
    assert "Without belle_2017_kpnunu_value" in alternative_table(stored, found).markdown()
