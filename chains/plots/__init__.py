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
    "constraints_plane": "planes.constraints",
    "contours": "likelihood.overlays",
    "corner": "posterior.corner",
    "correlations": "posterior.correlations",
    "coupling_mass": "planes.coupling_mass",
    "excess_probability": "searches.significance",
    "forest": "measurements.forest",
    "limit_bands": "searches.limits",
    "limit_figure": "searches.limits",
    "model_ratios": "searches.non_nested",
    "observables": "measurements.plane",
    "overlaid_corner": "posterior.staircase",
    "post_fit_figure": "measurements.counts",
    "predictive_bands": "measurements.predictive",
    "prior_posterior": "posterior.prior_posterior",
    "profile_figure": "likelihood.profiles",
    "profiles": "likelihood.overlays",
    "projection_curves": "searches.projection",
    "pulls": "measurements.pulls",
    "ranking": "likelihood.ranking",
    "rate_figure": "measurements.spectra",
    "relic_density": "planes.relic_density",
    "significance_figure": "searches.significance",
    "simulation_support": "measurements.support",
    "spectra": "measurements.rates",
    "toy_statistic": "searches.toys",
}

__all__ = [
    "Subject",
    "bins",
    "constraints_plane",
    "contours",
    "corner",
    "correlations",
    "coupling_mass",
    "excess_probability",
    "forest",
    "limit_bands",
    "limit_figure",
    "model_ratios",
    "observables",
    "overlaid_corner",
    "post_fit_figure",
    "predictive_bands",
    "prior_posterior",
    "profile_figure",
    "profiles",
    "projection_curves",
    "pulls",
    "ranking",
    "rate_figure",
    "relic_density",
    "save",
    "significance_figure",
    "simulation_support",
    "spectra",
    "style",
    "toy_statistic",
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
