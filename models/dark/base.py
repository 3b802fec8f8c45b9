"""Models of dark sectors: operators of one final state with real and imaginary coefficients."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.invisible.densities.lives import STABLE
from ...physics.wilson import WILSON_NAMES, Wilson
from ..base import Model, ModelParameter, default_value, points
from ..couplings import add_arrays

__all__ = ["DarkModel", "Link", "coefficient", "life", "mass"]

# Parameters are numbers of order one where BR(B -> K inv) is near 1e-5: for each power of GeV^-1
# the unit as a text and in GeV.
_UNITS = {
    "GeV": ("10^-8 GeV", 1e-8),
    "1": ("10^-8", 1e-8),
    "GeV^-1": ("10^-5 TeV^-1", 1e-8),
    "GeV^-2": ("10^-2 TeV^-2", 1e-8),
    "GeV^-3": ("TeV^-3", 1e-9),
}
_RANGE = 1000.0

# A parameter, the Wilson coefficient it adds to, and the number that multiplies it.
Link = tuple[ModelParameter, str, complex]


def coefficient(key: str, name: str, latex: str | None = None) -> tuple[Link, Link]:
    """Real and imaginary part of a Wilson coefficient as parameters.

    Parameters
    ----------
    key : str
        Name of the Wilson coefficient.
    name : str
        Name of the parameter of the real part; the other has the prefix ``Im_``.
    latex : str, optional
        Symbol, that of the coefficient by default.
    """
    known = WILSON_NAMES[key]
    unit, size = _UNITS[known.unit]
    symbol = latex or known.latex
    links = []
    for prefix, part, which, factor in (("", "Re", "real", 1.0), ("Im_", "Im", "imaginary", 1j)):
        parameter = ModelParameter(
            name=prefix + name,
            latex=rf"\mathrm{{{part}}}\,{symbol}",
            unit=unit,
            default=0.0,
            lower=-_RANGE,
            upper=_RANGE,
            description=f"{which} part of the coefficient of {known.description}",
        )
        links.append((parameter, key, size * factor))
    return links[0], links[1]


def mass(
    key: str, name: str, default: float, upper: float, lower: float = 0.0, latex: str | None = None
) -> Link:
    """Mass or width as a parameter, GeV."""
    known = WILSON_NAMES[key]
    parameter = ModelParameter(
        name, latex or known.latex, "GeV", default, lower, upper, known.description
    )
    return parameter, key, 1.0


def life(particle: str) -> list[Link]:
    """Decay length and invisible branching fraction as parameters; stable by default.

    Parameters
    ----------
    particle : str
        Which one it is, for the descriptions.
    """
    decay = ModelParameter(
        "ctau",
        r"c\tau",
        "m",
        STABLE,
        0.0,
        STABLE,
        f"proper decay length of {particle} in decays of B mesons; {STABLE:g}: stable",
    )
    invisible = ModelParameter(
        "BR_inv",
        r"\mathcal{B}_\mathrm{inv}",
        "1",
        0.0,
        0.0,
        1.0,
        f"branching fraction of {particle}, if it decays, to invisible particles",
    )
    return [(decay, "ctau", 1.0), (invisible, "BR_inv", 1.0)]


class DarkModel(Model):
    """Parameters that each multiply one Wilson coefficient.

    Parameters
    ----------
    name, description : str
    links : sequence of Link
    loops : callable, optional
        What the coefficients make of others at one loop: takes them and the inputs, returns what
        is to be added.
    lagrangian : str
        As `Model.lagrangian`.
    """

    def __init__(
        self,
        name: str,
        description: str,
        links: Sequence[Link],
        loops: Callable[[Mapping[str, Array], Inputs], Mapping[str, Array]] | None = None,
        *,
        lagrangian: str = "",
    ) -> None:
        self.name = name
        self.lagrangian = lagrangian
        self.description = description
        self.parameters = tuple(link[0] for link in links)
        self._loops = loops
        self._links = tuple((parameter.name, key, factor) for parameter, key, factor in links)

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """Coefficients and masses; coefficients whose parameters are all zero are left out."""
        found = self.coefficients(values)
        if self._loops is not None:
            add_arrays(found, self._loops(found, inputs))
        return Wilson(found, size=points(values))

    def coefficients(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Wilson coefficients and masses by name, (1,) or (n,) arrays.

        Parameters
        ----------
        values : mapping of str to (1,) or (n,) array
            Every parameter of the model.
        """
        zero = default_value(0.0)
        found: dict[str, Array] = {}
        for name, key, factor in self._links:
            value = values[name]
            if WILSON_NAMES[key].real:
                found[key] = value if factor == 1.0 else factor.real * value
            elif value is not zero and value.any():
                part = factor * value
                found[key] = found[key] + part if key in found else np.asarray(part)
        return found
