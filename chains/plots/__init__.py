"""Figures of results, drawn from records alone; each takes axes and returns them.

Public as ``bsinv.plots``. What must be computed for a figure (curves of models, regions of single
constraints) is made by the fitter and passed in as a record.
"""

from __future__ import annotations

import importlib
from typing import Any

# At once: loaded later, the module of this name would take the place of the function.
from .style import save, style

# Public names and the module of each, resolved on first use: importing results needs no matplotlib.
_FACE = {
    "Subject": "subjects",
    "contours": "likelihood.overlays",
    "corner": "posterior.corner",
    "correlations": "posterior.correlations",
    "overlaid_corner": "posterior.staircase",
    "prior_posterior": "posterior.prior_posterior",
    "profiles": "likelihood.overlays",
    "profile_figure": "likelihood.profiles",
    "post_fit_figure": "measurements.counts",
    "rate_figure": "measurements.spectra",
    "limit_figure": "searches.limits",
    "significance_figure": "searches.significance",
}

__all__ = [
    "corner",
    "limit_figure",
    "post_fit_figure",
    "profile_figure",
    "rate_figure",
    "save",
    "significance_figure",
    "style",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name in _FACE:
        value = getattr(importlib.import_module(f"{__name__}.{_FACE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
