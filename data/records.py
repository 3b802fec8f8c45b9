"""The records that the loaders of `bsinv.data` return: frozen, with read-only arrays.

Records hold numbers and text only, so they can be written to disk and sent to worker processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .frozen import Array

__all__ = [
    "Belle2Data",
    "Conflict",
    "Constant",
    "FormFactorSet",
    "Group",
    "Listing",
    "Measurement",
    "NullPrediction",
    "Overlap",
    "Reference",
    "Table",
]


@dataclass(frozen=True)
class Reference:
    """Where a number comes from.

    Attributes
    ----------
    experiment : str or None
        Experiment, collaboration or authors.
    year : int or None
    arxiv : str or None
        One identifier, or several separated by ``", "``.
    doi : str or None
    journal : str or None
    source : tuple of str
        Places where the number was read (``name: place``; the names are explained by
        `bsinv.data.measurements.provenance`).
    """

    experiment: str | None = None
    year: int | None = None
    arxiv: str | None = None
    doi: str | None = None
    journal: str | None = None
    source: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Experiment and year; the year in brackets where the experiment has one of its own."""
        experiment, year = self.experiment or "", str(self.year or "")
        if year and experiment[-4:].isdigit():
            return f"{experiment} ({year})"
        return f"{experiment} {year}".strip()


@dataclass(frozen=True, eq=False)
class Measurement:
    """One measurement, limit, average, theory value or input; absolute numbers in `unit`.

    Attributes
    ----------
    id : str
        Unique name.
    group : str
        Letter of the topic; see `bsinv.data.measurements.groups`.
    observables : tuple of str, length k
    kind : str
        ``gaussian``, ``asymmetric``, ``upper_limit``, ``lower_limit``, ``correlated``, ``counts``,
        or a curve: ``likelihood``, ``limit_curve``, ``limit_surface`` or ``value_curve``.
    status : str
        ``current``, ``component`` (part of a combination), ``superseded``, ``preliminary``,
        ``average``, ``recast``, ``theory``, ``input`` or ``auxiliary``.
    unit : str
        One unit, or one for each observable separated by ``", "``; ``"1"`` is dimensionless.
    values : (k,) array or None
        Central values; None where the source gives none.
    errors_plus, errors_minus : (k,) array or None
        Total upward and downward errors at 68 %, both positive numbers. Zero (inputs only) means
        negligible or not known, as the notes say. None where no 68 % error is known.
    correlation : (k, k) array or None
        Of the total errors; None where it is not known or k = 1.
    limit : float or None
        Bound at confidence level `cl`.
    cl : float or None
        Between 0 and 1.
    counts : mapping or None
        Events: ``observed`` and ``background`` of a signal region; ``signal_yield`` of a fit with
        its errors (``_stat`` or ``_stat_plus`` and ``_stat_minus``, ``_syst``) and all
        ``fitted_events`` in it; ``efficiency``, ``b_pairs`` (pairs of B mesons produced) and
        ``single_event_sensitivity`` (branching fraction at which one event is expected).
    curve : (m, 2), (m, 4) or (m, 1 + l) array or None
        Limit against mass: mass (in GeV or `mass_unit`), bound in `unit`; of ``limit_surface`` one
        bound for each of `lengths`, infinite where there is none. Of ``likelihood``: value
        in `unit`, -2 ln L. Of ``value_curve``: mass, value, upward and downward error.
    method, luminosity : str or None
    superseded_by : str or None
        Id of the measurement that replaces it.
    value_from : str or None
        Id of the measurement with the central value of the same result, for a limit.
    confirmed : bool
        False if the number was not seen in any source.
    notes : tuple of str
        Everything else, also what has no field here (such as separate statistical errors).
    reference : Reference
    mass : str or None
        Parameter of a model that is the mass of a curve against a mass.
    mass_unit : str
        Unit of that mass.
    lengths : (l,) array or None
        Proper decay lengths of a ``limit_surface``, m.
    """

    id: str
    group: str
    observables: tuple[str, ...]
    kind: str
    status: str
    unit: str
    values: Array | None
    errors_plus: Array | None
    errors_minus: Array | None
    correlation: Array | None
    limit: float | None
    cl: float | None
    counts: Mapping[str, float] | None
    curve: Array | None
    method: str | None
    luminosity: str | None
    superseded_by: str | None
    value_from: str | None
    confirmed: bool
    notes: tuple[str, ...]
    reference: Reference
    mass: str | None = None
    mass_unit: str = "GeV"
    lengths: Array | None = None


@dataclass(frozen=True)
class Constant:
    """A number that predictions depend on.

    Attributes
    ----------
    name : str
    value, error : float
        In `unit`; an error of zero means exact or negligible.
    unit : str
    latex : str
        Symbol, math mode without dollar signs.
    description : str
    reference : Reference
    allowed : (float, float)
        Ends of the range of values that predictions take, in `unit`; both belong to it.
    gives : (str, float), optional
        Another constant that is this one times a factor: two names of one number, kept under the
        other name, with its error.
    role : str
        What it is beside a number of its own, mostly empty: ``meson mass`` (of a B or K meson, in
        every rate; known far better than all else), ``normalisation`` (a factor on predictions
        whose error is all of theirs, form factors included) or ``form factors`` (a factor that
        stands for form factors where these do not float).
    """

    name: str
    value: float
    error: float
    unit: str
    latex: str
    description: str
    reference: Reference
    allowed: tuple[float, float]
    gives: tuple[str, float] | None = None
    role: str = ""


