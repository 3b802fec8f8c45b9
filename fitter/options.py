"""Options of the drivers: those of an analysis file, with changes that a call makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from ..errors import ParameterError, UnknownNameError
from .analysis_file.arguments import check_count, checked_options
from .analysis_file.sections import FitSpec, SamplerSpec
from .drivers.minimum.minuit import FitOptions
from .drivers.sampling.ensembles import SamplerOptions
from .problem import Problem

__all__ = ["fit_options", "sampler_options"]

Options = TypeVar("Options", FitOptions, SamplerOptions)


def fit_options(problem: Problem, given: FitSpec, seed: int, /, **changes: Any) -> FitOptions:
    """Options of a fit.

    Parameters
    ----------
    problem : Problem
    given : FitSpec
        Section of the analysis file.
    seed : int
    **changes
        Fields of `FitOptions` in place of those of the file.

    Returns
    -------
    FitOptions

    Raises
    ------
    UnknownNameError
        If there is no such option, or no such free parameter.
    ParameterError
        For a value that a file may not have either.
    """
    written = FitOptions(
        minos=tuple(given.minos), strategy=given.strategy, retries=given.retries, seed=seed
    )
    options = _changed(written, FitSpec, changes)
    for name in options.minos:
        if name not in problem.names:
            raise UnknownNameError("free parameter", name, problem.names, "minos")
    return options


def sampler_options(
    problem: Problem, given: SamplerSpec, seed: int, /, **changes: Any
) -> SamplerOptions:
    """Options of the sampler, its walkers chosen if the file leaves them open.

    Parameters
    ----------
    problem : Problem
    given : SamplerSpec
        Section of the analysis file.
    seed : int
    **changes
        Fields of `SamplerOptions` in place of those of the file.

    Returns
    -------
    SamplerOptions

    Raises
    ------
    UnknownNameError
        If there is no such option.
    ParameterError
        For a value that a file may not have either.
    """
    dimension = len(problem.names)
    batched = all(term.batched for term in problem.terms)
    written = SamplerOptions(
        ensembles=given.ensembles,
        walkers=given.walkers_for(dimension, batched, changes.get("target_ess")),
        moves=given.moves,
        target_ess=given.target_ess,
        target_rhat=given.target_rhat,
        max_steps=given.max_steps,
        thin=given.thin,
        seed=seed,
    )
    options = _changed(written, SamplerSpec, changes)
    if options.walkers is None:  # auto
        options = replace(options, walkers=SamplerSpec().walkers_for(dimension))
    least = 2 * (dimension + 1)
    if options.walkers < least or options.walkers % 2:
        raise ParameterError(
            f"walkers = {options.walkers}: an even number of at least {least} is needed for "
            f"{dimension} free parameters"
        )
    return options


def _changed(
    options: Options, section: type[FitSpec | SamplerSpec], changes: Mapping[str, Any]
) -> Options:
    """Options with changes, as an analysis file may give them; an unknown one is named."""
    known = [entry.name for entry in fields(options)]
    for name in changes:
        if name not in known:
            raise UnknownNameError("option", name, known)
    written = {name: value for name, value in changes.items() if name in section.model_fields}
    others = {name: value for name, value in changes.items() if name not in written}
    if "seed" in others:
        check_count("seed", others["seed"], 0, 2**63 - 1)
    return replace(options, **checked_options(section, written), **others)
