"""Samples, scans and limits in the formats of others, read back by their own readers."""

import csv
import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.export import as_arviz, as_csv, as_getdist, as_hepdata
from bsinv.chains.export.draws import draws
from bsinv.chains.files.store import read
from bsinv.chains.records import RunFile
from bsinv.chains.statistics.samples import posterior
from bsinv.errors import StoreError
from ruamel.yaml import YAML
from scipy.stats import chi2


def mean_and_sigma(samples, weights=None):
    mean = np.average(samples, axis=0, weights=weights)
    return mean, np.sqrt(np.average((samples - mean) ** 2, axis=0, weights=weights))


def test_draws_are_the_posterior(run):
    found, expected = draws(run), posterior(run)
    joined = np.concatenate([chain.samples for chain in found.chains])
    np.testing.assert_array_equal(joined, expected.samples)
    assert found.names == expected.names
    assert len(found.chains) == len(run.ensembles)


def test_arviz_has_ensembles_as_chains(run, tmp_path):
    arviz = pytest.importorskip("arviz")
    path = tmp_path / "samples.nc"
    path.write_bytes(as_arviz.netcdf(run))
    back = arviz.from_netcdf(path)
    found = draws(run)
    values = back.posterior[found.names[0]].to_numpy()
    assert values.shape == (len(found.chains), len(found.chains[0].samples))
    np.testing.assert_array_equal(values[1], found.chains[1].samples[:, 0])
    lp = found.chains[0].log_likelihood + found.chains[0].log_prior
    np.testing.assert_array_equal(back.sample_stats["lp"].to_numpy()[0], lp)
    assert back.posterior.attrs["analysis"] == run.name
    # What it is for: the tables of arviz.
    assert list(arviz.summary(back).index) == list(found.names)


def test_samples_with_weights_are_drawn_again_for_arviz(nested):
    pytest.importorskip("arviz")
    found = draws(nested)
    assert found.weighted
    exact = [mean_and_sigma(chain.samples, chain.weights) for chain in found.chains]
    drawn = as_arviz.to_arviz(nested).posterior
    for i, name in enumerate(found.names):
        for k, (mean, sigma) in enumerate(exact):
            values = drawn[name].to_numpy()[k]
            assert abs(values.mean() - mean[i]) < 4 * sigma[i] / np.sqrt(len(values))
            assert values.std() == pytest.approx(sigma[i], rel=0.1)
    assert drawn.attrs["resampled"] == 1


@pytest.mark.parametrize("which", ["run", "nested"])
def test_getdist_reads_files_and_object_alike(which, request, tmp_path):
    getdist = pytest.importorskip("getdist")
    results = request.getfixturevalue(which)
    for name, text in as_getdist.getdist_files(results, "mine").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    settings = {"ignore_rows": 0.0}
    read = getdist.loadMCSamples(str(tmp_path / "mine"), settings=settings, no_cache=True)
    made = as_getdist.to_getdist(results)
    expected = posterior(results)
    mean, sigma = mean_and_sigma(expected.samples, expected.weights)
    tolerance = 1e-6 if expected.weights is None else 0.05  # chains there weigh as they are long
    for samples in (read, made):
        assert samples.getParamNames().list() == list(expected.names)
        np.testing.assert_allclose(samples.getMeans(), mean, atol=tolerance * sigma.max())
    np.testing.assert_allclose(read.getMeans(), made.getMeans(), rtol=1e-8, atol=1e-9)
    record = results.parameter(expected.names[0])
    assert read.ranges.getLower(record.name) == pytest.approx(record.lower)


def test_csv_has_all_samples(run):
    rows = list(csv.DictReader(io.StringIO(as_csv.samples_csv(run))))
    expected = posterior(run)
    assert len(rows) == len(expected.samples)
    assert float(rows[7]["log_likelihood"]) == pytest.approx(expected.log_likelihood[7])
    assert {row["ensemble"] for row in rows} == {str(i) for i in range(len(run.ensembles))}
    column = next(key for key in rows[0] if key.startswith(expected.names[0]))
    assert float(rows[7][column]) == pytest.approx(expected.samples[7, 0])


def test_csv_of_scans_has_every_point(run):
    for scan in run.scans:
        rows = list(csv.DictReader(io.StringIO(as_csv.scan_csv(run, scan))))
        assert len(rows) == scan.log_likelihood.size
        found = np.array([float(row["log_likelihood"]) for row in rows])
        np.testing.assert_allclose(found, scan.log_likelihood.ravel(), rtol=1e-9)


