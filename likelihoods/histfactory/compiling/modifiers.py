"""Types of modifiers of HistFactory, their constraints, and interpolation codes."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["HISTOGRAM_CODES", "MODIFIERS", "SCALE_CODES"]

# Kind of constraint of each type of modifier: a name may have only one.
MODIFIERS: Mapping[str, str] = {
    "histosys": "normal",
    "normsys": "normal",
    "lumi": "luminosity",
    "normfactor": "none",
    "shapefactor": "none, bin by bin",
    "staterror": "normal, bin by bin",
    "shapesys": "Poisson, bin by bin",
}
HISTOGRAM_CODES, SCALE_CODES = ("0", "2", "4p"), ("1", "4")
