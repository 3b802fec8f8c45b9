import numpy as np
import pytest
from bsinv.data.form_factors import form_factor_set, form_factor_sets
from bsinv.errors import PredictionError, UnknownNameError
from bsinv.physics.form_factors import Expansion, FormFactors

PARAMETERS = [name for name, entry in form_factor_sets().items() if entry.kind == "parameters"]
ZERO = np.array([0.0])


@pytest.mark.parametrize("name", PARAMETERS)
def test_exact_relations_at_zero(name):
    form_factors = FormFactors.of(form_factor_set(name))
    source = form_factors.source

    def at_zero(form_factor):
        return form_factors.value(form_factor, ZERO)[0, 0]

    if source.process == "Lambdab->Lambda":
        # Those at the end point, where z = 0 (arXiv:1602.01399); none is imposed at q2 = 0.
        end = np.array([float(source.options["t0"])])
        for one, other in (("g+", "gperp"), ("ht+", "htperp")):
            values = [form_factors.value(name, end)[0, 0] for name in (one, other)]
            assert values[0] == pytest.approx(values[1], rel=1e-12)
    elif set(source.poles) == {"f+", "f0", "fT"}:
        # FNAL/MILC quotes rounded coefficients with a2_f0 among them.
        tolerance = 0.01 if "a2_f0" in source.names and source.parametrisation == "BCL" else 1e-12
        assert at_zero("f0") == pytest.approx(at_zero("f+"), rel=tolerance)
    else:
        ratio = (source.m_B**2 - source.m_M**2) / (8 * source.m_B * source.m_M)
        assert at_zero("A12") == pytest.approx(ratio * at_zero("A0"), rel=1e-12)
        assert at_zero("T2") == pytest.approx(at_zero("T1"), rel=1e-12)


@pytest.mark.parametrize("name", PARAMETERS)
def test_basis_is_the_derivative(name):
    form_factors = FormFactors.of(form_factor_set(name))
    rng = np.random.default_rng(1)
    q2 = np.linspace(0.0, 0.98 * (form_factors.source.m_B - form_factors.source.m_M) ** 2, 5)
    coefficients = form_factors.coefficients + rng.normal(size=(4, len(form_factors.source.names)))
    for form_factor in form_factors.source.poles:
        values = form_factors.with_coefficients(coefficients).value(form_factor, q2)
        basis = form_factors.expansion.basis(form_factor, q2)
        np.testing.assert_allclose(values, coefficients @ basis, rtol=1e-13)
        # Points that differ along the batch give the same numbers.
        varied = form_factors.with_coefficients(coefficients).value(
            form_factor, np.tile(q2, (4, 1))
        )
        # A sum of terms of order one may cancel.
        np.testing.assert_allclose(varied, values, rtol=1e-13, atol=1e-15)


def test_published_values_of_hpqcd():
    """Central values of arXiv:2207.12468 as EOS distributes them (HPQCD:2022A)."""
    form_factors = FormFactors.of(form_factor_set("BtoK_HPQCD2022_BCL"))
    published = {
        "f0": ([0.0, 12.0, 22.9], [0.331915, 0.475729, 0.850441]),
        "f+": ([12.0, 22.9], [0.742513, 2.79257]),
        "fT": ([0.0, 12.0, 22.9], [0.332188, 0.731494, 2.72414]),
    }
    for name, (q2, values) in published.items():
        np.testing.assert_allclose(form_factors.value(name, np.array(q2))[0], values, rtol=2e-6)


def test_published_values_of_bsz():
    """Values at q2 = 0 in table 2 of arXiv:1503.05534."""
    form_factors = FormFactors.of(form_factor_set("BtoKstar_BSZ2015_LCSR_Lattice"))
    published = {"A0": 0.369, "A1": 0.297, "A12": 0.265, "V": 0.376, "T1": 0.312, "T23": 0.667}
    for name, value in published.items():
        assert form_factors.value(name, ZERO)[0, 0] == pytest.approx(value, abs=6e-4)


def test_flag_coefficients_and_points_agree():
    """The BCL coefficients of FLAG against pseudo-points of the same fit, within rounding."""
    form_factors = FormFactors.of(form_factor_set("BtoK_FLAG2021_BCL"))
    points = form_factor_set("BtoK_FLAG2021_points")
    for (name, q2), value in zip(points.points, points.central, strict=True):
        assert form_factors.value(name, np.array([q2]))[0, 0] == pytest.approx(value, rel=0.03)


def test_points_are_refused():
    source = form_factor_set("BtoK_HPQCD2022_points")
    with pytest.raises(PredictionError, match=r"kind 'points'.*rates need coefficients of one of"):
        FormFactors.of(source)


def test_unknown_form_factor_names_the_set():
    form_factors = FormFactors.of(form_factor_set("BtoK_HPQCD2022_BCL"))
    with pytest.raises(UnknownNameError, match=r"unknown form factor 'A0' in BtoK_HPQCD2022_BCL"):
        form_factors.value("A0", ZERO)


def test_wrong_number_of_coefficients():
    form_factors = FormFactors.of(form_factor_set("BtoK_HPQCD2022_BCL"))
    with pytest.raises(PredictionError, match=r"shape \(1, 3\); needed are \(n, 8\): a0, a1_f0"):
        form_factors.with_coefficients([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"b0_f+": 1.0}, "'b0_f\\+' is not the name of a coefficient"),
        (
            {"a0_f+": 1.0, "a2_f+": 1.0},
            r"f\+ has coefficients of orders \[0, 2\], which leaves gaps",
        ),
    ],
)
def test_bad_names(form_factor_set_factory, names, message):
    source = form_factor_set_factory("x", "B->K", "BSZ", names, {}, 5.28, 0.49)
    with pytest.raises(PredictionError, match=message):
        FormFactors.of(source).value("f+", ZERO)


def test_form_factor_without_a_pole(form_factor_set_factory):
    source = form_factor_set_factory("x", "B->K", "BSZ", {"a0_f+": 0.3}, {}, 5.28, 0.49)
    np.testing.assert_allclose(FormFactors.of(source).value("f+", np.array([0.0, 9.0])), 0.3)


def test_expansions_compare_by_content():
    one = Expansion.of(form_factor_set("BtoK_HPQCD2022_BCL"))
    assert one == Expansion.of(form_factor_set("BtoK_HPQCD2022_BCL"))
    assert one != Expansion.of(form_factor_set("BtoK_FLAG2021_BCL"))
    assert hash(one) == hash(Expansion.of(form_factor_set("BtoK_HPQCD2022_BCL")))
