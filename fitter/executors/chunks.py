"""Chunks of a job on disk: one file each in ``run.chunks/``, beside a page that says of what.

Files are written by the program that gives out the work, one after the other and each as a whole:
whatever ends a job costs what is under way and no more. Another program may read how far it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from ...chains.files.disk import host_name, remove_stale_temporaries, replace_file
from ...chains.files.pieces import read_piece, write_piece
from ...errors import StoreError, printable

__all__ = ["FOLDER", "ChunkFolder", "Page", "pages"]

Record = TypeVar("Record")

FOLDER = "run.chunks"
"""Name of the directory, beside the results file."""

_PAGE = "job.json"
_CHUNK = re.compile(r"(\d{1,9})\.h5")
# Seconds between two updates of the page.
_UPDATE = 2.0


@dataclass(frozen=True)
class Page:
    """What a job says of itself, for whoever looks from elsewhere.

    Attributes
    ----------
    stage : str
        Such as ``"toys at SM"``.
    unit : str
        Of `size`, such as ``"toys"``.
    total : int
        Chunks in all.
    size : int
        Things of a whole chunk.
    number : int
        Things in all.
    executor : str
    host : str
    process : int
    begun, updated : float
        Seconds since 1970.
    kept : int
        Chunks that were there when the job began.
    retried, failed : int
        Tries that were repeated; chunks given up.
    shard : str
        Such as ``"3/100"``; empty for all chunks.
    """

    stage: str
    unit: str
    total: int
    size: int
    number: int
    executor: str = ""
    host: str = ""
    process: int = 0
    begun: float = 0.0
    updated: float = 0.0
    kept: int = 0
    retried: int = 0
    failed: int = 0
    shard: str = ""


class ChunkFolder:
    """Chunks of one job.

    Parameters
    ----------
    directory : Path
        Of the results file.
    name : str
        Of the job, such as ``"toys SM"``: jobs of several names share the directory.
    fingerprint : mapping of str to str
        What a chunk must be a piece of.
    """

    def __init__(self, directory: Path, name: str, fingerprint: Mapping[str, str]) -> None:
        whole = json.dumps([name, sorted(fingerprint.items())])
        digest = hashlib.sha256(whole.encode()).hexdigest()[:10]
        plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
        self.path = directory / FOLDER / f"{plain}-{digest}"
        self._fingerprint = dict(fingerprint)
        self._page: Page | None = None

    @classmethod
    def at(cls, path: Path, fingerprint: Mapping[str, str]) -> ChunkFolder:
        """Chunks in a directory that is there."""
        found = cls(path.parent.parent, path.name, fingerprint)
        found.path = path
        return found

    def begin(self, page: Page) -> None:
        """Make the directory and its page.

        Raises
        ------
        StoreError
            If it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"{self.path}: cannot be made: {why}.") from error
        told = replace(page, host=host_name(), process=os.getpid(), begun=time.time())
        self._page = told
        self._write_page(told)

    def update(self, **changes: Any) -> None:
        """Bring the page up to date, now and then."""
        if self._page is None or time.time() - self._page.updated < _UPDATE:
            return
        self._page = replace(self._page, **changes)
        self._write_page(self._page)

    def _write_page(self, page: Page) -> None:
        self._page = replace(page, updated=time.time())
        name = _PAGE if not page.shard else f"shard-{page.shard.replace('/', '-of-')}.json"
        with contextlib.suppress(OSError):  # for readers only
            replace_file(self.path / name, json.dumps(asdict(self._page)).encode())

    def write(self, number: int, record: Any) -> None:
        """Write a chunk; when this returns, it is on disk.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        write_piece(self.path / f"{number:06d}.h5", record, self._fingerprint)

    def read(
        self, kind: type[Record], tell: Callable[[str], None] = lambda sentence: None
    ) -> dict[int, Record]:
        """Read the chunks that are there, by number.

        Parameters
        ----------
        kind : type
            Class of a chunk.
        tell : callable, optional
            Told, in a sentence, of those that are damaged: they are left out.
        """
        found = {}
        for number, path in chunk_files(self.path):
            remove_stale_temporaries(path)
            try:
                found[number] = read_piece(path, kind, self._fingerprint)
            except StoreError as error:
                tell(f"{error} It is made again.")
        return found

    def remove(self) -> None:
        """Remove all chunks, once they are in the results; the last job removes the directory."""
        with contextlib.suppress(OSError):
            for path in self.path.iterdir():
                if path.suffix in (".h5", ".json", ".tmp"):
                    path.unlink(missing_ok=True)
            self.path.rmdir()
            self.path.parent.rmdir()


def chunk_files(folder: Path) -> list[tuple[int, Path]]:
    """Numbers and paths of the chunks in a directory of a job, in order."""
    if not folder.is_dir():
        return []
    found = ((_CHUNK.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted((int(match[1]), path) for match, path in found if match)


def pages(directory: Path) -> list[tuple[Page, Path]]:
    """Pages of all jobs in the directory of a results file, and where their chunks are.

    Parameters
    ----------
    directory : Path

    Returns
    -------
    list of (Page, Path)
        One for each job, and one for each shard of it.
    """
    found = []
    root = directory / FOLDER
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        if not folder.is_dir():
            continue
        for path in sorted(folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
                found.append((_page(json.loads(path.read_bytes()[:10_000])), folder))
    return found


def _page(given: dict[str, Any]) -> Page:
    """Page of what a file says, without characters that control a terminal."""
    kinds: dict[str, Callable[[Any], Any]] = {"str": _text, "int": int, "float": float}
    values: dict[str, Any] = {
        entry.name: kinds[str(entry.type)](given[entry.name]) for entry in fields(Page)
    }
    return Page(**values)


def _text(given: Any) -> str:
    return printable(str(given))[:200]
