"""Covariance of parameters of a fit with the nuisance parameters of a HistFactory term.

The fit minimises f(theta, alpha) = -ln L of the term, bin factors profiled, plus a function of
theta alone. Its Hessian has the exact block in alpha (`histfactory.curvature`); what involves theta
follows from the gradient in alpha and from f at fixed alpha, by central differences in theta. The
inverse is the covariance, as of a fit of all parameters together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...base import Array
from ...histfactory.curvature import hessian
from ...histfactory.profile import Profiler

if TYPE_CHECKING:
    from ..term import ReweightedTerm

__all__ = ["JointFit", "held", "joint_fit"]

# Width of a constraint that holds a parameter, in units of its error after the fit.
_HELD = 1e-4


@dataclass(frozen=True)
class JointFit:
    """Best fit of nuisance parameters, and the covariance of all parameters.

    Attributes
    ----------
    alpha : (a,) array
        Nuisance parameters at the best fit.
    covariance : (d + a, d + a) array
        First the d parameters theta, then the nuisance parameters.
    """

    alpha: Array
    covariance: Array


def joint_fit(
    term: ReweightedTerm,
    predict: Callable[[Array], Array],
    theta: Array,
    steps: Array,
    others: Callable[[Array], Array] | None = None,
) -> JointFit:
    """Covariance of parameters and nuisance parameters at a minimum.

    Parameters
    ----------
    term : ReweightedTerm
        With profiled nuisance parameters.
    predict : callable
        (n, d) points to (n, C) predictions of the term.
    theta : (d,) array
        Best fit.
    steps : (d,) array
        For differences, positive; a fraction of the errors.
    others : callable, optional
        (n, d) points to the rest of -ln L, (n,).

    Returns
    -------
    JointFit
    """
    model, size = term.model, len(theta)
    at_best = term.columns(predict(theta[None]))
    alpha = term.profiler.minimise(term.signal.weights(at_best), term.own_widths2(at_best)).alpha[0]

    def gradient_and_value(points: Array) -> tuple[Array, Array]:
        columns = term.columns(predict(points))
        rows = np.repeat(alpha[None], len(points), axis=0)
        rates = model.rates(rows, term.signal.weights(columns), term.own_widths2(columns))
        value = model.objective(rates)
        return model.gradient(rates), value + (0.0 if others is None else others(points))

    unit = np.diag(steps)
    # Points at +-e_i, and +-e_i +-e_j for the mixed derivatives.
    pairs = [(i, j) for i in range(size) for j in range(i)]
    moves = [sign * unit[i] for i in range(size) for sign in (1, -1)]
    moves += [a * unit[i] + b * unit[j] for i, j in pairs for a in (1, -1) for b in (1, -1)]
    gradients, values = gradient_and_value(theta + np.array([0.0 * theta, *moves]))
    full = np.zeros((size + len(alpha),) * 2)
    rates = model.rates(alpha[None], term.signal.weights(at_best), term.own_widths2(at_best))
    full[size:, size:] = hessian(model, rates)[0]
    for i in range(size):
        plus, minus = 1 + 2 * i, 2 + 2 * i
        full[i, size:] = (gradients[plus] - gradients[minus]) / (2.0 * steps[i])
        full[size:, i] = full[i, size:]
        full[i, i] = (values[plus] + values[minus] - 2.0 * values[0]) / steps[i] ** 2
    for number, (i, j) in enumerate(pairs):
        at = 1 + 2 * size + 4 * number
        mixed = values[at] - values[at + 1] - values[at + 2] + values[at + 3]
        full[i, j] = full[j, i] = mixed / (4.0 * steps[i] * steps[j])
    return JointFit(alpha, np.linalg.inv(full))


def held(term: ReweightedTerm, index: int, value: float, error: float) -> Profiler:
    """Profiler of a term with one nuisance parameter held at a value.

    Its constraint becomes a normal one around the value, ten thousand times narrower than its error
    after the fit.

    Parameters
    ----------
    term : ReweightedTerm
    index : int
        Place of the parameter among the alphas.
    value, error : float
        Where it is held, and its error after the fit.

    Returns
    -------
    Profiler
    """
    old = term.model.parameters
    centre, width, tau = (np.array(each) for each in (old.centre, old.width, old.tau))
    centre[index], width[index], tau[index] = value, _HELD * error, 0.0
    parameters = replace(old, centre=centre, width=width, tau=tau)
    return Profiler(replace(term.model, parameters=parameters))
