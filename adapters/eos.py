"""An analysis of this package as an external likelihood of EOS (arXiv:2111.15428, version 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import eos
import numpy as np

from ..errors import ParameterError, UnknownNameError
from ..fitter.problem import Problem
from ..physics.ecosystem_names import EOS_PARAMETERS
from .functions import Source, problem_of

__all__ = ["ExternalLikelihood", "external_likelihood"]

PREFIX = "bsinv::"


class ExternalLikelihood:
    """What `eos.LogLikelihoodBlock.External` asks for: `evaluate` and `number_of_observations`.

    Parameters
    ----------
    problem : Problem
    names : mapping of str to (str, float)
        Free parameter -> its name in EOS, and its value here over the value there.
    cache : eos.ObservableCache

    Attributes
    ----------
    number_of_observations : int
        Of all terms.
    """

    def __init__(
        self, problem: Problem, names: Mapping[str, tuple[str, float]], cache: Any
    ) -> None:
        self.problem = problem
        known = cache.parameters()
        self.factors = np.array([names[name][1] for name in problem.names])
        self.parameters = [
            _parameter(known, problem, column, names[name][0])
            for column, name in enumerate(problem.names)
        ]
        # As observables they are known to what samples: it moves nothing that is not asked for.
        for entry in self.parameters:
            cache.add(eos.Observable.make(entry.name(), known, eos.Kinematics(), eos.Options()))
        self.number_of_observations = sum(len(term.observables) for term in problem.terms)

    def evaluate(self) -> float:
        """Log-likelihood at the present values of the parameters; -inf where it is zero."""
        values = np.array([entry.evaluate() for entry in self.parameters])
        return float(self.problem.log_likelihood((self.factors * values)[None])[0])


def _parameter(known: Any, problem: Problem, column: int, name: str) -> Any:
    """Parameter of EOS, declared if there is none of the name."""
    qualified = eos.QualifiedName(name)
    if known.has(qualified):
        return known[qualified]
    if not name.startswith(PREFIX):
        raise ParameterError(f"{name!r} is no parameter of EOS: leave {problem.names[column]} out.")
    start = float(problem.start[column])
    lower, upper = (float(end) for end in np.clip(problem.bounds[column], -1e6, 1e6))
    found = known.declare_and_insert(
        qualified, problem.names[column], eos.Unit.Undefined(), start, lower, upper
    )
    found.set(start)
    return found


def external_likelihood(
    source: Source, cache: Any, parameter_map: Mapping[str, str] | None = None
) -> Any:
    """Block of EOS with the likelihood of an analysis.

    Parameters
    ----------
    source : str, path, mapping, Analysis or Problem
        What `bsinv.load` takes, or what it gave. Its priors are not used.
    cache : eos.ObservableCache
        Of the likelihood that the block is added to.
    parameter_map : mapping of str to str, optional
        Free parameter of the analysis -> parameter of EOS, in the same unit. Those that are not in
        it are what EOS calls them (``bsinv list parameters --names eos``), with a factor where the
        units differ; else ``bsinv::NAME``, which is declared.

    Returns
    -------
    eos.LogLikelihoodBlock
        For `eos.LogLikelihood.add`, or ``external_likelihood=[...]`` of `eos.Analysis`.

    Raises
    ------
    AnalysisError
        If the analysis has faults.
    UnknownNameError
        If the map names no free parameter.
    ParameterError
        If it names no parameter of EOS.
    """
    problem = problem_of(source)
    chosen = dict(parameter_map or {})
    for name in chosen:
        if name not in problem.names:
            raise UnknownNameError("free parameter", name, problem.names, "the map for EOS")
    known = cache.parameters()
    own = {
        other.name: (name, other.factor)
        for name, other in list(EOS_PARAMETERS.items())[::-1]
        if known.has(eos.QualifiedName(name))
    }
    names = {
        name: (chosen[name], 1.0) if name in chosen else own.get(name, (PREFIX + name, 1.0))
        for name in problem.names
    }
    # EOS makes it anew for each of its threads, with a cache of their own.
    return eos.LogLikelihoodBlock.External(cache, partial(ExternalLikelihood, problem, names))
