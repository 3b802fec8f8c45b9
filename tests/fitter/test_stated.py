"""Measurements of one's own in an analysis and in Python; the files that an analysis names."""

import shutil

import bsinv
import numpy as np
import pytest
from bsinv.chains.files.store import read
from bsinv.chains.tables.observables import observable_table
from bsinv.cli.plain_records import results_record
from bsinv.errors import (
    AnalysisError,
    BsinvError,
    DataError,
    ParameterError,
    StoreError,
    UnknownNameError,
)
from bsinv.fitter.analysis import load
from bsinv.fitter.reports.notes import own_notes
from bsinv.fitter.runs.run import sample_only
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.wilson import Wilson
from numpy.testing import assert_allclose
from scipy.stats import norm

WHOLE = """\
name: own
model: wet
likelihoods:
  - b2snunu
  - name: belle2-2027-kst                # value; error: number or {plus, minus}
    observable: BR(B0->K*nunu)
    value: 1.3e-5
    error: 0.5e-5
  - name: my-limit
    observable: {name: BR(B+->Knunu), q2min: 1, q2max: 6}
    limit: 2.0e-5
    cl: 0.9
  - name: my-pair
    observables: [BR(B+->Knunu), BR(B0->K*nunu)]
    values: [2.0e-5, 1.2e-5]
    errors: [0.5e-5, 0.4e-5]
    correlation: [[1, 0.3], [0.3, 1]]
  - file: my-measurements.yaml
exclude: [belle_2017_kst0nunu]            # leave members of groups out
cuts: ["dC_L + dC_R > -1"]                # points outside have no probability
parameters:
  dC_L: {prior: {uniform: [-20, 20]}, start: 0.5}
  dC_R: {prior: {uniform: [-20, 20]}}
fit: {retries: 0}
sampler: {max_steps: 12, walkers: 6, ensembles: 1}
seed: 3
"""
FILE = """\
entries:
- id: my_kp
  observable: BR(B+->K+nunu)
  experiment: Belle
  year: 2017
  kind: asymmetric
  unit: "1"
  value: 2.1e-5
  stat: 5.0e-6
  syst: {plus: 5.0e-6, minus: 4.0e-6}
- {id: my_k0, observable: BR(B0->K0nunu), kind: upper_limit, unit: "1", limit: 1.5e-5, cl: 0.9}
"""
OWN = ["belle2-2027-kst", "my-limit", "my-pair", "my_kp", "my_k0"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own.yaml").write_text(WHOLE, encoding="utf-8")
    (tmp_path / "my-measurements.yaml").write_text(FILE, encoding="utf-8")
    return tmp_path


def test_the_whole_of_it(folder, monkeypatch):
    """Fitted, sampled, stored, resumed from another folder; refused where a file has changed."""
    source, out = folder / "own.yaml", folder / "out"
    results = sample_only(source, out).results
    records = {one.term: one for one in results.best_fit.observables}
    assert [name for name in records if records[name].own] == OWN
    assert "belle_2017_kst0nunu" not in records
    assert "belle_2017_kstpnunu" in records
    assert any(note.startswith("my_kp and belle_2017_kpnunu_value are") for note in results.notes)
    assert any(note.startswith("Cuts ('dC_L + dC_R > -1') leave 0.52") for note in results.notes)
    assert results.prior_fraction == pytest.approx(1.0 - 39.0**2 / 3200.0, abs=0.006)
    assert 0.0 < results.prior_fraction_error < 0.003
    chain = np.concatenate([one.chain.reshape(-1, 2) for one in results.ensembles])
    assert (chain.sum(axis=1) > -1.0).all()
    stored = read(out / "run.h5")
    assert dict(stored.files) == {"my-measurements.yaml": FILE}
    assert stored.prior_fraction == results.prior_fraction
    record = results_record(stored, None)
    assert record["files"] == {"my-measurements.yaml": FILE}
    assert record["prior_fraction"] == results.prior_fraction
    assert any("my_kp (own)" in repr(row) for row in observable_table(stored.best_fit).rows)

    # What the results hold is enough to go on, wherever they are.
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(out / "run.h5", elsewhere)
    (folder / "my-measurements.yaml").rename(folder / "gone.yaml")
    monkeypatch.chdir(elsewhere)
    more = sample_only(elsewhere / "run.h5", max_steps=14).results
    assert more.ensembles[0].steps == 14
    assert dict(more.files) == {"my-measurements.yaml": FILE}

    (folder / "my-measurements.yaml").write_text(FILE.replace("2.1e-5", "2.2e-5"))
    with pytest.raises(
        StoreError, match=r"file my-measurements.yaml: '\w+' in the file, '\w+' now"
    ):
        sample_only(source, out)


def test_terms_and_notes(folder):
    one = load(folder / "own.yaml")
    own = {term.name: term for term in one.terms if term.own}
    assert list(own) == OWN
    sigma = 2e-5 / norm.ppf(0.95)
    x = np.array([1e-5])
    assert_allclose(own["my-limit"].log_likelihood(x), -0.5 * (x / sigma) ** 2)
    notes = own_notes(one.problem)
    assert [note.partition(":")[0] for note in notes[:5]] == OWN


def test_a_mapping_reads_files_of_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder)
    source = {"name": "m", "model": "wet", "likelihoods": [{"file": "my-measurements.yaml"}]}
    assert [term.name for term in load(source).terms] == ["my_kp", "my_k0"]
    absolute = {**source, "likelihoods": [{"file": str(folder / "my-measurements.yaml")}]}
    assert [term.name for term in load(absolute).terms] == ["my_kp", "my_k0"]