@dataclass(frozen=True, eq=False)
class FormFactorSet:
    """Coefficients of a form-factor expansion, or form-factor values at points in q^2.

    Attributes
    ----------
    id : str
    process : str
        ``"B->K"``, ``"B->K*"`` or ``"Bs->phi"``.
    kind : str
        ``"parameters"`` or ``"points"``.
    parametrisation : str
        ``"BSZ"`` (arXiv:1503.05534), ``"BCL"`` (arXiv:0807.2722), ``"BCL-HPQCD"``
        (arXiv:2207.12468) or ``"points"``.
    status : str
        ``confirmed``, ``derived`` or ``approximate``; the notes say how.
    names : tuple of str, length m
        ``"a1_f+"`` is the coefficient of order 1 of f+; ``"f+@12"`` the value at q^2 = 12 GeV^2.
    central : (m,) array
    covariance : (m, m) array
        Positive definite.
    poles : mapping of form factor to m_R, GeV
        Empty for points.
    m_B, m_M : float, GeV
        Masses that the expansion uses; ``options["masses"]`` says where they come from.
    options : mapping
        What an evaluator needs besides: ``t0`` (``"optimal"``: t0 = t+ (1 - sqrt(1 - t-/t+));
        ``"zero"``), ``variable`` (``"z - z(0)"`` or ``"z"``), ``L`` (factor in front, BCL-HPQCD),
        ``terms`` (coefficients of each form factor), ``constraints`` (a text for each relation at
        q^2 = 0 that replaces a missing coefficient) and ``masses``.
    points : tuple of (form factor, q^2 in GeV^2), or None
        In the order of `central`; None for parameters.
    notes : tuple of str
    reference : Reference
    """

    id: str
    process: str
    kind: str
    parametrisation: str
    status: str
    names: tuple[str, ...]
    central: Array
    covariance: Array
    poles: Mapping[str, float]
    m_B: float
    m_M: float
    options: Mapping[str, Any]
    points: tuple[tuple[str, float], ...] | None
    notes: tuple[str, ...]
    reference: Reference


@dataclass(frozen=True, eq=False)
class NullPrediction:
    """The prediction that the Belle II number densities were made with.

    Attributes
    ----------
    constants : mapping
        ``G_F`` (GeV^-2), ``alpha_inv``, ``X_t``, ``sin2_theta_W``, ``VtbVts``, ``m_Bplus`` (GeV),
        ``m_Kplus`` (GeV), ``tau_Bplus`` (ps) and ``hbar`` (GeV s).
    form_factors : FormFactorSet
    """

    constants: Mapping[str, float]
    form_factors: FormFactorSet


@dataclass(frozen=True, eq=False)
class Belle2Data:
    """The published likelihood of B+ -> K+ nu nubar with its joint number densities.

    Attributes
    ----------
    workspace : dict
        The pyhf JSON specification as published, for ``pyhf.Workspace``. Shared by all callers: do
        not change it.
    densities : mapping of channel to (bins, 101) array
        Expected signal events, by reconstructed bin (rows) and generated q^2 (columns). Column 0
        is for events outside `q2_edges`; column b > 0 is the interval between the edges b - 1
        and b. Only channels with signal.
    q2_edges : (101,) array, GeV^2
    signal_samples : mapping of channel to the name of its signal sample
    channel_labels : mapping of channel to a short label
        ``ITA-SR``, ``ITA-CR``, ``ITA-SR-offres``, ``ITA-CR-offres`` and ``HTA``.
    null : NullPrediction
    reference : Reference
    """

    workspace: dict[str, Any]
    densities: Mapping[str, Array]
    q2_edges: Array
    signal_samples: Mapping[str, str]
    channel_labels: Mapping[str, str]
    null: NullPrediction
    reference: Reference


@dataclass(frozen=True)
class Overlap:
    """Data that share events or numbers: no two of the members may enter one fit.

    Attributes
    ----------
    members : tuple of str
        Ids of measurements, or names of likelihoods that stand for whole data sets.
    reason : str
    """

    members: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Group:
    """Likelihoods that are used together under one name.

    Attributes
    ----------
    name : str
    description : str
        One sentence.
    members : tuple of str
        Ids of measurements, and names of likelihoods that are none.
    """

    name: str
    description: str
    members: tuple[str, ...]


class Conflict(NamedTuple):
    """A pair of ids, asked for together, that overlap (a = b: the same id twice).

    Attributes
    ----------
    a, b : str
    reason : str
    """

    a: str
    b: str
    reason: str


@dataclass(frozen=True)
class Listing:
    """One line of the list of data.

    Attributes
    ----------
    kind : str
        ``"measurement"``, ``"likelihood"``, ``"constant"`` or ``"form factors"``.
    id : str
    observables : tuple of str
        For a constant its symbol, for form factors the process.
    experiment : str
    year : int or None
    value : str
        Such as ``"2.3e-05 +7.1e-06 -6.4e-06"`` or ``"< 1.8e-05 (90 % CL)"``.
    unit : str
    status : str
    reference : str
        ``arXiv:...``, else ``doi:...``, else empty.
    """

    kind: str
    id: str
    observables: tuple[str, ...]
    experiment: str
    year: int | None
    value: str
    unit: str
    status: str
    reference: str


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers that belong together, such as a function on a grid.

    Attributes
    ----------
    name : str
    description : str
    columns : mapping of str to (k,) array
        All of one length.
    units : mapping of str to str
        Unit of each column; ``"1"`` is dimensionless.
    notes : tuple of str
    reference : Reference
    """

    name: str
    description: str
    columns: Mapping[str, Array]
    units: Mapping[str, str]
    notes: tuple[str, ...]
    reference: Reference
