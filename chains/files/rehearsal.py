"""Reading a file of unknown origin in a process of its own, which may crash, hang or run over."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Rehearsal", "main", "rehearse"]

# Of the process, beyond what the size of the file asks for.
_MEMORY, _SECONDS = 450_000_000, 2
# Bytes read in a second on a slow disk, and the longest wait for a machine that is busy.
_RATE, _PATIENCE = 20_000_000, 60.0


@dataclass(frozen=True)
class Rehearsal:
    """What came of reading a file.

    Attributes
    ----------
    fault : str or None
        Why it cannot be read.
    parts : tuple of str
        Parts whose checksums do not agree.
    checked : bool
        Whether the file has checksums of its parts.
    """

    fault: str | None = None
    parts: tuple[str, ...] = ()
    checked: bool = False


def rehearse(file: Any, verify: bool = True, *, chain: bool = False) -> Rehearsal:
    """Read an open file in another process.

    Parameters
    ----------
    file : binary file
    verify : bool
        Whether to compare the checksums of its parts.
    chain : bool
        It is a chain of another program, not a results file: then only what breaks is told.

    Returns
    -------
    Rehearsal
    """
    size = os.fstat(file.fileno()).st_size
    # The same modules as here, and none from the directory at hand (-P).
    paths = [path for path in sys.path if path] + [str(Path(__file__).parents[2])]
    seconds = _SECONDS + size / _RATE
    order = (
        f"import sys; sys.path[:] = {paths!r}; from {__name__} import main; "
        f"main({size}, {seconds}, {verify}, {chain})"
    )
    file.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", order],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE + seconds,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        told = json.loads(done.stdout)
        return Rehearsal(told["fault"], tuple(told["parts"]), told["checked"])
    except subprocess.TimeoutExpired:
        return Rehearsal("damaged results file: reading it does not end.")
    except ValueError:
        return Rehearsal("damaged results file: HDF5 fails on it.")


def main(size: int, seconds: float, verify: bool, chain: bool = False) -> None:
    """Read the file on standard input and tell the outcome on standard output.

    Parameters
    ----------
    size : int
        Bytes of the file.
    seconds : float
        Of CPU that reading may take.
    verify, chain : bool
        As of `rehearse`.
    """
    import h5py  # noqa: F401 (before the limits, which count from here)

    from . import foreign_hdf5, parsing  # noqa: F401

    _limit(size, seconds)
    with open(0, "rb", buffering=0, closefd=False) as file:
        sys.stdout.write(json.dumps(_outcome(file, verify, chain)))
    sys.stdout.flush()
    os._exit(0)  # whatever HDF5 would still like to tidy up


def _limit(size: int, seconds: float) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds),) * 2)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        memory = pages * resource.getpagesize() + _MEMORY + 4 * size
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _outcome(file: Any, verify: bool, chain: bool) -> dict[str, Any]:
    from ...errors import StoreError
    from .foreign_hdf5 import rehearse_hdf5
    from .parsing import damaged_parts, parse, refusal

    told: dict[str, Any] = {"fault": None, "parts": [], "checked": False}
    if chain:
        # What the file itself is to blame for is told when it is read again.
        with contextlib.suppress(StoreError):
            rehearse_hdf5(file)
        return told
    try:
        parse(file)
    except Exception as error:
        told["fault"] = refusal(error)
    if verify:
        with contextlib.suppress(Exception):
            parts = damaged_parts(file)
            told["checked"], told["parts"] = parts is not None, list(parts or ())
    return told