@pytest.mark.parametrize("which", ["run", "nested"])
def test_hepdata_documents_fit_together(which, request):
    results = request.getfixturevalue(which)
    files = as_hepdata.hepdata_files(results)
    reader = YAML(typ="safe", pure=True)
    _, *entries = reader.load_all(files["submission.yaml"])
    assert {entry["data_file"] for entry in entries} == set(files) - {"submission.yaml"}
    for entry in entries:
        assert set(entry) == {"name", "description", "keywords", "data_file"}
        table = reader.load(files[entry["data_file"]])
        sizes = {len(v["values"]) for part in table.values() for v in part}
        assert len(sizes) == 1  # every variable has as many values
    table = reader.load(files["posterior.yaml"])
    medians = [v["value"] for v in table["dependent_variables"][2]["values"]]
    expected = posterior(results)
    for value, column in zip(medians, expected.samples.T, strict=True):
        weights = expected.weights
        below = np.average(column < value, weights=weights)
        assert below == pytest.approx(0.5, abs=0.02)


def test_tables_of_names_that_differ_by_signs_are_files_apart(run):
    scans = tuple(dataclasses.replace(run.scans[0], name=name) for name in ("a+", "a-"))
    files = as_hepdata.hepdata_files(dataclasses.replace(run, scans=scans))
    assert {"scan_a_.yaml", "scan_a-.yaml"} <= set(files)
    scans = tuple(dataclasses.replace(run.scans[0], name=name) for name in ("a+", "a*"))
    files = as_hepdata.hepdata_files(dataclasses.replace(run, scans=scans))
    assert {"scan_a_.yaml", "scan_a__2.yaml"} <= set(files)


def test_names_of_tables_keep_the_letters_of_parameters():
    names = ("scan_profile_dC_L.yaml", "posterior_dC_R.yaml", "posterior.yaml", "limits_2.yaml")
    told = ["Scan profile dC_L", "Posterior dC_R", "Posterior", "Limits 2"]
    assert [as_hepdata._title(name) for name in names] == told


def test_nothing_to_export_is_said(run):
    empty = RunFile("empty", "", 1)
    for export in (as_getdist.getdist_files, as_csv.samples_csv):
        with pytest.raises(StoreError, match="no samples"):
            export(empty, *(["x"] if export is as_getdist.getdist_files else []))
    with pytest.raises(StoreError, match="no scans, limits, significances, toys or samples"):
        as_hepdata.hepdata_files(empty)
    with pytest.raises(StoreError, match="between 0 and"):
        draws(run, 10**6)
    with pytest.raises(StoreError, match="between 0 and"):
        draws(run, -1)


@pytest.fixture(scope="module")
def stored():
    """A run that has everything."""
    return read(Path(__file__).parents[1] / "files" / "fixtures" / "layout-2.results")


def test_toys_as_csv(stored):
    (study,) = stored.toys
    rows = list(csv.DictReader(io.StringIO(as_csv.toys_csv(stored, study))))
    assert len(rows) == study.done
    assert float(rows[2]["statistic"]) == pytest.approx(study.statistic[2], rel=1e-9)
    assert float(rows[2]["m_X [GeV]"]) == pytest.approx(study.values[2, 0], rel=1e-9)
    assert rows[0]["chunk"] == "0"
    assert "error of m_X [GeV]" in rows[0]


def test_hepdata_has_excesses_toys_and_densities(stored):
    files = as_hepdata.hepdata_files(stored)
    reader = YAML(typ="safe", pure=True)
    tables = {name: reader.load(text) for name, text in files.items() if name != "submission.yaml"}
    (found,), (study,) = stored.significances, stored.toys

    def column(name, number):
        return [entry["value"] for entry in tables[name]["dependent_variables"][number]["values"]]

    axis = tables["significance.yaml"]["independent_variables"][0]
    assert axis["header"] == {"name": "m_X", "units": "GeV"}
    assert [entry["value"] for entry in axis["values"]] == found.points[:, 0].tolist()
    np.testing.assert_allclose(column("significance.yaml", 1), found.statistic, rtol=1e-7)
    names = [v["header"]["name"] for v in tables["significance.yaml"]["dependent_variables"]]
    assert names == ["BR_K best fit", "q", "local p", "global p"]
    # half of chi2 with one degree of freedom, and as large as zero in any case
    local = column("significance.yaml", 2)
    np.testing.assert_allclose(local[:2], 0.5 * chi2.sf(found.statistic[:2], 1), rtol=1e-6)
    assert local[2] == 1.0
    toys = tables["toys_SM.yaml"]
    assert sum(column("toys_SM.yaml", 0)) == np.isfinite(study.statistic).sum()
    (said,) = toys["dependent_variables"][0]["qualifiers"]
    assert float(said["value"]) == pytest.approx(study.observed_statistic, rel=1e-5)
    bins = tables["posterior_BR_K.yaml"]["independent_variables"][0]["values"]
    widths = np.array([entry["high"] - entry["low"] for entry in bins])
    assert np.dot(widths, column("posterior_BR_K.yaml", 0)) == pytest.approx(1.0, abs=1e-5)
    _, *entries = reader.load_all(files["submission.yaml"])
    assert {entry["data_file"] for entry in entries} == set(tables)
