"""Limits: against pyhf, closed forms, Feldman and Cousins' tables, coverage; refusals."""

import copy
import importlib.util
from pathlib import Path

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError, UnknownNameError
from bsinv.fitter.drivers.limit_bayes import bayesian
from bsinv.fitter.drivers.limit_curves import RateProblem
from bsinv.fitter.drivers.limit_toys import ToyOptions, cls_toys, feldman_cousins
from bsinv.fitter.drivers.limits import asymptotic
from bsinv.fitter.drivers.row_searches import cross_rows, minimise_rows
from bsinv.fitter.reports.studies.limits import limit_scan
from bsinv.likelihoods.reweighted.build import pyhf_term
from linear_toys import SHIFT, WIDTH, Linear, Square, problem
from numpy.testing import assert_allclose
from scipy.optimize import brentq
from scipy.stats import norm, poisson

LEVELS = (0.90, 0.95)
ALPHA = 1.0 - np.array(LEVELS)
NOTHING = np.empty((1, 0))
SIGMAS = np.arange(-2.0, 3.0)
BRANCHING = {
    "name": "one",
    "model": "two-body-br",
    "likelihoods": ["belle2-2023-bknunu"],
    "parameters": {
        "m_X": {"prior": {"uniform": [0, 4.7]}},
        "BR_K": {"prior": {"uniform": [0, 1000]}, "start": 3},
    },
}


