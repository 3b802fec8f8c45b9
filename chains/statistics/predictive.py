"""p-values of a posterior predictive check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..records.predictive import PredictiveCheck
from .toys import TailProbability, tail

__all__ = ["Discrepancy", "discrepancies"]


@dataclass(frozen=True)
class Discrepancy:
    """Discrepancy of all data, or of one term.

    Attributes
    ----------
    name : str
        Of the term; empty for all together.
    measured, drawn : float
        Its mean over the posterior for the measured data and for those drawn.
    probability : TailProbability
        Part of the points at which the data drawn there have at least the discrepancy of the
        measured ones (Gelman, Meng and Stern, Statistica Sinica 6 (1996) 733, eq. 7).
    """

    name: str
    measured: float
    drawn: float
    probability: TailProbability


def discrepancies(check: PredictiveCheck) -> tuple[Discrepancy, ...]:
    """Of all terms together, then of each if there are several; empty without any.

    Parameters
    ----------
    check : PredictiveCheck

    Returns
    -------
    tuple of Discrepancy
    """
    if not check.term_names:
        return ()
    columns = [("", slice(None))]
    if len(check.term_names) > 1:
        columns += [(name, slice(i, i + 1)) for i, name in enumerate(check.term_names)]
    found = []
    for name, some in columns:
        drawn, measured = check.drawn[:, some].sum(axis=1), check.measured[:, some].sum(axis=1)
        with np.errstate(invalid="ignore"):
            away = drawn - measured
        found.append(
            Discrepancy(
                name, float(np.nanmean(measured)), float(np.nanmean(drawn)), tail(away, 0.0)
            )
        )
    return tuple(found)
