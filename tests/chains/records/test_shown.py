"""Records in a notebook and in pandas."""

from html.parser import HTMLParser

import numpy as np
import pytest
from bsinv.chains.records import LimitScan, RunFile, ScanSignificance, ToyStudy
from bsinv.chains.records.shown import html_table
from bsinv.chains.statistics.comparison import compared
from bsinv.chains.statistics.samples import posterior
from bsinv.chains.tables.table import Bound, Interval, Label, Measured, Rounded, Table
from bsinv.errors import UnknownNameError


class Cells(HTMLParser):
    """Collects the texts of cells, and refuses tags that do not close."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_markup_in_names_is_text():
    found = html_table("<b>", ["a & b", "c"], [["<script>", "1"]])
    assert "<script>" not in found
    assert Cells(found).cells == ["a & b", "c", "<script>", "1"]


def test_values_by_name(run):
    best = run.best_fit
    for name, value in zip(best.names, best.values, strict=True):
        assert best[name] == value
    with pytest.raises(UnknownNameError, match="did you mean 'dC_L'"):
        best["dC_l"]


def test_short_forms_are_short(run):
    for record in (run.best_fit, run.ensembles[0], *run.scans):
        assert len(repr(record)) < 160
        assert "array" not in repr(record)
        assert record._repr_html_().startswith("<table>")
    cells = Cells(run.best_fit._repr_html_()).cells
    assert run.best_fit.names[0] in cells
    assert f"{run.best_fit.values[0]:.4g}" in cells


def test_table():
    table = Table("a title", ("name", "value"), (("x<y", Measured(1.0, -0.2, 0.2)),), ("a note",))
    assert Cells(table._repr_html_()).cells == ["name", "value", "x<y", "1.00 ± 0.20"]
    assert "<p>a note</p>" in table.html()


def test_data_frames(run):
    pytest.importorskip("pandas")
    frame = run.best_fit.to_dataframe()
    np.testing.assert_array_equal(frame["value"], run.best_fit.values)
    assert list(frame.index) == list(run.best_fit.names)
    ensemble = run.ensembles[0]
    frame = ensemble.to_dataframe()
    row = frame[(frame["step"] == 3) & (frame["walker"] == 2)]
    np.testing.assert_array_equal(row[list(ensemble.names)].to_numpy()[0], ensemble.chain[3, 2])
    for scan in run.scans:
        frame = scan.to_dataframe()
        assert len(frame) == scan.log_likelihood.size
        place = tuple(size - 1 for size in scan.log_likelihood.shape)
        last = frame.iloc[-1]
        assert [last[name] for name in scan.parameters] == [axis[-1] for axis in scan.axes]
        np.testing.assert_equal(last["log_likelihood"], scan.log_likelihood[place])


def limits():
    return LimitScan(
        parameter="BR_K",
        unit="10^-6",
        axes=("m_X",),
        axis_units=("GeV",),
        points=[[0.5], [1.0]],
        shape=[2],
        method="cls",
        statistic="q",
        background="sm",
        levels=[0.9, 0.95],
        range_end=40.0,
        toys=0,
        seed="1",
        best=[0.0, 1.0],
        lower=np.zeros((2, 2)),
        upper=[[3.0, np.inf], [5.0, 6.0]],
    )


def toys(count=3):
    return ToyStudy(
        name="SM",
        names=("a", "b"),
        truth=[0.0, 1.0],
        tested=("a",),
        constrained=[0, 1],
        bounds=[[-1, 1], [0, 2]],
        nuisances="conditional",
        seed="1",
        chunk_size=2,
        number=4,
        term_names=("t<1>",),
        term_data=[1],
        fitted=1,
        observed_values=[0.5, 1.0],
        observed_statistic=2.0,
        observed_term_deviance=[1.0],
        observed_constraint_deviance=0.0,
        chunks=np.arange(count) // 2,
        values=np.arange(2.0 * count).reshape(count, 2),
        failed=[0, 1, 0][:count],
    )


def significance():
    return ScanSignificance(
        parameter="BR_K",
        unit="",
        axes=("m_X",),
        axis_units=("GeV",),
        points=[[0.5], [1.0]],
        shape=[2],
        statistic=[4.0, np.nan],
        best=[1.0, np.nan],
        background="sm",
        seed="1",
        most=10,
        precision=0.2,
        place=0,
        local_p=0.0228,
        global_p=0.1,
        global_error=0.05,
        failed=0,
        bound=0.2,
        bound_error=0.01,
        bound_kind="",
        largest=np.arange(10.0),
        counts=np.zeros((10, 1)),
        coarse=np.zeros((10, 1)),
        above=np.zeros((2, 2)),
        alive=[1.0, 0.0],
    )


def test_all_records_of_results_are_short(run, nested):
    empty = toys(0)
    for record in (limits(), toys(), empty, significance(), *nested.weighted, run, nested):
        assert len(repr(record)) < 200
        assert "array" not in repr(record)
        Cells(record._repr_html_())
    assert repr(limits()) == "<LimitScan of BR_K along m_X: 2 points, cls, 90 %, 95 %>"
    assert repr(toys()) == "<ToyStudy at SM: 3 of 4 toys, 1 failed>"
    assert "global p = 0.1 from 10 toys" in repr(significance())
    assert repr(run).startswith(f"<RunFile {run.name}: best fit")
    assert repr(RunFile("x<y", "", 1)) == "<RunFile x<y: nothing yet>"
    assert "x&lt;y" in RunFile("x<y", "", 1)._repr_html_()
    # of toys whose fits converged: 0 and 4
    assert Cells(toys()._repr_html_()).cells[6:8] == ["2", "2"]


def test_what_is_left_is_told_by_its_sizes(run):
    records = [*run.predictions, *run.spectra, run.support, posterior(run)]
    for record in filter(None, records):
        assert "array" not in repr(record)
        assert len(repr(record)) < 600
    assert "samples (" in repr(posterior(run))


def test_data_frames_of_limits_toys_and_significances(nested):
    pytest.importorskip("pandas")
    frame = limits().to_dataframe()
    assert frame["m_X [GeV]"].tolist() == [0.5, 1.0]
    assert frame["observed 95 %"].tolist() == [np.inf, 6.0]
    frame = toys().to_dataframe()
    assert frame["b"].tolist() == [1.0, 3.0, 5.0]
    assert {"chunk", "statistic", "failed", "error of a", "deviance of t<1>"} <= set(frame)
    assert len(toys(0).to_dataframe()) == 0
    frame = significance().to_dataframe()
    assert frame["local significance"].tolist()[0] == 2.0
    assert np.isnan(frame["q"].tolist()[1])
    frame = nested.weighted[0].to_dataframe()
    assert frame["weight"].sum() == pytest.approx(1.0)
    assert len(frame) == nested.weighted[0].size


def test_table_as_a_data_frame():
    pytest.importorskip("pandas")
    table = Table(
        "t",
        ("name", "value", "number", "interval", "mixed"),
        (
            (Label("a"), Measured(1.0, 0.1, 0.2), Rounded(3.14159, 2), Interval(0.0, 1.0), "x"),
            (Label("b"), "–", 2.0, "", Bound(3.0, 0.9)),
        ),
    )
    frame = table.to_dataframe()
    assert frame["name"].tolist() == ["a", "b"]
    assert frame["value minus"].tolist()[0] == 0.1
    assert np.isnan(frame["value"].tolist()[1])
    assert frame["number"].tolist() == [3.14159, 2.0]
    assert frame["interval upper"].tolist()[0] == 1.0
    assert frame["mixed"].tolist() == ["x", "< 3 (90 %)"]
    assert list(Table("t", ("a", "b"), ()).to_dataframe()) == ["a", "b"]


def test_comparison_as_a_data_frame(run):
    pytest.importorskip("pandas")
    found = compared([run, run], ["one", "other"])
    frame = found.to_dataframe()
    assert list(frame.index) == ["one", "other"]
    assert frame["minus_two_delta_log"].tolist() == [0.0, 0.0]
    assert "one" in Cells(found._repr_html_()).cells
