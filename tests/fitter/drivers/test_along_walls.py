"""Minima at walls that lie aslant or bend, against scipy's SLSQP, which knows the constraint."""

import numpy as np
import pytest
from bsinv.fitter.drivers.minimise_batch import minimise_batch
from bsinv.fitter.drivers.objective import WALL
from numpy.testing import assert_allclose
from scipy.optimize import minimize

N = 12


def parabolas(k, seed=3):
    """Positive matrices and centres: (n, k, k), (n, k); and normals of walls."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(N, k, k))
    return (
        root @ root.transpose(0, 2, 1) + np.eye(k),
        2 * rng.normal(size=(N, k)),
        rng.normal(size=(N, k)),
    )


def constraint(kind, z, normal):
    """Positive where there is a likelihood."""
    return 1.0 - (z**2).sum(axis=-1) if kind == "ball" else 0.3 - (z * normal).sum(axis=-1)


@pytest.mark.parametrize("kind", ["plane", "ball"])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_minima_at_walls(kind, k):
    curvature, centre, normal = parabolas(k)

    def function(z, which):
        away = z - centre[which]
        value = np.einsum("ni,nij,nj->n", away, curvature[which], away)
        return np.where(constraint(kind, z, normal[which]) > 0, value, WALL)

    found = minimise_batch(function, np.zeros((N, k)), np.tile([-np.inf, np.inf], (k, 1)))
    for i in range(N):
        exact = minimize(
            lambda z, i=i: (z - centre[i]) @ curvature[i] @ (z - centre[i]),
            np.zeros(k),
            constraints=[{"type": "ineq", "fun": lambda z, i=i: constraint(kind, z, normal[i])}],
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 500},
        )
        assert found.values[i] == pytest.approx(exact.fun, abs=1e-4)
        assert constraint(kind, found.points[i], normal[i]) > 0
    assert found.converged.all()


def test_inside_is_as_without_walls():
    curvature, centre, _ = parabolas(2)
    centre = 0.1 * centre / abs(centre).max()

    def free(z, which):
        away = z - centre[which]
        return np.einsum("ni,nij,nj->n", away, curvature[which], away)

    def walled(z, which):
        return np.where((z**2).sum(axis=1) < 1.0, free(z, which), WALL)

    bounds = np.tile([-np.inf, np.inf], (2, 1))
    one, two = (minimise_batch(f, np.zeros((N, 2)), bounds) for f in (free, walled))
    assert_allclose(one.points, two.points, atol=1e-9)
    assert one.steps == two.steps


def test_a_start_in_the_wall():
    """Beside the wall the way out is found; deep in it there is no solution, and that is told."""

    def function(z, which):
        return np.where(z[:, 0] < 1.0, (z[:, 0] - 0.5) ** 2, WALL)

    found = minimise_batch(function, np.array([[1.0004], [9.0]]), np.array([[-np.inf, np.inf]]))
    assert found.points[0, 0] == pytest.approx(0.5, abs=1e-3)
    assert found.converged.tolist() == [True, False]
    assert found.values[1] == WALL
