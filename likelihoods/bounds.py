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
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError
from ..physics.wilson_names import LEPTOQUARK_DECAYS
from .base import Array, Quoted, Term, real_prediction
from .limits import check_limit
from .options import check_choice

if TYPE_CHECKING:
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["PERTURBATIVITY", "MassBound", "Perturbativity", "bounded_mass", "decays_of"]

PERTURBATIVITY = "perturbativity"

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
    ``ln L = -s``. ``hard``: 0 for ``s <= 3.0`` (m not below the limit) and minus infinity above.

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

    def log_likelihood(self, prediction: Array) -> Array:
        """Minus the events expected, or 0 and minus infinity: (n,)."""
        events = real_prediction(self.name, prediction)
        if not self.hard:
            return -events
        # A mass at the limit to rounding is not excluded; NaN stays NaN.
        wall = np.where(events <= EVENTS_AT_LIMIT * (1.0 + 1e-9), 0.0, -np.inf)
        return np.where(np.isnan(events), np.nan, wall)

    def pull(self, prediction: Array) -> Array:
        """``-sqrt(2 s)``, as for a count of none; NaN for a wall or no such particle: (n,)."""
        events = real_prediction(self.name, prediction)
        seen = (events > 0) & (not self.hard)
        pull: Array = np.where(seen, -np.sqrt(2.0 * events), np.nan)
        return pull

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
        coupling = real_prediction(self.name, prediction)
        wall = np.where(coupling <= self.limit, 0.0, -np.inf)
        return np.where(np.isnan(coupling), np.nan, wall)

    def pull(self, prediction: Array) -> Array:
        """NaN: it is no measurement: (n,)."""
        return np.full(len(prediction), np.nan)

    def quoted(self) -> tuple[Quoted, ...]:
        """The limit."""
        return (Quoted(self.observables[0], kind="upper limit", limit=self.limit),)
