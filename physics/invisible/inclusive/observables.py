"""Observables of B -> X_s + invisible, see `rates`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType

from ...arrays import Array
from ...inputs import Inputs
from ...observable import Observable
from ...transitions import transition
from ...wilson import Wilson
from ..divergences import refuse_infinite_rates
from .rates import (
    BOTH,
    MESONS,
    QUARKS,
    branching_fraction,
    exclusive_fraction,
    leading_power_fails,
    region,
    spectrum,
)

__all__ = ["ALIASES", "OBSERVABLES"]


def _check(
    channels: tuple[str, ...], name: str, wilson: Wilson, inputs: Inputs, values: Array
) -> None:
    decays = tuple(transition(channel) for channel in channels)
    refuse_infinite_rates(name, decays, wilson, inputs, values)


_KAONS = tuple(entry.kaon for entry in MESONS.values())
_KSTARS = tuple(entry.kstar for entry in MESONS.values())
_REFERENCES = ("0902.0160", "2511.10980")


def _observable(
    name: str,
    latex: str,
    function: Callable[..., Array],
    description: str,
    theory: tuple[str, ...] = (),
    channels: tuple[str, ...] | None = (QUARKS, *_KAONS, *_KSTARS),
    spectrum_of_q2: bool = False,
) -> Observable:
    return Observable(
        name=name,
        latex=latex,
        unit="GeV^-2" if spectrum_of_q2 else "1",
        function=function,
        kinematics=("q2",) if spectrum_of_q2 else (),
        description=description,
        references=_REFERENCES,
        theory=theory,
        check=None if channels is None else partial(_check, channels),
        invisible_spectrum=not spectrum_of_q2 and name.startswith("BR"),
    )


def _of_mesons(label: str, latex: str, mesons: tuple[str, ...], mean: str) -> Iterable[Observable]:
    """Branching fraction and spectrum of one B, or of the mean."""
    theory = ("BR_Xsnunu_B0", "ratio_Xs_tensor")
    yield _observable(
        f"BR({label}->X_snunu)",
        rf"\mathcal{{B}}({latex}\to X_s\nu\bar\nu)",
        partial(branching_fraction, mesons),
        f"branching fraction{mean}, the larger of partonic and K + K*; normalised to the Standard "
        "Model value; see leading_power_fails(B->X_snunu)",
        theory,
    )
    yield _observable(
        f"dBR/dq2({label}->X_snunu)",
        rf"d\mathcal{{B}}({latex}\to X_s\nu\bar\nu)/dq^2",
        partial(spectrum, mesons),
        f"partonic branching fraction differential in q2{mean}; to be averaged over 2 GeV^2 and "
        "more near the end point",
        theory,
        (QUARKS,),
        True,
    )


_MEAN = ", mean of B0 and B+"
_LATEX = r"\mathcal{B}(B\to X_s\nu\bar\nu)"

OBSERVABLES: tuple[Observable, ...] = (
    *_of_mesons("B0", "B^0", ("B0",), ""),
    *_of_mesons("B+", "B^+", ("B+",), ""),
    *_of_mesons("B", "B", BOTH, _MEAN),
    _observable(
        "BR(B->X_snunu)[M_Xs<0.6 GeV]",
        rf"{_LATEX}_{{M<0.6}}",
        partial(region, "low"),
        f"branching fraction to a hadronic mass below 0.6 GeV: K nu nubar{_MEAN}",
        channels=_KAONS,
    ),
    _observable(
        "BR(B->X_snunu)[0.6<M_Xs<1.0 GeV]",
        rf"{_LATEX}_{{0.6<M<1}}",
        partial(region, "mid"),
        f"branching fraction to a hadronic mass from 0.6 to 1.0 GeV: w_Kstar_Xs of K*{_MEAN}",
        ("w_Kstar_Xs",),
        _KSTARS,
    ),
    _observable(
        "BR(B->X_snunu)[M_Xs>1.0 GeV]",
        rf"{_LATEX}_{{M>1}}",
        partial(region, "high"),
        f"branching fraction to a hadronic mass above 1.0 GeV: the inclusive rate less the two "
        f"other regions{_MEAN}",
        ("BR_Xsnunu_B0", "ratio_Xs_tensor", "w_Kstar_Xs"),
    ),
    _observable(
        "exclusive_fraction(B->X_snunu)",
        r"\Gamma_{K+K^*}/\Gamma_{b\to s}",
        exclusive_fraction,
        "rate to K and K* over the partonic rate; infinite without a partonic one",
        channels=None,
    ),
    _observable(
        "leading_power_fails(B->X_snunu)",
        r"\mathrm{fails}(B\to X_s\nu\bar\nu)",
        leading_power_fails,
        "1 where the rate to X_s is an order of magnitude only, else 0: K and K* above 0.6 of the "
        "partonic rate, or invisible states above q2 = 15 GeV^2",
        channels=None,
    ),
)

# At the Z pole the b hadrons are a mixture; their inclusive rates are those of the quark.
ALIASES: Mapping[str, str] = MappingProxyType({"BR(b->snunu)": "BR(B->X_snunu)"})
