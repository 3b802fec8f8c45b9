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
_END = 23.0  # GeV^2, beyond the end of every spectrum
# Largest distance of two cumulative spectra that counts as none: where efficiencies differ by a
# factor of two along the spectrum, a tenth of it elsewhere is 5 to 10 % of the rate, small beside the
# errors of all these rates. A right-handed current moves 7 % of B -> K* nu nubar at most.
_SAME = 0.1


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
        mode = _mode(name)
        # What an observable of one's own is made of cannot be known.
        if mode is None:
            return True
        for channel, _ in mode.channels:
            if channel not in known:
                known[channel] = _distance(channel, wilson, inputs) > _SAME
            if known[channel]:
                return True
    return False


def _mode(name: str) -> Mode | None:
    """Mode of a rate of ours, also of one with kinematics in its name."""
    parts = split_name(name)
    record = known_observable(name if parts is None else parts[0])
    function = None if record is None else record.function
    first = function.args[0] if isinstance(function, partial) and function.args else None
    return first if isinstance(first, Mode) else None


def _distance(channel: str, wilson: Wilson, inputs: Inputs) -> float:
    """Largest difference of the cumulative spectra; of a decay without any rate zero."""
    edges = np.linspace(0.0, _END if channel.startswith("B") else _end(channel), _BINS + 1)
    shapes = []
    for one in (wilson, Wilson()):
        rates = binned_branching_fraction(channel, one, inputs, edges)[0]
        total = float(rates.sum())
        if not total > 0.0 or not np.isfinite(total):
            return 0.0
        shapes.append(np.cumsum(rates) / total)
    return float(np.abs(shapes[0] - shapes[1]).max())


def _end(channel: str) -> float:
    """Upper end of the bins for a D or a kaon, GeV^2."""
    return 3.1 if channel.startswith("D") else 0.14
