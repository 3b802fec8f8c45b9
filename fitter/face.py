"""The Python face of bsinv: load an analysis, make a prediction, get a likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError, UnknownNameError

if TYPE_CHECKING:
    from ..likelihoods.base import Term
    from ..models import Model
    from ..physics.inputs import Inputs
    from ..physics.observables import Observable
    from .analysis import Analysis

__all__ = ["likelihood", "load", "predict", "predict_with_error"]

Array = np.ndarray

# Kinematic keywords of observables that are on or off.
_SWITCHES = ("long_distance",)


def load(source: str | Path | Mapping[str, Any], model: Model | None = None) -> Analysis:
    """Load an analysis.

    Parameters
    ----------
    source : str, path or mapping
        Name of a built-in analysis (``bsinv list analyses``), a file, YAML text, or a mapping of
        the same form.
    model : Model, optional
        A model of your own (a subclass of `bsinv.models.Model`), which the analysis names.

    Returns
    -------
    Analysis

    Raises
    ------
    AnalysisError
        If it cannot be found or has faults.
    """
    from .analysis import Analysis
    from .builtin import resolve

    return Analysis(resolve(source), model)


def likelihood(name: str, **options: Any) -> Term:
    """Likelihood term by name.

    Parameters
    ----------
    name : str
        ``belle2-2023-bknunu`` or the id of a measurement (``bsinv list likelihoods``).
    **options
        Fields of `likelihoods.catalogue.TermOptions`.

    Returns
    -------
    Term
        With ``log_likelihood(prediction)``; for Belle II the prediction is an (n, 100) array, the
        branching fraction in uniform bins of q^2 on [0, 22.885] GeV^2. With ``response="linear"``
        it is that weighted with the hat function of each bin, as ``predict`` gives it
        (`likelihoods.response`).

    Raises
    ------
    UnknownNameError
        If there is no such likelihood or option.
    """
    import dataclasses

    from ..likelihoods.catalogue import TermOptions, term

    known = {entry.name for entry in dataclasses.fields(TermOptions)}
    for option in options:
        if option not in known:
            raise UnknownNameError("likelihood option", option, known)
    return term(name, TermOptions(**options))


def predict(
    observable: str, model: str | Model = "wet", **parameters: ArrayLike | bool
) -> float | Array:
    """Prediction of an observable.

    Parameters
    ----------
    observable : str
        Such as ``"BR(B+->Knunu)"`` (``bsinv list observables``).
    model : str or Model
        Such as ``"wet"`` (``bsinv list models``), or one of your own; its parameters are at their
        defaults, the Standard Model, unless given.
    **parameters
        Parameters of the model, constants of `bsinv.data`, and kinematics of the observable
        (``q2``, ``q2min``, ``q2max``); numbers or arrays of one length n.

    Returns
    -------
    float, (n,) or (n, k) array
        A float if nothing was given as an array.

    Raises
    ------
    UnknownNameError
        For a name that does not exist.
    ParameterError
        If a value is not a number, is outside its range, or arrays differ in length.
    PredictionError
        If a constant or a q2 is not allowed.
    """
    known, chosen = _find(observable, model)
    values, constants, kinematics = _sort(known, chosen, parameters)
    inputs = _inputs().replace(constants=constants)
    result = np.asarray(known(chosen.wilson(values, inputs), inputs, **kinematics))
    if any(np.ndim(value) for value in parameters.values()) or result.size > 1:
        return result[0] if _scalar_point(parameters, kinematics) else result
    return float(result.ravel()[0])


def predict_with_error(
    observable: str,
    model: str | Model = "wet",
    samples: int = 4000,
    seed: int = 1,
    **parameters: float,
) -> tuple[float | Array, float | Array]:
    """Prediction of an observable with its parametric error.

    The error is the standard deviation over joint draws of all form-factor coefficients (with
    their covariance) and of the constants that have an error, but for those given by name. Of an
    observable whose error is that of a factor on the prediction, such as ``norm_DeltaM_s``, only
    the constants that it names (`Observable.theory`) are drawn: the factor stands for the rest.

    Parameters
    ----------
    observable, model, **parameters
        As for `predict`; numbers only.
    samples : int
        Draws.
    seed : int

    Returns
    -------
    central, error : float or (k,) array

    Raises
    ------
    ParameterError, PredictionError, UnknownNameError
        As `predict`; also if an array is given where a number is needed.
    """
    known, chosen = _find(observable, model)
    values, constants, kinematics = _sort(known, chosen, parameters)
    for name, value in parameters.items():
        if name not in kinematics and np.ndim(value):
            raise ParameterError(f"{name} = {value!r} is not allowed: it must be one number.")
    inputs = _vary(_inputs(), known, constants, samples, np.random.default_rng(seed))
    batch = {name: np.broadcast_to(value, (samples,)) for name, value in values.items()}
    drawn = np.asarray(known(chosen.wilson(batch, inputs), inputs, **kinematics))
    error = drawn.std(axis=0)
    central = predict(observable, model, **parameters)
    return central, float(error) if np.ndim(error) == 0 or error.size == 1 else error


def _vary(
    inputs: Inputs,
    observable: Observable,
    constants: Mapping[str, Array],
    samples: int,
    rng: np.random.Generator,
) -> Inputs:
    from ..data.constants import constants as all_constants
    from ..physics.inputs import DEFAULT_FORM_FACTORS

    varied = {
        name: record.value + record.error * rng.standard_normal(samples)
        for name, record in all_constants().items()
        if record.error > 0 and _counts(name, observable)
    }
    if _normalised(observable):
        return inputs.replace(constants={**varied, **constants})
    coefficients = {}
    for process in DEFAULT_FORM_FACTORS:
        source = inputs.form_factors(process).source
        coefficients[process] = rng.multivariate_normal(
            source.central, source.covariance, size=samples, method="eigh"
        )
    return inputs.replace(constants={**varied, **constants}, coefficients=coefficients)


def _counts(name: str, observable: Observable) -> bool:
    """Whether the error of a constant is part of that of a prediction."""
    if _normalised(observable):
        return name in observable.theory
    # Masses are known far better than anything else, and fixed masses keep the kernels in cache.
    return not name.startswith(("m_B", "m_K", "norm_"))


def _normalised(observable: Observable) -> bool:
    """Whether the error is that of a factor on the prediction, form factors and all.

    Not norm_BtoKstar alone, which stands for the form factors where these do not float.
    """
    return any(name.startswith("norm_") and name != "norm_BtoKstar" for name in observable.theory)


def _find(observable: str, model: str | Model) -> tuple[Observable, Model]:
    from ..models import model as find_model
    from ..physics.observables import observable as find_observable

    return find_observable(observable), find_model(model) if isinstance(model, str) else model


def _inputs() -> Inputs:
    from ..physics.inputs import Inputs

    return Inputs.default()


def _sort(
    observable: Observable, model: Model, parameters: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[str, Any], dict[str, Any]]:
    """Parameters of the model (checked against their ranges), constants, kinematics."""
    from ..data.constants import constants

    own = {entry.name: entry for entry in model.parameters}
    allowed = (*observable.kinematics, *observable.optional)
    given, changed, kinematics = {}, {}, {}
    for name, value in parameters.items():
        if name in own:
            array = np.atleast_1d(_numbers(name, value))
            low, high = own[name].lower, own[name].upper
            if not ((array >= low) & (array <= high)).all():
                raise ParameterError(
                    f"{name} = {value} is outside the range [{low:g}, {high:g}] of the model "
                    f"{model.name!r}"
                )
            given[name] = array
        elif name in allowed:
            kinematics[name] = _switch(name, value) if name in _SWITCHES else value
        elif name in constants():
            changed[name] = _numbers(name, value)
        else:
            known = {*own, *allowed, *constants()}
            raise UnknownNameError("parameter", name, known, f"the prediction with {model.name!r}")
    sizes = {len(array) for array in given.values() if len(array) > 1}
    if len(sizes) > 1:
        raise ParameterError(f"arrays of parameters have different lengths: {sorted(sizes)}")
    return model.complete(given), changed, kinematics


def _numbers(name: str, value: Any) -> Array:
    """Value as an array of floats, () or (n,)."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of unequal lengths
        array = np.asarray("")
    if array.dtype.kind not in "iuf" or array.ndim > 1 or array.size == 0:
        raise ParameterError(
            f"{name} = {value!r} is not allowed: it must be a real number or an array (n,) of them."
        )
    return array.astype(float)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(f"{name} = {value!r} is not allowed: it must be True or False.")
    return bool(value)


def _scalar_point(parameters: Mapping[str, Any], kinematics: Mapping[str, Any]) -> bool:
    """Whether there is one parameter point, so that only the kinematic axis is left."""
    return all(np.ndim(value) == 0 for name, value in parameters.items() if name not in kinematics)
