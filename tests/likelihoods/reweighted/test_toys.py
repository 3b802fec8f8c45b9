"""Data sets of the Belle II term: its records, batches, and pyhf at the same data."""

import functools

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.errors import ParameterError, PredictionError
from bsinv.likelihoods.base import Data
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from numpy.testing import assert_allclose

from .test_against_pyhf import pyhf, pyhf_parameters, staterror_places

BATCH = 100


def template(belle2, strength):
    return np.atleast_1d(strength)[:, None] * belle2.null_columns


@pytest.fixture(scope="module")
def toys(belle2):
    return belle2.sample(template(belle2, np.full(30, 4.6)), np.random.default_rng(12))


def test_measured_data(belle2, laplace):
    assert belle2.data.values.shape == (1, 30)
    assert {name: array.shape for name, array in belle2.data.auxiliary.items()} == {
        "alpha": (1, 51),
        "factors": (1, 180),
    }
    for term in (belle2, laplace):
        given = template(term, [1.0, 4.6])
        copy = Data(term.data.values.copy(), dict(term.data.auxiliary))
        assert_allclose(term.log_likelihood(given, term.data), term.log_likelihood(given))
        assert_allclose(term.log_likelihood(given, copy), term.log_likelihood(given), atol=1e-8)


def test_one_prediction_or_one_data_set(belle2, laplace, toys):
    for term in (belle2, laplace):
        one, many = template(term, 4.6), template(term, np.full(30, 4.6))
        both = term.log_likelihood(many, toys)
        assert both.shape == (30,)
        assert_allclose(term.log_likelihood(one, toys), both, atol=1e-8)
        alone = [term.log_likelihood(one, toys.take(slice(i, i + 1)))[0] for i in (0, 7, 29)]
        assert_allclose(both[[0, 7, 29]], alone, atol=1e-8)
        strengths = template(term, [0.5, 2.0, 8.0])
        assert term.log_likelihood(strengths, toys.take(slice(3, 4))).shape == (3,)
        with pytest.raises(PredictionError, match="3 predictions and 30 data sets do not match"):
            term.log_likelihood(strengths, toys)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": np.zeros((1, 31))}, r"of shape \(m, 30\) are needed, not float64 of shape"),
        ({"values": np.full((1, 30), np.nan)}, "data set 0 holds nan"),
        ({"values": np.full((1, 30), -1.0)}, "holds -1.0 events, and a count is not negative"),
        ({"alpha": np.zeros((1, 50))}, r"auxiliary data 'alpha' .* shape \(1, 51\) are needed"),
        ({"alpha": np.full((1, 51), np.inf)}, "auxiliary data 'alpha' of data set 0 hold inf"),
        ({"factors": None}, "auxiliary data 'factors' of real numbers"),
    ],
)
def test_data_of_another_model(belle2, change, message):
    auxiliary = {name: change.get(name, array) for name, array in belle2.data.auxiliary.items()}
    wrong = Data(change.get("values", belle2.data.values), auxiliary)
    with pytest.raises(PredictionError, match=message):
        belle2.saturated(wrong)
    with pytest.raises(PredictionError, match=message):
        belle2.log_likelihood(template(belle2, 4.6), wrong)
    with pytest.raises(PredictionError, match="a Data record is needed, not ndarray"):
        belle2.saturated(belle2.data.values)


def test_no_data_sets(belle2):
    nothing = template(belle2, np.zeros(0))
    none = belle2.asimov(nothing)
    assert len(none) == 0
    assert belle2.log_likelihood(nothing, none).shape == (0,)
    assert belle2.saturated(none).shape == (0,)


def test_saturated(belle2, laplace, toys):
    at_truth = belle2.log_likelihood(template(belle2, 4.6), toys)
    bound = belle2.saturated(toys)
    assert (at_truth < bound).all()
    # 30 counts; 231 constrained parameters bring as many auxiliary data.
    assert 2 * (bound - at_truth).mean() == pytest.approx(30, abs=5)
    assert np.isnan(laplace.saturated(toys)).all()
    assert belle2.saturated().shape == (1,)


