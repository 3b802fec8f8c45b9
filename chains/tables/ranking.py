"""Table of the impacts of nuisance parameters."""

from __future__ import annotations

import numpy as np

from ..records.ranking import Ranking

__all__ = ["ranking_table"]


def ranking_table(ranking: Ranking, most: int = 20) -> str:
    """The nuisance parameters with the largest impacts, one line each.

    Parameters
    ----------
    ranking : Ranking
    most : int
        Lines.

    Returns
    -------
    str
    """
    shown = ranking.names[:most]
    refits = bool(np.isfinite(ranking.refitted).any())
    width = max(len("parameter"), *(len(name) for name in shown)) if shown else 9
    header = f"{'parameter':<{width}}  {'pull':>7} {'error':>7} {'impact -':>10} {'impact +':>10}"
    header += f" {'refit -':>10} {'refit +':>10}" if refits else ""
    unit = f" {ranking.unit}" if ranking.unit else ""
    lines = [
        f"{ranking.term}: impacts on {ranking.parameter} = {ranking.value:.4g} +- "
        f"{ranking.error:.3g}{unit}; pull and error in units of the constraint",
        header,
    ]
    for row in ranking.rows()[:most]:
        line = f"{row['parameter']:<{width}}  {row['pull']:7.2f} {row['constraint']:7.2f}"
        line += f" {row['impact_down']:+10.3g} {row['impact_up']:+10.3g}"
        if refits:
            line += f" {row['refitted_down']:+10.3g} {row['refitted_up']:+10.3g}"
        lines.append(line.replace("+nan", "   -"))
    left = len(ranking.names) - len(shown)
    return "\n".join([*lines, *([f"and {left} more"] if left else [])])
