"""What a page tells besides the results themselves; whoever makes it knows the models and data."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import RunFile
from ..statistics.diagnostics import Verdict

__all__ = ["About", "Datum", "Reported", "Source"]


@dataclass(frozen=True)
class Source:
    """A reference.

    Attributes
    ----------
    text : str
        Authors, journal, numbers, year.
    url : str
        Where it is read; empty if it has no number.
    used_for : tuple of str
    """

    text: str
    url: str = ""
    used_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Datum:
    """A likelihood term with the observables that it measures, and where it is from."""

    name: str
    observables: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class About:
    """What is known of a results file and its analysis.

    Attributes
    ----------
    file : str
        Name of the results file.
    size : int
        Bytes.
    sha256 : str
        Of the whole file.
    description : str
        The question, from the analysis; empty if it has none.
    model, model_text : str
        Name of the model, and what it is in a sentence.
    lagrangian : str
        LaTeX, a line of the formula in each line.
    data : tuple of Datum
    sources : tuple of Source
        Of everything that the analysis uses, data too.
    bibtex : str
    unknown : str
        Why model and references are not known; empty if they are.
    analysis : str
        What commands are given: the name of a built-in analysis, or of a file with its text.
    """

    file: str
    size: int = 0
    sha256: str = ""
    description: str = ""
    model: str = ""
    model_text: str = ""
    lagrangian: str = ""
    data: tuple[Datum, ...] = ()
    sources: tuple[Source, ...] = ()
    bibtex: str = ""
    unknown: str = ""
    analysis: str = "analysis.yaml"


@dataclass(frozen=True, eq=False)
class Reported:
    """A run of a report.

    Attributes
    ----------
    title : str
        What it is called: the name of the analysis, with the file where several have the same.
    run : RunFile
    about : About
    verdict : Verdict or None
        On the convergence of its chain.
    """

    title: str
    run: RunFile
    about: About
    verdict: Verdict | None = None
