"""HistFactory likelihoods that an analysis names: terms, runs, shared nuisance parameters."""

import json
import shutil

import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.tables.observables import observable_table
from bsinv.errors import AnalysisError, StoreError
from bsinv.fitter.analysis import load
from bsinv.fitter.evidence import marginalised, refuse
from bsinv.fitter.runs.run import run, sample_only
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.likelihoods.reweighted.build import reweighted_term
from bsinv.likelihoods.reweighted.joint import joint_term
from numpy.testing import assert_allclose

from ..likelihoods.reweighted import toy_channel
from ..likelihoods.reweighted.test_redist import toy_file

BELLE2, KS = "belle2-2023-bknunu", "belle2-2027-ks"
ENTRY = """\
  - name: belle2-2027-ks
    reweighted:
      workspace: likelihood.json
      fix: {mu: 1}
      theory_modifiers: [ks_shape]
      signal:
        - channel: ks_sr
          sample: ks_signal
          observable: dBR/dq2(B0->KSnunu)
          density: number_density_hta.csv
      bins: {q2: [-1, {start: 0, stop: 22.0, bins: 22}]}
      cutoff: {q2: [0, 22.0]}
      null_spectrum: null.csv
"""
JOINT = f"""\
name: joint
model: wet
likelihoods:
  - {BELLE2}
{ENTRY}correlate:
  - {{{BELLE2}: mu_bkg_ccbar, {KS}: norm_ccbar}}
parameters:
  dC_L: {{prior: {{uniform: [-10, 10]}}, start: 0.5}}
  dC_R: {{prior: {{uniform: [-10, 10]}}}}
fit: {{retries: 0}}
sampler: {{max_steps: 8, walkers: 6, ensembles: 1}}
seed: 3
"""
FILES = ("likelihood.json", "null.csv", "number_density_hta.csv")


@pytest.fixture
def folder(tmp_path):
    """The toy channel as it is published."""
    (tmp_path / FILES[0]).write_text(json.dumps(toy_channel.workspace()), "utf-8")
    np.savetxt(tmp_path / FILES[1], toy_channel.null_spectrum(), fmt="%.17g")
    np.savetxt(tmp_path / FILES[2], toy_channel.density(), fmt="%.17g", delimiter=",")
    (tmp_path / "joint.yaml").write_text(JOINT, "utf-8")
    return tmp_path


def loaded(folder, text):
    (folder / "analysis.yaml").write_text(text, "utf-8")
    return load(folder / "analysis.yaml")


def test_joint_log_likelihood_is_that_of_the_terms(folder):
    one = load(folder / "joint.yaml")
    expected = joint_term(
        [Belle2Likelihood(), reweighted_term(KS, **toy_channel.arguments())],
        [{BELLE2: "mu_bkg_ccbar", KS: "norm_ccbar"}],
    )
    (term,) = one.terms
    alone = reweighted_term(KS, **toy_channel.arguments()).model.n_alpha
    assert term.model.n_alpha == Belle2Likelihood().model.n_alpha + alone - 1
    assert term.data_ids == (BELLE2, KS)
    assert any("no picture after the fit" in note for note in term.notes())
    theta = one.sample_prior(np.random.default_rng(4), 6)
    wilson, inputs = one.wilson(theta)
    assert_allclose(
        one.log_likelihood(theta),
        expected.log_likelihood(expected.predict(wilson, inputs)),
        rtol=0,
        atol=1e-9,
    )
    correlated = JOINT[JOINT.index("correlate:") : JOINT.index("parameters:")]
    apart = loaded(folder, JOINT.replace(correlated, ""))
    assert len(apart.terms) == 2
    assert (abs(apart.log_likelihood(theta) - one.log_likelihood(theta)) > 1e-4).any()


@pytest.mark.slow
def test_whole_run(folder):
    """With pictures, predictions and the summary."""
    outcome = run(folder / "joint.yaml", folder / "out")
    assert outcome.results.best_fit.valid
    assert read(folder / "out" / "run.h5").predictions
    assert KS in (folder / "out" / "summary.md").read_text("utf-8")


