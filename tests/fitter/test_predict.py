import re
import subprocess
import sys

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError, ParameterError, PredictionError, UnknownNameError
from bsinv.fitter.analysis_file.reading.builtin import DEFAULT, builtin_analyses
from bsinv.fitter.predict import predict_with_error


def test_import_is_light():
    heavy = ["numpy", "scipy", "matplotlib", "h5py", "pydantic", "iminuit", "emcee", "typer"]
    code = f"import sys, bsinv; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_default_analysis_is_loaded_without_scipy_and_pictures():
    """They take longer to load than the rest of the analysis."""
    heavy = ["scipy", "matplotlib", "h5py", "iminuit", "emcee", "corner"]
    code = (
        f"import sys, bsinv; bsinv.load({DEFAULT!r}); "
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
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
    message = "unknown likelihood 'belle2': did you mean 'belle2-2023-bknunu' or 'belle2_"
    with pytest.raises(UnknownNameError, match=message):
        bsinv.likelihood("belle2")
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
    assert np.isfinite(analysis.problem.log_posterior(analysis.start[None])).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dC_L": "a"}, "dC_L = 'a' is not allowed: it must be a real number or an array (n,)"),
        ({"dC_L": 1 + 2j}, "dC_L = (1+2j) is not allowed: it must be a real number or an array"),
        ({"dC_L": True}, "dC_L = True is not allowed: it must be a real number or an array"),
        ({"dC_L": [[1], [2, 3]]}, "dC_L = [[1], [2, 3]] is not allowed: it must be a real number"),
        ({"dC_L": []}, "dC_L = [] is not allowed: it must be a real number"),
        ({"m_b": None}, "m_b = None is not allowed: it must be a real number or an array (n,)"),
        (
            {"long_distance": "yes"},
            "long_distance = 'yes' is not allowed: it must be True",
        ),
        ({"long_distance": 1}, "long_distance = 1 is not allowed: it must be True or False."),
    ],
)
def test_values_of_a_wrong_kind(settings, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        bsinv.predict("BR(B+->Knunu)", **settings)


def test_an_error_needs_numbers():
    message = r"dC_L = \[0, 1\] is not allowed: it must be one number\."
    with pytest.raises(ParameterError, match=message):
        predict_with_error("BR(B+->Knunu)", samples=10, dC_L=[0, 1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"m_Kplus": 7}, "m_Kplus = 7 GeV is not allowed: for B+->K+ it must be below m_Bplus ="),
        ({"m_b": -1}, "m_b = -1 GeV is not allowed: it must be between 0.42 and 42 GeV."),
        ({"tau_Bplus": np.nan}, "tau_Bplus = nan ps is not allowed: it must be between 0.16 and"),
        (
            {"q2min": [1, 2], "q2max": [3, 4]},
            "q2min = [1, 2] is not allowed: it must be one",
        ),
    ],
)
def test_constants_and_limits_are_checked(settings, message):
    with pytest.raises(PredictionError, match=re.escape(message)):
        bsinv.predict("BR(B+->Knunu)", **settings)


def test_a_fixed_input_is_checked_and_a_floated_one_rejected_point_by_point():
    content = {
        "name": "inputs",
        "model": "wet-lfu",
        "likelihoods": ["hflav_dec2025_kpnunu"],
        "parameters": {"dC_L": {"prior": {"uniform": [-5, 5]}}},
        "form_factors": {"B->K": {"treatment": "float"}},
    }
    with pytest.raises(AnalysisError, match=r"^inputs\.m_Bplus: m_Bplus = 0\.1 GeV is not allowed"):
        bsinv.load({**content, "inputs": {"m_Bplus": 0.1}})
    prior = {"prior": {"normal": [1.6, 1.0]}}
    analysis = bsinv.load({**content, "inputs": {"tau_Bplus": prior}})
    assert "BtoK_a0_f+" in analysis.names
    assert analysis.problem.log_posterior(analysis.point({"tau_Bplus": -1.0})) == [-np.inf]


@pytest.mark.parametrize(
    ("name", "relative"),
    [
        ("BR(B+->K+tautau)", 0.07),  # norm_BtoKtautau
        ("BR(B0->K*0tautau)", np.hypot(0.09, 0.14)),  # norm_BtoKstar, norm_BtoKstartautau
        ("R_K[1.1,6.0]", 0.01),  # norm_RK
        ("DeltaM_s", np.hypot(0.045, 2 * 0.0010 / 0.0410)),  # norm_DeltaM_s, VtbVts
    ],
)
def test_errors_of_predictions_that_are_those_of_factors(name, relative):
    central, error = predict_with_error(name, samples=4000)
    assert error / central == pytest.approx(relative, rel=0.08)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"inputs": {"mass::B_u": 5.28}},
            "inputs.mass::B_u: unknown constant: what flavio or EOS call so is 'm_Bplus' here.",
        ),
        (
            {"inputs": {"life_time::B_u": 1.6e-12}},
            "inputs.life_time::B_u: unknown constant: what flavio or EOS call so is 'tau_Bplus' "
            "here, with 1e+12 times the value.",
        ),
        (
            {"fit": {"minos": ["B->K::alpha^f+_0@BSZ2015"]}},
            "fit.minos[0]: 'B->K::alpha^f+_0@BSZ2015' is not a free parameter: what flavio or EOS "
            "call so is 'BtoK_a0_f+' here.",
        ),
        (
            {"parameters": {"sbnunu::Re{cVL}": {"prior": {"uniform": [0, 10]}}}},
            "unknown parameter of the model 'wet-eos': what flavio or EOS call so is 'cVL' here.",
        ),
        (
            {"predictions": ["FL(B0->K*nunu)"]},
            "predictions[0]: 'FL(B0->K*nunu)' is no single number: it needs q2. In a range of q2: "
            "'<FL>(B0->K*nunu)'.",
        ),
        (
            {"predictions": [{"observable": "<dBR/dq2>(B+->Knunu)", "q2min": 1}]},
            "predictions[0]: '<dBR/dq2>(B+->Knunu)' is no single number: it needs q2max.",
        ),
    ],
)
def test_names_of_other_codes_in_an_analysis(change, message):
    analysis = {
        "name": "a",
        "model": "wet-eos",
        "likelihoods": ["belle_2013_kpnunu_value"],
        "parameters": {"cVL": {"prior": {"uniform": [0, 10]}}},
    }
    with pytest.raises(AnalysisError) as caught:
        bsinv.load({**analysis, **change})
    assert message in str(caught.value)


def test_observables_of_other_codes_are_predicted():
    asked = [
        {"observable": "<dBR/dq2>(B+->Knunu)", "q2min": 1, "q2max": 6},
        "BR(K+->pinunu)",
        "B->K^*nunu::F_L;q=d",
    ]
    loaded = bsinv.load(
        {
            "name": "a",
            "model": "wet-eos",
            "likelihoods": ["belle_2013_kpnunu_value"],
            "parameters": {"cVL": {"prior": {"uniform": [0, 10]}}},
            "predictions": asked,
        }
    )
    theta = loaded.point({"cVL": 7.0})
    mean = loaded.observable("<dBR/dq2>(B+->Knunu)", theta, q2min=1.0, q2max=6.0)
    assert mean == pytest.approx(
        bsinv.predict("BR(B+->Knunu)", "wet-eos", cVL=7.0, q2min=1, q2max=6) / 5
    )
