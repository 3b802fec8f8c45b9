import dataclasses
import os
import random
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import h5py
import numpy as np
import pytest
from attacks import kill_later
from bsinv.chains.files import store
from bsinv.chains.records import SCHEMA_VERSION, RunFile
from bsinv.errors import StoreError


def assert_same(first, second, where="run"):
    """Compare records field by field, arrays exactly."""
    assert type(first) is type(second), where
    if dataclasses.is_dataclass(first):
        for field in dataclasses.fields(first):
            name = field.name
            assert_same(getattr(first, name), getattr(second, name), f"{where}.{name}")
    elif isinstance(first, np.ndarray):
        np.testing.assert_array_equal(first, second, err_msg=where)
        assert first.dtype == second.dtype, where
    elif isinstance(first, tuple):
        assert len(first) == len(second), where
        for index, pair in enumerate(zip(first, second, strict=True)):
            assert_same(*pair, f"{where}[{index}]")
    elif isinstance(first, MappingProxyType):
        assert list(first) == list(second), where
        for key in first:
            assert_same(first[key], second[key], f"{where}[{key!r}]")
    else:
        assert first == second or (first != first and second != second), where


def test_round_trip(run, tmp_path):
    path = store.write(tmp_path / "new" / "run.h5", run)
    assert_same(run, store.read(path))
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["run.h5"]


def test_round_trip_of_an_empty_run(tmp_path):
    run = RunFile("empty", "", 0)
    assert_same(run, store.read(store.write(tmp_path / "run.h5", run)))


