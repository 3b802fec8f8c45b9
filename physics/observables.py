"""Observables: named functions of Wilson coefficients and inputs.

Names follow flavio (arXiv:1810.08132) where it has the observable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

import numpy as np

from ..errors import PredictionError, UnknownNameError
from .arrays import Array
from .bsll import observables as bsll_observables
from .dark_matter import observables as dark_matter_observables
from .ecosystem_names import EOS_OBSERVABLES, FLAVIO_OBSERVABLES, refuse_ambiguous
from .fixed_kinematics import fix, split_name
from .flavour import charged_current, mixing_observables, muon, radiative
from .inputs import Inputs
from .invisible import neutrinos, one_particle
from .invisible.divergences import refuse_infinite_rates
from .invisible.inclusive import observables as inclusive_observables
from .invisible.neutrinos import Mode
from .invisible.vacuum import meson, mesons, vacuum_branching_fraction
from .observable import LIMITS, Observable
from .transitions import transition
from .wilson import Wilson

__all__ = ["ALIASES", "Observable", "known_observable", "observable", "observables"]

# Each with its OBSERVABLES and the ALIASES of their names.
_PROCESSES = (
    inclusive_observables,
    bsll_observables,
    mixing_observables,
    charged_current,
    radiative,
    muon,
    dark_matter_observables,
    one_particle,
)

_RATE_REFERENCES = ("1409.4557", "1009.0947", "2111.04327")
_BARYON_REFERENCES = ("1602.01399", *_RATE_REFERENCES)

_CHARGED_K = Mode("B+->Knunu", r"B^+\to K^+\nu\bar\nu", (("B+->K+", 1.0),))
_CHARGED_KSTAR = Mode("B+->K*nunu", r"B^+\to K^{*+}\nu\bar\nu", (("B+->K*+", 1.0),))
_NEUTRAL_KSTAR = Mode("B0->K*nunu", r"B^0\to K^{*0}\nu\bar\nu", (("B0->K*0", 1.0),))
_BS_PHI = Mode("Bs->phinunu", r"B_s\to\phi\nu\bar\nu", (("Bs->phi", 1.0),))
_LAMBDA = Mode("Lambdab->Lambdanunu", r"\Lambda_b\to\Lambda\nu\bar\nu", (("Lambdab->Lambda", 1.0),))
_CHARGED_RHO = Mode("B+->rhonunu", r"B^+\to\rho^+\nu\bar\nu", (("B+->rho+", 1.0),))
_NEUTRAL_RHO = Mode("B0->rhonunu", r"B^0\to\rho^0\nu\bar\nu", (("B0->rho0", 1.0),))
_OMEGA = Mode("B0->omeganunu", r"B^0\to\omega\nu\bar\nu", (("B0->omega", 1.0),))
_BS_KSTAR = Mode("Bs->K*0nunu", r"B_s\to\bar K^{*0}\nu\bar\nu", (("Bs->K*0", 1.0),))
_MODES = (
    _CHARGED_K,
    Mode("B0->Knunu", r"B^0\to K^0\nu\bar\nu", (("B0->K0", 1.0),)),
    Mode("B0->KSnunu", r"B^0\to K_S\nu\bar\nu", (("B0->K0", 0.5),)),
    _CHARGED_KSTAR,
    _NEUTRAL_KSTAR,
    Mode("B->Knunu", r"B\to K\nu\bar\nu", (("B+->K+", 0.5), ("B0->K0", 0.5))),
    Mode("B->K*nunu", r"B\to K^*\nu\bar\nu", (("B+->K*+", 0.5), ("B0->K*0", 0.5))),
    _BS_PHI,
    Mode("Bs->etanunu", r"B_s\to\eta\nu\bar\nu", (("Bs->eta", 1.0),)),
    Mode("Bs->etaprimenunu", r"B_s\to\eta'\nu\bar\nu", (("Bs->etaprime", 1.0),)),
    _LAMBDA,
    Mode("B+->pinunu", r"B^+\to\pi^+\nu\bar\nu", (("B+->pi+", 1.0),)),
    Mode("B0->pinunu", r"B^0\to\pi^0\nu\bar\nu", (("B0->pi0", 1.0),)),
    _CHARGED_RHO,
    _NEUTRAL_RHO,
    _OMEGA,
    _BS_KSTAR,
    Mode("D0->pi0inv", r"D^0\to\pi^0\mathrm{inv}", (("D0->pi0", 1.0),)),
    Mode("D+->pi+inv", r"D^+\to\pi^+\mathrm{inv}", (("D+->pi+", 1.0),)),
    Mode("K+->pi+inv", r"K^+\to\pi^+\mathrm{inv}", (("K+->pi+", 1.0),)),
    Mode("KL->pi0inv", r"K_L\to\pi^0\mathrm{inv}", (("KL->pi0", 1.0),)),
)

# Modes with a longitudinal fraction, and of what it is.
_POLARISED: Mapping[Mode, str] = MappingProxyType(
    {
        _CHARGED_KSTAR: "K*",
        _NEUTRAL_KSTAR: "K*",
        _BS_PHI: "phi",
        _CHARGED_RHO: "rho",
        _NEUTRAL_RHO: "rho",
        _OMEGA: "omega",
        _BS_KSTAR: "K*",
        _LAMBDA: "invisible system",
    }
)

# What the descriptions add for modes in which the experiments do not see all of q2.
_WINDOWS: Mapping[str, str] = MappingProxyType(
    {
        "K+->pi+inv": "; NA62 sees two windows of m_inv^2, below and above the pi0, extrapolated "
        "with the spectrum of the Standard Model",
        "KL->pi0inv": "; KOTO sees a window in the transverse momentum of the pi0, extrapolated "
        "with the spectrum of the Standard Model",
        "D0->pi0inv": "; Standard Model neglected",
        "D+->pi+inv": "; Standard Model neglected, tau pole removed by the experiments",
    }
)

# Of K -> pi nu nubar; the form factor at zero, and with it lambda, is in the factor `norm_`, that
# of measured semileptonic decays.
_KAON_THEORY = ("VtbVts", "CKM_rhobar", "CKM_etabar", "X_t_sd")
_THEORY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "K+->pi+inv": ("norm_Kpiplus", *_KAON_THEORY, "P_c", "delta_Pcu"),
        "KL->pi0inv": ("norm_KLpi0", *_KAON_THEORY),
    }
)
_KAON_REFERENCES = ("2105.02868", "0705.2025", "1503.02693")


def _check(mode: Mode) -> Callable[[str, Wilson, Inputs, Array], None]:
    """Refuse rates of a mode that are not finite; (name, wilson, inputs, values)."""
    return partial(_refuse, tuple(name for name, _ in mode.channels))


def _refuse(
    channels: tuple[str, ...], name: str, wilson: Wilson, inputs: Inputs, values: Array
) -> None:
    decays = tuple(transition(channel) for channel in channels)
    refuse_infinite_rates(name, decays, wilson, inputs, values)


def _check_fraction(mode: Mode) -> Callable[[str, Wilson, Inputs, Array], None]:
    """As `_check`, for a fraction of the rate: refused too where there is none."""
    return partial(_refuse_fraction, mode)


def _refuse_fraction(mode: Mode, name: str, wilson: Wilson, inputs: Inputs, values: Array) -> None:
    _check(mode)(name, wilson, inputs, values)
    given = inputs.finite.all() and all(np.isfinite(value).all() for value in wilson.values())
    if given and np.isnan(values).any():
        raise PredictionError(
            f"the rate of {mode.name} vanishes at the q2 asked for, so a fraction of it is not "
            "defined; stay inside the physical region."
        )


def _mean(mode: Mode, wilson: Wilson, inputs: Inputs, *, q2min: float, q2max: float) -> Array:
    """Branching fraction in a bin over the width of the bin."""
    rate = neutrinos.branching_fraction(mode, wilson, inputs, q2min=q2min, q2max=q2max)
    return np.asarray(rate / (q2max - q2min))


def _references(mode: Mode) -> tuple[str, ...]:
    return _BARYON_REFERENCES if mode is _LAMBDA else _RATE_REFERENCES


def _rates(mode: Mode) -> tuple[Observable, ...]:
    """Branching fraction of a mode, its spectrum, and the mean of the spectrum in a bin."""
    average = ", mean of the charged and the neutral mode" if len(mode.channels) > 1 else ""
    switches = ("long_distance",) if neutrinos.has_tau_pole(mode) else ()
    theory = _THEORY.get(mode.name, ())
    references = _KAON_REFERENCES if theory else _references(mode)
    return (
        Observable(
            name=f"BR({mode.name})",
            latex=rf"\mathcal{{B}}({mode.latex})",
            unit="1",
            function=partial(neutrinos.branching_fraction, mode),
            kinematics=(),
            optional=(*LIMITS, *switches),
            description=f"branching fraction{average}; in a range of q2 if limits are given"
            + _WINDOWS.get(mode.name, ""),
            references=references,
            theory=theory,
            check=_check(mode),
            invisible_spectrum=True,
        ),
        Observable(
            name=f"dBR/dq2({mode.name})",
            latex=rf"d\mathcal{{B}}({mode.latex})/dq^2",
            unit="GeV^-2",
            function=partial(neutrinos.spectrum, mode),
            kinematics=("q2",),
            optional=switches,
            description=f"branching fraction differential in q2{average}",
            references=references,
            theory=theory,
            check=_check(mode),
        ),
        Observable(
            name=f"<dBR/dq2>({mode.name})",
            latex=rf"\langle d\mathcal{{B}}({mode.latex})/dq^2\rangle",
            unit="GeV^-2",
            function=partial(_mean, mode),
            kinematics=LIMITS,
            optional=(),
            description=f"branching fraction in a bin of q2 over the width of the bin{average}",
            references=references,
            theory=theory,
            check=_check(mode),
        ),
    )


def _longitudinal(mode: Mode) -> tuple[Observable, Observable]:
    """Longitudinal fraction, integrated and at a point, named as in flavio."""
    meson_name = _POLARISED[mode]
    return (
        Observable(
            name=f"<FL>({mode.name})",
            latex=rf"\langle F_L({mode.latex})\rangle",
            unit="1",
            function=partial(neutrinos.longitudinal_fraction, mode),
            kinematics=(),
            optional=LIMITS,
            description=f"longitudinal fraction of the {meson_name}, scalar and tensor operators "
            "included; ratio of integrals over q2",
            references=_references(mode),
            check=_check_fraction(mode),
        ),
        Observable(
            name=f"FL({mode.name})",
            latex=rf"F_L({mode.latex})(q^2)",
            unit="1",
            function=partial(neutrinos.longitudinal_spectrum, mode),
            kinematics=("q2",),
            optional=(),
            description=f"longitudinal fraction of the {meson_name} at a value of q2",
            references=_references(mode),
            instead=f"The ratio of integrals over q2, in a range or over all, is "
            f"<FL>({mode.name}).",
            check=_check_fraction(mode),
        ),
    )


def _ratio(name: str, latex: str, mode: Mode) -> Observable:
    """Branching fraction over that of the Standard Model with the same inputs."""
    return Observable(
        name=name,
        latex=latex,
        unit="1",
        function=partial(neutrinos.sm_ratio, name, mode),
        kinematics=(),
        optional=LIMITS,
        description=f"BR({mode.name}) over its Standard Model value with the same inputs",
        references=("1409.4557",),
        check=_check_fraction(mode),
    )


def _tau_pole(mode: Mode) -> Observable:
    """Long-distance part of a charged mode."""
    return Observable(
        name=f"BR_LD({mode.name})",
        latex=rf"\mathcal{{B}}_\tau({mode.latex})",
        unit="1",
        function=partial(neutrinos.tau_pole, mode),
        kinematics=(),
        optional=LIMITS,
        description="branching fraction through an on-shell tau lepton at tree level",
        references=("0908.1174", "2207.13371"),
    )


def _invisible(name: str) -> Observable:
    """Branching fraction of a neutral meson to invisible particles alone."""
    mixing = ", time-integrated, width difference neglected" if name == "Bs" else ""
    return Observable(
        name=f"BR({name}->inv)",
        latex=rf"\mathcal{{B}}({meson(name).latex}\to\mathrm{{inv}})",
        unit="1",
        function=partial(vacuum_branching_fraction, name),
        kinematics=(),
        optional=(),
        description=f"branching fraction to invisible particles{mixing}; zero for massless "
        "neutrinos with vector couplings",
        references=("2310.13043",),
        check=partial(_refuse, ()),
    )


_OBSERVABLES: Mapping[str, Observable] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            *(entry for mode in _MODES for entry in _rates(mode)),
            *(entry for mode in _POLARISED for entry in _longitudinal(mode)),
            _ratio("RK(nunu)", r"R_K^{\nu\bar\nu}", _CHARGED_K),
            _ratio("RK*(nunu)", r"R_{K^*}^{\nu\bar\nu}", _NEUTRAL_KSTAR),
            *(_tau_pole(mode) for mode in _MODES if neutrinos.has_tau_pole(mode)),
            *(_invisible(name) for name in mesons()),
            *(entry for process in _PROCESSES for entry in process.OBSERVABLES),
        )
    }
)

# Names that measurements and other codes use for the same observables.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "BR(B+->K+nunu)": "BR(B+->Knunu)",
        "BR(B+->K+nunu)_LD": "BR_LD(B+->Knunu)",
        "BR(B0->K0nunu)": "BR(B0->Knunu)",
        "BR(B+->K*+nunu)": "BR(B+->K*nunu)",
        "BR(B0->K*0nunu)": "BR(B0->K*nunu)",
        "BR(B+->pi+nunu)": "BR(B+->pinunu)",
        "BR(B0->pi0nunu)": "BR(B0->pinunu)",
        "BR(B+->rho+nunu)": "BR(B+->rhonunu)",
        "BR(B0->rho0nunu)": "BR(B0->rhonunu)",
        "BR(Bs->invisible)": "BR(Bs->inv)",
        "BR(B0->invisible)": "BR(B0->inv)",
        "BR(D0->invisible)": "BR(D0->inv)",
        "BR(D0->pi0nunu)": "BR(D0->pi0inv)",
        "BR(K+->pi+nunu)": "BR(K+->pi+inv)",
        "BR(KL->pi0nunu)": "BR(KL->pi0inv)",
        **{f"FL(q2)({mode.name})": f"FL({mode.name})" for mode in _POLARISED},
        **FLAVIO_OBSERVABLES,
        **EOS_OBSERVABLES,
        **inclusive_observables.ALIASES,
        **radiative.ALIASES,
        **dark_matter_observables.ALIASES,
    }
)


def observables() -> Mapping[str, Observable]:
    """All observables by name (without the aliases)."""
    return _OBSERVABLES


def observable(name: str) -> Observable:
    """Observable of a name or of one of `ALIASES`, with or without fixed kinematics.

    Parameters
    ----------
    name : str
        Such as ``"BR(B+->Knunu)"``, or ``"BR(B+->Knunu)[q2min=1, q2max=6]"`` (q2 in GeV^2): that
        one takes no kinematics, and its record has the name in canonical spelling.

    Returns
    -------
    Observable

    Raises
    ------
    ParameterError
        If the name is one thing in flavio and was another here.
    UnknownNameError
        If there is none, or it does not take a kinematic variable in the brackets.
    PredictionError
        If the kinematics in the brackets are not allowed, see `Observable.__call__`.
    """
    refuse_ambiguous(name)
    found = _OBSERVABLES.get(ALIASES.get(name, name))
    if found is not None:
        return found
    parts = split_name(name)
    if parts is None:
        raise UnknownNameError("observable", name, {*_OBSERVABLES, *ALIASES})
    return _fixed(name)


@lru_cache(maxsize=1024)
def _fixed(name: str) -> Observable:
    """Observable with kinematics in its name, which must leave something of the physical region."""
    base, kinematics = split_name(name) or (name, {})
    record = fix(observable(base), kinematics)
    record(Wilson(), Inputs.default())
    return record


def known_observable(name: str) -> Observable | None:
    """Observable of a name as `observable` reads it; None if there is none of that name.

    Raises
    ------
    UnknownNameError, PredictionError
        For kinematics in brackets that are not allowed.
    """
    parts = None if name in ALIASES or name in _OBSERVABLES else split_name(name)
    base = name if parts is None else parts[0]
    return observable(name) if ALIASES.get(base, base) in _OBSERVABLES else None
