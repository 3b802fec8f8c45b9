"""Runs beside each other next to exact numbers of Gaussians in one rate."""

import dataclasses
import math

import numpy as np
import pytest
from bsinv.chains.plots.posterior.overlaid import overlaid_posteriors
from bsinv.chains.records import BestFit, ParameterRecord, RunFile, WeightedSamples
from bsinv.chains.statistics.common import different_data
from bsinv.chains.statistics.comparison import compared
from bsinv.chains.statistics.samples import posterior_of
from bsinv.chains.tables.comparison import comparison_table
from bsinv.errors import StoreError, UnknownNameError
from scipy import stats

DATA = {"likelihoods": "a", "data": "b", "model": "wet"}
TOP = 10.0


def fit(height, names, **changes):
    count = len(names)
    return BestFit(
        names=names,
        values=np.ones(count),
        covariance=np.eye(count),
        errors=np.ones(count),
        log_likelihood=height,
        log_prior=0.0,
        log_constraint=0.0,
        status="converged",
        valid=True,
        term_names=("one", "two"),
        term_log_likelihood=[height, 0.0],
        term_pulls=[0.5, -2.5],
        reference_label="SM",
        reference_values=np.zeros(count),
        reference_log_likelihood=-4.0,
        reference_log_prior=0.0,
        reference_log_constraint=0.0,
        **changes,
    )


def gaussian(mean, width, height, name, rate="BR_K", top=TOP):
    """A run with the likelihood exp(height) exp(-(x - mean)^2/2 width^2), x uniform in [0, top]."""
    x = (np.arange(20000) + 0.5) * top / 20000
    log = height - 0.5 * ((x - mean) / width) ** 2
    record = ParameterRecord(rate, "", "", "model", f"uniform [0, {top:g}]", 0.0, top, start=1.0)
    weighted = WeightedSamples(
        names=(rate,),
        points=x[:, None],
        log_weights=log,
        log_likelihood=log,
        log_evidence=math.log(np.exp(log).mean()),
        log_evidence_error=0.01,
    )
    return RunFile(
        name=name,
        analysis_text="name: x\n",
        seed=1,
        parameters=(record,),
        fingerprint={**DATA, "model": name},
        best_fit=fit(height, (rate,)),
        weighted=(weighted,),
    )


@pytest.fixture
def pair():
    return gaussian(2.0, 0.5, -1.0, "first"), gaussian(3.0, 1.0, 1.0, "second")


def test_numbers_of_two_gaussians(pair):
    found = compared(pair)
    assert found.quantity == "BR_K"
    first, second = found.runs
    assert (first.minus_two_delta_log, first.log_bayes_factor, first.delta_aic) == (0.0, 0.0, 0.0)
    assert second.minus_two_delta_log == pytest.approx(-4.0)
    assert second.delta_aic == pytest.approx(-4.0)

    def exact(mean, width, top):
        part = stats.norm.cdf((top - mean) / width) - stats.norm.cdf(-mean / width)
        return math.log(part * width / top)

    ratio = [2.0 + exact(3.0, 1.0, top) - exact(2.0, 0.5, top) for top in (10.0, 5.0, 20.0)]
    assert second.log_bayes_factor == pytest.approx(ratio[0], abs=1e-4)
    assert second.halved == pytest.approx(ratio[1], abs=1e-3)
    assert second.doubled == pytest.approx(ratio[2], abs=1e-4)
    assert second.log_bayes_factor_error == pytest.approx(0.01 * math.sqrt(2.0))
    # q = 2 (1 - (-4)) against the reference point
    assert second.largest == pytest.approx(5.0)
    assert second.pulls == (("two", -2.5), ("one", 0.5))
    assert not second.reasons


def test_a_run_without_signal_is_compared_too(pair):
    null = dataclasses.replace(
        pair[0],
        name="null",
        parameters=(),
        weighted=(
            WeightedSamples(
                names=(),
                points=np.zeros((1, 0)),
                log_weights=np.zeros(1),
                log_likelihood=np.zeros(1),
                log_evidence=-4.0,
                log_evidence_error=0.01,
            ),
        ),
    )
    second = compared([null, pair[1]]).runs[1]
    assert second.halved - second.log_bayes_factor == pytest.approx(
        math.log(2.0 * stats.norm.cdf(2.0)), abs=2e-3
    )
    assert second.doubled - second.log_bayes_factor == pytest.approx(-math.log(2.0))
    assert second.log_bayes_factor <= second.largest


def test_what_needs_equal_data_stays_blank_with_the_reason(pair):
    first, second = pair
    other = dataclasses.replace(second, fingerprint={**DATA, "likelihoods": "c"})
    found = compared([first, other]).runs[1]
    assert math.isnan(found.minus_two_delta_log)
    assert math.isnan(found.log_bayes_factor)
    assert math.isfinite(found.log_evidence)
    assert math.isfinite(found.largest)
    assert "likelihoods differ" in found.reasons[0]
    text = comparison_table(compared([first, other])).markdown()
    assert "second: not compared with first, whose data are others: likelihoods differ." in text
    terms = dataclasses.replace(second.best_fit, term_names=("one", "three"))
    other = dataclasses.replace(second, best_fit=terms)
    assert different_data(other, first) == "terms that only one has: three, two"
    normal = ParameterRecord("norm", "", "", "input", "normal 1 ± 0.1", start=1.0)
    other = dataclasses.replace(second, parameters=(*second.parameters, normal))
    assert different_data(first, other) == "priors that stand for measurements differ: norm"


def test_bayes_factors_need_priors_in_a_common_quantity(pair):
    first = pair[0]
    for other in (
        gaussian(3.0, 1.0, 1.0, "coupling", "g"),
        gaussian(3.0, 1.0, 1.0, "wider", top=20.0),
    ):
        found = compared([first, other]).runs[1]
        assert math.isnan(found.log_bayes_factor)
        assert math.isfinite(found.minus_two_delta_log)
        assert "no ln B, since no parameter of the signals has the same name and prior" in str(
            found.reasons
        )
    with pytest.raises(UnknownNameError, match="g"):
        compared(pair, quantity="g")


def test_a_posterior_at_the_end_of_its_range_says_nothing_of_a_wider_one(pair):
    flat = gaussian(8.0, 5.0, 0.0, "flat")
    found = compared([pair[0], flat]).runs[1]
    assert math.isnan(found.doubled)
    assert math.isfinite(found.halved)
    assert "what lies beyond is not known" in str(found.reasons)


def test_edges(pair):
    with pytest.raises(StoreError, match="two results files or more"):
        compared(pair[:1])
    bare = RunFile(name="bare", analysis_text="name: x\n", seed=1, fingerprint=DATA)
    found = compared([bare, pair[0], bare])
    assert found.runs[0].reasons == ("no best fit", "no ln Z: run bsinv evidence")
    assert math.isnan(found.runs[1].minus_two_delta_log)
    assert "| bare |" in comparison_table(found).markdown()


def test_posteriors_are_drawn_over_each_other(pair):
    figure = overlaid_posteriors({run.name: (run, posterior_of(run, None)) for run in pair})
    (axes,) = figure.axes
    lines = axes.get_lines()
    assert [line.get_label() for line in lines] == ["first", "second"]
    assert lines[0].get_xdata()[np.argmax(lines[0].get_ydata())] == pytest.approx(2.0, abs=0.2)
    assert overlaid_posteriors({"one": (pair[0], posterior_of(pair[0], None))}) is None
