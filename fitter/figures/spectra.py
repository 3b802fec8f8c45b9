"""Spectra of runs from their files, or computed anew where they are not stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...chains.records import Array, BestFit, Prediction
from ...chains.statistics.samples import posterior_of
from ...errors import ParameterError, StoreError
from ..reports.predictions import end_point
from ..runs.stages import verdict_of
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...chains.records import PostFitSpectrum
    from ...physics.observable import Observable

__all__ = ["spectra", "spectrum_of"]

_DEFAULT = "dBR/dq2(B+->Knunu)"
_POINTS, _SAMPLES = 120, 300
# The published bins of which counts are known are of this decay.
_MEASURED = "B+->Knunu"


def spectra(sources: Sequence[Source], request: Request) -> Figure:
    """One function of q2 of all runs, over the counts in bins of reconstructed q2."""
    from ...chains.plots.measurements.rates import spectra as draw

    name = request.of or _DEFAULT
    predictions = {source.label: spectrum_of(source, name, request) for source in sources}
    other = [given for given in request.ranges if given != "q2"]
    if other:
        raise ParameterError(f"--range {other[0]}: the axis is that of q2, such as q2=0:10.")
    axes = [entry.axis for entry in predictions.values() if entry.axis is not None]
    ends = request.range_over("q2", min(axis[0] for axis in axes), max(axis[-1] for axis in axes))
    counts = _counts(sources) if f"({_MEASURED})" in name else {}
    panels = draw(
        predictions, counts, sources[0].run.reference_name, ends,
        width=request.width,
    )  # fmt: skip
    return figure_of(panels[0])


def _counts(sources: Sequence[Source]) -> dict[str, PostFitSpectrum]:
    """The channel of each run whose bins are those of reconstructed q2."""
    return {
        source.label: entry
        for source in sources
        for entry in source.run.spectra
        if entry.axis_latex.startswith("q^2")
    }


def spectrum_of(source: Source, name: str, request: Request) -> Prediction:
    """A function of q2 of a run: stored, or at its best fit, reference point and samples.

    Raises
    ------
    ParameterError
        If the observable is no function of q2.
    StoreError
        If the file holds neither a fit nor samples, or its model does not predict it.
    """
    from ...errors import PredictionError

    run = source.run
    for entry in run.predictions:
        if entry.name == name and entry.axis is not None:
            return entry
    problem = source.analysis(request.own).problem
    record = problem.record(name)
    if tuple(record.kinematics) != ("q2",):
        raise ParameterError(
            f"--of {name}: is no function of q2, such as {_DEFAULT} or FL(B0->K*nunu)."
        )
    samples, weights = _samples(source)
    points = _points(samples, run.best_fit)
    if not len(points):
        raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
    axis = np.linspace(*_range(record, request), _POINTS)
    try:
        values = problem.observable(name, points, q2=axis)
    except PredictionError as error:
        raise StoreError(f"{source.path}: {name} is not predicted: {error}") from error
    left = list(values[len(samples) :])
    best = left[0] if run.best_fit is not None else np.full(_POINTS, np.nan)
    reference = left[1] if len(left) > 1 else np.full(_POINTS, np.nan)
    return Prediction(
        name,
        values[: len(samples)],
        best,
        reference,
        record.latex,
        "" if record.unit == "1" else record.unit,
        axis,
        weights=weights,
    )


def _samples(source: Source) -> tuple[Array, Array | None]:
    known = posterior_of(source.run, verdict_of(source.run))
    if known is None:
        width = 0 if source.run.best_fit is None else len(source.run.best_fit.names)
        return np.empty((0, width)), None
    return known.thinned(_SAMPLES)


def _points(samples: Array, best: BestFit | None) -> Array:
    """Samples, then the best fit and the reference point where there are such."""
    points = [samples]
    if best is not None:
        points.append(best.values[None])
        if best.reference_label:
            points.append(best.reference_values[None])
    return np.concatenate(points)


def _range(record: Observable, request: Request) -> tuple[float, float]:
    """Ends of q2, GeV^2: as asked, or those of the decay into massless neutrinos."""
    from ...physics.invisible.neutrinos import Mode

    if "q2" in request.ranges:
        return request.ranges["q2"]
    modes = [each for each in getattr(record.function, "args", ()) if isinstance(each, Mode)]
    if not modes:
        raise ParameterError(f"--of {record.name}: --range q2=LOW:HIGH is needed with it.")
    # A fraction is not defined at the very ends.
    end = min(end_point(channel) for channel, _ in modes[0].channels)
    return 1e-3 * end, 0.999 * end
