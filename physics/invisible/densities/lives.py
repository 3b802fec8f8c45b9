"""Dark particles that decay: their decay length, and what of it is invisible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....errors import PredictionError
from ...arrays import Array
from ...wilson import Wilson

__all__ = ["STABLE", "Life", "life_of"]

# m. From this decay length on a particle is stable.
STABLE = 1e15


@dataclass(frozen=True, eq=False)
class Life:
    """How the dark particles of a final state decay.

    Attributes
    ----------
    ctau : (1,) or (n,) array, m
        Proper decay length.
    invisible : (1,) or (n,) array, 1
        Branching fraction to invisible particles.
    masses : tuple of float or (n, 1) array, GeV
        Of the one or two particles; massless ones do not decay. For one particle with a width the
        mass is sqrt(q2).
    """

    ctau: Array
    invisible: Array
    masses: tuple[float | Array, ...]


def life_of(wilson: Wilson, masses: tuple[float | Array, ...]) -> Life | None:
    """Life of particles of the coefficients ctau and BR_inv; None if they are stable everywhere.

    Without BR_inv all decays are visible.

    Raises
    ------
    PredictionError
        If c tau is negative or BR_inv not between 0 and 1.
    """
    ctau = wilson.get("ctau")
    if ctau is None:
        return None
    invisible = wilson.get("BR_inv", np.zeros(1))
    if (ctau < 0.0).any():
        raise PredictionError(f"ctau is negative: {float(np.nanmin(ctau)):g} m.")
    if ((invisible < 0.0) | (invisible > 1.0)).any():
        worst = invisible[(invisible < 0.0) | (invisible > 1.0)][0]
        raise PredictionError(f"BR_inv is {worst:g}; allowed: 0 to 1.")
    if (ctau >= STABLE).all() or (invisible == 1.0).all():
        return None
    return Life(ctau, invisible, masses)
