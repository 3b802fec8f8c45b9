"""What an upper limit is used as: bounds of each form, the choice, groups, combined limits."""

import subprocess
import sys
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from bsinv.data import conflicts
from bsinv.data.measurements import measurement, measurements
from bsinv.errors import AnalysisError, DataError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from bsinv.likelihoods.forms.limits import CountingLimit, HalfGaussianLimit
from bsinv.likelihoods.limit_forms import _gaussian_bound, measured_forms
from bsinv.likelihoods.options import TermOptions
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson
from hypothesis import given, settings
from hypothesis import strategies as st

HALF, GAMMA = (TermOptions(limit_form=form) for form in ("half-gaussian", "gamma"))
KSTAR = (
    *("belle_2013_kst0nunu", "belle_2013_kstpnunu", "belle_2017_kst0nunu", "belle_2017_kstpnunu"),
    *("babar_2013_kst0nunu_combined", "babar_2013_kstpnunu_combined"),
)


ROOT = Path(__file__).parents[2]


def bound_of(density, level, end, points=400_001):
    """Credible bound of a likelihood with a flat prior on [0, end], by brute force."""
    x = np.linspace(0.0, end, points)
    heights = density(x)
    area = np.concatenate([[0.0], np.cumsum(0.5 * (heights[1:] + heights[:-1]))])
    return np.interp(level * area[-1], area, x)


@settings(deadline=None)
@given(
    st.floats(-3.0, 5.0),
    st.floats(0.3, 3.0),
    st.floats(0.3, 3.0),
    st.sampled_from([0.3, 0.68, 0.9, 0.95]),
)
def test_bound_of_a_two_piece_gaussian(value, plus, minus, level):
    def density(x):
        distance = x - value
        return np.exp(-0.5 * (distance / np.where(distance > 0, plus, minus)) ** 2)

    expected = bound_of(density, level, max(value, 0.0) + 10.0 * plus, 40_001)
    found = _gaussian_bound(value, plus, minus, level)
    assert found == pytest.approx(expected, rel=2e-4, abs=2e-4)


# Yields of tables I and II of 1702.03224 and table I of 1303.3719 over efficiency times 772e6; the
# bounds are those of an evaluation with flat prior, the limits the published ones.
YIELDS = {
    "belle_2017_kstpnunu": (3.68e-5, 1.73e-5, 5.9e-5, 6.1e-5, True),
    "belle_2017_kst0nunu": (-0.51e-5, 1.02e-5, 1.4e-5, 1.8e-5, True),
    "belle_2013_kstpnunu": (-1.50e-5, 2.00e-5, 2.5e-5, 4.0e-5, False),
}


@pytest.mark.parametrize("name", YIELDS)
def test_yields_of_belle(name):
    value, error, bound, limit, good = YIELDS[name]
    (form,) = measured_forms(measurement(name))
    assert form.kind == "yield"
    assert (form.value, form.error_plus) == pytest.approx((value, error), rel=5e-3)
    assert form.bound == pytest.approx(bound, rel=0.02)
    assert (form.limit, form.good) == (limit, good)
    term = catalogue.term(name)
    assert isinstance(term, TwoPieceGaussian if good else HalfGaussianLimit)
    if good:
        assert (term.value, term.error_plus) == (form.value, form.error_plus)
        assert "used as the fitted yield over efficiency and pairs" in term.description


def test_no_effective_counts_are_left():
    """Squares of the errors of fitted yields, which flavio lists for Belle 2017, are no counts."""
    for record in measurements().values():
        if record.id.startswith(("belle_2013_", "belle_2017_")) and record.counts:
            assert "observed" not in record.counts, record.id
            stat = record.counts.get("signal_yield_stat")
            assert stat is None or record.counts["signal_yield_syst"] < stat, record.id


def test_no_efficiency_is_made_up():
    """Without a published efficiency a yield is no branching fraction."""
    assert measured_forms(measurement("belle_2017_k0nunu")) == ()
    assert isinstance(catalogue.term("belle_2017_k0nunu"), HalfGaussianLimit)


def test_central_value_of_another_entry():
    term, value = (catalogue.term(f"belle_2017_kpnunu{end}") for end in ("", "_value"))
    assert isinstance(term, TwoPieceGaussian)
    assert (term.value, term.error_plus) == (value.value, value.error_plus)
    assert isinstance(catalogue.term("belle_2017_kpnunu", HALF), HalfGaussianLimit)
    # The numbers of one result do not enter twice.
    linked = [record for record in measurements().values() if record.value_from is not None]
    assert len(linked) == 4
    for record in linked:
        assert conflicts([record.id, record.value_from]), record.id
    with pytest.raises(AnalysisError, match="overlap"):
        catalogue.build(
            [("belle_2017_kpnunu", TermOptions()), ("belle_2017_kpnunu_value", TermOptions())]
        )


