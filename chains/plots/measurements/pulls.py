"""Pulls of all data of a fit, in groups, of one run or of several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ....errors import StoreError
from ...records import BestFit, ObservableRecord
from ..palette import label, new_figure
from ..style import SIZES
from ..texts import COLOURS, MARKERS, font, legend_of, plain, shrink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["pulls"]

# A line of text over its font size; one panel until it is taller than this, inches.
_LINE, _TALLEST = 1.45, 8.4
_NARROWEST = 2.7
_SOURCE = 32  # longest text on a source


@dataclass(frozen=True)
class _Row:
    """One line: the title of a group (no key), or an observable of a term."""

    text: str
    key: tuple[str, str] | None = None


def pulls(
    fits: Mapping[str, BestFit],
    groups: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
    reference: bool = False,
    axes: Sequence[Axes] | Axes | None = None,
    width: float = SIZES["page"],
) -> list[Axes]:
    """Measured minus predicted over the error, of every observable that has a pull.

    Parameters
    ----------
    fits : mapping of str to BestFit
        By the names of the runs in the legend.
    groups : mapping of str to str, optional
        Title under which a term stands; by name of the term.
    sources : mapping of str to str, optional
        Short text on where a term is from, such as ``"Belle 2017"``; the name of the term if it is
        not there.
    reference : bool
        Show the pulls at the reference points too, as open marks.
    axes : Axes or sequence of Axes, optional
        One panel each, filled in order; those of a new figure if not given.
    width : float
        Of a new figure, inches.

    Returns
    -------
    list of Axes

    Raises
    ------
    StoreError
        If no observable has a pull.
    """
    found = {name: _by_key(fit) for name, fit in fits.items()}
    rows = _rows(found, groups or {}, sources or {}, reference)
    own = axes is None
    panels = _panels(len(rows), width) if own else _given(axes)
    share = math.ceil(len(rows) / len(panels))
    reach = _reach(found, reference)
    size = _size(len(rows))
    for index, panel in enumerate(panels):
        _draw(panel, rows[index * share : (index + 1) * share], found, reference, reach, size)
        if len(rows) > index * share:
            panel.set_ylim(share - 0.4, -0.6)  # lines as high in all panels
        else:
            panel.set_axis_off()
    if own:
        figure: Any = panels[0].get_figure(root=True)
        tick_labels = [text for panel in panels for text in panel.get_yticklabels()]
        shrink(tick_labels, 0.62 * figure.bbox.width / len(panels))
    handles = _handles(panels[0], fits, reference)
    if len(handles) > 1:
        legend_of(panels[0], handles, own)
    return panels


def _by_key(fit: BestFit) -> dict[tuple[str, str], ObservableRecord]:
    return {(entry.term, entry.observable): entry for entry in fit.observables}


def _shown(entry: ObservableRecord, reference: bool) -> bool:
    return math.isfinite(entry.pull) or (reference and math.isfinite(entry.reference_pull))


def _rows(
    found: Mapping[str, Mapping[tuple[str, str], ObservableRecord]],
    groups: Mapping[str, str],
    sources: Mapping[str, str],
    reference: bool,
) -> list[_Row]:
    """Lines in order: groups as they come, in each the observables, same ones together."""
    entries = {
        key: entry
        for records in found.values()
        for key, entry in records.items()
        if _shown(entry, reference)
    }
    if not entries:
        raise StoreError(
            "no pulls are stored: fit the analysis again (bsinv run), or it has no data with pulls."
        )
    sorted_in: dict[str, dict[str, list[_Row]]] = {}
    for key, entry in entries.items():
        text = label(entry.latex, "", plain(entry.observable).replace(r"\$", "$"))
        text += ", " + plain(sources.get(entry.term, entry.term), _SOURCE)
        block = sorted_in.setdefault(groups.get(entry.term, ""), {})
        block.setdefault(entry.observable, []).append(_Row(text, key))
    rows = []
    for title, blocks in sorted_in.items():
        if title and len(sorted_in) > 1:
            rows.append(_Row(plain(title).replace("->", "→")))
        rows += [row for block in blocks.values() for row in block]
    return rows


def _size(rows: int) -> float:
    """Font size of the lines, points: smaller where there are many."""
    return font(1.0 if rows <= 25 else 0.85 if rows <= 45 else 0.72)


def _panels(rows: int, width: float) -> list[Axes]:
    height = rows * _LINE * _size(rows) / 72.0
    tallest = _TALLEST if width < SIZES["slide"] else 0.55 * width
    most = max(1, int(width / (_NARROWEST * _size(rows) / 8.0)))
    columns = min(most, math.ceil(height / tallest))
    figure = new_figure(width, height / columns + 1.1 * font() / 8.0)
    figure.set_layout_engine("constrained")
    return list(figure.subplots(1, columns, squeeze=False).ravel())


def _given(axes: Any) -> list[Axes]:
    return list(axes) if hasattr(axes, "__iter__") else [axes]


def _reach(found: Mapping[str, Mapping[Any, ObservableRecord]], reference: bool) -> float:
    values = [
        abs(value)
        for records in found.values()
        for entry in records.values()
        for value in (entry.pull, entry.reference_pull if reference else 0.0)
        if math.isfinite(value)
    ]
    return 1.08 * max(2.2, *values)


def _draw(
    axes: Axes,
    rows: Sequence[_Row],
    found: Mapping[str, Mapping[tuple[str, str], ObservableRecord]],
    reference: bool,
    reach: float,
    size: float,
) -> None:
    for band, shade in ((2.0, "#EEEEEE"), (1.0, "#DDDDDD")):
        axes.axvspan(-band, band, color=shade, linewidth=0.0, zorder=0)
    axes.axvline(0.0, color="#888888", linewidth=0.8, zorder=1)
    step = 0.7 / len(found)
    for line, row in enumerate(rows):
        if row.key is None:
            continue
        for index, records in enumerate(found.values()):
            entry = records.get(row.key)
            place = line + (index - 0.5 * (len(found) - 1)) * step
            if entry is not None:
                _mark(axes, entry, place, index, reference, size)
    axes.set_yticks(range(len(rows)), [row.text for row in rows], fontsize=size)
    for row, text in zip(rows, axes.get_yticklabels(), strict=True):
        if row.key is None:
            text.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=font())
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-reach, reach)
    axes.locator_params(axis="x", nbins=5, integer=True)
    axes.set_xlabel(r"pull [$\sigma$]", fontsize=font(1.1))


def _mark(
    axes: Axes, entry: ObservableRecord, place: float, index: int, reference: bool, size: float
) -> None:
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    style = {"marker": marker, "markersize": 0.5 * size, "color": colour, "linestyle": "none"}
    if math.isfinite(entry.pull):
        axes.hlines(place, 0.0, entry.pull, color=colour, linewidth=1.0, zorder=2)
        axes.plot(entry.pull, place, zorder=3, **style)  # type: ignore[arg-type]
    if reference and math.isfinite(entry.reference_pull):
        axes.plot(entry.reference_pull, place, mfc="white", zorder=2.5, **style)  # type: ignore[arg-type]


def _handles(axes: Axes, fits: Mapping[str, BestFit], reference: bool) -> list[Any]:
    handles = []
    for index, (name, fit) in enumerate(fits.items()):
        style = {
            "marker": MARKERS[index % len(MARKERS)],
            "color": COLOURS[index % len(COLOURS)],
            "linestyle": "none",
            "markersize": 5,
        }
        title = plain(name) if len(fits) > 1 else "best fit"
        handles += axes.plot([], [], label=title, **style)  # type: ignore[arg-type]
        if reference and fit.reference_label:
            at = plain(fit.reference_label)
            named = f"{at} of {plain(name)}" if len(fits) > 1 else at
            handles += axes.plot([], [], mfc="white", label=named, **style)  # type: ignore[arg-type]
    return handles
