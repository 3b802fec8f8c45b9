"""What is said of a posterior with separate modes: tables, JSON, LaTeX."""

import dataclasses
import re

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import Ensemble, Prediction, RunFile
from bsinv.chains.statistics.regions import Marginal
from bsinv.chains.statistics.samples import posterior
from bsinv.chains.tables.run import parameter_table
from bsinv.cli.plain_records import results_record
from bsinv.fitter.reports.best_fit import parameter_records

# Where the density of dC_L, uniform in [-30, 42.7], is above the level that holds 68.27 %
# (likelihood of Belle II alone, in steps of 0.01).
REGION = [(-9.29, -5.06), (17.77, 22.00)]


@pytest.fixture(scope="module")
def drawn():
    """The analysis and 48 000 exact draws of its parameter."""
    loaded = bsinv.load(
        {
            "name": "two-modes",
            "model": "wet-lfu",
            "likelihoods": ["belle2-2023-bknunu"],
            "parameters": {"dC_L": {"prior": {"uniform": [-30, 42.7]}}},
        }
    )
    grid = np.linspace(-30.0, 42.7, 728)
    log = loaded.log_likelihood(grid[:, None])
    fine = np.linspace(-30.0, 42.7, 72_701)
    density = np.exp(np.interp(fine, grid, log - log.max()))
    held = np.cumsum(density) / density.sum()
    return loaded, np.interp(np.random.default_rng(1).random(48_000), held, fine)


@pytest.fixture(scope="module")
def run(drawn):
    loaded, values = drawn
    chains = values.reshape(2, 1000, 24, 1)
    zero = np.zeros((1000, 24))
    ensembles = tuple(
        Ensemble(("dC_L",), chain, zero, zero, zero, np.full(24, 400.0)) for chain in chains
    )
    return RunFile("two", "", 1, parameters=parameter_records(loaded.problem), ensembles=ensembles)


def test_the_region_of_two_signs(drawn):
    found = Marginal(drawn[1])
    region = found.region(0.6827)
    np.testing.assert_allclose(region.intervals, REGION, atol=0.25)
    np.testing.assert_allclose([mode.weight for mode in found.modes], [0.5, 0.5], atol=0.015)
    np.testing.assert_allclose(region.probabilities, [0.341, 0.341], atol=0.03)


def test_a_table_gives_the_union_and_no_median(run):
    table = parameter_table(run, posterior(run, 0))
    assert table.header == ("parameter", "68 % interval", "95 % interval")
    (row,) = [line for line in table.markdown().splitlines() if line.startswith("| `dC_L`")]
    inner, outer = row.split("|")[2:4]
    assert inner.count("∪") == outer.count("∪") == 1
    assert inner.count("(34 %)") + inner.count("(33 %)") + inner.count("(35 %)") == 2
    assert any(note.startswith("dC_L has separate modes: ") for note in table.notes)
    assert re.search(r"\$\[-9\.\d.*\]\$ \(3\d \\%\) \$\\cup\$ \$\[1\d", table.latex())


def test_json_gives_modes_and_no_median(run):
    from bsinv.chains.statistics.diagnostics import diagnose

    number = Prediction("BR", run.ensembles[0].chain[:, 0])
    peak = Prediction("FL", np.random.default_rng(1).normal(0.5, 0.01, (400, 1)))
    record = results_record(
        dataclasses.replace(run, predictions=(number, peak)), diagnose(run.ensembles, discard=0)
    )
    found = record["posterior"]["dC_L"]
    assert found["median"] is found["interval_68"] is found["interval_95"] is None
    assert len(found["modes"]) == len(found["region_68"]) == len(found["region_95"]) == 2
    assert sum(part["probability"] for part in found["region_68"]) == pytest.approx(0.68, abs=1e-3)
    assert found["region_68"][0]["lower"] == pytest.approx(REGION[0][0], abs=0.3)
    assert [mode["weight"] for mode in found["modes"]] == pytest.approx([0.5, 0.5], abs=0.02)
    two, one = record["predictions"]
    assert two["median"] is None
    assert len(two["region_68"]) == 2
    assert one["median"][0] == pytest.approx(0.5, abs=0.002)
    assert len(one["region_68"]) == len(one["modes"]) == 1


def test_json_of_an_angle(run):
    values = np.mod(np.random.default_rng(3).normal(0.0, 0.5, (1000, 24, 1)), 2 * np.pi)
    angle = dataclasses.replace(run.parameters[0], name="phi", lower=0.0, upper=2 * np.pi)
    angle = dataclasses.replace(angle, period=2 * np.pi)
    ensembles = tuple(
        dataclasses.replace(ensemble, names=("phi",), chain=values) for ensemble in run.ensembles
    )
    run = dataclasses.replace(run, parameters=(angle,), ensembles=ensembles)
    from bsinv.chains.statistics.diagnostics import diagnose

    found = results_record(run, diagnose(run.ensembles, discard=0))["posterior"]["phi"]
    assert found["median"] is None
    assert found["mean"] == pytest.approx(0.0, abs=0.02)
    assert found["standard_deviation"] == pytest.approx(0.5, abs=0.01)
    ((low, high),) = [(part["lower"], part["upper"]) for part in found["region_68"]]
    assert (low, high) == (pytest.approx(-0.497, abs=0.04), pytest.approx(0.497, abs=0.04))
    row = parameter_table(run, posterior(run, 0)).markdown().splitlines()[2]
    assert re.search(r"\| \[-(0\.5|0\.4).*, 0\.(5|4)", row)
