"""Support by the simulation, other forms of likelihoods: records and their tables."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.records import Alternative, SupportReport
from bsinv.chains.tables.robustness import alternative_table, support_table
from bsinv.chains.tables.summary import summary_markdown
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
def test_shapes_of_a_support_report_are_checked(run, change, message):
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


@pytest.fixture
def found(run):
    fit = run.best_fit
    names = tuple(entry.name for entry in run.predictions if np.size(entry.best_fit) == 1)
    return Alternative(
        option="limit_form",
        used="measured",
        other="half-gaussian",
        terms=("one", "two"),
        names=fit.names,
        values=fit.values + 0.5 * fit.errors,
        valid=True,
        minus_two_delta_log=1.5,
        at_best_fit=1.25,
        median_shifts=np.full(len(fit.names), -0.034),
        effective_samples=321.4,
        prediction_names=names,
        prediction_values=np.full(len(names), 2.0),
    )


def test_table_of_the_moves(run, found):
    table = alternative_table(run, found)
    text = table.markdown()
    assert table.title == "limit_form: half-gaussian in place of measured"
    shown = [record.name for record in run.parameters if record.role in ("model", "auxiliary")]
    for name in set(shown) & set(found.names):
        assert f"| `{name}` |" in text
    assert "+0.50 | -0.034 |" in text
    assert table.notes[0] == "Changes one, two. Best fits are refitted."
    assert "worth 321 samples" in table.notes[-1]


def test_a_refit_that_failed_is_told(run, found):
    failed = dataclasses.replace(found, valid=False)
    assert any("can be trusted" in note for note in alternative_table(run, failed).notes)
    assert not any("can be trusted" in note for note in alternative_table(run, found).notes)


def test_without_samples_and_reference(run, found):
    bare = Alternative(
        *("response", "published", "linear", ("one",), found.names, found.values, True)
    )
    assert np.isnan(bare.median_shifts).all()
    table = alternative_table(run, bare)
    assert "median moves by" not in table.markdown()
    assert len(table.notes) == 1


def test_written_and_read(run, found, tmp_path):
    path = write(tmp_path / "run.h5", dataclasses.replace(run, alternatives=(found, found)))
    one, two = read(path).alternatives
    assert (one.terms, one.used, one.valid) == (found.terms, "measured", True)
    np.testing.assert_array_equal(two.values, found.values)
    assert "## limit_form: half-gaussian in place of measured" in summary_markdown(read(path))


def test_file_from_before_there_were_any(run, tmp_path):
    import h5py

    path = write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        del file["alternatives"]
    assert read(path, verify=False).alternatives == ()


@pytest.mark.parametrize("name", ["values", "median_shifts"])
def test_shapes_of_an_alternative_are_checked(found, name):
    with pytest.raises(StoreError, match=rf"Alternative.{name} has shape \(7,\)"):
        dataclasses.replace(found, **{name: np.ones(7)})
