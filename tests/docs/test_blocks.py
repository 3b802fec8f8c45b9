"""Code in the documentation runs: Python, commands, and analyses; what does not run says why.

A block of Python or of commands runs in order with the others of its page, in a folder of its own.
Of commands that do not run (`<!-- not run: why -->` right before the block) bsinv takes the options
at least. A block of text below what ran is part of what it printed, line by line; "…" stands for
others.
"""

import contextlib
import importlib.util
import io
import re
import sys
from pathlib import Path

import pytest
import typer.main
from bsinv.cli.commands import app
from bsinv.errors import BsinvError

_SPEC = importlib.util.spec_from_file_location("_blocks", Path(__file__).with_name("blocks.py"))
written = importlib.util.module_from_spec(_SPEC)
sys.modules["_blocks"] = written  # dataclasses look their module up
_SPEC.loader.exec_module(written)

ROOT, PAGES = written.ROOT, written.PAGES
# With code; a page is one test, since its blocks build on each other.
WITH_CODE = [page for page in PAGES if written.blocks(page)]


def _run_python(block, names):
    code = compile("\n" * block.line + block.text, str(block.page), "exec")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def _run_commands(block):
    told = ""
    for words in written.commands(block):
        if words[0] != "bsinv":
            pytest.fail(f"{block}: {words[0]!r} is not run here; say so: <!-- not run: why -->")
        code, printed = written.command_line(words)
        assert code == 0, f"{block}: '{' '.join(words)}' exits with {code}: {printed[-2000:]}"
        told += printed
    return told


def _check_commands(block):
    """Commands that are not run: bsinv takes them, and scripts that they name are there."""
    for words in written.commands(block):
        if words[0] == "bsinv":
            try:
                written.parse(words)
            except (written.click.ClickException, BsinvError) as error:
                pytest.fail(f"{block}: '{' '.join(words)}': {error}")
        elif words[0] == "python" and words[1].endswith(".py"):
            assert (ROOT / words[1]).exists(), f"{block}: no {words[1]}"


def _check_synopsis(block):
    """Options in what only shows the form of a command are those that it has."""
    group = typer.main.get_command(app)
    name, *words = block.text.split()[1:]
    known = {option for one in group.commands[name].params for option in one.opts}
    for option in re.findall(r"(?<!\w)--[a-z][a-z-]*", " ".join(words)):
        assert option in known, f"{block}: bsinv {name} has no {option}"


def _check_printed(block, printed):
    told = {line.strip() for line in printed.splitlines()}
    for line in block.text.splitlines():
        if line.strip() not in ("", "…"):
            assert line.strip() in told, f"{block}: {line!r} is not in what is printed:\n{printed}"


def _check_analysis(block, folder):
    path = written.saved(block, folder)
    files = [one.file for one in written.blocks(block.page) if one.language == "python"]
    plugins = [word for file in files if file for word in ("--plugin", file)]
    code, printed = written.command_line(["bsinv", "validate", str(path), *plugins])
    assert code == 0, f"{block}: {printed}"


def _do(block, folder, names, printed):
    """Run or check a block; what was printed last, None if that did not run."""
    if block.language == "python":
        if block.reason:
            compile(block.text, str(block), "exec")
            return None
        return _run_python(block, names)
    if block.language == "sh":
        return _check_commands(block) if block.reason else _run_commands(block)
    if block.language == "yaml":
        if written.whole_analysis(block) and not block.reason:
            _check_analysis(block, folder)
        return None
    if block.text.startswith("bsinv "):
        _check_synopsis(block)
    elif block.language == "text" and printed is not None:
        _check_printed(block, printed)
    return printed


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page(page, tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    names, printed = {"__name__": "__page__"}, None
    found = written.blocks(page)
    for block in found:
        if block.file:
            written.saved(block, tmp_path)
    for block in found:
        assert block.language in written.LANGUAGES, f"{block}: language {block.language!r}"
        printed = _do(block, tmp_path, names, printed)


def test_default_fit_is_the_one_explained():
    (block,) = [block for block in written.blocks(ROOT / "docs/start/default-fit.md") if block.text]
    shown = written.content(block)
    used = written.YAML(typ="safe", pure=True).load(
        (ROOT / "fitter/analyses/b2snunu-lfu.yaml").read_text("utf-8")
    )
    used.pop("description")
    assert shown == used


def test_most_blocks_run():
    """Neither does the search find nothing, nor are blocks marked until none is left."""
    found = [block for page in PAGES for block in written.blocks(page)]
    code = [block for block in found if block.language in ("python", "sh")]
    run = [block for block in code if not block.reason]
    marked = [block for block in code if block.reason]
    assert len(run) >= 30
    assert len(marked) <= 1.25 * len(run)
    assert all(len(block.reason) >= 10 for block in marked)
    assert sum(written.whole_analysis(b) for b in found if b.language == "yaml") >= 9
    assert sum(bool(block.text.strip()) for block in found) == len(found) >= 90