def workspaces():
    """Workspaces of the tests of the likelihood."""
    path = Path(__file__).parents[2] / "likelihoods" / "histfactory" / "workspaces.py"
    spec = importlib.util.spec_from_file_location("workspaces", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class One(Linear):
    """One number, b with an error of 1."""

    name, observables, sigma = "one", ("y",), np.array([1.0])

    def __init__(self, value):
        self.value = np.array([[value]])

    def predict(self, wilson, inputs):
        return super().predict(wilson, inputs)[:, 1:2]


def gaussian(value, end=50):
    """b >= 0 measured as `value` +- 1."""
    made = problem(One(value), b=(0, end), nuisance=False, dC_L=0.0)
    return RateProblem(made, 0, (), made.start)


def counting(background, observed, signal=5.0):
    """A workspace of one bin."""
    module = workspaces()
    content = module.workspace(
        {
            "c": [
                module.sample("signal", [signal], module.MU),
                module.sample("background", [background]),
            ]
        },
        {"c": [observed]},
    )
    return of_workspace(content)


def of_workspace(content):
    """The rate of a workspace as mu of signal-strength: its norm factor is BR over that at mu = 1.

    What the norm factor multiplies is divided by that number, so that mu is pyhf's.
    """
    made = bsinv.load("belle2-signal-strength").problem
    observable = "BR(B+->K+nunu)"
    unit = float(made.observable(observable, np.ones((1, 1)))[0])
    scaled = copy.deepcopy(content)
    for channel in scaled["channels"]:
        for sample in channel["samples"]:
            if sample["name"] == "signal":
                sample["data"] = [value / unit for value in sample["data"]]
    term = pyhf_term("plain", file=scaled, parameter_map={"mu": observable})
    made = made.with_terms((term,))
    return RateProblem(made, 0, (), made.start)


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
@pytest.mark.parametrize("name", ["SHAPESYS", "LUMI", "COUPLED"])
def test_pyhf(name):
    """Observed and five expected limits are those of pyhf's upper_limit, to 1e-3."""
    import pyhf

    content = getattr(workspaces(), name)
    of = of_workspace(content)
    found, _ = asymptotic(of, NOTHING, LEVELS)
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(tolerance=1e-3))
    model = pyhf.Workspace(content).model()
    data = pyhf.Workspace(content).data(model)
    for k, level in enumerate(ALPHA.tolist()):
        # Its upper_limit calls this, but does not hand `level` on (pyhf 0.7.6).
        observed, expected = pyhf.infer.intervals.upper_limits.toms748_scan(
            data, model, *model.config.suggested_bounds()[model.config.poi_index], level=level,
            rtol=1e-4,
        )  # fmt: skip
        assert_allclose(found.upper[0, k], observed, rtol=1e-3)
        assert_allclose(found.expected[0, k], expected, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
@pytest.mark.parametrize("name", ["SHAPESYS", "LUMI", "COUPLED"])
def test_toys_of_pyhf(name):
    """At the limit from toys CLs of pyhf's ToyCalculator is 1 - level, within three errors."""
    import pyhf

    content = getattr(workspaces(), name)
    of = of_workspace(content)
    about, size = asymptotic(of, NOTHING, LEVELS)
    found = cls_toys(of, NOTHING, LEVELS, about, size, ToyOptions(4000, 1))
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer())
    np.random.seed(2)  # noqa: NPY002  # pyhf draws from it
    model = pyhf.Workspace(content).model()
    data = pyhf.Workspace(content).data(model)
    limit, error = float(found.upper[0, 1]), float(found.errors[0, 1])
    number = 1000
    mu = limit
    # Not hypotest, which also asks for bands and fails there with numpy 2 (pyhf 0.7.6).
    calculator = pyhf.infer.calculators.ToyCalculator(
        data, model, ntoys=number, track_progress=False, test_stat="qtilde"
    )
    observed = calculator.teststatistic(mu)
    distributions = calculator.distributions(mu)
    both, alone, cls = (float(p) for p in calculator.pvalues(observed, *distributions))
    theirs = cls * np.sqrt((1 - both) / (both * number) + (1 - alone) / (alone * number))
    # Our error in CLs, which falls about as fast as a normal tail: -d ln CLs / d ln mu = 6.
    ours = 0.05 * 6.0 * error / limit
    assert cls == pytest.approx(0.05, abs=3.0 * np.hypot(theirs, ours))


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0, 2.0, 4.0])
def test_gaussian(value):
    """CLs = Phi(x - mu) / Phi(x): the limit is x - Phi^-1(alpha Phi(x)), also the Bayesian one."""
    of = gaussian(value)
    found, size = asymptotic(of, NOTHING, LEVELS)
    expected = value + norm.isf(ALPHA * norm.cdf(value))
    assert_allclose(size, 1.0, rtol=0.02)
    assert_allclose(found.best, max(value, 0.0), atol=1e-2)
    assert_allclose(found.upper[0], expected, rtol=1e-4)
    bands = SIGMAS + norm.isf(ALPHA[:, None] * norm.cdf(SIGMAS))
    assert_allclose(found.expected[0], bands, rtol=1e-4)
    # Its posterior is a normal density cut at zero.
    assert_allclose(bayesian(of, NOTHING, LEVELS, size, 1).upper[0], expected, rtol=1e-3)


def test_nuisance_parameters_widen():
    """a + 10 nu of 1 +- 1, nu of 0 +- 0.09: one number with both errors added in quadrature."""
    made = problem(Linear(), b=(-50, 50), dC_R=1.0, dC_L={"prior": {"uniform": [0, 50]}})
    made = made.with_terms((First(),))
    rate = RateProblem(made, 0, (), made.start)
    found, size = asymptotic(rate, NOTHING, LEVELS)
    width = np.hypot(1.0, SHIFT * WIDTH)
    expected = 2.0 + width * norm.isf(ALPHA * norm.cdf(2.0 / width))
    assert_allclose(size, width, rtol=0.02)
    assert_allclose(found.upper[0], expected, rtol=2e-4)
    # The prior of the nuisance parameter is the same normal density.
    averaged = bayesian(rate, NOTHING, LEVELS, size, 1)
    assert (abs(averaged.upper[0] - expected) < 4.0 * averaged.errors[0]).all()
    assert (averaged.errors[0] < 0.1 * expected).all()


