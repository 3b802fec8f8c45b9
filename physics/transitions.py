"""The transitions B -> M whose rates are known, and the constants that each of them needs."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UnknownNameError

__all__ = ["Transition", "transition", "transitions"]


@dataclass(frozen=True)
class Transition:
    """A transition between mesons.

    Attributes
    ----------
    name : str
        Such as ``B+->K+``.
    latex : str
        The transition in LaTeX, without dollar signs.
    parent_mass, meson_mass : str
        Names of the constants, GeV.
    lifetime : str
        Name of the constant, ps.
    form_factors : str
        Process of the form-factor sets, such as ``B->K*``.
    spin : int
        Spin of the meson M, 0 or 1.
    heavy_quark, light_quark : str
        Names of the quark masses in the scalar and pseudoscalar matrix elements, GeV.
    normalisation : str or None
        Name of a constant that multiplies every rate.
    """

    name: str
    latex: str
    parent_mass: str
    meson_mass: str
    lifetime: str
    form_factors: str
    spin: int
    heavy_quark: str = "m_b"
    light_quark: str = "m_s"
    normalisation: str | None = None


_TRANSITIONS = {
    entry.name: entry
    for entry in (
        Transition("B+->K+", r"B^+\to K^+", "m_Bplus", "m_Kplus", "tau_Bplus", "B->K", 0),
        Transition("B0->K0", r"B^0\to K^0", "m_B0", "m_K0", "tau_B0", "B->K", 0),
        Transition(
            "B+->K*+",
            r"B^+\to K^{*+}",
            "m_Bplus",
            "m_Kstarplus",
            "tau_Bplus",
            "B->K*",
            1,
            normalisation="norm_BtoKstar",
        ),
        Transition(
            "B0->K*0",
            r"B^0\to K^{*0}",
            "m_B0",
            "m_Kstar0",
            "tau_B0",
            "B->K*",
            1,
            normalisation="norm_BtoKstar",
        ),
    )
}


def transitions() -> tuple[str, ...]:
    """Names of the transitions."""
    return tuple(_TRANSITIONS)


def transition(name: str) -> Transition:
    """Transition of a name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    try:
        return _TRANSITIONS[name]
    except KeyError:
        raise UnknownNameError("transition", name, _TRANSITIONS) from None
