"""Lower limits on masses of new particles from direct searches.

A search with no background that excludes masses below m_limit at 95 % sees no event where 3.0 are
expected (exp(-3.0) = 0.05). For a heavier particle fewer are expected, as the cross section falls,

    s(m) = 3.0 exp(-(m - m_limit)/w),        ln L = -s(m)        (no event seen).

Pairs of coloured particles are made by the strong interaction; w is how fast this falls with the
mass. For scalar triplets at 13 TeV it is the cross section of stops (NNLO_approx + NNLL, LHC SUSY
cross section working group, arXiv:1607.07741): 1.70 fb at 1200 GeV, 0.257 fb at 1500 GeV and
0.0451 fb at 1800 GeV, so w = 600 GeV/ln(1.70/0.0451) = 165 GeV. The fall is that of the parton
luminosities, so it serves for vector leptoquarks and vector-like quarks too. Efficiencies near the
limit hardly change, and couplings to leptons hardly matter for pairs.

A search for pairs that both decay to one final state sees beta^2 of them, beta the branching
fraction, so that

    s(m, beta) = 3.0 beta^2 exp(-(m - m_limit)/w),

summed over the particles that decay so; for tops and taus at beta = 1/2 it excludes masses below
1201 GeV where 1220 GeV are published (JHEP 06 (2021) 179). Pairs with one other decay are not
counted. Where limits for several beta are published, m_limit is interpolated linearly between them
and s falls with beta^2 below the smallest. A search for pairs with one particle in each of two
final states, beta = 1/2 each, sees 4 beta_1 beta_2. The observable of the measurement names what
the particle decays to; a final state without a search has no limit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from ...physics.wilson_names import LEPTOQUARK_DECAYS
from ..base import Quoted, Term
from ..batches import (
    Array,
    Data,
    count_values,
    data_values,
    drawn_counts,
    poisson_log,
    real_prediction,
    true_prediction,
)
from ..options import check_choice
from .limits import check_limit
from .walls import wall

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson

__all__ = ["MassBound", "bounded_mass", "decays_of"]

EVENTS_AT_LIMIT = 3.0
FALL = 165.0  # GeV
GEV_PER_TEV = 1000.0

# Coefficient with masses and branching fractions, by that of the mass alone.
DECAYS: Mapping[str, str] = MappingProxyType({"M_sLQ": "decays_sLQ", "M_vLQ": "decays_vLQ"})
_DECAY = re.compile(r"BR\(->([btc]) (e|mu|tau|nu)\)")

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
        None too for a leptoquark of which no decay is named.
    """
    mass = next((mass for words, mass in MASSES.items() if observable.startswith(words)), None)
    return None if mass in DECAYS and not decays_of(observable) else mass


def decays_of(observable: str) -> tuple[str, ...]:
    """Final states of a search for leptoquarks, as in `LEPTOQUARK_DECAYS`.

    Empty where the observable names no branching fraction: such a limit cannot be applied.

    Parameters
    ----------
    observable : str
        Such as ``"m(scalar LQ), BR(->t tau)=BR(->b nu)=0.5"``.

    Returns
    -------
    tuple of str
        One where both particles of a pair decay alike, two where each decays to one of them.
    """
    return tuple(quark + lepton for quark, lepton in _DECAY.findall(observable))


