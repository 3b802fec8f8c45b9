"""Write docs/guide/results-file.md: each group, dataset and attribute of a results file.

Descriptions are those of the records (`chains/records`); how a field is stored is what the writer
does with it.

    python tools/make_results_page.py            # writes the page
    python tools/make_results_page.py --check    # fails if it is not what it would write
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import re
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from bsinv.chains.files.codec import LONGEST_ATTRIBUTE
from bsinv.chains.files.parsing import LISTS
from bsinv.chains.records import (
    SCHEMA_VERSION,
    BestFit,
    Ensemble,
    ParameterRecord,
    SupportReport,
)

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "results-file.md"
HEAD = f"""\
# The results file

One HDF5 file holds all of a run. Layout {SCHEMA_VERSION}; this page is written from the code
(`tools/make_results_page.py`), and a test compares it with a file that has everything.

**Reading it.** `bsinv.chains.read("run.h5")` gives records with the names below: `run.best_fit`,
`run.scans[0].axes`, `run.ensembles[0].chain`. Any HDF5 library reads it too, and emcee its chains:
`emcee.backends.HDFBackend("run.h5", name="ensembles/0", read_only=True)`.
`bsinv export` writes [other formats](command-line.md#other-tools).

**What is stable.** A file is read by every later version. Groups, datasets and attributes keep
their names and meanings; later versions may add some, and fill them with defaults where a file
has none. The attribute `schema_version` is raised only if older code could not read a newer
file: then it says so and stops. Names that are not here are ignored. Files of each layout are
kept in the tests (`tests/chains/files/fixtures`) and read with the numbers they had.

**How a field is stored.** Numbers, truth values and texts up to {LONGEST_ATTRIBUTE} characters
are attributes, longer texts datasets of one text; arrays and lists of texts are datasets; a
field that is not known is left out. A table has a dataset for each column. A mapping is a group
with the dataset `names` and, in their order, datasets `0`, `1`, … or one dataset `texts`; a list
of arrays is a group of datasets `0`, `1`, …. Sizes are in brackets, as (n, d). NaN stands for a
number that is not there.

**Around it.** The first 512 bytes are a block that HDF5 skips, with the checksum of the file;
those of its parts are in `checksums`; see [reliability](../project/reliability.md) and
[security](security.md).
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """A field: its name in the file, how it is stored, what it is."""

    name: str
    stored: str
    shape: str
    text: str


def described(kind: type) -> dict[str, tuple[str, str]]:
    """Type and description of each field in a docstring of numpydoc's form."""
    lines = inspect.cleandoc(kind.__doc__ or "").splitlines()
    found: dict[str, tuple[str, str]] = {}
    names: list[str] = []
    for line in lines:
        entry = re.fullmatch(r"(\w+(?:, \w+)*) : (.+)", line)
        if entry is not None:
            names = entry[1].split(", ")
            for name in names:
                found[name] = (entry[2], "")
        elif line.startswith("    ") and names:
            for name in names:
                told, text = found[name]
                found[name] = (told, f"{text} {line.strip()}".strip())
        elif line.strip():
            names = []
    return found


def rows(kind: type, names: Mapping[str, str] | None = None) -> list[Row]:
    """Fields of a record."""
    told, hints = described(kind), get_type_hints(kind)
    fields = [entry.name for entry in dataclasses.fields(kind)]
    missing = [name for name in fields if name not in told]
    if missing:
        raise SystemExit(f"{kind.__name__}: no description of {', '.join(missing)}")
    found = []
    for name in fields:
        shape, text = told[name]
        shown = (names or {}).get(name, name)
        found.append(Row(shown, stored(hints[name]), sizes(shape), text or "–"))
    return found


def sizes(told: str) -> str:
    """Shape of an array, of the type in a docstring."""
    entry = re.match(r"((?:\([^)]*\)(?: or )?)+|\(\.\.\., \w+\))", told)
    return entry[1].strip() if entry is not None else ""


def stored(hint: Any) -> str:
    """How the writer stores a field of a type."""
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    origin = get_origin(hint)
    if hint in (str, bool, int, float):
        return f"attribute, {hint.__name__}"
    if origin is tuple:
        inner = get_args(hint)[0]
        if dataclasses.is_dataclass(inner):
            return "table"
        return "dataset, texts" if inner is str else "group of datasets"
    return "group, mapping" if origin is Mapping else "dataset"


def table(entries: list[Row], nested: bool = False) -> Iterator[str]:
    """Markdown of fields."""
    yield "| name | stored as | size | what it is |"
    yield "|---|---|---|---|"
    for row in entries:
        kind = row.stored.replace("attribute", "column") if nested else row.stored
        yield f"| `{row.name}` | {kind} | {row.shape} | {cell(row.text)} |"
    yield ""


def cell(text: str) -> str:
    """Text in a cell of Markdown."""
    return re.sub(r"``([^`]*)``", r"`\1`", text).replace("|", r"\|")


def inner(kind: type) -> Iterator[tuple[str, type]]:
    """Records inside a record, by field."""
    for name, hint in get_type_hints(kind).items():
        if get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0]):
            yield name, get_args(hint)[0]


