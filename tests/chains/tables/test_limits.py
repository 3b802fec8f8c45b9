"""Tables of limits: columns, CSV, documents of HEPData; stored and read again; pictures."""

import csv
import dataclasses
import io

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.plots.searches.limits import limit_figure
from bsinv.chains.records import LimitScan, ParameterRecord, RunFile
from bsinv.chains.tables.hepdata import hepdata_submission, hepdata_table
from bsinv.chains.tables.limits import limit_csv, limit_table
from bsinv.errors import StoreError
from numpy.testing import assert_allclose
from ruamel.yaml import YAML

LEVELS = np.array([0.90, 0.95])


def limits(points=((1.0,), (2.0,), (3.0,)), axes=("m_X",), **changes):
    """A scan whose limits are those of a normal measurement, the last beyond the range."""
    points = np.array(points, dtype=float)
    n = len(points)
    upper = np.arange(1.0, n + 1)[:, None] * np.array([3.0, 4.0])
    upper[-1] = np.inf
    expected = upper[:, :, None] * np.array([0.5, 0.7, 1.0, 1.4, 2.0])
    given = {
        "parameter": "BR_K",
        "unit": "10^-6",
        "axes": axes,
        "axis_units": ("GeV",) * len(axes),
        "points": points,
        "shape": np.array([n] if len(axes) == 1 else [2, n // 2] if axes else [], dtype=int),
        "method": "cls",
        "statistic": "CLs with a statistic.",
        "background": "sm",
        "levels": LEVELS,
        "range_end": 40.0,
        "toys": 0,
        "seed": "1",
        "best": np.linspace(0.0, 1.0, n),
        "lower": np.zeros((n, 2)),
        "upper": upper,
        "expected": expected,
        "notes": ("A note.",),
    }
    return LimitScan(**(given | changes))


def run(*found):
    records = tuple(
        ParameterRecord(name, latex, unit)
        for name, latex, unit in (("m_X", "m_X", "GeV"), ("BR_K", "B", "10^-6"), ("z", "z", ""))
    )
    return RunFile("r", "name: r", 1, parameters=records, limits=found)


def test_columns_and_csv():
    lines = limit_csv(limits()).splitlines()
    assert lines[:3] == [
        "# Upper limits on BR_K [10^-6]: CLs",
        "# CLs with a statistic.",
        "# A note.",
    ]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[3:]))))
    assert list(rows[0])[:4] == [
        "m_X [GeV]",
        "BR_K best fit [10^-6]",
        "observed 90 %",
        "expected -2 sigma 90 %",
    ]
    assert (rows[1]["observed 95 %"], rows[1]["expected median 95 %"]) == ("8", "8")
    assert rows[2]["observed 95 %"] == "inf"
    table = limit_table(limits())
    assert table.header[2:8] == ("observed 90 %", "−2σ", "−1σ", "median", "+1σ", "+2σ")
    assert "> 40" in table.markdown()
    alone = {"upper": np.array([[1.0, 2.0]]), "expected": np.ones((1, 2, 5))}
    single = limit_table(limits(np.empty((1, 0)), (), **alone))
    assert ["observed 95 %", 2.0] in [list(row) for row in single.rows]


def test_intervals_have_two_ends():
    found = limits(
        method="feldman-cousins",
        toys=1000,
        expected=np.full((3, 2, 5), np.nan),
        lower_errors=np.full((3, 2), 0.1),
        upper_errors=np.full((3, 2), 0.2),
    )
    assert list(found.columns())[2:6] == [
        "lower end 90 %",
        "upper end 90 %",
        "error of lower end 90 %",
        "error of upper end 90 %",
    ]
    (table,) = YAML(typ="safe").load_all(hepdata_table(found))
    names = [entry["header"]["name"] for entry in table["dependent_variables"]]
    assert names[1:3] == ["Lower end of interval on BR_K", "Upper end of interval on BR_K"]
    assert table["dependent_variables"][2]["values"][0] == {
        "value": 3.0,
        "errors": [{"symerror": 0.2, "label": "toys"}],
    }


