"""Regression against numbers made by brute force (explicit Dirac matrices and Lorentz tensors)."""

import numpy as np
import pytest
from bsinv.physics.invisible.densities.base import Density
from bsinv.physics.invisible.final_states.states import DarkTerm
from bsinv.physics.invisible.rates import branching_fraction, differential_branching_fraction
from bsinv.physics.invisible.widths import binned_width, differential_width
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

RELATIVE = 1e-6


def one(i, j, symmetry):
    """Matrix with sum_ij |c_ij|^2 = 1 and the given symmetry."""
    matrix = np.zeros((3, 3))
    matrix[i, j] = 1.0
    matrix[j, i] = symmetry
    return matrix / np.sqrt((matrix**2).sum())


COEFFICIENTS = {
    "SM": {},
    "LNV c_SL, sum_ij|c_ij|^2=1": {"C_SL": one(0, 1, 1.0)},
    "LNV c_SR, sum_ij|c_ij|^2=1": {"C_SR": one(2, 2, 1.0)},
    "LNV c_TL, sum_ij|c_ij|^2=1": {"C_TL": one(0, 2, -1.0)},
}


def test_form_factors(golden, golden_inputs):
    keys = {"fp": "f+", "f0": "f0", "fT": "fT"}
    for process, table in golden["form_factors"].items():
        form_factors = golden_inputs.form_factors(process)
        for name, values in table.items():
            q2 = np.array([float(point) for point in values])
            got = form_factors.value(keys.get(name, name), q2)
            np.testing.assert_allclose(got[0], list(values.values()), rtol=1e-12)


@pytest.mark.parametrize("index", range(8))
def test_neutrino_rates(golden, golden_inputs, index):
    entry = golden["SM"][index]
    wilson = Wilson(COEFFICIENTS[entry["operator"]])
    standard = {} if entry["operator"] == "SM" else {"X_t": 0.0}
    inputs = golden_inputs.replace(constants=standard)
    channel = entry["process"]
    lifetime = entry["tau_s"] / golden["inputs"]["SM"]["hbar_GeV_s"]
    total = branching_fraction(channel, wilson, inputs)
    assert total[0] == pytest.approx(entry["BR"], rel=RELATIVE)
    assert total[0] / lifetime == pytest.approx(entry["Gamma"], rel=RELATIVE)
    q2 = np.array([float(point) for point in entry["dGamma_dq2"]])
    spectrum = differential_branching_fraction(channel, wilson, inputs, q2)[0] / lifetime
    np.testing.assert_allclose(spectrum, list(entry["dGamma_dq2"].values()), rtol=RELATIVE)


def test_longitudinal_fraction_and_eta(golden, golden_inputs):
    entry = golden["SM"][1]
    fraction = observable("<FL>(B0->K*nunu)")(Wilson(), golden_inputs)
    assert fraction[0] == pytest.approx(entry["F_L"], rel=RELATIVE)
    # With C_R = C_SM only the vector current of the quarks is left.
    c_sm = -golden_inputs.constant("X_t")[0] / golden_inputs.constant("sin2_theta_W")[0]
    vector = Wilson({"dC_R": c_sm * np.eye(3)})
    gamma_v = branching_fraction("B0->K*0", vector, golden_inputs)[0] / 4.0
    gamma = branching_fraction("B0->K*0", Wilson(), golden_inputs)[0]
    assert 1.0 - 2.0 * gamma_v / gamma == pytest.approx(entry["eta"], rel=RELATIVE)


# The factorised formula does not know the final state: Dirac pairs, given by their densities.


def pair_phase_space(s, m1, m2):
    kallen = (s - (m1 + m2) ** 2) * (s - (m1 - m2) ** 2)
    return np.sqrt(kallen) / (8.0 * np.pi * s)


