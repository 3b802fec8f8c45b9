"""Some of the chunks of a job, for plain batch systems, and what puts them together again.

All shards write into one directory (or into several that are copied together). None of them writes
the results file: the chunks are its parts, and beside them is a head with all else that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....chains.files.lease import Lease
from ....chains.files.store import check_fingerprint, read, write
from ....chains.records import RunFile, ToyStudy
from ....errors import LeaseError, ParameterError, StoreError
from ...checked import CheckedFile
from ...executors import check_executor
from ...executors.chunks import ChunkFolder, Page, pages
from ...reports.studies.toys import BEST, At, check_toys, toy_job
from .. import stages
from ..job import RESULTS, Interrupted, Job, Source, begun, make_directory, never
from ..progress import Reporter
from ..resume import resumed
from ..studies.toys import do_chunks, kept_chunks
from .status import refuse_no_directory

__all__ = ["Merged", "ShardOutcome", "merge", "parse_shard", "toys_shard"]

_HEAD = "head.h5"
_MOST_SHARDS = 1_000_000


@dataclass(frozen=True)
class ShardOutcome:
    """What a shard made.

    Attributes
    ----------
    folder : Path
        Where its chunks are.
    chunks : int
        Of the shard, all on disk.
    toys : int
        In them.
    """

    folder: Path
    chunks: int
    toys: int


def parse_shard(text: str) -> tuple[int, int]:
    """Read ``"3/100"``: the third of a hundred.

    Raises
    ------
    ParameterError
    """
    match = re.fullmatch(r"(\d{1,7})/(\d{1,7})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]) <= _MOST_SHARDS:
        raise ParameterError(f"shard {text!r}: i/n with 1 <= i <= n is needed, such as 3/100.")
    return int(match[1]), int(match[2])


def toys_shard(
    source: Source,
    shard: str,
    at: At = BEST,
    number: int = 1000,
    nuisances: str = "conditional",
    out: str | Path | None = None,
    *,
    executor: Any = None,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = never,
) -> ShardOutcome:
    """Do some of the chunks of toys; those that are on disk already are kept.

    Parameters
    ----------
    source : str, path, mapping or Analysis
        With a seed, unless the directory has results: shards must have one in common.
    shard : str
        ``"i/n"``: chunks i - 1, i - 1 + n, i - 1 + 2 n, ...
    at, number, nuisances
        As for `Analysis.toys`, of all shards together.
    out : path
        Directory that the shards have in common.
    executor, reporter, stop
        As for `toys_only`.

    Returns
    -------
    ShardOutcome

    Raises
    ------
    ParameterError
        If the shard is none, or no seed is given.
    AnalysisError, StoreError, Interrupted, ExecutorError
        As for `toys_only`.
    """
    place, of_all = parse_shard(shard)
    check_executor(executor)
    analysis = source if isinstance(source, CheckedFile) else CheckedFile(source)
    analysis.refuse_nothing_free()
    directory = Path(analysis.name if out is None else out)
    path = directory / RESULTS
    if analysis.spec.seed is None and not path.exists():
        raise ParameterError(
            f"{analysis.name}: shards need one seed in common: add seed to the analysis (or "
            "--set seed=1)."
        )
    check_toys(analysis.problem, at, number, nuisances)  # before there is a directory
    make_directory(directory)
    job = Job(analysis, path, reporter or Reporter(), stop)
    known = _known(job, at, nuisances)
    assert known.best_fit is not None
    toys = toy_job(
        analysis.problem,
        known.best_fit,
        at,
        number,
        seed=known.seed,
        nuisances=nuisances,
        begun=known.toys,
    )
    folder = ChunkFolder(directory, f"toys {toys.study.label}", known.fingerprint)
    there = kept_chunks(folder, toys, job.reporter.say)
    mine = [item for item in toys.items if item[0] % of_all == place - 1]
    left = [
        (chunk, count) for chunk, count in mine if chunk not in there or there[chunk].done < count
    ]
    _write_head(folder, replace(known, toys=()))
    done: list[ToyStudy] = []
    try:
        do_chunks(job, toys, folder, done.append, left, executor, shard)
    except Interrupted:
        raise Interrupted(
            f"stopped; {len(mine) - len(left) + len(done)} of {len(mine)} chunks of shard {shard} "
            f"are in {folder.path}"
        ) from None
    return ShardOutcome(folder.path, len(mine), sum(count for _, count in mine))


def _known(job: Job, at: At, nuisances: str) -> RunFile:
    """Best fit that shards have in common: of the results, of another shard, or found now."""
    if job.path.exists():
        found = resumed(job.analysis, job.path, read(job.path))
        if found.best_fit is not None:
            return found
    new = begun(job.analysis)
    for head in _heads(job.path.parent):
        if head.fingerprint == new.fingerprint and head.best_fit is not None:
            return replace(new, best_fit=head.best_fit)
    job.reporter.step("fit", 0)
    return replace(new, best_fit=stages.fitted(job, new))


def _heads(directory: Path) -> list[RunFile]:
    return [read(folder / _HEAD) for _, folder in pages(directory) if (folder / _HEAD).exists()]


def _write_head(folder: ChunkFolder, head: RunFile) -> None:
    """Write what the results hold besides toys, unless another shard did."""
    path = folder.path / _HEAD
    if path.exists():
        return
    try:
        write(path, head)
    except LeaseError:  # another shard is just doing it
        return


@dataclass(frozen=True)
class Merged:
    """What was put together of one study.

    Attributes
    ----------
    label : str
        Of the study.
    done, number : int
        Toys that are there, and that were asked for.
    missing : tuple of str
        Sentences on what is not there.
    """

    label: str
    done: int
    number: int
    missing: tuple[str, ...]


def merge(
    directory: str | Path, tell: Callable[[str], None] = lambda sentence: None
) -> tuple[Path, tuple[Merged, ...]]:
    """Put the chunks of a directory into its results file.

    Chunks of a study that is not complete are put there too, and kept.

    Parameters
    ----------
    directory : path
    tell : callable, optional
        Told of chunks that are damaged or of something else: they are left out.

    Returns
    -------
    Path
        The results file.
    tuple of Merged
        One for each study.

    Raises
    ------
    StoreError
        If there is nothing to merge, or chunks are of another analysis than the results.
    LeaseError
        If another process writes the results.
    """
    root = Path(directory)
    refuse_no_directory(root)
    by_folder: dict[Path, list[Page]] = {}
    for page, folder in pages(root):
        if page.unit == "toys":
            by_folder.setdefault(folder, []).append(page)
    if not by_folder:
        raise StoreError(f"{root}: no chunks of toys to merge.")
    path, made, emptied = root / RESULTS, [], []
    with Lease(path) as lease:
        results = read(path) if path.exists() else None
        for folder, told in by_folder.items():
            results, study = _with_chunks(results, folder, tell)
            missing = _missing(study, told)
            made.append(Merged(study.label, study.done, study.number, missing))
            if not missing:
                emptied.append(folder)
        assert results is not None
        write(path, results, lease)
        for folder in emptied:
            ChunkFolder.at(folder, results.fingerprint).remove()
    return path, tuple(made)


def _with_chunks(
    results: RunFile | None, folder: Path, tell: Callable[[str], None]
) -> tuple[RunFile, ToyStudy]:
    """Results with the toys of one directory of chunks."""
    head = read(folder / _HEAD) if (folder / _HEAD).exists() else None
    base = results or head
    if base is None:
        raise StoreError(f"{folder}: chunks without {_HEAD} or results that they belong to.")
    if head is not None:
        try:
            check_fingerprint(base.fingerprint, head.fingerprint)
        except StoreError as error:
            raise StoreError(f"{folder}: of another analysis: {error}") from None
    parts = list(ChunkFolder.at(folder, base.fingerprint).read(ToyStudy, tell).values())
    before = [one for one in base.toys if parts and one.same(parts[-1])]
    if not parts:
        raise StoreError(f"{folder}: no chunk that can be read.")
    study = ToyStudy.joined([*before, *parts])
    others = tuple(one for one in base.toys if one.label != study.label)
    return replace(base, toys=(*others, study)), study


def _missing(study: ToyStudy, told: list[Page]) -> tuple[str, ...]:
    """Sentences on shards and chunks that are not there."""
    number = max(page.number for page in told)
    left = [chunk for chunk, _ in replace(study, number=number).missing()]
    if not left:
        return ()
    sizes = {int(page.shard.partition("/")[2]) for page in told if "/" in page.shard}
    if len(sizes) != 1:
        return (f"chunks {_listed(left)} are missing",)
    of_all = sizes.pop()
    total = -(-number // study.chunk_size)
    sentences = []
    for place in range(of_all):
        mine = [chunk for chunk in left if chunk % of_all == place]
        if mine:
            every = len(range(place, total, of_all))
            which = "all its chunks" if len(mine) == every else f"chunks {_listed(mine)}"
            sentences.append(f"shard {place + 1}/{of_all}: {which} are missing")
    return tuple(sentences)


def _listed(numbers: list[int]) -> str:
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return ", ".join(str(number) for number in numbers[:10]) + more
