"""Impacts of nuisance parameters against fits of pyhf with each of them held."""

from functools import partial

import numpy as np
import pytest
from bsinv.likelihoods.reweighted.build import pyhf_term
from bsinv.likelihoods.reweighted.inspection.impacts import held, joint_fit

pyhf = pytest.importorskip("pyhf")

WORKSPACE = {
    "version": "1.0.0",
    "channels": [
        {
            "name": "region",
            "samples": [
                {
                    "name": "signal",
                    "data": [12.0, 9.0, 4.0],
                    "modifiers": [
                        {"name": "mu", "type": "normfactor", "data": None},
                        {"name": "eff", "type": "normsys", "data": {"hi": 1.1, "lo": 0.9}},
                    ],
                },
                {
                    "name": "background",
                    "data": [50.0, 60.0, 70.0],
                    "modifiers": [
                        {"name": "norm", "type": "normsys", "data": {"hi": 1.06, "lo": 0.94}},
                        {
                            "name": "shape",
                            "type": "histosys",
                            "data": {"hi_data": [52.0, 60.0, 69.0], "lo_data": [48.0, 60.0, 71.0]},
                        },
                        {"name": "stat", "type": "staterror", "data": [2.0, 2.0, 2.0]},
                    ],
                },
            ],
        }
    ],
    "observations": [{"name": "region", "data": [70.0, 71.0, 75.0]}],
    "measurements": [{"name": "m", "config": {"poi": "mu", "parameters": []}}],
}


@pytest.fixture(scope="module")
def term():
    return pyhf_term("toy", file=WORKSPACE, parameter_map={"mu": "RK(nunu)"})


@pytest.fixture(scope="module")
def peer():
    """Model, data and best fit of pyhf."""
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=1e-6))
    # The default interpolation of the package is that of pyhf.
    model = pyhf.Workspace(WORKSPACE).model(
        modifier_settings={"normsys": {"interpcode": "code4"}, "histosys": {"interpcode": "code4p"}}
    )
    data = [70.0, 71.0, 75.0, *model.config.auxdata]
    best, errors = pyhf.infer.mle.fit(data, model, return_uncertainties=True).T
    yield model, data, best, errors
    pyhf.set_backend("numpy")


def fitted(term, peer):
    """Joint fit of the package at the strength that pyhf finds."""
    model, _, best, _ = peer
    strength = best[model.config.poi_index]
    predict = partial(_columns, term)
    return strength, predict, joint_fit(term, predict, np.array([strength]), np.array([0.02]))


def _columns(term, points):
    """Columns of the predictions RK = mu."""
    unit = np.zeros((len(points), term.null_columns.shape[-1]))
    unit[:, -1] = points[:, 0]
    return unit


def test_errors_and_impacts_are_those_of_pyhf(term, peer):
    """Held at +-1 error after the fit, and everything else refitted by pyhf."""
    model, data, best, errors = peer
    strength, _, fit = fitted(term, peer)
    poi = model.config.poi_index
    sigma = np.sqrt(np.diag(fit.covariance))
    assert sigma[0] == pytest.approx(errors[poi], rel=0.01)
    for index, name in enumerate(term.model.alpha_names):
        place = model.config.par_slice(name).start
        assert fit.alpha[index] == pytest.approx(best[place], abs=2e-3)
        assert sigma[1 + index] == pytest.approx(errors[place], rel=0.02)
        impact = fit.covariance[0, 1 + index] / sigma[1 + index]
        ours, theirs = [], []
        for sign in (-1.0, 1.0):
            at = best.copy()
            at[place] = fit.alpha[index] + sign * sigma[1 + index]
            fixed = [i == place for i in range(len(at))]
            refit = pyhf.infer.mle.fit(data, model, init_pars=list(at), fixed_params=fixed)
            theirs.append(float(refit[poi]) - strength)
            ours.append(sign * impact)
        assert ours == pytest.approx(theirs, abs=0.06 * sigma[0])


def test_a_held_parameter_stays_and_the_rest_is_refitted(term, peer):
    """The profile with it held is that of pyhf with it fixed."""
    model, data, best, _ = peer
    strength, predict, _ = fitted(term, peer)
    index = term.model.alpha_names.index("norm")
    place = model.config.par_slice("norm").start
    columns = term.columns(predict(np.array([[strength], [strength + 0.3]])))
    for value in (-0.7, 0.4):
        profiler = held(term, index, value, 1.0)
        found = profiler.minimise(term.signal.weights(columns))
        assert found.alpha[:, index] == pytest.approx(value, abs=1e-4)
        theirs = []
        for mu in (strength, strength + 0.3):
            at = best.copy()
            at[place], at[model.config.poi_index] = value, mu
            fixed = [i in (place, model.config.poi_index) for i in range(len(at))]
            _, twice = pyhf.infer.mle.fit(
                data, model, init_pars=list(at), fixed_params=fixed, return_fitted_val=True
            )
            theirs.append(0.5 * float(twice))
        ours = found.objective
        assert ours[1] - ours[0] == pytest.approx(theirs[1] - theirs[0], abs=2e-4)
