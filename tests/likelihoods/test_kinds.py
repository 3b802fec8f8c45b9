"""Kinds of measurement: each by its entry in one table, and one of a user's own."""

from dataclasses import replace

import numpy as np
import pytest
from bsinv.data.measurements import KINDS as KNOWN
from bsinv.data.measurements import measurement, measurements
from bsinv.data.records import Reference
from bsinv.errors import DataError, UnknownNameError
from bsinv.likelihoods import catalogue, measured
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from bsinv.likelihoods.forms.limits import HalfGaussianLimit
from bsinv.likelihoods.kinds import Kind, observables_of
from bsinv.likelihoods.options import TermOptions

VALUE = "belle_2017_kpnunu_value"
LIMIT = "belle_2017_kst0nunu"
CORRELATED = "bsmumu_2022_wilson"


class Logarithm(TwoPieceGaussian):
    """A value whose logarithm is normal; the error is relative."""

    def predict(self, wilson, inputs):
        return np.log(super().predict(wilson, inputs))


def logarithm(record, description, options, floated):
    (value,), (error,) = record.values, record.errors_plus
    numbers = float(np.log(value)), float(error), float(error)
    return Logarithm(record.id, description, observables_of(record)[0], *numbers, (record.id,))


def test_every_kind_of_the_data_has_an_entry():
    assert {kind for kind, observable in measured.KINDS if not observable} == set(KNOWN)


def test_a_new_kind_is_one_record_and_its_entry(monkeypatch):
    kind = Kind(
        lambda record: record.values is not None,
        lambda record: (),
        lambda record, options, floated: "logarithm",
        logarithm,
    )
    monkeypatch.setattr(measured, "KINDS", {**measured.KINDS, ("log_normal", ""): kind})
    record = replace(measurement(VALUE), id="mine", kind="log_normal", errors_plus=np.array([0.3]))
    assert measured.usable(record)
    assert not measured.usable(replace(record, values=None))
    assert measured.options_of(record) == ()
    assert measured.describe(record) == "Belle 2017, BR(B+->K+nunu), logarithm (1702.03224)"
    term = measured.from_measurement(record, TermOptions())
    assert isinstance(term, Logarithm)
    assert (term.name, term.data_ids) == ("mine", ("mine",))
    assert term.standard_model_spectrum


def test_an_unknown_kind_is_named():
    record = replace(measurement(VALUE), kind="gausian")
    for ask in (
        measured.usable,
        measured.options_of,
        measured.describe,
        lambda one: measured.from_measurement(one, TermOptions()),
    ):
        with pytest.raises(UnknownNameError) as caught:
            ask(record)
        message = f"unknown kind of measurement 'gausian' in measurement '{VALUE}': did you mean"
        assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (VALUE, {"values": None}, "'mine' has no values with errors"),
        (VALUE, {"errors_minus": None}, "'mine' has no values with errors"),
        (VALUE, {"unit": "GeV"}, r"'mine' is in GeV, BR\(B\+->Knunu\) in 1"),
        (VALUE, {"values": np.array([np.nan])}, r"mine: value nan of BR\(B\+->Knunu\) must be fin"),
        (LIMIT, {"limit": None}, "'mine' has no limit with a confidence level"),
        (LIMIT, {"cl": None}, "'mine' has no limit with a confidence level"),
        (CORRELATED, {"correlation": None}, "'mine' has no published correlation"),
        (CORRELATED, {"errors_plus": np.zeros(4)}, r"mine: error 0.0 of \S+ must be positive"),
        ("cms_2022_T_any", {"limit": None}, "'mine' has no limit with a confidence level"),
        ("cms_2022_T_any", {"unit": "TeV"}, "'mine' is in TeV, masses in GeV"),
    ],
)
def test_what_a_kind_needs(name, change, message):
    record = replace(measurement(name), id="mine", **change)
    with pytest.raises(DataError, match=message):
        measured.from_measurement(record, TermOptions())


def test_an_observable_that_is_not_predicted_is_named():
    record = replace(measurement(VALUE), id="mine", observables=("BR(B+->K+nunuu)",))
    assert not measured.usable(record)
    with pytest.raises(UnknownNameError, match=r"unknown observable 'BR\(B\+->K\+nunuu\)' in meas"):
        measured.from_measurement(record, TermOptions())


def test_a_measurement_of_ones_own_needs_no_shipped_id():
    record = replace(measurement(LIMIT), id="mine", limit=1e-5, counts=None, value_from=None)
    term = measured.from_measurement(record, TermOptions())
    assert isinstance(term, HalfGaussianLimit)
    assert (term.name, term.limit, term.data_ids) == ("mine", 1e-5, ("mine",))


def test_a_measurement_of_ones_own_needs_no_reference():
    record = replace(measurement(LIMIT), counts=None, reference=Reference())
    words = "limit on the total rate with efficiencies for the Standard Model spectrum"
    assert measured.describe(record) == f"own measurement, BR(B0->K*0nunu), {words}"
    record = replace(record, reference=Reference(year=2026))
    assert measured.describe(record) == f"2026, BR(B0->K*0nunu), {words}"


def test_a_curve_is_a_limit_only_where_the_mass_is_known():
    record = replace(measurement(LIMIT), limit=None, curve=np.array([[1.0, 1e-5], [2.0, 1e-5]]))
    assert not measured.usable(record)


def test_terms_say_whose_efficiencies_they_rest_on():
    """The total rates of decays to a hadron and something invisible, and no others."""
    flags = {
        record.id: catalogue.term(record.id).standard_model_spectrum
        for record in measurements().values()
        if measured.usable(record)
    }
    for name in (VALUE, LIMIT, "na62_2024_kppinunu", "bes3_2022_d0_pi0nunu", "delphi_1996_phinunu"):
        assert flags[name], name
    for name in (CORRELATED, "babar_2012_b0_inv", "cms_2023_hinv", "talk_2024_RKnunu"):
        assert not flags[name], name
    assert sum(flags.values()) == 60
