"""An analysis: a model, likelihood terms and parameters, ready for the drivers.

Everything a driver asks for is a function of a batch of points theta, (n, d); see
`fitter.target.Target`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import AnalysisError, BsinvError, ParameterError, UnknownNameError
from ..likelihoods.catalogue import TermOptions, build, check_overlaps
from ..models import Model
from ..models import model as find_model
from ..physics.inputs import Inputs
from .asked import check_asked
from .known import KnownNames
from .own_terms import own_terms
from .parameter_builder import build_table
from .parameters import ParameterTable
from .priors import CorrelatedNormal
from .reference import reference_columns
from .registries import known_names
from .schema import AnalysisSpec, validate
from .target import Array
from .yaml_source import read_source

if TYPE_CHECKING:
    from ..chains.diagnostics import Verdict
    from ..chains.records import BestFit, Ensemble, Scan
    from ..physics.wilson import Wilson
    from .check import Identifiability

__all__ = ["Analysis"]

# What pydantic has checked already.
_typed = dict[str, Any]

# Points evaluated at once: large enough for the batch to pay, small enough for the caches.
CHUNK = 512


def _known(model: Model | None) -> KnownNames:
    """Names of all layers, and those of a model of the user's own."""
    known = known_names()
    if model is None:
        return known
    ranges = {entry.name: (entry.lower, entry.upper) for entry in model.parameters}
    return dataclasses.replace(known, models={**known.models, model.name: ranges})


