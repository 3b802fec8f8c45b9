"""The model ``smeft``: operators of dimension six with two quarks and two leptons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ...physics.wilson_names import FLAVOUR_LATEX, FLAVOURS
from .. import lagrangians
from ..base import Model, ModelParameter, points
from ..couplings import RUNNING, Component, LinearMap, complex_parameters, without_zeros
from ..matching import low_energy
from ..running import mass_running, tensor_running
from ..wet.right_handed import M_N, lepton_pairs, neutrino_pairs

__all__ = ["SMEFT", "SMEFT_ENTRIES", "SMEFT_UNIT", "STERILE_NAMES", "SmeftModel"]

_QUARKS = ("13", "23", "33")
_S = 1

# Symbol, operator, and the quarks besides [23] whose entries are parameters.
_OPERATORS: Mapping[str, tuple[str, str, tuple[int, ...]]] = MappingProxyType(
    {
        "lq1": (r"C_{\ell q}^{(1),%s}", "(lbar_i gamma l_j)(qbar_k gamma q_l)", (0, 2)),
        "lq3": (r"C_{\ell q}^{(3),%s}", "(lbar_i gamma sigma l_j)(qbar_k gamma sigma q_l)", (0, 2)),
        "ld": (r"C_{\ell d}^{%s}", "(lbar_i gamma l_j)(dbar_k gamma d_l)", (0,)),
        "qe": (r"C_{qe}^{%s}", "(qbar_k gamma q_l)(ebar_i gamma e_j)", ()),
        "ed": (r"C_{ed}^{%s}", "(ebar_i gamma e_j)(dbar_k gamma d_l)", ()),
    }
)

# TeV^-2, the unit of the parameters, in GeV^-2.
SMEFT_UNIT = 1e-6
# Quarks [23] make C of order N/TeV^2 = 600; [13] and [33] come with smaller effects.
_RANGES = {0: 10.0, 1: 1.0, 2: 10.0}

# Parameters of right-handed neutrinos.
STERILE_NAMES = ("QN", "Im_QN", "dN", "Im_dN", "LNQd", "LNQdT")

# Name of the real part of a parameter: operator, i, j and k of [ij,k3].
SMEFT_ENTRIES: Mapping[str, tuple[str, int, int, int]]


def _entries() -> Iterator[tuple[str, tuple[str, int, int, int]]]:
    for name, (_, _, others) in _OPERATORS.items():
        for k in (_S, *others):
            infix = "" if k == _S else f"_{_QUARKS[k]}"
            for i, first in enumerate(FLAVOURS):
                for j, second in enumerate(FLAVOURS):
                    # [ij,33] and [ji,33] are conjugates of each other.
                    if k != 2 or i <= j:
                        yield f"{name}{infix}_{first}{second}", (name, i, j, k)


SMEFT_ENTRIES = MappingProxyType(dict(_entries()))


def _component(
    name: str, key: str, latex: str, place: str, matrix: Array, imaginary: bool, size: float
) -> Component:
    symbol, operator, _ = _OPERATORS[key]
    text = f"the coefficient of {operator}, {place}"
    pair = complex_parameters(name, symbol % latex, text, "TeV^-2", size)
    return Component(pair[imaginary], key, SMEFT_UNIT * matrix)


def _components() -> Iterator[Component]:
    """Universal values and entries; the array is [i, j, k]."""
    for key in _OPERATORS:
        for imaginary in (False, True):
            matrix = np.zeros((3, 3, 3), dtype=complex)
            matrix[..., _S] = np.eye(3) * (1j if imaginary else 1.0)
            place = "the same for i = j = e, mu, tau; quarks 23"
            yield _component(key, key, "23", place, matrix, imaginary, _RANGES[_S])
    for name, (key, i, j, k) in SMEFT_ENTRIES.items():
        for imaginary in (False, True):
            if imaginary and k == 2 and i == j:
                continue
            value = 1j if imaginary else 1.0
            matrix = np.zeros((3, 3, 3), dtype=complex)
            if k == 2:
                matrix[j, i, k] = np.conj(value)
            matrix[i, j, k] = value
            one, other = FLAVOURS[i], FLAVOURS[j]
            latex = f"{FLAVOUR_LATEX[one]}{FLAVOUR_LATEX[other]}{_QUARKS[k]}"
            place = f"ij = {one} {other}, quarks {_QUARKS[k]}"
            yield _component(name, key, latex, place, matrix, imaginary, _RANGES[k])


def _sterile() -> tuple[ModelParameter, ...]:
    """Operators of the right-handed neutrinos."""
    vectors = (
        parameter
        for name, operator in (
            ("QN", "(qbar_2 gamma q_3)(Nbar_a gamma N_a)"),
            ("dN", "(dbar_2 gamma d_3)(Nbar_a gamma N_a)"),
        )
        for parameter in complex_parameters(
            name,
            f"C_{{{name}}}",
            f"the coefficient of {operator}, the same for the three N_a",
            "TeV^-2",
            1.0,
        )
    )
    moduli = (
        ModelParameter(
            name,
            rf"|C_{{{name}}}|",
            "TeV^-2",
            0.0,
            0.0,
            1.0,
            f"square root of the sum over i, a of |C[ia,23]|^2 + |C[ia,32]|^2 of {text}",
        )
        for name, text in (
            ("LNQd", "(lbar_i N_a) epsilon (qbar d)"),
            ("LNQdT", "(lbar_i sigma_munu N_a) epsilon (qbar sigma^munu d)"),
        )
    )
    return (*vectors, *moduli)


class SmeftModel(Model):
    """SMEFT coefficients at the scale Lambda, with three right-handed neutrinos added.

    L = sum C O in the basis of mass eigenstates of down quarks and charged leptons. C_lq1, C_lq3,
    C_ld, C_qe, C_ed are matched at tree level and run with the factors of
    `bsinv.models.matching.low_energy`. QN and dN make Nbar N, LNQd and LNQdT make nu N with QCD
    running of scalar and tensor currents (arXiv:1612.04527 for the operators); vector currents of N
    do not run in QCD. Quarks [13] make b -> d nu nubar; of qe and ed, which would make
    b -> d l l, and of the right-handed neutrinos there are quarks [23] alone.
    """

    name = "smeft"
    description = "SMEFT operators of two quarks and two leptons at Lambda, right-handed neutrinos"
    lagrangian = lagrangians.SMEFT

    def __init__(self) -> None:
        self._map = LinearMap(tuple(_components()))
        self.parameters = (
            *self._map.parameters,
            *_sterile(),
            M_N,
            ModelParameter(
                "Lambda",
                r"\Lambda",
                "TeV",
                2.0,
                0.25,
                20.0,
                "scale at which the coefficients are given",
            ),
            RUNNING,
        )

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Low-energy coefficients; those whose parameters are all zero are left out."""
        scale, running = values["Lambda"], values["running"]
        found = without_zeros(low_energy(self.coefficients(values), inputs, scale, running))
        left = SMEFT_UNIT * (values["QN"] + 1j * values["Im_QN"])
        right = SMEFT_UNIT * (values["dN"] + 1j * values["Im_dN"])
        found |= neutrino_pairs(left, right, values["m_N"], inputs)
        scalar, tensor = values["LNQd"], values["LNQdT"]
        if scalar.any():
            scalar = SMEFT_UNIT * scalar * (1.0 + running * (mass_running(scale, "m_b") - 1.0))
        if tensor.any():
            tensor = SMEFT_UNIT * tensor * (1.0 + running * (tensor_running(scale) - 1.0))
        found |= lepton_pairs(scalar, tensor, values["m_N"])
        return Wilson(found, size=points(values))

    def coefficients(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Coefficients [ij,k3] at the scale Lambda, those that are not zero.

        Parameters
        ----------
        values : mapping of str to (1,) or (n,) array
            Every parameter of the model.

        Returns
        -------
        dict of str to (n, 3, 3, 3) array, GeV^-2
            For `bsinv.models.matching.low_energy`.
        """
        return self._map.arrays(values)


SMEFT = SmeftModel()
