"""The leptoquarks that couple to left-handed leptons as models: couplings and mass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ...physics.wilson_names import FLAVOUR_LATEX, FLAVOURS
from ..base import Model, default_value, points
from ..couplings import (
    RUNNING,
    Component,
    LinearMap,
    complex_parameters,
    entry_components,
    mass_parameter,
    without_zeros,
)
from ..matching import low_energy
from ..running import low_delta_f2
from ..strange_down import strange_down
from .leptoquark_decays import decay_table
from .leptoquark_matching import (
    LEPTOQUARKS,
    PAIRS,
    Leptoquark,
    bottom_coefficients,
    box_coefficient,
    strange_coefficients,
    up_couplings,
)

__all__ = ["LEPTOQUARK_MODELS", "LeptoquarkModel"]

_QUARKS = ("d", "s", "b")


def _components() -> Iterator[Component]:
    """Couplings to the leptoquark; the array is [quark, lepton]."""
    for i, quark in enumerate(_QUARKS):
        for j, lepton in enumerate(FLAVOURS):
            pair = complex_parameters(
                f"lambda_{quark}{lepton}",
                rf"\lambda_{{{quark}{FLAVOUR_LATEX[lepton]}}}",
                f"the coupling of the {quark} quark and the {lepton} lepton to the leptoquark",
            )
            yield from entry_components(pair, "lambda", (i, j), (3, 3))


_COUPLINGS = LinearMap(tuple(_components()))


class LeptoquarkModel(Model):
    """One leptoquark with couplings lambda_ql of quark q = d, s, b to lepton l = e, mu, tau.

    Matched at tree level to C_lq1, C_lq3, C_ld and run to b -> s nu nu, b -> d nu nu, b -> s l l,
    b -> c l nu and s -> d nu nu; scalars also make meson mixing by boxes, of D mesons too where
    they couple to doublets. The box of a vector depends on the theory above its mass and is left
    out, and so are b -> d l l and s -> d l l. All components of a multiplet have one mass.

    Parameters
    ----------
    field : Leptoquark
    """

    def __init__(self, field: Leptoquark) -> None:
        self.name = f"leptoquark-{field.name}"
        spin = "vector" if field.vector else "scalar"
        self.description = f"{spin} leptoquark {field.name}, L = {field.lagrangian}" + (
            " (its boxes in meson mixing are left out)" if field.vector else ""
        )
        self.lagrangian = rf"\mathcal{{L}}\;=\;{field.formula}\;+\;\mathrm{{h.c.}}"
        self.parameters = (
            mass_parameter("M", f"M_{{{field.latex}}}", 2.0, f"mass of the {spin} leptoquark"),
            *_COUPLINGS.parameters,
            RUNNING,
        )
        self._field = field

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients at low scales, the mass, branching fractions and the largest coupling.

        Coefficients that are zero at every point are left out.
        """
        mass, running = values["M"], values["running"]
        kind = "vLQ" if self._field.vector else "sLQ"
        found = {f"M_{kind}": mass}
        given = _COUPLINGS.arrays(values).get("lambda")
        couplings = np.zeros((1, 3, 3), dtype=complex) if given is None else given
        found[f"decays_{kind}"] = decay_table(self._field, couplings, 1e3 * mass, inputs)
        if given is None:
            return Wilson({**found, "max_coupling": default_value(0.0)}, size=points(values))
        found["max_coupling"] = np.abs(couplings).max(axis=(1, 2))
        tree = without_zeros(bottom_coefficients(self._field, couplings, 1e3 * mass))
        found |= without_zeros(low_energy(tree, inputs, mass, running))
        strange = strange_coefficients(self._field, couplings, 1e3 * mass)
        found |= strange_down(strange, inputs, mass, running)
        found |= self._mixing(couplings, mass, running, inputs)
        return Wilson(found, size=points(values))

    def _mixing(
        self, couplings: Array, mass: Array, running: Array, inputs: Inputs
    ) -> dict[str, Array]:
        """Coefficients of meson mixing at the scale of the mesons, GeV^-2."""
        field = self._field
        found: dict[str, Array] = {}
        if field.box is None:
            return {}
        for pair in PAIRS:
            if pair != "cu":
                used = couplings
            elif field.doublet:
                used = up_couplings(couplings, ckm_matrix(inputs))
            else:
                continue
            box = box_coefficient(field, used, 1e3 * mass, pair)
            if box.any():
                found |= low_delta_f2(pair, {field.box[0]: box}, mass, running)
        return found


LEPTOQUARK_MODELS: Mapping[str, LeptoquarkModel] = MappingProxyType(
    {entry.name: entry for entry in map(LeptoquarkModel, LEPTOQUARKS.values())}
)
