"""The signal strength of the Belle II evidence for B+ -> K+ nu nubar, arXiv:2311.14647.

The publication quotes the strength 4.6 +- 1.0 (stat) +- 0.9 (syst) from the combination of both
tags, 3.5 sigma above the background and 2.7 sigma above the Standard Model, times a null
prediction of 4.97e-6. The likelihood published later in HEPData gives the numbers below to the
digits shown; the tolerances are half a unit of the last digit.
"""

import bsinv
import numpy as np
import pytest


@pytest.fixture(scope="module")
def analysis():
    return bsinv.load("belle2-signal-strength")


@pytest.fixture(scope="module")
def best(analysis):
    return analysis.fit()


def test_best_fit(best):
    assert best.status.startswith("Valid minimum")
    assert best.names == ("mu",)
    assert best.values[0] == pytest.approx(4.60, abs=0.005)
    assert -2 * best.log_likelihood == pytest.approx(-23.3343, abs=5e-4)


def test_minos_errors(best):
    lower, upper = best.minos[0]
    assert lower == pytest.approx(-1.33, abs=0.005)
    assert upper == pytest.approx(1.35, abs=0.005)
    # Total error of the publication: sqrt(1.0^2 + 0.9^2).
    assert 0.5 * (upper - lower) == pytest.approx(1.35, abs=0.05)


@pytest.mark.parametrize(("strength", "significance"), [(1.0, 2.72), (0.0, 3.46)])
def test_significance(analysis, best, strength, significance):
    """Square root of twice the drop of ln L at the Standard Model, and without signal."""
    at = analysis.log_likelihood(np.array([[strength]]))[0]
    assert np.sqrt(2 * (best.log_likelihood - at)) == pytest.approx(significance, abs=0.005)


@pytest.mark.parametrize(("strength", "expected"), [(1.0, -15.9572), (0.0, -11.3614)])
def test_values(analysis, strength, expected):
    at = analysis.log_likelihood(np.array([[strength]]))[0]
    assert -2 * at == pytest.approx(expected, abs=5e-4)


def test_branching_fraction(best):
    """Times the null prediction: 2.3e-5 (2.3 +- 0.5 +0.5 -0.4 in the publication)."""
    from bsinv.data.belle2 import belle2_2023
    from bsinv.physics.invisible.null import null_spectrum

    total = null_spectrum(belle2_2023().q2_edges).sum()
    assert total == pytest.approx(4.966e-6, rel=2e-4)
    assert best.values[0] * total == pytest.approx(2.3e-5, abs=0.05e-5)


def test_parabola_error_lies_between_those_of_minos(best):
    assert best.errors[0] == pytest.approx(1.34, abs=0.02)
