"""Lepton flavour violating decays: charges, limits, quadrature, batches."""

import json
from pathlib import Path

import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.physics.bsll.rates import FORM_FACTORS, Couplings, normalisation, spectrum
from bsinv.physics.inputs import Inputs
from bsinv.physics.kinematics import kinematics
from bsinv.physics.observables import observable
from bsinv.physics.transitions import transition
from bsinv.physics.wilson import Wilson
from scipy.integrate import quad

GOLDEN = json.loads(Path(__file__).with_name("golden_bsll.json").read_text())
INPUTS = Inputs.default()
INDEX = {"e": 0, "mu": 1, "tau": 2}
NAMES = ("dC_9", "dC_10", "C_9p", "C_10p", "C_S", "C_P", "C_Sp", "C_Pp")
HBAR = 6.582119569e-25


def matrix(first, second, value):
    filled = np.zeros((3, 3), dtype=complex)
    filled[INDEX[first], INDEX[second]] = value
    return filled


def only(first, second, *values):
    """Coefficients in the entry [first, second], in the order of NAMES."""
    return Wilson({n: matrix(first, second, v) for n, v in zip(NAMES, values, strict=False)})


def predict(name, wilson, inputs=INPUTS):
    return observable(name)(wilson, inputs)[0]


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("BR(B+->K+mu-tau+)", ("tau", "mu")),
        ("BR(B+->K+mu+tau-)", ("mu", "tau")),
        ("BR(B+->K+e-tau+)", ("tau", "e")),
        ("BR(B+->K+e+mu-)", ("e", "mu")),
        ("BR(B0->K*0tau+mu-)", ("tau", "mu")),
        ("BR(B0->K*0tau-mu+)", ("mu", "tau")),
        ("BR(B0->K*0mu-e+)", ("e", "mu")),
        ("BR(B0->KStau+e-)", ("tau", "e")),
        ("BR(Bs->phimu-tau+)", ("tau", "mu")),
        ("BR(Bs->mu-tau+)", ("tau", "mu")),
        ("BR(Bs->e+tau-)", ("e", "tau")),
    ],
)
def test_charges(name, entry):
    """B+, B0 and Bs hold an anti-b: l_i^+ l_j^- belongs to the entry ij, and to no other."""
    for first in INDEX:
        for second in INDEX:
            rate = predict(name, only(first, second, 1.0, -0.5, 0.2, 0.1))
            assert (rate > 0.0) == ((first, second) == entry)


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("BR(B+->K+mu+-tau-+)", ("BR(B+->K+mu+tau-)", "BR(B+->K+mu-tau+)")),
        ("BR(B0->K*0mu+-e-+)", ("BR(B0->K*0mu+e-)", "BR(B0->K*0mu-e+)")),
        ("BR(Bs->phimu+-e-+)", ("BR(Bs->phimu+e-)", "BR(Bs->phimu-e+)")),
        ("BR(Bs->mu+-tau-+)", ("BR(Bs->mu+tau-)", "BR(Bs->mu-tau+)")),
    ],
)
def test_both_charges(total, parts):
    rng = np.random.default_rng(1)
    draw = rng.normal(size=(8, 2, 5, 3, 3))
    wilson = Wilson(dict(zip(NAMES, draw[:, 0] + 1j * draw[:, 1], strict=True)))
    got = observable(total)(wilson, INPUTS)
    np.testing.assert_allclose(got, sum(observable(part)(wilson, INPUTS) for part in parts))
    assert got.shape == (5,)


def test_a_name_that_is_one_charge_in_flavio():
    for lepton, other in (("e", "mu"), ("e", "tau"), ("mu", "tau")):
        with pytest.raises(ParameterError) as caught:
            observable(f"BR(Bs->{lepton}{other})")
        one, both = f"BR(Bs->{lepton}-{other}+)", f"BR(Bs->{lepton}+-{other}-+)"
        assert str(caught.value) == (
            f"BR(Bs->{lepton}{other}) is one charge in flavio and was the sum of both here: write "
            f"{one} for the one of flavio, {both} for the sum."
        )


def test_nothing_without_new_physics():
    for name in ("BR(B+->K+mu+tau-)", "BR(Bs->e+-mu-+)", "BR(B0->K*0tau+-e-+)"):
        assert predict(name, Wilson()) == 0.0
        assert observable(name)(Wilson({"dC_L": np.ones((3, 3, 3))}), INPUTS).shape == (3,)


