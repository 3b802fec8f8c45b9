"""Records of toys of two models that are no special cases of each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import StoreError
from .arrays import Array, expect, fill, missing, missing_chunks, read_only
from .shown import brief

__all__ = ["NonNestedToys"]

_ROWS = ("chunks", "values", "failed")


@dataclass(frozen=True, eq=False)
class NonNestedToys:
    """Toys drawn at the best fit of one of two models, and the largest likelihoods of both.

    Parameters
    ----------
    first, second : str
        Names of the analyses.
    under : {"first", "second"}
        Which of them is true.
    identity : str
        Digest of both analyses, with data and versions: toys of another one are no more of these.
    names : tuple of str
        The d free parameters of the one that is true.
    truth : (d,) array
        Its best fit, where the toys were drawn, in the parameters' units.
    observed : (2,) array
        ``-2 (ln L + ln constraints)`` of the measured data at the best fits of first and second.
    seed : str
        Whole number, of any width.
    chunk_size : int
        Toys of a whole chunk.
    number : int
        Toys asked for.
    chunks : (n,) integer array
        To which chunk each toy belongs; ascending.
    values : (n, 2) array
        As `observed`, of each toy; NaN where there is no likelihood.
    failed : (n, 2) integer array
        1 where a fit did not converge.
    notes : tuple of str
        Sentences for whoever reads the results.
    """

    first: str
    second: str
    under: str
    identity: str
    names: tuple[str, ...]
    truth: Array
    observed: Array
    seed: str
    chunk_size: int
    number: int
    chunks: Array = field(default_factory=missing, metadata={"integer": True})
    values: Array = field(default_factory=missing)
    failed: Array = field(default_factory=missing, metadata={"integer": True})
    notes: tuple[str, ...] = ()

    __repr__ = brief

    def __post_init__(self) -> None:
        n = len(self.chunks)
        shapes = {"chunks": (n,), "values": (n, 2), "failed": (n, 2)}
        for name in _ROWS:
            fill(self, name, shapes[name])
        read_only(self)
        for name in _ROWS:
            expect(self, name, shapes[name])
        expect(self, "truth", (len(self.names),))
        expect(self, "observed", (2,))
        if self.under not in ("first", "second"):
            raise StoreError(f"NonNestedToys.under is {self.under!r}: 'first' or 'second'.")
        if self.chunk_size < 1 or (np.diff(self.chunks) < 0).any() or (self.chunks < 0).any():
            raise StoreError("NonNestedToys.chunks must ascend from 0, in chunks of one or more.")

    @property
    def done(self) -> int:
        """Toys that are there."""
        return len(self.chunks)

    @property
    def true_name(self) -> str:
        """Name of the analysis that is true."""
        return self.first if self.under == "first" else self.second

    @property
    def pair(self) -> tuple[str, str, str]:
        """What a study of toys is of: both analyses, and which of them is true."""
        return self.first, self.second, self.under

    def missing(self) -> tuple[tuple[int, int], ...]:
        """Chunks that are not there in full, each with the number of its toys."""
        return missing_chunks(self.chunks, self.number, self.chunk_size)

    def with_chunk(self, chunk: int, values: Array, failed: Array) -> NonNestedToys:
        """The toys with those of one chunk, in place of what was there of it."""
        kept = self.chunks != chunk
        chunks = np.concatenate([self.chunks[kept], np.full(len(values), chunk)])
        order = np.argsort(chunks, kind="stable")
        return replace(
            self,
            chunks=chunks[order],
            values=np.concatenate([self.values[kept], values])[order],
            failed=np.concatenate([self.failed[kept], failed])[order],
        )
