import copy
import pickle

import numpy as np
import pytest
from bsinv.data.measurements import (
    groups,
    measurement,
    measurements,
    provenance,
    read_measurement,
    read_measurements,
)
from bsinv.errors import DataError, UnknownNameError
from hypothesis import given
from hypothesis import strategies as st

LIMIT = {
    "id": "x_2020",
    "group": "a",
    "observables": ["BR(B+->K+nunu)"],
    "kind": "upper_limit",
    "status": "current",
    "unit": "1",
    "limit": 1.9e-5,
    "cl": 0.9,
    "confirmed": True,
    "reference": {"experiment": "Belle", "year": 2017, "arxiv": "1702.03224"},
}
PAIR = {
    "id": "y_2020",
    "group": "f",
    "observables": ["R(D)", "R(D*)"],
    "kind": "correlated",
    "status": "current",
    "unit": "1",
    "values": [0.44, 0.332],
    "errors_plus": [0.07, 0.03],
    "errors_minus": [0.07, 0.02],
    "correlation": [[1, -0.27], [-0.27, 1]],
    "confirmed": False,
    "reference": {},
}
CONTENT = {"groups": {"a": "A", "f": "F"}, "provenance": {}, "entries": [LIMIT, PAIR]}


def changed(entry, **changes):
    return {**copy.deepcopy(entry), **changes}


def test_all_entries_are_there():
    known = measurements()
    assert len(known) == 389
    assert "".join(groups()) == "abcdefghijklmno"
    assert {record.group for record in known.values()} == set(groups())
    assert all(id == record.id for id, record in known.items())


def test_loaded_once():
    assert measurements() is measurements()


def test_gaussian_asymmetric_and_limit():
    headline = measurement("belle2_2023_kpnunu")
    assert headline.values == pytest.approx([2.3e-5])
    assert headline.errors_plus == pytest.approx([7.1e-6])
    assert headline.errors_minus == pytest.approx([6.4e-6])
    assert headline.reference.arxiv == "2311.14647"
    limit = measurement("belle_2017_kst0nunu")
    assert (limit.limit, limit.cl, limit.values) == (1.8e-5, 0.9, None)
    # 1702.03224, tables I and II.
    assert limit.counts == {
        "signal_yield": -2.0,
        "signal_yield_stat": 3.6,
        "signal_yield_syst": 1.8,
        "efficiency": 0.51e-3,
        "b_pairs": 772e6,
    }
    assert "Expected limit: 2.4e-05." in limit.notes


def test_correlated():
    record = measurement("lhcb_2022_RK_RKstar")
    assert len(record.observables) == 4
    assert record.correlation.shape == (4, 4)
    assert record.correlation[0, 2] == -0.017


def test_errors_that_the_source_gives_in_parts_only_are_added_in_quadrature():
    record = measurement("babar_2017_kptautau")
    assert record.errors_plus == pytest.approx([np.hypot(6.6e-4, 3.5e-4)], rel=1e-3)
    assert record.errors_minus == pytest.approx([np.hypot(6.1e-4, 2.5e-4)], rel=1e-3)
    assert any("(stat)" in note and "quadrature" in note for note in record.notes)


def test_intervals_of_95_percent_are_not_taken_for_errors():
    record = measurement("belle2_2025_kpnunu_reinterpretation")
    assert record.values == pytest.approx([11.3, 0.0, 8.21])
    assert record.errors_plus is None
    assert record.errors_minus is None
    assert any("[1.86, 16.2]" in note for note in record.notes)


def test_what_has_no_number_has_none_and_a_note():
    for id in ("altmannshofer_2023_BKX", "fridell_2023_BKnunu", "belle_2026_hXinv"):
        record = measurement(id)
        assert record.values is None
        assert record.limit is None
        assert record.notes


def test_unconfirmed():
    unconfirmed = {id for id, record in measurements().items() if not record.confirmed}
    # Central values of X_s nu nubar by region are from working files.
    working = {f"belle2_2025_xsnunu_{name}_value" for name in ("low", "mid", "high")}
    assert unconfirmed == {"sm_dms_2022", "sm_dmd_2022", *working}


def test_successors_exist():
    assert measurement("babar_2010_kpnunu").superseded_by == "babar_2013_kpnunu_combined"
    for record in measurements().values():
        assert record.superseded_by is None or record.superseded_by in measurements()


def test_zero_errors_only_where_said():
    zero = {
        id
        for id, record in measurements().items()
        if record.errors_plus is not None and (record.errors_plus == 0).any()
    }
    assert zero == {"mass_mu", "mass_e", "ckm_Vtb", "vtbvts_hpqcd"}


