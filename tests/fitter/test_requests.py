"""The section ``predictions`` of an analysis."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.reports.predictions import NUMBERS, predictions

BASE = {
    "name": "a",
    "model": "wet-lfu",
    "likelihoods": ["belle2_2023_kpnunu"],
    "parameters": {
        "dC_L": {"prior": {"uniform": [-20, 20]}},
        "dC_R": {"equals": "dC_L", "times": 2.0},
        "Im_dC_R": {"expression": "dC_L ** 2 / 10"},
    },
}
THETA = np.array([[1.0], [-3.0]])


def asked(*requests):
    loaded = bsinv.load({**BASE, "predictions": list(requests)})
    made = predictions(loaded.problem, None, THETA, loaded.spec.predictions)
    return {entry.name: entry for entry in made}


def test_what_is_asked_for_is_added_to_the_list():
    found = asked("BR(Bs->phinunu)", {"observable": "BR(B+->Knunu)", "q2min": 1, "q2max": 6})
    assert set(NUMBERS) <= set(found)
    phi, part = found["BR(Bs->phinunu)"], found["BR(B+->Knunu), 1 < q2 < 6"]
    assert phi.samples.shape == (2, 1)
    expected = bsinv.predict("BR(Bs->phinunu)", "wet-lfu", dC_L=1.0, dC_R=2.0, Im_dC_R=0.1)
    assert phi.samples[0, 0] == pytest.approx(expected)
    expected = bsinv.predict(
        "BR(B+->Knunu)", "wet-lfu", dC_L=-3.0, dC_R=-6.0, Im_dC_R=0.9, q2min=1.0, q2max=6.0
    )
    assert part.samples[1, 0] == pytest.approx(expected)
    assert part.latex.endswith(r",\ 1 < q^2 < 6")


def test_open_ranges_and_switches_have_names_of_their_own():
    found = asked(
        {"observable": "BR(B+->Knunu)", "q2min": 4},
        {"observable": "BR(B+->Knunu)", "q2max": 4},
        {"observable": "BR(B+->K+nunu)", "long_distance": True},
    )
    low, high = found["BR(B+->Knunu), q2 < 4"], found["BR(B+->Knunu), 4 < q2"]
    np.testing.assert_allclose(low.samples + high.samples, found["BR(B+->Knunu)"].samples)
    total = found["BR(B+->K+nunu), with long distance"]
    assert (total.samples > found["BR(B+->Knunu)"].samples).all()


def test_parameters_that_follow_from_others():
    found = asked("dC_R", "Im_dC_R")
    assert found["dC_R"].samples[:, 0].tolist() == [2.0, -6.0]
    assert found["Im_dC_R"].samples[:, 0] == pytest.approx([0.1, 0.9])
    assert found["Im_dC_R"].latex == r"\mathrm{Im}\,\Delta C_R"


def test_what_every_run_predicts_is_not_told_twice():
    loaded = bsinv.load({**BASE, "predictions": ["RK(nunu)"]})
    made = predictions(loaded.problem, None, THETA, loaded.spec.predictions)
    assert [entry.name for entry in made].count("RK(nunu)") == 1


def test_the_names_of_the_package_are_checked():
    with pytest.raises(AnalysisError) as caught:
        bsinv.load({**BASE, "predictions": ["BR(Bs->phinun)"]})
    assert str(caught.value).startswith(
        "predictions[0]: unknown observable 'BR(Bs->phinun)': did you mean 'BR(Bs->phinunu)'"
    )


def test_what_the_model_does_not_predict_is_refused_with_its_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nmodel: signal-strength\nlikelihoods: [belle2-2023-bknunu]\n"
        "parameters:\n  mu: {prior: {uniform: [0, 20]}}\npredictions:\n- BR(B0->K*nunu)\n"
    )
    with pytest.raises(AnalysisError) as caught:
        bsinv.load(path)
    assert str(caught.value).startswith(f"{path}:7: predictions[0]: a signal strength")


def test_a_range_of_q2_without_physics_is_refused():
    request = {"observable": "BR(B+->Knunu)", "q2min": 24, "q2max": 30}
    with pytest.raises(
        AnalysisError, match=r"predictions\[0\]: B\+->Knunu: the bin of q2 from 24 to"
    ):
        bsinv.load({**BASE, "predictions": [request]})
