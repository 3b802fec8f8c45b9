"""Where work is done: here, in processes of this machine, by workers of Dask, by ranks of MPI."""

from .workers import SERIAL, Tally, Workers, check_executor, map_tasks

__all__ = ["SERIAL", "Tally", "Workers", "check_executor", "map_tasks"]
