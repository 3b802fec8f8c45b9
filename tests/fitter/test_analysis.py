import dataclasses
import subprocess
import sys

import bsinv
import numpy as np
import pytest
from bsinv.errors import AnalysisError, ParameterError, UnknownNameError
from bsinv.fitter.analysis_file.settings import FitSpec, SamplerSpec
from bsinv.fitter.drivers.minimum.minuit import FitOptions
from bsinv.fitter.drivers.sampling.ensembles import SamplerOptions
from bsinv.fitter.reports.reference import reference_point
from bsinv.fitter.runs.fingerprint import fingerprint
from bsinv.likelihoods.reweighted.belle2 import Belle2Likelihood
from bsinv.models import Model, ModelParameter
from bsinv.physics.wilson import Wilson

SMALL = {
    "name": "small",
    "model": "wet",
    "likelihoods": ["belle_2017_kpnunu_value", "belle_2017_kst0nunu"],
    "parameters": {"dC_L": {"prior": {"uniform": [-20, 20]}}},
    "inputs": {"norm_BtoKstar": {"prior": {"normal": [1.0, 0.09]}}},
    "seed": 1,
}


def analysis(**changes):
    return bsinv.load({**SMALL, **changes})


def columns(loaded):
    """Columns of the reference point; None if there is none."""
    found = reference_point(loaded.problem, loaded.asked)
    return None if found is None else found.columns


@pytest.fixture(scope="module")
def default():
    return bsinv.load("b2snunu-lfu")


def test_the_default_analysis_is_the_one_documented(default):
    assert default.names[:3] == ("dC_L", "dC_R", "norm_BtoKstar")
    assert len(default.names) == 11
    assert len(default.terms) == 14
    assert default.problem.constrained.tolist() == [False, False] + [True] * 9


def test_log_likelihood_is_the_sum_of_terms_and_a_batch_is_a_loop(default):
    theta = default.sample_prior(np.random.default_rng(1), 6)
    total = default.log_likelihood(theta)
    parts = default.problem.term_log_likelihoods(theta)
    np.testing.assert_allclose(total, sum(parts.values()))
    loop = np.concatenate([default.log_likelihood(row[None]) for row in theta])
    np.testing.assert_allclose(total, loop, rtol=1e-9)
    np.testing.assert_allclose(
        default.problem.log_posterior(theta), total + default.problem.log_prior(theta)
    )


def test_large_batches_are_cut_into_pieces_without_a_trace():
    a = analysis()
    theta = a.sample_prior(np.random.default_rng(2), 1200)
    np.testing.assert_allclose(
        a.log_likelihood(theta)[[0, 600, 1199]], a.log_likelihood(theta[[0, 600, 1199]])
    )
    assert a.log_likelihood(np.empty((0, 2))).shape == (0,)


def test_log_likelihood_against_the_formula():
    a = analysis()
    theta = np.array([[1.5, 1.1]])
    kplus = bsinv.predict("BR(B+->Knunu)", dC_L=1.5)
    kstar = bsinv.predict("BR(B0->K*nunu)", dC_L=1.5, norm_BtoKstar=1.1)
    # -2.0 +- 3.6 +- 1.8 events (1702.03224) over efficiency and number of pairs of B mesons.
    value, sigma = (events / (0.51e-3 * 772e6) for events in (-2.0, np.hypot(3.6, 1.8)))
    expected = (
        -0.5 * ((kplus - 1.0e-5) / 6.0e-6) ** 2
        - 0.5 * ((kstar - value) / sigma) ** 2
        - np.log(2 * np.pi)
        - np.log(6.0e-6 * sigma)
    )
    assert a.log_likelihood(theta)[0] == pytest.approx(expected, rel=1e-10)


def test_wrong_shape_of_theta_names_the_columns():
    with pytest.raises(ParameterError, match="dC_L, norm_BtoKstar"):
        analysis().log_likelihood(np.zeros(2))


