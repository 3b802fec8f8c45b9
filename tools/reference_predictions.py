"""Make the reference predictions: docs/physics/standard-model.md and tests/published/*.json.

    python tools/reference_predictions.py [--check]

With --check nothing is written: the numbers are made again, and one that differs from the committed
one by more than 1e-12 of it is an error. A change needs a line in the changelog. Run from the root
of the repository, with the package installed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from bsinv.data.form_factors import form_factor_sets
from bsinv.errors import PredictionError
from bsinv.fitter.predict import predict, predict_with_error
from bsinv.fitter.varied import drawn_coefficients
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable, observables
from bsinv.physics.wilson import Wilson

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "tests" / "published" / "reference_predictions.json"
PAGE = ROOT / "docs" / "physics" / "standard-model.md"
TOLERANCE = 1e-12
# On the page; the file holds every observable that the Standard Model does not predict to vanish.
OBSERVABLES = (
    "BR(B+->Knunu)",
    "BR(B0->Knunu)",
    "BR(B0->KSnunu)",
    "BR(B+->K*nunu)",
    "BR(B0->K*nunu)",
    "<FL>(B0->K*nunu)",
    "BR(Lambdab->Lambdanunu)",
    "<FL>(Lambdab->Lambdanunu)",
    "BR(B0->X_snunu)",
    "BR(B+->X_snunu)",
    "BR(B->X_snunu)[M_Xs<0.6 GeV]",
    "BR(B->X_snunu)[0.6<M_Xs<1.0 GeV]",
    "BR(B->X_snunu)[M_Xs>1.0 GeV]",
    "BR(Bs->etanunu)",
    "BR(Bs->etaprimenunu)",
    "BR(B+->pinunu)",
    "BR(B0->pinunu)",
    "BR(B+->rhonunu)",
    "BR(B0->rhonunu)",
    "BR(B0->omeganunu)",
    "BR(Bs->K*0nunu)",
    "BR_LD(B+->pinunu)",
    "BR_LD(B+->rhonunu)",
    "BR(K+->pi+inv)",
    "BR(KL->pi0inv)",
)
# Published by others with their own inputs: value and error.
PEERS = {
    "BR(B+->Knunu)": {"flavio": (4.71e-6, 0.25e-6), "EOS": (4.81e-6, 0.17e-6)},
    "BR(B0->K*nunu)": {"flavio": (9.8e-6, 1.0e-6), "EOS": (8.5e-6, 0.9e-6)},
    "<FL>(B0->K*nunu)": {"flavio": (0.488, 0.029), "EOS": (0.459, 0.024)},
    # flavio 2.7.1, sm_prediction and sm_uncertainty.
    "BR(B+->pinunu)": {"flavio": (1.40e-7, 0.19e-7)},
    "BR(B0->pinunu)": {"flavio": (6.52e-8, 0.67e-8)},
    "BR(B+->rhonunu)": {"flavio": (4.06e-7, 0.75e-7)},
    "BR(B0->rhonunu)": {"flavio": (1.88e-7, 0.41e-7)},
}
DRAWS = 20000
SEED = 1


def measured(value: float, error: float) -> str:
    exponent = int(np.floor(np.log10(abs(value)))) if abs(value) < 1e-2 else 0
    scale = 10.0**-exponent
    digits = max(0, 1 - int(np.floor(np.log10(error * scale))))
    body = f"{value * scale:.{digits}f} ± {error * scale:.{digits}f}"
    return f"({body})·10^{exponent}" if exponent else body


def by_form_factors() -> list[str]:
    """Rows of the table of form-factor sets, errors of the form factors alone."""
    rows = ["| form factors | reference | observable | prediction |", "|---|---|---|---|"]
    wanted = {
        "B->K": ("BR(B+->Knunu)",),
        "B->K*": ("BR(B0->K*nunu)", "<FL>(B0->K*nunu)"),
    }
    for name, entry in form_factor_sets().items():
        if entry.kind != "parameters" or entry.process not in wanted:
            continue
        inputs = Inputs.default({entry.process: name})
        drawn = drawn_coefficients(entry, DRAWS, SEED)
        varied = inputs.replace(coefficients={entry.process: drawn})
        for target in wanted[entry.process]:
            function = observable(target).function
            central = float(function(Wilson(), inputs)[0])
            error = float(function(Wilson(), varied).std())
            reference = entry.reference.arxiv or "published coefficients"
            rows.append(f"| `{name}` | {reference} | `{target}` | {measured(central, error)} |")
    return rows


def predictions() -> dict[str, dict[str, float]]:
    """Value and error of every observable that does not vanish in the Standard Model."""
    found = {}
    for name, record in observables().items():
        if record.kinematics or not _predicted(name):
            continue
        central, error = predict_with_error(name, samples=DRAWS, seed=SEED)
        found[name] = {"central": float(central), "error": float(error)}
    return found


def _predicted(name: str) -> bool:
    try:
        return predict(name) != 0.0
    except PredictionError:  # of dark matter, which the Standard Model does not have
        return False


def by_observable(found: dict[str, dict[str, float]]) -> list[str]:
    """Rows of the table of predictions."""
    rows = ["| observable | bsinv | flavio | EOS |", "|---|---|---|---|"]
    for name in OBSERVABLES:
        peers = [PEERS.get(name, {}).get(code) for code in ("flavio", "EOS")]
        shown = [measured(*peer) if peer else "" for peer in peers]
        own = measured(found[name]["central"], found[name]["error"])
        rows.append(f"| `{name}` | {own} | " + " | ".join(shown) + " |")
    return rows


def page(found: dict[str, dict[str, float]]) -> str:
    """Text of the page with its tables made again."""
    text = PAGE.read_text(encoding="utf-8")
    for marker, table in (
        ("predictions", by_observable(found)),
        ("form factors", by_form_factors()),
    ):
        start, end = f"<!-- {marker} -->", f"<!-- end {marker} -->"
        before, rest = text.split(start)
        text = before + start + "\n" + "\n".join(table) + "\n" + end + rest.split(end)[1]
    return text


def differences(found: dict[str, dict[str, float]]) -> list[str]:
    """What differs from the committed file, one line each."""
    committed = json.loads(FILE.read_text(encoding="utf-8"))
    lines = [f"{name}: in one of the two only" for name in sorted({*committed} ^ {*found})]
    for name in sorted({*committed} & {*found}):
        for key, value in found[name].items():
            old = committed[name][key]
            if not abs(value - old) <= TOLERANCE * abs(old):
                lines.append(f"{name}: {key} is {value!r}, committed {old!r}")
    return lines


def main() -> None:
    found = predictions()
    if sys.argv[1:] == ["--check"]:
        lines = differences(found)
        if page(found) != PAGE.read_text(encoding="utf-8"):
            lines.append(f"{PAGE.relative_to(ROOT)}: a table differs")
        if lines:
            sys.exit("\n".join([*lines, "Run tools/reference_predictions.py, tell the changelog."]))
        return
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
