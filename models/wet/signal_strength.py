"""The signal strength of the Belle II B+ -> K+ nu nubar analysis as a model."""

from __future__ import annotations

from collections.abc import Mapping

from ...physics.arrays import Array
from ...physics.inputs import Inputs
from ...physics.wilson import Wilson
from ..base import Model, ModelParameter

__all__ = ["SIGNAL_STRENGTH", "SignalStrengthModel"]


class SignalStrengthModel(Model):
    """B+ -> K+ nu nubar as a multiple of the null prediction, 4.97e-6, of arXiv:2311.14647.

    It predicts no other observable. The null prediction keeps its own constants and form factors,
    so the result does not depend on the inputs.
    """

    name = "signal-strength"
    description = "B+ -> K+ nu nu as a multiple of the Standard Model rate used by Belle II"
    parameters = (
        # Not negative: the expected counts of the Belle II likelihood must stay positive.
        ModelParameter("mu", r"\mu", "1", 1.0, 0.0, 100.0, "signal strength of B+ -> K+ nu nubar"),
    )

    one_sided = frozenset({"mu"})
    reference_label = "μ = 1"
    scales_template = True

    def wilson(self, values: Mapping[str, Array], inputs: Inputs) -> Wilson:
        """The signal strength under its own key, in place of amplitudes."""
        return Wilson({"signal_strength": values["mu"]})


SIGNAL_STRENGTH = SignalStrengthModel()