def test_points_that_are_not_finite_are_counted_by_term():
    a = analysis()
    theta = np.array([[0.0, 1.0], [np.nan, 1.0]])
    log = a.log_likelihood(theta)
    assert np.isfinite(log[0])
    assert log[1] == -np.inf
    assert a.problem.rejected["belle_2017_kpnunu_value"] == 1


def test_form_factor_modifiers_go_only_where_form_factors_float():
    belle2 = ["belle2-2023-bknunu"]
    floated = {"B->K": {"set": "BtoK_FLAG2021_HPQCD2022_BSZ", "treatment": "float"}}

    def kept(**changes):
        term = analysis(likelihoods=belle2, **changes).terms[0]
        assert isinstance(term, Belle2Likelihood)
        return term.form_factor_systematics

    assert kept(inputs={}) is True
    assert kept(inputs={}, form_factors=floated) is False
    forced = [{"name": "belle2-2023-bknunu", "form_factor_systematics": True}]
    assert analysis(likelihoods=forced, form_factors=floated).terms[0].form_factor_systematics
    mu = {"mu": {"prior": {"uniform": [0, 20]}}}
    assert kept(model="signal-strength", parameters=mu, inputs={}, form_factors=floated) is True


def test_overlapping_data_are_refused_unless_allowed():
    both = ["belle2-2023-bknunu", "belle2_2023_kpnunu"]
    with pytest.raises(AnalysisError, match="overlap"):
        analysis(likelihoods=both)
    pair = [["belle2-2023-bknunu", "belle2_2023_kpnunu"]]
    assert len(analysis(likelihoods=both, allow_overlaps=pair).terms) == 2


def test_a_model_that_cannot_predict_a_term_is_refused_at_once():
    mu = {"mu": {"prior": {"uniform": [0, 20]}}}
    with pytest.raises(AnalysisError, match=r"likelihoods: .*predicts only"):
        analysis(model="signal-strength", parameters=mu, inputs={})


def test_reference_point_is_the_standard_model_where_the_prior_allows_it(default):
    assert columns(default) == {0: 0.0, 1: 0.0}
    away = {"dC_L": {"prior": {"uniform": [5, 20]}}}
    assert columns(analysis(parameters=away)) is None


def test_what_is_fixed_can_take_the_standard_model_away():
    one = {"dC_L": {"prior": {"uniform": [-20, 20]}}}
    assert columns(analysis(parameters=one)) == {0: 0.0}
    assert columns(analysis(parameters={**one, "dC_L_ee": 0.5})) is None
    assert columns(analysis(parameters={**one, "dC_L_ee": 0.0})) == {0: 0.0}


def test_a_mass_without_couplings_does_not_matter():
    coupling = {"prior": {"uniform": [-1, 1]}, "start": 0.5}
    mass = {"prior": {"uniform": [3, 5]}}
    parameters = {"M": mass, "lambda_stau": coupling, "lambda_btau": 1.0}
    loaded = analysis(model="leptoquark-S~1/2", parameters=parameters, inputs={})
    # The end of the prior that is next to the default of 2 TeV, and no degree of freedom.
    reference = reference_point(loaded.problem)
    assert reference.columns == {0: 3.0, 1: 0.0}
    assert reference.held == (0,)
    assert loaded.fit(retries=0).reference_label == "SM"


def test_diffusion_keeps_free_parameters_and_the_prior_of_the_others(default):
    rng = np.random.default_rng(0)
    theta = default.sample_prior(rng, 20000)
    moved = default.problem.diffuse(theta, 0.5, rng.standard_normal(theta.shape))
    np.testing.assert_array_equal(moved[:, :2], theta[:, :2])
    np.testing.assert_allclose(moved[:, 3:].mean(axis=0), theta[:, 3:].mean(axis=0), atol=0.02)
    np.testing.assert_allclose(np.cov(moved[:, 3:].T), np.cov(theta[:, 3:].T), atol=0.01)
    unmoved = default.problem.diffuse(theta[:50], 0.0, np.zeros((50, 11)))
    np.testing.assert_allclose(unmoved, theta[:50], rtol=1e-6)


