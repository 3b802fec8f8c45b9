"""Blocks of code in pages of Markdown, and what they need to run."""

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import typer.main
from bsinv.cli.commands import app, main
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), *ROOT.glob("*/README.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
PAGES = [page for page in PAGES if "generated" not in page.parts and "_build" not in page.parts]

# A fence, and the comment right before it that says why the block is not run.
_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"# (?P<file>[\w./-]+\.(?:py|yaml|csv))\n")
LANGUAGES = {"python", "sh", "yaml", "text", "bibtex", "json", "ini", "toml"}


@dataclass(frozen=True)
class Block:
    """One block: its language, its text, and why it is not run ("" if it is)."""

    page: Path
    line: int
    language: str
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def file(self) -> str:
        """Name in the first line, as a comment: the block is a file that others need."""
        found = _FILE.match(self.text)
        return found["file"] if found else ""


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in order; those of MyST, ```{name}, are none."""
    text = page.read_text(encoding="utf-8")
    found = []
    for one in _BLOCK.finditer(text):
        language = one["language"].strip()
        if language.startswith("{"):
            continue
        line = text.count("\n", 0, one.start("text"))
        lines = [part.removeprefix(one["indent"]) for part in one["text"].splitlines(True)]
        found.append(Block(page, line, language, "".join(lines), one["reason"] or ""))
    return found


def commands(block: Block) -> list[list[str]]:
    """Return the words of each command; comments and what is piped elsewhere left out."""
    text = re.sub(r"\\\n\s*|\n\s+(?=-)", " ", block.text)
    found = []
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words = words[1:]
        if words:
            found.append(words)
    return found


def parse(words: list[str]) -> None:
    """Let the command line read a command of bsinv, without doing it."""
    group = typer.main.get_command(app)
    with contextlib.redirect_stdout(io.StringIO()):
        context = group.make_context("bsinv", words[1:], resilient_parsing=False)
        name, command, rest = group.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        command.make_context(name, rest, parent=context)


def command_line(words: list[str]) -> tuple[int, str]:
    """Run a command of bsinv here; its exit code, and what it prints on both streams."""
    bytes_, code = io.BytesIO(), 0
    stream = io.TextIOWrapper(bytes_, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            main(words[1:])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, bytes_.getvalue().decode()


def content(block: Block) -> Any:
    """Return what a block of YAML says; what cannot be read is an error."""
    return YAML(typ="safe", pure=True).load(block.text)


def whole_analysis(block: Block) -> bool:
    """Return whether a block of YAML is an analysis."""
    found = content(block)
    return isinstance(found, dict) and {"model", "likelihoods", "parameters"} <= set(found)


def saved(block: Block, folder: Path) -> Path:
    """Write a block into a file: that of its first line, or that of the analysis."""
    name = block.file or content(block)["name"] + ".yaml"
    path = folder / name
    path.write_text(block.text, encoding="utf-8")
    return path


__all__ = [
    "LANGUAGES",
    "PAGES",
    "ROOT",
    "YAML",
    "Block",
    "blocks",
    "click",
    "command_line",
    "commands",
    "content",
    "parse",
    "saved",
    "whole_analysis",
]
