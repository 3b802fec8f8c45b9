"""A mediator between the quarks and scalars or Majorana fermions, against contact operators."""

import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.fitter.predict import predict
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.densities.fermion import FERMION_PAIR
from bsinv.physics.invisible.densities.scalar import SCALAR_PAIR
from bsinv.physics.invisible.rates import binned_branching_fraction, branching_fraction
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

# Without neutrinos: what is left is dark.
INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
M_B, M_S = (INPUTS.constant(name)[0] for name in ("m_b", "m_s"))
OPERATORS = {
    "phi": ("S", "P", "V", "A"),
    "phi0": ("S", "P"),
    "chi0": ("SS", "SP", "PS", "PP", "VA", "AA"),
}
PAIRS = [(kind, operator) for kind, names in OPERATORS.items() for operator in names]
CHANNELS = ("B+->K+", "B0->K*0")


def spectrum(q2, **values):
    name = values.pop("name", "dBR/dq2(B+->Knunu)")
    return observable(name)(Wilson(values), INPUTS, q2=np.array(q2))


@pytest.mark.parametrize("running", [0.0, 1.0])
@pytest.mark.parametrize(("kind", "operator"), PAIRS)
@pytest.mark.parametrize("name", ["dBR/dq2(B+->Knunu)", "dBR/dq2(B0->K*nunu)"])
def test_the_contact_operator_times_the_propagator(name, kind, operator, running):
    """C = -g/(q2 - M^2 + i M Gamma(q2)) at each q2; the spin-0 part of axial exchange is another
    one, g/(M^2 - i M Gamma), so that both parts are compared where only one is there."""
    mass, width, own = 3.0, 0.4, 0.5
    q2 = np.array([1.5, 4.0, 9.0, 13.0])
    dark = {f"m_{kind}": own}
    given = {f"med{kind}_{operator}": 1e-8, "m_med": mass, "Gamma_med": width, **dark}
    got = spectrum(q2, name=name, med_running=running, **given)
    contact = spectrum(q2, name=name, **{f"{kind}_{operator}": 1e-8}, **dark)
    axial = operator in ("VA", "AA")
    if axial:
        # q2 -> M^2 of the density cancels in the ratio of its spin-1 part alone: no time component.
        assert np.all(got[contact > 0.0] > 0.0)
        heavy = {**given, "m_med": 1e4, "Gamma_med": 0.0}
        whole = spectrum(q2, name=name, **heavy)
        np.testing.assert_allclose(1e16 * whole, contact, rtol=1e-5)
        return
    key = operator[-1] if kind == "chi0" else ("V" if operator in "VA" else "S")
    table = FERMION_PAIR if kind == "chi0" else SCALAR_PAIR
    arguments = (own, own) if kind == "chi0" else (own,)
    density = table[key, key].function
    ratio = density(q2, *arguments) / density(np.array([mass**2]), *arguments)
    half = mass * width * (ratio if running else 1.0)
    wanted = contact / ((q2 - mass**2) ** 2 + half**2)
    np.testing.assert_allclose(got, wanted, rtol=1e-11)


@pytest.mark.parametrize(("derivative", "plain"), [("DV", "S"), ("DA", "P")])
def test_derivative_couplings_follow_from_the_equation_of_motion(derivative, plain):
    """(d_mu a) sbar gamma^mu [gamma_5] b is sbar [i gamma_5] b times a sum or difference of masses,
    as for the single particle: k_V is i (m_b - m_s) g_S, k_A is (m_b + m_s) g_P."""
    given = {"m_phi0": 0.4, "m_med": 2.5, "Gamma_med": 0.3}
    name = "dBR/dq2(B+->Knunu)" if plain == "S" else "dBR/dq2(B0->K*nunu)"
    factor = M_B - M_S if plain == "S" else M_B + M_S
    q2 = [2.0, 6.0, 12.0]
    one = spectrum(q2, name=name, **{f"medphi0_{derivative}": 1e-8}, **given)
    other = spectrum(q2, name=name, **{f"medphi0_{plain}": 1e-8 * factor}, **given)
    np.testing.assert_allclose(one, other, rtol=1e-12)
    # Both at once interfere: i (m_b - m_s) g_S + k_V cancels.
    phase = -1j if plain == "S" else -1.0
    both = {f"medphi0_{derivative}": 1e-8, f"medphi0_{plain}": 1e-8 * factor * phase}
    flipped = {**both, f"medphi0_{plain}": -both[f"medphi0_{plain}"]}
    sizes = [spectrum(q2, name=name, **one, **given).max() for one in (both, flipped)]
    assert min(sizes) < 1e-12 * max(sizes)
    assert max(sizes) == pytest.approx(4.0 * other.max(), rel=1e-11)


