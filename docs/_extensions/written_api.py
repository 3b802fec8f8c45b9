"""Pages of the public names of Python, from their docstrings."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence

__all__ = ["api_pages"]

# Page: title, what is said above, modules whose public names it has. A name that several offer is
# on the first page.
_PAGES: dict[str, tuple[str, str, Sequence[str]]] = {
    "api-bsinv.rst": (
        "bsinv",
        "What ``import bsinv`` offers: analyses, predictions, and the classes for objects of one's "
        "own.",
        ("bsinv",),
    ),
    "api-plots.rst": (
        "Figures",
        "``bsinv.plots``: each takes records, and axes if a figure is to be finished by hand.",
        ("bsinv.chains.plots",),
    ),
    "api-results.rst": (
        "Results",
        "Records that a results file holds, and what reads them: nothing in them is live, all of "
        "it is in the file.",
        ("bsinv.chains.records", "bsinv.chains"),
    ),
    "api-export.rst": (
        "Other tools",
        "Samples for arviz and getdist; likelihoods and predictions for other codes.",
        ("bsinv.chains.export.as_arviz", "bsinv.chains.export.as_getdist", "bsinv.adapters"),
    ),
    "api-errors.rst": (
        "Errors",
        "All are a ``BsinvError``, and say the file, key or parameter, the value and what was "
        "allowed.",
        ("bsinv.errors",),
    ),
}

# Classes of several files, and the base at which what is told of them ends.
_UP_TO = {"Analysis": "CheckedFile"}


def api_pages() -> dict[str, str]:
    """Text of each page by its file name; names of a module that is not there are left out."""
    seen: set[object] = set()
    return {file: _page(*parts, seen) for file, parts in _PAGES.items()}


def _page(title: str, above: str, modules: Sequence[str], seen: set[object]) -> str:
    lines = [title, "=" * len(title), "", above, ""]
    for module in modules:
        for name in _names(module):
            value = getattr(importlib.import_module(module), name)
            # A public name may be offered by more than one module.
            if not (inspect.isclass(value) or inspect.isfunction(value)) or value in seen:
                continue
            seen.add(value)
            heading = f"{module}.{name}"
            lines += [name, "-" * len(name), ""]
            if inspect.isclass(value):
                lines += [f".. autoclass:: {heading}", "   :members:"]
                if name in _UP_TO:
                    lines.append(f"   :inherited-members: {_UP_TO[name]}")
                lines.append("")
            else:
                lines += [f".. autofunction:: {heading}", ""]
    return "\n".join(lines)


def _names(module: str) -> Sequence[str]:
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name == module:
            return ()
        raise
    names: Sequence[str] = getattr(found, "__all__", ())
    return [name for name in names if not name.startswith("_")]
