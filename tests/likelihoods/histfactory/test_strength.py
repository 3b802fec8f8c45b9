"""Fits of the signal strength: against a minimiser of one variable, toys, the edge at zero."""

import numpy as np
import pytest
from bsinv.likelihoods.histfactory.sample import asimov_data, draw_data
from bsinv.likelihoods.histfactory.strength import fit_strength
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar


def scaled(model, weights, mu):
    return np.where(model.nominal[0] > 0, mu * weights, 1.0)


def toys(belle2, strength, size, seed=2):
    model = belle2.model
    one = np.ones((1, 30))
    weights = np.repeat(scaled(model, one, strength), size, axis=0)
    drawn = draw_data("t", belle2.profiler, weights, None, np.random.default_rng(seed))
    return one, model.data(drawn.counts, drawn.alpha, drawn.factors)


def test_measured(belle2, model):
    """4.6 with an error of 1.3 (2311.14647: 4.6 +- 1.0 +- 0.9)."""
    found = fit_strength(belle2.profiler, np.ones((1, 30)))
    assert found.converged.all()
    assert found.strength[0] == pytest.approx(4.60, abs=0.005)
    assert found.curvature[0] ** -0.5 == pytest.approx(1.33, abs=0.03)


def test_against_a_minimiser_of_one_variable(belle2, model):
    one, data = toys(belle2, 4.6, 12)
    found = fit_strength(belle2.profiler, one, data, start=4.6)
    assert found.converged.all()
    for row in range(0, 12, 3):
        own = data.take(slice(row, row + 1))

        def cost(mu, own=own):
            return belle2.profiler.minimise(scaled(model, one, mu), data=own).objective[0]

        best = minimize_scalar(cost, bounds=(0.0, 20.0), method="bounded", options={"xatol": 1e-5})
        assert found.objective[row] == pytest.approx(best.fun, abs=1e-7)
        assert found.strength[row] == pytest.approx(best.x, abs=2e-3)


@pytest.mark.parametrize("strength", [0.3, 1.0, 4.6, 20.0])
def test_toys_come_back(belle2, strength):
    one, data = toys(belle2, strength, 300)
    found = fit_strength(belle2.profiler, one, data, start=strength)
    assert found.converged.all()
    assert found.steps <= 15
    spread = found.strength.std()
    # At 0.3 a third of the toys end at zero; the median does not mind.
    assert abs(np.median(found.strength) - strength) < 6 * spread / np.sqrt(300)
    at = scaled(belle2.model, one, strength)
    truth = belle2.profiler.minimise(np.repeat(at, 300, axis=0), data=data)
    assert (truth.objective - found.objective > -1e-7).all()


def test_zero_is_the_edge(belle2):
    one, data = toys(belle2, 1e-6, 100)
    found = fit_strength(belle2.profiler, one, data)
    assert found.converged.all()
    zero = found.strength == 0.0
    assert 0.3 < zero.mean() < 0.7
    little = scaled(belle2.model, one, 0.05)
    higher = belle2.profiler.minimise(np.repeat(little, 100, axis=0), data=data).objective
    assert (higher[zero] > found.objective[zero]).all()


def test_asimov_returns_its_strength(belle2, model):
    for strength in (0.5, 4.6, 50.0):
        drawn = asimov_data("t", belle2.profiler, scaled(model, np.ones((1, 30)), strength))
        data = model.data(drawn.counts, drawn.alpha, drawn.factors)
        found = fit_strength(belle2.profiler, np.ones((1, 30)), data)
        assert found.strength[0] == pytest.approx(strength, rel=1e-4)
        assert found.objective[0] == pytest.approx(0.0, abs=1e-8)


def test_a_start_far_away(belle2):
    one, data = toys(belle2, 1.0, 50)
    near = fit_strength(belle2.profiler, one, data, start=1.0)
    far = fit_strength(belle2.profiler, one, data, start=60.0)
    assert far.converged.all()
    assert_allclose(far.objective, near.objective, atol=1e-6)


def test_signals_of_their_own(belle2, spectra, model):
    """One spectrum for each data set, and errors of the template that follow it."""
    weights = belle2.weights(spectra[:5])
    widths = belle2.template_widths2(spectra[:5])
    found = fit_strength(belle2.profiler, weights, signal_width2=widths)
    alone = fit_strength(belle2.profiler, weights[3:4], signal_width2=widths[3:4])
    assert found.converged.all()
    assert found.strength[3] == pytest.approx(alone.strength[0], abs=1e-4)
    assert found.objective[3] == pytest.approx(alone.objective[0], abs=1e-8)
