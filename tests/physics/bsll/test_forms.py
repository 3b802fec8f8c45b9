"""Quadratic forms behind b -> s l l: the tables, and integrals with charm at one loop."""

import numpy as np
import pytest
from bsinv.data.tables import table
from bsinv.physics.bsll.charm import effective_c9, standard_model
from bsinv.physics.bsll.coefficients import shifts
from bsinv.physics.bsll.forms import SIZE, SMALL, evaluate, filled, polynomial, rate_form
from bsinv.physics.bsll.modes import bin_fraction
from bsinv.physics.bsll.rates import FORM_FACTORS, Couplings, normalisation, spectrum
from bsinv.physics.invisible.hadronic.quadratic import Decay
from bsinv.physics.kinematics import kinematics
from bsll_points import GOLDEN, INPUTS, diagonal, predict
from scipy.integrate import quad

POLYNOMIALS = {
    "B+->K+tautau": "tautau ['BR(B+->Ktautau)']",
    "B+->K+tautau[15.0,22.0]": "tautau ['<dBR/dq2>(B+->Ktautau)', [15.0, 22.0]]",
    "B0->K*0tautau[15.0,19.0]": "tautau ['<dBR/dq2>(B0->K*tautau)', [15.0, 19.0]]",
    **{
        f"{ours}{pair}[{low},{high}]": f"{pair} ['<dBR/dq2>({theirs}{pair})', [{low}, {high}]]"
        for ours, theirs, bins in (
            ("B+->K+", "B+->K", ("0.1 1.1", "1.1 6.0")),
            ("B0->K*0", "B0->K*", ("0.045 1.1", "0.1 1.1", "1.1 6.0")),
        )
        for low, high in map(str.split, bins)
        for pair in ("ee", "mumu")
    },
}


@pytest.mark.parametrize(("name", "key"), POLYNOMIALS.items())
def test_tables(name, key):
    """Full precision; the form gives the polynomial but for eigenvalues cut at zero."""
    raw = np.array(GOLDEN["polynomials"][key])
    np.testing.assert_array_equal(table("bsll_polynomials").columns[name][:15], raw)
    values = np.random.default_rng(2).normal(size=(20, 4)) * 3.0
    vector = np.concatenate([np.ones((20, 1)), values], axis=1)
    rows, columns = np.triu_indices(5)
    wanted = (raw * vector[:, rows] * vector[:, columns]).sum(axis=1)
    got = evaluate(polynomial(name), vector + 0j)
    np.testing.assert_allclose(got, wanted, rtol=0.0, atol=3e-6 * raw[0])


def test_constants_of_the_tables():
    given = GOLDEN["polynomial_inputs"]
    assert standard_model()["alpha_inv"] == given["alpha_inv"]
    assert standard_model()["lambda_t"] == given["lambda_t_abs"]
    assert standard_model()["mu"] == given["scale"]


def test_rate_far_along_a_flat_direction_of_the_kaon():
    """C_9' = -C_9 does not contribute to B -> K."""
    wilson = diagonal({"tau": (5e3, 0.0, -5e3, 0.0)})
    assert predict("BR(B+->K+tautau)", wilson) == pytest.approx(
        predict("BR(B+->K+tautau)"), rel=0.2
    )


@pytest.mark.parametrize(
    ("spin", "masses", "process", "edges"),
    [
        (0, (5.27941, 0.493677), "B->K", (15.0, 22.0)),
        (1, (5.27972, 0.89555), "B->K*", (0.0, np.inf)),
        (1, (5.27972, 0.89555), "B->K*", (15.0, 19.0)),
    ],
)
def test_forms_against_adaptive_quadrature(spin, masses, process, edges):
    """The mean over B and anti-B of the explicit amplitudes, with all parts of the form."""
    source = INPUTS.form_factors(process)
    tau = INPUTS.constant("m_tau")[0]
    form = rate_form(Decay(spin, *masses), source, tau, edges, SIZE)[:, 0]
    sm = standard_model()
    numbers = np.array([1.1 + 0.3j, -0.6 + 1.0j, 0.8j, 2.0 - 0.4j])
    # C_7, C_7', C_8 (which is not in these rates), C_S, C_P, C_S', C_P'.
    more = np.array([0.1 - 0.2j, 0.3j, 5.0, 0.6 + 0.1j, -0.8, 0.5j, 0.3 - 0.4j])
    numbers = np.concatenate([numbers, more])

    def rate(values):
        def integrand(angle):
            end = (masses[0] - masses[1]) ** 2
            q2 = 4.0 * tau**2 + (end - 4.0 * tau**2) * np.sin(angle) ** 2
            if not edges[0] <= q2 <= edges[1]:
                return 0.0
            points = np.array([[q2]])
            kin = kinematics(points, *masses)
            nine = effective_c9(points) + values[0]
            couplings = Couplings(
                nine,
                sm["C_10"] + values[1],
                *values[2:4],
                sm["C_7_eff"] + values[4] * sm["m_b_msbar"] / sm["m_b"],
                values[5] * sm["m_b_msbar"] / sm["m_b"],
                sm["m_b"],
                *values[7:],
            )
            known = {name: source.value(name, points) for name in FORM_FACTORS[spin]}
            jacobian = (end - 4.0 * tau**2) * np.sin(2.0 * angle)
            return spectrum(spin, kin, known, couplings, (tau, tau))[0, 0] * jacobian

        end = (masses[0] - masses[1]) ** 2
        limits = (np.clip(edge, 4.0 * tau**2, end) for edge in edges)
        low, high = (np.arcsin(np.sqrt((x - 4.0 * tau**2) / (end - 4.0 * tau**2))) for x in limits)
        return quad(integrand, low, high, epsrel=1e-10)[0]

    wanted = 0.5 * (rate(numbers) + rate(numbers.conj()))
    got = evaluate(form, np.array([[1.0, *numbers]]))[0]
    assert got == pytest.approx(wanted, rel=1e-8)
    small = rate_form(Decay(spin, *masses), source, tau, edges)[:, 0]
    np.testing.assert_allclose(small, form[:, :SMALL, :SMALL], rtol=1e-13)


