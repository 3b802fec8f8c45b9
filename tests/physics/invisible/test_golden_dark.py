"""Rates of all dark final states against numbers of an independent brute-force code."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.invisible.final_states.states import dark_terms
from bsinv.physics.invisible.vacuum import vacuum_width
from bsinv.physics.invisible.widths import binned_width, differential_width
from bsinv.physics.wilson import Wilson

RELATIVE = 1e-6
GOLDEN = json.loads(Path(__file__).with_name("golden_dark.json").read_text())

# Start of the name of the dark system: key prefix, mass, factor on the coefficient. Coefficients of
# real fields are those of L = (1/2) C O.
SYSTEMS = {
    "complex scalar": ("phi_", "m_phi", 1.0),
    "real scalar, L=(1/2)C": ("phi0_", "m_phi0", 1.0),
    "real scalar, L=C": ("phi0_", "m_phi0", 2.0),
    "Dirac chi": ("chi_", "m_chi", 1.0),
    "Majorana chi, L=C": ("chi0_", "m_chi0", 2.0),
    "psi1bar": ("chi_", "m_chi", 1.0),
    "complex vector": ("X_", "m_X", 1.0),
    "real vector": ("X0_", "m_X0", 2.0),
    "nubar": ("nuN_", "m_N", 1.0),
    "(sbar sig P_R b)(nubar": ("nuN_", "m_N", 1.0),
    "Nbar": ("NN_", "m_N", 1.0),
}


def wilson_of(entry):
    prefix, mass, factor = next(
        value for start, value in SYSTEMS.items() if entry["dark"].startswith(start)
    )
    values = {}
    for part in entry["operator"].split(" + "):
        imaginary = part.startswith("i ")
        name = re.sub(r"_(?=F)", "", part.removeprefix("i ")).replace("x", "")
        name = name.replace("T_RT_R", "TR")
        values[prefix + name] = factor * (1j if imaginary else 1.0)
    masses = entry["masses"]
    if "m" in masses:
        values[mass] = masses["m"]
    elif prefix == "chi_":
        values |= {"m_chi": masses["m1"], "m_chi2": masses["m2"]}
    else:
        values[mass] = masses["m2"]
    return values


def batch_of(values, n):
    return Wilson({key: np.full(n, value) for key, value in values.items()})


def check(process, wilson, entry, inputs):
    terms = dark_terms(wilson, inputs.replace(constants={"X_t": 0.0}))
    width = binned_width(process, terms, inputs, [0.0, np.inf])
    expected = np.full(wilson.size, entry["Gamma"])
    np.testing.assert_allclose(width[:, 0], expected, rtol=RELATIVE)
    if "dGamma_dq2" in entry:
        q2 = np.array([float(point) for point in entry["dGamma_dq2"]])
        spectrum = differential_width(process, terms, inputs, q2)
        expected = np.broadcast_to(list(entry["dGamma_dq2"].values()), (wilson.size, q2.size))
        np.testing.assert_allclose(spectrum, expected, rtol=RELATIVE)


def title(entry):
    masses = "-".join(f"{value}" for value in entry.get("masses", {}).values())
    return f"{entry.get('process', 'Bs')} {entry['operator']} {entry['dark'][:14]} {masses}"


@pytest.mark.parametrize("entry", GOLDEN["three_body"], ids=title)
@pytest.mark.parametrize("points", [1, 3])
def test_three_body(entry, points, golden_inputs):
    check(entry["process"], batch_of(wilson_of(entry), points), entry, golden_inputs)


@pytest.mark.parametrize("entry", GOLDEN["two_body"], ids=str)
@pytest.mark.parametrize("points", [1, 3])
def test_two_body(entry, points, golden_inputs):
    values = {entry["coupling"]: 1.0, "m_1": entry["mass"]}
    check(entry["process"], batch_of(values, points), entry, golden_inputs)


@pytest.mark.parametrize("entry", GOLDEN["mediators"], ids=str)
@pytest.mark.parametrize("points", [1, 3])
def test_mediators(entry, points, golden_inputs):
    values = {f"med_{entry['operator'].replace('x', '')}": 1.0}
    values |= {"m_med": entry["M"], "Gamma_med": entry["Gamma_tot"], "m_chi": entry["m_chi"]}
    check(entry["process"], batch_of(values, points), entry, golden_inputs)


@pytest.mark.parametrize("entry", GOLDEN["Bs_invisible"], ids=title)
@pytest.mark.parametrize("points", [1, 3])
def test_bs_to_invisible(entry, points, golden_inputs):
    inputs = golden_inputs.replace(constants={"m_Bs": 5.36693, "f_Bs": 0.2303, "X_t": 0.0})
    wilson = batch_of(wilson_of(entry), points)
    width = vacuum_width("Bs", dark_terms(wilson, inputs), inputs)
    np.testing.assert_allclose(width, np.full(len(width), entry["Gamma"]), rtol=RELATIVE)
