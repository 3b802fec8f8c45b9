"""Plain functions: numbers by name in, log-likelihood out; one point or a batch of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import AnalysisError, ParameterError, UnknownNameError
from ..fitter.analysis import Analysis
from ..fitter.checked import CheckedFile
from ..fitter.predict import likelihood
from ..fitter.problem import Problem
from ..likelihoods.base import Array, Term
from ..models import model
from ..models.wcxf.low_energy import add_place
from ..physics.inputs import Inputs
from ..physics.wcxf_names import WCXF_COEFFICIENTS
from ..physics.wilson import WILSON_NAMES, Wilson

__all__ = ["CoefficientFunction", "ParameterFunction", "problem_of"]

BELLE2 = "belle2-2023-bknunu"
Source = str | Path | Mapping[str, Any] | CheckedFile | Problem


def problem_of(source: Source) -> Problem:
    """Problem of an analysis: what `bsinv.load` takes, or what it gave.

    Raises
    ------
    AnalysisError
        If it cannot be found or has faults.
    """
    if isinstance(source, Problem):
        return source
    return (source if isinstance(source, CheckedFile) else Analysis(source)).problem


class ParameterFunction:
    """Log-likelihood of an analysis as a function of its free parameters by name.

    Parameters
    ----------
    source : str, path, mapping, Analysis or Problem
        What `bsinv.load` takes, or what it gave.
    constraints : bool
        Add the priors that stand for measurements (form factors, constants): a code that has no
        priors of its own for them fits this.

    Attributes
    ----------
    problem : Problem
    names : tuple of str
        Free parameters.
    constraints : bool

    Raises
    ------
    AnalysisError
        If the analysis has faults, or no free parameter.
    """

    def __init__(self, source: Source, *, constraints: bool = False) -> None:
        self.problem, self.constraints = problem_of(source), constraints
        self.names = self.problem.names
        if not self.names:
            raise AnalysisError("no parameter is free: there is nothing to be a function of.")

    def __call__(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """Log-likelihood at one point or many.

        Parameters
        ----------
        values : mapping of str to number or (n,) array, optional
            Free parameters in their units; those that are not named are at their start. A number
            stands for all points.
        **more
            The same, by keyword.

        Returns
        -------
        float or (n,) array
            An array if a value is one. ``-inf`` where the likelihood is zero.

        Raises
        ------
        UnknownNameError
            If a name is no free parameter.
        ParameterError
            If a value is no real number, or arrays have different lengths.
        """
        given = _merged(values, more)
        for name in given:
            if name not in self.names:
                raise UnknownNameError("free parameter", name, self.names)
        arrays, size = _batch(given, complex_allowed=False)
        theta = np.repeat(self.problem.start[None], 1 if size is None else size, axis=0)
        for name, array in arrays.items():
            theta[:, self.names.index(name)] = array
        log = self.problem.log_likelihood(theta)
        if self.constraints:
            log = log + self.problem.log_constraint(theta)
        return float(log[0]) if size is None else log


class CoefficientFunction:
    """Log-likelihood as a function of Wilson coefficients by name.

    Form factors and constants are held at the central values of `inputs`; the Belle II likelihood
    has modifiers of its own for its form factors, which it profiles.

    Parameters
    ----------
    *likelihoods : str or Term
        Names (``bsinv list likelihoods``) or terms; that of Belle II if none is given.
    inputs : Inputs, optional
        Those of the package by default.
    **options
        Of the likelihoods that are named, as for `bsinv.likelihood`.

    Attributes
    ----------
    terms : tuple of Term
    inputs : Inputs

    Raises
    ------
    UnknownNameError
        If there is no such likelihood or option.
    ParameterError
        If a likelihood does not take an option.
    """

    def __init__(
        self, *likelihoods: str | Term, inputs: Inputs | None = None, **options: Any
    ) -> None:
        self.terms: tuple[Term, ...] = tuple(
            likelihood(one, **options) if isinstance(one, str) else one
            for one in likelihoods or (BELLE2,)
        )
        self.inputs = Inputs.default() if inputs is None else inputs

    def __call__(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Any:
        """Log-likelihood at one point or many.

        Parameters
        ----------
        values : mapping of str to number or (n,) array, optional
            Shifts from the Standard Model by their names in the basis flavio of WCxf
            (``CL_bsnutaunutau``), complex where they can be, each at the scale at which the package
            has it (docs/physics/wilson.md) and in the normalisation of the inputs; or parameters of
            the model ``wet-full`` (``dC_L_tautau``, ``Im_dC_L_emu``). What is not named is zero.
        **more
            The same, by keyword.

        Returns
        -------
        float or (n,) array
            An array if a value is one; ``-inf`` where the likelihood is zero.

        Raises
        ------
        UnknownNameError
            If a name is not known.
        ParameterError
            If a value is not finite, arrays have different lengths, or a real coefficient has an
            imaginary part.
        """
        arrays, size = _batch(_merged(values, more), complex_allowed=True)
        if size == 0:
            return np.empty(0)
        log = np.broadcast_to(self.of(self.wilson(arrays), self.inputs), (size or 1,))
        return float(log[0]) if size is None else log.copy()

    def wilson(self, values: Mapping[str, Array]) -> Wilson:
        """Wilson coefficients of arrays (n,) or (1,) by name.

        Raises
        ------
        UnknownNameError, ParameterError
            As when called.
        """
        wet = model("wet-full")
        own = {entry.name for entry in wet.parameters}
        found: dict[str, Array] = {}
        parameters: dict[str, Array] = {}
        for name, array in values.items():
            if name in WCXF_COEFFICIENTS:
                add_place(found, WCXF_COEFFICIENTS[name], array)
            elif name not in own:
                raise UnknownNameError("Wilson coefficient", name, {*WCXF_COEFFICIENTS, *own})
            elif np.any(np.imag(array)):
                raise ParameterError(f"{name} is real: its imaginary part is Im_{name}.")
            else:
                parameters[name] = np.real(array)
        for key in found:
            if WILSON_NAMES[key].real:
                if np.any(np.imag(found[key])):
                    raise ParameterError(f"{key} is real, but what is given has an imaginary part.")
                found[key] = np.real(found[key])
        if parameters:
            for key, array in wet.wilson(wet.complete(parameters), self.inputs).items():
                found[key] = found[key] + array if key in found else array
        size = max((len(array) for array in found.values()), default=1)
        return Wilson(found, size=size)

    def of(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Log-likelihood of Wilson coefficients and inputs: (n,), ``-inf`` where it is none."""
        logs = [term.log_likelihood(term.predict(wilson, inputs)) for term in self.terms]
        total = np.sum(np.broadcast_arrays(*logs), axis=0)
        return np.where(np.isfinite(total), total, -np.inf)