def test_run_is_resumed_without_the_files(folder, monkeypatch):
    out = folder / "out"
    results = sample_only(folder / "joint.yaml", out).results
    assert set(results.files) == set(FILES)
    rows = {one.term: one for one in results.best_fit.observables}
    assert list(rows) == [BELLE2, KS]
    assert (rows[BELLE2].own, rows[KS].own) == (False, True)
    assert rows[KS].prediction != rows[BELLE2].prediction
    assert f"{KS} (own)" in repr(observable_table(read(out / "run.h5").best_fit).rows)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(out / "run.h5", elsewhere)
    texts = {name: (folder / name).read_text() for name in FILES}
    for name in FILES:
        (folder / name).unlink()
    monkeypatch.chdir(elsewhere)
    more = sample_only(elsewhere / "run.h5", max_steps=10).results
    assert more.ensembles[0].steps == 10
    assert dict(more.files) == texts
    texts["likelihood.json"] = texts["likelihood.json"].replace("138.0", "139.0")
    for name, text in texts.items():
        (folder / name).write_text(text)
    with pytest.raises(StoreError, match=r"file likelihood.json: '\w+' in the file"):
        sample_only(folder / "joint.yaml", out)


def test_theory_modifiers_act_on_weighted_samples(folder):
    entry = ENTRY.replace("[ks_shape]", "[ks_shape, norm_ccbar]")
    tail = "parameters: {dC_L: {prior: {uniform: [-9, 9]}}}\n"
    with pytest.raises(AnalysisError, match="'norm_ccbar' of theory_modifiers acts on no weight"):
        loaded(folder, "name: x\nmodel: wet\nlikelihoods:\n" + entry + tail)


def test_theory_modifiers_are_left_out_where_form_factors_float(folder):
    floats = "form_factors: {B->K: {treatment: float}}\n"
    head = "name: x\nmodel: wet\nlikelihoods:\n"
    tail = "parameters: {dC_L: {prior: {uniform: [-9, 9]}}}\n"
    for entry, more, left_out in (
        (ENTRY, "", False),
        (ENTRY, floats, True),
        (ENTRY, floats.replace("B->K:", "B->K*:"), False),
        (ENTRY + "    form_factor_systematics: true\n", floats, False),
        (ENTRY + "    form_factor_systematics: false\n", "", True),
    ):
        (term,) = loaded(folder, head + entry + tail + more).terms
        assert term.signal.dropped == (frozenset({"ks_shape"}) if left_out else frozenset())
        assert ("ks_shape" in term.model.alpha_names) != left_out


def test_options(folder):
    text = "name: x\nmodel: wet\nlikelihoods:\n" + ENTRY + "    response: linear\n"
    (term,) = loaded(folder, text + "    template_errors: reweighted\n").terms
    assert (term.response, term.template_errors, term.nuisances) == (
        "linear",
        "reweighted",
        "profile",
    )


def test_a_number_against_pyhf(folder):
    """ln L at the profiled nuisance parameters is that of pyhf to 1e-9, and no lower is found."""
    pyhf = pytest.importorskip("pyhf")
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())  # other tests take another one
    content = toy_channel.workspace()
    for sample in content["channels"][0]["samples"]:
        sample["modifiers"] = [one for one in sample["modifiers"] if one["type"] != "staterror"]
    (folder / "plain.json").write_text(json.dumps(content))
    one = loaded(
        folder,
        "name: plain\nmodel: wet\nlikelihoods:\n  - name: plain\n"
        "    pyhf: {file: plain.json, parameter_map: {mu: RK(nunu)}}\n"
        "parameters: {dC_L: {prior: {uniform: [-9, 9]}}}\n",
    )
    peer = pyhf.Workspace(content).model()
    data = pyhf.Workspace(content).data(peer)
    (term,) = one.terms
    for value in (-3.0, 0.0, 4.0):
        theta = one.point({"dC_L": value})
        prediction = one.problem.predictions(theta)["plain"]
        alpha = term.profiler.minimise(term.weights(prediction)).alpha[0]
        named = dict(zip(term.model.alpha_names, alpha, strict=True))
        named["mu"] = one.observable("RK(nunu)", theta)[0]
        parameters = [named[name] for name in peer.config.par_order]
        ours = one.log_likelihood(theta)[0]
        assert ours == pytest.approx(float(peer.logpdf(parameters, data)[0]), rel=1e-9)
        fixed = [name == "mu" for name in peer.config.par_order]
        bounds = [(-5.0, 20.0)] * len(parameters)
        _, best = pyhf.infer.mle.fit(data, peer, parameters, bounds, fixed, return_fitted_val=True)
        assert ours == pytest.approx(-0.5 * float(best), abs=1e-6)


