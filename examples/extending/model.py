"""A model of one's own: new physics that couples to the third lepton family alone.

In the package: one file in models/, and its entry in models/registry.py.
"""

from collections.abc import Mapping

import bsinv
import numpy as np
from bsinv.models import Model, ModelParameter
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson


class ThirdFamily(Model):
    """Shift of C_L for tau neutrinos; the rate depends on C_tau^2 and on its interference."""

    name = "third-family"
    description = "shift of C_L for tau neutrinos"
    parameters = (
        ModelParameter("C_tau", r"C_\tau", "1", 0.0, -100.0, 100.0, "shift of C_L of nu_tau"),
    )

    def wilson(self, values: Mapping[str, np.ndarray], inputs: Inputs) -> Wilson:
        """Flavour matrix with one entry: (n, 3, 3)."""
        matrix = np.zeros((len(values["C_tau"]), 3, 3), dtype=complex)
        matrix[:, 2, 2] = values["C_tau"]
        return Wilson({"dC_L": matrix})


ANALYSIS = {
    "name": "third-family",
    "model": "third-family",
    "likelihoods": ["belle2_2023_kpnunu", "belle_2017_kst0nunu"],
    "parameters": {"C_tau": {"prior": {"uniform": [-40, 40]}, "start": -10.0}},
}


def main() -> None:
    analysis = bsinv.load(ANALYSIS, model=ThirdFamily())
    best = analysis.fit()
    rate = analysis.observable("BR(B+->Knunu)", best.values[None])[0]
    print(f"C_tau = {best.values[0]:.2f}, BR(B+ -> K+ nu nu) = {rate:.2e}")


if __name__ == "__main__":
    main()
