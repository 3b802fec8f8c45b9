"""The table of observables: order, limits, what is left out."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import ObservableRecord
from bsinv.chains.tables.observables import observable_table
from bsinv.chains.tables.table import Bound, Table
from bsinv.errors import StoreError


def test_largest_pulls_first(run):
    assert observable_table(run.best_fit).markdown() == (
        "| observable | unit | measured | theory error | best fit | pull best fit | SM | pull SM "
        "| term |\n"
        "| :-- | --: | --: | --: | --: | --: | --: | --: | --: |\n"
        "| `BR(B0->K*nunu)` |  | < 1.8 × 10⁻⁵ (90 %) |  | 1.2 × 10⁻⁵ | -1.10 | 9.5 × 10⁻⁶ "
        "| -0.87 | `belle_2017_kst0nunu` |\n"
        "| `DeltaM_s` | ps^-1 | 17.7660 ± 0.0060 | 0.95 | 17.3 | +0.49 | 17.34 | +0.45 "
        "| `hflav_2024_dms` |\n"
        "| `BR(B+->Knunu)` |  | likelihood |  | 1.9 × 10⁻⁵ | +0.30 | 4.4 × 10⁻⁶ | +2.70 "
        "| `belle2-2023-bknunu` |\n"
        "| `m(scalar LQ), BR(->b tau)=1` | GeV | > 1480 (95 %) |  |  |  |  |  "
        "| `atlas_2024_sLQ_btau` |\n"
        "\nErrors measured; pulls count the theory error in. Largest pulls first.\n"
    )


def test_only_the_largest(run):
    table = observable_table(run.best_fit, 2)
    assert [row[0].name for row in table.rows] == ["BR(B0->K*nunu)", "DeltaM_s"]
    assert table.notes[-1] == "2 more: 'bsinv show' lists all."
    assert len(observable_table(run.best_fit, 9).notes) == 1


def test_without_a_reference_point(run):
    missing = tuple(
        dataclasses.replace(entry, reference_prediction=np.nan, reference_pull=np.nan)
        for entry in run.best_fit.observables
    )
    table = observable_table(dataclasses.replace(run.best_fit, observables=missing))
    assert table.header[-2:] == ("pull best fit", "term")


def test_predictions_have_the_digits_of_the_measurement(run):
    moment = ObservableRecord(
        "world_2025_amu",
        "a_mu",
        kind="value",
        value=1.165920715e-3,
        error_plus=1.45e-10,
        error_minus=1.45e-10,
        theory_error=6.2e-10,
        prediction=1.16592033e-3,
        pull=0.6,
    )
    fit = dataclasses.replace(run.best_fit, observables=(moment,))
    assert "| 0.00116592033 | +0.60 |" in observable_table(fit).markdown()


def test_limits_in_three_styles():
    table = Table("x", ("limit",), ((Bound(1.8e-5, 0.9),), (Bound(3.5, np.nan, True),)))
    assert "| < 1.8 × 10⁻⁵ (90 %) |\n| > 3.5 |" in table.markdown()
    assert r"$<$ $1.8 \times 10^{-5}$ (90 \%) \\" in table.latex()
    assert r"$>$ $3.5$ \\" in table.latex()
    assert table.rich().row_count == 2


def test_kind_is_checked():
    with pytest.raises(StoreError) as error:
        ObservableRecord("x", "BR", kind="limit")
    assert str(error.value) == (
        "observable 'BR' of 'x' has kind 'limit'; known: value, upper limit, lower limit, "
        "likelihood."
    )
