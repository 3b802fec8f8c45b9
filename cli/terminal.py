"""Standard output and error as they are found: closed, full, or unable to show a Greek letter.

A run of an hour must not end for want of a place to print: what cannot be shown is replaced or
dropped, and the program says so at its end.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Forgiving", "forgiving_streams", "terminal"]

# Of tables written to a pipe or a file.
WIDTH = 200


class Forgiving(io.TextIOBase):
    """A text stream that goes on when its device is full, and remembers that it was.

    A pipe closed by its reader is not forgiven: the reader wants no more.

    Parameters
    ----------
    stream : text stream

    Attributes
    ----------
    failure : OSError or None
        The first error of the device.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, text: str, /) -> int:
        """Write, or drop what a full device does not take."""
        self._attempt(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, as far as the device takes it."""
        self._attempt(self._stream.flush)

    def _attempt(self, action: Any) -> None:
        if self.failure is not None:
            return
        try:
            action()
        except OSError as error:
            if error.errno in (errno.EPIPE, errno.ESHUTDOWN):
                raise
            self.failure = error

    def __getattr__(self, name: str) -> Any:
        """Everything else is that of the stream."""
        return getattr(self._stream, name)

    # Those that `io.TextIOBase` answers itself.
    def isatty(self) -> bool:
        """Whether a person may be looking."""
        return bool(self._stream.isatty())

    def fileno(self) -> int:
        """File descriptor of the stream."""
        return int(self._stream.fileno())

    def writable(self) -> bool:
        """Whether the stream can be written."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the stream."""
        return str(self._stream.encoding)

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What is done with characters that the encoding does not have."""
        found: str | None = self._stream.errors
        return found


@contextmanager
def forgiving_streams() -> Iterator[tuple[Forgiving, Forgiving]]:
    """Standard output and error for the time of a command, whatever they are.

    Closed ones are opened on the null device, so that no file of ours gets their numbers;
    characters that their encoding does not have become question marks; a full device is forgiven.

    Yields
    ------
    output, errors : Forgiving
    """
    before = sys.stdout, sys.stderr
    _fill_closed_descriptors()
    made = []
    for stream in before:
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for all of the program
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        made.append(Forgiving(stream))
    sys.stdout, sys.stderr = made
    try:
        yield made[0], made[1]
    finally:
        sys.stdout, sys.stderr = before


def _fill_closed_descriptors() -> None:
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken: this one, since those below it are open.
            os.open(os.devnull, os.O_RDWR)


def terminal() -> Console:
    """Console on standard output; a closed pipe is an exception as for `print`."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return _Console(
        width=None if sys.stdout.isatty() else WIDTH, highlight=False, markup=False, emoji=False
    )
