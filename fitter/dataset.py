"""What a problem was told: data of every term, and centres of the priors that are measurements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import ParameterError
from ..likelihoods.base import Array, Data

__all__ = ["Dataset", "batch_size"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """One data set, or a batch of m of them.

    The measured one is a batch of one. What evaluates takes n points and m data sets with
    ``n == m``, or one of either for all of the other.

    Attributes
    ----------
    terms : mapping of str to Data
        Data of each term, m of each.
    centres : (m, c) array
        Of the c parameters whose priors stand for measurements, in the order of the columns of
        theta and in their units: what was measured of them.
    """

    terms: Mapping[str, Data]
    centres: Array

    def __post_init__(self) -> None:
        if np.ndim(self.centres) != 2:
            raise ParameterError(
                f"centres of a data set have the shape {np.shape(self.centres)}: (m, c) is needed."
            )
        for name, data in self.terms.items():
            if len(data) != len(self.centres):
                raise ParameterError(
                    f"{name}: {len(data)} data sets beside {len(self.centres)} centres: there must "
                    "be one of each for every data set."
                )

    def __len__(self) -> int:
        return len(self.centres)

    def take(self, rows: Array | slice) -> Dataset:
        """Some of the data sets: those of `rows`, an index array, mask or slice."""
        return Dataset(
            {name: data.take(rows) for name, data in self.terms.items()}, self.centres[rows]
        )

    def refuse_other(self, names: Iterable[str], count: int) -> None:
        """Raise if the data sets are not of a problem.

        Parameters
        ----------
        names : iterable of str
            Terms of the problem.
        count : int
            Parameters whose priors stand for measurements.

        Raises
        ------
        ParameterError
        """
        missing = [name for name in names if name not in self.terms]
        if missing or self.centres.shape[1] != count:
            why = (
                f"no data for {', '.join(missing)}."
                if missing
                else f"{self.centres.shape[1]} centres, where {count} priors are measurements."
            )
            raise ParameterError(f"the data sets are of another problem: {why}")

    @classmethod
    def joined(cls, parts: Sequence[Dataset]) -> Dataset:
        """Batches of data sets of one problem, one after the other; at least one batch."""
        return cls(
            {name: Data.joined([part.terms[name] for part in parts]) for name in parts[0].terms},
            np.concatenate([part.centres for part in parts]),
        )


def batch_size(points: int, sets: int) -> int:
    """Length of what is evaluated at n points and m data sets.

    Parameters
    ----------
    points, sets : int

    Returns
    -------
    int

    Raises
    ------
    ParameterError
        If they differ and neither is 1.
    """
    if points != sets and 1 not in (points, sets):
        raise ParameterError(
            f"{points} points and {sets} data sets: there must be as many of both, or one of "
            "either."
        )
    return sets if points == 1 else points
