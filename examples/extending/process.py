"""A process of one's own: B+ -> tau+ nu in the Standard Model.

In the package: one file in physics/, with formulas and the table OBSERVABLES, which
physics/observables.py gathers.
"""

import numpy as np
from bsinv.physics.ckm import ckm_matrix
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import single_valued
from bsinv.physics.wilson import Wilson


def leptonic(wilson: Wilson, inputs: Inputs) -> np.ndarray:
    """Branching fraction, which no coefficient here changes: (1,) or (n,).

    G_F^2 m_B m_tau^2 (1 - m_tau^2/m_B^2)^2 f_B^2 |V_ub|^2 tau_B / (8 pi hbar), as in the PDG review
    of leptonic decays of charged pseudoscalar mesons.
    """
    fermi, f_b, m_b, m_tau, life, hbar = (
        inputs.constant(name) for name in ("G_F", "f_B", "m_Bplus", "m_tau", "tau_Bplus", "hbar")
    )
    v_ub = np.abs(ckm_matrix(inputs)[:, 0, 2])
    ratio = (m_tau / m_b) ** 2
    width: np.ndarray = (fermi * f_b * v_ub * m_tau * (1.0 - ratio)) ** 2 * m_b / (8.0 * np.pi)
    return width * 1e-12 * life / hbar


OBSERVABLES = (
    single_valued(
        "BR(B+->taunu)",
        r"\mathcal{B}(B^+\to\tau^+\nu)",
        "1",
        leptonic,
        "branching fraction in the Standard Model",
        (),
        ("f_B", "tau_Bplus"),
    ),
)


def main() -> None:
    inputs = Inputs.default().replace(constants={"f_B": np.array([0.180, 0.190, 0.200])})
    for entry in OBSERVABLES:
        values = ", ".join(f"{value:.3g}" for value in entry(Wilson(), inputs))
        print(f"{entry.name} for f_B = 180, 190, 200 MeV: {values}")


if __name__ == "__main__":
    main()
