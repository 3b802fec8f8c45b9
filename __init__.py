"""Global fits of b -> s + invisible: likelihoods, models, best fits and posterior samples."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "1.0.0rc1"

# Names of the public face and the module that holds each. They are resolved on first use (PEP 562)
# so that `import bsinv` stays fast, and absolutely (by __name__) since the test runner may import
# this file under the name of the checkout's folder.
_FACE = {
    "load": "fitter.analysis",
    "predict": "fitter.predict",
    "likelihood": "fitter.predict",
    "measurement": "fitter.stated",
    "read": "chains.files.store",
    "read_samples": "chains.files.foreign",
    "resume": "fitter.runs.run",
    "Analysis": "fitter.analysis",
    "Model": "models.base",
    "ModelParameter": "models.base",
    "Observable": "physics.observable",
    "Quoted": "likelihoods.base",
    "Term": "likelihoods.base",
    "BsinvError": "errors",
}

__all__ = [
    "Analysis",
    "BsinvError",
    "Model",
    "ModelParameter",
    "Observable",
    "Quoted",
    "Term",
    "__version__",
    "likelihood",
    "load",
    "measurement",
    "plots",
    "predict",
    "read",
    "read_samples",
    "resume",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name == "plots":
        return importlib.import_module(f"{__name__}.chains.plots")
    if name in _FACE:
        value = getattr(importlib.import_module(f"{__name__}.{_FACE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
