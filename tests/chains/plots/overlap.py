"""Which texts of a figure lie over each other or are cut by its edge, as they are drawn."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axis import Axis
from matplotlib.text import Text

EDGE = "edge of the figure"
# The box of a text is that of its font, a little more than its ink.
SLACK_POINTS = 0.75


@dataclass(frozen=True)
class Box:
    """A rotated rectangle around a text: its corners (4, 2), in pixels."""

    text: str
    corners: np.ndarray

    def touches(self, other):
        """Whether the two have points in common: no axis of either keeps them apart."""
        for box in (self, other):
            sides = np.diff(box.corners[:3], axis=0)
            for side in sides:
                mine, theirs = self.corners @ side, other.corners @ side
                if mine.max() <= theirs.min() or theirs.max() <= mine.min():
                    return False
        return True


def overlapping(figure):
    """Pairs of texts that overlap; the second is `EDGE` if the figure cuts the first.

    Only what is drawn counts: no hidden artist, no tick beyond the end of its axis.
    """
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = [text_box(text, renderer) for text in drawn_texts(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    pairs = []
    for index, box in enumerate(boxes):
        pairs += [(box.text, other.text) for other in boxes[index + 1 :] if box.touches(other)]
        x, y = box.corners.T
        if x.min() < 0 or y.min() < 0 or x.max() > width or y.max() > height:
            pairs.append((box.text, EDGE))
    return pairs


def drawn_texts(artist):
    """Texts below an artist that are drawn and not empty."""
    if not artist.get_visible():
        return
    if isinstance(artist, Text) and artist.get_text().strip() and inside_its_clip(artist):
        yield artist
    for child in drawn_children(artist):
        yield from drawn_texts(child)


def drawn_children(artist):
    """Children of an artist without axes that are switched off and ticks out of sight."""
    children = artist.get_children()
    if hasattr(artist, "axison") and not artist.axison:
        return [child for child in children if not isinstance(child, Axis)]
    if isinstance(artist, Axis):
        ends = artist.get_transform().transform(artist.get_view_interval())
        reach = 1e-6 * abs(ends[1] - ends[0])
        ticks = {*artist.get_major_ticks(), *artist.get_minor_ticks()}
        unseen = set()
        for tick in ticks:
            place = artist.get_transform().transform([tick.get_loc()])[0]
            if not min(ends) - reach <= place <= max(ends) + reach:
                unseen.add(tick)
        return [child for child in children if child not in unseen]
    return children


def inside_its_clip(text):
    """Whether a text that is clipped to its axes has its place in them."""
    clip = text.get_clip_box()
    if not text.get_clip_on() or clip is None:
        return True
    x, y = text.get_transform().transform(text.get_position())
    return clip.contains(x, y)


def text_box(text, renderer):
    """Rectangle of a text, rotated as it is."""
    rotation = text.get_rotation()
    level = text.get_window_extent(renderer)
    centre = np.array([level.x0 + level.x1, level.y0 + level.y1]) / 2
    try:
        text.set_rotation(0)
        level = text.get_window_extent(renderer)
    finally:
        text.set_rotation(rotation)
    slack = SLACK_POINTS * text.get_figure(root=True).dpi / 72
    half = np.maximum([level.width / 2 - slack, level.height / 2 - slack], 0.1)
    angle = np.deg2rad(rotation)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) @ turn
    return Box(text.get_text(), centre + corners)
