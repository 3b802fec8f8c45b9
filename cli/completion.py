"""What a shell offers to complete: values of arguments and options, told by their metavars.

A press of a key must not import numerics: names of models and observables are in ``names.json``
beside this file, which ``tools/make_completion.py`` writes; files are looked at on disk.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

__all__ = ["VARIABLE", "complete"]

VARIABLE = "_BSINV_COMPLETE"
"""Environment variable with which a shell asks."""

_NAMES = Path(__file__).with_name("names.json")
# Options whose value is a parameter of the analysis, though their metavars do not say so.
_OF_PARAMETERS = ("of", "profile", "contour")
_LARGEST = 1_000_000  # bytes of an analysis that is looked at


def complete(app: typer.Typer) -> None:
    """Answer a shell that asks what fits; ends the program.

    Parameters
    ----------
    app : typer.Typer
    """
    command: Any = typer.main.get_command(app)
    for one in (command, *getattr(command, "commands", {}).values()):
        for parameter in one.params:
            chosen = _completer(str(parameter.metavar or ""), parameter.name)
            if chosen is not None:
                parameter._custom_shell_complete = _shown(chosen)
    command(prog_name="bsinv")


_Completer = Callable[[Any, str], Iterable[str]]


def _shown(completer: _Completer) -> Callable[[Any, Any, str], list[Any]]:
    """Completer in the form that the library of the command line asks for."""
    try:  # typer has its own copy of click from some version on
        from typer._click.shell_completion import CompletionItem
    except ImportError:
        from click.shell_completion import CompletionItem  # type: ignore[assignment]

    def found(context: Any, parameter: Any, incomplete: str) -> list[Any]:
        fits = [word for word in completer(context, incomplete) if word.startswith(incomplete)]
        return [CompletionItem(word) for word in _quoted(sorted(set(fits)))]

    return found


def _quoted(words: list[str]) -> list[str]:
    """Words as bash must see them: in quotes if it would read a meaning into their characters.

    Other shells quote what they insert; so does bash inside quotes that have been opened.
    """
    if os.environ.get(VARIABLE) != "complete_bash":
        return words
    line = os.environ.get("COMP_WORDS", "")
    if re.search(r"(?:^|\s)['\"][^\s'\"]*$", line):
        return words
    return [f"'{word}'" if re.search(r"[()<>*&;|$`\\]", word) else word for word in words]


def _completer(metavar: str, name: str) -> _Completer | None:
    """What completes a value, by what help calls it; None leaves it to the shell."""
    if name == "model":
        return lambda context, incomplete: _names()["models"]
    if name == "kind":
        return lambda context, incomplete: _names()["figures"]
    if name == "show":
        return lambda context, incomplete: _layers()
    if name in _OF_PARAMETERS:
        return lambda context, incomplete: _parameters(context)
    plain = metavar.strip("[]{}. ").replace("...", "").rstrip("]")
    if plain.startswith("OBS"):
        return lambda context, incomplete: _names()["observables"]
    parts = [part for part in re.split(r"[| ,]", plain) if part]
    choices = [choice for part in parts for choice in _choices(part)]
    if not choices:
        return None

    def found(context: Any, incomplete: str) -> Iterator[str]:
        for choice in choices:
            yield from (choice,) if isinstance(choice, str) else choice(context, incomplete)

    return found


def _choices(part: str) -> list[str | _Completer]:
    """Choices of a part of a metavar: a word stands for itself, capitals for something."""
    if part.endswith("ANALYSIS"):
        return [_analyses]
    if match := re.fullmatch(r"(?:[A-Z]+|[AB])(\.\w+)", part):
        endings = (".yaml", ".yml") if match[1] == ".yaml" else (match[1],)
        return [lambda context, incomplete: _files(incomplete, endings)]
    if part == "FILE" or part == "FILE..":
        return [lambda context, incomplete: _files(incomplete, (".yaml", ".yml", ".json", ".h5"))]
    if part.startswith("NAME="):
        return [lambda context, incomplete: (f"{name}=" for name in _parameters(context))]
    if re.fullmatch(r"[a-z0-9_-]+", part):
        return [part]
    if match := re.fullmatch(r"((?:[a-z]+:)+)[A-Z]+", part):
        return [match[1]]
    return []


def _names() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_NAMES.read_text(encoding="utf-8"))
    return found


def _layers() -> list[str]:
    """What a kind of figure on the line shows in addition."""
    words = _words()
    chosen = [word for before, word in pairwise(words) if before == "--kind"]
    found: list[str] = _names()["figures"].get(chosen[0] if chosen else "", [])
    return found


def _words() -> list[str]:
    """Words of the line as it is: an option without its value keeps the rest from being parsed."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    return line.split()


def _analyses(context: Any, incomplete: str) -> Iterator[str]:
    """Built-in analyses, and files that may be one."""
    from ..fitter.analysis_file.reading.builtin import builtin_analyses

    yield from builtin_analyses()
    yield from _files(incomplete, (".yaml", ".yml"))


def _files(incomplete: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Files with such endings, and folders, in the folder that has been begun."""
    folder, _, begun = incomplete.rpartition("/")
    place = Path(f"{folder}/" if "/" in incomplete else ".").expanduser()
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
            continue
        if entry.is_dir():
            yield f"{incomplete[: len(incomplete) - len(begun)]}{entry.name}/"
        elif entry.name.endswith(endings):
            yield f"{incomplete[: len(incomplete) - len(begun)]}{entry.name}"


def _parameters(context: Any) -> list[str]:
    """Parameters of the analysis on the line, or of the model."""
    words = _words()
    if context.command.name == "predict":
        chosen = [word for before, word in pairwise(words) if before == "--model"]
        found: list[str] = _names()["models"].get(chosen[0] if chosen else "wet", [])
        return found
    for word in words[2:]:
        if not word.startswith("-") and (names := _parameters_of(word.strip("'\""))):
            return names
    return []


def _parameters_of(source: str) -> list[str]:
    """Keys under ``parameters`` of an analysis, as far as they can be seen without reading YAML."""
    from ..fitter.analysis_file.reading.builtin import builtin_analyses

    path = builtin_analyses().get(source, Path(source))
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return []
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = r"((?:[ \t]+.*\n|[ \t]*#.*\n|\n)*)"
    match = re.search(rf"^parameters:[ \t]*(\{{.*|)\n{lines}", f"{text}\n", re.M)
    if match is None:
        return []
    if match[1]:
        return re.findall(r"[{,]\s*([\w+*-]+):\s*\{", match[1])
    indents = re.findall(r"^([ \t]+)[\w+*-]+:", match[2], re.M)
    return re.findall(rf"^{indents[0]}([\w+*-]+):", match[2], re.M) if indents else []
