"""The page of a report: what is in it, and that nothing of a file gets out of its place."""

from __future__ import annotations

import base64
import dataclasses
import re

import numpy as np
import pytest
from bsinv.chains.records import (
    LimitScan,
    NonNestedToys,
    ParameterRecord,
    RunFile,
    ScanSignificance,
)
from bsinv.chains.report.alternatives import scan_in_words
from bsinv.chains.report.page import MARK, report_html

from ..conftest import make_ensemble
from .conftest import KNOWN, Page, reported

HOSTILE = "<script>alert('&')</script>\"><img src=x onerror=alert(1)> $\\frac{ javascript:x \x00"
SECTIONS = [
    "Question and answer",
    "Data",
    "Model",
    "Parameters and priors",
    "Best fit and intervals",
    "Profiles and scans",
    "Posterior",
    "Convergence",
    "Data against the fit: pulls and spectra",
    "Predictions",
    "Support by the published simulation",
    "Notes",
    "Provenance",
    "How to cite",
    "What could be added",
]


def limits(n=5, axes=("m_X",)):
    """Limits on a rate along a mass."""
    points = np.linspace(0.5, 4.5, n)[:, None] if axes else np.empty((1, 0))
    n = len(points)
    observed = np.linspace(2.0, 6.0, n)[:, None]
    return LimitScan(
        parameter="BR_K", unit="10^-6", axes=axes, axis_units=("GeV",) * len(axes), points=points,
        shape=np.array([n] * len(axes), int), method="cls", statistic="CLs with q~_mu",
        background="sm", levels=np.array([0.95]), range_end=1000.0, toys=0, seed="1",
        best=np.ones(n), lower=np.zeros((n, 1)), upper=observed,
        expected=observed[..., None] * np.array([0.5, 0.7, 1.0, 1.4, 2.0]),
    )  # fmt: skip


def significance():
    """A scan of five points with an excess at the third."""
    n, toys = 5, 20
    statistic = np.array([0.1, 0.5, 7.0, 0.4, 0.0])
    return ScanSignificance(
        parameter="BR_K", unit="10^-6", axes=("m_X",), axis_units=("GeV",),
        points=np.linspace(0.5, 4.5, n)[:, None], shape=np.array([n]), statistic=statistic,
        best=np.ones(n), background="sm", seed="1", most=100, precision=0.2, place=2,
        local_p=0.0041, global_p=0.05, global_error=0.05, failed=0, bound=0.02, bound_error=0.0,
        bound_kind="sum of local p-values", largest=np.linspace(0.0, 8.0, toys),
        counts=np.zeros((toys, 3)), coarse=np.zeros((toys, 3)), above=np.zeros((2, n)),
        alive=np.ones(n), apart=np.ones(n - 1),
    )  # fmt: skip


def slim(run):
    """A run without what takes time to draw."""
    return dataclasses.replace(run, ensembles=(), predictions=(), spectra=(), scans=())


def bare(**changes):
    return RunFile("small", "name: small\n", 1, **changes)


def test_a_whole_run_has_all_sections_in_order(whole):
    assert whole.sections == SECTIONS
    assert whole.headings[0] == (1, "wet-scalar")
    assert set(whole.tags) <= KNOWN


def test_the_answer_comes_first(whole):
    text = whole.text
    assert text.index("Is there a left-handed current?") < text.index("Likelihood terms and their")
    # -2 ln(L_SM/L_best) = 2 (7 - 3) with the same prior: a chi2 of 8 with 2 degrees of freedom has
    # the p-value exp(-4).
    assert "−2 Δ ln L = 8.00 for 2 parameters tested: p = 0.018" in text
    assert "The fit converged at the first attempt." in text


@pytest.mark.parametrize(
    "text",
    [
        "0.10 +1.10 -0.90",  # MINOS
        "uniform [-20, 20]",
        "fixed, 0.5",
        "= dC_L",
        "ab" * 32,
        str(2**80 + 1),
        "Priors of inputs count as data.",
        "bsinv run wet-scalar.yaml",
        "name: wet μ: 1",
        "@article{arXiv:2311.14647}",
        "bsinv toys run.h5 --at posterior",
    ],
)
def test_what_a_page_tells(whole, text):
    assert text in whole.text


def test_what_is_not_there_is_named_with_its_command(page):
    found = page(reported(bare(), description="", data=(), model="", lagrangian="", sources=()))
    assert found.sections == [
        *("Question and answer", "Provenance", "How to cite", "What could be added"),
    ]
    for command in (
        "bsinv fit wet-scalar.yaml",
        "bsinv sample run.h5",
        "bsinv evidence wet-scalar.yaml",
        "bsinv limit wet-scalar.yaml --of NAME",
        "bsinv toys run.h5 --at sm",
        "bsinv compare run.h5 OTHER.h5 --toys 1000",
    ):
        assert command in found.text
    assert not found.images


