"""One writer at a time: the lease of a results file.

A lock file beside the results says who writes them; its time of change is the heartbeat. A process
of this machine that is gone is recognised by its number and its start, at once; one of another
machine after it has missed three beats, as measured by whoever waits: no clocks are compared.
Nothing can stop a process that wakes up between its last look at the lease and the rename; hence it
looks right before.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ...errors import LeaseError, StoreError, printable

if TYPE_CHECKING:
    from filelock import SoftFileLease

__all__ = ["BEAT", "Lease"]

BEAT = 10.0
MISSED = 3
# A holder that has just died is found at the second look; garbage after two seconds.
_LOOK, _POLL, _GARBAGE = 0.3, 0.05, 3.0


def _never() -> bool:
    return False


def _silent(sentence: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class _Holder:
    """Who holds a lease, as far as is known."""

    host: str
    process: int
    since: str

    def __str__(self) -> str:
        begun = f", since {self.since}" if self.since else ""
        return f"process {self.process} on {self.host}{begun}"


class Lease:
    """The right to replace one file.

    Parameters
    ----------
    path : str or Path
        The file.
    beat : float
        Seconds between two heartbeats; all writers must use the same.
    """

    def __init__(self, path: str | Path, beat: float = BEAT) -> None:
        from filelock import SoftFileLease

        self.path = Path(path).resolve()
        self._lock_path = self.path.with_name(f".{self.path.name}.lock")
        self._note = self.path.with_name(f".{self.path.name}.writer")
        self._limit = MISSED * beat
        self._lock: SoftFileLease = SoftFileLease(
            str(self._lock_path),
            lease_duration=self._limit,
            heartbeat_interval=beat,
            thread_local=False,
        )

    def acquire(
        self, stop: Callable[[], bool] = _never, tell: Callable[[str], None] = _silent
    ) -> Self:
        """Take the lease.

        Parameters
        ----------
        stop : callable, optional
            Asked while it waits for the heartbeat of another machine whether to give up.
        tell : callable, optional
            Told that it waits.

        Returns
        -------
        Lease
            Itself, held.

        Raises
        ------
        LeaseError
            If another process holds it, who and since when.
        StoreError
            If the lock file cannot be made.
        """
        try:
            if not (self._try(_LOOK, stop) or self._after_holder(stop, tell)):
                raise LeaseError(
                    f"{self.path} is being written by {self._holder() or 'another process'}: wait "
                    "until it is done, stop it, or choose another directory with --out."
                )
        except OSError as error:
            raise StoreError(
                f"{self._lock_path}: cannot be made, so that it is not known whether another "
                f"process writes {self.path.name}: {error.strerror or error}."
            ) from error
        self._leave_note()
        return self

    def _try(self, seconds: float, stop: Callable[[], bool]) -> bool:
        from filelock import LeaseSettingsMismatch, Timeout

        try:
            self._lock.acquire(timeout=seconds, poll_interval=_POLL, cancel_check=stop)
        except (Timeout, LeaseSettingsMismatch):
            return False
        return True

    def _after_holder(self, stop: Callable[[], bool], tell: Callable[[str], None]) -> bool:
        """Take over from a holder that may be gone; False if it is there."""
        owner = self._lock.owner
        if owner is None:
            self._mark_empty()
            return self._try(_GARBAGE, stop)
        if owner.hostname == self._own_host() or 0 <= (silent := self._silence()) < self._limit:
            return False
        tell(
            f"{self.path.name} was last written by {self._holder()}, which has not been heard of "
            f"for {silent:.0f} s: waiting {self._limit:.0f} s for a sign of it"
        )
        seen = self._changed()

        def give_up() -> bool:
            return stop() or self._changed() not in (seen, None)

        return self._try(self._limit + _GARBAGE, give_up)

    def _own_host(self) -> str:
        """Name of this machine in lock files, where it may name a container too."""
        from filelock import SoftFileLease

        with tempfile.TemporaryDirectory() as directory:
            probe = SoftFileLease(os.path.join(directory, "lock"))
            with probe:
                return "" if probe.owner is None else probe.owner.hostname

    def _changed(self) -> float | None:
        try:
            return os.lstat(self._lock_path).st_mtime
        except FileNotFoundError:
            return None

    def _silence(self) -> float:
        """Seconds since the last heartbeat, by the clock of the disk that holds the lock."""
        with tempfile.TemporaryFile(dir=self.path.parent) as probe:
            now = os.fstat(probe.fileno()).st_mtime
        return now - (self._changed() or now)

    def _mark_empty(self) -> None:
        """Write a word into a lock file that was left empty, which is taken for a live one else."""
        time.sleep(2 * _POLL)  # a process that is just making it writes at once
        flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0)
        with contextlib.suppress(OSError):
            descriptor = os.open(self._lock_path, flags)
            try:
                found = os.fstat(descriptor)
                if stat.S_ISREG(found.st_mode) and not found.st_size:
                    os.write(descriptor, b"left empty\n")
            finally:
                os.close(descriptor)

    def _leave_note(self) -> None:
        """Write down since when; only messages need it."""
        begun = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self._note, flags, 0o644)
            try:
                text = json.dumps({"token": self._lock.token, "since": begun})
                os.write(descriptor, text.encode())
            finally:
                os.close(descriptor)

    def _holder(self) -> _Holder | None:
        owner = self._lock.owner
        if owner is None:
            return None
        since = ""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            descriptor = os.open(self._note, flags)
            try:
                note: Any = json.loads(os.read(descriptor, 1000))
            finally:
                os.close(descriptor)
            if note.get("token") == owner.token:
                since = printable(str(note.get("since")), "")[:40]
        # What follows the question mark tells containers of one machine apart.
        host = printable(owner.hostname.partition("?")[0], "") or "an unknown machine"
        return _Holder(host, owner.pid, since)

    def check(self) -> None:
        """Renew the lease.

        Raises
        ------
        LeaseError
            If it was lost: nothing may be replaced any more.
        """
        if self._ours():
            with contextlib.suppress(OSError):
                os.utime(self._lock_path, follow_symlinks=False)
            if self._ours():  # nobody takes it for a while now
                return
        holder = self._holder()
        who = "or removed" if holder is None else f"by {holder}"
        raise LeaseError(
            f"{self.path}: the lease of this run was taken over {who} while it was not heard of; "
            "nothing more is written, and the run stops."
        )

    def release(self) -> None:
        """Give the lease back; nothing happens if it was lost."""
        with contextlib.suppress(OSError):
            if self._ours():
                self._note.unlink(missing_ok=True)
            self._lock.release(force=True)

    def _ours(self) -> bool:
        owner, token = self._lock.owner, self._lock.token
        return token is not None and owner is not None and owner.token == token

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
