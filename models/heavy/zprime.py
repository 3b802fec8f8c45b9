"""Heavy neutral vector bosons: ``zprime`` with free couplings, ``zprime-lmu-ltau``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.ckm import ckm_matrix
from ...physics.flavour.muon import fermi_shifts, gm2_heavy, muon_decay_ratio, trident_shifts
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ...physics.wilson_names import FLAVOUR_LATEX, FLAVOURS
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import (
    PERTURBATIVE,
    RUNNING,
    Component,
    LinearMap,
    add_arrays,
    complex_parameters,
    mass_parameter,
    without_zeros,
)
from ..matching import low_energy
from ..running import low_delta_f2
from ..strange_down import strange_down
from ..wet.right_handed import M_N, neutrino_pairs
from .zprime_matching import (
    mixing_coefficients,
    smeft_coefficients,
    sterile_coefficients,
    up_coupling,
    up_coupling_of_strange,
)

__all__ = ["ZPRIME", "ZPRIME_LMU_LTAU", "LmuLtauModel", "ZprimeModel"]

_MU = 1
_NONE = np.zeros((1, 3, 3))
_MASS = mass_parameter("M", "M_{Z'}", 2.0, "mass of the Z'")
_QUARKS = (
    *complex_parameters("g_L_sb", r"g_L^{sb}", "the coupling of sbar gamma_mu P_L b to the Z'"),
    *complex_parameters("g_R_sb", r"g_R^{sb}", "the coupling of sbar gamma_mu P_R b to the Z'"),
    *complex_parameters("g_L_db", r"g_L^{db}", "the coupling of dbar gamma_mu P_L b to the Z'"),
    *complex_parameters("g_R_db", r"g_R^{db}", "the coupling of dbar gamma_mu P_R b to the Z'"),
)
_STRANGE_DOWN = (
    *complex_parameters("g_L_sd", r"g_L^{ds}", "the coupling of dbar gamma_mu P_L s to the Z'"),
    *complex_parameters("g_R_sd", r"g_R^{ds}", "the coupling of dbar gamma_mu P_R s to the Z'"),
)
# Quark beside the b: its family, the suffix of coefficients, the pair of meson mixing.
_BESIDE = (("sb", 1, "", "bs"), ("db", 0, "_bd", "bd"))


def _leptons(key: str, symbol: str, what: str) -> Iterator[Component]:
    """Hermitian matrix of couplings to leptons: real diagonal, complex above it."""
    for i, first in enumerate(FLAVOURS):
        for j, second in enumerate(FLAVOURS[i:], start=i):
            latex = rf"{symbol}^{{{FLAVOUR_LATEX[first]}{FLAVOUR_LATEX[second]}}}"
            text = f"the coupling of {what}, flavours {first} {second}, to the Z'"
            both = complex_parameters(f"{key}_{first}{second}", latex, text)
            # An imaginary part of a diagonal entry would not be Hermitian.
            for parameter, value in zip(both[: 1 if i == j else 2], (1.0, 1j), strict=False):
                matrix = np.zeros((3, 3), dtype=complex)
                matrix[j, i] = np.conj(value)
                matrix[i, j] = value
                yield Component(parameter, key, matrix)


def _pair(values: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    """Couplings to left- and right-handed quarks, such as those of ``sb``."""
    left, right = (values[f"g_{x}_{name}"] + 1j * values[f"Im_g_{x}_{name}"] for x in "LR")
    return left, right


def _wilson(
    values: Mapping[str, Array],
    doublet: Array,
    singlet: Array,
    sterile: tuple[Array, Array] | None,
    largest: Array,
    inputs: Inputs,
) -> Wilson:
    """Coefficients of a Z' with couplings to leptons given as matrices.

    Parameters
    ----------
    values : mapping of str to (1,) or (n,) array
        Parameters of the model, among them the couplings to quarks and M.
    doublet, singlet : (1, 3, 3) or (n, 3, 3) array, 1
        Couplings of lepton doublets and of right-handed charged leptons.
    sterile : two (1,) or (n,) arrays or None
        Coupling and mass of right-handed neutrinos.
    largest : (1,) or (n,) array, 1
        Largest modulus of a coupling to leptons.
    """
    mass, running = values["M"], values["running"]
    heavy = 1e3 * mass
    found: dict[str, Array] = {}
    up: Array = np.zeros(1, dtype=complex)
    for name, quark, sector, meson in _BESIDE:
        left, right = _pair(values, name)
        if name != "sb" and not (left.any() or right.any()):
            continue
        tree = without_zeros(smeft_coefficients(left, right, doublet, singlet, heavy, quark))
        add_arrays(found, without_zeros(low_energy(tree, inputs, mass, running)))
        if sterile is not None:
            sterile_pair = sterile_coefficients(left, right, sterile[0], heavy)
            found |= neutrino_pairs(*sterile_pair, sterile[1], inputs, sector)
        mixing = without_zeros(mixing_coefficients(left, right, heavy))
        found |= low_delta_f2(meson, mixing, mass, running) if mixing else {}
        if left.any():
            up = up + up_coupling(left, ckm_matrix(inputs), quark)
        largest = np.maximum(np.maximum(np.abs(left), np.abs(right)), largest)
    strange = _pair(values, "sd")
    found |= _strange_down(strange, doublet, sterile, values, inputs)
    mixing = without_zeros(mixing_coefficients(*strange, heavy))
    found |= low_delta_f2("sd", mixing, mass, running) if mixing else {}
    if strange[0].any():
        up = up + up_coupling_of_strange(strange[0], ckm_matrix(inputs))
    if up.any():
        charm = mixing_coefficients(up, np.zeros(1), heavy)["VLL"]
        found |= low_delta_f2("cu", {"VLL": charm}, mass, running)
    found |= _muon(doublet, singlet, heavy, inputs)
    for coupling in strange:
        largest = np.maximum(largest, np.abs(coupling))
    found["max_coupling"] = largest
    return Wilson(found, size=points(values))


def _strange_down(
    couplings: tuple[Array, Array],
    doublet: Array,
    sterile: tuple[Array, Array] | None,
    values: Mapping[str, Array],
    inputs: Inputs,
) -> dict[str, Array]:
    """Coefficients of s -> d with neutrinos; the couplings are g_L and g_R of dbar and s."""
    heavy = 1e3 * values["M"]
    tree = {
        name: -(coupling / heavy**2)[:, None, None] * doublet
        for name, coupling in zip(("lq1", "ld"), couplings, strict=True)
    }
    found = strange_down(tree, inputs, values["M"], values["running"])
    if sterile is None:
        return found
    left, right = sterile_coefficients(*couplings, sterile[0], heavy)
    if left.any() or right.any():
        # As in `neutrino_pairs`, also for a mass of zero: three species counted in one pair.
        half = 0.5 * np.sqrt(3.0)
        found |= {"NN_VR_sd": half * (right + left), "NN_AR_sd": half * (right - left)}
        found["m_N"] = sterile[1]
    return found


def _muon(doublet: Array, singlet: Array, mass: Array, inputs: Inputs) -> dict[str, Array]:
    """Shifts of neutrino trident production, and the magnetic moment of the muon.

    Couplings of e mu change the decay of the muon, and so the Fermi constant that is measured.
    """
    if not (doublet.any() or singlet.any()):
        return {}
    found: dict[str, Array] = {}
    own = doublet[:, _MU, _MU].real, singlet[:, _MU, _MU].real
    if doublet.any() and (own[0].any() or own[1].any()):
        shifts = trident_shifts(mass, np.ones(1), *own, inputs)
        found = {
            key: shift[:, None, None] * doublet
            for key, shift in zip(("dg_V", "dg_A"), shifts, strict=True)
        }
    if doublet[:, 0, _MU].any() or (singlet[:, 0, _MU].any() and doublet.any()):
        # W and Z exchange are weaker than the lifetime of the muon says.
        decay = muon_decay_ratio(mass, doublet, singlet, inputs)
        muon_alone = np.zeros((3, 3))
        muon_alone[_MU, _MU] = 1.0
        for key, shift in zip(("dg_V", "dg_A"), fermi_shifts(decay, inputs), strict=True):
            found[key] = found.get(key, 0.0) + shift[:, None, None] * muon_alone
    muon = inputs.constant("m_mu")
    # The electron's mass does not count beside that of the muon in a chirality flip.
    masses = np.stack(np.broadcast_arrays(0.0 * muon, muon, inputs.constant("m_tau")), axis=-1)
    found["da_mu"] = gm2_heavy(muon, mass, doublet[:, _MU], singlet[:, _MU], masses)
    return without_zeros(found)


class ZprimeModel(Model):
    """A heavy Z' with couplings to s b, d b, d s, to leptons and to right-handed neutrinos.

    L = Z'_mu [g_L sbar gamma P_L b + g_R sbar gamma P_R b + h.c. + g_nu^ij (nubar_i gamma P_L nu_j
    + lbar_i gamma P_L l_j) + g_lR^ij lbar_i gamma P_R l_j + g_N sum_a Nbar_a gamma P_R N_a], and
    with dbar, b and dbar, s in place of sbar, b: neutrinos and left-handed charged leptons are in
    doublets. Matched at tree level to SMEFT at M and run down; mixing of B_s, B0 and kaons, and of
    D through g_L^uc = (V g_L V^dagger)_uc. The couplings to b make no mixing of kaons. Charged
    leptons of b -> d and s -> d and decays of leptons into leptons are left out, but for the Fermi
    constant of tridents, which comes from the decay of the muon.
    """

    name = "zprime"
    description = (
        "heavy Z' with free couplings to s b, d b, d s, leptons and right-handed neutrinos"
    )
    lagrangian = lagrangians.ZPRIME

    def __init__(self) -> None:
        self._map = LinearMap(
            (
                *_leptons("g_nu", r"g_\nu", "left-handed neutrinos and charged leptons"),
                *_leptons("g_lR", r"g_{\ell R}", "right-handed charged leptons"),
            )
        )
        self.parameters = (
            _MASS,
            *_QUARKS,
            *_STRANGE_DOWN,
            *self._map.parameters,
            ModelParameter(
                "g_N",
                "g_N",
                "1",
                0.0,
                -PERTURBATIVE,
                PERTURBATIVE,
                "coupling of each of three right-handed neutrinos to the Z'",
            ),
            M_N,
            RUNNING,
        )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Low-energy coefficients and the largest coupling; zero ones are left out."""
        leptons = self._map.arrays(values)
        doublet, singlet = leptons.get("g_nu", _NONE), leptons.get("g_lR", _NONE)
        largest = np.maximum(
            np.maximum(np.abs(doublet).max(axis=(1, 2)), np.abs(singlet).max(axis=(1, 2))),
            np.abs(values["g_N"]),
        )
        sterile = (values["g_N"], values["m_N"])
        return _wilson(values, doublet, singlet, sterile, largest, inputs)


class LmuLtauModel(Model):
    """The gauge boson of L_mu - L_tau with couplings to s b and d s.

    g_nu = g_lR = g' diag(0, 1, -1): vector couplings of charged leptons, and no interference with
    the Standard Model in the sum over neutrinos. arXiv:1403.1269.
    """

    name = "zprime-lmu-ltau"
    description = "Z' of L_mu - L_tau with couplings to s b, d b and d s"
    lagrangian = lagrangians.LMU_LTAU
    parameters = (
        _MASS,
        *_QUARKS,
        *_STRANGE_DOWN,
        ModelParameter(
            "g_prime",
            "g'",
            "1",
            0.0,
            -PERTURBATIVE,
            PERTURBATIVE,
            "gauge coupling of L_mu - L_tau",
        ),
        RUNNING,
    )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Low-energy coefficients and the largest coupling; zero ones are left out."""
        coupling = values["g_prime"]
        charges = coupling[:, None, None] * np.diag([0.0, 1.0, -1.0])
        return _wilson(values, charges, charges, None, np.abs(coupling), inputs)


ZPRIME = ZprimeModel()
ZPRIME_LMU_LTAU = LmuLtauModel()
