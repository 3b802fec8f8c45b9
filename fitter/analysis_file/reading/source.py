"""Read an analysis from a YAML file, a YAML text or a mapping, keeping the line of every key.

Three doors, one result: ``Located``, plain data that know where each key stands.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from ....errors import AnalysisError
from .nodes import MAX_DEPTH, MAX_NODES, Key, Nodes, compose, describe_value, format_key

__all__ = ["Located", "read_file", "read_mapping", "read_source", "read_text"]

MAX_BYTES = 1_000_000
ANALYSIS = "an analysis file (YAML)"


@dataclass(frozen=True)
class Located:
    """Plain data of an analysis and where each key stands.

    Attributes
    ----------
    data : dict
        The top-level mapping: only dict, list, str, int, float, bool and None.
    text : str
        The YAML text, verbatim; of a mapping, its YAML form.
    file : str or None
        Name of the file, if there is one.
    lines : mapping of key path to int
        Line, from 1, of each key and list item; empty if the source was a mapping.
    """

    data: dict[str, Any]
    text: str
    file: str | None = None
    lines: Mapping[Key, int] = field(default_factory=dict)

    def line(self, path: Key) -> int | None:
        """Line of a key, or of its nearest parent that stands in the text.

        Parameters
        ----------
        path : tuple of str and int
            Keys and list positions from the top, such as ``("parameters", "dC_L", "prior")``.

        Returns
        -------
        int or None
            From 1; None if the source has no lines.
        """
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1 if self.lines and not path else None

    def mistake(self, message: str, path: Key) -> AnalysisError:
        """Error that tells where in the file it is.

        Parameters
        ----------
        message : str
        path : tuple of str and int
            As for `line`.

        Returns
        -------
        AnalysisError
        """
        return AnalysisError(message, self.file, self.line(path), format_key(path))


def read_source(source: str | Path | Mapping[str, Any]) -> Located:
    """Read an analysis from wherever it is.

    Parameters
    ----------
    source : path, str or mapping
        A mapping is taken as it is; a text with a line break is YAML; any other text and a
        path name a file.

    Returns
    -------
    Located

    Raises
    ------
    AnalysisError
        The source cannot be read, or is not a plain YAML mapping.
    """
    if isinstance(source, Mapping):
        return read_mapping(source)
    if isinstance(source, str) and "\n" in source:
        return read_text(source)
    if isinstance(source, str | Path):
        return read_file(source)
    raise AnalysisError(
        f"an analysis is a file name, a YAML text or a mapping, not {type(source).__name__}."
    )


def read_file(path: str | Path, wanted: str = ANALYSIS) -> Located:
    """Read an analysis file.

    Parameters
    ----------
    path : path or str
        A UTF-8 file of at most 1 MB.
    wanted : str
        What it is meant to be, for errors.

    Returns
    -------
    Located

    Raises
    ------
    AnalysisError
        The file is missing, a directory, too large, not UTF-8, or not a plain YAML mapping.
    """
    file = str(path)
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise AnalysisError("no such file.", file) from None
    except IsADirectoryError:
        raise AnalysisError(
            f"this is a directory, not {wanted.partition(' (')[0]}.", file
        ) from None
    except PermissionError:
        raise AnalysisError("no permission to read this file.", file) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AnalysisError(f"cannot be read: {reason}.", file) from None
    _refuse_other_kind(raw, file, wanted)
    if len(raw) > MAX_BYTES:
        raise AnalysisError(
            f"larger than {MAX_BYTES // 1_000_000} MB: this is not {wanted.partition(' (')[0]}.",
            file,
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        shown = f"0x{raw[error.start]:02x}"
        raise AnalysisError(f"not UTF-8 text (byte {shown}).", file, line) from None
    return read_text(text, file)


def _refuse_other_kind(raw: bytes, file: str, wanted: str) -> None:
    """Say what a file is, where that is known not to be text of ours."""
    from ....chains.files.kinds import HEAD, RESULTS, kind_of

    kind = kind_of(raw[:HEAD])
    if kind in ("", "an analysis"):
        return
    more = (
        f" 'bsinv resume {file}' goes on with results."
        if (kind, wanted) == (RESULTS, ANALYSIS)
        else ""
    )
    raise AnalysisError(f"this is {kind}, and {wanted} is needed.{more}", file)


def read_text(text: str, file: str | None = None) -> Located:
    """Read an analysis from YAML text.

    Parameters
    ----------
    text : str
        YAML 1.2.
    file : str, optional
        Name of the file the text came from, for errors.

    Returns
    -------
    Located

    Raises
    ------
    AnalysisError
        The text is not a plain YAML mapping, or names a key twice.
    """
    node = compose(text, file)
    if node is None:
        raise AnalysisError("empty: an analysis needs name, model and likelihoods.", file)
    nodes = Nodes(file)
    data = nodes.plain(node)
    if not isinstance(data, dict):
        line = int(node.start_mark.line) + 1
        given = describe_value(data)
        raise AnalysisError(
            f"the top level must be a mapping (key: value), not {given}.", file, line
        )
    return Located(data=data, text=text, file=file, lines=nodes.lines)


def read_mapping(mapping: Mapping[str, Any]) -> Located:
    """Take an analysis from a mapping; there are no lines.

    Parameters
    ----------
    mapping : mapping
        As the YAML file; tuples count as lists, numpy numbers as numbers.

    Returns
    -------
    Located

    Raises
    ------
    AnalysisError
        A value is not a plain type, or a key is not text.
    """
    from ruamel.yaml import YAML

    data = _copy(mapping, (), iter(range(MAX_NODES)))
    stream = io.StringIO()
    writer: Any = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # keep the user's order
    writer.dump(data, stream)
    return Located(data=data, text=stream.getvalue())


def _copy(value: Any, path: Key, left: Iterator[int]) -> Any:
    """Deep copy of a mapping's content into plain types; `left` counts what may still come."""
    if next(left, None) is None:
        raise AnalysisError(f"more than {MAX_NODES} values: this is not an analysis.")
    if len(path) > MAX_DEPTH:
        raise AnalysisError("nested too deeply for an analysis.", key=format_key(path[:3]))
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        if abs(int(value)) >= 2**64:
            raise AnalysisError("this integer is too large.", key=format_key(path))
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise AnalysisError(
                    f"a key must be text, not {describe_value(name)}.", key=format_key(path)
                )
        return {str(name): _copy(entry, (*path, name), left) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(entry, (*path, index), left) for index, entry in enumerate(value)]
    raise AnalysisError(
        f"only mappings, lists, text, numbers, true/false and None are allowed, not "
        f"{type(value).__name__}.",
        key=format_key(path),
    )
