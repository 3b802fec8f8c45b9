"""Lagrangians of the models in LaTeX, in lines; what their symbols mean is in docs/wilson.md.

Only what matplotlib's mathtext can set, since reports draw them without TeX. Masses and kinetic
terms are left out where they are the usual ones.
"""

from __future__ import annotations

__all__ = [
    "ALP_TOP",
    "ALP_W",
    "DM_FERMION",
    "DM_FERMION_MAJORANA",
    "DM_SCALAR",
    "DM_SCALAR_COMPLEX",
    "DM_SCALAR_RELIC",
    "DM_SCALAR_THERMAL",
    "DM_VECTOR",
    "DM_VECTOR_REAL",
    "HIGGS_MIXED_SCALAR",
    "LIGHT_ZPRIME",
    "LMU_LTAU",
    "MEDIATOR",
    "MEDIATOR_MAJORANA",
    "MEDIATOR_SCALAR",
    "MEDIATOR_SCALAR_COMPLEX",
    "RPV",
    "SCALAR_DM",
    "SIGNAL_STRENGTH",
    "SMEFT",
    "STERILE_NEUTRINO",
    "TWO_BODY",
    "TWO_BODY_BR",
    "WET",
    "WET_DIAGONAL",
    "WET_EOS",
    "WET_FULL",
    "WET_LFU",
    "ZPRIME",
]

_HC = r"+\;\mathrm{h.c.}"
_BOTH_WAYS = r"\overset{\leftrightarrow}{\partial}"


def _lines(*lines: str) -> str:
    """Lines of a formula; what is set in the first begins with the symbol of the Lagrangian."""
    return "\n".join((r"\mathcal{L}\;=\;" + lines[0], *lines[1:]))


# arXiv:1409.4557 (vector operators), arXiv:2111.04327 (scalar and tensor operators).
_VECTORS = (
    r"\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{4\pi}\sum_{ij}\,"
    r"[\,C_L^{ij}\,(\bar s\gamma_\mu P_L b)+C_R^{ij}\,(\bar s\gamma_\mu P_R b)\,]\;"
    r"\bar\nu_i\gamma^\mu(1-\gamma_5)\nu_j",
    r"\quad+\;(C_{L,R}\to C^{\prime}_{L,R},\;1-\gamma_5\to 1+\gamma_5)",
)
_SCALARS = (
    r"\quad-\;\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{2\pi}\sum_{ij}\,"
    r"[\,C_{SL}^{ij}\,(\bar sP_Lb)+C_{SR}^{ij}\,(\bar sP_Rb)\,]\;\overline{\nu^c_i}P_L\nu_j"
)
_TENSORS = (
    r"\quad-\;\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{2\pi}\sum_{ij}\,"
    r"C_{TL}^{ij}\,(\bar s\sigma_{\mu\nu}P_Lb)\;\overline{\nu^c_i}\sigma^{\mu\nu}P_L\nu_j"
)
_SHIFT = r"C_L^{ij}=-\dfrac{X_t}{\sin^2\theta_W}\,\delta_{ij}+\Delta C_L^{ij}"

