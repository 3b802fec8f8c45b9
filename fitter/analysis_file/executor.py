"""Names of executors, as analysis files and the command line give them: ``processes:4``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import ParameterError, did_you_mean

__all__ = ["AUTO", "FORMS", "KINDS", "ExecutorName", "executor_name"]

AUTO = "auto"
"""Serial for what takes seconds, else processes."""

KINDS = (AUTO, "serial", "processes", "dask", "mpi")
FORMS = "serial, processes:N, dask:ADDRESS, dask:local:N, mpi or auto"

MOST_WORKERS = 4096


@dataclass(frozen=True)
class ExecutorName:
    """An executor as it is named.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    workers : int or None
        Number of processes; None for as many as there are cores, or as a cluster has.
    address : str
        Of a Dask scheduler, or the file that it wrote (``*.json``); empty for none.
    """

    kind: str
    workers: int | None = None
    address: str = ""


def executor_name(text: str) -> ExecutorName:
    """Read the name of an executor.

    Parameters
    ----------
    text : str
        ``serial``, ``processes``, ``processes:4``, ``dask:tcp://host:8786``,
        ``dask:scheduler.json``, ``dask:local:4``, ``mpi`` or ``auto``.

    Returns
    -------
    ExecutorName

    Raises
    ------
    ParameterError
        If it is none; says what was allowed.
    """
    if not isinstance(text, str):
        raise ParameterError(f"executor {text!r}: a text is needed, one of {FORMS}.")
    kind, colon, rest = text.strip().partition(":")
    if kind not in KINDS:
        hint = did_you_mean(kind, KINDS)
        raise ParameterError(f"unknown executor {text!r}{hint} Allowed: {FORMS}.")
    if kind == "processes":
        return ExecutorName(kind, _number(text, rest) if colon else None)
    if kind == "dask":
        return _dask(text, rest)
    if colon:
        why = " (the number of ranks is that of mpirun)" if kind == "mpi" else ""
        raise ParameterError(f"executor {text!r}: nothing follows {kind!r}{why}.")
    return ExecutorName(kind)


def _dask(text: str, rest: str) -> ExecutorName:
    local, colon, number = rest.partition(":")
    if local == "local":
        return ExecutorName("dask", _number(text, number) if colon else None)
    if not rest.endswith(".json") and not re.search(r"[^:/]:\d{1,5}$", rest):
        raise ParameterError(
            f"executor {text!r}: the address of a scheduler is needed, such as "
            "dask:tcp://host:8786, the file that it wrote (dask:scheduler.json), or dask:local:N."
        )
    return ExecutorName("dask", None, rest)


def _number(text: str, given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST_WORKERS:
        raise ParameterError(
            f"executor {text!r}: {given!r} is no number of processes from 1 to {MOST_WORKERS}."
        )
    return int(given)