def test_provenance_explains_the_short_names():
    short = {
        text.split(":")[0]
        for record in measurements().values()
        for text in record.reference.source
        if text.split(":")[0] in {"pdg2026", "flavio", "5dnm", "darklim", "neutrinofog"}
    }
    assert short <= set(provenance())


def test_records_are_read_only_and_can_be_sent_to_workers():
    record = measurement("belle2_2023_kpnunu")
    with pytest.raises(ValueError, match="read-only"):
        record.values[0] = 0
    with pytest.raises(AttributeError):
        record.limit = 1.0
    again = pickle.loads(pickle.dumps(measurement("belle_2017_kst0nunu")))
    assert dict(again.counts) == dict(measurement("belle_2017_kst0nunu").counts)
    with pytest.raises(TypeError):
        again.counts["observed"] = 0


def test_unknown_id_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'belle_2017_kst0nunu'"):
        measurement("belle_2017_kst0nun")


@pytest.mark.parametrize(
    ("entry", "changes", "message"),
    [
        (LIMIT, {"cl": 1.9}, "x_2020: cl is 1.9; allowed: a finite number above 0 and below 1."),
        (LIMIT, {"cl": None}, "cl is None; allowed: a number between 0 and 1"),
        (LIMIT, {"limit": -1.0}, "limit is -1.0; allowed: a finite number above 0"),
        (LIMIT, {"limit": "1e-5"}, "limit is '1e-5'; allowed: a finite number above 0"),
        (LIMIT, {"limit": None}, "limit is None; allowed: a number, a curve, or a note"),
        (LIMIT, {"kind": "bound"}, "kind is 'bound'; allowed: one of asymmetric, correlated,"),
        (LIMIT, {"status": "old"}, "status is 'old'; allowed: one of auxiliary"),
        (LIMIT, {"unit": "barn"}, "unit is 'barn'; allowed: one of 1, GeV"),
        (LIMIT, {"observables": []}, "allowed: more than one observable for correlated, else one"),
        (LIMIT, {"confirmed": 1}, "confirmed is 1; allowed: true or false"),
        (LIMIT, {"speed": 1}, "unknown key 'speed'; allowed: cl, confirmed,"),
        (LIMIT, {"notes": [""]}, "notes[0] is ''; allowed: a text that is not empty"),
        (LIMIT, {"counts": {"seen": 1}}, "counts: unknown key 'seen'; allowed: b_pairs, backg"),
        (LIMIT, {"counts": {"b_pairs": 0}}, "b_pairs is 0; allowed: a finite number above 0"),
        (LIMIT, {"counts": {"efficiency": 1.1}}, "efficiency is 1.1; allowed: a number up to 1"),
        (LIMIT, {"value_from": 3}, "value_from is 3; allowed: a text"),
        (LIMIT, {"counts": {"observed": -1}}, "observed is -1; allowed: a finite number of at"),
        (LIMIT, {"curve": [[2, 1], [1, 1]]}, "the first of each pair rising"),
        (LIMIT, {"curve": [[1, 2, 3]]}, "allowed: finite numbers of shape (any, 2)"),
        (LIMIT, {"errors_plus": [1.0]}, "errors_plus is [1.0]; allowed: nothing, since there are"),
        (LIMIT, {"reference": {"arxiv": "12"}}, "arxiv is '12'; allowed: such as 2311.14647"),
        (LIMIT, {"reference": {"doi": "doi.org"}}, "doi is 'doi.org'; allowed: such as 10.1103"),
        (LIMIT, {"reference": {"year": 17}}, "year is 17; allowed: a year from 1950"),
        (LIMIT, {"reference": "PDG"}, "reference is 'PDG'; allowed: a mapping"),
        (PAIR, {"values": [0.4]}, "values is [0.4]; allowed: finite numbers of shape (2)"),
        (PAIR, {"values": [0.4, float("nan")]}, "allowed: finite numbers of shape (2)"),
        (PAIR, {"values": [0.4, [1, 2]]}, "allowed: finite numbers of shape (2)"),
        (PAIR, {"values": None}, "errors_plus is [0.07, 0.03]; allowed: nothing"),
        (PAIR, {"errors_plus": [0.07, 0]}, "errors_plus is 0.0; allowed: positive numbers"),
        (PAIR, {"errors_minus": None}, "errors_minus is None; allowed: finite numbers"),
        (PAIR, {"correlation": [[1, 2], [2, 1]]}, "lowest eigenvalue of the correlations"),
        (PAIR, {"correlation": [[1, 0.1], [0.2, 1]]}, "correlation[0][1] is 0.1; allowed: its mir"),
        (PAIR, {"correlation": [[2, 0], [0, 1]]}, "diagonal of correlation is [2.0, 1.0]"),
        (PAIR, {"observables": ["R(D)"]}, "allowed: more than one observable for correlated"),
    ],
)
def test_faults_name_file_id_key_value_and_what_is_allowed(entry, changes, message):
    with pytest.raises(DataError) as caught:
        read_measurement(changed(entry, **changes), "test.json")
    assert str(caught.value).startswith(f"test.json: {entry['id']}: ")
    assert message in str(caught.value)


