"""Changes of an analysis by dotted keys: what they mean, the text, and every way to be wrong."""

import bsinv
import pytest
from bsinv.errors import AnalysisError, ParameterError
from bsinv.fitter.analysis_file.changes import changed, parse_changes
from bsinv.fitter.analysis_file.reading.source import read_text

TEXT = """\
# at the top
name: a   # the name
model: wet
likelihoods:
  - belle2-2023-bknunu
  - {name: belle_2017_kst0nunu, limit_form: half-gaussian}
parameters:
  dC_L: {prior: {uniform: [-20, 20]}, start: 0.5}
  dC_R: 0.5
fit: {minos: [dC_L]}
"""


def after(*texts):
    return changed(read_text(TEXT, "a.yaml"), parse_changes(texts))


@pytest.mark.parametrize(
    ("texts", "place", "value"),
    [
        (["parameters.dC_L.start=2"], ("parameters", "dC_L", "start"), 2),
        (
            ["parameters.dC_L.prior.uniform[1]=5e1"],
            ("parameters", "dC_L", "prior", "uniform", 1),
            50,
        ),
        (
            ["parameters.dC_R={prior: {normal: [0, 1]}}", "parameters.dC_R.start=1"],
            ("parameters", "dC_R"),
            {"prior": {"normal": [0, 1]}, "start": 1},
        ),
        (
            ["likelihoods.belle2-2023-bknunu.nuisances=laplace"],
            ("likelihoods", 0),
            {"name": "belle2-2023-bknunu", "nuisances": "laplace"},
        ),
        (["likelihoods[1].limit_form=measured"], ("likelihoods", 1, "limit_form"), "measured"),
        (["likelihoods.1.limit_form=measured"], ("likelihoods", 1, "limit_form"), "measured"),
        (["form_factors.B->K.treatment=float"], ("form_factors", "B->K", "treatment"), "float"),
        (["fit.profiles.dC_L=31"], ("fit", "profiles", "dC_L"), 31),
        (["seed=3"], ("seed",), 3),
        (["description=x = y"], ("description",), "x = y"),
        (["likelihoods=[b2snunu]"], ("likelihoods",), ["b2snunu"]),
    ],
)
def test_a_change_is_in_data_and_text(texts, place, value):
    found = after(*texts)
    node = found.data
    for part in place:
        node = node[part]
    assert node == value
    assert read_text(found.text).data == found.data
    assert found.text.startswith("# at the top\nname: a   # the name\n")
    assert read_text(TEXT).data["parameters"]["dC_L"]["start"] == 0.5


def test_the_changed_text_is_what_an_analysis_has():
    loaded = bsinv.load(TEXT, changes={"parameters.dC_L.start": 2, "seed": 5})
    assert (loaded.problem.start[0], loaded.seed) == (2.0, 5)
    assert bsinv.load(loaded.text).problem.start[0] == 2.0
    assert "# the name" in loaded.text
    same = bsinv.load(TEXT, changes={})
    assert same.text == TEXT


def test_a_mapping_is_changed_too():
    plain = read_text(TEXT).data
    loaded = bsinv.load(plain, changes={"parameters.dC_L.start": 2})
    assert bsinv.load(loaded.text).problem.start[0] == 2.0
    assert plain["parameters"]["dC_L"]["start"] == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "parameters.dC_l.start=2",
            "parameters.dC_l: there is no 'dC_l' here of which start could",
        ),
        ("parameters.dC_l.start=2", "did you mean 'dC_L'"),
        ("parameter.dC_L.start=2", "parameter: unknown key: did you mean 'parameters'?"),
        ("parameters.dC_L.strat=2", "parameters.dC_L.strat: unknown key: did you mean 'start'?"),
        ("parameters.dC_L.start=x", "dC_L.start: must be a number, not the text 'x'."),
        ("parameters.dC_L.start=99", "dC_L.start: 99 is outside the prior's support [-20, 20]."),
        ("parameters.dC_R.start=1", "parameters.dC_R: is the number 0.5, with no keys below it"),
        ("likelihoods[5].nuisances=laplace", "there is no [5] among 2 entries, the last of which"),
        ("likelihoods.belle.limit_form=x", "there is no 'belle' here: did you mean 'belle2-2023"),
        ("nope[0]=3", "nope: there is no 'nope' here; known: fit, likelihoods"),
        ("a..b=3", "'a..b' is no key of an analysis"),
        ("sampler.moves=dee", "sampler.moves: must be 'de' or 'stretch', not the text 'dee'."),
        ("seed=null", ""),
    ],
)
def test_wrong_keys_and_values(change, message):
    if not message:  # as in a file
        assert bsinv.load(TEXT, changes=parse_changes([change])).spec.seed is None
        return
    with pytest.raises(AnalysisError) as caught:
        bsinv.load(TEXT, changes=parse_changes([change]))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["seed"], "--set 'seed': key=value is needed."),
        (["=3"], "--set '=3': key=value is needed."),
        (["seed="], "--set seed: a value is needed after the '='."),
        (["seed=3", "seed=4"], "--set: seed is set twice."),
        (["seed=[1"], "--set seed: not valid YAML: expected ',' or ']'"),
        (["seed=&a 3"], "--set seed: YAML anchors (&a) are not supported"),
        (["seed=!!python/name:os.system x"], "--set seed: the YAML tag"),
    ],
)
def test_texts_that_are_no_changes(texts, message):
    with pytest.raises(ParameterError) as caught:
        parse_changes(texts)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("changes", [["seed=3"], {3: 4}, "seed=3"])
def test_changes_that_are_no_mapping(changes):
    with pytest.raises(AnalysisError, match="changes must be a mapping of dotted keys"):
        bsinv.load(TEXT, changes=changes)
