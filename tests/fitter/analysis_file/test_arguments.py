"""What is given in Python is checked: one clear error for each thing that is no number."""

import re
import warnings

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError, PredictionError
from bsinv.fitter.analysis_file.arguments import check_count, real_array
from bsinv.fitter.predict import predict_with_error

FREE = {"prior": {"uniform": [-20.0, 20.0]}}
POINT = np.array([[1.0, 0.0]])
# Things that are no array of real numbers.
NO_NUMBERS = {
    "complex": POINT + 0j,
    "truth values": np.array([[True, False]]),
    "text": np.array([["1", "2"]]),
    "objects": np.array([[1, 2]], dtype=object),
    "integers beyond 64 bits": [[10**400, 1]],
    "ragged": [[1], [1, 2]],
    "nothing": None,
    "mapping": {"dC_L": 1.0},
    "masked": np.ma.array(POINT, mask=[[True, False]]),
    "dates": np.array([["2020-01-01", "2020-01-02"]], dtype="datetime64[D]"),
}
ENTRANCES = {
    "log_likelihood": lambda one, theta: one.log_likelihood(theta),
    "log_prior": lambda one, theta: one.problem.log_prior(theta),
    "log_constraint": lambda one, theta: one.problem.log_constraint(theta),
    "log_posterior": lambda one, theta: one.problem.log_posterior(theta),
    "term_log_likelihoods": lambda one, theta: one.problem.term_log_likelihoods(theta),
    "predictions": lambda one, theta: one.problem.predictions(theta),
    "wilson": lambda one, theta: one.wilson(theta),
    "observable": lambda one, theta: one.observable("RK(nunu)", theta),
    "diffuse": lambda one, theta: one.problem.diffuse(theta, 0.1, np.zeros((1, 2))),
    "check": lambda one, theta: one.check(points=0, theta=theta),
}


@pytest.fixture(scope="module")
def analysis():
    return bsinv.load(
        {
            "name": "two",
            "model": "wet-lfu",
            "likelihoods": ["belle_2017_kpnunu_value", "belle_2017_kst0nunu"],
            "parameters": {"dC_L": FREE, "dC_R": FREE},
        }
    )


@pytest.mark.parametrize("theta", NO_NUMBERS.values(), ids=NO_NUMBERS)
@pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES)
def test_points_must_be_real_numbers(analysis, entrance, theta):
    if theta is None and entrance is ENTRANCES["check"]:
        return  # its default
    with pytest.raises(ParameterError, match=r"theta = .* is not allowed: it must be an array"):
        entrance(analysis, theta)


