from dataclasses import replace

import pytest
from bsinv.chains.files import autosave
from bsinv.chains.files.autosave import Checkpointer
from bsinv.chains.files.store import read
from bsinv.errors import LeaseError, StoreError


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_saves_when_due_and_says_so(run, tmp_path):
    clock, said = Clock(), []
    checkpoint = Checkpointer(tmp_path / "run.h5", 5.0, said.append, clock)
    assert not checkpoint.save_if_due(lambda: pytest.fail("collected before it is time"))
    clock.now = 5.0
    assert checkpoint.save_if_due(lambda: run)
    assert said == [f"saved {tmp_path / 'run.h5'}: 400 steps"]
    assert checkpoint.saved_steps == 400
    assert read(tmp_path / "run.h5").name == run.name
    assert not checkpoint.due()


def test_a_file_without_a_chain_has_no_steps_to_tell_of(run, tmp_path):
    said = []
    Checkpointer(tmp_path / "run.h5", report=said.append).save(replace(run, ensembles=()))
    assert said == [f"saved {tmp_path / 'run.h5'}"]


def test_slow_writes_stretch_the_interval(run, tmp_path, monkeypatch):
    clock = Clock()

    def slow(path, run, lease):
        clock.now += 2.0

    monkeypatch.setattr(autosave, "write", slow)
    checkpoint = Checkpointer(tmp_path / "run.h5", 5.0, None, clock)
    checkpoint.save(run)
    clock.now += 19.0
    assert not checkpoint.due()
    clock.now += 1.0
    assert checkpoint.due()


def test_a_failure_is_reported_and_tried_again(run, tmp_path, monkeypatch):
    clock, said = Clock(), []

    def fail(path, run, lease):
        raise StoreError("no space")

    checkpoint = Checkpointer(tmp_path / "run.h5", 5.0, said.append, clock)
    with monkeypatch.context() as patch:
        patch.setattr(autosave, "write", fail)
        clock.now = 6.0
        assert not checkpoint.save_if_due(lambda: run)
        assert said == ["not saved: no space"]
        assert checkpoint.saved_steps == 0
        with pytest.raises(StoreError):
            checkpoint.save(run)
    clock.now = 12.0
    assert checkpoint.save_if_due(lambda: run)


def test_a_lost_lease_ends_the_run(run, tmp_path, monkeypatch):
    def lost(path, run, lease):
        raise LeaseError("taken over")

    monkeypatch.setattr(autosave, "write", lost)
    checkpoint = Checkpointer(tmp_path / "run.h5", 0.0)
    with pytest.raises(LeaseError, match="taken over"):
        checkpoint.save_if_due(lambda: run)
