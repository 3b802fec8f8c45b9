"""Documents of the exchange format WCxf (arXiv:1712.05298): files, keys and numbers."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ParameterError, PredictionError
from ...physics.arrays import Array

__all__ = [
    "check_one_point",
    "encoded",
    "parse_wcxf",
    "read_wcxf",
    "scale_and_values",
    "shown",
    "wcxf_document",
    "wcxf_text",
    "write_wcxf",
]


# The largest basis, 2499 complex coefficients of SMEFT, takes 200 kB.
_MOST_BYTES = 5_000_000
_HTML = ("<!doctype", "<html", "<head", "<body", "<?xml")


def read_wcxf(path: str | Path) -> dict[str, Any]:
    """Read a WCxf file in YAML or JSON.

    Parameters
    ----------
    path : str or Path
        JSON if its first character is a brace, else YAML.

    Returns
    -------
    dict
        For `bsinv.models.wcxf.low_energy.wilson_from_wcxf` and the like.

    Raises
    ------
    ParameterError
        If the file cannot be read, is above 5 MB, or is neither, and what it is if it is a web
        page.
    """
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ParameterError(f"{path}: cannot be read ({error.strerror}).") from None
    if len(raw) > _MOST_BYTES:
        raise ParameterError(f"{path}: above 5 MB, more than a WCxf file can need.")
    try:
        return parse_wcxf(raw.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise ParameterError(
            f"{path}: not a WCxf file: it is no text in UTF-8 (byte {error.start})."
        ) from None


def parse_wcxf(text: str, path: str | Path) -> dict[str, Any]:
    """Read the text of a WCxf file.

    Parameters
    ----------
    text : str
        YAML or JSON.
    path : str or Path
        Where it is from, for errors.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        As of `read_wcxf`.
    """
    if text.lstrip().lower().startswith(_HTML):
        raise ParameterError(
            f"{path}: a web page, not a WCxf file; download the file itself (on GitHub: Raw)."
        )
    document = _json(path, text) if text.lstrip().startswith(("{", "[")) else _yaml(path, text)
    if not isinstance(document, dict):
        raise ParameterError(f"{path}: a WCxf file holds a mapping, not {type(document).__name__}.")
    return document


def _json(path: str | Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ParameterError(f"{path}: not a WCxf file in JSON ({error}).") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Mapping of pairs; a key that comes twice is refused."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


def _yaml(path: str | Path, text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", line {mark.line + 1}"
        told = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise ParameterError(f"{path}: not a WCxf file in YAML{where} ({told}).") from None


def write_wcxf(path: str | Path, document: Mapping[str, Any]) -> None:
    """Write a WCxf document, as YAML if the name ends in .yaml or .yml, else as JSON.

    Parameters
    ----------
    path : str or Path
    document : mapping
        Made by `bsinv.models.wcxf.low_energy.wcxf_from_wilson` and the like.

    Raises
    ------
    ParameterError
        If the file cannot be written.
    """
    form = "yaml" if Path(path).suffix.lower() in (".yaml", ".yml") else "json"
    try:
        Path(path).write_text(wcxf_text(document, form), encoding="utf-8")
    except OSError as error:
        raise ParameterError(f"{path}: cannot be written ({error.strerror}).") from None


def wcxf_text(document: Mapping[str, Any], form: str) -> str:
    """Text of a WCxf document.

    Parameters
    ----------
    document : mapping
    form : str
        ``"yaml"`` or ``"json"``.
    """
    if form == "json":
        return json.dumps(document, indent=2) + "\n"
    return "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(document: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Lines of YAML of mappings, texts and numbers."""
    for key, value in document.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}:" + ("" if value else " {}")
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{key}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    """Text in quotes, or number; YAML 1.1, which PyYAML reads, wants a point before the e."""
    text = json.dumps(value)
    if isinstance(value, float) and "e" in text and "." not in text:
        return text.replace("e", ".0e")
    return text


