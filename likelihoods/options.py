"""How a likelihood term is made: the options that an analysis may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import ParameterError, choices

if TYPE_CHECKING:
    from ..physics.observable import Observable

__all__ = ["CHOICES", "TermOptions", "check_choice"]

# What the options that are words may be.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "nuisances": ("profile", "laplace"),
        "limit_form": ("measured", "half-gaussian", "gamma"),
        "response": ("published", "linear"),
        "template_errors": ("published", "reweighted"),
        "bound_form": ("smooth", "hard"),
        "omega_form": ("measurement", "upper"),
        "abundance": ("all", "relic"),
    }
)


@dataclass(frozen=True)
class TermOptions:
    """How a term is made; what does not concern its form is ignored by it.

    Attributes
    ----------
    nuisances : {"profile", "laplace"}
        For the Belle II likelihood.
    form_factor_systematics : bool
        For the Belle II likelihood: keep its own form-factor modifiers.
    template_errors : {"published", "reweighted"}
        For the Belle II likelihood: statistical errors of the signal template.
    response : {"published", "linear"}
        For the Belle II likelihood: efficiencies constant in bins of q2, or interpolated.
    limit_form : {"measured", "half-gaussian", "gamma"}
        For upper limits (`limit_forms`); ``gamma`` needs counts.
    theory_errors : bool
        For values with errors: add the error of the prediction in quadrature (`theory`).
    bound_form : {"smooth", "hard"}
        For lower limits on masses.
    omega_form : {"measurement", "upper"}
        For the density of dark matter: the dark scalar is all of it, or a part.
    abundance : {"all", "relic"}
        For limits on rates of dark matter: in them the dark scalar is all of it, or has its relic
        density.
    observables : mapping of str to Observable
        Observables of the user's own, which measurements may name.
    """

    nuisances: str = "profile"
    form_factor_systematics: bool = True
    limit_form: str = "measured"
    template_errors: str = "published"
    theory_errors: bool = True
    bound_form: str = "smooth"
    omega_form: str = "measurement"
    abundance: str = "all"
    response: str = "published"
    observables: Mapping[str, Observable] = field(default_factory=dict)


def check_choice(term: str, option: str, value: str) -> str:
    """Return the value of an option of a term if it is one of `CHOICES`.

    Raises
    ------
    ParameterError
        If it is not.
    """
    if value not in CHOICES[option]:
        told = choices(value, CHOICES[option])
        raise ParameterError(f"{term}: {option} {value!r} is not known: allowed are {told}")
    return value
