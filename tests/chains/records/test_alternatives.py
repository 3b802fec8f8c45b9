"""Records of other forms of likelihoods, and their table."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.records import Alternative
from bsinv.chains.tables.alternatives import alternative_table
from bsinv.chains.tables.summary import summary_markdown
from bsinv.errors import StoreError


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
def test_shapes_are_checked(found, name):
    with pytest.raises(StoreError, match=rf"Alternative.{name} has shape \(7,\)"):
        dataclasses.replace(found, **{name: np.ones(7)})
