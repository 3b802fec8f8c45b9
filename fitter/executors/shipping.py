"""What travels to workers: the problem once, then tasks; and what comes back.

Plugins go as text, before the problem: objects made of their classes can then be rebuilt.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import socket
import threading
import time
import traceback
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ... import errors
from ...errors import BsinvError, ExecutorError
from ..plugins import Plugin, plugin_of

__all__ = ["Failure", "Outcome", "Payload", "forget", "install", "packed", "perform", "raised"]

# Problems that a worker keeps: threads of it have copies of their own.
_KEPT = 16


@dataclass(frozen=True)
class Payload:
    """A problem on its way.

    Attributes
    ----------
    key : str
        Digest of all the rest.
    version : str
        Of the package, which must be that of the worker.
    plugins : tuple of (str, str)
        Names and texts.
    body : bytes
        The problem, pickled.
    """

    key: str
    version: str
    plugins: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Failure:
    """An exception of a task, as text: its class may not be known elsewhere.

    Attributes
    ----------
    kind, text, trace : str
        Name of its class, message and traceback.
    final : bool
        Whether it would come again: an error of the package.
    """

    kind: str
    text: str
    trace: str = ""
    final: bool = False

    @property
    def sentence(self) -> str:
        """What happened, in one line."""
        return self.text if self.final else f"{self.kind}: {self.text.partition(chr(10))[0]}"


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    value : object
        What it returned.
    failure : Failure or None
    rejected : Counter
        Points that the problem rejected, see `Problem.rejected`.
    seconds : float
        Of wall time.
    worker : str
        Host and process.
    """

    value: Any = None
    failure: Failure | None = None
    rejected: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    worker: str = ""


def packed(problem: Any, plugins: Sequence[Plugin] = ()) -> Payload:
    """Pack a problem for workers.

    Parameters
    ----------
    problem : Problem or None
    plugins : sequence of Plugin
        Those that its objects are from.

    Returns
    -------
    Payload

    Raises
    ------
    ExecutorError
        If something in it cannot be pickled.
    """
    from ... import __version__

    body = _pickled(problem)
    texts = tuple((plugin.name, plugin.text) for plugin in plugins)
    digest = hashlib.sha256(body)
    for part in (__version__, *(text for pair in texts for text in pair)):
        digest.update(part.encode() + b"\0")
    return Payload(digest.hexdigest()[:24], __version__, texts, body)


def _pickled(problem: Any) -> bytes:
    """Bytes of a problem; what is defined in the main program goes by value if that can be done."""
    failed: Exception | None = None
    try:
        body = pickle.dumps(problem, protocol=5)
    except Exception as error:
        body, failed = b"", error
    if failed is None and b"__main__" not in body:
        return body
    with contextlib.suppress(ImportError):
        import cloudpickle  # comes with distributed

        try:
            made: bytes = cloudpickle.dumps(problem, protocol=5)
            return made
        except Exception as error:
            failed = error
    why = "is defined in the main program" if failed is None else str(failed).partition("\n")[0]
    raise ExecutorError(
        f"the analysis cannot be sent to other processes ({why}): put what is your own into a "
        "plugin (docs/guide/your-own.md), or use the executor 'serial'."
    )


class _Shelf:
    """Payloads of this process, and the problems made of them, one for each thread."""

    def __init__(self) -> None:
        self.payloads: dict[str, Payload] = {}
        self.users: Counter[str] = Counter()
        self._made: OrderedDict[tuple[str, int], Any] = OrderedDict()
        self._lock = threading.RLock()

    def problem(self, key: str) -> Any:
        place = (key, threading.get_ident())
        with self._lock:
            if place not in self._made:
                self._made[place] = _rebuilt(self.payloads[key])
            self._made.move_to_end(place)
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
            return self._made[place]

    def forget(self, key: str) -> None:
        with self._lock:
            self.users[key] -= 1
            if self.users[key] > 0:
                return
            self.payloads.pop(key, None)
            for place in [place for place in self._made if place[0] == key]:
                del self._made[place]


# A process that works for others has to keep what they sent.
_shelf = _Shelf()


def install(payload: Payload) -> None:
    """Keep a problem in this process, for tasks to come; each call is undone by one of `forget`."""
    _shelf.payloads[payload.key] = payload
    _shelf.users[payload.key] += 1
    one_thread()


def forget(key: str) -> None:
    """Drop a problem, if nobody else needs it."""
    _shelf.forget(key)


def one_thread() -> None:
    """Have the linear algebra of this process use one thread, as far as that can be said now."""
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    with contextlib.suppress(ImportError):
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)


def _rebuilt(payload: Payload) -> Any:
    from ... import __version__

    if payload.version != __version__:
        raise ExecutorError(
            f"the worker {worker_name()} has bsinv {__version__}, but the job is of bsinv "
            f"{payload.version}: install the same on both."
        )
    for name, text in payload.plugins:
        plugin_of(name, text, f"<plugin {name}>")
    try:
        return pickle.loads(payload.body)
    except Exception as error:
        raise ExecutorError(
            f"the worker {worker_name()} cannot rebuild the analysis ({type(error).__name__}: "
            f"{error}): put what is your own into a plugin (docs/guide/your-own.md)."
        ) from error


def worker_name() -> str:
    """Host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def perform(given: str | Payload, task: Callable[[Any, Any], Any], item: Any) -> Outcome:
    """Do one task in this process.

    Parameters
    ----------
    given : str or Payload
        Key of a problem that is here already, or the problem.
    task : callable
        Of the problem and the item.
    item : object

    Returns
    -------
    Outcome
        An exception of the task comes back in it, as text.
    """
    began = time.perf_counter()
    try:
        if isinstance(given, Payload):
            install(given)
            given = given.key
        problem = _shelf.problem(given)
        counted = getattr(problem, "rejected", Counter())
        counted.clear()
        value = task(problem, item)
        return Outcome(value, None, Counter(counted), time.perf_counter() - began, worker_name())
    except Exception as error:
        failure = Failure(
            type(error).__name__,
            str(error) or type(error).__name__,
            traceback.format_exc(),
            isinstance(error, BsinvError),
        )
        return Outcome(None, failure, Counter(), time.perf_counter() - began, worker_name())


def raised(failure: Failure) -> BsinvError:
    """Error of the package that a worker told of."""
    kind = getattr(errors, failure.kind, BsinvError)
    if not (isinstance(kind, type) and issubclass(kind, BsinvError)):
        kind = BsinvError
    made: BsinvError = kind.__new__(kind)
    made.args = (failure.text,)
    return made
