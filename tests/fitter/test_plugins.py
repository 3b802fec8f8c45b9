"""Plugins: Python files with objects of a user's own."""

import sys

import bsinv
import pytest
from bsinv.errors import ModelError, PluginError
from bsinv.fitter.own_objects import gathered
from bsinv.fitter.plugins import plugin_of, read_plugin

OBSERVABLE = """\
from __future__ import annotations
from dataclasses import dataclass
import bsinv

@dataclass(frozen=True)
class Settings:
    factor: float = 2.0

def twice(wilson, inputs):
    from bsinv.physics.observables import observable
    return Settings().factor * observable("BR(B+->Knunu)")(wilson, inputs)

OBSERVABLES = [bsinv.Observable("twice", "2B", "1", twice)]
"""
MODEL = """\
import bsinv
from bsinv.physics.wilson import Wilson

class Own(bsinv.Model):
    name, description = "{name}", "none"
    parameters = (bsinv.ModelParameter("x", "x", "1", 0.0, -1.0, 1.0, "x"),)
    def wilson(self, values, inputs):
        return Wilson({{"dC_L": values["x"][:, None, None] * {matrix}}})

MODELS = [Own()]
"""


def write(folder, text, name="mine.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def message(folder, text, name="mine.py"):
    with pytest.raises(PluginError) as caught:
        read_plugin(write(folder, text, name))
    return str(caught.value)


def test_what_a_plugin_brings(tmp_path):
    plugin = read_plugin(write(tmp_path, OBSERVABLE))
    assert (plugin.name, plugin.text) == ("mine.py", OBSERVABLE)
    assert plugin.digest == plugin_of("other.py", OBSERVABLE).digest
    own = gathered(plugins=[plugin])
    assert own.sentences() == ("From the plugin mine.py: observable twice.",)
    twice = own.observables["twice"]
    assert bsinv.predict(twice) == 2.0 * bsinv.predict("BR(B+->Knunu)")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\ny = (\n", "mine.py:2: the plugin fails: SyntaxError: '(' was never closed."),
        ("import nowhere\n",
         "mine.py:1: the plugin fails: ModuleNotFoundError: No module named "
         "'nowhere'. (Its own directory is not searched: a plugin is one"),
        ("\ndef f():\n    1 / 0\nf()\n", "mine.py:3: the plugin fails: ZeroDivisionError: "),
        ("import sys\nsys.exit(3)\n", "mine.py:2: the plugin fails: SystemExit: 3."),
        ("x = 1\n", "mine.py: there is nothing to take: a plugin defines MODELS, TERMS or"),
        ("terms = []\n", "(docs/guide/your-own.md): did you mean 'TERMS'?"),
        ("TERMS = 3\n", "mine.py: TERMS must be a list, not an int."),
        ("MODELS, TERMS = [], ()\n", "mine.py: MODELS and TERMS is empty: a plugin defines"),
        ("import bsinv\nOBSERVABLES = [bsinv.Observable('x', 'x')]\n",
         "mine.py:2: the plugin fails: TypeError: "),
        ("import bsinv\nbsinv.load('nothing-of-this-name')\n", "mine.py:2: the plugin fails: 'n"),
    ],
)  # fmt: skip
def test_plugins_that_fail(tmp_path, text, told):
    assert told in message(tmp_path, text)


def test_files_that_are_no_plugin(tmp_path):
    with pytest.raises(PluginError, match=r"none.py: the plugin cannot be read: No such file"):
        read_plugin(tmp_path / "none.py")
    with pytest.raises(PluginError, match=r"the plugin cannot be read: Is a directory"):
        read_plugin(tmp_path)
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'\n")
    with pytest.raises(PluginError, match=r"latin.py: the plugin is no text in UTF-8"):
        read_plugin(tmp_path / "latin.py")
    (tmp_path / "large.py").write_bytes(b"#" * 1_000_001)
    with pytest.raises(PluginError, match=r"large.py: the plugin has more than 1000000 bytes"):
        read_plugin(tmp_path / "large.py")
    with pytest.raises(PluginError, match=r"plugins must be a list, each of its members a path"):
        gathered(plugins=str(tmp_path / "latin.py"))
    with pytest.raises(PluginError, match=r"plugins holds int: each must be the path"):
        gathered(plugins=[3])


def test_wrong_objects_are_told_with_their_plugin(tmp_path):
    path = write(tmp_path, "TERMS = [3]\n")
    with pytest.raises(PluginError, match=r"mine.py: TERMS\[0\] is an int: it must be an object"):
        gathered(plugins=[path])
    path = write(tmp_path, MODEL.format(name="own", matrix="[1.0, 2.0]"))
    with pytest.raises(ModelError, match=r"mine.py: MODELS\[0\]: wilson\(\) of the model 'own'"):
        gathered(plugins=[path])
    path = write(tmp_path, MODEL.format(name="wet", matrix="__import__('numpy').eye(3)"))
    with pytest.raises(ModelError, match="'wet' is a model of the package"):
        gathered(plugins=[path])


def test_plugins_beside_each_other(tmp_path):
    one = write(tmp_path, OBSERVABLE)
    with pytest.raises(PluginError, match=r"two plugins are called 'mine.py': give each"):
        gathered(plugins=[one, one])
    other = write(tmp_path, OBSERVABLE, "other.py")
    with pytest.raises(PluginError, match="two observables of your own are called 'twice'"):
        gathered(plugins=[one, other])
    model = write(tmp_path, MODEL.format(name="own", matrix="__import__('numpy').eye(3)"), "m.py")
    own = gathered(plugins=[one, model])
    assert own.sentences() == (
        "From the plugin mine.py: observable twice.",
        "From the plugin m.py: model own.",
    )


def test_a_plugin_that_fails_leaves_no_module(tmp_path):
    before = set(sys.modules)
    message(tmp_path, "import bsinv\nraise RuntimeError('no')\n")
    assert not any(name.startswith("bsinv_plugin") for name in set(sys.modules) - before)
