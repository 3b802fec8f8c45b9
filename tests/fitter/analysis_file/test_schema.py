import copy
from pathlib import Path

import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.analysis_file.names import KnownNames, KnownSet, coefficient_prefix, known_names
from bsinv.fitter.analysis_file.schema import load_spec
from bsinv.fitter.analysis_file.sections import FitSpec, FixedSpec, FreeSpec, SamplerSpec, TiedSpec
from bsinv.physics.inputs import DEFAULT_FORM_FACTORS
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

KNOWN = KnownNames(
    models={"wet": {"dC_L": (-50, 50), "dC_R": (-50, 50), "dC_T": (-50, 50), "m_N": (0, 5)}},
    likelihoods={"b2snunu": (), "belle2": ("nuisances", "form_factor_systematics")},
    constants=("VtbVts", "norm_BtoKstar"),
    form_factor_sets={
        "K": KnownSet("B->K", ("a0_f+", "a1_f+")),
        "Kstar": KnownSet("B->K*", ("a0_A0",)),
    },
    data_ids=("one", "two"),
    default_sets={"B->K": "K"},
)

FULL = """\
name: my-analysis
description: everything at once
model: wet
likelihoods:
  - b2snunu
  - name: belle2
    nuisances: laplace
    form_factor_systematics: false
parameters:
  dC_L: {prior: {uniform: [-20, 20]}, start: 1, latex: 'C_L'}
  dC_R: {equals: dC_L, times: -1.0}
  dC_T: dC_R
  m_N: {prior: {normal: [0.5, 1]}, start: 0}
inputs:
  VtbVts: 4.1e-2
  norm_BtoKstar: {prior: {normal: [1.0, 9e-2], lower: 0.0}}
form_factors:
  B->K:  {set: K, treatment: float}
  B->K*: {set: Kstar}
fit:
  minos: [dC_L, BtoK_a0_f+]
  strategy: 2
  retries: 0
  start: {BtoK_a1_f+: -0.9, norm_BtoKstar: 1.1}
  profiles: {dC_L: 30}
  contours: [[dC_L, m_N]]
sampler: {ensembles: 4, walkers: 48, moves: stretch, target_ess: 500, max_steps: 100, thin: 2}
seed: 20231124
allow_overlaps: [[one, two]]
"""

SMALL = {"name": "a", "model": "wet", "likelihoods": ["b2snunu"]}


def message(**changes) -> str:
    with pytest.raises(AnalysisError) as caught:
        load_spec({**SMALL, **changes}, KNOWN)
    return str(caught.value)


def test_everything_at_once():
    spec = load_spec(FULL, KNOWN)
    assert spec.likelihoods[0].options == {}
    assert spec.likelihoods[1].options == {"nuisances": "laplace", "form_factor_systematics": False}
    free = spec.parameters["dC_L"]
    assert isinstance(free, FreeSpec)
    assert (free.prior.uniform, free.start, free.latex) == ((-20.0, 20.0), 1.0, "C_L")
    assert spec.parameters["dC_R"] == TiedSpec(equals="dC_L", times=-1.0)
    assert spec.parameters["dC_T"] == TiedSpec(equals="dC_R")
    assert spec.inputs["VtbVts"] == FixedSpec(value=0.041)
    assert spec.form_factors["B->K*"].treatment == "fixed"
    assert spec.fit.contours == (("dC_L", "m_N"),)
    assert spec.sampler.walkers == 48
    assert spec.seed == 20231124
    assert spec.allow_overlaps == (("one", "two"),)


def test_defaults():
    spec = load_spec(SMALL, KNOWN)
    assert spec.description == ""
    assert spec.parameters == {}
    assert spec.fit.strategy == 1
    assert spec.sampler == SamplerSpec()
    assert spec.seed is None


@pytest.mark.parametrize(("ndim", "walkers"), [(1, 48), (12, 48), (13, 52), (30, 120)])
def test_automatic_walkers_of_a_likelihood_without_batches(ndim, walkers):
    assert SamplerSpec().walkers_for(ndim, batched=False) == walkers
    assert SamplerSpec(target_ess=1e6).walkers_for(ndim, batched=False) == walkers


