import dataclasses
import math
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from bsinv.errors import ParameterError, UnknownNameError
from bsinv.fitter.analysis_file.sections import AnalysisSpec
from bsinv.fitter.parameters.build import build_table
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats


@dataclass(frozen=True)
class ModelParameter:
    name: str
    default: float = 0.0
    lower: float = -50.0
    upper: float = 50.0
    unit: str = "1"

    @property
    def latex(self) -> str:
        return rf"\mathrm{{{self.name}}}"


@dataclass(frozen=True)
class Constant:
    latex: str
    unit: str
    value: float
    allowed: tuple[float, float] = (0.0, 10.0)


@dataclass(frozen=True)
class FormFactorSet:
    names: tuple[str, ...]
    central: np.ndarray
    covariance: np.ndarray


MODEL = (
    ModelParameter("dC_L"),
    ModelParameter("dC_R"),
    ModelParameter("dC_L_ee", default=0.25),
    ModelParameter("m_N", lower=0.0, upper=5.0, unit="GeV"),
)
CONSTANTS = {
    "VtbVts": Constant("V_{tb}V_{ts}", "1", 0.041),
    "X_t": Constant("X_t", "1", 1.469),
}
SETS = {
    "K": FormFactorSet(
        ("a0_f+", "weird name"), np.array([0.3, -0.9]), np.array([[4e-4, 1e-4], [1e-4, 9e-4]])
    ),
    "Kstar": FormFactorSet(("a0_A12", "a1_V"), np.array([0.25, 0.4]), 1e-4 * np.eye(2)),
}
FULL = {
    "parameters": {
        "dC_R": {"prior": {"uniform": [-20, 20]}, "start": 3.0, "latex": "C_R"},
        "dC_L": {"equals": "dC_R", "times": -2.0, "plus": 1.0},
        "m_N": {"prior": {"normal": [0.5, 0.25]}},
    },
    "inputs": {"X_t": 1.5, "VtbVts": {"prior": {"normal": [0.0410, 0.0010]}}},
    "form_factors": {
        "B->K*": {"set": "Kstar", "treatment": "fixed"},
        "B->K": {"set": "K", "treatment": "float"},
    },
    "fit": {"start": {"BtoK_a0_f+": 0.31}},
}


def table(**sections):
    spec = AnalysisSpec.model_validate(
        {"name": "a", "model": "wet", "likelihoods": ["b2snunu"], **sections}
    )
    return build_table(spec, MODEL, CONSTANTS, SETS)


def test_free_parameters_in_order():
    full = table(**FULL)
    names = ("dC_R", "m_N", "VtbVts", "BtoK_a0_f+", "BtoK_weird name")
    assert full.names == names
    assert full.ndim == 5
    assert [entry.name for entry in full.free] == list(names)
    assert full.index("VtbVts") == 2
    assert full.blocks == {"B->K": (3, 5)}
    assert full.constants == {"VtbVts": 2}
    assert full.fixed_constants == {"X_t": 1.5}


def test_start_scale_and_bounds():
    full = table(**FULL)
    assert full.start == pytest.approx([3.0, 0.5, 0.041, 0.31, -0.9])
    assert full.scale == pytest.approx([2.0, 0.25, 0.001, 0.02, 0.03])
    assert full.bounds[0].tolist() == [-20.0, 20.0]
    assert full.bounds[1].tolist() == [0.0, 5.0]
    assert full.bounds[3].tolist() == [-math.inf, math.inf]
    assert full.bounds.shape == (5, 2)


def test_values():
    full = table(**FULL)
    theta = full.sample_prior(np.random.default_rng(1), 6)
    values = full.values(theta)
    assert set(values.model) == {"dC_L", "dC_R", "m_N"}
    assert all(value.shape == (6,) for value in values.model.values())
    assert values.model["dC_L"] == pytest.approx(1.0 - 2.0 * theta[:, 0])
    assert (values.model["m_N"] == theta[:, 1]).all()
    assert list(values.constants) == ["VtbVts"]
    assert (values.constants["VtbVts"] == theta[:, 2]).all()
    assert list(values.coefficients) == ["B->K"]
    assert (values.coefficients["B->K"] == theta[:, 3:]).all()


