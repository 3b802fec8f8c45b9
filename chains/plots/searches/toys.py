"""The statistic of toys: its distribution, what is observed, and what is expected of many data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ....errors import StoreError
from ...records import ToyStudy
from ...statistics.toys import at_bound, converged, likelihood_ratio
from ..palette import BAND, BEST, REFERENCE
from ..placement import escaped, place_legend
from ..style import SIZES, on_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["toy_statistic"]

_FEWEST_BINS, _MOST_BINS = 8, 60
# Below this the statistic is zero but for the precision of the fits.
_ZERO = 1e-3


def toy_statistic(
    study: ToyStudy,
    *,
    axes: Axes | None = None,
    width: float = SIZES["page"],
) -> Axes:
    """Draw the test statistic of toys, with the observed one and the curve of Wilks' theorem.

    The statistic is -2 ln [L(tested point)/L(best fit)]; for many data it is distributed as chi2
    with as many degrees of freedom as parameters are tested. No curve is drawn where the tested
    point is at an end of its range: the theorem does not hold there.

    Parameters
    ----------
    study : ToyStudy
    axes : Axes, optional
        Drawn on in place of those of a new figure; the legend is then inside.
    width : float
        Of a new figure, inches.

    Returns
    -------
    Axes

    Raises
    ------
    StoreError
        If no parameter is tested, or there is no toy of which both fits converged.
    """
    found = likelihood_ratio(study)
    good = converged(study)
    if found is None:
        raise StoreError(f"toys at {study.label} test no parameter: draw some with 'bsinv toys'.")
    if not good.any():
        raise StoreError(f"toys at {study.label}: there is none of which both fits converged.")
    values = np.maximum(study.statistic[good], 0.0)
    observed = float(study.observed_statistic)
    top = float(max(values.max(), observed if np.isfinite(observed) else 0.0, 1.0))
    bins = int(np.clip(2.0 * np.sqrt(len(values)), _FEWEST_BINS, _MOST_BINS))
    edges = np.linspace(0.0, 1.02 * top, bins + 1)
    panel = on_axes(axes, width)
    counts, _ = np.histogram(values, edges)
    handles: list[Any] = [
        panel.stairs(counts, edges, fill=True, color=BAND, alpha=0.35, label=f"{len(values)} toys")
    ]
    errors = np.sqrt(counts)
    panel.errorbar(
        0.5 * (edges[1:] + edges[:-1]), counts, errors, fmt="none", ecolor=BAND, elinewidth=0.8
    )
    if not at_bound(study):
        handles += _wilks(panel, found.degrees, len(values), edges)
    if np.isfinite(observed):
        text = f"observed, {observed:.2f}"
        handles.append(panel.axvline(observed, color=REFERENCE, linestyle="--", label=text))
    panel.set_yscale("log")
    panel.set_ylim(0.5, 3.0 * counts.max())
    panel.set_xlim(0.0, edges[-1])
    panel.set_xlabel(r"$-2\,\ln\,[L($tested$)/L($best fit$)]$")
    panel.set_ylabel("toys per bin")
    told = [f"toys at {escaped(study.label)}"]
    zero = float((values < _ZERO).mean())
    told += [f"{100.0 * zero:.0f} % at zero"] if zero > 0.05 else []
    place_legend(panel, handles, ", ".join(told), axes is None)
    return panel


def _wilks(panel: Axes, degrees: int, number: int, edges: Any) -> list[Any]:
    """Counts that chi2 expects in each bin, as a curve through its contents."""
    from scipy.stats import chi2

    expected = number * np.diff(chi2.cdf(edges, degrees))
    curve = panel.plot(
        0.5 * (edges[1:] + edges[:-1]), expected, color=BEST,
        label=rf"$\chi^2$ with {degrees} d.o.f.",
    )  # fmt: skip
    return list(curve)
