"""What `show` and the summary say of samples with weights."""

import dataclasses

import numpy as np
from bsinv.chains.files.store import write
from bsinv.chains.records import Prediction
from bsinv.chains.tables.evidence import evidence_table
from bsinv.chains.tables.run import prediction_table
from bsinv.chains.tables.summary import summary_markdown
from bsinv.cli.commands import app
from bsinv.cli.plain_records import results_record
from typer.testing import CliRunner


def test_table(nested):
    table = evidence_table(nested)
    assert table.header == (
        "sampler",
        "seed",
        "points",
        "effective",
        "evaluations",
        "ln Z",
        "state",
    )
    text = table.markdown()
    assert "| made up 1.0 | 17 | 6000 |" in text
    assert "| together |  | 12000 |" in text
    assert "it changes with their ranges" in text
    assert "Runs agree in ln Z (p = " in text
    assert "agree in the marginal distributions" in text
    assert "disagree" not in text


def test_disagreement_and_an_end_not_reached_are_told(nested, make_weighted):
    other = make_weighted(5, shift=0.5, log_evidence=-9.0)
    text = evidence_table(
        dataclasses.replace(nested, weighted=(nested.weighted[0], other))
    ).markdown()
    assert "disagree in ln Z" in text
    assert "disagree in the marginal distributions (the farthest is dC_L" in text
    begun = dataclasses.replace(other, complete=False)
    text = evidence_table(dataclasses.replace(nested, weighted=(begun,))).markdown()
    assert "not ended: provisional" in text
    assert "together" not in text


def test_beside_a_chain_it_is_said_whose_posterior_is_shown(run, nested):
    text = evidence_table(dataclasses.replace(run, weighted=nested.weighted)).markdown()
    assert "that of the chain, not of these samples" in text


def test_summary_has_posterior_and_evidence(nested):
    text = summary_markdown(nested)
    assert "## Parameters and posterior" in text
    assert "## Samples with weights" in text
    row = next(line for line in text.splitlines() if line.startswith("| `dC_L`"))
    assert "[-1.0, 1.0]" in row.replace("0.98", "1.0").replace("0.99", "1.0").replace("1.01", "1.0")


def test_predictions_with_weights():
    """Flat draws with the weights of a normal distribution of 5 +- 1."""
    values = np.random.default_rng(1).uniform(0.0, 10.0, (40000, 1))
    weights = np.exp(-0.5 * (values[:, 0] - 5.0) ** 2)
    entry = Prediction("BR", values, weights=weights)
    for kind in ("equal-tailed", "hdi"):
        row = prediction_table([entry], kind=kind).rows[0]
        assert np.allclose(
            [row[1].value, row[2].lower, row[2].upper], [5.0, 4.0055, 5.9945], atol=0.07
        )


def test_show_reads_them_from_a_file(nested, tmp_path):
    path = write(tmp_path / "run.h5", nested)
    done = CliRunner().invoke(app, ["show", str(path)])
    assert done.exit_code == 0, done.output
    assert "Samples with weights" in done.output
    assert "median" in done.output


def test_json(nested):
    record = results_record(nested, None)
    assert record["evidence"]["log_evidence"] is not None
    assert [entry["size"] for entry in record["weighted"]] == [6000, 6000]
    assert record["weighted"][0]["options"] == {"seed": "17", "live points": "500"}
    found = record["posterior"]["dC_L"]
    assert np.allclose(found["interval_68"], [-0.9945, 0.9945], atol=0.06)
    assert abs(found["standard_deviation"] - 1.0) < 0.04