class MassBound(Term):
    """A lower limit at 95 % on the mass of a particle made in pairs.

    The prediction is the number of signal events s, zero without such a particle or such a decay:
    it is finite for every model. Leptoquarks decay as `decays_sLQ` or `decays_vLQ` says; a model
    that gives the mass alone is taken to have one that decays as the search assumes. ``smooth``:
    ``ln L = -s``, which is the Poisson probability of the n = 0 events that were seen; data are
    drawn as Poisson counts, and ``ln L = n ln s - s - (n ln n - n)``. ``hard``: 0 for ``s <= 3.0``
    (m not below the limit) and minus infinity above, with no data to draw.

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
    curve : (m, 2) array, optional
        Published limits in GeV, at branching fractions from smallest to largest, the last 1.

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
        curve: Array | None = None,
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
        self.final_states = decays_of(observable)
        self.curve = np.array([[1.0, limit]]) if curve is None else np.asarray(curve, float)
        if (np.diff(self.curve[:, 0]) <= 0.0).any() or self.curve[-1].tolist() != [1.0, limit]:
            raise DataError(f"{name}: the limits against the branching fraction end at 1, {limit}")
        self.form = check_choice(name, "bound_form", form)
        self.hard = form == "hard"

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Signal events expected: (n,); zero if the model has no such particle."""
        decays = DECAYS.get(self.mass, "")
        if decays in wilson:
            return self._of_decays(wilson[decays], wilson.size)
        if self.mass not in wilson:
            return np.zeros(wilson.size)
        return np.broadcast_to(self.events(GEV_PER_TEV * wilson[self.mass]), (wilson.size,))

    def events(self, mass: Array, fraction: Array | float = 1.0) -> Array:
        """Signal events of one particle.

        Parameters
        ----------
        mass : array, GeV
        fraction : array or float
            Branching fraction; for two final states 2 sqrt(beta_1 beta_2).

        Returns
        -------
        array of their common shape
        """
        lowest = self.curve[0, 0]
        limit = np.interp(fraction, *self.curve.T)
        pairs = (np.minimum(fraction, lowest) / lowest) ** 2
        events: Array = EVENTS_AT_LIMIT * pairs * np.exp((limit - np.asarray(mass, float)) / FALL)
        return events

    def _of_decays(self, decays: Array, size: int) -> Array:
        """Events summed over leptoquarks, of their masses and branching fractions: (n,)."""
        columns = [1 + LEPTOQUARK_DECAYS.index(state) for state in self.final_states]
        fractions = decays[:, :, columns]
        fraction = fractions[:, :, 0]
        if len(columns) == 2:
            fraction = 2.0 * np.sqrt(fractions[:, :, 0] * fractions[:, :, 1])
        events = self.events(GEV_PER_TEV * decays[:, :, 0], fraction).sum(axis=1)
        return np.broadcast_to(events, (size,))

    @cached_property
    def data(self) -> Data:
        """No event: (1, 1); (1, 0) for a wall."""
        return Data(np.zeros((1, 0 if self.hard else 1)))

    @property
    def log_normalisation(self) -> float:
        """Zero: `log_likelihood` is ``ln P(0; s)``, or a wall."""
        return 0.0

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """Minus the events expected, or 0 and minus infinity: (n,)."""
        events = real_prediction(self.name, prediction)
        if not self.hard:
            return -events if data is None else poisson_log(self._seen(data, events), events)
        # A mass at the limit to rounding is not excluded.
        return wall(self.name, events, EVENTS_AT_LIMIT * (1.0 + 1e-9), data)

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``-sqrt(2 s)``, as for a count of none; NaN for a wall or no such particle: (n,)."""
        events = real_prediction(self.name, prediction)
        if self.hard:
            return np.full_like(wall(self.name, events, 0.0, data), np.nan)
        seen = 0.0 if data is None else self._seen(data, events)
        drop = np.sqrt(np.maximum(-2.0 * poisson_log(seen, events), 0.0))
        pull: Array = np.where(events > 0, np.sign(seen - events) * drop, np.nan)
        return pull

    def sample(self, prediction: Array, rng: np.random.Generator) -> Data:
        """Poisson counts: (n, 1); (n, 0) for a wall."""
        events = true_prediction(self.name, prediction)
        if self.hard:
            return Data(np.empty((len(events), 0)))
        return drawn_counts(self.name, events, rng)

    def asimov(self, prediction: Array) -> Data:
        """Events expected: (n, 1); (n, 0) for a wall."""
        events = true_prediction(self.name, prediction)[:, None]
        return Data(events[:, :0] if self.hard else events)

    def saturated(self, data: Data | None = None) -> Array:
        """Zero, where as many events are expected as seen: (m,)."""
        return np.zeros(1 if data is None else len(data_values(*self._shape(data))))

    def _shape(self, data: Data) -> tuple[str, Data, int]:
        return self.name, data, 0 if self.hard else 1

    def _seen(self, data: Data, events: Array) -> Array:
        return count_values(self.name, data, events.size)

    def observable_values(self, prediction: Array) -> Array:
        """Mass in GeV, NaN without such a particle: (n, 1).

        Of one particle with this decay alone that would give as many events.
        """
        events = real_prediction(self.name, prediction)
        safe = np.where(events > 0, events, 1.0)
        mass = self.limit - FALL * np.log(safe / EVENTS_AT_LIMIT)
        return np.where(events > 0, mass, np.nan)[:, None]

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit and its level."""
        name = self.observables[0]
        return (Quoted(name, "GeV", "lower limit", limit=self.limit, level=self.level),)