def test_a_file_of_redist(folder):
    for version in (1, 2):
        (folder / "model.json").write_text(json.dumps(toy_file(version)))
        one = loaded(
            folder,
            "name: x\nmodel: wet\nlikelihoods:\n  - name: from-redist\n    redist:\n"
            "      file: model.json\n      observable: dBR/dq2(B0->KSnunu)\n"
            "      null_spectrum: null.csv\n      cutoff: {q2: [0, 22.0]}\n      fix: {mu: 1}\n"
            "parameters: {dC_L: {prior: {uniform: [-9, 9]}}}\n",
        )
        expected = reweighted_term("toy", **toy_channel.arguments())
        theta = one.sample_prior(np.random.default_rng(2), 4)
        wilson, inputs = one.wilson(theta)
        assert_allclose(
            one.log_likelihood(theta),
            expected.log_likelihood(expected.predict(wilson, inputs)),
            rtol=0,
            atol=1e-9,
        )
        assert "bend, slope" in one.terms[0].notes()[0]


def test_broken_files_of_redist_are_one_sentence(folder):
    text = (
        "name: x\nmodel: wet\nlikelihoods:\n  - name: mine\n    redist: {file: model.json, "
        "observable: dBR/dq2(B0->KSnunu), null_spectrum: null.csv}\n"
    )
    for key, value in (("spec", []), ("map", 3), ("bins", {}), ("name", 4), ("new_pars", [])):
        (folder / "model.json").write_text(json.dumps(toy_file(2) | {key: value}))
        with pytest.raises(AnalysisError, match=r"analysis.yaml:5: likelihoods\[0\].redist: mine"):
            loaded(folder, text)


def test_large_files_are_refused(folder):
    (folder / "likelihood.json").write_text(" " * 10_000_001)
    with pytest.raises(AnalysisError, match=r"likelihood.json: larger than 10 MB\."):
        load(folder / "joint.yaml")


def test_a_workspace_of_some_megabytes_is_read_and_resumed(folder):
    file = folder / "likelihood.json"
    file.write_text(file.read_text() + " " * 4_000_000)
    text = "name: large\nmodel: wet\nlikelihoods:\n" + ENTRY + JOINT.partition("ccbar}\n")[2]
    (folder / "large.yaml").write_text(text)
    sample_only(folder / "large.yaml", folder / "out")
    stored = read(folder / "out" / "run.h5")
    assert len(stored.files["likelihood.json"]) > 4_000_000
    assert sample_only(folder / "out" / "run.h5", max_steps=9).results.ensembles[0].steps == 9


def test_an_evidence_marginalises_workspaces_of_ones_own_too(folder):
    with pytest.raises(AnalysisError, match="nuisances 'laplace' need priors, and free_bb have"):
        marginalised(load(folder / "joint.yaml"))
    assert "fix: {mu: 1}" in JOINT
    analysis = loaded(folder, JOINT.replace("fix: {mu: 1}", "fix: {mu: 1, free_bb: 1}"))
    made, changed = marginalised(analysis)
    assert changed == (BELLE2, KS)
    assert [term.nuisances for term in made.terms] == ["laplace"]
    assert made.files == analysis.files
    assert refuse(made.terms, made.problem.table.priors) is None
