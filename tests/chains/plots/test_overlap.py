"""The check for overlapping texts sees what overlaps, and nothing that does not."""

import pytest
from bsinv.chains.plots.palette import new_figure
from matplotlib.lines import Line2D
from overlap import EDGE, overlapping


@pytest.fixture
def figure():
    return new_figure(4, 3)


def test_texts_over_each_other(figure):
    figure.text(0.5, 0.5, "one")
    figure.text(0.52, 0.51, "two")
    figure.text(0.1, 0.1, "far")
    assert overlapping(figure) == [("one", "two")]


def test_hidden_and_empty_texts_do_not_count(figure):
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.5, " ")
    figure.text(0.5, 0.5, "hidden", visible=False)
    panel = figure.add_axes((0.2, 0.2, 0.6, 0.6), visible=False)
    panel.text(0.5, 0.5, "in a hidden panel")
    off = figure.add_axes((0.2, 0.2, 0.6, 0.6))
    off.set_axis_off()
    off.set_xlabel("of axes that are off")
    figure.text(0.5, 0.1, "below")
    assert overlapping(figure) == []


def test_text_cut_by_the_edge(figure):
    figure.text(0.95, 0.5, "beyond the edge")
    assert overlapping(figure) == [("beyond the edge", EDGE)]


def test_rotated_texts_side_by_side_do_not_overlap(figure):
    """Their upright boxes do, the texts do not; level they would."""
    texts = [figure.text(x, 0.4, "a long label", rotation=60) for x in (0.3, 0.36)]
    assert overlapping(figure) == []
    for text in texts:
        text.set_rotation(0)
    assert overlapping(figure) == [("a long label", "a long label")]


def test_ticks_out_of_sight_do_not_count(figure):
    axes = figure.add_axes((0.2, 0.3, 0.6, 0.6))
    axes.set_yticks([])
    axes.set_xticks([0.0, 0.5, 1.0, 1.01], labels=["a", "b", "c", "d"])
    axes.set_xlim(0.0, 1.0)
    assert overlapping(figure) == []
    axes.set_xticks([0.0, 0.5, 1.0, 1.01], labels=["a", "b", "c", "d"])
    assert overlapping(figure) == [("c", "d")]


def test_ticks_of_a_logarithmic_axis(figure):
    axes = figure.add_axes((0.2, 0.3, 0.6, 0.6), xscale="log", xlim=(1e-3, 1e3))
    axes.set_yticks([])
    assert overlapping(figure) == []
    axes.set_xticks([1.0, 1.1], labels=["first", "second"])
    assert overlapping(figure) == [("first", "second")]


def test_texts_of_a_legend_count(figure):
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.legend(handles=[Line2D([], [], label="line")], loc="center")
    axes.text(0.5, 0.5, "note", ha="center", va="center", transform=axes.transAxes)
    assert set(map(frozenset, overlapping(figure))) == {frozenset(("note", "line"))}


def test_a_clipped_text_outside_its_axes_is_not_drawn(figure):
    axes = figure.add_axes((0.1, 0.2, 0.4, 0.7), xlim=(0, 1), ylim=(0, 1))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(1.3, 0.5, "clipped", clip_on=True)
    figure.text(0.62, 0.55, "beside")
    assert overlapping(figure) == []
