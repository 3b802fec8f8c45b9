"""Transitions between hadrons, or quarks, whose rates are known, and the constants they need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import find
from .form_factors import FREE_QUARKS

__all__ = ["PICOSECOND", "Transition", "transition", "transitions"]

# Lifetimes among the constants are in ps, hbar in GeV s.
PICOSECOND = 1e-12


@dataclass(frozen=True)
class Transition:
    """A transition between mesons, baryons, or a heavy and a light quark.

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
    spin : float
        Spin of the hadron M: 0, 1, or 1/2 from a parent of spin 1/2.
    heavy_quark, light_quark : str
        Names of the quark masses in the scalar and pseudoscalar matrix elements, GeV.
    normalisation : str or None
        Name of a constant that multiplies every rate.
    sector : str
        Suffix of the coefficients of the quark transition: empty for b -> s, ``_bd``,
        ``_cu``, ``_sd``; ``_KL`` for the combination of ``_sd`` that a KL takes.
    factor : float
        Factor on every rate: 1/2 for the part of a pi0, rho0 or omega that a decay makes.
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
    spin: float
    heavy_quark: str = "m_b"
    light_quark: str = "m_s"
    normalisation: str | None = None
    sector: str = ""
    factor: float = 1.0
    measured_at: float | None = None


# kappa_+ and kappa_L of arXiv:0705.2025 with this lambda, over the form factor, are `norm_Kpiplus`
# and `norm_KLpi0`.
_KL3_LAMBDA = 0.22497


def _b_to_d() -> Iterator[Transition]:
    """Transitions of b -> d; a neutral meson of u ubar and d dbar is half d dbar."""
    for name, latex, parent, hadron, lifetime, process, spin, factor in (
        ("B+->pi+", r"B^+\to\pi^+", "m_Bplus", "m_piplus", "tau_Bplus", "B->pi", 0, 1.0),
        ("B0->pi0", r"B^0\to\pi^0", "m_B0", "m_pi0", "tau_B0", "B->pi", 0, 0.5),
        ("B+->rho+", r"B^+\to\rho^+", "m_Bplus", "m_rhoplus", "tau_Bplus", "B->rho", 1, 1.0),
        ("B0->rho0", r"B^0\to\rho^0", "m_B0", "m_rho0", "tau_B0", "B->rho", 1, 0.5),
        ("B0->omega", r"B^0\to\omega", "m_B0", "m_omega", "tau_B0", "B->omega", 1, 0.5),
        ("Bs->K*0", r"B_s\to \bar K^{*0}", "m_Bs", "m_Kstar0", "tau_Bs", "Bs->K*", 1, 1.0),
    ):
        yield Transition(
            name,
            latex,
            parent,
            hadron,
            lifetime,
            process,
            spin,
            light_quark="m_d",
            sector="_bd",
            factor=factor,
        )


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
        Transition("Bs->eta", r"B_s\to\eta", "m_Bs", "m_eta", "tau_Bs", "Bs->eta", 0),
        Transition(
            "Bs->etaprime", r"B_s\to\eta'", "m_Bs", "m_etaprime", "tau_Bs", "Bs->etaprime", 0
        ),
        Transition(
            "Lambdab->Lambda",
            r"\Lambda_b\to\Lambda",
            "m_Lambdab",
            "m_Lambda",
            "tau_Lambdab",
            "Lambdab->Lambda",
            0.5,
            normalisation="norm_LambdabtoLambda",
        ),
        # Of X_s at leading power: the quark masses are those of the phase space.
        Transition(
            "b->s",
            r"b\to s",
            "m_b_1S",
            "m_s_Xs",
            "tau_B0",
            FREE_QUARKS,
            0.5,
            heavy_quark="m_b_1S",
            light_quark="m_s_Xs",
        ),
        *_b_to_d(),
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
