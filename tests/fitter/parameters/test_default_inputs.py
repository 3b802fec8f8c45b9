"""Constants that float where data cannot tell them from new physics."""

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import RunFile
from bsinv.chains.tables.significance import significance
from bsinv.data.groups import default_floats, groups, read_floats
from bsinv.errors import AnalysisError, DataError
from bsinv.fitter.reports.notes import notes_of

EMPTY = RunFile(name="x", analysis_text="", seed=1)
FREE = {"prior": {"uniform": [-3.0, 3.0]}}
LEPTONS = ("ee", "mumu", "tautau")
# A Z' of 2 TeV that couples to all leptons alike, by vector currents: C_9 and C_L.
UNIVERSAL = {
    "name": "universal",
    "model": "zprime",
    "likelihoods": ["b2s-invisible-global"],
    "parameters": {
        "M": 2.0,
        "g_L_sb": {"prior": {"uniform": [-0.1, 0.1]}, "start": 0.002},
        "g_nu_ee": {"prior": {"uniform": [0.0, 3.5]}, "start": 0.5},
        **{f"g_nu_{pair}": {"equals": "g_nu_ee"} for pair in LEPTONS[1:]},
        **{f"g_lR_{pair}": {"equals": "g_nu_ee"} for pair in LEPTONS},
    },
    "seed": 1,
}


def analysis(*likelihoods, **changes):
    content = {
        "name": "charm",
        "model": "wet-full",
        "likelihoods": list(likelihoods),
        "parameters": {"dC_9_mumu": FREE},
    }
    return bsinv.load(content | changes)


@pytest.mark.parametrize("name", ["bsmumu_2022_wilson", "bsll-2022", "talk-2024"])
def test_charm_floats_where_the_summary_of_b_to_s_mu_mu_is_used(name):
    found = analysis(name)
    assert found.names == ("dC_9_mumu", "dC9_hadronic")
    assert found.problem.constrained.tolist() == [False, True]
    (record,) = [one for one in found.problem.table.parameters if one.name == "dC9_hadronic"]
    assert record.rule == "normal 0 ± 1"
    # A shift of C_9 may be either.
    both = found.log_likelihood(np.array([[-0.9, 0.0], [0.0, -0.9]]))
    summary = found.problem.term_log_likelihoods(np.array([[-0.9, 0.0], [0.0, -0.9]]))
    assert np.isfinite(both).all()
    assert np.ptp(summary["bsmumu_2022_wilson"]) < 0.05  # up to 3 % in the normalisation


def test_other_data_leave_it_alone():
    for name in ("lhcb_2022_RK_RKstar", "bsmumu_2022_wilson_without_c9"):
        found = analysis(name, parameters={"dC_10_mumu": FREE})
        assert found.names == ("dC_10_mumu",)


@pytest.mark.parametrize("given", [0.0, -0.5])
def test_it_can_be_held(given):
    found = analysis("bsll-2022", inputs={"dC9_hadronic": given})
    assert found.names == ("dC_9_mumu",)
    (note,) = [one for one in notes_of(found.problem, EMPTY) if "dC9_hadronic" in one]
    assert note.endswith("is held, so what it may do counts as new physics.")


def test_another_prior_is_that_of_the_file():
    found = analysis("bsll-2022", inputs={"dC9_hadronic": {"prior": {"normal": [0.0, 0.3]}}})
    (record,) = [one for one in found.problem.table.parameters if one.name == "dC9_hadronic"]
    assert record.rule == "normal 0 ± 0.3"


def test_the_note_gives_prior_and_reason():
    (note,) = [one for one in notes_of(analysis("bsll-2022").problem, EMPTY) if "dC9_" in one]
    assert "floats, normal 0 ± 1: zero: charm loops as in flavio" in note
    assert "2507.17824" in note


@pytest.mark.parametrize(
    ("parameter", "value", "told"),
    [
        ("dC_7", 0.05, True),
        ("dC_7", 0.001, False),
        ("C_P_mumu", 0.01, True),
        ("C_P_ee", 1.0, False),
    ],
)
def test_a_summary_that_does_not_know_a_coefficient_says_so(parameter, value, told):
    """Its C_10 holds BR(Bs -> mu mu), its C_9 data on K* mu mu: both see more than these."""
    found = analysis("bsmumu_2022_wilson", parameters={"dC_10_mumu": FREE, parameter: value})
    notes = [note for note in notes_of(found.problem, EMPTY) if "made without" in note]
    assert len(notes) == told
    if told:
        name = parameter.removesuffix("_mumu")
        assert notes[0].startswith(
            f"bsmumu_2022_wilson: made without {name}, not zero at the start"
        )
    other = analysis("pdg2026_bsee", parameters={"dC_10_ee": FREE, parameter: value})
    assert not [note for note in notes_of(other.problem, EMPTY) if "made without" in note]


def test_it_can_be_asked_for_like_any_free_parameter():
    found = analysis("bsll-2022", fit={"minos": ["dC9_hadronic"]})
    assert found.spec.fit.minos == ("dC9_hadronic",)
    with pytest.raises(AnalysisError, match="'dC9_hadronic' is not free"):
        analysis("bsll-2022", inputs={"dC9_hadronic": 0.0}, fit={"minos": ["dC9_hadronic"]})


def test_charm_is_not_new_physics():
    """The universal Z' had 5.06 standard deviations, all from C_9."""
    best = bsinv.load(UNIVERSAL).fit(retries=0)
    assert best.valid
    assert best.reference_dof == 2
    _, sigma = significance(best.minus_two_delta_log, best.reference_dof)
    assert sigma == pytest.approx(0.68, abs=0.03)
    # The Standard Model needs charm for it, the Z' does not.
    column = best.names.index("dC9_hadronic")
    assert best.reference_values[column] == pytest.approx(-0.92, abs=0.02)


@pytest.mark.slow
def test_with_charm_held_it_is_what_it_was():
    best = bsinv.load({**UNIVERSAL, "inputs": {"dC9_hadronic": 0.0}}).fit()
    _, sigma = significance(best.minus_two_delta_log, best.reference_dof)
    assert sigma == pytest.approx(5.055, abs=0.005)


def test_groups_float_what_their_members_do():
    found = default_floats()
    for name, group in groups().items():
        assert (name in found) == ("bsmumu_2022_wilson" in group.members)
    assert set(found["b2s-invisible-global"]) == {"dC9_hadronic"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"x": ["dC9_hadronic"]}, "floats: key is 'x'; allowed: the id of a measurement"),
        ({"a": ["dC9"]}, "floats: a is 'dC9'; allowed: the name of a constant with an error."),
        ({"a": ["hbar"]}, "floats: a is 'hbar'; allowed: the name of a constant with an error."),
        ({"a": "dC9_hadronic"}, "floats: a is 'dC9_hadronic'; allowed: a list of texts."),
    ],
)
def test_faults_of_the_data(content, message):
    with pytest.raises(DataError) as caught:
        read_floats(content, {}, {"a"}, "test.json")
    assert message in str(caught.value)
