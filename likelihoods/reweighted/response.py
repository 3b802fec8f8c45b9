"""How a spectrum enters the Belle II template: in bins of generated q2, or by a linear response.

The published densities give the expected signal of analysis bin x from generated bin b of q2, hence
the response eps_xb = n(x, b)/dB_b^null, events for each unit of branching fraction. The published
reweighting takes it to be constant inside a bin,

    s_x = sum_b eps_xb integral_(bin b) dq2 dB/dq2,

so that a line at q2 = m^2 gives the same signal wherever in the bin it lies, and jumps at its
edges. The linear response interpolates eps_x(q2) between the centres c_b of the bins, and keeps it
constant beyond the first and the last. That is the same sum with hat functions in place of bins,

    s_x = sum_b eps_xb h_b,    h_b = integral dq2 H_b(q2) dB/dq2,

H_b being 1 at c_b, falling linearly to 0 at the neighbouring centres (1 outside of the first and
the last centre). The h_b are exact: between two centres H is linear, so they follow from the
integrals of dB/dq2 and q2 dB/dq2 there, for lines and narrow resonances too. They are continuous in
the position of a line, and add up to the branching fraction. At a centre both responses agree; for
a spectrum f that is smooth, h_b differs from the bin by f''(c_b) w^3/24 in the width w of the bins.
"""

from __future__ import annotations

import numpy as np

from ..base import Array

__all__ = ["from_moments", "nodes"]


def nodes(edges: Array) -> Array:
    """Ends of the intervals in which the response is linear: outer edges and centres of bins.

    Parameters
    ----------
    edges : (k + 1,) array, GeV^2
        Edges of the bins of generated q2.

    Returns
    -------
    (k + 2,) array, GeV^2
    """
    centres = 0.5 * (edges[1:] + edges[:-1])
    return np.concatenate([edges[:1], centres, edges[-1:]])


def from_moments(points: Array, zeroth: Array, first: Array) -> Array:
    """Integrals of a spectrum with the hat functions, from its moments.

    Parameters
    ----------
    points : (k + 2,) array, GeV^2
        As from `nodes`.
    zeroth, first : (n, k + 1) arrays
        Integrals of dB/dq2 (not negative) and of q2 dB/dq2 (GeV^2) between neighbouring points.

    Returns
    -------
    (n, k) array
        Not negative; NaN where a moment is.
    """
    lower, width = points[1:-2], np.diff(points[1:-1])
    inner = zeroth[:, 1:-1]
    # The share is between 0 and 1; the difference of the moments keeps that but for rounding.
    upper = np.clip((first[:, 1:-1] - lower * inner) / width, 0.0, inner)
    hats = np.zeros((len(zeroth), len(points) - 2))
    hats[:, 0], hats[:, -1] = zeroth[:, 0], zeroth[:, -1]
    hats[:, 1:] += upper
    hats[:, :-1] += inner - upper
    return hats
