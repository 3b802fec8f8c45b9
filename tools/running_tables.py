"""Make the tables of data/sources/tables_running.yaml.

    python tools/running_tables.py
    python tools/running_tables.py --check qcd_running    # compare one table

SMEFT coefficients one at a time at Lambda, down to m_Z with the one-loop equations of
arXiv:1308.2627, 1310.4838 and 1312.2014, matched at tree level and run on in QCD and QED
(arXiv:1804.05033), all as in wilson 2.5.2 with its own constants; masses and alpha_s with the
CRunDec that comes with it. Compile the data afterwards. Needs `pip install wilson`.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from ckmutil.ckm import ckm_tree
from rundec import CRunDec
from wilson import Wilson
from wilson.parameters import p as parameters

TARGET = Path(__file__).resolve().parent.parent / "data" / "sources" / "tables_running.yaml"
M_Z = 91.1876
SCALES = (0.0911876, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)  # TeV
SMALL = 1e-12  # GeV^-2: what is quadratic in coefficients does not count
NAMES = {
    "dC_L": "CL_bsnu{0}nu{0}",
    "dC_R": "CR_bsnu{0}nu{0}",
    "dC_9": "C9_bs{0}{0}",
    "dC_10": "C10_bs{0}{0}",
    "C_9p": "C9p_bs{0}{0}",
    "C_10p": "C10p_bs{0}{0}",
    "C_VL_cb": "CVL_bc{0}nu{0}",
}
# SMEFT name and its columns: those of the tau, those induced for the other leptons, with quarks 33.
OWN = {
    "lq1": ("lq1_33{}", ("dC_L", "dC_9", "dC_10", "C_VL_cb"), ("dC_9",)),
    "lq3": ("lq3_33{}", ("dC_L", "dC_9", "dC_10", "C_VL_cb"), ("dC_9",)),
    "ld": ("ld_33{}", ("dC_R", "C_9p", "C_10p"), ("C_9p",)),
    "qe": ("qe_{}33", ("dC_L", "dC_9", "dC_10"), ("dC_9",)),
    "ed": ("ed_33{}", ("C_9p", "C_10p"), ("C_9p",)),
}
TOP = {
    "lq1": ("dC_L", "dC_9", "dC_10", "C_VL_cb"),
    "lq3": ("dC_L", "dC_9", "dC_10", "C_VL_cb"),
    "qe": ("dC_9", "dC_10"),
}
# dM_12/dC at m_Z for VLL (also VRR) and VLR, GeV^3, and what they belong to.
MESONS = {
    "bs": ("Bs", (2, 3), 0.06605, -0.21913, "0.826, 1.149, 1.873, f = 0.2303 GeV", 0.25373),
    "bd": ("B0", (1, 3), 0.04576, -0.15283, "0.837, 1.163, 1.914, f = 0.192 GeV", 0.17597),
    "sd": ("K0", (1, 2), 0.001647, -0.11174, "0.5237, 0.883, 0.679, f = 0.1554 GeV", 0.18198),
    "cu": ("D0", (1, 2), 0.01577, -0.09494, "0.727, 0.87, 0.93", 0.13914),
}
WILSON = '{experiment: "computed with wilson 2.5.2", year: 2018, arxiv: "1804.05033"}'
Columns = dict[str, list[float]]


def at_low(coefficients: dict[str, complex], scale: float, low: float = 4.8) -> dict[str, complex]:
    """WET coefficients of the flavio basis for C/GeV^-2 at a scale in TeV, per unit of C."""
    values = {key: SMALL * value for key, value in coefficients.items()}
    start = Wilson(values, scale=1e3 * scale, eft="SMEFT", basis="Warsaw")
    found = start.match_run(low, "WET", "flavio", sectors="all").dict
    return {key: value / SMALL for key, value in found.items()}


def at_mz(coefficients: dict[str, complex], scale: float) -> dict[str, complex]:
    """WET coefficients of the JMS basis at m_Z, per unit of C."""
    values = {key: SMALL * value for key, value in coefficients.items()}
    start = Wilson(values, scale=1e3 * scale, eft="SMEFT", basis="Warsaw")
    found = start.match_run(M_Z, "WET", "JMS", sectors="all").dict
    return {key: value / SMALL for key, value in found.items()}


def norm() -> complex:
    """N of wilson's constants, GeV^2: C_L of a C_lq1 that does not run."""
    return at_low({"lq1_3323": 1.0}, 1e-3 * M_Z, M_Z)[NAMES["dC_L"].format("tau")]


def charged(element: str) -> complex:
    """C_VL at tree level of an lq3 coefficient, GeV^2."""
    return at_low({f"lq3_33{element}": 1.0}, 1e-3 * M_Z, M_Z)["CVL_bctaunutau"]