def section(path: str, kind: type) -> Iterator[str]:
    """Heading, summary and fields of a group, and of tables in it."""
    summary = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
    yield f"## `{path}`"
    yield ""
    yield f"{summary} (`bsinv.chains.records.{kind.__name__}`)"
    yield ""
    yield from table(rows(kind))
    for name, other in inner(kind):
        yield f"### `{path}/{name}`"
        yield ""
        yield from table(rows(other), nested=True)


ROOT = (
    Row("format", "attribute, str", "", 'Always "bsinv results".'),
    Row("schema_version", "attribute, int", "", "Version of the layout."),
    Row("name", "attribute, str", "", "Name of the analysis."),
    Row("created", "attribute, str", "", "When the run began (ISO 8601)."),
    Row("seed", "attribute, str", "", "The one seed of the run: a whole number of any width."),
    Row("prior_fraction", "attribute, float", "", "Part of the prior that cuts leave; absent: 1."),
    Row("prior_fraction_error", "attribute, float", "", "Its error; absent: 0."),
    Row("analysis_text", "dataset, text", "", "The analysis file, verbatim."),
    Row("fingerprint", "dataset, JSON", "", "What must agree before a run is resumed."),
    Row("versions", "dataset, JSON", "", "Versions of packages and of data sets."),
    Row("notes", "dataset, JSON", "", "Sentences for whoever reads the results."),
    Row("files", "dataset, JSON", "", "Texts of files that the analysis names; absent: none."),
    Row("plugins", "dataset, JSON", "", "Texts of Python files of the user's; absent: none."),
    Row("checksums", "dataset, JSON", "", "Checksum of each part."),
)
BACKEND = (
    Row("version", "attribute, str", "", "Of emcee, whose layout this is."),
    Row("nwalkers", "attribute, int", "", "Walkers."),
    Row("ndim", "attribute, int", "", "Sampled parameters d."),
    Row("iteration", "attribute, int", "", "Steps stored; rows beyond are not finished."),
    Row("has_blobs", "attribute, bool", "", "True."),
    Row("thin", "attribute, int", "", "Steps made per step stored."),
    Row("random_state_0", "attribute", "", "State of NumPy's generator, with those that follow."),
    Row("accepted", "dataset", "(walkers,)", "Accepted proposals of each walker at stored steps."),
    Row("chain", "dataset", "(steps, walkers, d)", "Parameter values, each in its unit."),
    Row("log_prob", "dataset", "(steps, walkers)", "Log posterior."),
    Row("blobs", "dataset", "(steps, walkers)", "Pairs of `log_prior` and `log_likelihood`."),
    Row("names", "dataset, texts", "(d,)", "Sampled parameters, in the order of the columns."),
    Row("periods", "dataset", "(d,)", "Widths of ranges of periodic parameters; else infinite."),
)


def page() -> str:
    """Markdown of the page."""
    lines = [HEAD, "## `/`", "", *table(list(ROOT))]
    lines += [
        "`parameters`, `best_fit` and `support` are groups; the others below hold groups `0`,"
    ]
    lines += ["`1`, …, one for each.", ""]
    summary = "A table of all parameters, free or not (`bsinv.chains.records.ParameterRecord`)."
    lines += ["## `/parameters`", "", summary, "", *table(rows(ParameterRecord), nested=True)]
    lines += section("/best_fit", BestFit)
    lines += section("/support", SupportReport)
    lines += ["## `/ensembles/N`", "", "The chain of one ensemble of walkers, as emcee stores it "]
    lines[-1] += f"(`bsinv.chains.records.{Ensemble.__name__}`)."
    lines += ["", *table(list(BACKEND))]
    for name, kind in LISTS.items():
        lines += section(f"/{name}/N", kind)
    return "\n".join(lines).rstrip() + "\n"


def names_of(text: str) -> dict[str, set[str]]:
    """Names that a page describes, by group."""
    found: dict[str, set[str]] = {}
    place = ""
    for line in text.splitlines():
        if heading := re.match(r"##+ `(/[^`]*)`", line):
            place = heading[1]
            found[place] = set()
        elif place and (entry := re.match(r"\| `(\w+)` \|", line)):
            found[place].add(entry[1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    wanted = page()
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != wanted:
        sys.exit(f"{PAGE.name} is not what the code says: run tools/make_results_page.py")


if __name__ == "__main__":
    main()