def test_only_limits_and_significances(page):
    parameters = (
        ParameterRecord("BR_K", r"\mathcal{B}", "10^-6", prior="uniform [0, 1000]"),
        ParameterRecord("m_X", "m_X", "GeV", prior="uniform [0, 4]"),
    )
    run = bare(limits=(limits(), limits(axes=())), significances=(significance(),),
               parameters=parameters)  # fmt: skip
    found = page(run)
    assert "Limits" in found.sections
    assert "Largest excess" in found.sections
    assert "Best fit and intervals" not in found.sections
    told = (
        "Limits on BR_K [10^-6] at 95 % against m_X; observed from 2 (m_X = 0.5) to 6 (m_X = 4.5)"
    )
    assert any(image["alt"].startswith(told) for image in found.images)
    assert any("the largest (m_X = 2.5): local p 0.0041" in image["alt"] for image in found.images)
    assert "bsinv limit wet-scalar.yaml --of BR_K --scan m_X=0.5:4.5:5" in found.text
    assert (
        "bsinv significance wet-scalar.yaml --of BR_K --scan m_X=0.5:4.5:5 --toys 100" in found.text
    )


def test_toys_of_two_models(page):
    toys = [
        NonNestedToys(
            first="one", second="two", under=under, identity="x", names=("a",), truth=[0.0],
            observed=[10.0, 6.0], seed="1", chunk_size=5, number=5, chunks=np.zeros(5, int),
            values=np.column_stack([values, np.zeros(5)]), failed=np.zeros((5, 2), int),
        )
        for under, values in (("first", np.arange(5) - 3.0), ("second", np.arange(5) + 2.0))
    ]  # fmt: skip
    found = page(bare(non_nested=tuple(toys)))
    assert "Toys of two models" in found.sections
    # T = 10 - 6; medians of the five values of each.
    told = "observed 4.00; median -1.00 in 5 toys of one; median 4.00 in 5 toys of two."
    assert told in found.images[0]["alt"]
    assert "bsinv compare run.h5 RESULTS-OF-two.h5 --toys 5" in found.text


def test_pictures_are_inside_and_say_what_they_show(whole):
    assert len(whole.images) == 5  # profile, corner, pulls, counts, rate
    for image in whole.images:
        assert re.match(r"data:image/(svg\+xml|png);base64,", image["src"])
        content = base64.b64decode(image["src"].partition(",")[2])
        assert content.startswith((b"<?xml", b"\x89PNG"))
        assert not re.search(rb"(href|src)=.https?:", content)
        assert re.search(r"\d", image["alt"])
        assert len(image["alt"]) > 40
    alts = " ".join(image["alt"] for image in whole.images)
    # Of the four observables three have pulls.
    assert "best fit, 3 observables, 0 beyond 2: the largest is -1.10, BR(B0->K*nunu) of" in alts
    # The sum of the counts of the spectrum.
    assert "9 bins after the fit: 9293 measured" in alts


def test_a_profile_in_words(run):
    # (x - 0.1)^2 in steps of 0.5 passes 1 between -1 (1.21) and -0.5 (0.36), and between 1 (0.81)
    # and 1.5 (1.96).
    grid = np.linspace(-3, 3, 13)
    scan = dataclasses.replace(
        run.scans[0],
        axes=(grid,),
        log_likelihood=-4.0 - 0.5 * (grid - 0.1) ** 2,
        log_constraint=np.zeros(13),
        status=np.zeros(13, int),
        other_values=np.zeros((13, 1)),
    )
    assert "−2 Δ ln L, below 1 in [-0.88, 1.08], below 4 in [" in scan_in_words(run, scan)


def test_nothing_is_asked_from_elsewhere(whole):
    assert whole.tags["script"] == 0
    for tag, name, value in whole.attributes:
        assert not name.startswith("on")
        if name in ("src", "href", "action", "data"):
            inside = value.startswith(("#", "data:"))
            assert inside or (tag == "a" and value.startswith("https://arxiv.org/abs/"))
    policy = [value for tag, name, value in whole.attributes if tag == "meta" and name == "content"]
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in policy


def test_whatever_a_file_holds_is_text(run, page):
    run = dataclasses.replace(
        run,
        name=HOSTILE,
        analysis_text=HOSTILE,
        notes=(HOSTILE,),
        versions={HOSTILE: HOSTILE},
        fingerprint={HOSTILE: HOSTILE},
        files={HOSTILE: HOSTILE},
        plugins={HOSTILE: HOSTILE},
        created=HOSTILE,
        parameters=tuple(
            dataclasses.replace(one, latex=HOSTILE, unit=HOSTILE, prior=HOSTILE)
            for one in run.parameters
        ),
        best_fit=dataclasses.replace(
            run.best_fit,
            status=HOSTILE,
            term_names=(HOSTILE, "b"),
            reference_label=HOSTILE,
            ladder=(HOSTILE, HOSTILE),
            observables=tuple(
                dataclasses.replace(one, term=HOSTILE, observable=HOSTILE, latex=HOSTILE)
                for one in run.best_fit.observables
            ),
        ),
        support=dataclasses.replace(run.support, verdict=HOSTILE, bins=(HOSTILE, HOSTILE, HOSTILE)),
        spectra=(dataclasses.replace(run.spectra[0], channel=HOSTILE),),
        predictions=(dataclasses.replace(run.predictions[0], name=HOSTILE, latex=HOSTILE),),
    )
    keys = ("description", "model", "model_text", "lagrangian", "bibtex", "file", "analysis")
    entry = reported(run, **dict.fromkeys(keys, HOSTILE))
    found = page(entry)
    assert set(found.tags) <= KNOWN
    assert not [name for _, name, _ in found.attributes if name.startswith("on")]
    assert not [value for _, name, value in found.attributes if name == "href" and "java" in value]
    assert "<script>alert('&')</script>" in found.text
    assert "\x00" not in report_html([entry])
    assert MARK in report_html([entry])[:400]


