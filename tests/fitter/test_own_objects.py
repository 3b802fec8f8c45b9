"""Models, terms and observables of a user's own, given in Python."""

import dataclasses

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError, ModelError, PluginError
from bsinv.likelihoods.base import predict_one
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

ANALYSIS = {
    "name": "own",
    "model": "wet-lfu",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}},
}
RATE = "BR(B+->Knunu)"


class Third(bsinv.Model):
    name, description = "third", "shift of C_L of tau neutrinos"
    parameters = (bsinv.ModelParameter("C_tau", "C", "1", 0.0, -100.0, 100.0, "shift"),)

    def wilson(self, values, inputs):
        matrix = np.zeros((len(values["C_tau"]), 3, 3), dtype=complex)
        matrix[:, 2, 2] = values["C_tau"]
        return Wilson({"dC_L": matrix})


class Value(bsinv.Term):
    """A value with an error, of the form before terms took data."""

    description, includes_constants = "a value", False

    def __init__(self, name="mine", asked=RATE, value=1e-5, **changes):
        self.name, self.observables, self.data_ids = name, (asked,), (name,)
        self.value = value
        vars(self).update(changes)

    def predict(self, wilson, inputs):
        return predict_one(self.observables[0], wilson, inputs)

    def log_likelihood(self, prediction):
        return -0.5 * ((prediction - self.value) / 2e-6) ** 2

    def pull(self, prediction):
        return (self.value - prediction) / 2e-6


def twice(wilson, inputs):
    return 2.0 * observable(RATE)(wilson, inputs)


def record(function=twice, **changes):
    return bsinv.Observable(**{"name": "twice", "latex": "2B", "unit": "1", "function": function,
                               **changes})  # fmt: skip


def load(changes=None, **own):
    return bsinv.load({**ANALYSIS, **(changes or {})}, **own)


THETA = np.array([[-4.0], [0.0], [3.0]])


def test_a_term_adds_to_the_likelihood():
    own = load(terms=[Value()])
    rate = own.observable(RATE, THETA)
    expected = load().log_likelihood(THETA) - 0.5 * ((rate - 1e-5) / 2e-6) ** 2
    np.testing.assert_allclose(own.log_likelihood(THETA), expected, rtol=1e-12)
    assert [term.name for term in own.terms] == ["belle2_2023_kpnunu", "mine"]


def test_a_term_may_be_listed_and_stand_alone():
    alone = load({"likelihoods": ["mine"]}, terms=[Value(value=8e-6)])
    assert [term.name for term in alone.terms] == ["mine"]
    best = alone.fit(minos=())
    assert alone.observable(RATE, best.values[None])[0] == pytest.approx(8e-6, rel=1e-3)
    assert best.valid
    with pytest.raises(AnalysisError, match=r"likelihoods\[0\]: unknown likelihood 'mine'"):
        load({"likelihoods": ["mine"]})
    with pytest.raises(AnalysisError, match="'mine' does not take this option"):
        load({"likelihoods": [{"name": "mine", "theory_errors": False}]}, terms=[Value()])


def test_an_observable_stands_in_predictions_and_in_terms():
    own = load({"predictions": ["twice"]}, terms=[Value(asked="twice", value=1.6e-5)],
               observables=[record()])  # fmt: skip
    rate = own.observable(RATE, THETA)
    np.testing.assert_allclose(own.observable("twice", THETA), 2.0 * rate, rtol=1e-14)
    np.testing.assert_allclose(own.problem.predictions(THETA)["mine"], 2.0 * rate, rtol=1e-14)
    with pytest.raises(AnalysisError, match=r"predictions\[0\]: unknown observable 'twice'"):
        load({"predictions": ["twice"]})


