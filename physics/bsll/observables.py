"""Observables of b -> s l l: lepton flavour violation, tau pairs, ratios, and Bs -> l l.

Names are those of the measurements.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..observable import Observable, single_valued
from ..wilson_names import FLAVOUR_LATEX
from .leptonic import bs_branching_fraction, effective_lifetime
from .lfv import (
    FlavourMode,
    leptonic_branching_fraction,
    semileptonic_branching_fraction,
)
from .modes import (
    charm_loop_tautau,
    kstar_tautau,
    lepton_ratio,
    pseudo_observable,
    tabulated_tautau,
)

__all__ = ["OBSERVABLES", "SUMMARISED"]

# Hadronic part of the names, LaTeX, transition, factor on the rate, errors of the rate, pairs of
# leptons in the order in which the names have them.
_CHANNELS = (
    ("B+->K+", r"B^+\to K^+", "B+->K+", 1.0, (), ("mu tau", "e tau", "e mu")),
    (
        "B0->K*0",
        r"B^0\to K^{*0}",
        "B0->K*0",
        1.0,
        ("norm_BtoKstar",),
        ("tau mu", "tau e", "mu e"),
    ),
    ("B0->KS", r"B^0\to K_S", "B0->K0", 0.5, (), ("tau mu", "tau e", "mu e")),
    ("Bs->phi", r"B_s\to\phi", "Bs->phi", 1.0, (), ("mu tau", "e tau", "mu e")),
)
_LEPTONIC_PAIRS = ("mu tau", "e tau", "e mu")


def _charges(first: str, second: str) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Name, LaTeX and (positive, negative) leptons of both charges and of their sum."""
    # A space ends the command before.
    one, two = f" {FLAVOUR_LATEX[first]}", f" {FLAVOUR_LATEX[second]}"
    plus, minus = (first, second), (second, first)
    yield f"{first}+{second}-", f"{one}^+{two}^-", (plus,)
    yield f"{first}-{second}+", f"{one}^-{two}^+", (minus,)
    yield f"{first}+-{second}-+", rf"{one}^\pm{two}^\mp", (plus, minus)


def _entry_text(charges: tuple[tuple[str, str], ...]) -> str:
    """Which entries of the flavour matrices a decay measures."""
    listed = " and ".join(f"C[{positive}, {negative}]" for positive, negative in charges)
    return f"sum of both charges, {listed}" if len(charges) > 1 else listed


def _flavour_violating() -> Iterator[Observable]:
    """B -> M l l' and Bs -> l l' of all pairs of different leptons."""
    for hadrons, latex, channel, factor, theory, pairs in _CHANNELS:
        for pair in pairs:
            for name, leptons, charges in _charges(*pair.split()):
                mode = FlavourMode(channel, charges, factor)
                yield single_valued(
                    f"BR({hadrons}{name})",
                    rf"\mathcal{{B}}({latex}{leptons})",
                    "1",
                    partial(semileptonic_branching_fraction, mode),
                    f"branching fraction without the Standard Model; {_entry_text(charges)}",
                    ("1602.00881",),
                    theory,
                )
    for pair in _LEPTONIC_PAIRS:
        for name, leptons, charges in _charges(*pair.split()):
            yield single_valued(
                f"BR(Bs->{name})",
                rf"\mathcal{{B}}(B_s\to{leptons})",
                "1",
                partial(leptonic_branching_fraction, FlavourMode("Bs", charges)),
                f"branching fraction at production; {_entry_text(charges)}",
                ("1602.00881",),
                ("f_Bs",),
            )


def _leptonic() -> Iterator[Observable]:
    """Bs -> l l of equal leptons."""
    for lepton, latex in FLAVOUR_LATEX.items():
        yield single_valued(
            f"BR(Bs->{lepton}{lepton})",
            rf"\mathcal{{B}}(B_s\to {latex}^+{latex}^-)",
            "1",
            partial(bs_branching_fraction, lepton),
            "branching fraction, time-integrated",
            ("1311.0903", "1204.1737"),
            ("f_Bs", "VtbVts", "tau_Bs"),
        )
    yield single_valued(
        "tau_eff(Bs->mumu)",
        r"\tau_{\mathrm{eff}}(B_s\to\mu^+\mu^-)",
        "ps",
        partial(effective_lifetime, "mu"),
        "mean decay time of untagged decays",
        ("1204.1737",),
        ("tau_Bs", "DeltaGamma_s"),
    )


_TABLE = "flavio 2.7.1 as a polynomial in the coefficients, its form factors"


