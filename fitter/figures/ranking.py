"""Impacts of the nuisance parameters of a HistFactory term on a parameter of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...chains.records import Array, BestFit
from ...chains.records.ranking import Ranking
from ...errors import ParameterError, StoreError, UnknownNameError
from ...likelihoods.reweighted.inspection.impacts import JointFit, held, joint_fit
from ...likelihoods.reweighted.term import ReweightedTerm
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..problem import Problem

__all__ = ["STRENGTH", "rank", "ranking"]

STRENGTH = "mu"
"""Multiple of the best-fit signal, in place of a free parameter."""
_SHOWN, _REFITTED = 20, 10
# Of differences, in units of errors; of Newton steps of refits.
_STEP, _CLOSE, _STEPS = 0.05, 1e-3, 12


def ranking(sources: Sequence[Source], request: Request) -> Figure:
    """Nuisance parameters with the largest impacts; their table goes to ``request.tell``."""
    from ...chains.plots.likelihood.ranking import ranking as draw
    from ...chains.tables.ranking import ranking_table

    (source,) = sources
    best = source.run.best_fit
    if best is None:
        raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
    if len(request.params) > 1:
        raise ParameterError("--params: ranking takes one parameter of interest.")
    chosen = request.params[0] if request.params else ""
    problem = source.analysis(request.own).problem
    refits = _REFITTED if "refits" in request.show else 0
    found = rank(problem, best, chosen, request.of, refits)
    most = len(found.names) if "all" in request.show else _SHOWN
    request.tell(ranking_table(found, most))
    return figure_of(draw(found, most, width=request.width)[0])


def rank(
    problem: Problem, best: BestFit, parameter: str = "", term: str = "", refits: int = 0
) -> Ranking:
    """Impacts of nuisance parameters, from the covariance of a fit of all parameters together.

    Parameters
    ----------
    problem : Problem
    best : BestFit
        Of this problem.
    parameter : str
        A free parameter, or ``"mu"`` for the strength of the best-fit signal; by default the first
        free parameter of the model, the strength if there is none.
    term : str
        HistFactory term, if there are several.
    refits : int
        For so many of the largest, fit again with the nuisance parameter held.

    Returns
    -------
    Ranking
        Bin factors are profiled with all others, and not ranked.

    Raises
    ------
    UnknownNameError
        If there is no such free parameter or term.
    StoreError
        If there is no such term, its nuisance parameters are not profiled, the best fit lies at a
        bound, or the covariance does not exist.
    """
    chosen = _term(problem, term)
    models = [p.name for p in problem.table.free if p.role in ("model", "auxiliary")]
    parameter = parameter or (models[0] if models else STRENGTH)
    if parameter == STRENGTH and STRENGTH not in best.names:
        names: tuple[str, ...] = (STRENGTH,)
        theta, steps = np.ones(1), np.full(1, 0.05)
        signal = problem.predictions(best.values[None])[chosen.name]
        if not signal.any():
            raise StoreError(f"{chosen.name}: there is no signal at the best fit to be scaled.")

        def predict(points: Array) -> Array:
            return np.asarray(points * signal)

        others, bounds = None, np.array([[0.0, np.inf]])
    else:
        if parameter not in best.names:
            raise UnknownNameError("free parameter", parameter, (*best.names, STRENGTH), "--params")
        names, theta = best.names, np.asarray(best.values)
        errors = np.where(np.isfinite(best.errors) & (best.errors > 0), best.errors, problem.scale)
        steps, bounds = _STEP * errors, problem.bounds
        rest = problem.with_terms(tuple(t for t in problem.terms if t is not chosen))

        def predict(points: Array) -> Array:
            return problem.predictions(points)[chosen.name]

        def others(points: Array) -> Array:
            logs = rest.log_likelihood(points) if rest.terms else np.zeros(len(points))
            return np.asarray(-(logs + problem.log_constraint(points)))

    steps = _inside(names, theta, steps, bounds)
    fit = joint_fit(chosen, predict, theta, steps, others)
    poi = names.index(parameter)
    refit = _Refit(chosen, predict, others, theta, steps, bounds, fit)
    latex = next((p.latex for p in problem.table.free if p.name == parameter), r"\mu")
    return _ranking(chosen, fit, parameter, poi, theta, latex, refit, refits)


def _term(problem: Problem, name: str) -> ReweightedTerm:
    found = {term.name: term for term in problem.terms if isinstance(term, ReweightedTerm)}
    if not found:
        raise StoreError(
            "the analysis has no HistFactory term, such as the published likelihood of Belle II "
            "(belle2-2023-bknunu): there are no nuisance parameters to rank."
        )
    if name and name not in found:
        raise UnknownNameError("HistFactory term", name, found, "--of")
    if not name and len(found) > 1:
        raise ParameterError(f"--of: one of {', '.join(found)}, whose parameters are ranked.")
    term = found[name] if name else next(iter(found.values()))
    if term.nuisances != "profile":
        raise StoreError(
            f"{term.name}: nuisance parameters are marginalised ({term.nuisances}), not profiled: "
            "impacts need a fit with nuisances: profile."
        )
    return term


def _inside(names: Sequence[str], theta: Array, steps: Array, bounds: Array) -> Array:
    """Steps that stay inside the bounds on both sides."""
    room = np.minimum(theta - bounds[:, 0], bounds[:, 1] - theta)
    steps = np.minimum(steps, 0.5 * room)
    bad = np.flatnonzero(~(steps > 1e-9 * np.maximum(abs(theta), 1e-30)))
    if len(bad):
        raise StoreError(
            f"the best fit of {names[bad[0]]} lies at the end of its range: there is no "
            "covariance, and no impact. The strength of the signal can be ranked: "
            f"--params {STRENGTH}."
        )
    return steps


class _Refit:
    """Fits with one nuisance parameter held: Newton steps with the covariance of the joint fit."""

    def __init__(
        self,
        term: ReweightedTerm,
        predict: Callable[[Array], Array],
        others: Callable[[Array], Array] | None,
        theta: Array,
        steps: Array,
        bounds: Array,
        fit: JointFit,
    ) -> None:
        self.term, self.predict, self.others = term, predict, others
        self.theta, self.steps, self.bounds, self.fit = theta, steps, bounds, fit

    def __call__(self, index: int, sign: float) -> Array:
        """Change of theta (d,) with a nuisance parameter held at its best fit -+ its error."""
        size = len(self.theta)
        covariance, place = self.fit.covariance, size + index
        column = covariance[:size, place]
        error = float(np.sqrt(covariance[place, place]))
        profiler = held(self.term, index, self.fit.alpha[index] + sign * error, error)
        inverse = covariance[:size, :size] - np.outer(column, column) / covariance[place, place]
        scale = np.sqrt(np.diag(covariance)[:size])

        def cost(points: Array) -> Array:
            columns = self.term.columns(self.predict(points))
            widths = self.term.own_widths2(columns)
            value = profiler.minimise(self.term.signal.weights(columns), widths).objective
            return np.asarray(value + (0.0 if self.others is None else self.others(points)))

        at = self._clipped(self.theta + sign * column / error)
        moves = np.concatenate([np.diag(self.steps), -np.diag(self.steps)])
        for _ in range(_STEPS):
            values = cost(self._clipped(at + moves))
            gradient = (values[:size] - values[size:]) / (2.0 * self.steps)
            step = -inverse @ gradient
            at = self._clipped(at + step)
            if (abs(step) <= _CLOSE * scale).all():
                return np.asarray(at - self.theta)
        return np.full(size, np.nan)

    def _clipped(self, points: Array) -> Array:
        return np.clip(points, self.bounds[:, 0], self.bounds[:, 1])


def _ranking(
    term: ReweightedTerm,
    fit: JointFit,
    parameter: str,
    poi: int,
    theta: Array,
    latex: str,
    refit: _Refit,
    refits: int,
) -> Ranking:
    size, model = len(theta), term.model
    variance = np.diag(fit.covariance)
    if not (np.isfinite(variance).all() and (variance > 0.0).all()):
        raise StoreError(
            f"{term.name}: the likelihood is not curved upwards in all parameters at the best fit, "
            "so that there is no covariance."
        )
    error = np.sqrt(variance[size:])
    up = fit.covariance[poi, size:] / error
    order = np.argsort(-abs(up), kind="stable")
    parameters = model.parameters
    # A Poisson constraint at 1 has the variance 1/tau.
    tau = np.where(parameters.tau > 0.0, parameters.tau, 1.0)
    width = np.where(parameters.tau > 0.0, parameters.centre * tau**-0.5, parameters.width)
    known = np.isfinite(width)
    pull = np.where(known, (fit.alpha - parameters.centre) / np.where(known, width, 1.0), np.nan)
    refitted = np.full((len(up), 2), np.nan)
    for index in order[:refits]:
        refitted[index] = [refit(index, sign)[poi] for sign in (-1.0, 1.0)]
    return Ranking(
        term.name,
        parameter,
        float(theta[poi]),
        float(np.sqrt(variance[poi])),
        tuple(model.alpha_names[index] for index in order),
        pull[order],
        np.where(known, error / np.where(known, width, 1.0), np.nan)[order],
        np.stack([-up, up], axis=1)[order],
        refitted[order],
        latex,
    )