def test_kinematics_of_an_observable():
    def below(wilson, inputs, q2max):
        return observable(RATE)(wilson, inputs, q2max=q2max)

    def spectrum(wilson, inputs, q2):
        return observable("dBR/dq2(B+->Knunu)")(wilson, inputs, q2=q2)

    asked = [{"observable": "below", "q2max": 4.0}]
    own = load({"predictions": asked}, observables=[
        record(below, name="below", kinematics=("q2max",)),
        record(spectrum, name="spectrum", unit="GeV^-2", kinematics=("q2",)),
    ])  # fmt: skip
    np.testing.assert_allclose(
        own.observable("below", THETA, q2max=4.0), own.observable(RATE, THETA, q2max=4.0)
    )
    assert own.observable("spectrum", THETA, q2=[1.0, 2.0]).shape == (3, 2)
    with pytest.raises(AnalysisError, match="'below' is no single number: it needs q2max"):
        load({"predictions": ["below"]}, observables=[
            record(below, name="below", kinematics=("q2max",)),
        ])  # fmt: skip


def test_a_name_fixes_kinematics():
    def below(wilson, inputs, q2max=30.0):
        return observable(RATE)(wilson, inputs, q2max=q2max)

    name = "below[q2max=4]"
    stated = {"name": "stated", "observable": name, "value": 1e-6, "error": 5e-7}
    own = load(
        {"likelihoods": [stated, "mine"], "predictions": [name]},
        terms=[Value(asked=name, value=2e-6)],
        observables=[record(below, name="below", optional=("q2max",))],
    )
    rate = own.observable(RATE, THETA, q2max=4.0)
    predicted = own.problem.predictions(THETA)
    np.testing.assert_allclose(own.observable(name, THETA), rate, rtol=1e-14)
    np.testing.assert_allclose(predicted["stated"], rate, rtol=1e-14)
    np.testing.assert_allclose(predicted["mine"], rate, rtol=1e-14)
    assert own.fit(minos=()).reference_label == "SM"


def test_a_point_that_is_the_reference_by_its_predictions_alone():
    """Coefficients differ, but nothing that is told depends on them: own observables are asked."""
    from bsinv.fitter.reports.reference import is_reference

    given = {"model": "wet-full", "likelihoods": ["mine"]}
    given["parameters"] = {"dC_L": {"prior": {"uniform": [-6.4, 20]}}, "C_VLL_cu": 0.1}
    own = load(given, terms=[Value(asked="twice")], observables=[record()])
    theta = own.problem.point({"dC_L": 0.0})
    assert is_reference(own.problem, theta, [RATE, "twice"])
    assert not is_reference(own.problem, own.problem.point({"dC_L": 0.5}), ["twice"])


def test_predict_takes_a_record():
    assert bsinv.predict(record(), dC_L=1.0) == 2.0 * bsinv.predict(RATE, dC_L=1.0)
    assert bsinv.predict(observable(RATE)) == bsinv.predict(RATE)
    with pytest.raises(PluginError, match="'BR\\(B\\+->Knunu\\)' is an observable of the package"):
        bsinv.predict(record(name=RATE))


def test_two_analyses_at_once_share_nothing():
    parameters = {"C_tau": {"prior": {"uniform": [-40, 40]}, "start": -10.0}}
    third = {"model": "third", "parameters": parameters, "predictions": ["twice"]}
    one = load(third, model=Third(), terms=[Value()], observables=[record()])
    two = load({"predictions": ["twice"]}, terms=[Value(value=2e-5)], observables=[
        record(lambda wilson, inputs: 3.0 * observable(RATE)(wilson, inputs))
    ])  # fmt: skip
    first, second = one.observable("twice", THETA), two.observable("twice", THETA)
    np.testing.assert_allclose(first, 2.0 * one.observable(RATE, THETA))
    np.testing.assert_allclose(second, 3.0 * two.observable(RATE, THETA))
    assert one.terms[-1].value != two.terms[-1].value
    with pytest.raises(AnalysisError, match="unknown model 'third'"):
        load(third)