def _tau_pairs() -> Iterator[Observable]:
    """B -> M tau tau."""
    kaon, kstar = ("norm_BtoKtautau",), ("norm_BtoKstar", "norm_BtoKstartautau")
    for name, column, width in (
        ("BR(B+->K+tautau)", "B+->K+tautau", 1.0),
        ("BR(B+->K+tautau)[15,22]", "B+->K+tautau[15.0,22.0]", 7.0),
    ):
        where = "over all q2 without the psi(2S)" if width == 1.0 else "in a bin of q2, GeV^2"
        yield single_valued(
            name,
            r"\mathcal{B}(B^+\to K^+\tau^+\tau^-)" + name.partition(")")[2],
            "1",
            partial(tabulated_tautau, column, 0, width, kaon),
            f"branching fraction {where}; {_TABLE}",
            ("1810.08132", "1510.02349"),
            kaon,
        )
    latex = r"\mathcal{B}(B^0\to K^{*0}\tau^+\tau^-)"
    yield single_valued(
        "BR(B0->K*0tautau)",
        latex,
        "1",
        partial(kstar_tautau, kstar),
        "branching fraction over all q2 without the psi(2S); that of [15, 19] GeV^2 and the form "
        "of the spectrum at one loop",
        ("1810.08132", "0811.1214"),
        kstar,
    )
    yield single_valued(
        "BR(B0->K*0tautau)[15,19]",
        latex + "[15,19]",
        "1",
        partial(tabulated_tautau, "B0->K*0tautau[15.0,19.0]", 1, 4.0, kstar),
        f"branching fraction in a bin of q2, GeV^2; {_TABLE}",
        ("1810.08132",),
        kstar,
    )
    yield single_valued(
        "BR(Bs->phitautau)",
        r"\mathcal{B}(B_s\to\phi\tau^+\tau^-)",
        "1",
        partial(charm_loop_tautau, "Bs->phi", ("norm_Bstophitautau",)),
        "branching fraction over all q2 without the psi(2S), at production; charm at one loop, "
        "23 % above flavio in [15, 18.8] GeV^2 in the Standard Model",
        ("0811.1214",),
        ("norm_Bstophitautau",),
    )


def _ratios() -> Iterator[Observable]:
    """R_K and R_K*, rates to muons over rates to electrons."""
    kstar, low = ("norm_RKstar",), ("norm_RKstar", "norm_RKstar_low")
    for name, latex, channel, window, factors in (
        ("R_K", "R_K", "B+->K+", "[0.1,1.1]", ("norm_RK",)),
        ("R_K", "R_K", "B+->K+", "[1.1,6.0]", ("norm_RK",)),
        ("R_K", "R_K", "B+->K+", "[14.3,22.9]", ("norm_RK",)),
        ("R_K*0", "R_{K^*}", "B0->K*0", "[0.045,1.1]", low),
        ("R_K*0", "R_{K^*}", "B0->K*0", "[0.1,1.1]", low),
        ("R_K*0", "R_{K^*}", "B0->K*0", "[1.1,6.0]", kstar),
    ):
        yield single_valued(
            f"{name}{window}",
            f"{latex}{window}",
            "1",
            partial(lepton_ratio, channel, window, factors),
            "rate to muons over rate to electrons in a bin of q2, GeV^2; flavio 2.7.1 as "
            "polynomials in the coefficients",
            ("1810.08132", "1605.07633"),
            factors,
        )


def _pseudo_observables() -> Iterator[Observable]:
    """Coefficients of the muon, for Gaussian summaries of fits."""
    for name, latex, coefficient in (
        ("C_9", r"\Delta C_9", "dC_9"),
        ("C_10", r"\Delta C_{10}", "dC_10"),
        ("C_9p", r"C_9^{\prime", "C_9p"),
        ("C_10p", r"C_{10}^{\prime", "C_10p"),
    ):
        upper = latex + r"\,\mu\mu}" if "^{" in latex else latex + r"^{\mu\mu}"
        added = ", with dC9_hadronic" if coefficient == "dC_9" else ""
        yield single_valued(
            f"{name}(mumu)",
            upper,
            "1",
            partial(pseudo_observable, coefficient),
            "real part of the shift from the Standard Model at 4.8 GeV, in the normalisation of "
            f"flavio{added}",
            ("1810.08132",),
        )


# Names of what summaries of other data are given in.
SUMMARISED = frozenset(entry.name for entry in _pseudo_observables())

OBSERVABLES: tuple[Observable, ...] = (
    *_flavour_violating(),
    *_leptonic(),
    *_tau_pairs(),
    *_ratios(),
    *_pseudo_observables(),
)