def test_missing_key():
    entry = {key: value for key, value in LIMIT.items() if key != "unit"}
    with pytest.raises(DataError, match=r"measurements\.json: x_2020: unit is missing; needed"):
        read_measurement(entry)


def test_gaussian_has_one_error():
    entry = changed(LIMIT, kind="gaussian", values=[1.0], errors_plus=[1.0], errors_minus=[2.0])
    with pytest.raises(DataError, match=r"errors_minus is \[2.0\]; allowed: \[1.0\], as err"):
        read_measurement(entry)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entries": [LIMIT, LIMIT]}, "the id x_2020 occurs twice"),
        ({"groups": {"b": "B"}}, "x_2020: group is 'a'; allowed: b."),
        ({"entries": [changed(LIMIT, superseded_by="z")]}, "superseded_by is 'z'; allowed: the id"),
        ({"extra": 1}, "unknown key 'extra'"),
        (
            {"entries": [changed(LIMIT, value_from="y_2020"), PAIR]},
            "x_2020: value_from is 'y_2020'; allowed: for an upper limit without a value, the id",
        ),
        ({"entries": [changed(LIMIT, value_from="z")]}, "x_2020: value_from is 'z'; allowed: for"),
    ],
)
def test_faults_of_the_whole_file(change, message):
    with pytest.raises(DataError) as caught:
        read_measurements({**CONTENT, **change})
    assert message in str(caught.value)


def test_a_sound_file_is_read():
    found = read_measurements(CONTENT)
    assert list(found) == ["x_2020", "y_2020"]
    assert not found["y_2020"].confirmed


@given(st.floats(-0.999, 0.999))
def test_every_correlation_below_one_is_positive(rho):
    record = read_measurement(changed(PAIR, correlation=[[1, rho], [rho, 1]]))
    assert record.correlation[0, 1] == rho


@given(st.floats(allow_nan=False).filter(lambda x: not 0 < x < 1))
def test_no_confidence_level_outside_0_and_1(cl):
    with pytest.raises(DataError, match="cl is"):
        read_measurement(changed(LIMIT, cl=cl))


def test_limit_that_assumes_nothing_on_the_eigenstate():
    # JHEP 03 (2018) 078: 5.4e-9 holds if the heavy eigenstate dominates, 6.0e-9 in general.
    assert measurements()["lhcb_2018_bsemu"].limit == 6.0e-9


SURFACE = {
    "id": "x",
    "group": "b",
    "observables": ["BR(K+->pi+X)"],
    "kind": "limit_surface",
    "status": "current",
    "unit": "1",
    "confirmed": True,
    "reference": {},
    "cl": 0.9,
    "mass": "m_1",
    "lengths": [0.1, 1.0],
    "curve": [[0.0, 1e-9, 1e-10], [0.2, None, 1e-10]],
}


def test_limits_against_mass_and_lifetime():
    record = read_measurement(SURFACE)
    np.testing.assert_array_equal(record.curve, [[0.0, 1e-9, 1e-10], [0.2, np.inf, 1e-10]])
    np.testing.assert_array_equal(record.lengths, [0.1, 1.0])
    assert not record.curve.flags.writeable


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lengths": None}, "lengths is None; allowed: decay lengths in m"),
        ({"lengths": [0.1]}, r"curve is .*; allowed: finite numbers of shape \(any, 2\)"),
        ({"lengths": "long"}, "lengths is 'long'; allowed: finite numbers"),
        ({"curve": 3}, "curve is 3; allowed: a list of rows"),
        ({"curve": [[None, 1.0, 1.0]]}, "allowed: masses, and limits that are positive or null"),
        ({"curve": [[0.1, -1.0, 1.0]]}, "allowed: masses, and limits that are positive or null"),
        ({"cl": None}, "cl is None"),
        ({"mass": None}, "mass is None; allowed: the name of a parameter"),
        ({"kind": "limit_curve"}, "lengths is .*; allowed: nothing for a limit_curve"),
    ],
)
def test_surfaces_that_are_none(changes, message):
    entry = {key: value for key, value in {**SURFACE, **changes}.items() if value is not None}
    with pytest.raises(DataError, match=message):
        read_measurement(entry)
