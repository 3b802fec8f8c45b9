"""Parameters of an analysis: columns of theta to values of model, constants and form factors.

``ParameterTable`` holds everything that is known of the free, fixed and tied parameters, in plain
records, so that it can be sent to worker processes and written to disk. It is made from an
analysis by ``parameter_builder.build_table``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError, UnknownNameError
from ..analysis_file.arguments import check_kind, check_number, real_array
from . import joint as joint_prior
from .cuts import CutRule, Kept
from .priors import Array, Prior
from .records import Affine, Formula, Parameter, Values

__all__ = ["Affine", "Formula", "Parameter", "ParameterTable", "Values"]


# Points drawn at once of which some do not pass the cuts.
_MOST_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """All parameters of an analysis.

    Attributes
    ----------
    parameters : tuple of Parameter
        Of the model (in its order), auxiliary ones, constants, form factors.
    names : tuple of str
        Free parameters, in the order of the columns of theta.
    priors : tuple of Prior
        In the order of the columns; a block takes several columns.
    model : mapping of str to Affine
        Rule of each parameter of the model that the analysis names, but for `formulas`.
    constants : mapping of str to int
        Column of each constant that floats.
    fixed_constants : mapping of str to float
        Constants that the analysis fixes.
    blocks : mapping of str to (first, end)
        Process -> columns of its form factors, if they float.
    formulas : tuple of Formula
        Parameters that are expressions of others, each after those that it is made of.
    cuts : tuple of CutRule
        Points that do not pass all of them have no probability.
    kept : Kept
        Part of the prior that they leave: its density is normalised again.
    """

    parameters: tuple[Parameter, ...]
    names: tuple[str, ...]
    priors: tuple[Prior, ...]
    model: Mapping[str, Affine]
    constants: Mapping[str, int]
    fixed_constants: Mapping[str, float]
    blocks: Mapping[str, tuple[int, int]]
    formulas: tuple[Formula, ...] = ()
    cuts: tuple[CutRule, ...] = ()
    kept: Kept = field(default_factory=Kept)

    @property
    def ndim(self) -> int:
        """Number of free parameters."""
        return len(self.names)

    @property
    def free(self) -> tuple[Parameter, ...]:
        """Free parameters in the order of the columns."""
        found = {entry.name: entry for entry in self.parameters}
        return tuple(found[name] for name in self.names)

    @property
    def start(self) -> Array:
        """Starting point, (ndim,)."""
        return np.array([entry.value for entry in self.free], dtype=np.float64)

    @property
    def scale(self) -> Array:
        """First step of a minimiser for each free parameter, (ndim,), positive."""
        return np.array([entry.step for entry in self.free], dtype=np.float64)

    @property
    def bounds(self) -> Array:
        """Lower and upper end of each support, (ndim, 2), infinite where open."""
        ends = [(entry.lower, entry.upper) for entry in self.free]
        return np.array(ends, dtype=np.float64).reshape(self.ndim, 2)

    @property
    def constrained(self) -> NDArray[np.bool_]:
        """Parameters whose priors stand for measurements, (ndim,)."""
        return np.array([entry.constraint for entry in self.free], dtype=bool)

    @property
    def logarithmic(self) -> NDArray[np.bool_]:
        """Parameters whose prior is flat in the logarithm, (ndim,)."""
        flags = [[prior.logarithmic] * prior.size for prior in self.priors]
        return np.array([flag for part in flags for flag in part], dtype=bool)

    @property
    def periods(self) -> Array:
        """Periods of angles, NaN for others: (ndim,)."""
        return np.array([entry.period for entry in self.free], dtype=np.float64)

    def without_period(self, name: str) -> ParameterTable:
        """The same table, in which a parameter is no angle."""
        changed = tuple(
            replace(entry, periodic=False) if entry.name == name else entry
            for entry in self.parameters
        )
        return replace(self, parameters=changed)

    def index(self, name: str) -> int:
        """Column of a free parameter.

        Parameters
        ----------
        name : str

        Returns
        -------
        int

        Raises
        ------
        UnknownNameError
            No free parameter has this name.
        """
        if name not in self.names:
            raise UnknownNameError("free parameter", name, self.names)
        return self.names.index(name)

    def values(self, theta: Array) -> Values:
        """Values of everything that a prediction needs.

        Parameters
        ----------
        theta : (n, ndim) array
            Free parameters, in their units.

        Returns
        -------
        Values
        """
        theta = self.batch(theta)
        model = {name: rule(theta) for name, rule in self.model.items()}
        derived = self.derived(theta)
        model |= {one.name: derived[one.name] for one in self.formulas if one.role == "model"}
        return Values(
            model=model,
            constants={name: theta[:, column] for name, column in self.constants.items()},
            coefficients={key: theta[:, first:end] for key, (first, end) in self.blocks.items()},
        )

    def derived(self, theta: Array) -> dict[str, Array]:
        """Values of the parameters that are expressions of others.

        Parameters
        ----------
        theta : (n, ndim) array

        Returns
        -------
        dict of str to (n,) or (1,) array
            NaN where an expression is not defined.
        """
        theta = self.batch(theta)
        found: dict[str, Array] = {}
        for formula in self.formulas:
            found[formula.name] = formula(theta, found)
        return found

    def auxiliary(self, theta: Array) -> dict[str, Array]:
        """Values of the auxiliary parameters at points (n, ndim): name to (n,) or (1,) array."""
        theta, derived = self.batch(theta), self.derived(theta)
        found: dict[str, Array] = {}
        for entry in self.parameters:
            if entry.role != "auxiliary":
                continue
            if entry.name in self.names:
                found[entry.name] = theta[:, self.names.index(entry.name)]
            else:
                found[entry.name] = derived.get(entry.name, np.array([entry.value]))
        return found

    def undefined(self, theta: Array) -> dict[str, NDArray[np.bool_]]:
        """Where expressions have no finite value, such as the logarithm of a negative number.

        Parameters
        ----------
        theta : (n, ndim) array

        Returns
        -------
        dict of str to (n,) bool array
            Parameters whose own expressions are not defined at one of the points or more. (What is
            made of them is not defined there either.)
        """
        bad: dict[str, NDArray[np.bool_]] = {}
        found = {name: np.isnan(value) for name, value in self.derived(theta).items()}
        for formula in self.formulas:
            causes = [found[name] for name in formula.expression.names if name in found]
            own = found[formula.name] & ~np.any(np.broadcast_arrays(False, *causes), axis=0)
            if own.any():
                bad[formula.name] = np.broadcast_to(own, (len(theta),))
        return bad

    def passed(self, theta: Array) -> list[NDArray[np.bool_]]:
        """Whether points (n, ndim) pass each of the cuts: one (n,) array for each.

        A point at which a cut is not defined does not.
        """
        theta = self.batch(theta)
        found = self.derived(theta) if self.cuts else {}
        return [rule(theta, found) for rule in self.cuts]

    def log_prior(self, theta: Array) -> Array:
        """Log of the prior density over the free parameters, normalised, cuts included.

        Parameters
        ----------
        theta : (n, ndim) array

        Returns
        -------
        (n,) array
            -inf outside the support and the cuts, where a tied parameter leaves its range, and at
            NaN. Inside the cuts ln of `kept` is subtracted. Where an expression is not defined it
            is the likelihood that is zero.
        """
        theta = self.batch(theta)
        return self._allowed(theta) + joint_prior.log_density(self.priors, theta) - self.kept.log

    @property
    def centres(self) -> Array:
        """What was measured of the c parameters whose priors stand for measurements: (c,)."""
        return joint_prior.centres(self.priors)

    def sample_centres(self, theta: Array, rng: np.random.Generator) -> Array:
        """Draw what might be measured of the constrained parameters: (n, c).

        Parameters
        ----------
        theta : (n, ndim) array
            What they are.
        rng : numpy.random.Generator

        Returns
        -------
        (n, c) array
            Normal around theta, also beyond the ends at which a prior is cut.
        """
        return joint_prior.sample_centres(self.priors, self.batch(theta), rng)

    def log_constraint(self, theta: Array, centres: Array | None = None) -> Array:
        """Log of those priors that stand for measurements: what a frequentist fit counts.

        Parameters
        ----------
        theta : (n, ndim) array
        centres : (m, c) array, optional
            What was measured in place of `centres`; m = n, or one of both is 1.

        Returns
        -------
        (n,) array, or (m,) for one point
            Constants included; -inf outside the supports of these priors, where a tied parameter
            leaves its range and outside the cuts, for which it is not normalised again.
        """
        theta = self.batch(theta)
        total = joint_prior.log_constraint(self.priors, theta, centres)
        return self._allowed(theta) + total

    def _allowed(self, theta: Array) -> Array:
        """Zero where all that follows from others is in its range, else minus infinity: (n,)."""
        total = np.zeros(len(theta))
        for rule in self.model.values():
            if rule.bounded:
                value = rule(theta)
                total[~((value >= rule.lower) & (value <= rule.upper))] = -np.inf
        derived = self.derived(theta)
        for formula in self.formulas:
            outside = formula.outside(derived[formula.name])
            total[np.broadcast_to(outside, total.shape)] = -np.inf
        for passed in self.passed(theta):
            total[~passed] = -np.inf
        return total

    def transform(self, u: Array) -> Array:
        """Map the unit cube to the prior, that without cuts.

        So an evidence that is an integral over the cube, with zero likelihood outside the cuts, is
        that of the prior with cuts times `kept`.

        Parameters
        ----------
        u : (n, ndim) array
            In [0, 1].

        Returns
        -------
        (n, ndim) array
        """
        return joint_prior.transform(self.priors, self.batch(u))

    def whitened(self, widths: Array) -> Array:
        """Widths (ndim,) as a lower-triangular matrix, correlated priors whitened."""
        return joint_prior.whitened(self.priors, widths)

    def diffuse(self, theta: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters so that their prior stays invariant: (n, ndim).

        Parameters
        ----------
        theta : (n, ndim) array
        step : float
            Between 0 and 1.
        normals : (n, ndim) array
            Standard normal numbers.

        Returns
        -------
        (n, ndim) array
            In coordinates z in which the prior is standard normal, z becomes
            ``sqrt(1 - step^2) z + step normals``; other parameters stay.
        """
        moved = joint_prior.diffuse(self.priors, self.batch(theta), step, normals)
        return np.where(self.constrained, moved, theta)

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior, where tied parameters are defined and in their ranges.

        Parameters
        ----------
        rng : numpy.random.Generator
        size : int
            Number of points.

        Returns
        -------
        (size, ndim) array

        Raises
        ------
        ParameterError
            Ties leave (nearly) nothing of the prior.
        """
        if self.cuts:
            return self._sample_cut(rng, size)
        points = self.transform(rng.random((size, self.ndim)))
        for _ in range(100):
            bad = ~np.isfinite(self.log_prior(points))
            for undefined in self.undefined(points).values():
                bad |= undefined
            if not bad.any():
                return points
            points[bad] = self.transform(rng.random((int(bad.sum()), self.ndim)))
        raise ParameterError(
            "tied parameters are outside their ranges, or not defined, nearly everywhere in the "
            "prior: narrow the priors of the parameters that they are made of."
        )

    def _sample_cut(self, rng: np.random.Generator, size: int) -> Array:
        """Points of the prior without cuts that pass them: (size, ndim)."""
        uncut = replace(self, cuts=(), kept=Kept())
        parts, missing = [np.empty((0, self.ndim))], size
        while missing:  # with_fraction has seen to it that not too few pass
            ask = min(int(1.2 * missing / self.kept.fraction) + 16, _MOST_AT_ONCE)
            points = uncut.sample_prior(rng, ask)
            parts.append(points[np.all(self.passed(points), axis=0)][:missing])
            missing -= len(parts[-1])
        return np.concatenate(parts)

    def pack(self, point: Mapping[str, float]) -> Array:
        """Point from names; free parameters that are not named are at their start.

        Parameters
        ----------
        point : mapping of str to float
            Free parameter -> value, in its unit.

        Returns
        -------
        (1, ndim) array

        Raises
        ------
        UnknownNameError
            A name is not a free parameter.
        ParameterError
            A value is not one finite real number.
        """
        check_kind("the point", point, Mapping, "a mapping of names of free parameters to numbers")
        theta = self.start[None]
        for name, value in point.items():
            theta[0, self.index(name)] = check_number(name, value)
        return theta

    def batch(self, theta: Array) -> Array:
        """Points as an array (n, ndim) of floats.

        Raises
        ------
        ParameterError
            If they have another shape or are not real numbers.
        """
        theta = real_array("theta", theta, "an array (n, d) of real numbers")
        if theta.ndim != 2 or theta.shape[1] != self.ndim:
            raise ParameterError(
                f"parameter points have the shape {theta.shape}: (n, {self.ndim}) is needed, with "
                f"columns {', '.join(self.names) or 'none'}."
            )
        return theta