class Analysis:
    """A fit, from its file to its logarithms.

    Parameters
    ----------
    source : path, str or mapping
        Analysis file, YAML text or mapping (``docs/analysis-file.md``).
    model : Model, optional
        A model of your own, which the analysis names by its ``name``.

    Attributes
    ----------
    spec : AnalysisSpec
        The analysis as written, checked.
    text : str
        The file, verbatim (YAML).
    table : ParameterTable
        Free, fixed and tied parameters.
    terms : tuple of Term
        Likelihood terms.
    rejected : Counter
        How often each term, or an expression of parameters, was not finite at a point inside the
        support.

    Raises
    ------
    AnalysisError
        If the analysis has faults, its data overlap, or the model cannot predict what a term needs.
    MissingExtraError
        If a likelihood needs flavio, which is not installed.
    """

    def __init__(self, source: str | Path | Mapping[str, Any], model: Model | None = None) -> None:
        located = read_source(source)
        self.spec: AnalysisSpec = validate(located, _known(model))
        self.text = located.text
        own = model is not None and model.name == self.spec.model
        self.model: Model = model if model is not None and own else find_model(self.spec.model)
        self._sets = {process: entry.set for process, entry in self.spec.form_factors.items()}
        self.table: ParameterTable = self._table()
        self._inputs = Inputs.default(self._sets).replace(constants=self.table.fixed_constants)
        self.rejected: Counter[str] = Counter()
        own_ones = own_terms(self.spec, located)
        try:
            # What floats brings its error into the fit itself.
            self.terms = build(
                self._requests(), self.spec.allow_overlaps, tuple(self.table.constants)
            )
            if own_ones:
                self.terms += own_ones
                ids = (data_id for entry in self.terms for data_id in entry.data_ids)
                check_overlaps(ids, self.spec.allow_overlaps)
            # One prediction of each term, so that what cannot work is said at once.
            self.predictions(self.start[None])
        except BsinvError as error:
            line = located.line(("likelihoods",))
            raise AnalysisError(str(error), located.file, line, "likelihoods") from error
        check_asked(self, located)

    def _table(self) -> ParameterTable:
        from ..data.constants import constants
        from ..data.form_factors import form_factor_sets

        return build_table(self.spec, self.model.parameters, constants(), form_factor_sets())

    def _requests(self) -> list[tuple[str, TermOptions]]:
        # Where the prediction's own form factors float, the Belle II modifiers for the same
        # uncertainty would count it twice; a signal strength scales the published template.
        floats = "B->K" in self.table.blocks and self.model.name != "signal-strength"
        default = TermOptions(form_factor_systematics=not floats)
        return [
            (entry.name, dataclasses.replace(default, **_typed(entry.options)))
            for entry in self.spec.likelihoods
            if entry.flavio is None
        ]

    # --- parameters -----------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Name of the analysis."""
        return self.spec.name

    @property
    def names(self) -> tuple[str, ...]:
        """Free parameters, in the order of the columns of theta."""
        return self.table.names

    @property
    def start(self) -> Array:
        """Starting point: (d,)."""
        return self.table.start

    @property
    def scale(self) -> Array:
        """Typical size of a change of each parameter: (d,)."""
        return self.table.scale

    @property
    def bounds(self) -> Array:
        """Support of each parameter: (d, 2)."""
        return self.table.bounds

    @property
    def metric(self) -> Array:
        """Typical changes as a lower-triangular matrix, correlated priors whitened: (d, d)."""
        metric = np.diag(self.scale)
        first = 0
        for prior in self.table.priors:
            end = first + prior.size
            if isinstance(prior, CorrelatedNormal):
                metric[first:end, first:end] = np.linalg.cholesky(prior.covariance)
            first = end
        return metric

    @property
    def constrained(self) -> Array:
        """Parameters whose priors stand for measurements: (d,) bool."""
        return np.array([entry.constraint for entry in self.table.free], dtype=bool)

    def point(self, values: Mapping[str, float] | None = None) -> Array:
        """Point from names; free parameters that are not named are at their start.

        Parameters
        ----------
        values : mapping of str to float, optional

        Returns
        -------
        (1, d) array

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        """
        return self.table.pack(values or {})

    @property
    def reference_label(self) -> str:
        """Name of the reference point, the model's defaults: the Standard Model.

        For a signal strength it is the null prediction of the Belle II simulation, not the
        Standard Model of this package.
        """
        return "μ = 1" if self.model.name == "signal-strength" else "SM"

    def reference_columns(self) -> dict[int, float] | None:
        """Columns with the model's parameters at their defaults; None if outside the support."""
        defaults = {entry.name: entry.default for entry in self.model.parameters}
        return reference_columns(self.table, defaults)

    # --- predictions ----------------------------------------------------------------------

    def wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs of a batch of points.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        Wilson, Inputs
        """
        values = self.table.values(theta)
        inputs = self._inputs
        if values.constants or values.coefficients:
            inputs = inputs.replace(constants=values.constants, coefficients=values.coefficients)
        return self.model.wilson(self.model.complete(values.model), inputs), inputs

    def predictions(self, theta: Array) -> dict[str, Array]:
        """Predictions of every term.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        mapping of str to (n,) or (n, k) array
        """
        wilson, inputs = self.wilson(theta)
        return {term.name: term.predict(wilson, inputs) for term in self.terms}

    def observable(self, name: str, theta: Array, **kinematics: Any) -> Array:
        """Any observable at a batch of points.

        Parameters
        ----------
        name : str
            Name of the observable.
        theta : (n, d) array
        **kinematics
            Such as ``q2``.

        Returns
        -------
        (n,) or (n, k) array
        """
        from ..physics.observables import observable

        wilson, inputs = self.wilson(theta)
        result: Array = observable(name).function(wilson, inputs, **kinematics)
        return np.broadcast_to(result, (len(theta), *result.shape[1:]))

    # --- logarithms -----------------------------------------------------------------------

    def term_log_likelihoods(self, theta: Array) -> dict[str, Array]:
        """Log-likelihood of each term: mapping to (n,) arrays, NaN where not finite."""
        wilson, inputs = self.wilson(theta)
        result = {}
        for term in self.terms:
            log = np.asarray(term.log_likelihood(term.predict(wilson, inputs)))
            result[term.name] = np.broadcast_to(log, (len(theta),))
        return result

    def log_likelihood(self, theta: Array) -> Array:
        """Logarithm of the likelihood.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        (n,) array
            ``-inf`` where a term is not finite or an expression of parameters is not defined
            (counted in `rejected`).
        """
        theta = np.asarray(theta, float)
        if theta.ndim != 2 or theta.shape[1] != len(self.names):
            raise ParameterError(
                f"theta has shape {theta.shape}; (n, {len(self.names)}) is needed, with the "
                f"columns {', '.join(self.names)}"
            )
        parts = [self._chunk(theta[at : at + CHUNK]) for at in range(0, len(theta), CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _chunk(self, theta: Array) -> Array:
        undefined = self.table.undefined(theta)
        if undefined:
            return self._where_defined(theta, undefined)
        total = np.zeros(len(theta))
        for name, log in self.term_log_likelihoods(theta).items():
            bad = ~np.isfinite(log)
            if bad.any():
                self.rejected[name] += int(np.count_nonzero(bad))
            total += np.where(bad, -np.inf, log)
        return total

    def _where_defined(self, theta: Array, undefined: Mapping[str, Array]) -> Array:
        """Log-likelihood without the points at which an expression is not defined: (n,)."""
        for name, bad in undefined.items():
            self.rejected[f"the expression of {name}"] += int(np.count_nonzero(bad))
        defined = ~np.any(list(undefined.values()), axis=0)
        total = np.full(len(theta), -np.inf)
        if defined.any():
            total[defined] = self._chunk(theta[defined])
        return total

    def log_prior(self, theta: Array) -> Array:
        """Logarithm of the prior density: (n,)."""
        return self.table.log_prior(theta)

    def log_constraint(self, theta: Array) -> Array:
        """Logarithm of the priors that stand for measurements: (n,)."""
        return self.table.log_constraint(theta)

    def log_posterior(self, theta: Array) -> Array:
        """``log_likelihood + log_prior``: (n,)."""
        total: Array = self.log_likelihood(theta) + self.log_prior(theta)
        return total

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior: (size, d)."""
        return self.table.sample_prior(rng, size)

    def diffuse(self, theta: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters so that their prior stays invariant.

        Parameters
        ----------
        theta : (n, d) array
        step : float
            Between 0 and 1.
        normals : (n, d) array
            Standard normal numbers.

        Returns
        -------
        (n, d) array
            In coordinates z in which the prior is standard normal, z becomes
            ``sqrt(1 - step^2) z + step normals``; other parameters stay.
        """
        from scipy.special import ndtr, ndtri

        edge = 2.0**-53
        z = ndtri(np.clip(self.table.inverse_transform(theta), edge, 1.0 - edge))
        moved = self.table.transform(ndtr(np.sqrt(1.0 - step**2) * z + step * normals))
        return np.where(self.constrained, moved, theta)

    # --- drivers --------------------------------------------------------------------------

    def fit(self, **options: Any) -> BestFit:
        """Best fit with MINUIT, errors, and the Standard Model point for comparison.

        Parameters
        ----------
        **options
            Fields of `fitter.minuit.FitOptions` in place of those of the analysis file.

        Returns
        -------
        BestFit
        """
        from .results import best_fit

        return best_fit(self, **options)

    def sample(self, **options: Any) -> tuple[tuple[Ensemble, ...], Verdict]:
        """Posterior samples with emcee.

        Parameters
        ----------
        **options
            Fields of `fitter.sampler.SamplerOptions` in place of those of the analysis file, and
            ``best``, ``resume``, ``report`` of `fitter.sampler.sample`.

        Returns
        -------
        tuple of Ensemble, Verdict
        """
        from .results import posterior_samples

        return posterior_samples(self, **options)

    def profile(
        self,
        *names: str,
        points: int = 30,
        best: BestFit | None = None,
        axes: Mapping[str, Any] | None = None,
        profiled: bool = True,
    ) -> Scan:
        """Likelihood on a grid of one or two parameters, the others refitted at each point.

        Parameters
        ----------
        *names : str
            One or two free parameters.
        points : int
            Grid points along each, over three errors on each side of the best fit.
        best : BestFit, optional
            Made if not given.
        axes : mapping of str to (k,) array, optional
            Grid values in place of those; `names` need not be given then.
        profiled : bool
            False holds the others: form factors and inputs at their central values. (Nuisance
            parameters inside a likelihood term are profiled in any case.)

        Returns
        -------
        Scan

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        ParameterError
            If there are not one or two different parameters, or fewer than two points.
        """
        from .results import profile_scan

        asked = tuple(axes) if axes else names
        for name in asked:
            if name not in self.names:
                raise UnknownNameError("free parameter", name, self.names)
        if len(asked) not in (1, 2) or len(set(asked)) != len(asked):
            raise ParameterError(
                f"a scan needs one or two different parameters, not {', '.join(asked) or 'none'}"
            )
        if points < 2:
            raise ParameterError(f"points = {points}: a scan needs two or more along each axis")
        return profile_scan(self, names, points, best, axes=axes, profiled=profiled)

    def check(self, points: int = 5, theta: Array | None = None) -> Identifiability:
        """Dead parameters and flat directions.

        Parameters
        ----------
        points : int
            Points of the prior at which the Jacobian is taken, besides `theta`.
        theta : (1, d) array, optional
            First point; the start by default.

        Returns
        -------
        Identifiability
        """
        from .results import identifiability

        return identifiability(self, points, theta)