def test_a_picture_that_cannot_be_drawn_is_a_sentence(run, page):
    nothing = dataclasses.replace(run.scans[0], log_likelihood=np.full(7, np.nan))
    found = page(dataclasses.replace(slim(run), scans=(nothing,)))
    assert "No picture: Profile of the likelihood in dC_L: no point of scan" in found.text


def test_a_chain_that_has_not_converged_is_marked(run, page):
    short = tuple(
        dataclasses.replace(
            one,
            chain=one.chain[:20],
            log_posterior=one.log_posterior[:20],
            log_likelihood=one.log_likelihood[:20],
            log_prior=one.log_prior[:20],
        )
        for one in run.ensembles
    )
    found = page(dataclasses.replace(slim(run), ensembles=short))
    assert "The chain has not converged: the posterior is provisional." in found.text
    assert ("p", "class", "warning") in found.attributes


def test_a_fit_that_failed_is_not_to_be_trusted(run, page):
    failed = dataclasses.replace(run.best_fit, valid=False, status="No minimum.")
    assert (
        "Not to be trusted. No minimum."
        in page(dataclasses.replace(slim(run), best_fit=failed)).text
    )


def test_why_model_and_references_are_not_known(run, page):
    entry = reported(slim(run), lagrangian="", data=(), sources=(), unknown="a plugin is missing.")
    text = page(entry).text
    assert text.count("not known: a plugin is missing.") == 3


def test_samples_with_weights(nested, page):
    found = page(dataclasses.replace(nested, predictions=(), spectra=(), scans=()))
    assert "Evidence and samples with weights" in found.sections
    assert "Convergence" not in found.sections


def test_runs_beside_each_other(run, page):
    run = dataclasses.replace(slim(run), scans=run.scans)
    other = dataclasses.replace(
        run,
        name="other",
        best_fit=dataclasses.replace(run.best_fit, log_likelihood=-4.5, names=run.best_fit.names),
    )
    found = page(run, other)
    assert found.headings[0] == (1, "wet-scalar and other")
    assert [text for level, text in found.headings if level == 2] == [
        *("Comparison", "wet-scalar", "other"),
    ]
    assert [level for level, _ in found.headings[:3]] == [1, 2, 3]
    assert "−2 ln L" in found.text
    assert "9.00" in found.text  # -2 ln L of the other
    assert "3.00" in found.text  # its difference to the first
    places = [value for _, name, value in found.attributes if name == "id"]
    assert len(places) == len(set(places))
    alts = " ".join(image["alt"] for image in found.images)
    assert (
        "Profiles of the likelihood in dC_L. wet-scalar: best fit at 0.1; other: best fit" in alts
    )


def test_runs_without_anything_in_common(page, run):
    found = page(slim(run), bare())
    assert "Drawn over each other" not in found.sections
    assert "small: not compared with wet-scalar, whose data are others" in found.text


def test_the_same_results_give_the_same_page(run):
    run = dataclasses.replace(run, predictions=(), ensembles=())
    assert report_html([reported(run)]) == report_html([reported(run)])


def test_tables_can_be_read_aloud(whole):
    scopes = [value for tag, name, value in whole.attributes if tag == "th" and name == "scope"]
    assert len(scopes) == whole.tags["th"]
    assert set(scopes) == {"col", "row"}
    assert whole.tags["caption"] == whole.tags["table"] > 8
    assert ("html", "lang", "en") in whole.attributes


def test_links_of_the_contents_lead_somewhere(whole):
    places = {value for _, name, value in whole.attributes if name == "id"}
    links = [v[1:] for t, n, v in whole.attributes if n == "href" and v.startswith("#")]
    assert len(links) > len(SECTIONS)
    assert set(links) <= places


def test_a_corner_of_many_parameters(run, page):
    names = tuple(f"p{i}" for i in range(30))
    chain = make_ensemble(np.random.default_rng(1), 50, 8, names)
    many = tuple(ParameterRecord(name, prior="normal") for name in names)
    found = page(bare(parameters=many, ensembles=(chain, chain)))
    assert "of the model, the first 8 of 30" in found.text
    assert found.images[0]["alt"].count("(median, 68 %)") == 8


def test_fifty_parameters_and_none(run, page):
    many = tuple(ParameterRecord(f"p{i}", f"p_{{{i}}}", prior="normal") for i in range(50))
    found = page(bare(parameters=many))
    assert "p49" in found.text
    assert Page(report_html([reported(bare())])).tags["h1"] == 1
