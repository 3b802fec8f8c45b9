"""Records of an analysis file: what each section may hold, and its defaults.

These records check types and single values. What needs a look at two places at once (a tie to a
parameter that exists, a start inside its prior) is in ``spec_checks``; the entry point is
``schema.load_spec``.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .flavio import FlavioSpec
from .nodes import describe_value
from .parameters import (
    AuxiliarySpec,
    ExpressionSpec,
    FixedSpec,
    FreeSpec,
    InputSpec,
    ParameterSpec,
    PolarSpec,
    PriorSpec,
    TiedSpec,
)
from .values import (
    FilledList,
    Flag,
    GridAxis,
    Integer,
    Name,
    NamePair,
    Number,
    Record,
    Text,
    fault,
)

# What a run may be asked for. These ends only stop slips of the keyboard (a grid of 10^12 points, a
# thousand million walkers); what a run costs is told by `bsinv validate` before it begins.
MOST_RETRIES, MOST_SCAN_POINTS, MOST_GRID_POINTS = 10_000, 10_000, 1_000_000
MOST_ENSEMBLES, MOST_WALKERS, MOST_STEPS, MOST_THIN = 256, 65_536, 10_000_000, 10_000

__all__ = [
    "AnalysisSpec",
    "ExpressionSpec",
    "FitSpec",
    "FixedSpec",
    "FormFactorSpec",
    "FreeSpec",
    "GridSpec",
    "LikelihoodSpec",
    "PolarSpec",
    "PredictionSpec",
    "PriorSpec",
    "SamplerSpec",
    "TiedSpec",
]


class LikelihoodSpec(Record):
    """A likelihood or a group of them, and its options.

    Attributes
    ----------
    name : str
        Of a likelihood or a group; of a new one with `flavio`.
    flavio : FlavioSpec, optional
        What was measured of an observable of flavio.
    nuisances : "profile" or "laplace", optional
        What is done with nuisance parameters inside the term.
    form_factor_systematics : bool, optional
        Whether a published likelihood keeps its own form-factor modifiers.
    limit_form : "measured", "half-gaussian" or "gamma", optional
        How an upper limit is turned into a likelihood.
    response : "published" or "linear", optional
        How the efficiencies of the Belle II likelihood depend on q2 inside its bins.
    template_errors : "published" or "reweighted", optional
        Statistical errors of a reweighted signal template.
    theory_errors : bool, optional
        Whether the error of the prediction is added to that of a measurement.
    bound_form : "smooth" or "hard", optional
        How a lower limit on a mass becomes a likelihood.
    omega_form : "measurement" or "upper", optional
        Whether the dark scalar is all of the dark matter or may be a part.
    abundance : "all" or "relic", optional
        Density of the dark scalar in limits on its rates.
    """

    name: Name
    flavio: FlavioSpec | None = None
    nuisances: Literal["profile", "laplace"] | None = None
    form_factor_systematics: Flag | None = None
    limit_form: Literal["measured", "half-gaussian", "gamma"] | None = None
    response: Literal["published", "linear"] | None = None
    template_errors: Literal["published", "reweighted"] | None = None
    theory_errors: Flag | None = None
    bound_form: Literal["smooth", "hard"] | None = None
    omega_form: Literal["measurement", "upper"] | None = None
    abundance: Literal["all", "relic"] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The options that were given: fields of `likelihoods.options.TermOptions`."""
        return self.model_dump(exclude={"name", "flavio"}, exclude_none=True)


def _by_name(key: str) -> BeforeValidator:
    """Write out the short form of an entry: a name stands for a mapping with the key alone."""

    def written_out(value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise fault(f"must be a name or a mapping, not {describe_value(value)}.")
        return {key: value} if isinstance(value, str) else value

    return BeforeValidator(written_out)


class FormFactorSpec(Record):
    """The form-factor set of a process, and whether its coefficients float.

    Attributes
    ----------
    set : str
        Name of the set; empty if not given, until ``schema.validate`` fills in the default.
    treatment : "float" or "fixed"
        What is done with the coefficients.
    """

    set: Name = ""
    treatment: Literal["float", "fixed"] = "fixed"


class GridSpec(Record):
    """A scan of the likelihood on a grid of one or two parameters.

    Attributes
    ----------
    axes : mapping of str to (lower, upper, points)
        Free parameter to its grid values, in its unit.
    others : "refitted" or "held"
        Whether the other parameters are fitted again at each point, or held: inputs and form
        factors at their central values, the others at the best fit.
    """

    axes: dict[str, GridAxis]
    others: Literal["refitted", "held"] = "refitted"


class PredictionSpec(Record):
    """A number that a run predicts.

    Attributes
    ----------
    observable : str
        Name of an observable, or of a parameter that follows from others.
    q2min, q2max : float, optional
        Range of q2 in GeV^2.
    long_distance : bool, optional
        With the part through a tau lepton.
    """

    observable: Name
    q2min: Number | None = None
    q2max: Number | None = None
    long_distance: Flag | None = None

    @property
    def kinematics(self) -> dict[str, float | bool]:
        """What was given besides the name."""
        return self.model_dump(exclude={"observable"}, exclude_none=True)


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


class AnalysisSpec(Record):
    """An analysis as written, checked.

    Attributes
    ----------
    name, description, model : str
        Name and sentence of the analysis; name of its model.
    likelihoods : tuple of LikelihoodSpec
        In the order written.
    parameters : mapping of str to FixedSpec, FreeSpec, TiedSpec, ExpressionSpec or PolarSpec
        Of the model; those not named stay at the model's default.
    auxiliary : mapping of str to FixedSpec, FreeSpec or ExpressionSpec
        Parameters that the model does not have, from which expressions are made.
    inputs : mapping of str to FixedSpec or FreeSpec
        Constants.
    form_factors : mapping of str to FormFactorSpec
        By process.
    fit, sampler : FitSpec, SamplerSpec
        Settings of the drivers.
    predictions : tuple of PredictionSpec
        Reported besides those that every run makes.
    seed : int or None
        None draws one.
    allow_overlaps : tuple of pairs of str
        Data that overlap and may be used together all the same.
    """

    name: Annotated[Name, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
    description: Text = ""
    model: Name
    likelihoods: Annotated[tuple[Annotated[LikelihoodSpec, _by_name("name")], ...], FilledList]
    parameters: dict[str, ParameterSpec] = Field(default_factory=dict)
    auxiliary: dict[str, AuxiliarySpec] = Field(default_factory=dict)
    inputs: dict[str, InputSpec] = Field(default_factory=dict)
    form_factors: dict[str, FormFactorSpec] = Field(default_factory=dict)
    fit: FitSpec = FitSpec()
    sampler: SamplerSpec = SamplerSpec()
    predictions: tuple[Annotated[PredictionSpec, _by_name("observable")], ...] = ()
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] | None = None
    allow_overlaps: tuple[NamePair, ...] = ()