@pytest.mark.parametrize(
    ("ndim", "target", "ensembles", "walkers"),
    [
        (1, 1000.0, 2, 96),
        (40, 1000.0, 2, 160),
        (11, 10_000.0, 2, 250),
        (11, 10_000.0, 3, 168),
        (11, 1e6, 2, 256),
        (11, 1e-3, 1, 96),
    ],
)
def test_automatic_walkers_of_a_batched_likelihood(ndim, target, ensembles, walkers):
    """As many as the target needs in chains of twenty autocorrelation times, in some range."""
    spec = SamplerSpec(target_ess=target, ensembles=ensembles)
    assert spec.walkers_for(ndim) == walkers
    assert SamplerSpec(ensembles=ensembles).walkers_for(ndim, target_ess=target) == walkers
    assert SamplerSpec(walkers=10).walkers_for(ndim, target_ess=target) == 10


def test_auto_is_a_number_of_walkers():
    assert load_spec({**SMALL, "sampler": {"walkers": "auto"}}, KNOWN).sampler.walkers is None


def test_prior_support_and_kind():
    spec = load_spec(FULL, KNOWN)
    prior = spec.inputs["norm_BtoKstar"].prior
    assert prior.kind == "normal"
    assert prior.support() == (0.0, float("inf"))


def test_spec_is_frozen():
    spec = load_spec(SMALL, KNOWN)
    with pytest.raises(ValidationError, match="frozen"):
        spec.name = "b"


def test_all_faults_are_listed_in_the_order_of_the_file():
    text = "name: a\nmodel: wet\nlikelihoods: [b2snunu]\nseed: x\nfit: {strategy: 9}\nsead: 1\n"
    with pytest.raises(AnalysisError) as caught:
        load_spec(text, KNOWN)
    assert str(caught.value).splitlines() == [
        "4: seed: must be a whole number, not the text 'x'.",
        "5: fit.strategy: must be at most 2, not 9.",
        "6: sead: unknown key: did you mean 'seed'?",
    ]
    assert (caught.value.line, caught.value.key) == (4, "seed")


def test_mapping_has_no_lines():
    assert message(seed=-1) == "seed: must be at least 0, not -1."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": True}, "seed: must be a whole number, not true."),
        ({"seed": 2**63}, f"seed: must be below {2**63}, not {2**63}."),
        ({"parameters": {"dC_L": True}}, "parameters.dC_L: must be a number, not true."),
        ({"parameters": {"dC_L": {"value": "{x}"}}},
         "parameters.dC_L.value: must be a number, not the text '{x}'."),
        ({"parameters": {"dC_L": {"equals": 5}}},
         "parameters.dC_L.equals: must be text, not the number 5."),
        ({"parameters": {"dC_L": {"prior": 5}}},
         "parameters.dC_L.prior: must be a mapping, not the number 5."),
        ({"parameters": {"dC_L": {"prior": {}}}},
         "parameters.dC_L.prior: needs exactly one of uniform, normal, log_uniform; given: none."),
        ({"parameters": {"dC_L": {"prior": {"uniform": [0, 1]}, "stat": 1}}},
         "parameters.dC_L.stat: unknown key: did you mean 'start'?"),
        ({"inputs": {"VtbVts": {"equals": "X_t"}}},
         "inputs.VtbVts: must be a number or a prior: inputs cannot be tied."),
        ({"likelihoods": [{"name": "belle2", "form_factor_systematics": "no"}]},
         "likelihoods[0].form_factor_systematics: must be true or false, not the text 'no'."),
        ({"fit": {"minos": [""]}}, "fit.minos[0]: must not be empty."),
        ({"fit": {"start": {"dC_L": float("inf")}}},
         "fit.start.dC_L: must be finite, not inf."),
        ({"sampler": {"target_ess": 0}}, "sampler.target_ess: must be above 0, not 0."),
        ({"sampler": {"walkers": True}},
         "sampler.walkers: must be a whole number or auto, not true."),
        ({"allow_overlaps": [["one", "one"]]},
         "allow_overlaps[0]: needs two different measurements."),
        ({"model": "SM"}, "model: unknown model 'SM'; known: wet."),
        ({"parameters": {"dC_L": {"prior": {"normal": [0, 1], "upper": -40}}}},
         "parameters.dC_L.prior.normal: lies more than 30 sigma outside [-50, -40]."),
    ],
)  # fmt: skip
def test_messages(changes, expected):
    assert message(**changes) == expected


