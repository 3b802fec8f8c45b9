"""Records of the settings of the drivers in an analysis file: sections ``fit`` and ``sampler``."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .reading.nodes import describe_value
from .reading.values import GridAxis, Integer, Name, NamePair, Number, Record, fault

# What a run may be asked for. These ends only stop slips of the keyboard (a grid of 10^12 points, a
# thousand million walkers); what a run costs is told by `bsinv validate` before it begins.
MOST_RETRIES, MOST_SCAN_POINTS, MOST_GRID_POINTS = 10_000, 10_000, 1_000_000
MOST_REFINED = 3
MOST_ENSEMBLES, MOST_WALKERS, MOST_STEPS, MOST_THIN = 256, 65_536, 10_000_000, 10_000

__all__ = ["REST", "FitSpec", "GridSpec", "SamplerSpec"]


REST = "rest"
"""Label of the likelihoods that ``separate`` does not name."""


def _separate(value: Any) -> Any:
    """Write out the short form: a list of names, each its own label."""
    if not isinstance(value, list | dict):
        raise fault(
            "must be a list of likelihoods or groups, or a mapping of labels to such lists, not "
            f"{describe_value(value)}."
        )
    if isinstance(value, list):
        for name in value:
            if not isinstance(name, str):
                raise fault(f"needs names of likelihoods or groups, not {describe_value(name)}.")
            if value.count(name) > 1:
                raise fault(f"{name!r} is listed twice: remove one.")
        value = {name: [name] for name in value}
    for label, names in value.items():
        if not isinstance(label, str) or not label.strip() or label == REST:
            raise fault(f"the label {label!r} is not allowed: any text but {REST!r}, which stands "
                        "for what is not named.")  # fmt: skip
        if not names:
            raise fault(f"{label!r} names no likelihood.")
    return {label: [names] if isinstance(names, str) else names for label, names in value.items()}


class GridSpec(Record):
    """A scan of the likelihood on a grid of one or two parameters.

    Attributes
    ----------
    axes : mapping of str to (lower, upper, points)
        Free parameter to its grid values, in its unit.
    others : "refitted" or "held"
        Whether the other parameters are fitted again at each point, or held: inputs and form
        factors at their central values, the others at the best fit.
    separate : mapping of str to tuple of str
        Label -> likelihoods or groups whose part of the log likelihood is stored for every point,
        at the same values of the other parameters; in the file also a list of names, each a label
        of its own. Likelihoods under no label are stored together as `REST`.
    refine : int
        How often the spacing of a grid of two parameters is halved where a contour may be, at most
        `MOST_REFINED` times.
    """

    axes: dict[str, GridAxis]
    others: Literal["refitted", "held"] = "refitted"
    separate: Annotated[dict[str, tuple[Name, ...]], BeforeValidator(_separate)] = Field(
        default_factory=dict
    )
    refine: Annotated[Integer, Field(ge=0, le=MOST_REFINED)] = 0


class FitSpec(Record):
    """How the best fit, errors, profiles and contours are made.

    Attributes
    ----------
    minos : tuple of str
        Parameters that get asymmetric errors.
    strategy : 0, 1 or 2
        Of MIGRAD.
    retries : int
        Further starting points, drawn from the prior, to look for lower minima.
    start : mapping of str to float
        Starting values of free parameters.
    profiles : mapping of str to int
        Parameter -> number of points of its profile, at most `MOST_SCAN_POINTS`.
    contours : tuple of pairs of str
        Pairs of parameters.
    grids : tuple of GridSpec
        Further scans, on grids of their own.
    """

    minos: tuple[Name, ...] = ()
    strategy: Annotated[Integer, Field(ge=0, le=2)] = 1
    retries: Annotated[Integer, Field(ge=0, le=MOST_RETRIES)] = 4
    start: dict[str, Number] = Field(default_factory=dict)
    profiles: dict[str, Annotated[Integer, Field(ge=3, le=MOST_SCAN_POINTS)]] = Field(
        default_factory=dict
    )
    contours: tuple[NamePair, ...] = ()
    grids: tuple[GridSpec, ...] = ()


# Walkers of an ensemble if nothing is gained by batches, and the range of the choice if it is.
FEW, BATCHED = 48, (96, 256)
# Autocorrelation times that a chain should be long: twice what is asked of it.
STEPS_PER_WALKER = 20.0


def _walkers(value: Any) -> Any:
    if value == "auto":
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault(f"must be a whole number or auto, not {describe_value(value)}.")
    return value


class SamplerSpec(Record):
    """How the posterior is sampled.

    Attributes
    ----------
    ensembles : int
        Independent ensembles; two or more allow R-hat.
    walkers : int or None
        Per ensemble, even; None ("auto") chooses, see `walkers_for`.
    moves : "de" or "stretch"
        Moves of the ensemble.
    target_ess, target_rhat : float
        Sampling stops when both are reached, in means and in tails.
    max_steps : int
        Sampling stops here at the latest.
    checkpoint_seconds : float
        Between writes of the results file.
    thin : int
        Every how many steps one is kept.
    """

    ensembles: Annotated[Integer, Field(ge=1, le=MOST_ENSEMBLES)] = 2
    walkers: Annotated[
        Annotated[int, Field(ge=4, le=MOST_WALKERS)] | None, BeforeValidator(_walkers)
    ] = None
    moves: Literal["de", "stretch"] = "de"
    target_ess: Annotated[Number, Field(gt=0)] = 1000.0
    target_rhat: Annotated[Number, Field(gt=1)] = 1.02
    max_steps: Annotated[Integer, Field(ge=1, le=MOST_STEPS)] = 20000
    checkpoint_seconds: Annotated[Number, Field(gt=0)] = 5.0
    thin: Annotated[Integer, Field(ge=1, le=MOST_THIN)] = 1

    def walkers_for(self, ndim: int, batched: bool = True, target_ess: float | None = None) -> int:
        """Walkers per ensemble, as given or chosen.

        Chains should be `STEPS_PER_WALKER` autocorrelation times long, so that more walkers than
        the target over that number are not needed. Where a batch of points costs little more than
        one point the choice is between the `BATCHED` numbers: fewer are hardly cheaper, more are
        hardly better. In any case there are four for each parameter.

        Parameters
        ----------
        ndim : int
            Free parameters.
        batched : bool
            Whether the likelihood is evaluated as a batch.
        target_ess : float, optional
            Effective sample size wanted in place of that of the file.

        Returns
        -------
        int
            Even.
        """
        if self.walkers is not None:
            return self.walkers
        least, most = BATCHED if batched else (FEW, FEW)
        target = self.target_ess if target_ess is None else target_ess
        wanted = target / (STEPS_PER_WALKER * self.ensembles)
        chosen = max(4 * ndim, min(max(wanted, least), most))
        return 2 * math.ceil(chosen / 2)
