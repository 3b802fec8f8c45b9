import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import SupportReport
from bsinv.chains.tables.summary import summary_markdown
from bsinv.chains.tables.support import support_table
from bsinv.errors import StoreError


def test_channels_and_their_bins(run):
    report = run.support
    assert report.channels == ("ITA-SR", "HTA")
    np.testing.assert_array_equal(report.channel("ITA-SR"), [0, 1])
    np.testing.assert_array_equal(report.channel("HTA"), [2])
    assert not report.weights.flags.writeable


def test_changes_that_are_not_known():
    one, three = np.ones(1), np.ones(3)
    report = SupportReport(
        "t", "v", True, ("A 1",), one, one, one, one, one, one, np.arange(4), three, three
    )
    assert np.isnan(report.changes).all()
    assert report.changed_bins.shape == (0,)
    assert report.peaks.shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"counted_error": np.ones(2)},
            r"SupportReport.counted_error has shape \(2,\), but \(3,\)",
        ),
        ({"weights": np.ones(4)}, r"SupportReport.weights has shape \(4,\), but \(3,\)"),
        ({"peaks": np.ones((1, 3))}, r"SupportReport.peaks has shape \(1, 3\), but \(1, 2\)"),
    ],
)
def test_shapes_are_checked(run, change, message):
    with pytest.raises(StoreError, match=message):
        dataclasses.replace(run.support, **change)


def test_table(run):
    table = support_table(run.support)
    text = table.markdown()
    # The bin of a channel whose error grows most stands for it.
    assert "| `ITA-SR` | 15.0 | 40.0 | 8 % | 40 % | 156 | 6.25 | 2 % |" in text
    assert "| `HTA` | 1.0 | 4.0 | 16 % | 160 % | 39.1 | 0.391 | 3 % |" in text
    assert table.notes[0] == run.support.verdict
    assert "weighted by up to 40 (mean 3); 0.01 % of them outside the histograms" in table.notes[1]
    assert "50 % of the events in bins of q2 inside which the weight changes" in table.notes[1]
    assert "160" in table.latex()


def test_summary_has_the_table(run):
    text = summary_markdown(run)
    assert "## Support by the published simulation\n\n| channel |" in text
    assert run.support.verdict in text
    assert "## Support" not in summary_markdown(dataclasses.replace(run, support=None))
