"""An analysis: a model, likelihood terms and parameters, ready for the drivers.

Everything a driver asks for is a function of a batch of points theta, (n, d); see
`fitter.drivers.target.Target`.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data.constants import constants
from ..data.form_factors import form_factor_sets
from ..errors import BsinvError, ParameterError
from ..models import Model, check_model
from ..models import model as find_model
from ..physics.inputs import Inputs
from .analysis_file.arguments import check_count, check_generator
from .analysis_file.definitions import IMAGINARY
from .analysis_file.names import KnownNames
from .analysis_file.schema import AnalysisSpec, validate
from .analysis_file.source import Located, read_source
from .asked import check_asked
from .drivers.target import Array
from .own_terms import own_terms
from .parameters.angles import closed
from .parameters.build import build_table
from .parameters.rules import StartError
from .parameters.table import ParameterTable
from .problem import Evaluation
from .registries import known_names
from .reports.predictions import NUMBERS
from .reports.reference import held_columns, is_reference, reference_columns, unseen_columns
from .terms import all_terms

if TYPE_CHECKING:
    from ..chains.records import BestFit, Ensemble, Scan
    from ..chains.statistics.diagnostics import Verdict
    from ..likelihoods.base import Term
    from ..physics.wilson import Wilson
    from .sensitivity.check import Identifiability

__all__ = ["Analysis"]

# Of one call, with all that is kept for each.
MOST_POINTS = 100_000_000


def _known(model: Model | None) -> KnownNames:
    """Names of all layers, and those of a model of the user's own."""
    known = known_names()
    if model is None:
        return known
    ranges = {entry.name: (entry.lower, entry.upper) for entry in check_model(model).parameters}
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

    Raises
    ------
    AnalysisError
        If the analysis has faults, its data overlap, or the model cannot predict what a term needs.
    ModelError
        If the model of your own is none, see `models.contract`.
    MissingExtraError
        If a likelihood needs flavio, which is not installed.
    """

    def __init__(self, source: str | Path | Mapping[str, Any], model: Model | None = None) -> None:
        located = read_source(source)
        self.spec: AnalysisSpec = validate(located, _known(model))
        self.text = located.text
        own = model is not None and model.name == self.spec.model
        self.model: Model = model if model is not None and own else find_model(self.spec.model)
        self.table: ParameterTable = self._table(located)
        inputs = self._inputs(located)
        stated = own_terms(self.spec, located)
        try:
            self.terms: tuple[Term, ...] = all_terms(self.spec, self.table, stated)
            self._evaluation = Evaluation(self.model, self.table, inputs, self.terms)
            # One prediction of each term, so that what cannot work is said at once.
            self.predictions(self.start[None])
        except BsinvError as error:
            raise located.mistake(str(error), ("likelihoods",)) from error
        self._check_angles(located)
        check_asked(self, located)

    def _table(self, located: Located) -> ParameterTable:
        try:
            return build_table(self.spec, self.model.parameters, constants(), form_factor_sets())
        except StartError as error:
            # The partner that a polar form sets stands where that form stands.
            names = (error.name, error.name.removeprefix(IMAGINARY))
            paths = [("parameters", name) for name in names if name in self.spec.parameters]
            raise located.mistake(str(error), (*paths, ("auxiliary", error.name))[0]) from error

    def _check_angles(self, located: Located) -> None:
        """Refuse angles whose range is no full period; phases found by themselves are then none."""
        for column, entry in enumerate(self.table.free):
            told = closed(self._evaluation, column) if entry.periodic else ""
            if not told:
                continue
            given = {**self.spec.parameters, **self.spec.auxiliary}[entry.name]
            if getattr(given, "periodic", None):
                section = "auxiliary" if entry.name in self.spec.auxiliary else "parameters"
                raise located.mistake(
                    f"{entry.name} is no angle over [{entry.lower:g}, {entry.upper:g}], since both "
                    f"ends must be the same point, but {told}: give a uniform prior over one full "
                    "period, such as [0, 6.283185307].",
                    (section, entry.name, "periodic"),
                )
            self.table = self.table.without_period(entry.name)

    def _inputs(self, located: Located) -> Inputs:
        """Inputs with the constants that the analysis fixes."""
        sets = {process: entry.set for process, entry in self.spec.form_factors.items()}
        try:
            return Inputs.default(sets).replace(constants=self.table.fixed_constants)
        except BsinvError as error:
            # A message on a constant begins with its name.
            name = str(error).partition(" ")[0]
            path = ("inputs", name) if name in self.spec.inputs else ("inputs",)
            raise located.mistake(str(error), path) from error

    def with_terms(self, terms: tuple[Term, ...]) -> Analysis:
        """Return the same analysis with other likelihood terms; it counts its own rejections."""
        other = copy.copy(self)
        other.terms = terms
        other._evaluation = dataclasses.replace(self._evaluation, terms=terms, rejected=Counter())
        return other

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
    def periods(self) -> Array:
        """Periods of angles, NaN for other parameters: (d,)."""
        return self.table.periods

    @property
    def metric(self) -> Array:
        """Typical changes as a lower-triangular matrix, correlated priors whitened: (d, d)."""
        return self.table.whitened(self.scale)

    @property
    def constrained(self) -> Array:
        """Parameters whose priors stand for measurements: (d,) bool."""
        return self.table.constrained

    @property
    def logarithmic(self) -> Array:
        """Parameters whose prior is flat in the logarithm: (d,) bool."""
        return self.table.logarithmic

    @property
    def rejected(self) -> Counter[str]:
        """How often a term, or an expression, was not finite at a point inside the support."""
        return self._evaluation.rejected

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
        return self.table.pack({} if values is None else values)

    @property
    def reference_label(self) -> str:
        """Name of the reference point, the model's defaults: the Standard Model.

        For a signal strength it is the null prediction of the Belle II simulation, not the
        Standard Model of this package.
        """
        return "μ = 1" if self.model.name == "signal-strength" else "SM"

    def reference_columns(self) -> dict[int, float] | None:
        """Columns of the reference point; None if it lies outside the priors.

        The free parameters of the model are at their defaults. One whose prior does not reach its
        default is at the nearest end, if it does not matter there, as a mass where no coupling is
        left.
        """
        defaults = self._defaults
        found = reference_columns(self.table, defaults)
        if found is None:
            return None
        theta = self.start[None].copy()
        theta[0, list(found)] = list(found.values())
        asked = [entry.observable for entry in self.spec.predictions]
        told = (*NUMBERS, *(name for name in asked if name in known_names().observables))
        return found if is_reference(self._evaluation, theta, defaults, told) else None

    @property
    def reference_held(self) -> tuple[int, ...]:
        """Columns of parameters of the model whose priors do not reach their defaults."""
        return held_columns(self.table, self._defaults)

    def reference_unseen(self, theta: Array) -> tuple[str, ...]:
        """Parameters on which nothing depends at the reference point.

        Parameters
        ----------
        theta : (1, d) array
            The reference point.

        Returns
        -------
        tuple of str
        """
        columns = unseen_columns(self._evaluation, theta, self.reference_columns() or ())
        return tuple(self.names[column] for column in columns)

    @property
    def reference_freedom(self) -> int:
        """Parameters that the reference point fixes: those that can have their defaults."""
        return len(set(self.reference_columns() or ()) - set(self.reference_held))

    @property
    def _defaults(self) -> dict[str, float]:
        return {entry.name: entry.default for entry in self.model.parameters}

    def wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs of a batch of points.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        Wilson, Inputs
        """
        return self._evaluation.wilson(self._finite(theta))

    def predictions(self, theta: Array) -> dict[str, Array]:
        """Predictions of every term.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        mapping of str to (n,) or (n, k) array
        """
        return self._evaluation.predictions(self._finite(theta))

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
        result: Array = observable(name)(wilson, inputs, **kinematics)
        return np.broadcast_to(result, (len(theta), *result.shape[1:]))

    def _finite(self, theta: Array) -> Array:
        """Points of which predictions are made: what is not finite is named."""
        theta = self.table.batch(theta)
        if not np.isfinite(theta).all():
            point, column = np.argwhere(~np.isfinite(theta))[0]
            raise ParameterError(
                f"{self.names[column]} = {theta[point, column]} at point {point} is not allowed: "
                "predictions need finite parameters."
            )
        return theta

    def term_log_likelihoods(self, theta: Array) -> dict[str, Array]:
        """Log-likelihood of each term: mapping to (n,) arrays, NaN where not finite."""
        return self._evaluation.term_log_likelihoods(theta)

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
        return self._evaluation.log_likelihood(theta)

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
        check_generator(rng)
        check_count("size", size, 0, MOST_POINTS)
        return self.table.sample_prior(rng, size)

    def diffuse(self, theta: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters, see `ParameterTable.diffuse`: (n, d)."""
        return self.table.diffuse(theta, step, normals)

    def fit(self, **options: Any) -> BestFit:
        """Best fit with MINUIT, errors, and the Standard Model point for comparison.

        Parameters
        ----------
        **options
            Fields of `drivers.minimum.minuit.FitOptions` in place of those of the analysis file.

        Returns
        -------
        BestFit
        """
        from .reports.best_fit import best_fit

        return best_fit(self, **options)

    def sample(self, **options: Any) -> tuple[tuple[Ensemble, ...], Verdict]:
        """Posterior samples with emcee.

        Parameters
        ----------
        **options
            Fields of `drivers.ensembles.SamplerOptions` in place of those of the analysis file,
            and ``best``, ``resume``, ``report`` of `drivers.ensembles.sample`.

        Returns
        -------
        tuple of Ensemble, Verdict
        """
        from .reports.best_fit import posterior_samples

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
            Grid points along each, over three errors on each side of the best fit; there are more
            where other minima lie beyond, or the 95 % region does not end there.
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
            Its `ends` say whether the 95 % region is closed.

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        ParameterError
            If there are not one or two different parameters, or fewer than two points.
        """
        from .reports.best_fit import profile_scan

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
        from .reports.best_fit import identifiability

        return identifiability(self, points, theta)
