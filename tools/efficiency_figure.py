"""Figure and numbers of docs/physics/efficiency.md: efficiency of Belle II against q2, its effect.

Run ``python tools/efficiency_figure.py docs/images/efficiency.png``.
"""

import argparse

import numpy as np
from bsinv.chains.plots.palette import REFERENCE, new_figure
from bsinv.data.belle2 import belle2_2023
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.inspection.efficiency import (
    channels,
    efficiency,
    efficiency_ratio,
)
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.null import null_masses, null_spectrum
from bsinv.physics.invisible.rates import binned_branching_fraction
from bsinv.physics.wilson import Wilson

# Colours of Okabe and Ito, told apart by all eyes.
SERIES = ("#0072B2", "#56B4E9", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#0072B2")

EDGES = belle2_2023().q2_edges
NAMES = {
    "ITA-SR": "inclusive tag",
    "ITA-CR": "inclusive tag, control region",
    "HTA": "hadronic tag",
}
SCENARIOS = {
    "scalar pair, scalar current, 0.6 GeV": ("phi_S", "m_phi", 0.6),
    "Dirac pair, vector current, 0.6 GeV": ("chi_VV", "m_chi", 0.6),
    "Dirac pair, scalar current, 0.6 GeV": ("chi_SS", "m_chi", 0.6),
    "scalar pair, scalar current, 1.5 GeV": ("phi_S", "m_phi", 1.5),
    "one particle, 2.1 GeV": ("g_S", "m_1", 2.1),
}


def dark_spectrum(name: str, mass_name: str, mass: float) -> np.ndarray:
    """Spectrum of one operator alone, of unit total: (100,)."""
    inputs, masses = Inputs.default(), null_masses()
    wilson = Wilson({name: np.array([1e-7]), mass_name: np.array([mass])})
    both, alone = (
        binned_branching_fraction("B+->K+", entry, inputs, EDGES, masses=masses)[0]
        for entry in (wilson, Wilson())
    )
    spectrum = np.clip(both - alone, 0.0, None)
    shape: np.ndarray = spectrum / spectrum.sum()
    return shape


def best_rate(term: Belle2Likelihood, shape: np.ndarray) -> tuple[float, float, float, float]:
    """Best branching fraction of a shape on top of the null prediction, its errors, -2 Delta ln L.

    Read off a scan: steps of 5e-8.
    """
    rates = np.arange(0.0, 9e-5, 5e-8)
    log = term.log_likelihood(null_spectrum(EDGES) + rates[:, None] * shape)
    best = int(log.argmax())
    inside = np.flatnonzero(2.0 * (log[best] - log) < 1.0)
    low, high = rates[inside[0]] - rates[best], rates[inside[-1]] - rates[best]
    return rates[best], low, high, 2.0 * (log[best] - log[0])


def numbers() -> None:
    term, null = Belle2Likelihood(), null_spectrum(EDGES)
    plain = best_rate(term, null / null.sum())
    print(f"SM shape: BR = {_errors(plain)}, -2 Delta ln L = {plain[3]:.2f}")
    for label, scenario in SCENARIOS.items():
        shape = dark_spectrum(*scenario)
        omega = efficiency_ratio(shape)[0]
        found = best_rate(term, shape)
        # A coupling goes with the root of the branching fraction.
        flat, corrected = (
            f"{np.sqrt(rate / found[0]):.2f}" if found[0] > 0 else "–"
            for rate in (plain[0], omega[0] * plain[0])
        )
        print(
            f"| {label} | {' | '.join(f'{value:.3f}' for value in omega)} | {_errors(found)} | "
            f"{found[3]:.1f} | {flat} | {corrected} |"
        )


def _errors(found: tuple[float, float, float, float]) -> str:
    best, low, high, _ = (1e6 * value for value in found)
    lower = f" −{-low:.1f}" if low < 0 else ""
    return f"{best:.1f}{lower} +{high:.1f}"


def draw(path: str) -> None:
    figure = new_figure(6.4, 6.4)
    figure.set_layout_engine("constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    events = efficiency()
    mean = events @ null_spectrum(EDGES) / null_spectrum(EDGES).sum()
    for row, label, average, colour in zip(events, channels(), mean, SERIES, strict=False):
        top.stairs(row / average, EDGES, color=colour, label=NAMES[label], linewidth=1.6)
    top.axhline(1.0, color=REFERENCE, linewidth=0.6, linestyle=":")
    top.set_ylabel("efficiency / mean over the SM spectrum")
    top.set_ylim(0.0, None)
    top.legend(frameon=False, title="Belle II 2023")
    width = EDGES[1] - EDGES[0]
    bottom.stairs(
        null_spectrum(EDGES) / null_spectrum(EDGES).sum() / width,
        EDGES,
        color=REFERENCE,
        label="SM",
        linewidth=1.6,
    )
    for (label, scenario), style, colour in zip(
        list(SCENARIOS.items())[:4], ("-", "--", "-.", ":"), SERIES[3:], strict=False
    ):
        bottom.stairs(
            dark_spectrum(*scenario) / width,
            EDGES,
            color=colour,
            linestyle=style,
            label=label,
            linewidth=1.4,
        )
    bottom.set_xlabel(r"generated $q^2$ (GeV$^2$)")
    bottom.set_ylabel(r"$\Gamma^{-1}\,d\Gamma/dq^2$ (GeV$^{-2}$)")
    bottom.set_xlim(0.0, EDGES[-1])
    bottom.set_ylim(0.0, 0.14)
    bottom.legend(frameon=False, fontsize=8, ncols=2, loc="upper left")
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", help="where to write the PNG")
    draw(parser.parse_args().figure)
    numbers()


if __name__ == "__main__":
    main()
