"""Belle II 2023: the published likelihood of B+ -> K+ nu nubar, for any spectrum in q^2.

The analysis (2311.14647) is a HistFactory model of five channels; its signal was simulated with
the Standard Model spectrum. The published joint number densities n(x, b) give, for each analysis
bin x, the expected signal from each of 100 bins b of generated q^2, so a prediction reweights the
signal of bin x by (2402.08417, 2507.12393)

    w_x = [n(x, 0) w_0 + sum_b n(x, b) dB_b / dB_b^null] / sum_{b=0}^{100} n(x, b),

where column 0 holds events outside the histogram and dB^null is the prediction that the
simulation was made with. The weight multiplies the signal after all its systematic variations.

The relative error delta_x of the bin factor of the signal is that of the published model, or, with
``template_errors="reweighted"``, follows the weights like the error of a count of N_x = 1/delta_x^2
equal events, k_b = N_x n(x, b)/sum_b n(x, b) of them from bin b:

    delta_x(w)^2 = sum_b k_b w_b^2 / (sum_b k_b w_b)^2,    w_b = dB_b / dB_b^null.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..base import Array, Data, Quoted, Term
from ..histfactory.curvature import hessian, log_determinant_of_factors
from ..histfactory.model import HistFactoryModel, ModelData
from ..histfactory.profile import ProfileResult
from ..histfactory.sample import Drawn, asimov_data, draw_data, matched
from ..options import check_choice
from .response import hat_integrals
from .template import (
    NAME,
    checked,
    data,
    folding,
    folding_of_squares,
    null_columns,
    profiler,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["NAME", "Belle2Likelihood"]


class Belle2Likelihood(Term):
    """The full likelihood of Belle II 2023, nuisance parameters profiled or marginalised.

    Parameters
    ----------
    nuisances : {"profile", "laplace"}
        Profile all 231 constrained parameters exactly, or marginalise them in the Laplace
        approximation with the exact Hessian.
    form_factor_systematics : bool
        Keep the modifiers of the form-factor uncertainty. False when the form factors float in the
        prediction, where they would be counted twice.
    template_errors : {"published", "reweighted"}
        Relative errors of the signal in each bin: as published, or following the weights.
    response : {"published", "linear"}
        Efficiencies constant in each bin of q2, as published, or interpolated between the centres
        of the bins (`response`), which makes ln L continuous in the place of a peak.

    Raises
    ------
    ParameterError
        If `nuisances`, `template_errors` or `response` is neither of the two.
    """

    name = NAME
    description = "Belle II 2023, B+ -> K+ nu nubar, published likelihood (2311.14647)"
    observables = ("dBR/dq2(B+->Knunu)",)
    data_ids = (NAME,)
    includes_constants = True
    null_label = "SM"

    def __init__(
        self,
        nuisances: str = "profile",
        form_factor_systematics: bool = True,
        template_errors: str = "published",
        response: str = "published",
    ) -> None:
        self.nuisances = check_choice(NAME, "nuisances", nuisances)
        self.form_factor_systematics = form_factor_systematics
        self.template_errors = check_choice(NAME, "template_errors", template_errors)
        self.response = check_choice(NAME, "response", response)
        self.profiler = profiler(form_factor_systematics)

    @property
    def model(self) -> HistFactoryModel:
        """The compiled HistFactory model."""
        return self.profiler.model

    @property
    def q2_edges(self) -> Array:
        """Edges of the bins of generated q2: (101,), GeV^2."""
        return data().q2_edges

    @property
    def null_columns(self) -> Array:
        """The null prediction, with the weight 1 outside the histogram in front: (101,)."""
        return null_columns()

    @property
    def channel_labels(self) -> Mapping[str, str]:
        """Short label of each channel of the published model."""
        return data().channel_labels

    @cached_property
    def _constant(self) -> float:
        return self.model.constant

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Weight outside the histogram, then branching fraction in each bin of q^2.

        With the linear response it is that weighted with the hat function of each bin; a signal
        strength is the multiple of the published template with either. The masses are those of
        the null prediction, so that both vanish at the same end point.

        Returns
        -------
        (n, 101) array
        """
        if "signal_strength" in wilson:
            strength = np.real(wilson["signal_strength"])[:, None]
            scaled: Array = strength * self.null_columns
            return scaled
        if self.response == "linear":
            spectrum = hat_integrals(wilson, inputs, self.q2_edges)
        else:
            spectrum = self.spectrum(wilson, inputs, self.q2_edges)
        return np.concatenate([np.ones((len(spectrum), 1)), spectrum], axis=1)

    def spectrum(self, wilson: Wilson, inputs: Inputs, edges: Array) -> Array:
        """Branching fraction in bins of q2, with the masses of the null prediction.

        Parameters
        ----------
        wilson : Wilson
        inputs : Inputs
        edges : (k + 1,) array, GeV^2

        Returns
        -------
        (n, k) array
        """
        from ...physics.invisible.null import null_masses
        from ...physics.invisible.rates import binned_branching_fraction

        return binned_branching_fraction("B+->K+", wilson, inputs, edges, masses=null_masses())

    def weights(self, prediction: Array) -> Array:
        """Factor on the signal of each bin of the model.

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            Branching fraction in each bin of q^2 (weighted with its hat function, if the response
            is linear); with 101 columns, the first is the weight of events outside the histogram
            (1 otherwise).

        Returns
        -------
        (n, 30) array
            NaN in rows that are not finite.

        Raises
        ------
        PredictionError
            For another shape, or a value that is negative.
        """
        return self._fold(self.columns(prediction))

    def columns(self, prediction: Array) -> Array:
        """Prediction after checks, with the weight outside the histogram in front: (n, 101).

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            As for `weights`, which raises the same errors.

        Returns
        -------
        (n, 101) array
            NaN in place of what is not finite.
        """
        return checked(prediction)

    def _fold(self, columns: Array) -> Array:
        """Weights of the bins of the model from checked columns: (n, 101) -> (n, B)."""
        return np.where(self.model.nominal[0] > 0, columns @ folding(), 1.0)

    def template_widths2(self, prediction: Array) -> Array:
        """Squared relative error of the reweighted signal template in each bin of the model.

        ``delta_x^2 (sum_b p_b w_b^2) / (sum_b p_b w_b)^2`` with the shares p_b = n(x, b)/sum n of
        the generated bins, the sentinel among them (module docstring).

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            As for `weights`.

        Returns
        -------
        (n, 30) array
            The published value where a bin has no signal to weight.
        """
        return self._widths2(self.columns(prediction))

    def _widths2(self, columns: Array) -> Array:
        published = self.model.relative_error[0] ** 2
        mean, square = columns @ folding(), columns**2 @ folding_of_squares()
        empty = ~(mean > 0)
        inflation = np.where(empty, 1.0, square / np.where(empty, 1.0, mean) ** 2)
        widths2: Array = published * inflation
        return widths2

    @cached_property
    def data(self) -> Data:
        """Observed counts (1, 30), and the centres of all constraints: alphas 0, bin factors 1."""
        return _record(
            Drawn(
                self.model.observed[None],
                np.zeros((1, self.model.n_alpha)),
                np.ones((1, self.model.n_factors)),
            )
        )

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Log-likelihood, all constants included, nuisance parameters profiled (or marginalised).

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
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
            As for `weights`, or if the numbers of predictions and data sets do not match.

        Notes
        -----
        With template errors that follow the weights, the profiled logarithm keeps the constant of
        the published errors: profiling the numbers of simulated events themselves (Barlow and
        Beeston) gives ``(gamma - 1)^2 / (2 delta(w)^2)`` and no ``ln delta(w)``, which would reward
        smooth weights whatever the data. Marginalised, it cancels (`histfactory`).
        """
        columns = matched(self.name, self.columns(prediction), data)
        weights = self._fold(columns)
        finite = np.isfinite(weights).all(axis=1)
        log = np.full(len(weights), np.nan)
        if finite.any():
            kept, own = weights[finite], self._model_data(data)
            if own is not None:
                own = own.take(finite)
            widths2 = self._own_widths2(columns[finite])
            result = self.profiler.minimise(kept, widths2, own)
            constant = self._constant if own is None else self.model.constants(own)
            log[finite] = -(result.objective + constant)
            if self.nuisances == "laplace":
                log[finite] -= self._laplace(result, kept, widths2, own)
        return log

    def _model_data(self, data: Data | None) -> ModelData | None:
        if data is None or data is self.data:
            return None
        return self.model.data(data.values, data.auxiliary["alpha"], data.auxiliary["factors"])

    def sample(
        self, prediction: Array, rng: np.random.Generator, nuisances: str = "conditional"
    ) -> Data:
        """Draw one data set for each prediction: counts, and auxiliary data of all constraints.

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            As for `weights`.
        rng : numpy.random.Generator
        nuisances : {"conditional", "nominal", "prior"}
            Nuisance parameters of the toys: those that fit the measured data best, the measured
            centres of their constraints, or drawn from the constraints. Auxiliary data are drawn
            again around them (`histfactory.sample`).

        Returns
        -------
        Data
            ``values`` (n, 30) counts; ``auxiliary`` with ``alpha`` (n, n_alpha) in standard
            deviations, ``factors`` (n, n_factors), at least 0.01.

        Raises
        ------
        PredictionError
            As for `weights`, or if a prediction is not finite.
        ParameterError
            If `nuisances` is another word.
        """
        columns = self.columns(prediction)
        weights, widths2 = self._fold(columns), self._own_widths2(columns)
        return _record(draw_data(self.name, self.profiler, weights, widths2, rng, nuisances))

    def asimov(self, prediction: Array, nuisances: str = "conditional") -> Data:
        """What is expected in place of data, auxiliary data at the nuisance parameters themselves.

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
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
        weights, widths2 = self._fold(columns), self._own_widths2(columns)
        return _record(asimov_data(self.name, self.profiler, weights, widths2, nuisances))

    def saturated(self, data: Data | None = None) -> Array:
        """Log-likelihood if each count is what is expected and no constraint pulls: (m,).

        NaN with nuisance parameters marginalised, where no such value is a bound.
        """
        own = self._model_data(data)
        constants = self.model.constants(own or self.model.measured)
        return np.full_like(constants, np.nan) if self.nuisances == "laplace" else -constants

    def _own_widths2(self, columns: Array) -> Array | None:
        return None if self.template_errors == "published" else self._widths2(columns)

    def _laplace(
        self,
        result: ProfileResult,
        weights: Array,
        widths2: Array | None,
        data: ModelData | None,
    ) -> Array:
        """``-ln`` of the Gaussian integral over all constrained parameters: (n,)."""
        # The determinant changes at first order in alpha, the profiled likelihood only at second:
        # one Newton step takes the error of 1e-5 that profiling leaves to less than 1e-9.
        rates = self.model.rates(result.alpha, weights, widths2, data)
        step = np.linalg.solve(hessian(self.model, rates), self.model.gradient(rates)[..., None])
        rates = self.model.rates(result.alpha - step[..., 0], weights, widths2, data)
        sign, log_determinant = np.linalg.slogdet(hessian(self.model, rates))
        log_determinant = np.where(sign > 0, log_determinant, np.nan)
        log_determinant = log_determinant + log_determinant_of_factors(self.model, rates)
        dimension = self.model.n_alpha + self.model.n_factors
        volume: Array = 0.5 * log_determinant - 0.5 * dimension * np.log(2.0 * np.pi)
        return volume

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

    def notes(self) -> tuple[str, ...]:
        """How form factors, template errors, response and nuisance parameters were treated."""
        how = (
            "its own form-factor modifiers (corr_ff_*) are kept"
            if self.form_factor_systematics
            else "its own form-factor modifiers (corr_ff_*) are left out, since the B->K form "
            "factors float in the prediction"
        )
        if self.template_errors != "published":
            how += f"; template errors: {self.template_errors}"
        if self.response != "published":
            how += f"; response: {self.response}"
        return (f"{self.name}: {how}; nuisance parameters: {self.nuisances}.",)

    def observable_values(self, prediction: Array) -> Array:
        """Branching fraction: (n, 1)."""
        values: Array = self.columns(prediction)[:, 1:].sum(axis=1, keepdims=True)
        return values

    def quoted(self) -> tuple[Quoted, ...]:
        """The branching fraction, of which there is a likelihood and not a number."""
        return (Quoted("BR(B+->Knunu)"),)


def _record(drawn: Drawn) -> Data:
    return Data(drawn.counts, {"alpha": drawn.alpha, "factors": drawn.factors})
