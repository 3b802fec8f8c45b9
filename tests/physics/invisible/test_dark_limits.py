"""Relations between final states, and laws that every density obeys."""

import numpy as np
import pytest
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.densities.base import Density
from bsinv.physics.invisible.densities.fermion import CHIRAL_PAIR, FERMION_PAIR
from bsinv.physics.invisible.densities.scalar import SCALAR_PAIR
from bsinv.physics.invisible.densities.vector import VECTOR_PAIR
from bsinv.physics.invisible.rates import binned_branching_fraction, branching_fraction
from bsinv.physics.invisible.vacuum import vacuum_branching_fraction
from bsinv.physics.wilson import WILSON_NAMES, Wilson
from hypothesis import given, settings
from hypothesis import strategies as st

INPUTS = Inputs.default().replace(constants={"X_t": 0.0})
CHANNELS = ("B+->K+", "B0->K*0", "Bs->phi")
BELLE = np.linspace(0.0, 22.885, 101)


def rate(channel, **values):
    return branching_fraction(channel, Wilson(values), INPUTS)[0]


def vacuum(**values):
    return vacuum_branching_fraction("Bs", Wilson(values), INPUTS)[0]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("key", "name"), [("VL", "dC_L"), ("AL", "dC_L"), ("VL", "dC_R")])
def test_massless_chiral_fermions_are_neutrinos(channel, key, name):
    """nubar gamma^mu P_L N with m_N = 0 and one flavour: C_V = C_L/2, C_A = -C_L/2 times N_0."""
    n_0 = 4.0 / np.sqrt(2.0) * INPUTS.constant("G_F")[0] * INPUTS.constant("VtbVts")[0]
    n_0 = n_0 / (2.0 * np.pi * INPUTS.constant("alpha_inv")[0])
    single = np.zeros((3, 3))
    single[0, 1] = 1.0
    expected = rate(channel, **{name: single})
    sign = -1.0 if name == "dC_L" else 1.0
    got = rate(channel, nuN_VL=0.5 * n_0, nuN_AL=0.5 * sign * n_0, m_N=0.0)
    assert got == pytest.approx(expected, rel=1e-9)
    pair = rate(channel, NN_VL=0.5 * n_0, NN_AL=0.5 * sign * n_0, m_N=0.0)
    assert pair == pytest.approx(expected, rel=1e-9)
    dirac = {f"chi_{q}{d}": 0.25 * n_0 for q in "VA" for d in "VA"}
    for q in "VA":
        dirac[f"chi_{q}A"] *= -1.0
    for d in "VA":
        dirac[f"chi_A{d}"] *= sign
    assert rate(channel, **dirac, m_chi=0.0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("real", "complex_"), [("phi0", "phi"), ("chi0", "chi"), ("X0", "X")])
def test_a_real_field_with_half_the_lagrangian_has_half_the_rate(channel, real, complex_):
    names = [n.removeprefix(real) for n in WILSON_NAMES if n.startswith(f"{real}_")]
    for name in names:
        if name.endswith(("_bd", "_cu", "_sd", "_uu", "_dd", "_ss", "_kappa")):
            continue
        half = rate(channel, **{real + name: 1e-8, f"m_{real}": 0.6})
        full = rate(channel, **{complex_ + name: 1e-8, f"m_{complex_}": 0.6})
        assert half == pytest.approx(0.5 * full, rel=1e-13)


@pytest.mark.parametrize("channel", CHANNELS)
def test_unequal_masses_become_equal(channel):
    names = [f"chi_{n}" for n in ["SS", "SP", "PS", "PP", "VV", "VA", "AV", "AA", "TT", "TT5"]]
    values = {name: (1 + 0.3j * i) * 1e-8 for i, name in enumerate(names)}
    equal = rate(channel, **values, m_chi=0.8)
    assert rate(channel, **values, m_chi=0.8, m_chi2=0.8) == pytest.approx(equal, rel=1e-12)
    near = rate(channel, **values, m_chi=0.8 + 1e-7, m_chi2=0.8 - 1e-7)
    assert near == pytest.approx(equal, rel=1e-6)