def test_sensitivity_from_the_limit_is_that_of_a_published_value():
    """BaBar 2013, K+: 6 events on 2.9 with a limit of 3.7e-5; published value 1.5e-5."""
    counts = measured_forms(measurement("babar_2013_kpnunu_had"))[1]
    published = measurement("babar_2013_kpnunu_value").values[0]
    assert counts.kind == "counts"
    assert counts.value == pytest.approx(published, rel=0.02)


def test_counts_with_a_single_event_sensitivity():
    """KOTO: with no event and a flat prior the 90 % bound is ln 10 sensitivities."""
    for name, sensitivity in (("koto_2025_klpinunu", 9.33e-10), ("koto_2019_klpinunu", 1.30e-9)):
        term = catalogue.term(name)
        assert isinstance(term, CountingLimit)
        assert term.bound() == pytest.approx(np.log(10.0) * sensitivity, rel=1e-9)
        x = np.array([0.0, 1e-9])
        assert np.diff(term.log_likelihood(x)) == pytest.approx(-1e-9 / sensitivity)
    (form,) = measured_forms(measurement("koto_2021_klpinunu"))
    assert form.value == pytest.approx((3 - 1.22) * 7.20e-10)


def test_counts_of_an_own_sensitivity():
    arguments = ("x", "a limit", "BR(B+->K+nunu)", 1.0, 0.9, 3.0, 1.22, ("x",))
    term = CountingLimit(*arguments, sensitivity=4.0)

    def density(x):
        return np.exp(term.log_likelihood(x))

    assert term.bound() == pytest.approx(bound_of(density, 0.9, 20.0), rel=1e-6)
    for bad in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(DataError, match=r"x: sensitivity .* must be positive"):
            CountingLimit(*arguments, sensitivity=bad)


def test_every_form_used_by_default_gives_nearly_the_published_limit():
    """By brute force, of the terms themselves: within 25 %."""
    used = 0
    for name in catalogue.names():
        record = measurements().get(name)
        if record is None or record.kind != "upper_limit" or record.limit is None:
            continue
        term = catalogue.term(name)
        if not isinstance(term, TwoPieceGaussian | CountingLimit):
            continue
        used += 1
        top = term.log_likelihood(np.linspace(0.0, 3.0 * record.limit, 3001)).max()

        def density(x, term=term, top=top):
            return np.exp(term.log_likelihood(x) - top)

        bound = bound_of(density, record.cl, 20.0 * record.limit)
        assert abs(bound / record.limit - 1.0) <= 0.25, name
    # The table of docs/statistics/likelihoods.md lists them.
    assert used == 16


def test_a_group_falls_back_for_members_without_counts():
    terms = {term.name: term for term in catalogue.build([("b2snunu", GAMMA)])}
    default = catalogue.build([("b2snunu", TermOptions())])
    assert [type(terms[term.name]) for term in default] == [type(term) for term in default]
    # No conflict of two groups where the members that they share have no counts.
    both = [("b2snunu", GAMMA), ("b2s-invisible-global", TermOptions())]
    assert len(catalogue.build(both)) == len(catalogue.groups()["b2s-invisible-global"])


def limit_on_the_ratio(options, names=KSTAR):
    """90 % credible bound on the common R_K* of several limits, flat prior, SM central values."""
    standard = Wilson(), Inputs.default()
    terms = [catalogue.term(name, options) for name in names]
    rates = [term.predict(*standard)[0] for term in terms]

    def density(ratio):
        logs = [term.log_likelihood(ratio * rate) for term, rate in zip(terms, rates, strict=True)]
        total = reduce(np.add, logs)
        return np.exp(total - total.max())

    return bound_of(density, 0.9, 20.0)


def test_combined_limit_on_the_ratio_of_the_kstar_modes():
    """Half Gaussians combine as if each had measured zero; the yields of Belle 2017 do not.

    Belle 2013 and BaBar stay half Gaussians; without them the bound is that of the two yields.
    """
    assert limit_on_the_ratio(HALF) == pytest.approx(1.468, abs=5e-3)
    assert limit_on_the_ratio(TermOptions()) == pytest.approx(1.618, abs=5e-3)
    yields = [name for name in KSTAR if name.startswith("belle_2017")]
    assert limit_on_the_ratio(TermOptions(), yields) == pytest.approx(1.89, abs=0.01)
    assert limit_on_the_ratio(HALF, yields) == pytest.approx(1.748, abs=5e-3)


def test_the_table_of_the_docs_is_up_to_date():
    command = [sys.executable, str(ROOT / "tools" / "limit_forms.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
