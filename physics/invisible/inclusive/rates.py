"""B -> X_s + invisible: free quarks at leading power, normalised to the Standard Model value.

At leading power in 1/m_b the rate is that of b -> s with all form factors 1 (`hadronic.spin_half`).
Neutrinos are relative to the Standard Model with the same inputs, in which |V_tb V_ts*| cancels as
it does in the normalisation to B -> X_c l nu; dark states are relative to the Standard Model of the
default inputs. QCD corrections of V and A cancel; S and P with coefficients in the MSbar scheme
have none to order alpha_s, those of tensor currents are not known (constant ratio_Xs_tensor).

Scalar pairs, and all that is heavy, live at large q2, where the partonic phase space ends below the
hadronic one and the expansion fails: the rate is never less than that of K and K* together, and
`leading_power_fails` says where it is an order of magnitude only. Neutrinos of vector and of other
operators, and dark states, do not interfere: each of these has the larger of both rates, so that
the excess of K of one is not taken from the inclusive rate of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from ....data.constants import constant
from ...arrays import Array
from ...inputs import Inputs
from ...transitions import transition
from ...wilson import Wilson, points, refuse_signal_strength
from ..densities.base import Line
from ..densities.currents import DarkTerm
from ..final_states.states import dark_terms, neutrino_terms
from ..rates import inverse_width
from ..widths import binned_width, differential_width
from .qcd import qcd_factor, total_qcd_factor

__all__ = [
    "BOTH",
    "MESONS",
    "QUARKS",
    "branching_fraction",
    "exclusive_fraction",
    "leading_power_fails",
    "region",
    "spectrum",
]

QUARKS = "b->s"
_ALL = (0.0, np.inf)
# The Standard Model behind the normalisation of dark states.
_SHORT_DISTANCE = ("G_F", "alpha_inv", "sin2_theta_W", "X_t", "VtbVts")
_SCALARS, _TENSORS = ("S", "P"), ("E", "M", "qE", "qM")

# GeV^2 and 1: where the expansion fails, by the threshold or line and by the part of K and K*. The
# part is 0.4 in the Standard Model, below 0.6 for vector and tensor currents up to m = 1 GeV, and
# from 0.6 to 2 for scalar ones.
_HIGH_Q2, _LARGE_PART = 15.0, 0.6
# GeV. A line beyond is not in the partonic rate.
_HEAVIEST_LINE = 4.1


@dataclass(frozen=True)
class _Meson:
    """A B meson: its Standard Model value and its exclusive modes."""

    normalisation: str
    kaon: str
    kstar: str


MESONS: Mapping[str, _Meson] = MappingProxyType(
    {
        "B0": _Meson("BR_Xsnunu_B0", "B0->K0", "B0->K*0"),
        "B+": _Meson("BR_Xsnunu_Bplus", "B+->K+", "B+->K*+"),
    }
)
BOTH = tuple(MESONS)


def _root_factor(current: str, inputs: Inputs) -> Array | float:
    """Square root of the correction to a squared current over that to V and A."""
    if current in _SCALARS:
        return np.asarray(total_qcd_factor(inputs.constant("alpha_s_mb")) ** -0.5)
    if current in _TENSORS:
        return np.asarray(np.sqrt(inputs.constant("ratio_Xs_tensor")))
    return 1.0


def _corrected(terms: Iterable[DarkTerm], inputs: Inputs) -> list[DarkTerm]:
    """Entries of W_ab with corrections relative to V and A, without lines that are too heavy."""
    found = []
    for term in terms:
        weight = term.weight
        for current in term.pair:
            weight = weight * _root_factor(current, inputs)
        if isinstance(term.density, Line):
            light = np.ravel(term.density.square) <= _HEAVIEST_LINE**2
            weight = np.where(light, weight, 0.0)
        found.append(replace(term, weight=weight))
    return found


def _standard(inputs: Inputs) -> tuple[Array, Array]:
    """Standard Model widths that neutrinos and dark states are relative to, (1,) or (n,), GeV.

    A world without Standard Model, X_t = 0, is relative to the default X_t.
    """
    default = {name: constant(name).value for name in _SHORT_DISTANCE}
    x_t = inputs.constant("X_t")
    own = inputs
    if (x_t == 0.0).any():
        own = inputs.replace(constants={"X_t": np.where(x_t == 0.0, default["X_t"], x_t)})
    fixed = inputs.replace(constants=default)
    found = (
        binned_width(QUARKS, neutrino_terms(Wilson(), given), given, _ALL)[:, 0]
        for given in (own, fixed)
    )
    return next(found), next(found)


def _split(wilson: Wilson, inputs: Inputs) -> tuple[list[DarkTerm], list[DarkTerm]]:
    """Entries of W_ab of neutrinos and of dark states."""
    terms, size = dark_terms(wilson, inputs), len(neutrino_terms(wilson, inputs))
    return list(terms[:size]), list(terms[size:])


def _normalisation(mesons: tuple[str, ...], inputs: Inputs) -> Array:
    """Standard Model value, the mean over mesons."""
    values = [inputs.constant(MESONS[name].normalisation) for name in mesons]
    return np.asarray(sum(values) / len(values))


@dataclass(frozen=True)
class _Rates:
    """Branching fractions of final states that interfere with no others, (1,) or (n,) arrays."""

    partonic: Array
    kaon: Array
    kstar: Array

    @property
    def total(self) -> Array:
        """The larger of partonic and exclusive."""
        return np.asarray(np.maximum(self.partonic, self.kaon + self.kstar))

    @property
    def fraction(self) -> Array:
        """Exclusive over partonic: infinite without the latter, NaN without both."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.kaon + self.kstar) / self.partonic)

    def plus(self, other: _Rates) -> _Rates:
        """The sums."""
        return _Rates(
            self.partonic + other.partonic, self.kaon + other.kaon, self.kstar + other.kstar
        )


