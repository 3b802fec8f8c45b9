import numpy as np
import pytest
from bsinv.errors import PredictionError
from bsinv.physics.inputs import Inputs
from bsinv.physics.invisible.tau_pole import (
    tau_pole_binned,
    tau_pole_differential,
)
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
END = 22.81


def total_of(transition, inputs):
    """Branching fraction over all q2: (n,)."""
    return tau_pole_binned(transition, inputs, (0.0, np.inf))[:, 0]


def test_size_and_end_point():
    """About 6.5e-7 for |V_ub| = 3.82e-3; 6.1(6)e-7 in arXiv:0908.1174."""
    assert total_of("B+->K+", INPUTS)[0] == pytest.approx(6.5e-7, rel=0.02)
    values = tau_pole_differential("B+->K+", INPUTS, [END - 0.02, END + 0.02])[0]
    assert values[0] > 0.0
    assert values[1] == 0.0


def test_kstar_has_a_flatter_spectrum_that_ends_earlier():
    """About 1.1e-6 in total, alpha = 0.330 and q_tau^2 = 18.49 GeV^2 (arXiv:0908.1174)."""
    total = total_of("B+->K*+", INPUTS)[0]
    assert total == pytest.approx(1.1e-6, rel=0.1)
    start, end, beyond = tau_pole_differential("B+->K*+", INPUTS, [0.0, 18.48, 18.51])[0]
    assert (start - end) / (start + end) == pytest.approx(0.330, abs=0.002)
    assert beyond == 0.0
    bins = tau_pole_binned("B+->K*+", INPUTS, np.array([0.0, 5.0, 18.0, 22.0]))[0]
    assert bins.sum() == pytest.approx(total, rel=1e-13)
    both = observable("BR(B+->K*nunu)")(Wilson(), INPUTS, long_distance=True)
    short = observable("BR(B+->K*nunu)")(Wilson(), INPUTS)
    np.testing.assert_allclose(both - short, total, rtol=1e-9)


def test_scales_with_the_square_of_vub():
    varied = INPUTS.replace(constants={"Vub": [0.00382, 0.00764]})
    values = total_of("B+->K+", varied)
    assert values[1] / values[0] == pytest.approx(4.0)


def test_bins_are_integrals_of_the_spectrum():
    edges = np.array([-1.0, 0.0, 3.0, 15.0, 22.0, 30.0])
    bins = tau_pole_binned("B+->K+", INPUTS, edges)[0]
    assert bins[0] == 0.0
    assert bins.sum() == pytest.approx(total_of("B+->K+", INPUTS)[0], rel=1e-13)
    # The spectrum is linear: the trapezium rule is exact.
    ends = tau_pole_differential("B+->K+", INPUTS, [3.0, 15.0])[0]
    assert bins[2] == pytest.approx(12.0 * ends.mean(), rel=1e-13)


def test_other_modes_are_refused():
    with pytest.raises(PredictionError, match=r"tau pole of B0->K0 is not known; those of"):
        total_of("B0->K0", INPUTS)


def test_switch_of_the_branching_fraction():
    total = observable("BR(B+->Knunu)")
    short = total(Wilson(), INPUTS)
    both = total(Wilson(), INPUTS, long_distance=True)
    pole = observable("BR_LD(B+->Knunu)")(Wilson(), INPUTS)
    np.testing.assert_allclose(both, short + pole, rtol=1e-14)
    spectrum = observable("dBR/dq2(B+->Knunu)")
    added = spectrum(Wilson(), INPUTS, q2=5.0, long_distance=True) - spectrum(
        Wilson(), INPUTS, q2=5.0
    )
    np.testing.assert_allclose(added, tau_pole_differential("B+->K+", INPUTS, [5.0])[:, 0])
    limited = observable("BR_LD(B+->Knunu)")(Wilson(), INPUTS, q2min=0.0, q2max=10.0)
    assert 0.0 < limited[0] < pole[0]


def test_a_tau_off_its_mass_shell_has_no_pole():
    varied = INPUTS.replace(constants={"m_tau": [1.77693, 0.3, 6.0, -1.0]})
    values = total_of("B+->K+", varied)
    assert values[0] == total_of("B+->K+", INPUTS)[0]
    np.testing.assert_array_equal(values[1:], [0.0, 0.0, np.nan])
    bins = tau_pole_binned("B+->K+", varied, [0.0, 5.0])[:, 0]
    np.testing.assert_array_equal(bins[1:], [0.0, 0.0, np.nan])