def density(name, m1, m2):
    total, difference = m1 + m2, m1 - m2
    shapes = {
        "SS": lambda s: 2 * (s - total**2),
        "PP": lambda s: 2 * (s - difference**2),
        "VV": lambda s: 2 / 3 * (s - difference**2) * (2 * s + total**2) / s,
        "VV L": lambda s: 2 * difference**2 * (s - total**2) / s,
        "AA": lambda s: 2 / 3 * (s - total**2) * (2 * s + difference**2) / s,
        "AA L": lambda s: 2 * total**2 * (s - difference**2) / s,
        "S,Vt": lambda s: 2 * difference * (s - total**2) / np.sqrt(s),
        "P,At": lambda s: 2j * total * (s - difference**2) / np.sqrt(s),
        "EE": lambda s: 2 / 3 * (s - difference**2) * (s + 2 * total**2) / s,
        "MM": lambda s: 2 / 3 * (s - total**2) * (s + 2 * difference**2) / s,
        "VE": lambda s: 2j * total * (s - difference**2) / np.sqrt(s),
        "AM": lambda s: 2 * difference * (s - total**2) / np.sqrt(s),
    }
    return Density(lambda s: shapes[name](s) * pair_phase_space(s, m1, m2), (), total**2)


# For each operator: (quark currents, weight, density).
DIRAC = {
    "SxS + VxV": [
        (("S", "S"), 1, "SS"),
        (("V", "V"), 1, "VV"),
        (("Vt", "Vt"), 1, "VV L"),
        (("S", "Vt"), 1, "S,Vt"),
    ],
    "AxA + PxP": [
        (("A", "A"), 1, "AA"),
        (("At", "At"), 1, "AA L"),
        (("P", "P"), 1, "PP"),
        (("P", "At"), 1, "P,At"),
    ],
    "VxV + TxT": [
        (("V", "V"), 1, "VV"),
        (("Vt", "Vt"), 1, "VV L"),
        (("E", "E"), 4, "EE"),
        (("M", "M"), 4, "MM"),
        (("V", "E"), 2, "VE"),
    ],
    "AxV + TxT5": [
        (("A", "A"), 1, "VV"),
        (("At", "At"), 1, "VV L"),
        (("E", "E"), 4, "MM"),
        (("M", "M"), 4, "EE"),
        (("A", "M"), 2j, "VE"),
    ],
    "TxT + VxA": [
        (("V", "V"), 1, "AA"),
        (("Vt", "Vt"), 1, "AA L"),
        (("E", "E"), 4, "EE"),
        (("M", "M"), 4, "MM"),
    ],
    "TxT + AxA": [
        (("A", "A"), 1, "AA"),
        (("At", "At"), 1, "AA L"),
        (("E", "E"), 4, "EE"),
        (("M", "M"), 4, "MM"),
        (("A", "M"), -2, "AM"),
    ],
}


@pytest.mark.parametrize("index", range(11))
@pytest.mark.parametrize("floated", [False, True])
def test_dirac_pairs(golden, golden_inputs, index, floated):
    entry = golden["dark"][index]
    masses = entry["masses"]
    m1, m2 = masses.get("m", masses.get("m1")), masses.get("m", masses.get("m2"))
    terms = []
    for pair, weight, name in DIRAC[entry["operator"]]:
        found = density(name, m1, m2)
        if floated:
            # An array as a parameter takes the path on which nothing is cached.
            size = np.full((2, 1), found.threshold)
            found = Density(found.function, (), size)
        terms.append(DarkTerm(pair, np.array([weight]), found))
    width = binned_width(entry["process"], terms, golden_inputs, [0.0, np.inf])
    np.testing.assert_allclose(width[:, 0], entry["Gamma"], rtol=RELATIVE)
    q2 = np.array([float(point) for point in entry["dGamma_dq2"]])
    spectrum = differential_width(entry["process"], terms, golden_inputs, q2)
    expected = np.broadcast_to(list(entry["dGamma_dq2"].values()), spectrum.shape)
    np.testing.assert_allclose(spectrum, expected, rtol=RELATIVE)
