"""Reading workspaces: measurements, patches, what is wrong with one, how one is described."""

import copy
import json

import pytest
from bsinv.errors import DataError
from bsinv.likelihoods.histfactory.compiling.compile import compile_workspace
from bsinv.likelihoods.histfactory.compiling.patch import apply_operations
from bsinv.likelihoods.histfactory.compiling.workspace import (
    describe_workspace,
    explain,
    read_workspace,
)

from ..workspaces import COUPLED, EVERYTHING, LUMI, SHAPESYS


@pytest.fixture
def content():
    return copy.deepcopy(EVERYTHING)


def first(content, sample=0, channel=0):
    return content["channels"][channel]["samples"][sample]


def test_nothing_is_wrong():
    for content in (EVERYTHING, SHAPESYS, LUMI, COUPLED):
        assert explain(content) == []


def change(path, value):
    def apply(content):
        for key in path[:-1]:
            content = content[key]
        if value is None:
            del content[path[-1]]
        else:
            content[path[-1]] = value

    return apply


SAMPLE = ("channels", 0, "samples", 0)
WHERE = "sample 'signal' of channel 'signal'"


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("channels",), [], "a workspace needs a list of channels, each with a name"),
        (
            ("observations",),
            None,
            "there are no observations: a list with name and data of all channels is needed",
        ),
        (("observations", 1), None, "channel 'side' has no observations"),
        (
            ("observations", 0, "data"),
            [1, -2, 3],
            "channel 'signal' has a negative number of observed events, -2",
        ),
        ((*SAMPLE, "data"), [8.0, 6.0], f"{WHERE} has 2 bins, its channel has 3"),
        ((*SAMPLE, "data"), [8.0, -6.0, 1.0], f"{WHERE} expects a negative number of events, -6"),
        ((*SAMPLE, "data"), [8.0, float("nan"), 1.0], f"{WHERE} has no list of expected events"),
        ((*SAMPLE, "data"), [8.0, 10**400, 1.0], f"{WHERE} has no list of expected events"),
        (
            ("measurements", 0, "config", "parameters"),
            [{"name": "lumi", "auxdata": ["a"]}],
            "auxdata of parameter 'lumi' are not a list of numbers",
        ),
        ((*SAMPLE, "data"), [8.0, True, 1.0], f"{WHERE} has no list of expected events"),
        (
            (*SAMPLE, "modifiers", 0, "type"),
            "normfact",
            f"modifier 'mu' of {WHERE} has type "
            "'normfact': allowed are histosys, normsys, lumi, normfactor, shapefactor, staterror, "
            "shapesys",
        ),
        ((*SAMPLE, "modifiers", 2, "data"), [0.1], f"staterror 'stat' of {WHERE} needs 3 errors"),
        (
            (*SAMPLE, "modifiers", 2, "data"),
            [0.1, -0.2, 0.1],
            f"staterror 'stat' of {WHERE} has a negative error, -0.2",
        ),
        (
            (*SAMPLE, "modifiers", 3, "data", "lo_data"),
            [1.0],
            f"histosys 'shape' of {WHERE} needs 3 numbers as lo_data",
        ),
        (
            ("channels", 0, "samples", 3, "modifiers", 2, "data", "lo"),
            -0.8,
            "normsys 'fakes_norm' of sample 'fakes' of channel 'signal' needs positive factors lo "
            "and hi, not -0.8 and 1.25",
        ),
        (
            ("channels", 0, "samples", 3, "modifiers", 2, "name"),
            "stat",
            "the name 'stat' stands for different constraints: staterror (normal, bin by bin) and "
            "normsys (normal)",
        ),
        (
            ("channels", 1, "samples", 0, "modifiers", 1, "name"),
            "fakes_shape",
            "shapesys 'fakes_shape' is given twice, to sample 'fakes' of channel 'signal' and to "
            "sample 'qqbar' of channel 'side'",
        ),
        (
            ("observations",),
            [3],
            "there are no observations: a list with name and data of all channels is needed",
        ),
        (("measurements",), ["m"], "measurements are a list of entries with a name"),
        (
            ("measurements", 0, "config"),
            [],
            "the config of measurement 'm' has a list of parameters with a name each",
        ),
        ((*SAMPLE, "modifiers"), [7], f"{WHERE} has modifiers without a name"),
        (("channels", 0, "samples"), [], "channel 'signal' has no samples"),
        (("channels", 1, "name"), "signal", "channel 'signal' is there more than once"),
        (
            ("channels", 0, "samples", 1, "name"),
            "signal",
            "sample 'signal' is more than once in channel 'signal'",
        ),
        (
            ("measurements", 0, "config", "parameters"),
            [],
            "lumi 'lumi' needs its value (auxdata) and error (sigmas) in the measurement",
        ),
    ],
)
def test_what_is_wrong(content, path, value, sentence):
    change(path, value)(content)
    found = explain(content, name="own.json")
    assert f"own.json: {sentence}" in found
    with pytest.raises(DataError) as error:
        read_workspace(content, name="own.json")
    assert str(error.value) == found[0]


def test_everything_wrong_is_said_at_once(content):
    first(content)["data"] = [1.0]
    content["observations"][1]["data"] = [-1.0, 2.0]
    assert len(explain(content)) >= 2


