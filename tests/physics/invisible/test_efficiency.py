"""Counts and signal efficiencies of dark spectra in the published number densities of Belle II.

Regression of arXiv:2403.12485's ratio omega = sum(Gamma_SM eps) / sum(Gamma_NP eps), with spectra
normalised to the same total: how much larger a branching fraction must be than the one measured
with the efficiency of the Standard Model.
"""

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.physics.invisible.null import null_spectrum
from bsinv.physics.invisible.rates import binned_branching_fraction
from bsinv.physics.wilson import Wilson

TOTAL = 1.8e-5
# Signal counts and omega in the inclusive tag (two channels) and the hadronic tag.
CASES = [
    ({"phi_S": 1.0, "m_phi": 0.6}, (262.894, 103.981, 23.6515), (1.6545, 1.3956, 1.2319)),
    ({"chi_VV": 1.0, "m_chi": 0.6}, (365.311, 136.234, 28.2800), (1.1907, 1.0653, 1.0303)),
    ({"chi_VV": 1.0, "m_chi": 0.0}, (434.597, 145.009, 29.1201), (1.0009, 1.0008, 1.0006)),
]
STANDARD = (120.011, 40.039, 8.0390)


@pytest.mark.parametrize(("values", "counts", "omega"), CASES)
def test_counts_and_omega(values, counts, omega, golden_inputs):
    data = belle2_2023()
    null = null_spectrum(data.q2_edges)
    inputs = golden_inputs.replace(constants={"X_t": 0.0})
    # With physical masses the spectrum reaches a little beyond the last edge; omega compares
    # spectra normalised inside.
    edges = np.append(data.q2_edges, 30.0)
    spectrum = binned_branching_fraction("B+->K+", Wilson(values), inputs, edges)[0]
    spectrum = TOTAL * spectrum[:-1] / spectrum.sum()
    found, ratios, standard = [], [], []
    for density in data.densities.values():
        shared = density[:, 1:].sum(axis=0)
        standard.append(shared.sum())
        found.append(shared @ (spectrum / null))
        ratios.append(standard[-1] * spectrum.sum() / null.sum() / found[-1])
    np.testing.assert_allclose(standard, STANDARD, rtol=2e-4)
    np.testing.assert_allclose(found, counts, rtol=2e-5)
    np.testing.assert_allclose(ratios, omega, rtol=6e-5)
