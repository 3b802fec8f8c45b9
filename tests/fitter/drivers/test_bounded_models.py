"""Analyses with mass limits, walls and theory errors: what the drivers make of them."""

from __future__ import annotations

import bsinv
import numpy as np
import pytest
from bsinv.fitter.reports.notes import notes_of
from bsinv.fitter.reports.reference import reference_point
from bsinv.models import Model, ModelParameter
from bsinv.physics.wilson import Wilson


class Toy(Model):
    """One leptoquark: B_s mixing grows with the mass, as if the product over M^2 were known."""

    name = "toy-leptoquark"
    description = "a leptoquark whose mass is bounded from above by mixing"
    parameters = (
        ModelParameter("M", "M", "TeV", 2.0, 0.1, 20.0, "mass"),
        ModelParameter("g", "g", "1", 0.0, -10.0, 10.0, "coupling"),
    )

    def wilson(self, values, inputs):
        mass, coupling = np.broadcast_arrays(values["M"], values["g"])
        box = 1e-11 * (coupling * mass) ** 2
        return Wilson({"M_sLQ": mass, "max_coupling": abs(coupling), "C_VLL_bs": box})


def analysis(*likelihoods, **sections):
    free = {"M": {"prior": {"uniform": [0.5, 5.0]}}, "g": {"prior": {"uniform": [0.1, 8.0]}}}
    content = {
        "name": "toy",
        "model": Toy.name,
        "likelihoods": list(likelihoods),
        "parameters": free,
        "seed": 1,
        **sections,
    }
    return bsinv.load(content, Toy())


MASS = "atlas_2024_sLQ_btau"
HARD = {"name": MASS, "bound_form": "hard"}
# The same search by another experiment, smooth.
ANOTHER = "cms_2024_sLQ_btau"


def test_a_smooth_bound_is_finite_everywhere_in_the_prior():
    loaded = analysis(MASS, "hflav_2024_dms")
    theta = loaded.sample_prior(np.random.default_rng(1), 200)
    assert np.isfinite(loaded.log_likelihood(theta)).all()
    assert not loaded.problem.rejected


def test_a_hard_bound_excludes_and_is_counted():
    loaded = analysis(HARD, "perturbativity", "hflav_2024_dms")
    theta = loaded.sample_prior(np.random.default_rng(1), 200)
    inside = (theta[:, 0] >= 1.48) & (theta[:, 1] <= np.sqrt(4 * np.pi))
    np.testing.assert_array_equal(np.isfinite(loaded.log_likelihood(theta)), inside)
    assert loaded.problem.rejected[MASS] == np.count_nonzero(theta[:, 0] < 1.48)
    results = bsinv.chains.RunFile("toy", "", 1)
    notes = " ".join(notes_of(loaded.problem, results))
    assert f"{MASS}: excludes {loaded.problem.rejected[MASS]} points inside the priors" in notes


def test_models_without_such_particles_are_left_alone():
    loaded = bsinv.load(
        {
            "name": "without",
            "model": "wet",
            "likelihoods": [HARD, "perturbativity", "belle_2017_k0nunu"],
            "parameters": {"dC_L": {"prior": {"uniform": [-5, 5]}}},
        }
    )
    logs = loaded.problem.term_log_likelihoods(loaded.start[None])
    assert logs[MASS][0] == logs["perturbativity"][0] == 0.0


def test_a_wall_measures_nothing():
    """Only mixing sees the coupling: with a wall alone it is dead."""
    assert analysis(HARD, "perturbativity", ANOTHER).check().dead == ("g",)
    found = analysis(HARD, "perturbativity", "hflav_2024_dms").check()
    assert found.terms == ("hflav_2024_dms",)
    assert not found.dead


def test_fit_with_a_smooth_bound_and_observables():
    loaded = analysis(MASS, "hflav_2024_dms", parameters={"M": {"prior": {"uniform": [1, 5]}}})
    best = loaded.fit(minos=(), retries=1)
    mass, mixing = best.observables
    assert (mass.kind, mass.unit, mass.limit) == ("lower limit", "GeV", 1480.0)
    assert mass.prediction == pytest.approx(1000.0 * best.values[0])
    assert mass.reference_prediction == pytest.approx(2000.0)
    assert mixing.unit == "ps^-1"
    assert mixing.theory_error > mixing.error_plus
    total = np.hypot(mixing.theory_error, mixing.error_plus)
    assert mixing.pull == pytest.approx((mixing.value - mixing.prediction) / total)


def test_the_error_of_a_floating_constant_is_in_the_fit():
    fixed = analysis("hflav_xsgamma")
    floats = {"BR_Xsgamma_SM": {"prior": {"normal": [3.4e-4, 1.7e-5]}}}
    floating = analysis("hflav_xsgamma", inputs=floats)
    assert fixed.terms[0].theory_error == pytest.approx(1.7e-5)
    assert floating.terms[0].theory_error == 0.0
    off = analysis({"name": "hflav_xsgamma", "theory_errors": False})
    assert off.terms[0].theory_error == 0.0
    assert off.terms[0].error_plus == floating.terms[0].error_plus
    # A constant that is fixed to another number keeps its error.
    moved = analysis("hflav_xsgamma", inputs={"BR_Xsgamma_SM": 3.3e-4})
    assert moved.terms[0].theory_error == fixed.terms[0].theory_error


def test_decays_do_not_hide_the_standard_model():
    """A fixed coupling that decays to charm and tau alone is still without effect on b -> s."""
    content = {
        "name": "fixed",
        "model": "leptoquark-S0",
        "likelihoods": ["atlas_2023_sLQ_ctau", "talk_2024_RKnunu"],
        "parameters": {
            "M": 2.0,
            "lambda_stau": 1.0,
            "lambda_btau": {"prior": {"uniform": [-3.5, 3.5]}},
        },
        "seed": 1,
    }
    loaded = bsinv.load(content)
    assert reference_point(loaded.problem) is not None
    # Decays to b and nu take from those to charm and tau.
    theta = np.array([[0.0], [1.0]])
    assert np.isfinite(loaded.log_likelihood(theta)).all()