def _merged(values: Mapping[str, Any] | None, more: Mapping[str, Any]) -> dict[str, Any]:
    """Values given in a mapping and by keyword."""
    if values is not None and not isinstance(values, Mapping):
        raise ParameterError(
            f"values must be a mapping of names to numbers, not {type(values).__name__}."
        )
    twice = [name for name in more if name in (values or {})]
    if twice:
        raise ParameterError(f"{twice[0]} is given twice.")
    return {**(values or {}), **more}


def _batch(
    given: Mapping[str, Any], *, complex_allowed: bool
) -> tuple[dict[str, Array], int | None]:
    """Arrays (n,) or (1,), and n; None if there are numbers alone."""
    arrays: dict[str, Array] = {}
    sizes: dict[str, int] = {}
    kinds: Sequence[str] = "iufc" if complex_allowed else "iuf"
    for name, value in given.items():
        array = np.asarray(value)
        if array.dtype.kind not in kinds or array.ndim > 1:
            what = "a number" if complex_allowed else "a real number"
            raise ParameterError(f"{name} = {value!r} is not allowed: it must be {what} or (n,).")
        if not np.isfinite(array).all():
            raise ParameterError(f"{name} = {value!r} is not allowed: it must be finite.")
        if array.ndim:
            sizes[name] = len(array)
        arrays[name] = np.atleast_1d(array)
    if len(set(sizes.values())) > 1:
        raise ParameterError(f"arrays have different lengths: {sizes}.")
    return arrays, next(iter(sizes.values()), None)
