"""Published likelihoods at other luminosities."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError
from bsinv.likelihoods.reweighted.scaled import ASSUMPTIONS, scaled_term

PATTERNS = ("corr_pid_*", "PID_corr*")


@pytest.fixture(scope="module")
def term():
    return bsinv.load("belle2-signal-strength").terms[0]


@pytest.fixture(scope="module")
def unit():
    problem = bsinv.load("belle2-signal-strength").problem
    return problem.predictions(np.array([[1.0]]))[problem.terms[0].name]


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_a_fit_returns_the_truth(term, unit, assumption):
    for factor in (1.0, 30.0):
        made, data = scaled_term(term, 3.0 * unit, factor, assumption, PATTERNS)
        # from there; and from far away, to the tolerance of the search (1e-5 of the error)
        for start, allowed in ((3.0, 1e-6), (1.0, 2e-5)):
            fits, _ = made.fit_strength(unit, data, start)
            assert fits.converged.all()
            assert fits.strength[0] == pytest.approx(3.0, abs=allowed)
            assert fits.objective[0] == pytest.approx(0.0, abs=2e-9)  # no deviance left


def test_published_widths_at_the_luminosity_of_today_are_the_published_likelihood(term, unit):
    for assumption in ("published", "scaled"):
        made, data = scaled_term(term, 4.6 * unit, 1.0, assumption, PATTERNS)
        for mu in (0.0, 4.6, 9.0):
            expected = term.log_likelihood(mu * unit, term.asimov(4.6 * unit))
            np.testing.assert_allclose(made.log_likelihood(mu * unit, data), expected, rtol=1e-9)


def test_fixed_nuisances_are_poisson_counts(term, unit):
    """Without nuisances the likelihood is that of independent counts, linear in mu."""
    made, data = scaled_term(term, 4.6 * unit, 7.0, "statistical")
    profiled = term.profiled(4.6 * unit)
    signal = 7.0 * (profiled.gamma * profiled.rate)[0, 0] / 4.6
    counts = data.values[0]

    def exact(mu):
        rate = counts + (mu - 4.6) * signal
        return float((counts * np.log(rate / counts) - rate + counts).sum())

    there = made.log_likelihood(4.6 * unit, data)[0]
    for mu in (3.0, 6.5):
        assert made.log_likelihood(mu * unit, data)[0] - there == pytest.approx(exact(mu), rel=1e-6)


def test_widths_fall_only_where_they_are_named(term, unit):
    made, _ = scaled_term(term, unit, 4.0, "scaled", PATTERNS)
    widths = dict(zip(made.model.alpha_names, made.model.parameters.width, strict=True))
    assert {name for name, width in widths.items() if width == 0.5} == {
        *(f"corr_pid_c{k}" for k in range(1, 8)),
        *(f"PID_corr{k}_1_had" for k in range(3)),
    }
    assert set(widths.values()) == {0.5, 1.0}
    np.testing.assert_allclose(made.model.relative_error, 0.5 * term.model.relative_error)
    kept, _ = scaled_term(term, unit, 4.0, "scaled", PATTERNS, simulation=False)
    np.testing.assert_array_equal(kept.model.relative_error, term.model.relative_error)
    np.testing.assert_array_equal(made.model.nominal, 4.0 * term.model.nominal)
    assert (term.model.parameters.width == 1.0).all()  # that published is untouched


def test_what_cannot_be_scaled_is_told(term, unit):
    with pytest.raises(ParameterError, match="no nuisance parameter is called 'corr_pidd'"):
        scaled_term(term, unit, 2.0, "scaled", ("corr_pidd",))
    for factor in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ParameterError, match="times today's is none"):
            scaled_term(term, unit, factor)
    with pytest.raises(ParameterError, match="assumption 'stat' is not known: allowed are"):
        scaled_term(term, unit, 2.0, "stat")
