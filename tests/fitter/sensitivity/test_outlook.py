"""What flat and weak directions are, and what would tell of them."""

import json

import bsinv
import numpy as np
import pytest
from bsinv.cli.plain_records import check_record
from bsinv.fitter.analysis_file.names import known_names
from bsinv.fitter.sensitivity.check import check
from bsinv.fitter.sensitivity.information import information, prior_spread, weak_directions
from bsinv.fitter.sensitivity.lifting import data_on, directions
from bsinv.fitter.sensitivity.outlook import outlook, outlook_sentences

WIDE = {"prior": {"uniform": [-20, 20]}}
FLAVOURS = ("ee", "mumu", "tautau")


def analysis(model="wet-lfu", likelihoods=("belle2_2023_kpnunu",), names=("dC_L", "dC_R"), **more):
    parameters = dict.fromkeys(names, WIDE)
    return bsinv.load(
        {
            "name": "a",
            "model": model,
            "likelihoods": list(likelihoods),
            "parameters": parameters,
            "seed": 1,
            **more,
        }
    )


@pytest.fixture(scope="module")
def alone():
    return analysis()


def test_b_to_k_alone_leaves_the_difference_which_k_star_would_lift(alone):
    found = alone.check()
    (direction,) = directions(alone.problem, found)
    assert direction.kind == "straight"
    assert direction.components == pytest.approx({"dC_L": 0.5**0.5, "dC_R": -(0.5**0.5)}, abs=1e-6)
    assert direction.moved < 1e-9
    lifts = {lift.observable: lift for lift in direction.lifts}
    assert "belle_2017_kst0nunu" in lifts["BR(B0->K*nunu)"].data
    assert {"BR(B+->K*nunu)", "<FL>(B0->K*nunu)", "BR(Bs->phinunu)"} <= set(lifts)
    # The same combination moves them, or they belong to other sectors.
    assert not {"BR(B0->Knunu)", "RK(nunu)", "BR(Bs->mumu)", "DeltaM_s"} & set(lifts)
    changes = [lift.change for lift in direction.lifts]
    assert changes == sorted(changes, reverse=True)


def test_the_change_told_is_the_derivative(alone):
    found = alone.check()
    (direction,) = directions(alone.problem, found)
    change = {lift.observable: lift.change for lift in direction.lifts}["BR(B0->K*nunu)"]
    step = np.array([1.0, -1.0]) / np.sqrt(2) * alone.scale

    def rate(theta):
        return alone.observable("BR(B0->K*nunu)", theta)

    points = found.points
    slopes = abs(rate(points + 1e-5 * step) - rate(points - 1e-5 * step)) / 2e-5 / rate(points)
    assert change == pytest.approx(slopes.max(), rel=1e-2)


def test_adding_what_would_tell_lifts_the_direction():
    both = analysis(likelihoods=("belle2_2023_kpnunu", "belle_2017_kst0nunu"))
    found = both.check()
    assert found.flat == ()
    assert directions(both.problem, found) == ()


def test_each_flavour_has_its_own_flat_direction_and_further_ones_turn():
    names = tuple(f"dC_{side}_{flavour}" for side in "LR" for flavour in FLAVOURS)
    loaded = analysis("wet-diagonal", names=names)
    found = directions(loaded.problem, loaded.check())
    straight = [one for one in found if one.kind == "straight"]
    bent = [one for one in found if one.kind == "bent"]
    assert (len(straight), len(bent)) == (3, 2)
    for one, flavour in zip(straight, FLAVOURS, strict=True):
        moving = {name: value for name, value in one.components.items() if value}
        expected = {f"dC_L_{flavour}": 0.5**0.5, f"dC_R_{flavour}": -(0.5**0.5)}
        assert moving == pytest.approx(expected, abs=1e-6)
        assert "BR(B0->K*nunu)" in {lift.observable for lift in one.lifts}
    # |C_L + C_R|^2 summed over flavours: what is left turns, and no summed rate sees it.
    for one in bent:
        assert one.moved > 1e-3
        assert one.lifts == ()


