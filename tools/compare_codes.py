"""Compare with flavio: docs/project/other-codes.md and tests/physics/flavio_points.json.

The same physics at ten random points of Wilson coefficients, in flavio and here: with the inputs of
each, and with those of flavio in both. Needs flavio (the extra ``flavio``).

    python tools/compare_codes.py                         write page and points
    python tools/compare_codes.py --only 'BR(Bs->mumu)'   compare; write nothing
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flavio
import numpy as np
from bsinv.data.constants import constant
from bsinv.likelihoods.flavio.bridge import alpha_lambda
from bsinv.likelihoods.flavio.term import flavio_value
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from flavio.physics.bdecays.wilsoncoefficients import CL_SM
from flavio.physics.running import running

ROOT = Path(__file__).resolve().parent.parent
# The mass of the s quark that flavio neglects in scalar operators of B -> M l l: the smallest here.
NO_STRANGE = "m_s = 0"
# What was found for one observable: predictions of both codes, and the inputs.
Record = dict[str, Any]
POINTS, SEED = 10, 20231124
SCALAR = ("C_S", "C_P", "C_Sp", "C_Pp")
SM, CENTRAL = "SM", flavio.default_parameters.get_central_all()


@dataclass(frozen=True)
class Comparison:
    """An observable here and there.

    ``factor`` takes the number of flavio to our unit; ``constants`` and ``form_factors`` name what
    is replaced by flavio's; ``standard`` is a constant set to flavio's Standard Model prediction.
    ``why`` explains a difference with default inputs, ``remainder`` one with those of flavio.
    ``scalars`` says whether scalar operators of b -> s l l are on.
    """

    name: str
    theirs: str
    constants: tuple[str, ...]
    why: str
    arguments: dict[str, float] = field(default_factory=dict)
    form_factors: str = ""
    standard: str = ""
    factor: float = 1.0
    remainder: str = ""
    scalars: bool = True


COUPLINGS = ("alpha_inv", "VtbVts")
LEPTONIC = (*COUPLINGS, "f_Bs", "m_Bs", "tau_Bs", "DeltaGamma_s", "m_b", "m_s")
SEMILEPTONIC = ("alpha_inv", NO_STRANGE)
KAON = ("m_Bplus", "m_Kplus", "tau_Bplus")
KSTAR = ("m_B0", "m_Kstar0", "tau_B0")
BS_INPUTS = (
    "inputs alone, smaller here: |V_tb V_ts*|² by 1.0 %, the lifetime by 0.3 %, the effect of the "
    "width difference by 0.5 %"
)
POLYNOMIAL = (
    "polynomials made with flavio; what they leave out, terms linear in imaginary parts; m_s "
    "beside m_b in scalar operators, which flavio neglects (4 % of their squares)"
)
ELECTROWEAK = (
    "flavio's Standard Model amplitude is 1.007, its electroweak correction, to which new physics "
    "is added without it; here new physics is relative to the whole amplitude"
)
LOW, HIGH = {"q2min": 0.1, "q2max": 1.1}, {"q2min": 1.1, "q2max": 6.0}
HBAR = 6.582119569e-25
PER_PS = 1e-12 / HBAR

COMPARISONS = (
    Comparison(
        "BR(Bs->mumu)",
        "BR(Bs->mumu)",
        (*LEPTONIC, "m_mu"),
        BS_INPUTS,
    ),
    Comparison(
        "tau_eff(Bs->mumu)",
        "tau_mumu",
        (*LEPTONIC, "m_mu"),
        BS_INPUTS,
        factor=HBAR * 1e12,
    ),
    Comparison("BR(Bs->tautau)", "BR(Bs->tautau)", (*LEPTONIC, "m_tau"), BS_INPUTS),
    Comparison("BR(B+->K+tautau)", "BR(B+->Ktautau)", SEMILEPTONIC, POLYNOMIAL),
    Comparison(
        "BR(B+->K+mu-tau+)",
        "BR(B+->Kmutau)",
        (*COUPLINGS, *KAON, "m_mu", "m_tau"),
        "form factors: lattice averages of 2021/22 here, the fit of 2015 there",
        form_factors="B->K",
        scalars=False,
    ),
    Comparison("R_K[0.1,1.1]", "<Rmue>(B+->Kll)", SEMILEPTONIC, POLYNOMIAL, LOW),
    Comparison("R_K[1.1,6.0]", "<Rmue>(B+->Kll)", SEMILEPTONIC, POLYNOMIAL, HIGH),
    Comparison(
        "R_K[14.3,22.9]",
        "<Rmue>(B+->Kll)",
        SEMILEPTONIC,
        POLYNOMIAL,
        {"q2min": 14.3, "q2max": 22.9},
    ),
    Comparison("R_K*0[0.1,1.1]", "<Rmue>(B0->K*ll)", SEMILEPTONIC, POLYNOMIAL, LOW),
    Comparison("R_K*0[1.1,6.0]", "<Rmue>(B0->K*ll)", SEMILEPTONIC, POLYNOMIAL, HIGH),
    Comparison(
        "DeltaM_s",
        "DeltaM_s",
        ("VtbVts", "f_Bs", "m_Bs", "m_t", "m_W", "eta_B"),
        "|V_tb V_ts*|² is 1.0 % smaller here",
        factor=PER_PS,
    ),
    Comparison(
        "BR(B+->Knunu)",
        "BR(B+->Knunu)",
        (*COUPLINGS, *KAON, "X_t"),
        "form factors and |V_tb V_ts*|²",
        form_factors="B->K",
    ),
    Comparison(
        "BR(B0->K*nunu)",
        "BR(B0->K*nunu)",
        (*COUPLINGS, *KSTAR, "X_t"),
        "as BR(B+->Knunu)",
        form_factors="B->K*",
        remainder="A_12(0) follows from A_0(0) with the masses of the fit of the form factors "
        "here, with those of today there: 0.4 % in A_12",
    ),
    Comparison(
        "R(D)",
        "Rtaul(B->Dlnu)",
        (),
        "the Standard Model value, an average here",
        standard="RD_SM",
        remainder=ELECTROWEAK,
    ),
    Comparison(
        "R(D*)",
        "Rtaul(B->D*lnu)",
        (),
        "the Standard Model value, 0.254 of an average here and 0.245 there",
        standard="RDstar_SM",
        remainder=ELECTROWEAK,
    ),
    Comparison(
        "BR(B->X_sgamma)",
        "BR(B->Xsgamma)",
        (),
        "the Standard Model value, (3.40 ± 0.17)·10⁻⁴ of arXiv:2002.01548 here",
        standard="BR_Xsgamma_SM",
        remainder=POLYNOMIAL,
    ),
)


def draw_points() -> dict[str, np.ndarray]:
    """Random coefficients, complex, the first point the Standard Model: name to (1 + n, ...)."""
    rng = np.random.default_rng(SEED)

    def rounded(values: np.ndarray) -> np.ndarray:
        """Four digits, so that the file is the same on every machine."""
        digits = np.vectorize(lambda z: complex(float(f"{z.real:.4g}"), float(f"{z.imag:.4g}")))
        return np.asarray(digits(values))

    def drawn(size: float | np.ndarray, shape: tuple[int, ...] = ()) -> np.ndarray:
        values = rng.uniform(-1, 1, (POINTS, *shape)) + 0.5j * rng.uniform(-1, 1, (POINTS, *shape))
        return np.concatenate([np.zeros((1, *shape)), rounded(values * size)])

    # Muons and electrons within what data allow, tau leptons within what is allowed or invisible.
    charged = np.array([[1.5, 10.0, 15.0], [10.0, 1.5, 15.0], [15.0, 15.0, 25.0]])
    taus = np.array([[0.03] * 3, [0.03] * 3, [0.15] * 3])
    points = {name: drawn(charged, (3, 3)) for name in ("dC_9", "dC_10", "C_9p", "C_10p")}
    points |= {name: drawn(6.0, (3, 3)) for name in ("dC_L", "dC_R")}
    points |= {name: drawn(0.05) for name in ("dC_7", "C_7p", "dC_8", "C_8p")}
    points |= {f"C_{name}_cb": drawn(taus, (3, 3)) for name in ("VL", "VR")}
    only_taus = taus * np.array([[0.0], [0.0], [1.0]])
    points |= {f"C_{name}_cb": drawn(only_taus, (3, 3)) for name in ("SL", "SR", "T")}
    structures = ("VLL", "VRR", "VLR", "SLL", "SRR", "SLR")
    points |= {f"C_{name}_bs": drawn(6e-12) for name in structures}
    # As large as C_10 in Bs -> l l, with masses of the leptons that are not factors.
    scalars = np.array([[0.02, 0.02, 0.3], [0.02, 0.02, 0.3], [0.3, 0.3, 1.0]])
    return points | {name: drawn(scalars, (3, 3)) for name in SCALAR}


def their_constant(name: str) -> float:
    """One of our constants with the value that it has in flavio."""
    alpha, modulus = alpha_lambda()
    picoseconds = float(Inputs.default().constant("hbar")[0]) * 1e12
    lifetimes = {f"tau_{ours}": f"tau_{theirs}" for ours, theirs in (("Bplus", "B+"), ("B0", "B0"))}
    lifetimes["tau_Bs"] = "tau_Bs"
    if name in lifetimes:
        return float(CENTRAL[lifetimes[name]] * picoseconds)
    same = {"Bplus": "B+", "Kplus": "K+", "Kstar0": "K*0"}
    stem = name.partition("_")[2]
    special = {
        "m_b": running.get_mb(CENTRAL, 4.8, nf_out=5),
        "m_s": running.get_ms(CENTRAL, 4.8, nf_out=5),
        "alpha_inv": 1.0 / alpha,
        "VtbVts": modulus,
        "DeltaGamma_s": CENTRAL["DeltaGamma/Gamma_Bs"] / (CENTRAL["tau_Bs"] * picoseconds),
        "m_t": running.get_mt_mt(CENTRAL),
        "eta_B": CENTRAL["eta_tt_Bs"],
        "X_t": -CL_SM(CENTRAL, 4.8) * float(Inputs.default().constant("sin2_theta_W")[0]),
    }
    value = special.get(name, CENTRAL.get(f"{name[0]}_{same.get(stem, stem)}"))
    if value is None:
        raise SystemExit(f"flavio has no {name}")
    return float(value)


def aligned(
    entry: Comparison, predict: Callable[[Wilson, Inputs], np.ndarray]
) -> tuple[Inputs, Record]:
    """Inputs of flavio as far as the observable needs them, and a record of them."""
    constants = {name: their_constant(name) for name in entry.constants if name != NO_STRANGE}
    if NO_STRANGE in entry.constants:
        constants["m_s"] = float(constant("m_s").allowed[0])
    if entry.standard:
        constants[entry.standard] = float(predict(Wilson(), Inputs.default())[0]) * entry.factor
    coefficients = {}
    if entry.form_factors:
        names = Inputs.default().form_factors(entry.form_factors).source.names
        prefix = f"{entry.form_factors} BSZ"
        coefficients = {entry.form_factors: [float(CENTRAL[f"{prefix} {name}"]) for name in names]}
    inputs = Inputs.default().replace(constants=constants, coefficients=coefficients)
    return inputs, {"constants": constants, "coefficients": coefficients}


def compare(entry: Comparison, points: dict[str, np.ndarray]) -> Record:
    """Predictions of both codes, with the inputs of each and with those of flavio."""
    used = {name: value for name, value in points.items() if entry.scalars or name not in SCALAR}
    wilson = Wilson(used)
    term = flavio_value("comparison", entry.theirs, entry.arguments, 1.0, 1.0, 1.0)
    ours = observable(entry.name)
    default = Inputs.default()
    inputs, record = aligned(entry, term.predict)
    found: Record = {"flavio": entry.theirs, "arguments": entry.arguments, **record}
    for label, given in (("default", default), ("aligned", inputs)):
        found[label] = (term.predict(wilson, given) * entry.factor).tolist()
        found[f"bsinv {label}"] = np.broadcast_to(ours(wilson, given), (wilson.size,)).tolist()
    return found


def table(title: str, found: dict[str, Record], cell: Callable[[Record], list[str]]) -> list[str]:
    """Rows of observables against points."""
    heads = [SM, *(str(i + 1) for i in range(POINTS))]
    rows = [f"| {title} | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, entry in found.items():
        rows.append(f"| {name} | " + " | ".join(cell(entry)) + " |")
    return rows


def percent(label: str) -> Callable[[Record], list[str]]:
    """Cells of the difference, bsinv over flavio minus one."""

    def cells(entry: Record) -> list[str]:
        theirs, ours = np.array(entry[label]), np.array(entry[f"bsinv {label}"])
        return [
            "0" if b == 0 == a else f"{round(100 * (b / a - 1), 2) + 0.0:+.2f}"
            for a, b in zip(theirs, ours, strict=True)
        ]

    return cells


def largest(entry: Record, label: str) -> float:
    theirs, ours = np.array(entry[label]), np.array(entry[f"bsinv {label}"])
    used = theirs != 0
    return float(np.abs(ours[used] / theirs[used] - 1).max())


def reasons(found: dict[str, Record], label: str, above: float, field_name: str) -> list[str]:
    """One line for each explanation, with the observables that it is for."""
    grouped: dict[str, list[str]] = {}
    for entry in COMPARISONS:
        if largest(found[entry.name], label) > above:
            grouped.setdefault(getattr(entry, field_name), []).append(entry.name)
    return [
        f"- {', '.join(names)}: {reason or 'NOT EXPLAINED'}." for reason, names in grouped.items()
    ]


def document(found: dict[str, Record]) -> str:
    """Text of the page."""
    return TEXT.format(
        version=flavio.__version__,
        points=POINTS,
        default="\n".join(table("default inputs", found, percent("default"))),
        why="\n".join(reasons(found, "default", 0.01, "why")),
        aligned="\n".join(table("inputs of flavio", found, percent("aligned"))),
        remainder="\n".join(reasons(found, "aligned", 0.003, "remainder")),
        values="\n".join(
            table("flavio", found, lambda entry: [f"{value:.4g}" for value in entry["default"]])
        ),
    )


TEXT = """\
# Other codes