def test_a_file_from_before_observables_were_recorded(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        del file["best_fit"]["observables"]
    assert store.read(path, verify=False).best_fit.observables == ()


def test_a_file_from_before_kinds_of_significance_were_recorded(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        group = file["best_fit"]
        del group["hesse_status"]
        for name in ("test", "p_value", "sigma", "remark"):
            del group.attrs[f"reference_{name}"]
    best = store.read(path, verify=False).best_fit
    assert best.hesse_status == ("",) * len(best.names)
    assert (best.reference_test, best.reference_remark) == ("", "")
    assert np.isnan(best.reference_sigma)


def test_a_file_of_the_first_layout(run, tmp_path):
    """Without samples with weights; what is written again is of the present layout."""
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        file.attrs["schema_version"] = 1
        del file["weighted"]
    found = store.read(path, verify=False)
    assert (found.schema_version, found.weighted) == (1, ())
    assert_same(run.ensembles, found.ensembles)
    assert store.read(store.write(path, found)).schema_version == SCHEMA_VERSION == 2


def test_samples_with_weights_are_stored(run, nested, tmp_path):
    path = store.write(tmp_path / "run.h5", dataclasses.replace(nested, notes=run.notes))
    found = store.read(path)
    assert_same(nested.weighted, found.weighted)
    assert found.weighted[0].options["seed"] == "17"
    weights = np.linspace(0.0, 1.0, 50)
    predicted = dataclasses.replace(run.predictions[0], weights=weights)
    both = dataclasses.replace(run, weighted=nested.weighted, predictions=(predicted,))
    found = store.read(store.write(path, both))
    np.testing.assert_array_equal(found.predictions[0].weights, weights)
    assert len(found.ensembles) == len(found.weighted) == 2


def test_damage_to_samples_with_weights_is_named(nested, tmp_path):
    path = store.write(tmp_path / "run.h5", nested)
    with h5py.File(path, "a") as file:
        file["weighted/1/log_weights"][7] += 1e-9
    with pytest.raises(StoreError, match="the checksum of weighted/1 does not agree"):
        store.read(path)
    with h5py.File(path, "a") as file:
        file["weighted/1/log_weights"][7] = np.nan
    with pytest.raises(StoreError, match=r"log_weights\[7\] is nan"):
        store.read(path, verify=False)


def test_emcee_reads_an_ensemble(run, tmp_path):
    emcee = pytest.importorskip("emcee")
    path = store.write(tmp_path / "run.h5", run)
    for index, ensemble in enumerate(run.ensembles):
        backend = emcee.backends.HDFBackend(path, name=f"ensembles/{index}", read_only=True)
        np.testing.assert_array_equal(backend.get_chain(), ensemble.chain)
        np.testing.assert_array_equal(backend.get_log_prob(), ensemble.log_posterior)
        blobs = backend.get_blobs()
        np.testing.assert_array_equal(blobs["log_likelihood"], ensemble.log_likelihood)
        np.testing.assert_array_equal(blobs["log_prior"], ensemble.log_prior)
        np.testing.assert_array_equal(backend.accepted, ensemble.accepted)
        state = backend.random_state
        np.testing.assert_array_equal(state[1], ensemble.random_state[1])
        assert tuple(state[2:]) == ensemble.random_state[2:]


def log_probability(theta):
    log_prior = np.full(len(theta), -1.0)
    log_likelihood = -0.5 * np.sum(theta**2, axis=1)
    # emcee fills structured blobs from tuples, not from rows of an array
    return list(zip(log_prior + log_likelihood, log_prior, log_likelihood, strict=True))


BLOBS = [("log_prior", float), ("log_likelihood", float)]


def run_emcee(backend, steps, start=None):
    import emcee

    sampler = emcee.EnsembleSampler(
        8, 2, log_probability, vectorize=True, backend=backend, blobs_dtype=BLOBS
    )
    sampler.run_mcmc(start, steps)
    return sampler


def test_emcee_resumes_from_the_file(tmp_path):
    """20 steps, stored, and 20 more by emcee on the file, equal 40 steps at one go."""
    emcee = pytest.importorskip("emcee")
    from bsinv.chains.records import Ensemble

    start = np.random.default_rng(1).normal(size=(8, 2))
    np.random.seed(11)  # noqa: NPY002 (emcee draws its state from the global one)
    whole = run_emcee(emcee.backends.Backend(), 40, start)
    np.random.seed(11)  # noqa: NPY002
    first = run_emcee(emcee.backends.Backend(), 20, start)
    blobs = first.get_blobs()
    ensemble = Ensemble(
        names=("x", "y"),
        chain=first.get_chain(),
        log_posterior=first.get_log_prob(),
        log_likelihood=blobs["log_likelihood"],
        log_prior=blobs["log_prior"],
        accepted=first.backend.accepted,
        random_state=first.random_state,
    )
    path = store.write(tmp_path / "run.h5", RunFile("x", "", 1, ensembles=(ensemble,)))
    resumed = run_emcee(emcee.backends.HDFBackend(str(path), name="ensembles/0"), 20)
    np.testing.assert_array_equal(resumed.get_chain(), whole.get_chain())
    with pytest.raises(
        StoreError, match=r"the checksum of ensembles/0 does not agree\. If another"
    ):
        store.read(path)
    again = store.read(path, verify=False).ensembles[0]
    np.testing.assert_array_equal(again.chain, whole.get_chain())
    np.testing.assert_array_equal(again.log_likelihood, whole.get_blobs()["log_likelihood"])
    np.testing.assert_array_equal(again.accepted, whole.backend.accepted)


def test_reading_what_is_not_a_results_file(tmp_path):
    path = tmp_path / "run.h5"
    with pytest.raises(StoreError, match=r"^None: cannot be read"):
        store.read(None)
    with pytest.raises(StoreError, match="no such results file"):
        store.read(path)
    path.write_text("name: wet\n")
    with pytest.raises(StoreError, match="cannot be read as HDF5: it is another kind of file"):
        store.read(path)
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(StoreError, match="not a results file of bsinv"):
        store.read(path)


def test_reading_a_newer_layout(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    path = store.write(tmp_path / "run.h5", RunFile("x", "", 1))
    with pytest.raises(StoreError, match=r"newer bsinv \(layout 3; this one reads up to 2\)"):
        store.read(path)


def test_reading_a_truncated_or_damaged_file(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="truncated"):
        store.read(path)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        del file["best_fit"]["values"]
    with pytest.raises(StoreError, match="no 'values' in group '/best_fit'"):
        store.read(path)
    path.write_bytes(whole)
    with h5py.File(path, "a") as file:
        del file["ensembles/0/chain"]
    with pytest.raises(StoreError, match="damaged results file"):
        store.read(path)


def test_fields_added_later_take_their_default(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    with h5py.File(path, "a") as file:
        del file["best_fit"].attrs["edm"]
        del file["parameters"]["unit"]
    again = store.read(path, verify=False)
    assert np.isnan(again.best_fit.edm)
    assert again.parameter("m_X").unit == ""


def test_a_file_without_support_report(run, tmp_path):
    path = store.write(tmp_path / "run.h5", run)
    assert store.read(path).support.changed_bins.dtype.kind == "i"
    with h5py.File(path, "a") as file:
        del file["support"]
    assert store.read(path, verify=False).support is None


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_link_is_followed(tmp_path):
    (tmp_path / "far").mkdir()
    link = tmp_path / "run.h5"
    link.symlink_to(tmp_path / "far" / "run.h5")
    store.write(link, RunFile("x", "", 1))
    assert link.is_symlink()
    assert (tmp_path / "far" / "run.h5").is_file()


def test_fingerprint_names_each_key_that_differs():
    store.check_fingerprint({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    with pytest.raises(StoreError) as caught:
        store.check_fingerprint({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4", "d": "x" * 99})
    text = str(caught.value)
    assert "belongs to another run" in text
    assert "  b: '2' in the file, '4' now\n" in text
    assert "  c: '3' in the file, absent now\n" in text
    assert f"  d: absent in the file, '{'x' * 57}...' now" in text
    assert " a:" not in text


def kill_after(path, first, seconds):
    """Start the writer, kill it, return the last number it said was saved (0 if none)."""
    script = Path(__file__).with_name("rewrite_forever.py")
    writer = subprocess.Popen(
        [sys.executable, script, path, str(first)], stdout=subprocess.PIPE, text=True
    )
    said = writer.stdout.readline()  # the first write; then a random instant
    assert kill_later(writer, seconds)
    said += writer.communicate()[0]
    lines = [line for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return int(lines[-1].split()[1])


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_killed_at_any_instant(tmp_path):
    path = tmp_path / "run.h5"
    source = random.Random(4)
    steps = 1
    for _ in range(10):
        said = kill_after(path, steps, source.uniform(0.0, 0.15))
        ensembles = store.read(path).ensembles
        steps = ensembles[0].steps
        assert steps >= said
        assert len(ensembles) == 2
        for ensemble in ensembles:
            assert np.all(ensemble.chain == steps)
            assert np.all(ensemble.log_posterior == steps)
    # The next writer is not kept out by the lock of the last one, and clears it away.
    store.remove_stale_temporaries(path)
    store.write(path, store.read(path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.h5"]


def test_periods_are_kept_and_old_files_have_none(tmp_path, run):
    periods = np.array([np.inf, 2.0 * np.pi, np.inf])
    ensembles = tuple(dataclasses.replace(entry, periods=periods) for entry in run.ensembles)
    path = tmp_path / "run.h5"
    store.write(path, dataclasses.replace(run, ensembles=ensembles))
    np.testing.assert_array_equal(store.read(path).ensembles[1].periods, periods)
    old = tmp_path / "old.h5"
    store.write(old, run)
    with h5py.File(old, "r+") as file:
        for index in range(2):
            del file[f"ensembles/{index}/periods"]
    assert np.isinf(store.read(old, verify=False).ensembles[0].periods).all()
