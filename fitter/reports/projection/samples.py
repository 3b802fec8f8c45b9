"""What a projection needs to be told: luminosities of samples, widths that fall, errors to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ....errors import ParameterError, choices
from ...analysis_file.arguments import check_number
from ...analysis_file.reading.source import read_file

__all__ = ["Foreseen", "Sample", "samples_of"]

_SCALED = {"luminosity", "source", "scaled", "simulation"}
_FORESEEN = {"error", "relative_error", "observable", "source", "status"}


@dataclass(frozen=True)
class Sample:
    """How a reweighted term is scaled.

    Attributes
    ----------
    luminosity : float
        Of the sample published, in 1/ab.
    scaled : tuple of str
        Patterns of nuisance parameters whose widths fall under the assumption ``scaled``.
    simulation : bool
        Whether those of the bin factors do.
    """

    luminosity: float
    scaled: tuple[str, ...] = ()
    simulation: bool = True


@dataclass(frozen=True)
class Foreseen:
    """A measurement with a normal error that is taken to be done, whatever the luminosity.

    Attributes
    ----------
    observable : str
        Empty for that of the term of the same name, whose error it replaces.
    error : float
        In the unit of the observable; 0 if it is relative.
    relative_error : float
        Of the prediction at the defaults of the model.
    """

    observable: str = ""
    error: float = 0.0
    relative_error: float = 0.0


def samples_of(*paths: str | Path) -> dict[str, Sample | Foreseen]:
    """Samples and errors by name, those of the package and of files.

    Parameters
    ----------
    *paths : path
        YAML files, or names of those in ``fitter/projections``, such as ``fcc-ee``. Entries with a
        luminosity have the form of ``default.yaml`` there and come before it; others have an
        ``error`` or a ``relative_error``.

    Returns
    -------
    dict of str to Sample or Foreseen

    Raises
    ------
    ParameterError
        If an entry has another key, or a value that is not allowed.
    AnalysisError
        If a file cannot be read.
    """
    found: dict[str, Sample | Foreseen] = {}
    for file in (_shipped("default"), *map(_file, paths)):
        for name, entry in read_file(file, "a file of samples (YAML)").data.items():
            found[str(name)] = _entry(f"{file}: {name}", str(name), entry)
    return found


def _shipped(name: str) -> Path:
    from ... import projections

    return Path(str(resources.files(projections))) / f"{name}.yaml"


def _file(path: str | Path) -> Path:
    """A file, or one of the package by its name."""
    if Path(path).exists():
        return Path(path)
    known = [file.stem for file in _shipped("*").parent.glob("*.yaml") if file.stem != "default"]
    if str(path) in known:
        return _shipped(str(path))
    if Path(path).suffix in (".yaml", ".yml"):
        return Path(path)
    told = choices(str(path), sorted(known))
    raise ParameterError(
        f"samples {str(path)!r}: neither a file (YAML) nor of the package, which has {told}"
    )


def _entry(where: str, name: str, entry: Any) -> Sample | Foreseen:
    given = set(entry) if isinstance(entry, Mapping) else set()
    if given & {"error", "relative_error"} and "luminosity" not in given:
        return _foreseen(where, name, entry)
    if "luminosity" not in given or not given <= _SCALED:
        raise ParameterError(
            f"{where}: luminosity is needed, and {', '.join(sorted(_SCALED - {'luminosity'}))} "
            f"allowed; or error or relative_error of a measurement; given is {entry!r}."
        )
    luminosity = check_number(f"{where}: luminosity", entry["luminosity"])
    patterns, simulation = entry.get("scaled") or [], entry.get("simulation", True)
    texts = isinstance(patterns, list) and all(isinstance(one, str) for one in patterns)
    if luminosity <= 0.0 or not texts or not isinstance(simulation, bool):
        raise ParameterError(
            f"{where}: luminosity must be positive, scaled a list of patterns and simulation true "
            "or false."
        )
    return Sample(luminosity, tuple(patterns), simulation)


def _foreseen(where: str, name: str, entry: Mapping[str, Any]) -> Foreseen:
    unknown = sorted(set(entry) - _FORESEEN)
    if unknown or ("error" in entry) == ("relative_error" in entry):
        told = f"{unknown[0]} is not allowed" if unknown else "both are given"
        raise ParameterError(
            f"{where}: error or relative_error is needed, and observable, source, status allowed; "
            f"{told}."
        )
    key = "error" if "error" in entry else "relative_error"
    value = check_number(f"{where}: {key}", entry[key])
    observable = entry.get("observable", "")
    if not 0.0 < value < float("inf"):
        raise ParameterError(f"{where}: {key} = {value:g}: it must be positive and finite.")
    if not isinstance(observable, str):
        raise ParameterError(f"{where}: observable = {observable!r}: a name is needed.")
    return Foreseen(observable, **{key: value})


def split(
    known: Mapping[str, Sample | Foreseen], used: Sequence[str]
) -> tuple[dict[str, Sample], dict[str, Foreseen]]:
    """Samples of the terms `used`, and all measurements to come.

    Raises
    ------
    ParameterError
        If the luminosity of the sample of a term is not known.
    """
    samples = {}
    for name in used:
        sample = known.get(name)
        if not isinstance(sample, Sample):
            raise ParameterError(
                f"{name}: the luminosity of its sample is not known: give a YAML file with "
                f"'{name}: {{luminosity: ...}}' (--samples)."
            )
        samples[name] = sample
    return samples, {name: one for name, one in known.items() if isinstance(one, Foreseen)}
