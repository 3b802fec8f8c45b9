"""Files with measurements of a user's own, in the format of data/sources."""

from pathlib import Path

import numpy as np
import pytest
from bsinv.data.measurements import measurements
from bsinv.data.written import read_written
from bsinv.errors import DataError
from ruamel.yaml import YAML

SOURCES = Path(__file__).parents[2] / "data" / "sources"
ENTRY = {
    "id": "mine",
    "observable": "BR(B+->K+nunu)",
    "experiment": "Belle II",
    "year": 2027,
    "kind": "asymmetric",
    "unit": "1",
    "value": 2.3e-5,
    "stat": 5.0e-6,
    "syst": {"plus": 5.0e-6, "minus": 4.0e-6},
}


def read(*entries, **top):
    return read_written({"entries": list(entries), **top}, "my.yaml", {"b2snunu", *measurements()})


def test_an_entry():
    (one,) = read(ENTRY, group="a", title="mine")
    record = one.measurement
    assert (record.id, record.status, record.confirmed) == ("mine", "current", True)
    assert record.errors_plus.tolist() == [7.07e-6]
    assert record.errors_minus.tolist() == [6.4e-6]
    assert (record.reference.experiment, record.reference.year) == ("Belle II", 2027)
    assert one.data == ()


def test_what_is_shipped_reads_the_same_under_other_ids():
    """Every entry of a source file with another id gives the record of the package."""
    path = SOURCES / "measurements_bsnunu.yaml"
    content = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    kept = []
    for entry in content["entries"]:
        if entry["status"] != "theory" and entry["confirmed_by"] != "unconfirmed":
            kept.append({**entry, "id": f"my_{entry['id']}"})
    found = read(*kept)
    assert len(found) == len(kept) > 20
    for one in found:
        shipped = measurements()[one.measurement.id.removeprefix("my_")]
        for key in ("observables", "kind", "unit", "limit", "cl", "counts"):
            assert getattr(one.measurement, key) == getattr(shipped, key), one.measurement.id
        if shipped.values is not None and shipped.errors_plus is not None:
            np.testing.assert_array_equal(one.measurement.values, shipped.values)
            np.testing.assert_array_equal(one.measurement.errors_plus, shipped.errors_plus)


def test_a_limit_takes_the_value_of_another_entry():
    limit = {**ENTRY, "id": "limit", "kind": "upper_limit", "limit": 4e-5, "cl": 0.9}
    limit = {key: limit[key] for key in limit if key not in ("value", "stat", "syst")}
    _, one = read(ENTRY, {**limit, "value_from": "mine"})
    assert one.measurement.values.tolist() == [2.3e-5]
    assert one.measurement.value_from is None
    (other,) = read({**limit, "value_from": "belle_2017_kpnunu_value"})
    assert other.measurement.values.tolist() == [1e-5]


def test_data_and_superseded_data_overlap():
    (one,) = read({**ENTRY, "data": ["belle2_2023_kpnunu"], "superseded_by": "belle_2017_kpnunu"})
    assert one.data == ("belle2_2023_kpnunu", "belle_2017_kpnunu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "belle_2017_kst0nunu"}, "is a likelihood of the package: take another id"),
        ({"id": "b2snunu"}, "my.yaml: b2snunu: is a likelihood of the package"),
        ({"id": ""}, r"my.yaml: entries\[0\]: id is ''"),
        ({"kind": "gausian"}, "my.yaml: mine: kind is 'gausian'; allowed: one of asymmetric"),
        ({"valu": 1}, "my.yaml: mine: unknown key 'valu': did you mean 'value'"),
        ({"unit": "furlong"}, "my.yaml: mine: unit is 'furlong'"),
        ({"value": "2.3"}, "my.yaml: mine: value is '2.3'; allowed: a number"),
        ({"stat": "big"}, "my.yaml: mine: stat is 'big'; allowed: a number or"),
        ({"stat": {"plus": 1.0}}, "my.yaml: mine: stat is {'plus': 1.0}"),
        ({"stat": -1e-6}, "mine: stat is -1e-06; allowed: numbers that are not negative"),
        ({"syst": {"plus": 1e-6, "minus": -1e-6}}, "mine: syst is .* not negative, minus too"),
        ({"syst": None}, "mine: syst is None; allowed: the other part of the error"),
        ({"stat": [1.0, 2.0]}, "my.yaml: mine: stat is .* as many as values"),
        ({"error": 1e-6}, "mine: error is .* the quadrature sum of stat and syst"),
        ({"notes": "a"}, "my.yaml: mine: notes is 'a'; allowed: a list"),
        ({"observables": ["x"]}, "needs one of observable and observables"),
        ({"status": "theory"}, "status is 'theory'"),
        ({"confirmed_by": "unconfirmed"}, "confirmed_by is 'unconfirmed'"),
        ({"counts": {"observed": "x"}}, "my.yaml: mine: counts is"),
        ({"year": "now"}, "my.yaml: mine: reference: year is 'now'"),
        ({"data": ["belle_2017_kst0nun"]}, "data: unknown measurement 'belle_2017_kst0nun': did"),
        ({"value_from": "nothing"}, "value_from: unknown measurement 'nothing'"),
        ({"chi2": 3.0}, "chi2 and ndf: as many"),
        ({"mass": "m_X"}, "my.yaml: mine: mass is 'm_X'; allowed: nothing for a asymmetric"),
    ],
)
def test_faults_of_an_entry(change, message):
    with pytest.raises(DataError, match=message):
        read({**ENTRY, **change})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "my.yaml: the content is \\[\\]"),
        ({"entries": {}}, "my.yaml: the content is"),
        ({"entries": []}, "my.yaml: entries is \\[\\]; allowed: one or more"),
        ({"entries": [1]}, r"my.yaml: entries\[0\]: the entry is 1; allowed: a mapping"),
        ({"entries": [ENTRY, ENTRY]}, "my.yaml: the id mine occurs twice"),
        ({"entries": [ENTRY], "entris": []}, "my.yaml: unknown key 'entris': did you mean 'ent"),
    ],
)
def test_faults_of_a_file(content, message):
    with pytest.raises(DataError, match=message):
        read_written(content, "my.yaml", set(measurements()))
