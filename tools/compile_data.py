"""Compile data/sources/*.yaml to the JSON files that bsinv ships and reads.

    python tools/compile_data.py            write data/*.json
    python tools/compile_data.py --check    write nothing; exit 1 if a file is stale

The result depends on the sources alone. What is compiled is read with the loaders of bsinv.data
before it is written, so a mistake in a source stops here with the file, the entry and the key.

The format of measurements_*.yaml is explained in bsinv.data.written. Form-factor sets list
`dependent` coefficients, which are left out; without `covariance` it is that of `sigma`.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from bsinv.data import (
    belle2,
    constants,
    form_factors,
    groups,
    measurements,
    overlaps,
    tables,
)
from bsinv.data.written import flatten_measurement
from bsinv.errors import BsinvError, DataError
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "data" / "sources"

FORM_FACTOR_FILES = (
    *("BtoK", "null", "BtoKstar", "Bstophi", "Dtopi", "Ktopi", "Btopi", "Btorho", "Btoomega"),
    *("BstoKstar", "Bstoeta", "Bstoetaprime", "LambdabtoLambda"),
)
_CONSTANT = {
    *("name", "from", "gives", "times", "value", "error", "unit", "allowed", "latex"),
    *("description", "reference", "role"),
}
_OWN = ("name", "unit", "allowed", "latex", "description")


def main() -> None:
    """Compile, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if a file is stale")
    check = parser.parse_args().check
    try:
        compiled = compile_all(SOURCES)
    except BsinvError as error:
        sys.exit(str(error))
    stale = [name for name, text in compiled.items() if current(name) != text]
    if check and stale:
        sys.exit(f"stale: {', '.join(stale)}; run tools/compile_data.py")
    if not check:
        for name in stale:
            (ROOT / "data" / name).write_text(compiled[name], encoding="utf-8", newline="\n")
        print("written: " + (", ".join(stale) or "nothing, all up to date"))


def current(name: str) -> str | None:
    """Text of a shipped file, None if there is none."""
    path = ROOT / "data" / name
    return path.read_text(encoding="utf-8") if path.exists() else None


def compile_all(sources: Path) -> dict[str, str]:
    """Text of every shipped file by its name."""
    content = {measurements.FILE: compile_measurements(sources)}
    known = measurements.read_measurements(content[measurements.FILE])
    content[constants.FILE] = compile_constants(sources, content[measurements.FILE])
    constants.read_constants(content[constants.FILE])
    files = sorted(sources.glob("tables_*.yaml"))
    content[tables.FILE] = {
        "entries": plain([row for path in files for row in load(path)["entries"]])
    }
    tables.read_tables(content[tables.FILE])
    content[form_factors.FILE] = compile_form_factors(sources)
    sets = form_factors.read_sets(content[form_factors.FILE])
    content[belle2.FILE] = compile_belle2(sources)
    belle2.read_belle2(content[belle2.FILE], sets)
    content[overlaps.FILE] = plain(load(sources / "overlaps.yaml"))
    overlaps.read_overlaps(content[overlaps.FILE], known)
    content[groups.FILE] = plain(load(sources / "groups.yaml"))
    groups.read_groups(content[groups.FILE], {*known, *content[overlaps.FILE]["data_sets"]})
    return {name: render(value) for name, value in content.items()}


def load(path: Path) -> Any:
    """Read one YAML file; duplicate keys are errors."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """Turn aliases of YAML into copies."""
    return json.loads(json.dumps(value))


def render(content: dict[str, Any]) -> str:
    """Compact JSON with one line for each key and each entry, so that changes can be read."""

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    lines = []
    for key, value in content.items():
        if key == "entries":
            body = "[\n" + ",\n".join(compact(entry) for entry in value) + "\n]"
        else:
            body = compact(value)
        lines.append(f"{compact(key)}:{body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def compile_measurements(sources: Path) -> dict[str, Any]:
    """Gather the topics; errors become two lists, what has no field becomes a note."""
    topics = [load(path) for path in sorted(sources.glob("measurements_*.yaml"))]
    for topic in topics:
        topic["entries"] = [with_curve(entry, sources) for entry in topic["entries"]]
    topics.sort(key=lambda topic: str(topic["group"]))
    return {
        "groups": {topic["group"]: topic["title"] for topic in topics},
        "provenance": load(sources / "provenance.yaml"),
        "entries": [entry for topic in topics for entry in map_entries(topic, flatten_measurement)],
    }


def with_curve(entry: dict[str, Any], sources: Path) -> dict[str, Any]:
    """Entry with the numbers of the table that it names as `curve_file`.

    The first line has the names of the columns; those of a limit_surface are decay lengths in m,
    behind the mass. The columns of a value_curve are mass, value, lower and upper edge.
    """
    if "curve_file" not in entry:
        return entry
    made = dict(entry)
    text = (sources / made.pop("curve_file")).read_text(encoding="utf-8")
    head, *lines = csv.reader(text.splitlines())
    rows: list[list[Any]] = [[float(cell) if cell else None for cell in line] for line in lines]
    if entry["kind"] == "limit_surface":
        made["lengths"] = [float(name) for name in head[1:]]
    elif entry["kind"] == "value_curve":
        # Rounded: 1.02e-05 less 3.1e-06 is 7.1e-06, not 7.100000000000001e-06.
        rows = [
            [mass, value, *(float(f"{size:.10g}") for size in (high - value, value - low))]
            for mass, value, low, high in rows
        ]
    made["curve"] = rows
    return made


def map_entries(
    topic: dict[str, Any], convert: Callable[[dict[str, Any], str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Convert the entries of a file; `convert` gets the group or process they share."""
    shared = topic.get("group") or topic["process"]
    return [convert(entry, shared) for entry in topic["entries"]]


