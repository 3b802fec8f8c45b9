"""Belle II 2023: the published likelihood of B+ -> K+ nu nubar, for any spectrum in q^2.

The analysis (2311.14647) is a HistFactory model of five channels; its signal was simulated with
the Standard Model spectrum. The published joint number densities n(x, b) give, for each analysis
bin x, the expected signal from each of 100 bins b of generated q^2, so a prediction reweights the
signal of bin x by (2402.08417, 2507.12393)

    w_x = [n(x, 0) w_0 + sum_b n(x, b) dB_b / dB_b^null] / sum_{b=0}^{100} n(x, b),

where column 0 holds events outside the histogram and dB^null is the prediction that the
simulation was made with. The weight multiplies the signal after all its systematic variations;
relative errors of the bin factors do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ParameterError, PredictionError
from .base import Array, Term
from .histfactory import HistFactoryModel, Rates, compile_workspace
from .profile import Profiler, ProfileResult

if TYPE_CHECKING:
    from ..data.records import Belle2Data
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = [
    "NAME",
    "SAMPLE_LABELS",
    "SIGNAL_REGIONS",
    "Belle2Likelihood",
    "ChannelCounts",
    "SignalRegion",
]

NAME = "belle2-2023-bknunu"
N_SPECTRUM = 100
# Modifiers of the published model that stand for the form-factor uncertainty of its signal.
FORM_FACTOR_MODIFIERS = ("corr_ff_c1", "corr_ff_c2", "corr_ff_c3")


@dataclass(frozen=True)
class SignalRegion:
    """How the bins of a channel are laid out (2311.14647, sections VIII and IX).

    Attributes
    ----------
    channel : str
        Name in the published model.
    label : str
        Name for pictures.
    groups : tuple of str
        Classifier range of each group of bins; one empty text if there is but one group.
    edges : tuple of float
        Bin edges inside each group.
    axis_latex, axis_unit : str
        What the edges are.
    """

    channel: str
    label: str
    groups: tuple[str, ...]
    edges: tuple[float, ...]
    axis_latex: str
    axis_unit: str


SIGNAL_REGIONS = (
    SignalRegion(
        "A__Bsig_H_reconstructed_q2_vs_BDT2_Bplus2Kplus_v42_signal_inefficiency_zoomSR_Y4S",
        "Belle II, inclusive tag",
        tuple(rf"$\eta(\mathrm{{BDT}}_2)$ in [{a}, {a + 0.02:.2f}]" for a in (0.94, 0.96, 0.98)),
        (-1.0, 4.0, 8.0, 25.0),
        r"q^2_\mathrm{rec}",
        "GeV^2",
    ),
    SignalRegion(
        "sgn1_had",
        "Belle II, hadronic tag",
        ("",),
        (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        r"\eta(\mathrm{BDTh})",
        "",
    ),
)


# Labels of the background samples in pictures.
SAMPLE_LABELS = {
    "uubar": r"$u\bar u$",
    "ddbar": r"$d\bar d$",
    "ssbar": r"$s\bar s$",
    "ccbar": r"$c\bar c$",
    "charged": r"$B^+B^-$",
    "mixed": r"$B^0\bar B^0$",
    "taupair": r"$\tau^+\tau^-$",
    "bbbar_1_had": r"$B\bar B$",
    "qqbar_1_had": r"$u\bar u, d\bar d, s\bar s$",
    "ccbar_1_had": r"$c\bar c$",
}


@dataclass(frozen=True)
class ChannelCounts:
    """Counts of one channel at profiled nuisance parameters.

    Attributes
    ----------
    observed, expected, error : (bins,) arrays
        Data, sum of all samples, and the error of that sum.
    samples : mapping of str to (bins,) array
        Expected counts by sample, the signal first where there is one.
    """

    observed: Array
    expected: Array
    error: Array
    samples: dict[str, Array]


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

    Raises
    ------
    ParameterError
        If `nuisances` is neither of the two.
    """

    name = NAME
    description = "Belle II 2023, B+ -> K+ nu nubar, published likelihood (2311.14647)"
    observables = ("dBR/dq2(B+->Knunu)",)
    data_ids = (NAME,)
    includes_constants = True

    def __init__(self, nuisances: str = "profile", form_factor_systematics: bool = True) -> None:
        if nuisances not in ("profile", "laplace"):
            raise ParameterError(
                f"{NAME}: nuisances {nuisances!r} is not known: allowed are 'profile', 'laplace'"
            )
        self.nuisances = nuisances
        self.form_factor_systematics = form_factor_systematics
        self.profiler = _profiler(form_factor_systematics)

    @property
    def model(self) -> HistFactoryModel:
        """The compiled HistFactory model."""
        return self.profiler.model

    @cached_property
    def _constant(self) -> float:
        return self.model.constant

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Weight outside the histogram, then branching fraction in each bin of q^2.

        The masses are those of the null prediction, so that both vanish at the same end point.

        Returns
        -------
        (n, 101) array
        """
        from ..physics.null import null_masses, null_spectrum
        from ..physics.rates import binned_branching_fraction

        edges = _data().q2_edges
        if "signal_strength" in wilson:
            strength = np.real(wilson["signal_strength"])[:, None]
            scaled: Array = strength * np.concatenate([[1.0], null_spectrum(edges)])
            return scaled
        spectrum = binned_branching_fraction("B+->K+", wilson, inputs, edges, masses=null_masses())
        return np.concatenate([np.ones((len(spectrum), 1)), spectrum], axis=1)

    def weights(self, prediction: Array) -> Array:
        """Factor on the signal of each bin of the model.

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            Branching fraction in each bin of q^2; with 101 columns, the first is the weight of
            events outside the histogram (1 otherwise).

        Returns
        -------
        (n, 30) array
            NaN in rows that are not finite.

        Raises
        ------
        PredictionError
            For another shape, or a value that is negative.
        """
        prediction = np.atleast_2d(np.asarray(prediction, float))
        if prediction.ndim != 2 or prediction.shape[1] not in (N_SPECTRUM, N_SPECTRUM + 1):
            raise PredictionError(
                f"{NAME}: a spectrum of shape (n, {N_SPECTRUM}) is needed (branching fraction in "
                f"uniform bins of q2 on [0, 22.885] GeV^2), not {prediction.shape}"
            )
        if (prediction < 0).any():
            point, column = np.argwhere(prediction < 0)[0]
            raise PredictionError(
                f"{NAME}: negative branching fraction {prediction[point, column]:.3g} in column "
                f"{column} of point {point}"
            )
        # NaN passes through the product silently, infinity times zero would warn.
        prediction = np.where(np.isfinite(prediction), prediction, np.nan)
        fold = _folding()
        if prediction.shape[1] == N_SPECTRUM:
            folded = fold[0] + prediction @ fold[1:]
        else:
            folded = prediction @ fold
        return np.where(self.model.nominal[0] > 0, folded, 1.0)

    def log_likelihood(self, prediction: Array) -> Array:
        """Log-likelihood, all constants included, nuisance parameters profiled (or marginalised).

        Parameters
        ----------
        prediction : (n, 100) or (n, 101) array
            As for `weights`.

        Returns
        -------
        (n,) array
            NaN where the prediction is not finite or the profile did not converge.
        """
        weights = self.weights(prediction)
        finite = np.isfinite(weights).all(axis=1)
        log = np.full(len(weights), np.nan)
        if finite.any():
            result = self.profiler.minimise(weights[finite])
            log[finite] = -(result.objective + self._constant)
            if self.nuisances == "laplace":
                log[finite] -= self._laplace(result, weights[finite])
        return log

    def _laplace(self, result: ProfileResult, weights: Array) -> Array:
        """``-ln`` of the Gaussian integral over all constrained parameters: (n,)."""
        # The determinant changes at first order in alpha, the profiled likelihood only at second:
        # one Newton step takes the error of 1e-5 that profiling leaves to less than 1e-9.
        rates = self.model.rates(result.alpha, weights)
        step = np.linalg.solve(self.model.hessian(rates), self.model.gradient(rates)[..., None])
        rates = self.model.rates(result.alpha - step[..., 0], weights)
        sign, log_determinant = np.linalg.slogdet(self.model.hessian(rates))
        log_determinant = np.where(sign > 0, log_determinant, np.nan)
        log_determinant = log_determinant + self.model.log_determinant_of_factors(rates)
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

    def post_fit(self, prediction: Array) -> dict[str, ChannelCounts]:
        """Expected counts at the profiled nuisance parameters of one prediction.

        Parameters
        ----------
        prediction : (100,) or (101,) array
            One spectrum.

        Returns
        -------
        dict of str to ChannelCounts
            By channel of the published model.
        """
        weights = self.weights(np.asarray(prediction, float)[None])
        result = self.profiler.minimise(weights)
        rates = self.model.rates(result.alpha, weights)
        factors = 1.0 + rates.excess[0] * self.model.relative_error**2 * rates.rate[0]
        counts = factors * rates.rate[0]
        error = _total_error(self.model, rates)
        return {
            name: ChannelCounts(
                self.model.observed[bins],
                rates.expected[0, bins],
                error[bins],
                {sample: counts[slot, bins] for slot, sample in samples.items()},
            )
            for (name, bins), samples in zip(self.model.channels, self.model.samples, strict=True)
        }


def _total_error(model: HistFactoryModel, rates: Rates) -> Array:
    """Error of the sum of all samples in each bin, from the Hessian in all parameters: (B,).

    ``k^2 J H^-1 J^T + V/(1 + n V/nu^2)``: what the alphas move, the bin factors following them, and
    the bin factors at fixed alphas.
    """
    inverse = np.linalg.inv(model.hessian(rates)[0])
    ratio = (model.observed * rates.variance / rates.expected**2)[0]
    jacobian = model.bin_jacobian(rates)[0] / (1.0 + ratio)[:, None]
    moved = np.einsum("bi,ij,bj->b", jacobian, inverse, jacobian)
    error: Array = np.sqrt(moved + rates.variance[0] / (1.0 + ratio))
    return error


@lru_cache(maxsize=1)
def _data() -> Belle2Data:
    from ..data.belle2 import belle2_2023

    return belle2_2023()


@lru_cache(maxsize=2)
def _profiler(form_factor_systematics: bool) -> Profiler:
    data = _data()
    dropped = () if form_factor_systematics else FORM_FACTOR_MODIFIERS
    return Profiler(compile_workspace(data.workspace, data.signal_samples, dropped))


@lru_cache(maxsize=1)
def _folding() -> Array:
    """(101, B) array F: weights = (sentinel weight, spectrum) @ F."""
    from ..physics.null import null_spectrum

    data = _data()
    model = _profiler(True).model
    fold = np.zeros((N_SPECTRUM + 1, model.observed.size))
    for channel, density in data.densities.items():
        share = density / density.sum(axis=1, keepdims=True)
        fold[:, model.channel(channel)] = share.T
    fold[1:] /= null_spectrum(data.q2_edges)[:, None]
    return fold
