"""R(D), R(D*), Bc -> tau nu."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

FILE = json.loads(Path(__file__).with_name("golden_mixing.json").read_text())
INPUTS = Inputs.default()
STANDARD = {"R(D)": "RD_SM", "R(D*)": "RDstar_SM", "BR(Bc->taunu)": "BR_Bctaunu_SM"}
NAMES = tuple(STANDARD)


def relative(name, wilson):
    return observable(name)(wilson, INPUTS) / INPUTS.constant(STANDARD[name])


def entry(i, j, **values):
    """One entry of some coefficients."""
    mask = np.zeros((3, 3))
    mask[i, j] = 1.0
    return Wilson({f"C_{key}_cb": value * mask for key, value in values.items()})


def test_golden():
    golden = FILE["golden"]["rd"]
    values = {key.removeprefix("C_"): value for key, value in golden["inputs"].items()}
    wilson = entry(2, 2, **values)
    expected = golden["outputs"]
    assert relative("R(D)", wilson)[0] == pytest.approx(expected["R_D"], rel=1e-6)
    assert relative("R(D*)", wilson)[0] == pytest.approx(expected["R_Dst"], rel=1e-6)
    assert relative("BR(Bc->taunu)", wilson)[0] == pytest.approx(expected["Bc"], rel=1e-6)


@pytest.mark.parametrize("index", range(4))
@pytest.mark.parametrize("name", NAMES)
def test_flavio(name, index):
    """Complex entries, all neutrinos, and vector operators of e and mu in the last one.

    flavio multiplies the Standard Model amplitude by 1.0071 (electroweak correction), which here
    is taken out of the coefficients. The numbers of the polynomials are rounded to five digits, and
    the mean over e and mu is that of their slightly different branching fractions in flavio.
    """
    row = FILE["flavio"]["charged_current"][index]
    values = {key: np.array(value) for key, value in row["wilson"].items()}
    wilson = Wilson({key: (v[..., 0] + 1j * v[..., 1]) / 1.0071 for key, v in values.items()})
    assert relative(name, wilson)[0] == pytest.approx(row[name], rel=6e-4 if index == 3 else 5e-5)


def test_standard_model():
    values = [observable(name)(Wilson(), INPUTS)[0] for name in NAMES]
    assert values == pytest.approx([0.296, 0.254, 0.0236])


def test_left_handed_vector_scales_everything_alike():
    """|1 + C_tautau|^2 + sum over the other neutrinos |C_tauj|^2."""
    matrix = np.zeros((3, 3), dtype=complex)
    matrix[2] = [0.1j, -0.2, 0.1 + 0.05j]
    wilson = Wilson({"C_VL_cb": matrix})
    expected = abs(1.1 + 0.05j) ** 2 + 0.01 + 0.04
    for name in NAMES:
        assert relative(name, wilson)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["VL", "VR", "SL", "SR", "T"])
def test_other_neutrinos_do_not_interfere(name, key):
    values = {sign: relative(name, entry(2, 0, **{key: sign * 0.1}))[0] for sign in (1, -1, 1j)}
    assert values[1] == pytest.approx(values[-1], rel=1e-14)
    assert values[1] == pytest.approx(values[1j], rel=1e-14)
    assert values[1] >= 1.0


def test_lepton_universality_leaves_the_ratios():
    matrix = 0.3 * np.eye(3)
    for name in ("R(D)", "R(D*)"):
        assert relative(name, Wilson({"C_VL_cb": matrix}))[0] == pytest.approx(1.0, rel=1e-14)
    # Muons alone: half of the mean.
    got = relative("R(D)", entry(1, 1, VL=0.1))[0]
    assert got == pytest.approx(1.0 / (0.5 * (1.0 + 1.21)), rel=1e-14)
    for name in ("R(D)", "R(D*)"):
        assert relative(name, entry(0, 0, SL=0.5, T=0.5))[0] == pytest.approx(1.0, rel=1e-14)


def test_denominators_are_positive_quadratic_forms():
    """A decay rate cannot be negative, whatever the couplings."""
    rng = np.random.default_rng(3)
    size = 2000
    values = {
        f"C_{key}_cb": 3.0 * (rng.normal(size=(size, 3, 3)) + 1j * rng.normal(size=(size, 3, 3)))
        for key in ("VL", "VR", "SL", "SR", "T")
    }
    for name in NAMES:
        got = relative(name, Wilson(values))
        assert got.shape == (size,)
        assert (got > 0.0).all()


def test_chirality():
    """R(D) sees scalar and vector currents, R(D*) and Bc the axial and pseudoscalar ones."""
    assert relative("R(D)", entry(2, 2, SL=0.3, SR=-0.3))[0] == pytest.approx(1.0)
    for name in ("R(D*)", "BR(Bc->taunu)"):
        assert relative(name, entry(2, 2, SL=0.3, SR=0.3))[0] == pytest.approx(1.0)
    assert relative("BR(Bc->taunu)", entry(2, 2, VL=0.3, VR=0.3))[0] == pytest.approx(1.0)
    assert relative("BR(Bc->taunu)", entry(2, 2, T=0.3))[0] == pytest.approx(1.0)
