"""Measurements of one's own: each form against an independent number, and what is refused."""

import numpy as np
import pytest
from bsinv.data.curves import CurveTable
from bsinv.data.records import Reference
from bsinv.data.written import read_written
from bsinv.errors import AnalysisError, BsinvError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.options import TermOptions
from bsinv.likelihoods.own import Stated, stated_record, stated_term, unlisted, written_term
from bsinv.physics.inputs import Inputs
from bsinv.physics.observable import Observable
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal, norm, poisson

KP, KST = "BR(B+->Knunu)", "BR(B0->K*nunu)"
X = np.array([0.5e-5, 1.3e-5, 2.5e-5])
COVARIANCE = np.array([[25e-12, 6e-12], [6e-12, 16e-12]])
COUNTS = {"observed": 6.0, "background": 2.9, "efficiency": 1e-3, "b_pairs": 4e8}


def term(*observables, options=None, name="mine", **stated):
    return stated_term(name, Stated(observables or (KP,), **stated), options or TermOptions())


def test_value():
    found = term(KST, values=(1.3e-5,), errors=((5e-6, 4e-6),))
    expected = norm.logpdf(X, 1.3e-5, np.where(X > 1.3e-5, 5e-6, 4e-6))
    # Normalised with the mean of both errors.
    expected += np.log(np.where(X > 1.3e-5, 5e-6, 4e-6) / 4.5e-6)
    assert_allclose(found.log_likelihood(X), expected)
    assert (found.own, found.data_ids, found.observables) == (True, ("mine",), (KST,))
    assert found.standard_model_spectrum


def test_limit_in_a_range_of_q2():
    name = "BR(B+->K+nunu)[q2max=6, q2min=1]"
    found = term(name, limit=2e-5, cl=0.9)
    sigma = 2e-5 / norm.ppf(0.95)
    assert_allclose(found.log_likelihood(X), norm.logpdf(X / sigma) - norm.logpdf(0.0))
    assert found.observables == ("BR(B+->Knunu)[q2min=1, q2max=6]",)
    inputs = Inputs.default()
    expected = observable(KP)(Wilson({}), inputs, q2min=1.0, q2max=6.0)
    assert found.predict(Wilson({}), inputs) == expected
    assert "rate in the range" in found.description


@pytest.mark.parametrize("how", ["covariance", "correlation"])
def test_several_values(how):
    given = {"covariance": COVARIANCE.tolist()}
    if how == "correlation":
        given = {"errors": ((5e-6, 5e-6), (4e-6, 4e-6)), "correlation": ((1.0, 0.3), (0.3, 1.0))}
    found = term(KP, KST, values=(2e-5, 1.2e-5), **given)
    x = np.stack([X, X[::-1]], axis=1)
    expected = multivariate_normal([2e-5, 1.2e-5], COVARIANCE).logpdf(x)
    assert_allclose(found.log_likelihood(x), expected)


def test_one_value_in_a_list():
    found = term(KP, values=(2e-5,), errors=((5e-6, 5e-6),))
    other = term(KP, values=(2e-5,), covariance=[[25e-12]])
    assert_allclose(found.log_likelihood(X), norm.logpdf(X, 2e-5, 5e-6))
    assert_allclose(other.log_likelihood(X), found.log_likelihood(X))


def test_counts_alone():
    found = term(counts=COUNTS)
    expected = poisson.logpmf(6, 2.9 + 4e5 * X) - poisson.logpmf(6, 6.0)
    assert_allclose(found.log_likelihood(X), expected)
    assert found.quoted()[0].kind == "likelihood"
    other = term(counts={"observed": 6, "background": 2.9, "single_event_sensitivity": 2.5e-6})
    assert_allclose(other.log_likelihood(X), expected)
    both = term(counts={**COUNTS, "single_event_sensitivity": 2.5e-6})
    assert_allclose(both.log_likelihood(X), expected)
    nothing = term(counts={"observed": 0, "single_event_sensitivity": 1e-6})
    assert_allclose(nothing.log_likelihood(X), -1e6 * X)


