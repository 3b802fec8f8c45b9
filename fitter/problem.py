"""What is fitted: a model, its parameters, inputs and terms; logarithms of batches of points.

All that drivers, sensitivity and reports see of an analysis is its `Problem`. Each function of it
takes points theta, (n, d).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BsinvError, ParameterError, PluginError
from ..likelihoods.base import Array, Data, Term
from ..likelihoods.batches import NUISANCES
from ..models import Model
from ..physics.inputs import Inputs
from ..physics.workspace import Workspace
from .analysis_file.arguments import check_count, check_generator, check_kind, check_member
from .dataset import Dataset, batch_size
from .parameters.table import ParameterTable, Values
from .parameters.unit_cube import prior_transform

if TYPE_CHECKING:
    from ..physics.observable import Observable
    from ..physics.wilson import Wilson

__all__ = ["CUT", "Problem", "answer"]

# Before the text of a cut among the causes of a rejection.
CUT = "the cut "

# Points evaluated at once: large enough for the batch to pay, small enough for the caches.
CHUNK = 512
# Of one call, with all that is kept for each.
MOST_POINTS = 100_000_000


@dataclass(frozen=True, eq=False)
class Problem:
    """A model with its parameters, and the likelihood terms that judge its predictions.

    It is a target for the drivers, see `fitter.drivers.target.Target`.

    Attributes
    ----------
    model : Model
    table : ParameterTable
        Free, fixed and tied parameters.
    inputs : Inputs
        With the constants and form factors that do not float.
    terms : tuple of Term
    rejected : Counter
        How often each term, or an expression of parameters, was not finite at a point inside the
        support, and how often a point did not pass a cut.
    observables : mapping of str to Observable
        Those of the user's own, by names that none of the package has.
    """

    model: Model
    table: ParameterTable
    inputs: Inputs
    terms: tuple[Term, ...]
    rejected: Counter[str] = field(default_factory=Counter)
    observables: Mapping[str, Observable] = field(default_factory=dict)

    def with_terms(self, terms: tuple[Term, ...]) -> Problem:
        """Return the same problem with other terms; it counts its own rejections."""
        return dataclasses.replace(self, terms=terms, rejected=Counter())

    def with_table(self, table: ParameterTable) -> Problem:
        """Return the same problem with another parameter table; it counts its own rejections."""
        return dataclasses.replace(self, table=table, rejected=Counter())

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

    def wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs of a batch of points.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        Wilson, Inputs

        Raises
        ------
        ParameterError
            If a parameter is not finite.
        """
        return self._wilson(self._finite(theta))

    def predictions(self, theta: Array) -> dict[str, Array]:
        """Predictions of every term.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        mapping of str to (n,) or (n, k) array

        Raises
        ------
        ParameterError
            If a parameter is not finite.
        """
        theta = self._finite(theta)
        wilson, inputs = self.workspace(theta)
        found = {}
        for term in self.terms:
            # What no parameter moves comes as one row for all points.
            given = np.asarray(answer(term, "predict", wilson, inputs))
            found[term.name] = np.broadcast_to(given, (len(theta), *given.shape[1:]))
        return found

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
        wilson, inputs = self.wilson(theta)
        result: Array = self.record(name)(wilson, inputs, **kinematics)
        return np.broadcast_to(result, (len(theta), *result.shape[1:]))

    def record(self, name: str) -> Observable:
        """Record of an observable of the package, or of one of the user's own.

        Raises
        ------
        UnknownNameError
            If there is none.
        """
        from ..physics.observables import observable

        return self.observables[name] if name in self.observables else observable(name)

    def term_log_likelihoods(
        self, theta: Array, dataset: Dataset | None = None
    ) -> dict[str, Array]:
        """Log-likelihood of each term, NaN where not finite.

        Parameters
        ----------
        theta : (n, d) array
        dataset : Dataset, optional
            m data sets in place of what was measured, as for `log_likelihood`.

        Returns
        -------
        mapping of str to (n,) array, or (m,) for one point
        """
        wilson, inputs = self.workspace(theta)
        size = len(theta) if dataset is None else batch_size(len(theta), len(dataset))
        result = {}
        for term in self.terms:
            data = None if dataset is None else dataset.terms[term.name]
            prediction = answer(term, "predict", wilson, inputs)
            log = _log_likelihood(term, prediction, data)
            result[term.name] = np.broadcast_to(log, (size,))
        return result

    def log_likelihood(self, theta: Array, dataset: Dataset | None = None) -> Array:
        """Logarithm of the likelihood, the sum over the terms.

        Parameters
        ----------
        theta : (n, d) array
        dataset : Dataset, optional
            m data sets in place of what was measured: m = n, one point for every data set, or one
            of either for all of the other.

        Returns
        -------
        (n,) array, or (m,) for one point
            ``-inf`` outside the cuts, and where a term is not finite or an expression of parameters
            is not defined (counted in `rejected`).

        Raises
        ------
        ParameterError
            If the data sets are none of this problem, or their number does not fit.
        PredictionError
            If a term does not take data sets; it is named.
        """
        theta = self.table.batch(theta)
        size = self._size(theta, dataset)
        if len(theta) == 1:  # is predicted once for all data sets
            total = self._chunk(theta, dataset)
        else:
            parts = [np.empty(0)]
            for at in range(0, size, CHUNK):
                rows = slice(at, at + CHUNK)
                some = dataset if dataset is None or len(dataset) == 1 else dataset.take(rows)
                parts.append(self._chunk(theta[rows], some))
            total = np.concatenate(parts)
        # Also where no term depends on the parameter that is not finite.
        return np.where(np.isfinite(theta).all(axis=1), total, -np.inf)

    def log_prior(self, theta: Array) -> Array:
        """Logarithm of the prior density: (n,)."""
        return self.table.log_prior(theta)

    def log_constraint(self, theta: Array, dataset: Dataset | None = None) -> Array:
        """Logarithm of the priors that stand for measurements.

        Parameters
        ----------
        theta : (n, d) array
        dataset : Dataset, optional
            m data sets, as for `log_likelihood`: the priors are around their `centres`. (Of one
            that is cut at ends the norm stays as it is: it is the same at all points.)

        Returns
        -------
        (n,) array, or (m,) for one point
        """
        theta = self.table.batch(theta)
        self._size(theta, dataset)
        return self.table.log_constraint(theta, None if dataset is None else dataset.centres)

    def log_posterior(self, theta: Array) -> Array:
        """``log_likelihood + log_prior``: (n,)."""
        total: Array = self.log_likelihood(theta) + self.log_prior(theta)
        return total

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior: (size, d)."""
        check_generator(rng)
        check_count("size", size, 0, MOST_POINTS)
        return self.table.sample_prior(rng, size)

    def prior_transform(self, unit: Array) -> Array:
        """Map the unit cube to the prior, see `unit_cube.prior_transform`: (n, d) to (n, d)."""
        return prior_transform(self.table, unit)

    @property
    def measured(self) -> Dataset:
        """What was measured: a batch of one.

        Raises
        ------
        PredictionError
            If a term does not say what its data are; it is named.
        """
        data = {term.name: term.data for term in self.terms}
        return Dataset(data, self.table.centres[None])

    def sample(
        self, theta: Array, rng: np.random.Generator, nuisances: str = "conditional"
    ) -> Dataset:
        """Draw what might be measured: data of every term, and centres of the constraints.

        Every term and the constraints have streams of random numbers of their own, spawned from
        `rng`: what one draws does not depend on how much another has drawn.

        Parameters
        ----------
        theta : (n, d) array
            What is true; one data set is drawn for each point.
        rng : numpy.random.Generator
        nuisances : {"conditional", "nominal", "prior"}
            At which values of the nuisance parameters that terms have of their own.

        Returns
        -------
        Dataset

        Raises
        ------
        ParameterError
            If a parameter is not finite, or `nuisances` is another word.
        PredictionError
            If a prediction is not finite, or a term does not define its data; it is named.
        """
        check_generator(rng)
        check_member("nuisances", nuisances, NUISANCES)
        own, *streams = rng.spawn(1 + len(self.terms))
        stream = dict(zip((term.name for term in self.terms), streams, strict=True))
        return self._told(
            theta,
            lambda term, prediction: _drawn(term, prediction, stream[term.name], nuisances),
            lambda some: self.table.sample_centres(some, own),
        )

    def asimov(self, theta: Array) -> Dataset:
        """Data without fluctuation: for them the likelihood is largest at theta.

        Parameters
        ----------
        theta : (n, d) array

        Returns
        -------
        Dataset
            One for each point.

        Raises
        ------
        ParameterError, PredictionError
            As `sample`.
        """
        return self._told(
            theta,
            lambda term, prediction: answer(term, "asimov", prediction),
            lambda some: some[:, self.constrained],
        )

    def _told(
        self,
        theta: Array,
        data: Callable[[Term, Array], Data],
        centres: Callable[[Array], Array],
    ) -> Dataset:
        """Data sets made of predictions and parameters, in batches."""
        theta = self._finite(theta)
        parts = []
        for at in range(0, max(len(theta), 1), CHUNK):
            some = theta[at : at + CHUNK]
            found = self.predictions(some)
            made = {term.name: data(term, found[term.name]) for term in self.terms}
            parts.append(Dataset(made, centres(some)))
        return Dataset.joined(parts)

    def diffuse(self, theta: Array, step: float, normals: Array) -> Array:
        """Move the constrained parameters, see `ParameterTable.diffuse`: (n, d)."""
        return self.table.diffuse(theta, step, normals)

    def _wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs at points (n, d), NaN where a parameter is not finite."""
        return self._made_of(self._values(theta))

    def _values(self, theta: Array) -> Values:
        theta = self.table.batch(theta)
        # What is infinite has no prediction either, and arithmetic with it would warn.
        return self.table.values(np.where(np.isfinite(theta), theta, np.nan))

    def _made_of(self, values: Values) -> tuple[Wilson, Inputs]:
        inputs = self.inputs
        if values.constants or values.coefficients:
            inputs = inputs.replace(constants=values.constants, coefficients=values.coefficients)
        return self.model.at(values.model, inputs), inputs

    def workspace(self, theta: Array) -> tuple[Workspace, Inputs]:
        """Coefficients of points (n, d), with what terms predict from them, and inputs."""
        values = self._values(theta)
        wilson, inputs = self._made_of(values)
        parameters = self._parameters(theta, values)
        return Workspace(wilson, inputs, parameters, self.observables), inputs

    def _parameters(self, theta: Array, values: Values) -> dict[str, Array]:
        """Parameters by name, as terms may ask for them: (n,) or (1,) each."""
        found = {entry.name: np.array([entry.default]) for entry in self.model.parameters}
        found |= values.model
        return found | self.table.auxiliary(theta)

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

    def _size(self, theta: Array, dataset: Dataset | None) -> int:
        """Length of what is evaluated, once the data sets are known to be of this problem."""
        if dataset is None:
            return len(theta)
        check_kind("dataset", dataset, Dataset, "a Dataset, which sample and asimov make")
        dataset.refuse_other([term.name for term in self.terms], int(self.constrained.sum()))
        return batch_size(len(theta), len(dataset))

    def _chunk(self, theta: Array, dataset: Dataset | None = None) -> Array:
        undefined = self.table.undefined(theta)
        for rule, passed in zip(self.table.cuts, self.table.passed(theta), strict=True):
            if not passed.all():
                undefined[f"{CUT}{rule.cut.text}"] = ~passed
        if undefined:
            return self._where_defined(theta, undefined, dataset)
        total = np.zeros(len(theta) if dataset is None else batch_size(len(theta), len(dataset)))
        for name, log in self.term_log_likelihoods(theta, dataset).items():
            bad = ~np.isfinite(log)
            if bad.any():
                self.rejected[name] += int(np.count_nonzero(bad))
            total += np.where(bad, -np.inf, log)
        return total

    def _where_defined(
        self, theta: Array, undefined: Mapping[str, Array], dataset: Dataset | None
    ) -> Array:
        """Log-likelihood without the points outside cuts or where an expression is not defined."""
        for name, bad in undefined.items():
            what = name if name.startswith(CUT) else f"the expression of {name}"
            self.rejected[what] += int(np.count_nonzero(bad))
        defined = ~np.any(list(undefined.values()), axis=0)
        size = len(theta) if dataset is None else batch_size(len(theta), len(dataset))
        total = np.full(size, -np.inf)
        if defined.any():  # of one point alone it is not
            rows = dataset is not None and len(dataset) > 1
            some = dataset.take(defined) if dataset is not None and rows else dataset
            total[defined] = self._chunk(theta[defined], some)
        return total


