"""Without a fit: a prediction, its error, and a likelihood by name."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import ParameterError, PredictionError, UnknownNameError
from .analysis_file.arguments import check_count, check_kind, checked_options, real_array
from .varied import normalised, varied_inputs

if TYPE_CHECKING:
    from ..data.records import Constant
    from ..likelihoods.base import Term
    from ..models import Model
    from ..physics.inputs import Inputs
    from ..physics.observables import Observable

__all__ = ["likelihood", "predict", "predict_with_error", "varied_inputs"]

Array = np.ndarray

# Kinematic keywords of observables that are on or off.
_SWITCHES = ("long_distance",)
KINEMATIC = ("q2", "q2min", "q2max", *_SWITCHES)
# Draws are kept in memory, with all that is made of them.
MOST_SAMPLES = 10_000_000


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
        (`likelihoods.reweighted.response`).

    Raises
    ------
    UnknownNameError
        If there is no such likelihood or option.
    ParameterError
        If the likelihood does not take an option, or not this value of it.
    """
    import dataclasses

    from ..likelihoods.catalogue import TermOptions, accepted_options, term
    from .analysis_file.sections import LikelihoodSpec

    known = {entry.name for entry in dataclasses.fields(TermOptions)}
    for option, value in options.items():
        if option not in known:
            raise UnknownNameError("likelihood option", option, known)
        if option not in accepted_options().get(name, known):
            raise ParameterError(f"{option} is not allowed: {name!r} does not take this option.")
        if value is None:
            raise ParameterError(f"{option} = None is not allowed: leave it out for the default.")
    checked = checked_options(LikelihoodSpec, {"name": name, **options})
    return term(checked.pop("name"), TermOptions(**checked))


def predict(
    observable: str | Observable, model: str | Model = "wet", **parameters: ArrayLike | bool
) -> float | Array:
    """Prediction of an observable.

    Parameters
    ----------
    observable : str or Observable
        Such as ``"BR(B+->Knunu)"`` (``bsinv list observables``), or one of your own.
    model : str or Model
        Such as ``"wet"`` (``bsinv list models``), or one of your own; its parameters are at their
        defaults, the Standard Model, unless given.
    **parameters
        Parameters of the model, constants of `bsinv.data`, coefficients of the default form
        factors such as ``BtoK_a0_f+``, and kinematics of the observable (``q2``, ``q2min``,
        ``q2max``); numbers or arrays of one length n. Names of flavio and EOS are read as well, in
        their units (`bsinv.physics.ecosystem_names`).

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
        If a constant or a q2 is not allowed, or the prediction is not finite.
    """
    known, chosen = _find(observable, model)
    parameters = _own_names(parameters)
    values, constants, kinematics = _sort(known, chosen, parameters)
    coefficients = _coefficients(constants)
    inputs = _inputs().replace(constants=constants, coefficients=coefficients)
    result = np.asarray(known(chosen.at(values, inputs), inputs, **kinematics))
    if not np.isfinite(result).all():
        raise PredictionError(_not_finite(known.name, result, parameters))
    if any(np.ndim(value) for value in parameters.values()) or result.size > 1:
        return result[0] if _scalar_point(parameters, kinematics) else result
    return float(result.ravel()[0])


