"""Record of samples that another program made, to be drawn beside those of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...errors import StoreError, UnknownNameError
from .arrays import Array, expect, read_only
from .shown import dataframe, html_table

__all__ = ["ForeignChain"]


@dataclass(frozen=True, eq=False)
class ForeignChain:
    """Samples of a posterior made elsewhere; what is not known of them is None.

    Parameters
    ----------
    name : str
        Of the file, without its ending.
    kind : str
        What wrote it: ``emcee``, ``arviz``, ``getdist`` or ``csv``.
    names : tuple of str
        The d parameters, in the order of the columns.
    columns : (s, d) array
        Finite values, in the units of whoever wrote them.
    weights : (s,) array or None
        Positive, with sum 1; None if all samples count the same.
    log_posterior : (s,) array or None
        Up to a constant, finite.
    chain : (s,) array of int
        Chain of each sample, from 0; walkers of one ensemble are one chain.
    labels : mapping of str to str
        LaTeX of parameters, without dollars, where the file has it.
    ranges : mapping of str to (2,) array
        Ends of the prior where the file has them; infinite where there is none.

    Raises
    ------
    StoreError
        If there are no samples, names are given twice, shapes differ, or values are not finite.
    """

    name: str
    kind: str
    names: tuple[str, ...]
    columns: Array
    weights: Array | None = None
    log_posterior: Array | None = None
    chain: Array = field(default_factory=lambda: np.empty(0), metadata={"integer": True})
    labels: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        read_only(self)
        if not np.size(self.chain):
            object.__setattr__(self, "chain", np.zeros(len(self.columns), int))
        count = len(self.columns)
        expect(self, "columns", (count, len(self.names)))
        for name in ("weights", "log_posterior", "chain"):
            if getattr(self, name) is not None:
                expect(self, name, (count,))
        if not count or not self.names:
            raise StoreError("no samples.")
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise StoreError(f"parameter {twice[0]!r} is there twice.")
        self._check_values()
        if self.weights is not None:
            object.__setattr__(self, "weights", self.weights / self.weights.sum())
            read_only(self)

    def _check_values(self) -> None:
        bad = ~np.isfinite(self.columns)
        if bad.any():
            row, column = (int(place) for place in np.argwhere(bad)[0])
            raise StoreError(
                f"{self.names[column]} = {self.columns[row, column]} in sample {row} (from 0), "
                f"as in {int(bad.any(axis=1).sum())} of {len(bad)} samples: finite numbers are "
                "needed."
            )
        for name in ("weights", "log_posterior"):
            values = getattr(self, name)
            if values is None:
                continue
            wrong = ~np.isfinite(values) | ((values <= 0.0) & (name == "weights"))
            if wrong.any():
                row = int(np.argmax(wrong))
                raise StoreError(f"{name} of sample {row} (from 0) is {values[row]}.")

    @property
    def size(self) -> int:
        """Number of samples."""
        return len(self.columns)

    def column(self, name: str) -> Array:
        """Samples of one parameter, (s,).

        Parameters
        ----------
        name : str

        Returns
        -------
        (s,) array

        Raises
        ------
        UnknownNameError
            If there is no such parameter.
        """
        if name not in self.names:
            raise UnknownNameError("parameter", name, self.names, f"chain {self.name!r}")
        column: Array = self.columns[:, self.names.index(name)]
        return column

    def __getitem__(self, name: str) -> Array:
        """Samples of one parameter, as `column`."""
        return self.column(name)

    def __repr__(self) -> str:
        chains = len(np.unique(self.chain))
        weighted = ", weighted" if self.weights is not None else ""
        return (
            f"ForeignChain({self.name!r}, {self.kind}, {self.size} samples of "
            f"{len(self.names)} parameters, {chains} chain{'s' if chains > 1 else ''}{weighted})"
        )

    def _repr_html_(self) -> str:
        rows = [
            [name, f"{mean:.4g}", f"{sigma:.4g}"]
            for name, mean, sigma in zip(self.names, *self._moments(), strict=True)
        ]
        return html_table(
            f"{self.name}: {self.size} samples ({self.kind})", ("parameter", "mean", "std"), rows
        )

    def _moments(self) -> tuple[list[float], list[float]]:
        mean = np.average(self.columns, axis=0, weights=self.weights)
        variance = np.average((self.columns - mean) ** 2, axis=0, weights=self.weights)
        return mean.tolist(), np.sqrt(variance).tolist()

    def to_dataframe(self) -> Any:
        """Samples as a ``pandas.DataFrame``.

        Returns
        -------
        pandas.DataFrame
            Columns ``chain``, ``weight`` and ``log_posterior`` where they are known, and the
            parameters.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        columns: dict[str, Any] = {"chain": self.chain}
        if self.weights is not None:
            columns["weight"] = self.weights
        if self.log_posterior is not None:
            columns["log_posterior"] = self.log_posterior
        return dataframe(columns | {name: self.column(name) for name in self.names})