@pytest.mark.parametrize("options", [{}, {"template_errors": "reweighted"}])
def test_asimov(options, spectra):
    term = Belle2Likelihood(**options)
    given = spectra[:4]
    data = term.asimov(given)
    assert_allclose(term.log_likelihood(given, data), term.saturated(data), atol=1e-8)
    assert (term.log_likelihood(1.2 * given, data) < term.saturated(data)).all()


def test_same_seed_same_toys(belle2):
    given = template(belle2, [1.0, 4.6, 1.0])
    one, other = (belle2.sample(given, np.random.default_rng(6)) for _ in range(2))
    assert_allclose(one.values, other.values)
    assert_allclose(one.auxiliary["factors"], other.auxiliary["factors"])
    assert not np.array_equal(one.values[0], one.values[2])


def test_no_points(belle2, toys):
    empty = belle2.sample(np.zeros((0, 101)), np.random.default_rng(1))
    assert empty.values.shape == (0, 30)
    assert empty.auxiliary["factors"].shape == (0, 180)
    assert belle2.log_likelihood(np.zeros((0, 101)), empty).shape == (0,)
    assert belle2.asimov(np.zeros((0, 101))).values.shape == (0, 30)


def test_not_finite_row(belle2, toys):
    broken = template(belle2, np.full(30, 4.6))
    broken[3, 8] = np.nan
    log = belle2.log_likelihood(broken, toys)
    assert np.isnan(log[3])
    assert np.isfinite(np.delete(log, 3)).all()
    with pytest.raises(PredictionError, match="belle2-2023-bknunu: no data can be drawn"):
        belle2.sample(broken, np.random.default_rng(1))
    with pytest.raises(ParameterError, match="nuisances 'best' of toys are not known"):
        belle2.sample(template(belle2, 1.0), np.random.default_rng(1), "best")


def toy_for_pyhf(peer, belle2, toys, row):
    """Data in pyhf's order: counts, then the auxiliary data of each constraint."""
    model = belle2.model
    factors = np.ones(model.nominal.shape)
    factors[model.places] = toys.auxiliary["factors"][row]
    places = staterror_places(model, belle2_2023().workspace)
    auxiliary = []
    for name in peer.config.auxdata_order:
        if name in places:
            slot, bins = places[name]
            auxiliary.append(factors[slot, bins])
        else:
            auxiliary.append([toys.auxiliary["alpha"][row, model.alpha_names.index(name)]])
    counts = []
    for channel in peer.config.channels:
        counts.append(toys.values[row][model.channel(channel)])
    return np.concatenate([*counts, *auxiliary])


@pytest.fixture(scope="module")
def peer():
    pyhf = pytest.importorskip("pyhf")
    return pyhf.Workspace(belle2_2023().workspace).model()


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
def test_profiled_value_at_our_minimum(belle2, model, toys, peer):
    """pyhf's log-density of the toy at the alphas and factors found is the profiled value."""
    signal = model.nominal[0] > 0
    weights = np.where(signal, 4.6, 1.0)[None]
    log = belle2.log_likelihood(template(belle2, 4.6), toys)
    for row in (0, 9, 22):
        own = toys.take(slice(row, row + 1))
        data = model.data(own.values, own.auxiliary["alpha"], own.auxiliary["factors"])
        rates = model.rates(belle2.profiler.minimise(weights, data=data).alpha, weights, data=data)
        parameters = pyhf_parameters(
            peer, model, belle2_2023().workspace, 4.6, rates.alpha[0], rates.gamma[0]
        )
        theirs = peer.logpdf(parameters, toy_for_pyhf(peer, belle2, toys, row))
        assert log[row] == pytest.approx(float(theirs[0]), abs=1e-8)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
@pytest.mark.parametrize("row", [1, 14])
def test_profiled_value_of_minuit(belle2, toys, peer, row):
    """Minuit in pyhf, over all 231 parameters without bounds, finds the same minimum."""
    import pyhf

    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=2, maxiter=1_000_000))
    bounds = [(-10.0, 10.0)] * peer.config.npars
    _, twice = pyhf.infer.mle.fixed_poi_fit(
        4.6,
        toy_for_pyhf(peer, belle2, toys, row),
        peer,
        par_bounds=bounds,
        return_fitted_val=True,
    )
    log = belle2.log_likelihood(template(belle2, 4.6), toys)[row]
    # Numerical derivatives let minuit stop up to 1e-5 above the minimum, never below it.
    assert float(twice) - 2e-5 < -2 * log < float(twice) + 2e-6