def predict_with_error(
    observable: str | Observable,
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

    Of Lambda_b -> Lambda the systematic error of the form factors is added in quadrature:
    max(|O_HO - O|, sqrt|sigma_HO^2 - sigma^2|) with the value and error of the fit of higher order
    (arXiv:1602.01399).

    Parameters
    ----------
    observable, model, **parameters
        As for `predict`; numbers only.
    samples : int
        Draws, at least 2.
    seed : int
        Not negative. Each constant and each set of form factors has a stream of random numbers of
        its own, made of the seed and its name: what one draws depends on no other.

    Returns
    -------
    central, error : float or (k,) array

    Raises
    ------
    ParameterError, PredictionError, UnknownNameError
        As `predict`; also if an array is given where a number is needed, if there are too few
        draws, or if the prediction of one is not finite.
    """
    check_count("samples", samples, 2, MOST_SAMPLES, " for a standard deviation")
    check_count("seed", seed, 0)
    known, chosen = _find(observable, model)
    parameters = _own_names(parameters)
    values, constants, kinematics = _sort(known, chosen, parameters)
    fixed = _coefficients(constants)
    if fixed:
        raise ParameterError(
            f"form factors of {', '.join(fixed)}: coefficients cannot be given where errors are "
            "asked for, which are those of the coefficients."
        )
    for name, value in parameters.items():
        if name not in kinematics and np.ndim(value):
            raise ParameterError(f"{name} = {value!r} is not allowed: it must be one number.")

    def spread(start: Inputs) -> Array:
        inputs = varied_inputs(start, known, constants, samples, seed)
        batch = {name: np.broadcast_to(value, (samples,)) for name, value in values.items()}
        drawn = np.asarray(known(chosen.at(batch, inputs), inputs, **kinematics))
        if not np.isfinite(drawn).all():
            raise PredictionError(_not_finite(f"{known.name} of a draw", drawn, parameters))
        return np.asarray(drawn.std(axis=0))

    def at_centre(start: Inputs) -> Array:
        inputs = start.replace(constants=constants)
        result: Array = known(chosen.at(values, inputs), inputs, **kinematics)[0]
        return np.asarray(result)

    error = spread(_inputs())
    if not normalised(known):
        error = _with_systematic(error, at_centre, spread)
    central = predict(observable, model, **parameters)
    return central, float(error) if np.ndim(error) == 0 or error.size == 1 else error


def _with_systematic(
    error: Array, at_centre: Callable[[Inputs], Array], spread: Callable[[Inputs], Array]
) -> Array:
    """Error with the systematic one of form factors that have a fit of higher order.

    Parameters
    ----------
    error : () or (k,) array
        With the default sets.
    at_centre, spread : callable
        Prediction and its error for form factors of other inputs.
    """
    from ..physics.inputs import HIGHER_ORDER

    start = _inputs()
    for process, higher in HIGHER_ORDER.items():
        other = start.replace(sets={process: higher})
        shift = np.abs(at_centre(other) - at_centre(start))
        if not np.any(shift):
            continue
        grown = np.sqrt(np.abs(spread(other) ** 2 - error**2))
        error = np.hypot(error, np.maximum(shift, grown))
    return error


def _not_finite(name: str, values: Array, parameters: Mapping[str, Any]) -> str:
    """Sentence on a prediction that is no number."""
    bad = values[~np.isfinite(values)].ravel()[0]
    at = ", ".join(f"{key} = {reprlib.repr(value)}" for key, value in parameters.items())
    return f"{name} is {bad} at {at or 'the default values'}: it is not defined there."


def _find(observable: str | Observable, model: str | Model) -> tuple[Observable, Model]:
    from ..models import Model, check_model
    from ..models import model as find_model
    from ..physics.observables import Observable
    from ..physics.observables import observable as find_observable
    from .own_objects import checked_observable

    check_kind(
        "observable", observable, (str, Observable), "the name of an observable, or a record"
    )
    check_kind("model", model, (str, Model), "the name of a model, or a bsinv.models.Model")
    chosen = find_model(model) if isinstance(model, str) else check_model(model)
    if isinstance(observable, str):
        return find_observable(observable), chosen
    return checked_observable(observable, "observable"), chosen


def _inputs() -> Inputs:
    from ..physics.inputs import Inputs

    return Inputs.default()


def _sort(
    observable: Observable, model: Model, parameters: Mapping[str, Any]
) -> tuple[dict[str, Array], dict[str, Any], dict[str, Any]]:
    """Parameters of the model (checked against their ranges), constants, kinematics.

    Coefficients of form factors are among the constants: `_coefficients` takes them out.
    """
    from ..data.constants import constants
    from ..physics.ecosystem_names import OTHER_PARAMETERS
    from ..physics.inputs import form_factor_parameters

    own = {entry.name: entry for entry in model.parameters}
    allowed = (*observable.kinematics, *observable.optional)
    given, changed, kinematics = {}, {}, {}
    for name, value in parameters.items():
        if name in own:
            array = np.atleast_1d(_numbers(name, value))
            low, high = own[name].lower, own[name].upper
            if not (np.isfinite(array) & (array >= low) & (array <= high)).all():
                raise ParameterError(
                    f"{name} = {value} is outside the range [{low:g}, {high:g}] of the model "
                    f"{model.name!r}"
                )
            given[name] = array
        elif name in allowed:
            kinematics[name] = _switch(name, value) if name in _SWITCHES else value
        elif name in constants():
            changed[name] = _constant(constants()[name], value)
        elif name in form_factor_parameters():
            changed[name] = _numbers(name, value)
        elif name in KINEMATIC:
            raise ParameterError(f"{observable.name} does not take {name}. {observable.instead}")
        else:
            known = {*own, *allowed, *constants(), *form_factor_parameters(), *OTHER_PARAMETERS}
            raise UnknownNameError("parameter", name, known, f"the prediction with {model.name!r}")
    sizes = {len(array) for array in given.values() if len(array) > 1}
    if len(sizes) > 1:
        raise ParameterError(f"arrays of parameters have different lengths: {sorted(sizes)}")
    return model.complete(given), changed, kinematics


def _own_names(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of flavio and EOS by their names here, in the units here."""
    from ..physics.ecosystem_names import own_parameter

    found: dict[str, Any] = {}
    given: dict[str, str] = {}
    for name, value in parameters.items():
        other = own_parameter(name)
        if given.setdefault(other.name, name) != name:
            raise ParameterError(f"{given[other.name]} and {name} are one number: give one.")
        found[other.name] = value if other.factor == 1.0 else other.factor * _numbers(name, value)
    return found


def _coefficients(constants: dict[str, Any]) -> dict[str, Array]:
    """Take the coefficients of form factors out: process -> (m,) or (n, m) array."""
    from ..physics.inputs import form_factor_parameters

    places, inputs = form_factor_parameters(), _inputs()
    found: dict[str, Array] = {}
    for name in [name for name in constants if name in places]:
        process, index = places[name]
        value = np.atleast_1d(constants.pop(name))
        if process not in found:
            found[process] = np.array(inputs.form_factors(process).coefficients)
        if len(value) > 1 and len(found[process]) == 1:
            found[process] = np.repeat(found[process], len(value), axis=0)
        if len(value) not in (1, len(found[process])):
            raise ParameterError(
                f"{name} has {len(value)} values, another coefficient {len(found[process])}."
            )
        found[process][:, index] = value
    return found


def _constant(record: Constant, value: Any) -> Array:
    """Numbers of a constant; in an array too all must lie in the range."""
    array = _numbers(record.name, value)
    lower, upper = record.allowed
    if array.ndim and not ((array >= lower) & (array <= upper)).all():
        raise PredictionError(
            f"{record.name} = {reprlib.repr(value)} is not allowed: all must be between {lower:g} "
            f"and {upper:g}{'' if record.unit == '1' else ' ' + record.unit}."
        )
    return array


def _numbers(name: str, value: Any) -> Array:
    """Value as an array of floats, () or (n,)."""
    what = "a real number or an array (n,) of them"
    array = real_array(name, value, what)
    if array.ndim > 1 or array.size == 0:
        raise ParameterError(f"{name} = {reprlib.repr(value)} is not allowed: it must be {what}.")
    return array


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ParameterError(f"{name} = {value!r} is not allowed: it must be True or False.")
    return bool(value)


def _scalar_point(parameters: Mapping[str, Any], kinematics: Mapping[str, Any]) -> bool:
    """Whether there is one parameter point, so that only the kinematic axis is left."""
    return all(np.ndim(value) == 0 for name, value in parameters.items() if name not in kinematics)
