"""Helicity amplitudes of transitions between particles of spin 1/2: Lambda_b -> Lambda, b -> s.

Matrix elements in the helicity basis of form factors of arXiv:1602.01399; s_+- = (M +- m)^2 - q2,
the average over the spin of the parent is in the amplitudes. Their products are the spin-averaged
K_ab of every other transition, with the phases of `helicity`:

K_VV = s_- [(M + m)^2 f+^2/q2 + 2 fperp^2], K_AA = s_+ [(M - m)^2 g+^2/q2 + 2 gperp^2],
K_EE = s_- [h+^2 + 2 (M + m)^2 hperp^2/q2], K_MM = s_+ [ht+^2 + 2 (M - m)^2 htperp^2/q2],
K_SS = s_+ (M - m)^2 f0^2/(m_q - m_q')^2, K_PP = s_- (M + m)^2 g0^2/(m_q + m_q')^2.

Products of V, E, S with A, M, P cancel between the two helicities of the hadron.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from ...arrays import Array
from ...kinematics import Kinematics

__all__ = ["SPIN_HALF"]

# As in `helicity`; "0+", "0-" and "t+", "t-" are the two helicities of the hadron.
_Amplitude = tuple[str, str, Array, int, int]
_Maker = Callable[[Kinematics], tuple[_Amplitude, ...]]

_HALF = float(np.sqrt(0.5))


def _root_minus(kin: Kinematics) -> Array:
    """Square root of s_-; vector, electric and pseudoscalar currents are proportional to it."""
    return np.asarray(np.sqrt(np.maximum((kin.m_parent - kin.m_meson) ** 2 - kin.q2, 0.0)))


def _root_plus(kin: Kinematics) -> Array:
    """Square root of s_+; axial, magnetic and scalar currents are proportional to it."""
    return np.asarray(np.sqrt((kin.m_parent + kin.m_meson) ** 2 - kin.q2))


def _spin_1(
    longitudinal: tuple[str, Array, int], transverse: tuple[str, Array, int], parity: float
) -> tuple[_Amplitude, ...]:
    """Amplitudes of a spin-1 system; form factor, number and power of sqrt(q2) of each."""
    name, number, power = longitudinal
    other, value, other_power = transverse
    return (
        ("0+", name, _HALF * number, 0, power),
        ("0-", name, parity * _HALF * number, 0, power),
        ("+", other, value, 0, other_power),
        ("-", other, parity * value, 0, other_power),
    )


def _spin_0(name: str, number: Array, power: int, parity: float) -> tuple[_Amplitude, ...]:
    """Amplitudes of a spin-0 system."""
    return (
        ("t+", name, _HALF * number, 0, power),
        ("t-", name, parity * _HALF * number, 0, power),
    )


def _vector(kin: Kinematics) -> tuple[_Amplitude, ...]:
    root = _root_minus(kin)
    total = kin.m_parent + kin.m_meson
    return _spin_1(("f+", total * root, -1), ("fperp", root, 0), 1.0)


def _axial(kin: Kinematics) -> tuple[_Amplitude, ...]:
    root = _root_plus(kin)
    difference = kin.m_parent - kin.m_meson
    return _spin_1(("g+", difference * root, -1), ("gperp", root, 0), -1.0)


def _electric(power: int) -> _Maker:
    """The electric current times sqrt(q2)^power."""

    def amplitudes(kin: Kinematics) -> tuple[_Amplitude, ...]:
        root = 1j * _root_minus(kin)
        total = kin.m_parent + kin.m_meson
        return _spin_1(("h+", root, power), ("hperp", total * root, power - 1), 1.0)

    return amplitudes


def _magnetic(power: int) -> _Maker:
    """The magnetic current times sqrt(q2)^power."""

    def amplitudes(kin: Kinematics) -> tuple[_Amplitude, ...]:
        root = _root_plus(kin)
        difference = kin.m_parent - kin.m_meson
        return _spin_1(("ht+", root, power), ("htperp", difference * root, power - 1), -1.0)

    return amplitudes


def _scalar(power: int) -> _Maker:
    """The scalar current without its quark masses, times sqrt(q2)^power."""

    def amplitudes(kin: Kinematics) -> tuple[_Amplitude, ...]:
        number = (kin.m_parent - kin.m_meson) * _root_plus(kin)
        return _spin_0("f0", number, power, 1.0)

    return amplitudes


def _pseudoscalar(phase: complex, power: int) -> _Maker:
    """The pseudoscalar current without its quark masses, times phase sqrt(q2)^power."""

    def amplitudes(kin: Kinematics) -> tuple[_Amplitude, ...]:
        number = phase * (kin.m_parent + kin.m_meson) * _root_minus(kin)
        return _spin_0("g0", number, power, -1.0)

    return amplitudes


# By quark current; all of them contribute, since the final state has no definite parity.
SPIN_HALF: Mapping[str, _Maker] = MappingProxyType(
    {
        "V": _vector,
        "A": _axial,
        "E": _electric(0),
        "qE": _electric(1),
        "M": _magnetic(0),
        "qM": _magnetic(1),
        "S": _scalar(0),
        "qV": _scalar(0),
        "Vt": _scalar(-1),
        "P": _pseudoscalar(1.0, 0),
        "qA": _pseudoscalar(1j, 0),
        "At": _pseudoscalar(1j, -1),
    }
)
