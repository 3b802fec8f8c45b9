"""What runs have in common: whether their data are the same, and parameters of their signals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..records import ParameterRecord, RunFile

__all__ = ["common_parameters", "different_data", "signal_parameters", "uniform_range"]

# Likelihoods of the fingerprint of a run, and what begins the names of other data in it.
_DATA, _PREFIXES = ("likelihoods", "data"), ("file ", "term ", "plugin ")
_SIGNAL = ("model", "auxiliary")


def different_data(run: RunFile, other: RunFile) -> str:
    """Say why likelihoods of two runs cannot be compared; empty if they can.

    Parameters
    ----------
    run, other : RunFile

    Returns
    -------
    str
    """
    keys = [*_DATA, *(key for key in {**run.fingerprint, **other.fingerprint} if _is_data(key))]
    topics = [key for key in keys if run.fingerprint.get(key) != other.fingerprint.get(key)]
    told = [f"{', '.join(dict.fromkeys(topics))} differ"] if topics else []
    if run.best_fit is not None and other.best_fit is not None:
        here, there = set(run.best_fit.term_names), set(other.best_fit.term_names)
        if here != there:
            told.append(f"terms that only one has: {', '.join(sorted(here ^ there))}")
    mine, others = _constraints(run), _constraints(other)
    if mine != others:
        told.append(
            "priors that stand for measurements differ: "
            f"{', '.join(sorted({name for name, _ in mine ^ others}))}"
        )
    return "; ".join(told)


def _is_data(key: str) -> bool:
    return key.startswith(_PREFIXES)


def _constraints(run: RunFile) -> set[tuple[str, str]]:
    """Names and priors of parameters whose priors stand for measurements."""
    return {(one.name, one.prior) for one in run.parameters if one.free and not _free(one)}


def _free(record: ParameterRecord) -> bool:
    return record.prior.startswith(("uniform", "log-uniform"))


def signal_parameters(run: RunFile) -> dict[str, ParameterRecord]:
    """Free parameters of the model without constraint, by name."""
    return {
        one.name: one for one in run.parameters if one.free and one.role in _SIGNAL and _free(one)
    }


def common_parameters(runs: Sequence[RunFile]) -> dict[str, ParameterRecord]:
    """Parameters with the same prior and unit in all runs that have a signal."""
    signals = [found for found in map(signal_parameters, runs) if found]
    if not signals:
        return {}
    return {
        name: one
        for name, one in signals[0].items()
        if all(
            name in other and (other[name].prior, other[name].unit) == (one.prior, one.unit)
            for other in signals
        )
    }


def uniform_range(record: ParameterRecord) -> tuple[float, float] | None:
    """Ends of a uniform prior; None for another one."""
    finite = math.isfinite(record.lower) and math.isfinite(record.upper)
    return (record.lower, record.upper) if finite and record.prior.startswith("uniform") else None
