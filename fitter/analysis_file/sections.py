"""Records of an analysis file: what each section may hold, and its defaults.

These records check types and single values. What needs a look at two places at once (a tie to a
parameter that exists, a start inside its prior) is in ``spec_checks``; the entry point is
``schema.load_spec``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from ...errors import ParameterError
from .cuts import parse_cut
from .executor import executor_name
from .own_data import ErrorSpec, ErrorValue, OwnDataSpec, Positive, sides_of
from .own_workspaces import WORKSPACES, CorrelatedSpec, PyhfSpec, RedistSpec, ReweightedSpec
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
from .reading.nodes import describe_value
from .reading.values import (
    FilledList,
    Flag,
    Integer,
    Name,
    NamePair,
    Number,
    Record,
    Text,
    fault,
)
from .settings import FitSpec, GridSpec, SamplerSpec

__all__ = [
    "AnalysisSpec",
    "ErrorSpec",
    "ExpressionSpec",
    "FitSpec",
    "FixedSpec",
    "FlavioSpec",
    "FormFactorSpec",
    "FreeSpec",
    "GridSpec",
    "LikelihoodSpec",
    "PolarSpec",
    "PredictionSpec",
    "PriorSpec",
    "SamplerSpec",
    "TiedSpec",
    "WcxfSpec",
]


class WcxfSpec(Record):
    """A model that is a WCxf file.

    Attributes
    ----------
    wcxf : str
        The file, relative to the analysis file.
    scale_by : str
        Name of the parameter that multiplies all coefficients: 0 is the Standard Model, its
        default, and 1 the file.
    """

    wcxf: Name
    scale_by: Name

    @property
    def name(self) -> str:
        """Name of the model; none of the package has a colon."""
        return f"wcxf:{self.wcxf}"


def _model_form(value: Any) -> str:
    return "<wcxf>" if isinstance(value, dict | WcxfSpec) else "<name>"


_ModelSpec = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[WcxfSpec, Tag("<wcxf>")],
    Discriminator(_model_form),
]


class FlavioSpec(Record):
    """What was measured of an observable of flavio: a value with its error, or an upper limit.

    Attributes
    ----------
    observable : str
        Name in flavio.
    arguments : mapping of str to float
        Of the observable, such as q2min and q2max.
    value : float, optional
        In the unit of flavio.
    error : float or ErrorSpec, optional
        That of the prediction included.
    limit, cl : float, optional
        Upper limit in the unit of flavio, and its confidence level.
    data : tuple of str
        Measurements of the package made from the same data.
    """

    observable: Name
    arguments: dict[str, Number] = Field(default_factory=dict)
    value: Number | None = None
    error: ErrorValue | None = None
    limit: Positive | None = None
    cl: Annotated[Positive, Field(lt=1)] | None = None
    data: tuple[Name, ...] = ()

    @property
    def errors(self) -> tuple[float, float] | None:
        """Upper and lower error, if there is a value."""
        return None if self.error is None else sides_of(self.error)

    @model_validator(mode="after")
    def _one_form(self) -> FlavioSpec:
        keys = ("value", "error", "limit", "cl")
        given = [key for key in keys if getattr(self, key) is not None]
        if given not in (["value", "error"], ["limit", "cl"]):
            shown = " and ".join(given) or "none"
            raise fault(f"needs value and error, or limit and cl; given: {shown}.")
        return self


# Fields of `likelihoods.options.TermOptions` that an entry may give.
_OPTIONS = (
    *("nuisances", "form_factor_systematics", "limit_form", "response", "template_errors"),
    *("theory_errors", "bound_form", "omega_form", "abundance"),
)


class LikelihoodSpec(OwnDataSpec):
    """A likelihood or a group of them, and its options; or a measurement of one's own.

    Attributes
    ----------
    name : str
        Of a likelihood or a group; of a new one with `flavio` or an observable.
    file : str, optional
        File with measurements of one's own, in place of a name.
    flavio : FlavioSpec, optional
        What was measured of an observable of flavio.
    reweighted, redist, pyhf : optional
        A HistFactory likelihood of one's own.
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

    name: Name = ""
    file: Name | None = None
    flavio: FlavioSpec | None = None
    reweighted: ReweightedSpec | None = None
    redist: RedistSpec | None = None
    pyhf: PyhfSpec | None = None
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
        return self.model_dump(include=set(_OPTIONS), exclude_none=True)

    @property
    def by_name(self) -> bool:
        """Whether the entry asks for a likelihood or a group of the package."""
        return self.file is None and self.flavio is None and not self.is_own and not self.workspaces

    @property
    def is_own(self) -> bool:
        """Whether the entry says itself what was measured."""
        return super().is_own and not self.workspaces

    @property
    def workspaces(self) -> tuple[str, ...]:
        """Keys of HistFactory likelihoods that are given: one, or none."""
        return tuple(key for key in WORKSPACES if getattr(self, key) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> LikelihoodSpec:
        if self.file is None and not self.name:
            raise fault("the key 'name' is missing.")
        others = [*self.stated, *(["name"] if self.name else [])]
        others += ["flavio"] if self.flavio is not None else []
        others += self.workspaces
        if self.file is not None and others:
            raise fault(f"{others[0]} does not go with file: the entries of the file say it.")
        if self.flavio is not None and self.stated:
            raise fault(f"{self.stated[0]} does not go with flavio: write it below flavio.")
        if self.workspaces:
            kept = {"data", self.workspaces[0]}
            strange = [key for key in others if key not in kept | {"name"}]
            if strange:
                raise fault(f"{strange[0]} does not go with {self.workspaces[0]}.")
        elif self.stated and not self.is_own:
            raise fault(f"{self.stated[0]} without observable: say what was measured.")
        return self


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


def _cut(value: Any) -> str:
    """Text of a cut that can be read."""
    if not isinstance(value, str):
        raise fault(f"must be a comparison in quotes, not {describe_value(value)}.")
    try:
        return parse_cut(value).text
    except ParameterError as error:
        raise fault(str(error)) from None


def _executor(value: Any) -> str:
    """Name of an executor that can be read."""
    if not isinstance(value, str):
        raise fault(f"must be the name of an executor, not {describe_value(value)}.")
    try:
        executor_name(value)
    except ParameterError as error:
        raise fault(str(error)) from None
    return value


class AnalysisSpec(Record):
    """An analysis as written, checked.

    Attributes
    ----------
    name, description : str
        Name and sentence of the analysis.
    model : str or WcxfSpec
        Name of its model, or the file that it is.
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
    exclude : tuple of str
        Members of groups that are left out.
    spectrum_support : {"include", "exclude"}
        Whether likelihoods are used that assume efficiencies of the Standard Model spectrum.
    cuts : tuple of str
        Comparisons of parameters; points outside have no probability.
    correlate : tuple of mapping of str to str
        Nuisance parameters that are one: HistFactory likelihood -> name of the parameter in it.
    executor : str or None
        Where work is done, such as ``processes:4``; results do not depend on it.
    """

    name: Annotated[Name, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
    description: Text = ""
    model: _ModelSpec
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
    exclude: tuple[Name, ...] = ()
    spectrum_support: Literal["include", "exclude"] = "include"
    cuts: tuple[Annotated[str, BeforeValidator(_cut)], ...] = ()
    correlate: tuple[CorrelatedSpec, ...] = ()
    executor: Annotated[str, BeforeValidator(_executor)] | None = None

    @property
    def model_name(self) -> str:
        """Name of the model, also of one that is a file."""
        return self.model if isinstance(self.model, str) else self.model.name