def test_counts_behind_a_limit():
    """The sensitivity is that which makes the credible bound the limit: brute-force integral."""
    found = term(limit=3.7e-5, cl=0.9, counts={"observed": 6, "background": 2.9})
    grid = np.linspace(0.0, 4e-4, 400_001)
    density = np.exp(found.log_likelihood(grid))
    inside = density[grid <= 3.7e-5].sum() / density.sum()
    assert inside == pytest.approx(0.9, abs=1e-3)
    with_efficiency = term(limit=1.9e-5, cl=0.9, counts=COUNTS)
    assert with_efficiency.sensitivity == pytest.approx(4e5)
    half = term(limit=3.7e-5, cl=0.9, counts=COUNTS)  # 49 % off: does not reproduce the limit
    assert not hasattr(half, "observed")
    forced = TermOptions(limit_form="gamma")
    counted = term(limit=3.7e-5, cl=0.9, counts=COUNTS, options=forced)
    assert counted.sensitivity == pytest.approx(4e5)


def test_limit_with_its_value():
    found = term(values=(1e-5,), errors=((6e-6, 6e-6),), limit=1.8e-5, cl=0.9)
    assert_allclose(found.log_likelihood(X), norm.logpdf(X, 1e-5, 6e-6))
    off = term(values=(1e-5,), errors=((6e-6, 6e-6),), limit=1e-5, cl=0.9)
    assert "beside the limit 1e-05 does not reproduce it (1.79e-05 from value)" in off.description
    half = TermOptions(limit_form="half-gaussian")
    found = term(values=(1e-5,), errors=((6e-6, 6e-6),), limit=1.8e-5, cl=0.9, options=half)
    assert found.log_likelihood(np.zeros(1)) == 0.0


def test_curves():
    x = np.linspace(0.0, 5e-5, 11)
    q = ((x - 2e-5) / 6e-6) ** 2
    found = term(curve=CurveTable({"x": tuple(x), "minus_two_log_l": tuple(q)}, {"x": "1"}))
    assert_allclose(found.log_likelihood(X), -0.5 * ((X - 2e-5) / 6e-6) ** 2, atol=1e-12)
    columns = {"m_X": (0.0, 2.0), "limit": (1e-5, 1e-5)}
    found = term(curve=CurveTable(columns, {"m_X": "GeV", "limit": "1"}), cl=0.9)
    assert (found.mass, found.mass_unit) == ("m_X", "GeV")
    at = np.stack([X / found.unit, np.ones(3)], axis=1)
    assert_allclose(found.log_likelihood(at), -0.5 * (X * norm.ppf(0.95) / 1e-5) ** 2)
    columns = {"mass": (0.0, 2.0), "value": (1e-5, 1e-5), "error": (5e-6, 5e-6)}
    found = term(curve=CurveTable(columns), mass="m_chi")
    assert found.mass == "m_chi"
    at = np.stack([X / found.unit, np.ones(3)], axis=1)
    expected = norm.logpdf(X, 1e-5, 5e-6) - norm.logpdf(0.0, 1e-5, 5e-6)
    assert_allclose(found.log_likelihood(at), expected)


def test_theory_errors():
    """BR(Bs -> mu mu) has an error of its prediction, which counts unless it is switched off."""
    given = {"values": (3e-9,), "errors": ((3e-10, 3e-10),)}
    name = "BR(Bs->mumu)"
    found = term(name, **given)
    bare = term(name, **given, options=TermOptions(theory_errors=False))
    assert found.theory_error > 0.0 == bare.theory_error
    floated = stated_term("mine", Stated((name,), **given), TermOptions(), ("f_Bs",))
    assert floated.theory_error < found.theory_error


