"""Make tests/models/heavy/slepton_points.json: the loops of sleptons from wilson and flavio.

    python tools/slepton_points.py
    python tools/slepton_points.py --check 1    # compare the first point of each kind

Coefficients: random complex couplings lambda', C_qd1 = -S/6 and C_qd8 = -S of all flavours at the
mass of the sleptons, run with wilson 2.5.2 (arXiv:1804.05033). The entries that mix mesons at tree
level are left out for mixing. Observables: couplings lambda'_332, lambda'_333 at 2 TeV with all
tree-level operators of sleptons and squarks and the box of the doublet, flavio 2.7.1
(arXiv:1810.08132), over the Standard Model. Needs `pip install wilson flavio`.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import flavio
import numpy as np
from ckmutil.ckm import ckm_tree
from wilson import Wilson
from wilson.parameters import p as parameters
from wilson.wcxf import Basis

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "models" / "heavy" / "slepton_points.json"
M_Z = 91.1876
PAIRS = {"bs": (1, 2), "bd": (0, 2), "sd": (0, 1)}
LOW = {
    "dC_L": "CL_bsnumunumu",
    "dC_R": "CR_bsnumunumu",
    "dC_9": "C9_bsmumu",
    "dC_10": "C10_bsmumu",
    "C_9p": "C9p_bsmumu",
    "C_10p": "C10p_bsmumu",
}
OBSERVABLES = ("DeltaM_s", "BR(Bs->mumu)", "BR(B0->K*nunu)")
# Of the sleptons in TeV, where the coefficients are made.
MASSES = (1.0, 2.0, 7.0, 20.0, 50.0)
# lambda'_332, lambda'_333 and the mass in TeV.
COUPLINGS = (
    (0.2, 0.2, 2.0),
    (0.45, 0.45, 2.0),
    (0.45, -0.45, 2.0),
    (0.1, 0.45, 2.0),
    (0.2, 0.3j, 2.0),
    (0.1, 0.1, 1.0),
    (0.5, 0.4 - 0.2j, 5.0),
    (1.5, 1.5, 20.0),
)


def quark_operators(exchange: np.ndarray, tree: bool) -> dict[str, complex]:
    """C_qd1 and C_qd8 in the Warsaw basis of S_mjkn."""
    known = {name for sector in Basis["SMEFT", "Warsaw"].sectors.values() for name in sector}
    found = {}
    for m, j, k, n in product(range(3), repeat=4):
        if not tree and (m, j) == (k, n) and m != j:
            continue
        place = f"{m + 1}{j + 1}{k + 1}{n + 1}"
        if f"qd1_{place}" in known:
            found[f"qd1_{place}"] = -exchange[m, j, k, n] / 6.0
            found[f"qd8_{place}"] = -exchange[m, j, k, n]
    return found


def coefficients(mass: float, seed: int) -> dict[str, object]:
    """One point: couplings [i][j][k] as [Re, Im] and what comes of them."""
    rng = np.random.default_rng(seed)
    couplings = 0.2 * (rng.normal(size=(3, 3, 3)) + 1j * rng.normal(size=(3, 3, 3)))
    exchange = np.einsum("ijk,imn->mjkn", couplings, couplings.conj()) / (1e3 * mass) ** 2
    # Small, so that nothing quadratic counts.
    small = 1e-4
    found = {}
    start = {key: small * value for key, value in quark_operators(exchange, False).items()}
    run = Wilson(start, scale=1e3 * mass, eft="SMEFT", basis="Warsaw")
    jms = run.match_run(M_Z, "WET", "JMS", sectors="all").dict
    for pair, (p, r) in PAIRS.items():
        place = f"{p + 1}{r + 1}{p + 1}{r + 1}"
        one, eight = (jms[f"V{kind}ddLR_{place}"] / small for kind in "18")
        found[f"VLR_{pair}"] = -(one - eight / 6.0)
        found[f"SLR_{pair}"] = eight
    start = {key: small * value for key, value in quark_operators(exchange, True).items()}
    run = Wilson(start, scale=1e3 * mass, eft="SMEFT", basis="Warsaw")
    low = run.match_run(4.8, "WET", "flavio", sectors="all").dict
    found |= {name: low[key] / small for name, key in LOW.items()}
    return {
        "m_snu": mass,
        "couplings": parts(couplings),
        "outputs": {name: parts(np.asarray(value)) for name, value in found.items()},
    }


def observables(second: complex, third: complex, mass: float) -> dict[str, object]:
    """Ratios to the Standard Model for lambda'_332, lambda'_333."""
    given = {1: second, 2: third}
    total: dict[str, complex] = {}
    scale = (1e3 * mass) ** 2
    for k, n in ((1, 1), (1, 2), (2, 2)):
        value, place = given[k] * np.conj(given[n]) / scale, f"33{k + 1}{n + 1}"
        total |= {f"qd1_{place}": -value / 6.0, f"qd8_{place}": -value, f"ld_{place}": -value / 2.0}
    squares = (abs(second) ** 2 + abs(third) ** 2) / scale
    total |= {"lq1_3333": squares / 4.0, "lq3_3333": -squares / 4.0}
    total["dd_2323"] = -2.0 * (second * np.conj(third)) ** 2 / (128.0 * np.pi**2 * scale)
    point = Wilson(total, scale=1e3 * mass, eft="SMEFT", basis="Warsaw")
    ratios = {
        name: flavio.np_prediction(name, point) / flavio.sm_prediction(name) for name in OBSERVABLES
    }
    couplings = {
        f"{prefix}lambdap_33{number}": part
        for number, value in ((2, complex(second)), (3, complex(third)))
        for prefix, part in (("", value.real), ("Im_", value.imag))
    }
    return {"couplings": couplings, "mass": mass, "outputs": ratios}


def parts(values: np.ndarray) -> list[Any]:
    """Nested lists with [Re, Im] at the bottom."""
    nested: list[Any] = np.stack([values.real, values.imag], axis=-1).tolist()
    return nested


def constants() -> dict[str, float]:
    """Constants of wilson by their names here."""
    matrix = ckm_tree(*(parameters[key] for key in ("Vus", "Vub", "Vcb", "gamma")))
    apex = -matrix[0, 0] * matrix[0, 2].conj() / (matrix[1, 0] * matrix[1, 2].conj())
    s12 = abs(matrix[0, 1]) / np.sqrt(1.0 - abs(matrix[0, 2]) ** 2)
    s23 = abs(matrix[1, 2]) / np.sqrt(1.0 - abs(matrix[0, 2]) ** 2)
    return {
        "CKM_lambda": float(s12),
        "CKM_A": float(s23 / s12**2),
        "CKM_rhobar": float(apex.real),
        "CKM_etabar": float(apex.imag),
        "VtbVts": float(abs(matrix[2, 2] * matrix[2, 1])),
        "G_F": parameters["GF"],
        "alpha_inv": 1.0 / 0.00781549,
    }


def made(count: int) -> dict[str, Any]:
    """What the file holds, of the first `count` points of each kind."""
    return {
        "source": "tools/slepton_points.py: wilson 2.5.2, flavio 2.7.1",
        "constants": constants(),
        "coefficients": [coefficients(mass, seed) for seed, mass in enumerate(MASSES[:count])],
        "observables": [observables(*pair) for pair in COUPLINGS[:count]],
    }


def numbers(value: object) -> list[float]:
    """All numbers of nested lists and mappings, in their order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in numbers(one)]
    return [float(value)] if isinstance(value, int | float) else []


def check(count: int) -> None:
    """Exit with 1 if the first points are no longer those of the file, to 1e-6 of their kind."""
    committed = json.loads(TARGET.read_text(encoding="utf-8"))
    new = json.loads(json.dumps(made(count)))
    for kind in ("coefficients", "observables"):
        old = committed[kind][:count]
        if not np.allclose(numbers(new[kind]), numbers(old), rtol=1e-6, atol=1e-9):
            sys.exit(f"stale: {kind} of {TARGET.name}; run tools/slepton_points.py")
    print(f"{count} points of each kind as in {TARGET.name}")


def main() -> None:
    """Write the file, or check a part of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", type=int, metavar="N", help="compare the first N points")
    given = parser.parse_args()
    if given.check is not None:
        check(given.check)
        return
    text = json.dumps(made(len(COUPLINGS)), indent=1) + "\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main()
