"""Planes of two observables or parameters, from stored runs and from models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...chains.records import Array, BestFit, RunFile
from ...chains.records.curves import Band, Curve, Ellipse
from ...chains.statistics.samples import posterior_of
from ...data.measurements import measurement
from ...errors import BsinvError, ParameterError, StoreError, UnknownNameError
from ..predict import predict, varied_inputs
from ..runs.stages import verdict_of
from .averages import measured_forest
from .measurements import short_name
from .request import Request, Source, figure_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...chains.plots.measurements.plane import Cloud
    from ...chains.statistics.diagnostics import Verdict
    from ..problem import Problem

__all__ = ["model_curve", "observables", "rate_bands", "rate_lines", "rates", "standard_model"]

_RATES = Path(__file__).with_name("rates.yaml")
_PLANE = ("RK(nunu)", "RK*(nunu)")
# The rates of which these are ratios.
_NUMERATORS = ("BR(B+->Knunu)", "BR(B0->K*nunu)")
_POINTS, _SAMPLES, _DRAWS, _SEED = 161, 400, 2000, 1


def observables(sources: Sequence[Source], request: Request) -> Figure:
    """Any two observables or parameters of runs against each other."""
    from ...chains.plots.measurements.plane import observables as draw

    if len(request.params) != 2 or request.params[0] == request.params[1]:
        raise ParameterError(
            "--params: two observables or parameters are needed, such as "
            '"BR(B+->Knunu),BR(B0->K*nunu)"; the first one is that of the horizontal axis.'
        )
    names = (request.params[0], request.params[1])
    clouds = [_cloud(source, names, request) for source in sources]
    curves = [
        _curve_of_run(source, names, along, values, request)
        for along, values in request.along
        for source in sources
    ]
    labels = _labels(sources, names, request)
    ellipses = standard_model(names)
    return figure_of(
        draw(labels, clouds, curves, (), ellipses, _ends(names, request), width=request.width)
    )


def rates(sources: Sequence[Source], request: Request) -> Figure:
    """The plane of R_K and R_K* of B -> K(*) nu nubar: data, lines of models, runs."""
    from ...chains.plots.measurements.plane import observables as draw
    from ...physics.observables import observable

    clouds = [_cloud(source, _PLANE, request) for source in sources]
    labels = tuple(f"${observable(name).latex}$" for name in _PLANE)
    for name in _PLANE:
        request.range_over(name, 0.0, np.inf)  # lines of models have no end
    ends = {"x": (0.0, 9.0), "y": (0.0, 6.5)} | _ends(_PLANE, request)
    bands, ellipses = rate_bands(), standard_model(_PLANE)
    axes = draw(labels, clouds, rate_lines(), bands, ellipses, ends, width=request.width)  # type: ignore[arg-type]
    return figure_of(axes)


def _ends(names: tuple[str, str], request: Request) -> dict[str, tuple[float, float]]:
    other = [name for name in request.ranges if name not in names]
    if other:
        raise ParameterError(f"--range {other[0]}: the axes are those of {' and '.join(names)}.")
    return {
        axis: request.ranges[n] for axis, n in zip("xy", names, strict=True) if n in request.ranges
    }


def _labels(sources: Sequence[Source], names: tuple[str, str], request: Request) -> tuple[str, str]:
    """Labels of axes, from the first run that knows a parameter."""
    from ...chains.plots.palette import label, parameter_label
    from ...physics.observables import observable

    found = []
    for name in names:
        parameters = [p for s in sources for p in s.run.parameters if p.name == name]
        stored = [p for s in sources for p in s.run.predictions if p.name == name]
        if parameters:
            found.append(parameter_label(parameters[0]))
        elif stored:
            found.append(label(stored[0].latex, stored[0].unit, name))
        elif any(s.run.best_fit and name in s.run.best_fit.names for s in sources):
            found.append(label("", "", name))
        else:
            record = observable(name)
            found.append(label(record.latex, record.unit, name))
    return found[0], found[1]


def _cloud(source: Source, names: tuple[str, str], request: Request) -> Cloud:
    """Samples, best fit and scan of a run in a plane."""
    from ...chains.plots.measurements.plane import Cloud

    run, verdict = source.run, verdict_of(source.run)
    samples, weights = _samples(source, names, request, verdict)
    best = run.best_fit
    at = np.empty(0)
    if best is not None:
        at = np.array([_at_best(source, name, best, request) for name in names])
    if not len(samples) and not len(at):
        raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
    converged = verdict is None or bool(verdict.converged)
    single = bool(run.ensembles) and len(run.ensembles[0].names) == 1
    return Cloud(source.label, samples, weights, at, converged, _profile(run, names), single)


def _samples(
    source: Source, names: tuple[str, str], request: Request, verdict: Verdict | None
) -> tuple[Array, Array | None]:
    """Posterior samples of two quantities: parameters, stored predictions, or computed anew."""
    run = source.run
    known = posterior_of(run, verdict)
    if known is None:
        return np.empty((0, 2)), None
    if all(name in known.names for name in names):
        theta, weights = known.thinned(20_000)
        return theta[:, [known.names.index(name) for name in names]], weights
    stored = {p.name: p for p in run.predictions if p.axis is None and len(p.samples)}
    if all(name in stored for name in names):
        pair = [stored[name] for name in names]
        return np.stack([p.samples[:, 0] for p in pair], axis=1), pair[0].weights
    theta, weights = known.thinned(_SAMPLES)
    problem = source.analysis(request.own).problem
    return np.stack([_values(problem, name, theta) for name in names], axis=1), weights


def _values(problem: Problem, name: str, theta: Array) -> Array:
    """Parameter or observable (one number) at points."""
    if name in problem.names:
        return np.asarray(theta[:, problem.names.index(name)])
    record = problem.record(name)
    if record.kinematics:
        raise ParameterError(
            f"{name} is a function of {', '.join(record.kinematics)}, not one number: choose an "
            "integrated observable ('bsinv list observables')."
        )
    return np.asarray(problem.observable(name, theta)).reshape(len(theta))


def _at_best(source: Source, name: str, best: BestFit, request: Request) -> float:
    if name in best.names:
        return float(best.values[best.names.index(name)])
    for entry in source.run.predictions:
        if entry.name == name and entry.axis is None:
            return float(entry.best_fit[0])
    problem = source.analysis(request.own).problem
    return float(_values(problem, name, best.values[None])[0])


def _profile(run: RunFile, names: tuple[str, str]) -> tuple[Array, Array, Array] | None:
    """A scan of just these two parameters, relative to its best point or the best fit."""
    for scan in run.scans:
        if set(scan.parameters) != set(names) or len(scan.parameters) != 2:
            continue
        total = np.asarray(scan.log_likelihood) + np.asarray(scan.log_constraint)
        if not np.isfinite(total).any():
            continue
        best = float(np.nanmax(total))
        if run.best_fit is not None:
            fitted = run.best_fit.log_likelihood + np.nan_to_num(run.best_fit.log_constraint)
            best = max(best, fitted)
        q = 2.0 * (best - total)
        x, y = scan.axes
        return (x, y, q) if scan.parameters == names else (y, x, q.T)
    return None


def _curve_of_run(
    source: Source, names: tuple[str, str], along: str, values: Sequence[float], request: Request
) -> Curve:
    """Two observables along a free parameter of a run, the others at its best fit."""
    best = source.run.best_fit
    if best is None:
        raise StoreError(f"{source.path} holds no fit: 'bsinv resume {source.path}' makes it.")
    if along not in best.names:
        raise UnknownNameError("free parameter", along, best.names, f"--along of {source.path}")
    problem = source.analysis(request.own).problem
    theta = np.repeat(best.values[None], len(values), axis=0)
    theta[:, best.names.index(along)] = values
    return _traced(
        f"{source.label}, along {along}", problem_values(problem, theta), names, values, along
    )


def problem_values(problem: Problem, theta: Array) -> Callable[[str], Array]:
    """Values of any parameter or observable at points of a problem."""
    return partial(lambda name: _values(problem, name, theta))


def _traced(
    label: str,
    values_of: Callable[[str], Array],
    names: tuple[str, str],
    values: Sequence[float],
    along: str,
) -> Curve:
    x, y = (np.where(np.isfinite(found := values_of(n)), found, np.nan) for n in names)
    return Curve(label, x, y, np.asarray(values, dtype=float), along)


def model_curve(
    label: str,
    model: str,
    along: dict[str, tuple[float, float]],
    names: tuple[str, str] = _PLANE,
    fixed: dict[str, float] | None = None,
    number: int = _POINTS,
) -> Curve:
    """Two observables of a built-in model along one parameter, or several in proportion.

    Parameters
    ----------
    label : str
    model : str
        ``bsinv list models``.
    along : dict of str to (float, float)
        First and last value of each parameter.
    names : (str, str)
        Observables.
    fixed : dict of str to float, optional
    number : int
        Points.

    Returns
    -------
    Curve
    """
    steps = {name: np.linspace(*ends, number) for name, ends in along.items()}

    def values_of(name: str) -> Array:
        return np.asarray(predict(name, model, **(fixed or {}), **steps))

    first = next(iter(steps))
    return _traced(label, values_of, names, steps[first], first if len(steps) == 1 else "")  # type: ignore[arg-type]


def _table() -> dict[str, Any]:
    from ruamel.yaml import YAML

    table: dict[str, Any] = YAML(typ="safe", pure=True).load(_RATES.read_text("utf-8"))
    return table


def rate_lines() -> list[Curve]:
    """Lines of models in the plane of R_K and R_K*, as ``rates.yaml`` lists them."""
    return [model_curve(**entry) for entry in _table()["lines"]]


def rate_bands() -> list[Band]:
    """Measured rates over the Standard Model in that plane, as ``rates.yaml`` lists them."""
    norm = {axis: float(predict(name)) for axis, name in zip("xy", _NUMERATORS, strict=True)}
    found = []
    for entry in _table()["bands"]:
        scale = norm[entry["axis"]]
        if "average" in entry:
            average = measured_forest(entry["average"]).average
            if average is None:
                continue
            low, high = average.value - average.error, average.value + average.error
            found.append(
                Band("average with Belle, BaBar", entry["axis"], low / scale, high / scale)
            )
            continue
        known = measurement(entry["id"])
        text, ratio = short_name(known), {"x": "$R_K$", "y": "$R_{K^*}$"}[entry["axis"]]
        if known.values is not None and known.errors_plus is not None:
            assert known.errors_minus is not None
            low = float(known.values[0] - known.errors_minus[0])
            high = float(known.values[0] + known.errors_plus[0])
            found.append(Band(text, entry["axis"], low / scale, high / scale))
        elif known.limit is not None and known.cl is not None:
            text += f", {100 * known.cl:g} % limit on {ratio}"
            found.append(Band(text, entry["axis"], -np.inf, known.limit / scale))
    return found


def standard_model(names: tuple[str, str]) -> list[Ellipse]:
    """The Standard Model with the joint error of form factors and constants; none if not defined.

    Of ratios to the Standard Model the error is that of the rate divided by the central prediction.
    """
    from ...models import model
    from ...physics.inputs import Inputs
    from ...physics.observables import observable

    standard, start = model("wet"), Inputs.default()
    drawn = []
    for name in names:
        ratio = name in _PLANE
        try:
            record = observable(_NUMERATORS[_PLANE.index(name)] if ratio else name)
            central = float(predict(record))
            inputs = varied_inputs(start, record, {}, _DRAWS, _SEED)
            values = np.asarray(record(standard.at({}, inputs), inputs)).reshape(-1)
        except (BsinvError, TypeError, ValueError):
            return []
        values = np.broadcast_to(values, (_DRAWS,))
        drawn.append((values / central, 1.0) if ratio else (values, central))
    centre = np.array([middle for _, middle in drawn])
    covariance = np.cov(np.stack([values for values, _ in drawn]))
    if not (np.isfinite(covariance).all() and np.isfinite(centre).all()):
        return []
    return [Ellipse("Standard Model, 68 %", centre, covariance)]
