"""Plain data from the nodes of YAML 1.2, with the line of every key.

Only plain types pass: mappings with text keys, lists, text, numbers, true/false and null. Tags,
anchors, directives and a second document are refused: an analysis needs none, and each has been
a way to make a small file expensive or surprising.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ....errors import AnalysisError

__all__ = [
    "MAX_DEPTH",
    "MAX_NODES",
    "Key",
    "Nodes",
    "compose",
    "describe_value",
    "format_key",
    "shorten",
]

Key = tuple[str | int, ...]

MAX_DEPTH = 30
# Values and keys of a document. The analyses of a global fit have a thousand; a file with many more
# is something else, and reading it would take minutes.
MAX_NODES = 20_000
_TAG = "tag:yaml.org,2002:"
# Problems that ruamel.yaml words for those who know its scanner.
_PLAINER = {
    r"'\t'": "a tab cannot indent: use spaces",
    "mapping values are not allowed": "a ':' is not expected here: check the indentation",
}
_BOOLS = {"true": True, "false": False}


@dataclass
class Nodes:
    """Walk through a node tree.

    Attributes
    ----------
    file : str or None
        For errors.
    lines : dict of key path to int
        Filled by ``plain``: line, from 1, of each key and list item.
    """

    file: str | None
    lines: dict[Key, int] = field(default_factory=dict)

    def plain(self, node: Any, path: Key = ()) -> Any:
        """Plain value of a node.

        Parameters
        ----------
        node : ruamel.yaml.nodes.Node
            Of the tree from ``compose``.
        path : tuple of str and int
            Where the node stands.

        Returns
        -------
        dict, list, str, int, float, bool or None

        Raises
        ------
        AnalysisError
            The node is not plain, or a key is given twice.
        """
        if node.anchor is not None:
            message = f"YAML anchors (&{node.anchor}) are not supported: write the value out."
            self._fail(message, node, path)
        if len(path) > MAX_DEPTH:
            self._fail("nested too deeply for an analysis.", node, ())
        tag = str(node.tag)
        if node.id == "mapping" and tag == f"{_TAG}map":
            return self._mapping(node, path)
        if node.id == "sequence" and tag == f"{_TAG}seq":
            for index, item in enumerate(node.value):
                self.lines[*path, index] = _line(item)
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.id == "scalar":
            try:
                return _scalar(tag, str(node.value))
            except KeyError:
                pass  # told below, with the tags of mappings and lists
            except ValueError:
                self._fail(f"cannot read {shorten(node.value)} as a number.", node, path)
        shown = tag.replace(_TAG, "!!")
        self._fail(f"the YAML tag {shown} is not supported: write a plain value.", node, path)

    def _mapping(self, node: Any, path: Key) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                self._fail("the merge key << is not supported.", key_node, path)
            name = Nodes(self.file).plain(key_node, path)
            if not isinstance(name, str):
                given = describe_value(name)
                self._fail(f"a key must be text, not {given}: put it in quotes.", key_node, path)
            here = (*path, name)
            if name in result:
                first = self.lines[here]
                self._fail(f"this key is given twice, first in line {first}.", key_node, here)
            self.lines[here] = _line(key_node)
            result[name] = self.plain(value_node, here)
        return result

    def _fail(self, message: str, node: Any, path: Key) -> NoReturn:
        raise AnalysisError(message, self.file, _line(node), format_key(path))


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def compose(text: str, file: str | None) -> Any:
    """Node tree of a YAML text.

    Parameters
    ----------
    text : str
        YAML 1.2.
    file : str or None
        Name of the file, for errors.

    Returns
    -------
    ruamel.yaml.nodes.Node or None
        None if the text is empty.

    Raises
    ------
    AnalysisError
        Any error of YAML, with its line; a document too large or too deep for an analysis.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    for count, line in enumerate(text.splitlines(), 1):
        if line.startswith("%"):
            raise AnalysisError("YAML directives (%) are not supported.", file, count)
        if line.strip() and not line.startswith("#"):
            break
    reader = YAML(typ="safe", pure=True)
    reader.Composer = _bounded_composer(file)
    try:
        return reader.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        number = None if mark is None else mark.line + 1
        problem = str(error.problem or error.context)
        if "another document" in problem:
            raise AnalysisError(
                "a second YAML document starts here: one analysis, one document.", file, number
            ) from None
        for found, plain in _PLAINER.items():
            if found in problem:
                raise AnalysisError(f"not valid YAML: {plain}.", file, number) from None
        raise AnalysisError(
            f"not valid YAML: {problem}{_context(error, number)}.", file, number
        ) from None
    except YAMLError as error:
        position = getattr(error, "position", None)
        line_number = None if position is None else text.count("\n", 0, position) + 1
        problem = str(getattr(error, "reason", None) or "cannot be parsed")
        raise AnalysisError(f"not valid YAML: {problem}.", file, line_number) from None
    except RecursionError:
        raise AnalysisError("nested too deeply for an analysis.", file) from None


def _bounded_composer(file: str | None) -> Any:
    """Composer of ruamel.yaml that stops where a document is too large or too deep."""
    from ruamel.yaml.composer import Composer

    class _Bounded(Composer):
        seen, depth = 0, 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.seen += 1
            line = self.parser.peek_event().start_mark.line + 1
            if self.seen > MAX_NODES:
                raise AnalysisError(
                    f"more than {MAX_NODES} keys and values: this is not an analysis.", file, line
                )
            if self.depth > MAX_DEPTH:
                raise AnalysisError("nested too deeply for an analysis.", file, line)
            self.depth += 1
            try:
                return super().compose_node(parent, index)
            finally:
                self.depth -= 1

    return _Bounded


def _context(error: Any, number: int | None) -> str:
    """What the parser was doing, and since which line."""
    if not (error.context and error.problem):
        return ""
    mark = error.context_mark
    since = "" if mark is None or mark.line + 1 == number else f" from line {mark.line + 1} on"
    return f" ({error.context}{since})"


def _scalar(tag: str, text: str) -> Any:
    """Value of a scalar by its tag; KeyError for a tag that is not plain."""
    match tag.removeprefix(_TAG):
        case "str" | "timestamp" | "merge":
            return text  # a date stays the text that was written
        case "null":
            return None
        case "bool":
            return _BOOLS[text.lower()]
        case "int":
            digits = text.replace("_", "")
            return int(digits, 0) if re.match(r"[-+]?0[xob]", digits) else int(digits)
        case "float":
            plain = text.replace("_", "").lower()
            return float(re.sub(r"^([-+]?)\.(inf|nan)$", r"\1\2", plain))
    raise KeyError(tag)


def format_key(path: Key) -> str | None:
    """Key path as shown in errors, such as ``likelihoods[1].name``; None for the top.

    Parameters
    ----------
    path : tuple of str and int
        Keys and list positions from the top.

    Returns
    -------
    str or None
    """
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown.removeprefix(".") or None


def describe_value(value: Any) -> str:
    """Name of a plain value for a sentence, such as ``the text 'high'`` or ``a list``.

    Parameters
    ----------
    value : None, bool, int, float, str, list or dict
        A value of an analysis.

    Returns
    -------
    str
    """
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    kind = "text" if isinstance(value, str) else "number"
    return f"the {kind} {shorten(value)}"


def shorten(value: object, length: int = 40) -> str:
    """Repr of a value, cut at a number of characters.

    Parameters
    ----------
    value : object
        Any value.
    length : int, optional
        Characters kept.

    Returns
    -------
    str
    """
    shown = repr(value)
    return shown if len(shown) <= length else shown[: length - 3] + "..."
