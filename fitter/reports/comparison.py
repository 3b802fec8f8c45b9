"""Whether Wilks' theorem holds at a reference point, and which significance can be told instead.

The theorem asks that every parameter tested exists at the reference point, that none lies on a
bound there, and that the predictions know each of them at first order. A mass without a coupling,
a rate at zero, a coupling of which only the square matters: each breaks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...chains.tables.significance import one_sided_significance, significance
from ...errors import PredictionError
from ..drivers.target import Array
from ..problem import Problem
from .reference import Reference

__all__ = ["Tested", "comparison", "parameters_tested"]

# Values over the support of a parameter at which it may show that it exists.
_LOOKS = 12
# Changes of predictions, in units of them, below which nothing has changed.
_SAME = 1e-9
# Part of a change over a step that must be of first order.
_FIRST_ORDER = 1e-6
# Distance from a bound, in typical changes, that is none.
_ON_BOUND = 1e-6
# Singular values of the derivatives, in units of the largest, that are none.
_RANK = 1e-6
_PENALTIES = "Priors of inputs and form factors count as data."


@dataclass(frozen=True)
class Tested:
    """What the reference point fixes, by what it is there.

    Attributes
    ----------
    regular : tuple of str
        Parameters that exist there, on no bound and known at first order.
    bound : tuple of str
        Those on a bound.
    even : tuple of str
        Those of which the predictions know only the square of the distance from there.
    missing : tuple of str
        Those that no prediction knows of there.
    rank : int
        Independent combinations of `regular` that the predictions know at first order.
    """

    regular: tuple[str, ...]
    bound: tuple[str, ...]
    even: tuple[str, ...]
    missing: tuple[str, ...]
    rank: int


def parameters_tested(problem: Problem, reference: Array, fixed: Iterable[int]) -> Tested:
    """Sort the parameters that a reference point fixes.

    Parameters
    ----------
    problem : Problem
    reference : (d,) array
    fixed : iterable of int
        Columns of those parameters.

    Returns
    -------
    Tested
    """
    here = _predicted(problem, reference[None])
    groups: dict[str, list[int]] = {kind: [] for kind in ("regular", "bound", "even", "missing")}
    slopes = []
    for column in sorted(fixed):
        kind, slope = _kind(problem, reference, column, here)
        groups[kind].append(column)
        if kind == "regular":
            slopes.append(slope)
    values = np.linalg.svd(np.array(slopes), compute_uv=False) if slopes else np.empty(0)
    rank = int((values > _RANK * values.max(initial=0.0)).sum()) if len(values) else 0
    names = {kind: tuple(problem.names[i] for i in found) for kind, found in groups.items()}
    return Tested(**names, rank=rank)


def _predicted(problem: Problem, theta: Array) -> Array:
    """All predictions at points (n, d), side by side: (n, m); NaN where there is none."""
    try:
        parts = [np.reshape(part, (len(theta), -1)) for part in problem.predictions(theta).values()]
    except PredictionError:
        if len(theta) == 1:
            return np.full((1, 1), np.nan)
        rows = [_predicted(problem, row[None]) for row in theta]
        width = max(row.shape[1] for row in rows)
        return np.concatenate([np.resize(row, (1, width)) for row in rows])
    return np.concatenate(parts, axis=1)


def _kind(problem: Problem, reference: Array, column: int, here: Array) -> tuple[str, Array]:
    """What a parameter is at the reference point; its derivatives per typical change."""
    low, high = np.asarray(problem.bounds)[column]
    places = _places(problem, reference, column)
    theta = np.repeat(reference[None], len(places), axis=0)
    theta[:, column] = places
    nothing = np.zeros(here.shape[1])
    if not _moved(_predicted(problem, theta), here).any():
        return "missing", nothing
    scale = float(np.asarray(problem.scale)[column])
    at, step = reference[column], min(scale, (high - low) / 4.0)
    if min(at - low, high - at) <= _ON_BOUND * step or problem.logarithmic[column]:
        on = min(at - low, high - at) <= 1e-6 * (abs(at) if problem.logarithmic[column] else step)
        if on:
            return "bound", nothing
    step = min(step, at - low, high - at)
    both = np.repeat(reference[None], 2, axis=0)
    both[:, column] = at + step, at - step
    up, down = _predicted(problem, both)
    odd, even = up - down, up + down - 2.0 * here[0]
    size = _size(here[0])
    if (abs(odd) <= _FIRST_ORDER * abs(even) + _SAME * size).all():
        return "even", nothing
    return "regular", np.nan_to_num(odd / size)


def _places(problem: Problem, reference: Array, column: int) -> Array:
    """Values of a parameter over its prior, and a typical change from the reference point."""
    drawn = problem.sample_prior(np.random.default_rng(column), _LOOKS)[:, column]
    low, high = np.asarray(problem.bounds)[column]
    scale = np.asarray(problem.scale)[column]
    beside = np.clip(reference[column] + scale * np.array([-1.0, 1.0]), low, high)
    return np.concatenate([drawn, beside])


def _size(values: Array) -> Array:
    largest = abs(values).max(initial=0.0)
    result: Array = np.maximum(abs(values), 1e-12 * (largest if largest > 0.0 else 1.0))
    return result


def _moved(values: Array, here: Array) -> Array:
    """Which points predict something else: (n,) bool."""
    if values.shape[1] != here.shape[1]:
        return np.ones(len(values), dtype=bool)
    with np.errstate(invalid="ignore"):
        found: Array = (abs(values - here) > _SAME * _size(here[0])).any(axis=1)
    lost: Array = np.isnan(values).any(axis=1) & ~np.isnan(here).any()
    result: Array = found | lost
    return result


def comparison(
    problem: Problem, fixed: Reference, reference: Array, best: Array, delta: float
) -> dict[str, Any]:
    """Fields of `BestFit` on the significance of a best fit against the reference point.

    Parameters
    ----------
    problem : Problem
    fixed : Reference
        What the reference point fixes.
    reference, best : (d,) arrays
    delta : float
        -2 ln of the ratio of the likelihoods.

    Returns
    -------
    dict
        reference_dof, reference_test, reference_p_value, reference_sigma, reference_remark.
    """
    tested = parameters_tested(problem, reference, fixed.columns)
    kinds = (tested.regular, tested.bound, tested.even)
    exist = [name for kind in kinds for name in kind]
    label = fixed.label
    faults = _faults(tested, label)
    found: dict[str, Any] = {"reference_dof": len(exist), "reference_test": "none"}
    local = "local, " if tested.missing else ""
    p_value = sigma = np.nan
    if len(exist) == 1 and (tested.bound or tested.even):
        p_value, sigma = one_sided_significance(delta)
        found["reference_test"] = "local, one-sided"
    elif len(exist) == 1 and exist[0] in problem.model.one_sided:
        column = problem.names.index(exist[0])
        p_value, sigma = one_sided_significance(delta, bool(best[column] >= reference[column]))
        found["reference_test"] = f"{local}one-sided"
    elif exist and (not faults or (len(exist) == 1 and tested.rank == 1)):
        p_value, sigma = significance(delta, len(exist))
        found["reference_test"] = f"{local}two-sided"
    return found | {
        "reference_p_value": p_value,
        "reference_sigma": sigma,
        "reference_remark": _remark(tested, faults, found["reference_test"], label)
        or _PENALTIES * bool(problem.constrained.any() and found["reference_test"] != "none"),
    }


def _faults(tested: Tested, label: str) -> list[str]:
    """Why Wilks' theorem does not hold; empty if it does."""
    faults = []
    if tested.missing:
        verb = "does" if len(tested.missing) == 1 else "do"
        faults.append(f"{_listed(tested.missing)} {verb} not exist at {label}")
    if tested.bound:
        verb = "lies on its bound" if len(tested.bound) == 1 else "lie on their bounds"
        faults.append(f"{_listed(tested.bound)} {verb} there")
    if tested.even:
        faults.append(f"the predictions know only the square of {_listed(tested.even)} there")
    if tested.rank < len(tested.regular):
        faults.append(
            f"at first order the predictions know {tested.rank} of the {len(tested.regular)} "
            f"combinations of {_listed(tested.regular)} there"
        )
    return faults


def _remark(tested: Tested, faults: Sequence[str], test: str, label: str) -> str:
    """Sentences on the kind of the significance."""
    if not faults:
        return ""
    text = f"Wilks' theorem is not quoted: {'; '.join(faults)}."
    if test == "none":
        return f"{text} Toys at {label} are needed for a significance."
    if tested.missing:
        held = _listed(tested.missing)
        return f"{text} Local: for {held} as fitted; toys at {label} are needed for the global one."
    return f"{text} Toys at {label} are needed beyond this asymptotic figure."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
