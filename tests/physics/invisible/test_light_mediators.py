"""Light mediators with form factors of one pole: two-body rates, widths and the full integral."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.form_factors import form_factor_set
from bsinv.data.frozen import FrozenMapping
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.rates import branching_fraction
from bsinv.physics.wilson import Wilson

GOLDEN = {
    entry["id"]: entry
    for entry in json.loads((Path(__file__).parent / "golden_mediators.json").read_text())
}
MASSES = (5.27941, 0.493677)


def one_pole_inputs():
    """f_+ = 0.33/(1 - q2/29.3) and f_0 = 0.33/(1 - q2/38), quark masses of the golden numbers."""
    shipped = form_factor_set("BtoK_FLAG2021_HPQCD2022_BSZ")
    central = np.zeros(len(shipped.names))
    central[shipped.names.index("a0_f+")] = 0.33
    poles = FrozenMapping({**shipped.poles, "f+": np.sqrt(29.3), "f0": np.sqrt(38.0)})
    simple = replace(shipped, id="one pole", central=central, poles=poles)
    # Without neutrinos: what is left is the mediator.
    constants = {"X_t": 0.0, "m_b": 4.18, "m_s": 0.079}
    return Inputs.default().replace(constants=constants, sets={"B->K": simple})


def width(**coefficients):
    """Partial width of B+ -> K+ and the dark part, GeV."""
    inputs = one_pole_inputs()
    wilson = Wilson({name: np.array([value]) for name, value in coefficients.items()})
    branching = branching_fraction("B+->K+", wilson, inputs, masses=MASSES)[0]
    return branching * inputs.constant("hbar")[0] / (inputs.constant("tau_Bplus")[0] * 1e-12)


@pytest.mark.parametrize(
    ("entry", "coupling", "result"),
    [("med.scalar", "g_S", "Gamma_B_KS"), ("med.vector", "g_V", "Gamma_B_KV")],
)
def test_two_body_rates(entry, coupling, result):
    golden = GOLDEN[entry]
    found = width(**{coupling: golden["inputs"][coupling], "m_1": 2.1})
    assert found == pytest.approx(golden["outputs"][result], rel=1e-6)


def test_vector_mediator_of_finite_width():
    """The golden width of Z' -> chi chibar in, the full integral over its line out."""
    given, wanted = GOLDEN["med.vector"]["inputs"], GOLDEN["med.vector"]["outputs"]
    beta = np.sqrt(1 - 4 * given["m_chi"] ** 2 / given["m_V"] ** 2)
    own = given["g_chi"] ** 2 * given["m_V"] * (1 + 2 * (given["m_chi"] / given["m_V"]) ** 2) * beta
    assert own / (12 * np.pi) == pytest.approx(wanted["Gamma_V"], rel=1e-6)
    found = width(
        med_VV=given["g_V"] * given["g_chi"],
        m_med=given["m_V"],
        Gamma_med=wanted["Gamma_V"],
        m_chi=given["m_chi"],
    )
    assert found == pytest.approx(wanted["Gamma_full"], rel=GOLDEN["med.vector"]["rtol"])


def test_scalar_mediator_of_finite_width():
    """The golden width of S -> phi phi, real phi, in; the full integral over its line out."""
    given, wanted = GOLDEN["med.scalar"]["inputs"], GOLDEN["med.scalar"]["outputs"]
    beta = np.sqrt(1 - 4 * given["m_phi"] ** 2 / given["m_S"] ** 2)
    own = given["mu_phi"] ** 2 * beta / (32 * np.pi * given["m_S"])
    assert own == pytest.approx(wanted["Gamma_S"], rel=1e-6)
    found = width(
        medphi0_S=given["g_S"] * given["mu_phi"],
        m_med=given["m_S"],
        Gamma_med=wanted["Gamma_S"],
        m_phi0=given["m_phi"],
    )
    assert found == pytest.approx(wanted["Gamma_full"], rel=GOLDEN["med.scalar"]["rtol"])
    # The golden integral is 5e-5 short of the narrow width, of which Gamma/M = 9e-7 allows 1e-6.
    assert found == pytest.approx(wanted["Gamma_B_KS"], rel=1e-6)
