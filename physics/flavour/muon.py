"""Muons: neutrino trident production and the anomalous magnetic moment."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..arrays import Array
from ..inputs import Inputs
from ..observable import Observable, single_valued
from ..wilson import Wilson

__all__ = [
    "OBSERVABLES",
    "fermi_shifts",
    "gm2_heavy",
    "magnetic_moment",
    "muon_decay_ratio",
    "trident_ratio",
    "trident_shifts",
]

_MU = 1


def fermi_shifts(ratio: Array, inputs: Inputs) -> tuple[Array, Array]:
    """Shifts of g_V and g_A where the Fermi constant of W and Z exchange is not the measured one.

    g_V,A (1/sqrt(ratio) - 1): amplitudes are counted in units of the measured constant.

    Parameters
    ----------
    ratio : (1,) or (n,) array, 1
        Of `muon_decay_ratio`.
    inputs : Inputs
        Constant sin2_theta_W.

    Returns
    -------
    delta_V, delta_A : (1,) or (n,) arrays, 1
    """
    change = ratio**-0.5 - 1.0
    g_v = 0.5 + 2.0 * inputs.constant("sin2_theta_W")
    return np.asarray(g_v * change), np.asarray(0.5 * change)


def trident_shifts(
    mass: Array, g_nu: Array, g_left: Array, g_right: Array, inputs: Inputs
) -> tuple[Array, Array]:
    """Shifts of g_V and g_A in nu mu -> nu mu from a heavy neutral vector.

    delta_V,A = v^2/(2 M^2) g_nu (g_L +- g_R) for L = Z'_mu [g_nu nubar gamma^mu P_L nu
    + mubar gamma^mu (g_L P_L + g_R P_R) mu]; arXiv:1406.2332. For masses above about 10 GeV: below,
    the momentum transfer of the process is not small against M.

    Parameters
    ----------
    mass : array, GeV
    g_nu, g_left, g_right : arrays, 1
        Shapes that can be broadcast with that of `mass`.
    inputs : Inputs
        Constant G_F; v^2 = 1/(sqrt(2) G_F).

    Returns
    -------
    delta_V, delta_A : arrays, 1
    """
    v2 = 1.0 / (np.sqrt(2.0) * inputs.constant("G_F"))
    contact = v2 / (2.0 * mass**2) * g_nu
    return np.asarray(contact * (g_left + g_right)), np.asarray(contact * (g_left - g_right))


def muon_decay_ratio(mass: Array, doublet: Array, singlet: Array, inputs: Inputs) -> Array:
    """Rate of mu -> e nu nubar over that of W exchange, with a heavy neutral vector besides.

    |1 + x |g_emu|^2|^2 + x^2 [|g_emu|^2 (sum_ij |g_ij|^2 - |g_emu|^2) + |g'_emu|^2 sum_ij |g_ij|^2]
    with x = v^2/(2 M^2), for L = Z'_mu [g_ij (nubar_i gamma^mu P_L nu_j + lbar_i gamma^mu P_L l_j)
    + g'_ij lbar_i gamma^mu P_R l_j]. The first term is the Fierz transform of the exchange of the
    Z' to nubar_mu nu_e; other neutrinos and right-handed electrons do not interfere with it. The
    electron's mass is neglected (arXiv:1403.1269 for such contact terms).

    The square root is the Fermi constant measured in muon decay over that of W exchange.

    Parameters
    ----------
    mass : (1,) or (n,) array, GeV
    doublet, singlet : (1, 3, 3) or (n, 3, 3) complex arrays, 1
        g, g'.
    inputs : Inputs
        Constant G_F.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    x = 1.0 / (np.sqrt(2.0) * inputs.constant("G_F")) / (2.0 * mass**2)
    left, right = np.abs(doublet[:, 0, _MU]) ** 2, np.abs(singlet[:, 0, _MU]) ** 2
    total = (np.abs(doublet) ** 2).sum(axis=(1, 2))
    return np.asarray((1.0 + x * left) ** 2 + x**2 * (left * (total - left) + right * total))


def trident_ratio(wilson: Wilson, inputs: Inputs) -> Array:
    """Cross section of nu_mu N -> nu N mu+ mu- over that of the Standard Model.

    sum_i [|delta_i,mu g_V + delta_V^i|^2 + |delta_i,mu g_A + delta_A^i|^2]/(g_V^2 + g_A^2) with
    g_V = 1/2 + 2 sin^2 theta_W, g_A = 1/2; i is the neutrino of the final state, and delta^i the
    entry [i, mu] of dg_V and dg_A. arXiv:1406.2332.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    # Two axes: the points and the neutrino of the final state.
    muon = np.eye(3)[_MU]
    g_v = (0.5 + 2.0 * inputs.constant("sin2_theta_W"))[:, None] * muon
    g_a = 0.5 * muon
    v, a = (wilson[key][:, :, _MU] if key in wilson else 0.0 for key in ("dg_V", "dg_A"))
    total = (np.abs(g_v + v) ** 2 + np.abs(g_a + a) ** 2).sum(axis=-1)
    return np.asarray(total / (g_v**2 + g_a**2).sum(axis=-1))


def magnetic_moment(standard: str, wilson: Wilson, inputs: Inputs) -> Array:
    """Anomalous magnetic moment of the muon, a constant of the Standard Model and da_mu.

    Parameters
    ----------
    standard : str
        Name of the constant, such as ``a_mu_SM``.
    wilson : Wilson
    inputs : Inputs

    Returns
    -------
    (1,) or (n,) array, 1
    """
    constant = inputs.constant(standard)
    return constant + wilson["da_mu"] if "da_mu" in wilson else constant


def gm2_heavy(
    muon_mass: Array, mass: Array, g_left: Array, g_right: Array, lepton_masses: Array
) -> Array:
    """Contribution of a heavy neutral vector to the anomalous magnetic moment of the muon.

    m^2/(4 pi^2 M^2) sum_f [-(|g_L|^2 + |g_R|^2)/3 + (m_f/m) Re(g_L g_R*)] for
    L = Z'_mu mubar gamma^mu (g_L P_L + g_R P_R) f + h.c. with m_f much smaller than M;
    arXiv:0902.3360. The lepton f is the muon (no h.c.) or another one.

    Parameters
    ----------
    muon_mass : (1,) or (n,) array, GeV
    mass : (1,) or (n,) array, GeV
    g_left, g_right : (n, k) arrays, 1
        Entries [mu, f] of the couplings, complex.
    lepton_masses : (k,) or (n, k) array, GeV
        Masses of the leptons f.

    Returns
    -------
    (1,) or (n,) array, 1
    """
    m, left, right = np.atleast_1d(muon_mass), np.asarray(g_left), np.asarray(g_right)
    diagonal = -(np.abs(left) ** 2 + np.abs(right) ** 2) / 3.0
    flip = lepton_masses / m[:, None] * (left * right.conj()).real
    return np.asarray((diagonal + flip).sum(axis=-1) * (m / mass) ** 2 / (4.0 * np.pi**2))


OBSERVABLES: tuple[Observable, ...] = (
    single_valued(
        "R_trident",
        r"\sigma/\sigma_{\mathrm{SM}}(\nu_\mu N\to\nu N\mu^+\mu^-)",
        "1",
        trident_ratio,
        "cross section of neutrino trident production over that of the Standard Model",
        ("1406.2332",),
    ),
    single_valued(
        "a_mu",
        r"a_\mu",
        "1",
        partial(magnetic_moment, "a_mu_SM"),
        "anomalous magnetic moment of the muon; Standard Model of 2025, with lattice QCD",
        ("2505.21476",),
        ("a_mu_SM",),
    ),
    single_valued(
        "a_mu(WP2020)",
        r"a_\mu",
        "1",
        partial(magnetic_moment, "a_mu_SM_2020"),
        "anomalous magnetic moment of the muon; Standard Model of 2020, with e+ e- data",
        ("2006.04822",),
        ("a_mu_SM_2020",),
    ),
)
