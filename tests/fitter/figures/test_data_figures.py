"""What figures of data compute: averages, lines of models, impacts, spectra not stored."""

import dataclasses
import types
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.chains.records import RunFile
from bsinv.errors import ParameterError, StoreError, UnknownNameError
from bsinv.fitter.figures import observables, spectra
from bsinv.fitter.figures.averages import measured_forest
from bsinv.fitter.figures.kinds import draw_figure
from bsinv.fitter.figures.ranking import rank
from bsinv.fitter.figures.request import Request, Source
from bsinv.fitter.predict import predict_with_error


@pytest.fixture(scope="module")
def quick():
    """A tiny fit of one coefficient, as a source of figures."""
    text = (
        "name: quick\nmodel: wet-lfu\nlikelihoods: [belle_2013_kpnunu_value]\nseed: 1\n"
        "parameters:\n  dC_L: {prior: {uniform: [-20, 20]}, start: -4}\n"
    )
    analysis = bsinv.load(text)
    best = analysis.fit()
    run = RunFile("quick", text, 1, best_fit=best)
    return Source("quick", Path("run.h5"), run)


def test_the_forest_of_belle_2_and_its_average():
    """HFLAV, December 2025: 1.38(35)e-5 of the same five values."""
    found = measured_forest("BR(B+->K+nunu)")
    assert found.observable == "BR(B+->Knunu)"
    assert found.average.number == 5
    assert found.average.value == pytest.approx(1.38e-5, abs=1e-7)
    marks = {row.label: row.mark for row in found.rows}
    assert marks["HFLAV 2025"] == "average of others"
    assert marks["Belle II 2023"] == ""
    limits = {row.label: row.limit for row in found.rows if row.value == 1e-5}
    assert limits == {"Belle 2017": 1.9e-5}  # the limit of the same result, in its row
    assert "Belle II 2021" not in marks
    assert {"superseded", "part of a combination"} <= {
        row.mark for row in measured_forest("BR(B+->Knunu)", hidden=True).rows
    }
    # A second value of the same events does not enter.
    assert measured_forest("BR(B+->Knunu)", hidden=True).average == found.average


def test_forests_of_limits_alone_and_of_nothing():
    found = measured_forest("BR(B0->K*nunu)")
    assert found.average is None
    assert {row.level for row in found.rows} == {0.9}
    with pytest.raises(ParameterError, match=r"--of 'BR_LD\(B\+->Knunu\)': no measurement"):
        measured_forest("BR_LD(B+->Knunu)")
    with pytest.raises(UnknownNameError, match="BR"):
        measured_forest("BR(B+->Xnunu)")


def test_lines_of_models_in_the_plane_of_ratios():
    """C_L alone scales both; R_K = |C_L + C_R|^2 / |C_L^SM|^2 (1409.4557, eqs. (25) to (27))."""
    lines = {line.label: line for line in observables.rate_lines()}
    for name in ("$S_0$", "$S_1$", "$V_1$"):
        assert lines[name].x == pytest.approx(lines[name].y)
        assert np.ptp(lines[name].x) > 1.0
    universal = lines["$C_R$, universal"]
    # A square that is 1 at the Standard Model and vanishes where C_R = -C_L.
    square, slope, one = np.polyfit(universal.values, universal.x, 2)
    assert one == pytest.approx(1.0)
    assert slope**2 == pytest.approx(4.0 * square)
    # Right-handed neutrinos only add.
    assert (lines["$\\nu_R$, $C'_L = C'_R$"].y >= 1.0 - 1e-9).all()


def test_bands_are_measurements_over_the_standard_model():
    bands = {band.label: band for band in observables.rate_bands()}
    rate = bsinv.predict("BR(B+->Knunu)")
    assert bands["Belle II 2023"].low == pytest.approx((2.3e-5 - 6.4e-6) / rate)
    limit = bands["Belle 2017, 90 % limit on $R_{K^*}$"]
    assert limit.high == pytest.approx(1.8e-5 / bsinv.predict("BR(B0->K*nunu)"))
    assert limit.low == -np.inf


def test_the_standard_model_has_the_errors_of_its_predictions():
    names = ("BR(B+->Knunu)", "BR(B0->K*nunu)")
    (point,) = observables.standard_model(names)
    for index, name in enumerate(names):
        central, error = predict_with_error(name)
        assert point.centre[index] == pytest.approx(central)
        assert np.sqrt(point.covariance[index, index]) == pytest.approx(error, rel=0.06)
    assert observables.standard_model(("m_X", "BR(B+->Knunu)")) == []