@pytest.mark.parametrize("theta", [POINT[0], POINT[None], np.ones((2, 3)), 1.0, []], ids=str)
@pytest.mark.parametrize("entrance", ENTRANCES.values(), ids=ENTRANCES)
def test_points_must_have_a_column_for_each_parameter(analysis, entrance, theta):
    with pytest.raises(ParameterError, match=r"\(n, 2\) is needed, with columns dC_L, dC_R"):
        entrance(analysis, theta)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_has_no_likelihood_and_no_prediction(analysis, value):
    """Its companions in a batch are as they are alone; nothing warns."""
    theta = np.array([[1.0, 0.0], [value, 0.0], [2.0, 0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log = analysis.log_likelihood(theta)
        prior = analysis.problem.log_prior(theta)
    assert log[1] == prior[1] == -np.inf
    np.testing.assert_allclose(log[[0, 2]], analysis.log_likelihood(theta[[0, 2]]), rtol=1e-12)
    shown = re.escape(f"dC_L = {value} at point 1 is not allowed")
    for entrance in ("predictions", "wilson", "observable"):
        with pytest.raises(ParameterError, match=shown):
            ENTRANCES[entrance](analysis, theta)


def test_a_parameter_that_nothing_depends_on_is_no_exception():
    """A mass without a coupling."""
    one = bsinv.load(
        {
            "name": "mass",
            "model": "dm-scalar",
            "likelihoods": ["belle_2017_kpnunu_value"],
            "parameters": {"m_S": {"prior": {"uniform": [0.0, 2.0]}}, "C_S": FREE},
        }
    )
    theta = one.point({"C_S": 0.0})
    theta[0, one.names.index("m_S")] = np.nan
    assert one.log_likelihood(theta) == [-np.inf]


@pytest.mark.parametrize("value", [1 + 2j, np.nan, np.inf, "1", True, [1.0], None, 10**400])
def test_a_point_is_made_of_finite_numbers(analysis, value):
    with pytest.raises(ParameterError, match=r"dC_L = .* must be one finite real number"):
        analysis.point({"dC_L": value})


@pytest.mark.parametrize("values", [[1.0, 2.0], 3.0, "dC_L"])
def test_a_point_is_a_mapping(analysis, values):
    with pytest.raises(ParameterError, match=r"the point = .* must be a mapping"):
        analysis.point(values)


@pytest.mark.parametrize("samples", [1, 0, -1, 2.0, 2.5, True, "100", None, np.nan, 10**30, [10]])
def test_draws_of_an_error(samples):
    message = r"samples = .* must be a whole number of at least 2 and at most 10000000 for a stand"
    with pytest.raises(ParameterError, match=message):
        predict_with_error("BR(B+->Knunu)", samples=samples)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None])
def test_seed_of_an_error(seed):
    with pytest.raises(ParameterError, match=r"seed = .* must be a whole number of at least 0"):
        predict_with_error("BR(B+->Knunu)", samples=2, seed=seed)


def test_counts_of_numpy_are_counts():
    assert check_count("n", np.int64(3), 2) == 3
    _, error = predict_with_error("BR(B+->Knunu)", samples=np.int32(2), seed=np.uint8(1))
    assert error > 0.0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"X_t": -1}, "X_t = -1 is not allowed: it must be between 0 and 10."),
        ({"X_t": 1e200}, "X_t = 1e+200 is not allowed: it must be between 0 and 10."),
        ({"X_t": [1.0, -1.0]}, "X_t = [1.0, -1.0] is not allowed: all must be between 0 and 10."),
        ({"V_cb": 0.04, "VtbVts": 0.04}, "V_cb is not allowed beside VtbVts"),
        ({"V_cb": 1.0}, "is nan at V_cb = 1.0: it is not defined there."),
    ],
)
def test_constants_are_physical(settings, message):
    with pytest.raises(PredictionError) as caught:
        bsinv.predict("BR(KL->pi0inv)", **settings)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [1 + 0j, True, "1", b"1", 10**400, np.ma.masked, {}])
def test_constants_are_real_numbers(value):
    with pytest.raises(ParameterError, match=r"X_t = .* must be a real number or an array"):
        bsinv.predict("BR(B+->Knunu)", X_t=value)


def test_infinity_is_in_no_range():
    """A scale may have no upper end; infinity is none of its values."""
    with pytest.raises(ParameterError, match="dC_L = inf is outside the range"):
        bsinv.predict("BR(B+->Knunu)", dC_L=np.inf)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"observable": 3}, "observable = 3 is not allowed"),
        ({"observable": []}, r"observable = \[\] is not allowed"),
        ({"model": 3}, "model = 3 is not allowed: it must be the name of a model"),
        ({"model": None}, "model = None is not allowed"),
    ],
)
def test_names_are_text(given, message):
    with pytest.raises(ParameterError, match=message):
        bsinv.predict(**{"observable": "BR(B+->Knunu)", **given})