def semileptonic(name: str) -> Columns:
    """Columns of smeft_running_<name>."""
    key, targets, universal = OWN[name]
    units = dict.fromkeys(NAMES, norm()) | {"C_VL_cb": charged("23")}
    columns: Columns = {"Lambda": list(SCALES)}
    runs = [at_low({key.format("23"): 1.0}, scale) for scale in SCALES]
    for target in targets:
        found = [run.get(_name(target, "tau"), 0.0) for run in runs]
        columns[target] = real(found, units[target])
    for target in universal:
        found = [run.get(_name(target, "mu"), 0.0) for run in runs]
        columns[f"{target}_universal"] = real(found, units[target])
    return columns


def top_loop(name: str) -> Columns:
    """Columns of smeft_running_<name>_33: quarks 33, over N lambda_t C."""
    key = OWN[name][0]
    units = dict.fromkeys(NAMES, norm() * ckm_factor()) | {"C_VL_cb": charged("33")}
    columns: Columns = {"Lambda": list(SCALES)}
    runs = [at_low({key.format("33"): 1.0}, scale) for scale in SCALES]
    for target in TOP[name]:
        columns[target] = real([run.get(_name(target, "tau"), 0.0) for run in runs], units[target])
    return columns


def scalar_exchange() -> Columns:
    """Columns of smeft_running_qd: what S (qbar_m d_n)(dbar_k q_j) makes of other operators.

    With h_pr = V*_tp V_tr: coefficients of H(Delta F = 2) at m_Z over h S, and coefficients of
    b -> s l l and b -> s nu nu at 4.8 GeV over N S, see `bsinv.models.heavy.rpv_loops`.
    """
    columns: Columns = {"Lambda": list(SCALES)}
    h = ckm_factor()
    for column, legs in (("upper", "33"), ("lower", "22")):
        runs = [at_mz(scalar(legs, "23"), scale) for scale in SCALES]
        eight = np.array([run.get("V8ddLR_2323", 0.0) for run in runs])
        one = np.array([run.get("V1ddLR_2323", 0.0) for run in runs])
        columns[f"VLR_{column}"] = real(-(one - eight / 6.0), h)
        columns[f"SLR_{column}"] = real(eight, h)
    # Right-handed quarks turn by less, m_lighter/m_heavier: d and s, whose masses are at one scale.
    runs = [at_mz(scalar("12", "22"), scale) for scale in SCALES]
    unit = ckm_factor("sd") * parameters["m_d"] / parameters["m_s"]
    columns["SLR_right"] = real([run.get("V8ddLR_1212", 0.0) for run in runs], unit, 1e-3)
    tops, lights, lefts = (
        [at_low(scalar(*legs), scale) for scale in SCALES]
        for legs in (("33", "23"), ("11", "23"), ("23", "11"))
    )
    for target in ("dC_R", "C_9p", "C_10p"):
        key = _name(target, "mu")
        columns[target] = real([run.get(key, 0.0) for run in lights], norm())
        both = real([run.get(key, 0.0) for run in tops], norm())
        columns[f"{target}_top"] = list(np.subtract(both, columns[target]))
    for target in ("dC_L", "dC_9", "dC_10"):
        columns[target] = real([run.get(_name(target, "mu"), 0.0) for run in lefts], norm())
    return columns


def scalar(legs: str, down: str) -> dict[str, complex]:
    """C_qd1 and C_qd8 of (qbar_m d_n)(dbar_k q_j), legs mj, down quarks kn."""
    return {f"qd1_{legs}{down}": -1.0 / 6.0, f"qd8_{legs}{down}": -1.0}


def mixing(pair: str) -> Columns:
    """Columns of mixing_running_<pair>."""
    _, (i, j), left, both, _, chiral = MESONS[pair]
    place = f"{i}{j}{i}{j}"
    charm = pair == "cu"
    columns: Columns = {"Lambda": list(SCALES)}
    sources = {"VLL": ("qq1", left), "VRR": ("uu" if charm else "dd", left)}
    for operator, (name, value) in sources.items():
        jms = f"V{'uu' if charm else 'dd'}{operator[1:]}_{place}"
        factors = [up_or_down(charm, name, place, scale).get(jms, 0.0) for scale in SCALES]
        columns[operator] = [value * float(np.real(factor)) for factor in factors]
    name = "qu1" if charm else "qd1"
    sort = "uu" if charm else "dd"
    columns["VLR"] = []
    for scale in SCALES:
        run = up_or_down(charm, name, place, scale)
        one = run[f"V1{sort}LR_{place}"]
        eight = run.get(f"V8{sort}LR_{place}", 0.0)
        # H = -L: C_VLR = -(V1 - V8/6), C_SLR = V8, over C_VLR = -1 at Lambda.
        columns["VLR"].append(float(np.real(both * (one - eight / 6.0) - chiral * eight)))
    return columns


