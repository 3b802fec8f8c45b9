import itertools
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.analysis_file.sections import PriorSpec
from bsinv.fitter.parameters.priors import (
    CorrelatedNormal,
    LogUniform,
    Normal,
    Prior,
    TruncatedNormal,
    Uniform,
    make_prior,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

SCALAR = [
    Uniform(-20.0, 20.0),
    Uniform(0.0, 1e-9),
    LogUniform(1e-3, 1e3),
    Normal(0.041, 0.001),
    TruncatedNormal(1.0, 0.09, lower=0.0),
    TruncatedNormal(0.0, 1.0, upper=0.5),
    TruncatedNormal(0.0, 1.0, lower=-1.0, upper=2.0),
    TruncatedNormal(0.0, 1.0, lower=5.0),
    TruncatedNormal(0.0, 1.0, lower=3.0, upper=4.0),
    TruncatedNormal(0.0, 1.0, upper=-6.0),
]
COVARIANCE = np.array([[4.0, 0.6e-3], [0.6e-3, 1e-6]])
BLOCK = CorrelatedNormal(np.array([1.0, -2e-3]), COVARIANCE, label="K")


def column(*values):
    return np.array(values, dtype=float)[:, None]


def ids(prior):
    return prior.description


@pytest.mark.parametrize("prior", SCALAR, ids=ids)
def test_integrates_to_one(prior):
    lower, upper = prior.ppf(column(1e-13, 1.0 - 1e-13))[:, 0]
    edges = prior.ppf(np.linspace(1e-13, 1.0 - 1e-13, 9)[:, None])[:, 0]
    total = sum(
        integrate.quad(lambda x: math.exp(prior.log_pdf(column(x))[0]), a, b, epsabs=0)[0]
        for a, b in itertools.pairwise(edges)
    )
    assert lower < upper
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("prior", SCALAR, ids=ids)
@given(u=st.floats(1e-9, 1.0 - 1e-9))
def test_cdf_inverts_ppf(prior, u):
    assert prior.cdf(prior.ppf(column(u)))[0, 0] == pytest.approx(u, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_whole_cube_maps_into_the_support(prior):
    points = prior.ppf(np.tile(column(0.0, 1e-300, 0.3, 1.0), prior.size))
    lower, upper = prior.support
    assert np.isfinite(points).all()
    assert ((points >= lower) & (points <= upper)).all()
    assert np.isfinite(prior.log_pdf(points)).all()
    assert (np.diff(points[:, 0]) >= 0.0).all()


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_outside_and_nan_are_minus_infinity(prior):
    lower, upper = (float(end[0]) for end in prior.support)
    outside = [math.nan, math.inf, -math.inf]
    outside += [end for end in (lower - 1.0, upper + 1.0) if math.isfinite(end)]
    points = np.tile(column(*outside), prior.size)
    assert (prior.log_pdf(points) == -np.inf).all()


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_far_points_are_not_nan(prior):
    points = np.tile(column(1e300, -1e300, 1e160), prior.size)
    assert not np.isnan(prior.log_pdf(points)).any()
    assert (prior.log_pdf(points) < -1e3).all()


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_sample_follows_the_cdf(prior):
    points = prior.sample(np.random.default_rng(5), 4000)
    assert points.shape == (4000, prior.size)
    for uniform in prior.cdf(points).T:
        assert stats.kstest(uniform, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_batch_is_the_loop_and_survives_pickling(prior):
    points = prior.sample(np.random.default_rng(1), 7)
    single = [prior.log_pdf(point[None])[0] for point in points]
    assert prior.log_pdf(points) == pytest.approx(single)
    again = pickle.loads(pickle.dumps(prior))
    assert again.log_pdf(points) == pytest.approx(prior.log_pdf(points), rel=0, abs=0)
    assert prior.log_pdf(points[:0]).shape == (0,)


@pytest.mark.parametrize("prior", [*SCALAR, BLOCK], ids=ids)
def test_centre_is_in_the_support_and_the_step_positive(prior):
    assert np.isfinite(prior.log_pdf(prior.centre[None]))[0]
    assert (prior.step(prior.centre) > 0.0).all()
    assert np.isfinite(prior.step(prior.centre)).all()


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(-1.0, 2.0), (5.0, np.inf), (3.0, 3.5), (-np.inf, -6.0), (20.0, 21.0), (-np.inf, np.inf)],
)
def test_truncated_normal_against_scipy(lower, upper):
    mean, sigma = 0.7, 0.3
    prior = TruncatedNormal(mean, sigma, mean + sigma * lower, mean + sigma * upper)
    scipy = stats.truncnorm(lower, upper, mean, sigma)
    u = np.linspace(0.001, 0.999, 11)
    x = prior.ppf(u[:, None])
    assert x[:, 0] == pytest.approx(scipy.ppf(u), rel=1e-9)
    assert prior.cdf(x)[:, 0] == pytest.approx(u, rel=1e-9)
    assert prior.log_pdf(x) == pytest.approx(scipy.logpdf(x[:, 0]), rel=1e-9)


def test_correlated_normal_against_scipy():
    points = BLOCK.sample(np.random.default_rng(2), 50)
    scipy = stats.multivariate_normal(BLOCK.mean, COVARIANCE)
    assert BLOCK.log_pdf(points) == pytest.approx(scipy.logpdf(points), rel=1e-9)
    many = BLOCK.sample(np.random.default_rng(3), 200_000)
    assert np.cov(many.T) == pytest.approx(COVARIANCE, rel=0.03)


@given(
    st.lists(st.lists(st.floats(-2, 2), min_size=3, max_size=3), min_size=3, max_size=3),
    st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3),
)
def test_correlated_ppf_and_cdf_are_inverse(matrix, u):
    root = np.array(matrix)
    prior = CorrelatedNormal(np.arange(3.0), root @ root.T + 0.1 * np.eye(3))
    assert prior.cdf(prior.ppf(np.array([u])))[0] == pytest.approx(u, abs=1e-8)


