"""An observable of one's own: the share of B+ -> K+ nu nu with q2 below 4 GeV^2.

In the package: one function in the file of its process and its entry in the table OBSERVABLES
there.
"""

import bsinv
import numpy as np
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

Q2MAX = 4.0  # GeV^2


def share(wilson: Wilson, inputs: Inputs) -> np.ndarray:
    """Rate below 4 GeV^2 over the whole rate: (n,)."""
    rate = observable("BR(B+->Knunu)")
    part: np.ndarray = rate(wilson, inputs, q2max=Q2MAX)
    return part / rate(wilson, inputs)


LOW_SHARE = Observable(
    name="share(q2<4)",
    latex=r"\mathcal{B}(q^2<4)/\mathcal{B}",
    unit="1",
    function=share,
    description="share of B+ -> K+ nu nu with q2 below 4 GeV^2",
    references=("2107.01080",),
)

ANALYSIS = {
    "name": "low-share",
    "model": "wet-eos",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {"cSL": {"prior": {"uniform": [0, 20]}, "start": 5.0}},
    "predictions": ["share(q2<4)"],
}


def main() -> None:
    for name in ("cVL", "cSL", "cTL"):
        # One operator alone, at two sizes: what is left of vectors is set to zero.
        small, large = bsinv.predict(LOW_SHARE, "wet-eos", **{"cVL": 0.0, name: [5.0, 10.0]})
        print(f"{name}: {small:.3f}, {large:.3f}")
    analysis = bsinv.load(ANALYSIS, observables=[LOW_SHARE])
    best = analysis.fit(minos=())
    print(f"best fit: {analysis.observable('share(q2<4)', best.values[None])[0]:.3f}")


if __name__ == "__main__":
    main()