def up_or_down(charm: bool, name: str, place: str, scale: float) -> dict[str, complex]:
    """JMS coefficients at m_Z of one operator; for up quarks in the basis of their masses."""
    values = {f"{name}_{place}": SMALL}
    basis = "Warsaw up" if charm else "Warsaw"
    start = Wilson(values, scale=1e3 * scale, eft="SMEFT", basis=basis)
    found = start.match_run(M_Z, "WET", "JMS", sectors="all").dict
    return {key: value / SMALL for key, value in found.items()}


def qcd() -> Columns:
    """Columns of qcd_running: four loops, thresholds at m_b(m_b) and m_t(m_t)."""
    run, m_t, m_b, order = CRunDec(), 162.7, 4.18, 4
    five = run.AlphasExact(0.1180, M_Z, m_t, 5, order)
    six = run.DecAsUpSI(five, m_t, m_t, 5, order)
    lows = {"m_b": (m_b, 5), "4.8": (4.8, 5), "2GeV": (2.0, 4)}
    columns: Columns = {"Lambda": [*SCALES, 100.0]}
    at_b = run.AlphasExact(0.1180, M_Z, m_b, 5, order)
    at_2 = run.AlphasExact(run.DecAsDownSI(at_b, m_b, m_b, 4, order), m_b, 2.0, 4, order)
    for name, (low, _) in lows.items():
        columns[name] = []
        for scale in columns["Lambda"]:
            mass = 1.0
            if name == "2GeV":
                four = run.DecAsDownSI(at_b, m_b, m_b, 4, order)
                mass = run.mMS2mMS(mass, at_2, four, 4, order)
                mass = run.DecMqUpSI(mass, four, m_b, m_b, 4, order)
                start = at_b
            else:
                start = run.AlphasExact(0.1180, M_Z, low, 5, order)
            if 1e3 * scale <= m_t:
                end = run.AlphasExact(0.1180, M_Z, 1e3 * scale, 5, order)
                mass = run.mMS2mMS(mass, start, end, 5, order)
            else:
                mass = run.mMS2mMS(mass, start, five, 5, order)
                mass = run.DecMqUpSI(mass, five, m_t, m_t, 5, order)
                mass = run.mMS2mMS(
                    mass, six, run.AlphasExact(six, m_t, 1e3 * scale, 6, order), 6, order
                )
            columns[name].append(1.0 / mass)
    columns["alpha_s"] = [
        run.AlphasExact(0.1180, M_Z, 1e3 * scale, 5, order)
        if 1e3 * scale <= m_t
        else run.AlphasExact(six, m_t, 1e3 * scale, 6, order)
        for scale in columns["Lambda"]
    ]
    return columns


def _name(target: str, lepton: str) -> str:
    """Name in the flavio basis of a diagonal coefficient."""
    return NAMES[target].format(lepton)


def real(values: list[complex] | np.ndarray, unit: complex, tolerance: float = 1e-5) -> list[float]:
    """Ratios to a unit, whose imaginary parts are those of charm and of a running CKM matrix."""
    ratio = np.array(values) / unit
    if np.abs(ratio.imag).max() > tolerance * max(1.0, np.abs(ratio.real).max()):
        raise ValueError(f"ratios are not real: {ratio}")
    return [float(value) for value in ratio.real]


def ckm_factor(pair: str = "bs") -> complex:
    """V_tr V_tp* of wilson's constants, V_tb V_ts* if not asked otherwise."""
    p, r = (number - 1 for number in MESONS[pair][1])
    keys = ("Vus", "Vub", "Vcb", "gamma")
    matrix = ckm_tree(*(parameters[key] for key in keys))
    return complex(matrix[2, r] * matrix[2, p].conj())


def entry(
    name: str, description: str, columns: Columns, units: dict[str, str], notes: list[str], ref: str
) -> list[str]:
    """Lines of one table in YAML."""

    def key(column: str) -> str:
        return f'"{column}"' if column[0].isdigit() else column

    return [
        f"- name: {name}",
        f'  description: "{description}"',
        "  columns:",
        *(
            f"    {key(column)}: [{', '.join(f'{value:.7g}' for value in values)}]"
            for column, values in columns.items()
        ),
        f"  units: {{{', '.join(f'{key(c)}: {units.get(c, quoted(1))}' for c in columns)}}}",
        *(["  notes:", *(f'  - "{note}"' for note in notes)] if notes else []),
        f"  reference: {ref}",
    ]


