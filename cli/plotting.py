"""The command that draws figures of results files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import PluginOption, TrustOption, all_results
from .work import note, reading

if TYPE_CHECKING:
    from ..chains.records import ForeignChain, RunFile
    from ..fitter.figures.request import Request, Source
    from ..fitter.runs.resume import Own

__all__ = ["plot"]

# Ends of names that ask for what is not written.
_OTHER_FORMATS = ("jpg", "jpeg", "gif", "eps", "ps", "tif", "tiff", "webp", "html", "h5")


def plot(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE.h5...",
            help="Results files; some kinds need none.",
            callback=all_results,
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Kind of figure; 'bsinv list figures'. Without: all pictures of a run."),
    ] = None,
    params: Annotated[
        str | None, typer.Option(metavar="NAME,NAME", help="Parameters or observables to show.")
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option("--range", metavar="NAME=LOW:HIGH", help="Ends of an axis; repeatable."),
    ] = None,
    show: Annotated[
        str | None, typer.Option(metavar="LAYER,LAYER", help="What is drawn in addition.")
    ] = None,
    of: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which scan, term, study or observable.")
    ] = None,
    along: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FIRST:LAST:NUMBER", help="Curves of models along it; repeatable."
        ),
    ] = None,
    overlay: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE.csv", help="Curve of others; repeatable."),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Name of a run in the legend, in order; repeatable.")
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="png,pdf,svg", help="Formats of the files.  [default: png]"
        ),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(metavar="paper|talk", help="Fonts and lines.  [default: paper]"),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(metavar="column|page|slide", help="Width of the figure.  [default: page]"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="File (its end is the format), or stem of the files; the directory without "
            "--kind. Default beside the first results file.",
        ),
    ] = None,
    plugin: PluginOption = None,
    trust: TrustOption = False,
) -> None:
    """Draw a figure of results files; without --kind the pictures and the summary of one run.

    Plugins are needed only for what must be computed anew.
    """
    from ..fitter.runs.resume import Own

    own = Own(plugins=plugin or (), trust_stored=trust)
    files = files or []
    given = [params, ranges, show, of, along, overlay, label, format_, style, size]
    if kind is None:
        _all_pictures(files, out, own, any(given))
        return
    request = _request(params, ranges, show, of, along, overlay, size or "page", own)
    targets = _targets(files, kind, format_, out)
    _draw(kind, _sources(kind, files, label), request, style or "paper", targets)


def _all_pictures(files: Sequence[Path], out: Path | None, own: Own, options: bool) -> None:
    """Pictures and summary of one run."""
    from ..errors import ParameterError
    from ..fitter.runs.run import redraw

    if len(files) != 1 or options:
        raise ParameterError(
            "--kind says which figure; 'bsinv list figures' shows the kinds. Without it one "
            "results file is given, and all its pictures are drawn, as they are."
        )
    with reading(files[0]):
        directory, drawn = redraw(files[0], out, own=own, tell=note)
    for name, text in drawn.items():
        print(f"{directory / name}: {text}")


def _request(
    params: str | None,
    ranges: Sequence[str] | None,
    show: str | None,
    of: str | None,
    along: Sequence[str] | None,
    overlay: Sequence[Path] | None,
    size: str,
    own: Own,
) -> Request:
    from ..fitter.figures.request import Request, parse_ranges
    from .values import parse_axes

    return Request(
        params=_names(params),
        ranges=parse_ranges(ranges or ()),
        show=_names(show),
        of=of or "",
        along=tuple((k, tuple(v)) for k, v in parse_axes(along or (), "--along").items()),
        overlays=tuple(overlay or ()),
        size=size,
        own=own,
        tell=print,
    )


def _names(text: str | None) -> tuple[str, ...]:
    """Names between commas; those of observables hold none outside brackets."""
    found, depth, start = [], 0, 0
    for index, character in enumerate(text or ""):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            found.append((text or "")[start:index])
            start = index + 1
    found.append((text or "")[start:])
    return tuple(name.strip() for name in found if name.strip())


def _sources(kind: str, files: Sequence[Path], labels: Sequence[str] | None) -> list[Source]:
    from ..errors import ParameterError
    from ..fitter.figures.kinds import KINDS
    from ..fitter.figures.request import Source

    if labels and len(labels) != len(files):
        raise ParameterError(f"{len(labels)} --label for {len(files)} results files.")
    if kind in KINDS and KINDS[kind].reads == "projection":
        named = labels or [""] * len(files)
        return [_projection(file, name) for file, name in zip(files, named, strict=True)]
    found = [_read(file) for file in files]
    names = list(labels or (run.name for run, _ in found))
    if len(set(names)) < len(names):  # the same analysis twice
        places = (file.resolve().parent.name for file in files)
        names = [f"{name} ({place})" for name, place in zip(names, places, strict=True)]
    entries = zip(names, files, found, strict=True)
    return [Source(name, file, run, chain) for name, file, (run, chain) in entries]


def _read(file: Path) -> tuple[RunFile, ForeignChain | None]:
    """Results, or an empty record and a chain of another program."""
    from ..chains.files.foreign import chain_kind, read_samples
    from ..chains.files.store import read
    from ..chains.records import RunFile
    from ..errors import StoreError

    try:
        other = chain_kind(file) != "bsinv"
    except StoreError:
        other = False  # the reader of results says what is wrong with it
    if not other:
        return read(file, foreign=True, tell=note), None
    chain = read_samples(file)
    return RunFile(chain.name, "", 0), chain


def _projection(file: Path, label: str = "") -> Source:
    """A projection in place of a results file."""
    from ..chains.files.projections import read_projection
    from ..chains.records import RunFile
    from ..fitter.figures.request import Source

    found = read_projection(file)
    return Source(label or found.name, file, RunFile(found.name, "", 0), None, found)


def _targets(files: Sequence[Path], kind: str, formats: str | None, out: Path | None) -> list[Path]:
    """Files to write."""
    from ..chains.plots.style import FORMATS
    from ..errors import ParameterError, choices

    chosen = list(dict.fromkeys(name.strip() for name in (formats or "png").split(",")))
    for name in chosen:
        if name not in FORMATS:
            raise ParameterError(f"--format {name!r}: one of {choices(name, FORMATS)}")
    if out is None:
        stem = (files[0].parent if files else Path()) / kind
    elif out.is_dir():
        stem = out / kind
    else:
        end = out.suffix[1:].lower()
        if end in _OTHER_FORMATS:
            raise ParameterError(f"--out {out}: its end is one of {', '.join(FORMATS)}, or none.")
        if end not in FORMATS:
            stem = out
        elif formats is None or chosen == [end]:
            return [out]
        else:
            raise ParameterError(f"--format {formats} and --out {out}: which of the two?")
    return [stem.with_name(f"{stem.name}.{name}") for name in chosen]


def _draw(
    kind: str, sources: Sequence[Source], request: Request, style: str, targets: Sequence[Path]
) -> None:
    from ..chains.plots.style import save
    from ..chains.plots.style import style as in_style
    from ..fitter.figures.kinds import KINDS, draw_figure

    at_file = reading(sources[0].path) if sources else nullcontext()
    with in_style(style), at_file:
        figure = draw_figure(kind, sources, request)
        for target in targets:
            save(figure, target)
            print(f"{target}: {KINDS[kind].text}")