def test_an_observable_of_ones_own():
    def function(wilson, inputs):
        return np.full(wilson.size, 2.0)

    own = Observable("R_mine", "R", "GeV", function, (), (), "", (), ("f_Bs",))
    options = TermOptions(observables={"R_mine": own})
    found = term("R_mine", values=(2.5,), errors=((0.5, 0.5),), options=options)
    assert found.predict(Wilson({}, size=2), Inputs.default()).tolist() == [2.0, 2.0]
    assert found.quoted()[0].unit == "GeV"
    assert found.theory_error == 0.0  # its derivative
    pair = term(
        *("R_mine", KP), values=(2.0, 1e-5), covariance=[[1, 0], [0, 1e-12]], options=options
    )
    assert pair.predict(Wilson({}, size=2), Inputs.default()).shape == (2, 2)


@pytest.mark.parametrize(
    ("names", "stated", "message"),
    [
        (["BR(B+->Knun)"], {"values": (1.0,)}, "unknown observable 'BR.B.->Knun.': did you mean"),
        ([KP], {"values": (1.0,), "errors": ((1, 1),), "unit": "GeV"}, "is in GeV, BR.* in 1"),
        ([KP], {"values": (1.0,), "errors": ((1, 1),), "unit": "furlong"}, "unknown unit 'furlong"),
        (
            ["dBR/dq2(B+->Knunu)"],
            {"values": (1.0,), "errors": ((1, 1),)},
            r"name it as .*q2=",
        ),
        ([KP], {"values": (1.0,), "errors": ((1, 0),)}, "errors_minus is 0"),
        ([KP], {"limit": -1.0, "cl": 0.9}, "limit is -1.0; allowed: a finite number above 0"),
        ([KP], {"limit": 1.0, "cl": 1.0}, "cl is 1.0; allowed: a finite number above 0 and below"),
        ([KP, KST], {"values": (1, 1), "covariance": [[1, 2], [2, 1]]}, "lowest eigenvalue"),
        ([KP, KST], {"values": (1, 1), "covariance": [[1, 0], [0.1, 1]]}, "its mirror"),
        ([KP, KST], {"values": (1, 1), "covariance": [[1, 0], [0, 0]]}, "number above 0"),
        (
            [KP, KST],
            {"values": (1, 1), "errors": ((1, 1),) * 2, "correlation": ((2, 0), (0, 1))},
            "diagonal of correlation is",
        ),
        ([KP], {"counts": {"observed": 3.0, "background": 1.0}}, "counts need observed, backg"),
        ([KP], {"counts": {**COUNTS, "background_error": 1}}, "background_error would not be used"),
        ([KP], {"counts": {"observd": 3.0}}, "unknown count 'observd' in .* did you mean 'obser"),
        (
            [KP],
            {"counts": {**COUNTS, "efficiency": 2.0}},
            "efficiency is 2.0; allowed: a num",
        ),
        ([KP], {"counts": {**COUNTS, "observed": -1.0}}, "observed is -1.0"),
        (
            [KP],
            {"counts": {**COUNTS, "single_event_sensitivity": 1e-6}},
            "b_pairs times single_event_sensitivity is 0.4; allowed: 1 within 2%",
        ),
        ([KP], {"curve": CurveTable({"x": (1.0,)})}, "has the columns x; allowed: x, minus_two"),
        (
            [KP],
            {"curve": CurveTable({"m": (1.0, 2.0), "limit": (1.0,)}), "cl": 0.9},
            "2 of m, 1 of limit: as many of each",
        ),
        ([KP], {"curve": CurveTable({"m": (1.0,), "limit": (1.0,)})}, "curve: limits need cl"),
        (
            [KP],
            {"curve": CurveTable({"m": (1, 2), "value": (1, 1), "error": (1, 1)}), "cl": 0.9},
            "cl does not go with values",
        ),
        (
            [KP],
            {"curve": CurveTable({"m": (1, 2), "limit": (1, 1)}, {"limit": "GeV"}), "cl": 0.9},
            "is in GeV, BR.* in 1",
        ),
        (
            [KP],
            {
                "curve": CurveTable(
                    {"m": (1, 2), "value": (1, 1), "error": (1, 1)}, {"value": "1", "error": "GeV"}
                )
            },
            "one unit is needed",
        ),
        (
            [KP],
            {"curve": CurveTable({"x": (1, 2, 3, 4), "minus_two_log_l": (1, 0, 1, 4)}), "cl": 0.9},
            "cl does not go with minus_two_log_l",
        ),
        ([KP], {"limit": 1.0, "cl": 0.9, "data": ("belle",)}, "measurement 'belle' in data of"),
        ([KP], {"limit": 1.0, "cl": 0.9, "year": 20270}, "year is 20270; allowed: a year from"),
    ],
)
def test_refused(names, stated, message):
    with pytest.raises(BsinvError, match=message):
        term(*names, **stated)


