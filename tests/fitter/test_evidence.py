"""What has no evidence is refused, with one sentence for each kind of reason."""

from typing import ClassVar

import bsinv
import numpy as np
import pytest
from bsinv.errors import FitError
from bsinv.fitter.drivers.sampling.nested import NestedOptions
from bsinv.fitter.evidence import evidence_runs, log_normalisation, marginalised, refuse
from bsinv.fitter.parameters.prior_base import Prior
from bsinv.fitter.parameters.priors import Uniform
from bsinv.likelihoods.forms.bounds import MassBound
from bsinv.likelihoods.forms.limits import CountingLimit, HalfGaussianLimit
from prior_draws import draws_of_prior
from scipy import stats

TWO = {
    "name": "two",
    "model": "wet-lfu",
    "likelihoods": [
        {"name": "belle2-2023-bknunu", "nuisances": "laplace"},
        "belle_2017_kpnunu_value",
    ],
    "parameters": {"dC_L": {"prior": {"uniform": [-20, 20]}}},
    "form_factors": {
        "B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"},
    },
    "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09], "lower": 0.0}}},
    "seed": 1,
}


class Line(Prior):
    """As flat as a prior of the user's own may be: on the whole line."""

    is_constraint: ClassVar[bool] = False
    support = (np.array([-np.inf]), np.array([np.inf]))
    centre = np.array([0.0])
    description = "flat"

    def log_pdf(self, x):
        return np.zeros(len(x))

    def ppf(self, u):
        return np.log(u / (1.0 - u))

    def cdf(self, x):
        return 1.0 / (1.0 + np.exp(-x))

    def step(self, x):
        return np.ones(1)


class Unnormalised(Uniform):
    """Uniform, but for a factor of two."""

    description = "twice uniform"

    def log_pdf(self, x):
        return Uniform.log_pdf(self, x) + np.log(2.0)


def test_normalised_densities_with_marginalised_nuisances_have_one():
    analysis = bsinv.load(TWO)
    assert refuse(analysis.problem.terms, analysis.problem.table.priors) is None


@pytest.mark.parametrize(
    "prior",
    [
        {"log_uniform": [1e-3, 1e2]},
        {"normal": [1.0, 0.3], "lower": 0.0, "upper": 2.0},
        {"normal": [0.0, 1e-9]},
    ],
)
def test_priors_of_the_package_are_normalised(prior):
    analysis = bsinv.load({**TWO, "parameters": {"dC_L": {"prior": prior}}})
    assert refuse(analysis.problem.terms, analysis.problem.table.priors) is None


def test_improper_priors_are_named():
    analysis = bsinv.load(TWO)
    for prior, name in ((Line(), "flat"), (Unnormalised(0.0, 1.0), "twice uniform")):
        with pytest.raises(FitError) as caught:
            refuse(analysis.problem.terms, (*analysis.problem.table.priors, prior))
        assert str(caught.value) == (
            "there is no evidence of this analysis. Priors must be normalised densities, and are "
            f"not: {name}."
        )


class Curve(HalfGaussianLimit):
    """A likelihood that does not say of what density it is."""

    log_normalisation = np.nan


def test_profiled_nuisances_and_likelihoods_that_are_no_densities_are_named():
    text = {**TWO, "likelihoods": ["belle2-2023-bknunu"]}
    analysis = bsinv.load(text)
    curve = Curve("curve", "of ln L", "BR(B+->Knunu)", 1e-5, 0.9, ("mine",))
    with pytest.raises(FitError) as caught:
        refuse((*analysis.problem.terms, curve), analysis.problem.table.priors)
    assert str(caught.value) == (
        "there is no evidence of this analysis. Likelihoods must be normalised densities of the "
        "data; curve is none (such as curves of ln L without data). Nuisance parameters must be "
        "integrated out, not profiled: write 'nuisances: laplace' for belle2-2023-bknunu."
    )


def test_normalisations_make_densities_of_the_data():
    x = np.array([0.0, 3e-6, 2e-5])
    half = HalfGaussianLimit("half", "", "BR(B+->Knunu)", 1.6e-5, 0.9, ("mine",))
    total = half.log_likelihood(x) + half.log_normalisation
    np.testing.assert_allclose(total, stats.norm.logpdf(0.0, x, half.sigma), rtol=1e-12)
    for seen, sensitivity in ((6, 2e6), (0, 1e5)):
        counts = CountingLimit(
            "counts", "", "BR(B+->Knunu)", 1e-5, 0.9, seen, 2.5, ("mine",), sensitivity
        )
        total = counts.log_likelihood(x) + counts.log_normalisation
        exact = stats.poisson.logpmf(seen, 2.5 + sensitivity * x)
        np.testing.assert_allclose(total, exact, rtol=1e-12)
    bound = MassBound("bound", "", "m(VLQ)", 1000.0, 0.95, ("mine",))
    events = np.array([0.0, 2.0])
    exact = stats.poisson.logpmf(0, events)
    np.testing.assert_allclose(bound.log_likelihood(events) + bound.log_normalisation, exact)