def test_records():
    records = {entry.name: dataclasses.asdict(entry) for entry in table(**FULL).parameters}
    assert list(records) == [
        "dC_L", "dC_R", "dC_L_ee", "m_N", "X_t", "VtbVts", "BtoK_a0_f+", "BtoK_weird name",
    ]  # fmt: skip
    assert records["dC_L"] == {
        "name": "dC_L",
        "latex": r"\mathrm{dC_L}",
        "unit": "1",
        "role": "model",
        "status": "tied",
        "value": -5.0,
        "lower": -50.0,
        "upper": 50.0,
        "step": 0.0,
        "rule": "-2 x dC_R + 1",
        "constraint": False,
        "periodic": False,
    }
    assert (records["dC_L_ee"]["value"], records["dC_L_ee"]["rule"]) == (0.25, "default")
    assert records["dC_R"]["latex"] == "C_R"
    assert records["dC_R"]["rule"] == "uniform [-20, 20]"
    assert records["m_N"]["unit"] == "GeV"
    assert records["m_N"]["rule"] == "normal 0.5 ± 0.25 in [0, 5]"
    assert (records["X_t"]["status"], records["X_t"]["value"]) == ("fixed", 1.5)
    assert records["BtoK_a0_f+"]["latex"] == "a_{0}^{f_{+}}(K)"
    assert records["BtoK_weird name"]["latex"] == r"\mathrm{weird name}(K)"
    assert records["BtoK_a0_f+"]["constraint"]


def test_coefficients_of_another_process():
    full = table(form_factors={"B->K*": {"set": "Kstar", "treatment": "float"}})
    assert full.names == ("BtoKstar_a0_A12", "BtoKstar_a1_V")
    assert full.free[0].latex == "a_{0}^{A_{12}}(K^{*})"
    assert full.free[1].latex == "a_{1}^{V}(K^{*})"


def test_log_prior_is_the_sum():
    full = table(**FULL)
    theta = full.sample_prior(np.random.default_rng(2), 8)
    constraint = (
        stats.truncnorm(-2.0, 18.0, 0.5, 0.25).logpdf(theta[:, 1])
        + stats.norm(0.041, 0.001).logpdf(theta[:, 2])
        + stats.multivariate_normal(SETS["K"].central, SETS["K"].covariance).logpdf(theta[:, 3:])
    )
    assert full.log_constraint(theta) == pytest.approx(constraint)
    assert full.log_prior(theta) == pytest.approx(constraint - math.log(40.0))


def test_outside_the_support_and_nan():
    full = table(**FULL)
    theta = np.tile(full.start, (5, 1))
    theta[0, 0] = 20.1
    theta[1, 1] = -0.1
    theta[2, 2] = np.nan
    theta[3, 4] = np.inf
    assert np.isneginf(full.log_prior(theta)).tolist() == [True, True, True, True, False]
    assert np.isneginf(full.log_constraint(theta)).tolist() == [False, True, True, True, False]


def test_tied_parameter_outside_its_range():
    tied = table(
        parameters={
            "dC_R": {"prior": {"uniform": [-20, 20]}, "start": 1.0},
            "m_N": {"equals": "dC_R", "times": 0.5},
        }
    )
    theta = np.array([[-1.0], [1.0], [10.5], [np.nan]])
    assert np.isneginf(tied.log_prior(theta)).tolist() == [True, False, True, True]
    assert np.isneginf(tied.log_constraint(theta)).tolist() == [True, False, True, True]
    drawn = tied.sample_prior(np.random.default_rng(0), 200)
    assert ((drawn >= 0.0) & (drawn <= 10.0)).all()


def test_tie_that_starts_outside_its_range():
    with pytest.raises(ParameterError) as caught:
        table(parameters={"dC_R": -1.0, "m_N": "dC_R"})
    assert str(caught.value) == ("m_N, tied to dC_R, starts at -1: outside its range [0, 5].")


