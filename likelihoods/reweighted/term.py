"""A HistFactory likelihood whose signal follows a prediction, for any workspace.

The relative error delta_x of the bin factor of the signal is that of the published model, or, with
``template_errors="reweighted"``, follows the weights like the error of a count of N_x = 1/delta_x^2
equal events, k_b = N_x n(x, b)/sum_b n(x, b) of them from bin b:

    delta_x(w)^2 = sum_b k_b w_b^2 / (sum_b k_b w_b)^2,    w_b = dB_b / dB_b^null.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, ParameterError, PredictionError
from ..base import Array, Data, Quoted, Term
from ..batches import auxiliary_values, data_values
from ..histfactory.factors import NO_COUNTS, NO_RATE
from ..histfactory.laplace import log_volume
from ..histfactory.model import HistFactoryModel, ModelData, Rates
from ..histfactory.profile import Profiler, ProfileResult
from ..histfactory.sample import Drawn, asimov_data, draw_data, matched
from ..histfactory.strength import StrengthFit, fit_strength
from ..options import check_choice
from .process import NumberProcess
from .signal import ReweightedSignal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["ReweightedTerm", "Row"]


@dataclass(frozen=True)
class Row:
    """A row of tables: the likelihood that it belongs to, the observable, and its process.

    `own` says whether these data are the user's own, where the term has others too.
    """

    term: str
    observable: str
    process: int
    own: bool | None = None


class ReweightedTerm(Term):
    """A HistFactory likelihood, nuisance parameters profiled or marginalised.

    Parameters
    ----------
    signal : ReweightedSignal
        The workspace and what weights its signal.
    description : str, optional
    data_ids : tuple of str, optional
        For the overlap table; the name by default.
    nuisances : {"profile", "laplace"}
        Profile all parameters exactly, or marginalise the constrained ones in the Laplace
        approximation with the exact Hessian.
    template_errors : {"published", "reweighted"}
        Relative errors of the signal in each bin: as published, or following the weights.
    response : {"published", "linear"}
        Efficiencies constant in each bin of q2, as published, or interpolated between the centres
        of the bins (`response`), which makes ln L continuous in the place of a peak.

    Raises
    ------
    ParameterError
        If an option has another value, or free parameters were to be marginalised.
    DataError
        If errors were to follow the weights where bin factors of the signal are shared or Poisson.
    """

    includes_constants = True

    def __init__(
        self,
        signal: ReweightedSignal,
        description: str = "",
        data_ids: tuple[str, ...] = (),
        nuisances: str = "profile",
        template_errors: str = "published",
        response: str = "published",
    ) -> None:
        self.name = signal.name
        self.signal = signal
        self.origin: tuple[str, ...] = ()  # sentences on where it comes from
        self.description = description or f"{signal.name}, HistFactory likelihood, any spectrum"
        place = {each.observable: index for index, each in enumerate(signal.processes)}
        self.rows = tuple(Row(self.name, name, index) for name, index in place.items())
        self.observables = tuple(place)
        self.data_ids = data_ids or (signal.name,)
        self.nuisances = check_choice(self.name, "nuisances", nuisances)
        self.template_errors = check_choice(self.name, "template_errors", template_errors)
        self.response = check_choice(self.name, "response", response)
        self.profiler: Profiler = signal.profiler
        self._check()

    def _check(self) -> None:
        model = self.model
        if self.nuisances == "laplace" and len(model.parameters.free):
            free = ", ".join(model.alpha_names[index] for index in model.parameters.free)
            raise ParameterError(
                f"{self.name}: nuisances 'laplace' need priors, and {free} have none: profile them"
            )
        alone = model.signals == 1 and _own_factors(model)
        if self.template_errors == "reweighted" and not alone:
            raise DataError(
                f"{self.name}: template_errors 'reweighted' need one signal in each channel with "
                "normal bin factors of its own"
            )

    @property
    def model(self) -> HistFactoryModel:
        """The compiled HistFactory model."""
        return self.profiler.model

    @property
    def null_columns(self) -> Array:
        """The null prediction, with the weight 1 outside the bins in front of each process."""
        return self.signal.null_columns

    @property
    def channel_labels(self) -> Mapping[str, str]:
        """Short label of each channel."""
        return {name: name for name, _ in self.model.channels}

    @cached_property
    def _constant(self) -> float:
        return self.model.constant

    def notes(self) -> tuple[str, ...]:
        """What a report should say: what was left out, and how parameters were treated."""
        how = f"nuisance parameters: {self.nuisances}"
        if self.signal.dropped:
            how += f"; modifiers left out: {', '.join(sorted(self.signal.dropped))}"
        if self.template_errors != "published":
            how += f"; template errors: {self.template_errors}"
        if self.response != "published":
            how += f"; response: {self.response}"
        return (*self.origin, f"{self.name}: {how}.")

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Columns of all processes: weight outside the bins, then branching fraction in each bin.

        With the linear response it is that weighted with the hat function of each bin; a signal
        strength is the multiple of the published template with either.

        Returns
        -------
        (n, C) array
        """
        columns = [
            process.predict(wilson, inputs, self.response) for process in self.signal.processes
        ]
        if len(columns) == 1:
            return columns[0]
        size = max(len(each) for each in columns)
        return np.concatenate(
            [np.broadcast_to(each, (size, each.shape[1])) for each in columns], axis=1
        )

    def spectrum(self, wilson: Wilson, inputs: Inputs, edges: Array, process: int = 0) -> Array:
        """Branching fraction of a process in bins of q2 of any edges, for pictures and reports.

        Parameters
        ----------
        wilson : Wilson
        inputs : Inputs
        edges : (k + 1,) array, GeV^2
        process : int
            Which of the processes of the term.

        Returns
        -------
        (n, k) array
            With the masses of the null prediction, where those are given.

        Raises
        ------
        PredictionError
            If the process is one number.
        """
        asked = self.signal.processes[process]
        if isinstance(asked, NumberProcess):
            raise PredictionError(f"{self.name}: {asked.observable} is no spectrum in bins")
        return asked.spectrum(wilson, inputs, edges)

    def weights(self, prediction: Array) -> Array:
        """Factor on each weighted sample in each bin of the model.

        Parameters
        ----------
        prediction : (n, C) array
            As from `predict`; of one process the first column may be left out, then it is 1.

        Returns
        -------
        (n, P * B) array
            NaN in rows that are not finite.

        Raises
        ------
        PredictionError
            For another shape, or a value that is negative.
        """
        return self.signal.weights(self.columns(prediction))

    def columns(self, prediction: Array) -> Array:
        """Prediction after checks, with all columns: (n, C); see `weights`."""
        return self.signal.columns(prediction)

    def template_widths2(self, prediction: Array) -> Array:
        """Squared relative error of the reweighted signal template in each bin of the model.

        ``delta_x^2 (sum_b p_b w_b^2) / (sum_b p_b w_b)^2`` with the shares p_b = n(x, b)/sum n of
        the generated bins, the sentinel among them (module docstring).

        Parameters
        ----------
        prediction : (n, C) array
            As for `weights`.

        Returns
        -------
        (n, P * B) array
            The published value where a bin has no signal to weight.
        """
        return self._widths2(self.columns(prediction))

    def _widths2(self, columns: Array) -> Array:
        published = self.model.relative_error[: self.model.signals].reshape(-1) ** 2
        widths2: Array = published * self.signal.inflation(columns)
        return widths2

    @cached_property
    def data(self) -> Data:
        """Observed counts, and the centres of all constraints: alphas, and bin factors (1)."""
        parameters = self.model.parameters
        return _record(
            Drawn(
                self.model.observed[None],
                parameters.centre[None, parameters.constrained],
                np.ones((1, self.model.n_factors)),
            )
        )

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Log-likelihood, all constants included, nuisance parameters profiled (or marginalised).

        Parameters
        ----------
        prediction : (n, C) array
            As for `weights`.
        data : Data, optional
            As from `sample`: n data sets, or one; n may be 1 where there are several. The measured
            data by default.

        Returns
        -------
        (n,) array
            NaN where the prediction is not finite or the profile did not converge.

        Raises
        ------
        PredictionError
            As for `weights`, if the numbers of predictions and data sets do not match, or the data
            are none of this model.

        Notes
        -----
        With template errors that follow the weights, the profiled logarithm keeps the constant of
        the published errors: profiling the numbers of simulated events themselves (Barlow and
        Beeston) gives ``(gamma - 1)^2 / (2 delta(w)^2)`` and no ``ln delta(w)``, which would reward
        smooth weights whatever the data. Marginalised, it cancels (`histfactory`).
        """
        own = self.model_data(data)
        columns = matched(self.name, self.columns(prediction), data)
        weights = self.signal.weights(columns)
        finite = np.isfinite(weights).all(axis=1)
        log = np.full(len(weights), np.nan)
        if finite.any():
            kept = weights[finite]
            if own is not None:
                own = own.take(finite)
            widths2 = self.own_widths2(columns[finite])
            result = self.profiler.minimise(kept, widths2, own)
            constant = self._constant if own is None else self.model.constants(own)
            log[finite] = -(result.objective + constant)
            if self.nuisances == "laplace":
                log[finite] -= log_volume(self.model, result.alpha, kept, widths2, own)
            if self.signal_only.any():
                log[finite] = np.where(self._impossible(result, kept, own), -np.inf, log[finite])
        return log

    def fit_strength(
        self, prediction: Array, data: Data | None = None, start: float = 1.0
    ) -> tuple[StrengthFit, Array]:
        """Fit the multiple mu >= 0 of one prediction to each data set, nuisances profiled.

        Parameters
        ----------
        prediction : (1, C) array
            As for `weights`: that at mu = 1, all of it proportional to mu.
        data : Data, optional
            m data sets; the measured data by default.
        start : float
            mu to begin with, positive.

        Returns
        -------
        fits : StrengthFit
        log_likelihood : (m,) array
            At the minimum, as `log_likelihood` tells it; NaN where the fit did not converge.

        Raises
        ------
        PredictionError
            As for `weights`.
        ParameterError
            If nuisance parameters are marginalised: these fits profile them.
        """
        if self.nuisances != "profile":
            raise ParameterError(
                f"{self.name}: fits of a strength profile the nuisance parameters, which are "
                f"treated as {self.nuisances!r} here"
            )
        columns = self.columns(prediction)
        own = self.model_data(data)
        fits = fit_strength(
            self.profiler, self.signal.weights(columns), own, self.own_widths2(columns), start
        )
        constant = self._constant if own is None else self.model.constants(own)
        return fits, -(fits.objective + constant)

    @cached_property
    def signal_only(self) -> Array:
        """Bins in which nothing but the signal is expected: (B,) bool."""
        others = self.model.nominal[self.model.signals :]
        moved = self.model.odd[:, self.model.signals :]
        return np.asarray(~((others > 0).any(axis=0) | (moved != 0).any(axis=(0, 1))))

    def _impossible(self, result: ProfileResult, weights: Array, data: ModelData | None) -> Array:
        """Points that expect nothing where there are events."""
        rates = self.model.rates(result.alpha, weights, data=data)
        lost = (rates.expected <= 2.0 * NO_RATE) & (rates.counts > NO_COUNTS)
        return np.asarray((lost & self.signal_only).any(axis=1))

    def model_data(self, data: Data | None) -> ModelData | None:
        """Data sets as the model takes them, checked; None for the measured ones."""
        if data is None or data is self.data:
            return None
        counts = data_values(self.name, data, len(self.model.observed))
        bad = np.argwhere(counts < 0)
        if len(bad):
            raise PredictionError(
                f"{self.name}: data set {bad[0, 0]} holds {counts[tuple(bad[0])]} events, and a "
                "count is not negative"
            )
        constrained = len(self.model.parameters.constrained)
        return self.model.data(
            counts,
            auxiliary_values(self.name, data, "alpha", constrained),
            auxiliary_values(self.name, data, "factors", self.model.n_factors),
        )

    def sample(
        self, prediction: Array, rng: np.random.Generator, nuisances: str = "conditional"
    ) -> Data:
        """Draw one data set for each prediction: counts, and auxiliary data of all constraints.

        Parameters
        ----------
        prediction : (n, C) array
            As for `weights`.
        rng : numpy.random.Generator
        nuisances : {"conditional", "nominal", "prior"}
            Nuisance parameters of the toys: those that fit the measured data best, the measured
            centres of their constraints, or drawn from the constraints; free ones always fit the
            data. Auxiliary data are drawn again around them (`histfactory.sample`).

        Returns
        -------
        Data
            ``values`` (n, B) counts; ``auxiliary`` with ``alpha`` (n, c) for the constrained
            parameters, in the units of the workspace, ``factors`` (n, n_factors), at least 0.01.

        Raises
        ------
        PredictionError
            As for `weights`, or if a prediction is not finite.
        ParameterError
            If `nuisances` is another word.
        """
        columns = self.columns(prediction)
        weights, widths2 = self.signal.weights(columns), self.own_widths2(columns)
        return _record(draw_data(self.name, self.profiler, weights, widths2, rng, nuisances))

    def asimov(self, prediction: Array, nuisances: str = "conditional") -> Data:
        """What is expected in place of data, auxiliary data at the nuisance parameters themselves.

        Parameters
        ----------
        prediction : (n, C) array
        nuisances : {"conditional", "nominal"}

        Returns
        -------
        Data
            As from `sample`; counts are not integers.

        Raises
        ------
        PredictionError, ParameterError
            As for `sample`.
        """
        columns = self.columns(prediction)
        weights, widths2 = self.signal.weights(columns), self.own_widths2(columns)
        return _record(asimov_data(self.name, self.profiler, weights, widths2, nuisances))

    def saturated(self, data: Data | None = None) -> Array:
        """Log-likelihood if each count is what is expected and no constraint pulls: (m,).

        NaN with nuisance parameters marginalised, where no such value is a bound.
        """
        own = self.model_data(data)
        constants = self.model.constants(self.model.measured if own is None else own)
        return np.full_like(constants, np.nan) if self.nuisances == "laplace" else -constants

    def own_widths2(self, columns: Array) -> Array | None:
        """Errors of the signal where they follow the weights; None where they do not."""
        return None if self.template_errors == "published" else self._widths2(columns)

    def profiled(self, prediction: Array, data: Data | None = None, exact: bool = False) -> Rates:
        """Expected counts of all samples at the profiled nuisance parameters of predictions.

        Parameters
        ----------
        prediction : (n, C) array
        data : Data, optional
        exact : bool
            End with Newton steps, for differences of counts: the likelihood hardly changes.
        """
        columns = matched(self.name, self.columns(prediction), data)
        weights, widths2 = self.signal.weights(columns), self.own_widths2(columns)
        own = self.model_data(data)
        alpha = self.profiler.minimise(weights, widths2, own).alpha
        if exact:
            alpha = self.profiler.polished(alpha, weights, widths2, own)
        return self.model.rates(alpha, weights, widths2, own)

    def pull(self, prediction: Array) -> Array:
        """Signed root of the deviance from the best signal strength of the same shape: (n,).

        Positive if the data want more of this signal.
        """
        from scipy.optimize import minimize_scalar

        pulls = []
        for row in np.atleast_2d(prediction):

            def cost(scale: float, row: Array = row) -> float:
                return float(-self.log_likelihood(scale * row[None])[0])

            best = minimize_scalar(cost, bounds=(0.0, 30.0), method="bounded")
            pulls.append(np.sign(best.x - 1.0) * np.sqrt(max(2.0 * (cost(1.0) - best.fun), 0.0)))
        return np.array(pulls)

    def observable_values(self, prediction: Array) -> Array:
        """Branching fraction of each process, or its number: (n, number of observables)."""
        columns = self.columns(prediction)
        blocks = [self.signal.blocks[row.process] for row in self.rows]
        return np.stack([columns[:, block][:, 1:].sum(axis=1) for block in blocks], axis=1)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Likelihood to which each observable belongs."""
        return tuple(row.term for row in self.rows)

    @property
    def own_rows(self) -> tuple[bool, ...]:
        """Whether each observable is of data of the user's own."""
        return tuple(self.own if row.own is None else row.own for row in self.rows)

    def quoted(self) -> tuple[Quoted, ...]:
        """The branching fractions, of which there is a likelihood and not a number."""
        numbers = {
            process.observable
            for process in self.signal.processes
            if isinstance(process, NumberProcess)
        }
        return tuple(
            Quoted(name if name in numbers else "BR(" + name.split("(", 1)[1])
            for name in self.observables
        )


def _record(drawn: Drawn) -> Data:
    return Data(drawn.counts, {"alpha": drawn.alpha, "factors": drawn.factors})


def _own_factors(model: HistFactoryModel) -> bool:
    """Whether the first slot has bin factors of its own, with normal constraints."""
    if model.tau is not None and model.tau[0].any():
        return False
    if model.members is None:
        return True
    return bool((model.members[0, 0] == 1).all() and not model.members[1:, 0].any())
