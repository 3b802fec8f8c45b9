"""Likelihoods of this package as measurements of flavio (arXiv:1810.08132), also for smelli.

flavio knows a measurement as a distribution of an observable. A likelihood of a spectrum in bins is
none; but it has a number that stands for it, q = 2 (ln L_max - ln L) with ln L_max that of the
saturated model: this is the observable here, and its "distribution" is exp(-q/2) L_max.
"""

from __future__ import annotations

from typing import Any

import flavio
import numpy as np
from flavio.physics import ckm
from flavio.physics.running import running
from flavio.statistics.probability import ProbabilityDistribution

from ..errors import BsinvError, ParameterError
from ..likelihoods.base import Term
from ..physics.ckm import lambda_td
from ..physics.inputs import Inputs
from ..physics.wcxf_names import MIXING_SECTORS, SCALES, WCXF_COEFFICIENTS
from ..physics.wilson import WILSON_NAMES
from .functions import CoefficientFunction

__all__ = ["coefficients_here", "flavio_likelihood", "log_likelihood", "measurement", "sectors_of"]

# Scale of b decays in flavio, GeV: alpha in the normalisation of its operators is that at it.
_SCALE = 4.8


class LogLikelihoodDistribution(ProbabilityDistribution):  # type: ignore[misc]
    """Distribution of q = 2 (ln L_max - ln L): its logarithm is ln L_max - q/2.

    Parameters
    ----------
    largest : float
        ln L_max.
    """

    def __init__(self, largest: float = 0.0) -> None:
        super().__init__(0.0, (0.0, np.inf))
        self.largest = largest

    def logpdf(self, x: Any) -> Any:
        """Return ln L."""
        return self.largest - 0.5 * x

    def get_error_left(self, nsigma: float = 1, **_: Any) -> float:
        """Zero: q = 0 is the end."""
        return 0.0

    def get_error_right(self, nsigma: float = 1, **_: Any) -> float:
        """Of q, where ln L falls by nsigma^2/2."""
        return float(nsigma) ** 2

    def get_random(self, size: Any = None) -> Any:
        """Refuse: q is no number that was measured.

        Raises
        ------
        ParameterError
        """
        raise ParameterError(
            "a likelihood of bsinv cannot be approximated by a Gaussian of its data: use it in "
            "flavio's Likelihood, not FastLikelihood."
        )


def sectors_of(function: CoefficientFunction) -> tuple[str, ...]:
    """Sectors of WCxf on which a likelihood depends, found by trying each.

    Parameters
    ----------
    function : CoefficientFunction

    Returns
    -------
    tuple of str
    """
    standard = _predicted(function, {})
    found = []
    for sector in SCALES:
        size = 1e-11 if sector in MIXING_SECTORS.values() else 0.1
        tried = {
            name: np.array([size * (1.0 + 0.1 * index) * (1.0 if _real(name) else 1.0 + 0.4j)])
            for index, name in enumerate(WCXF_COEFFICIENTS)
            if WCXF_COEFFICIENTS[name].sector == sector
        }
        try:
            moved = _predicted(function, tried)
        except BsinvError:  # depends on them, since it refuses them
            found.append(sector)
            continue
        if any(not np.array_equal(one, other) for one, other in zip(standard, moved, strict=True)):
            found.append(sector)
    return tuple(found)


def _real(name: str) -> bool:
    place = WCXF_COEFFICIENTS[name]
    diagonal = place.sector == "ffnunu" and place.at[0] == place.at[1]
    return diagonal or any(WILSON_NAMES[key].real for key, _ in place.parts)


def _predicted(function: CoefficientFunction, values: dict[str, Any]) -> list[Any]:
    wilson = function.wilson(values)
    return [term.predict(wilson, function.inputs) for term in function.terms]


def coefficients_here(
    coefficients: Any, parameters: Any, inputs: Inputs, sectors: tuple[str, ...]
) -> dict[str, complex]:
    """Coefficients of flavio, run to the scales here and times flavio's factors over ours.

    The amplitude is the one that flavio has. It multiplies its coefficients by alpha(4.8 GeV), also
    those that wilson has matched from SMEFT with alpha(m_Z): 3 % less than `models.wcxf` has.

    Parameters
    ----------
    coefficients : flavio.WilsonCoefficients
    parameters : mapping of str to float
        Of flavio.
    inputs : Inputs
    sectors : tuple of str
        Of WCxf.

    Returns
    -------
    dict of str to complex
        By the names of the basis flavio, those that are not zero.
    """
    ratios = _ratios(inputs, parameters)
    values: dict[str, complex] = {}
    for sector in sectors:
        scale, eft = SCALES[sector]
        given = coefficients.get_wc(sector, scale, parameters, eft=eft)
        for name, value in given.items():
            if value and name in WCXF_COEFFICIENTS:
                own = complex(value) / ratios[WCXF_COEFFICIENTS[name].relative_to]
                values[name] = own.real if _real(name) else own
    return values


