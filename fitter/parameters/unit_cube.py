"""From the unit cube to the joint prior, for samplers that know nothing else of it."""

from __future__ import annotations

import numpy as np

from ...errors import ParameterError
from .priors import Array, Prior
from .records import Affine
from .table import ParameterTable

__all__ = ["log_tied_content", "prior_transform"]

# Points of the cube at which expressions are tried.
_TRIED = 2048


def prior_transform(table: ParameterTable, unit: Array) -> Array:
    """Inverse distribution function of the joint prior, parameter by parameter.

    Correlated normals come from their Cholesky factor; where a tied parameter would leave its
    range the prior of the one that it is tied to is cut. 0 and 1 are the ends of a support, or of
    an open one 8.2 standard deviations away.

    Parameters
    ----------
    table : ParameterTable
    unit : (n, d) array
        In [0, 1].

    Returns
    -------
    (n, d) array
        Uniform numbers become draws of the prior, as those of `ParameterTable.sample_prior`.

    Raises
    ------
    ParameterError
        If a number is not in [0, 1], if nothing of a prior is left, or if the value of an
        expression (a disallowed one, or none at all) cuts the prior: no map is known then.
    """
    unit = table.batch(unit)
    if not ((unit >= 0.0) & (unit <= 1.0)).all():
        point, column = np.argwhere(~((unit >= 0.0) & (unit <= 1.0)))[0]
        raise ParameterError(
            f"{table.names[column]}: {unit[point, column]!s} at point {point} is not allowed: it "
            "must be a number of the unit cube, between 0 and 1."
        )
    _refuse_cuts(table, table.transform(np.random.default_rng(0).random((_TRIED, table.ndim))))
    theta = _transformed(table, unit)
    _refuse_cuts(table, theta)
    return theta


def _transformed(table: ParameterTable, unit: Array) -> Array:
    """Points of the unit cube at the quantiles of the priors, cut where ties leave their ranges."""
    theta, first = np.empty_like(unit), 0
    for prior in table.priors:
        columns = slice(first, first + prior.size)
        rules = _rules(table, first, prior)
        part = unit[:, columns]
        theta[:, columns] = (
            _cut(prior, rules, part, table.names[first]) if rules else prior.ppf(part)
        )
        first = columns.stop
    return theta


def log_tied_content(table: ParameterTable) -> float:
    """Logarithm of the part of the prior that ties leave, without that of the cuts.

    `ParameterTable.log_prior` is not normalised for it, `prior_transform` is.

    Parameters
    ----------
    table : ParameterTable

    Returns
    -------
    float
        Zero if nothing is cut.

    Raises
    ------
    ParameterError
        As for `prior_transform`.
    """
    total, first = 0.0, 0
    for prior in table.priors:
        rules = _rules(table, first, prior)
        if rules:
            below, above = _ends(prior, rules, table.names[first])[2:]
            total += float(np.log(above - below))
        first += prior.size
    return total


def _rules(table: ParameterTable, first: int, prior: Prior) -> list[Affine]:
    """Ties with a range to the parameters of a prior, whose first column is given."""
    return [
        rule
        for rule in table.model.values()
        if rule.bounded and rule.column is not None and first <= rule.column < first + prior.size
    ]


def _ends(prior: Prior, rules: list[Affine], name: str) -> tuple[float, float, float, float]:
    """Ends that ties leave of the prior of one parameter, and its distribution there."""
    if prior.size > 1:
        raise ParameterError(
            f"a parameter with a range of its own is tied to {name}, one of several that are "
            "correlated: the cut prior has no map from the unit cube."
        )
    lower, upper = (float(end[0]) for end in prior.support)
    for rule in rules:
        ends = sorted((end - rule.plus) / rule.times for end in (rule.lower, rule.upper))
        lower, upper = max(lower, ends[0]), min(upper, ends[1])
    if not lower < upper:
        raise ParameterError(f"what is tied to {name} leaves nothing of its prior: widen a range.")
    below, above = (float(prior.cdf(np.array([[end]]))[0, 0]) for end in (lower, upper))
    if not below < above:
        raise ParameterError(f"what is tied to {name} leaves next to nothing of its prior.")
    return lower, upper, below, above


def _cut(prior: Prior, rules: list[Affine], part: Array, name: str) -> Array:
    """Quantiles (n, 1) of the prior of one parameter between the ends that its ties allow."""
    lower, upper, below, above = _ends(prior, rules, name)
    if (below, above) == (0.0, 1.0):
        return prior.ppf(part)
    theta = np.clip(prior.ppf(below + part * (above - below)), lower, upper)
    middle = lower + 0.5 * (upper - lower) if np.isfinite(lower + upper) else 0.0
    for rule in rules:  # at its end a rounding may lead out of the range
        value = rule.times * theta + rule.plus
        out = (value < rule.lower) | (value > rule.upper)
        while out.any():
            theta[out] = np.nextafter(theta[out], middle)
            value = rule.times * theta + rule.plus
            out = (value < rule.lower) | (value > rule.upper)
    return theta


def _refuse_cuts(table: ParameterTable, theta: Array) -> None:
    """Raise if the value of an expression is not allowed, or not defined, at one of the points."""
    if not table.formulas:
        return
    derived, undefined = table.derived(theta), table.undefined(theta)
    for formula in table.formulas:
        if formula.name in undefined:
            why = "is not defined"
        elif formula.outside(derived[formula.name]).any():
            why = f"leaves its range [{formula.lower:g}, {formula.upper:g}]"
        else:
            continue
        raise ParameterError(
            f"{formula.name} {why} in a part of the prior, and a prior that an expression cuts has "
            "no map from the unit cube: narrow the priors of the parameters that it is made of."
        )
