"""A likelihood that was published as a curve: -2 ln L at values of one observable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError, PredictionError
from ..base import Quoted, Term, name_of, predict_one, unit_of
from ..batches import Array, Data, real_prediction

if TYPE_CHECKING:
    from ...physics.inputs import Inputs
    from ...physics.observable import Observable
    from ...physics.wilson import Wilson

__all__ = ["FEWEST_POINTS", "LikelihoodCurve", "check_curve"]

FEWEST_POINTS = 4
# The minimum may lie that far below the lowest point, in -2 ln L: half of what is one standard
# deviation in one parameter. Beyond it lies where no point tells how deep it is.
DEEPEST = 0.5
# Curves say how a fit changes near its minimum; what is this far up is a mistake of units.
HIGHEST = 1e6


def check_curve(name: str, curve: Array) -> None:
    """Refuse what is no likelihood curve with a DataError: (k, 2), x rising."""
    if curve.ndim != 2 or curve.shape[1] != 2 or len(curve) < FEWEST_POINTS:
        raise DataError(f"{name}: a likelihood curve needs {FEWEST_POINTS} or more points")
    x, q = curve.T
    if not np.isfinite(curve).all() or (np.diff(x) <= 0).any():
        raise DataError(f"{name}: the x of a likelihood curve must be finite and rise")
    rise = float(np.ptp(q))
    if not 1.0 <= rise <= HIGHEST:
        raise DataError(
            f"{name}: minus_two_log_l of a likelihood curve spans {rise:g}: at least 1 is needed, "
            f"one standard deviation, and at most {HIGHEST:g}"
        )


class LikelihoodCurve(Term):
    """A published curve of -2 ln L, interpolated; relative to its minimum.

    Inside the table. With q = -2 ln L less its minimum, which lies at the vertex of the parabola
    through the lowest point and its neighbours, the signed root ``r = sign(x - x_0) sqrt(q)`` is
    interpolated by a cubic that is monotone between points (Fritsch and Carlson, SIAM J. Numer.
    Anal. 17, 238 (1980)): so q has no minimum that the table does not have, and a parabola is
    reproduced exactly. Where the lowest point is the first or the last of the table, as in a curve
    that starts at zero and rises, q itself is interpolated in this way.

    Outside the table. Beyond an end at which q rises outwards a parabola goes on: r is continued on
    the straight line through the last two points (of q itself: ``sqrt(q)``), as if the measurement
    were Gaussian there. Beyond an end that is the minimum nothing is known: q stays there.

    The curve says nothing of the data behind it: none can be drawn.

    Parameters
    ----------
    name, description : str
    observable : str or Observable
        Name, or a record of one's own.
    curve : (k, 2) array
        x in the unit of the observable, rising, and -2 ln L, up to a constant; four or more points.
    data_ids : tuple of str

    Attributes
    ----------
    best : float
        Position of the minimum.
    interior : bool
        Whether it lies inside the table.

    Raises
    ------
    DataError
        If the curve has too few points, also at its minimum, x does not rise, or -2 ln L spans less
        than 1.
    """

    includes_constants = False

    def __init__(
        self,
        name: str,
        description: str,
        observable: str | Observable,
        curve: Array,
        data_ids: tuple[str, ...],
    ) -> None:
        from scipy.interpolate import PchipInterpolator

        self.name, self.description = name, description
        self.observables, self.data_ids = (name_of(observable),), data_ids
        self._asked = observable
        self.curve = np.array(curve, float)
        check_curve(name, self.curve)
        self.x, q = self.curve.T
        lowest = int(q.argmin())
        self.interior = 0 < lowest < len(q) - 1
        self.best, least = float(self.x[lowest]), float(q[lowest])
        if self.interior:
            self.best, least = _vertex(self.x[lowest - 1 : lowest + 2], q[lowest - 1 : lowest + 2])
            if q[lowest] - least > DEEPEST:
                raise DataError(
                    f"{name}: the likelihood curve has too few points at its minimum, which lies "
                    f"{q[lowest] - least:.2g} below the lowest point in minus_two_log_l: at most "
                    f"{DEEPEST} is allowed"
                )
        # Rounding may leave the vertex above the lowest point.
        root = np.sqrt(np.maximum(q - least, 0.0))
        self._root = np.where(self.x < self.best, -root, root) if self.interior else root
        self._inside = PchipInterpolator(self.x, self._root if self.interior else root**2)

    def predict(self, wilson: Wilson, inputs: Inputs) -> Array:
        """Prediction of the observable: (n,)."""
        return predict_one(self._asked, wilson, inputs)

    def log_likelihood(self, prediction: Array, data: Data | None = None) -> Array:
        """``-q/2``, zero at the minimum: (n,)."""
        log: Array = -0.5 * self._signed_root(prediction, data) ** 2
        return log

    def pull(self, prediction: Array, data: Data | None = None) -> Array:
        """``sqrt(q)``, positive below the minimum: (n,)."""
        root = self._signed_root(prediction, data)
        return -root if self.interior else np.copysign(root, self.best - prediction)

    def _signed_root(self, prediction: Array, data: Data | None) -> Array:
        """Root r inside and outside the table: (n,)."""
        if data is not None:
            raise self._lacks()
        x = real_prediction(self.name, prediction)
        inside = self._inside(np.clip(x, self.x[0], self.x[-1]))
        root = inside if self.interior else np.sqrt(np.maximum(inside, 0.0))
        root = np.where(x < self.x[0], self._beyond(x, 0, 1), root)
        found: Array = np.where(x > self.x[-1], self._beyond(x, -1, -2), root)
        return np.where(np.isnan(x), np.nan, found)

    def _beyond(self, x: Array, end: int, inner: int) -> Array:
        """Root r: on the line through the last two points if it rises outwards, else constant."""
        slope = (self._root[end] - self._root[inner]) / (self.x[end] - self.x[inner])
        rises = abs(self._root[end]) > abs(self._root[inner])
        line: Array = self._root[end] + (slope if rises else 0.0) * (x - self.x[end])
        return line

    def _lacks(self, member: str = "", words: str = "") -> PredictionError:
        return self._no_data(
            "a likelihood curve says nothing of the data that it was made from: leave it out of "
            "toys, or give value and error."
        )

    def saturated(self, data: Data | None = None) -> Array:
        """Zero, at the minimum; NaN where that is an end of the table: (1,)."""
        if data is not None:
            raise self._lacks()
        return np.full(1, 0.0 if self.interior else np.nan)

    def quoted(self) -> tuple[Quoted, ...]:
        """Minimum and where q is 1 on either side, if the table has them."""
        (name,), unit = self.observables, unit_of(self._asked)
        sides = self.best - self._crossing(-1.0), self._crossing(1.0) - self.best
        if not self.interior or not np.isfinite(sides).all():
            return (Quoted(name, unit),)
        return (Quoted(name, unit, "value", self.best, sides[1], sides[0]),)

    def _crossing(self, root: float) -> float:
        """First x on its side of the minimum at which r is -1 or 1; NaN if none in the table."""
        from scipy.optimize import brentq

        # Rounding may leave a point of q = 1 on either side of it.
        beyond = self._root * root >= 1.0 - 1e-9
        columns = np.flatnonzero(beyond & ((self.x - self.best) * root > 0))
        if not columns.size or not self.interior:
            return float("nan")
        end = float(self.x[columns[-1] if root < 0 else columns[0]])
        if float(self._inside(end)) * root <= 1.0:
            return end
        return float(brentq(lambda x: float(self._inside(x)) - root, self.best, end))

    def notes(self) -> tuple[str, ...]:
        """How the curve goes on beyond its ends."""
        ends = [
            f"{'below' if end == 0 else 'above'} {self.x[end]:g} "
            + ("a parabola goes on" if self._rises(end, inner) else "it keeps its last value")
            for end, inner in ((0, 1), (-1, -2))
        ]
        return (f"{self.name}: likelihood curve; {', '.join(ends)}.",)

    def _rises(self, end: int, inner: int) -> bool:
        return bool(abs(self._root[end]) > abs(self._root[inner]))


def _vertex(x: Array, y: Array) -> tuple[float, float]:
    """Lowest point of the parabola through three points, of which the middle one is lowest."""
    left, right = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    bend = (right - left) / (x[2] - x[0])
    if not bend > 0:  # three equal values
        return float(x[1]), float(y[1])
    # Slope of the parabola at the middle point.
    slope = left + bend * (x[1] - x[0])
    return float(x[1] - 0.5 * slope / bend), float(y[1] - 0.25 * slope**2 / bend)
