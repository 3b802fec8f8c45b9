"""Estimates of time, memory and disk: right within a factor where measured, and in words."""

from __future__ import annotations

import time

import bsinv
import pytest
from bsinv.fitter.runs.estimate import Estimate, estimate

QUICK = """\
name: quick
model: wet-lfu
likelihoods: [belle_2013_kpnunu_value]
parameters:
  dC_L: {{prior: {{uniform: [-6, 20]}}}}
sampler: {{ensembles: {ensembles}, walkers: {walkers}, max_steps: {steps}}}
fit: {{profiles: {{dC_L: {points}}}}}
seed: 1
"""


def _estimate(ensembles: int = 2, walkers: int = 8, steps: int = 200, points: int = 10) -> Estimate:
    sizes = {"ensembles": ensembles, "walkers": walkers, "steps": steps, "points": points}
    return estimate(bsinv.load(QUICK.format(**sizes)))


def test_the_chain_of_a_run_that_cannot_stop_early_takes_what_was_estimated() -> None:
    analysis = bsinv.load(QUICK.format(ensembles=2, walkers=8, steps=200, points=10))
    told = estimate(analysis)
    began = time.process_time()
    (first, _), _ = analysis.sample()
    assert first.chain.shape == (200, 8, 1)
    # The clock of a shared machine: only the order of magnitude is tested.
    assert told.sampling == told.sampling_most
    assert 0.02 < told.sampling / (time.process_time() - began) < 5.0


def test_sizes_follow_from_what_is_asked() -> None:
    large = _estimate(ensembles=4, walkers=1000, steps=1_000_000)
    assert large.disk_most == pytest.approx(4 * 1000 * 1e6 * 8 * (1 + 3), rel=1e-3)
    assert large.memory_most == pytest.approx(3 * large.disk_most, rel=1e-2)
    assert large.disk < large.disk_most  # the targets are reached long before
    assert large.memory < 4e9


def test_what_takes_long_is_large() -> None:
    assert not _estimate().large
    everything = Estimate(10.0, 20.0, 3571.0, 1e6, 1e9, 1e12, 1e8, 1e11)
    assert everything.large
    assert everything.sentence == (
        "a run takes about 60 min (fit 10 s, scans 20 s, samples 60 min, at most 12 days), 1.0 GB "
        "of memory (at most 1.0 TB) and a file of 100 MB (at most 100.0 GB)"
    )


def test_nothing_free_takes_nothing() -> None:
    text = QUICK.format(ensembles=2, walkers=8, steps=200, points=10)
    fixed = text.replace("{prior: {uniform: [-6, 20]}}", "1.0").replace("{dC_L: 10}", "{}")
    assert estimate(bsinv.load(fixed)).seconds == 0.0
