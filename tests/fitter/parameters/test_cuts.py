"""Cuts on the prior: what they leave, how it is normalised, and where they are walls."""

import numpy as np
import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.analysis import load
from bsinv.fitter.drivers.scans import grid_scan
from numpy.testing import assert_allclose, assert_array_equal

FREE = {"prior": {"uniform": [-20.0, 20.0]}}
BASE = {
    "name": "cut",
    "model": "wet",
    "likelihoods": [
        {"name": "a", "observable": "BR(B+->Knunu)", "value": 8e-6, "error": 1e-6},
        {"name": "b", "observable": "BR(B0->K*nunu)", "value": 8e-6, "error": 1e-6},
    ],
    "parameters": {"dC_L": {**FREE, "start": 0.0}, "dC_R": {**FREE, "start": -0.5}},
    "seed": 1,
}


def analysis(*cuts, **change):
    return load({**BASE, "cuts": list(cuts), **change})


@pytest.mark.parametrize(
    ("cut", "fraction"),
    [
        ("dC_L + dC_R > -1", 1.0 - 39.0**2 / 3200.0),
        ("dC_L < 10", 0.75),
        ("dC_L**2 + dC_R**2 < 25", 25.0 * np.pi / 1600.0),
        ("-2 < dC_L - dC_R < 2", 1.0 - 38.0**2 / 1600.0),
        ("dC_L < 100", 1.0),
        ("abs(dC_L) < 0.1", 0.005),
    ],
)
def test_fraction_of_the_prior(cut, fraction):
    kept = analysis(cut).problem.table.kept
    assert abs(kept.fraction - fraction) <= 4.0 * kept.error + 1e-12
    assert kept.error <= 0.02 * fraction
    assert kept == analysis(cut).problem.table.kept


def test_density_integrates_to_one():
    one = analysis("dC_L + dC_R > -1", "dC_L < 10")
    axis = np.linspace(-20.0, 20.0, 801)[:-1] + 0.025
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    total = np.exp(one.problem.log_prior(grid)).sum() * 0.05**2
    error = one.problem.table.kept.error / one.problem.table.kept.fraction
    assert total == pytest.approx(1.0, abs=4.0 * error + 2e-3)


def test_no_probability_outside():
    cut, free = analysis("dC_L + dC_R > -1"), analysis()
    theta = np.array([[0.0, 0.0], [0.0, -3.0], [-0.5, -0.5]])
    inside = np.array([True, False, False])
    kept = cut.problem.table.kept
    assert_allclose(
        cut.problem.log_prior(theta)[0], free.problem.log_prior(theta)[0] - np.log(kept.fraction)
    )
    for ask in ("log_prior", "log_likelihood", "log_posterior"):
        assert_array_equal(np.isfinite(getattr(cut.problem, ask)(theta)), inside)
    assert_array_equal(np.isfinite(cut.problem.log_constraint(theta)), inside)
    assert cut.problem.log_constraint(theta)[0] == free.problem.log_constraint(theta)[0]
    assert cut.log_likelihood(theta)[0] == free.log_likelihood(theta)[0]
    assert cut.problem.rejected["the cut dC_L + dC_R > -1"] == 6  # in three calls
    drawn = cut.sample_prior(np.random.default_rng(1), 5000)
    assert drawn.shape == (5000, 2)
    assert (drawn.sum(axis=1) > -1.0).all()
    assert cut.sample_prior(np.random.default_rng(1), 0).shape == (0, 2)


def test_draws_of_a_small_part():
    one = analysis("abs(dC_L) < 0.1", "abs(dC_R + 0.5) < 2")
    drawn = one.sample_prior(np.random.default_rng(1), 300)
    assert (abs(drawn[:, 0]) < 0.1).all()
    assert abs(drawn[:, 1].mean() + 0.5) < 4.0 * 2.0 / np.sqrt(3 * 300)