class First(Linear):
    """The first of the three numbers."""

    name, observables, value, sigma = "first", ("x",), np.array([[2.0]]), np.array([1.0])

    def predict(self, wilson, inputs):
        return super().predict(wilson, inputs)[:, :1]


def exact(value, alpha):
    """Ends of Feldman and Cousins' interval of a normal measurement of width 1."""

    def p(mu):
        t = (value - mu) ** 2 if value >= 0.0 else mu * (mu - 2.0 * value)
        root = np.sqrt(t)
        low = mu - root if mu >= root else (mu * mu - t) / (2.0 * mu)
        return norm.sf(root) + norm.cdf(low - mu)

    high = brentq(lambda mu: p(mu) - alpha, max(value, 0.0) + 1e-3, max(value, 0.0) + 8.0)
    if p(1e-9) > alpha:
        return 0.0, high
    return brentq(lambda mu: p(mu) - alpha, 1e-9, value - 1e-3), high


def test_feldman_and_cousins():
    """Table X of physics/9711021: 90 and 95 %, from toys within errors.

    Upper ends at x = 0, 1, 2 are 1.64, 2.64, 3.64 and 1.96, 2.96, 3.96 there.
    """
    for value, upper in ((0.0, (1.64, 1.96)), (1.0, (2.64, 2.96)), (2.0, (3.64, 3.96))):
        of = gaussian(value)
        about, size = asymptotic(of, NOTHING, LEVELS)
        found = feldman_cousins(of, NOTHING, LEVELS, about, size, ToyOptions(2000, 3))
        for k, alpha in enumerate(ALPHA.tolist()):
            low, high = exact(value, alpha)
            assert high == pytest.approx(upper[k], abs=0.01)
            interval = found.upper[0, k] - found.lower[0, k]
            assert found.errors[0, k] < 0.1 * interval
            assert found.upper[0, k] == pytest.approx(high, abs=4.0 * found.errors[0, k])
            allowed = max(4.0 * found.lower_errors[0, k], 1e-9)
            assert found.lower[0, k] == pytest.approx(low, abs=allowed)


def test_toys_of_a_counting_experiment():
    """CLs = P(n <= n_o; s + b) / P(n <= n_o; b), since q~ falls with n below the best fit."""
    of = counting(4.0, 3.0)
    about, size = asymptotic(of, NOTHING, LEVELS)
    found = cls_toys(of, NOTHING, LEVELS, about, size, ToyOptions(3000, 1))
    for k, alpha in enumerate(ALPHA.tolist()):
        signal = brentq(
            lambda s, alpha=alpha: poisson.cdf(3, 4.0 + s) / poisson.cdf(3, 4.0) - alpha, 0.0, 30.0
        )
        limit, error = found.upper[0, k] * 5.0, found.errors[0, k] * 5.0
        assert limit == pytest.approx(signal, abs=4.0 * error)
        assert error < 0.05 * signal


def test_bands_of_toys():
    """Quantiles of toy limits of a normal measurement are its expected limits."""
    of = gaussian(0.5)
    about, size = asymptotic(of, NOTHING, LEVELS)
    found = cls_toys(of, NOTHING, LEVELS, about, size, ToyOptions(3000, 2))
    # CLs at -2 sigma is a ratio of few toys: 3000 * 0.023 alone, 3000 * 0.0023 with the rate.
    assert_allclose(found.expected[0, :, 2:], about.expected[0, :, 2:], rtol=0.06)
    assert_allclose(found.expected[0], about.expected[0], rtol=0.2)
    assert found.upper[0] == pytest.approx(about.upper[0], rel=0.05)


