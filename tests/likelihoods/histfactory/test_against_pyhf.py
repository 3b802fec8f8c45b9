"""Workspaces of all modifiers against pyhf: full log-density at random points, and minima.

The workspaces follow the examples of pyhf's documentation and tests: shapesys and shapefactor of
one channel, luminosity, two coupled channels, shared staterror.
"""

import copy

import numpy as np
import pytest
from bsinv.likelihoods.histfactory import curvature
from bsinv.likelihoods.histfactory.compiling.compile import compile_workspace
from bsinv.likelihoods.histfactory.compiling.workspace import read_workspace
from bsinv.likelihoods.histfactory.profile import Profiler
from numpy.testing import assert_allclose

from .workspaces import WORKSPACES, pyhf_parameters

pyhf = pytest.importorskip("pyhf")
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")

CODES = {"4p": "code4p", "2": "code2", "0": "code0", "4": "code4", "1": "code1"}


def both(name, codes=("4p", "4")):
    """Compiled model, and pyhf's with its data."""
    content, signals, fixed = WORKSPACES[name]
    workspace = read_workspace(
        content, interpolation={"histosys": codes[0], "normsys": codes[1]}, name=name
    )
    model = compile_workspace(workspace, signals, fixed=fixed)
    peer = pyhf.Workspace(content)
    settings = {
        "normsys": {"interpcode": CODES[codes[1]]},
        "histosys": {"interpcode": CODES[codes[0]]},
    }
    theirs = peer.model(modifier_settings=settings)
    return model, theirs, np.array(peer.data(theirs)), fixed


def random_point(model, rng, size=1):
    """Parameters near their centres; free ones between 0.5 and 1.5."""
    parameters = model.parameters
    width = np.where(parameters.normal, parameters.width, 0.2)
    alpha = parameters.centre + 0.6 * width * rng.normal(size=(size, model.n_alpha))
    free = parameters.free
    alpha[:, free] = rng.uniform(0.5, 1.5, (size, len(free)))
    tau = parameters.tau > 0
    alpha[:, tau] = rng.uniform(0.7, 1.3, (size, tau.sum()))
    return alpha


@pytest.mark.parametrize("name", WORKSPACES)
@pytest.mark.parametrize("codes", [("4p", "4"), ("2", "1"), ("0", "1")])
def test_log_density(name, codes):
    """The bin factors at their minimum for random other parameters, then all constants in."""
    model, theirs, data, fixed = both(name, codes)
    rng = np.random.default_rng(3)
    for _ in range(8):
        alpha = random_point(model, rng)
        weights = np.ones((1, model.signals * model.observed.size))
        if codes[0] == "2":
            # There pyhf jumps at +-1 (see `interpolation`).
            alpha[:, model.shape_index] = np.clip(alpha[:, model.shape_index], -0.95, 0.95)
        rates = model.rates(alpha, weights)
        ours = -(model.objective(rates)[0] + model.constant)
        parameters = pyhf_parameters(theirs, model, rates, fixed)
        assert ours == pytest.approx(float(theirs.logpdf(parameters, data)[0]), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", WORKSPACES)
def test_profile(name):
    """Minuit finds the same minimum over all parameters."""
    model, theirs, data, fixed = both(name)
    weights = np.ones((1, model.signals * model.observed.size))
    result = Profiler(model).minimise(weights)
    assert result.converged.all()
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=2, tolerance=1e-6))
    held = theirs.config.suggested_fixed()
    start = theirs.config.suggested_init()
    for parameter, value in fixed.items():
        index = theirs.config.par_slice(parameter)
        for position in range(index.start, index.stop):
            held[position], start[position] = True, value
    _, twice = pyhf.infer.mle.fit(
        data, theirs, init_pars=start, fixed_params=held, return_fitted_val=True
    )
    assert 2 * (result.objective[0] + model.constant) == pytest.approx(float(twice), abs=2e-6)