WET = _lines(*_VECTORS, _SCALARS, _TENSORS + _HC, _SHIFT)
WET_LFU = _lines(
    _VECTORS[0],
    _VECTORS[1] + _HC,
    _SHIFT + r",\qquad C^{ij}=C\,\delta_{ij}",
)
WET_DIAGONAL = _lines(*_VECTORS, _SCALARS + _HC, _SHIFT + r",\qquad C^{ij}=0\;(i\neq j)")
WET_FULL = _lines(
    *_VECTORS,
    _SCALARS,
    _TENSORS + r"\;+\;(s\to d)",
    r"\quad+\;\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{4\pi}\sum_{ij}\,"
    r"[\,C_9^{ij}\,(\bar s\gamma_\mu P_Lb)(\bar\ell_i\gamma^\mu\ell_j)"
    r"+C_{10}^{ij}\,(\bar s\gamma_\mu P_Lb)(\bar\ell_i\gamma^\mu\gamma_5\ell_j)",
    r"\qquad+\;C_S^{ij}\,m_b(\bar sP_Rb)(\bar\ell_i\ell_j)"
    r"+C_P^{ij}\,m_b(\bar sP_Rb)(\bar\ell_i\gamma_5\ell_j)"
    r"+(C\to C^{\prime},\;P_L\leftrightarrow P_R)\,]",
    r"\quad+\;\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{m_b}{16\pi^2}"
    r"[\,e\,C_7\,\bar s\sigma_{\mu\nu}P_Rb\,F^{\mu\nu}"
    r"+g_s\,C_8\,\bar s\sigma_{\mu\nu}T^aP_Rb\,G^{a\mu\nu}"
    r"+(C_{7,8}\to C^{\prime}_{7,8},\;P_R\to P_L)\,]",
    r"\quad-\;\dfrac{4G_F}{\sqrt{2}}V_{cb}\sum_{ij}\,[\,C_{VL}^{ij}\,(\bar c\gamma_\mu P_Lb)"
    r"(\bar\ell_i\gamma^\mu P_L\nu_j)+C_{VR}^{ij}\,(\bar c\gamma_\mu P_Rb)"
    r"(\bar\ell_i\gamma^\mu P_L\nu_j)",
    r"\qquad+\;C_{SL}^{ij}\,(\bar cP_Lb)(\bar\ell_iP_L\nu_j)"
    r"+C_{SR}^{ij}\,(\bar cP_Rb)(\bar\ell_iP_L\nu_j)"
    r"+C_T^{ij}\,(\bar c\sigma_{\mu\nu}P_Lb)(\bar\ell_i\sigma^{\mu\nu}P_L\nu_j)\,]",
    r"\quad-\sum_{q^{\prime}q}\sum_X\,C_X^{q^{\prime}q}\,"
    r"(\bar q^{\prime}\Gamma_Xq)(\bar q^{\prime}\Gamma_X^{\prime}q)\;" + _HC,
    _SHIFT,
)
# arXiv:2111.15428, arXiv:2111.04327; alpha = 1/133.
WET_EOS = _lines(
    r"-\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{2\pi}\,[\,"
    r"C_{VL}\,(\bar s\gamma^\mu P_Lb)(\bar\nu\gamma_\mu P_L\nu)"
    r"+C_{VR}\,(\bar s\gamma^\mu P_Rb)(\bar\nu\gamma_\mu P_L\nu)",
    r"\quad+\;C_{SL}\,(\bar sP_Lb)(\overline{\nu^c}P_L\nu)"
    r"+C_{SR}\,(\bar sP_Rb)(\overline{\nu^c}P_L\nu)"
    r"+C_{TL}\,(\bar s\sigma_{\mu\nu}P_Lb)(\overline{\nu^c}\sigma^{\mu\nu}P_L\nu)\,]\;" + _HC,
)
# No Lagrangian: a factor on the null prediction of arXiv:2311.14647.
SIGNAL_STRENGTH = r"\mathcal{B}(B^+\to K^+\nu\bar\nu)\;=\;\mu\times 4.97\times 10^{-6}"

