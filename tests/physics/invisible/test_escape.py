"""Dark particles that decay: golden numbers, a Monte Carlo, limits, every final state."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.models import model
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.densities.lives import Life
from bsinv.physics.invisible.detector import Geometry, escape_probability
from bsinv.physics.invisible.escape import pair_factor
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
DARK = INPUTS.replace(constants={"X_t": 0.0})
EVENTS = 400_000
B_K = 5.27941, 0.493677

# m, p, c tau; P_esc for a sphere of 3.5 m and for the cylinder 3.5, -3.0, +4.0 m, beta = 3/11.
GOLDEN = [
    (0.3, 2.607948607019268, 0.1, 0.0226792240977331, 0.012609490375211486),
    (0.3, 2.607948607019268, 1.0, 0.6734665911973261, 0.6369516003124721),
    (0.3, 2.607948607019268, 10.0, 0.9610586587068558, 0.9557315736695482),
    (1.0, 2.5201813902458947, 1.0, 0.2610311870546087, 0.2144477031482033),
    (1.0, 2.5201813902458947, 100.0, 0.9863880668772169, 0.9844875866962434),
    (2.1, 2.190177199288547, 0.1, 5.441777079945274e-12, 5.6720635155932686e-14),
    (2.1, 2.190177199288547, 1.0, 0.04613574664391308, 0.027308895712743076),
    (2.1, 2.190177199288547, 10.0, 0.7200721667224573, 0.6861636560067924),
    (2.1, 2.190177199288547, 100.0, 0.9674456208343042, 0.9628233779373003),
    (3.5, 1.419206764539908, 0.1, 4.6393831842728894e-23, 1.9812020483766958e-26),
    (3.5, 1.419206764539908, 1.0, 0.002099755813538082, 0.0005383203127006046),
    (3.5, 1.419206764539908, 100.0, 0.9192037557326507, 0.9066136117806501),
]


def geometry(**changes):
    return Geometry.of(INPUTS.replace(constants=changes))


def rate(name, asked="BR(B+->Knunu)", inputs=DARK, **values):
    entry = model(name)
    return observable(asked)(entry.wilson(entry.complete(values), inputs), inputs)


def test_golden():
    """Made with another quadrature; all points in one batch."""
    mass, momentum, ctau, sphere, cylinder = np.array(GOLDEN).T
    for wanted, changes in ((sphere, {"detector_sphere": 3.5}), (cylinder, {})):
        found = escape_probability(mass, momentum, ctau, geometry(**changes))
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def lengths(along, across, shape):
    """Path to the wall over the momentum."""
    if shape == "sphere":
        return 3.5 / np.hypot(along, across)
    return np.minimum(3.5 / across, np.where(along > 0, 4.0, 3.0) / np.abs(along))


def flown(momentum, mass, ctau, shape, rng):
    """Share of particles that leave, momenta (n, 3) in the frame of the Upsilon(4S): (n,) bool."""
    gamma = 1.0 / np.sqrt(1.0 - (3 / 11) ** 2)
    energy = np.sqrt((momentum**2).sum(axis=1) + mass**2)
    along = gamma * (momentum[:, 2] + 3 / 11 * energy)
    across = np.hypot(momentum[:, 0], momentum[:, 1])
    return rng.exponential(ctau, len(momentum)) > mass * lengths(along, across, shape)


def directions(rng):
    found = rng.normal(size=(EVENTS, 3))
    return found / np.linalg.norm(found, axis=1)[:, None]


@pytest.mark.parametrize("shape", ["sphere", "cylinder"])
@pytest.mark.parametrize(("mass", "ctau"), [(0.3, 1.0), (2.1, 10.0), (3.5, 5.0), (4.7, 2.0)])
def test_one_particle_against_a_monte_carlo(shape, mass, ctau):
    rng = np.random.default_rng(int(1000 * mass))
    m_b, m_k = B_K
    momentum = np.sqrt(((m_b - m_k) ** 2 - mass**2) * ((m_b + m_k) ** 2 - mass**2)) / (2 * m_b)
    share = flown(momentum * directions(rng), mass, ctau, shape, rng).mean()
    error = np.sqrt(share * (1 - share) / EVENTS)
    changes = {"detector_sphere": 3.5} if shape == "sphere" else {}
    (found,) = escape_probability(
        np.array([mass]), np.array([momentum]), np.array([ctau]), geometry(**changes)
    )
    assert abs(found - share) < 2 * error


@pytest.mark.parametrize(
    ("m_1", "m_2", "q2", "ctau"),
    [(0.5, 0.5, 4.0, 1.0), (0.3, 1.2, 9.0, 3.0), (0.05, 0.05, 15.0, 0.1), (1.0, 0.0, 8.0, 2.0)],
)
def test_a_pair_against_a_monte_carlo(m_1, m_2, q2, ctau):
    """Decay of the pair in its rest frame, boost, boost to the laboratory, exponential decays."""
    rng = np.random.default_rng(5)
    m_b, m_k = B_K
    total = np.sqrt(((m_b - m_k) ** 2 - q2) * ((m_b + m_k) ** 2 - q2)) / (2 * m_b)
    root = np.sqrt(q2)
    own = np.sqrt((q2 - (m_1 + m_2) ** 2) * (q2 - (m_1 - m_2) ** 2)) / (2 * root)
    axis, decay = directions(rng), directions(rng)
    energy, alive = np.hypot(total, root), np.ones(EVENTS, dtype=bool)
    for mass, sign in ((m_1, 1.0), (m_2, -1.0)):
        if mass == 0.0:
            continue
        parallel = sign * own * (decay * axis).sum(axis=1)
        extra = total * np.hypot(own, mass) / root + (energy / root - 1.0) * parallel
        momentum = sign * own * decay + axis * extra[:, None]
        alive &= flown(momentum, mass, ctau, "cylinder", rng)
    share = alive.mean()
    error = np.sqrt(share * (1 - share) / EVENTS)
    life = Life(np.array([ctau]), np.zeros(1), (m_1, m_2))
    both = np.array([[q2]]), np.array([[total]])
    found = pair_factor(life, *both, geometry().reshaped(1))[0, 0]
    assert abs(found - share) < 2 * error


@pytest.mark.parametrize("mass", [0.05, 0.5, 1.5])
def test_spectrum_of_a_pair_is_weighted_point_by_point(mass):
    """The series in q2 against the integrals at each q2; and the total as their integral."""
    values = {"m_chi": mass, "C_VV": 1.0, "ctau": 2.0 * mass}
    m_b, m_k = B_K
    end = (m_b - m_k) ** 2
    q2 = np.linspace(4.0004 * mass**2, 0.999 * end, 40)
    entry, spectrum = model("dm-fermion"), observable("dBR/dq2(B+->Knunu)")
    alone, seen = (
        spectrum(entry.wilson(entry.complete(given), DARK), DARK, q2=q2)[0]
        for given in ({**values, "ctau": 1e15}, values)
    )
    momentum = np.sqrt((end - q2) * ((m_b + m_k) ** 2 - q2)) / (2 * m_b)
    life = Life(np.array([values["ctau"]]), np.zeros(1), (mass, mass))
    exact = pair_factor(life, q2[None], momentum[None], geometry().reshaped(1))[0]
    np.testing.assert_allclose(seen / alone, exact, atol=5e-4)


# A coupling of each final state, and the particles of it that decay.
FINAL_STATES = [
    ("two-body", {"g_S": 1.0, "m_X": 1.0}, 1),
    ("two-body", {"g_V": 1.0, "m_X": 1.0}, 1),
    ("dm-scalar", {"C_S": 1.0}, 2),
    ("dm-scalar-complex", {"C_V": 1.0}, 2),
    ("dm-fermion", {"C_TT": 1.0}, 2),
    ("dm-fermion-majorana", {"C_VA": 1.0}, 2),
    ("dm-vector", {"C_V4": 1.0}, 2),
    ("dm-vector-real", {"C_S": 1.0}, 2),
    ("sterile-neutrino", {"nuN_VL": 1.0}, 1),
    ("sterile-neutrino", {"NN_VR": 1.0}, 2),
    ("mediator", {"g_VV": 1.0, "m_med": 3.0}, 2),
    ("mediator-scalar", {"g_S": 1.0, "m_med": 3.0}, 2),
    ("mediator-scalar-complex", {"g_V": 1.0, "m_med": 3.0}, 2),
    ("mediator-majorana", {"g_VA": 1.0, "m_med": 3.0}, 2),
    ("two-body-br", {"BR_K": 8.0, "m_X": 1.0}, 1),
]


@pytest.mark.parametrize(("name", "values", "particles"), FINAL_STATES)
def test_every_final_state(name, values, particles):
    """Prompt decays leave B_inv for each particle, stable particles all; between them monotone."""
    for asked in ("BR(B+->Knunu)", "BR(B0->K*nunu)", "BR(Bs->phinunu)"):
        full = rate(name, asked, **values)[0]
        if full == 0.0:
            continue
        ctau = np.array([0.0, 1e-3, 0.1, 1.0, 10.0, 1e3, 1e6, 1e15])
        found = rate(name, asked, ctau=ctau, BR_inv=0.3, **values) / full
        assert found[0] == pytest.approx(0.3**particles, rel=1e-9)
        assert found[-1] == pytest.approx(1.0, rel=1e-12)
        assert (np.diff(found) > -1e-4).all()
        assert 0.3**particles + 0.01 < found[4] < 1.0
        assert rate(name, asked, ctau=0.1, BR_inv=1.0, **values)[0] == full
        single = [rate(name, asked, ctau=one, BR_inv=0.3, **values)[0] / full for one in ctau]
        np.testing.assert_allclose(found, single, rtol=1e-12)


@pytest.mark.parametrize(("name", "values", "particles"), FINAL_STATES)
def test_stable_by_default(name, values, particles):
    assert rate(name, **values)[0] == rate(name, ctau=1e15, BR_inv=0.5, **values)[0]
    entry = model(name)
    limits = {one.name: one for one in entry.parameters}
    assert limits["ctau"].default == 1e15
    assert limits["BR_inv"].default == 0.0


def test_bracket_of_one_particle():
    """B_inv + (1 - B_inv) P_esc on the rate of B -> K X alone, not on that of neutrinos."""
    mass, _, ctau, _, escape = GOLDEN[7]
    values = {"m_X": mass, "g_S": 2.0}
    full = bsinv.predict("BR(B+->Knunu)", model="two-body", **values)
    neutrinos = bsinv.predict("BR(B+->Knunu)")
    got = bsinv.predict("BR(B+->Knunu)", model="two-body", ctau=ctau, BR_inv=0.25, **values)
    bracket = 0.25 + 0.75 * escape
    assert got - neutrinos == pytest.approx(bracket * (full - neutrinos), rel=2e-6)


def test_invisible_b_decays():
    values = {"m_chi": 0.5, "C_PP": 1.0, "ctau": 3.0}
    full = rate("dm-fermion", "BR(Bs->inv)", m_chi=0.5, C_PP=1.0)
    got = rate("dm-fermion", "BR(Bs->inv)", **values)
    life = Life(np.array([3.0]), np.zeros(1), (0.5, 0.5))
    at_rest = np.array([[5.36693**2]]), np.zeros((1, 1))
    wanted = pair_factor(life, *at_rest, geometry().reshaped(1))[0]
    np.testing.assert_allclose(got / full, wanted, rtol=1e-4)


def test_geometry_is_an_input():
    """A smaller detector sees less of the decays; a varying one is a batch."""
    values = {"m_X": 2.1, "g_S": 1.0, "ctau": 1.0}
    sizes = [3.5, 1.25, 0.5]
    batch = rate("two-body", inputs=DARK.replace(constants={"detector_radius": sizes}), **values)
    assert (np.diff(batch) > 0).all()
    alone = [
        rate("two-body", inputs=DARK.replace(constants={"detector_radius": size}), **values)[0]
        for size in sizes
    ]
    np.testing.assert_allclose(batch, alone, rtol=1e-12)


def test_massless_particles_and_kaons_do_not_decay():
    found = rate("two-body", m_X=0.0, k_V=1.0, ctau=[0.0, 1.0])
    np.testing.assert_allclose(found, rate("two-body", m_X=0.0, k_V=1.0)[0])
    kaon = [
        rate("two-body", "BR(K+->pi+inv)", m_X=0.1, g_S_sd=1.0, ctau=one)[0] for one in (0.1, 1e15)
    ]
    assert kaon[0] == kaon[1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ctau": -1.0}, "ctau is negative: -1 m"),
        ({"ctau": 1.0, "BR_inv": 1.5}, "BR_inv is 1.5; allowed: 0 to 1"),
        ({"ctau": 1.0, "BR_inv": -0.1}, "BR_inv is -0.1; allowed: 0 to 1"),
    ],
)
def test_impossible_lives(values, message):
    wilson = Wilson({"g_S": 1e-8, "m_1": 2.0, **values})
    with pytest.raises(PredictionError, match=message):
        observable("BR(B+->Knunu)")(wilson, INPUTS)
