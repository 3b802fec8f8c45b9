"""Posterior predictive checks: data sets drawn at points of the posterior, beside the measured one.

Gelman, Meng and Stern, Statistica Sinica 6 (1996) 733.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....chains.records.predictive import PredictiveCheck
from ....chains.statistics.samples import Posterior
from ....errors import StoreError
from ....likelihoods.base import Term
from ....likelihoods.batches import NUISANCES
from ...analysis_file.arguments import check_count, check_member
from ...drivers.target import Array
from ...problem import Problem

__all__ = ["posterior_predictive"]

MOST = 1_000_000
_LEVELS = (0.025, 0.16, 0.5, 0.84, 0.975)
# Spawn key of the random numbers, apart from those of toys and samplers.
_KEY = 8


def posterior_predictive(
    problem: Problem,
    samples: Posterior,
    number: int = 1000,
    *,
    seed: int = 0,
    nuisances: str = "conditional",
) -> PredictiveCheck:
    """Draw a data set at each of some points of the posterior and compare it with the measured one.

    Parameters
    ----------
    problem : Problem
    samples : Posterior
        Of the problem.
    number : int
        Of data sets.
    seed : int
    nuisances : {"conditional", "nominal", "prior"}
        Nuisance parameters inside terms: where they describe the measured data best at each point,
        at the centres of their constraints, or drawn from these.

    Returns
    -------
    PredictiveCheck

    Raises
    ------
    ParameterError
        If an argument is not allowed.
    StoreError
        If there are no samples, or they are not of the problem.
    PredictionError
        If data of a term cannot be drawn; it is named.
    """
    check_count("number", number, 1, MOST)
    check_count("seed", seed, 0)
    check_member("nuisances", nuisances, NUISANCES)
    if not len(samples.samples):
        raise StoreError("there is no sample of the posterior to draw data from.")
    if samples.names != problem.names:
        raise StoreError(
            f"the posterior is one of {', '.join(samples.names)}, but the analysis has "
            f"{', '.join(problem.names)}."
        )
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_KEY,)))
    size = len(samples.samples)
    if samples.weights is None and number <= size:
        rows = rng.choice(size, number, replace=False)
    else:
        rows = rng.choice(size, number, p=samples.weights)
    theta = samples.samples[rows]
    data = problem.sample(theta, rng, nuisances)
    logs = [problem.term_log_likelihoods(theta, some) for some in (data, problem.measured)]
    columns: dict[str, list[Any]] = {"drawn": [], "measured": [], "names": [], "without": []}
    pieces = []
    for term in problem.terms:
        drawn = 2.0 * (term.saturated(data.terms[term.name]) - logs[0][term.name])
        own = 2.0 * (term.saturated() - logs[1][term.name])
        if not term.hard and np.isfinite(term.saturated()).all():
            columns["names"].append(term.name)
            columns["drawn"].append(drawn)
            columns["measured"].append(own)
        else:
            columns["without"].append(term.name)
        pieces += _data(term, data.terms[term.name].values)
    return PredictiveCheck(
        names=tuple(piece[0] for piece in pieces),
        terms=tuple(piece[1] for piece in pieces),
        groups=tuple(piece[2] for piece in pieces),
        observed=np.array([piece[3] for piece in pieces]),
        quantiles=np.array([piece[4] for piece in pieces]).reshape(-1, len(_LEVELS)),
        above=np.array([piece[5] for piece in pieces]),
        term_names=tuple(columns["names"]),
        drawn=np.array(columns["drawn"]).reshape(-1, number).T,
        measured=np.array(columns["measured"]).reshape(-1, number).T,
        nuisances=nuisances,
        seed=str(seed),
        notes=tuple(_notes(problem, columns["without"], nuisances)),
    )


def _data(term: Term, drawn: Array) -> list[tuple[str, str, str, float, Array, float]]:
    """Each datum of a term: name, term, channel, value, quantiles and part above; drawn (n, k)."""
    if term.hard or term.limit_form:  # no datum, or one that is assumed
        return []
    measured = term.data.values[0]
    labels = _labels(term, len(measured))
    quantiles = np.quantile(drawn, _LEVELS, axis=0).T
    above = (drawn > measured).mean(axis=0) + 0.5 * (drawn == measured).mean(axis=0)
    return [
        (name, term.name, group, float(value), row, float(part))
        for (name, group), value, row, part in zip(labels, measured, quantiles, above, strict=True)
    ]


def _labels(term: Any, count: int) -> list[tuple[str, str]]:
    """Names of data, and the channels of those that are bins."""
    model = getattr(term, "model", None)
    channels = getattr(model, "channels", ())
    if channels:
        labels = [("", "")] * count
        for name, bins in channels:
            shown = term.channel_labels.get(name, name)
            places = range(count)[bins]
            for index, place in enumerate(places):
                labels[place] = f"{shown}, bin {index + 1}", shown
        return labels
    if len(term.observables) == count:
        names = term.row_names
        several = len(set(names)) < count
        return [
            (f"{row}: {observable}" if several else row, "")
            for row, observable in zip(names, term.observables, strict=True)
        ]
    return [(f"{term.name}, {index + 1}" if count > 1 else term.name, "") for index in range(count)]


def _notes(problem: Problem, without: list[str], nuisances: str) -> list[str]:
    notes = []
    if without:
        notes.append(f"Without discrepancy, left out: {', '.join(without)}.")
    own = [term.name for term in problem.terms if getattr(term, "nuisances", None) is not None]
    if own and nuisances == "conditional":
        notes.append(
            f"Nuisance parameters inside {', '.join(own)} are where they describe the measured "
            "data best at each point, not spread as in their posterior: bands are of parameters "
            "and counts."
        )
    return notes
