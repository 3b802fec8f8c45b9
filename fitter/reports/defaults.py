"""Where free parameters are when all that is made of them has the defaults of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..parameters.priors import Array
from ..parameters.table import ParameterTable

__all__ = ["default_columns"]

# Distance from a default that is none, in units of the default or of the distance at the start.
_SAME = 1e-9
_FAR = 1e6


def default_columns(
    table: ParameterTable, defaults: Mapping[str, float]
) -> dict[int, float] | None:
    """Columns at which the parameters of the model have their defaults.

    Free parameters of the model are put at their defaults, or the end of the support that is
    nearest: a mass matters not where the couplings are zero. For auxiliary ones values are looked
    for, inside their supports, at which everything that is made of them has its default too; the
    values that change the fewest of them are taken. (Of a coupling in polar form the modulus
    becomes zero, and the phase stays at its start.) Whether such a point is the reference is for
    `reference.is_reference` to say.

    Parameters
    ----------
    table : ParameterTable
    defaults : mapping of str to float
        Every parameter of the model.

    Returns
    -------
    dict of int to float, or None
        None if there is no such point in the support of the priors.
    """
    free = table.free
    fixed = {
        column: float(np.clip(defaults[entry.name], *table.bounds[column]))
        for column, entry in enumerate(free)
        if entry.role == "model"
    }
    own = [column for column, entry in enumerate(free) if entry.role == "auxiliary"]
    if not own:
        return fixed
    point = table.start
    point[list(fixed)] = list(fixed.values())
    found = _solve(table, defaults, point, np.array(own))
    return None if found is None else fixed | dict(zip(own, found.tolist(), strict=True))


def _solve(
    table: ParameterTable, defaults: Mapping[str, float], point: Array, own: Array
) -> Array | None:
    """Values of the auxiliary columns `own` at which the model has its defaults."""
    names = _made_of(table, own)
    target = np.array([defaults[name] for name in names])
    lower, upper = table.bounds[own].T

    def difference(values: Array) -> Array:
        """Of each parameter of the model and its default: (n, m)."""
        theta = np.repeat(point[None], len(values), axis=0)
        theta[:, own] = values
        model = table.values(theta).model
        columns = [np.broadcast_to(model[name], (len(values),)) for name in names]
        result: Array = np.stack(columns, axis=1) - target
        return result

    size = np.maximum(abs(target), abs(np.nan_to_num(difference(point[None, own])[0])))
    size[size == 0.0] = 1.0

    def distance(values: Array) -> Array:
        """The same in units of its size; far where it is not defined."""
        scaled = difference(values) / size
        return np.where(np.isnan(scaled), _FAR, scaled)

    start = np.clip(point[own], lower, upper)
    trials = _trials(start, [np.clip(0.0, lower, upper), lower, upper])
    good = abs(distance(trials)).max(axis=1, initial=0.0) <= _SAME
    if good.any():
        found: Array = trials[int(good.argmax())]
        return found
    return _search(distance, trials, lower, upper)


def _made_of(table: ParameterTable, own: Array) -> list[str]:
    """Parameters of the model that depend on some of the columns."""
    chosen = set(own.tolist())
    names = [name for name, rule in table.model.items() if rule.column in chosen]
    moved: set[str] = set()
    for formula in table.formulas:
        direct = any(rule.column in chosen for rule in formula.sources.values())
        if direct or moved & set(formula.expression.names):
            moved.add(formula.name)
            if formula.role == "model":
                names.append(formula.name)
    return names


def _trials(start: Array, ends: Sequence[Array]) -> Array:
    """Start, then at each of the ends one column after the other and all: (n, m).

    Ends that are infinite are left out.
    """
    trials = [start[None]]
    for end in ends:
        place = np.where(np.isfinite(end), end, start)
        single = np.where(np.eye(len(start), dtype=bool), place, start)
        trials += [single, place[None]]
    return np.concatenate(trials)


def _search(
    distance: Callable[[Array], Array], trials: Array, lower: Array, upper: Array
) -> Array | None:
    """Least squares from the trials; None if none ends at the defaults."""
    from scipy.optimize import least_squares

    for trial in trials:
        # The algorithm has to begin inside of the bounds.
        inner = np.clip(trial, np.nextafter(lower, upper), np.nextafter(upper, lower))
        result = least_squares(
            lambda x: distance(x[None])[0],
            inner,
            bounds=(lower, upper),
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        )
        if abs(result.fun).max() <= _SAME:
            found: Array = result.x
            return found
    return None