def test_files(tmp_path, content):
    file = tmp_path / "own.json"
    assert explain(file) == [f"{file}: cannot be read: No such file or directory"]
    file.write_text("{")
    assert explain(file)[0].startswith(f"{file}: is no JSON")
    file.write_text("[]")
    assert explain(file) == [f"{file}: a workspace is a JSON object, not list"]
    file.write_text(json.dumps(content))
    assert explain(file) == []
    assert read_workspace(file).name == str(file)


def test_measurements(content):
    other = {"name": "other", "config": {"poi": "norm_qqbar", "parameters": []}}
    content["measurements"].append(other | {"config": {**content["measurements"][0]["config"]}})
    assert explain(content) == [
        "workspace: there are several measurements (m, other): say which one"
    ]
    assert explain(content, measurement="n") == ["workspace: no measurement 'n', but m, other"]
    assert read_workspace(content, "other").poi == "mu"


def test_patches(tmp_path, content):
    patchset = {
        "patches": [
            {
                "metadata": {"name": "heavier"},
                "patch": [
                    {"op": "replace", "path": "/channels/0/samples/0/data/1", "value": 9.5},
                    {"op": "test", "path": "/version", "value": "1.0.0"},
                    {"op": "remove", "path": "/channels/0/samples/3"},
                ],
            }
        ]
    }
    patched = read_workspace(content, patch="heavier", patchset=patchset)
    assert patched.sample("signal", "signal").data.tolist() == [8.0, 9.5, 4.0]
    assert len(patched.channels[0].samples) == 3
    assert first(content)["data"] == [8.0, 6.0, 4.0]
    with pytest.raises(DataError, match="no patch 'light' in the patch set, but heavier"):
        read_workspace(content, patch="light", patchset=patchset)
    (tmp_path / "own.json").write_text(json.dumps(content))
    (tmp_path / "patchset.json").write_text(json.dumps(patchset))
    beside = read_workspace(tmp_path / "own.json", patch="heavier")
    assert beside.sample("signal", "signal").data[1] == 9.5
    patchset["patches"][0]["patch"][0]["path"] = "/channels/7"
    with pytest.raises(DataError, match="patch heavier: replace at '/channels/7' does not fit"):
        read_workspace(content, patch="heavier", patchset=patchset)


def test_operations():
    """Examples of RFC 6902, appendix A."""

    def run(document, *operations):
        return apply_operations(document, operations, "x")

    assert run({"foo": ["bar", "baz"]}, {"op": "add", "path": "/foo/1", "value": "qux"}) == {
        "foo": ["bar", "qux", "baz"]
    }
    move = {"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}
    assert run({"foo": {"waldo": 1}, "qux": {}}, move) == {"foo": {}, "qux": {"thud": 1}}
    assert run({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}) == {"a": [1, 2]}
    assert run({"/": 9, "~1": 10}, {"op": "test", "path": "/~01", "value": 10})
    assert run({"a": 1}, {"op": "copy", "from": "/a", "path": "/b"}) == {"a": 1, "b": 1}
    for broken in (
        {"op": "test", "path": "/a", "value": 2},
        {"op": "spin", "path": "/a"},
        {"op": "remove", "path": "/b"},
        {"op": "add", "path": "a", "value": 1},
    ):
        with pytest.raises(DataError, match="does not fit the workspace"):
            run({"a": 1}, broken)


def test_describe():
    lines = describe_workspace(read_workspace(COUPLED))
    assert lines == [
        "channel signal: 2 bins, 280 observed: 160 120",
        "  sample signal: 47 expected; normfactor mu",
        "  sample bkg: 200 expected; histosys coupled",
        "channel control: 2 bins, 200 observed: 105 95",
        "  sample background: 200 expected; histosys coupled",
        "modifiers: 1 histosys, 1 normfactor",
        "parameter of interest: mu",
    ]


def test_constraints_that_are_configured(content):
    """The value of lumi is that of the measurement; those of bin factors follow from errors."""
    parameters = content["measurements"][0]["config"]["parameters"]
    parameters.append({"name": "fakes_norm", "auxdata": [0.3]})
    signals = {"signal": ("signal", "feed")}
    model = compile_workspace(read_workspace(content), signals, fixed={"mu": 1})
    centres = dict(zip(model.alpha_names, model.parameters.centre, strict=True))
    assert (centres["fakes_norm"], centres["lumi"], centres["shape"]) == (0.3, 1.0, 0.0)
    parameters.append({"name": "stat", "sigmas": [0.1, 0.1, 0.1]})
    with pytest.raises(DataError, match="sigmas of staterror 'stat' in the measurement are not"):
        compile_workspace(read_workspace(content), signals, fixed={"mu": 1})


def test_held_by_the_measurement(content):
    parameters = content["measurements"][0]["config"]["parameters"]
    parameters[0]["fixed"] = True
    parameters[0]["inits"] = [1.02]
    parameters.append({"name": "stat", "fixed": True})
    signals = {"signal": ("signal", "feed")}
    model = compile_workspace(read_workspace(content), signals, fixed={"mu": 1})
    assert "lumi" not in model.alpha_names
    assert not (model.relative_error > 0).any()
