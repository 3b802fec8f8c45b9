"""What has no evidence is refused, with one sentence for each kind of reason."""

from typing import ClassVar

import bsinv
import numpy as np
import pytest
from bsinv.errors import FitError
from bsinv.fitter.evidence import refuse
from bsinv.fitter.parameters.prior_base import Prior
from bsinv.fitter.parameters.priors import Uniform

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


def test_profiled_nuisances_and_half_gaussians_are_named():
    text = {**TWO, "likelihoods": ["belle2-2023-bknunu", "belle_2013_kst0nunu"]}
    analysis = bsinv.load(text)
    with pytest.raises(FitError) as caught:
        refuse(analysis.problem.terms, analysis.problem.table.priors)
    assert str(caught.value) == (
        "there is no evidence of this analysis. Likelihoods must be normalised densities of the "
        "data; belle_2013_kst0nunu is none (half-Gaussian limits and bounds). Nuisance parameters "
        "must be integrated out, not profiled: write 'nuisances: laplace' for belle2-2023-bknunu."
    )