def test_all_rates_leave_the_turning_directions_of_flavour():
    names = tuple(f"dC_{side}_{flavour}" for side in "LR" for flavour in FLAVOURS)
    loaded = analysis("wet-diagonal", ("b2snunu",), names)
    found = directions(loaded.problem, loaded.check())
    # Two invariants of two vectors of three components are seen: 6 - 2.
    assert [one.kind for one in found] == ["bent"] * 4


def test_what_is_flat_at_the_standard_model_only_is_told_apart():
    # A lepton-number violating amplitude does not interfere: its rate is quadratic.
    loaded = analysis("wet", names=("dC_L", "C_SL"), likelihoods=("b2snunu",))
    (special,) = directions(loaded.problem, loaded.check())
    assert special.kind == "special"
    assert special.components == pytest.approx({"dC_L": 0.0, "C_SL": 1.0})
    assert special.moved > 0.1


def test_a_dead_parameter_is_told_of_by_what_depends_on_it():
    loaded = analysis("wet", names=("dC_L", "C_TL_mutau"))
    predictions = {"rate": lambda theta: theta[:, 0]}
    found = check(
        predictions, loaded.names, loaded.scale, np.array([[0.5, 3.0]]), np.zeros(2, bool)
    )
    assert found.dead == ("C_TL_mutau",)
    (dead,) = directions(loaded.problem, found)
    assert (dead.kind, dict(dead.components)) == ("dead", {"C_TL_mutau": 1.0})
    assert "BR(B0->K*nunu)" in {lift.observable for lift in dead.lifts}


def test_data_on_an_observable_are_likelihoods_that_can_be_asked_for():
    assert "belle_2017_kst0nunu" in data_on("BR(B0->K*nunu)")
    assert data_on("<FL>(B0->K*nunu)") == ()
    assert set(data_on("BR(B+->Knunu)")) <= set(known_names().data_ids)


def test_information_of_gaussian_terms_is_that_of_their_errors():
    names = ("dC_L", "dC_R")
    inputs = {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}}
    loaded = analysis(
        likelihoods=("belle2_2023_kpnunu", "belle_2017_kst0nunu"), names=names, inputs=inputs
    )
    theta = np.array([[-4.0, 3.0, 1.0]])
    spread = prior_spread(loaded.problem)
    np.testing.assert_allclose(np.diag(spread), [40 / 12**0.5, 40 / 12**0.5, 0.09], rtol=1e-3)
    expected = np.zeros((3, 3))
    fitted = np.hypot(3.6, 1.8) / (0.51e-3 * 772e6)
    sigma = {"belle2_2023_kpnunu": 0.71e-5, "belle_2017_kst0nunu": fitted}
    for term in loaded.terms:
        up, down = (
            loaded.problem.predictions(theta + sign * 1e-5 * spread)[term.name]
            for sign in (1.0, -1.0)
        )
        slope = (up - down) / 2e-5
        here = loaded.problem.predictions(theta)[term.name]
        below = term.name == "belle2_2023_kpnunu" and here < 2.3e-5
        error = 0.64e-5 if below else sigma[term.name]
        expected += np.outer(slope, slope) / error**2
    np.testing.assert_allclose(information(loaded.problem, theta), expected, rtol=1e-3)


def test_information_of_the_belle2_likelihood_is_its_curvature():
    loaded = bsinv.load("belle2-signal-strength")
    theta = np.array([[4.6]])
    step = np.array([[0.05]])
    logs = [loaded.log_likelihood(theta + part * step)[0] for part in (-1.0, 0.0, 1.0)]
    curvature = -(logs[0] - 2.0 * logs[1] + logs[2]) / 0.05**2
    spread = prior_spread(loaded.problem)[0, 0]
    assert information(loaded.problem, theta)[0, 0] == pytest.approx(
        curvature * spread**2, rel=1e-2
    )
    # At the end of the support, where the strength cannot go further down, there is one too.
    assert information(loaded.problem, np.array([[0.0]]))[0, 0] > 1.0


def test_a_narrow_prior_is_all_that_constrains(alone):
    narrow = analysis(
        likelihoods=("belle2_2023_kpnunu", "belle_2017_kst0nunu"),
        parameters={"dC_L": {"prior": {"uniform": [-1, 1]}}, "dC_R": WIDE},
        names=(),
    )
    (weak,) = weak_directions(narrow.problem, narrow.point({"dC_R": 2.0}))
    assert weak.by_priors
    assert 1.0 < weak.error < np.inf
    assert abs(weak.components["dC_L"]) > 0.9
    (silent,) = weak_directions(alone.problem, alone.start[None])
    assert silent.error == np.inf
    assert silent.components == pytest.approx({"dC_L": 0.5**0.5, "dC_R": -(0.5**0.5)}, abs=1e-6)