def test_a_spectrum_that_is_not_stored_is_computed(quick):
    found = spectra.spectrum_of(quick, "FL(B0->K*nunu)", Request())
    # C_L alone does not change the fraction; at the lowest q2 it is 1.
    assert found.best_fit == pytest.approx(found.reference)
    assert found.best_fit[0] == pytest.approx(1.0, abs=0.01)
    with pytest.raises(ParameterError, match=r"BR\(B\+->Knunu\): is no function of q2"):
        spectra.spectrum_of(quick, "BR(B+->Knunu)", Request())


def test_curves_of_a_run_along_a_parameter(quick):
    request = Request(
        params=("BR(B+->Knunu)", "dC_L"), along=(("dC_L", tuple(np.linspace(-8, 2, 11))),)
    )
    figure = draw_figure("observables", [quick], request)
    (line,) = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 11]
    expected = bsinv.predict("BR(B+->Knunu)", "wet-lfu", dC_L=np.linspace(-8, 2, 11))
    assert np.asarray(line.get_xdata()) == pytest.approx(expected)
    other = dataclasses.replace(request, along=(("dC_R", (0.0, 1.0)),))
    with pytest.raises(UnknownNameError, match="dC_R"):
        draw_figure("observables", [quick], other)
    for params in ((), ("dC_L",), ("dC_L", "dC_L")):
        with pytest.raises(ParameterError, match="two observables or parameters are needed"):
            draw_figure("observables", [quick], Request(params=params))
    spectrum = Request(params=("dC_L", "dBR/dq2(B+->Knunu)"))
    with pytest.raises(ParameterError, match="is a function of q2, not one number"):
        draw_figure("observables", [quick], spectrum)


def test_results_that_lack_what_a_figure_needs(quick):
    empty = Source("empty", Path("empty.h5"), RunFile("empty", "", 1))
    for kind in ("pulls", "spectra", "ranking"):
        with pytest.raises(StoreError, match=r"bsinv resume empty\.h5|stored in the results"):
            draw_figure(kind, [empty], Request())
    with pytest.raises(StoreError, match=r"empty\.h5 holds no counts after a fit"):
        draw_figure("bins", [empty], Request())
    with pytest.raises(StoreError, match="has no HistFactory term"):
        draw_figure("ranking", [quick], Request())
    with pytest.raises(ParameterError, match="--kind pulls needs a results file"):
        draw_figure("pulls", [], Request())
    with pytest.raises(ParameterError, match="--kind ranking shows one results file, 2"):
        draw_figure("ranking", [quick, quick], Request())
    with pytest.raises(ParameterError, match="--range x: the axis is that of BR"):
        draw_figure("forest", [], Request(ranges={"x": (0.0, 1.0)}))


@pytest.fixture(scope="module")
def strength():
    analysis = bsinv.load("belle2-signal-strength")
    return analysis, analysis.fit()


def test_impacts_on_the_strength_of_belle_2(strength):
    """The covariance against refits, which are exact; the error against that of MINUIT."""
    analysis, best = strength
    found = rank(analysis.problem, best, refits=1)
    assert found.parameter == "mu"
    assert found.error == pytest.approx(best.errors[0], rel=0.02)
    assert found.names[0] == "mu_bkg_charged"
    assert (np.diff(abs(found.impact[:, 1])) <= 0).all()
    assert found.refitted[0] == pytest.approx(found.impact[0], abs=0.05 * found.error)
    # Together they explain no more than the error.
    assert np.sqrt((found.impact[:, 1] ** 2).sum()) < 1.5 * found.error


def test_what_cannot_be_ranked(strength):
    analysis, best = strength
    with pytest.raises(UnknownNameError, match="nothing"):
        rank(analysis.problem, best, "nothing")
    with pytest.raises(UnknownNameError, match="HistFactory term"):
        rank(analysis.problem, best, term="nothing")
    at_bound = types.SimpleNamespace(names=best.names, values=np.zeros(1), errors=best.errors)
    with pytest.raises(StoreError, match="the best fit of mu lies at the end of its range"):
        rank(analysis.problem, at_bound)


@pytest.mark.slow
def test_the_ten_largest_impacts_are_those_of_refits(strength):
    analysis, best = strength
    found = rank(analysis.problem, best, refits=10)
    differences = abs(found.refitted - found.impact)[:10]
    assert differences.max() < 0.06 * found.error
