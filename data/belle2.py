"""Loader of the Belle II likelihood of B+ -> K+ nu nubar (arXiv:2311.14647, HEPData 166082)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import DataError
from ._checks import (
    check_array,
    check_choice,
    check_keys,
    check_number,
    check_text,
    fault,
    read_json,
    read_reference,
)
from .form_factors import form_factor_sets
from .frozen import Array, FrozenMapping, read_only
from .records import Belle2Data, FormFactorSet, NullPrediction

__all__ = ["belle2_2023"]

FILE = "belle2_2023.json"

_KEYS = {"reference", "q2_edges", "channels", "null_prediction", "workspace"}
_CHANNEL = {"name", "label", "signal", "densities", "allowed_deviations"}
_NULL = {
    *("G_F", "alpha_inv", "X_t", "sin2_theta_W", "VtbVts", "m_Bplus", "m_Kplus", "tau_Bplus"),
    "hbar",
}
# Largest relative difference between the sum of a density row and the nominal yield of its bin.
_CLOSURE = 1e-6


@lru_cache(maxsize=1)
def belle2_2023() -> Belle2Data:
    """Return the published likelihood and its joint number densities.

    Returns
    -------
    Belle2Data

    Raises
    ------
    DataError
        If the file is missing or inconsistent.
    """
    return read_belle2(read_json(FILE), form_factor_sets())


def read_belle2(
    content: Mapping[str, Any], sets: Mapping[str, FormFactorSet], file: str = FILE
) -> Belle2Data:
    """Check and make the Belle II data from the content of the file.

    Each row of a density, summed over all 101 columns, is the nominal signal yield of its bin to
    1e-6, but for the rows whose larger deviation the source declares.

    Parameters
    ----------
    content : mapping
        With keys ``reference``, ``q2_edges``, ``channels``, ``null_prediction`` and ``workspace``.
    sets : mapping of id to FormFactorSet
        Where the form factors of the null prediction are found.
    file : str
        Name used in errors.

    Returns
    -------
    Belle2Data

    Raises
    ------
    DataError
        On the first thing that is not allowed.
    """
    check_keys(file, content, _KEYS)
    workspace = content["workspace"]
    yields = _sample_yields(file, workspace)
    edges = content["q2_edges"]
    check_keys(f"{file}: q2_edges", edges, {"start", "stop", "bins"})
    bins = int(check_number(f"{file}: q2_edges", "bins", edges["bins"], above=0))
    densities: dict[str, Array] = {}
    signals: dict[str, str] = {}
    labels: dict[str, str] = {}
    for channel in content["channels"]:
        name = check_choice(file, "channel", channel.get("name"), yields)
        where = f"{file}: {name}"
        check_keys(where, channel, {"name", "label"}, _CHANNEL)
        labels[name] = check_text(where, "label", channel["label"])
        if "signal" not in channel:
            continue
        signals[name] = check_choice(where, "signal", channel["signal"], yields[name])
        densities[name] = _density(where, channel, yields[name][signals[name]], bins)
    missing = sorted(set(yields) - set(labels))
    if missing:
        raise DataError(f"{file}: channel {missing[0]} of the workspace has no label.")
    return Belle2Data(
        workspace=workspace,
        densities=FrozenMapping(densities),
        q2_edges=read_only(np.linspace(edges["start"], edges["stop"], bins + 1)),
        signal_samples=FrozenMapping(signals),
        channel_labels=FrozenMapping(labels),
        null=_null(file, content["null_prediction"], sets),
        reference=read_reference(file, content["reference"]),
    )


def _sample_yields(file: str, workspace: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
    """Nominal yields by channel and sample; observations must be there for each channel."""
    check_keys(
        f"{file}: workspace", workspace, {"channels", "observations", "measurements", "version"}
    )
    observed = {entry["name"]: entry["data"] for entry in workspace["observations"]}
    yields: dict[str, dict[str, Array]] = {}
    for channel in workspace["channels"]:
        where = f"{file}: {channel['name']}"
        data = check_array(where, "observations", observed.get(channel["name"]), (None,))
        yields[channel["name"]] = {
            sample["name"]: check_array(where, sample["name"], sample["data"], data.shape)
            for sample in channel["samples"]
        }
    return yields


def _density(where: str, channel: Mapping[str, Any], nominal: Array, bins: int) -> Array:
    """Number density of one channel; its rows sum to the nominal yields."""
    density = check_array(where, "densities", channel["densities"], (len(nominal), bins + 1))
    if (density < 0).any():
        row, column = (int(i) for i in np.argwhere(density < 0)[0])
        raise fault(where, f"densities[{row}][{column}]", float(density[row, column]), "at least 0")
    allowed = np.full(len(nominal), _CLOSURE)
    last = len(nominal) - 1
    place = f"{where}: allowed_deviations"
    for item in channel.get("allowed_deviations", []):
        check_keys(place, item, {"row", "relative", "reason"})
        at = check_number(place, "row", item["row"], above=0, below=last, equal=True)
        allowed[int(at)] = check_number(place, "relative", item["relative"], above=0, below=1e-3)
    deviation = np.abs(density.sum(axis=1) / nominal - 1)
    if (deviation > allowed).any():
        row = int(np.argmax(deviation / allowed))
        raise fault(
            where,
            f"sum of densities[{row}]",
            float(density[row].sum()),
            f"the nominal signal yield {nominal[row]:.9g} to {allowed[row]:g} (relative)",
        )
    return density


def _null(file: str, null: Mapping[str, Any], sets: Mapping[str, FormFactorSet]) -> NullPrediction:
    """Constants and form factors of the prediction behind the densities."""
    where = f"{file}: null_prediction"
    check_keys(where, null, {"constants", "form_factors"})
    check_keys(f"{where}: constants", null["constants"], _NULL)
    name = check_choice(where, "form_factors", null["form_factors"], sets)
    return NullPrediction(
        constants=FrozenMapping(
            {
                key: check_number(f"{where}: constants", key, value, above=0)
                for key, value in null["constants"].items()
            }
        ),
        form_factors=sets[name],
    )
