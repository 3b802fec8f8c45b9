"""Write docs/results/published.md: numbers of papers beside those stored in examples/.

    python tools/make_published.py            # from tools/published.yaml and stored summaries
    python tools/make_published.py --check    # exit 1 if the page is stale; seconds

A row of tools/published.yaml has what a paper says, with arXiv number and place, or nothing, which
is told as "not available"; and the keys of stored numbers that stand beside it. All that is
computed is in examples/*/summary.json: `points` makes those of examples/predictions,
tools/make_gallery.py all others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import bsinv
import numpy as np
from bsinv.data import measurement
from bsinv.fitter.analysis_file.expressions import parse
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from ruamel.yaml import YAML
from scipy.optimize import brentq

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tools" / "published.yaml"
PAGE = ROOT / "docs" / "results" / "published.md"
EXAMPLES = ROOT / "examples"
NOT_AVAILABLE = "not available"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ALLOWED = frozenset(
    {
        *("what", "published", "number", "source", "digitised", "of", "calculate"),
        *("ours", "compare", "holds", "why"),
    }
)
Record = dict[str, Any]


class PublishedError(Exception):
    """A row that cannot be made; says which and why."""


@lru_cache(maxsize=1)
def table() -> Record:
    """The table of rows and points."""
    return dict(YAML(typ="safe").load(TABLE.read_text(encoding="utf-8")))


def points() -> Record:
    """Predictions at the points of the table, by name."""
    return {entry["name"]: point(entry) for entry in table()["points"]}


def point(entry: Mapping[str, Any]) -> float:
    """A prediction, or the value of a parameter at which it takes a value.

    With `solve` a parameter is searched between two values. With `coefficients` those given are
    coefficients at the low scale, in place of parameters of a model. `measurement` is the value or
    limit of an entry of the catalogue, with `at` that of a curve at a mass in GeV, `less` an
    observable in the Standard Model.
    """
    if "measurement" in entry:
        datum = measurement(entry["measurement"])
        if "at" in entry:
            masses, limits = np.log(np.array(datum.curve)).T
            return float(np.exp(np.interp(np.log(entry["at"]), masses, limits)))
        number = datum.limit if datum.values is None else datum.values[0]
        assert number is not None
        return float(number) - (float(bsinv.predict(entry["less"])) if "less" in entry else 0.0)
    model, given, name = entry.get("model"), dict(entry.get("given", {})), entry["observable"]

    def predicted(**values: float) -> float:
        settings = {**given, **values}
        if "coefficients" in entry:
            at = Wilson({key: np.array([one]) for key, one in settings.items()})
            return float(observable(name)(at, Inputs.default())[0])
        return float(bsinv.predict(name, *([model] if model else []), **settings))

    if "solve" not in entry:
        return predicted()
    asked = entry["solve"]

    def distance(value: float) -> float:
        return predicted(**{asked["parameter"]: value}) - float(asked["target"])

    found = brentq(distance, *asked["between"], rtol=1e-10)
    return float(found)


@lru_cache(maxsize=32)
def summary(folder: str) -> Record:
    """Stored summary of a folder of examples."""
    path = EXAMPLES / folder / "summary.json"
    if not path.exists():
        raise PublishedError(f"{path} is missing: run tools/make_gallery.py")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def value_of(path: str) -> float:
    """A stored number by the keys that lead to it, such as ``limits / one-particle / BR / 0``."""
    folder, *keys = [key.strip() for key in path.split(" / ")]
    found: Any = summary(folder)
    for key in keys:
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise PublishedError(
                f"{path!r}: no {key!r} in examples/{folder}/summary.json"
            ) from None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise PublishedError(f"{path!r} is {found!r} and no number")
    return float(found)


def numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Stored and calculated numbers of a row by label."""
    found = {label: value_of(path) for label, path in row.get("of", {}).items()}
    for label, text in row.get("calculate", {}).items():
        value = float(parse(text)({name: np.array([one]) for name, one in found.items()})[0])
        if not np.isfinite(value):
            raise PublishedError(f"{row['what']}: {text} is not finite")
        found[label] = value
    return found


def typeset(text: str) -> str:
    """Minus signs and powers of ten as in print; bars that are no columns."""

    def power(match: re.Match[str]) -> str:
        return f"·10{str(int(match[1])).translate(SUPERSCRIPTS)}"

    text = re.sub(r"(?<=\d)e([+-]\d+)", power, text)
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)


