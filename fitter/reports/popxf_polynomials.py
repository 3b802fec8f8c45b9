"""Predictions as quadratic polynomials in complex coefficients, found from points and verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ...errors import PredictionError
from ...physics.inputs import Inputs
from ...physics.observables import observable
from ...physics.wilson import Wilson
from ..parameters.priors import Array

__all__ = ["Coefficient", "Polynomial", "fitted", "verified"]

# Size of coefficients at the points that are evaluated: as large as that of the Standard Model, so
# that nothing is a small difference of large numbers.
_STEP = 6.0
# Part of the largest contribution below which a monomial is rounding; accuracy that is asked for.
_ROUNDING, _ACCURACY = 1e-13, 1e-12
_POINTS, _CHUNK = 20, 2000


@dataclass(frozen=True)
class Coefficient:
    """A complex parameter: its name in the file, and where it is in a `Wilson`."""

    name: str
    key: str
    at: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Quadratic polynomial of several quantities in p real variables.

    Parameters
    ----------
    constant : (m,) array
    linear : (p, m) array
    quadratic : (p, p, m) array
        Upper triangle.
    """

    constant: Array
    linear: Array
    quadratic: Array

    def __call__(self, points: Array) -> Array:
        """Values at points (n, p): (n, m)."""
        second = np.einsum("ni,nj,ijm->nm", points, points, self.quadratic)
        found: Array = self.constant + points @ self.linear + second
        return found


def fitted(
    quantities: Sequence[str], parameters: Sequence[Coefficient], inputs: Inputs
) -> Polynomial:
    """Coefficients from the constant, both sides of each axis, and pairs of those that matter."""
    function = _evaluator(quantities, parameters, inputs)
    p = 2 * len(parameters)
    axes = _STEP * np.eye(p)
    constant = function(np.zeros((1, p)))[0]
    above, below = function(axes) - constant, function(-axes) - constant
    linear, diagonal = (above - below) / (2.0 * _STEP), (above + below) / (2.0 * _STEP**2)
    size = np.abs(constant) + np.abs(above).max(axis=0)
    linear[np.abs(linear) * _STEP <= _ROUNDING * size] = 0.0
    diagonal[np.abs(diagonal) * _STEP**2 <= _ROUNDING * size] = 0.0
    moving = np.flatnonzero((linear != 0.0).any(axis=1) | (diagonal != 0.0).any(axis=1))
    quadratic = np.zeros((p, p, len(quantities)))
    quadratic[range(p), range(p)] = diagonal
    pairs = list(combinations(moving.tolist(), 2))
    if pairs:
        first, second = np.transpose(pairs)
        mixed = function(axes[first] + axes[second]) - constant - above[first] - above[second]
        mixed[np.abs(mixed) <= 4.0 * _ROUNDING * size] = 0.0
        quadratic[first, second] = mixed / _STEP**2
    return Polynomial(constant, linear, quadratic)


def _evaluator(
    quantities: Sequence[str], parameters: Sequence[Coefficient], inputs: Inputs
) -> Callable[[Array], Array]:
    """Function of points (n, 2 p), real and imaginary parts in turn, to quantities (n, m)."""
    factors = [[observable(part) for part in _split(name)] for name in quantities]

    def values(points: Array) -> Array:
        chunks = []
        for start in range(0, len(points), _CHUNK):
            rows = points[start : start + _CHUNK]
            matrices: dict[str, Array] = {}
            for k, one in enumerate(parameters):
                if one.key not in matrices:
                    matrices[one.key] = np.zeros((len(rows), 3, 3), dtype=complex)
                matrices[one.key][:, one.at[0], one.at[1]] = (
                    rows[:, 2 * k] + 1j * rows[:, 2 * k + 1]
                )
            wilson = Wilson(matrices)
            made = [np.prod([one(wilson, inputs) for one in parts], axis=0) for parts in factors]
            chunks.append(np.stack([np.ravel(column) for column in made], axis=1))
        return np.concatenate(chunks)

    return values


def _split(name: str) -> list[str]:
    """Factors of a product of observables, whose names have no blank outside brackets."""
    return re.split(r" (?![^\[]*\])", name)


def verified(
    names: Sequence[str],
    parts: Sequence[tuple[str, str]],
    quantities: Sequence[str],
    parameters: Sequence[Coefficient],
    inputs: Inputs,
    found: Polynomial,
) -> None:
    """Compare with the prediction at random points of small and large coefficients.

    Raises
    ------
    PredictionError
        If an observable is no such polynomial nor a ratio of two, or depends on no coefficient.
    """
    rng = np.random.default_rng(1)
    points = (
        rng.normal(size=(_POINTS, 2 * len(parameters))) * np.geomspace(0.1, 50, _POINTS)[:, None]
    )
    direct, made = _evaluator(quantities, parameters, inputs)(points), found(points)
    for name, pair in zip(names, parts, strict=True):
        columns = [quantities.index(part) for part in pair if part]
        away = np.abs(made[:, columns] - direct[:, columns])
        worst = float((away / np.abs(direct[:, columns]).clip(1e-300)).max())
        if not worst <= _ACCURACY:
            raise PredictionError(
                f"{name} is no quadratic polynomial in these coefficients, nor a ratio of two: at "
                f"a random point one differs by {worst:.2g} of it. It cannot be written as POPxf."
            )
        moves = found.linear[:, columns].any() or found.quadratic[:, :, columns].any()
        if not moves:
            raise PredictionError(
                f"{name} depends on no coefficient of this basis: leave it out, or take the basis "
                "'bsinv' with all operators of neutrinos."
            )
