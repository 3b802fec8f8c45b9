"""examples/quickstart.ipynb runs as it is committed, and finds what it should."""

import json
from pathlib import Path

import bsinv
import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"
ASKED = """
import json
print(json.dumps({
    "rate": standard, "kstar": list(kstar), "best": [best["dC_L"], best["dC_R"]],
    "sigma": best.reference_sigma, "lowest": float(height.min()), "C_tau": my_best["C_tau"],
    "mean": float(ensembles[0].chain.mean()), "deviation": float(ensembles[0].chain.std()),
    "toys": [toys.done, int(toys.failed.sum())], "limits": limits.upper[:, 0].tolist(),
    "masses": masses.tolist(), "files": sorted(path.name for path in folder.iterdir()),
    "figures": [len(axes.lines), [line.get_label() for line in axes.lines]],
}))
"""


@pytest.fixture(scope="module")
def executed():
    nbformat = pytest.importorskip("nbformat")
    client = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("pandas")
    notebook = nbformat.read(NOTEBOOK, 4)
    notebook.cells.append(nbformat.v4.new_code_cell(ASKED))
    client.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return notebook


@pytest.fixture(scope="module")
def found(executed):
    return json.loads(executed.cells[-1].outputs[-1]["text"])


def test_it_is_committed_without_results():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) > 8
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


def test_predictions(found):
    assert found["rate"] == bsinv.predict("BR(B+->Knunu)")
    assert found["rate"] == pytest.approx(4.75e-6, rel=1e-3)  # README
    assert found["kstar"] == list(bsinv.predict("BR(B0->K*nunu)", dC_R=[-4.0, 0.0, 4.0]))


def test_fits(found):
    # of `bsinv fit b2snunu-lfu`
    assert found["best"] == pytest.approx([0.412, -4.575], abs=0.01)
    assert found["sigma"] == pytest.approx(2.093, abs=0.005)
    assert -1e-3 < found["lowest"] < 0.1
    # The rate goes with 2 C^2 + (C + C_tau)^2, C = -6.3: 1.8 times that of the Standard Model here,
    # and at the mirror of this point about 6.3.
    assert -6.0 < found["C_tau"] < -3.0


def test_samples_and_toys(found):
    assert -8.0 < found["mean"] < 14.0
    assert 1.0 < found["deviation"] < 15.0
    assert found["toys"] == [50, 0]


def test_limits(found):
    at = dict(zip(found["masses"], found["limits"], strict=True))
    assert at[1.0] == pytest.approx(2.771, rel=1e-3)  # asymptotic CLs, of `bsinv limit`
    assert at[3.0] == pytest.approx(5.410, rel=1e-3)
    assert found["files"] == [
        *("limits.csv", "limits.yaml", "posterior.yaml", "posterior_C_tau.yaml"),
        *("quickstart.h5", "submission.yaml"),
    ]
    assert found["figures"][1][-1] == "observed"


def test_records_show_themselves_as_tables(executed):
    shown = [
        output["data"]["text/html"]
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]
    assert sum("<table>" in text or "<table " in text for text in shown) >= 4
    assert any("free parameter" in text for text in shown)
    errors = [o for c in executed.cells for o in c.get("outputs", []) if o.output_type == "error"]
    assert not errors
