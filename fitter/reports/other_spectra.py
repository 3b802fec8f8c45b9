"""Likelihoods that assume the spectrum of the Standard Model where the best fit has another one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...physics.fixed_kinematics import split_name
from ...physics.inputs import Inputs
from ...physics.invisible.neutrinos import Mode
from ...physics.invisible.rates import binned_branching_fraction
from ...physics.observables import known_observable
from ...physics.wilson import Wilson
from ..drivers.target import Array
from ..problem import Problem

if TYPE_CHECKING:
    from ...likelihoods.base import Term

__all__ = ["of_another_spectrum"]

_BINS = 40
# Beyond the end of every spectrum of a hadron, by how its name begins, GeV^2.
_ENDS = {"B": 27.0, "Lambdab": 27.0, "D": 3.1, "K": 0.14}
# Largest distance of two cumulative spectra that counts as none: where efficiencies differ by a
# factor of two along the spectrum, a tenth of it elsewhere is 5 to 10 % of the rate, small beside
# the errors of all these rates. A right-handed current moves 7 % of B -> K* nu nubar at most.
_SAME = 0.1
# B -> X_s + invisible is judged by its lightest hadrons.
_INCLUSIVE = "->X_s"
_LIGHTEST = ("B+->K+", "B+->K*+")


def of_another_spectrum(problem: Problem, values: Array) -> tuple[str, ...]:
    """Names of the terms that assume the Standard Model spectrum of a decay that has another one.

    Parameters
    ----------
    problem : Problem
    values : (d,) array
        Point at which the spectra are compared: cumulative, in 40 bins of q2, to 10 %.

    Returns
    -------
    tuple of str
        Empty for a model that scales a template.
    """
    terms = [term for term in problem.terms if term.standard_model_spectrum]
    if not terms or problem.model.scales_template:
        return ()
    wilson, inputs = problem.wilson(values[None])
    known: dict[str, bool] = {}
    return tuple(term.name for term in terms if _differs(term, wilson, inputs, known))


def _differs(term: Term, wilson: Wilson, inputs: Inputs, known: dict[str, bool]) -> bool:
    """Whether the spectrum of a decay behind a term differs; what is found out is kept."""
    for name in term.observables:
        channels = _channels(name)
        # What an observable of one's own is made of cannot be known.
        if not channels:
            return True
        for channel in channels:
            if channel not in known:
                known[channel] = _distance(channel, wilson, inputs) > _SAME
            if known[channel]:
                return True
    return False


def _channels(name: str) -> tuple[str, ...]:
    """Transitions behind a rate of ours, also of one with kinematics in its name."""
    parts = split_name(name)
    record = known_observable(name if parts is None else parts[0])
    if record is None:
        return ()
    if _INCLUSIVE in record.name:
        return _LIGHTEST
    function = record.function
    first = function.args[0] if isinstance(function, partial) and function.args else None
    return tuple(one for one, _ in first.channels) if isinstance(first, Mode) else ()


def _distance(channel: str, wilson: Wilson, inputs: Inputs) -> float:
    """Largest difference of the cumulative spectra; 1 where the Standard Model has no rate."""
    end = next(end for start, end in _ENDS.items() if channel.startswith(start))
    edges = np.linspace(0.0, end, _BINS + 1)
    rates, standard = (
        binned_branching_fraction(channel, one, inputs, edges)[0] for one in (wilson, Wilson())
    )
    totals = float(rates.sum()), float(standard.sum())
    if not (totals[0] > 0.0 and np.isfinite(totals[0])):
        return 0.0
    if totals[1] == 0.0:
        return 1.0
    return float(np.abs(np.cumsum(rates) / totals[0] - np.cumsum(standard) / totals[1]).max())