def _final_states(mesons: tuple[str, ...], wilson: Wilson, inputs: Inputs) -> list[_Rates]:
    """Means over mesons for neutrinos of vector operators, of others, and for dark states."""
    neutrinos, dark = _split(wilson, inputs)
    own, fixed = _standard(inputs)
    vector = [term for term in neutrinos if set(term.pair) <= {"V", "A"}]
    others = [term for term in neutrinos if not set(term.pair) <= {"V", "A"}]
    unit = _normalisation(mesons, inputs)
    found = []
    for terms, standard in ((vector, own), (others, own), (dark, fixed)):
        if not terms:
            continue
        partonic = binned_width(QUARKS, _corrected(terms, inputs), inputs, _ALL)[:, 0]
        kaon, kstar = (_exclusive(kind, mesons, terms, inputs) for kind in ("kaon", "kstar"))
        found.append(_Rates(unit * partonic / standard, kaon, kstar))
    return found


def _exclusive(
    kind: str, mesons: tuple[str, ...], terms: Iterable[DarkTerm], inputs: Inputs
) -> Array:
    """Branching fraction of given entries of W_ab to ``kaon`` or ``kstar``, mean over mesons."""
    channels = [getattr(MESONS[name], kind) for name in mesons]
    values = [
        binned_width(name, terms, inputs, _ALL) * inverse_width(transition(name), inputs)
        for name in channels
    ]
    return np.asarray(sum(values) / len(values))[:, 0]


