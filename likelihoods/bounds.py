"""Lower limits on masses of new particles from direct searches, and perturbative couplings.

A search with no background that excludes masses below m_limit at 95 % sees no event where 3.0 are
expected (exp(-3.0) = 0.05). For a heavier particle fewer are expected, as the cross section falls,

    s(m) = 3.0 exp(-(m - m_limit)/w),        ln L = -s(m)        (no event seen).

Pairs of coloured particles are made by the strong interaction; w is how fast this falls with the
mass. For scalar triplets at 13 TeV it is the cross section of stops (NNLO_approx + NNLL, LHC SUSY
cross section working group, arXiv:1607.07741): 1.70 fb at 1200 GeV, 0.257 fb at 1500 GeV and
0.0451 fb at 1800 GeV, so w = 600 GeV/ln(1.70/0.0451) = 165 GeV. The fall is that of the parton
luminosities, so it serves for vector leptoquarks and vector-like quarks too. Efficiencies near the
limit hardly change, and couplings to leptons hardly matter for pairs.

A search with another branching fraction, or a particle that decays otherwise, needs another limit:
the observable of the measurement names what was assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from .base import Array, Quoted, Term
from .limits import check_limit
from .options import check_choice

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["PERTURBATIVITY", "MassBound", "Perturbativity", "bounded_mass"]

PERTURBATIVITY = "perturbativity"

EVENTS_AT_LIMIT = 3.0
FALL = 165.0  # GeV
GEV_PER_TEV = 1000.0

# First words of an observable of a search, and the mass that a model gives.
MASSES: Mapping[str, str] = MappingProxyType(
    {
        "m(scalar LQ": "M_sLQ",
        "m(vector LQ": "M_vLQ",
        "m(VLQ": "M_VLQ",
        "m(T)": "M_VLQ",
        "m(B)": "M_VLQ",
        "m(B or X)": "M_VLQ",
        "m(Q)": "M_VLQ",
    }
)


def bounded_mass(observable: str) -> str | None:
    """Name of the mass in `Wilson` that a search bounds; None if it is no such search.

    Parameters
    ----------
    observable : str
        Such as ``"m(scalar LQ), BR(->b tau)=1"``.

    Returns
    -------
    str or None
    """
    return next((mass for words, mass in MASSES.items() if observable.startswith(words)), None)


class MassBound(Term):
    """A lower limit at 95 % on the mass of a particle made in pairs.

    The prediction is the number of signal events s(m), zero without such a particle: it is finite
    for every model. ``smooth``: ``ln L = -s``. ``hard``: 0 for ``s <= 3.0`` (m not below the limit)
    and minus infinity above.

    Parameters
    ----------
    name, description : str
    observable : str
        What was searched for, beginning with one of `MASSES`.
    limit : float, GeV
    level : float
        Confidence level; 0.95.
    data_ids : tuple of str
    form : {"smooth", "hard"}

    Raises
    ------
    DataError
        If the limit is not positive, the level is not 95 %, or the observable no such mass.
    ParameterError
        If the form is not known.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str,
        limit: float,
        level: float,
        data_ids: tuple[str, ...],
        form: str = "smooth",
    ) -> None:
        mass = bounded_mass(observable)
        if mass is None:
            raise DataError(f"{name}: {observable!r} is not a mass that any model gives")
        check_limit(name, limit, level)
        if level != 0.95:
            raise DataError(f"{name}: a mass limit at {level!r} has no form; 0.95 has")
        self.name, self.description = name, description
        self.observables, self.data_ids = (observable,), data_ids
        self.mass, self.limit, self.level = mass, limit, level
        self.form = check_choice(name, "bound_form", form)
        self.hard = form == "hard"

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Signal events expected: (n,); zero if the model has no such particle."""
        if self.mass not in wilson:
            return np.zeros(wilson.size)
        return self.events(GEV_PER_TEV * wilson[self.mass])

    def events(self, mass: Array) -> Array:
        """Signal events for a mass: (n,) array in GeV to (n,)."""
        events: Array = EVENTS_AT_LIMIT * np.exp((self.limit - np.asarray(mass, float)) / FALL)
        return events

    def log_likelihood(self, prediction: Array) -> Array:
        """Minus the events expected, or 0 and minus infinity: (n,)."""
        events = np.asarray(prediction, float)
        if not self.hard:
            return -events
        # A mass at the limit to rounding is not excluded; NaN stays NaN.
        wall = np.where(events <= EVENTS_AT_LIMIT * (1.0 + 1e-9), 0.0, -np.inf)
        return np.where(np.isnan(events), np.nan, wall)

    def pull(self, prediction: Array) -> Array:
        """``-sqrt(2 s)``, as for a count of none; NaN for a wall or no such particle: (n,)."""
        events = np.asarray(prediction, float)
        seen = (events > 0) & (not self.hard)
        pull: Array = np.where(seen, -np.sqrt(2.0 * events), np.nan)
        return pull

    def observable_values(self, prediction: Array) -> Array:
        """Mass in GeV, NaN without such a particle: (n, 1)."""
        events = np.asarray(prediction, float)
        safe = np.where(events > 0, events, 1.0)
        mass = self.limit - FALL * np.log(safe / EVENTS_AT_LIMIT)
        return np.where(events > 0, mass, np.nan)[:, None]

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level."""
        name = self.observables[0]
        return (Quoted(name, "GeV", "lower limit", limit=self.limit, level=self.level),)


class Perturbativity(Term):
    """Couplings below sqrt(4 pi) = 3.545, beyond which no perturbative prediction is to be trusted.

    ``ln L`` is 0 below and minus infinity above, for the largest modulus of a coupling that the
    model gives (zero if it gives none).
    """

    name = PERTURBATIVITY
    description = "largest coupling of the model below sqrt(4 pi); not a measurement"
    observables = ("max_coupling",)
    data_ids = (PERTURBATIVITY,)
    includes_constants = False
    limit = float(np.sqrt(4.0 * np.pi))
    hard = True

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Largest modulus of a coupling: (n,)."""
        if "max_coupling" not in wilson:
            return np.zeros(wilson.size)
        return np.broadcast_to(wilson["max_coupling"], (wilson.size,))

    def log_likelihood(self, prediction: Array) -> Array:
        """0 below, minus infinity above: (n,)."""
        coupling = np.asarray(prediction, float)
        wall = np.where(coupling <= self.limit, 0.0, -np.inf)
        return np.where(np.isnan(coupling), np.nan, wall)

    def pull(self, prediction: Array) -> Array:
        """NaN: it is no measurement: (n,)."""
        return np.full(len(prediction), np.nan)

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit."""
        return (Quoted(self.observables[0], kind="upper limit", limit=self.limit),)
