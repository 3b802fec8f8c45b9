"""How strongly a best fit is preferred to the reference point, in which terms, and its text."""

from __future__ import annotations

import math

import numpy as np

from ..records import BestFit, RunFile
from .run import hundredths

__all__ = ["comparison_text", "one_sided_significance", "rests_on", "significance"]

# Terms that are named, those that move -2 ln L most; the others are told as a sum.
NAMED_TERMS = 3


def significance(minus_two_delta_log: float, dof: int) -> tuple[float, float]:
    """p-value and significance of a difference of -2 ln L between nested fits, two-sided.

    Wilks' theorem: the difference follows a chi-square distribution with as many degrees of
    freedom as the reference point fixes parameters, where all of these exist at the reference
    point and none lies on a bound. The significance is that of a Gaussian with the same two-sided
    p-value: for one degree of freedom, the square root of the difference.

    Parameters
    ----------
    minus_two_delta_log : float
        -2 ln(L_reference / L_best); negative values count as zero.
    dof : int
        Degrees of freedom, at least 1.

    Returns
    -------
    p_value, sigma : float
        Sigma is infinite where the p-value is below what floats can hold.
    """
    from scipy import stats

    value = max(0.0, minus_two_delta_log)
    p_value = float(stats.chi2.sf(value, dof))
    sigma = math.sqrt(value) if dof == 1 else float(stats.norm.isf(0.5 * p_value))
    return p_value, max(0.0, sigma)


def one_sided_significance(minus_two_delta_log: float, excess: bool = True) -> tuple[float, float]:
    """p-value and significance for one parameter that can only lie on one side.

    Half of the experiments fluctuate to the other side, where the difference is zero: its
    distribution is half a delta function and half a chi-square of one degree of freedom
    (1007.1727, Section 3.1; Chernoff, Ann. Math. Stat. 25 (1954) 573).

    Parameters
    ----------
    minus_two_delta_log : float
        -2 ln(L_reference / L_best); negative values count as zero.
    excess : bool
        Whether the best fit lies on the side asked for; else the significance is negative.

    Returns
    -------
    p_value, sigma : float
    """
    from scipy import stats

    sigma = math.sqrt(max(0.0, minus_two_delta_log)) * (1.0 if excess else -1.0)
    return float(stats.norm.sf(sigma)), sigma


def comparison_text(fit: BestFit) -> str:
    """Say how a best fit compares with its reference point.

    Parameters
    ----------
    fit : BestFit

    Returns
    -------
    str
        Empty without a reference point.
    """
    if not fit.reference_label or not math.isfinite(fit.minus_two_delta_log):
        return ""
    dof, delta = fit.reference_dof, fit.minus_two_delta_log
    freedom = f" for {dof} parameter{'' if dof == 1 else 's'} tested" if dof else ""
    text = f"Relative to {fit.reference_label}: −2 Δ ln L = {hundredths(delta)}{freedom}"
    test, p_value, sigma = fit.reference_test, fit.reference_p_value, fit.reference_sigma
    if not test and dof:  # a file of before there were tests of the conditions
        (p_value, sigma), test = significance(delta, dof), "two-sided"
        remark = " Whether the conditions of Wilks' theorem hold was not looked at."
    else:
        remark = f" {fit.reference_remark}" if fit.reference_remark else ""
    if math.isfinite(p_value):
        strength = f"{sigma:.2f} σ" if math.isfinite(sigma) else "more than 37 σ"
        how = f"{test}, Wilks' theorem" if test == "two-sided" else test
        text += f": p = {p_value:.2g}, {strength} ({how})"
    return f"{text}.{remark}"


def rests_on(run: RunFile) -> str:
    """Say which terms make the difference of -2 ln L, and what was free to take it up.

    Parameters
    ----------
    run : RunFile
        With a best fit that has a reference point.

    Returns
    -------
    str
        Sentences; empty without a reference point.
    """
    fit = run.best_fit
    if fit is None or not fit.reference_label:
        return ""
    sentences = [f"It rests on {_terms(fit)}."]
    inputs = [record for record in run.parameters if record.role == "input"]
    floated = [_floated(record.name, fit) for record in inputs if record.free]
    sentences.append(f"Inputs that float: {', '.join(floated) or 'none'}.")
    held = [
        f"{record.name} = {record.value:g}"
        for record in inputs
        if not record.free and record.value is not None
    ]
    if held:
        sentences.append(f"Inputs held by the analysis: {', '.join(held)}.")
    return " ".join(sentences)


def _terms(fit: BestFit) -> str:
    """Parts of -2 Delta ln L: the largest terms by name, the rest, and the constraints."""
    gains = 2.0 * (fit.term_log_likelihood - fit.reference_term_log_likelihood)
    order = np.argsort(-np.abs(np.nan_to_num(gains)), kind="stable")
    named, others = order[:NAMED_TERMS], order[NAMED_TERMS:]
    parts = [f"{fit.term_names[index]} ({hundredths(gains[index], sign=True)})" for index in named]
    if len(others):
        count = "1 other term" if len(others) == 1 else f"{len(others)} other terms"
        parts.append(f"{count} ({hundredths(gains[others].sum(), sign=True)})")
    priors = 2.0 * (fit.log_constraint - fit.reference_log_constraint)
    if abs(priors) >= 0.005:
        parts.append(f"priors that stand for measurements ({hundredths(priors, sign=True)})")
    return ", ".join(parts)


def _floated(name: str, fit: BestFit) -> str:
    """An input with its values at the two points."""
    if name not in fit.names:
        return name
    column = fit.names.index(name)
    here, there = fit.values[column], fit.reference_values[column]
    return f"{name} ({here:.3g}; {fit.reference_label} {there:.3g})"
