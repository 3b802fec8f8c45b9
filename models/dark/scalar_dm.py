"""A real dark scalar and two vector-like quarks, odd under Z_2 (arXiv:2403.12485)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix, lambda_t
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import add_arrays
from ..matching import higgs_vev
from ..running import dipoles_at_mb, mass_running
from .higgs_penguin import higgs_penguin
from .scalar_dm_matching import chirality_flip, dipole_amplitude, down_couplings, up_couplings

__all__ = ["SCALAR_DM", "ScalarDarkMatter"]

_FLAVOURS = ("d", "s", "b")
_TEV = 1e3
# Charge of the down quarks.
_Q_DOWN = -1.0 / 3.0


def _parameters() -> tuple[ModelParameter, ...]:
    """Masses, then modulus and phase of each coupling, then those to the Higgs."""
    rows = [
        ModelParameter("m_phi", r"m_\phi", "GeV", 0.7, 0.0, 2.392, "mass of the dark scalar"),
        ModelParameter("m_Q", "m_Q", "TeV", 3.0, 0.5, 100.0, "mass of the vector-like doublet"),
        ModelParameter("m_D", "m_D", "TeV", 3.0, 0.5, 100.0, "mass of the vector-like singlet"),
    ]
    for kind, phase, partner in (("q", "alpha", "qbar_L Q_R phi"), ("d", "beta", "Dbar_L d_R phi")):
        for flavour in _FLAVOURS:
            rows += [
                ModelParameter(
                    f"y_{kind}_{flavour}",
                    f"|y_{kind}^{flavour}|",
                    "1",
                    0.0,
                    0.0,
                    10.0,
                    f"modulus of the coupling of {partner} for the flavour {flavour}",
                ),
                ModelParameter(
                    f"{phase}_{flavour}",
                    rf"\{phase}_{flavour}",
                    "rad",
                    0.0,
                    -2.0 * np.pi,
                    2.0 * np.pi,
                    f"y_{kind}^{flavour} = |y_{kind}^{flavour}| exp(-i {phase}_{flavour})",
                ),
            ]
    return (
        *rows,
        ModelParameter("y_1", "y_1", "1", 0.0, -10.0, 10.0, "coupling Qbar_L D_R H, real"),
        ModelParameter("y_2", "y_2", "1", 0.0, -10.0, 10.0, "coupling Qbar_R D_L H, real"),
        ModelParameter("kappa", r"\kappa", "1", 0.0, -1.0, 1.0, "L = -(kappa/2) phi^2 H^+ H"),
        ModelParameter(
            "running", "r", "1", 1.0, 0.0, 1.0, "1: QCD running from sqrt(m_Q m_D), 0: none"
        ),
    )


class ScalarDarkMatter(Model):
    """Couplings of phi^2 to quarks from heavy vector-like quarks, at tree level.

    The scalar currents run like quark masses from sqrt(m_Q m_D) to m_b for b -> s, d and to 2 GeV
    for the others; the couplings in proportion to light-quark masses follow these. One loop gives
    the dipoles of b -> s and, of the Higgs portal, couplings of phi^2 to quarks of different
    flavour. Neutral-meson mixing has no contribution of dimension six: the direct and the crossed
    box of a real scalar cancel. For m_phi < m_K - m_pi couplings to s and d open K -> pi phi phi.
    """

    name = "scalar-dm"
    description = "real dark scalar with a vector-like quark doublet and singlet, arXiv:2403.12485"
    lagrangian = lagrangians.SCALAR_DM
    parameters = _parameters()

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Couplings at the scales of the decays, dipoles, masses and the largest coupling."""
        n = points(values)
        y_q, y_d = _couplings(values, "q", "alpha", n), _couplings(values, "d", "beta", n)
        m_q, m_d = values["m_Q"] * _TEV, values["m_D"] * _TEV
        scale = np.sqrt(values["m_Q"] * values["m_D"])
        vev = higgs_vev(inputs)
        flip = chirality_flip(y_q, y_d, values["y_1"], values["y_2"], m_q, m_d, vev)
        at_mb, at_2gev = (
            1.0 + values["running"] * (mass_running(scale, low) - 1.0) for low in ("m_b", "2GeV")
        )
        found: dict[str, Array] = {
            "m_phi0": values["m_phi"],
            "phi0_kappa": values["kappa"],
            "M_VLQ": np.minimum(values["m_Q"], values["m_D"]),
            "max_coupling": _largest(values, y_q, y_d),
        }
        low = ("m_d", "m_s", "m_b")
        heavy = _down(flip, at_mb, y_q, y_d, m_q, m_d, _masses(inputs, low))
        low = ("m_d_2GeV", "m_s_2GeV", "m_b")
        light = _down(flip, at_2gev, y_q, y_d, m_q, m_d, _masses(inputs, low))
        # The top quark does not enter: it is given the mass of the charm quark.
        masses = _masses(inputs, ("m_u_2GeV", "m_c", "m_c"))
        up = up_couplings(y_q, ckm_matrix(inputs), m_q, masses)
        for name, matrices, i, j in (("", heavy, 1, 2), ("_bd", heavy, 0, 2), ("_sd", light, 0, 1)):
            found[f"phi0_S{name}"], found[f"phi0_P{name}"] = (m[:, i, j] for m in matrices)
        found["phi0_S_cu"], found["phi0_P_cu"] = (m[:, 0, 1] for m in up)
        found["phi0_S_uu"] = up[0][:, 0, 0].real
        found["phi0_S_dd"], found["phi0_S_ss"] = (light[0][:, i, i].real for i in (0, 1))
        add_arrays(found, higgs_penguin(values["kappa"], inputs))
        found |= _dipoles(flip, y_q, y_d, m_q, m_d, at_mb, scale, inputs)
        # A mass of zero is a mass: the couplings need it beside them.
        kept = {key: array for key, array in found.items() if key == "m_phi0" or array.any()}
        return Wilson(kept, size=n)


