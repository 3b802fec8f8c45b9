import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import Prediction
from bsinv.chains.statistics.diagnostics import diagnose
from bsinv.chains.statistics.samples import Posterior
from bsinv.chains.tables.run import (
    diagnostics_table,
    parameter_table,
    prediction_table,
    term_table,
)
from bsinv.chains.tables.table import Interval


@pytest.fixture
def samples():
    """Samples with known quantiles: the integers -100 to 100, scaled."""
    grid = np.arange(-100, 101) / 100.0
    columns = np.column_stack([grid, 0.1 * grid, 0.041 + 0.002 * grid])
    zero = np.zeros(len(grid))
    return Posterior(("dC_L", "dC_R", "VtbVts"), columns, zero, zero, zero)


def test_parameters_of_a_fit(run):
    assert parameter_table(run).markdown() == (
        "| parameter | best fit (HESSE) | best fit (MINOS) |\n"
        "| :-- | --: | --: |\n"
        "| `dC_L` | 0.1 ± 1.0 | 0.10 +1.10 -0.90 |\n"
        "| `dC_R` | -0.2 ± 1.0 |  |\n"
        "| `VtbVts` | 0.0410 ± 0.0010 |  |\n"
        "\nNot free: m_X = 0.5 GeV, dC_L_ee = dC_L.\n"
    )


def test_parameters_of_a_sample(run, samples):
    table = parameter_table(dataclasses.replace(run, best_fit=None), samples)
    assert table.header == ("parameter", "median", "68 % interval", "95 % interval")
    lines = table.markdown().splitlines()
    assert lines[2] == "| `dC_L` | 0.00 ± 0.68 | [-0.68, 0.68] | [-0.95, 0.95] |"
    assert lines[3] == "| `dC_R` | 0.000 ± 0.068 | [-0.068, 0.068] | [-0.095, 0.095] |"
    assert "Intervals are equal tailed." in lines


def test_highest_density(run, samples):
    skewed = dataclasses.replace(samples, samples=samples.samples**2)
    table = parameter_table(run, skewed, "hdi")
    assert "highest density" in table.notes[0]
    assert table.rows[0][-2] == Interval(0.0, pytest.approx(0.68**2))


def test_unit_column_appears_if_a_free_parameter_has_one(run):
    massive = dataclasses.replace(run.parameters[0], unit="GeV")
    other = dataclasses.replace(run.parameters[1], unit="1")
    run = dataclasses.replace(run, parameters=(massive, other, *run.parameters[2:]))
    table = parameter_table(run)
    assert table.header[1] == "unit"
    assert [row[1] for row in table.rows] == ["GeV", "", ""]


def test_terms(run):
    assert term_table(run.best_fit).markdown() == (
        "| term | ln L best fit | ln L SM | −2 ln(L SM / L best fit) | pull best fit | pull SM |\n"
        "| :-- | --: | --: | --: | --: | --: |\n"
        "| `belle2-2023-bknunu` | -2.00 | -6.00 | 8.00 | +0.30 | +2.70 |\n"
        "| `belle-2017-bkstnunu` | -1.00 | -1.00 | 0.00 |  |  |\n"
        "| all terms | -3.00 | -7.00 | 8.00 |  |  |\n"
    )


def test_terms_without_reference(run):
    missing = np.full(2, np.nan)
    fit = dataclasses.replace(
        run.best_fit, reference_term_log_likelihood=missing, reference_term_pulls=missing
    )
    assert term_table(fit).header == ("term", "ln L best fit", "pull best fit")


def test_diagnostics(run):
    verdict = diagnose(run.ensembles)
    table = diagnostics_table(verdict)
    assert table.header[2:] == ("ESS", "ESS of tails", "R-hat", "R-hat of ranks")
    assert [row[0].name for row in table.rows] == list(verdict.names)
    assert table.notes == (verdict.text,)
    assert r"$\tau$ (steps)" in table.latex()


def test_diagnostics_of_nothing():
    assert diagnostics_table(diagnose([])).rows == ()


def test_predictions(run):
    values = np.linspace(9e-6, 11e-6, 201)[:, None]
    number = Prediction("BR(B+->Knunu)", values, best_fit=[1e-5], reference=[4.4e-6])
    table = prediction_table((*run.predictions, number), "SM")
    assert table.markdown() == (
        "| observable | SM | best fit | median | 68 % interval | 95 % interval |\n"
        "| :-- | --: | --: | --: | --: | --: |\n"
        "| `BR(B+->Knunu)` | 4.4 × 10⁻⁶ | 1 × 10⁻⁵ | (1.000 ± 0.068) × 10⁻⁵ "
        "| [0.932, 1.068] × 10⁻⁵ | [0.905, 1.095] × 10⁻⁵ |\n"
        "\nIntervals are equal tailed.\n"
    )
    assert prediction_table(run.predictions).rows == ()


def test_ties_are_told_with_a_sign_of_equality(run):
    tied = [
        dataclasses.replace(record, prior="2 x dC_L") if record.name == "dC_L_ee" else record
        for record in run.parameters
    ]
    (note,) = parameter_table(dataclasses.replace(run, parameters=tuple(tied))).notes
    assert note == "Not free: m_X = 0.5 GeV, dC_L_ee = 2 x dC_L."
