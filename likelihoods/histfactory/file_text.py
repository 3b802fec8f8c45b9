"""Files whose text is at hand: where a results file brings them, there is nothing to open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import DataError

__all__ = ["FileText", "read_json"]


@dataclass(frozen=True)
class FileText:
    """The text of a file, in place of its path; `name` is said in errors."""

    name: str
    text: str

    def __str__(self) -> str:
        return self.name


def read_json(source: str | Path | FileText, name: str) -> Mapping[str, Any]:
    """JSON object of a file.

    Parameters
    ----------
    source : str, Path or FileText
    name : str
        For errors.

    Returns
    -------
    mapping

    Raises
    ------
    DataError
        If it cannot be read, or is no JSON object.
    """
    name = name if name == str(source) else f"{name}: {source}"
    try:
        text = (
            source.text
            if isinstance(source, FileText)
            else Path(source).read_text(encoding="utf-8-sig")
        )
        content = json.loads(text)
    except OSError as error:
        raise DataError(f"{name}: cannot be read: {error.strerror or error}") from None
    except RecursionError:
        raise DataError(f"{name}: is no workspace: nested too deeply") from None
    except ValueError as error:
        raise DataError(f"{name}: is no JSON: {error}") from None
    if not isinstance(content, Mapping):
        raise DataError(f"{name}: a workspace is a JSON object, not {type(content).__name__}")
    return content