@pytest.mark.parametrize("channel", CHANNELS)
def test_pairs_of_n_are_dirac_fermions(channel):
    """P_R = (1 + gamma_5)/2: N-bar gamma^mu P_R N carries half of V and half of A."""
    got = rate(channel, NN_VR=1e-8, NN_AR=2e-8, m_N=0.7)
    dirac = {"chi_VV": 0.5e-8, "chi_VA": 0.5e-8, "chi_AV": 1e-8, "chi_AA": 1e-8}
    assert got == pytest.approx(rate(channel, **dirac, m_chi=0.7), rel=1e-13)
    got = rate(channel, NN_SR=1e-8, NN_PL=1e-8, m_N=0.7)
    scalars = {"chi_SS": 0.5e-8, "chi_SP": -0.5e-8j, "chi_PS": 0.5e-8, "chi_PP": 0.5e-8j}
    assert got == pytest.approx(rate(channel, **scalars, m_chi=0.7), rel=1e-13)


def test_field_strength_operators_have_a_massless_limit():
    """rho -> 2 q2^2/(8 pi) for both, twice that of two photon helicities."""
    for name in ("SF", "SFt"):
        light = [rate("B+->K+", **{f"X_{name}": 1e-9, "m_X": m}) for m in (1e-2, 1e-3, 0.0)]
        assert light[0] == pytest.approx(light[2], rel=1e-4)
        assert light[1] == pytest.approx(light[2], rel=1e-6)
    assert light[2] == pytest.approx(rate("B+->K+", X_SF=1e-9, m_X=0.0), rel=1e-12)


def test_axion_like_and_scalar_couplings_are_related_by_the_equations_of_motion():
    m_b, m_s = (INPUTS.constant(name)[0] for name in ("m_b", "m_s"))
    for m in (0.1, 1.9):
        alp = rate("B+->K+", k_V=1e-8, m_1=m)
        scalar = rate("B+->K+", g_S=1e-8j * (m_b - m_s), m_1=m)
        assert alp == pytest.approx(scalar, rel=1e-12)
        cancelled = rate("B+->K+", k_V=1e-8, g_S=-1e-8j * (m_b - m_s), m_1=m)
        assert abs(cancelled) < 1e-13 * alp
        alp = rate("B0->K*0", k_A=1e-8, m_1=m)
        assert alp == pytest.approx(rate("B0->K*0", g_P=1e-8 * (m_b + m_s), m_1=m), rel=1e-12)


@pytest.mark.parametrize(("kind", "coupling"), [("SS", "g_S"), ("DVP", "k_V"), ("VV", "g_V")])
def test_a_narrow_mediator_is_a_two_body_decay(kind, coupling):
    """Gamma_inv = g^2 rho(M^2)/(2 M): with g chosen so that it is the whole width, B_inv = 1."""
    mass, width, m_chi = 2.1, 1e-9, 0.4
    dark = {"SS": ("S", "S"), "DVP": ("P", "P"), "VV": ("V", "V")}[kind]
    density = FERMION_PAIR[dark].function(np.array([[mass**2]]), m_chi, m_chi)[0, 0]
    dark_coupling = np.sqrt(2.0 * mass * width / density)
    values = {f"med_{kind}": 1e-8 * dark_coupling, "m_med": mass, "Gamma_med": width}
    got = rate("B+->K+", **values, m_chi=m_chi)
    assert got == pytest.approx(rate("B+->K+", **{coupling: 1e-8}, m_1=mass), rel=2e-5)


def test_running_width():
    values = {"med_SS": 1e-8, "m_med": 3.0, "m_chi": 0.5}
    narrow = {**values, "Gamma_med": 1e-4}
    broad = {**values, "Gamma_med": 1.0}
    same = rate("B+->K+", **narrow, med_running=1.0) / rate("B+->K+", **narrow)
    assert same == pytest.approx(1.0, rel=1e-3)
    assert abs(rate("B+->K+", **broad, med_running=1.0) / rate("B+->K+", **broad) - 1) > 0.01
    # Below the threshold of chi chi-bar there is no width that could run.
    closed = {"med_SS": 1e-8, "m_med": 0.5, "m_chi": 0.5, "Gamma_med": 0.1}
    assert rate("B+->K+", **closed, med_running=1.0) == rate("B+->K+", **closed)


