"""Writes a likelihood as a folder that others can use: the published, model-agnostic form.

The folder has the workspace, one density file for each weighted sample, the null spectra, the
kinematic bins, an entry for an analysis file and a README that says what each file is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DataError
from ..histfactory.file_text import read_json
from .build import located, reweighted_term
from .density import read_table
from .term import ReweightedTerm

__all__ = ["pack"]

WORKSPACE, ENTRY, BINS, README = "likelihood.json", "likelihoods.yaml", "bins.json", "README.md"
# What stands beside `reweighted` in an entry.
_OPTIONS = ("nuisances", "template_errors", "response")
_FORMAT = "%.10g"


def pack(directory: str | Path, name: str, **arguments: Any) -> ReweightedTerm:
    """Check a likelihood and write it to a new or empty folder.

    Parameters
    ----------
    directory : str or Path
        Where it is written; made if it does not exist.
    name : str
        Of the term.
    **arguments
        Those of `reweighted_term`.

    Returns
    -------
    ReweightedTerm
        The likelihood, read back from the folder.

    Raises
    ------
    DataError
        If the folder is not empty, or as `reweighted_term`; nothing is written then.
    """
    if arguments.get("patchset") is not None or arguments.get("patch"):
        raise DataError(f"{name}: apply the patch before packing, so that one workspace is written")
    term = reweighted_term(name, **arguments)
    target = Path(directory)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DataError(f"{name}: {target} is there already and not empty")
    target.mkdir(parents=True, exist_ok=True)
    origin = arguments.pop("directory", None)
    workspace = _json(located(arguments["workspace"], origin))
    _write(target / WORKSPACE, json.dumps(workspace, indent=1, default=_plain) + "\n")
    nulls: dict[str, str] = {}
    signal = [
        _entry(target, entry, made, arguments, origin, nulls)
        for entry, made in zip(arguments["signal"], term.signal.entries, strict=True)
    ]
    # Patches and measurements are chosen by name; they stay in the workspace that is written.
    kept = {
        key: value
        for key, value in arguments.items()
        if key not in ("workspace", "signal", "bins", "cutoff", "null_spectrum", "patchset")
    }
    outside: dict[str, Any] = {key: list(kept.pop(key)) for key in ("data",) if key in kept}
    outside |= {key: kept.pop(key) for key in _OPTIONS if key in kept}
    packed = {"workspace": WORKSPACE, **kept, "signal": signal}
    _write(target / BINS, json.dumps({e["density"]: e["bins"] for e in signal}, indent=1) + "\n")
    entry = {"name": name, **outside, "reweighted": packed}
    _write(target / ENTRY, _yaml({"likelihoods": [entry]}))
    _write(target / README, _readme(term, signal))
    return reweighted_term(name, **packed, **outside, directory=target)


def _entry(
    target: Path,
    entry: Mapping[str, Any],
    made: Any,
    arguments: Mapping[str, Any],
    origin: str | Path | None,
    nulls: dict[str, str],
) -> dict[str, Any]:
    """Files of one weighted sample, and its entry."""
    label = re.sub(r"[^A-Za-z0-9]+", "_", f"{entry['channel']}_{entry['sample']}").strip("_")
    density = f"number_density_{label}.csv"
    table = read_table(entry["sample"], located(entry["density"], origin))
    np.savetxt(target / density, table, delimiter=",", fmt=_FORMAT)
    null = nulls.setdefault(made.process.key, f"null_spectrum_{len(nulls) + 1}.csv")
    np.savetxt(target / null, made.process.null, delimiter=",", fmt="%.17g")
    bins = entry.get("bins", arguments.get("bins"))
    cutoff = entry.get("cutoff", arguments.get("cutoff"))
    written = {
        "channel": entry["channel"],
        "sample": entry["sample"],
        "observable": entry["observable"],
        "density": density,
        "bins": json.loads(json.dumps(bins, default=_plain)),
        "null_spectrum": null,
    }
    if cutoff is not None:
        written["cutoff"] = json.loads(json.dumps(cutoff, default=_plain))
    return written


def _json(source: Any) -> Any:
    if isinstance(source, Mapping):
        return source
    return read_json(source, str(source))


def _plain(value: Any) -> Any:
    """Frozen or numerical data as JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return list(value)


def _yaml(content: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML

    yaml, text = YAML(), StringIO()
    yaml.dump(json.loads(json.dumps(content, default=_plain)), text)
    return text.getvalue()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _readme(term: ReweightedTerm, signal: Sequence[Mapping[str, Any]]) -> str:
    model = term.model
    lines = [
        f"# {term.name}",
        "",
        term.description,
        "",
        f"{len(model.channels)} channels, {model.observed.size} bins, {model.n_alpha} parameters "
        f"and {model.n_factors} bin factors.",
        "",
        "| file | content |",
        "|---|---|",
        f"| `{WORKSPACE}` | HistFactory workspace (pyhf JSON) with observations |",
    ]
    for entry in signal:
        lines += [
            f"| `{entry['density']}` | nominal events of sample {entry['sample']} in channel "
            f"{entry['channel']}: a row for each analysis bin in the order of the workspace, a "
            "column for each kinematic bin, no header |",
        ]
    for null in dict.fromkeys(entry["null_spectrum"] for entry in signal):
        lines.append(
            f"| `{null}` | branching fraction in each kinematic bin inside the cutoff that the "
            "simulation was made with |"
        )
    lines += [
        f"| `{BINS}` | edges of the kinematic bins of each density; of several variables the first "
        "is slowest; q2 in GeV^2 |",
        f"| `{ENTRY}` | entry for an analysis file of bsinv |",
        "",
        "The signal of an analysis bin is weighted with the sum over kinematic bins of its density "
        "times prediction over null spectrum, divided by the sum of the density; events outside "
        "the cutoff keep weight 1 (2402.08417).",
    ]
    if term.signal.fixed:
        held = ", ".join(f"{name} = {value:g}" for name, value in term.signal.fixed.items())
        lines += ["", f"Held, since the prediction takes their place: {held}."]
    return "\n".join(lines) + "\n"
