"""Cuts: parts of the prior without probability, and how much of it they leave."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...errors import ParameterError
from ...models import ModelParameter
from ..analysis_file.cuts import Cut, parse_cut
from ..analysis_file.parameters import FixedSpec
from .priors import Array
from .records import Affine

if TYPE_CHECKING:
    from ..analysis_file.sections import AnalysisSpec
    from .table import ParameterTable

__all__ = ["LEAST_KEPT", "CutError", "CutRule", "Kept", "cut_rules", "with_fraction"]

# Less of the prior than this is a mistake, or a prior that should be another.
LEAST_KEPT = 1e-4
# Draws that the fraction is estimated with, in parts, until its relative error is small enough.
_PART, _MOST, _GOOD = 20_000, 1_000_000, 3e-3


class CutError(ParameterError):
    """A cut leaves nothing at the start, or hardly anything of the prior.

    Parameters
    ----------
    index : int or None
        Of the cut; None for all together.
    message : str
    """

    def __init__(self, index: int | None, message: str) -> None:
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class CutRule:
    """A cut on parameters.

    Attributes
    ----------
    cut : Cut
    sources : mapping of str to Affine
        Rules of those parameters in it that are no formulas.
    """

    cut: Cut
    sources: Mapping[str, Affine]

    def __call__(self, theta: Array, found: Mapping[str, Array]) -> NDArray[np.bool_]:
        """Whether points (n, ndim) pass, given the values of the formulas: (n,)."""
        known = {name: rule(theta) for name, rule in self.sources.items()}
        return np.broadcast_to(self.cut({**found, **known}), (len(theta),))


@dataclass(frozen=True)
class Kept:
    """Part of the prior that cuts leave, by which its density is normalised again.

    Attributes
    ----------
    fraction, error : float
        Estimated with draws; exactly 1 without cuts.
    draws : int
    """

    fraction: float = 1.0
    error: float = 0.0
    draws: int = 0

    @property
    def log(self) -> float:
        """``ln fraction``."""
        return math.log(self.fraction)


def cut_rules(
    spec: AnalysisSpec,
    affine: Mapping[str, Affine],
    declared: Mapping[str, ModelParameter],
    names: tuple[str, ...],
) -> tuple[CutRule, ...]:
    """Rules of the cuts of an analysis.

    Parameters
    ----------
    spec : AnalysisSpec
    affine : mapping of str to Affine
        Rules of the parameters that are no formulas.
    declared : mapping of str to ModelParameter
        Every parameter of the model.
    names : tuple of str
        Free parameters, in the order of the columns of theta.

    Returns
    -------
    tuple of CutRule
    """

    def rule(name: str) -> Affine | None:
        given = spec.inputs.get(name)
        if name in affine:
            return affine[name]
        if name in names:
            return Affine(names.index(name), 1.0, 0.0)
        if isinstance(given, FixedSpec):
            return Affine(None, 0.0, given.value)
        if name in declared and name not in spec.parameters:
            return Affine(None, 0.0, declared[name].default)
        return None  # a formula

    cuts = [parse_cut(text) for text in spec.cuts]
    return tuple(
        CutRule(cut, {name: found for name in cut.names if (found := rule(name)) is not None})
        for cut in cuts
    )


def with_fraction(table: ParameterTable) -> ParameterTable:
    """The same table, with the part of its prior that the cuts leave.

    The draws are those of the prior without cuts, ties in their ranges; the seed is made of the
    texts of the cuts, so that an analysis always has the same number.

    Parameters
    ----------
    table : ParameterTable

    Returns
    -------
    ParameterTable

    Raises
    ------
    CutError
        If the start does not pass, or less than `LEAST_KEPT` of the draws do.
    """
    if not table.cuts:
        return table
    for index, rule in enumerate(table.cuts):
        if set(rule.cut.names) == {key for key, one in rule.sources.items() if one.column is None}:
            raise CutError(index, f"no parameter in {rule.cut.text!r} is free: it cuts nothing.")
    for index, passed in enumerate(table.passed(table.start[None])):
        if not passed[0]:
            text = table.cuts[index].cut.text
            raise CutError(index, f"the start does not pass {text!r}: give other starts.")
    uncut = replace(table, cuts=())
    texts = "\n".join(rule.cut.text for rule in table.cuts)
    digest = hashlib.sha256(texts.encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    draws = accepted = 0
    while draws < _MOST:
        points = uncut.sample_prior(rng, _PART)
        accepted += int(np.count_nonzero(np.all(table.passed(points), axis=0)))
        draws += _PART
        if accepted and math.sqrt((draws - accepted) / (accepted * draws)) < _GOOD:
            break
    fraction = accepted / draws
    if fraction < LEAST_KEPT:
        raise CutError(
            None,
            f"the cuts leave {fraction:.1g} of the prior ({accepted} of {draws} draws): at least "
            f"{LEAST_KEPT:g} is needed: give narrower priors.",
        )
    error = math.sqrt(fraction * (1.0 - fraction) / draws)
    return replace(table, kept=Kept(fraction, error, draws))
