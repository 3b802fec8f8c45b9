"""Records of toys: what fits of data sets drawn at one point found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, missing_chunks, read_only
from .shown import dataframe, html_table

__all__ = ["BEST_FIT", "ToyStudy"]

BEST_FIT = "best fit"
"""Name of the point of the toys that were drawn at the best fit."""

# Fields with a row for each toy.
_ROWS = (
    *("chunks", "truths", "values", "errors", "statistic", "failed", "gains"),
    *("term_deviance", "constraint_deviance"),
)


@dataclass(frozen=True, eq=False)
class ToyStudy:
    """Toys drawn at one point, and what was found of each and of the measured data.

    The statistic is -2 ln [L(psi, best others) / L(best fit)]: psi are the tested parameters, held
    where the toys were drawn. Deviances are -2 ln of the ratio to the saturated model, at the best
    fit.

    Parameters
    ----------
    name : str
        Where they were drawn, such as ``"SM"`` or ``"mu = 4.6"``.
    names : tuple of str
        The d free parameters.
    truth : (d,) array
        Where the toys were drawn, in the parameters' units.
    tested : tuple of str
        Parameters held at the truth in the second fit of each toy.
    constrained : (d,) array
        1 for parameters whose priors stand for measurements, else 0.
    bounds : (d, 2) array
        Support of each parameter.
    nuisances : str
        ``"conditional"``, ``"nominal"`` or ``"prior"``: where nuisance parameters were.
    seed : str
        Whole number, of any width.
    chunk_size : int
        Toys of a whole chunk.
    number : int
        Toys asked for.
    chunks : (n,) integer array
        To which chunk each toy belongs; ascending.
    truths : (n, d) array
        Truth of each toy: that of the study, but for nuisance parameters drawn from their priors.
    values, errors : (n, d) arrays
        Best fits, and errors from second derivatives, NaN where there are none (at a bound).
    statistic : (n,) array
        NaN where a fit has no finite likelihood.
    failed : (n,) integer array
        0; 1 where the fit with all parameters free did not converge, 2 where the other one did
        not, 3 for both.
    gains : (n,) array
        By how much other starts lowered -2 ln L of the fit with all free.
    term_names : tuple of str
        The t terms.
    term_deviance : (n, t) array
        NaN for a term without goodness of fit.
    constraint_deviance : (n,) array
        Of the priors that stand for measurements.
    term_data : (t,) integer array
        Number of data of each term, 0 for one without goodness of fit.
    fitted : int
        Unconstrained parameters that are actually free: as many combinations of them as the
        predictions know, without those at a bound of the best fit.
    observed_values : (d,) array
        Best fit of the measured data.
    observed_statistic : float
    observed_term_deviance : (t,) array
    observed_constraint_deviance : float
    notes : tuple of str
        Sentences for whoever reads the results.
    """

    name: str
    names: tuple[str, ...]
    truth: Array
    tested: tuple[str, ...]
    constrained: Array
    bounds: Array
    nuisances: str
    seed: str
    chunk_size: int
    number: int
    term_names: tuple[str, ...]
    term_data: Array = field(metadata={"integer": True})
    fitted: int
    observed_values: Array
    observed_statistic: float
    observed_term_deviance: Array
    observed_constraint_deviance: float
    chunks: Array = field(default_factory=missing, metadata={"integer": True})
    truths: Array = field(default_factory=missing)
    values: Array = field(default_factory=missing)
    errors: Array = field(default_factory=missing)
    statistic: Array = field(default_factory=missing)
    failed: Array = field(default_factory=missing, metadata={"integer": True})
    gains: Array = field(default_factory=missing)
    term_deviance: Array = field(default_factory=missing)
    constraint_deviance: Array = field(default_factory=missing)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, d, t = len(self.chunks), len(self.names), len(self.term_names)
        shapes = {"truths": (n, d), "values": (n, d), "errors": (n, d), "term_deviance": (n, t)}
        for name in _ROWS:
            fill(self, name, shapes.get(name, (n,)))
        read_only(self)
        for name in _ROWS:
            expect(self, name, shapes.get(name, (n,)))
        own = {"truth": (d,), "constrained": (d,), "bounds": (d, 2), "observed_values": (d,)}
        own |= {"term_data": (t,), "observed_term_deviance": (t,)}
        for name, shape in own.items():
            expect(self, name, shape)
        unknown = [name for name in self.tested if name not in self.names]
        if unknown:
            raise StoreError(f"toys test {unknown[0]!r}, which is none of their parameters.")
        if self.chunk_size < 1 or (np.diff(self.chunks) < 0).any() or (self.chunks < 0).any():
            raise StoreError("ToyStudy.chunks must ascend from 0, in chunks of one toy or more.")

    def __repr__(self) -> str:
        failed = int(np.count_nonzero(self.failed))
        return f"<ToyStudy at {self.label}: {self.done} of {self.number} toys, {failed} failed>"

    def _repr_html_(self) -> str:
        good = self.failed == 0
        rows = [
            (name, f"{truth:.4g}", f"{column.mean():.4g}", f"{column.std():.4g}")
            for name, truth, column in zip(self.names, self.truth, self.values[good].T, strict=True)
            if len(column)
        ]
        header = ("parameter", "truth", "mean of best fits", "deviation")
        return html_table(repr(self).strip("<>"), header, rows)

    def to_dataframe(self) -> Any:
        """`columns` as a ``pandas.DataFrame``, a row for each toy (extra ``pandas``)."""
        return dataframe(self.columns())

    def columns(self) -> dict[str, Array]:
        """Columns of numbers, with a row for each toy.

        Returns
        -------
        dict of str to (n,) array
            ``chunk``, ``statistic``, ``failed``, ``constraint_deviance``, best fits by parameter,
            ``error of NAME`` and ``deviance of TERM``.
        """
        columns: dict[str, Array] = {"chunk": self.chunks, "statistic": self.statistic}
        columns |= {"failed": self.failed, "constraint_deviance": self.constraint_deviance}
        for i, name in enumerate(self.names):
            columns[name] = self.values[:, i]
            columns[f"error of {name}"] = self.errors[:, i]
        for i, name in enumerate(self.term_names):
            columns[f"deviance of {name}"] = self.term_deviance[:, i]
        return columns

    @property
    def done(self) -> int:
        """Toys that are there."""
        return len(self.chunks)

    @property
    def at_best(self) -> bool:
        """Whether they were drawn at the best fit of the measured data."""
        return self.name == BEST_FIT

    @property
    def label(self) -> str:
        """Name of the study, with what is unusual about it."""
        other = "" if self.nuisances == "conditional" else f", nuisances: {self.nuisances}"
        return self.name + other

    def missing(self) -> tuple[tuple[int, int], ...]:
        """Chunks that are not there in full, each with the number of its toys."""
        return missing_chunks(self.chunks, self.number, self.chunk_size)

    def same(self, other: ToyStudy) -> bool:
        """Whether toys of another study are more of the same."""
        told = ("label", "names", "tested", "seed", "chunk_size", "term_names")
        if any(getattr(self, name) != getattr(other, name) for name in told):
            return False
        return bool(np.array_equal(self.truth, other.truth))

    @classmethod
    def joined(cls, studies: Sequence[ToyStudy]) -> ToyStudy:
        """Toys of several studies at one point; of a chunk that is in several the longest.

        Parameters
        ----------
        studies : sequence of ToyStudy
            The last one says what is told besides the toys.

        Returns
        -------
        ToyStudy
            As many toys are asked for as by the one that asks for most.

        Raises
        ------
        StoreError
            If they are of different points, seeds or parameters.
        """
        last = studies[-1]
        for one in studies:
            if not last.same(one):
                raise StoreError(
                    f"toys at {one.label} (seed {one.seed}) and at {last.label} (seed "
                    f"{last.seed}) are not of one study."
                )
        pieces: dict[int, tuple[ToyStudy, slice]] = {}
        longest: dict[int, int] = {}
        for one in studies:
            numbers, first, sizes = np.unique(one.chunks, return_index=True, return_counts=True)
            for chunk, at, size in zip(*(x.tolist() for x in (numbers, first, sizes)), strict=True):
                if size > longest.get(chunk, 0):
                    longest[chunk], pieces[chunk] = size, (one, slice(at, at + size))
        ordered = [pieces[chunk] for chunk in sorted(pieces)]
        number = max(one.number for one in studies)
        if not ordered:
            return replace(last, number=number)
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(one, name)[rows] for one, rows in ordered])
            for name in _ROWS
        }
        return replace(last, number=number, **columns)