def test_first_order_can_be_blind_to_what_the_data_constrain():
    both = analysis(likelihoods=("belle2_2023_kpnunu", "belle_2017_kst0nunu"))
    # C_L = C_R, of which the Standard Model is -6.35 in C_L: the rate of B -> K* is at its
    # minimum in the difference.
    (weak,) = weak_directions(both.problem, np.array([[-4.0, -10.35]]))
    assert weak.error > 1.0
    assert not weak.by_priors


def test_inputs_that_float_within_their_constraints_weaken_the_data():
    def errors(sigma):
        loaded = analysis(
            likelihoods=("belle_2017_kst0nunu",),
            names=("dC_R",),
            inputs={"norm_BtoKstar": {"prior": {"normal": [1.0, sigma], "lower": 0.0}}},
            parameters={"dC_R": {"prior": {"uniform": [-0.5, 0.5]}}},
        )
        return [one.error for one in weak_directions(loaded.problem, loaded.start[None])]

    (tight,), (loose,) = errors(1e-4), errors(3.0)
    assert loose > tight > 1.0


def test_the_outlook_is_told_in_sentences_and_stored(alone):
    found = alone.check()
    seen = outlook(alone.problem, found)
    assert seen.place == "the best fit"
    (sentence,) = outlook_sentences(seen)
    assert sentence.startswith(
        "Flat direction, in units of the typical changes: +0.707 dC_L -0.707 dC_R. No prediction "
        "moves along it. Would tell: "
    )
    assert "BR(B0->K*nunu) (74 % per typical change; data: belle_2013_kst0nunu," in sentence
    record = json.loads(json.dumps(check_record(found, seen)))
    assert record["outlook"]["directions"][0]["kind"] == "straight"
    assert record["outlook"]["weak"][0]["error"] is None
    assert "turning" not in record


def test_a_point_given_is_the_place_of_comparison(alone):
    seen = outlook(alone.problem, alone.check(), np.array([[1.0, 2.0]]))
    assert (seen.place, seen.point) == ("the point given", {"dC_L": 1.0, "dC_R": 2.0})


def test_expressions_have_flat_directions_too():
    loaded = bsinv.load(
        {
            "name": "a",
            "model": "wet-lfu",
            "likelihoods": ["belle2_2023_kpnunu"],
            "auxiliary": {"S": WIDE, "D": WIDE},
            "parameters": {
                "dC_L": {"expression": "(S + D) / 2"},
                "dC_R": {"expression": "(S - D) / 2"},
            },
            "seed": 1,
        }
    )
    found = loaded.check()
    # B -> K sees the sum alone: the other parameter is dead, not only flat.
    assert found.dead == ("D",)
    (dead,) = directions(loaded.problem, found)
    assert "BR(B0->K*nunu)" in {lift.observable for lift in dead.lifts}


def test_an_analysis_without_parameters_of_interest_has_nothing_to_tell():
    loaded = analysis(
        names=(), inputs={"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
        likelihoods=("belle2_2023_kpnunu", "belle_2017_kst0nunu"),
    )  # fmt: skip
    seen = outlook(loaded.problem, loaded.check())
    assert (seen.directions, seen.weak) == ((), ())
    # A term whose prediction nothing moves comes as one row.
    assert np.isfinite(information(loaded.problem, loaded.start[None])).all()


def test_the_global_likelihood_names_its_flat_directions():
    names = ("dC_L_mumu", "dC_L_tautau", "dC_R_mumu", "dC_R_tautau")
    loaded = analysis("wet-full", ("b2s-invisible-global",), names)
    found = loaded.check(points=3)
    kinds = [one.kind for one in directions(loaded.problem, found)]
    # Of two vectors of two components the lengths of sum and difference are seen, the rest turns.
    assert kinds.count("straight") == 0
    assert kinds.count("bent") == 2