def test_circle_is_told_once_and_its_tail_not():
    ties = {"m_N": "dC_L", "dC_L": "dC_R", "dC_R": "dC_T", "dC_T": "dC_L"}
    expected = "parameters.dC_L: tied in a circle: dC_L -> dC_R -> dC_T -> dC_L."
    assert message(parameters=ties) == expected


def test_names_are_not_checked_against_an_unknown_model():
    assert message(model="wett", parameters={"x": 1.0}) == (
        "model: unknown model 'wett': did you mean 'wet'?"
    )


def test_misspelt_required_key_is_one_fault():
    small = copy.deepcopy(SMALL)
    small["likelihods"] = small.pop("likelihoods")
    with pytest.raises(AnalysisError) as caught:
        load_spec(small, KNOWN)
    assert str(caught.value) == "likelihods: unknown key: did you mean 'likelihoods'?"


def test_coefficient_prefix():
    assert coefficient_prefix("B->K*") == "BtoKstar_"
    assert coefficient_prefix("Bs->phi") == "Bstophi_"


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["prior", "uniform", "equals", "name", "set", "x"]), inner
        )
    ),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    st.sampled_from([
        "name", "model", "likelihoods", "parameters", "inputs", "form_factors", "fit", "sampler",
        "seed", "allow_overlaps", "extra",
    ]),
    st.sampled_from([None, "dC_L", "B->K", "minos", "walkers"]),
    junk,
)  # fmt: skip
def test_junk_is_accepted_or_refused_with_the_key(section, key, value):
    source = {**SMALL, section: value if key is None else {key: value}}
    named = section
    try:
        load_spec(source, KNOWN)
    except AnalysisError as error:
        named = str(error.key)
    assert named.startswith(section)


def test_example_of_the_documentation():
    text = (Path(__file__).parents[3] / "docs" / "guide" / "analysis-file.md").read_text("utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    names = ("dC_L", "dC_R", "dC_L_ee", "dC_L_mumu", "dC_L_tautau")
    known = KnownNames(
        models={"wet": dict.fromkeys(names, (-50.0, 50.0))},
        likelihoods={"b2snunu": (), "belle2-2023-bknunu": ("nuisances",)},
        constants=("X_t", "VtbVts", "norm_BtoKstar"),
        form_factor_sets={
            "BtoK_FLAG2021_HPQCD2022_BSZ": KnownSet("B->K", ("a0_f+",)),
            "BtoKstar_BSZ2015_LCSR_Lattice": KnownSet("B->K*", ("a0_A0",)),
        },
    )
    assert set(load_spec(example, known).parameters) == set(names)


def test_defaults_of_the_documentation():
    text = (Path(__file__).parents[3] / "docs" / "guide" / "analysis-file.md").read_text("utf-8")
    for section, record in (("fit", FitSpec()), ("sampler", SamplerSpec())):
        rows = text.split(f"\n## {section}\n")[1].split("\n## ")[0].splitlines()
        cells = [row.split("|") for row in rows if row.startswith("| `")]
        told = {cell[1].strip(" `"): cell[2].strip(" `") for cell in cells}
        assert set(told) == set(type(record).model_fields)
        for key, value in told.items():
            default = getattr(record, key)
            if value in ("[]", "{}"):
                assert len(default) == 0
            elif value == "auto":
                assert default is None
            elif isinstance(default, str):
                assert value == default
            else:
                assert float(value) == default


def test_a_set_that_is_not_named_is_the_default_one():
    given = {**SMALL, "form_factors": {"B->K": {"treatment": "float"}}}
    found = load_spec(given, KNOWN).form_factors["B->K"]
    assert (found.set, found.treatment) == ("K", "float")
    assert load_spec({**SMALL, "form_factors": {"B->K": {}}}, KNOWN).form_factors["B->K"].set == "K"
    text = message(form_factors={"B->K*": {"treatment": "float"}})
    assert text == "form_factors.B->K*: B->K* has no default set: name one; known: Kstar."
    assert (
        message(form_factors={"B->K": {"set": ""}}) == "form_factors.B->K.set: must not be empty."
    )


def test_the_defaults_of_the_package_are_known():
    known = known_names()
    assert known.default_sets == DEFAULT_FORM_FACTORS
    for process, name in known.default_sets.items():
        assert known.form_factor_sets[name].process == process
