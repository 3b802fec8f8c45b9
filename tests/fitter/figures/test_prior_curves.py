"""Densities of priors that are drawn: exact, or of points where cuts leave only a part."""

import bsinv
import numpy as np
import pytest
from bsinv.fitter.figures.prior_curves import prior_densities

ANALYSIS = """\
name: priors
model: wet
likelihoods: [belle_2013_kpnunu_value]
parameters:
  dC_L: {{prior: {{uniform: [-20, 30]}}, start: 15}}
  dC_R: {{prior: {{normal: [1, 0.5]}}}}
{more}
"""


def densities(tmp_path, more=""):
    file = tmp_path / "priors.yaml"
    file.write_text(ANALYSIS.format(more=more))
    made = prior_densities(bsinv.load(file).problem)
    return {one.name: one for one in made}


def test_flat_and_normal(tmp_path):
    found = densities(tmp_path)
    flat, normal = found["dC_L"], found["dC_R"]
    assert (flat.values[0], flat.values[-1]) == (-20.0, 30.0)
    assert flat.density[5] == pytest.approx(0.02)
    assert flat.density[0] == flat.density[-1] == 0.0
    assert np.isnan(flat.sigma)
    assert (normal.centre, normal.sigma) == (1.0, 0.5)
    assert normal.density.max() == pytest.approx(1.0 / (0.5 * np.sqrt(2 * np.pi)), rel=1e-3)
    for one in found.values():
        assert np.trapezoid(one.density, one.values) == pytest.approx(1.0, abs=0.01)


def test_cuts_leave_a_part(tmp_path):
    found = densities(tmp_path, "cuts: ['dC_L > 10']")
    flat = found["dC_L"]
    assert flat.values.min() > 9.9
    inside = (flat.values > 11.0) & (flat.values < 29.0)
    assert flat.density[inside] == pytest.approx(np.full(inside.sum(), 0.05), rel=0.15)
    assert np.trapezoid(flat.density, flat.values) == pytest.approx(1.0, abs=0.02)


def test_names_that_are_wanted(tmp_path):
    file = tmp_path / "priors.yaml"
    file.write_text(ANALYSIS.format(more=""))
    made = prior_densities(bsinv.load(file).problem, ["dC_R", "BR(x)"])
    assert [one.name for one in made] == ["dC_R"]
