"""Remake the gallery: summaries, pictures and pages of examples, and docs/results/published.md.

    python tools/make_gallery.py --executor processes:2    # all, twenty minutes of processor time
    python tools/make_gallery.py --only s12-mass           # some analyses or parts
    python tools/make_gallery.py --pages                   # README.md and page, from what is stored
    python tools/make_gallery.py --check                   # seconds; exit 1 if something is stale

What there is stands in tools/gallery.yaml: folders of examples/ with analyses, each fitted,
scanned and, if its chain converges in minutes, sampled; and parts that other tools compute. Results
are kept in --cache (build/gallery) with what they were made of. A folder gets summary.json, the
pictures and README.md. No posterior is shown that has not converged: such an analysis shows its
profile.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import make_published as published  # type: ignore[import-not-found]
from bsinv.chains.files.store import read
from bsinv.chains.records import RunFile
from bsinv.errors import BsinvError
from bsinv.fitter.analysis import Analysis
from bsinv.fitter.executors import Workers
from bsinv.fitter.runs.fingerprint import fingerprint
from bsinv.fitter.runs.run import fit_only, run
from gallery_parts import PARTS, small_picture  # type: ignore[import-not-found]
from gallery_records import record_of, rounded  # type: ignore[import-not-found]
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES, IMAGES = ROOT / "examples", ROOT / "docs" / "images"
GALLERY = YAML(typ="safe").load((ROOT / "tools" / "gallery.yaml").read_text(encoding="utf-8"))
FOLDERS: dict[str, dict[str, Any]] = {entry["folder"]: entry for entry in GALLERY["folders"]}
SUMMARY, README = "summary.json", "README.md"
Record = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """An analysis of the gallery.

    Attributes
    ----------
    name, folder : str
    source : str
        Name of a built-in analysis, or path of a file.
    stages : str
        ``"run"`` with a chain, ``"fit"`` without.
    pictures : mapping of str to str
        File of the run, and its name in the folder.
    """

    name: str
    folder: str
    source: str
    stages: str
    pictures: Mapping[str, str]

    @property
    def command(self) -> str:
        """What a user types for the same results."""
        shown = self.source if self.source == self.name else f"{self.folder}/{self.name}.yaml"
        verb = "run" if self.stages == "run" else "fit"
        return f"bsinv {verb} {shown if self.source == self.name else 'examples/' + shown}"


def entries() -> dict[str, Entry]:
    """All analyses of the gallery by name."""
    found = {}
    for folder, told in FOLDERS.items():
        for name, options in (told.get("analyses") or {}).items():
            path = EXAMPLES / folder / f"{name}.yaml"
            source = str(path) if path.exists() else name
            pictures = options.get("pictures", {})
            found[name] = Entry(name, folder, source, options.get("stages", "fit"), pictures)
    return found


def text_of(entry: Entry) -> str:
    """Text of the analysis file, by which a stored summary is told to be stale."""
    return Analysis(entry.source).text if entry.source == entry.name else _text(Path(entry.source))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def digest(*parts: Any) -> str:
    """Short digest of what something was made of."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class GalleryTask:
    """Runs of analyses, as workers do them."""

    def __call__(self, problem: None, item: tuple[Entry, str]) -> str:
        """Make or complete the results of an analysis; what went wrong, or an empty text."""
        entry, folder = item
        try:
            made(entry, Path(folder))
        except BsinvError as error:
            return f"{entry.name}: {error}"
        return ""


