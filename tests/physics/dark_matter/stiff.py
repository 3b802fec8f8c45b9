"""Relic density of one parameter point with a stiff integrator of scipy.

The equations are those of `bsinv.physics.dark_matter.relic`, solved another way: thermal averages
by quadrature at every x, steps and order of the integrator by error control, and Y_eq kept down to
T = 0.6 MeV. For the tests, and as the peer of a benchmark.
"""

from __future__ import annotations

import numpy as np
from bsinv.errors import PredictionError
from bsinv.physics.arrays import Array
from bsinv.physics.dark_matter.chiral_annihilation import dark_matter_mass, thermal_cross_section
from bsinv.physics.dark_matter.relic import START
from bsinv.physics.dark_matter.thermal import LOWEST_TEMPERATURE, entropy_degrees, sqrt_g_star
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson

__all__ = ["relic_density_stiff"]


def relic_density_stiff(
    wilson: Wilson, inputs: Inputs, method: str = "Radau", rtol: float = 1e-7
) -> float:
    """Omega h^2 of one point; about a second.

    Parameters
    ----------
    wilson : Wilson
        Of one point.
    inputs : Inputs
        Of one point.
    method : {"Radau", "BDF"}
        Of `scipy.integrate.solve_ivp`.
    rtol : float
        Relative error of ln Y in a step.

    Returns
    -------
    float

    Raises
    ------
    PredictionError
        If there is no dark scalar, more than one point, or the integrator gives up.
    """
    from scipy.integrate import quad, solve_ivp
    from scipy.special import kve

    if wilson.size != 1 or inputs.size != 1:
        raise PredictionError("relic_density_stiff takes one parameter point; relic takes many.")
    mass = float(dark_matter_mass(wilson, "the relic density")[0])
    planck = float(inputs.constant("M_Planck")[0])

    def rate(x: Array) -> Array:
        sigma = thermal_cross_section(wilson, inputs, x)
        factor = np.sqrt(np.pi / 45.0) * planck * mass
        return np.asarray(factor * sqrt_g_star(mass / x) * sigma)

    def log_equilibrium(x: Array) -> Array:
        factor = 45.0 * x**2 / (4.0 * np.pi**4 * entropy_degrees(mass / x))
        return np.asarray(np.log(factor * kve(2, x)) - x)

    def slope(ln_x: float, w: Array) -> Array:
        x = np.exp(np.atleast_1d(ln_x))
        log_eq = log_equilibrium(x)
        # Trial steps of the integrator may go far from the solution: bounded, they are repeated.
        there = np.clip(w, log_eq - 300.0, 50.0)
        return np.asarray(-rate(x) / x * (np.exp(there) - np.exp(2.0 * log_eq - there)))

    end = mass / LOWEST_TEMPERATURE
    start = log_equilibrium(np.array([START]))
    solution = solve_ivp(
        slope, (np.log(START), np.log(end)), start, method=method, rtol=rtol, atol=1e-9
    )
    if not solution.success:
        raise PredictionError(f"the Boltzmann equation was not solved: {solution.message}")
    # What still annihilates later, with Y_eq = 0; 1/x is the variable of the integral.
    later = quad(lambda u: rate(np.array([1.0 / u]))[0], 0.0, 1.0 / end, epsrel=1e-4)[0]
    inverse = np.exp(-solution.y[0, -1]) + later
    today = inputs.constant("s_today")[0] / inputs.constant("rho_critical")[0]
    return float(mass / inverse * today)