def test_names_of_every_kind():
    """Free, fixed, tied, expressed and auxiliary parameters, defaults and inputs."""
    parameters = {
        "dC_L": {**FREE, "start": 0.0},
        "dC_R": {"expression": "r * dC_L"},
        "dC_L_ee": 0.5,
        "dC_L_mumu": {"equals": "dC_L", "times": 2.0},
    }
    needed = {"s": {"expression": "dC_L + r"}, "two": 2.0}
    more = {
        "inputs": {"X_t": 1.469, "norm_BtoKstar": {"prior": {"normal": [1.0, 0.1]}}},
    }
    for cut, passes in {
        "dC_R < 0.9": [True, False],
        "s < two": [True, False],
        "dC_L_mumu < 3": [True, False],
        "dC_L_ee > 0.6 * r - dC_L_tautau": [True, True],
        "dC_L * X_t < 2": [True, False],
        "norm_BtoKstar > 0.9": [True, False],
    }.items():
        auxiliary = {"r": {"prior": {"uniform": [-2, 2]}, "start": 0.5}}
        auxiliary |= needed if "two" in cut else {}
        one = analysis(cut, parameters=parameters, auxiliary=auxiliary, **more)
        theta = one.point({"dC_L": 1.0, "r": 0.5, "norm_BtoKstar": 1.0})
        other = one.point({"dC_L": 2.0, "r": 0.5, "norm_BtoKstar": 0.8})
        found = np.isfinite(one.problem.log_prior(np.concatenate([theta, other])))
        assert found.tolist() == passes, cut


def test_an_expression_that_only_a_cut_needs():
    more = {"auxiliary": {"s": {"expression": "dC_L + dC_R"}}}
    one = analysis("s > -1", **more)
    assert_allclose(one.problem.table.kept.fraction, 0.525, atol=0.01)
    with pytest.raises(AnalysisError, match="no parameter of the model is made of it"):
        analysis(**more)


def test_ties_and_cuts_together():
    """The fraction is that of the prior inside the ranges of ties."""
    parameters = {**BASE["parameters"], "dC_L_ee": {"expression": "dC_L + dC_R"}}
    plain, cut = analysis(parameters=parameters), analysis("dC_L > -100", parameters=parameters)
    theta = plain.sample_prior(np.random.default_rng(1), 10)
    assert_array_equal(plain.problem.log_prior(theta), cut.problem.log_prior(theta))


def test_the_unit_cube_is_that_of_the_prior_without_cuts():
    """An evidence over the cube is that of the cut prior times the fraction kept."""
    cut, free = analysis("dC_L + dC_R > -1"), analysis()
    u = np.random.default_rng(2).random((20_000, 2))
    theta = cut.problem.table.transform(u)
    assert_array_equal(theta, free.problem.table.transform(u))
    with np.errstate(under="ignore"):
        inside = np.isfinite(cut.log_likelihood(theta[:2000])).mean()
    assert inside == pytest.approx(cut.problem.table.kept.fraction, abs=0.04)


@pytest.mark.parametrize("cut", ["dC_L**2 + dC_R**2 < 1", "dC_L - dC_R < 0.5"])
def test_a_fit_does_not_stop_silently_at_the_wall(cut):
    """The best fit without the cut, (-0.31, -1.58), lies outside: the wall is told."""
    narrow = {"prior": {"uniform": [-5.0, 5.0]}}
    parameters = {"dC_L": {**narrow, "start": 0.0}, "dC_R": {**narrow, "start": -0.3}}
    one = analysis(cut, parameters=parameters)
    best = one.fit(retries=0)
    axis = np.linspace(-2.0, 1.0, 301)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    log = one.log_likelihood(grid)
    assert one.log_likelihood(best.values[None])[0] > log.max() - 1e-4
    assert np.isfinite(one.problem.log_prior(best.values[None])).all()
    assert not best.valid
    assert "it lies where the likelihood drops to zero" in best.status


def test_a_fit_inside_is_that_without_cuts():
    best, free = analysis("dC_L + dC_R < 1").fit(), analysis().fit()
    assert best.valid
    assert_allclose(best.values, free.values, atol=2e-3)
    assert_allclose(best.errors, free.errors, rtol=0.02)


def test_a_profile_along_a_slanting_wall():
    """Each point of a profile is the best inside the cut, found by brute force."""
    parameters = {
        "dC_L": {"prior": {"uniform": [-6.0, 6.0]}, "start": 0.0},
        "dC_R": {"prior": {"uniform": [-5.0, 0.0]}, "start": -1.0},
    }
    one = analysis("dC_L - dC_R < 1.5", parameters=parameters)
    axis = np.array([-2.6, -2.0, -1.5, -0.5])
    scan = grid_scan(one.problem, {"dC_R": axis}, np.array([-0.31, -1.58]))
    fine = np.linspace(-6.0, 1.5, 30_001)
    for value, log in zip(axis, scan.log_likelihood, strict=True):
        grid = np.stack([fine, np.full(len(fine), value)], axis=1)
        assert log == pytest.approx(one.log_likelihood(grid).max(), abs=3e-3)
