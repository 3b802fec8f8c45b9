"""What must agree before a run is resumed, and what a results file says of its making."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata, resources
from typing import Any

import numpy as np

from ...likelihoods.base import Term
from ...likelihoods.flavio.term import FlavioTerm
from ..analysis_file.own_data import OwnDataSpec
from ..analysis_file.own_workspaces import WORKSPACES
from ..checked import CheckedFile
from ..problem import Problem

__all__ = ["data_digest", "fingerprint", "versions"]

# Raised when the moves of a name change in what they do: chains of two kinds are not joined.
MOVES_REVISION = 2

LIBRARIES = ("numpy", "scipy", "iminuit", "emcee", "h5py")


def fingerprint(analysis: CheckedFile, seed: int) -> dict[str, str]:
    """Digest of everything that the samples depend on, by topic.

    Parameters
    ----------
    analysis : CheckedFile
    seed : int

    Returns
    -------
    dict of str to str
        A mismatch can so be named by its topic. Settings that only say when to stop are left out.
    """
    from ... import __version__

    # A tie is one of several forms of a parameter; pydantic warns that it is not the first of them.
    spec = analysis.spec.model_dump(mode="json", warnings=False)
    sampler = {key: spec["sampler"][key] for key in ("ensembles", "walkers", "moves", "thin")}
    sampler["moves"] = f"{sampler['moves']} {MOVES_REVISION}"
    topics = {
        "model": spec["model"],
        "likelihoods": [
            [_given(entry) for entry in spec["likelihoods"]],
            spec["allow_overlaps"],
            *([spec["exclude"]] if spec["exclude"] else []),
            *([spec["spectrum_support"]] if spec["spectrum_support"] == "exclude" else []),
        ],
        **({"cuts": spec["cuts"]} if spec["cuts"] else {}),
        **({"correlate": spec["correlate"]} if spec["correlate"] else {}),
        # Without auxiliary parameters as it was before there were such.
        "parameters and priors": [spec["parameters"], spec["auxiliary"]]
        if spec["auxiliary"]
        else spec["parameters"],
        "inputs": spec["inputs"],
        "form factors": spec["form_factors"],
        "sampler": sampler,
        "free parameters": list(analysis.problem.names),
        "likelihood at the start": _probe(analysis.problem),
    }
    digests = {key: _digest(value) for key, value in topics.items()}
    digests["model"] = analysis.problem.model.name
    digests |= analysis.own.fingerprint(analysis.problem.model.name, _digest)
    digests["free parameters"] = ", ".join(analysis.problem.names)
    digests["seed"] = str(seed)
    digests |= {f"file {name}": _digest(text) for name, text in analysis.files.items()}
    digests["data"] = data_digest()
    digests["bsinv version"] = __version__
    return digests


def _given(entry: dict[str, Any]) -> dict[str, Any]:
    """A likelihood, without the keys of measurements of one's own where there are none."""
    own = {*OwnDataSpec.model_fields, "file", *WORKSPACES}
    return {key: value for key, value in entry.items() if value is not None or key not in own}


def _probe(problem: Problem) -> str:
    """The likelihood itself at one point: changes of code that change numbers show here."""
    value = float(problem.log_posterior(problem.start[None])[0])
    return f"{np.round(value, 5):.5f}"


def versions(terms: Sequence[Term]) -> dict[str, str]:
    """Versions of the package, its data and the libraries that make the numbers of terms."""
    from ... import __version__

    found = {"bsinv": __version__, "bsinv data": data_digest()}
    found.update({name: metadata.version(name) for name in LIBRARIES})
    if any(isinstance(term, FlavioTerm) for term in terms):
        found["flavio"] = metadata.version("flavio")
    return found


@lru_cache(maxsize=1)
def data_digest() -> str:
    """Short digest of the data files of the package."""
    digest = hashlib.sha256()
    from ... import data

    folder = resources.files(data)
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".json"):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:16]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
