"""Names that flavio and EOS have for observables and parameters of this package.

flavio: arXiv:1810.08132, version 2.7; EOS: arXiv:2111.15428, version 1.0. Names that both have for
the same quantity in the same unit need no entry. Parameters whose conversion is not a factor, such
as ``alpha_e`` for ``alpha_inv``, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import ParameterError

__all__ = [
    "AMBIGUOUS_OBSERVABLES",
    "EOS_OBSERVABLES",
    "EOS_PARAMETERS",
    "FLAVIO_OBSERVABLES",
    "FLAVIO_PARAMETERS",
    "KINEMATICS",
    "OTHER_PARAMETERS",
    "OtherName",
    "own_parameter",
    "refuse_ambiguous",
]


@dataclass(frozen=True)
class OtherName:
    """What a parameter of another code is here.

    Attributes
    ----------
    name : str
        Name here.
    factor : float
        The value here is the factor times the value there.
    """

    name: str
    factor: float = 1.0


# Limits of q2, GeV^2, as EOS calls them.
KINEMATICS: Mapping[str, str] = MappingProxyType({"q2_min": "q2min", "q2_max": "q2max"})

# flavio names lepton-flavour violation by the decay of the meson with a b quark, the antilepton
# first: BR(B+->Kmutau) is B- -> K- mu+ tau-, or B+ -> K+ mu- tau+.
FLAVIO_OBSERVABLES: Mapping[str, str] = MappingProxyType(
    {
        "BR(K+->pinunu)": "BR(K+->pi+inv)",
        "BR(KL->pinunu)": "BR(KL->pi0inv)",
        "BR(B+->Ktautau)": "BR(B+->K+tautau)",
        "BR(B+->Kemu)": "BR(B+->K+e-mu+)",
        "BR(B+->Kmue)": "BR(B+->K+e+mu-)",
        "BR(B+->Kemu,mue)": "BR(B+->K+e+-mu-+)",
        "BR(B+->Ketau)": "BR(B+->K+e-tau+)",
        "BR(B+->Ktaue)": "BR(B+->K+e+tau-)",
        "BR(B+->Ketau,taue)": "BR(B+->K+e+-tau-+)",
        "BR(B+->Kmutau)": "BR(B+->K+mu-tau+)",
        "BR(B+->Ktaumu)": "BR(B+->K+mu+tau-)",
        "BR(B+->Kmutau,taumu)": "BR(B+->K+mu+-tau-+)",
        "BR(B0->K*emu)": "BR(B0->K*0mu+e-)",
        "BR(B0->K*mue)": "BR(B0->K*0mu-e+)",
        "BR(B0->K*etau)": "BR(B0->K*0tau+e-)",
        "BR(B0->K*taue)": "BR(B0->K*0tau-e+)",
        "BR(B0->K*mutau)": "BR(B0->K*0tau+mu-)",
        "BR(B0->K*taumu)": "BR(B0->K*0tau-mu+)",
        "BR(Bs->phiemu)": "BR(Bs->phimu+e-)",
        "BR(Bs->phimue)": "BR(Bs->phimu-e+)",
        "BR(Bs->phietau)": "BR(Bs->phie-tau+)",
        "BR(Bs->phitaue)": "BR(Bs->phie+tau-)",
        "BR(Bs->phimutau)": "BR(Bs->phimu-tau+)",
        "BR(Bs->phitaumu)": "BR(Bs->phimu+tau-)",
        "BR(Bs->mue)": "BR(Bs->e+mu-)",
        "BR(Bs->emu,mue)": "BR(Bs->e+-mu-+)",
        "BR(Bs->taue)": "BR(Bs->e+tau-)",
        "BR(Bs->etau,taue)": "BR(Bs->e+-tau-+)",
        "BR(Bs->taumu)": "BR(Bs->mu+tau-)",
        "BR(Bs->mutau,taumu)": "BR(Bs->mu+-tau-+)",
        "Rtaul(B->Dlnu)": "R(D)",
        "Rtaul(B->D*lnu)": "R(D*)",
        "BR(B->Xsgamma)": "BR(B->X_sgamma)",
        "eps_K": "|epsilon_K|",
        "S_psiK": "sin2beta",
    }
)

# Names that are one charge in flavio, and were the sum of both here: (the sum, the one of flavio).
AMBIGUOUS_OBSERVABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "BR(Bs->emu)": ("BR(Bs->e+-mu-+)", "BR(Bs->e-mu+)"),
        "BR(Bs->etau)": ("BR(Bs->e+-tau-+)", "BR(Bs->e-tau+)"),
        "BR(Bs->mutau)": ("BR(Bs->mu+-tau-+)", "BR(Bs->mu-tau+)"),
    }
)


def _eos_observables() -> Iterator[tuple[str, str]]:
    """Names of EOS; the spectator quark is an option, u unless given."""
    modes = {
        "B->Knunu": {"": "B+->Knunu", ";q=u": "B+->Knunu", ";q=d": "B0->Knunu"},
        "B->K^*nunu": {"": "B+->K*nunu", ";q=u": "B+->K*nunu", ";q=d": "B0->K*nunu"},
        "B_s->phinunu": {"": "Bs->phinunu", ";q=s": "Bs->phinunu"},
    }
    kinds = {"dBR/dq2": "dBR/dq2", "BR": "BR", "F_L(q2)": "FL", "F_L": "<FL>"}
    for decay, spectators in modes.items():
        for option, mode in spectators.items():
            for kind, own in kinds.items():
                if decay != "B->Knunu" or not kind.startswith("F_L"):
                    yield f"{decay}::{kind}{option}", f"{own}({mode})"


EOS_OBSERVABLES: Mapping[str, str] = MappingProxyType(dict(_eos_observables()))

_PS = 1e12
# hbar in GeV s.
_HBAR = 6.582119569e-25
_DEGREES = 57.29577951308232

# Coefficients of the BSZ form (arXiv:1503.05534) of the default sets, in both codes.
_P = ("a0_f+", "a1_f+", "a2_f+", "a1_f0", "a2_f0", "a0_fT", "a1_fT", "a2_fT")
_V = (
    *("a0_A0", "a1_A0", "a2_A0", "a0_A1", "a1_A1", "a2_A1", "a1_A12", "a2_A12"),
    *("a0_V", "a1_V", "a2_V", "a0_T1", "a1_T1", "a2_T1", "a1_T2", "a2_T2"),
    *("a0_T23", "a1_T23", "a2_T23"),
)
# Prefix here, in flavio, in EOS (none: not there), and the coefficients.
_FORM_FACTORS = (
    ("BtoK", "B->K", "B->K", _P),
    ("BtoKstar", "B->K*", "B->K^*", _V),
    ("Bstophi", "Bs->phi", "B_s->phi", _V),
    ("Btorho", "B->rho", "B->rho", _V),
    ("Btoomega", "B->omega", "B->omega", _V),
    ("BstoKstar", "Bs->K*", "B_s->K^*", _V),
    ("Dtopi", "D->pi", "", _P),
)


def _flavio_form_factors() -> Iterator[tuple[str, OtherName]]:
    for own, process, _, names in _FORM_FACTORS:
        for name in names:
            yield f"{process} BSZ {name}", OtherName(f"{own}_{name}")


def _eos_form_factors() -> Iterator[tuple[str, OtherName]]:
    for own, _, process, names in _FORM_FACTORS:
        for name in names if process else ():
            order, form_factor = name[1:].split("_")
            yield f"{process}::alpha^{form_factor}_{order}@BSZ2015", OtherName(f"{own}_{name}")


FLAVIO_PARAMETERS: Mapping[str, OtherName] = MappingProxyType(
    {
        "GF": OtherName("G_F"),
        "s2w": OtherName("sin2_theta_W"),
        "Vcb": OtherName("V_cb"),
        "gamma": OtherName("CKM_gamma", _DEGREES),
        "deltaPcu": OtherName("delta_Pcu"),
        "m_B+": OtherName("m_Bplus"),
        "m_K+": OtherName("m_Kplus"),
        "m_K*+": OtherName("m_Kstarplus"),
        "m_K*0": OtherName("m_Kstar0"),
        "m_pi+": OtherName("m_piplus"),
        "m_D+": OtherName("m_Dplus"),
        "m_h": OtherName("m_H"),
        "f_K+": OtherName("f_K"),
        "f_K*0": OtherName("f_Kstar"),
        "DeltaM_K0": OtherName("DeltaM_K"),
        "tau_B+": OtherName("tau_Bplus", _HBAR * _PS),
        "tau_D+": OtherName("tau_Dplus", _HBAR * _PS),
        "tau_K+": OtherName("tau_Kplus", _HBAR * _PS),
        **dict(_flavio_form_factors()),
    }
)

EOS_PARAMETERS: Mapping[str, OtherName] = MappingProxyType(
    {
        "WET::G_Fermi": OtherName("G_F"),
        "QM::hbar": OtherName("hbar"),
        "CKM::A": OtherName("CKM_A"),
        "CKM::lambda": OtherName("CKM_lambda"),
        "CKM::rhobar": OtherName("CKM_rhobar"),
        "CKM::etabar": OtherName("CKM_etabar"),
        "CKM::abs(V_cb)": OtherName("V_cb"),
        "CKM::abs(V_ub)": OtherName("Vub"),
        "CKM::abs(V_us)": OtherName("Vus"),
        "mass::B_u": OtherName("m_Bplus"),
        "mass::B_d": OtherName("m_B0"),
        "mass::B_s": OtherName("m_Bs"),
        "mass::K_u": OtherName("m_Kplus"),
        "mass::K_d": OtherName("m_K0"),
        "mass::K_u^*": OtherName("m_Kstarplus"),
        "mass::K_d^*": OtherName("m_Kstar0"),
        "mass::phi": OtherName("m_phi"),
        "mass::pi^+": OtherName("m_piplus"),
        "mass::pi^0": OtherName("m_pi0"),
        "mass::e": OtherName("m_e"),
        "mass::mu": OtherName("m_mu"),
        "mass::tau": OtherName("m_tau"),
        "mass::b(MSbar)": OtherName("m_b"),
        "mass::c": OtherName("m_c"),
        "mass::s(2GeV)": OtherName("m_s_2GeV"),
        "mass::W": OtherName("m_W"),
        "life_time::B_u": OtherName("tau_Bplus", _PS),
        "life_time::B_d": OtherName("tau_B0", _PS),
        "life_time::B_s": OtherName("tau_Bs", _PS),
        "decay-constant::B_s": OtherName("f_Bs"),
        "sbnunu::Re{cVL}": OtherName("cVL"),
        "sbnunu::Re{cVR}": OtherName("cVR"),
        "sbnunu::Re{cSL}": OtherName("cSL"),
        "sbnunu::Re{cSR}": OtherName("cSR"),
        "sbnunu::Re{cTL}": OtherName("cTL"),
        **dict(_eos_form_factors()),
    }
)


OTHER_PARAMETERS: frozenset[str] = frozenset({*EOS_PARAMETERS, *FLAVIO_PARAMETERS})


def own_parameter(name: str) -> OtherName:
    """Name here of a parameter of flavio or EOS; any other name is itself.

    Parameters
    ----------
    name : str
        Such as ``"B->K::alpha^f+_0@BSZ2015"``.

    Returns
    -------
    OtherName
    """
    if name in KINEMATICS:
        return OtherName(KINEMATICS[name])
    return EOS_PARAMETERS.get(name) or FLAVIO_PARAMETERS.get(name) or OtherName(name)


def refuse_ambiguous(name: str) -> None:
    """Refuse a name of an observable that is one thing in flavio and was another here.

    Raises
    ------
    ParameterError
        With both names to choose from.
    """
    if name in AMBIGUOUS_OBSERVABLES:
        total, one = AMBIGUOUS_OBSERVABLES[name]
        raise ParameterError(
            f"{name} is one charge in flavio and was the sum of both here: write {one} for the "
            f"one of flavio, {total} for the sum."
        )