@functools.cache
def peer_of_many():
    return pyhf.Workspace(belle2_2023().workspace).model(batch_size=BATCH)


def height(point, widths, data, empty):
    """pyhf's -2 ln L at a point, and a bound on how far it lies above the minimum.

    All directions but mu bend at least as the constraints do, by 2 over their widths squared; mu,
    whose width is the error of the fit, where it is free. In bins without counts that expect none
    (`empty`) the slope points out of what is allowed, along that of what they expect.
    """
    moves = np.diag(1e-4 * widths)[widths > 0]
    around = np.concatenate([point + moves, point - moves])
    rows = np.concatenate([point[None], around])
    rows = np.concatenate([rows, np.repeat(point[None], -len(rows) % BATCH, axis=0)])
    slices = [slice(i, i + BATCH) for i in range(0, len(rows), BATCH)]
    peer = peer_of_many()
    values = -2.0 * np.concatenate([peer.logpdf(rows[part], data) for part in slices])

    def slope_of(of_rows):
        up, down = of_rows[1 : 1 + len(around)].reshape(2, len(moves), -1)
        return (up - down).T / 2e-4

    slope = slope_of(values)[0]
    if empty.any():
        expected = np.concatenate([peer.expected_actualdata(rows[part]) for part in slices])
        for edge in slope_of(expected[:, empty]):
            outwards = (slope @ edge) / (edge @ edge)
            assert outwards > 0.0
            slope = slope - outwards * edge
    return values[0], 0.25 * (slope @ slope)


def statistics(belle2, peer, toys, rows):
    """-2 ln lambda(4.6) here; pyhf's, and bounds on what its minima are below."""
    model, workspace = belle2.model, belle2_2023().workspace
    widths, signal = np.ones(peer.config.npars), model.nominal[0] > 0
    for name, (slot, bins) in staterror_places(model, workspace).items():
        widths[peer.config.par_slice(name)] = model.relative_error[slot, bins]
    poi = peer.config.poi_index
    bins = np.arange(model.observed.size)
    order = np.concatenate([bins[model.channel(name)] for name in peer.config.channels])
    for row in rows:
        own = toys.take(slice(row, row + 1))
        fit, log = belle2.fit_strength(template(belle2, 1.0), own, 4.6)
        ours = 2.0 * (log - belle2.log_likelihood(template(belle2, 4.6), own))
        found = []
        for mu, error in ((fit.strength[0], fit.curvature[0] ** -0.5), (4.6, 0.0)):
            weights = np.where(signal, mu, 1.0)[None]
            data = model.data(own.values, own.auxiliary["alpha"], own.auxiliary["factors"])
            alpha = belle2.profiler.minimise(weights, data=data).alpha
            rates = model.rates(alpha, weights, data=data)
            widths[poi] = error
            point = pyhf_parameters(peer, model, workspace, mu, rates.alpha[0], rates.gamma[0])
            expected = (rates.gamma * rates.rate)[0].sum(axis=0)
            empty = ((own.values[0] == 0) & (expected < 1e-6))[order]
            toy = toy_for_pyhf(peer, belle2, toys, row)
            found.append(height(point, widths, toy, empty))
        (free, above_free), (held, above_held) = found
        yield ours[0], held - free, above_free, above_held


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
@pytest.mark.parametrize("count", [2, pytest.param(200, marks=pytest.mark.slow)])
def test_fits_of_mu_are_those_of_pyhf(belle2, peer, count):
    """-2 ln lambda to 1e-4, with all 232 parameters at minima of pyhf's density of each toy."""
    toys = belle2.sample(template(belle2, np.full(count, 4.6)), np.random.default_rng(21))
    for ours, theirs, *above in statistics(belle2, peer, toys, range(count)):
        assert ours == pytest.approx(theirs, abs=1e-6)
        assert max(above) < 1e-4
