"""Records in a notebook and in pandas."""

from html.parser import HTMLParser

import numpy as np
import pytest
from bsinv.chains.records.shown import html_table
from bsinv.chains.tables.table import Measured, Table
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
