"""Results files beside each other: the comparison, and pictures of them over each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...chains.files.store import read
from ...chains.plots.comparison import overlaid_posteriors, overlaid_profiles, overlaid_spectra
from ...chains.plots.non_nested import non_nested_figure
from ...chains.records import RunFile
from ...chains.statistics.comparison import Comparison, compared
from ...chains.statistics.non_nested import studies_of
from ...chains.statistics.samples import posterior_of
from ...errors import StoreError
from . import stages
from .job import make_directory
from .pictures import save_picture

__all__ = ["compare", "overlays"]


def compare(
    files: Sequence[str | Path],
    quantity: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> tuple[Comparison, dict[str, RunFile]]:
    """Compare results files with the first of them.

    Parameters
    ----------
    files : sequence of path
        Two or more.
    quantity : str, optional
        Parameter in which the priors of the signals are stated, see `compared`.
    tell : callable, optional
        Told, in one sentence, if a file has no checksum.

    Returns
    -------
    Comparison
    dict of str to RunFile
        The runs by the names they have in it: those of their analyses, with the path where
        several have the same.

    Raises
    ------
    StoreError
        If there are fewer than two files, one is given twice, or one cannot be read.
    UnknownNameError
        As for `compared`.
    """
    if len({str(Path(file).resolve()) for file in files}) < len(files):
        raise StoreError("a results file is given twice: give each once.")
    runs = [read(file, foreign=True, tell=tell or (lambda sentence: None)) for file in files]
    plain = [run.name for run in runs]
    names = [
        f"{name} ({file})" if plain.count(name) > 1 else name
        for name, file in zip(plain, files, strict=True)
    ]
    return compared(runs, names, quantity), dict(zip(names, runs, strict=True))


def overlays(runs: dict[str, RunFile], directory: Path) -> dict[str, str]:
    """Draw posteriors, profiles and spectra of runs over each other, and toys of pairs of them.

    Parameters
    ----------
    runs : dict of str to RunFile
        The first one may hold toys of it and others.
    directory : Path
        Made if it is not there.

    Returns
    -------
    dict of str to str
        Names of the pictures, and what they show.
    """
    make_directory(directory)
    samples = {
        name: (run, found)
        for name, run in runs.items()
        if (found := posterior_of(run, stages.verdict_of(run))) is not None and len(found.samples)
    }
    figures = {"posteriors.png": (overlaid_posteriors(samples), "posteriors of all runs")}
    parameters = {
        scan.parameters[0] for run in runs.values() for scan in run.scans if len(scan.axes) == 1
    }
    for name in sorted(parameters):
        figures[f"profile-{name}.png"] = overlaid_profiles(runs, name), f"profiles of {name}"
    spectrum = "dBR/dq2(B+->Knunu)"
    figures["spectra.png"] = overlaid_spectra(runs, spectrum), f"{spectrum} at the best fits"
    (name, first), *others = runs.items()
    for index, (other, run) in enumerate(others):
        studies = studies_of(first, run)
        if studies:
            figures[f"toys{f'-{index + 1}' if len(others) > 1 else ''}.png"] = (
                non_nested_figure(studies, (name, other)),
                f"ratio of the likelihoods of {name} and {other} in toys of both",
            )
    made = {}
    for name, (figure, text) in figures.items():
        if figure is not None:
            save_picture(figure, directory / name)
            made[name] = text
    return made