def compile_constants(sources: Path, measured: dict[str, Any]) -> dict[str, Any]:
    """Constants with numbers of their own, and those whose numbers are measurements."""
    known = {entry["id"]: entry for entry in measured["entries"]}
    entries: list[dict[str, Any]] = []
    files = sorted(sources.glob("constants*.yaml"))
    for file, entry in ((path.name, entry) for path in files for entry in load(path)["entries"]):
        where = f"{file}: {entry.get('name')}"
        unknown = sorted(set(entry) - _CONSTANT)
        if unknown or len({"from", "gives", "value"} & set(entry)) != 1:
            allowed = ", ".join(sorted(_CONSTANT))
            raise DataError(f"{where}: needs one of from, gives, value, no key but {allowed}.")
        if missing := [key for key in _OWN if key not in entry]:
            raise DataError(f"{where}: {', '.join(missing)} missing.")
        own = {key: entry[key] for key in (*_OWN, "role") if key in entry}
        if "from" in entry:
            numbers = copy_measured(where, entry, known.get(entry["from"]))
        elif "gives" in entry:
            numbers = copy_other(where, entry, entries)
        else:
            numbers = {key: entry[key] for key in ("value", "error", "reference")}
        entries.append({**own, **numbers})
    return {"entries": entries}


def copy_measured(
    where: str, entry: dict[str, Any], origin: dict[str, Any] | None
) -> dict[str, Any]:
    """Value, error and reference of the measurement that a constant names."""
    if origin is None or origin["kind"] != "gaussian":
        raise DataError(f"{where}: from is {entry['from']!r}; allowed: a gaussian measurement.")
    if origin["unit"] != entry["unit"] and "times" not in entry:
        raise DataError(f"{where}: unit is {entry['unit']}; allowed: {origin['unit']}.")
    times = entry.get("times", 1)
    base = {} if "reference" in entry else origin["reference"]
    source = [f"measurement {entry['from']}", *base.get("source", [])]
    # Rounded: 92.9 MeV times 0.001 is 0.0929 GeV, not 0.09290000000000001.
    return {
        "value": float(f"{origin['values'][0] * times:.12g}"),
        "error": float(f"{origin['errors_plus'][0] * times:.12g}"),
        "reference": {**base, **entry.get("reference", {}), "source": source},
    }


def copy_other(where: str, entry: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Value and error of a constant that is another one, given before, over a factor."""
    origin = next((other for other in earlier if other["name"] == entry["gives"]), None)
    if origin is None:
        raise DataError(f"{where}: gives is {entry['gives']!r}; allowed: a constant before it.")
    return {
        "value": origin["value"] / entry["times"],
        "error": origin["error"] / entry["times"],
        "reference": entry["reference"],
        "gives": {"name": entry["gives"], "times": entry["times"]},
    }


def compile_form_factors(sources: Path) -> dict[str, Any]:
    """Gather the form-factor sets of all processes."""
    topics = [load(sources / f"form_factors_{name}.yaml") for name in FORM_FACTOR_FILES]
    return {"entries": [entry for topic in topics for entry in map_entries(topic, reduce_set)]}


def reduce_set(entry: dict[str, Any], process: str) -> dict[str, Any]:
    """One set: errors checked against the covariance, dependent coefficients dropped."""
    where = f"form_factors of {process}: {entry['id']}"
    names, sigma = list(entry["names"]), np.array(entry["sigma"], dtype=float)
    matrix = np.array(entry["covariance"]) if "covariance" in entry else np.diag(sigma**2)
    if not np.allclose(sigma, np.sqrt(np.diag(matrix)), rtol=1e-8, atol=0):
        raise DataError(f"{where}: sigma is not the square root of the diagonal of covariance.")
    if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-12 * float(np.diag(matrix).max())):
        raise DataError(f"{where}: covariance is not symmetric.")
    notes = list(entry["notes"])
    dependent = entry.get("dependent", [])
    if dependent:
        notes.append(
            f"{' and '.join(dependent)} of the source are left out: they follow from the others by "
            "the constraints at q2 = 0."
        )
    keep = [i for i, name in enumerate(names) if name not in dependent]
    # A rounding error of the last digit is the only asymmetry that gets here.
    matrix = ((matrix + matrix.T) / 2)[np.ix_(keep, keep)]
    extra = "poles" if entry["kind"] == "parameters" else "points"
    return {
        "id": entry["id"],
        "process": process,
        **{key: entry[key] for key in ("kind", "parametrisation", "status", extra, "m_B", "m_M")},
        "options": entry["options"],
        "names": [names[i] for i in keep],
        "central": [entry["central"][i] for i in keep],
        "covariance": matrix.tolist(),
        "notes": notes,
        "reference": entry["reference"],
    }


def compile_belle2(sources: Path) -> dict[str, Any]:
    """Gather the published likelihood and the number densities."""
    content = load(sources / "belle2_2023.yaml")
    for channel in content["channels"]:
        if "densities" in channel:
            with (sources / channel["densities"]).open(encoding="utf-8", newline="") as file:
                channel["densities"] = [[float(x) for x in row] for row in csv.reader(file)]
    published = (sources / content.pop("likelihood")).read_text(encoding="utf-8")
    return {**content, "workspace": json.loads(published)}


if __name__ == "__main__":
    main()