def test_overlaps_name_file_and_line(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nmodel: wet\nlikelihoods: [belle2-2023-bknunu, belle2_2023_kpnunu]\n"
        "parameters:\n  dC_L: {prior: {uniform: [-20, 20]}}\n"
    )
    with pytest.raises(AnalysisError) as caught:
        bsinv.load(path)
    assert str(caught.value).startswith(f"{path}:3: likelihoods: 'belle2-2023-bknunu' and")


class OneCurrent(Model):
    """A model of a user: C_R = -C_L / 2."""

    name = "one-current"
    description = "one coupling"
    parameters = (ModelParameter("g", "g", "1", 0.0, -10.0, 10.0, "coupling"),)

    def wilson(self, values, inputs):
        g = values["g"][:, None, None] * np.eye(3)
        return Wilson({"dC_L": g, "dC_R": -0.5 * g})


def test_a_model_of_your_own():
    source = {**SMALL, "model": "one-current", "parameters": {"g": {"prior": {"uniform": [-5, 5]}}}}
    own = bsinv.load(source, model=OneCurrent())
    same = analysis(parameters={"dC_L": {"prior": {"uniform": [-20, 20]}}, "dC_R": -0.5})
    np.testing.assert_allclose(
        own.log_likelihood(np.array([[1.0, 1.0]])), same.log_likelihood(np.array([[1.0, 1.0]]))
    )
    rate = bsinv.predict("BR(B+->Knunu)", OneCurrent(), g=1.0)
    assert rate == pytest.approx(bsinv.predict("BR(B+->Knunu)", dC_L=1.0, dC_R=-0.5))
    assert fingerprint(own, 1)["model"].startswith("one-current (")
    with pytest.raises(AnalysisError, match="unknown model 'one-current'"):
        bsinv.load(source)


@pytest.mark.parametrize(
    ("names", "points", "message"),
    [
        (("dC_L", "dC_R", "norm_BtoKstar"), 30, "one or two different parameters"),
        (("dC_L", "dC_L"), 30, "one or two different parameters"),
        ((), 30, "not none"),
        (("dC_L",), -1, "points = -1"),
    ],
)
def test_scans_that_cannot_be_made(default, names, points, message):
    with pytest.raises(ParameterError, match=message):
        default.profile(*names, points=points)


def test_options_of_the_drivers_are_checked(default):
    with pytest.raises(UnknownNameError, match="did you mean 'minos'"):
        default.fit(minosx=3)
    with pytest.raises(UnknownNameError, match="unknown free parameter 'dC_X' in minos"):
        default.fit(minos=("dC_X",))
    with pytest.raises(ParameterError, match="an even number of at least 24 is needed"):
        default.sample(walkers=6)


def test_profile_of_an_unknown_parameter(default):
    with pytest.raises(UnknownNameError, match="did you mean 'dC_L'"):
        default.profile("dCL")


def test_what_nothing_told_depends_on_does_not_matter_either():
    # One coupling alone mixes D mesons, of which neither terms nor predictions know.
    parameters = {
        "lambda_stau": 1.0,
        "lambda_btau": {"prior": {"uniform": [-3, 3]}, "start": 0.1},
    }
    changes = {"model": "leptoquark-S0", "parameters": parameters, "inputs": {}}
    assert columns(analysis(**changes)) == {0: 0.0}
    assert columns(analysis(**changes, predictions=["x12_D(NP)"])) is None


class Own(Model):
    """A model of a user's own."""

    name, description = "own", "C_L alone"
    parameters = (ModelParameter("x", "x", "1", 0.0, -10.0, 10.0, "shift of C_L"),)

    def wilson(self, values, inputs):
        return Wilson({"dC_L": values["x"][:, None, None] * np.eye(3)})