_REAL_SCALAR = r"\dfrac{1}{2}\,\bar s\,(C_S+i\gamma_5C_P)\,b\;\phi^2"
DM_SCALAR = _lines(_REAL_SCALAR + r"\;" + _HC)
DM_SCALAR_THERMAL = _lines(
    rf"(\,{_REAL_SCALAR}\;{_HC}\,)",
    r"\quad+\;\dfrac{1}{2}\sum_{q=u,d,s}\,C_{qq}\,\bar qq\,\phi^2"
    r"-\dfrac{1}{2}\kappa\,\phi^2H^\dagger H",
)
DM_SCALAR_RELIC = DM_SCALAR_THERMAL + "\n" + r"C_{ss}>0\;\mathrm{\;from\;}\;\Omega h^2"
DM_SCALAR_COMPLEX = _lines(
    r"\bar s\,(C_S+i\gamma_5C_P)\,b\;\phi^\dagger\phi"
    rf"+\bar s\gamma_\mu(C_V+\gamma_5C_A)\,b\;\phi^\dagger i{_BOTH_WAYS}^\mu\phi\;" + _HC
)
_CURRENTS = r"\Gamma_S=1,\;\Gamma_P=i\gamma_5,\;\Gamma_V=\gamma_\mu,\;\Gamma_A=\gamma_\mu\gamma_5"
DM_FERMION = _lines(
    r"\sum_{XY}\,C_{XY}\,(\bar s\Gamma_Xb)(\bar\chi\Gamma_Y\chi)"
    r"+C_{TT}\,(\bar s\sigma_{\mu\nu}b)(\bar\chi\sigma^{\mu\nu}\chi)"
    r"+C_{TT5}\,(\bar s\sigma_{\mu\nu}b)(\bar\chi\sigma^{\mu\nu}\gamma_5\chi)\;" + _HC,
    _CURRENTS,
)
DM_FERMION_MAJORANA = _lines(
    r"\dfrac{1}{2}\sum_{XY}\,C_{XY}\,(\bar s\Gamma_Xb)(\bar\chi\Gamma_Y\chi)\;" + _HC, _CURRENTS
)
_DERIVATIVES = (
    r"\partial_\nu(X^{\mu\dagger}X^\nu+X^{\nu\dagger}X^\mu)",
    rf"\varepsilon^{{\mu\nu\rho\sigma}}X^\dagger_\rho{_BOTH_WAYS}_\nu X_\sigma",
)
DM_VECTOR = _lines(
    r"\bar s\,(C_S+i\gamma_5C_P)\,b\;X^\dagger_\mu X^\mu"
    r"+[\,\dfrac{i}{2}C_{T1}\,\bar s\sigma^{\mu\nu}b+\dfrac{1}{2}C_{T2}\,\bar s\sigma^{\mu\nu}"
    r"\gamma_5b\,](X^\dagger_\mu X_\nu-X^\dagger_\nu X_\mu)",
    rf"\quad+\;\bar s\gamma_\mu(C_{{V2}}+\gamma_5C_{{A2}})\,b\;{_DERIVATIVES[0]}"
    rf"+\bar s\gamma_\mu(C_{{V3}}+\gamma_5C_{{A3}})\,b\;{_DERIVATIVES[1]}",
    r"\quad+\;\bar s\gamma_\mu(C_{V4}+\gamma_5C_{A4})\,b\;"
    rf"X^\dagger_\nu i{_BOTH_WAYS}^\mu X^\nu"
    r"+\bar s\gamma_\mu(C_{V5}+\gamma_5C_{A5})\,b\;"
    r"i\partial_\nu(X^{\mu\dagger}X^\nu-X^{\nu\dagger}X^\mu)",
    r"\quad+\;\bar s\gamma_\mu(C_{V6}+\gamma_5C_{A6})\,b\;\varepsilon^{\mu\nu\rho\sigma}"
    r"i\partial_\nu(X^\dagger_\rho X_\sigma)",
    r"\quad+\;\bar s\,(C_{SF}+i\gamma_5C_{PF})\,b\;X^\dagger_{\mu\nu}X^{\mu\nu}"
    r"+\bar s\,(C_{S\tilde F}+i\gamma_5C_{P\tilde F})\,b\;X^\dagger_{\mu\nu}\tilde X^{\mu\nu}\;"
    + _HC,
)
DM_VECTOR_REAL = _lines(
    r"\dfrac{1}{2}\,\{\,\bar s\,(C_S+i\gamma_5C_P)\,b\;X_\mu X^\mu"
    r"+2\,\bar s\gamma_\mu(C_{V2}+\gamma_5C_{A2})\,b\;\partial_\nu(X^\mu X^\nu)",
    r"\quad+\;\bar s\gamma_\mu(C_{V3}+\gamma_5C_{A3})\,b\;"
    rf"\varepsilon^{{\mu\nu\rho\sigma}}X_\rho{_BOTH_WAYS}_\nu X_\sigma"
    r"+\bar s\,(C_{SF}+i\gamma_5C_{PF})\,b\;X_{\mu\nu}X^{\mu\nu}",
    r"\quad+\;\bar s\,(C_{S\tilde F}+i\gamma_5C_{P\tilde F})\,b\;X_{\mu\nu}\tilde X^{\mu\nu}\,\}\;"
    + _HC,
)
STERILE_NEUTRINO = _lines(
    r"\bar s\gamma_\mu(C_{VL}^{\nu N}+\gamma_5C_{AL}^{\nu N})\,b\;\bar\nu\gamma^\mu P_LN"
    r"+\bar s\,(C_{SR}^{\nu N}+i\gamma_5C_{PR}^{\nu N})\,b\;\bar\nu P_RN"
    r"+C_{TR}^{\nu N}\,\bar s\sigma_{\mu\nu}P_Rb\;\bar\nu\sigma^{\mu\nu}P_RN",
    r"\quad+\sum_{h=L,R}\,\{\,\bar s\gamma_\mu(C_{Vh}^{NN}+\gamma_5C_{Ah}^{NN})\,b\;"
    r"\bar N\gamma^\mu P_hN+\bar s\,(C_{Sh}^{NN}+i\gamma_5C_{Ph}^{NN})\,b\;\bar NP_hN"
    r"+C_{Th}^{NN}\,\bar s\sigma_{\mu\nu}P_hb\;\bar N\sigma^{\mu\nu}P_hN\,\}",
    r"\quad+\;\dfrac{4G_F}{\sqrt{2}}V_{tb}V_{ts}^*\,\dfrac{\alpha}{4\pi}"
    r"\sum_{i}\,[\,C^{\prime}_L\,(\bar s\gamma_\mu P_Lb)+C^{\prime}_R\,(\bar s\gamma_\mu P_Rb)\,]\;"
    r"\bar\nu_i\gamma^\mu(1+\gamma_5)\nu_i\;" + _HC,
)

