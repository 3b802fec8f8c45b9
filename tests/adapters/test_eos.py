"""An analysis as an external likelihood of EOS; values of form factors are those of EOS then."""

import bsinv
import numpy as np
import pytest
from bsinv.errors import ParameterError, UnknownNameError

eos = pytest.importorskip("eos")

from bsinv.adapters.eos import external_likelihood  # noqa: E402

ANALYSIS = {
    "name": "a",
    "model": "wet-eos",
    "likelihoods": ["belle2-2023-bknunu", "belle_2017_kst0nunu"],
    "parameters": {"cVL": {"prior": {"uniform": [0, 20]}}, "cVR": 0.0, "cSR": 0.0},
    "inputs": {
        "norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}},
        "tau_B0": {"prior": {"normal": [1.517, 0.004]}},
    },
    "form_factors": {"B->K": {"treatment": "float"}},
}
IN_EOS = {
    "cVL": "sbnunu::Re{cVL}",
    "norm_BtoKstar": "bsinv::norm_BtoKstar",
    **{
        f"BtoK_a{order}_{name}": f"B->K::alpha^{name}_{order}@BSZ2015"
        for name in ("f+", "f0", "fT")
        for order in range(name == "f0", 3)
    },
}


def block(parameter_map=None):
    total = eos.LogLikelihood(eos.Parameters.Defaults())
    cache = total.observable_cache()
    total.add(external_likelihood(ANALYSIS, cache, parameter_map))
    return total, cache.parameters()


def test_the_value_is_that_of_the_analysis():
    total, known = block()
    loaded = bsinv.load(ANALYSIS)
    rng = np.random.default_rng(4)
    for row in loaded.sample_prior(rng, 4):
        values = dict(zip(loaded.names, map(float, row), strict=True))
        lifetime = values.pop("tau_B0")
        assert set(values) == set(IN_EOS)
        for name, value in values.items():
            known[IN_EOS[name]].set(value)
        # EOS has seconds, here picoseconds.
        known["life_time::B_d"].set(lifetime * 1e-12)
        expected = loaded.log_likelihood(row[None])[0]
        assert total.evaluate() == pytest.approx(expected, rel=1e-10)


def test_an_analysis_of_eos_samples_it():
    cache = eos.LogLikelihood(eos.Parameters.Defaults()).observable_cache()
    analysis = eos.Analysis(
        priors=[{"parameter": "sbnunu::Re{cVL}", "min": 0, "max": 20, "type": "uniform"}],
        likelihood=[],
        external_likelihood=[external_likelihood(ANALYSIS, cache)],
    )
    for name, value in (("bsinv::norm_BtoKstar", 1.0), ("life_time::B_d", 1.519e-12)):
        analysis.parameters[name].set(value)
    best = analysis.optimize(start_point=[9.0])
    loaded = bsinv.load(ANALYSIS)
    theta = loaded.point()
    for column, name in enumerate(loaded.names):
        if name in IN_EOS:
            theta[0, column] = analysis.parameters[IN_EOS[name]].evaluate()
    theta = np.repeat(theta, 2001, axis=0)
    theta[:, loaded.names.index("tau_B0")] = 1.519
    theta[:, 0] = np.linspace(0.0, 20.0, 2001)
    logs = loaded.log_likelihood(theta)
    assert best.point[0] == pytest.approx(theta[np.argmax(logs), 0], abs=0.02)


def test_a_map_and_faults():
    total, known = block({"cVL": "sbnunu::Re{cTL}"})
    before = total.evaluate()
    known["sbnunu::Re{cTL}"].set(9.0)
    assert total.evaluate() != before
    with pytest.raises(UnknownNameError, match="unknown free parameter 'cVX'"):
        block({"cVX": "sbnunu::Re{cVL}"})
    with pytest.raises((ParameterError, RuntimeError), match="is no parameter of EOS"):
        block({"cVL": "sbnunu::Re{cVX}"})
