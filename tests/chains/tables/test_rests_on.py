import dataclasses

import numpy as np
from bsinv.chains.records import ParameterRecord
from bsinv.chains.tables.rests_on import rests_on
from bsinv.chains.tables.summary import summary_markdown


def test_terms_priors_and_inputs_are_named(run):
    assert rests_on(run) == (
        "It rests on belle2-2023-bknunu (+8.00), belle-2017-bkstnunu (+0.00). "
        "Inputs that float: VtbVts (0.041; SM 0.041)."
    )
    assert rests_on(run) in summary_markdown(run)


def test_the_largest_terms_come_first_and_the_rest_is_summed(run):
    fit = dataclasses.replace(
        run.best_fit,
        term_names=("a", "b", "c", "d", "e"),
        term_log_likelihood=[0.1, 5.0, -1.0, 0.0, 0.2],
        reference_term_log_likelihood=[0.0, 0.0, 0.5, 0.0, 1.0],
        term_pulls=np.zeros(5),
        reference_term_pulls=np.zeros(5),
        log_constraint=-0.25,
        reference_log_constraint=-1.0,
    )
    text = rests_on(dataclasses.replace(run, best_fit=fit))
    assert text.startswith(
        "It rests on b (+10.00), c (-3.00), e (-1.60), 2 other terms (+0.20), "
        "priors that stand for measurements (+1.50)."
    )


def test_inputs_that_are_held_are_named(run):
    free = [one for one in run.parameters if one.name != "VtbVts"]
    held = ParameterRecord("dC9_hadronic", role="input", free=False, value=0.0)
    text = rests_on(dataclasses.replace(run, parameters=(*free, held)))
    assert "Inputs that float: none. Inputs held by the analysis: dC9_hadronic = 0." in text


def test_nothing_without_a_reference_point(run):
    assert rests_on(dataclasses.replace(run, best_fit=None)) == ""
    fit = dataclasses.replace(run.best_fit, reference_label="")
    assert rests_on(dataclasses.replace(run, best_fit=fit)) == ""