def test_ks_is_half_of_k0():
    wilson = only("tau", "mu", 1.0, 2.0)
    same = INPUTS.replace(
        constants={"m_B0": 5.27941, "m_K0": 0.493677, "tau_B0": INPUTS.constant("tau_Bplus")[0]}
    )
    same = same.replace(constants={"m_Bplus": 5.27941, "m_Kplus": 0.493677})
    half = 0.5 * predict("BR(B+->K+mu-tau+)", wilson, same)
    assert predict("BR(B0->KStau+mu-)", wilson, same) == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    ("neutrino", "charged", "primed"),
    [
        ("BR(B+->Knunu)", "BR(B+->K+e+mu-)", False),
        ("BR(B0->K*nunu)", "BR(B0->K*0mu-e+)", False),
        ("BR(B0->K*nunu)", "BR(B0->K*0mu-e+)", True),
        ("BR(Bs->phinunu)", "BR(Bs->phimu-e+)", True),
    ],
)
def test_massless_leptons_are_like_neutrinos(neutrino, charged, primed):
    """C_9 = -C_10 = C_L and C_9' = -C_10' = C_R of one pair of flavours, SM neutrinos removed."""
    standard = INPUTS.constant("X_t") / INPUTS.constant("sin2_theta_W") * np.eye(3)
    left, right = matrix("e", "mu", 3.0 - 1.0j), primed * matrix("e", "mu", -1.0 + 2.0j)
    wanted = predict(neutrino, Wilson({"dC_L": standard + left, "dC_R": right}))
    light = INPUTS.replace(constants={"m_e": 1e-7, "m_mu": 1e-7})
    leptons = Wilson({"dC_9": left, "dC_10": -left, "C_9p": right, "C_10p": -right})
    assert predict(charged, leptons, light) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "channel", "pair"),
    [
        ("BR(B+->K+mu-tau+)", "B+->K+", ("tau", "mu")),
        ("BR(B+->K+e+mu-)", "B+->K+", ("e", "mu")),
        ("BR(B0->K*0tau+mu-)", "B0->K*0", ("tau", "mu")),
        ("BR(B0->K*0tau+e-)", "B0->K*0", ("tau", "e")),
        ("BR(B0->K*0mu+e-)", "B0->K*0", ("mu", "e")),
        ("BR(Bs->phimu+tau-)", "Bs->phi", ("mu", "tau")),
    ],
)
@pytest.mark.parametrize("size", [0.0, 1.0])
def test_against_adaptive_quadrature_of_explicit_amplitudes(name, channel, pair, size):
    values = (1.3 - 0.2j, -0.8j, 0.6 + 0.4j, -1.1)
    scalars = size * np.array([0.5 - 0.3j, 0.4j, -0.2 + 0.6j, 0.7])
    known = transition(channel)
    m_parent, m_meson = (INPUTS.constant(n)[0] for n in (known.parent_mass, known.meson_mass))
    masses = tuple(INPUTS.constant(f"m_{lepton}")[0] for lepton in pair)
    source = INPUTS.form_factors(known.form_factors)

    def integrand(x):
        # sinh and sine take the square roots and the small scales at both ends.
        low, high = sum(masses) ** 2, (m_parent - m_meson) ** 2
        scale = 4.0 * masses[0] * masses[1]
        top = np.arcsinh(np.sqrt((high - low) / scale))
        angle = top * np.sin(0.5 * np.pi * x)
        q2 = np.array([[low + scale * np.sinh(angle) ** 2]])
        jacobian = scale * np.sinh(2.0 * angle) * top * 0.5 * np.pi * np.cos(0.5 * np.pi * x)
        kin = kinematics(q2, m_parent, m_meson)
        form_factors = {n: source.value(n, q2) for n in FORM_FACTORS[known.spin]}
        return spectrum(known.spin, kin, form_factors, couplings, masses)[0, 0] * jacobian

    m_b, m_s = (INPUTS.constant(n)[0] for n in ("m_b", "m_s"))
    factor = m_b / (m_b - m_s if known.spin == 0 else m_b + m_s)
    c_s, c_p, c_sp, c_pp = factor * scalars
    couplings = Couplings(*values, c_s=c_s, c_p=c_p, c_sp=c_sp, c_pp=c_pp)

    integral, _ = quad(integrand, 0.0, 1.0, epsrel=1e-10, limit=200)
    unit = normalisation(*(INPUTS.constant(n) for n in ("G_F", "alpha_inv", "VtbVts")))[0]
    lifetime = INPUTS.constant(known.lifetime)[0] * 1e-12 / HBAR
    assert predict(name, only(*pair, *values, *scalars)) == pytest.approx(
        unit**2 * lifetime * integral, rel=1e-8
    )


