"""One term of each form, with two predictions to compare data at."""

import numpy as np
from bsinv.likelihoods.flavio.term import FlavioTerm
from bsinv.likelihoods.forms.bounds import MassBound
from bsinv.likelihoods.forms.correlated import CorrelatedGaussian
from bsinv.likelihoods.forms.dark_matter import DarkMatterLimit, UpperGaussian
from bsinv.likelihoods.forms.gaussian import TwoPieceGaussian
from bsinv.likelihoods.forms.lifetime_curves import LimitSurface
from bsinv.likelihoods.forms.limits import CountingLimit, HalfGaussianLimit
from bsinv.likelihoods.forms.mass_curves import LimitCurve
from bsinv.likelihoods.forms.walls import Perturbativity

ONE = ("x", "", "BR(B+->Knunu)")
RATE = ("x", "", "sigma_SI(phi)")
MASSES = LimitCurve(*ONE, "m_X", "GeV", np.array([[0.0, 1e-5], [2.0, 2e-5]]), 0.9, ("x",))
LIVES = LimitSurface(
    *("x", "", "BR(K+->pi+X)", "m_1", "GeV", np.array([[0.0, 2e-10, 1e-10], [0.2, 4e-10, 1e-11]])),
    *(np.array([0.1, 1.0]), 0.9, ("x",)),
)
CURVE = np.array([[10.0, 1e-46], [100.0, 1e-47], [1000.0, 1e-46]])
SIDES = np.array([[2.0, 0.3, 1.0], [0.5, 0.9, 1.0]])
CORRELATION = np.array([[1.0, 0.7, -0.3], [0.7, 1.0, 0.2], [-0.3, 0.2, 1.0]])
THEORY = np.diag([0.04, 0.01, 0.0])


def correlated(k, sides=SIDES, theory=THEORY):
    """The first k of three values, those at 1 with errors of two sizes."""
    errors = sides[:, :k].mean(axis=0)
    covariance = CORRELATION[:k, :k] * np.outer(errors, errors)
    names = tuple("abc"[:k])
    return CorrelatedGaussian(
        *("x", "", names, np.ones(k), covariance, ("x",)), theory[:k, :k], sides[:, :k]
    )


def mass(form="smooth"):
    return MassBound("x", "", "m(T)", 1500.0, 0.95, ("x",), form)


def half():
    return HalfGaussianLimit(*ONE, 1.8e-5, 0.9, ("x",))


# Densities of the data: the term, the true prediction and another one.
DENSITIES = {
    "gaussian": (TwoPieceGaussian(*ONE, 1.0, 0.5, 0.5, ("x",)), 0.3, 0.7),
    "two-piece": (TwoPieceGaussian(*ONE, 1.0, 2.0, 0.5, ("x",)), 1.0, 1.4),
    "other side": (TwoPieceGaussian(*ONE, -1.0, 0.1, 0.7, ("x",)), -2.0, -2.1),
    "theory error": (TwoPieceGaussian(*ONE, 1.0, 2.0, 0.5, ("x",), 0.8), 1.0, 0.2),
    "half": (half(), 1.5e-5, 0.8e-5),
    "half at zero": (half(), 0.0, 0.5e-5),
    "half below zero": (half(), -1e-5, 0.5e-5),
    "rate": (DarkMatterLimit(*RATE, 2e-46, 0.9, ("x",)), [1.2, 50.0, 1.0], [0.9, 20.0, 0.7]),
    "curve": (DarkMatterLimit(*RATE, CURVE, 0.9, ("x",)), [0.3, 50.0, 1.0], [0.5, 400.0, 0.9]),
    "off the curve": (DarkMatterLimit(*RATE, CURVE, 0.9, ("x",)), [9.0, 5.0, 1.0], [0.4, 90.0, 1]),
    "mass": (MASSES, [0.9, 1.0], [0.5, 0.2]),
    "off the masses": (MASSES, [0.9, 3.0], [0.5, 0.2]),
    "lives": (LIVES, [0.9, 0.1, 0.5, 0.2], [0.5, 0.1, 10.0, 0.0]),
    "off the lives": (LIVES, [0.9, 0.1, 0.01, 0.0], [0.5, 0.1, 1.0, 0.0]),
    "flavio": (FlavioTerm(TwoPieceGaussian(*ONE, 1.0, 2.0, 0.5, ("x",)), None), 1.0, 1.4),
    "flavio limit": (FlavioTerm(half(), None), 1.5e-5, 0.8e-5),
}
SEVERAL = {
    "two": (correlated(2), [1.0, 2.0], [1.4, 1.8]),
    "three": (correlated(3), [1.0, 2.0, 0.5], [0.8, 1.9, 1.0]),
    "equal sides": (correlated(3, np.ones((2, 3))), [1.0, 2.0, 0.5], [0.8, 1.9, 1.0]),
}
COUNTS = {
    "counts": (CountingLimit(*ONE, 1.8e-5, 0.9, 10.0, 12.3, ("x",)), 2e-5, 1e-5),
    "no background": (CountingLimit(*ONE, 1.8e-5, 0.9, 0.0, 0.0, ("x",)), 2e-5, 1e-5),
    "own sensitivity": (CountingLimit(*ONE, 1.8e-5, 0.9, 3, 1.5, ("x",), 4e5), 1e-5, 2e-5),
    "mass": (mass(), 2.2, 1.3),
}
PROFILED = {
    "upper": (UpperGaussian(*ONE, 0.12, 0.001, ("x",)), 0.1207, 0.1195),
    "upper, below": (UpperGaussian(*ONE, 0.12, 0.001, ("x",)), 0.08, 0.1195),
}
WALLS = {"hard mass": (mass("hard"), 2.2, 4.0), "couplings": (Perturbativity(), 1.0, 3.6)}
NORMALISED = {**DENSITIES, **SEVERAL, **COUNTS}
ALL = {**NORMALISED, **PROFILED, **WALLS}


def batch(prediction, n):
    """The same prediction n times: (n,) or (n, k)."""
    return np.repeat(np.asarray(prediction, float)[None], n, axis=0)
