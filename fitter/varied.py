"""Draws of what predictions rest on: constants and form factors, as far as they have errors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..data.records import Constant, FormFactorSet
    from ..physics.inputs import Inputs
    from ..physics.observables import Observable

__all__ = ["drawn_coefficients", "normalised", "stream", "varied_inputs"]

Array = np.ndarray


def varied_inputs(
    inputs: Inputs,
    observable: Observable,
    constants: Mapping[str, Array],
    samples: int,
    seed: int,
) -> Inputs:
    """Inputs with draws of what has an error and is not given.

    Parameters
    ----------
    inputs : Inputs
    observable : Observable
        Of which the error is asked.
    constants : mapping of str to array
        Those that are given.
    samples : int
    seed : int

    Returns
    -------
    Inputs
        Of `samples` points; the same draws for all observables whose errors are parametric.
    """
    from ..data.constants import constants as all_constants
    from ..data.constants import kept_name
    from ..physics.inputs import DEFAULT_FORM_FACTORS

    given = {kept_name(name) for name in constants}
    varied = {
        name: _drawn(record, samples, seed)
        for name, record in all_constants().items()
        if record.error > 0 and record.gives is None and name not in given
        if _counts(name, observable)
    }
    if normalised(observable):
        return inputs.replace(constants={**varied, **constants})
    coefficients = {
        process: drawn_coefficients(inputs.form_factors(process).source, samples, seed)
        for process in DEFAULT_FORM_FACTORS
    }
    return inputs.replace(constants={**varied, **constants}, coefficients=coefficients)


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one quantity, which depend on the seed and its name alone.

    Parameters
    ----------
    seed : int
        Not negative.
    name : str
        Of a constant or of a set of form factors.

    Returns
    -------
    numpy.random.Generator
    """
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "little")])


def _drawn(record: Constant, samples: int, seed: int) -> Array:
    """Draws of a constant from a normal distribution, those outside its range drawn again."""
    rng, (lower, upper) = stream(seed, record.name), record.allowed
    values: Array = record.value + record.error * rng.standard_normal(samples)
    while (outside := (values < lower) | (values > upper)).any():
        values[outside] = record.value + record.error * rng.standard_normal(int(outside.sum()))
    return values


def drawn_coefficients(source: FormFactorSet, samples: int, seed: int) -> Array:
    """Draws of the coefficients of a set from their normal distribution.

    Parameters
    ----------
    source : FormFactorSet
        Of m coefficients.
    samples : int
    seed : int

    Returns
    -------
    (samples, m) array
    """
    sigma = np.sqrt(np.diag(source.covariance))
    free = sigma > 0.0
    # Cholesky's factor is unique; eigenvectors, of which the library picks the sign, are not.
    correlation = source.covariance[np.ix_(free, free)] / np.outer(sigma[free], sigma[free])
    factor = np.linalg.cholesky(correlation)
    normals = stream(seed, source.id).standard_normal((samples, len(factor)))
    values: Array = np.tile(source.central, (samples, 1))
    values[:, free] += sigma[free] * (normals @ factor.T)
    return values


def _counts(name: str, observable: Observable) -> bool:
    """Whether the error of a constant is part of that of a prediction."""
    from ..data.constants import constant

    if normalised(observable):
        return name in observable.theory
    # Masses are known far better than anything else, and fixed masses keep the kernels in cache.
    return not constant(name).role


def normalised(observable: Observable) -> bool:
    """Whether the error is that of a factor on the prediction, form factors and all."""
    from ..data.constants import constant

    return any(constant(name).role == "normalisation" for name in observable.theory)