@pytest.mark.parametrize(
    ("name", "key", "tolerance"),
    [
        # Other B -> K form factors; Bs and K* differ by constants alone.
        ("BR(B+->K+mu-tau+)", "taumu ['BR(B+->Ktaumu)']", 0.01),
        ("BR(B+->K+mu+tau-)", "mutau ['BR(B+->Kmutau)']", 0.01),
        ("BR(B0->K*0tau+mu-)", "taumu ['BR(B0->K*taumu)']", 0.005),
        ("BR(Bs->mu+tau-)", "mutau ['BR(Bs->mutau)']", 0.005),
    ],
)
def test_polynomials_fitted_to_flavio(name, key, tolerance):
    """Rates at random coefficients, in the normalisation of flavio."""
    given = GOLDEN["polynomial_inputs"]
    ratio = given["lambda_t_abs"] / INPUTS.constant("VtbVts")[0]
    ratio *= INPUTS.constant("alpha_inv")[0] / given["alpha_inv"]
    polynomial = np.zeros((5, 5))
    polynomial[np.triu_indices(5)] = GOLDEN["polynomials"][key]
    positive, negative = ("mu", "tau") if "mu+" in name else ("tau", "mu")
    for values in np.random.default_rng(3).normal(size=(10, 4)):
        vector = np.array([1.0, *values])
        wanted = vector @ polynomial @ vector
        got = predict(name, only(positive, negative, *values)) * ratio**2
        assert got == pytest.approx(wanted, rel=2.0 * tolerance, abs=tolerance * 4e-8)


def varied(size=3):
    """Inputs of which everything varies that may."""
    rng = np.random.default_rng(5)
    spread = {
        n: 1.0 + 1e-3 * rng.normal(size=size) for n in ("m_tau", "m_B0", "m_Kstar0", "tau_B0")
    }
    constants = {n: factor * INPUTS.constant(n) for n, factor in spread.items()}
    constants["norm_BtoKstar"] = 1.0 + 0.1 * rng.normal(size=size)
    source = INPUTS.form_factors("B->K*").source
    drawn = rng.multivariate_normal(source.central, source.covariance, size, method="eigh")
    return constants, drawn


@pytest.mark.parametrize("name", ["BR(B0->K*0tau+mu-)", "BR(B0->K*0tau+-e-+)"])
@pytest.mark.parametrize("what", ["form factors", "constants", "both"])
def test_batch_is_a_loop(name, what):
    constants, drawn = varied()
    constants = {} if what == "form factors" else constants
    drawn = None if what == "constants" else drawn
    batch = INPUTS.replace(
        constants=constants, coefficients={} if drawn is None else {"B->K*": drawn}
    )
    wilson = Wilson(
        {
            "dC_9": np.arange(27.0).reshape(3, 3, 3),
            "C_10p": np.ones((3, 3)),
            "C_S": 0.1j * np.arange(27.0).reshape(3, 3, 3)[::-1],
            "C_P": np.full((3, 3), 0.3),
        }
    )
    together = observable(name)(wilson, batch)
    for k in range(3):
        alone = INPUTS.replace(
            constants={n: value[k] for n, value in constants.items()},
            coefficients={} if drawn is None else {"B->K*": drawn[k]},
        )
        single = Wilson({n: value[min(k, len(value) - 1)] for n, value in wilson.items()})
        assert together[k] == pytest.approx(predict(name, single, alone), rel=1e-8)


def test_no_rate_where_the_decay_cannot_happen():
    heavy = INPUTS.replace(constants={"m_tau": np.array([1.777, 6.0])})
    values = observable("BR(B0->K*0tau+mu-)")(only("tau", "mu", 1.0), heavy)
    assert values[0] > 0.0
    assert values[1] == 0.0
    values = observable("BR(Bs->mu+-tau-+)")(only("tau", "mu", 1.0), heavy)
    assert values[1] == 0.0


@pytest.mark.parametrize("pair", [("tau", "mu"), ("mu", "e")])
def test_scalar_operators_in_bs(pair):
    """(m_1 - m_2)(C_9 - C_9') + m_Bs^2 m_b/(m_b + m_s) (C_S - C_S'), arXiv:1602.00881 eq. (5); m_1
    is the mass of the lepton of the first index, l_1^- of b -> s l_1^- l_2^+."""
    m_b, m_s, m_bs = (INPUTS.constant(n)[0] for n in ("m_b", "m_s", "m_Bs"))
    first, second = (INPUTS.constant(f"m_{lepton}")[0] for lepton in pair)
    unit = m_bs**2 * m_b / (m_b + m_s)
    name = f"BR(Bs->{pair[1]}-{pair[0]}+)"
    alone = predict(name, only(*pair, 0.0, 0.0, 0.0, 0.0, 0.5, 0.2j, 0.1))
    assert alone > 0.0
    # A vector operator that cancels the scalar one.
    nine, ten = -0.4 * unit / (first - second), -0.2j * unit / (first + second)
    cancelled = predict(name, only(*pair, nine, ten, 0.0, 0.0, 0.5, 0.2j, 0.1))
    assert cancelled < 1e-20 * alone
