"""Built-in analyses: the files in ``fitter/analyses``, by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ....errors import AnalysisError, did_you_mean
from ... import analyses

__all__ = ["DEFAULT", "builtin_analyses", "resolve"]

DEFAULT = "b2snunu-lfu"


def builtin_analyses() -> dict[str, Path]:
    """Built-in analyses: name to file."""
    folder = Path(str(resources.files(analyses)))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def resolve(source: str | Path | Mapping[str, Any]) -> str | Path | Mapping[str, Any]:
    """Turn the name of a built-in analysis into its file; leave anything else as it is.

    Parameters
    ----------
    source : str, path or mapping

    Returns
    -------
    str, path or mapping

    Raises
    ------
    AnalysisError
        For a short text that is neither a built-in analysis nor a file.
    """
    if not isinstance(source, str) or "\n" in source:
        return source
    known = builtin_analyses()
    if not source.strip():
        raise AnalysisError(f"the name of the analysis is empty{did_you_mean('', known)}")
    if source in known:
        return known[source]
    if not Path(source).exists() and not source.endswith((".yaml", ".yml")):
        raise AnalysisError(
            f"{source!r} is neither a file nor a built-in analysis{did_you_mean(source, known)}"
        )
    return source
