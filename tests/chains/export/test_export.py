"""Samples, scans and limits in the formats of others, read back by their own readers."""

import csv
import io

import numpy as np
import pytest
from bsinv.chains.export import as_arviz, as_csv, as_getdist, as_hepdata
from bsinv.chains.export.draws import draws
from bsinv.chains.records import RunFile
from bsinv.chains.statistics.samples import posterior
from bsinv.errors import StoreError
from ruamel.yaml import YAML


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


def test_nothing_to_export_is_said(run):
    empty = RunFile("empty", "", 1)
    for export in (as_getdist.getdist_files, as_csv.samples_csv):
        with pytest.raises(StoreError, match="no samples"):
            export(empty, *(["x"] if export is as_getdist.getdist_files else []))
    with pytest.raises(StoreError, match="no scans, limits or samples"):
        as_hepdata.hepdata_files(empty)
    with pytest.raises(StoreError, match="between 0 and"):
        draws(run, 10**6)
    with pytest.raises(StoreError, match="between 0 and"):
        draws(run, -1)
