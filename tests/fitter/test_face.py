import subprocess
import sys

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError, ParameterError, UnknownNameError
from bsinv.fitter.builtin import builtin_analyses
from bsinv.fitter.face import predict_with_error


def test_import_is_light():
    heavy = ["numpy", "scipy", "matplotlib", "h5py", "pydantic", "iminuit", "emcee", "typer"]
    code = f"import sys, bsinv; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names():
    assert {"load", "predict", "likelihood"} <= set(dir(bsinv))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bsinv.nothing


def test_predict_scalar_array_and_spectrum():
    scalar = bsinv.predict("BR(B+->Knunu)")
    assert isinstance(scalar, float)
    batch = bsinv.predict("BR(B+->Knunu)", dC_L=[0.0, 1.0, 2.0])
    assert batch.shape == (3,)
    assert batch[0] == pytest.approx(scalar)
    spectrum = bsinv.predict("dBR/dq2(B+->Knunu)", q2=np.array([1.0, 5.0]))
    assert spectrum.shape == (2,)
    both = bsinv.predict("dBR/dq2(B+->Knunu)", q2=np.array([1.0, 5.0]), dC_L=[0.0, 1.0])
    assert both.shape == (2, 2)
    np.testing.assert_allclose(both[0], spectrum)


def test_constants_can_be_given():
    ratio = bsinv.predict("BR(B+->Knunu)", VtbVts=0.082) / bsinv.predict("BR(B+->Knunu)")
    assert ratio == pytest.approx(4.0)


def test_errors_of_predict():
    with pytest.raises(UnknownNameError, match="did you mean 'dC_L'"):
        bsinv.predict("BR(B+->Knunu)", dCL=1.0)
    with pytest.raises(UnknownNameError, match="unknown observable"):
        bsinv.predict("BR(B+->Knuno)")
    with pytest.raises(ParameterError, match=r"outside the range \[-100, 100\]"):
        bsinv.predict("BR(B+->Knunu)", dC_L=1e4)
    with pytest.raises(ParameterError, match="different lengths"):
        bsinv.predict("BR(B+->Knunu)", dC_L=[1, 2], dC_R=[1, 2, 3])


def test_error_of_a_prediction_scales_with_its_inputs():
    central, error = predict_with_error("BR(B+->Knunu)", samples=2000)
    assert central == pytest.approx(4.75e-6, rel=1e-3)
    assert error / central == pytest.approx(0.063, abs=0.006)
    _, smaller = predict_with_error("BR(B+->Knunu)", samples=2000, VtbVts=0.041, X_t=1.469)
    assert smaller < error
    _, band = predict_with_error("dBR/dq2(B+->Knunu)", samples=200, q2=np.array([1.0, 5.0]))
    assert band.shape == (2,)


def test_likelihood_by_name():
    term = bsinv.likelihood("belle2-2023-bknunu", nuisances="laplace")
    assert term.nuisances == "laplace"
    with pytest.raises(UnknownNameError, match="did you mean 'nuisances'"):
        bsinv.likelihood("belle2-2023-bknunu", nuisance="laplace")


def test_analyses_by_name():
    assert "b2snunu-lfu" in builtin_analyses()
    with pytest.raises(AnalysisError, match="did you mean 'b2snunu-lfu'"):
        bsinv.load("b2snunu-lfv")


@pytest.mark.parametrize("name", sorted(builtin_analyses()))
def test_every_built_in_analysis_loads_and_starts_finite(name):
    analysis = bsinv.load(name)
    assert analysis.name == name
    assert np.isfinite(analysis.log_posterior(analysis.start[None])).all()
