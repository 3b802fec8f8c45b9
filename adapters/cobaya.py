"""An analysis of this package as a likelihood of cobaya (arXiv:2005.05290).

In the input of cobaya: ``likelihood: {bsinv.adapters.cobaya.BsinvLikelihood: {analysis: a.yaml}}``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from cobaya.likelihood import Likelihood

from ..errors import ParameterError
from ..fitter.parameters.flat import LogUniform, Uniform
from ..fitter.parameters.normal import Normal, TruncatedNormal
from .functions import ParameterFunction, Source, problem_of

__all__ = ["BsinvLikelihood", "parameters"]


class BsinvLikelihood(Likelihood):  # type: ignore[misc]
    """Likelihood of an analysis, whose free parameters are inputs.

    Attributes
    ----------
    analysis : str
        What `bsinv.load` takes: name of a built-in analysis, or a file.
    """

    analysis: Any = None

    def initialize(self) -> None:
        """Load the analysis.

        Raises
        ------
        ParameterError
            If none is given.
        AnalysisError
            If it has faults.
        """
        if self.analysis is None:
            raise ParameterError("the likelihood of bsinv needs analysis: a name or a file.")
        self.function = ParameterFunction(self.analysis)

    def get_requirements(self) -> dict[str, None]:
        """Free parameters of the analysis."""
        return dict.fromkeys(self.function.names)

    def logp(self, **values: Any) -> float:
        """Log-likelihood at a point."""
        return float(self.function({name: values[name] for name in self.function.names}))


def parameters(source: Source) -> dict[str, dict[str, Any]]:
    """Section ``params`` of cobaya with the priors of an analysis.

    Parameters
    ----------
    source : str, path, mapping, Analysis or Problem

    Returns
    -------
    dict of str to dict
        With prior, reference point and proposal of each free parameter.

    Raises
    ------
    ParameterError
        For a prior that is not of one parameter, or cuts, which this section cannot hold: write a
        prior of cobaya for them by hand.
    """
    table = problem_of(source).table
    if table.cuts:
        raise ParameterError(
            f"the cut {table.cuts[0].cut.text!r} has no place in params of cobaya."
        )
    found: dict[str, dict[str, Any]] = {}
    at = 0
    for prior in table.priors:
        names = table.names[at : at + prior.size]
        for name in names:
            column = table.names.index(name)
            start, step = float(table.start[column]), float(table.scale[column])
            reference = {"dist": "norm", "loc": start, "scale": 0.1 * step}
            found[name] = {"prior": _prior(prior, names), "ref": reference, "proposal": step}
        at += prior.size
    return found


def _prior(prior: Any, names: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(prior, Uniform):
        return {"min": prior.lower, "max": prior.upper}
    if isinstance(prior, LogUniform):
        return {"dist": "loguniform", "a": prior.lower, "b": prior.upper}
    if isinstance(prior, Normal):
        return {"dist": "norm", "loc": prior.mean, "scale": prior.sigma}
    if isinstance(prior, TruncatedNormal):
        ends = [(end - prior.mean) / prior.sigma for end in (prior.lower, prior.upper)]
        low, high = (float(np.clip(end, -40.0, 40.0)) for end in ends)
        scale = {"loc": prior.mean, "scale": prior.sigma}
        return {"dist": "truncnorm", "a": low, "b": high, **scale}
    raise ParameterError(
        f"the prior of {', '.join(names)} ({prior.description}) has no place in params of cobaya."
    )