def test_objects_of_the_package_may_be_given():
    own = load(model=bsinv.load(ANALYSIS).model, observables=[observable(RATE)])
    assert own.log_likelihood(THETA).tolist() == load().log_likelihood(THETA).tolist()
    assert own.own.sentences() == ()


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            Value(),
            r"terms must be a list, each of its members a Term, not a Value: terms=\[\.\.\.\]",
        ),
        ([Value], r"terms\[0\] is the class Value: give an instance of it, Value\(\.\.\.\)"),
        (["mine"], r"terms\[0\] is a str: it must be an object of a class made from bsinv.Term"),
        ([Value(""), Value()], r"terms\[0\]: Value.name must be a text, not ''"),
        ([Value(data_ids="x")], r"Value.data_ids of 'mine' must be a tuple of texts, not a str"),
        ([Value(), Value()], r"two terms of your own are called 'mine': rename one"),
        ([Value("belle2_2023_kpnunu")], r"'belle2_2023_kpnunu' is a likelihood of the package"),
    ],
)
def test_terms_that_are_none(terms, message):
    with pytest.raises(PluginError, match=message):
        load(terms=terms)


def test_data_that_overlap():
    used_twice = Value(data_ids=("belle2_2023_kpnunu",))
    with pytest.raises(AnalysisError, match="'belle2_2023_kpnunu' overlaps with itself"):
        load(terms=[used_twice])
    same = [Value("one", data_ids=("events",)), Value("two", data_ids=("events",))]
    with pytest.raises(AnalysisError, match="'events' overlaps with itself"):
        load(terms=same)
    # A measurement of the same channel in the package.
    with pytest.raises(AnalysisError, match="'belle2_2023_kpnunu' and 'hflav_dec2025_kpnunu' o"):
        load(terms=[Value(data_ids=("hflav_dec2025_kpnunu",))])


def constant(value):
    return lambda *arguments: value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predict": lambda w, i: predict_one("BR(B+->Knun)", w, i)},
         r"the term 'mine': unknown observable 'BR\(B\+->Knun\)': did you mean"),
        ({"predict": lambda w, i: 1 / 0}, r"predict\(\) of the term 'mine' fails: ZeroDiv"),
        ({"predict": constant(1e-5)}, r"\(n,\) or \(n, k\), n = 1 .* not float64 of shape \(\)"),
        ({"predict": constant(None)}, r"predict\(\) of the term 'mine' must return .* not None"),
        ({"predict": constant(np.ones((1, 2, 2)))}, r"not float64 of shape \(1, 2, 2\)"),
        ({"predict": constant(np.array([1j]))}, r"real numbers .* not complex128"),
        ({"predict": constant(np.array([np.nan]))}, r"predict\(\) of the term 'mine' returns nan"),
        ({"predict": lambda w, i: np.full(w.size, predict_one(RATE, w, i).mean())},
         r"gives another number for a point in a batch .* than for that point alone"),
        ({"log_likelihood": lambda p: float(np.sum(p))},
         r"log_likelihood\(\) of the term 'mine' must return .* \(n,\), here \(1,\), not float64"),
        ({"log_likelihood": lambda p: p[:, None]}, r"here \(1,\), not float64 of shape \(1, 1\)"),
        ({"log_likelihood": lambda p: p * np.nan}, r"log_likelihood\(\) .* returns nan at the"),
        ({"log_likelihood": lambda p, data: p}, r"log_likelihood\(\) .* fails: TypeError: .*data"),
        ({"pull": constant(0.0)}, r"pull\(\) of the term 'mine' must return real"),
        ({"quoted": constant(())}, r"quoted\(\) of the term 'mine' must return a"),
    ],
)  # fmt: skip
def test_terms_that_fail(changes, message):
    with pytest.raises(PluginError, match=message):
        load(terms=[Value(**changes)])


def test_a_term_that_fails_far_from_the_start_is_named():
    def log(prediction):
        if (prediction > 1e-5).any():
            raise RuntimeError("too many\nevents")
        return -prediction

    own = load(terms=[Value(log_likelihood=log)])
    with pytest.raises(PluginError, match=r"^log_likelihood\(\) of the term 'mine' fails: Runtime"):
        own.log_likelihood(np.array([[-6.0], [5.0]]))


