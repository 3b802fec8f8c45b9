"""Named benchmarks of one light particle: couplings of a theory in place of those to s-bar b.

Each gives the coefficients of `two-body` for its loop (`benchmark_matching`). The particle decays
to what is not seen, with any width.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from .. import lagrangians
from ..base import Model, ModelParameter, points
from .base import coefficient
from .benchmark_matching import (
    baryonic_coupling,
    higgs_mixed_couplings,
    top_coupling,
    w_coupling,
)
from .models import TWO_BODY

__all__ = ["ALP_TOP", "ALP_W", "HIGGS_MIXED_SCALAR", "LIGHT_ZPRIME"]

_MASS, _WIDTH = TWO_BODY.parameters[:2]
_PER_TEV = 1e-3

Couplings = Callable[[Mapping[str, Array], Inputs], dict[str, Array]]


class Benchmark(Model):
    """One particle whose couplings to s-bar b follow from others.

    Parameters
    ----------
    name, description : str
    parameters : tuple of ModelParameter
        Besides mass and width.
    couplings : callable
        Takes the values of all parameters and the inputs; returns coefficients of `two-body`.
    lagrangian : str
        As `Model.lagrangian`.
    """

    def __init__(
        self,
        name: str,
        description: str,
        parameters: tuple[ModelParameter, ...],
        couplings: Couplings,
        lagrangian: str,
    ) -> None:
        self.name, self.description, self.lagrangian = name, description, lagrangian
        self.parameters = (_MASS, *parameters, _WIDTH)
        self._couplings = couplings

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Couplings of the particle to s-bar b; none where all of the benchmark's are zero."""
        found: dict[str, Array] = {"m_1": values["m_X"], "Gamma_1": values["Gamma_X"]}
        if any(values[entry.name].any() for entry in self.parameters[1:-1] if not entry.default):
            found |= self._couplings(values, inputs)
        return Wilson(found, size=points(values))


def _left_handed(kind: str, value: Array) -> dict[str, Array]:
    """s-bar gamma^mu P_L b as V and A."""
    return {f"{kind}_V": 0.5 * value, f"{kind}_A": -0.5 * value}


def _higgs_mixed(values: Mapping[str, Array], inputs: Inputs) -> dict[str, Array]:
    return higgs_mixed_couplings(values["sin_theta"], inputs)


def _with_w(values: Mapping[str, Array], inputs: Inputs) -> dict[str, Array]:
    return _left_handed("k", _PER_TEV * values["g_aWW"] * w_coupling(inputs))


def _with_top(values: Mapping[str, Array], inputs: Inputs) -> dict[str, Array]:
    loop = top_coupling(values["Lambda"], inputs)
    return _left_handed("k", _PER_TEV * values["c_tt"] * loop)


_TREE = tuple(link for name in ("g_V", "g_A") for link in coefficient(name, name))


def _vector(values: Mapping[str, Array], inputs: Inputs) -> dict[str, Array]:
    found = _left_handed("g", values["g_B"] * baryonic_coupling(inputs))
    for parameter, key, factor in _TREE:
        if values[parameter.name].any():
            found[key] = found[key] + factor * values[parameter.name]
    return found


HIGGS_MIXED_SCALAR = Benchmark(
    "higgs-mixed-scalar",
    "light scalar that mixes with the Higgs boson: sin(theta) times the couplings of the latter",
    (
        ModelParameter(
            "sin_theta",
            r"\sin\theta",
            "1",
            0.0,
            -1.0,
            1.0,
            "sine of the mixing angle of the scalar and the Higgs boson",
        ),
    ),
    _higgs_mixed,
    lagrangians.HIGGS_MIXED_SCALAR,
)

ALP_W = Benchmark(
    "alp-w",
    "axion-like particle coupled to W bosons, L = -(g_aWW/4) a W W~",
    (
        ModelParameter(
            "g_aWW",
            "g_{aWW}",
            "TeV^-1",
            0.0,
            -1000.0,
            1000.0,
            "coupling of the axion-like particle to SU(2) field strengths",
        ),
    ),
    _with_w,
    lagrangians.ALP_W,
)

ALP_TOP = Benchmark(
    "alp-top",
    "axion-like particle coupled to the top quark at the scale Lambda",
    (
        ModelParameter(
            "c_tt",
            "c_{tt}/f",
            "TeV^-1",
            0.0,
            -1000.0,
            1000.0,
            "axial coupling to the top quark over the decay constant, c_tt/f at Lambda",
        ),
        ModelParameter(
            "Lambda",
            r"\Lambda",
            "TeV",
            round(4.0 * np.pi, 3),
            0.2,
            1e16,
            "scale at which no other coupling is there, such as 4 pi f",
        ),
    ),
    _with_top,
    lagrangians.ALP_TOP,
)

LIGHT_ZPRIME = Benchmark(
    "light-zprime",
    "light vector with couplings to s-bar b given, or of baryon number with its anomaly",
    (
        *(link[0] for link in _TREE),
        ModelParameter(
            "g_B",
            "g_B",
            "1",
            0.0,
            -1.0,
            1.0,
            "coupling to baryon number, the anomaly cancelled by heavy fermions",
        ),
    ),
    _vector,
    lagrangians.LIGHT_ZPRIME,
)