@pytest.mark.parametrize(
    ("rng", "size", "message"),
    [
        (1, 3, "rng = 1 is not allowed: it must be a numpy.random.Generator"),
        (np.random.default_rng(1), -1, "size = -1 is not allowed"),
        (np.random.default_rng(1), 1.5, "size = 1.5 is not allowed"),
        (np.random.default_rng(1), True, "size = True is not allowed"),
        (np.random.default_rng(1), 10**30, "size = 1000000.* at most 100000000"),
    ],
)
def test_draws_of_the_prior(analysis, rng, size, message):
    with pytest.raises(ParameterError, match=message):
        analysis.sample_prior(rng, size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": 3}, "strategy = 3 is not allowed: must be at most 2, not 3."),
        ({"strategy": True}, "strategy = True is not allowed: must be a whole number, not true."),
        ({"retries": -1}, "retries = -1 is not allowed: must be at least 0, not -1."),
        ({"retries": 1.5}, "retries = 1.5 is not allowed: must be a whole number"),
        ({"retries": None}, "retries = None is not allowed: must be a whole number"),
        ({"seed": -1}, "seed = -1 is not allowed: it must be a whole number"),
        ({"minos": 3}, "minos = 3 is not allowed"),
    ],
)
def test_options_of_a_fit(analysis, options, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        analysis.fit(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"walkers": 8.0}, "walkers = 8.0 is not allowed: must be a whole number or auto"),
        ({"walkers": -2}, "walkers = -2 is not allowed"),
        ({"walkers": 7}, "an even number"),
        ({"max_steps": 0}, "max_steps = 0 is not allowed: must be at least 1"),
        ({"thin": 2.5}, "thin = 2.5 is not allowed: must be a whole number"),
        ({"ensembles": 0}, "ensembles = 0 is not allowed"),
        ({"moves": "foo"}, "moves = 'foo' is not allowed"),
        ({"target_ess": np.nan}, "target_ess = nan is not allowed: must be finite"),
        ({"target_rhat": 1.0}, "target_rhat = 1.0 is not allowed"),
        ({"seed": True}, "seed = True is not allowed"),
        ({"best": 3}, "best = 3 is not allowed"),
        ({"resume": 3}, "resume = 3 is not allowed"),
    ],
)
def test_options_of_a_sampler(analysis, options, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        analysis.sample(**{"max_steps": 2, **options})


def test_walkers_may_be_chosen_by_name(analysis):
    ensembles, _ = analysis.sample(walkers="auto", max_steps=np.int64(2), ensembles=1)
    assert ensembles[0].chain.shape[1] >= 6


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"points": 2.5}, "points = 2.5 is not allowed"),
        ({"points": True}, "points = True is not allowed"),
        ({"points": 10**9}, "points = 1000000000 is not allowed"),
        ({"best": 3}, "best = 3 is not allowed"),
        ({"axes": 3}, "axes = 3 is not allowed"),
        ({"axes": {"dC_L": [1, 1]}}, "the axis of dC_L = [1, 1] is not allowed"),
        ({"axes": {"dC_L": [0, np.nan]}}, "the axis of dC_L = [0, nan] is not allowed"),
        ({"axes": {"dC_L": [0, 1 + 1j]}}, "the axis of dC_L = [0, (1+1j)] is not allowed"),
        ({"axes": {"dC_L": [0, 100]}}, "inside the prior's support, [-20, 20]."),
        ({"axes": {"dC_L": [0, 1]}, "profiled": 3}, "profiled = 3 is not allowed"),
    ],
)
def test_scans(analysis, given, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        analysis.profile(*(() if "axes" in given else ("dC_L",)), **given)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("belle2-2023-bknunu", {"nuisances": "foo"}, "nuisances = 'foo' is not allowed: must be '"),
        ("belle2-2023-bknunu", {"form_factor_systematics": 1}, "must be true or false"),
        ("belle2-2023-bknunu", {"limit_form": "gamma"}, "does not take this option"),
        ("belle_2017_kst0nunu", {"limit_form": None}, "limit_form = None is not allowed"),
        (3, {}, "name = 3 is not allowed: must be text"),
    ],
)
def test_options_of_likelihoods(name, options, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        bsinv.likelihood(name, **options)


def test_a_theta_outside_the_priors_is_no_place_to_look_from(analysis):
    with pytest.raises(ParameterError, match=r"must be one point .* inside the supports"):
        analysis.check(points=0, theta=np.array([[50.0, 0.0]]))


def test_real_numbers_of_any_kind_are_taken():
    for value in (np.array([1], dtype="u8"), np.float32(1), [1, 2.5], 3):
        assert real_array("x", value, "y").dtype == np.float64
