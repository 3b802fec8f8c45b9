import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.models import Model, ModelParameter, model, models
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
# Models whose parameters do little one by one: couplings that multiply each other, or a single one.
PRODUCTS = (
    "signal-strength",
    "leptoquark",
    "rpv",
    "scalar-dm",
    "dm-scalar-thermal",
    "dm-scalar-relic",
    "smeft",
    "wet-full",
    "zprime",
)


@pytest.mark.parametrize("name", list(models()))
def test_records(name):
    entry = model(name)
    assert entry.name == name
    assert entry.description
    names = [parameter.name for parameter in entry.parameters]
    assert len(set(names)) == len(names)
    assert len({parameter.latex for parameter in entry.parameters}) == len(names)
    for parameter in entry.parameters:
        assert parameter.lower <= parameter.default <= parameter.upper
        assert parameter.lower < parameter.upper
        assert parameter.description
        assert parameter.unit


@pytest.mark.parametrize("name", list(models()))
def test_defaults_are_the_standard_model(name):
    entry = model(name)
    wilson = entry.wilson(entry.complete(), INPUTS)
    got = branching_fraction("B+->K+", wilson, INPUTS)[0]
    expected = {"signal-strength": 4.96613e-6}.get(
        name, branching_fraction("B+->K+", Wilson(), INPUTS)[0]
    )
    # EOS's own C_VL differs from X_t/sin^2(theta_W) by 0.13 %.
    assert got == pytest.approx(expected, rel=4e-3 if name == "wet-eos" else 1e-6)


@pytest.mark.parametrize("name", list(models()))
def test_batches(name):
    entry = model(name)
    rng = np.random.default_rng(3)
    values = {
        p.name: rng.uniform(max(p.lower, -3.0), min(p.upper, 3.0), 5) for p in entry.parameters
    }
    values["mu" if name == "signal-strength" else entry.parameters[0].name] = np.full(5, 1.5)
    batch = entry.wilson(entry.complete(values), INPUTS)
    assert batch.size == 5
    for index in range(5):
        alone = {key: value[index] for key, value in values.items()}
        single = entry.wilson(entry.complete(alone), INPUTS)
        assert set(single) == set(batch)
        for key in batch:
            got = np.broadcast_to(batch[key], (5, *batch[key].shape[1:]))[index]
            np.testing.assert_allclose(got, single[key][0], rtol=1e-12, atol=1e-22)


@pytest.mark.parametrize("name", list(models()))
def test_the_batch_size_is_kept_when_all_values_are_zero(name):
    entry = model(name)
    first = entry.parameters[-1].name
    wilson = entry.wilson(entry.complete({first: np.zeros(6)}), INPUTS)
    assert wilson.size == 6
    assert branching_fraction("B+->K+", wilson, INPUTS).shape == (6,)


@pytest.mark.parametrize("name", [name for name in models() if not name.startswith(PRODUCTS)])
def test_every_parameter_matters(name):
    """But for lives, see test_escape.py, and couplings of s and d, see test_one_particle.py."""
    entry = model(name)
    channels = ("B+->K+", "B0->K*0", "B+->pi+", "B0->rho0")
    standard = [branching_fraction(c, Wilson(), INPUTS)[0] for c in channels]
    # Masses and cut-offs only matter with couplings.
    others = {p.name: 1.0 for p in entry.parameters if p.unit != "GeV"}
    for parameter in entry.parameters:
        if parameter.name in ("ctau", "BR_inv") or parameter.name.endswith("_sd"):
            continue
        values, reference = {parameter.name: 5.0}, standard
        if parameter.unit == "GeV" or (parameter.unit == "TeV" and name == "alp-top"):
            wilson = entry.wilson(entry.complete(others), INPUTS)
            reference = [branching_fraction(c, wilson, INPUTS)[0] for c in channels]
            values = {**others, parameter.name: 1.1 * parameter.default or 0.1}
        wilson = entry.wilson(entry.complete(values), INPUTS)
        rates = [branching_fraction(c, wilson, INPUTS)[0] for c in channels]
        changes = np.abs(np.array(rates) / reference - 1.0)
        assert changes.max() > 1e-3, parameter.name


def test_complete():
    entry = model("wet-lfu")
    values = entry.complete({"dC_R": [1.0, 2.0], "dC_L": 3})
    assert list(values) == [parameter.name for parameter in entry.parameters]
    np.testing.assert_array_equal(values["dC_R"], [1.0, 2.0])
    np.testing.assert_array_equal(values["dC_L"], [3.0])
    with pytest.raises(UnknownNameError, match="parameter 'dCL' in the model 'wet-lfu'"):
        entry.complete({"dCL": 1.0})
    with pytest.raises(PredictionError, match=r"dC_L has shape \(1, 2\)"):
        entry.complete({"dC_L": [[1.0, 2.0]]})


def test_sizes_that_differ():
    entry = model("wet-lfu")
    values = entry.complete({"dC_L": np.ones(2), "dC_R": np.ones(3)})
    with pytest.raises(PredictionError, match="dC_L: 2, dC_R: 3"):
        entry.wilson(values, INPUTS)


def test_unknown_model():
    with pytest.raises(UnknownNameError, match="unknown model 'wet-lfv': did you mean 'wet-lfu'"):
        model("wet-lfv")


def test_a_model_of_ones_own():
    class Reference(Model):
        name = "own"
        description = "one number for the tau flavour"
        parameters = (ModelParameter("c", "c", "1", 0.0, -9.0, 9.0, "tau only"),)

        def wilson(self, values, inputs):
            matrix = np.zeros((3, 3))
            matrix[2, 2] = 1.0
            return Wilson({"dC_L": values["c"][:, None, None] * matrix})

    own = Reference()
    got = own.wilson(own.complete({"c": [0.5, 2.0]}), INPUTS)
    wet = model("wet")
    expected = wet.wilson(wet.complete({"dC_L_tautau": [0.5, 2.0]}), INPUTS)
    np.testing.assert_allclose(got["dC_L"], expected["dC_L"])


def test_a_signal_strength_is_not_negative():
    (mu,) = model("signal-strength").parameters
    assert (mu.lower, mu.upper) == (0.0, 100.0)
