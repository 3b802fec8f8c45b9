"""What toys of two models that are no special cases of each other say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records import NonNestedToys, RunFile
from ..records.arrays import Array
from .toys import TailProbability, tail

__all__ = ["NonNestedTest", "log_ratios", "non_nested_test", "pair_identity", "studies_of"]


@dataclass(frozen=True)
class NonNestedTest:
    """Test of one of two models against the other.

    Attributes
    ----------
    first, second : str
    under : {"first", "second"}
        Which of them is tested: the one that is true for the toys.
    true_name : str
        Its name.
    observed : float
        T = -2 ln [L(first)/L(second)] at the largest likelihoods of both.
    mean, width : float
        Mean and standard deviation of T over the toys.
    toys : TailProbability
        Part of the toys with T at least as far towards the other model as observed: T as large if
        the first is true, as small if the second is.
    """

    first: str
    second: str
    under: str
    true_name: str
    observed: float
    mean: float
    width: float
    toys: TailProbability


def pair_identity(first: RunFile, second: RunFile) -> str:
    """Digest of the fingerprints of two runs."""
    told = json.dumps([dict(run.fingerprint) for run in (first, second)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def studies_of(first: RunFile, second: RunFile) -> tuple[NonNestedToys, ...]:
    """Toys of two runs that the first of them holds."""
    identity = pair_identity(first, second)
    return tuple(one for one in first.non_nested if one.identity == identity and one.done)


def log_ratios(study: NonNestedToys) -> Array:
    """T of the toys of which both fits converged, NaN for the others: (n,)."""
    ratios: Array = study.values[:, 0] - study.values[:, 1]
    return np.where((study.failed == 0).all(axis=1), ratios, np.nan)


def non_nested_test(study: NonNestedToys, names: Sequence[str] | None = None) -> NonNestedTest:
    """Test of the model at which toys were drawn (Cox, J. R. Stat. Soc. B 24 (1962) 406).

    Parameters
    ----------
    study : NonNestedToys
    names : sequence of str, optional
        What to call both.

    Returns
    -------
    NonNestedTest
    """
    first, second = names or (study.first, study.second)
    ratios = log_ratios(study)
    known = ratios[np.isfinite(ratios)]
    observed = float(study.observed[0] - study.observed[1])
    sign = 1.0 if study.under == "first" else -1.0
    return NonNestedTest(
        first,
        second,
        study.under,
        first if study.under == "first" else second,
        observed,
        float(known.mean()) if len(known) else float("nan"),
        float(known.std(ddof=1)) if len(known) > 1 else float("nan"),
        tail(sign * ratios, sign * observed),
    )
