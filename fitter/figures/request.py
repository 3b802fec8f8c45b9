"""What is asked of a figure: the runs it shows and the options given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...chains.plots.style import SIZES
from ...errors import ParameterError, StoreError, choices
from ..runs.resume import Own

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ...chains.records import ForeignChain, RunFile
    from ...chains.records.projections import Projection
    from ..checked import CheckedFile

__all__ = ["Request", "Source", "figure_of", "parse_ranges"]


def _no_one(text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Source:
    """One results file of a figure.

    Attributes
    ----------
    label : str
        In the legend.
    path : Path
    run : RunFile
        Empty where there is a chain or a projection in its place.
    chain : ForeignChain, optional
        Of another program, for kinds that show them.
    projection : Projection, optional
        What ``bsinv project --json`` wrote.
    """

    label: str
    path: Path
    run: RunFile
    chain: ForeignChain | None = None
    projection: Projection | None = None

    def analysis(self, own: Own) -> CheckedFile:
        """Analysis stored in the file, for what a figure needs computed anew."""
        from ..runs.resume import stored_analysis

        if self.chain is not None:
            raise StoreError(f"{self.path}: a chain of another program, without an analysis.")
        return stored_analysis(self.run, own)


@dataclass(frozen=True)
class Request:
    """Options of a figure; each kind says which it takes.

    Attributes
    ----------
    params : tuple of str
        Parameters (or observables) to show; empty: the kind's own choice.
    ranges : mapping of str to (float, float)
        Ends of the axis of a parameter or observable.
    show : tuple of str
        Layers drawn in addition.
    of : str
        Which term, scan, study or observable; empty if there is but one.
    along : tuple of (str, tuple of float)
        Parameters and values along which curves of models are drawn.
    overlays : tuple of Path
        CSV files with curves of others.
    size : str
        ``"column"``, ``"page"`` or ``"slide"``.
    own : Own
        What is brought along to the runs.
    tell : callable
        Takes the text of a table that belongs to the figure.
    """

    params: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    show: tuple[str, ...] = ()
    of: str = ""
    along: tuple[tuple[str, tuple[float, ...]], ...] = ()
    overlays: tuple[Path, ...] = ()
    size: str = "page"
    own: Own = field(default_factory=Own)
    tell: Callable[[str], None] = _no_one

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise ParameterError(f"size {self.size!r}: one of {choices(self.size, SIZES)}")

    @property
    def width(self) -> float:
        """Width of the figure, inches."""
        return SIZES[self.size]

    def range_over(self, name: str, first: float, last: float) -> tuple[float, float] | None:
        """Range given for an axis, if there is one, over which something lies.

        Parameters
        ----------
        name : str
        first, last : float
            Ends of what is drawn.

        Raises
        ------
        ParameterError
            If nothing lies there.
        """
        if name not in self.ranges:
            return None
        low, high = self.ranges[name]
        if high <= first or low >= last:
            raise ParameterError(
                f"--range {name}={low:g}:{high:g}: nothing lies there; what is drawn reaches from "
                f"{first:.4g} to {last:.4g}."
            )
        return low, high

    def given(self) -> frozenset[str]:
        """Names of the options that were given."""
        named = ("params", "ranges", "show", "of", "along", "overlays")
        return frozenset(name for name in named if getattr(self, name))


def parse_ranges(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Ends of axes from texts such as ``dC_L=-10:5``.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    dict of str to (float, float)

    Raises
    ------
    ParameterError
        If a text is not of this form, its ends are not finite and ascending, or a name is twice.
    """
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        name, _, ends = text.rpartition("=")
        first, _, last = ends.partition(":")
        try:
            low, high = float(first), float(last)
        except ValueError:
            low, high = 0.0, 0.0
        if not (name and -float("inf") < low < high < float("inf")):
            raise ParameterError(
                f"--range {text!r}: NAME=LOW:HIGH is needed, two numbers, the lower one first."
            )
        if name in found:
            raise ParameterError(f"--range: {name!r} is given twice.")
        found[name] = (low, high)
    return found


def figure_of(axes: Axes) -> Figure:
    """The figure that axes are in, whatever parts lie between."""
    figure: Any = axes.get_figure(root=True)
    return figure  # type: ignore[no-any-return]