def test_tie_that_leaves_nothing_of_the_prior():
    narrow = table(
        parameters={
            "dC_R": {"prior": {"uniform": [-20, 1e-6]}, "start": 1e-7},
            "m_N": "dC_R",
        }
    )
    with pytest.raises(ParameterError, match="narrow the priors"):
        narrow.sample_prior(np.random.default_rng(0), 5)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-5, 5))
def test_ties_compose(times, plus, times_2, plus_2, x):
    chain = table(
        parameters={
            "dC_R": {"prior": {"uniform": [-5, 5]}},
            "dC_L": {"equals": "dC_L_ee", "times": times_2, "plus": plus_2},
            "dC_L_ee": {"equals": "dC_R", "times": times, "plus": plus},
        }
    )
    model = chain.values(np.array([[x]])).model
    middle = times * x + plus
    assert model["dC_L_ee"][0] == pytest.approx(middle, abs=1e-12)
    assert model["dC_L"][0] == pytest.approx(times_2 * middle + plus_2, abs=1e-12)


def test_tie_to_a_fixed_and_to_a_default():
    fixed = table(parameters={"dC_R": 2.0, "dC_L": "dC_R", "m_N": {"equals": "dC_L_ee", "plus": 1}})
    assert fixed.ndim == 0
    model = fixed.values(np.empty((3, 0))).model
    assert {name: value.tolist() for name, value in model.items()} == {
        "dC_R": [2.0],
        "dC_L": [2.0],
        "m_N": [1.25],
    }
    assert {entry.name: entry.rule for entry in fixed.parameters}["m_N"] == "dC_L_ee + 1"


def test_batch_is_the_loop():
    full = table(**FULL)
    theta = full.sample_prior(np.random.default_rng(4), 9)
    single = [full.log_prior(point[None])[0] for point in theta]
    assert full.log_prior(theta) == pytest.approx(single, rel=1e-14)


def test_table_survives_pickling():
    full = table(**FULL)
    again = pickle.loads(pickle.dumps(full))
    theta = full.sample_prior(np.random.default_rng(4), 3)
    assert (again.log_prior(theta) == full.log_prior(theta)).all()
    assert again.parameters == full.parameters


def test_pack():
    full = table(**FULL)
    point = full.pack({"m_N": 2.0})
    assert point.shape == (1, 5)
    assert point[0] == pytest.approx([3.0, 2.0, 0.041, 0.31, -0.9])
    with pytest.raises(UnknownNameError) as caught:
        full.pack({"m_n": 2.0})
    assert str(caught.value) == "unknown free parameter 'm_n': did you mean 'm_N'?"


def test_wrong_shape():
    with pytest.raises(ParameterError) as caught:
        table(parameters={"dC_L": {"prior": {"uniform": [0, 1]}}}).log_prior(np.zeros(1))
    assert str(caught.value) == (
        "parameter points have the shape (1,): (n, 1) is needed, with columns dC_L."
    )


@pytest.mark.parametrize(
    ("name", "prior", "start"),
    [
        ("dC_L", {"uniform": [-20, 20]}, 0.0),
        ("dC_L", {"uniform": [2, 4]}, 3.0),
        ("dC_L_ee", {"uniform": [-20, 20]}, 0.25),
        ("m_N", {"uniform": [0, 2]}, 1.0),
        ("m_N", {"log_uniform": [0.01, 1]}, 0.1),
        ("dC_L", {"normal": [1, 2]}, 1.0),
    ],
)
def test_default_start(name, prior, start):
    assert table(parameters={name: {"prior": prior}}).start == pytest.approx([start])


def test_default_start_is_never_on_an_end():
    pushed = table(parameters={"m_N": {"prior": {"normal": [-0.5, 1]}}})
    assert 0.0 < pushed.start[0] < 2.0


def test_no_free_parameter():
    empty = table()
    theta = np.empty((2, 0))
    assert empty.log_prior(theta).tolist() == [0.0, 0.0]
    assert empty.bounds.shape == (0, 2)
    assert empty.sample_prior(np.random.default_rng(0), 4).shape == (4, 0)
