"""Records of results: frozen, plain data, nothing live inside, all of it writable to disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType

import numpy as np

from ...errors import StoreError
from .arrays import Array
from .fits import BestFit, ObservableRecord
from .foreign import ForeignChain
from .limits import LimitScan
from .non_nested import NonNestedToys
from .predictions import PostFitSpectrum, Prediction
from .predictive import PredictiveCheck
from .robustness import Alternative, SupportReport
from .samples import Ensemble, WeightedSamples
from .scans import Scan, ScanEnd, ScanStatus
from .significance import ScanSignificance
from .toys import ToyStudy

__all__ = [
    "SCHEMA_VERSION",
    "Alternative",
    "Array",
    "BestFit",
    "Ensemble",
    "ForeignChain",
    "LimitScan",
    "NonNestedToys",
    "ObservableRecord",
    "ParameterRecord",
    "PostFitSpectrum",
    "Prediction",
    "PredictiveCheck",
    "RunFile",
    "Scan",
    "ScanEnd",
    "ScanSignificance",
    "ScanStatus",
    "SupportReport",
    "ToyStudy",
    "WeightedSamples",
]

SCHEMA_VERSION = 2
"""Version of the layout of results files; raised when older code could not read a newer file.

1: until there were samples with weights. 2: with them, toys, limits, significances.
"""

# What there may be several of, in the order in which it is told.
_PARTS = (
    *("scans", "ensembles", "weighted", "toys", "limits", "significances", "predictions"),
    *("non_nested", "predictive"),
)

ROLES = ("model", "auxiliary", "input", "form factor")


@dataclass(frozen=True)
class ParameterRecord:
    """One parameter of a run: what it is, how it was treated.

    Parameters
    ----------
    name : str
        Name as in the analysis file.
    latex : str
        LaTeX without dollar signs; the name if empty.
    unit : str
        Such as ``"GeV"``; ``""`` or ``"1"`` if it has none.
    role : str
        ``"model"``, ``"auxiliary"`` (of which parameters of the model are made), ``"input"`` or
        ``"form factor"``.
    prior : str
        The prior (or the tie to another parameter) in words, such as ``"uniform [-20, 20]"``.
    lower, upper : float
        Bounds; infinite where there are none.
    start : float
        Starting value; NaN for a parameter that is not free.
    free : bool
        True if it was fitted and sampled.
    value : float or None
        The value of a fixed parameter; None if it is free or tied.
    period : float
        Of an angle, the width of its range; NaN for others, and in files written before there were
        angles.
    flat_in : str
        ``"logarithm"`` for a prior that is flat in it, ``"value"`` for others; empty if the
        parameter is not free, and in older files, where only the words of the prior say so.
    """

    name: str
    latex: str = ""
    unit: str = ""
    role: str = "model"
    prior: str = ""
    lower: float = -np.inf
    upper: float = np.inf
    start: float = np.nan
    free: bool = True
    value: float | None = None
    period: float = np.nan
    flat_in: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise StoreError(
                f"parameter {self.name!r} has role {self.role!r}; known: {', '.join(ROLES)}."
            )

    @property
    def logarithmic(self) -> bool:
        """Whether its prior is flat in the logarithm, which is then its natural scale."""
        if self.flat_in:
            return self.flat_in == "logarithm"
        return self.prior.startswith("log-uniform")


@dataclass(frozen=True, eq=False)
class RunFile:
    """All that a results file holds.

    Parameters
    ----------
    name : str
        Name of the analysis.
    analysis_text : str
        The analysis file, verbatim.
    seed : int
        The one seed of the run.
    parameters : tuple of ParameterRecord
        All parameters, free or not.
    fingerprint : mapping of str to str
        What must agree before a run is resumed: key and value (a digest or a plain text).
    versions : mapping of str to str
        Package or data set and its version.
    created : str
        Date and time (ISO 8601) at which the run began.
    best_fit : BestFit or None
    scans : tuple of Scan
    ensembles : tuple of Ensemble
        Independent ensembles, all with the same parameters.
    weighted : tuple of WeightedSamples
        Independent runs of a sampler that gives weights, with the parameters of the ensembles if
        there are any.
    toys : tuple of ToyStudy
    limits : tuple of LimitScan
    significances : tuple of ScanSignificance
    non_nested : tuple of NonNestedToys
        Of this run, the first one, and others.
    predictive : tuple of PredictiveCheck
        The one on the posterior, if it was made.
    predictions : tuple of Prediction
    spectra : tuple of PostFitSpectrum
    support : SupportReport or None
        Of the spectrum of the best fit; None without a term that reweights a simulation, and in
        files written before there was such a report.
    alternatives : tuple of Alternative
        What other forms of some likelihoods would have given.
    notes : tuple of str
        Sentences for whoever reads the results: assumptions, warnings.
    files : mapping of str to str
        Texts of the files that the analysis names, by the names that it gives them.
    prior_fraction, prior_fraction_error : float
        Part of the prior that cuts of the analysis leave, by which it is normalised again; 1
        without cuts.
    plugins : mapping of str to str
        Name and text of each Python file with objects of the user's own. Nothing executes them but
        who is asked to.
    schema_version : int
        Version of the layout of the file that was read; files are written in the present one.
    """

    name: str
    analysis_text: str
    seed: int
    parameters: tuple[ParameterRecord, ...] = ()
    fingerprint: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    best_fit: BestFit | None = None
    scans: tuple[Scan, ...] = ()
    ensembles: tuple[Ensemble, ...] = ()
    weighted: tuple[WeightedSamples, ...] = ()
    toys: tuple[ToyStudy, ...] = ()
    limits: tuple[LimitScan, ...] = ()
    significances: tuple[ScanSignificance, ...] = ()
    non_nested: tuple[NonNestedToys, ...] = ()
    predictive: tuple[PredictiveCheck, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    spectra: tuple[PostFitSpectrum, ...] = ()
    support: SupportReport | None = None
    alternatives: tuple[Alternative, ...] = ()
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, str] = field(default_factory=dict)
    prior_fraction: float = 1.0
    prior_fraction_error: float = 0.0
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        for entry in ("fingerprint", "versions", "files", "plugins"):
            frozen = MappingProxyType({str(k): str(v) for k, v in getattr(self, entry).items()})
            object.__setattr__(self, entry, frozen)
        if len({ensemble.names for ensemble in self.ensembles}) > 1:
            raise StoreError("the ensembles of one run must have the same parameters.")
        walked = {ensemble.names for ensemble in self.ensembles}
        if len(walked | {entry.names for entry in self.weighted}) > 1:
            raise StoreError(
                "samples with weights must have the parameters of all other samples of the run."
            )

    def __repr__(self) -> str:
        counts = {name: len(getattr(self, name)) for name in _PARTS}
        parts = [
            f"{count} {name.removesuffix('s') if count == 1 else name}"
            for name, count in counts.items()
            if count
        ]
        fitted = ["best fit"] if self.best_fit is not None else []
        return f"<RunFile {self.name}: {', '.join([*fitted, *parts]) or 'nothing yet'}>"

    def _repr_html_(self) -> str:
        fit = "" if self.best_fit is None else self.best_fit._repr_html_()
        return f"<p>{escape(repr(self).strip('<>'))}</p>{fit}"

    @property
    def reference_name(self) -> str:
        """What to call the reference point, whether or not there is one."""
        return "reference" if self.best_fit is None else self.best_fit.reference_name

    def parameter(self, name: str) -> ParameterRecord:
        """Return the record of a parameter; one with nothing but the name if it has none."""
        for record in self.parameters:
            if record.name == name:
                return record
        return ParameterRecord(name)