def quoted(value: object) -> str:
    """A value in double quotes."""
    return f'"{value}"'


def semileptonic_entry(name: str) -> list[str]:
    """Lines of smeft_running_<name>."""
    notes = [
        "N = pi/(sqrt 2 G_F alpha lambda_t) with alpha = 1/127.9; the entry [33,23] of the "
        "coefficient; what it induces for e and mu is called universal."
    ]
    if name == "lq1":
        notes.append("C_VL_cb is relative to the tree value of an lq3 coefficient.")
    text = f"WET coefficients at 4.8 GeV over N C for one {name} coefficient of the tau at Lambda"
    text += ", one-loop SMEFT, QCD and QED running"
    return entry(
        f"smeft_running_{name}", text, semileptonic(name), {"Lambda": "TeV"}, notes, WILSON
    )


def top_entry(name: str) -> list[str]:
    """Lines of smeft_running_<name>_33."""
    text = f"b -> s coefficients at 4.8 GeV over N lambda_t C for {name} [33,33] at Lambda"
    notes = ["Top Yukawa coupling in the loop; C_VL_cb over the tree value of lq3 [33,33]."]
    unit = {"Lambda": "TeV"}
    return entry(f"smeft_running_{name}_33", text, top_loop(name), unit, notes, WILSON)


def scalar_entry() -> list[str]:
    """Lines of smeft_running_qd."""
    return entry(
        "smeft_running_qd",
        "what S (qbar_m d_n)(dbar_k q_j) at Lambda, C_qd1 = -S/6 and C_qd8 = -S, makes of others",
        scalar_exchange(),
        {"Lambda": "TeV"},
        [
            "VLR, SLR: coefficients of H at m_Z over h S, h_pr = V*_tp V_tr; upper, lower and "
            "right as in models/heavy/rpv_loops.py.",
            "Others: at 4.8 GeV over N S, the same for every lepton; primed and R for dbar_s b_R, "
            "_top for a closed loop with h; dC_L, dC_9 and dC_10 for qbar_s q_b.",
        ],
        WILSON,
    )


def mixing_entry(pair: str) -> list[str]:
    """Lines of mixing_running_<pair>."""
    meson, _, _, _, bags, scalar_mz = MESONS[pair]
    units = {"Lambda": "TeV"} | dict.fromkeys(("VLL", "VRR", "VLR"), quoted("GeV^3"))
    text = f"dM_12/dC of the {meson} for C of H at Lambda, one-loop running"
    notes = [f"Bag parameters {bags}; SLR at m_Z: {scalar_mz}."]
    return entry(f"mixing_running_{pair}", text, mixing(pair), units, notes, WILSON)


def qcd_entry() -> list[str]:
    """Lines of qcd_running."""
    return entry(
        "qcd_running",
        "MSbar quark mass at a low scale over that at Lambda, and alpha_s(Lambda), four loops "
        "with thresholds",
        qcd(),
        {"Lambda": "TeV"},
        [
            "Low scales: m_b = 4.18 GeV, 4.8 GeV, 2 GeV. alpha_s(m_Z) = 0.1180, m_t(m_t) = 162.7, "
            "m_b(m_b) = 4.18 GeV."
        ],
        '{experiment: "computed with CRunDec", year: 2017, arxiv: "1703.03751"}',
    )


def tables() -> dict[str, Callable[[], list[str]]]:
    """How the lines of each table are made, by name, in the order of the file."""
    made = {f"smeft_running_{name}": partial(semileptonic_entry, name) for name in OWN}
    made |= {f"smeft_running_{name}_33": partial(top_entry, name) for name in TOP}
    made["smeft_running_qd"] = partial(scalar_entry)
    made |= {f"mixing_running_{pair}": partial(mixing_entry, pair) for pair in MESONS}
    made["qcd_running"] = partial(qcd_entry)
    return dict(made)


def main() -> None:
    """Write the file, or compare some tables with it."""
    known = tables()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", nargs="+", choices=known, metavar="TABLE", help="compare these")
    asked = parser.parse_args().check
    if asked:
        text = TARGET.read_text(encoding="utf-8")
        stale = [name for name in asked if "\n".join(known[name]()) + "\n" not in text]
        if stale:
            sys.exit(f"stale: {', '.join(stale)}; run tools/running_tables.py")
        print(f"as in {TARGET.name}: {', '.join(asked)}")
        return
    lines = [
        "# Running of Wilson coefficients between the scale of new physics and that of the decays.",
        "# Made by tools/running_tables.py: change that, not this. The first row is m_Z, where the",
        "# theory with the heavy particles of the Standard Model begins.",
        "entries:",
        *(line for make in known.values() for line in make()),
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
