"""The best fit of a results file as a WCxf document (arXiv:1712.05298)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MissingExtraError, ParameterError, StoreError

if TYPE_CHECKING:
    from ...chains.records import RunFile
    from ...physics.inputs import Inputs
    from ...physics.wilson import Wilson
    from ..problem import Problem
    from .resume import Own

__all__ = ["wcxf_of_run"]

_SMEFT_BASIS = "Warsaw"


def wcxf_of_run(
    results: RunFile,
    basis: str = "flavio",
    *,
    ignore_others: bool = False,
    own: Own | None = None,
) -> dict[str, Any]:
    """WCxf document of the best fit.

    Parameters
    ----------
    results : RunFile
    basis : str
        ``flavio``: shifts from the Standard Model at 4.8 GeV, as they are here. ``Warsaw``:
        coefficients of SMEFT at Lambda, of runs of the model ``smeft``. Others of the EFT WET, such
        as ``JMS``, by the package wilson; these are in GeV^-2, made with the inputs of the best
        fit.
    ignore_others : bool
        Pass over coefficients that WCxf does not have instead of refusing them.
    own : Own, optional
        What was brought along to the run.

    Returns
    -------
    dict

    Raises
    ------
    StoreError
        If there is no best fit, or the analysis in the file cannot be loaded.
    PredictionError
        If a coefficient that WCxf does not have is not zero.
    ParameterError
        If the basis is not one that the model has.
    MissingExtraError
        If the package wilson is needed and not installed.
    """
    from .resume import stored_analysis

    if results.best_fit is None:
        raise StoreError("there is no best fit yet, which is what is exported.")
    problem = stored_analysis(results, own).problem
    best = results.best_fit
    theta = problem.point(dict(zip(best.names, map(float, best.values), strict=True)))
    document = (
        _smeft(problem, theta)
        if basis == _SMEFT_BASIS
        else _low_energy(*problem.wilson(theta), basis, ignore_others)
    )
    described = f"Best fit of {results.name}, model {problem.model.name}"
    versions = results.versions
    generator = " ".join(("bsinv", versions["bsinv"])) if "bsinv" in versions else "bsinv"
    values = document.pop("values")
    return {
        **document,
        "metadata": {"generator": generator, "description": described},
        "values": values,
    }


def _smeft(problem: Problem, theta: np.ndarray) -> dict[str, Any]:
    from ...models.wcxf.warsaw import wcxf_from_smeft_parameters

    if problem.model.name != "smeft":
        raise ParameterError(
            f"the basis {_SMEFT_BASIS!r} is that of the model 'smeft', not of "
            f"{problem.model.name!r}: leave --basis out."
        )
    return wcxf_from_smeft_parameters(problem.table.values(theta).model)


def _low_energy(wilson: Wilson, inputs: Inputs, basis: str, ignore_others: bool) -> dict[str, Any]:
    from ...models.wcxf.low_energy import wcxf_from_wilson

    document = wcxf_from_wilson(wilson, ignore_others=ignore_others)
    if basis == "flavio":
        return document
    try:
        from ...models.wcxf.with_wilson import translated
    except ImportError:
        raise MissingExtraError("wilson", "wilson", f"the basis {basis!r}") from None
    return translated(document, basis, inputs)
