"""Pages of what there is, from the lists behind ``bsinv list`` and the help of the commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import click
import typer.main
from bsinv.cli.commands import app
from bsinv.cli.listing import LISTINGS, unused_data

__all__ = ["reference_pages"]

# Parameters of a model that are shown at once; longer tables are unfolded.
_SHOWN = 12
_ARXIV = re.compile(r"(?:arXiv:)?\b(\d{4}\.\d{4,5}|hep-[a-z]+/\d{7})\b")


def reference_pages() -> dict[str, str]:
    """Text of each page by its file name."""
    return {
        "models.md": _models(),
        "observables.md": _observables(),
        "likelihoods.md": _likelihoods(),
        "data.md": _data(),
        "form-factors.md": _form_factors(),
        "parameters.md": _parameters(),
        "commands.md": _commands(),
    }


def _models() -> str:
    parts = [
        "# Models",
        "As `bsinv list models` has them. Lagrangians and matching are in "
        "[](../physics/models.md), coefficients of the weak effective theory in "
        "[](../physics/wilson.md).",
    ]
    for model in LISTINGS["models"]().records:
        parameters = model["parameters"]
        table = _table(
            ("parameter", "", "unit", "default", "range", ""),
            (
                (
                    _code(one["name"]),
                    _formula(one["latex"]),
                    _unit(one["unit"]),
                    f"{one['default']:.6g}",
                    f"{one['lower']:.6g} to {one['upper']:.6g}",
                    _prose(one["description"]),
                )
                for one in parameters
            ),
        )
        parts += [f"## {model['name']}", _prose(model["description"]) + "."]
        if len(parameters) > _SHOWN:
            table = f":::{{dropdown}} {len(parameters)} parameters\n{table}\n:::"
        parts.append(table)
    return _page(parts)


def _observables() -> str:
    rows = (
        (
            " ".join(_code(name) for name in (one["name"], *one["aliases"])),
            " ".join([_formula(one["latex"]), _unit(one["unit"])]).strip(),
            " ".join(
                [
                    *(_code(name) for name in one["kinematics"]),
                    *(f"[{_code(name)}]" for name in one["optional"]),
                ]
            ),
            _prose(f"{one['description']} ({', '.join(one['references'])})".replace(" ()", "")),
        )
        for one in LISTINGS["observables"]().records
    )
    return _page(
        [
            "# Observables",
            "As `bsinv list observables` has them: names (the first one is ours, others are read "
            "too), what has to be given and, in brackets, what may be given: "
            "`bsinv predict 'BR(B+->Knunu)'`, `bsinv.predict('dBR/dq2(B+->Knunu)', q2=[1, 5])`.",
            _table(("name", "symbol, unit", "needs", "description"), rows),
        ]
    )


def _likelihoods() -> str:
    groups = LISTINGS["groups"]().records
    terms = [one for one in LISTINGS["likelihoods"]().records if not one["members"]]
    return _page(
        [
            "# Likelihoods",
            "What may stand under `likelihoods` in an [analysis file](../guide/analysis-file.md): "
            "groups, and single terms. Options are told in [](../guide/analysis-file.md), forms in "
            "[](../statistics/likelihoods.md).",
            "## Groups",
            _table(
                ("group", "what it is", "terms"),
                (
                    (
                        _code(one["name"]),
                        _prose(one["description"]),
                        " ".join(_code(name) for name in one["members"]),
                    )
                    for one in groups
                ),
            ),
            "## Terms",
            _table(
                ("term", "what it is", "options"),
                (
                    (
                        _code(one["name"]),
                        _prose(one["description"]),
                        " ".join(_code(name) for name in one["options"]),
                    )
                    for one in terms
                ),
            ),
        ]
    )


def _data() -> str:
    return _page(
        [
            "# Data",
            "Every number that is shipped, as `bsinv list data` has it.",
            _listed("data", code=(0, 2)),
            "## Data that enter no fit",
            "And why: `bsinv list data --unused`.",
            _table(unused_data().header, (_cells(row, (0,)) for row in unused_data().rows)),
        ]
    )


def _form_factors() -> str:
    rows = (
        (
            _code(one["name"]) + (" (default)" if one["default"] else ""),
            _code(one["process"]),
            _prose(one["kind"]),
            " ".join(_code(name) for name in one["coefficients"]),
            _prose(" ".join(one["notes"])),
            _prose(one["reference"]),
        )
        for one in LISTINGS["form-factors"]().records
    )
    return _page(
        [
            "# Form factors",
            "Sets for `form_factors` of an [analysis file](../guide/analysis-file.md).",
            _table(("set", "process", "kind", "coefficients", "notes", "source"), rows),
        ]
    )


def _parameters() -> str:
    return _page(
        [
            "# Parameters and constants",
            "Masses, lifetimes, quark mixing and the other numbers that predictions need. Each may "
            "be set or floated under `inputs` of an [analysis file](../guide/analysis-file.md). "
            "Parameters of models are with the [models](models.md).",
            "## Values",
            _listed("constants", code=(0,)),
            "## Names in other codes",
            "Names of flavio and EOS are read wherever ours are ([](../guide/names.md)).",
            _listed("parameters", code=(0, 2, 3)),
        ]
    )


def _commands() -> str:
    group = typer.main.get_command(app)
    context = click.Context(group, info_name="bsinv")  # type: ignore[arg-type]
    parts = ["# Commands", "What `--help` says of each; in use: [](../guide/command-line.md)."]
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = type(context)(command, info_name=name, parent=context)
        parts.append(f"## bsinv {name}\n\n```text\n{command.get_help(inner).strip()}\n```")
    return _page(parts)


def _listed(what: str, code: Sequence[int]) -> str:
    listing = LISTINGS[what]()
    return _table(listing.header, (_cells(row, code) for row in listing.rows))


def _cells(row: Sequence[str], code: Sequence[int]) -> list[str]:
    return [_code(cell) if at in code else _prose(cell) for at, cell in enumerate(row)]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def _formula(latex: str) -> str:
    return "$" + latex.replace("|", r"\vert ") + "$" if latex else ""


def _unit(unit: str) -> str:
    return "" if unit == "1" else _prose(unit)


def _prose(text: str) -> str:
    """Text that is no markup, but for code in backticks; arXiv numbers become links."""
    pieces = re.split(r"(`[^`]*`)", text)
    for at in range(0, len(pieces), 2):
        plain = re.sub(r"([\\*_<>\[\]$~^{}])", r"\\\1", pieces[at])
        pieces[at] = _ARXIV.sub(r"[\g<0>](https://arxiv.org/abs/\1)", plain)
    return "".join(pieces).replace("|", "\\|").replace("\n", " ")
