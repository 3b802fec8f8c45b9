"""A prediction depends on its own point: not on the others of a batch, nor on what came before."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from bsinv.data.constants import constants
from bsinv.models import models
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable

MESONS = ("m_Bplus", "m_B0", "m_Kplus", "m_K0", "m_Kstarplus", "m_Kstar0")
OBSERVABLES = ("BR(B+->Knunu)", "BR(B0->K*nunu)", "<FL>(B0->K*nunu)", "BR(B+->K+e+mu-)")
# What the digits may differ by; 1e-11 is asked for.
TOLERANCE = 1e-12
SLOW = pytest.param("dm-vector", marks=pytest.mark.slow)


def parameters(model, rng, size):
    """Points of a model, some with masses many orders below the others."""
    drawn = {}
    for entry in model.parameters:
        values = rng.uniform(entry.lower, entry.upper, size)
        if entry.name.startswith("m_"):
            light = entry.upper * 10.0 ** rng.uniform(-6.0, 0.0, size)
            values = np.where(rng.random(size) < 0.3, light, values)
        drawn[entry.name] = np.clip(values, entry.lower, entry.upper)
    return drawn


def floated(rng, size, wild):
    """Inputs with masses of the mesons that float; those of the companions may be any."""
    drawn = {}
    for name in MESONS:
        record = constants()[name]
        values = record.value + record.error * rng.standard_normal(size)
        if wild:
            # Beyond the end of the expansion of the form factors there is no rate at all.
            factors = (0.4, 1.05) if name.startswith("m_B") else (0.5, 4.0)
            values[1:] *= rng.choice(factors, size - 1)
        drawn[name] = values
    return drawn


@pytest.mark.parametrize("masses", ["fixed", "floated", "wild"])
@pytest.mark.parametrize("name", ["wet-full", "dm-fermion", SLOW, "mediator", "two-body"])
def test_companions_do_not_matter(name, masses):
    rng = np.random.default_rng(20231124)
    model = models()[name]
    size = {"fixed": 513, "floated": 64, "wild": 16}[masses]
    given = parameters(model, rng, size)
    moved = {} if masses == "fixed" else floated(rng, size, masses == "wild")

    def predicted(record, rows):
        inputs = Inputs.default().replace(constants={key: v[rows] for key, v in moved.items()})
        wilson = model.at({key: value[rows] for key, value in given.items()}, inputs)
        return record.function(wilson, inputs)

    for record in map(observable, OBSERVABLES):
        alone = predicted(record, [0])
        for count in (2, min(size, 64), size)[: 3 if record.name == OBSERVABLES[0] else 2]:
            # The point stands somewhere in the middle of the batch.
            place = count // 3
            found = predicted(record, np.roll(np.arange(count), place))[[place]]
            what = f"{record.name} of {count}"
            np.testing.assert_allclose(found, alone, rtol=TOLERANCE, err_msg=what)


def test_history_does_not_matter():
    """A fixed mass asked for many times is bit for bit what it was, whatever came between."""
    rng = np.random.default_rng(7)
    model, inputs = models()["dm-scalar"], Inputs.default()
    function = observable("BR(B+->Knunu)").function
    masses = rng.uniform(0.0, 2.3, 12)

    def rate(mass):
        return float(function(model.at({"m_S": mass, "C_S": 3.0}, inputs), inputs)[0])

    first = [rate(mass) for mass in masses]
    for _ in range(20):
        for index in rng.permutation(12):
            assert rate(masses[index]) == first[index]
    function(model.at({"m_S": masses, "C_S": 3.0}, inputs), inputs)
    assert [rate(mass) for mass in masses] == first


def test_a_point_without_a_rate_does_not_stop_the_others():
    """A kaon heavier than the B leaves no fraction; alone or in a batch, it is no number there."""
    masses = np.array([0.9, 6.0])
    for name in ("<FL>(B0->K*nunu)", "RK*(nunu)"):
        record = observable(name)
        predict = partial(record.function, models()["wet"].at({}, Inputs.default()))
        found = predict(Inputs.default().replace(constants={"m_Kstar0": masses}))
        assert np.isnan(found[1])
        lone = predict(Inputs.default().replace(constants={"m_Kstar0": masses[:1]}))
        np.testing.assert_allclose(found[0], lone[0], rtol=TOLERANCE)