@pytest.mark.parametrize(
    "number", [60, pytest.param(2000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_coverage(number):
    """CLs holds mu at least as often as it says; of a normal measurement of mu it is known."""
    truth, rng = 1.0, np.random.default_rng(5)
    values = truth + rng.standard_normal(number)
    upper = np.concatenate([asymptotic(gaussian(x), NOTHING, LEVELS)[0].upper for x in values])
    for k, alpha in enumerate(ALPHA.tolist()):
        # Missed where x + isf(alpha Phi(x)) < mu.
        edge = brentq(lambda x, alpha=alpha: x + norm.isf(alpha * norm.cdf(x)) - truth, -8.0, truth)
        expected = norm.sf(edge - truth)
        assert expected > LEVELS[k]
        held = (upper[:, k] > truth).mean()
        error = np.sqrt(expected * (1.0 - expected) / number)
        assert held == pytest.approx(expected, abs=3.5 * error + 1e-12)


def test_a_scan_is_a_batch_of_single_limits():
    made = bsinv.load(BRANCHING)
    several = made.limit("BR_K", {"m_X": [0.5, 2.0, 3.0]})
    alone = made.limit("BR_K", {"m_X": 2.0})
    assert alone.notes == ()
    assert made.limit("BR_K").notes[0].startswith("Fitted beside the rate, from one start: m_X.")
    assert_allclose(several.upper[1], alone.upper[0], rtol=1e-4)
    assert_allclose(several.expected[1], alone.expected[0], rtol=1e-4)
    assert (np.diff(several.expected, axis=2) > 0.0).all()
    assert (several.upper[:, 1] > several.upper[:, 0]).all()


def test_shipped_table():
    """A row of examples/limits, whose command is in docs/statistics/statistics.md."""
    folder = Path(__file__).parents[3] / "examples" / "limits"
    found = bsinv.load(folder / "one-particle-limits.yaml").limit("BR_K", {"m_X": [2.1]})
    lines = [
        line
        for line in (folder / "limit-BR_K-m_X-cls.csv").read_text().splitlines()
        if line[0] != "#"
    ]
    (row,) = (line for line in lines[1:] if line.startswith("2.1,"))
    mine = np.concatenate([found.best, *(
        np.append(found.upper[0, k], found.expected[0, k]) for k in (0, 1)
    )])  # fmt: skip
    assert_allclose(mine, [float(value) for value in row.split(",")[1:]], rtol=2e-3)


def test_closed_kinematics_have_no_limit():
    """At m_X = 4.7 GeV nothing is selected: the limit is beyond the range, and a note says so."""
    found = bsinv.load(BRANCHING).limit("BR_K", {"m_X": [2.0, 4.7]})
    assert np.isfinite(found.upper[0]).all()
    assert np.isinf(found.upper[1]).all()
    assert np.isnan(found.best[1])
    assert "At 1 points a limit is beyond the range of BR_K" in found.notes[0]


def test_rescaled_standard_model():
    """A free Standard Model rate takes the excess where the particle is at the same q2."""
    made = bsinv.load(BRANCHING)
    fixed = made.limit("BR_K", {"m_X": [1.0]})
    free = made.limit("BR_K", {"m_X": [1.0]}, background="rescaled-sm")
    assert free.background == "rescaled-sm"
    assert free.upper[0, 1] < fixed.upper[0, 1]
    assert free.expected[0, 1, 2] > fixed.expected[0, 1, 2]
    with pytest.raises(ParameterError, match="background = 'none' is not allowed: one of 'sm'"):
        made.limit("BR_K", background="none")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"of": "BR_k"}, UnknownNameError, r"BR_k.*BR_K"),
        ({"scan": {"m_x": [1.0]}}, UnknownNameError, r"m_x.*m_X"),
        ({"scan": {"m_X": [1.0, 5.0]}}, ParameterError, r"scan of m_X at 5: outside .*\[0, 4.7\]"),
        ({"scan": {"m_X": [np.nan]}}, ParameterError, "scan of m_X"),
        ({"scan": {"m_X": []}}, ParameterError, "scan of m_X: a list of numbers is needed"),
        ({"scan": {"m_X": "wide"}}, ParameterError, "scan of m_X"),
        ({"scan": {"BR_K": [1.0]}}, ParameterError, "it is the rate itself, which is not held"),
        ({"of": "m_X"}, ParameterError, "limit on m_X: the prediction of .* not linear in it"),
        ({"method": "clb"}, ParameterError, "method = 'clb' is not allowed: one of 'cls'"),
        ({"method": "feldman-cousins"}, ParameterError, "need toys, 100 or more"),
        ({"toys": 5}, ParameterError, "toys = 5: none, or 100 or more"),
        ({"toys": -1}, ParameterError, "toys = -1"),
        ({"method": "bayes", "toys": 500}, ParameterError, "a Bayesian limit has none"),
        ({"method": "bayes"}, ParameterError, "give it 'nuisances: laplace'"),
        ({"seed": -1}, ParameterError, "seed = -1"),
    ],
)
def test_refusals(given, error, message):
    made = bsinv.load(BRANCHING)
    with pytest.raises(error, match=message):
        made.limit(**({"of": "BR_K"} | given))


