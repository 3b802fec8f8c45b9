"""Functions behind the observables of b -> s l l that interfere with the Standard Model."""

from __future__ import annotations

import numpy as np

from ..arrays import Array, column
from ..inputs import Inputs
from ..invisible.widths import decay_of
from ..transitions import PICOSECOND
from ..transitions import transition as find_transition
from ..wilson import Wilson
from ..wilson_names import FLAVOURS
from .charm import standard_model
from .coefficients import (
    DIPOLES,
    LEPTONS,
    SCALARS,
    fit_coefficient,
    shifts,
    tabulated_scale,
)
from .forms import evaluate, polynomial, rate_form
from .rates import normalisation

__all__ = [
    "beyond_summary",
    "bin_fraction",
    "charm_loop_tautau",
    "kstar_tautau",
    "lepton_ratio",
    "pseudo_observable",
    "tabulated_tautau",
]

# Bin of the tabulated rate of B0 -> K*0 tau tau, GeV^2, and the physical region around it.
_BIN = (15.0, 19.0)
_EDGES = (0.0, *_BIN, np.inf)


def tabulated_tautau(
    name: str, spin: float, width: float, factors: tuple[str, ...], wilson: Wilson, inputs: Inputs
) -> Array:
    """Branching fraction of B -> M tau+ tau- of the table of polynomials.

    The form factors are those behind the table, not those of the inputs.

    Parameters
    ----------
    name : str
        Column of ``bsll_polynomials``.
    spin : int
        Of M.
    width : float
        Width of the bin of q2, GeV^2, or 1 for a total.
    factors : tuple of str
        Constants that multiply it.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    vector = shifts(wilson, inputs, "tau", tabulated=True, spin=spin)
    return _tabulated(name, factors, vector, inputs) * width


def _tabulated(name: str, factors: tuple[str, ...], vector: Array, inputs: Inputs) -> Array:
    return np.asarray(
        evaluate(polynomial(name, vector.shape[1]), vector)
        * tabulated_scale(inputs) ** 2
        * _product(factors, inputs)
    )


def lepton_ratio(
    transition: str, window: str, factors: tuple[str, ...], wilson: Wilson, inputs: Inputs
) -> Array:
    """Rate to muons over that to electrons in a bin of q2.

    Parameters
    ----------
    transition : str
        ``B+->K+`` or ``B0->K*0``.
    window : str
        Bin of the table ``bsll_polynomials``, such as ``[1.1,6.0]``, GeV^2.
    factors : tuple of str
        Constants that multiply it.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    spin = find_transition(transition).spin
    rates = []
    for lepton, pair in (("mu", "mumu"), ("e", "ee")):
        vector = shifts(wilson, inputs, lepton, tabulated=True, spin=spin)
        form = polynomial(f"{transition}{pair}{window}", vector.shape[1])
        rates.append(evaluate(form, vector))
    return np.asarray(rates[0] / rates[1] * _product(factors, inputs))


