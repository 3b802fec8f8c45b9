"""Pictures and summary of a run, drawn from its results file alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...chains.files.disk import write_file
from ...chains.records import Prediction, RunFile
from ...chains.statistics.diagnostics import Verdict
from ...errors import StoreError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SUMMARY", "draw", "draw_alone", "write_files", "write_summary"]

SUMMARY = "summary.md"
Drawing = Callable[[], "Figure"]
# What of the results has pictures.
_DRAWN = (
    *("ensembles", "weighted", "predictions", "spectra", "predictive"),
    *("limits", "significances", "scans"),
)


def _go_on() -> None:
    """Never stop."""


def draw(
    results: RunFile,
    directory: Path,
    verdict: Verdict | None = None,
    pause: Callable[[], None] = _go_on,
) -> dict[str, str]:
    """Draw what the results hold.

    Parameters
    ----------
    results : RunFile
    directory : Path
        Must exist.
    verdict : Verdict, optional
        Marks pictures of a chain that has not converged.
    pause : callable, optional
        Called before each picture; what it raises ends the work.

    Returns
    -------
    dict of str to str
        Names of the files written and what they show.

    Raises
    ------
    StoreError
        If a picture cannot be written.
    """
    from ...chains.plots.style import save, style

    files = {}
    for name, (text, drawing) in _drawings(results, verdict).items():
        pause()
        with style():
            try:
                figure = drawing()
            except StoreError:
                continue  # too few samples, or no point of a scan done
            save(figure, directory / name)
        files[name] = text
    return files


def _drawings(results: RunFile, verdict: Verdict | None) -> dict[str, tuple[str, Drawing]]:
    """File names, what they show, and how to draw them."""
    from ...chains.plots.likelihood.profiles import profile_figure
    from ...chains.plots.measurements.counts import post_fit_figure
    from ...chains.plots.measurements.predictive import predictive_figure
    from ...chains.plots.measurements.spectra import rate_figure
    from ...chains.plots.posterior.corner import corner
    from ...chains.plots.searches.limits import limit_figure
    from ...chains.plots.searches.significance import significance_figure
    from ...chains.statistics.samples import has_samples, least_ess, posterior_of

    found: dict[str, tuple[str, Drawing]] = {}
    if has_samples(results):
        found["corner.png"] = (
            "posterior of the parameters of the model",
            lambda: corner(results, verdict=verdict),
        )
    rates = [entry for entry in results.predictions if entry.axis is not None]

    ess = least_ess(posterior_of(results, verdict))

    def rate(entry: Prediction) -> Drawing:
        return lambda: rate_figure(entry, results.reference_name, ess)

    if results.spectra:
        text = f"{', '.join(entry.channel for entry in results.spectra)} after the fit"
        found["spectrum.png"] = (text, lambda: post_fit_figure(results.spectra))
    elif rates:
        found["spectrum.png"] = (f"{rates[0].name} with its band", rate(rates[0]))
    for index, spectrum in enumerate(rates):
        name = "dbdq2.png" if index == 0 else f"dbdq2-{_slug(spectrum.name)}.png"
        found[name] = (f"{spectrum.name} with its band", rate(spectrum))
    for check in results.predictive:
        found["predictive.png"] = (
            "counts over the bands of those that the posterior expects",
            lambda check=check: predictive_figure(check),  # type: ignore[misc]
        )
    for limits in results.limits:
        if limits.drawable:
            found[f"{limits.stem}.png"] = (
                f"limits on {limits.parameter}",
                lambda limits=limits: limit_figure(results, limits),  # type: ignore[misc]
            )
    for entry in results.significances:
        if entry.drawable:
            found[f"{entry.stem}.png"] = (
                f"p-values of excesses of {entry.parameter}",
                lambda entry=entry: significance_figure(results, entry),  # type: ignore[misc]
            )
    for scan in results.scans:
        names = "-".join(_slug(name) for name in scan.parameters)
        kind = "profile" if len(scan.parameters) == 1 else "contour"
        if scan.held:
            kind = "section"
        # A profile around the best fit and one on a grid of its own can be of one parameter.
        stem, number = f"{kind}-{names}", 1
        while f"{stem}.png" in found:
            stem, number = f"{kind}-{names}-{number + 1}", number + 1
        found[f"{stem}.png"] = (
            f"{kind} of the likelihood in {' and '.join(scan.parameters)}",
            lambda scan=scan: profile_figure(results, scan),  # type: ignore[misc]
        )
    return found


def write_summary(
    results: RunFile, directory: Path, verdict: Verdict | None, files: dict[str, str]
) -> None:
    """Write ``summary.md``.

    Parameters
    ----------
    results : RunFile
    directory : Path
    verdict : Verdict or None
    files : dict of str to str
        Names of files and what they hold.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from ...chains.tables.summary import summary_markdown

    text = summary_markdown(results, verdict, files=files)
    write_file(directory / SUMMARY, text.encode("utf-8", "backslashreplace"))


def draw_alone(results: RunFile, directory: Path, **kept: tuple[Any, ...]) -> dict[str, str]:
    """Draw some records of the results, and none of the others, see `draw`.

    Parameters
    ----------
    results : RunFile
    directory : Path
    **kept : tuple
        Fields of the results in place of theirs.

    Returns
    -------
    dict of str to str
    """
    alone: dict[str, Any] = {**dict.fromkeys(_DRAWN, ()), **kept}
    return draw(replace(results, **alone), directory)


def write_files(directory: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files, making the folders that they need; StoreError if that cannot be."""
    for name, content in contents.items():
        write_file(directory / name, content if isinstance(content, bytes) else content.encode())


def _slug(name: str) -> str:
    """Name of an observable or parameter as part of a file name."""
    name = name.replace("->", "to").replace("*", "star").replace("+", "p")
    name = name.removeprefix("dBR/dq2")
    return "".join(char if char.isalnum() or char in "_-" else "" for char in name)