@pytest.mark.parametrize(
    ("transition", "process", "masses", "edges", "table_value", "excess"),
    [
        ("B+->K+", "B->K", (5.27941, 0.493677), (15.0, 22.0), 1.73027e-8, 0.06),
        ("B0->K*0", "B->K*", (5.27972, 0.89555), (15.0, 19.0), 2.38974e-8, 0.18),
        # flavio 2.7.1, not in the table.
        ("Bs->phi", "Bs->phi", (5.36693, 1.01946), (15.0, 18.8), 2.36407e-8, 0.23),
    ],
)
def test_one_loop_excess(transition, process, masses, edges, table_value, excess):
    """By how much the rates at one loop exceed those with two-loop corrections."""
    lifetime = {"B+->K+": 1.638, "B0->K*0": 1.517, "Bs->phi": 1.520}[transition]
    decay = Decay(0 if process == "B->K" else 1, *masses)
    form = rate_form(decay, INPUTS.form_factors(process), 1.77693, edges)[:, 0]
    unit = normalisation(*(np.array([x]) for x in (1.1663788e-5, 132.116, 0.0411997)))[0]
    rate = evaluate(form, np.array([[1.0, 0, 0, 0, 0]], dtype=complex))[0]
    rate *= unit**2 * lifetime * 1e-12 / 6.582119569e-25 / (edges[1] - edges[0])
    assert rate / table_value - 1.0 == pytest.approx(excess, abs=0.01)


def test_kstar_total_is_the_tabulated_bin_over_its_fraction():
    wilson = diagonal({"tau": (10.0, -5.0, 3.0, 20.0)})
    vector = shifts(wilson, INPUTS, "tau", tabulated=True)
    fraction, _ = bin_fraction("B0->K*0", vector, INPUTS)
    assert 0.6 < fraction[0] < 0.75
    got = predict("BR(B0->K*0tautau)", wilson) * fraction[0]
    assert got == pytest.approx(predict("BR(B0->K*0tautau)[15,19]", wilson), rel=1e-12)


def test_large_coefficients_do_not_depend_on_the_loops():
    """New physics alone: the table and the rate formula agree but for meson masses."""
    wilson = diagonal({"tau": (3e3, -3e3, 0.0, 0.0)})
    vector = shifts(wilson, INPUTS, "tau", tabulated=False)
    decay = Decay(1, 5.27972, 0.89555)
    form = rate_form(decay, INPUTS.form_factors("B->K*"), 1.77693, (15.0, 19.0))[:, 0]
    unit = normalisation(INPUTS.constant("G_F"), np.array([132.116]), INPUTS.constant("VtbVts"))[0]
    rate = evaluate(form, vector)[0] * unit**2 * 1.517e-12 / 6.582119569e-25
    assert predict("BR(B0->K*0tautau)[15,19]", wilson) == pytest.approx(rate, rel=0.005)


def test_fixed_forms_are_made_once_and_follow_the_inputs():
    """Fixed form factors are recognised by identity: other values are not confused with them."""
    name = "BR(Bs->phitautau)"
    first = predict(name)
    assert predict(name) == first
    source = INPUTS.form_factors("Bs->phi").source
    for factor in (1.1, 1.2):
        scaled = INPUTS.replace(coefficients={"Bs->phi": factor * source.central})
        assert predict(name, None, scaled) == pytest.approx(factor**2 * first, rel=1e-12)
    assert predict(name) == first


@pytest.mark.parametrize("name", table("bsll_polynomials").columns)
def test_whole_forms_have_no_negative_eigenvalue(name):
    """In units in which each coefficient alone gives the rate of the Standard Model."""
    form, raw = polynomial(name), filled(table("bsll_polynomials").columns[name])
    assert len(table("bsll_polynomials").columns[name]) == SIZE * (SIZE + 1) // 2
    unit = np.sqrt(np.diag(raw))
    scaled = form / np.outer(unit, unit)
    assert np.linalg.eigvalsh(scaled).min() > -1e-12
    # What was changed for that is within the accuracy of the table.
    assert np.abs(form - raw).max() < 1e-3 * raw.max()
    np.testing.assert_allclose(scaled, raw / np.outer(unit, unit), rtol=0.0, atol=2e-4)


def test_dipoles_hold_the_running_mass():
    """Change of <dBR/dq2>(Bs->phi tautau) in [15, 18.8] GeV^2 with C_7 or C_7' over the rate:
    flavio 2.7.1, whose C_9 is 10 % smaller and whose rate is 19 % smaller."""
    form = rate_form(
        Decay(1, 5.36693, 1.01946), INPUTS.form_factors("Bs->phi"), 1.77693, (15.0, 18.8), SIZE
    )[:, 0]
    vector = np.zeros((3, SIZE), dtype=complex)
    vector[:, 0] = 1.0
    vector[1, SMALL], vector[2, SMALL + 1] = 0.1, 0.2
    rate, seven, primed = evaluate(np.repeat(form, 3, axis=0), vector)
    standard = 2.36407e-8
    assert seven / rate - 1.0 == pytest.approx(1.882e-9 / standard, rel=0.08)
    assert primed / rate - 1.0 == pytest.approx(-2.423e-9 / standard, rel=0.08)
