"""One step of an ensemble move from exact samples: what must not change, and by how much it does.

A move is right if it leaves the product of the posteriors of its walkers invariant. Exact samples
are drawn in independent ensembles, each makes one step, and functions of the walkers are compared
before and after. The differences of one ensemble are paired and those of two are independent, so
their mean over the ensembles, in units of its error, is a standard normal number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from bsinv.fitter.parameters import joint as joint_prior
from bsinv.fitter.parameters.priors import CorrelatedNormal, Normal, TruncatedNormal
from emcee.model import Model
from emcee.state import State


@dataclass(frozen=True, repr=False)
class Exact:
    """A target of which exact samples are known: all of a `Target` that moves ask for.

    Coordinates in which functions are taken (`coordinates`) are of order one.
    """

    ndim: int
    constrained: np.ndarray = field(init=False)
    bounds: np.ndarray = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "constrained", np.zeros(self.ndim, dtype=bool))
        object.__setattr__(self, "bounds", np.tile([-np.inf, np.inf], (self.ndim, 1)))

    @property
    def names(self):
        return tuple(f"x{k}" for k in range(self.ndim))

    def coordinates(self, theta):
        return theta

    def __repr__(self):
        return f"{type(self).__name__}{self.ndim}"


class Gaussian(Exact):
    """Standard normal in d dimensions, or of one correlation between all pairs."""

    def __init__(self, ndim, correlation=0.0):
        super().__init__(ndim)
        covariance = np.full((ndim, ndim), correlation) + (1.0 - correlation) * np.eye(ndim)
        object.__setattr__(self, "factor", np.linalg.cholesky(covariance))
        object.__setattr__(self, "inverse", np.linalg.inv(covariance))

    def draw(self, rng, size):
        return rng.standard_normal((size, self.ndim)) @ self.factor.T

    def log_posterior(self, theta):
        return -0.5 * np.einsum("ni,ij,nj->n", theta, self.inverse, theta)


class TwoHills(Exact):
    """Two unequal modes: 30 % at -4 with width 0.5, 70 % at +4 with width 1, in all coordinates."""

    def draw(self, rng, size):
        left = rng.random((size, 1)) < 0.3
        noise = rng.standard_normal((size, self.ndim))
        return np.where(left, -4.0 + 0.5 * noise, 4.0 + noise)

    def log_posterior(self, theta):
        left = np.log(0.3 / 0.5**self.ndim) - 0.5 * (((theta + 4.0) / 0.5) ** 2).sum(axis=1)
        right = np.log(0.7) - 0.5 * ((theta - 4.0) ** 2).sum(axis=1)
        return np.logaddexp(left, right)

    def coordinates(self, theta):
        return theta / 4.0


class Constrained(Exact):
    """Three parameters with priors of the package, pulled by a Gaussian likelihood.

    A normal prior cut at both ends, and a correlated block of two. Samples are exact: the product
    of two normals is one, and cut or not is decided by rejection. Coordinates are in units of the
    width of the posterior, from its mean before the cut.
    """

    def __init__(self, pull, width=1.0, cut=(-math.inf, math.inf), correlation=0.7):
        super().__init__(3)
        single = Normal(0.0, 1.0) if np.isinf(cut).all() else TruncatedNormal(0.0, 1.0, *cut)
        covariance = np.array([[1.0, correlation], [correlation, 1.0]])
        block = CorrelatedNormal(np.zeros(2), covariance)
        constrained, bounds = np.ones(3, dtype=bool), np.array(self.bounds)
        bounds[0] = cut
        inverse = np.eye(3)
        inverse[1:, 1:] = np.linalg.inv(covariance)
        posterior = np.linalg.inv(inverse + np.eye(3) / width**2)
        # The likelihood has its centre where the mean of the posterior is the pull asked for.
        mean = np.full(3, float(pull))
        centre = width**2 * np.linalg.solve(posterior, mean)
        for name, value in {
            "priors": (single, block),
            "constrained": constrained,
            "bounds": bounds,
            "mean": mean,
            "factor": np.linalg.cholesky(posterior),
            "centre": centre,
            "width": width,
        }.items():
            object.__setattr__(self, name, value)

    def draw(self, rng, size):
        low, high = self.bounds[0]
        kept = np.empty((0, 3))
        while len(kept) < size:
            drawn = self.mean + rng.standard_normal((2 * size, 3)) @ self.factor.T
            kept = np.concatenate([kept, drawn[(drawn[:, 0] >= low) & (drawn[:, 0] <= high)]])
        return kept[:size]

    def log_constraint(self, theta):
        return joint_prior.log_constraint(self.priors, theta)

    def log_posterior(self, theta):
        distance = (theta - self.centre) / self.width
        return self.log_constraint(theta) - 0.5 * (distance**2).sum(axis=1)

    def diffuse(self, theta, step, normals):
        return joint_prior.diffuse(self.priors, theta, step, normals)

    def coordinates(self, theta):
        return (theta - self.mean) / np.sqrt(np.diag(self.factor @ self.factor.T))


class Circle(Exact):
    """A von Mises angle on [-1, 2 pi - 1) that peaks at the seam, and a normal number.

    The normal number follows the cosine, so that the two are correlated.
    """

    concentration = 1.5

    def __init__(self):
        super().__init__(2)
        bounds = np.array([[-1.0, 2.0 * np.pi - 1.0], [-np.inf, np.inf]])
        object.__setattr__(self, "bounds", bounds)
        object.__setattr__(self, "periods", np.array([2.0 * np.pi, np.inf]))

    def draw(self, rng, size):
        angle = rng.vonmises(-1.0, self.concentration, size)
        number = np.cos(angle) + 0.5 * rng.standard_normal(size)
        return np.stack([-1.0 + np.mod(angle + 1.0, 2.0 * np.pi), number], axis=1)

    def log_posterior(self, theta):
        angle, number = theta.T
        inside = (angle >= -1.0) & (angle <= 2.0 * np.pi - 1.0)
        log = self.concentration * np.cos(angle + 1.0)
        return np.where(inside, log - 2.0 * (number - np.cos(angle)) ** 2, -np.inf)

    def coordinates(self, theta):
        columns = [2.5 * np.cos(theta[:, 0] + 1.0), 2.5 * np.sin(theta[:, 0]), theta[:, 1]]
        return np.stack(columns, axis=1)


class LogNormal(Exact):
    """A positive number over many decades and a normal number, moved in its logarithm."""

    def __init__(self):
        super().__init__(2)
        object.__setattr__(self, "bounds", np.array([[0.0, np.inf], [-np.inf, np.inf]]))
        object.__setattr__(self, "logarithmic", np.array([True, False]))

    def draw(self, rng, size):
        normal = rng.standard_normal((size, 2))
        return np.stack([np.exp(3.0 * normal[:, 0]), normal[:, 0] + normal[:, 1]], axis=1)

    def log_posterior(self, theta):
        good = theta[:, 0] > 0.0
        log = np.log(np.where(good, theta[:, 0], 1.0)) / 3.0
        density = -0.5 * log**2 - 0.5 * (theta[:, 1] - log) ** 2 - 3.0 * log
        return np.where(good, density, -np.inf)

    def coordinates(self, theta):
        return np.stack([np.log(theta[:, 0]) / 3.0, theta[:, 1]], axis=1)


def statistics(target, theta):
    """Functions of the walkers of one ensemble: (m,) means over its walkers.

    Means, squares, tails and products of coordinates, moments and tail of the distance from the
    middle; and the square of the ensemble's mean, which changes if walkers become dependent.
    """
    x = target.coordinates(theta)
    square = (x**2).sum(axis=1) / x.shape[1]
    columns = [
        x.mean(axis=0),
        (x**2).mean(axis=0),
        (x > 1.0).mean(axis=0),
        (x < -1.0).mean(axis=0),
        (np.abs(x) > 2.0).mean(axis=0),
        (x[:, 1:] * x[:, :-1]).mean(axis=0),
        [square.mean(), (square**2).mean(), (square > 2.0).mean()],
        x.mean(axis=0) ** 2 * len(x),
    ]
    return np.concatenate(columns)


def largest_change(move, target, walkers, total=100_000, seed=1):
    """Largest change of a statistic over one step, in standard deviations.

    Parameters
    ----------
    move : emcee.moves.Move
    target : Exact
    walkers : int
        Of each ensemble.
    total : int
        Walkers of all ensembles together.
    seed : int

    Returns
    -------
    float
        Infinite if nothing moved.
    """
    rng = np.random.default_rng(seed)
    model = Model(None, lambda x: (target.log_posterior(x), None), map, np.random.RandomState(seed))
    changes, moved = [], 0
    for _ in range(-(-total // walkers)):
        theta = target.draw(rng, walkers)
        before = statistics(target, theta)
        state = State(theta.copy(), log_prob=target.log_posterior(theta), copy=False)
        state, accepted = move.propose(model, state)
        moved += int(accepted.sum())
        changes.append(statistics(target, state.coords) - before)
    if not moved:
        return np.inf
    changes = np.array(changes)
    error = changes.std(axis=0, ddof=1) / np.sqrt(len(changes))
    # A statistic that a move leaves alone changes by rounding at most.
    significant = error > 1e-12
    return float(np.max(np.abs(changes.mean(axis=0)[significant] / error[significant])))
