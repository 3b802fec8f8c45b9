"""The evidence of an analysis: whether it has one, and the integral over its priors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..chains.records import WeightedSamples
from ..errors import FitError
from ..likelihoods.base import Array, Term
from ..likelihoods.catalogue import accepted_options
from .analysis_file.own_workspaces import WORKSPACES
from .analysis_file.reading.source import read_text
from .checked import CheckedFile
from .drivers.sampling.nested import NestedOptions, nested
from .drivers.work import Work
from .parameters.priors import Prior
from .parameters.unit_cube import log_tied_content
from .problem import Problem

__all__ = ["LAPLACE", "evidence_runs", "log_normalisation", "marginalised", "refuse"]

LAPLACE = "laplace"
# Places of the unit cube, along its diagonal, at which a density is compared with its map.
_PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)
_STEP, _ALLOWED = 1e-4, 1e-3


def marginalised(analysis: CheckedFile) -> tuple[CheckedFile, tuple[str, ...]]:
    """The same analysis with nuisance parameters inside terms integrated out.

    Parameters
    ----------
    analysis : CheckedFile

    Returns
    -------
    CheckedFile
        Of the same class; the very same if nothing is profiled.
    tuple of str
        Likelihoods and groups of the file to which ``nuisances: laplace`` was given.

    Raises
    ------
    AnalysisError
        If a likelihood cannot be marginalised.
    """
    if not any(getattr(term, "nuisances", "") == "profile" for term in analysis.problem.terms):
        return analysis, ()
    accepted = accepted_options()
    entries, changed = [], []
    data = read_text(analysis.text if "\n" in analysis.text else analysis.text + "\n").data
    for given in data["likelihoods"]:
        entry: dict[str, Any] = {"name": given} if isinstance(given, str) else dict(given)
        name = entry.get("name", "")
        takes = "nuisances" in accepted.get(name, ()) or any(key in entry for key in WORKSPACES)
        if takes and entry.get("nuisances") != LAPLACE:
            entry["nuisances"] = LAPLACE
            changed.append(name)
        entries.append(entry)
    own = analysis.own
    models = [entry for name, entry in own.models.items() if not own.origin["model", name]]
    made = type(analysis)(
        {**data, "likelihoods": entries},
        models[0] if models else None,
        files=analysis.files,
        terms=[term for term in own.terms if not own.origin["term", term.name]],
        observables=[
            entry for name, entry in own.observables.items() if not own.origin["observable", name]
        ],
        plugins=own.plugins,
    )
    return made, tuple(changed)


def evidence_runs(
    problem: Problem,
    options: NestedOptions,
    *,
    first: int = 0,
    checkpoint: Path | None = None,
    identity: str = "",
    seconds: float = 30.0,
    report: Callable[[int, int, float], None] | None = None,
    work: Work | None = None,
    pieces: int = 1,
) -> tuple[WeightedSamples, ...]:
    """Integrate the likelihood of a problem over its priors, see `drivers.nested.nested`.

    Parameters
    ----------
    problem : Problem
    options : NestedOptions
    first, checkpoint, identity, seconds, report, work, pieces
        As for `nested`.

    Returns
    -------
    tuple of WeightedSamples
        Their ln Z is that of the normalised density of the data, with `log_normalisation`;
        ``log_likelihood`` of the points is that of the problem, without.

    Raises
    ------
    FitError
        If there is no evidence (`refuse`), or no point of the prior has a likelihood.
    ParameterError
        If the prior has no map from the unit cube.
    StoreError, MissingExtraError
        As for `nested`.
    """
    refuse(problem.terms, problem.table.priors)
    constant = log_normalisation(problem.terms)
    target = _Mapped(problem, log_tied_content(problem.table))
    made = nested(
        target,
        options,
        first=first,
        checkpoint=checkpoint,
        identity=identity,
        seconds=seconds,
        report=report,
        work=work,
        pieces=pieces,
    )
    told = {"log_normalisation": f"{constant:.10g}"}
    return tuple(
        replace(run, log_evidence=run.log_evidence + constant, options={**run.options, **told})
        for run in made
    )


def log_normalisation(terms: Sequence[Term]) -> float:
    """What makes the sum of the logarithms that of the density of all data; NaN if none is known.

    Parameters
    ----------
    terms : sequence of Term

    Returns
    -------
    float
        Sum of `Term.log_normalisation`.
    """
    return float(sum(term.log_normalisation for term in terms))


@dataclass(frozen=True, eq=False)
class _Mapped:
    """A problem with its prior as a sampler of the unit cube takes it: normalised, ties included.

    Attributes
    ----------
    problem : Problem
    log_content : float
        Logarithm of what ties leave of the prior.
    """

    problem: Problem
    log_content: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.problem, name)

    def log_prior(self, theta: Array) -> Array:
        """Logarithm of the normalised density: (n,)."""
        return self.problem.log_prior(theta) - self.log_content


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
    loose = [term.name for term in terms if not np.isfinite(term.log_normalisation)]
    profiled = [term.name for term in terms if getattr(term, "nuisances", None) == "profile"]
    told = []
    if improper:
        told.append(f"Priors must be normalised densities, and are not: {', '.join(improper)}.")
    if loose:
        told.append(
            f"Likelihoods must be normalised densities of the data; {', '.join(loose)} "
            f"{'is none' if len(loose) == 1 else 'are none'} (such as curves of ln L without data)."
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
