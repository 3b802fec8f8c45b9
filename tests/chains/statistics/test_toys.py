"""Statistics of toys made by hand: tails with failures, ties, binomial errors, empty studies."""

from dataclasses import replace

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.records import RunFile, ToyStudy
from bsinv.chains.statistics.coverage import coverage, pulls
from bsinv.chains.statistics.toys import (
    discovery,
    goodness,
    likelihood_ratio,
    tail,
)
from bsinv.chains.tables.toys import toy_tables
from bsinv.errors import StoreError
from scipy.stats import norm


def made(values=(), statistic=(), failed=None, truth=1.0, **given):
    """Study of one parameter mu >= 0, measured 3 with 2.5 as the statistic."""
    n = len(statistic)
    rows = {
        "chunks": np.arange(n) // 4,
        "truths": np.full((n, 1), truth),
        "values": np.reshape(values, (n, 1)),
        "errors": np.ones((n, 1)),
        "statistic": np.array(statistic, float),
        "failed": np.zeros(n) if failed is None else np.array(failed),
        "gains": np.zeros(n),
        "term_deviance": np.stack([np.arange(n), np.full(n, np.nan)], axis=1),
        "constraint_deviance": np.full(n, 0.5),
    }
    told = {
        "name": f"mu = {truth:g}",
        "names": ("mu",),
        "truth": np.array([truth]),
        "tested": ("mu",),
        "constrained": np.zeros(1),
        "bounds": np.array([[0.0, 20.0]]),
        "nuisances": "conditional",
        "seed": "1",
        "chunk_size": 4,
        "number": n,
        "term_names": ("counts", "limit"),
        "term_data": np.array([5, 0]),
        "fitted": 1,
        "observed_values": np.array([3.0]),
        "observed_statistic": 2.5,
        "observed_term_deviance": np.array([4.0, np.nan]),
        "observed_constraint_deviance": 0.25,
    }
    return ToyStudy(**told | rows | given)


SMALL = made([0.0, 3.0, 5.0, 2.0, 1.5, 9.0], [1.0, 4.0, np.nan, 2.5, 0.0, 9.0], [0, 0, 3, 0, 0, 2])


def test_tail_counts_ties_and_tells_failures():
    found = likelihood_ratio(SMALL).toys
    # Of 1, 4, 2.5 and 0 two are at least 2.5; two fits failed.
    assert (found.count, found.total, found.failed) == (2, 4, 2)
    assert (found.value, found.lowest, found.highest) == (0.5, 2 / 6, 4 / 6)
    assert found.error == pytest.approx(0.25)
    assert likelihood_ratio(SMALL).asymptotic == pytest.approx(0.1138, abs=1e-4)  # chi2, 2.5
    notes = " ".join(toy_tables(SMALL)[0].notes)
    assert "Fits of 2 toys failed: with them p would be between 0.333 and 0.667." in notes


def test_tail_at_the_ends():
    none = tail(np.zeros(100), 1.0)
    # Clopper and Pearson, 68.27 % two-sided: 1 - 0.15865^(1/100).
    assert (none.value, none.count) == (0.0, 0)
    assert none.error == pytest.approx(1 - 0.15865 ** (1 / 100))
    assert none.sigma == np.inf
    every = tail(np.ones(100), 0.5)
    assert (every.value, every.error) == (1.0, pytest.approx(none.error))
    assert np.isnan(tail(np.array([]), 1.0).value)
    assert np.isnan(tail(np.full(3, np.nan), 1.0).value)
    assert np.isnan(tail(np.ones(3), np.nan).value)
    assert tail(np.array([0.0, 0.0, 1.0]), 0.0).value == 1.0


def test_discovery_counts_excesses_only():
    """A toy below the null has q0 = 0, 1007.1727 eq. (12)."""
    found = discovery(made([0.0, 3.0, 0.5], [9.0, 4.0, 3.0]))
    assert (found.toys.count, found.toys.total) == (1, 3)
    assert found.asymptotic == pytest.approx(norm.sf(np.sqrt(2.5)))
    deficit = discovery(made([0.0, 3.0], [9.0, 4.0], observed_values=np.array([0.2])))
    assert (deficit.statistic, deficit.toys.value, deficit.asymptotic) == (0.0, 1.0, 0.5)


def test_coverage_of_every_kind():
    n = 2000
    values = np.random.default_rng(1).normal(1.0, 1.0, n)
    study = made(values, (values - 1.0) ** 2)
    found = {(entry.kind, entry.level): entry for entry in coverage(study)}
    assert len(found) == 8
    for (_, level), entry in found.items():
        assert entry.fraction == pytest.approx(level, abs=4 * entry.error)
    missing = replace(study, errors=np.where(np.arange(n)[:, None] < 10, np.nan, 1.0))
    assert [entry.missing for entry in coverage(missing) if entry.kind == "HESSE"] == [10] * 3
    (pull,) = pulls(missing)
    assert (pull.total, pull.without) == (n, 10)
    assert pull.bias == pytest.approx(values.mean() - 1.0)


def test_goodness_leaves_out_what_has_none():
    (total, own), without = goodness(SMALL)
    assert (total.deviance, total.data, total.degrees) == (4.25, 5, 4)
    # Deviances 0, 1, 3, 4 and 5 with 0.5 each; the fits of toys 2 with all free failed.
    assert (total.toys.count, total.toys.total, total.toys.failed) == (2, 5, 1)
    assert (own.name, own.deviance, own.toys.count) == ("counts", 4.0, 2)
    assert without == ("limit",)
    nothing = replace(SMALL, term_data=np.zeros(2))
    assert goodness(nothing) == ((), ("counts", "limit"))


def test_no_toys_yet():
    empty = made()
    assert (empty.done, empty.missing()) == (0, ())
    assert replace(empty, number=6).missing() == ((0, 4), (1, 2))
    assert np.isnan(likelihood_ratio(empty).toys.value)
    assert toy_tables(empty)[0].rows[0][1] == "2.50"


def test_at_an_end_there_is_no_chi_square():
    study = made([0.0, 3.0], [0.0, 4.0], truth=0.0)
    assert np.isnan(likelihood_ratio(study).asymptotic)
    assert any("mu is at an end of its range" in note for note in toy_tables(study)[0].notes)


def test_round_trip(tmp_path):
    kept = RunFile("n", "name: n\n", 1, toys=(SMALL, made()))
    found = read(write(tmp_path / "run.h5", kept)).toys
    assert len(found) == 2
    for name in ("name", "tested", "seed", "number", "notes", "fitted", "observed_statistic"):
        assert getattr(found[0], name) == getattr(SMALL, name)
    for name in ("statistic", "values", "failed", "chunks", "term_deviance", "bounds"):
        np.testing.assert_array_equal(getattr(found[0], name), getattr(SMALL, name))
    assert found[0].same(SMALL)
    assert found[1].done == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tested": ("nu",)}, "toys test 'nu', which is none of their parameters"),
        ({"chunks": np.array([1, 0])}, "chunks must ascend from 0"),
        ({"chunk_size": 0}, "chunks must ascend from 0, in chunks of one toy or more"),
        ({"gains": np.zeros(3)}, r"gains has shape \(3,\), but \(2,\) is needed"),
        ({"observed_values": np.zeros(2)}, r"values has shape \(2,\), but \(1,\) is needed"),
    ],
)
def test_records_that_make_no_sense(given, message):
    with pytest.raises(StoreError, match=message):
        made([1.0, 2.0], [0.0, 1.0], **given)