def test_marginalised_changes_the_nuisances_alone():
    analysis = bsinv.load("b2snunu-lfu")
    made, changed = marginalised(analysis)
    assert (type(made), changed) == (type(analysis), ("b2snunu",))
    told = {getattr(term, "nuisances", None) for term in made.terms}
    assert told == {None, "laplace"}
    assert [term.name for term in made.terms] == [term.name for term in analysis.terms]
    assert made.names == analysis.names
    np.testing.assert_array_equal(made.problem.bounds, analysis.problem.bounds)
    assert marginalised(made) == (made, ())
    # Limits as half Gaussians are no reason to refuse it.
    assert refuse(made.terms, made.problem.table.priors) is None
    halves = [term for term in made.terms if term.limit_form == "half-gaussian"]
    assert len(halves) == 7
    constants = [stats.norm.logpdf(0.0, scale=term.sigma) for term in halves]
    others = [term.log_normalisation for term in made.terms if term not in halves]
    assert log_normalisation(made.terms) == pytest.approx(sum(constants) + sum(others))


# One measured value alone, so that integrals are known: kappa times the SM, and its Gaussian.
LINE = {
    "name": "line",
    "model": "signal-strength",
    "likelihoods": [{"name": "a", "observable": "BR(B+->Knunu)", "value": 1e-5, "error": 2e-6}],
    "parameters": {"mu": {"prior": {"uniform": [0, 10]}, "start": 4.0}},
    "seed": 1,
}
FAST = NestedOptions(runs=1, live=300, effective=1500, batch=200)


def line(**changes):
    return bsinv.load({**LINE, **changes}).problem


def test_evidence_of_a_gaussian_with_a_cut():
    pytest.importorskip("nautilus")
    problem = line(cuts=["mu > 2"])
    unit = float(problem.predictions(np.array([[1.0]]))["a"].ravel()[0])
    error = 2e-6
    (found,) = evidence_runs(problem, FAST)
    ends = (np.array([2.0, 10.0]) * unit - 1e-5) / error
    exact = np.log(np.diff(stats.norm.cdf(ends))[0] / (8.0 * unit))
    assert found.log_evidence == pytest.approx(exact, abs=5 * found.log_evidence_error)
    inside = found.weights > 0
    # the density is that of what the cut leaves, once
    np.testing.assert_allclose(found.log_prior[inside], -np.log(8.0), atol=0.02)
    draws = draws_of_prior(problem, 20000, 1)
    assert draws.log_evidence == pytest.approx(exact, abs=5 * draws.log_evidence_error)
    np.testing.assert_allclose(found.log_likelihood, problem.log_likelihood(found.points))


def test_evidence_counts_what_the_log_likelihood_leaves_out():
    pytest.importorskip("nautilus")
    entry = {"name": "a", "observable": "BR(B+->Knunu)", "limit": 1.6e-5, "cl": 0.9}
    problem = line(likelihoods=[entry])
    (term,) = problem.terms
    unit = float(problem.predictions(np.array([[1.0]]))["a"].ravel()[0])
    (found,) = evidence_runs(problem, FAST)
    exact = np.log((stats.norm.cdf(10.0 * unit / term.sigma) - 0.5) / (10.0 * unit))
    assert found.log_evidence == pytest.approx(exact, abs=5 * found.log_evidence_error)
    assert found.log_likelihood.max() <= 0.0
    assert float(found.options["log_normalisation"]) == pytest.approx(term.log_normalisation)


def test_evidence_of_an_analysis_and_seeds():
    pytest.importorskip("nautilus")
    runs, together = bsinv.load(LINE).evidence(2, live=200, effective=400, batch=100)
    assert len(runs) == 2
    assert runs[0].options["seed"] != runs[1].options["seed"]
    assert together.p_value > 1e-3
    options = NestedOptions(runs=2, live=200, effective=400, batch=100, seed=1)
    again = evidence_runs(line(), options, first=1)
    np.testing.assert_array_equal(again[0].points, runs[1].points)


@pytest.mark.parametrize(("cuts", "ends"), [([], (-25.0, 25.0)), (["dC_L > -10"], (-10.0, 25.0))])
def test_evidence_where_a_tie_leaves_its_range(cuts, ends):
    """dC_R = 4 dC_L is allowed up to 100: the prior of dC_L, uniform in [-60, 50], ends at 25."""
    pytest.importorskip("nautilus")
    entry = {"name": "a", "observable": "BR(B+->Knunu)", "value": 1e-3, "error": 4e-4}
    problem = bsinv.load(
        {
            "name": "tied",
            "model": "wet-lfu",
            "likelihoods": [entry],
            "parameters": {
                "dC_L": {"prior": {"uniform": [-60.0, 50.0]}},
                "dC_R": {"equals": "dC_L", "times": 4.0},
            },
            "cuts": cuts,
            "seed": 1,
        }
    ).problem
    grid = np.linspace(*ends, 4001)[:, None]
    grid = grid[1:-1]  # cuts and ties may leave out their ends
    assert np.isfinite(problem.log_prior(grid)).all()
    constant = log_normalisation(problem.terms)
    exact = np.log(np.exp(problem.log_likelihood(grid) + constant).mean())
    (found,) = evidence_runs(problem, FAST)
    assert found.log_evidence == pytest.approx(exact, abs=5 * found.log_evidence_error + 0.01)
    inside = found.weights > 0
    width = ends[1] - ends[0]
    np.testing.assert_allclose(found.log_prior[inside], -np.log(width), atol=0.02)
    assert found.points[inside].min() >= ends[0]
    assert found.points[inside].max() <= ends[1]