_PARTICLE = r"\bar s\,(g_S+i\gamma_5\,g_P)\,b\;"
TWO_BODY = _lines(
    _PARTICLE + r"\phi+(\partial_\mu a)\;\bar s\gamma^\mu(k_V+\gamma_5\,k_A)\,b",
    r"\quad+\;\bar s\gamma^\mu(g_V+\gamma_5\,g_A)\,b\;V_\mu"
    r"+\bar s\sigma^{\mu\nu}(d_T+\gamma_5\,d_{T5})\,b\;V_{\mu\nu}\;" + _HC,
)
TWO_BODY_BR = _lines(
    _PARTICLE + r"X\;" + _HC,
    r"g_S\geq 0\;\mathrm{\;from\;}\;\mathcal{B}(B^+\to K^+X)",
)
HIGGS_MIXED_SCALAR = _lines(
    r"h\,\dfrac{\sin\theta}{v}\;\phi\;\bar s\,(m_bP_R+m_sP_L)\,b\;" + _HC,
    r"h=\dfrac{3\sqrt{2}G_F}{16\pi^2}\,|V_{tb}V_{ts}^*|\,m_t^2",
)
ALP_W = _lines(
    r"-\dfrac{g_{aWW}}{4}\,a\,W_{\mu\nu}\tilde W^{\mu\nu}"
    r"\;\to\;g_{aWW}\,k\,(\partial_\mu a)\;\bar s\gamma^\mu P_Lb\;" + _HC,
    r"k=\dfrac{3\sqrt{2}G_Fm_W^2}{16\pi^2}\,|V_{tb}V_{ts}^*|\,"
    r"\dfrac{x\,[\,1+x(\ln x-1)\,]}{(1-x)^2},\quad x=\dfrac{m_t^2}{m_W^2}",
)
# arXiv:2012.12272, arXiv:2110.10698.
ALP_TOP = _lines(
    r"\dfrac{c_{tt}}{2f}\,(\partial_\mu a)\;\bar t\gamma^\mu\gamma_5t\;\mathrm{\;at\;}\;\Lambda"
    r"\;\to\;k\,(\partial_\mu a)\;\bar s\gamma^\mu P_Lb\;" + _HC,
    r"k=|V_{tb}V_{ts}^*|\,\{\,\int_{m_t}^{\Lambda}\dfrac{y_t^2}{16\pi^2}\,\dfrac{c_{tt}(\mu)}{f}\,"
    r"d\ln\mu+\dfrac{y_t^2}{16\pi^2}\,\dfrac{c_{tt}(m_t)}{f}\,"
    r"[\,-\dfrac{1}{4}-\dfrac{3}{2}\,\dfrac{1-x+\ln x}{(1-x)^2}\,]\,\}",
    r"x=\dfrac{m_t^2}{m_W^2}",
)
LIGHT_ZPRIME = _lines(
    r"\bar s\gamma^\mu(g_V+\gamma_5\,g_A)\,b\;X_\mu"
    r"+g_B\,k\;\bar s\gamma^\mu P_Lb\;X_\mu\;" + _HC,
    r"k=\dfrac{9\,g_2^4}{2\,(16\pi^2)^2}\,|V_{tb}V_{ts}^*|\,"
    r"\dfrac{x\,[\,1+x(\ln x-1)\,]}{(1-x)^2},\quad x=\dfrac{m_t^2}{m_W^2}",
)
_SPIN_0 = (
    r"S\;\bar s\,(g_S+i\gamma_5\,g_P)\,b"
    r"+(\partial_\mu S)\;\bar s\gamma^\mu(k_V+\gamma_5\,k_A)\,b"
)
_SPIN_1 = r"V^\mu\,\bar s\gamma_\mu(g_V+\gamma_5\,g_A)\,b"
MEDIATOR = _lines(
    rf"(\,{_SPIN_0}+{_SPIN_1}\;{_HC}\,)",
    r"\quad+\;S\;\bar\chi\,(g^\chi_S+i\gamma_5\,g^\chi_P)\,\chi"
    r"+V^\mu\,\bar\chi\gamma_\mu(g^\chi_V+\gamma_5\,g^\chi_A)\,\chi",
)
MEDIATOR_SCALAR = _lines(rf"(\,{_SPIN_0}\;{_HC}\,)", r"\quad+\;\dfrac{1}{2}\,\mu\,S\,\phi^2")
MEDIATOR_SCALAR_COMPLEX = _lines(
    rf"(\,{_SPIN_0}+{_SPIN_1}\;{_HC}\,)",
    rf"\quad+\;\mu\,S\,\phi^\dagger\phi+g^\phi\,V_\mu\,\phi^\dagger i{_BOTH_WAYS}^\mu\phi",
)
MEDIATOR_MAJORANA = _lines(
    rf"(\,{_SPIN_0}+{_SPIN_1}\;{_HC}\,)",
    r"\quad+\;\dfrac{1}{2}\,S\;\bar\chi\,(g^\chi_S+i\gamma_5\,g^\chi_P)\,\chi"
    r"+\dfrac{1}{2}\,g^\chi_A\,V^\mu\,\bar\chi\gamma_\mu\gamma_5\chi",
)