@pytest.mark.parametrize(
    ("low", "message"),
    [
        (-50, r"limit on dC_L, of range \[-50, 50\]: .* not negative: use the rate"),
        (0, "the prediction of square is even in it, such as a coupling squared; use the rate"),
        (1, r"limit on dC_L, of range \[1, 50\]: its range must begin at 0 and end"),
    ],
)
def test_couplings_are_refused(low, message):
    square = problem(Square(), nuisance=False, dC_R=0.0, dC_L={"prior": {"uniform": [low, 50]}})
    with pytest.raises(ParameterError, match=message):
        limit_scan(square, "dC_L", {})


def test_what_nothing_depends_on_is_refused():
    dead = problem(One(1.0), b=(0, 50), nuisance=False, dC_L={"prior": {"uniform": [0, 1]}})
    with pytest.raises(ParameterError, match="limit on dC_L: no prediction depends on it"):
        limit_scan(dead, "dC_L", {})


def test_bayesian_of_belle2():
    """Flat prior, nuisance parameters marginalised: the quantile of the posterior by quadrature."""
    given = {
        "name": "mu",
        "model": "signal-strength",
        "likelihoods": [{"name": "belle2-2023-bknunu", "nuisances": "laplace"}],
        "parameters": {"mu": {"prior": {"uniform": [0, 20]}, "start": 1.0}},
    }
    made = bsinv.load(given)
    found = made.limit("mu", method="bayes")
    mu = np.linspace(0.0, 20.0, 801)
    density = np.exp(made.log_likelihood(mu[:, None]))
    content = np.cumsum(density) / density.sum()
    assert_allclose(found.upper[0], np.interp(LEVELS, content, mu), rtol=5e-3)
    assert "Prior flat in mu from 0 to 20" in found.statistic
    assert np.isnan(found.expected).all()
    with pytest.raises(ParameterError, match="give it 'nuisances: profile'"):
        made.limit("mu")


def test_searches():
    """Minima and crossings of parabolas, at ends, and where there are none."""
    at = np.array([-3.0, 0.0, 1e-3, 2.0, 99.9, 200.0])
    width = np.array([1.0, 0.1, 5.0, 1e-2, 1.0, 30.0])

    def parabola(rows, x):
        return ((x - at[rows]) / width[rows]) ** 2

    x, values, converged = minimise_rows(parabola, 100.0, np.full(6, 1.0))
    assert converged.all()
    assert_allclose(x, np.clip(at, 0.0, 100.0), atol=0.05)
    assert_allclose(values, parabola(np.arange(6), np.clip(at, 0.0, 100.0)), atol=1e-4)
    found = cross_rows(
        lambda rows, x: x**3 - np.array([1.0, 1e-6, 1e7, 0.0])[rows],
        np.zeros(4), np.full(4, 0.1), 100.0,
    )  # fmt: skip
    assert_allclose(found, [1.0, 1e-2, np.inf, 0.0], rtol=1e-4)
