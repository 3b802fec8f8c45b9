"""Dark scalars with the relic density as a parameter, in place of the coupling that makes it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.dark_matter.relic import relic_density
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import add_arrays
from .higgs_penguin import higgs_penguin
from .models import DM_SCALAR_THERMAL

__all__ = ["RELIC_SCALAR", "RelicScalar"]

# ln Omega h^2 falls by 1.9 to 2 for one step of ln C: the remainder shrinks twentyfold each time.
_STEPS = 6
_FIRST = 1e-4

_SHARED = ("m_S", "C_S", "Im_C_S", "C_P", "Im_C_P", "kappa")


class RelicScalar(Model):
    """The model ``dm-scalar-thermal`` with C_ss > 0 from the relic density.

    Data fix the density to a per cent and leave the coupling a range of factors, along a curve in
    the mass and the chiral cross section that a sampler follows with pain. Omega h^2 as the
    parameter makes the curve straight. C_ss is found by iteration, to 1e-4 of Omega h^2.
    """

    name = "dm-scalar-relic"
    description = "real dark scalars as in dm-scalar-thermal, with Omega h^2 in place of C_ss"
    lagrangian = lagrangians.DM_SCALAR_RELIC
    parameters = (
        *(entry for entry in DM_SCALAR_THERMAL.parameters if entry.name in _SHARED),
        ModelParameter("Omega", r"\Omega h^2", "1", 0.12, 1e-6, 100.0, "relic density"),
        ModelParameter(
            "ratio_dd", "C_{dd}/C_{ss}", "1", 0.0, -100.0, 100.0, "coupling to d over that to s"
        ),
        ModelParameter(
            "ratio_uu", "C_{uu}/C_{ss}", "1", 0.0, -100.0, 100.0, "coupling to u over that to s"
        ),
    )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients of ``dm-scalar-thermal`` with C_ss in 10^-4 GeV^-1 found from Omega h^2."""
        given = {name: values[name] for name in _SHARED}
        strange = self.strange_coupling(values, inputs)
        found = DM_SCALAR_THERMAL.coefficients(DM_SCALAR_THERMAL.complete(given))
        for quark, ratio in (("s", 1.0), ("d", values["ratio_dd"]), ("u", values["ratio_uu"])):
            found[f"phi0_S_{quark}{quark}"] = strange * ratio
        add_arrays(found, higgs_penguin(found["phi0_kappa"], inputs))
        return Wilson(found, size=points(values))

    @staticmethod
    def strange_coupling(values: Mapping[str, Array], inputs: Inputs) -> Array:
        """C_ss at 2 GeV that gives the relic density: (n,), GeV^-1."""
        columns = np.broadcast_arrays(
            values["m_S"], values["Omega"], values["ratio_dd"], values["ratio_uu"]
        )
        mass, omega, down, up = columns
        # Where the density is not positive there is no coupling.
        wanted = np.log(np.where(omega > 0.0, omega, np.nan))
        log = np.full(mass.shape, np.log(_FIRST))
        for _ in range(_STEPS):
            strange = np.exp(log)
            trial = {"phi0_S_ss": strange, "phi0_S_dd": strange * down, "phi0_S_uu": strange * up}
            density = relic_density(Wilson({"m_phi0": mass, **trial}), inputs)
            log = log + 0.5 * (np.log(density) - wanted)
        coupling: Array = np.exp(log)
        return coupling


RELIC_SCALAR = RelicScalar()
