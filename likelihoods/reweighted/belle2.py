"""Belle II 2023: the published likelihood of B+ -> K+ nu nubar, for any spectrum in q^2.

The analysis (2311.14647) is a HistFactory model of five channels; its signal was simulated with
the Standard Model spectrum. The published joint number densities n(x, b) give, for each analysis
bin x, the expected signal from each of 100 bins b of generated q^2, so that a prediction reweights
the signal (`signal`, `term`); column 0 of the densities holds events outside the histogram.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Array
from .template import FORM_FACTOR_MODIFIERS, NAME, data, process, signal
from .term import ReweightedTerm

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NAME", "Belle2Likelihood", "published_arguments"]


class Belle2Likelihood(ReweightedTerm):
    """The full likelihood of Belle II 2023, an instance of `ReweightedTerm`.

    Parameters
    ----------
    nuisances : {"profile", "laplace"}
        Profile all 231 constrained parameters exactly, or marginalise them in the Laplace
        approximation with the exact Hessian.
    form_factor_systematics : bool
        Keep the modifiers of the form-factor uncertainty. False when the form factors float in the
        prediction, where they would be counted twice.
    template_errors : {"published", "reweighted"}
        Relative errors of the signal in each bin: as published, or following the weights.
    response : {"published", "linear"}
        Efficiencies constant in each bin of q2, as published, or interpolated between the centres
        of the bins (`response`), which makes ln L continuous in the place of a peak.

    Raises
    ------
    ParameterError
        If `nuisances`, `template_errors` or `response` is neither of the two.
    """

    name = NAME
    description = "Belle II 2023, B+ -> K+ nu nubar, published likelihood (2311.14647)"
    observables = ("dBR/dq2(B+->Knunu)",)
    data_ids = (NAME,)
    null_label = "SM"

    def __init__(
        self,
        nuisances: str = "profile",
        form_factor_systematics: bool = True,
        template_errors: str = "published",
        response: str = "published",
    ) -> None:
        self.form_factor_systematics = form_factor_systematics
        super().__init__(
            signal(form_factor_systematics),
            self.description,
            self.data_ids,
            nuisances,
            template_errors,
            response,
        )

    @property
    def q2_edges(self) -> Array:
        """Edges of the bins of generated q2: (101,), GeV^2."""
        return data().q2_edges

    @property
    def channel_labels(self) -> Mapping[str, str]:
        """Short label of each channel of the published model."""
        return data().channel_labels

    def notes(self) -> tuple[str, ...]:
        """How form factors, template errors, response and nuisance parameters were treated."""
        how = (
            "its own form-factor modifiers (corr_ff_*) are kept"
            if self.form_factor_systematics
            else "its own form-factor modifiers (corr_ff_*) are left out, since the B->K form "
            "factors float in the prediction"
        )
        if self.template_errors != "published":
            how += f"; template errors: {self.template_errors}"
        if self.response != "published":
            how += f"; response: {self.response}"
        return (f"{self.name}: {how}; nuisance parameters: {self.nuisances}.",)


def published_arguments() -> dict[str, Any]:
    """The published likelihood as arguments of `build.reweighted_term`.

    Returns
    -------
    dict
        Plain data, with the form-factor modifiers among `theory_modifiers`.
    """
    published, made = data(), process()
    edges = [-1.0, *published.q2_edges.tolist()]
    return {
        "workspace": published.workspace,
        "fix": {"mu": 1},
        "theory_modifiers": list(FORM_FACTOR_MODIFIERS),
        "signal": [
            {
                "channel": channel,
                "sample": published.signal_samples[channel],
                "observable": made.observable,
                "density": np.asarray(density),
            }
            for channel, density in published.densities.items()
        ],
        "bins": {"q2": edges},
        "cutoff": {"q2": [edges[1], edges[-1]]},
        "null_spectrum": made.null,
        "description": Belle2Likelihood.description,
    }
