"""Models of a mediator that decays to scalars or to Majorana fermions."""

from __future__ import annotations

from .. import lagrangians
from .base import DarkModel, Link, coefficient, life, mass

__all__ = ["MEDIATOR_MAJORANA", "MEDIATOR_SCALAR", "MEDIATOR_SCALAR_COMPLEX"]

# Half the largest mass of a pair in B+ -> K+ X of the Belle II simulation.
_PAIR = 2.392


def _model(
    name: str,
    description: str,
    kind: str,
    pair: tuple[str, str, str],
    operators: str,
    lagrangian: str,
) -> DarkModel:
    """Model with the products of couplings g_<operator> of a kind of pairs.

    Parameters
    ----------
    name, description : str
    kind : str
        Prefix of the Wilson coefficients.
    pair : tuple of str
        Wilson name, parameter and symbol of the mass of the dark particles.
    operators : str
    lagrangian : str
    """
    key, parameter, latex = pair
    links: list[Link] = [
        mass("m_med", "m_med", 2.0, 20.0, 0.01),
        mass("Gamma_med", "Gamma_med", 0.1, 10.0),
        mass(key, parameter, 0.5, _PAIR, latex=latex),
    ]
    for operator in operators.split():
        links += coefficient(f"{kind}_{operator}", f"g_{operator}")
    links += life("the dark particle")
    return DarkModel(name, description, links, lagrangian=lagrangian)


MEDIATOR_SCALAR = _model(
    "mediator-scalar",
    "mediator that decays to real scalars, L = (1/2) mu S phi^2, products of two couplings",
    "medphi0",
    ("m_phi0", "m_S", r"m_\phi"),
    "S P DV DA",
    lagrangians.MEDIATOR_SCALAR,
)

MEDIATOR_SCALAR_COMPLEX = _model(
    "mediator-scalar-complex",
    "mediator that decays to complex scalars, products of two couplings",
    "medphi",
    ("m_phi", "m_S", r"m_\phi"),
    "S P DV DA V A",
    lagrangians.MEDIATOR_SCALAR_COMPLEX,
)

MEDIATOR_MAJORANA = _model(
    "mediator-majorana",
    "mediator that decays to Majorana fermions, (1/2) of the products of couplings in L",
    "medchi0",
    ("m_chi0", "m_chi", r"m_\chi"),
    "SS SP PS PP VA AA DVS DVP DAS DAP",
    lagrangians.MEDIATOR_MAJORANA,
)
