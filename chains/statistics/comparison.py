"""Runs beside each other: what their fits and evidences say of one another, and what they cannot.

Likelihoods of two runs can be compared if they are densities of the same data, priors that stand
for measurements among them. Bayes factors need besides that the priors of the signals be stated in
a quantity that both have, since the evidence of a scenario falls with the range that it is given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...errors import StoreError, UnknownNameError
from ..records import ParameterRecord, RunFile
from ..records.shown import dataframe, html_table, shown
from .common import common_parameters, different_data, signal_parameters, uniform_range
from .evidence import evidence
from .non_nested import NonNestedTest, non_nested_test, studies_of
from .toys import Goodness, goodness

__all__ = ["CommonEvidence", "Compared", "Comparison", "compared"]

# Part of the posterior in the outer twentieth of a range below which nothing lies beyond it.
_OUTER, _NOTHING = 0.05, 1e-3


@dataclass(frozen=True)
class Compared:
    """One run beside the first one.

    Attributes
    ----------
    name : str
    parameters : int
        Free ones, constrained ones among them.
    minus_two_delta_log : float
        -2 ln of the ratio of its largest likelihood (with constraints) to that of the first run.
    delta_aic : float
        Difference of Akaike's criterion, -2 ln L + 2 parameters, to that of the first run.
    log_evidence, log_evidence_error : float
    log_bayes_factor, log_bayes_factor_error : float
        ln of the ratio of its evidence to that of the first run.
    halved, doubled : float
        The same with the range of the common prior halved and doubled in both.
    largest : float
        q/2, the largest ln of a Bayes factor against the reference point of the run that any prior
        could give.
    goodness : Goodness or None
        Of all data, if there are toys at the best fit.
    pulls : tuple of (str, float)
        Terms by the size of their pulls at the best fit, largest first.
    reasons : tuple of str
        Why numbers are missing.
    """

    name: str
    parameters: int
    minus_two_delta_log: float
    delta_aic: float
    log_evidence: float
    log_evidence_error: float
    log_bayes_factor: float
    log_bayes_factor_error: float
    halved: float
    doubled: float
    largest: float
    goodness: Goodness | None
    pulls: tuple[tuple[str, float], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class CommonEvidence:
    """Evidence of a run with the prior of its signal stated in a rate, beside the first one.

    Attributes
    ----------
    name : str
    log_evidence, error : float
    factor, factor_error : float
        ln of the ratio of its evidence to that of the first run.
    halved, doubled : float
        The same with half and twice the range of the rate in both.
    largest : float
        See `Compared`.
    reason : str
        Why numbers are missing.
    """

    name: str
    log_evidence: float
    error: float
    factor: float
    factor_error: float
    halved: float
    doubled: float
    largest: float
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """Runs beside each other.

    Attributes
    ----------
    runs : tuple of Compared
        The first is what others are compared with.
    quantity : str
        Parameter whose range is halved and doubled; empty if there is none.
    tests : tuple of NonNestedTest
        From toys of the first and another run, where there are some.
    notes : tuple of str
        What is to be said of these toys.
    common : tuple of CommonEvidence
        With signal priors uniform in a rate; empty if none was asked for.
    rate : str
        What that is, with the end of its range.
    """

    runs: tuple[Compared, ...]
    quantity: str
    tests: tuple[NonNestedTest, ...] = ()
    notes: tuple[str, ...] = ()
    common: tuple[CommonEvidence, ...] = ()
    rate: str = ""

    def to_dataframe(self) -> Any:
        """Numbers of each run, by its name, as a ``pandas.DataFrame`` (extra ``pandas``)."""
        left_out = ("name", "goodness", "pulls", "reasons")
        names = [entry.name for entry in fields(Compared) if entry.name not in left_out]
        columns = {name: [getattr(run, name) for run in self.runs] for name in names}
        return dataframe(columns, [run.name for run in self.runs])

    def _repr_html_(self) -> str:
        rows = [
            [run.name, *(shown(x) for x in (run.parameters, run.minus_two_delta_log))]
            + [shown(x) for x in (run.delta_aic, run.log_bayes_factor)]
            for run in self.runs
        ]
        header = ("run", "parameters", "-2 Delta ln L", "Delta AIC", "ln Bayes factor")
        return html_table("Comparison", header, rows)


def compared(
    runs: Sequence[RunFile], names: Sequence[str] | None = None, quantity: str | None = None
) -> Comparison:
    """Compare runs with the first of them.

    Parameters
    ----------
    runs : sequence of RunFile
        Two or more.
    names : sequence of str, optional
        What to call them; the names of their analyses by default.
    quantity : str, optional
        Parameter in which the signal priors are stated; the first one without unit by default
        that all runs with a signal have, with the same uniform prior.

    Returns
    -------
    Comparison
        NaN where a number is missing.

    Raises
    ------
    StoreError
        If there are fewer than two runs.
    UnknownNameError
        If the quantity is no parameter that all runs with a signal have in common.
    """
    if len(runs) < 2:
        raise StoreError("a comparison needs two results files or more.")
    named = [run.name for run in runs] if names is None else list(names)
    common = common_parameters(runs)
    if quantity is not None and quantity not in common:
        raise UnknownNameError("common parameter", quantity, common, "the comparison")
    uniform = [n for n, one in common.items() if uniform_range(one) and one.unit in ("", "1")]
    chosen = quantity or (uniform[0] if uniform else "")
    first = runs[0]
    studies = [
        (study, (named[0], name))
        for run, name in zip(runs[1:], named[1:], strict=True)
        for study in studies_of(first, run)
    ]
    return Comparison(
        tuple(
            _beside(run, first, name, common, chosen) for run, name in zip(runs, named, strict=True)
        ),
        chosen,
        tuple(non_nested_test(study, pair) for study, pair in studies),
        tuple(dict.fromkeys(note for study, _ in studies for note in study.notes)),
    )


def _beside(
    run: RunFile,
    first: RunFile,
    name: str,
    common: dict[str, ParameterRecord],
    quantity: str,
) -> Compared:
    different = "" if run is first else different_data(run, first)
    reasons = [f"not compared with {first.name}, whose data are others: {different}"]
    reasons = reasons if different else []
    fit, zero = run.best_fit, first.best_fit
    gain = aic = math.nan
    if fit is None:
        reasons.append("no best fit")
    elif zero is not None and not different:
        gain = -2.0 * (fit.log_penalised - zero.log_penalised)
        aic = gain + 2.0 * (len(fit.names) - len(zero.names))
        if not fit.valid:
            reasons.append("the fit failed: do not trust its numbers")
    value, error = _evidence(run)
    base, base_error = _evidence(first)
    factor = factor_error = half = twice = math.nan
    if not math.isfinite(value):
        reasons.append("no ln Z: run bsinv evidence")
    elif not different and math.isfinite(base):
        both = bool(signal_parameters(run)) and bool(signal_parameters(first))
        if both and not common:
            reasons.append(
                "no ln B, since no parameter of the signals has the same name and prior in all "
                "runs: state the priors in a common quantity"
            )
        else:
            factor = value - base
            factor_error = 0.0 if run is first else math.hypot(error, base_error)
            half, twice = (
                factor + _shift(run, quantity, by) - _shift(first, quantity, by)
                for by in (0.5, 2.0)
            )
    if math.isfinite(factor) and quantity and not math.isfinite(twice):
        reasons.append(f"posterior up to an end of {quantity}: what lies beyond is not known")
    return Compared(
        name,
        0 if fit is None else len(fit.names),
        gain,
        aic,
        value,
        error,
        factor,
        factor_error,
        half,
        twice,
        0.5 * fit.minus_two_delta_log if fit is not None and fit.reference_label else math.nan,
        _goodness(run),
        _pulls(run),
        tuple(reasons),
    )


def _evidence(run: RunFile) -> tuple[float, float]:
    ended = [one for one in run.weighted if one.complete and one.size]
    if not ended:
        return math.nan, math.nan
    found = evidence(ended)
    return found.log_evidence, found.error


def _shift(run: RunFile, quantity: str, by: float) -> float:
    """Change of ln Z where the range of a uniform prior becomes `by` times as wide.

    The prior density becomes 1/by of what it was. The range shrinks towards zero (or the end that
    is nearest to it), and what is outside of it no longer counts; what a wider range would add is
    nothing if the posterior has died out at the ends that move, and not known otherwise.
    """
    record = signal_parameters(run).get(quantity)
    if not signal_parameters(run):
        return 0.0
    ends = None if record is None else uniform_range(record)
    ended = [one for one in run.weighted if one.complete and one.size]
    if ends is None or not ended:
        return math.nan
    low, high = ends
    pivot = min(max(0.0, low), high)
    parts, sizes = [], []
    for one in ended:
        column = one.points[:, one.names.index(quantity)]
        if by < 1.0:
            left, right = pivot + by * (low - pivot), pivot + by * (high - pivot)
            inside = (column >= left) & (column <= right)
        else:
            outer = _OUTER * (high - low)
            near = (column > high - outer) & (high > pivot)
            near |= (column < low + outer) & (low < pivot)
            inside = ~near
        parts.append(float(one.weights[inside].sum()))
        sizes.append(one.effective_samples)
    part = float(np.average(parts, weights=sizes))
    if by > 1.0:
        return -math.log(by) if 1.0 - part < _NOTHING else math.nan
    return math.log(part / by) if part > 0.0 else -math.inf


def _goodness(run: RunFile) -> Goodness | None:
    """Of all data, by the largest study of toys at the best fit."""
    studies = [one for one in run.toys if one.at_best and one.done]
    if not studies:
        return None
    found, _ = goodness(max(studies, key=lambda one: one.done))
    return found[0] if found else None


def _pulls(run: RunFile) -> tuple[tuple[str, float], ...]:
    fit = run.best_fit
    if fit is None:
        return ()
    known = [
        (name, float(pull))
        for name, pull in zip(fit.term_names, fit.term_pulls, strict=False)
        if math.isfinite(pull)
    ]
    return tuple(sorted(known, key=lambda one: -abs(one[1])))
