"""A problem of which the fit to any data is known: three numbers linear in two coefficients."""

import bsinv
import numpy as np
from bsinv.likelihoods.base import Data, Term

WIDTH, SHIFT = 0.09, 10.0


def coefficients(wilson, name):
    """Real part of a diagonal coefficient, (n,); what is zero is left out of a Wilson."""
    return np.real(wilson[name][:, 0, 0]) if name in wilson else np.zeros(wilson.size)


class Linear(Term):
    """Measured: a + 10 (norm - 1), b, a + b, each with an error."""

    name, description = "linear", "three numbers"
    observables, data_ids, includes_constants = ("x", "y", "z"), ("linear",), True
    value, sigma = np.array([[2.0, 1.0, 4.0]]), np.array([1.0, 0.5, 2.0])

    @property
    def data(self):
        return Data(self.value)

    def predict(self, wilson, inputs):
        a, b = coefficients(wilson, "dC_L"), coefficients(wilson, "dC_R")
        shift = SHIFT * (inputs.constant("norm_BtoKstar").reshape(-1) - 1.0)
        return np.stack(np.broadcast_arrays(a + shift, b, a + b), axis=1)

    def sample(self, prediction, rng):
        return Data(prediction + self.sigma * rng.standard_normal(prediction.shape))

    def asimov(self, prediction):
        return Data(prediction)

    def log_likelihood(self, prediction, data=None):
        values = self.value if data is None else data.values
        return -0.5 * (((prediction - values) / self.sigma) ** 2).sum(axis=1)

    def saturated(self, data=None):
        return np.zeros(1 if data is None else len(data))

    def pull(self, prediction):
        return np.full(len(prediction), np.nan)


class Sum(Linear):
    """Only a + b is measured."""

    name, observables = "sum", ("z",)
    value, sigma = np.array([[4.0]]), np.array([2.0])

    def predict(self, wilson, inputs):
        return (coefficients(wilson, "dC_L") + coefficients(wilson, "dC_R"))[:, None]


class Square(Linear):
    """a^2 is measured: at a = 0 nothing tells how much a finite one would gain."""

    name, observables = "square", ("z",)
    value, sigma = np.array([[4.0]]), np.array([2.0])

    def predict(self, wilson, inputs):
        return coefficients(wilson, "dC_L")[:, None] ** 2


def problem(*terms, b=(-50, 50), nuisance=True, **parameters):
    """Problem of these terms; `b` are the ends of dC_R."""
    free = {
        "dC_L": {"prior": {"uniform": [-50, 50]}},
        "dC_R": {"prior": {"uniform": list(b)}},
    }
    given = {
        "name": "linear",
        "model": "wet-lfu",
        "likelihoods": ["belle_2017_kpnunu_value"],
        "parameters": free | parameters,
    }
    if nuisance:
        given["inputs"] = {"norm_BtoKstar": {"prior": {"normal": [1.0, WIDTH]}}}
    return bsinv.load(given).problem.with_terms(terms or (Linear(),))


def matrix():
    """Rows of measured numbers and the constraint, columns a, b, norm - 1; in errors."""
    rows = np.array([[1.0, 0.0, SHIFT], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return rows / np.append(Linear.sigma, WIDTH)[:, None]


def least_squares(data):
    """Exact fits of data sets: values (n, 3), -2 ln of the largest likelihood (n,), covariance."""
    measured = np.concatenate([data.terms["linear"].values, data.centres - 1.0], axis=1)
    scaled = measured / np.append(Linear.sigma, WIDTH)
    rows = matrix()
    covariance = np.linalg.inv(rows.T @ rows)
    values = scaled @ rows @ covariance
    chi2 = ((scaled - values @ rows.T) ** 2).sum(axis=1)
    return values + np.array([0.0, 0.0, 1.0]), chi2, covariance
