"""The kinds of figures: one entry each, and the checks that all share."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import ParameterError, choices, did_you_mean
from .request import Request, Source

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KINDS", "OPTIONS", "Kind", "draw_figure"]


@dataclass(frozen=True)
class Kind:
    """A kind of figure.

    Attributes
    ----------
    text : str
        What it shows, for help and captions.
    drawer : str
        Module of this package and function, ``(sources, request) -> Figure``.
    takes : tuple of str
        Options of `Request` that it takes beside the size.
    layers : tuple of str
        What ``--show`` may add.
    most : int or None
        How many results files it shows; None if any number.
    least : int
        How many it needs; 0 if it can be drawn of the data alone.
    chains : bool
        Whether it also shows chains of other programs.
    reads : str
        ``"results"``, or ``"projection"``: what ``bsinv project --json`` writes.
    """

    text: str
    drawer: str
    takes: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    most: int | None = None
    least: int = 1
    chains: bool = False
    reads: str = "results"


KINDS = {
    "bins": Kind(
        "counts after the fit: stack, data minus background, pull of each bin; signals of runs",
        "measurements:bins",
    ),
    "contour": Kind(
        "regions of two parameters, of one run or several",
        "posteriors:contour",
        takes=("params", "ranges", "show"),
        layers=("profile", "posterior", "hessian"),
        chains=True,
    ),
    "constraints": Kind(
        "region of each constraint over a scanned plane, and of all together",
        "planes:constraints",
        takes=("params", "ranges", "of"),
        most=1,
    ),
    "corner": Kind(
        "marginal posteriors of parameters, of one run or several",
        "posteriors:corner",
        takes=("params", "ranges", "show"),
        layers=("hessian", "profile", "prior"),
        chains=True,
    ),
    "correlation": Kind(
        "correlation matrix of parameters, at the best fit or of the posterior",
        "posteriors:correlation",
        takes=("params", "show"),
        layers=("posterior",),
        most=1,
        chains=True,
    ),
    "forest": Kind(
        "measurements of an observable, their average, the Standard Model, predictions of runs",
        "measurements:forest",
        takes=("ranges", "of", "show"),
        layers=("superseded",),
        least=0,
    ),
    "observables": Kind(
        "one observable or parameter against another: posteriors, best fits, curves of models",
        "observables:observables",
        takes=("params", "ranges", "along"),
    ),
    "prior-posterior": Kind(
        "prior against posterior of every parameter, with pulls",
        "posteriors:prior_posterior",
        takes=("params", "ranges"),
        most=1,
    ),
    "profile": Kind(
        "profile likelihood of a parameter, of one run or several",
        "posteriors:profile",
        takes=("params", "ranges", "show"),
        layers=("posterior", "prior", "absolute"),
    ),
    "pulls": Kind(
        "pulls of all data at the best fits",
        "measurements:pulls",
        takes=("show",),
        layers=("reference",),
    ),
    "ranking": Kind(
        "nuisance parameters of a HistFactory term: pulls, and impacts on a parameter",
        "ranking:ranking",
        takes=("params", "of", "show"),
        layers=("refits", "all"),
        most=1,
    ),
    "rates": Kind(
        "ratios to the Standard Model of B -> K and B -> K* nu nubar: data, lines of models, runs",
        "observables:rates",
        takes=("ranges",),
        least=0,
    ),
    "spectra": Kind(
        "differential rate or polarisation of runs, and the counts over which they were fitted",
        "spectra:spectra",
        takes=("of", "ranges"),
    ),
    "coupling-mass": Kind(
        "coupling against mass: what each run excludes, decay lengths, curves of others",
        "planes:coupling_mass",
        takes=("params", "ranges", "along", "overlays", "show"),
        layers=("ctau", "outlines"),
    ),
    "limits": Kind(
        "limits on a rate against a scanned parameter, of one run with bands or of several",
        "searches:limits",
        takes=("ranges", "of"),
    ),
    "non-nested": Kind(
        "ratio of the likelihoods of two models in toys of both, and in the data",
        "searches:non_nested",
        takes=(),
        most=2,
    ),
    "predictive": Kind(
        "counts over the bands that the posterior expects",
        "searches:predictive",
        most=1,
    ),
    "projection": Kind(
        "significance or an expected error against luminosity (of 'bsinv project --json')",
        "searches:projection",
        takes=("ranges", "of"),
        most=1,
        reads="projection",
    ),
    "relic-density": Kind(
        "band of the measured relic density over a plane, with the regions of a scan of it",
        "planes:relic_density",
        takes=("params", "ranges", "of", "along"),
        most=1,
    ),
    "significance": Kind(
        "p-value of an excess against a scanned parameter, local and anywhere",
        "searches:significance",
        takes=("ranges", "of"),
        most=1,
    ),
    "support": Kind(
        "simulated events against q2, and the spectrum that the best fit makes of them",
        "searches:support",
        most=1,
    ),
    "toys": Kind(
        "test statistic of toys, with the observed value and the asymptotic curve",
        "searches:toys",
        takes=("ranges", "of"),
        most=1,
    ),
}
"""By the name that ``bsinv plot --kind`` takes."""

OPTIONS = {
    "params": "--params",
    "ranges": "--range",
    "show": "--show",
    "of": "--of",
    "along": "--along",
    "overlays": "--overlay",
}
"""As the command line calls the options of `Request`."""


def draw_figure(kind: str, sources: Sequence[Source], request: Request) -> Figure:
    """Draw a figure of a kind.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    sources : sequence of Source
    request : Request

    Returns
    -------
    Figure

    Raises
    ------
    ParameterError
        If there is no such kind, or it does not take what is given.
    StoreError
        If the results do not hold what it needs.
    """
    if kind not in KINDS:
        raise ParameterError(f"--kind {kind!r}: one of {choices(kind, KINDS)}")
    entry = KINDS[kind]
    _refuse_other_options(kind, entry, request)
    if entry.most is not None and len(sources) > entry.most:
        shown = "one results file" if entry.most == 1 else f"at most {entry.most} results files"
        raise ParameterError(f"--kind {kind} shows {shown}, {len(sources)} are given.")
    if len(sources) < entry.least:
        raise ParameterError(
            f"--kind {kind} needs a results file: bsinv plot FILE.h5 --kind {kind}"
        )
    foreign = next((one for one in sources if one.chain is not None), None)
    if foreign is not None and not entry.chains:
        shown = ", ".join(name for name, one in KINDS.items() if one.chains)
        raise ParameterError(
            f"{foreign.path}: a chain of another program, which --kind {kind} does not show "
            f"(those that do: {shown})."
        )
    module, _, name = entry.drawer.partition(":")
    drawer = getattr(importlib.import_module(f".{module}", __package__), name)
    figure: Figure = drawer(sources, request)
    return figure


def _refuse_other_options(kind: str, entry: Kind, request: Request) -> None:
    other = sorted(request.given() - set(entry.takes))
    if other:
        known = ", ".join(OPTIONS[name] for name in entry.takes) or "none"
        raise ParameterError(f"--kind {kind} takes no {OPTIONS[other[0]]} (it takes: {known}).")
    for layer in request.show:
        if layer not in entry.layers:
            known = ", ".join(entry.layers)
            raise ParameterError(
                f"--show {layer!r}: {kind} can show {known}{did_you_mean(layer, entry.layers)}"
            )
