"""Jobs that begin, go on, or are refused before anything is computed."""

from dataclasses import replace
from datetime import datetime

import pytest
from bsinv.chains import Lease, read, write
from bsinv.errors import StoreError
from bsinv.fitter.runs import job as jobs
from bsinv.fitter.runs.job import make_directory, open_file, open_job
from bsinv.fitter.runs.resume import stored_sampler
from bsinv.fitter.runs.run import run

ANALYSIS = {
    "name": "quick",
    "model": "wet-lfu",
    "likelihoods": ["belle_2013_kpnunu_value"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}}},
    "sampler": {"ensembles": 2, "walkers": 8, "max_steps": 20},
    "seed": 11,
}


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sampled")
    run(ANALYSIS, folder)
    return read(folder / "run.h5")


def stored(results, folder):
    path = folder / "run.h5"
    with Lease(path) as lease:
        write(path, results, lease)
    return path


def test_results_are_gone_on_with(sampled, tmp_path):
    path = stored(sampled, tmp_path)
    for begin in (lambda: open_job(ANALYSIS, tmp_path), lambda: open_file(path)):
        job, results = begin()
        with job:
            assert [chain.steps for chain in results.ensembles] == [20, 20]
            assert job.path == path


def test_a_file_in_place_of_the_directory(tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(StoreError, match=r"taken is a file: choose a directory .* with --out"):
        make_directory(tmp_path / "taken")
    with pytest.raises(StoreError, match=r"cannot write to the directory .*/taken/below: "):
        make_directory(tmp_path / "taken" / "below")
    assert (tmp_path / "taken").read_text() == "mine"


def test_results_set_aside_in_one_second_have_names_of_their_own(tmp_path, monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr(jobs, "datetime", Clock)
    path = tmp_path / "run.h5"
    for text in ("one", "two", "three"):
        path.write_text(text)
        jobs._set_aside(path)
    found = {entry.name: entry.read_text() for entry in tmp_path.iterdir()}
    assert found == {
        "run-20260102-030405.h5": "one",
        "run-20260102-030405-2.h5": "two",
        "run-20260102-030405-3.h5": "three",
    }
    with pytest.raises(StoreError, match=r"cannot rename .*run\.h5: No such file"):
        jobs._set_aside(path)


def test_chains_of_another_number_are_refused(sampled, tmp_path):
    stored(replace(sampled, ensembles=sampled.ensembles[:1]), tmp_path)
    with pytest.raises(StoreError, match="holds 1 ensembles, but the analysis asks for 2"):
        open_job(ANALYSIS, tmp_path)


@pytest.mark.parametrize("change", [{"thin": 2}, {"names": ("dC_R",)}])
def test_chains_that_the_analysis_does_not_make_are_refused(sampled, tmp_path, change):
    chains = tuple(replace(chain, **change) for chain in sampled.ensembles)
    stored(replace(sampled, ensembles=chains), tmp_path)
    with pytest.raises(StoreError, match="cannot be continued by this analysis"):
        open_job(ANALYSIS, tmp_path)


def test_a_state_that_no_generator_takes_is_refused(sampled, tmp_path):
    one, two = sampled.ensembles
    kind, keys, *rest = two.random_state
    broken = replace(two, random_state=(kind, keys[:100], *rest))
    stored(replace(sampled, ensembles=(one, broken)), tmp_path)
    with pytest.raises(StoreError, match="cannot be continued by this analysis"):
        open_job(ANALYSIS, tmp_path)


def test_a_refused_file_is_free_again(sampled, tmp_path):
    path = stored(replace(sampled, ensembles=sampled.ensembles[:1]), tmp_path)
    with pytest.raises(StoreError, match="holds 1 ensembles"):
        open_file(path)
    with Lease(path):
        pass


def test_targets_of_an_analysis_that_cannot_be_read_are_the_default_ones(sampled):
    assert stored_sampler(sampled).max_steps == 20
    for text in ("sampler: {walkers: many}", "no: [yaml", ""):
        given = stored_sampler(replace(sampled, analysis_text=text))
        assert given.target_ess == type(given)().target_ess