class _AtPoint:
    """ln L at a parameter point of flavio: coefficients and its parameters."""

    def __init__(self, function: CoefficientFunction, sectors: tuple[str, ...]) -> None:
        self.function, self.sectors = function, sectors

    def __call__(self, coefficients: Any, parameters: Any) -> float:
        inputs = self.function.inputs
        values = coefficients_here(coefficients, parameters, inputs, self.sectors)
        return float(self.function(values))


def _ratios(inputs: Inputs, parameters: Any) -> dict[str, float]:
    """Coefficients of flavio over those here: only the product with the factors is physical."""
    alpha = float(running.get_alpha_e(parameters, _SCALE))
    modulus = float(abs(ckm.xi("t", "bs")(parameters)))
    own_lambda = float(inputs.constant("VtbVts")[0])
    own_alpha = 1.0 / float(inputs.constant("alpha_inv")[0])
    ratio = own_lambda / modulus
    beside = float(abs(lambda_td(inputs)[0])) / float(abs(ckm.xi("t", "bd")(parameters)))
    return {
        "": 1.0,
        "lambda_t": ratio,
        "alpha lambda_t": ratio * own_alpha / alpha,
        "alpha lambda_td": beside * own_alpha / alpha,
    }


def log_likelihood(
    coefficients: Any, *likelihoods: str | Term, parameters: Any = None, **options: Any
) -> float:
    """Log-likelihood at coefficients of the packages flavio or wilson.

    Parameters
    ----------
    coefficients : wilson.Wilson or flavio.WilsonCoefficients
        At any scale, in any EFT and basis that wilson can match and run.
    *likelihoods, **options
        As for `functions.CoefficientFunction`: that of Belle II if none is given.
    parameters : mapping of str to float, optional
        Of flavio; its central values by default. alpha and CKM elements stand beside its
        coefficients; all other inputs are those of this package.

    Returns
    -------
    float
    """
    function = CoefficientFunction(*likelihoods, **options)
    values = flavio.default_parameters.get_central_all() if parameters is None else parameters
    given = flavio.WilsonCoefficients.from_wilson(coefficients, values)
    return _AtPoint(function, sectors_of(function))(given, values)


def measurement(
    *likelihoods: str | Term, name: str | None = None, **options: Any
) -> tuple[Any, str]:
    """Measurement of flavio that is a likelihood of this package.

    Parameters
    ----------
    *likelihoods, **options
        As for `functions.CoefficientFunction`: that of Belle II if none is given.
    name : str, optional
        Of the measurement; ``bsinv NAME`` of the likelihoods if not given.

    Returns
    -------
    flavio.Measurement
    str
        Name of its observable, q = 2 (ln L_max - ln L), registered in flavio too. What is there
        under these names is replaced.

    Raises
    ------
    UnknownNameError, ParameterError
        As of `functions.CoefficientFunction`.
    """
    function = CoefficientFunction(*likelihoods, **options)
    title = name or "bsinv " + " ".join(term.name for term in function.terms)
    label = f"2 ln(Lmax/L) of {title}"
    largest = _largest(function)
    at_point = _AtPoint(function, sectors_of(function))

    def q(coefficients: Any, parameters: Any) -> float:
        return 2.0 * (largest - at_point(coefficients, parameters))

    observable = flavio.Observable(label)
    observable.set_description(f"twice the logarithm of L_max over L of {title}")
    observable.tex = r"$2\ln(L_\mathrm{max}/L)$"
    flavio.classes.Prediction(label, q)
    found = flavio.Measurement(title)
    found.experiment = "bsinv"
    found.add_constraint([label], LogLikelihoodDistribution(largest))
    return found, label


def _largest(function: CoefficientFunction) -> float:
    """Log-likelihood of the saturated model."""
    return float(sum(np.asarray(term.saturated())[0] for term in function.terms))


def flavio_likelihood(*likelihoods: str | Term, name: str | None = None, **options: Any) -> Any:
    """Likelihood of flavio with one likelihood of this package.

    For smelli (arXiv:1810.07698): ``gl.likelihoods["bsinv"] = flavio_likelihood()`` adds it to a
    `smelli.GlobalLikelihood`. Leave out what smelli has of the same data.

    Parameters
    ----------
    *likelihoods, name, **options
        As for `measurement`.

    Returns
    -------
    flavio.statistics.likelihood.Likelihood
    """
    from flavio.statistics.likelihood import Likelihood

    made, label = measurement(*likelihoods, name=name, **options)
    return Likelihood(observables=[label], include_measurements=[made.name], fit_parameters=[])
