"""Decays of Bs, B0, D and K to invisible particles."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.dark_names import SECTORS
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import WILSON_NAMES, Wilson

INPUTS = Inputs.default()


def predict(name, **values):
    return observable(name)(Wilson(values), INPUTS)[0]


def test_standard_model():
    """K -> pi nu nubar is tested in test_kaons.py."""
    assert predict("BR(Bs->phinunu)") == pytest.approx(1.0e-5, rel=0.1)
    for name in ("D0->pi0inv", "D+->pi+inv", "Bs->inv", "B0->inv", "D0->inv"):
        assert predict(f"BR({name})") == 0.0


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        *(("BR(Bs->phinunu)", ""), ("BR(Bs->inv)", ""), ("BR(B0->inv)", "_bd")),
        *(("BR(D0->inv)", "_cu"), ("BR(D0->pi0inv)", "_cu"), ("BR(D+->pi+inv)", "_cu")),
        *(("BR(K+->pi+inv)", "_sd"), ("BR(KL->pi0inv)", "_sd")),
    ],
)
def test_each_decay_has_its_own_coefficients(name, suffix):
    standard = predict(name)
    for sector in SECTORS:
        value = predict(name, **{f"phi_S{sector}": 1.0, f"phi_P{sector}": 1.0, "m_phi": 0.05})
        assert (value != standard) == (sector == suffix)


def test_every_coefficient_exists_for_every_pair_of_quarks():
    names = [name for name in WILSON_NAMES if name.startswith(("phi_", "X0_", "med_", "g_"))]
    plain = [name for name in names if not name.endswith(tuple(SECTORS)[1:])]
    for suffix, (light, heavy) in SECTORS.items():
        for name in plain:
            if name == "med_running":
                continue
            text = WILSON_NAMES[name + suffix].description
            assert f"{light}bar" in text
            assert f" {heavy}" in text


def test_neutral_pions_come_half_as_often():
    charged, neutral = (
        predict("BR(D+->pi+inv)", phi_S_cu=1.0, m_phi=0.1),
        predict("BR(D0->pi0inv)", phi_S_cu=1.0, m_phi=0.1),
    )
    lifetimes = INPUTS.constant("tau_Dplus")[0] / INPUTS.constant("tau_D0")[0]
    assert charged / neutral == pytest.approx(2.0 * lifetimes, rel=0.05)


def test_vacuum_decays_scale_with_decay_constant_and_masses():
    def constant(name):
        return INPUTS.constant(name)[0]

    def width(meson, heavy, light, decay_constant):
        mass = constant(f"m_{meson}")
        beta = np.sqrt(1.0 - 4.0 * 0.3**2 / mass**2)
        quarks = constant(heavy) + constant(light)
        rate = constant(decay_constant) ** 2 * mass**3 * beta / (16.0 * np.pi * quarks**2)
        return rate * constant(f"tau_{meson}") * 1e-12 / constant("hbar")

    for meson, heavy, light, f, suffix in (
        ("Bs", "m_b", "m_s", "f_Bs", ""),
        ("B0", "m_b", "m_d", "f_B", "_bd"),
        ("D0", "m_c", "m_u_2GeV", "f_D", "_cu"),
    ):
        got = predict(f"BR({meson}->inv)", **{f"phi_P{suffix}": 1e-8}, m_phi=0.3)
        assert got == pytest.approx(1e-16 * width(meson, heavy, light, f), rel=1e-12)


def test_a_klong_takes_the_real_part_of_scalars_and_the_imaginary_part_of_vectors():
    standard = predict("BR(KL->pi0inv)")

    def dark(**values):
        return predict("BR(KL->pi0inv)", **values, m_phi=0.05, m_chi=0.05) - standard

    for name, counts in (("phi_S_sd", 1.0), ("phi_V_sd", 1j), ("chi_VA_sd", 1j)):
        wrong = 1j if counts == 1.0 else 1.0
        size = 1e-9
        assert dark(**{name: size * counts}) > 10.0 * standard
        assert dark(**{name: size * wrong}) == pytest.approx(0.0, abs=1e-9 * standard)
        both = dark(**{name: size * (1.0 + 1j)})
        assert both == pytest.approx(dark(**{name: size * counts}), rel=1e-9)
    assert dark(phi_P_sd=1.0) == 0.0
    # The rate is that of K+ -> pi+ with the masses and the lifetime of the neutral mesons.
    charged = predict("BR(K+->pi+inv)", phi_S_sd=1e-10, m_phi=0.05) - predict("BR(K+->pi+inv)")
    lifetimes = INPUTS.constant("tau_KL")[0] / INPUTS.constant("tau_Kplus")[0]
    assert dark(phi_S_sd=1e-10) / charged == pytest.approx(lifetimes, rel=0.15)
    with pytest.raises(PredictionError, match=r"nuN_SR_sd: its dark current is not hermitian"):
        dark(nuN_SR_sd=1.0, m_N=0.05)


def test_end_point_of_the_kaon():
    """Nothing beyond (m_K - m_pi)^2."""
    end = (INPUTS.constant("m_Kplus")[0] - INPUTS.constant("m_piplus")[0]) ** 2
    assert end == pytest.approx(0.1254, abs=2e-4)
    wilson = Wilson({"phi_S_sd": 1e-10, "m_phi": 0.1})
    spectrum = observable("dBR/dq2(K+->pi+inv)")
    values = spectrum(wilson, INPUTS, q2=np.array([0.02, 0.06, end, 0.2]))[0]
    assert np.all(values[:2] > 0.0)
    np.testing.assert_array_equal(values[2:], 0.0)
    assert np.all(np.isfinite(values))


@pytest.mark.parametrize("operator", ["VLL", "VLR", "SLR"])
def test_kaon_mixing_is_no_part_of_kaon_decays(operator):
    values = {f"C_{operator}_sd": 1e-12 + 1e-12j}
    for name in ("BR(KL->pi0inv)", "BR(K+->pi+inv)"):
        assert predict(name, **values) == predict(name)
