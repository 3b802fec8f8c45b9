"""The worked examples of docs/project/architecture.md run, and compute what they say."""

import csv
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.chains import posterior, read
from bsinv.fitter.runs.run import run
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from scipy.stats import poisson

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "extending"


def example(name):
    return runpy.run_path(str(FOLDER / f"{name}.py"))


def printed(name, capsys):
    example(name)["main"]()
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of a run that takes a second: the total rate, one parameter."""
    analysis = {
        "name": "small",
        "model": "wet-lfu",
        "likelihoods": ["belle2_2023_kpnunu", "belle_2017_kst0nunu"],
        "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}},
        "sampler": {"ensembles": 2, "walkers": 8, "max_steps": 60},
        "seed": 1,
    }
    folder = tmp_path_factory.mktemp("results")
    run(analysis, folder)
    return folder / "run.h5"


def test_every_example_is_in_the_table():
    page = (ROOT / "docs" / "project" / "architecture.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\(\.\./\.\./examples/extending/(\w+\.py)\)", page))
    assert linked == {path.name for path in FOLDER.glob("*.py")}


def test_model(capsys):
    own = example("model")
    analysis = bsinv.load(own["ANALYSIS"], model=own["ThirdFamily"]())
    rates = analysis.observable("BR(B0->K*nunu)", np.array([[-5.0], [0.0], [7.0]]))
    same = bsinv.predict("BR(B0->K*nunu)", "wet-diagonal", dC_L_tautau=[-5.0, 0.0, 7.0])
    np.testing.assert_allclose(rates, same, rtol=1e-12)
    assert re.match(r"C_tau = -\d", printed("model", capsys))


def test_observable(capsys):
    values = {}
    *lines, fitted = printed("observable", capsys).splitlines()
    for line in lines:
        name, small, large = re.fullmatch(r"(\w+): ([\d.]+), ([\d.]+)", line).groups()
        assert small == large  # one operator alone: its size cancels
        values[name] = float(small)
    # Midpoints of the differential rate.
    q2 = (np.arange(2300) + 0.5) / 100.0
    rate = np.nan_to_num(bsinv.predict("dBR/dq2(B+->Knunu)", q2=q2))
    assert values["cVL"] == pytest.approx(rate[q2 < 4.0].sum() / rate.sum(), abs=1e-3)
    # Scalars beside the vectors of the Standard Model.
    assert values["cSL"] < float(fitted.removeprefix("best fit: ")) < values["cVL"]


def test_process():
    """flavio 2.7.1: 8.3859e-5 with the inputs below and an amplitude larger by 1.0066 (S_EW)."""
    (entry,) = example("process")["OBSERVABLES"]
    own = Inputs.default().replace(constants={"f_B": [0.188], "tau_Bplus": [1.63815]})
    v_ub = np.abs(example("process")["ckm_matrix"](own)[0, 0, 2])
    found = entry(Wilson(), own)[0] * (0.00364 / v_ub) ** 2 * 1.0066**2
    assert found == pytest.approx(8.3859e-5, rel=1e-3)


def test_term(capsys):
    own = example("term")
    count = own["Count"]("mine", "BR(B+->Knunu)", seen=9, background=4.0, sensitivity=1e-6)
    analysis = bsinv.load(own["ANALYSIS"])
    both = bsinv.load(own["ANALYSIS"], terms=[count])
    theta = np.array([[-4.0], [0.0], [3.0]])
    rate = analysis.observable("BR(B+->Knunu)", theta)
    np.testing.assert_allclose(
        both.log_likelihood(theta),
        analysis.log_likelihood(theta) + poisson.logpmf(9, 4.0 + 1e6 * rate),
        rtol=1e-12,
    )
    # A data set for each of many points; the maximum of Asimov data is where they come from.
    drawn = count.sample(np.full(4000, 5e-6), np.random.default_rng(1))
    assert drawn.values.mean() == pytest.approx(9.0, abs=4 * 3.0 / np.sqrt(4000))
    np.testing.assert_allclose(
        count.log_likelihood(np.full(4000, 5e-6), drawn),
        poisson.logpmf(drawn.values[:, 0], 9.0),
        rtol=1e-9,
    )
    rates = np.linspace(1e-6, 2e-5, 39)
    asimov = count.log_likelihood(rates, count.asimov(np.array([7e-6])))
    assert rates[asimov.argmax()] == pytest.approx(7e-6)
    one, two = re.findall(r"nu nu\) = (\S+)", printed("term", capsys))
    # The count prefers 5e-6, Belle II 2.3e-5.
    assert 5e-6 < float(two) < float(one)


def test_kind(capsys):
    assert printed("kind", capsys).splitlines() == [
        "BR = 5e-06: ln L = -inf",
        "BR = 2e-05: ln L = 0.0",
    ]


def test_plugin():
    path = FOLDER / "plugin.py"
    given = {"name": "low", "model": "wet-lfu", "likelihoods": ["low-events"]}
    given["parameters"] = {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}}
    analysis = bsinv.load(given, plugins=[path])
    theta = np.array([[-4.0], [3.0]])
    rate = bsinv.predict("BR(B+->Knunu)", "wet-lfu", dC_L=[-4.0, 3.0], q2max=10.0)
    np.testing.assert_allclose(analysis.observable("BR(low)", theta), rate, rtol=1e-12)
    one, two = analysis.log_likelihood(theta)
    low, high = poisson.logpmf(12, 4.0 + rate / 5e-7)
    assert one - two == pytest.approx(low - high, rel=1e-10)


def test_driver():
    analysis = bsinv.load("belle2-signal-strength")
    found = example("driver")["importance"](analysis, 4000, np.random.default_rng(1))
    low, high = analysis.bounds[0]
    mu = np.linspace(low, min(high, 20.0), 2001)
    log = analysis.problem.log_posterior(mu[:, None])
    density = np.exp(log - log.max())
    mean = (density @ mu) / density.sum()
    width = np.sqrt(density @ (mu - mean) ** 2 / density.sum())
    # Four standard errors of the average of so many independent draws.
    assert found.means[0] == pytest.approx(mean, abs=4.0 * width / np.sqrt(found.effective_size))
    evidence = log.max() + np.log(density.sum() * (mu[1] - mu[0]))
    assert found.log_evidence == pytest.approx(evidence, abs=0.2)


def test_plot(results, tmp_path):
    own = example("plot")
    (axes,) = own["pull_figure"](read(results)).axes
    pulls = read(results).best_fit.term_pulls
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), pulls)
    assert len(axes.get_yticklabels()) == 2
    own["main"](str(results), str(tmp_path / "pulls.png"))
    assert (tmp_path / "pulls.png").stat().st_size > 1000


def test_export(results, tmp_path):
    example("export")["main"](str(results), str(tmp_path / "samples.csv"))
    with (tmp_path / "samples.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["dC_L"]
    np.testing.assert_array_equal(np.array(rows, float), posterior(read(results)).samples)


def test_command():
    """In a process of its own: it adds a command to those of bsinv."""
    command = [sys.executable, str(FOLDER / "command.py")]
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        [*command, "odds", "b2snunu-lfu", "dC_L=-5"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    analysis = bsinv.load("b2snunu-lfu")
    points = np.concatenate([analysis.point({"dC_L": -5.0}), analysis.point()])
    moved, start = analysis.log_likelihood(points)
    assert done.stdout == f"-2 Delta ln L = {-2.0 * (moved - start):.3f}\n"
    wrong = subprocess.run(
        [*command, "odds", "b2snunu-lfu", "dC_Q=-5"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert wrong.returncode == 1
    assert "unknown free parameter 'dC_Q'" in wrong.stderr
