"""What a term of a user's own gets from the base, and batches of data."""

import pickle

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.likelihoods.base import Term
from bsinv.likelihoods.batches import Data
from numpy.testing import assert_array_equal


class Plain(Term):
    """With what a fit needs and nothing else."""

    name, description = "mine", "a bound of my own"
    observables, data_ids, includes_constants = ("BR(B+->Knunu)",), ("mine",), False

    def predict(self, wilson, inputs):
        return np.ones(wilson.size)

    def log_likelihood(self, prediction):
        return -0.5 * prediction**2

    def pull(self, prediction):
        return -prediction


class Stored(Plain):
    """With data of its own, under the name that the base has too."""

    def __init__(self):
        self.data = np.array([1.0, 2.0])


def test_a_term_without_data_is_evaluated():
    term, x = Plain(), np.array([1.0, 2.0])
    assert_array_equal(term.log_likelihood(x), [-0.5, -2.0])
    assert_array_equal(term.observable_pulls(x), [[-1.0], [-2.0]])
    assert np.isnan(term.saturated()).tolist() == [True]
    assert np.isnan(term.saturated(Data(np.zeros((3, 1))))).tolist() == [True] * 3
    assert term.notes() == ()
    assert (term.response, term.null_label, term.standard_model_spectrum) == ("", "", False)


def test_an_attribute_called_data_may_be_set():
    assert_array_equal(Stored().data, [1.0, 2.0])


@pytest.mark.parametrize(
    ("ask", "member"),
    [
        (lambda term: term.data, "data"),
        (lambda term: term.sample(np.ones(2), np.random.default_rng(1)), "sample(prediction, rng)"),
        (lambda term: term.asimov(np.ones(2)), "asimov(prediction)"),
    ],
)
def test_a_term_without_data_says_what_it_lacks(ask, member):
    with pytest.raises(PredictionError) as caught:
        ask(Plain())
    start = "mine: data cannot be drawn or replaced, since Plain does not define "
    assert str(caught.value).startswith(start + member)


def test_a_wall_is_saturated():
    class Wall(Plain):
        hard = True

    assert_array_equal(Wall().saturated(Data(np.zeros((2, 0)))), [0.0, 0.0])


def test_data_sets_are_taken_and_joined():
    data = Data(np.arange(6.0).reshape(3, 2), {"alpha": np.arange(3.0)[:, None]})
    some = data.take(np.array([True, False, True]))
    assert len(data) == 3
    assert_array_equal(some.values, [[0.0, 1.0], [4.0, 5.0]])
    assert_array_equal(some.auxiliary["alpha"], [[0.0], [2.0]])
    both = Data.joined([some, data.take(slice(1, 2))])
    assert_array_equal(both.values[:, 0], [0.0, 4.0, 2.0])
    assert_array_equal(both.auxiliary["alpha"][:, 0], [0.0, 2.0, 1.0])
    again = pickle.loads(pickle.dumps(data))
    assert_array_equal(again.values, data.values)
