"""The prior of a signal stated in a rate instead of a coupling, for evidences of several models.

Uniform in the rate B of the new part alone, up to an end R, at any mass: for B proportional to
|g - g0|^k with g0 that of the reference point, the density in the coupling g is

    pi'(g) = k B(g) / (|g - g0| R)    where B <= R,

half of it on each side if g may be on both. Other priors stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....errors import ParameterError
from ...drivers.target import Array
from ...problem import Problem
from ..comparison import parameters_tested
from ..reference import reference_point

__all__ = ["CommonPrior", "common_prior"]

# Relative difference of a rate from a power law that is none.
_SAME = 1e-6
_PROBES, _DRAWS = 8, 512
# Outer part of a range, and part of the posterior in it that is none.
_OUTER, _NOTHING = 0.05, 1e-3


@dataclass(frozen=True, eq=False)
class CommonPrior:
    """The coupling of a signal, and the rate in which its prior is stated.

    Attributes
    ----------
    problem : Problem
    rate : str
        Observable, such as ``"BR(B+->Knunu)"``.
    column : int or None
        Of the coupling; None without a signal.
    origin : float
        Its value at the reference point.
    power : int
        Of the coupling, to which the rate of the new part is proportional.
    """

    problem: Problem
    rate: str
    column: int | None = None
    origin: float = 0.0
    power: int = 0

    def new_rate(self, theta: Array) -> Array:
        """Rate of the new part alone at points (n, d): (n,)."""
        without = np.array(theta)
        without[:, self.column] = self.origin
        both = self.problem.observable(self.rate, np.concatenate([theta, without]))
        found: Array = both[: len(theta)] - both[len(theta) :]
        return found

    def log_ratio(self, theta: Array, end: float) -> Array:
        """Logarithm of this prior density over that of the problem at its points (n, d): (n,).

        Parameters
        ----------
        theta : (n, d) array
        end : float
            Upper end of the rate.
        """
        if self.column is None:
            return np.zeros(len(theta))
        rate = self.new_rate(theta)
        away = abs(theta[:, self.column] - self.origin)
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.log(self.power * rate / (away * end)) - np.log(len(self._sides))
        log -= self._log_prior(theta[:, self.column])
        return np.where((rate > 0.0) & (rate <= end), log, -np.inf)

    def covered(self, end: float, seed: int = 0) -> float:
        """Part of this prior that the range of the coupling reaches: 1 if all of it."""
        if self.column is None:
            return 1.0
        theta = self.problem.sample_prior(np.random.default_rng(seed), _DRAWS)
        parts = []
        for side in self._sides:
            theta[:, self.column] = side
            parts.append(np.clip(self.new_rate(theta) / end, 0.0, 1.0).mean())
        return float(np.mean(parts))

    @property
    def name(self) -> str:
        """Of the coupling; empty without a signal."""
        return "" if self.column is None else self.problem.names[self.column]

    def reaches(self, theta: Array, weights: Array, end: float) -> bool:
        """Whether nothing is lost beyond the range of the coupling.

        Parameters
        ----------
        theta : (n, d) array
            Points of the posterior with this prior.
        weights : (n,) array
            With sum 1.
        end : float

        Returns
        -------
        bool
            True if the range reaches all of the prior, or the posterior has died out before its
            ends: less than 0.1 % of it in the last twentieths.
        """
        if self.column is None or self.covered(end) > 1.0 - _NOTHING:
            return True
        if not len(theta):
            return False
        away = abs(theta[:, self.column] - self.origin)
        low, high = self.problem.bounds[self.column]
        length = np.where(theta[:, self.column] > self.origin, high - self.origin,
                          self.origin - low)  # fmt: skip
        return bool(weights[away > (1.0 - _OUTER) * length].sum() < _NOTHING)

    @property
    def _sides(self) -> list[float]:
        """Ends of the range of the coupling that are not its origin."""
        assert self.column is not None
        return [float(x) for x in self.problem.bounds[self.column] if x != self.origin]

    def _log_prior(self, values: Array) -> Array:
        first = 0
        for prior in self.problem.table.priors:
            if first == self.column:
                return np.asarray(prior.log_pdf(values[:, None]))
            first += prior.size
        raise AssertionError(self.column)


def common_prior(problem: Problem, rate: str) -> CommonPrior:
    """Find the coupling of the signal of a problem.

    Parameters
    ----------
    problem : Problem
    rate : str
        Observable in which the prior is to be stated.

    Returns
    -------
    CommonPrior

    Raises
    ------
    ParameterError
        If there is no reference point, or the signal is not one coupling whose power is the rate.
    UnknownNameError
        If there is no such observable.
    """
    problem.record(rate)
    reference = reference_point(problem)
    if reference is None:
        raise ParameterError(
            f"a prior in {rate} needs the point without signal inside the priors of the couplings."
        )
    if not reference.columns:
        return CommonPrior(problem, rate)
    origin = problem.start.copy()
    origin[list(reference.columns)] = list(reference.columns.values())
    tested = parameters_tested(problem, origin, reference.columns)
    couplings = [*tested.regular, *tested.bound, *tested.even]
    if len(couplings) != 1:
        raise ParameterError(
            f"a prior in {rate} needs one coupling: {', '.join(couplings) or 'none'} of "
            f"{', '.join(problem.names[i] for i in reference.columns)} exist at "
            f"{reference.label}."
        )
    column = problem.names.index(couplings[0])
    made = CommonPrior(problem, rate, column, float(origin[column]))
    return CommonPrior(problem, rate, column, made.origin, _power(made, couplings[0]))


def _power(prior: CommonPrior, name: str) -> int:
    """Power of the coupling to which the rate of the new part is proportional."""
    problem, column = prior.problem, prior.column
    theta = problem.sample_prior(np.random.default_rng(0), _PROBES)
    steps = []
    for side in prior._sides:
        for part in (0.25, 0.5):
            moved = np.array(theta)
            moved[:, column] = prior.origin + part * (side - prior.origin)
            steps.append(prior.new_rate(moved))
    small, large = np.concatenate(steps[::2]), np.concatenate(steps[1::2])
    some = small > 0.0
    if some.any() and (large[~some] == 0.0).all():
        with np.errstate(divide="ignore"):
            powers = np.log2(large[some] / small[some])
        power = round(float(np.median(powers)))
        if power >= 1 and np.allclose(powers, power, rtol=0.0, atol=_SAME):
            return power
    raise ParameterError(
        f"a prior in {prior.rate} needs a new part that is proportional to a power of {name}, and "
        "positive: it is not."
    )