def difference(row: Mapping[str, Any], found: Mapping[str, float]) -> str:
    """Last but one cell: by how much ours differs, or whether a statement holds."""
    if "holds" in row:
        return "holds" if all(_holds(one, found) for one in row["holds"]) else "**does not hold**"
    if "number" not in row or "compare" not in row:
        return ""
    ours, given = found[row["compare"]], row["number"]
    if "range" in given:
        low, high = given["range"]
        if low <= ours <= high:
            return "inside"
        return (
            f"{ours / high:.2f} of the upper end"
            if ours > high
            else (f"{ours / low:.2f} of the lower end")
        )
    value = given["value"]
    apart = ours - value
    if "plus" in given:
        sigmas = apart / (given["plus"] if apart > 0.0 else given["minus"])
        return f"{sigmas:+.1f} σ".replace("-", "−").replace("+0.0", "0.0").replace("−0.0", "0.0")
    if value == 0.0:
        return f"{apart:+.2f}".replace("-", "−")
    return f"{100.0 * apart / value:+.1f} %".replace("-", "−")


def _holds(statement: str, found: Mapping[str, float]) -> bool:
    """A comparison of two expressions: <, >, or = to a thousandth."""
    match = re.fullmatch(r"(.+?)\s*(<|>|=)\s*(.+)", statement)
    if match is None:
        raise PublishedError(f"{statement!r} has none of <, >, =")
    known = {name: np.array([one]) for name, one in found.items()}
    left, right = (float(parse(match[side])(known)[0]) for side in (1, 3))
    if match[2] == "=":
        return bool(abs(left - right) <= 1e-3 * max(abs(left), abs(right)))
    return left < right if match[2] == "<" else left > right


def source(row: Mapping[str, Any]) -> str:
    """Where the published value is from."""
    if "source" not in row:
        return ""
    told = row["source"]
    place = f"{told['arxiv']}, {told['where']}"
    return f"{place}; digitised" if row.get("digitised") else place


def faults(row: Mapping[str, Any]) -> Iterator[str]:
    """What a row lacks: a source or that there is none, numbers of ours, a reason."""
    what = row.get("what", "a row")
    if strange := sorted(set(row) - ALLOWED):
        yield f"{what}: {strange[0]!r} is none of {', '.join(sorted(ALLOWED))}"
    if ("source" in row) != ("published" in row):
        yield f"{what}: a published value needs a source, and only that"
    if "source" in row:
        arxiv, where = (str(row["source"].get(key, "")) for key in ("arxiv", "where"))
        named = re.fullmatch(r"\d{4}\.\d{4,5}", arxiv) and where
        if not named or set(row["source"]) != {"arxiv", "where"}:
            yield f"{what}: a source is an arXiv number and a place"
    for key in ("ours", "why"):
        if not row.get(key):
            yield f"{what}: {key} is missing"


def line(row: Mapping[str, Any]) -> str:
    """A row of the page."""
    for fault in faults(row):
        raise PublishedError(fault)
    found = numbers(row)
    try:
        ours, why = (typeset(row[key].format(**found)) for key in ("ours", "why"))
    except (KeyError, ValueError) as error:
        raise PublishedError(f"{row['what']}: {error} in its text") from None
    cells = [
        row["what"],
        row.get("published", NOT_AVAILABLE),
        source(row),
        ours,
        difference(row, found),
        why,
    ]
    shown = (" ".join(cell.split()).replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(shown)} |"


def page() -> str:
    """The whole page."""
    lines = [table()["intro"].strip(), ""]
    for section in table()["sections"]:
        lines += [f"## {section['title']}", ""]
        if section.get("text"):
            lines += [section["text"].strip(), ""]
        lines += [
            "| what | published | where | here | difference | why |",
            "|---|---|---|---|---|---|",
            *(line(row) for row in section["rows"]),
            "",
        ]
        for picture, text in section.get("pictures", {}).items():
            lines += [f"![{text}](../../examples/{picture})", ""]
    return "\n".join(lines).rstrip() + "\n"


def check() -> Iterator[str]:
    """What is wrong with the page, without computing anything."""
    try:
        made = page()
    except PublishedError as error:
        yield str(error)
        return
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        yield f"{PAGE.relative_to(ROOT)}: stale; run tools/make_published.py"


def write() -> None:
    """Write the page from what is stored."""
    summary.cache_clear()
    PAGE.write_text(page(), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the page is stale")
    if parser.parse_args(arguments).check:
        if wrong := list(check()):
            sys.exit("\n".join(wrong))
        return
    try:
        write()
    except PublishedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