def test_which_priors_are_constraints():
    assert [p.is_constraint for p in (*SCALAR[:5], BLOCK)] == [
        False,
        False,
        False,
        True,
        True,
        True,
    ]


def test_descriptions():
    assert [prior.description for prior in (*SCALAR[:1], *SCALAR[2:5], BLOCK)] == [
        "uniform [-20, 20]",
        "log-uniform [0.001, 1000]",
        "normal 0.041 ± 0.001",
        "normal 1 ± 0.09 in [0, inf]",
        "correlated normal of 2 (K)",
    ]


def test_steps():
    assert Uniform(-20.0, 20.0).step(np.zeros(1)) == pytest.approx([2.0])
    assert LogUniform(1.0, math.e).step(np.array([1.5])) == pytest.approx([1.5 / 20])
    assert LogUniform(1e-9, 1.0).step(np.array([1.0])) == pytest.approx([0.05])
    assert Normal(0.041, 0.001).step(np.zeros(1)) == pytest.approx([0.001])
    assert TruncatedNormal(0.0, 9.0, 0.0, 1.0).step(np.zeros(1)) == pytest.approx([0.25])
    assert BLOCK.step(BLOCK.mean) == pytest.approx([2.0, 1e-3])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(1, 1), "a uniform prior needs lower < upper, not 1 and 1."),
        (lambda: Uniform(0, math.inf), "a uniform prior needs a finite width."),
        (lambda: Uniform(0, math.nan), "a uniform prior needs lower < upper, not 0 and nan."),
        (
            lambda: LogUniform(0, 1),
            "a log-uniform prior needs a lower end above 0 and finite ends.",
        ),
        (
            lambda: Normal(1, 0),
            "a normal prior needs a finite mean and a sigma above 0, not 1 and 0.",
        ),
        (
            lambda: TruncatedNormal(0, 1, 2, 1),
            "a truncated normal prior needs lower < upper, not 2 and 1.",
        ),
        (
            lambda: TruncatedNormal(0, 1, 31),
            "the ends [31, inf] of a normal prior are more than 30 sigma from its mean 0: "
            "nothing is left of it.",
        ),
        (
            lambda: TruncatedNormal(0, 1e20, 0, 1),
            "the ends [0, 1] of a normal prior are too close together for its sigma 1e+20: "
            "use uniform.",
        ),
        (
            lambda: CorrelatedNormal(np.zeros(2), np.eye(3), "K"),
            "the correlated prior of K has (2,) means and a (3, 3) covariance: (m,) and (m, m) "
            "are needed.",
        ),
        (
            lambda: CorrelatedNormal(np.zeros(2), np.diag([1.0, 0.0])),
            "the covariance must be finite and symmetric with variances above 0.",
        ),
        (
            lambda: CorrelatedNormal(np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]), "K"),
            "the covariance of K is not positive definite (smallest eigenvalue of the "
            "correlation -1): leave out a coefficient that the others determine.",
        ),
    ],
)
def test_refused_priors(make, message):
    with pytest.raises(ParameterError) as caught:
        make()
    assert str(caught.value) == message


