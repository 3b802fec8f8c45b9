"""Small targets with known answers for the tests of the drivers."""

from __future__ import annotations

import numpy as np


class GaussianTarget:
    """Correlated Gaussian likelihood in two parameters of interest, one constrained nuisance.

    ln L = -(x - m)^T C^-1 (x - m)/2 with x = (a + shift, b), the nuisance `shift` ~ N(0, 0.5).
    """

    names = ("a", "b", "shift")
    start = np.array([0.0, 0.0, 0.0])
    scale = np.array([1.0, 1.0, 0.5])
    metric = np.diag(scale)
    bounds = np.array([[-10.0, 10.0], [-10.0, 10.0], [-np.inf, np.inf]])
    constrained = np.array([False, False, True])
    mean = np.array([1.0, -2.0])
    covariance = np.array([[1.0, 0.6], [0.6, 2.0]])
    width = 0.5

    def __init__(self) -> None:
        self.calls = 0
        self._inverse = np.linalg.inv(self.covariance)

    def log_likelihood(self, theta):
        self.calls += len(theta)
        x = np.stack([theta[:, 0] + theta[:, 2], theta[:, 1]], axis=1) - self.mean
        return -0.5 * np.einsum("ni,ij,nj->n", x, self._inverse, x)

    def log_constraint(self, theta):
        return -0.5 * (theta[:, 2] / self.width) ** 2

    def log_prior(self, theta):
        low, high = self.bounds.T
        inside = ((theta >= low) & (theta <= high)).all(axis=1)
        return np.where(inside, self.log_constraint(theta), -np.inf)

    def sample_prior(self, rng, size):
        drawn = rng.uniform(-10, 10, (size, 3))
        drawn[:, 2] = self.width * rng.standard_normal(size)
        return drawn

    def diffuse(self, theta, step, normals):
        moved = theta.copy()
        moved[:, 2] = np.sqrt(1 - step**2) * theta[:, 2] + step * self.width * normals[:, 2]
        return moved

    @property
    def posterior_covariance(self):
        """Of (a, b): the nuisance adds its variance to that of a."""
        return self.covariance + np.diag([self.width**2, 0.0])


class TwoModes(GaussianTarget):
    """Two equal, narrow modes in a, at -6 and +6."""

    def log_likelihood(self, theta):
        near = -0.5 * ((abs(theta[:, 0]) - 6.0) / 0.3) ** 2
        return near - 0.5 * theta[:, 1] ** 2