def test_overlap_with_data_of_the_package():
    mine = term(KST, limit=1.8e-5, cl=0.9, data=("belle_2017_kst0nunu",))
    assert mine.data_ids == ("mine", "belle_2017_kst0nunu")
    shipped = catalogue.term("belle_2017_kst0nunu")
    with pytest.raises(
        AnalysisError,
        match="'belle_2017_kst0nunu' and 'mine' use the same data, 'belle_2017_kst0nunu'",
    ):
        catalogue.check_overlaps(one.data_ids for one in (shipped, mine))
    # Data of one measurement may overlap with each other: it is one likelihood.
    both = term(KP, limit=1e-5, cl=0.9, data=("belle2_2023_kpnunu", "belle2_2023_kpnunu_ITA"))
    catalogue.check_overlaps([both.data_ids])
    with pytest.raises(AnalysisError, match="overlap"):
        catalogue.check_overlaps([both.data_ids, ("belle2-2023-bknunu",)])


def test_members_of_groups_left_out():
    names = {one.name for one in catalogue.build([("b2snunu", TermOptions())])}
    left = catalogue.build([("b2snunu", TermOptions())], excluded=["belle_2017_kst0nunu"])
    assert names - {one.name for one in left} == {"belle_2017_kst0nunu"}


def test_a_note_on_data_that_are_not_listed():
    shipped = catalogue.term("belle_2017_kst0nunu")
    given = {"limit": 2e-5, "cl": 0.9, "experiment": "belle ", "year": 2017}
    (note,) = unlisted([shipped, term(KST, **given)])
    assert note.startswith("mine and belle_2017_kst0nunu are of the same experiment, year and obs")
    assert unlisted([shipped, term(f"{KST}[q2max=5]", **given)])
    for change in ({"year": 2018}, {"experiment": "BaBar"}, {"data": ("belle_2017_kst0nunu",)}):
        assert not unlisted([shipped, term(KST, **{**given, **change})])
    assert not unlisted([shipped, term(KP, **given)])
    assert not unlisted([shipped, term(KST, limit=2e-5, cl=0.9)])
    belle2 = catalogue.term("belle2-2023-bknunu")
    assert unlisted([belle2, term(KP, **{**given, "experiment": "Belle II", "year": 2023})])


def test_records_and_options_of_a_file():
    entry = {"id": "a", "observable": KP, "kind": "upper_limit", "unit": "1", "cl": 0.9}
    entry |= {"limit": 3.7e-5, "counts": {"observed": 6, "background": 2.9}}
    other = {"id": "b", "observable": KST, "kind": "gaussian", "unit": "1", "value": 1e-5}
    written = read_written({"entries": [entry, {**other, "error": 1e-6}]}, "my.yaml", ())
    options = TermOptions(limit_form="half-gaussian")
    half, value = (written_term(one, options, ["limit_form"]) for one in written)
    assert half.log_likelihood(np.zeros(1)) == 0.0
    assert_allclose(value.log_likelihood(X), norm.logpdf(X, 1e-5, 1e-6))
    assert (value.own, value.data_ids) == (True, ("b",))


def test_the_record_says_where_it_is_from():
    stated = Stated((KP,), limit=1e-5, cl=0.9, experiment="Belle II", year=2027, arxiv="2707.00001")
    record = stated_record("mine", stated, TermOptions())
    assert record.reference == Reference("Belle II", 2027, "2707.00001")
    found = stated_term("mine", stated, TermOptions())
    assert found.description.startswith("Belle II 2027, BR(B+->Knunu), limit")
