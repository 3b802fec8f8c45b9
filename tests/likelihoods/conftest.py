"""The Belle II model, compiled once, and spectra of many shapes."""

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.physics.invisible.null import null_spectrum


@pytest.fixture(scope="session")
def belle2():
    return Belle2Likelihood()


@pytest.fixture(scope="session")
def laplace():
    return Belle2Likelihood("laplace")


@pytest.fixture(scope="session")
def model(belle2):
    return belle2.model


@pytest.fixture(scope="session")
def null():
    return null_spectrum(belle2_2023().q2_edges)


def shapes(null):
    """Three spectra with the total of the null prediction: its own, soft and hard: (3, 100)."""
    edges = belle2_2023().q2_edges
    position = 0.5 * (edges[1:] + edges[:-1]) / edges[-1]
    raw = np.stack([null, position * np.sqrt(1 - position), np.exp(-6.0 * position)])
    return raw / raw.sum(axis=1, keepdims=True) * null.sum()


@pytest.fixture(scope="session")
def spectra(null):
    """40 mixtures with totals from a third to ten times the null prediction."""
    rng = np.random.default_rng(11)
    mixture = rng.dirichlet([0.7, 0.7, 0.7], 40) * rng.uniform(0.3, 10.0, (40, 1))
    return mixture @ shapes(null)


@pytest.fixture(scope="session")
def points(model, belle2, spectra):
    """Random nuisance parameters, also beyond one sigma, and weights: (12, 51), (12, 30)."""
    rng = np.random.default_rng(5)
    alpha = rng.normal(scale=0.8, size=(12, model.n_alpha))
    return alpha, belle2.weights(spectra[:12])
