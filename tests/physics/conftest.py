import json
import sys
from pathlib import Path

import numpy as np
import pytest
from bsinv.data.records import FormFactorSet, Reference
from bsinv.physics.inputs import Inputs

# What the tests of several modes share is a plain module beside them.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def golden():
    """Reference numbers computed once by an independent brute-force code."""
    return json.loads(Path(__file__).with_name("golden_neutrinos.json").read_text())


def make_set(name, process, parametrisation, coefficients, poles, m_b, m_m, **options):
    names, values = zip(*coefficients.items(), strict=True)
    size = len(names)
    return FormFactorSet(
        id=name,
        process=process,
        kind="parameters",
        parametrisation=parametrisation,
        status="test",
        names=names,
        central=np.array(values),
        covariance=np.eye(size),
        poles=poles,
        m_B=m_b,
        m_M=m_m,
        options=options,
        points=None,
        notes=(),
        reference=Reference(),
    )


@pytest.fixture(scope="session")
def form_factor_set_factory():
    return make_set


@pytest.fixture(scope="session")
def golden_sets(golden):
    bcl, bsz = golden["inputs"]["BK_BCL"], golden["inputs"]["BKst_BSZ"]
    kaon = {"a0": bcl["a_fp"][0]}
    for letter, name in (("fp", "f+"), ("f0", "f0")):
        kaon |= {f"a{k}_{name}": bcl[f"a_{letter}"][k] for k in (1, 2)}
    kaon |= {f"a{k}_fT": bcl["a_fT"][k] for k in range(3)}
    poles = {"f+": bcl["pole_fp_fT"], "fT": bcl["pole_fp_fT"], "f0": bcl["pole_f0"]}
    vector, vector_poles = {}, {}
    for name in ("A0", "A1", "A12", "V", "T1", "T2", "T23"):
        vector |= {f"a{k}_{name}": a for k, a in enumerate(bsz[f"a_{name}"])}
        key = next(k for k in bsz if k.startswith("pole_") and name in k.split("_")[1:])
        vector_poles[name] = bsz[key]
    for dependent in ("a0_A12", "a0_T2"):
        del vector[dependent]
    m_b, m_v = golden["inputs"]["m_B0"], golden["inputs"]["m_Kst0"]
    return {
        "B->K": make_set(
            "golden-K", "B->K", "BCL-HPQCD", kaon, poles, bcl["m_B"], bcl["m_K"], L=bcl["L"]
        ),
        "B->K*": make_set("golden-K*", "B->K*", "BSZ", vector, vector_poles, m_b, m_v),
    }


@pytest.fixture(scope="session")
def golden_inputs(golden, golden_sets):
    given, standard = golden["inputs"], golden["inputs"]["SM"]
    constants = {
        "m_Bplus": given["m_Bplus"],
        "m_Kplus": given["m_Kplus"],
        "m_B0": given["m_B0"],
        "m_Kstar0": given["m_Kst0"],
        "m_b": given["m_b"],
        "m_s": given["m_s"],
        "G_F": standard["G_F"],
        "alpha_inv": standard["alpha_inv"],
        "VtbVts": standard["lambda_t"],
        "X_t": standard["X_t"],
        "sin2_theta_W": standard["sin2thetaW"],
        "hbar": standard["hbar_GeV_s"],
        "tau_Bplus": 1.638,
        "tau_B0": 1.517,
        "norm_BtoKstar": 1.0,
    }
    return Inputs.default().replace(constants=constants, sets=golden_sets)