def made(entry: Entry, folder: Path) -> None:
    """Results of an analysis in a folder, unless they are there."""
    analysis = Analysis(entry.source)
    of = digest(fingerprint(analysis, analysis.seed or 1), text_of(entry), entry.stages)
    mark, stored = folder / "made-of", folder / "run.h5"
    if mark.exists() and stored.exists() and _text(mark) == of:
        return
    began = time.perf_counter()
    if entry.stages == "fit":  # scans of an earlier file would stay
        fit_only(entry.source, folder, fresh=True)
    else:
        run(entry.source, folder, fresh=mark.exists())
    mark.write_text(of, encoding="utf-8")
    print(f"{entry.name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def summary(entry: Entry, results: RunFile) -> Record:
    """What is stored of an analysis."""
    return {
        "made of": digest(text_of(entry)),
        "command": entry.command,
        **record_of(results),
    }


def copy_pictures(entry: Entry, run_folder: Path, record: Record) -> None:
    """Pictures of a run in few colours, also to docs/images where one of that name is."""
    for source, target in entry.pictures.items():
        if source == "corner.png" and not record.get("chain", {}).get("converged"):
            sys.exit(f"{entry.name}: the chain has not converged, so its posterior is not shown")
        if not (run_folder / source).exists():
            sys.exit(f"{entry.name}: the run has no {source}")
        path = EXAMPLES / entry.folder / target
        path.parent.mkdir(exist_ok=True)
        small_picture(run_folder / source, path)
        if (IMAGES / target).exists():
            shutil.copyfile(path, IMAGES / target)


def stored(folder: str) -> Record:
    """Summary of a folder; empty if there is none."""
    path = EXAMPLES / folder / SUMMARY
    return dict(json.loads(_text(path))) if path.exists() else {}


def store(folder: str, name: str, record: Record) -> None:
    """Put a record into the summary of its folder."""
    found = stored(folder) | {name: record}
    path = EXAMPLES / folder / SUMMARY
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def readme(folder: str) -> str:
    """README.md of a folder: what it shows, the commands, best fits and pictures."""
    told, found = FOLDERS[folder], stored(folder)
    mine = [one for one in entries().values() if one.folder == folder]
    lines = [f"# {told['title']}", "", told["text"].strip(), "", "```sh"]
    lines += [one.command for one in mine] or []
    lines += told.get("commands", [])
    lines += ["```", ""]
    if mine:
        lines += ["| analysis | best fit | −2 ln(SM/best) |", "|---|---|---|"]
        for one in mine:
            record = found.get(one.name)
            if record is None:
                continue
            fit = record["best fit"]
            values = ", ".join(f"{k} = {v:.3g}" for k, v in list(fit["values"].items())[:5])
            gain = "" if fit["gain"] is None else f"{fit['gain']:.1f}"
            lines.append(f"| `{one.name}` | {values} | {gain} |")
        lines.append("")
    for picture, text in told.get("pictures", {}).items():
        lines += [f"![{text}]({picture})", ""]
    lines += ["Numbers: `summary.json`, made by `tools/make_gallery.py`."]
    return "\n".join(lines) + "\n"


def check() -> list[str]:
    """What is stale or missing, without a computation."""
    faults = []
    for entry in entries().values():
        record = stored(entry.folder).get(entry.name)
        if record is None or record["made of"] != digest(text_of(entry)):
            faults.append(f"examples/{entry.folder}/{SUMMARY}: {entry.name} is stale")
    for folder, told in FOLDERS.items():
        path = EXAMPLES / folder / README
        if not path.exists() or _text(path) != readme(folder):
            faults.append(f"examples/{folder}/{README}: stale")
        pictures = [EXAMPLES / folder / name for name in told.get("pictures", {})]
        faults += [f"{path}: missing" for path in pictures if not path.is_file()]
        for part in told.get("parts", []):
            if part not in stored(folder):
                faults.append(f"examples/{folder}/{SUMMARY}: no {part}")
    return faults + list(published.check())


def make_runs(asked: Sequence[str], cache: Path, workers: Workers) -> list[str]:
    """Run analyses and write their summaries and pictures; names of those that failed."""
    wanted = [entry for entry in entries().values() if not asked or entry.name in asked]
    items = [(entry, str(cache / "runs" / entry.name)) for entry in wanted]
    failed = {wanted[place].name: told for place, told in workers.map(GalleryTask(), items) if told}
    for told in failed.values():
        print(told, file=sys.stderr, flush=True)
    for entry in wanted:
        if entry.name in failed:
            continue
        results = cache / "runs" / entry.name
        record = summary(entry, read(results / "run.h5"))
        copy_pictures(entry, results, record)
        store(entry.folder, entry.name, record)
    return list(failed)


def make_parts(asked: Sequence[str], cache: Path, workers: Workers) -> None:
    """Compute parts and write their summaries."""
    for folder, told in FOLDERS.items():
        for part in told.get("parts", []):
            if asked and part not in asked:
                continue
            began = time.perf_counter()
            found = PARTS[part](cache, EXAMPLES / folder, workers)
            store(folder, part, rounded(found))
            print(f"{part}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)


def make(asked: Sequence[str], executor: str, cache: Path) -> None:
    """Make what is asked for and write summaries, pictures and pages."""
    with Workers(executor, None) as workers:
        failed = make_runs(asked, cache, workers)
        make_parts(asked, cache, workers)
    write_pages()
    if failed:
        sys.exit(f"failed, their summaries are those of before: {', '.join(failed)}")


def write_pages() -> None:
    """Write README.md of the folders and the page of published results from what is stored."""
    for folder in FOLDERS:
        if stored(folder):
            (EXAMPLES / folder / README).write_text(readme(folder), encoding="utf-8")
    try:
        published.write()
    except published.PublishedError as error:
        sys.exit(f"{published.PAGE}: {error}")


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--executor", default="serial", help="as for bsinv run; default serial")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="analyses or parts")
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "gallery", metavar="DIR")
    parser.add_argument("--check", action="store_true", help="compute nothing; exit 1 if stale")
    parser.add_argument("--pages", action="store_true", help="compute nothing; write the pages")
    given = parser.parse_args(arguments)
    known = [*entries(), *PARTS]
    if strange := sorted(set(given.only) - set(known)):
        parser.error(f"nothing called {strange[0]!r}; there are {', '.join(known)}")
    if given.check:
        faults = check()
        sys.exit(
            "\n".join([*faults, "run tools/make_gallery.py, with --pages for pages"])
            if faults
            else 0
        )
    if given.pages:
        write_pages()
        return
    try:
        make(given.only, given.executor, given.cache.resolve())
    except BsinvError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
