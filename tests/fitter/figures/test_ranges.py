"""Ranges of axes over which nothing lies are refused, others are not touched."""

import pytest
from bsinv.errors import ParameterError
from bsinv.fitter.figures.kinds import draw_figure
from bsinv.fitter.figures.observables import _PLANE
from bsinv.fitter.figures.request import Request


def test_a_range_over_nothing():
    request = Request(ranges={"q2": (50.0, 100.0)})
    with pytest.raises(ParameterError, match=r"q2=50:100: nothing lies there; .* from 0 to 23"):
        request.range_over("q2", 0.0, 23.0)
    assert request.range_over("m_X", 0.0, 1.0) is None
    assert Request(ranges={"q2": (-5.0, 100.0)}).range_over("q2", 0.0, 23.0) == (-5.0, 100.0)
    with pytest.raises(ParameterError, match="nothing lies there"):  # but a point
        Request(ranges={"q2": (23.0, 30.0)}).range_over("q2", 0.0, 23.0)


@pytest.mark.parametrize(
    ("kind", "name", "of"),
    [("forest", "BR(B+->Knunu)", "BR(B+->Knunu)"), ("rates", _PLANE[0], "")],
)
def test_figures_of_data_refuse_it(kind, name, of):
    with pytest.raises(ParameterError, match="nothing lies there"):
        draw_figure(kind, [], Request(ranges={name: (-9.0, -8.0)}, of=of))
