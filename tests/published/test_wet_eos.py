"""arXiv:2507.12393: vector, scalar and tensor coefficients from the Belle II likelihood.

Published: maximum of the joint posterior at (11.3, 0.0, 8.2), 95 % highest-density intervals
[1.9, 16.2], [0, 15.4], [0, 11.2]. Tolerance: a tenth of the width of each interval, since the paper
samples the nuisance parameters of the likelihood (here they are profiled), used its own fit of the
form factors (here a fit to the same lattice points), and read-off and sampling errors add a per
cent each.
"""

import bsinv
import numpy as np
import pytest
from bsinv.chains.statistics.intervals import hdi

PUBLISHED = {
    "cVL": (11.3, (1.9, 16.2)),
    "cSL": (0.0, (0.0, 15.4)),
    "cTL": (8.2, (0.0, 11.2)),
}


@pytest.fixture(scope="module")
def analysis():
    return bsinv.load("belle2-wet-eos")


@pytest.fixture(scope="module")
def best(analysis):
    return analysis.fit(minos=(), retries=3)


def tolerance(name):
    low, high = PUBLISHED[name][1]
    return 0.1 * (high - low)


def test_maximum_of_the_joint_posterior(best):
    assert best.valid, best.status
    values = dict(zip(best.names, best.values, strict=True))
    for name, (mode, _) in PUBLISHED.items():
        assert values[name] == pytest.approx(mode, abs=tolerance(name))
    # An independent profile fit finds (11.4, 0.0, 8.4) and 9.3.
    assert values["cVL"] == pytest.approx(11.4, abs=0.1)
    assert values["cTL"] == pytest.approx(8.4, abs=0.1)
    assert best.minus_two_delta_log == pytest.approx(9.3, abs=0.1)


def test_highest_density_intervals(analysis, best):
    ensembles, verdict = analysis.sample(best=best, target_ess=3000, target_rhat=1.02)
    assert verdict.converged, verdict.text
    samples = np.concatenate([e.chain[verdict.burn_in :] for e in ensembles]).reshape(-1, 11)
    for name, (_, interval) in PUBLISHED.items():
        found = hdi(samples[:, analysis.names.index(name)], 0.95)
        assert found == pytest.approx(interval, abs=tolerance(name)), name
