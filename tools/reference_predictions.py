"""Make the reference predictions: docs/standard-model.md and tests/published/*.json.

A change in these numbers needs a line in the changelog. Run without arguments from the root of
the repository, with the package installed.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from bsinv.data.form_factors import form_factor_sets
from bsinv.fitter.face import predict_with_error
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

ROOT = Path(__file__).resolve().parent.parent
OBSERVABLES = (
    "BR(B+->Knunu)",
    "BR(B0->Knunu)",
    "BR(B0->KSnunu)",
    "BR(B+->K*nunu)",
    "BR(B0->K*nunu)",
    "FL(B0->K*nunu)",
)
# Published by others with their own inputs: value and error.
PEERS = {
    "BR(B+->Knunu)": {"flavio": (4.71e-6, 0.25e-6), "EOS": (4.81e-6, 0.17e-6)},
    "BR(B0->K*nunu)": {"flavio": (9.8e-6, 1.0e-6), "EOS": (8.5e-6, 0.9e-6)},
    "FL(B0->K*nunu)": {"flavio": (0.488, 0.029), "EOS": (0.459, 0.024)},
}
DRAWS = 20000


def measured(value: float, error: float) -> str:
    exponent = int(np.floor(np.log10(abs(value)))) if abs(value) < 1e-2 else 0
    scale = 10.0**-exponent
    digits = max(0, 1 - int(np.floor(np.log10(error * scale))))
    body = f"{value * scale:.{digits}f} ± {error * scale:.{digits}f}"
    return f"({body})·10^{exponent}" if exponent else body


def by_form_factors() -> list[str]:
    """Rows of the table of form-factor sets, errors of the form factors alone."""
    rng = np.random.default_rng(1)
    rows = ["| form factors | reference | observable | prediction |", "|---|---|---|---|"]
    wanted = {
        "B->K": ("BR(B+->Knunu)",),
        "B->K*": ("BR(B0->K*nunu)", "FL(B0->K*nunu)"),
    }
    for name, entry in form_factor_sets().items():
        if entry.kind != "parameters" or entry.process not in wanted:
            continue
        inputs = Inputs.default({entry.process: name})
        drawn = rng.multivariate_normal(entry.central, entry.covariance, DRAWS, method="eigh")
        varied = inputs.replace(coefficients={entry.process: drawn})
        for target in wanted[entry.process]:
            function = observable(target).function
            central = float(function(Wilson(), inputs)[0])
            error = float(function(Wilson(), varied).std())
            reference = entry.reference.arxiv or "published coefficients"
            rows.append(f"| `{name}` | {reference} | `{target}` | {measured(central, error)} |")
    return rows


def main() -> None:
    predictions = {}
    rows = ["| observable | bsinv | flavio | EOS |", "|---|---|---|---|"]
    for name in OBSERVABLES:
        central, error = predict_with_error(name, samples=DRAWS)
        predictions[name] = {"central": float(central), "error": float(error)}
        peers = [PEERS.get(name, {}).get(code) for code in ("flavio", "EOS")]
        shown = [measured(*peer) if peer else "" for peer in peers]
        rows.append(
            f"| `{name}` | {measured(float(central), float(error))} | " + " | ".join(shown) + " |"
        )
    target = ROOT / "tests" / "published" / "reference_predictions.json"
    target.write_text(json.dumps(predictions, indent=1) + "\n")
    page = ROOT / "docs" / "standard-model.md"
    text = page.read_text()
    for marker, table in (("predictions", rows), ("form factors", by_form_factors())):
        start, end = f"<!-- {marker} -->", f"<!-- end {marker} -->"
        before, rest = text.split(start)
        text = before + start + "\n" + "\n".join(table) + "\n" + end + rest.split(end)[1]
    page.write_text(text)


if __name__ == "__main__":
    main()
