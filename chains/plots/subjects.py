"""Runs to be drawn over each other: what is shown of each, its colour, its place in the legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import StoreError, UnknownNameError
from ..records import Array, ForeignChain, ParameterRecord, RunFile, Scan, ScanStatus
from ..records.prior_densities import PriorDensity
from ..statistics.diagnostics import Verdict
from ..statistics.samples import Posterior, has_samples, posterior_of, posterior_of_chain
from .palette import BAND, BEST, label

__all__ = ["Subject", "colour_of", "distinct_subjects", "records_of"]

_COLOURS = (BAND, BEST, "#009E73", "#CC79A7", "#E69F00", "#000000", "#56B4E9", "#999933")


@dataclass(frozen=True, eq=False)
class Subject:
    """A run, or a chain of another program, as it is drawn beside others.

    Parameters
    ----------
    run : RunFile or ForeignChain
    label : str
        In the legend; its name if empty.
    verdict : Verdict, optional
        On its chain: gives the burn-in, and marks one that has not converged.
    priors : tuple of PriorDensity
        Where a figure shows them.
    """

    run: RunFile | ForeignChain
    label: str = ""
    verdict: Verdict | None = None
    priors: tuple[PriorDensity, ...] = ()

    @property
    def text(self) -> str:
        """What the legend says of it."""
        plain = label("", "", self.label or self.run.name)
        poor = self.verdict is not None and not self.verdict.converged
        return f"{plain} (not converged)" if poor else plain

    @property
    def scans(self) -> tuple[Scan, ...]:
        """Its scans of which a point was done."""
        if isinstance(self.run, ForeignChain):
            return ()
        return tuple(
            scan
            for scan in self.run.scans
            if (np.isfinite(scan.log_penalised) & (scan.status != ScanStatus.FAILED)).any()
        )

    def profile(self, *names: str) -> Scan | None:
        """Scan of one or two parameters, the others refitted; None if there is none.

        One of two parameters may have them in the other order.
        """
        for scan in self.scans:
            if not scan.held and sorted(scan.parameters) == sorted(names):
                return scan
        return None

    def record(self, name: str) -> ParameterRecord | None:
        """What a parameter or prediction is; None if the subject has none of that name."""
        if isinstance(self.run, ForeignChain):
            if name not in self.run.names:
                return None
            low, high = self.run.ranges.get(name, (-np.inf, np.inf))
            latex = self.run.labels.get(name, "")
            return ParameterRecord(name, latex, lower=float(low), upper=float(high))
        if any(one.name == name for one in self.run.parameters):
            return self.run.parameter(name)
        for one in self.run.predictions:
            if one.name == name and one.axis is None:
                return ParameterRecord(name, one.latex, one.unit, role="auxiliary")
        return None

    def prior(self, name: str) -> PriorDensity | None:
        """Prior of a parameter; None if it was not given."""
        return next((one for one in self.priors if one.name == name), None)

    def point(self, name: str, reference: bool = False) -> float:
        """Best fit (or reference point) of a parameter or prediction; NaN where there is none."""
        fit = None if isinstance(self.run, ForeignChain) else self.run.best_fit
        if fit is None or isinstance(self.run, ForeignChain):
            return np.nan
        if name in fit.names:
            return fit.reference_line(name) if reference else fit[name]
        for one in self.run.predictions:
            if one.name == name and one.axis is None:
                return float((one.reference if reference else one.best_fit)[0])
        return np.nan

    def covariance(self, names: Sequence[str]) -> Array | None:
        """Covariance of parameters from HESSE; None where it is not known."""
        fit = None if isinstance(self.run, ForeignChain) else self.run.best_fit
        if fit is None or any(name not in fit.names for name in names):
            return None
        rows = [fit.names.index(name) for name in names]
        found: Array = fit.covariance[np.ix_(rows, rows)]
        return found if np.isfinite(found).all() else None

    def posterior(self, names: Sequence[str]) -> Posterior | None:
        """Samples of those of the parameters and predictions that it has; None without any."""
        if isinstance(self.run, ForeignChain):
            samples: Posterior | None = posterior_of_chain(self.run)
        else:
            samples = posterior_of(self.run, self.verdict) if has_samples(self.run) else None
        if samples is None:
            return None
        missing = [name for name in names if name not in samples.names]
        return _with_predictions(self.run, samples, missing) if missing else samples


def _with_predictions(
    run: RunFile | ForeignChain, samples: Posterior, names: Sequence[str]
) -> Posterior:
    """Samples for which predictions are stored, with these as further columns."""
    if isinstance(run, ForeignChain):
        return samples
    found = [
        one
        for one in run.predictions
        if one.name in names and one.axis is None and len(one.samples)
    ]
    if not found:
        return samples
    size = len(found[0].samples)
    points, weights = samples.thinned(size)
    if any(len(one.samples) != len(points) for one in found):
        raise StoreError(
            f"run {run.name!r}: predictions and samples do not belong together; 'bsinv resume' "
            "makes the predictions again."
        )
    unknown = np.full(len(points), np.nan)
    return Posterior(
        (*samples.names, *(one.name for one in found)),
        np.column_stack([points, *(one.samples[:, 0] for one in found)]),
        log_posterior=unknown,
        log_likelihood=unknown,
        log_prior=unknown,
        ess=None if samples.ess is None else np.r_[samples.ess, np.full(len(found), np.nan)],
        weights=weights,
    )


def colour_of(index: int) -> str:
    """Colour of one of several subjects."""
    return _COLOURS[index % len(_COLOURS)]


def distinct_subjects(
    entries: Subject | RunFile | ForeignChain | Sequence[Subject | RunFile | ForeignChain],
) -> tuple[Subject, ...]:
    """Runs as subjects.

    Parameters
    ----------
    entries : Subject, RunFile or ForeignChain, or a sequence of them

    Raises
    ------
    StoreError
        If there are none.
    """
    several = [entries] if isinstance(entries, Subject | RunFile | ForeignChain) else list(entries)
    if not several:
        raise StoreError("no run to draw.")
    return tuple(one if isinstance(one, Subject) else Subject(one) for one in several)


def records_of(subjects: Sequence[Subject], names: Sequence[str]) -> list[ParameterRecord]:
    """What parameters are, by the first subject that has each.

    Raises
    ------
    UnknownNameError
        If none has one.
    """
    found = []
    for name in names:
        some = [one for one in (subject.record(name) for subject in subjects) if one is not None]
        if not some:
            known: set[str] = set()
            for subject in subjects:
                run = subject.run
                if isinstance(run, ForeignChain):
                    known |= set(run.names)
                else:
                    known |= {one.name for one in run.parameters if one.free}
                    known |= {one.name for one in run.predictions if one.axis is None}
            raise UnknownNameError("parameter or prediction", name, known)
        found.append(some[0])
    return found