def test_one_door_with_one_kind_of_argument(tmp_path):
    """Name, file, text and mapping are taken by the class and the function alike."""
    path = tmp_path / "a.yaml"
    path.write_text(bsinv.load(SMALL).text)
    for source in ("belle2-signal-strength", path, str(path), path.read_text(), SMALL):
        one, other = bsinv.load(source), bsinv.Analysis(source)
        assert type(one) is type(other) is bsinv.Analysis
        assert (one.name, one.text, one.names) == (other.name, other.text, other.names)
    for door in (bsinv.load, bsinv.Analysis):
        with pytest.raises(AnalysisError, match="neither a file nor a built-in analysis"):
            door("b2snunu-lfuu")


def test_a_model_of_another_name_than_that_of_the_file_is_refused():
    parameters = {"x": {"prior": {"uniform": [-5, 5]}}}
    assert bsinv.load({**SMALL, "model": "own", "parameters": parameters}, Own()).names[0] == "x"
    with pytest.raises(
        AnalysisError, match=r"^model: the analysis names the model 'wet', but .* is called 'own'"
    ):
        bsinv.load(SMALL, Own())
    # Also where the name is unknown, or its parameters are not those of the file.
    for name in ("nobody's", "wet-eos"):
        source = {**SMALL, "model": name, "parameters": parameters}
        with pytest.raises(AnalysisError, match=rf"names the model .{name}., but .* called 'own'"):
            bsinv.load(source, Own())


def test_the_key_of_a_wrong_input_is_that_of_its_constant(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nmodel: wet\nlikelihoods: [belle_2017_kpnunu_value]\n"
        "parameters:\n  dC_L: {prior: {uniform: [-5, 5]}}\n"
        "inputs:\n  VtbVts: 0.04\n  m_Bplus: 0.3\n"
    )
    with pytest.raises(AnalysisError) as caught:
        bsinv.load(path)
    assert (caught.value.line, caught.value.key) == (8, "inputs.m_Bplus")


def test_what_the_analysis_passes_on_is_that_of_its_problem(default):
    theta = default.sample_prior(np.random.default_rng(1), 3)
    problem = default.problem
    np.testing.assert_array_equal(default.log_likelihood(theta), problem.log_likelihood(theta))
    for name in ("start", "scale", "bounds"):
        np.testing.assert_array_equal(getattr(default, name), getattr(problem, name))
    rate = default.observable("BR(B+->Knunu)", theta)
    np.testing.assert_array_equal(rate, problem.observable("BR(B+->Knunu)", theta))
    assert default.wilson(theta)[0].size == 3
    assert default.terms is problem.terms
    assert default.model is problem.model


def test_other_terms_count_their_own_rejections(default):
    other = default.problem.with_terms(default.terms[:2])
    assert [term.name for term in other.terms] == [term.name for term in default.terms[:2]]
    assert other.rejected is not default.problem.rejected


def test_options_of_the_drivers_are_those_of_the_file_by_default():
    """The section says what may be written, the options what a driver runs with."""
    fit, sampler = FitOptions(), SamplerOptions()
    for written, made in ((FitSpec(), fit), (SamplerSpec(), sampler)):
        known = {field.name for field in dataclasses.fields(made)} - {"seed", "walkers"}
        assert known <= set(type(written).model_fields)
        assert {name: getattr(written, name) for name in known} == {
            name: getattr(made, name) for name in known
        }


def test_loading_an_analysis_does_not_wait_for_results():
    """Of the rooms of results only the one that tells kinds of files apart is entered."""
    code = (
        "import sys, bsinv; bsinv.load('b2snunu-lfu')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('bsinv.chains')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["bsinv.chains", "bsinv.chains.files", "bsinv.chains.files.kinds"]
