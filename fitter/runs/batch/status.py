"""How far jobs are, told by their chunks on disk: also while they run, and from another machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from ....errors import StoreError
from ...executors.chunks import Page, chunk_files, pages
from ..estimate import duration

__all__ = ["JobStatus", "refuse_no_directory", "status"]

# Seconds without an update of its page after which a job is not taken to be running.
_SILENT = 60.0


@dataclass(frozen=True)
class JobStatus:
    """How far one job, or one shard of it, is.

    Attributes
    ----------
    page : Page
        What the job says of itself.
    chunks, total : int
        On disk, and in all.
    rate : float
        Chunks a second since it began; NaN if none was done.
    silent : float
        Seconds since the last sign of it.
    """

    page: Page
    chunks: int
    total: int
    rate: float
    silent: float

    @property
    def running(self) -> bool:
        """Whether it was heard of a short while ago."""
        return self.silent < _SILENT and self.chunks < self.total

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        page = self.page
        things = min(self.chunks * page.size, page.number)
        told = [
            f"{page.stage}{f', shard {page.shard}' if page.shard else ''}: {self.chunks} of "
            f"{self.total} chunks"
        ]
        if not page.shard:
            told[0] += f" ({things} of {page.number} {page.unit})"
        if self.running and self.rate > 0.0:
            told.append(f"{self.rate * page.size:.2g} {page.unit}/s")
            told.append(f"{duration((self.total - self.chunks) / self.rate)} left")
        for count, what in ((page.retried, "tried again"), (page.failed, "failed")):
            if count:
                told.append(f"{count} {what}")
        where = f"{page.executor}, process {page.process} on {page.host}"
        if self.chunks >= self.total:
            told.append("all done")
        elif self.running:
            told.append(where)
        else:
            told.append(f"not heard of for {duration(self.silent)} ({where})")
        return ", ".join(told)


def status(directory: str | Path) -> tuple[JobStatus, ...]:
    """How far the jobs of a directory are.

    Parameters
    ----------
    directory : path
        Of the results.

    Returns
    -------
    tuple of JobStatus
        One for each job and each shard whose chunks are on disk; empty if there are none.

    Raises
    ------
    StoreError
        If there is no such directory.
    """
    root = Path(directory)
    refuse_no_directory(root)
    return tuple(_status(page, folder) for page, folder in pages(root))


def refuse_no_directory(directory: Path) -> None:
    """Raise unless a directory of results is there.

    Raises
    ------
    StoreError
    """
    if directory.is_file():
        raise StoreError(f"{directory}: this is a file, and a directory of results is needed.")
    if not directory.is_dir():
        raise StoreError(f"{directory}: no such directory.")


def _status(page: Page, folder: Path) -> JobStatus:
    numbers, of_all = _share(page)
    found = [(number, path) for number, path in chunk_files(folder) if number in numbers]
    changed = []
    for _, path in found:
        try:
            changed.append(path.stat().st_mtime)
        except OSError:  # merged in the meantime
            continue
    now = time.time()
    recent = [at for at in changed if at >= page.begun]
    last = max([page.updated, *recent])
    span = (now if now - last < _SILENT else last) - page.begun
    rate = len(recent) / span if recent and span > 0.0 else float("nan")
    # Chunks that went into the results before have no file any more.
    merged = 0 if page.shard else max(page.kept - (len(found) - len(recent)), 0)
    return JobStatus(page, len(found) + merged, of_all, rate, max(now - last, 0.0))


def _share(page: Page) -> tuple[range, int]:
    """Numbers of the chunks of a job or a shard, and how many there are."""
    place, _, of_all = page.shard.partition("/")
    numbers = range(int(place) - 1, page.total, int(of_all)) if of_all else range(page.total)
    return numbers, len(numbers)
