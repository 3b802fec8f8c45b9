"""Branching fractions of leptoquarks, component by component, as searches at the LHC need them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix
from ...physics.inputs import Inputs
from ...physics.wilson_names import LEPTOQUARK_DECAYS
from .leptoquark_matching import Leptoquark, up_couplings

__all__ = ["decay_table"]

# Final states of each charge eigenstate, quark d or u with a charged lepton e or a neutrino n. The
# two modes of one component have equal couplings, up to the CKM matrix.
_COMPONENTS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "S0": (("dn", "ue"),),
        "S~1/2": (("de",), ("dn",)),
        "S1": (("de",), ("dn", "ue"), ("un",)),
        "V1/2": (("de",), ("dn",)),
        "V1": (("ue",), ("de", "un"), ("dn",)),
    }
)
_FAMILIES = {"d": "dsb", "u": "uct"}


def decay_table(field: Leptoquark, couplings: Array, mass: Array, inputs: Inputs) -> Array:
    """Mass and branching fractions of every component of a leptoquark.

    Widths to a quark and a lepton are those of one coupling, |lambda|^2 M times 1/(16 pi) for a
    scalar or 1/(24 pi) for a vector (arXiv:1603.04993), with the top quark's phase space
    (1 - r)^2, for a vector (1 - r)^2 (1 + r/2), r = m_t^2/M^2; zero below threshold. Decays to
    quarks d, s, u count in the total width, but have no column. All components have one mass and do
    not decay into each other. Without couplings nothing decays: all fractions are zero.

    Parameters
    ----------
    field : Leptoquark
    couplings : (n, 3, 3) complex array
        [quark, lepton], in the basis of mass eigenstates of down quarks.
    mass : (1,) or (n,) array, GeV
    inputs : Inputs
        CKM matrix and m_t.

    Returns
    -------
    (n, k, 13) array
        For each of the k components the mass in TeV and the fractions of `LEPTOQUARK_DECAYS`.
    """
    matrix = ckm_matrix(inputs)
    # The field of a doublet of quarks is sum_a V*_aq u_a; conjugated where qbar is.
    up = up_couplings(couplings, matrix if field.conjugate else matrix.conj())
    ratio = np.minimum((inputs.constant("m_t") / mass) ** 2, 1.0)
    phase = (1.0 - ratio) ** 2 * (1.0 + ratio / 2.0 if field.vector else 1.0)
    # Ratios of squares neither overflow nor vanish.
    largest = np.abs(couplings).max(axis=(1, 2))[:, None, None]
    unit = np.where(largest > 0.0, largest, 1.0)
    down2, up2 = np.abs(couplings / unit) ** 2, np.abs(up / unit) ** 2
    size = max(len(down2), len(up2), len(phase))
    widths: dict[str, Array] = {}
    for kind, squares in (("d", down2), ("u", up2)):
        for row, quark in enumerate(_FAMILIES[kind]):
            factor = phase if quark == "t" else 1.0
            for column, lepton in enumerate(("e", "mu", "tau")):
                width = factor * squares[:, row, column]
                widths[f"{kind}e:{quark}{lepton}"] = np.broadcast_to(width, size)
            total = factor * squares[:, row].sum(axis=1)
            widths[f"{kind}n:{quark}nu"] = np.broadcast_to(total, size)
    rows = [_row(widths, modes, size) for modes in _COMPONENTS[field.name]]
    masses = np.broadcast_to(1e-3 * mass, size)
    return np.stack([np.column_stack([masses, row]) for row in rows], axis=1)


def _row(widths: Mapping[str, Array], modes: tuple[str, ...], size: int) -> Array:
    """Branching fractions of one component to the final states listed, (n, 12)."""
    open_modes = {
        key.split(":")[1]: width for key, width in widths.items() if key.split(":")[0] in modes
    }
    total = np.sum(list(open_modes.values()), axis=0)
    safe = np.where(total > 0.0, total, 1.0)
    none = np.zeros(size)
    return np.stack([open_modes.get(name, none) / safe for name in LEPTOQUARK_DECAYS], axis=1)