def test_correlated_normal_cannot_be_changed():
    mean = np.zeros(2)
    prior = CorrelatedNormal(mean, np.eye(2))
    mean[0] = 5.0
    assert prior.mean[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        prior.mean[0] = 1.0


def test_make_prior():
    assert make_prior(PriorSpec(uniform=[-1, 2])) == Uniform(-1.0, 2.0)
    assert make_prior(PriorSpec(log_uniform=[1, 2])) == LogUniform(1.0, 2.0)
    normal = PriorSpec(normal=[1, 2])
    assert make_prior(normal) == Normal(1.0, 2.0)
    assert make_prior(normal, (0.0, math.inf)) == TruncatedNormal(1.0, 2.0, lower=0.0)
    cut = PriorSpec(normal=[1, 2], lower=0.5)
    assert make_prior(cut, (0.0, 5.0)) == TruncatedNormal(1.0, 2.0, 0.5, 5.0)


def test_scipy_is_not_imported_at_import():
    code = "import sys, bsinv.fitter.parameters.priors; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


CONSTRAINTS = [prior for prior in SCALAR if prior.is_constraint]


@pytest.mark.parametrize("prior", CONSTRAINTS, ids=ids)
def test_scores_are_normal_quantiles_of_both_tails(prior):
    """Against the distribution functions of scipy, out to 12 standard deviations."""
    z = column(*np.linspace(-12.0, 12.0, 49))
    x = prior.from_scores(z)
    lower, upper = (end[0] for end in prior.support)
    a, b = ((end - prior.mean) / prior.sigma for end in (lower, upper))
    # Close to a cut a double has too few digits to tell scores apart.
    clear = (x - lower > 1e-9 * prior.sigma) & (upper - x > 1e-9 * prior.sigma)
    assert clear.sum() > 20
    x, z = x[clear], z[clear]
    law = stats.truncnorm(a, b, prior.mean, prior.sigma)
    lower_half = z < 0
    np.testing.assert_allclose(
        stats.norm.logcdf(z[lower_half]), law.logcdf(x[lower_half]), atol=1e-5, rtol=1e-9
    )
    np.testing.assert_allclose(
        stats.norm.logsf(z[~lower_half]), law.logsf(x[~lower_half]), atol=1e-5, rtol=1e-9
    )
    np.testing.assert_allclose(prior.scores(x[:, None])[:, 0], z, atol=1e-5)


def test_scores_of_a_block_are_white():
    z = np.array([[12.0, -12.0], [0.0, 9.0]])
    x = BLOCK.from_scores(z)
    np.testing.assert_allclose(BLOCK.scores(x), z, rtol=1e-12)
    np.testing.assert_allclose(
        BLOCK.log_pdf(x) - BLOCK.log_pdf(BLOCK.mean[None]), -0.5 * (z**2).sum(axis=1)
    )


@pytest.mark.parametrize("prior", SCALAR, ids=ids)
def test_scores_at_the_ends_are_finite_points(prior):
    """Whatever the score, the point is inside the support."""
    x = prior.from_scores(column(-np.inf, -40.0, 0.0, 40.0, np.inf))
    lower, upper = prior.support
    assert ((x >= lower) & (x <= upper)).all()
    assert (np.diff(x[:, 0]) >= 0).all()
    inside = np.isfinite(x)
    assert not np.isnan(prior.scores(x[inside][:, None])).any()
    assert inside[1:4].all()


def test_every_constraint_has_scores_of_its_own():
    """Those of the base class, by way of the unit cube, end at eight standard deviations."""
    for kind in Prior.__subclasses__():
        if kind.is_constraint:
            assert kind.scores is not Prior.scores, kind.__name__
            assert kind.from_scores is not Prior.from_scores, kind.__name__


@pytest.mark.parametrize("prior", [Uniform(0.0, 1.0), LogUniform(1.0, 2.0)], ids=str)
def test_flat_priors_stand_for_no_measurement(prior):
    x = np.array([[0.5]])
    for ask in (
        lambda: prior.measured,
        lambda: prior.log_measured(x, x),
        lambda: prior.sample_measured(x, np.random.default_rng(1)),
    ):
        with pytest.raises(NotImplementedError, match=r"niform \[.*stands for no measurement"):
            ask()


@pytest.mark.parametrize("prior", [Normal(1.0, 0.5), TruncatedNormal(1.0, 0.5, 0.2, 3.0)], ids=str)
def test_another_measurement_moves_a_constraint(prior):
    """The norm of a cut one stays: log p(x | measured) - log p(x) is that of the normal."""
    assert prior.measured.tolist() == [1.0]
    x, measured = np.array([[0.5], [2.0]]), np.array([[1.3], [-0.4]])
    moved = prior.log_measured(x, measured) - prior.log_pdf(x)
    expected = -0.5 * (((x - measured) / 0.5) ** 2 - ((x - 1.0) / 0.5) ** 2)[:, 0]
    np.testing.assert_allclose(moved, expected, rtol=1e-12)
    np.testing.assert_array_equal(prior.log_measured(x, prior.measured[None]), prior.log_pdf(x))
    drawn = prior.sample_measured(np.full((20_000, 1), 0.3), np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(0.3, abs=0.015)
    assert drawn.std() == pytest.approx(0.5, rel=0.02)  # also below the lower end
