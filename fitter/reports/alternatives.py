"""What a run would have found with another form of some of its likelihoods.

A limit can stand for what was measured or for a half Gaussian, a peak narrower than a bin of q2
enters the Belle II likelihood by the published response or by the linear one, and rates measured
with efficiencies of the Standard Model spectrum may be used or left out where the spectrum is
another one. Both are defensible, so a run tells how far the other one moves its results: the best
fit is minimised again, from where it was, and posterior samples get the ratio of the two
likelihoods as weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...chains.records import Alternative
from ...errors import BsinvError
from ..analysis_file.sections import PredictionSpec
from ..drivers.minimum.minuit import refit
from ..drivers.target import Array
from ..problem import Problem
from ..terms import TermRequests, with_other_option
from .other_spectra import of_another_spectrum
from .predictions import predictions
from .reference import Reference, reference_point

if TYPE_CHECKING:
    from ...chains.records import BestFit, Prediction, SupportReport
    from ...likelihoods.base import Term

__all__ = ["alternatives", "weighted_median"]

# Fewer effective samples have no median to speak of.
FEWEST_SAMPLES = 50.0

_OTHER_FORM = {"measured": "half-gaussian", "half-gaussian": "measured", "gamma": "half-gaussian"}
_OTHER_RESPONSE = {"published": "linear", "linear": "published"}


def alternatives(
    problem: Problem,
    requested: TermRequests,
    best: BestFit,
    samples: Array,
    predicted: tuple[Prediction, ...],
    support: SupportReport | None,
    requests: Sequence[PredictionSpec] = (),
    progress: Callable[[int], None] | None = None,
    given: Array | None = None,
) -> tuple[Alternative, ...]:
    """Results with the other forms that there are, each on its own.

    Parameters
    ----------
    problem : Problem
    requested : TermRequests
        From which its terms were made.
    best : BestFit
    samples : (s, d) array
        Posterior samples, s = 0 allowed.
    predicted : tuple of Prediction
        At these samples.
    support : SupportReport or None
        The other response matters where it tells of peaks narrower than a bin.
    requests : sequence of PredictionSpec
        Predictions that were asked for.
    progress : callable, optional
        Called with the number of points evaluated in a refit.
    given : (s,) array, optional
        Weights of the samples; all the same if None.

    Returns
    -------
    tuple of Alternative
        Empty if no form has another.
    """
    found = []
    reference = None
    if best.reference_label:
        reference = reference_point(problem, [request.observable for request in requests])
    for option, used, other, terms in _others(problem, requested, support, best):
        kept = {id(term) for term in terms}
        changed = tuple(before.name for before in problem.terms if id(before) not in kept)
        varied = problem.with_terms(terms)
        moved = _moved(problem, varied, best, samples, given, reference, progress)
        weights = moved.pop("weights")
        moved |= _predictions(varied, moved["values"], predicted, weights, given, requests)
        found.append(Alternative(option, used, other, changed, names=problem.names, **moved))
    return tuple(found)


def _others(
    problem: Problem, requested: TermRequests, support: SupportReport | None, best: BestFit
) -> Iterator[tuple[str, str, str, tuple[Term, ...]]]:
    """Option, its two values, and all terms with the other one."""
    left_out = of_another_spectrum(problem, best.values)
    remaining = tuple(term for term in problem.terms if term.name not in left_out)
    if left_out and not all(term.hard for term in remaining):
        yield "spectrum_support", "include", "exclude", remaining
    limits = with_other_option(requested, problem.terms, "limit_form", _OTHER_FORM)
    changed = [(old, new) for old, new in zip(problem.terms, limits, strict=True) if old is not new]
    if changed:
        names = [
            " and ".join(sorted({_form(pair[side]) for pair in changed}, reverse=True))
            for side in (0, 1)
        ]
        yield "limit_form", names[0], names[1], limits
    if support is None or not len(support.peaks):
        return
    terms = with_other_option(requested, problem.terms, "response", _OTHER_RESPONSE)
    for old, new in zip(problem.terms, terms, strict=True):
        if old.response != new.response:
            yield "response", old.response, new.response, terms


def _form(term: Term) -> str:
    return term.limit_form or "measured"


def _moved(
    problem: Problem,
    other: Problem,
    best: BestFit,
    samples: Array,
    given: Array | None,
    reference: Reference | None,
    progress: Callable[[int], None] | None,
) -> dict[str, Any]:
    """Fields of `Alternative`: the fit, the reference, medians; and the weights of the samples."""
    values, depth, valid = refit(other, {}, best.values[None], progress)
    moved: dict[str, Any] = {"values": values, "valid": valid}
    if reference is not None:
        start = best.reference_values[None]
        _, height, good = refit(other, reference.columns, start, progress)
        moved["minus_two_delta_log"] = height - depth if good else np.nan
        both = np.stack([best.values, best.reference_values])
        ends = other.log_likelihood(both) + other.log_constraint(both)
        moved["at_best_fit"] = (
            float(2.0 * (ends[0] - ends[1])) if np.isfinite(ends).all() else np.nan
        )
    weights = _weights(problem, other, samples, given)
    enough = weights is not None and _effective(weights) >= FEWEST_SAMPLES
    if weights is not None:
        moved["effective_samples"] = _effective(weights)
    if weights is not None and enough:
        moved["median_shifts"] = _shifts(samples, weights, given)
    return moved | {"weights": weights if enough else None}


def _weights(problem: Problem, other: Problem, samples: Array, given: Array | None) -> Array | None:
    """Weights with the other likelihood, with sum 1: (s,); None if there are no samples."""
    if not len(samples):
        return None
    log = other.log_likelihood(samples) - problem.log_likelihood(samples)
    log = np.where(np.isnan(log), -np.inf, log)
    if not np.isfinite(log).any():
        return np.zeros(len(samples))
    weights = np.exp(log - log.max())
    if given is not None:
        weights *= given
    normalised: Array = weights / weights.sum()
    return normalised


def _effective(weights: Array) -> float:
    square = float((weights * weights).sum())
    return 1.0 / square if square > 0.0 else 0.0


def _shifts(columns: Array, weights: Array, given: Array | None) -> Array:
    """Moves of the medians of columns, (s, k) to (k,)."""
    own = np.full(len(weights), 1.0 / len(weights)) if given is None else given
    return np.array(
        [weighted_median(column, weights) - weighted_median(column, own) for column in columns.T]
    )


def weighted_median(values: Array, weights: Array) -> float:
    """Median of weighted numbers: (s,) arrays; interpolated between the middles of the weights."""
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - 0.5 * weights[order]
    return float(np.interp(0.5 * weights.sum(), middle, values[order]))


def _predictions(
    other: Problem,
    values: Array,
    predicted: tuple[Prediction, ...],
    weights: Array | None,
    given: Array | None,
    requests: Sequence[PredictionSpec],
) -> dict[str, Any]:
    """Numbers predicted at the new best fit, and the moves of their medians."""
    numbers = [entry for entry in predicted if np.size(entry.best_fit) == 1]
    names = tuple(entry.name for entry in numbers)
    try:
        made = predictions(other, None, values[None], requests)
        there = {entry.name: entry.samples for entry in made}
    except BsinvError:
        return {}
    shifts = np.full(len(numbers), np.nan)
    if weights is not None:
        shifts = np.array(
            [
                # Without samples where it is not defined at all of them.
                _shifts(entry.samples, weights, given)[0] if len(entry.samples) else np.nan
                for entry in numbers
            ]
        )
    return {
        "prediction_names": names,
        "prediction_values": np.array([float(there[name][0, 0]) for name in names]),
        "prediction_median_shifts": shifts,
    }
