"""Results files as one page of HTML, with what models and data have to say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...chains.files.disk import write_file
from ...chains.files.store import read
from ...chains.records import RunFile
from ...errors import BsinvError, PluginError, StoreError
from ..analysis_file.reading.builtin import builtin_analyses
from ..analysis_file.reading.source import read_text
from . import stages
from .resume import Own, stored_analysis
from .studies.compare import names_of, refuse_twice

if TYPE_CHECKING:
    from ...chains.report.about import About, Datum, Source
    from ..reports.references import Citation

__all__ = ["report", "write_report"]

_PIECE = 1 << 22
# How uses of references begin, see `reports.references`.
_KINDS = ("datum ", "theory of ", "form factors ", "constant ")
# Bytes at the beginning of a page in which its mark is looked for.
_HEAD = 2000
_ENDS = (".html", ".htm")


def report(
    files: Sequence[str | Path],
    *,
    own: Own | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> str:
    """One page of HTML of one results file, or of several beside each other.

    Parameters
    ----------
    files : sequence of path
        One or more.
    own : Own, optional
        What was brought along to the runs: without it a page of a run with plugins does not show
        its model and references. The text of a plugin in the results is not executed by itself.
    tell : callable, optional
        Told, in one sentence, if a file has no checksum.

    Returns
    -------
    str

    Raises
    ------
    StoreError
        If there is no file, one is given twice, or one cannot be read.
    PluginError
        If a plugin that is given or trusted cannot be read or fails.
    """
    from ... import __version__
    from ...chains.report.about import Reported
    from ...chains.report.page import report_html

    if not files:
        raise StoreError("a report needs a results file or more.")
    refuse_twice(files)
    found = [_stamp(file) for file in files]
    runs = [read(file, foreign=True, tell=tell) for file in files]
    entries = [
        Reported(title, run, _about(Path(file), run, own), stages.verdict_of(run))
        for title, run, file in zip(names_of(runs, files), runs, files, strict=True)
    ]
    for file, stamp in zip(files, found, strict=True):
        if _stamp(file) != stamp:  # its checksum would not be that of what is shown
            raise StoreError(f"{file}: was replaced while it was read: try again.")
    return report_html(entries, __version__)


def write_report(
    files: Sequence[str | Path],
    out: str | Path | None = None,
    *,
    own: Own | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Path:
    """Write the page of results files, whole or not at all.

    Parameters
    ----------
    files, own, tell
        As for `report`.
    out : path, optional
        The page; ``<name>-report.html`` beside the first file if not given. A report that is there
        is replaced; nothing else is.

    Returns
    -------
    Path

    Raises
    ------
    StoreError, PluginError
        As for `report`, or if the page cannot be written, its name is not one of HTML, or something
        else is there.
    """
    if not files:
        raise StoreError("a report needs a results file or more.")
    first = Path(files[0])
    target = first.with_name(f"{first.stem}-report.html") if out is None else Path(out)
    _refuse_other(target)  # before anything is drawn
    write_file(target, report(files, own=own, tell=tell).encode("utf-8"))
    return target


def _refuse_other(target: Path) -> None:
    """Raise if something is there that is no report."""
    from ...chains.report.page import MARK

    if target.is_dir():
        raise StoreError(f"{target}: is a directory: give the name of the page.")
    if not target.exists():
        if target.suffix.lower() not in _ENDS:
            raise StoreError(f"{target}: the page is HTML: end its name in {' or '.join(_ENDS)}.")
        return
    if not target.is_file():
        raise StoreError(f"{target}: is no regular file: give another name.")
    try:
        with target.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}.") from error
    if head and MARK.encode() not in head:
        raise StoreError(f"{target}: is there and no report: give another name, or remove it.")


def _about(file: Path, run: RunFile, own: Own | None) -> About:
    """What is known of a file: from the analysis in it if that can be loaded, else its text."""
    from ...chains.report.about import About

    size, digest = _digest(file)
    told = About(file.name, size, digest, analysis=_analysis_name(run))
    try:
        written = read_text(run.analysis_text).data
    except BsinvError:
        written = {}
    description, model = (str(written.get(key) or "") for key in ("description", "model"))
    told = replace(told, description=" ".join(description.split()), model=model)
    try:
        return _known(told, run, own)
    except PluginError:
        raise  # of a plugin that was given or trusted: no other is executed
    except BsinvError as error:
        return replace(told, unknown=str(error).partition("\n")[0])


def _known(told: About, run: RunFile, own: Own | None) -> About:
    from ..reports.references import bibtex, citations

    problem = stored_analysis(run, own).problem
    model, found = problem.model, citations(problem)
    return replace(
        told,
        model=model.name,
        model_text=model.description,
        lagrangian=model.lagrangian,
        data=tuple(_data(problem.terms, found)),
        sources=tuple(_source(entry) for entry in found),
        bibtex=bibtex(found),
    )


def _data(terms: Iterable[object], found: Sequence[Citation]) -> Iterator[Datum]:
    """Terms with their observables, and the references of what they are called or made of."""
    from ...chains.report.about import Datum

    for term in terms:
        name, ids = str(term.name), tuple(term.data_ids)  # type: ignore[attr-defined]
        uses = {f"datum {one}" for one in (name, *ids)}
        sources = tuple(_source(one) for one in found if uses & set(one.used_for))
        yield Datum(name, tuple(term.observables), sources)  # type: ignore[attr-defined]


def _source(entry: Citation) -> Source:
    from ...chains.report.about import Source

    reference = entry.reference
    url = ""
    if reference.arxiv:
        url = f"https://arxiv.org/abs/{quote(reference.arxiv, safe='/')}"
    elif reference.doi:
        url = f"https://doi.org/{quote(reference.doi, safe='/()')}"
    return Source(entry.text, url, tuple(_grouped(entry.used_for)))


def _grouped(uses: Sequence[str]) -> Iterator[str]:
    """Uses of one kind behind its name, which is said once."""
    kinds: dict[str, list[str]] = {}
    for use in uses:
        kind = next((one for one in _KINDS if use.startswith(one)), "")
        kinds.setdefault(kind, []).append(use.removeprefix(kind))
    for kind, names in kinds.items():
        yield kind + ", ".join(names)


def _analysis_name(run: RunFile) -> str:
    """Name of the analysis for commands: of one that is built in and the same, else of a file."""
    known = builtin_analyses().get(run.name)
    same = known is not None and known.read_text("utf-8") == run.analysis_text
    return run.name if same else f"{run.name}.yaml"


def _stamp(file: str | Path) -> tuple[int, int, int] | None:
    """By which a file is known to be the same; None if it is not there."""
    try:
        told = Path(file).stat()
    except OSError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns


def _digest(file: Path) -> tuple[int, str]:
    """Bytes of a file and their SHA-256."""
    found, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                found.update(piece)
                size += len(piece)
    except OSError as error:
        raise StoreError(f"{file}: cannot be read: {error.strerror or error}.") from error
    return size, found.hexdigest()