@pytest.mark.parametrize(
    ("kind", "operator", "coupling", "dark", "factor"),
    [
        ("phi0", "S", "g_S", "S", 0.5),
        ("phi", "S", "g_S", "S", 1.0),
        ("phi", "V", "g_V", "V", 1.0),
        ("chi0", "SP", "g_S", "P", 0.5),
        ("chi0", "DVS", "k_V", "S", 0.5),
        ("chi0", "VA", "g_V", "A", 0.5),
    ],
)
def test_a_narrow_mediator_is_a_two_body_decay(kind, operator, coupling, dark, factor):
    """Gamma = factor g^2 rho(M^2)/(2 M), 1/2 for identical particles: with the dark coupling that
    makes it the whole width, B_inv = 1. So Gamma(S -> phi0 phi0) = mu^2 beta/(32 pi M)."""
    mass, width, own = 2.1, 1e-9, 0.4
    table = FERMION_PAIR if kind == "chi0" else SCALAR_PAIR
    arguments = (own, own) if kind == "chi0" else (own,)
    density = factor * table[dark, dark].function(np.array([[mass**2]]), *arguments)[0, 0]
    if (kind, operator) == ("phi0", "S"):
        beta = np.sqrt(1.0 - 4.0 * own**2 / mass**2)
        assert density / (2.0 * mass) == pytest.approx(beta / (32.0 * np.pi * mass), rel=1e-12)
    dark_coupling = np.sqrt(2.0 * mass * width / density)
    values = {f"med{kind}_{operator}": 1e-8 * dark_coupling, "m_med": mass, "Gamma_med": width}
    values[f"m_{kind}"] = own
    got = branching_fraction("B+->K+", Wilson(values), INPUTS)
    wanted = branching_fraction("B+->K+", Wilson({coupling: 1e-8, "m_1": mass}), INPUTS)
    assert got == pytest.approx(wanted, rel=2e-5)


def test_majorana_fermions_are_half_of_dirac_fermions():
    given = {"m_med": 2.0, "Gamma_med": 0.2}
    for operator in ("SS", "PP", "AA", "VA", "DAP"):
        for channel in CHANNELS:
            one = Wilson({f"medchi0_{operator}": 1e-8, "m_chi0": 0.3, **given})
            other = Wilson({f"med_{operator}": 1e-8, "m_chi": 0.3, **given})
            got = branching_fraction(channel, one, INPUTS)
            assert got == pytest.approx(0.5 * branching_fraction(channel, other, INPUTS), rel=1e-12)


@pytest.mark.parametrize("key", ["medphi0_S", "medphi_V", "medchi0_VA"])
def test_batch_is_a_loop(key):
    n = 7
    rng = np.random.default_rng(4)
    names = ("m_phi0", "m_phi", "m_chi0", "m_med", "Gamma_med")
    masses = {name: rng.uniform(0.01, 2.6, n) for name in names}
    masses["Gamma_med"][:2] = 1e-12, 1e-5
    coupling = rng.normal(size=n) * 1e-8
    edges = np.array([0.0, 3.0, 9.0, 23.0])
    batch = binned_branching_fraction("B+->K+", Wilson({key: coupling, **masses}), INPUTS, edges)
    for i in range(n):
        alone = Wilson({key: coupling[i], **{name: value[i] for name, value in masses.items()}})
        single = binned_branching_fraction("B+->K+", alone, INPUTS, edges)[0]
        np.testing.assert_allclose(batch[i], single, rtol=1e-9, atol=1e-12 * single.max() + 1e-30)


@pytest.mark.parametrize(
    ("model", "mass", "coupling"),
    [
        ("mediator-scalar", "m_S", "g_S"),
        ("mediator-scalar-complex", "m_S", "g_V"),
        ("mediator-majorana", "m_chi", "g_SS"),
    ],
)
def test_models(model, mass, coupling):
    standard = predict("BR(B+->Knunu)")
    given = {"m_med": 2.0, "Gamma_med": 0.1, mass: 0.3}
    one, two, phase = (
        predict("BR(B+->Knunu)", model, **given, **{coupling: 1.0}, **{f"Im_{coupling}": phase})
        for phase in (0.0, 1.0, -1.0)
    )
    assert one > standard
    assert two - standard == pytest.approx(2.0 * (one - standard), rel=1e-9)
    assert phase == pytest.approx(two, rel=1e-12)
    with pytest.raises(PredictionError, match=r"m_med = 2 GeV with Gamma_med = 0 GeV is on its"):
        predict("BR(B+->Knunu)", model, **{**given, "Gamma_med": 0.0}, **{coupling: 1.0})
    closed = predict("BR(B0->K*nunu)", model, **{**given, mass: 2.392}, **{coupling: 1.0})
    assert closed == predict("BR(B0->K*nunu)")


def test_a_kaon_feels_them_too():
    """KL -> pi0: the real part of scalar, the imaginary part of vector couplings."""
    given = {"m_phi0": 0.05, "m_phi": 0.05, "m_chi0": 0.05, "m_med": 0.2, "Gamma_med": 0.01}
    standard = predict("BR(KL->pi0inv)")
    for key, real in (("medphi0_S", True), ("medphi_V", False), ("medchi0_SS", True)):
        for value, felt in ((1e-12, real), (1e-12j, not real)):
            found = observable("BR(KL->pi0inv)")(
                Wilson({f"{key}_sd": value, **given}), Inputs.default()
            )
            assert (found[0] > standard * (1.0 + 1e-9)) == felt, (key, value)
