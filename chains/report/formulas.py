"""Formulas as outlines: LaTeX set by matplotlib's mathtext, without TeX, fonts or scripts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Formula", "formula"]

# Size of the font in units of the outlines: that of matplotlib, whatever size is asked for.
_SIZE = 100.0
# White around a formula, for strokes that reach beyond its box.
_MARGIN = 5.0
# What a file may ask to be set: longer ones are no symbols.
_LONGEST = 2000
_COMMANDS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}


@dataclass(frozen=True)
class Formula:
    """A formula as the path of an SVG.

    Attributes
    ----------
    latex : str
        Without dollar signs.
    path : str
        Commands of the attribute ``d``; the baseline is at 0, down is positive.
    width, height, depth : float
        Width, size above and below the baseline, in units of the path.
    em : float
        Size of the font in these units.
    """

    latex: str
    path: str
    width: float
    height: float
    depth: float
    em: float = _SIZE

    @property
    def box(self) -> str:
        """The ``viewBox``."""
        whole = self.height + self.depth
        return f"0 {-self.height:.2f} {self.width:.2f} {whole:.2f}"

    @property
    def style(self) -> str:
        """Size and place on the line in CSS, relative to the font of the text."""
        width, whole = self.width / self.em, (self.height + self.depth) / self.em
        below = self.depth / self.em
        return f"width:{width:.3f}em;height:{whole:.3f}em;vertical-align:{-below:.3f}em"


@lru_cache(maxsize=1024)
def formula(latex: str) -> Formula | None:
    """Set a formula; None if it is empty, too long, or no LaTeX that mathtext knows.

    Parameters
    ----------
    latex : str
        Without dollar signs; of a file, so anything.
    """
    from matplotlib import rc_context
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextToPath

    if not latex.strip() or len(latex) > _LONGEST or "$" in latex:
        return None
    font = FontProperties(family="DejaVu Serif", size=_SIZE, math_fontfamily="cm")
    setter = TextToPath()
    try:
        with rc_context({"text.usetex": False}):
            width, height, depth = setter.get_text_width_height_descent(f"${latex}$", font, True)
            corners, codes = setter.get_text_path(font, f"${latex}$", True)
    except (ValueError, RecursionError):
        return None
    parts = []
    for points, code in Path(corners, codes).iter_segments(simplify=False, curves=True):
        numbers = "" if code == Path.CLOSEPOLY else _numbers(points)
        parts.append(f"{_COMMANDS[int(code)]}{numbers}")
    above, below = height - depth + _MARGIN, depth + _MARGIN
    return Formula(latex, "".join(parts), width + _MARGIN, above, below)


def _numbers(points: object) -> str:
    """Coordinates as whole units, turned upside down."""
    import numpy as np

    flat = np.asarray(points, dtype=float).reshape(-1, 2) * (1.0, -1.0)
    return " ".join(str(round(value)) for value in flat.ravel().tolist())