Predictions of bsinv next to those of flavio {version} (arXiv:1810.08132) in the Standard Model and
at {points} random points of Wilson coefficients. Made by `tools/compare_codes.py`; flavio's numbers
are frozen in `tests/physics/flavio_points.json`, and the tests compare with them.

The coefficients are complex and all on at once: every entry of the flavour matrices, of the order
of 1 for electrons and muons, up to 25 for tau leptons and lepton-flavour violation, 6 for
neutrinos, 0.15 for b → c τ ν, 0.05 for dipoles (more than B → X_s γ allows), 6·10⁻¹² GeV⁻² for B_s
mixing; scalar operators of b → s ℓℓ 0.02 GeV⁻¹ for light leptons, 1 GeV⁻¹ for τ⁺τ⁻. Both codes get
the same physics: names and normalisations are converted as for a likelihood term of flavio
([analysis-file.md](../guide/analysis-file.md#observables-of-flavio)).

## With the inputs of each code

Per cent, bsinv/flavio − 1.

{default}

Where it is more than 1 %:

{why}

## With the inputs of flavio in both

Constants and form-factor coefficients of flavio put into bsinv, as listed for each observable in
the frozen file: what remains is physics and numerics. Per cent, bsinv/flavio − 1. (R_K, R_K* and
B → K τ τ are polynomials made with flavio: of them this checks no more than that.) Scalar operators
are off in B⁺ → K⁺ μ⁻ τ⁺: in B → M ℓℓ′, not in B_s → ℓℓ′, flavio has the other relative sign of C_9
and C_S; that here follows from the equations of motion and is tested against traces of Dirac
matrices.

{aligned}

Where it is more than 0.3 %:

{remainder}

## Predictions of flavio

At the same points, with coefficients normalised with the default inputs of bsinv; ΔM_s in ps⁻¹.

{values}
"""


def frozen(points: dict[str, np.ndarray], found: dict[str, Record]) -> Record:
    """What the tests read: coefficients, inputs and the predictions of flavio."""
    ours = ("bsinv default", "bsinv aligned")
    kept = {
        name: {key: value for key, value in entry.items() if key not in ours}
        for name, entry in found.items()
    }
    scalars = {entry.name: entry.scalars for entry in COMPARISONS}
    for name, entry in kept.items():
        entry["scalars"] = scalars[name]
        for label in ("default", "aligned"):
            entry[label] = [float(f"{value:.8g}") for value in entry[label]]
    return {
        "flavio": flavio.__version__,
        "made_by": "tools/compare_codes.py",
        "points": {
            name: {"re": value.real.tolist(), "im": value.imag.tolist()}
            for name, value in points.items()
        },
        "observables": kept,
    }


def main() -> None:
    known = {entry.name: entry for entry in COMPARISONS}
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=known, metavar="NAME", help="write nothing")
    asked = parser.parse_args().only
    points = draw_points()
    found = {name: compare(known[name], points) for name in asked or known}
    for name, entry in found.items():
        sizes = (100 * largest(entry, label) for label in ("default", "aligned"))
        print(f"{name:20s}" + "".join(f"{size:9.3f} %" for size in sizes))
    if asked:
        return
    page = ROOT / "docs" / "project" / "other-codes.md"
    # What stands below this heading is written by hand.
    by_hand = "".join(page.read_text("utf-8").partition("\n## Likelihoods in other codes")[1:])
    page.write_text(document(found).rstrip("\n") + "\n" + by_hand, encoding="utf-8")
    path = ROOT / "tests" / "physics" / "flavio_points.json"
    path.write_text(json.dumps(frozen(points, found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
