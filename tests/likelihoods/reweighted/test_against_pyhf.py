"""The Belle II likelihood against pyhf: the full log-density, and profiled values (slow)."""

import copy

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from numpy.testing import assert_allclose
from scipy.special import gammaln
from scipy.stats import norm

pyhf = pytest.importorskip("pyhf")
pytestmark = pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")


def log_density(model, alpha, weights, gamma):
    """ln L with every constant at given nuisance parameters: (n,). gamma is (n, S, B)."""
    nu = (gamma * model.rates(alpha, weights).rate).sum(axis=1)
    n, free = model.observed, model.relative_error > 0
    main = (n * np.log(nu) - nu - gammaln(n + 1)).sum(axis=1)
    factors = norm.logpdf(gamma[:, free], 1.0, model.relative_error[free]).sum(axis=1)
    return main + norm.logpdf(alpha).sum(axis=1) + factors


def staterror_places(model, workspace):
    """Name of each bin factor to (slot, bins)."""
    places = {}
    for channel, (name, bins), samples in zip(
        workspace["channels"], model.channels, model.samples, strict=True
    ):
        assert channel["name"] == name
        slots = {sample: slot for slot, sample in samples.items()}
        for sample in channel["samples"]:
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    places[modifier["name"]] = (slots[sample["name"]], bins)
    return places


def pyhf_parameters(peer, model, workspace, strength, alpha, gamma):
    """Parameters in pyhf's order."""
    places, position = staterror_places(model, workspace), list(model.alpha_names)
    parts = []
    for name in peer.config.par_order:
        if name == "mu":
            parts.append([strength])
        elif name in places:
            slot, bins = places[name]
            parts.append(gamma[slot, bins])
        else:
            parts.append([alpha[position.index(name)]])
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def peer():
    workspace = pyhf.Workspace(belle2_2023().workspace)
    model = workspace.model()
    return model, np.array(workspace.data(model))


def test_full_log_density(model, peer):
    """20 points drawn at 0.3 sigma (at 1 sigma some expected counts are negative)."""
    rng = np.random.default_rng(20231124)
    workspace = belle2_2023().workspace
    theirs_model, data = peer
    signal = model.nominal[0] > 0
    for _ in range(20):
        strength = rng.uniform(0.0, 6.0)
        alpha = rng.normal(scale=0.3, size=(1, model.n_alpha))
        gamma = 1.0 + 0.3 * model.relative_error * rng.normal(size=(1, *model.nominal.shape))
        weights = np.where(signal, strength, 1.0)[None]
        ours = log_density(model, alpha, weights, gamma)
        parameters = pyhf_parameters(theirs_model, model, workspace, strength, alpha[0], gamma[0])
        assert_allclose(ours, theirs_model.logpdf(parameters, data), rtol=1e-9)


def test_parameters_agree(model, peer):
    names = {name for name in peer[0].config.par_order if name != "mu"}
    assert names == set(model.alpha_names) | set(staterror_places(model, belle2_2023().workspace))
    assert peer[0].config.npars == 1 + model.n_alpha + model.n_factors


def reweighted(workspace, signals, weights, channels):
    """The workspace with its signal templates and all their variations times the weights."""
    workspace = copy.deepcopy(workspace)
    for channel in workspace["channels"]:
        factor = weights[channels[channel["name"]]]
        for sample in channel["samples"]:
            if sample["name"] != signals.get(channel["name"]):
                continue
            sample["data"] = list(factor * sample["data"])
            for modifier in sample["modifiers"]:
                if modifier["type"] == "staterror":
                    modifier["data"] = list(factor * modifier["data"])
                elif modifier["type"] == "histosys":
                    for side in ("lo_data", "hi_data"):
                        modifier["data"][side] = list(factor * modifier["data"][side])
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize("row", [0, 7, 21])
def test_profiled_value(belle2, spectra, row):
    """Minuit in pyhf finds the same minimum over all 231 parameters, 40 s a point."""
    data = belle2_2023()
    weights = belle2.weights(spectra[row])[0]
    workspace = pyhf.Workspace(
        reweighted(data.workspace, data.signal_samples, weights, dict(belle2.model.channels))
    )
    peer = workspace.model()
    # Strategy 2: with the other ones the noise of numerical derivatives stops minuit 1e-3 too high.
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=2, maxiter=1_000_000))
    _, twice = pyhf.infer.mle.fixed_poi_fit(1.0, workspace.data(peer), peer, return_fitted_val=True)
    assert -2 * belle2.log_likelihood(spectra[row])[0] == pytest.approx(float(twice), abs=1e-4)
