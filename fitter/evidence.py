"""Whether the likelihood of an analysis may be integrated over its priors to an evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import FitError
from ..likelihoods.base import Term
from .parameters.priors import Prior

__all__ = ["refuse"]

# Places of the unit cube, along its diagonal, at which a density is compared with its map.
_PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)
_STEP, _ALLOWED = 1e-4, 1e-3


def refuse(terms: Sequence[Term], priors: Sequence[Prior]) -> None:
    """Raise where an evidence would mean nothing.

    Parameters
    ----------
    terms : sequence of Term
    priors : sequence of Prior
        Of the free parameters.

    Raises
    ------
    FitError
        If a prior is not normalised, a term is not the density of its data, or nuisance parameters
        inside a term are profiled; all that is wrong is told, a sentence for each kind.
    """
    improper = [prior.description for prior in priors if not _normalised(prior)]
    loose = [term.name for term in terms if not term.includes_constants]
    profiled = [term.name for term in terms if getattr(term, "nuisances", None) == "profile"]
    told = []
    if improper:
        told.append(f"Priors must be normalised densities, and are not: {', '.join(improper)}.")
    if loose:
        told.append(
            f"Likelihoods must be normalised densities of the data; {', '.join(loose)} "
            f"{'is none' if len(loose) == 1 else 'are none'} (half-Gaussian limits and bounds)."
        )
    if profiled:
        told.append(
            "Nuisance parameters must be integrated out, not profiled: write 'nuisances: laplace' "
            f"for {', '.join(profiled)}."
        )
    if told:
        raise FitError(f"there is no evidence of this analysis. {' '.join(told)}")


def _normalised(prior: Prior) -> bool:
    """Whether a density and its map from the unit cube agree: density times volume is 1."""
    size = prior.size
    centres = np.repeat(np.array(_PLACES)[:, None], size, axis=1)
    with np.errstate(all="ignore"):
        columns = [
            (prior.ppf(centres + step) - prior.ppf(centres - step)) / (2.0 * _STEP)
            for step in _STEP * np.eye(size)
        ]
        _, log_volume = np.linalg.slogdet(np.stack(columns, axis=2))
        total = prior.log_pdf(prior.ppf(centres)) + log_volume
    return bool((np.abs(total) < _ALLOWED).all())