@pytest.mark.parametrize("name", WORKSPACES)
@pytest.mark.parametrize("codes", [("4p", "4"), ("2", "1")])
def test_derivatives(name, codes):
    model, _, _, _ = both(name, codes)
    if not model.n_alpha:
        pytest.skip("bin factors only")
    rng = np.random.default_rng(6)
    alpha = random_point(model, rng, 4)
    weights = rng.uniform(0.5, 2.0, (4, model.signals * model.observed.size))
    rates, h = model.rates(alpha, weights), 1e-5
    gradient, second = model.gradient(rates), curvature.hessian(model, rates)
    for index in range(model.n_alpha):
        step = np.zeros(model.n_alpha)
        step[index] = h
        above, below = (model.rates(alpha + s, weights) for s in (step, -step))
        slope = (model.objective(above) - model.objective(below)) / (2 * h)
        assert_allclose(gradient[:, index], slope, rtol=1e-5, atol=2e-5)
        change = (model.gradient(above) - model.gradient(below)) / (2 * h)
        assert_allclose(second[:, :, index], change, rtol=1e-5, atol=3e-5)


@pytest.mark.parametrize("name", ["shapesys", "everything"])
def test_data_of_their_own(name):
    """Toys of pyhf, counts and auxiliary data, at the factors found for them."""
    model, theirs, data, fixed = both(name)
    rng = np.random.default_rng(2)
    toy = data.copy()
    main = model.observed.size
    order = np.concatenate([np.arange(30)[model.channel(c)] for c in theirs.config.channels])
    counts = rng.poisson(model.observed).astype(float)
    toy[:main] = counts[order]
    factors = rng.uniform(0.7, 1.3, (1, model.n_factors))
    centres = random_point(model, rng)[:, model.parameters.constrained]
    own = model.data(counts[None], centres, factors)
    alpha = random_point(model, rng)
    weights = np.ones((1, model.signals * main))
    rates = model.rates(alpha, weights, data=own)
    ours = -(model.objective(rates)[0] + model.constants(own)[0])
    auxiliary = pyhf_parameters(theirs, model, rates, fixed, own)
    rest = []
    for parameter in theirs.config.auxdata_order:
        values = np.atleast_1d(auxiliary[theirs.config.par_slice(parameter)])
        scale = getattr(theirs.config.param_set(parameter), "factors", None)
        rest.append(values if scale is None else values * np.asarray(scale))
    toy[main:] = np.concatenate(rest)
    parameters = pyhf_parameters(theirs, model, rates, fixed)
    assert ours == pytest.approx(float(theirs.logpdf(parameters, toy)[0]), rel=1e-9)


def test_many_data_sets_and_signals_at_once():
    model, _, _, _ = both("everything")
    rng = np.random.default_rng(9)
    size = 60
    weights = rng.uniform(0.0, 3.0, (size, model.signals * model.observed.size))
    data = model.data(
        rng.poisson(model.observed, (size, model.observed.size)).astype(float),
        random_point(model, rng, size)[:, model.parameters.constrained],
        rng.uniform(0.7, 1.3, (size, model.n_factors)),
    )
    profiler = Profiler(model)
    result = profiler.minimise(weights, data=data)
    assert result.converged.all()
    for row in (0, 31):
        alone = profiler.minimise(weights[[row]], data=data.take(slice(row, row + 1)))
        assert alone.objective[0] == pytest.approx(result.objective[row], abs=1e-8)


def test_bound_of_a_free_factor():
    """A background that the data do not want ends at zero, another one at its upper bound."""
    content = copy.deepcopy(WORKSPACES["coupled"][0])
    sample = content["channels"][1]["samples"][0]
    sample["modifiers"].append({"name": "free", "type": "normfactor", "data": None})
    content["observations"][1]["data"] = [5.0, 0.0]
    model = compile_workspace(read_workspace(content), {"signal": ("signal",)}, fixed={"mu": 1})
    result = Profiler(model).minimise(np.ones((1, 4)))
    assert result.converged.all()
    at = model.alpha_names.index("free")
    assert 0 < result.alpha[0, at] < 0.1
    config = content["measurements"][0]["config"]["parameters"]
    config.append({"name": "free", "bounds": [[0.2, 0.5]]})
    model = compile_workspace(read_workspace(content), {"signal": ("signal",)}, fixed={"mu": 1})
    bounded = Profiler(model).minimise(np.ones((1, 4)))
    assert bounded.converged.all()
    assert bounded.alpha[0, at] == 0.2
    assert bounded.objective[0] > result.objective[0]