def kstar_tautau(factors: tuple[str, ...], wilson: Wilson, inputs: Inputs) -> Array:
    """Branching fraction of B0 -> K*0 tau+ tau- over all q2.

    The tabulated rate in [15, 19] GeV^2, with two-loop corrections, times the ratio of the total
    to that bin from the rates with C_9^eff(q2) at one loop and the form factors of the inputs. At
    one loop the rate in the bin is 18 % higher; in the ratio most of that cancels.

    Parameters
    ----------
    factors : tuple of str
        Constants that multiply it.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    vector = shifts(wilson, inputs, "tau", tabulated=True)
    mean = _tabulated("B0->K*0tautau[15.0,19.0]", factors, vector, inputs)
    fraction, possible = bin_fraction("B0->K*0", vector, inputs)
    return np.asarray(mean * (_BIN[1] - _BIN[0]) / fraction * possible)


def bin_fraction(transition: str, vector: Array, inputs: Inputs) -> tuple[Array, Array]:
    """Part of the rate of B -> M tau+ tau- that lies in [15, 19] GeV^2, at one loop.

    Parameters
    ----------
    transition : str
    vector : (n, SMALL) or (n, SIZE) complex array
        Shifts, as of `coefficients.shifts`.
    inputs : Inputs

    Returns
    -------
    (n,) array, 1
    (1,) or (n,) array
        Factor on the rate where masses vary, as in `widths.decay_of`.
    """
    form, possible = _tau_form(transition, inputs, vector.shape[1])
    inside = evaluate(form[:, 1], vector)
    total = evaluate(form.sum(axis=1), vector)
    # No rate at all: masses with which the decay cannot happen.
    fraction = np.divide(inside, total, out=np.ones_like(total), where=total != 0.0)
    return fraction, possible


def charm_loop_tautau(
    transition: str, factors: tuple[str, ...], wilson: Wilson, inputs: Inputs
) -> Array:
    """Branching fraction of B -> M tau+ tau- over all q2, with charm loops at one loop.

    For Bs -> phi tau tau in the Standard Model it is 23 % above flavio 2.7.1 in [15, 18.8] GeV^2,
    which has two-loop corrections; parts without the Standard Model are not concerned. The rate is
    that at production; time-integrated it differs by up to y_s = 6 %.

    Parameters
    ----------
    transition : str
    factors : tuple of str
        Constants that multiply it, beside that of the transition.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    known = find_transition(transition)
    vector = shifts(wilson, inputs, "tau", tabulated=False, spin=known.spin)
    form, possible = _tau_form(transition, inputs, vector.shape[1])
    alpha_inv = np.array([standard_model()["alpha_inv"]])
    unit = normalisation(inputs.constant("G_F"), alpha_inv, inputs.constant("VtbVts"))
    duration = inputs.constant(known.lifetime) * (PICOSECOND / inputs.constant("hbar"))
    named = factors if known.normalisation is None else (*factors, known.normalisation)
    front = unit**2 * duration * possible * _product(named, inputs)
    return np.asarray(front * evaluate(form.sum(axis=1), vector))


def _tau_form(transition: str, inputs: Inputs, size: int) -> tuple[Array, Array]:
    """Forms below, in and above [15, 19] GeV^2, and the factor of `widths.decay_of`."""
    known = find_transition(transition)
    decay, possible = decay_of(known, inputs)
    mass = column(inputs.constant(LEPTONS["tau"]))
    form = rate_form(decay, inputs.form_factors(known.form_factors), mass, _EDGES, size)
    return form, possible


def pseudo_observable(name: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Real part of a coefficient of the muon in the normalisation of flavio.

    Parameters
    ----------
    name : str
        Of the coefficient, such as ``dC_9``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    return fit_coefficient(wilson, inputs, name, "mu")


def beyond_summary(wilson: Wilson) -> tuple[str, ...]:
    """Coefficients that a summary of data in C_9, C_10 and primed ones of the muon leaves out.

    Those that matter beside its errors: dipoles above 0.01 (the error of C_7 from B -> X_s gamma)
    and scalar operators of the muon above 5e-4 GeV^-1, 1.6 % of the amplitude of Bs -> mu mu.

    Parameters
    ----------
    wilson : Wilson

    Returns
    -------
    tuple of str
        Names of those that are above at any point.
    """
    muon = FLAVOURS.index("mu")
    found = [name for name in DIPOLES if name in wilson and (np.abs(wilson[name]) > 0.01).any()]
    found += [
        name
        for name in SCALARS
        if name in wilson and (np.abs(wilson[name][:, muon, muon]) > 5e-4).any()
    ]
    return tuple(found)


def _product(names: tuple[str, ...], inputs: Inputs) -> Array:
    total: Array = np.ones(1)
    for name in names:
        total = total * inputs.constant(name)
    return total
