"""What predictions written as polynomials rest on: inputs that matter, errors, correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...data.constants import constants as all_constants
from ...data.records import Constant
from ...physics.inputs import DEFAULT_FORM_FACTORS, Inputs
from ...physics.observable import Observable
from ...physics.wilson import Wilson
from ..parameters.priors import Array
from ..predict import predict_with_error
from ..varied import varied_inputs

__all__ = ["errors_and_correlation", "inputs_that_matter"]

_SEED = 1
# Relative change of an exactly known constant, small enough to stay in its range.
_TINY = 1e-6


def errors_and_correlation(
    records: Sequence[Observable], inputs: Inputs, samples: int
) -> tuple[list[float], list[list[float]]]:
    """Standard deviations of predictions in the Standard Model, and their correlations.

    Parameters
    ----------
    records : sequence of Observable
        m of them.
    inputs : Inputs
    samples : int
        Joint draws.

    Returns
    -------
    errors : list of float
        As of `predict_with_error`.
    correlation : list of lists of float
        (m, m), of the draws; 0 where an observable has no error.
    """
    drawn = np.stack(
        [
            np.ravel(
                record(Wilson(size=samples), varied_inputs(inputs, record, {}, samples, _SEED))
            )
            for record in records
        ]
    )
    errors = [float(predict_with_error(one, samples=samples, seed=_SEED)[1]) for one in records]
    deviations = drawn - drawn.mean(axis=1, keepdims=True)
    sigma = np.sqrt((deviations**2).mean(axis=1))
    # A ratio to the Standard Model is 1 at each draw, but for rounding.
    moves = sigma > 1e-12 * np.abs(drawn.mean(axis=1))
    scaled = np.where(moves[:, None], deviations / np.where(moves, sigma, 1.0)[:, None], 0.0)
    correlation = scaled @ scaled.T / samples
    np.fill_diagonal(correlation, 1.0)
    errors = [error if one else 0.0 for error, one in zip(errors, moves.tolist(), strict=True)]
    return errors, correlation.tolist()


def inputs_that_matter(records: Sequence[Observable], inputs: Inputs) -> dict[str, Any]:
    """Constants and coefficients of form factors on which predictions depend.

    Parameters
    ----------
    records : sequence of Observable
    inputs : Inputs

    Returns
    -------
    dict
        Name: number, or mean and std; coefficients of a set together, with their correlation.
    """
    found: dict[str, Any] = {}
    names = [name for name, record in all_constants().items() if record.gives is None]
    known = all_constants()
    moved = _moved(
        records,
        [inputs.replace(constants={name: _shifted(known[name], inputs)}) for name in names],
        inputs,
    )
    for name, matters in zip(names, moved, strict=True):
        if matters:
            value, error = float(inputs.constant(name)[0]), known[name].error
            found[name] = {"mean": value, "std": error} if error > 0 else value
    for process in DEFAULT_FORM_FACTORS:
        source = inputs.form_factors(process).source
        step = np.sqrt(np.diag(source.covariance)) + (np.diag(source.covariance) == 0.0) * _TINY
        other = inputs.replace(coefficients={process: (source.central + step)[None]})
        if _moved(records, [other], inputs)[0]:
            found |= _set(source)
    return found


def _shifted(record: Constant, inputs: Inputs) -> Array:
    """A constant a little away from where it is."""
    value = inputs.constant(record.name)
    step = record.error or _TINY * abs(value[0]) or _TINY
    lower, upper = record.allowed
    shifted: Array = np.where(value + step <= upper, value + step, np.maximum(value - step, lower))
    return shifted


def _moved(records: Sequence[Observable], others: Sequence[Inputs], inputs: Inputs) -> list[bool]:
    """Whether any prediction differs with other inputs."""
    # At coefficients away from the Standard Model, so that what cancels there is seen.
    matrix = 3.0 * (np.eye(3) + 0.1)
    wilson = Wilson({"dC_L": matrix, "dC_R": 0.5 * matrix})
    centre = [np.ravel(record(wilson, inputs)) for record in records]
    return [
        any(
            not np.allclose(np.ravel(record(wilson, other)), value, rtol=1e-13, atol=0.0)
            for record, value in zip(records, centre, strict=True)
        )
        for other in others
    ]


def _set(source: Any) -> Mapping[str, Any]:
    """Coefficients of a set of form factors, in the form of the format for correlated inputs."""
    sigma = np.sqrt(np.diag(source.covariance))
    free = sigma > 0.0
    names = [f"{source.id}: {name}" for name in np.array(source.names)[free].tolist()]
    correlation = source.covariance[np.ix_(free, free)] / np.outer(sigma[free], sigma[free])
    return {
        repr(tuple(names)): {
            "mean": np.asarray(source.central)[free].tolist(),
            "std": sigma[free].tolist(),
            "corr": correlation.tolist(),
        }
    }
