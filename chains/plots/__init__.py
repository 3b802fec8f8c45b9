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
    "bins": "measurements.counts",
    "contours": "likelihood.overlays",
    "corner": "posterior.corner",
    "correlations": "posterior.correlations",
    "forest": "measurements.forest",
    "limit_figure": "searches.limits",
    "observables": "measurements.plane",
    "overlaid_corner": "posterior.staircase",
    "post_fit_figure": "measurements.counts",
    "prior_posterior": "posterior.prior_posterior",
    "profile_figure": "likelihood.profiles",
    "profiles": "likelihood.overlays",
    "pulls": "measurements.pulls",
    "ranking": "likelihood.ranking",
    "rate_figure": "measurements.spectra",
    "significance_figure": "searches.significance",
    "spectra": "measurements.rates",
}

__all__ = [
    "Subject",
    "bins",
    "contours",
    "corner",
    "correlations",
    "forest",
    "limit_figure",
    "observables",
    "overlaid_corner",
    "post_fit_figure",
    "prior_posterior",
    "profile_figure",
    "profiles",
    "pulls",
    "ranking",
    "rate_figure",
    "save",
    "significance_figure",
    "spectra",
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