def branching_fraction(mesons: tuple[str, ...], wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of B -> X_s + invisible, the larger of partonic and exclusive.

    Of each of the final states that do not interfere.

    Parameters
    ----------
    mesons : tuple of str
        ``B0``, ``B+``, or both for their mean.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n,) array, 1

    Raises
    ------
    PredictionError
        For a signal strength, or if batch sizes differ.
    """
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, "B->X_snunu")
    values = sum(one.total for one in _final_states(mesons, wilson, inputs))
    return np.broadcast_to(values, (size,)).copy()


def exclusive_fraction(wilson: Wilson, inputs: Inputs) -> Array:
    """Rate of K and K* over the partonic rate, mean over B0 and B+; 1 and more where it fails.

    Returns
    -------
    (n,) array, 1
        Infinite where there is no partonic rate, NaN where there is no rate.
    """
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, "B->X_snunu")
    rates = reduce(_Rates.plus, _final_states(BOTH, wilson, inputs))
    return np.broadcast_to(rates.fraction, (size,)).copy()


def leading_power_fails(wilson: Wilson, inputs: Inputs) -> Array:
    """1 where the rate of X_s is an order of magnitude only, else 0.

    Where K and K* are more than 0.6 of the partonic rate of final states that do not interfere with
    others, or a final state has its threshold or line above q2 = 15 GeV^2.

    Returns
    -------
    (n,) array, 1
    """
    part = exclusive_fraction(wilson, inputs)
    fails = np.zeros(part.shape, dtype=bool)
    for one in _final_states(BOTH, wilson, inputs):
        # No rate does not fail.
        fails = fails | (one.fraction > _LARGE_PART)
    for term in dark_terms(wilson, inputs):
        start = term.density.square if isinstance(term.density, Line) else term.density.threshold
        fails = fails | ((term.weight != 0.0) & (np.ravel(start) > _HIGH_Q2))
    return np.where(np.isnan(part), np.nan, fails.astype(float))


def region(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction in one of three regions of the mass of X_s, mean over B0 and B+.

    Below 0.6 GeV there are kaons alone (K pi starts at 0.63); from 0.6 to 1.0 GeV the part
    w_Kstar_Xs of K*, without K pi in the S wave; above, the rest of the inclusive rate.

    Parameters
    ----------
    name : {"low", "mid", "high"}
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (n,) array, 1
    """
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, "B->X_snunu")
    share = inputs.constant("w_Kstar_Xs")
    if name == "high":
        # Not less than the tail of the K*.
        rates = _final_states(BOTH, wilson, inputs)
        values = sum(one.total - one.kaon - share * one.kstar for one in rates)
    else:
        kind, part = ("kaon", 1.0) if name == "low" else ("kstar", share)
        values = part * _exclusive(kind, BOTH, dark_terms(wilson, inputs), inputs)
    return np.broadcast_to(values, (size,)).copy()


def spectrum(mesons: tuple[str, ...], wilson: Wilson, inputs: Inputs, *, q2: ArrayLike) -> Array:
    """Partonic branching fraction of B -> X_s + invisible, differential in q2.

    With the QCD correction of V and A at q2, see `qcd_factor`; that of the others does not depend
    on q2.

    Parameters
    ----------
    mesons : tuple of str
    wilson : Wilson
    inputs : Inputs
    q2 : number or (k,) array, GeV^2
        Zero beyond the partonic end point (m_b - m_s)^2; lines have no height.

    Returns
    -------
    (n,) array for a number, else (n, k) array, GeV^-2
    """
    size = points(wilson, inputs)
    refuse_signal_strength(wilson, "B->X_snunu")
    place = np.asarray(q2, dtype=float).reshape(1, -1)
    alpha_s, m_b = inputs.constant("alpha_s_mb")[:, None], inputs.constant("m_b_1S")[:, None]
    local = qcd_factor(place / m_b**2, alpha_s) / total_qcd_factor(alpha_s)
    total: Array = np.zeros((1, place.size))
    for terms, standard in zip(_split(wilson, inputs), _standard(inputs), strict=True):
        for term in _corrected(terms, inputs):
            part = differential_width(QUARKS, [term], inputs, place[0]) / standard[:, None]
            total = total + (part * local if set(term.pair) <= {"V", "A"} else part)
    values = np.broadcast_to(
        _normalisation(mesons, inputs)[:, None] * total, (size, place.size)
    ).copy()
    return values[:, 0] if np.ndim(q2) == 0 else values
