"""Workspaces on the command line: validate, show, pack."""

import json

import numpy as np
import pytest
from bsinv.fitter.analysis import load
from numpy.testing import assert_allclose

from ..likelihoods.reweighted import toy_channel
from ..likelihoods.reweighted.test_redist import toy_file

BELLE2 = "belle2-2023-bknunu"
ANALYSIS = """\
name: ks
model: wet
likelihoods:
  - name: ks
    reweighted:
      workspace: likelihood.json
      fix: {mu: 1}
      signal: [{channel: ks_sr, sample: ks_signal, observable: dBR/dq2(B0->KSnunu), density: d.csv}]
      bins: {q2: [-1, {start: 0, stop: 22.0, bins: 22}]}
      cutoff: {q2: [0, 22.0]}
      null_spectrum: null.csv
parameters:
  dC_L: {prior: {uniform: [-10, 10]}, start: 0.5}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "likelihood.json").write_text(json.dumps(toy_channel.workspace()), "utf-8")
    np.savetxt(tmp_path / "null.csv", toy_channel.null_spectrum(), fmt="%.17g")
    np.savetxt(tmp_path / "d.csv", toy_channel.density(), fmt="%.17g", delimiter=",")
    (tmp_path / "ks.yaml").write_text(ANALYSIS, "utf-8")
    (tmp_path / "saved.json").write_text(json.dumps(toy_file(2)), "utf-8")
    return tmp_path


def test_validate_good_ones(bsinv, folder):
    code, out, err = bsinv("validate", "likelihood.json", "saved.json", "ks.yaml")
    assert (code, err) == (0, "")
    what = "valid: a workspace of 1 channels, 3 bins, 3 samples, parameter of interest"
    assert out.splitlines()[:2] == [f"likelihood.json: {what} mu", f"saved.json: {what} none"]
    assert "ks.yaml: valid: ks, model wet, 1 likelihood terms" in out


def test_validate_says_one_sentence_for_each_fault(bsinv, folder):
    content = toy_channel.workspace()
    content["channels"][0]["samples"][1]["data"][0] = -40.0
    content["channels"][0]["samples"][2]["data"] = [60.0, 70.0]
    (folder / "broken.json").write_text(json.dumps(content), "utf-8")
    code, out, err = bsinv("validate", "broken.json")
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert all(line.startswith("bsinv: error: broken.json: ") for line in lines)
    told = "\n".join(lines)
    assert len(lines) == 2
    assert "-40" in told
    assert "'ks_bb'" in told
    del content["observations"]
    without = ("without.json", json.dumps(content))
    for name, text in (
        without,
        ("cut.json", '{"channels": ['),
        ("list.json", "[]"),
        ("gone.json", None),
    ):
        if text is not None:
            (folder / name).write_text(text, "utf-8")
        code, out, err = bsinv("validate", name)
        assert (code, out) == (2, "")
        assert err.startswith(f"bsinv: error: {name}: ")
        assert len(err.splitlines()) == 1


def test_an_analysis_may_be_json(bsinv, folder):
    analysis = {
        "name": "a",
        "model": "wet",
        "likelihoods": ["belle_2013_k0nunu"],
        "parameters": {"dC_L": {"prior": {"uniform": [-5, 5]}}},
    }
    (folder / "a.json").write_text(json.dumps(analysis), "utf-8")
    code, out, _ = bsinv("validate", "a.json")
    assert code == 0
    assert "a.json: valid: a, model wet" in out


def test_show(bsinv, folder):
    code, out, err = bsinv("show", "likelihood.json")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "channel ks_sr: 3 bins, 349 observed: 138 131 80",
        "  sample ks_signal: 43.7238 expected; normfactor mu; histosys ks_shape; normsys ks_eff; "
        "staterror ks_stat_signal",
        "  sample ks_ccbar: 88 expected; normsys norm_ccbar; staterror ks_stat",
        "  sample ks_bb: 185 expected; normfactor free_bb; staterror ks_stat",
        "modifiers: 1 histosys, 2 normsys, 2 normfactor, 2 staterror",
        "parameter of interest: mu",
    ]
    code, out, _ = bsinv("show", "likelihood.json", "--json")
    record = json.loads(out)
    assert record["channels"][0]["observed"] == [138.0, 131.0, 80.0]
    assert record["channels"][0]["samples"][1]["modifiers"][0] == {
        "name": "norm_ccbar",
        "type": "normsys",
    }
    (folder / "bad.json").write_text("{}", "utf-8")
    assert bsinv("show", "bad.json")[0] == 2
    assert bsinv("show", "gone.json")[0] == 2


def test_pack_an_entry(bsinv, folder):
    code, out, _ = bsinv("pack", "packed", "ks.yaml")
    assert code == 0
    assert [line.partition("/")[2] for line in out.splitlines()] == [
        "README.md",
        "bins.json",
        "likelihood.json",
        "likelihoods.yaml",
        "null_spectrum_1.csv",
        "number_density_ks_sr_ks_signal.csv",
    ]
    again = folder / "packed" / "again.yaml"
    entry = (folder / "packed" / "likelihoods.yaml").read_text("utf-8")
    head = "name: again\nmodel: wet\nparameters: {dC_L: {prior: {uniform: [-10, 10]}}}\n"
    again.write_text(head + entry, "utf-8")
    theta = np.linspace(-9.0, 9.0, 5)[:, None]
    assert_allclose(
        load(again).log_likelihood(theta), load(folder / "ks.yaml").log_likelihood(theta), atol=1e-7
    )
    code, _, err = bsinv("pack", "packed", "ks.yaml")
    assert (code, err) == (2, "bsinv: error: ks: packed is there already and not empty\n")
    code, _, err = bsinv("pack", "other", "ks.yaml", "--name", "kz")
    assert (code, err) == (
        2,
        "bsinv: error: unknown likelihood with reweighted 'kz' in ks; known: ks.\n",
    )
    assert not (folder / "other").exists()


def test_pack_the_published_one(bsinv, folder):
    """Read back it is the published likelihood, at the masses that its simulation had."""
    code, _, _ = bsinv("pack", "belle2")
    assert code == 0
    entry = (folder / "belle2" / "likelihoods.yaml").read_text("utf-8")
    head = "name: again\nmodel: signal-strength\n"
    tail = "parameters: {mu: {prior: {uniform: [0, 20]}}}\n"
    (folder / "belle2" / "a.yaml").write_text(head + tail + entry, "utf-8")
    theta = np.array([[0.0], [1.0], [5.0], [12.0]])
    published = load({"name": "p", "model": "signal-strength", "likelihoods": [BELLE2],
                      "parameters": {"mu": {"prior": {"uniform": [0, 20]}}}})  # fmt: skip
    assert_allclose(
        load(folder / "belle2" / "a.yaml").log_likelihood(theta),
        published.log_likelihood(theta),
        rtol=0,
        atol=1e-7,
    )
    code, _, err = bsinv("pack", "third", "--name", "ks")
    assert (code, err) == (
        2,
        "bsinv: error: --name ks: without an analysis belle2-2023-bknunu is packed\n",
    )
