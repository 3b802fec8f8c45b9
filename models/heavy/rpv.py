"""Supersymmetry without R-parity: squarks and sneutrinos with couplings lambda'_ijk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ...physics.wilson_names import FLAVOURS
from .. import lagrangians
from ..base import Model, default_value, points
from ..couplings import (
    RUNNING,
    Component,
    LinearMap,
    add_arrays,
    complex_parameters,
    entry_components,
    mass_parameter,
    without_zeros,
)
from ..matching import low_energy
from ..running import M_Z, low_delta_f2
from ..strange_down import strange_down
from .leptoquark_decays import decay_table
from .leptoquark_matching import LEPTOQUARKS, PAIRS
from .rpv_loops import slepton_exchange, slepton_mixing, slepton_penguins
from .rpv_matching import (
    doublet_squark_box,
    doublet_squark_exchange,
    mixed_squark_box,
    singlet_squark_box,
    singlet_squark_exchange,
    sneutrino_exchange,
    strange_exchange,
)

__all__ = ["RPV", "RpvModel"]

_DOWN = ("d", "s", "b")


def _components() -> Iterator[Component]:
    """Couplings lambda'_ijk; the array is [i, j, k]."""
    for i, j, k in np.ndindex(3, 3, 3):
        number = f"{i + 1}{j + 1}{k + 1}"
        pair = complex_parameters(
            f"lambdap_{number}",
            rf"\lambda^\prime_{{{number}}}",
            f"the coupling of the {FLAVOURS[i]} lepton, the doublet of the {_DOWN[j]} and the "
            f"singlet {_DOWN[k]} quark",
        )
        yield from entry_components(pair, "lambdap", (i, j, k), (3, 3, 3))


_COUPLINGS = LinearMap(tuple(_components()))


class RpvModel(Model):
    """The superpotential term lambda'_ijk L_i Q_j D^c_k.

    Squarks d~_R give b -> s nu nu and b -> d nu nu with left-handed quarks and b -> c l nu, the
    doublets of squarks b -> s nu nu, b -> d nu nu and b -> s l l with right-handed ones, both of
    them s -> d nu nu; sneutrinos mix mesons at tree level, boxes of squarks and leptons at one
    loop; top loops make mixing and Z penguins of the exchange of sleptons. Boxes with sleptons and
    quarks or with W bosons and charged Higgs bosons, and mixing of the squarks of the two
    chiralities, are left out.
    """

    name = "rpv"
    description = "R-parity violating couplings lambda'_ijk of squarks and sneutrinos"
    lagrangian = lagrangians.RPV
    parameters = (
        mass_parameter("m_dR", r"m_{\tilde d_R}", 2.0, "common mass of the squarks d~_R"),
        mass_parameter("m_qL", r"m_{\tilde q_L}", 2.0, "common mass of the squarks u~_L and d~_L"),
        mass_parameter("m_snu", r"m_{\tilde\nu}", 2.0, "common mass of the sneutrinos"),
        *_COUPLINGS.parameters,
        RUNNING,
    )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients at low scales, the mass of the lighter squarks and the largest coupling.

        Squarks that decay to a quark and a lepton are leptoquarks for the LHC: the mass of the
        lighter ones is given as M_sLQ, and decays_sLQ holds all of them. Coefficients that are zero
        at every point are left out.
        """
        right, left = values["m_dR"], values["m_qL"]
        found: dict[str, Array] = {"M_sLQ": np.minimum(right, left)}
        given = _COUPLINGS.arrays(values).get("lambdap")
        couplings = np.zeros((1, 3, 3, 3), dtype=complex) if given is None else given
        found["decays_sLQ"] = _decays(couplings, 1e3 * right, 1e3 * left, inputs)
        if given is None:
            return Wilson({**found, "max_coupling": default_value(0.0)}, size=points(values))
        found["max_coupling"] = np.abs(couplings).max(axis=(1, 2, 3))
        running = values["running"]
        for tree, scale in (
            (singlet_squark_exchange(couplings, 1e3 * right), right),
            (doublet_squark_exchange(couplings, 1e3 * left), left),
        ):
            add_arrays(found, low_energy(without_zeros(tree), inputs, scale, running))
        strange = strange_exchange(couplings, 1e3 * right, 1e3 * left)
        for side, scale in (("singlet", right), ("doublet", left)):
            add_arrays(found, strange_down(strange[side], inputs, scale, running))
        for pair in PAIRS:
            for operator, high, scale in _mixing(couplings, values, pair, inputs):
                if high.any():
                    add_arrays(found, low_delta_f2(pair, {operator: high}, scale, running))
        if running.any():
            add_arrays(found, _slepton_loops(couplings, values, inputs))
        return Wilson(without_zeros(found), size=points(values))


def _decays(couplings: Array, right: Array, left: Array, inputs: Inputs) -> Array:
    """Rows of the three d~_R and of the three doublets, masses in GeV: (n, 9, 13)."""
    rows = []
    for copies, name, mass in (
        (couplings.transpose(3, 0, 2, 1), "S0", right),
        (couplings.transpose(2, 0, 3, 1), "S~1/2", left),
    ):
        rows += [decay_table(LEPTOQUARKS[name], copy, mass, inputs) for copy in copies]
    size = max(map(len, rows))
    return np.concatenate([np.broadcast_to(row, (size, *row.shape[1:])) for row in rows], axis=1)


def _mixing(
    couplings: Array, values: Mapping[str, Array], pair: str, inputs: Inputs
) -> list[tuple[str, Array, Array]]:
    """Operators in the mixing of a meson, their coefficients in H, GeV^-2, and scales, TeV."""
    right, left, sneutrino = values["m_dR"], values["m_qL"], values["m_snu"]
    if pair == "cu":
        ckm = ckm_matrix(inputs)
        return [("VLL", singlet_squark_box(couplings, 1e3 * right, pair, ckm), right)]
    mixed = mixed_squark_box(couplings, 1e3 * right, 1e3 * left, pair)
    return [
        ("SLR", sneutrino_exchange(couplings, 1e3 * sneutrino, pair), sneutrino),
        ("VLL", singlet_squark_box(couplings, 1e3 * right, pair), right),
        ("VRR", doublet_squark_box(couplings, 1e3 * left, pair), left),
        ("VLR", mixed, np.sqrt(right * left)),
    ]


def _slepton_loops(
    couplings: Array, values: Mapping[str, Array], inputs: Inputs
) -> dict[str, Array]:
    """Low-energy coefficients of the running from the mass of the sleptons down."""
    sneutrino, running = values["m_snu"], values["running"]
    exchange = slepton_exchange(couplings, 1e3 * sneutrino)
    found: dict[str, Array] = {}
    for pair in ("bs", "bd", "sd"):
        at_mz = without_zeros(slepton_mixing(exchange, sneutrino, pair, inputs))
        if at_mz:
            add_arrays(found, low_delta_f2(pair, at_mz, M_Z))
    add_arrays(found, without_zeros(slepton_penguins(exchange, sneutrino, inputs)))
    return {
        name: np.reshape(running, (-1, *(1,) * (array.ndim - 1))) * array
        for name, array in found.items()
    }


RPV = RpvModel()
