"""Record of a posterior predictive check: data that the posterior expects, and those measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import StoreError
from .arrays import Array, expect, read_only
from .shown import brief

__all__ = ["PredictiveCheck"]


@dataclass(frozen=True, eq=False)
class PredictiveCheck:
    """Data sets drawn at n points of the posterior.

    The discrepancy is -2 ln of the ratio of the likelihood at a point to that of the saturated
    model, nuisance parameters inside terms profiled for each data set.

    Parameters
    ----------
    names : tuple of str
        The k data: bins of channels, and measured values.
    terms : tuple of str
        The term of each of them.
    groups : tuple of str
        Channel of each bin; empty for a measured value.
    observed : (k,) array
        What was measured, in the unit of the term.
    quantiles : (k, 5) array
        Of the data sets drawn, at 2.5, 16, 50, 84 and 97.5 %.
    above : (k,) array
        Part of the data sets with more than was measured; half of those with as much count.
    term_names : tuple of str
        The t terms with a discrepancy.
    drawn, measured : (n, t) arrays
        Discrepancy of the data set drawn at each point, and of the measured data there.
    nuisances : str
        Where nuisance parameters inside terms were: as for toys.
    seed : str
        Whole number, of any width.
    notes : tuple of str
        Sentences for whoever reads the results.
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    groups: tuple[str, ...]
    observed: Array
    quantiles: Array
    above: Array
    term_names: tuple[str, ...]
    drawn: Array
    measured: Array
    nuisances: str = "conditional"
    seed: str = ""
    notes: tuple[str, ...] = field(default=())

    __repr__ = brief

    def __post_init__(self) -> None:
        read_only(self)
        k, t = len(self.names), len(self.term_names)
        if not len(self.terms) == len(self.groups) == k:
            raise StoreError("PredictiveCheck: each datum needs the name of its term and a group.")
        for name, shape in (("observed", (k,)), ("quantiles", (k, 5)), ("above", (k,))):
            expect(self, name, shape)
        for name in ("drawn", "measured"):
            expect(self, name, (len(self.drawn), t))

    @property
    def number(self) -> int:
        """Number of data sets drawn."""
        return len(self.drawn)
