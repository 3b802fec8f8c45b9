"""Record of one observable of a fit: what was measured, what is predicted, the pull."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import StoreError

__all__ = ["ObservableRecord"]

KINDS = ("value", "upper limit", "lower limit", "likelihood")


@dataclass(frozen=True)
class ObservableRecord:
    """One observable of one likelihood term, at the best fit and at the reference point.

    Attributes
    ----------
    term : str
        Name of the likelihood term.
    observable : str
    latex : str
        LaTeX of the observable without dollar signs; empty if it has none.
    unit : str
        Of all numbers but levels and pulls; ``""`` or ``"1"`` if there is none.
    kind : str
        ``"value"``, ``"upper limit"``, ``"lower limit"``, or ``"likelihood"`` where there is no
        single number.
    value, error_plus, error_minus : float
        Measured, both errors positive; NaN for limits.
    theory_error : float
        Error of the prediction, added in quadrature in the pull.
    limit, level : float
        Limit and confidence level; NaN for values.
    prediction, reference_prediction : float
        NaN where not known, or without a reference point.
    pull, reference_pull : float
        Measured minus predicted over the total error; NaN where there is none.
    """

    term: str
    observable: str
    unit: str = ""
    kind: str = "likelihood"
    value: float = np.nan
    error_plus: float = np.nan
    error_minus: float = np.nan
    theory_error: float = 0.0
    limit: float = np.nan
    level: float = np.nan
    prediction: float = np.nan
    pull: float = np.nan
    reference_prediction: float = np.nan
    reference_pull: float = np.nan
    latex: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise StoreError(
                f"observable {self.observable!r} of {self.term!r} has kind {self.kind!r}; known: "
                f"{', '.join(KINDS)}."
            )
