"""Figure of the vector-like quark model: allowed region in (r_d, r_q) for three phases.

Run ``python tools/scalar_dm_figure.py docs/images/scalar-dm-benchmark.png`` from the root.
m_Q = m_D = 3 TeV, |y_q^s| = |y_d^s| = 2, m_phi = 0.7 GeV, y_1 from the relic density
(arXiv:2403.12485). The region is -2 ln L of all B -> K(*) nu nubar data relative to its best value
over the three panels; lines are single constraints.
"""

import argparse
from pathlib import Path

import numpy as np
from bsinv.chains.plots.likelihood.profiles import contour_levels
from bsinv.chains.plots.palette import REFERENCE, new_figure
from bsinv.data import measurement
from bsinv.data.records import Measurement
from bsinv.fitter.analysis import Analysis
from bsinv.physics.observables import ALIASES
from scipy.optimize import brentq

ROOT = Path(__file__).resolve().parent.parent
PHASES = ((0.0, "0"), (0.5 * np.pi, r"\pi/2"), (np.pi, r"\pi"))
POINTS = 61
LARGEST = 2.5e-3
# Measurement, start of its label, colour of Okabe and Ito, line style.
LINES = {
    "belle2_2023_kpnunu": (r"$B^+\to K^+$inv", "#0072B2", "-"),
    "belle_2017_kst0nunu": (r"$B^0\to K^{*0}$inv", "#D55E00", "--"),
    "aleph_recast_bs_inv": (r"$B_s\to$ inv", "#009E73", "-."),
}


def relic_coupling(analysis: Analysis) -> float:
    """y_1 that gives Omega h^2 = 0.120 at the benchmark."""
    theta = analysis.start.copy()
    column = analysis.names.index("y_1")

    def excess(y_1: float) -> float:
        theta[column] = y_1
        return float(analysis.observable("Omega_phi h^2", theta[None])[0]) - 0.120

    return float(brentq(excess, 0.05, 3.0, xtol=1e-6))


def grid(analysis: Analysis, phase: float, y_1: float, points: int) -> np.ndarray:
    """Parameter points of a panel: (points^2, d), r_q varying first."""
    axis = np.linspace(0.0, LARGEST, points)
    r_d, r_q = (array.ravel() for array in np.meshgrid(axis, axis, indexing="ij"))
    theta = np.tile(analysis.start, (len(r_d), 1))
    for name, value in (("r_d", r_d), ("r_q", r_q), ("alpha_b", phase), ("y_1", y_1)):
        theta[:, analysis.names.index(name)] = value
    return theta


def level(datum: Measurement) -> float:
    """Height at which the line of a measurement is drawn: its limit, or its central value."""
    height = datum.limit if datum.values is None else datum.values[0]
    assert height is not None
    return float(height)


def shown(datum: Measurement) -> str:
    """What the line stands for."""
    mantissa, power = f"{level(datum):.1e}".split("e")
    number = rf"{mantissa}\times10^{{{int(power)}}}"
    if datum.values is not None or datum.cl is None:
        return rf"$={number}$"
    return rf"$<{number}$ ({100 * datum.cl:.0f} %)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", help="where to write the PNG")
    parser.add_argument("--points", type=int, default=POINTS, help="along each axis of a panel")
    given = parser.parse_args()
    size = given.points
    analysis = Analysis(ROOT / "examples" / "scalar-dark-matter" / "scalar-dm-benchmark.yaml")
    y_1 = relic_coupling(analysis)
    points = [grid(analysis, phase, y_1, size) for phase, _ in PHASES]
    heights = [-2.0 * analysis.log_likelihood(theta) for theta in points]
    lowest = min(float(height.min()) for height in heights)
    axis = 1e3 * np.linspace(0.0, LARGEST, size)
    figure = new_figure(9.6, 4.2)
    figure.set_layout_engine("constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for panel, theta, height, (_, label) in zip(panels, points, heights, PHASES, strict=True):
        region = (height - lowest).reshape(size, size).T
        panel.contourf(axis, axis, region, (-1.0, *contour_levels()), colors=("#56B4E9", "#B9DFF5"))
        for name, (_, colour, style) in LINES.items():
            datum = measurement(name)
            observable = ALIASES.get(datum.observables[0], datum.observables[0])
            values = analysis.observable(observable, theta).reshape(size, size).T
            panel.contour(axis, axis, values, (level(datum),), colors=colour, linestyles=style)
        panel.set_xlabel(r"$r_d\times10^3$")
        panel.set_title(rf"$\theta={label}$")
    panels[0].set_ylabel(r"$r_q\times10^3$")
    for name, (text, colour, style) in LINES.items():
        label = f"{text} {shown(measurement(name))}"
        panels[0].plot([], [], color=colour, linestyle=style, label=label)
    panels[0].fill([], [], color="#56B4E9", label="all data, 68 %")
    panels[0].fill([], [], color="#B9DFF5", label="95 %")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    figure.suptitle(
        r"$m_Q=m_D=3$ TeV, $|y_q^s|=|y_d^s|=2$, $m_\phi=0.7$ GeV, "
        rf"$y_1={y_1:.3f}$ from $\Omega h^2=0.120$",
        color=REFERENCE,
        fontsize=10,
    )
    figure.savefig(given.path, dpi=120)
    print(f"y_1 = {y_1:.4f}, best -2 ln L over the panels: {lowest:.2f}")


if __name__ == "__main__":
    main()
