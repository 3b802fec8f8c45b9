"""Data that terms draw: their density is the one whose logarithm the term states."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.batches import Data
from bsinv.likelihoods.forms.correlated import CorrelatedGaussian
from bsinv.likelihoods.forms.dark_matter import DarkMatterLimit
from bsinv.likelihoods.forms.lifetime_curves import LimitSurface
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chisquare, kstest, multivariate_normal, norm, poisson

from .every_form import ALL, COUNTS, DENSITIES, NORMALISED, PROFILED, SEVERAL, WALLS, batch, mass

N = 100_000


def rng(seed=7):
    return np.random.default_rng(seed)


def over(cases):
    return pytest.mark.parametrize(("term", "truth", "other"), cases.values(), ids=cases.keys())


@over(NORMALISED)
def test_ratios_of_likelihoods_average_to_one(term, truth, other):
    """The mean of L(v|x')/L(v|x) over data drawn at x is 1 for a density, any constants aside."""
    data = term.sample(batch(truth, N), rng())
    logs = [term.log_likelihood(batch(x, 1), data) for x in (other, truth)]
    ratio = np.exp(logs[0] - logs[1])
    assert abs(ratio.mean() - 1.0) < 4.0 * ratio.std() / np.sqrt(N)
    assert ratio.std() > 1e-3


@over(DENSITIES)
def test_values_follow_the_likelihood(term, truth, other):
    data = term.sample(batch(truth, N), rng(8)).values[:, 0]
    half = 12.0 * data.std()
    grid = np.linspace(data.mean() - half, data.mean() + half, 200_001)
    log = term.log_likelihood(batch(truth, 1), Data(grid[:, None]))
    density = np.exp(log - log.max())
    cumulative = np.cumsum(density) / density.sum()
    assert kstest(data, lambda v: np.interp(v, grid, cumulative)).pvalue > 1e-3


@over(COUNTS)
def test_counts_follow_poisson(term, truth, other):
    data = term.sample(batch(truth, N), rng(9)).values[:, 0]
    assert_array_equal(data, np.round(data))
    (expected,) = term.asimov(batch(truth, 1)).values[0]
    n = np.arange(poisson.ppf(1e-3, expected), poisson.ppf(1 - 1e-3, expected) + 1)
    shares = poisson.pmf(n, expected)
    log = term.log_likelihood(batch(truth, 1), Data(n[:, None]))
    saturated = poisson.logpmf(n, np.where(n > 0, n, 1e-300))
    assert_allclose(log + saturated, np.log(shares), atol=1e-9)
    seen = np.array([(data == k).sum() for k in n])
    rest = 1.0 - shares.sum()
    observed, wanted = [*seen, N - seen.sum()], N * np.array([*shares, rest])
    assert chisquare(observed, wanted).pvalue > 1e-3


def test_two_values_follow_the_likelihood_on_a_grid():
    """Brute force: the density on a grid of both values, in 12 by 12 bins."""
    term, truth, _ = SEVERAL["two"]
    data = term.sample(batch(truth, N), rng(10)).values
    cells, bins = 40, 12
    edges = [np.linspace(*np.quantile(column, [0.001, 0.999]), bins + 1) for column in data.T]
    steps = [np.diff(edge)[0] / cells for edge in edges]
    fine = [
        edge[0] + step * (np.arange(bins * cells) + 0.5)
        for edge, step in zip(edges, steps, strict=True)
    ]
    points = np.stack(np.meshgrid(*fine, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(term.log_likelihood(batch(truth, 1), Data(points)))
    shares = density.reshape(bins, cells, bins, cells).sum(axis=(1, 3))
    seen = np.histogram2d(*data.T, bins=edges)[0]
    wanted = shares / shares.sum() * seen.sum()
    enough = wanted > 10
    residual = (seen - wanted)[enough] ** 2 / wanted[enough]
    assert enough.sum() > 60
    assert residual.sum() < enough.sum() + 4.0 * np.sqrt(2.0 * enough.sum())


def test_three_values_against_weighted_draws():
    """Means and covariances are those of z ~ N(0, R) with weights prod_i s_i(z_i)."""
    term, truth, _ = SEVERAL["three"]
    data = term.sample(batch(truth, N), rng(11)).values
    correlation = term.covariance / np.sqrt(np.outer(*[np.diag(term.covariance)] * 2))
    z = rng(12).multivariate_normal(np.zeros(3), correlation, 4 * N)
    sides = np.where(z > 0, *term.errors)
    values, weights = np.array(truth) - sides * z, sides.prod(axis=1)
    mean = np.average(values, axis=0, weights=weights)
    error = values.std(axis=0) / np.sqrt(N)
    assert (abs(data.mean(axis=0) - mean) < 5.0 * error).all()
    assert_allclose(np.cov(data.T), np.cov(values.T, aweights=weights), atol=0.03)


@pytest.mark.parametrize("name", ["two", "three"])
def test_integral_of_correlated_values(name):
    """The constant that a correlation adds to the norm, by importance sampling over the data."""
    term, truth, _ = SEVERAL[name]
    wide = np.diag(1.5 * term.errors.max(axis=0))
    values = truth + rng(15).standard_normal((2 * N, len(truth))) @ wide
    log = multivariate_normal(truth, wide**2).logpdf(values)
    weights = np.exp(term.log_likelihood(batch(truth, 1), Data(values)) - log)
    relative = (term.errors[0] - term.errors[1]) / term.errors.sum(axis=0)
    correlation = term.covariance / np.sqrt(np.outer(*[np.diag(term.covariance)] * 2))
    pairs = np.outer(relative, relative) * np.arcsin(np.clip(correlation, -1.0, 1.0))
    expected = 1.0 + 2.0 / np.pi * np.triu(pairs, 1).sum()
    assert abs(expected - 1.0) > 0.05
    assert abs(weights.mean() - expected) < 4.0 * weights.std() / np.sqrt(len(weights))


def test_no_proposal_is_lost_where_the_errors_are_equal():
    """The draws are z ~ N(0, R) themselves."""
    term, truth, _ = SEVERAL["equal sides"]
    data = term.sample(batch(truth, N), rng(13)).values
    assert_allclose(np.cov(data.T), term.covariance, atol=0.03)
    for column, x, error in zip(data.T, truth, term.errors[0], strict=True):
        assert kstest(column, norm(x, error).cdf).pvalue > 1e-3


def test_hopeless_errors_are_refused():
    k = 60
    sides = np.array([np.full(k, 1.0), np.full(k, 0.01)])
    covariance = np.diag(sides.mean(axis=0) ** 2)
    term = CorrelatedGaussian(
        "x", "", tuple(map(str, range(k))), np.zeros(k), covariance, ("x",), sides=sides
    )
    with pytest.raises(PredictionError, match=r"x: data cannot be drawn, since upper and lower"):
        term.sample(np.zeros((1, k)), rng())


@over(PROFILED)
def test_the_rest_of_the_dark_matter_is_what_fits_best(term, truth, other):
    data = term.sample(batch(truth, N), rng(14)).values[:, 0]
    assert kstest(data, norm(max(truth, term.value), term.error).cdf).pvalue > 1e-3


@over(ALL)
def test_asimov_data_are_fitted_best_by_the_truth(term, truth, other):
    data = term.asimov(batch(truth, 1))
    scale, others = np.linspace(0.0, 3.0, 301), batch(truth, 301)
    if isinstance(term, DarkMatterLimit):  # the rate alone: a mass of zero is none
        others[:, 0] *= scale
    else:
        others *= scale.reshape(-1, *[1] * np.ndim(truth))
    at_truth = term.log_likelihood(batch(truth, 1), data)
    assert (term.log_likelihood(others, data) <= at_truth + 1e-12).all()
    saturated = term.saturated(data)
    assert saturated.shape == (1,)
    if np.isfinite(saturated).all():
        assert_allclose(at_truth, saturated, atol=1e-12)


@over(ALL)
def test_measured_data_are_the_default(term, truth, other):
    """To the last bit, at one point and at many."""
    assert len(term.data) == 1
    for prediction in (batch(truth, 1), np.concatenate([batch(truth, 3), batch(other, 2)])):
        given = term.log_likelihood(prediction, term.data)
        assert_array_equal(given, term.log_likelihood(prediction))
        assert_array_equal(term.pull(prediction), term.pull(prediction, term.data))
    assert_array_equal(term.saturated(), term.saturated(term.data))


@over(ALL)
def test_predictions_and_data_sets_pair_up(term, truth, other):
    predictions = np.concatenate([batch(truth, 2), batch(other, 2)])
    data = term.sample(batch(truth, 4), rng())
    assert len(data) == 4
    for kept, sets in ((range(4), range(4)), ([1] * 4, range(4)), (range(4), [1] * 4)):
        pairs = zip(kept, sets, strict=True)
        alone = [term.log_likelihood(predictions[[i]], data.take([j]))[0] for i, j in pairs]
        given = predictions if len(set(kept)) > 1 else predictions[[1]]
        taken = data if len(set(sets)) > 1 else data.take([1])
        # Products of matrices round differently for one row and for several.
        assert_allclose(term.log_likelihood(given, taken), alone, rtol=1e-14)
    assert term.saturated(data).shape == (4,)
    message = f"{term.name}: 4 predictions and 3 data sets do not fit: as many of one as of"
    with pytest.raises(PredictionError, match=message):
        term.log_likelihood(predictions, data.take(slice(3)))


@over(ALL)
def test_no_point_at_all(term, truth, other):
    none = batch(truth, 0)
    data = term.sample(none, rng())
    assert len(data) == len(term.asimov(none)) == 0
    assert data.values.shape[1] == term.data.values.shape[1]
    assert term.log_likelihood(none).shape == (0,)
    for pair in ((none, data), (none, term.data), (batch(truth, 1), data)):
        assert term.log_likelihood(*pair).shape == (0,)


@over(ALL)
def test_what_is_not_finite_has_no_data(term, truth, other):
    predictions = batch(truth, 3)
    predictions[1] = np.nan
    for draw in (lambda: term.sample(predictions, rng()), lambda: term.asimov(predictions)):
        with pytest.raises(PredictionError, match=r"no data can be drawn at point 1, .*nan"):
            draw()


@over(ALL)
def test_equal_seeds_draw_equal_data(term, truth, other):
    one, two = (term.sample(batch(truth, 5), rng(3)).values for _ in range(2))
    assert_array_equal(one, two)


@over({**DENSITIES, **SEVERAL, **COUNTS, **PROFILED})
def test_other_data_are_refused(term, truth, other):
    prediction, values = batch(truth, 1), term.data.values
    bad = values.copy()
    bad[0, 0] = np.nan
    for data, message in [
        (values, "a Data record is needed, not ndarray"),
        (Data(values[0]), r"data of real numbers of shape \(m, \d\) are needed, not float64"),
        (Data(values[:, :0]), r"data of real numbers of shape \(m, \d\) are needed"),
        (Data(values.astype(str)), r"data of real numbers of shape \(m, \d\) are needed"),
        (Data(bad), "data set 0 holds nan"),
    ]:
        with pytest.raises(PredictionError, match=f"{term.name}: {message}"):
            term.log_likelihood(prediction, data)


@over(COUNTS)
def test_counts_are_not_negative(term, truth, other):
    with pytest.raises(PredictionError, match=r"x: data set 1 holds -1.0 events, and a count is n"):
        term.log_likelihood(batch(truth, 1), Data(np.array([[1.0], [-1.0]])))


@pytest.mark.parametrize("events", [-1.0, 1e19])
def test_counts_that_cannot_be_drawn(events):
    with pytest.raises(PredictionError, match=r"x: no count can be drawn at point 0, .* 1e\+15"):
        mass().sample(np.array([events]), rng())


@over(WALLS)
def test_walls_have_no_data(term, truth, other):
    data = term.sample(batch(truth, 3), rng())
    assert data.values.shape == (3, 0)
    assert_array_equal(term.log_likelihood(batch(other, 1), data), np.full(3, -np.inf))
    assert_array_equal(term.saturated(data), np.zeros(3))
    assert np.isnan(term.pull(batch(truth, 1), data)).all()


@pytest.mark.parametrize("name", ["half", "rate", "curve", "flavio limit"])
def test_limits_alone_have_no_goodness_of_fit(name):
    term, truth, _ = DENSITIES[name]
    assert np.isnan(term.saturated()).all()
    assert np.isnan(term.saturated(term.sample(batch(truth, 3), rng()))).tolist() == [True] * 3


def test_half_gaussian_data_may_be_negative():
    term, _, _ = DENSITIES["half at zero"]
    values = term.sample(np.zeros(1000), rng()).values
    assert 400 < (values < 0).sum() < 600
    x, v = np.array([-1e-5, 0.0, 2e-5]), Data(np.array([[-1e-5]]))
    expected = -0.5 * ((-1e-5 - np.array([0.0, 0.0, 2e-5])) / term.sigma) ** 2
    assert_allclose(term.log_likelihood(x, v), expected, rtol=1e-14)


def test_every_likelihood_of_the_catalogue_draws_data():
    """Measured data as the default to the last bit, and toys of the same shape."""
    generator = rng()
    measured = [
        name
        for name in catalogue.names()
        if name not in {*catalogue.groups(), catalogue.BELLE2_2023}
        # Values against a mass do not say how those at different masses go together.
        and not name.endswith("_recast")
    ]
    assert len(measured) > 150
    for name in measured:
        term = catalogue.term(name)
        k = len(term.observables)
        columns = {DarkMatterLimit: 3, LimitSurface: 4}.get(type(term), k)
        shape = (4, columns) if columns > 1 else (4,)
        scale = term.quoted()[0]
        size = scale.limit if np.isnan(scale.value) else abs(scale.value)
        prediction = generator.uniform(0.5, 1.5, shape) * (size if np.isfinite(size) else 1.0)
        toys = term.sample(prediction, generator)
        assert toys.values.shape == (4, *term.data.values.shape[1:]), name
        assert_array_equal(
            term.log_likelihood(prediction), term.log_likelihood(prediction, term.data), name
        )
        log = term.log_likelihood(prediction, toys)
        assert (np.isfinite(log) | (term.hard & np.isneginf(log))).all(), name
