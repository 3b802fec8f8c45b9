"""An analysis in cobaya: evaluation, priors, a chain."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError

pytestmark = pytest.mark.filterwarnings("ignore")
pytest.importorskip("cobaya")

from bsinv.adapters.cobaya import parameters  # noqa: E402
from cobaya.model import get_model  # noqa: E402
from cobaya.run import run  # noqa: E402

ANALYSIS = {
    "name": "a",
    "model": "wet",
    "likelihoods": ["belle_2017_kpnunu_value", "belle_2017_kst0nunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}}},
    "inputs": {
        "norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}},
        "VtbVts": {"prior": {"normal": [0.041, 0.001], "lower": 0.038}},
    },
}
LIKELIHOOD = {"bsinv.adapters.cobaya.BsinvLikelihood": {"analysis": ANALYSIS}}


def test_posterior_is_that_of_the_analysis():
    model = get_model({"likelihood": LIKELIHOOD, "params": parameters(ANALYSIS)})
    problem = bsinv.load(ANALYSIS).problem
    rng = np.random.default_rng(2)
    theta = problem.sample_prior(rng, 5)
    prior, likelihood = problem.log_prior(theta), problem.log_likelihood(theta)
    for row, one, other in zip(theta, prior, likelihood, strict=True):
        found = model.logposterior(dict(zip(problem.names, row, strict=True)))
        assert found.loglikes[0] == pytest.approx(other, rel=1e-12)
        assert found.logpriors[0] == pytest.approx(one, rel=1e-9)


def test_faults():
    block = {"B->K": {"treatment": "float"}}
    with pytest.raises(ParameterError, match=r"the prior of BtoK_a0_f\+.* has no place in params"):
        parameters({**ANALYSIS, "form_factors": block})
    with pytest.raises(ParameterError, match="the cut 'dC_L > -5' has no place"):
        parameters({**ANALYSIS, "cuts": ["dC_L > -5"]})
    with pytest.raises(ParameterError, match="needs analysis: a name or a file"):
        get_model({"likelihood": {next(iter(LIKELIHOOD)): None}, "params": parameters(ANALYSIS)})


@pytest.mark.slow
def test_a_chain_has_the_posterior_of_the_grid():
    analysis = {**ANALYSIS, "inputs": {}}
    own = {next(iter(LIKELIHOOD)): {"analysis": analysis}}
    sampler = {"mcmc": {"Rminus1_stop": 0.01, "seed": 5, "max_samples": 4000}}
    info = {"likelihood": own, "params": parameters(analysis), "sampler": sampler}
    _, made = run(info)
    chain = made.samples(skip_samples=0.3)
    grid = np.linspace(-6.4, 20, 4001)
    weight = np.exp(bsinv.load(analysis).log_likelihood(grid[:, None]))
    mean = np.average(grid, weights=weight)
    spread = np.sqrt(np.average((grid - mean) ** 2, weights=weight))
    assert chain.mean()[0] == pytest.approx(mean, abs=0.15 * spread)
    assert np.sqrt(chain.cov()[0, 0]) == pytest.approx(spread, rel=0.15)