TABLES = {"scalar": SCALAR_PAIR, "fermion": FERMION_PAIR, "chiral": CHIRAL_PAIR}
TABLES["vector"] = VECTOR_PAIR


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(list(TABLES)),
    st.floats(1e-3, 30.0),
    st.floats(0.05, 2.5),
    st.floats(0.05, 2.5),
)
def test_matrices_of_densities_are_positive(name, excess, m_1, m_2):
    """W_jk is a sum of J_j J_k*: no negative eigenvalue, whatever the couplings."""
    table = TABLES[name]
    masses = {"fermion": (m_1, m_2)}.get(name, (m_1,))
    threshold = {"fermion": m_1 + m_2, "chiral": m_1}.get(name, 2.0 * m_1) ** 2
    currents = sorted({current for pair in table for current in pair})
    matrix = np.zeros((len(currents), len(currents)), dtype=complex)
    for (one, other), entry in table.items():
        value = entry.phase * entry.function(np.array([[threshold + excess]]), *masses)[0, 0]
        i, j = currents.index(one), currents.index(other)
        matrix[i, j], matrix[j, i] = value, np.conj(value)
    # The time component of the vector current vanishes for equal masses.
    assert np.all(np.diag(matrix).real >= 0.0)
    scale = np.sqrt(np.maximum(np.diag(matrix).real, 1e-12))
    assert np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0] > -1e-9


COUPLINGS = ("phi_S", "phi_V", "chi_VA", "chi_TT", "X_V3", "X_SF", "nuN_VL", "g_S", "med_SS")
MASSES = ("m_phi", "m_chi", "m_X", "m_N", "m_1")


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(COUPLINGS),
    st.sampled_from(CHANNELS),
    st.floats(0.0, 3.0),
    st.floats(0.01, 6.0),
    st.lists(st.floats(0.0, 23.0), min_size=3, max_size=8, unique=True),
)
def test_bins_are_positive_add_up_and_vanish_below_threshold(coupling, channel, m, m_med, points):
    edges = np.sort(points)
    if np.any(np.diff(edges) < 1e-3):
        return
    values = {"m_phi": m, "m_chi": m, "m_X": m + 0.01, "m_N": m, "m_1": 1.5 * m}
    values |= {"m_med": m_med, "Gamma_med": 0.1 * m_med}
    wilson = Wilson({coupling: 1e-8, **values})
    bins = binned_branching_fraction(channel, wilson, INPUTS, edges)[0]
    whole = binned_branching_fraction(channel, wilson, INPUTS, edges[[0, -1]])[0, 0]
    assert np.all(np.isfinite(bins))
    assert np.all(bins >= 0.0)
    assert bins.sum() == pytest.approx(whole, rel=1e-7, abs=1e-25)
    thresholds = {"phi": 2 * m, "chi": 2 * m, "med": 2 * m, "X": 2 * (m + 0.01)}
    threshold = thresholds.get(coupling.split("_")[0], m) ** 2
    assert np.all(bins[edges[1:] <= threshold] == 0.0)


@pytest.mark.parametrize("channel", CHANNELS)
def test_final_states_add_up_with_the_standard_model(channel):
    inputs = Inputs.default()
    values = {"phi_S": 1e-8, "phi_P": 1e-8, "m_phi": 0.4}
    other = {"chi_VV": 1e-8, "chi_AV": 1e-8, "m_chi": 0.9}

    def total(**given):
        return branching_fraction(channel, Wilson(given), inputs)[0]

    parts = total(**values) + total(**other) - total()
    assert total(**values, **other) == pytest.approx(parts, rel=1e-12)
    assert total(**values) - total() == pytest.approx(rate(channel, **values), rel=1e-9)


@pytest.mark.parametrize("key", ["phi_S", "chi_VV", "X_V2", "nuN_SR", "med_VA", "g_S"])
def test_batch_is_a_loop(key):
    n = 9
    rng = np.random.default_rng(4)
    masses = {name: rng.uniform(0.01, 2.6, n) for name in (*MASSES, "m_med", "Gamma_med")}
    masses["m_phi"][:2] = 0.0, 2.3919
    coupling = rng.normal(size=n) * 1e-8
    batch = binned_branching_fraction("B+->K+", Wilson({key: coupling, **masses}), INPUTS, BELLE)
    for i in range(n):
        alone = Wilson({key: coupling[i], **{name: value[i] for name, value in masses.items()}})
        for _ in range(15):  # enough for the quadratic form to be made
            single = binned_branching_fraction("B+->K+", alone, INPUTS, BELLE)[0]
        np.testing.assert_allclose(batch[i], single, rtol=1e-10, atol=1e-12 * single.max() + 1e-30)


