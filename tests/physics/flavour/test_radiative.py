"""B -> X_s gamma."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

FILE = json.loads(Path(__file__).with_name("golden_mixing.json").read_text())
INPUTS = Inputs.default()
NAMES = {"C7": "dC_7", "C7p": "C_7p", "C8": "dC_8", "C8p": "C_8p"}


def ratio(values):
    wilson = Wilson({NAMES[key]: value for key, value in values.items()})
    predicted = observable("BR(B->X_sgamma)[E>1.6 GeV]")(wilson, INPUTS)
    return predicted / INPUTS.constant("BR_Xsgamma_SM")


def test_golden():
    golden = FILE["golden"]["xsgamma"]
    assert ratio(golden["inputs"])[0] == pytest.approx(golden["outputs"]["ratio"], rel=1e-6)


@pytest.mark.parametrize("row", FILE["flavio"]["xsgamma"])
def test_flavio(row):
    """Real coefficients, and complex ones in the last."""
    values = {key: complex(*value) for key, value in row["wilson"].items()}
    assert ratio(values)[0] == pytest.approx(row["ratio"], rel=5e-5)


def test_standard_model():
    assert observable("BR(B->X_sgamma)")(Wilson(), INPUTS)[0] == pytest.approx(3.40e-4)
    assert observable("BR(B->X_sgamma)").theory == ("BR_Xsgamma_SM",)


def test_complex_coefficients():
    """Common phases of the primed coefficients drop out of their squares."""
    phase = np.exp(1j * np.linspace(0.0, 6.0, 7))
    linear = 1.0 - 0.0898 * (0.3 * phase).real - 0.0057 * (0.4 * phase).real
    got = ratio({"C7p": 0.3 * phase, "C8p": 0.4 * phase})
    np.testing.assert_allclose(got - linear, (got - linear)[0], rtol=1e-13)
    assert ratio({"C7": 0.2j})[0] == pytest.approx(1.0 + 5.5912 * 0.04)


def test_never_negative():
    c7, c8 = np.meshgrid(np.linspace(-2, 2, 81), np.linspace(-2, 2, 81))
    assert (ratio({"C7": c7.ravel(), "C8": c8.ravel()}) > 0.0).all()