def _couplings(values: Mapping[str, Array], kind: str, phase: str, n: int) -> Array:
    """y_kind of d, s, b: (n, 3) complex."""
    columns = [
        values[f"y_{kind}_{flavour}"] * np.exp(-1j * values[f"{phase}_{flavour}"])
        for flavour in _FLAVOURS
    ]
    return np.stack([np.broadcast_to(column, n) for column in columns], axis=1)


def _largest(values: Mapping[str, Array], y_q: Array, y_d: Array) -> Array:
    """Largest modulus of the Yukawa couplings: (n,)."""
    moduli = [abs(y_q).max(axis=1), abs(y_d).max(axis=1), abs(values["y_1"]), abs(values["y_2"])]
    return np.asarray(np.max(np.broadcast_arrays(*moduli), axis=0))


def _masses(inputs: Inputs, names: tuple[str, str, str]) -> Array:
    """Quark masses, GeV: (1 or n, 3)."""
    return np.stack(np.broadcast_arrays(*(inputs.constant(name) for name in names)), axis=1)


def _down(
    flip: Array, running: Array, y_q: Array, y_d: Array, m_q: Array, m_d: Array, masses: Array
) -> tuple[Array, Array]:
    """C^S and C^P at the scale of the masses."""
    return down_couplings(flip * running[:, None, None], y_q, y_d, m_q, m_d, masses)


def _dipoles(
    flip: Array,
    y_q: Array,
    y_d: Array,
    m_q: Array,
    m_d: Array,
    running: Array,
    scale: Array,
    inputs: Inputs,
) -> dict[str, Array]:
    """Dipoles of b -> s at 4.8 GeV: C_7 = -(Q_d/4) A_sb/[(4 G_F/sqrt 2) lambda_t m_b], C_8 = ..."""
    m_b = inputs.constant("m_b") / running
    front = -0.25 / (4.0 * inputs.constant("G_F") / np.sqrt(2.0) * lambda_t(inputs) * m_b)
    amplitudes = dipole_amplitude(flip, y_q, y_d, m_q, m_d, m_b)
    found = {}
    for seven, eight, amplitude in zip(("dC_7", "C_7p"), ("dC_8", "C_8p"), amplitudes, strict=True):
        found[seven], found[eight] = dipoles_at_mb(
            _Q_DOWN * front * amplitude, front * amplitude, scale
        )
    return found


SCALAR_DM = ScalarDarkMatter()
