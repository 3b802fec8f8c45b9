"""Every invalid analysis file gives the one message that is expected."""

import json
from pathlib import Path

import pytest
from bsinv.errors import AnalysisError
from bsinv.fitter.analysis_file.names import KnownNames, KnownObservable, KnownSet
from bsinv.fitter.analysis_file.schema import load_spec
from bsinv.fitter.checked import CheckedFile

INVALID = Path(__file__).parents[2] / "invalid"
EXPECTED = json.loads((INVALID / "expected.json").read_text("utf-8"))
# Faults that show when terms and priors are made of what is written.
BUILT = INVALID / "built"
EXPECTED_BUILT = json.loads((BUILT / "expected.json").read_text("utf-8"))


def known_names() -> KnownNames:
    raw = json.loads((Path(__file__).parent / "known_names.json").read_text("utf-8"))
    sets = {name: KnownSet(process, tuple(c)) for name, (process, c) in raw.pop("sets").items()}
    return KnownNames(
        models=raw["models"],
        likelihoods={name: tuple(options) for name, options in raw["likelihoods"].items()},
        constants=tuple(raw["constants"]),
        form_factor_sets=sets,
        data_ids=tuple(raw["data_ids"]),
        members={name: tuple(members) for name, members in raw["members"].items()},
        default_sets=raw["default_sets"],
        observables={
            name: KnownObservable(tuple(needs), tuple(takes))
            for name, (needs, takes) in raw["observables"].items()
        },
    )


def test_every_file_has_a_message():
    assert {path.name for path in INVALID.glob("*.yaml")} == set(EXPECTED)
    assert len(EXPECTED) > 20


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_message(name):
    path = INVALID / name
    with pytest.raises(AnalysisError) as caught:
        load_spec(path, known_names())
    assert str(caught.value).replace(str(path), name) == EXPECTED[name]
    assert caught.value.file == str(path)


def test_every_file_that_cannot_be_built_has_a_message():
    assert {path.name for path in BUILT.glob("*.yaml")} == set(EXPECTED_BUILT)
    assert len(EXPECTED_BUILT) > 20


@pytest.mark.parametrize("name", sorted(EXPECTED_BUILT))
def test_message_of_what_cannot_be_built(name):
    path = BUILT / name
    with pytest.raises(AnalysisError) as caught:
        CheckedFile(path)
    shown = str(caught.value).replace(str(path), name).replace(str(BUILT.resolve()), "HERE")
    assert shown == EXPECTED_BUILT[name]
    assert caught.value.file == str(path)
