"""The transitions B -> M and D, K -> pi whose rates are known, and the constants they need."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import find

__all__ = ["PICOSECOND", "Transition", "transition", "transitions"]

# Lifetimes among the constants are in ps, hbar in GeV s.
PICOSECOND = 1e-12


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
    sector : str
        Suffix of the coefficients of the quark transition: empty for b -> s, ``_cu``, ``_sd``;
        ``_KL`` for the combination of ``_sd`` that a KL takes.
    factor : float
        Factor on every rate: 1/2 for a pi0 from D0.
    measured_at : float or None
        Wolfenstein's lambda at which `normalisation` was found, where semileptonic decays measure
        f_+(0) lambda: rates go like (measured_at/lambda)^2 then.
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
    sector: str = ""
    factor: float = 1.0
    measured_at: float | None = None


# kappa_+ and kappa_L of arXiv:0705.2025 with this lambda, over the form factor, are `norm_Kpiplus`
# and `norm_KLpi0`.
_KL3_LAMBDA = 0.22497

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
        Transition("Bs->phi", r"B_s\to\phi", "m_Bs", "m_phi", "tau_Bs", "Bs->phi", 1),
        Transition(
            "D0->pi0",
            r"D^0\to\pi^0",
            "m_D0",
            "m_pi0",
            "tau_D0",
            "D->pi",
            0,
            heavy_quark="m_c",
            light_quark="m_u_2GeV",
            sector="_cu",
            factor=0.5,
        ),
        Transition(
            "D+->pi+",
            r"D^+\to\pi^+",
            "m_Dplus",
            "m_piplus",
            "tau_Dplus",
            "D->pi",
            0,
            heavy_quark="m_c",
            light_quark="m_u_2GeV",
            sector="_cu",
        ),
        Transition(
            "K+->pi+",
            r"K^+\to\pi^+",
            "m_Kplus",
            "m_piplus",
            "tau_Kplus",
            "K->pi",
            0,
            heavy_quark="m_s_2GeV",
            light_quark="m_d_2GeV",
            normalisation="norm_Kpiplus",
            sector="_sd",
            measured_at=_KL3_LAMBDA,
        ),
        Transition(
            "KL->pi0",
            r"K_L\to\pi^0",
            "m_K0",
            "m_pi0",
            "tau_KL",
            "K->pi",
            0,
            heavy_quark="m_s_2GeV",
            light_quark="m_d_2GeV",
            normalisation="norm_KLpi0",
            sector="_KL",
            measured_at=_KL3_LAMBDA,
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
    return find("transition", name, _TRANSITIONS)
