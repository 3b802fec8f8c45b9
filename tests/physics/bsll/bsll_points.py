"""Coefficients of b -> s l l in the normalisation of the tables, for the tests of the modes."""

import json
from pathlib import Path

import numpy as np
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

GOLDEN = json.loads(Path(__file__).with_name("golden_bsll.json").read_text())
INPUTS = Inputs.default()
INDEX = {"e": 0, "mu": 1, "tau": 2}
NAMES = ("dC_9", "dC_10", "C_9p", "C_10p")


def to_package():
    """Factor from the normalisation of the tables to that of the package."""
    given = GOLDEN["polynomial_inputs"]
    factor = given["lambda_t_abs"] / INPUTS.constant("VtbVts")[0]
    return factor * INPUTS.constant("alpha_inv")[0] / given["alpha_inv"]


def diagonal(values):
    """Coefficients of (mu, e, ...) in the order of NAMES, in the normalisation of the tables."""
    filled = {name: np.zeros((3, 3), dtype=complex) for name in NAMES}
    for lepton, numbers in values.items():
        for name, number in zip(NAMES, numbers, strict=True):
            filled[name][INDEX[lepton], INDEX[lepton]] = number * to_package()
    return Wilson(filled)


def further(lepton, **values):
    """Dipoles and scalar operators of one lepton, in the normalisation of the package."""
    filled = {}
    for name, value in values.items():
        matrix = np.zeros((3, 3), dtype=complex)
        matrix[INDEX[lepton], INDEX[lepton]] = value
        filled[name] = value if name in ("dC_7", "C_7p", "dC_8") else matrix
    return Wilson(filled)


def predict(name, wilson=None, inputs=INPUTS):
    return observable(name)(Wilson() if wilson is None else wilson, inputs)[0]