def check_one_point(values: Mapping[str, Array]) -> None:
    """Refuse a batch of parameter points, of which a document could only hold one.

    Parameters
    ----------
    values : mapping of str to (1,) or (n,) array

    Raises
    ------
    PredictionError
        With the first parameter that has several values.
    """
    for name, value in values.items():
        if value.size > 1:
            raise PredictionError(
                f"a WCxf document holds one parameter point, but {name} has {value.size} values."
            )


def scale_and_values(
    document: Mapping[str, Any], efts: Collection[str], bases: Collection[str]
) -> tuple[float, dict[str, complex]]:
    """Checked scale (GeV) and values of a document.

    Parameters
    ----------
    document : mapping
        With the keys eft, basis, scale and values.
    efts, bases : collection of str
        Those that can be read.

    Raises
    ------
    ParameterError
        If a key is missing, the EFT or basis is another, or a value is not a finite number.
    """
    if not isinstance(document, Mapping):
        given = type(document).__name__
        raise ParameterError(f"WCxf: a document is a mapping, not {given}: read_wcxf reads a file.")
    for key in ("eft", "basis", "scale", "values"):
        if key not in document:
            raise ParameterError(f"WCxf: the key {key!r} is missing.")
    for key, only in (("eft", efts), ("basis", bases)):
        if not isinstance(document[key], str) or document[key] not in only:
            allowed = " or ".join(repr(name) for name in only)
            given = shown(document[key])
            raise ParameterError(f"WCxf: {key} is {given}; only {allowed} can be read.")
    scale = _number("scale", document["scale"])
    if scale.imag or not scale.real > 0.0:
        given = shown(document["scale"])
        raise ParameterError(f"WCxf: scale is {given}; give a positive number, GeV.")
    if not isinstance(document["values"], Mapping) or not all(
        isinstance(name, str) for name in document["values"]
    ):
        raise ParameterError("WCxf: values must map names of coefficients to numbers.")
    return scale.real, {name: _number(name, value) for name, value in document["values"].items()}


def wcxf_document(
    eft: str, basis: str, scale: float, values: Mapping[str, complex]
) -> dict[str, Any]:
    """Document of values, those that are zero left out; scale in GeV."""
    encodings = {name: encoded(value) for name, value in values.items() if value != 0.0}
    return {"eft": eft, "basis": basis, "scale": scale, "values": encodings}


def encoded(value: complex) -> float | dict[str, float]:
    """Real number, or complex number as {Re, Im}."""
    value = complex(value)
    return {"Re": value.real, "Im": value.imag} if value.imag else value.real


def shown(value: object) -> str:
    """Value in a message; of what is no text or number only the kind, which may hold anything."""
    if isinstance(value, int) and value.bit_length() > 1024:
        return "an integer above 1e308"
    if value is None or isinstance(value, str | int | float):
        return reprlib.repr(value)
    return f"a {type(value).__name__}"


def _number(name: str, value: object) -> complex:
    """Real number, or complex number given as {Re, Im}."""
    parts: list[object] = [value, 0.0]
    if isinstance(value, Mapping):
        if not value or set(value) - {"Re", "Im"}:
            raise ParameterError(f"WCxf: {name} must be a number or have the keys Re and Im.")
        parts = [value.get("Re", 0.0), value.get("Im", 0.0)]
    numbers = []
    for part in parts:
        if not isinstance(part, int | float) or isinstance(part, bool):
            raise ParameterError(f"WCxf: {name} is {shown(value)}, which is not a number.")
        try:
            numbers.append(float(part))
        except OverflowError:
            numbers.append(float("inf"))
    if not np.isfinite(numbers).all():
        given = (
            shown(value)
            if not isinstance(value, Mapping)
            else dict(zip(("Re", "Im"), numbers, strict=True))
        )
        raise ParameterError(f"WCxf: {name} is {given}, which is not finite.")
    return complex(*numbers)
