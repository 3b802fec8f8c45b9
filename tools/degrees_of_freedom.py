"""Degrees of freedom of an ideal gas of leptons, photons and light mesons.

    python tools/degrees_of_freedom.py > data/sources/tables_dark_matter.yaml

Energy density rho = (pi^2/30) g T^4, entropy density s = (2 pi^2/45) h T^3, and
sqrt(g_*) = (h/sqrt g)(1 + (T/3h) dh/dT), the combination in the Boltzmann equation (Gondolo,
Gelmini 1991). Neutrinos have the temperature of the photons. After it tools/compile_data.py.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

# Mass in GeV, number of states, +1 for fermions and -1 for bosons.
PARTICLES: dict[str, tuple[float, float, int]] = {
    "photon": (0.0, 2.0, -1),
    "neutrinos": (0.0, 6.0, 1),
    "e": (0.00051099895, 4.0, 1),
    "mu": (0.1056583755, 4.0, 1),
    "pi+-": (0.13957039, 2.0, -1),
    "pi0": (0.1349768, 1.0, -1),
    "K+-": (0.493677, 2.0, -1),
    "K0": (0.497611, 2.0, -1),
    "eta": (0.547862, 1.0, -1),
    "rho": (0.77526, 9.0, -1),
    "omega": (0.78266, 3.0, -1),
    "K*+-": (0.89167, 6.0, -1),
    "K*0": (0.89555, 6.0, -1),
}
# From 0.1 to 200 MeV in steps of about 2 %.
TEMPERATURES = np.geomspace(1e-4, 0.2, 381)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_HIGHEST = 60.0

HEADER = """\
# Written by tools/degrees_of_freedom.py.
entries:
- name: degrees_of_freedom
  description: >-
    effective degrees of freedom of the energy, g, and of the entropy, h, and the square root of g_*
    of freeze-out, (h/sqrt g)(1 + (T/3h) dh/dT)
  columns:
"""
FOOTER = """\
  units: {T: "GeV", g: "1", h: "1", sqrt_g_star: "1"}
  notes:
  - >-
    Ideal gas of photons, three neutrinos at the temperature of the photons, e, mu, pi, K, eta, rho,
    omega and K*.
  - >-
    Within 0.3 % of published results with interactions up to 70 MeV; below 1 MeV the decoupling of
    the neutrinos, above 100 MeV interactions of the hadrons are missing.
  reference:
    experiment: computed as an ideal gas; compare K. Saikawa, S. Shirai
    year: 2018
    arxiv: "1803.01038"
"""


def densities(mass: float, sign: int, temperature: Array) -> tuple[Array, Array]:
    """Contribution of one state to g and h: two arrays (n,)."""
    momentum = 0.5 * _HIGHEST * (_NODES + 1.0)
    weight = 0.5 * _HIGHEST * _WEIGHTS
    ratio = mass / temperature[:, None]
    energy = np.sqrt(momentum**2 + ratio**2)
    occupied = np.exp(-energy) / (1.0 + sign * np.exp(-energy))
    rho = (momentum**2 * energy * occupied) @ weight
    pressure = (momentum**4 / (3.0 * energy) * occupied) @ weight
    factor = 1.0 / (2.0 * np.pi**2)
    g = factor * rho * 30.0 / np.pi**2
    h = factor * (rho + pressure) * 45.0 / (2.0 * np.pi**2)
    return g, h


def degrees_of_freedom(temperature: Array) -> tuple[Array, Array, Array]:
    """g, h and sqrt(g_*) at temperatures in GeV: three arrays (n,)."""

    def total(at: Array) -> tuple[Array, Array]:
        parts = [(n, densities(mass, sign, at)) for mass, n, sign in PARTICLES.values()]
        zero = np.zeros(len(at))
        return sum((n * g for n, (g, _) in parts), zero), sum((n * h for n, (_, h) in parts), zero)

    g, h = total(temperature)
    step = 1e-4
    up, down = (total(temperature * (1.0 + sign * step))[1] for sign in (1, -1))
    slope = (up - down) / (2.0 * step)
    return g, h, h / np.sqrt(g) * (1.0 + slope / (3.0 * h))


def main() -> None:
    g, h, root = degrees_of_freedom(TEMPERATURES)
    print(HEADER, end="")
    for name, column in (("T", TEMPERATURES), ("g", g), ("h", h), ("sqrt_g_star", root)):
        print(f"    {name}: [{', '.join(f'{value:.6g}' for value in column)}]")
    print(FOOTER, end="")


if __name__ == "__main__":
    main()