@pytest.mark.parametrize("content", ["", "# nothing yet\n\n"])
def test_an_empty_file_of_measurements(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(content, "utf-8")
    source = {"name": "m", "model": "wet", "likelihoods": [{"file": "mine.yaml"}]}
    with pytest.raises(AnalysisError, match=r"mine\.yaml: empty: a list of entries is needed"):
        load(source)


def test_a_curve_in_a_file_and_the_mass_of_the_model(tmp_path):
    (tmp_path / "c.csv").write_text("m_X [GeV], limit [1]\n0, 1e-5\n2, 1e-5\n", "utf-8")
    source = """\
name: light
model: two-body-br
likelihoods:
  - {name: curve, observable: BR(B+->Knunu), cl: 0.9, curve: c.csv, mass: m_X}
parameters:
  m_X: {prior: {uniform: [0.0, 4.7]}, start: 1.0}
  BR_K: {prior: {uniform: [0, 40]}, start: 3.0}
"""
    (tmp_path / "light.yaml").write_text(source, "utf-8")
    one = load(tmp_path / "light.yaml")
    theta = one.point({"m_X": 1.0, "BR_K": 0.0}), one.point({"m_X": 3.0, "BR_K": 30.0})
    near, far = one.log_likelihood(np.concatenate(theta))
    rate = one.observable("BR(B+->Knunu)", theta[0])[0]
    assert near == pytest.approx(-0.5 * (rate * norm.ppf(0.95) / 1e-5) ** 2)
    assert far == 0.0
    assert one.files == {"c.csv": "m_X [GeV], limit [1]\n0, 1e-5\n2, 1e-5\n"}


def test_files_that_cannot_be_read(tmp_path):
    cases = {
        "folder": "this is a directory",
        "big.yaml": "larger than 1 MB",
        "bytes.yaml": "not UTF-8 text",
        "none.yaml": "no such file in",
    }
    (tmp_path / "folder").mkdir()
    (tmp_path / "big.yaml").write_bytes(b"#" * 1_000_001)
    (tmp_path / "bytes.yaml").write_bytes(b"\n\xff")
    for name, message in cases.items():
        path = tmp_path / "a.yaml"
        path.write_text(f"name: a\nmodel: wet\nlikelihoods: [{{file: {name}}}]\n", "utf-8")
        with pytest.raises(AnalysisError, match=message):
            load(path)


def test_left_out_data_take_their_default_inputs_along():
    """dC9_hadronic floats because of bsmumu_2022_wilson, which is left out here."""
    source = {"name": "x", "model": "wet-full", "likelihoods": ["bsll-2022"]}
    assert "dC9_hadronic" in load(source).names
    left = load({**source, "exclude": ["bsmumu_2022_wilson"]})
    assert "dC9_hadronic" not in left.names
    assert "bsmumu_2022_wilson" not in {term.name for term in left.terms}


def test_measurement_in_python():
    term = bsinv.measurement(
        "kst", observable="BR(B0->K*nunu)", value=1.3e-5, error={"plus": 5e-6, "minus": 4e-6}
    )
    assert (term.name, term.own) == ("kst", True)
    x = np.array([1.8e-5])
    assert_allclose(term.pull(x), -1.0)
    same = load(
        {
            "name": "x",
            "model": "wet",
            "likelihoods": [
                {
                    "name": "kst",
                    "observable": "BR(B0->K*nunu)",
                    "value": 1.3e-5,
                    "error": {"plus": 5e-6, "minus": 4e-6},
                }
            ],
        }
    ).terms[0]
    assert same.log_likelihood(x) == term.log_likelihood(x)
    pair = bsinv.measurement(
        observables=["BR(B+->Knunu)[q2max=5]", "BR(B0->K*nunu)"],
        values=np.array([1e-6, 1e-5]),
        covariance=np.diag([1e-13, 1e-11]),
    )
    assert pair.predict(Wilson({}, size=2), Inputs.default()).shape == (2, 2)


def test_measurement_of_an_observable_of_ones_own():
    def function(wilson, inputs):
        return np.full(wilson.size, 2.0)

    own = Observable("R_mine", "R", "1", function, (), (), "", ())
    term = bsinv.measurement(observable=own, value=2.5, error=0.5)
    found = term.predict(Wilson({}, size=3), Inputs.default())
    assert term.pull(found).tolist() == [1.0] * 3
    limit = bsinv.measurement(observable=own, limit=4.0, cl=0.9)
    assert limit.predict(Wilson({}), Inputs.default()).tolist() == [2.0]


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        ({}, ParameterError, "mine: needs observable or observables"),
        ({"value": 1.0}, ParameterError, "mine: value without observable"),
        ({"valu": 1.0}, UnknownNameError, "unknown key 'valu' in the measurement 'mine': did you"),
        ({"file": "x.yaml"}, UnknownNameError, "unknown key 'file'"),
        ({"observable": "BR(B+->Knunu)", "value": 1.0}, ParameterError, "value and error together"),
        (
            {"observable": "BR(B+->Knunu)", "value": "1", "error": 1.0},
            ParameterError,
            "mine: value: must be a number, not the text '1': remove the quotes",
        ),
        (
            {"observable": "BR(B+->Knunu)", "curve": "no.csv"},
            DataError,
            "no.csv: no such file in",
        ),
        ({"name": "belle_2017_kst0nunu", "observable": "x", "limit": 1, "cl": 0.9},) * 1
        + (ParameterError, "is a likelihood of the package"),
    ],
)
def test_measurement_refused(keys, error, message):
    with pytest.raises(error, match=message):
        bsinv.measurement(**{"name": "mine", **keys})


def test_every_error_is_ours():
    for value in (None, [], {}, 1j, np.nan, "x", True, object()):
        for key in ("value", "limit", "counts", "curve", "unit", "data", "year", "observable"):
            given = {"observable": "BR(B+->Knunu)", "value": 1.0, "error": 1.0, key: value}
            if key in ("unit", "data", "year") and value in (None, []):
                continue
            if key in ("limit", "counts", "curve") and value is None:
                continue
            with pytest.raises(BsinvError):
                bsinv.measurement(**given)


def test_a_gaussian_of_ones_own_costs_less_than_a_microsecond_a_point():
    from timeit import repeat

    term = bsinv.measurement(observable="BR(B+->Knunu)", value=1e-5, error=1e-6)
    x = np.linspace(0.0, 1e-5, 64)
    assert min(repeat(lambda: term.log_likelihood(x), number=200, repeat=5)) / 200 / 64 < 1e-6
