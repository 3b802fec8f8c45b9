"""Records of fits: the best fit, and each observable of it with its pull."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from ...errors import StoreError, UnknownNameError
from .arrays import Array, expect, fill, missing, read_only
from .shown import dataframe, html_table

__all__ = ["BestFit", "ObservableRecord"]

# Parameters that a short form names.
_SHOWN = 4

KINDS = ("value", "upper limit", "lower limit", "likelihood")


@dataclass(frozen=True)
class ObservableRecord:
    """One observable of one likelihood term, at the best fit and at the reference point.

    Attributes
    ----------
    term : str
        Name of the likelihood term.
    observable : str
    latex : str
        LaTeX of the observable without dollar signs; empty if it has none.
    unit : str
        Of all numbers but levels and pulls; ``""`` or ``"1"`` if there is none.
    kind : str
        ``"value"``, ``"upper limit"``, ``"lower limit"``, or ``"likelihood"`` where there is no
        single number.
    value, error_plus, error_minus : float
        Measured, both errors positive; NaN for limits.
    theory_error : float
        Error of the prediction, added in quadrature in the pull.
    limit, level : float
        Limit and confidence level; NaN for values.
    prediction, reference_prediction : float
        NaN where not known, or without a reference point.
    pull, reference_pull : float
        Measured minus predicted over the total error; NaN where there is none.
    own : bool
        Whether the measurement is the user's own, not of the package.
    standard_spectrum : bool
        Whether it is a rate measured with efficiencies for the q2 spectrum of the Standard Model.
    """

    term: str
    observable: str
    unit: str = ""
    kind: str = "likelihood"
    value: float = np.nan
    error_plus: float = np.nan
    error_minus: float = np.nan
    theory_error: float = 0.0
    limit: float = np.nan
    level: float = np.nan
    prediction: float = np.nan
    pull: float = np.nan
    reference_prediction: float = np.nan
    reference_pull: float = np.nan
    latex: str = ""
    own: bool = False
    standard_spectrum: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise StoreError(
                f"observable {self.observable!r} of {self.term!r} has kind {self.kind!r}; known: "
                f"{', '.join(KINDS)}."
            )


@dataclass(frozen=True, eq=False)
class BestFit:
    """The best fit, its errors, and the same likelihood at a reference point (the SM).

    Best fit means the maximum of ``log_likelihood + log_constraint``, where the constraint is the
    part of the prior that stands for measurements: the normal priors of inputs and form factors.

    Parameters
    ----------
    names : tuple of str
        The n free parameters, in the order of all arrays below.
    values : (n,) array
        Parameter values, each in the unit of its parameter.
    covariance : (n, n) array
        Covariance from HESSE (symmetric errors at -2 Delta ln L = 1); NaN where not available.
    errors : (n,) array
        Square roots of the diagonal of the covariance.
    log_likelihood, log_prior, log_constraint : float
        At the best fit; the prior is that of all free parameters, normalised, as in the chain.
    status : str
        One sentence that says how the fit ended.
    valid : bool
        True if the minimum can be trusted.
    minos : (n, 2) array
        MINOS errors, lower (negative) and upper; NaN where not done or failed.
    minos_status : tuple of str
        For each parameter ``""`` (not done), ``"valid"`` or why it is not.
    edm : float
        Estimated distance to the minimum, in units of -2 ln L.
    n_calls : int
        Calls of the likelihood, all rungs of the ladder together.
    ladder : tuple of str
        What was tried, in order, with its outcome.
    seconds : float
        Time taken.
    term_names : tuple of str
        The t likelihood terms.
    term_log_likelihood : (t,) array
        log L of each term at the best fit.
    term_pulls : (t,) array
        Pull (measured minus predicted over error, in standard deviations) of each term at the
        best fit; NaN where a term has none.
    reference_label : str
        Name of the reference point, such as ``"SM"``; empty if there is none.
    reference_values : (n,) array
        Parameter values there (nuisances profiled if the driver does so).
    reference_log_likelihood, reference_log_prior, reference_log_constraint : float
        At the reference point; NaN if there is none.
    reference_term_log_likelihood, reference_term_pulls : (t,) arrays
        As for the best fit.
    reference_dof : int
        Number of free parameters that the reference point fixes: the degrees of freedom of the
        comparison.
    observables : tuple of ObservableRecord
        Each observable of each term; empty in files written before there were such records.
    hesse_status : tuple of str
        For each parameter ``""`` or why its symmetric error is not quoted: a bound nearer than
        one error, or a likelihood that is piecewise constant along it.
    reference_test : str
        Kind of the significance: ``"two-sided"``, ``"one-sided"``, ``"local, one-sided"``,
        ``"local, two-sided"``, or ``"none"`` where none can be quoted without toys; empty in files
        written before the conditions of Wilks' theorem were looked at.
    reference_p_value, reference_sigma : float
        Of that kind; NaN where none is quoted.
    reference_remark : str
        Why it is of that kind; empty where Wilks' theorem holds.
    other_minima : (k, n) array
        Parameter values at the other minima that the status names; empty in older files.
    reference_undefined : tuple of str
        Parameters on which nothing depends at the reference point, such as a mass where the
        coupling is zero; empty in older files.
    """

    names: tuple[str, ...]
    values: Array
    covariance: Array
    errors: Array
    log_likelihood: float
    log_prior: float
    status: str
    valid: bool
    minos: Array = field(default_factory=missing)
    minos_status: tuple[str, ...] = ()
    edm: float = np.nan
    n_calls: int = 0
    ladder: tuple[str, ...] = ()
    seconds: float = np.nan
    term_names: tuple[str, ...] = ()
    term_log_likelihood: Array = field(default_factory=missing)
    term_pulls: Array = field(default_factory=missing)
    reference_label: str = ""
    reference_values: Array = field(default_factory=missing)
    reference_log_likelihood: float = np.nan
    reference_log_prior: float = np.nan
    log_constraint: float = np.nan
    reference_log_constraint: float = np.nan
    reference_term_log_likelihood: Array = field(default_factory=missing)
    reference_term_pulls: Array = field(default_factory=missing)
    reference_dof: int = 0
    observables: tuple[ObservableRecord, ...] = ()
    hesse_status: tuple[str, ...] = ()
    reference_test: str = ""
    reference_p_value: float = np.nan
    reference_sigma: float = np.nan
    reference_remark: str = ""
    other_minima: Array = field(default_factory=missing)
    reference_undefined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, t = len(self.names), len(self.term_names)
        shapes = {
            "values": (n,),
            "covariance": (n, n),
            "errors": (n,),
            "minos": (n, 2),
            "reference_values": (n,),
            "term_log_likelihood": (t,),
            "term_pulls": (t,),
            "reference_term_log_likelihood": (t,),
            "reference_term_pulls": (t,),
        }
        fill(self, "other_minima", (0, n))
        optional = [name for name in shapes if name not in ("values", "covariance", "errors")]
        for name in optional:
            fill(self, name, shapes[name])
        for name in ("minos_status", "hesse_status"):
            if not getattr(self, name):
                object.__setattr__(self, name, ("",) * n)
        read_only(self)
        for name, shape in shapes.items():
            expect(self, name, shape)
        expect(self, "other_minima", (len(self.other_minima), n))
        if len(self.minos_status) != n:
            raise StoreError(f"BestFit.minos_status has {len(self.minos_status)} texts, not {n}.")

    def __getitem__(self, name: str) -> float:
        """Value of a parameter; UnknownNameError if it is not free."""
        if name not in self.names:
            raise UnknownNameError("free parameter", name, self.names)
        return float(self.values[self.names.index(name)])

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={self[name]:.4g}" for name in self.names[:_SHOWN])
        more = ", ..." if len(self.names) > _SHOWN else ""
        valid = "" if self.valid else ", not valid"
        return f"<BestFit {values}{more}; log L = {self.log_likelihood:.3f}{valid}>"

    def _repr_html_(self) -> str:
        rows = [
            (name, *(_shown(number) for number in numbers))
            for name, *numbers in zip(
                self.names, self.values, self.errors, *self.minos.T, strict=True
            )
        ]
        header = ("parameter", "value", "error", "MINOS lower", "MINOS upper")
        table = html_table(f"Best fit, log L = {self.log_likelihood:.3f}", header, rows)
        return f"{table}<p>{escape(self.status)}</p>"

    def to_dataframe(self) -> Any:
        """Values and errors by parameter, as a ``pandas.DataFrame`` (extra ``pandas``)."""
        columns = {"value": self.values, "error": self.errors}
        columns |= {"minos_lower": self.minos[:, 0], "minos_upper": self.minos[:, 1]}
        return dataframe(columns, self.names)

    def reference_line(self, name: str) -> float:
        """Value of a parameter at the reference point to draw; NaN if it has no meaning there."""
        if name not in self.names or name in self.reference_undefined:
            return math.nan
        return float(self.reference_values[self.names.index(name)])

    @property
    def reference_name(self) -> str:
        """What to call the reference point, whether or not there is one."""
        return self.reference_label or "reference"

    @property
    def log_posterior(self) -> float:
        """Sum of log likelihood and log prior at the best fit."""
        return self.log_likelihood + self.log_prior

    @property
    def log_penalised(self) -> float:
        """Log likelihood plus log constraint at the best fit: what was maximised.

        Where the constraint was not given, the whole prior stands for it.
        """
        penalty = self.log_constraint if np.isfinite(self.log_constraint) else self.log_prior
        return self.log_likelihood + penalty

    @property
    def reference_log_penalised(self) -> float:
        """The same at the reference point; NaN if there is none."""
        given = np.isfinite(self.reference_log_constraint)
        penalty = self.reference_log_constraint if given else self.reference_log_prior
        return self.reference_log_likelihood + penalty

    @property
    def minus_two_delta_log(self) -> float:
        """-2 ln(reference / best fit) of likelihood x constraint; positive if the best fit wins."""
        return 2.0 * (self.log_penalised - self.reference_log_penalised)


def _shown(number: float) -> str:
    return f"{number:.4g}" if np.isfinite(number) else "–"
