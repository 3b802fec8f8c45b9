"""Records of an analysis file: what each section may hold, and its defaults.

These records check types and single values. What needs a look at two places at once (a tie to a
parameter that exists, a start inside its prior) is in ``spec_checks``; the entry point is
``schema.load_spec``.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from .spec_types import (
    FilledList,
    Flag,
    GridAxis,
    Integer,
    Name,
    NamePair,
    Number,
    NumberPair,
    Text,
    fault,
)
from .yaml_nodes import describe_value

__all__ = [
    "AnalysisSpec",
    "FitSpec",
    "FixedSpec",
    "FormFactorSpec",
    "FreeSpec",
    "GridSpec",
    "LikelihoodSpec",
    "PriorSpec",
    "SamplerSpec",
    "TiedSpec",
]


class _Record(BaseModel):
    """A section: no unknown key, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PriorSpec(_Record):
    """A prior: exactly one of ``uniform``, ``normal``, ``log_uniform``.

    Attributes
    ----------
    uniform, log_uniform : (lower, upper), optional
        In the parameter's unit.
    normal : (mean, sigma), optional
        In the parameter's unit.
    lower, upper : float, optional
        Cut a normal prior.
    """

    KINDS: ClassVar[tuple[str, ...]] = ("uniform", "normal", "log_uniform")

    uniform: NumberPair | None = None
    normal: NumberPair | None = None
    log_uniform: NumberPair | None = None
    lower: Number | None = None
    upper: Number | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> PriorSpec:
        given = [kind for kind in self.KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            shown = "none" if not given else " and ".join(given)
            raise fault(f"needs exactly one of {', '.join(self.KINDS)}; given: {shown}.")
        if given != ["normal"] and (self.lower is not None or self.upper is not None):
            raise fault(f"lower and upper go with normal only; {given[0]} has its own ends.")
        return self

    @property
    def kind(self) -> str:
        """The one kind given: ``"uniform"``, ``"normal"`` or ``"log_uniform"``."""
        return next(kind for kind in self.KINDS if getattr(self, kind) is not None)

    def support(self) -> tuple[float, float]:
        """Lower and upper end of the support as written, infinite where there is none."""
        pair = self.uniform or self.log_uniform
        if pair is not None:
            return pair
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower, upper


class FixedSpec(_Record):
    """A parameter held at a number."""

    value: Number


class FreeSpec(_Record):
    """A parameter that floats in its prior."""

    prior: PriorSpec
    start: Number | None = None
    latex: Name | None = None


class TiedSpec(_Record):
    """A parameter equal to ``times`` x another one ``plus`` a number."""

    equals: Name
    times: Number = 1.0
    plus: Number = 0.0


def _as_mapping(value: Any) -> Any:
    """Write the short forms out: a number is a fixed value, a name is a tie."""
    if isinstance(value, bool | int | float):
        return {"value": value}
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return {"equals": value}
        return {"value": value}  # a quoted number: refused as a value, with a hint
    if not isinstance(value, dict):
        raise fault(
            f"must be a number, a parameter's name or a mapping, not {describe_value(value)}."
        )
    return value


def _as_input(value: Any) -> Any:
    if isinstance(value, str) or (isinstance(value, dict) and "equals" in value):
        raise fault("must be a number or a prior: inputs cannot be tied.")
    return _as_mapping(value)


def _form(value: dict[str, Any]) -> str:
    """Tag of the form of an entry; in angle brackets, so that errors can drop it."""
    if "equals" in value:
        return "<tied>"
    return "<fixed>" if "value" in value else "<free>"


_Fixed = Annotated[FixedSpec, Tag("<fixed>")]
_Free = Annotated[FreeSpec, Tag("<free>")]
_Tied = Annotated[TiedSpec, Tag("<tied>")]
ParameterSpec = Annotated[
    _Fixed | _Free | _Tied, Discriminator(_form), BeforeValidator(_as_mapping)
]
InputSpec = Annotated[_Fixed | _Free, Discriminator(_form), BeforeValidator(_as_input)]


class LikelihoodSpec(_Record):
    """A likelihood or a group of them, and its options.

    Attributes
    ----------
    name : str
        Of a likelihood or a group.
    nuisances : "profile" or "laplace", optional
        What is done with nuisance parameters inside the term.
    form_factor_systematics : bool, optional
        Whether a published likelihood keeps its own form-factor modifiers.
    limit_form : "half-gaussian" or "gamma", optional
        How an upper limit is turned into a likelihood.
    template_errors : "published" or "reweighted", optional
        Statistical errors of a reweighted signal template.
    """

    name: Name
    nuisances: Literal["profile", "laplace"] | None = None
    form_factor_systematics: Flag | None = None
    limit_form: Literal["half-gaussian", "gamma"] | None = None
    template_errors: Literal["published", "reweighted"] | None = None

    @property
    def options(self) -> dict[str, str | bool]:
        """The options that were given."""
        return self.model_dump(exclude={"name"}, exclude_none=True)


def _named(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise fault(f"must be a name or a mapping, not {describe_value(value)}.")
    return {"name": value} if isinstance(value, str) else value


class FormFactorSpec(_Record):
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


class GridSpec(_Record):
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


class FitSpec(_Record):
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
        Parameter -> number of points of its profile.
    contours : tuple of pairs of str
        Pairs of parameters.
    grids : tuple of GridSpec
        Further scans, on grids of their own.
    """

    minos: tuple[Name, ...] = ()
    strategy: Annotated[Integer, Field(ge=0, le=2)] = 1
    retries: Annotated[Integer, Field(ge=0)] = 4
    start: dict[str, Number] = {}
    profiles: dict[str, Annotated[Integer, Field(ge=3)]] = {}
    contours: tuple[NamePair, ...] = ()
    grids: tuple[GridSpec, ...] = ()


def _walkers(value: Any) -> Any:
    if value == "auto":
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise fault(f"must be a whole number or auto, not {describe_value(value)}.")
    return value


class SamplerSpec(_Record):
    """How the posterior is sampled.

    Attributes
    ----------
    ensembles : int
        Independent ensembles; two or more allow R-hat.
    walkers : int or None
        Per ensemble, even; None ("auto") chooses by the number of parameters.
    moves : "de" or "stretch"
        Moves of the ensemble.
    target_ess, target_rhat : float
        Sampling stops when both are reached.
    max_steps : int
        Sampling stops here at the latest.
    checkpoint_seconds : float
        Between writes of the results file.
    thin : int
        Every how many steps one is kept.
    """

    ensembles: Annotated[Integer, Field(ge=1)] = 2
    walkers: Annotated[Annotated[int, Field(ge=4)] | None, BeforeValidator(_walkers)] = None
    moves: Literal["de", "stretch"] = "de"
    target_ess: Annotated[Number, Field(gt=0)] = 1000.0
    target_rhat: Annotated[Number, Field(gt=1)] = 1.02
    max_steps: Annotated[Integer, Field(ge=1)] = 20000
    checkpoint_seconds: Annotated[Number, Field(gt=0)] = 5.0
    thin: Annotated[Integer, Field(ge=1)] = 1

    def walkers_for(self, ndim: int) -> int:
        """Walkers per ensemble: as given, or the larger of 48 and 4 x ``ndim``."""
        return self.walkers if self.walkers is not None else max(48, 4 * ndim)


class AnalysisSpec(_Record):
    """An analysis as written, checked.

    Attributes
    ----------
    name, description, model : str
        Name and sentence of the analysis; name of its model.
    likelihoods : tuple of LikelihoodSpec
        In the order written.
    parameters : mapping of str to FixedSpec, FreeSpec or TiedSpec
        Of the model; those not named stay at the model's default.
    inputs : mapping of str to FixedSpec or FreeSpec
        Constants.
    form_factors : mapping of str to FormFactorSpec
        By process.
    fit, sampler : FitSpec, SamplerSpec
        Settings of the drivers.
    seed : int or None
        None draws one.
    allow_overlaps : tuple of pairs of str
        Data that overlap and may be used together all the same.
    """

    name: Annotated[Name, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
    description: Text = ""
    model: Name
    likelihoods: Annotated[
        tuple[Annotated[LikelihoodSpec, BeforeValidator(_named)], ...], FilledList
    ]
    parameters: dict[str, ParameterSpec] = {}
    inputs: dict[str, InputSpec] = {}
    form_factors: dict[str, FormFactorSpec] = {}
    fit: FitSpec = FitSpec()
    sampler: SamplerSpec = SamplerSpec()
    seed: Annotated[Integer, Field(ge=0, lt=2**63)] | None = None
    allow_overlaps: tuple[NamePair, ...] = ()