def test_points_that_a_term_excludes():
    own = load(terms=[Value(log_likelihood=lambda p: np.where(p > 1e-5, -np.inf, 0.0))])
    logs = own.log_likelihood(np.array([[-5.0], [-2.0]]))
    assert np.isneginf(logs).tolist() == [True, False]
    assert own.problem.rejected["mine"] == 1


@pytest.mark.parametrize(
    ("observables", "message"),
    [
        ([twice], r"observables\[0\] is a function: it must be a bsinv.Observable with name"),
        (["twice"], r"observables\[0\] is a str: it must be a bsinv.Observable"),
        (record(), r"observables must be a list, each of its members an Observable, not an Observ"),
        ([record(name=RATE)], r"observables\[0\]: 'BR\(B\+->Knunu\)' is an observable of"),
        ([record(unit="")], r'unit must be a text \("1" if there is none\), not \'\''),
        ([record(kinematics="q2")], r"kinematics of 'twice' must be a tuple of texts, not a str"),
        ([record(function=3)], r"function of 'twice' must be a function of \(wilson, inputs\)"),
        ([record(), record()], r"two observables of your own are called 'twice'"),
        ([record(name="x[q2max=4]")], r"'x\[q2max=4\]' must not have a bracket"),
        ([record(name="dC_L")], r"the observable 'dC_L' has the name of a parameter"),
        ([record(lambda wilson: 1.0)], r"the function of the observable 'twice' fails: TypeError"),
        ([record(lambda w, i: 1.0)], r"'twice' must return .* \(n,\), not float64 of shape \(\)"),
        ([record(lambda w, i: "x")], r"'twice' must return real numbers .* not <U1"),
        ([record(lambda w, i: np.array([np.inf]))], r"'twice' is inf at the start"),
        ([record(lambda w, i: twice(w, i).mean(keepdims=True))], r"in a batch .* for that p"),
        ([record(lambda w, i: np.ones(7))], r"of shape \(7,\), where there are n = 2 points"),
    ],
)  # fmt: skip
def test_observables_that_are_none_or_fail(observables, message):
    with pytest.raises(PluginError, match=message):
        load(observables=observables)


def test_a_model_with_a_name_of_the_package():
    class Other(Third):
        name = "wet-lfu"

    with pytest.raises(ModelError, match="'wet-lfu' is a model of the package"):
        load(model=Other())
    with pytest.raises(AnalysisError, match="names the model 'wet-lfu', but the one given is cal"):
        load(model=Third())


def test_every_name_of_the_face():
    assert {"Model", "ModelParameter", "Observable", "Term", "resume"} <= set(dir(bsinv))
    assert all(getattr(bsinv, name) is not None for name in bsinv.__all__)
    assert dataclasses.is_dataclass(bsinv.Observable)


def test_an_observable_that_fails_at_some_samples_is_nan_there():
    from bsinv.fitter.reports.predictions import predictions, where_defined

    def picky(wilson, inputs):
        values = twice(wilson, inputs)
        if (values > 2e-5).any():
            raise RuntimeError("too large")
        return values

    own = load({"predictions": ["twice"]}, observables=[record(picky)])
    samples = np.array([[-5.0], [-2.0], [10.0]])
    found = predictions(own.problem, None, samples, own.spec.predictions)
    (entry,) = [one for one in found if one.name == "twice"]
    expected = 2.0 * own.observable(RATE, samples)
    assert (expected > 2e-5).tolist() == [True, False, False]
    np.testing.assert_array_equal(entry.samples[:, 0], [np.nan, *expected[1:]])
    kept, notes = where_defined(found, None)
    assert [len(one.samples) for one in kept if one.name in ("twice", RATE)] == [3, 0]
    assert notes == (
        "twice is not a finite number at 1 of 3 samples: it has no median and no interval.",
    )
