"""Layout of the signal regions of Belle II 2023, and labels of its samples, for pictures."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SAMPLE_LABELS", "SIGNAL_REGIONS", "SignalRegion"]


@dataclass(frozen=True)
class SignalRegion:
    """How the bins of a channel are laid out (2311.14647, sections VIII and IX).

    Attributes
    ----------
    channel : str
        Name in the published model.
    label : str
        Name for pictures.
    groups : tuple of str
        Classifier range of each group of bins; one empty text if there is but one group.
    edges : tuple of float
        Bin edges inside each group.
    axis_latex, axis_unit : str
        What the edges are.
    """

    channel: str
    label: str
    groups: tuple[str, ...]
    edges: tuple[float, ...]
    axis_latex: str
    axis_unit: str


SIGNAL_REGIONS = (
    SignalRegion(
        "A__Bsig_H_reconstructed_q2_vs_BDT2_Bplus2Kplus_v42_signal_inefficiency_zoomSR_Y4S",
        "Belle II, inclusive tag",
        tuple(rf"$\eta(\mathrm{{BDT}}_2)$ in [{a}, {a + 0.02:.2f}]" for a in (0.94, 0.96, 0.98)),
        (-1.0, 4.0, 8.0, 25.0),
        r"q^2_\mathrm{rec}",
        "GeV^2",
    ),
    SignalRegion(
        "sgn1_had",
        "Belle II, hadronic tag",
        ("",),
        (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        r"\eta(\mathrm{BDTh})",
        "",
    ),
)


# Labels of the background samples in pictures.
SAMPLE_LABELS = {
    "uubar": r"$u\bar u$",
    "ddbar": r"$d\bar d$",
    "ssbar": r"$s\bar s$",
    "ccbar": r"$c\bar c$",
    "charged": r"$B^+B^-$",
    "mixed": r"$B^0\bar B^0$",
    "taupair": r"$\tau^+\tau^-$",
    "bbbar_1_had": r"$B\bar B$",
    "qqbar_1_had": r"$u\bar u, d\bar d, s\bar s$",
    "ccbar_1_had": r"$c\bar c$",
}
