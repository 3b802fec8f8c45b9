"""When to write a running chain to disk, and what to say once it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ...errors import LeaseError, StoreError
from ..records import RunFile
from .lease import Lease
from .store import write

__all__ = ["Checkpointer"]

# Writing takes at most this share of the time, however large the file has grown.
_SHARE = 0.1


class Checkpointer:
    """Writes a results file every so often.

    Parameters
    ----------
    path : str or Path
        Results file.
    seconds : float
        Least time between two writes; longer if a write takes more than a tenth of it.
    report : callable, optional
        Called with one sentence after each write (that is, after the rename) or failed write.
    clock : callable
        Returns seconds; for tests.
    lease : Lease, optional
        Of the run that writes.

    Attributes
    ----------
    saved_steps : int
        Steps of the shortest ensemble in the last file written.
    """

    def __init__(
        self,
        path: str | Path,
        seconds: float = 5.0,
        report: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        lease: Lease | None = None,
    ) -> None:
        self.path = Path(path)
        self.seconds = seconds
        self.saved_steps = 0
        self._report = report or (lambda sentence: None)
        self._clock = clock
        self._lease = lease
        self._last = clock()
        self._cost = 0.0

    def due(self) -> bool:
        """Whether it is time to write."""
        return self._clock() - self._last >= max(self.seconds, self._cost / _SHARE)

    def save(self, run: RunFile) -> None:
        """Write now.

        Parameters
        ----------
        run : RunFile

        Raises
        ------
        StoreError
            If the file cannot be written.
        LeaseError
            If another process writes it.
        """
        start = self._clock()
        try:
            write(self.path, run, self._lease)
        finally:
            self._last = self._clock()
            self._cost = self._last - start
        self.saved_steps = min((ensemble.steps for ensemble in run.ensembles), default=0)
        steps = f": {self.saved_steps} steps" if run.ensembles else ""
        self._report(f"saved {self.path}{steps}")

    def save_if_due(self, collect: Callable[[], RunFile]) -> bool:
        """Write if it is time to; a failure is reported and tried again, the run goes on.

        Parameters
        ----------
        collect : callable
            Makes the record to write; called only if it is time.

        Returns
        -------
        bool
            True if the file was written.

        Raises
        ------
        LeaseError
            If another process writes the file: there is no use in going on.
        """
        if not self.due():
            return False
        try:
            self.save(collect())
        except LeaseError:
            raise
        except StoreError as error:
            self._report(f"not saved: {error}")
            return False
        return True