def _log_likelihood(term: Term, prediction: Array, data: Data | None) -> Array:
    """Log-likelihood of a term; of many data sets and one prediction in batches."""
    if data is None:  # terms of a user's own need not take data sets
        return np.asarray(answer(term, "log_likelihood", prediction))
    if len(prediction) > 1 or len(data) <= CHUNK:
        return np.asarray(answer(term, "log_likelihood", prediction, data))
    rows = [slice(at, at + CHUNK) for at in range(0, len(data), CHUNK)]
    return np.concatenate(
        [answer(term, "log_likelihood", prediction, data.take(some)) for some in rows]
    )


def answer(term: Term, member: str, *arguments: Any) -> Any:
    """What a method of a term returns; where one of a user's own fails, the term is named.

    Parameters
    ----------
    term : Term
    member : str
        Name of the method.
    *arguments

    Raises
    ------
    PluginError
        If it fails with an error of another kind than those of bsinv.
    """
    try:
        return getattr(term, member)(*arguments)
    except BsinvError:
        raise
    except Exception as error:
        package = __name__.partition(".")[0]
        if type(term).__module__.partition(".")[0] == package:
            raise
        raise PluginError(
            f"{member}() of the term {term.name!r} fails: {type(error).__name__}: "
            f"{str(error).partition(chr(10))[0]}"
        ) from error


def _drawn(term: Term, prediction: Array, rng: np.random.Generator, nuisances: str) -> Data:
    """Data of one term; one that has nuisance parameters of its own is told where they are."""
    if nuisances == "conditional" or getattr(term, "nuisances", None) is None:
        plain: Data = answer(term, "sample", prediction, rng)
        return plain
    drawn: Data = answer(term, "sample", prediction, rng, nuisances)
    return drawn
