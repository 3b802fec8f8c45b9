"""Couplings of dark scalars to quarks of different flavour through the Higgs boson."""

import numpy as np
import pytest
from bsinv.fitter.predict import predict
from bsinv.models.dark.higgs_penguin import higgs_penguin
from bsinv.models.dark.models import DM_SCALAR_THERMAL
from bsinv.models.dark.relic_scalar import RELIC_SCALAR
from bsinv.models.dark.scalar_dm import SCALAR_DM
from bsinv.models.matching import higgs_vev
from bsinv.physics.ckm import ckm_matrix, lambda_t
from bsinv.physics.inputs import Inputs

INPUTS = Inputs.default()
ONE = np.ones(1)


def constant(name):
    return INPUTS.constant(name)[0]


def test_shift_of_the_mass_matrix():
    """dY_d/dlnmu = -(3/2) Y_u Y_u^dagger Y_d/(16 pi^2) + ... (Machacek and Vaughn 1984) with the
    scale at v, of which phi^2 shifts -kappa phi^2/(2 m_H^2): L = -dM_sb sbar P_R b."""
    vev = higgs_vev(INPUTS)[0]
    yukawa = np.sqrt(2.0) * constant("m_t") / vev
    shift = -0.5 / constant("m_H") ** 2
    mass = -1.5 * yukawa**2 * lambda_t(INPUTS)[0] / (16.0 * np.pi**2) * constant("m_b") * shift
    found = higgs_penguin(ONE, INPUTS)
    ratio = constant("m_s") / constant("m_b")
    # sbar P_R b is (sbar b - i sbar i gamma_5 b)/2, and L = (1/2) C O.
    assert found["phi0_S"][0] == pytest.approx(-mass * (1.0 + ratio), rel=1e-12)
    assert 1j * found["phi0_P"][0] == pytest.approx(-mass * (1.0 - ratio), rel=1e-12)
    assert abs(found["phi0_S"][0]) == pytest.approx(4.5e-8, rel=0.05)


def test_the_vertex_of_the_higgs_boson():
    """L = [3 g_W^2 m_b m_t^2 V_ts* V_tb/(64 pi^2 M_W^2 v)] h sbar P_R b of hep-ph/0401195, and
    phi^2 as the source -kappa v phi^2/(2 m_H^2) of h."""
    vev = higgs_vev(INPUTS)[0]
    # g_W^2/(8 M_W^2) = G_F/sqrt 2.
    over_mass = 8.0 * constant("G_F") / np.sqrt(2.0)
    vertex = 3.0 * over_mass * constant("m_b") * constant("m_t") ** 2 * lambda_t(INPUTS)[0]
    vertex = vertex / (64.0 * np.pi**2 * vev)
    found = higgs_penguin(ONE, INPUTS)
    # L = (1/2) (C^S + i C^P) sbar P_R b phi^2, where the part of m_s cancels.
    total = 0.5 * (found["phi0_S"] + 1j * found["phi0_P"])[0]
    assert total == pytest.approx(vertex * -0.5 * vev / constant("m_H") ** 2, rel=1e-12)


def test_size_in_other_pairs_of_quarks():
    """In proportion to V_tq'* V_tq and the heavier mass."""
    found = higgs_penguin(ONE, INPUTS)
    matrix = ckm_matrix(INPUTS)[0]
    ratio = abs(found["phi0_S_sd"][0] / found["phi0_S"][0])
    masses = (constant("m_s_2GeV") + constant("m_d_2GeV")) / (constant("m_b") + constant("m_s"))
    ckm = abs(matrix[2, 1] * matrix[2, 0]) / abs(lambda_t(INPUTS)[0])
    assert ratio == pytest.approx(ckm * masses, rel=1e-12)
    ratio = abs(found["phi0_S_bd"][0] / found["phi0_S"][0])
    masses = (constant("m_b") + constant("m_d")) / (constant("m_b") + constant("m_s"))
    assert ratio == pytest.approx(masses * abs(matrix[2, 0] / matrix[2, 1]), rel=0.05)


def test_nothing_without_a_portal():
    assert higgs_penguin(np.zeros(3), INPUTS) == {}
    assert set(higgs_penguin(np.array([0.0, 0.1]), INPUTS)) == {
        f"phi0_{kind}{pair}" for kind in "SP" for pair in ("", "_bd", "_sd")
    }


def test_it_interferes_with_the_other_couplings():
    given = {"m_S": 0.7, "C_S": 5.0}
    standard = predict("BR(B+->Knunu)")

    def dark(**values):
        return predict("BR(B+->Knunu)", "dm-scalar-thermal", **given | values) - standard

    both = dark(kappa=0.1), dark(kappa=-0.1)
    alone = dark(kappa=0.1, C_S=0.0)
    assert sum(both) / 2 == pytest.approx(dark() + alone, rel=1e-9)
    coupling = higgs_penguin(np.array([0.1]), INPUTS)["phi0_S"][0]
    assert both[0] - both[1] == pytest.approx(4.0 * dark() * coupling.real / 5e-8, rel=1e-9)
    assert alone == pytest.approx(dark() * abs(coupling / 5e-8) ** 2, rel=1e-9)


@pytest.mark.parametrize("model", [DM_SCALAR_THERMAL, RELIC_SCALAR, SCALAR_DM])
def test_all_models_with_a_portal(model):
    """Batches with points without a portal too."""
    kappa = np.array([0.0, 0.2, -0.4])
    with_it = model.wilson(model.complete({"kappa": kappa}), INPUTS)
    without = model.wilson(model.complete({"kappa": 0.0}), INPUTS)
    wanted = higgs_penguin(kappa, INPUTS)
    for name, value in wanted.items():
        rest = without.get(name, 0.0)
        np.testing.assert_allclose(with_it[name], value + rest, rtol=1e-12)
        assert with_it[name][0] == rest