def check_table(table):
    """Structure that HEPData asks of a data file."""
    assert set(table) == {"independent_variables", "dependent_variables"}
    lengths = set()
    for kind, variables in table.items():
        for variable in variables:
            allowed = {"header", "values"} | ({"qualifiers"} if kind[0] == "d" else set())
            assert set(variable) <= allowed
            assert set(variable["header"]) <= {"name", "units"}
            assert isinstance(variable["header"]["name"], str)
            lengths.add(len(variable["values"]))
            for qualifier in variable.get("qualifiers", ()):
                assert {"name", "value"} <= set(qualifier) <= {"name", "value", "units"}
            for value in variable["values"]:
                assert {"value"} <= set(value) <= {"value", "errors"}
                assert isinstance(value["value"], int | float | str)
                for error in value.get("errors", ()):
                    assert set(error) in ({"symerror", "label"}, {"asymerror", "label"})
    assert len(lengths) == 1


def test_hepdata():
    found = limits()
    (table,) = YAML(typ="safe").load_all(hepdata_table(found))
    check_table(table)
    assert table["independent_variables"][0]["header"] == {"name": "m_X", "units": "GeV"}
    expected = table["dependent_variables"][2]
    assert expected["header"] == {"name": "Expected upper limit on BR_K", "units": "10^-6"}
    assert expected["qualifiers"][0] == {
        "name": "Confidence level",
        "units": "PCT",
        "value": "90",
    }
    one, two = expected["values"][0]["errors"]
    assert (one["label"], two["label"]) == ("1 sigma", "2 sigma")
    assert_allclose([one["asymerror"][key] for key in ("minus", "plus")], [-0.9, 1.2])
    assert_allclose([two["asymerror"][key] for key in ("minus", "plus")], [-1.5, 3.0])
    assert expected["values"][2] == {"value": "-"}
    first, second = YAML(typ="safe").load_all(hepdata_submission(found, "data.yaml", "a"))
    assert set(first) == {"comment"}
    assert second["data_file"] == "data.yaml"
    assert {"name", "description", "keywords", "data_file"} == set(second)
    assert all(set(entry) == {"name", "values"} for entry in second["keywords"])


def test_stored_and_read_again(tmp_path):
    one, other = limits(), limits(((1, 1), (1, 2), (2, 1), (2, 2)), ("m_X", "z"))
    write(tmp_path / "run.h5", run(one, other))
    again = read(tmp_path / "run.h5").limits
    for before, after in zip((one, other), again, strict=True):
        for entry in dataclasses.fields(LimitScan):
            mine, theirs = getattr(before, entry.name), getattr(after, entry.name)
            if isinstance(mine, np.ndarray):
                np.testing.assert_array_equal(mine, theirs)
            else:
                assert mine == theirs


def test_pictures():
    assert len(limit_figure(run(), limits()).axes[0].lines) == 3  # expected, observed, best fit
    grid = [(x, y) for x in range(5) for y in range(6)]
    figure = limit_figure(run(), limits(grid, ("m_X", "z"), shape=np.array([5, 6])))
    assert figure.axes[0].get_ylabel() == "$z$"
    with pytest.raises(StoreError, match="limits on BR_K: nothing to draw"):
        limit_figure(run(), limits(upper=np.full((3, 2), np.inf)))


@pytest.mark.parametrize("last", [True, False])
def test_few_values_of_one_parameter_are_curves_against_the_other(last):
    names, shape = (("m_X", "z"), [7, 2]) if last else (("z", "m_X"), [2, 7])
    grid = [(x, y) for x in range(shape[0]) for y in range(shape[1])]
    (axes,) = limit_figure(run(), limits(grid, names, shape=np.array(shape))).axes
    assert axes.get_xlabel() == "$m_X$ [GeV]"
    assert [line.get_label() for line in axes.lines[::2]] == ["$z$ = 0", "$z$ = 1"]
    column = np.arange(14).reshape(shape)
    rows = column[:, 0] if last else column[0]
    assert_allclose(axes.lines[0].get_xdata(), np.arange(7.0))
    assert_allclose(axes.lines[0].get_ydata(), 4.0 * (rows + 1.0))
    one = limits(
        grid[:7] if not last else grid[::2], names, shape=np.array([7, 1][:: 1 if last else -1])
    )
    (axes,) = limit_figure(run(), one).axes
    assert axes.get_legend().get_title().get_text() == "CLs, 95 %, $z$ = 0"
    assert len(axes.lines) == 3


def test_wrong_shapes():
    with pytest.raises(StoreError, match="3 points are none of the grid"):
        limits(shape=np.array([2], dtype=int))
    with pytest.raises(StoreError, match=r"LimitScan.upper has shape \(2, 2\)"):
        limits(upper=np.ones((2, 2)))
    assert limits(method="feldman-cousins", background="rescaled-sm").stem == (
        "limit-BR_K-m_X-feldman_cousins-rescaled_sm"
    )