# arXiv:1008.4884, arXiv:1612.04527 (operators with N).
SMEFT = _lines(
    r"\sum_{ijkl}\,C_{lq1}^{ij,kl}\,(\bar l_i\gamma_\mu l_j)(\bar q_k\gamma^\mu q_l)"
    r"+C_{lq3}^{ij,kl}\,(\bar l_i\gamma_\mu\sigma^Il_j)(\bar q_k\gamma^\mu\sigma^Iq_l)",
    r"\quad+\;C_{ld}^{ij,kl}\,(\bar l_i\gamma_\mu l_j)(\bar d_k\gamma^\mu d_l)"
    r"+C_{qe}^{kl,ij}\,(\bar q_k\gamma_\mu q_l)(\bar e_i\gamma^\mu e_j)"
    r"+C_{ed}^{ij,kl}\,(\bar e_i\gamma_\mu e_j)(\bar d_k\gamma^\mu d_l)",
    r"\quad+\sum_a\,\{\,C_{QN}\,(\bar q_2\gamma_\mu q_3)(\bar N_a\gamma^\mu N_a)"
    r"+C_{dN}\,(\bar d_2\gamma_\mu d_3)(\bar N_a\gamma^\mu N_a)\;" + _HC + r"\,\}",
    r"\quad+\;\{\,C_{LNQd}^{ia,kl}\,(\bar l_iN_a)\,\epsilon\,(\bar q_kd_l)"
    r"+C_{LNQdT}^{ia,kl}\,(\bar l_i\sigma_{\mu\nu}N_a)\,\epsilon\,"
    r"(\bar q_k\sigma^{\mu\nu}d_l)\;" + _HC + r"\,\}",
)
_ZPRIME_QUARKS = (
    r"Z^{\prime}_\mu\,[\,g_L^{sb}\,\bar s\gamma^\mu P_Lb+g_R^{sb}\,\bar s\gamma^\mu P_Rb"
    r"+(\bar sb\to\bar db,\;\bar ds)\;" + _HC
)
ZPRIME = _lines(
    _ZPRIME_QUARKS,
    r"\quad+\;g_\nu^{ij}\,(\bar\nu_i\gamma^\mu P_L\nu_j+\bar\ell_i\gamma^\mu P_L\ell_j)"
    r"+g_{\ell R}^{ij}\,\bar\ell_i\gamma^\mu P_R\ell_j"
    r"+g_N\sum_a\,\bar N_a\gamma^\mu P_RN_a\,]",
)
LMU_LTAU = _lines(
    _ZPRIME_QUARKS,
    r"\quad+\;g^{\prime}\,(\bar\mu\gamma^\mu\mu+\bar\nu_\mu\gamma^\mu P_L\nu_\mu"
    r"-\bar\tau\gamma^\mu\tau-\bar\nu_\tau\gamma^\mu P_L\nu_\tau)\,]",
)
# hep-ph/0406039.
RPV = _lines(
    r"\lambda^{\prime}_{ijk}\,[\,\tilde\nu^i_L\,\bar d^k_Rd^j_L"
    r"+\tilde d^j_L\,\bar d^k_R\nu^i_L+\tilde d^{k*}_R\,(\bar\nu^c)^i_Ld^j_L",
    r"\quad-\;\tilde e^i_L\,\bar d^k_Ru^j_L-\tilde u^j_L\,\bar d^k_Re^i_L"
    r"-\tilde d^{k*}_R\,(\bar e^c)^i_Lu^j_L\,]\;" + _HC,
)
# arXiv:2403.12485.
SCALAR_DM = _lines(
    r"-m_Q\bar QQ-m_D\bar DD-\dfrac{1}{2}m_\phi^2\phi^2-\dfrac{1}{2}\kappa\,\phi^2H^\dagger H",
    r"\quad+\;[\,y_q^p\,\bar q_{Lp}Q_R\,\phi+y_d^p\,\bar D_Ld_{Rp}\,\phi"
    r"-y_1\,\bar Q_LD_RH-y_2\,\bar Q_RD_LH\;" + _HC + r"\,]",
)