@pytest.mark.parametrize("key", ["phi_S", "chi_VV", "med_SS"])
def test_large_batches_and_floating_form_factors(key):
    """Blocks of points, each with its own coefficients, give what single points give."""
    n = 150
    rng = np.random.default_rng(6)
    source = INPUTS.form_factors("B->K").source
    drawn = rng.multivariate_normal(source.central, source.covariance, n)
    inputs = INPUTS.replace(coefficients={"B->K": drawn})
    masses = {name: rng.uniform(0.1, 2.0, n) for name in (*MASSES, "m_med", "Gamma_med")}
    wilson = Wilson({key: np.full(n, 1e-8), **masses})
    batch = binned_branching_fraction("B+->K+", wilson, inputs, BELLE)
    for i in (0, 63, 64, 149):
        alone = Wilson({key: 1e-8, **{name: value[i] for name, value in masses.items()}})
        one = INPUTS.replace(coefficients={"B->K": drawn[i]})
        single = binned_branching_fraction("B+->K+", alone, one, BELLE)[0]
        np.testing.assert_allclose(batch[i], single, rtol=1e-11, atol=1e-30)


def test_floated_meson_masses():
    m_b = INPUTS.constant("m_Bplus")[0] + np.array([0.0, 0.03, -0.02])
    m_k = float(INPUTS.constant("m_Kplus")[0])
    floated = INPUTS.replace(constants={"m_Bplus": m_b})
    for key in ("phi_S", "med_SS", "g_S"):
        values = dict.fromkeys(MASSES, 0.7) | {"m_med": 2.0, "Gamma_med": 0.05}
        wilson = Wilson({key: 1e-8, **values})
        got = binned_branching_fraction("B+->K+", wilson, floated, BELLE)
        for i, mass in enumerate(m_b):
            fixed = binned_branching_fraction(
                "B+->K+", wilson, INPUTS, BELLE, masses=(float(mass), m_k)
            )[0]
            np.testing.assert_allclose(got[i], fixed, rtol=1e-8, atol=1e-30)


def test_talk_of_a_real_scalar():
    """C = 7.8e-8 GeV^-1 for 1.8e-5 at 0.6 GeV; the same C_P gives BR(Bs -> phi phi) = 6.1e-5."""
    inputs = INPUTS.replace(constants={"m_b": 4.18, "m_s": 0.08, "tau_Bs": 1.52})
    unit = branching_fraction("B+->K+", Wilson({"phi0_S": 1.0, "m_phi0": 0.6}), inputs)[0]
    needed = np.sqrt(1.8e-5 / unit)
    assert needed == pytest.approx(7.8e-8, rel=0.03)
    wilson = Wilson({"phi0_P": needed, "m_phi0": 0.6})
    assert vacuum_branching_fraction("Bs", wilson, inputs)[0] == pytest.approx(6.1e-5, rel=0.06)


def test_vacuum_thresholds_and_lines():
    m_bs = INPUTS.constant("m_Bs")[0]
    assert vacuum(phi_P=1e-8, m_phi=0.5 * m_bs) == 0.0
    assert vacuum(phi_P=1e-8, m_phi=3.0) == 0.0
    assert vacuum(g_P=1e-8, m_1=1.0) == 0.0
    assert vacuum(phi_S=1e-8, m_phi=0.5) == 0.0
    assert vacuum() == 0.0
    lnv = vacuum(C_SR=np.eye(3))
    assert lnv > 0.0
    assert vacuum(C_SL=np.eye(3), C_SR=np.eye(3)) == 0.0
    with pytest.raises(PredictionError, match="not Bs->inv"):
        vacuum(signal_strength=1.0)
    with pytest.raises(UnknownNameError, match="unknown meson 'Bd'"):
        vacuum_branching_fraction("Bd", Wilson(), INPUTS)


def test_masses_are_needed_and_not_negative():
    with pytest.raises(PredictionError, match=r"coefficients phi_\.\.\. need m_phi"):
        rate("B+->K+", phi_S=1.0)
    with pytest.raises(PredictionError, match="m_chi is negative: -1 GeV"):
        rate("B+->K+", chi_SS=1.0, m_chi=-1.0)
    with pytest.raises(PredictionError, match="coefficient m_phi is real"):
        rate("B+->K+", phi_S=1.0, m_phi=1j)


def test_a_density_is_not_asked_below_its_threshold():
    density = Density(lambda q2: np.sqrt(q2 - 1.0), (), 1.0, 1.0)
    np.testing.assert_array_equal(density(np.array([[0.0, 1.0, 2.0]])), [[0.0, 0.0, 1.0]])
