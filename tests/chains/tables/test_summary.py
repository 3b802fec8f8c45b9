import dataclasses

import numpy as np
from bsinv.chains.records import Prediction, RunFile
from bsinv.chains.statistics.diagnostics import diagnose
from bsinv.chains.tables.summary import summary_markdown


def test_whole_text(run):
    verdict = diagnose(run.ensembles)
    text = summary_markdown(run, verdict, files={"run.h5": "all results"})
    for part in (
        "# wet-scalar\n",
        "Fitted to `belle2-2023-bknunu`, `belle-2017-bkstnunu`. Free: 2 model parameters, 1 input.",
        "The fit converged at the first attempt.",
        "ln L = -3.0000, ln(L x constraints) = -4.0000, ln posterior = -4.0000 (EDM 1.0e-06, ",
        "Relative to SM: −2 Δ ln L = 8.00 for 2 parameters tested: p = 0.018, 2.36 σ (two-sided, ",
        "## Parameters and posterior\n\n| parameter |",
        "## Likelihood terms\n\n| term |",
        "## Convergence\n\n| parameter | τ (steps) | ESS | ESS of tails | R-hat |",
        verdict.text,
        "- Priors of inputs count as data.",
        f"- seed: {2**80 + 1}",
        "- bsinv 0.1.0",
        "- fingerprint of analysis: `abc`",
        "- `run.h5`: all results\n",
    ):
        assert part in text
    assert "provisional" not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_chain_that_has_not_converged_is_marked(run):
    short = dataclasses.replace(run, ensembles=run.ensembles[:1])
    text = summary_markdown(short, diagnose(short.ensembles))
    assert "**The chain has not converged: the posterior above is provisional.**" in text


def test_fit_alone(run):
    text = summary_markdown(dataclasses.replace(run, ensembles=(), predictions=()))
    assert "## Parameters\n" in text
    assert "posterior |" not in text
    assert "Convergence" not in text


def test_fit_that_failed(run):
    fit = dataclasses.replace(
        run.best_fit,
        valid=False,
        status="No minimum was found.",
        ladder=("migrad: failed", "simplex: failed"),
        reference_log_likelihood=-5000.0,
    )
    text = summary_markdown(dataclasses.replace(run, best_fit=fit))
    assert "**Not to be trusted.** No minimum was found." in text
    assert "Attempts: migrad: failed; simplex: failed." in text
    assert "more than 37 σ" in text


def test_without_reference_or_degrees_of_freedom(run):
    fit = dataclasses.replace(run.best_fit, reference_dof=0)
    assert "−2 Δ ln L = 8.00.\n" in summary_markdown(dataclasses.replace(run, best_fit=fit))
    fit = dataclasses.replace(run.best_fit, reference_label="")
    assert "Relative to" not in summary_markdown(dataclasses.replace(run, best_fit=fit))


def test_nothing_but_a_name():
    assert summary_markdown(RunFile("n", "", 7)) == (
        "# n\n\nFree: nothing.\n\n## Parameters\n\n| parameter |\n| :-- |\n\n"
        "## Provenance\n\n- seed: 7\n"
    )


def test_the_reference_point_has_the_name_that_the_record_gives(run):
    fit = dataclasses.replace(run.best_fit, reference_label="decoupled")
    number = Prediction("BR", np.ones((20, 1)), [1.0], [2.0])
    named = dataclasses.replace(run, best_fit=fit, predictions=(number,))
    text = summary_markdown(named)
    assert "| observable | decoupled | best fit |" in text
    assert "SM |" not in text
    assert named.reference_name == "decoupled"
    for fitted in (None, dataclasses.replace(fit, reference_label="")):
        without = dataclasses.replace(named, best_fit=fitted)
        assert without.reference_name == "reference"
        assert "SM |" not in summary_markdown(without)
