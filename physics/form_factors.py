"""Form factors as linear combinations of their coefficients: F(q2) = coefficients @ basis(q2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..errors import PredictionError, UnknownNameError
from .arrays import Array, frozen
from .kinematics import z_map

if TYPE_CHECKING:
    from ..data.records import FormFactorSet

__all__ = ["FREE_QUARKS", "Expansion", "FormFactors", "free_quarks"]

# Process of transitions between free quarks, whose form factors are all 1.
FREE_QUARKS = "free quarks"

_NAME = re.compile(r"a(?P<order>\d+)(?:_(?P<form_factor>.+))?")

# Form factors whose BCL expansion lacks the highest power of z: its coefficient is fixed by the
# angular momentum of the pair at threshold.
_THRESHOLD_BEHAVIOUR = ("f+", "fT")

_PARAMETRISATIONS = ("BSZ", "BCL", "BCL-HPQCD", "BCL-LMvD", "DM")


@dataclass(frozen=True)
class Expansion:
    """A series expansion of all form factors of one transition; hashable, compared by content.

    BSZ, arXiv:1503.05534 eq. (15):
    F = 1/(1 - q2/m_R^2) sum_k a_k [z(q2) - z(0)]^k, t_0 = t_+ (1 - sqrt(1 - t_-/t_+)).

    BCL, arXiv:0807.2722: F = L/(1 - q2/m_R^2) sum_n a_n [z^n - (n/N) (-1)^(n-N) z^N] with N
    coefficients for f+ and fT, and sum_n a_n z^n for f0. L = 1 and the same t_0 in arXiv:1509.06235
    and FLAG; t_0 = 0 and L = 1.304 in arXiv:2207.12468.

    BCL-LMvD, arXiv:2102.07233: monomials of BCL minus their values at q2 = 0, so that a_0 is the
    form factor there, and one term more for f0.

    DM, arXiv:1602.01399: F = 1/(1 - q2/m_R^2) sum_k a_k z^k with t_0 = (m_Lambdab - m_Lambda)^2.

    Coefficients that are not listed follow from the exact relations at q2 = 0, f0 = f+,
    A12 = A0 (m_B^2 - m_V^2)/(8 m_B m_V), T2 = T1, and those of DM from the relations at the end
    point, a_0 of g+ = gperp and of ht+ = htperp.

    ``one`` is no series: every form factor is 1, as between free quarks.

    Attributes
    ----------
    set_id : str
        Name of the set, for messages.
    parametrisation : str
        ``BSZ``, ``BCL``, ``BCL-HPQCD``, ``BCL-LMvD``, ``DM`` or ``one``.
    names : tuple of str
        Names of the coefficients, such as ``a1_f+``; ``a0`` stands for f+ and f0 together.
    poles : tuple of (str, float), GeV
        Mass of the resonance of each form factor; none, no pole.
    m_parent, m_meson : float, GeV
        Masses in z (not those of the decay).
    t_0 : float, GeV^2
        Point mapped to z = 0; the optimal one is t_+ (1 - sqrt(1 - t_-/t_+)).
    factor : float
        L, in front of every form factor.
    """

    set_id: str
    parametrisation: str
    names: tuple[str, ...]
    poles: tuple[tuple[str, float], ...]
    m_parent: float
    m_meson: float
    t_0: float
    factor: float

    @classmethod
    def of(cls, source: FormFactorSet) -> Expansion:
        """Expansion of a set of the data layer.

        Raises
        ------
        PredictionError
            If the set holds values at points, or has an unknown parametrisation.
        """
        if source.kind != "parameters" or source.parametrisation not in _PARAMETRISATIONS:
            raise PredictionError(
                f"form-factor set {source.id!r} has kind {source.kind!r} and parametrisation "
                f"{source.parametrisation!r}; rates need coefficients of one of "
                f"{', '.join(_PARAMETRISATIONS)}."
            )
        default = "zero" if source.parametrisation == "BCL-HPQCD" else "optimal"
        t_0 = source.options.get("t0", default)
        if t_0 in ("optimal", "zero"):
            t_0 = _optimal_t0(source.m_B, source.m_M) if t_0 == "optimal" else 0.0
        return cls(
            set_id=source.id,
            parametrisation=source.parametrisation,
            names=tuple(source.names),
            poles=tuple(sorted(source.poles.items())),
            m_parent=source.m_B,
            m_meson=source.m_M,
            t_0=float(t_0),
            factor=float(source.options.get("L", 1.0)),
        )

    def basis(self, form_factor: str, q2: Array) -> Array:
        """Derivatives of a form factor with respect to the coefficients.

        Parameters
        ----------
        form_factor : str
            ``f+``, ``f0``, ``fT``; ``V``, ``A0``, ``A1``, ``A12``, ``T1``, ``T2``, ``T23``.
        q2 : array, GeV^2

        Returns
        -------
        (m,) + q2.shape array, 1

        Raises
        ------
        UnknownNameError
            If the set does not describe this form factor.
        """
        if self.parametrisation == "one":
            return np.ones((1, *np.shape(q2)))
        rows = _rows(self).get(form_factor)
        if rows is None:
            raise UnknownNameError("form factor", form_factor, _rows(self), self.set_id)
        pole = dict(self.poles).get(form_factor)
        front = self.factor if pole is None else self.factor / (1.0 - q2 / pole**2)
        terms = front * self._monomials(form_factor, len(rows), q2)
        return np.asarray(np.tensordot(rows, terms, axes=(0, 0)))

    def _monomials(self, form_factor: str, terms: int, q2: Array) -> Array:
        """Functions of z that the coefficients multiply, (terms,) + q2.shape, without the pole."""
        t_plus = (self.m_parent + self.m_meson) ** 2
        z = z_map(q2, t_plus, self.t_0)
        powers = range(terms)
        if self.parametrisation == "BSZ":
            shifted = z - z_map(np.zeros(()), t_plus, self.t_0)
            return np.stack([shifted**k for k in powers])
        if self.parametrisation == "BCL-LMvD":
            return self._from_zero(form_factor, terms, z, z_map(np.zeros(()), t_plus, self.t_0))
        if form_factor in _THRESHOLD_BEHAVIOUR and self.parametrisation != "DM":
            sign = [(-1.0) ** (k - terms) for k in powers]
            return np.stack([z**k - k / terms * sign[k] * z**terms for k in powers])
        return np.stack([z**k for k in powers])

    @staticmethod
    def _from_zero(form_factor: str, terms: int, z: Array, start: Array) -> Array:
        """Functions of BCL-LMvD: 1 and, for k > 0, those of BCL minus their value at q2 = 0."""

        def monomial(k: int, at: Array) -> Array:
            if form_factor not in _THRESHOLD_BEHAVIOUR:
                return np.asarray(at**k)
            return np.asarray(at**k - k / terms * (-1.0) ** (k - terms) * at**terms)

        rest = [monomial(k, z) - monomial(k, start) for k in range(1, terms)]
        return np.stack([np.ones_like(z), *rest])


def _optimal_t0(m_parent: float, m_meson: float) -> float:
    """t_+ (1 - sqrt(1 - t_-/t_+)), which makes |z| smallest over the physical region."""
    t_plus, t_minus = (m_parent + m_meson) ** 2, (m_parent - m_meson) ** 2
    return float(t_plus * (1.0 - np.sqrt(1.0 - t_minus / t_plus)))


@lru_cache(maxsize=128)
def _rows(expansion: Expansion) -> dict[str, Array]:
    """For each form factor the matrix (orders, m) that takes all coefficients to its own."""
    size = len(expansion.names)
    found: dict[str, dict[int, Array]] = {}
    for index, name in enumerate(expansion.names):
        match = _NAME.fullmatch(name)
        if match is None:
            raise PredictionError(
                f"form-factor set {expansion.set_id!r}: {name!r} is not the name of a coefficient "
                "such as 'a1_f+'."
            )
        unit = np.zeros(size)
        unit[index] = 1.0
        targets = [match["form_factor"]] if match["form_factor"] else ["f+", "f0"]
        for target in targets:
            found.setdefault(target, {})[int(match["order"])] = unit
    _impose_relations(expansion, found)
    for form_factor, rows in found.items():
        if sorted(rows) != list(range(len(rows))):
            raise PredictionError(
                f"form-factor set {expansion.set_id!r}: {form_factor} has coefficients of orders "
                f"{sorted(rows)}, which leaves gaps."
            )
    return {name: np.stack([rows[k] for k in sorted(rows)]) for name, rows in found.items()}


def _impose_relations(expansion: Expansion, rows: dict[str, dict[int, Array]]) -> None:
    """Add the coefficients fixed by exact relations between form factors, see `Expansion`."""
    m_b, m_v = expansion.m_parent, expansion.m_meson
    factors = {"f0": ("f+", 1.0), "A12": ("A0", (m_b**2 - m_v**2) / (8.0 * m_b * m_v))}
    factors["T2"] = ("T1", 1.0)
    if expansion.parametrisation == "DM":
        factors = {"gperp": ("g+", 1.0), "htperp": ("ht+", 1.0)}
    if expansion.parametrisation in ("BSZ", "DM"):
        for target, (origin, factor) in factors.items():
            if target in rows and origin in rows and 0 not in rows[target]:
                rows[target][0] = factor * rows[origin][0]
    elif "f0" in rows and "f+" in rows and max(rows["f0"]) + 1 < len(rows["f+"]):
        # The missing last coefficient of f0 is the one that makes f0(0) = f+(0).
        origin_rows = np.stack([rows["f+"][k] for k in sorted(rows["f+"])])
        last = len(origin_rows) - 1
        zero = np.zeros(())
        plus = expansion._monomials("f+", last + 1, zero) @ origin_rows
        known = expansion._monomials("f0", last + 1, zero)
        given = sum(known[k] * rows["f0"][k] for k in rows["f0"])
        rows["f0"][last] = (plus - given) / known[last]


@dataclass(frozen=True, eq=False)
class FormFactors:
    """A form-factor set with coefficients at each parameter point.

    Attributes
    ----------
    source : FormFactorSet
        The set; its central values are the default coefficients.
    expansion : Expansion
        How coefficients become form factors.
    coefficients : (1, m) or (n, m) array
        In the order of ``source.names``.
    """

    source: FormFactorSet
    expansion: Expansion
    coefficients: Array

    @classmethod
    def of(cls, source: FormFactorSet) -> FormFactors:
        """Form factors at the central values of a set."""
        central = frozen(np.asarray(source.central, dtype=float)[None, :])
        return cls(source, Expansion.of(source), central)

    def with_coefficients(self, coefficients: ArrayLike) -> FormFactors:
        """Same set with other coefficients, (m,) or (n, m).

        Raises
        ------
        PredictionError
            If the number of coefficients is not that of the set.
        """
        array = np.atleast_2d(np.asarray(coefficients, dtype=float))
        if array.ndim != 2 or array.shape[1] != len(self.expansion.names):
            raise PredictionError(
                f"coefficients of {self.source.id!r} have shape {array.shape}; needed are "
                f"(n, {len(self.expansion.names)}): {', '.join(self.expansion.names)}."
            )
        return replace(self, coefficients=frozen(array))

    def rows(self, rows: slice | Array) -> FormFactors:
        """Form factors of some of the parameter points."""
        return replace(self, coefficients=self.coefficients[rows])

    @property
    def size(self) -> int:
        """Number of parameter points, 1 if the coefficients are fixed."""
        return int(self.coefficients.shape[0])

    def value(self, form_factor: str, q2: Array) -> Array:
        """Form factor at q2.

        Parameters
        ----------
        form_factor : str
            Such as ``f+`` or ``A12``.
        q2 : (k,) or (g, k) array, GeV^2
            Invisible mass squared; g is 1 or n.

        Returns
        -------
        (n, k) array, 1
        """
        q2 = np.atleast_2d(q2)
        basis = self.expansion.basis(form_factor, q2)
        if q2.shape[0] == 1:
            return np.asarray(self.coefficients @ basis[:, 0, :])
        return np.asarray(np.einsum("...m,m...k->...k", self.coefficients, basis))


@lru_cache(maxsize=1)
def free_quarks() -> FormFactors:
    """Form factors of a transition between free quarks: every one is 1, and nothing varies."""
    from ..data.records import FormFactorSet, Reference

    source = FormFactorSet(
        id="free_quarks",
        process=FREE_QUARKS,
        kind="parameters",
        parametrisation="one",
        status="confirmed",
        names=("one",),
        central=frozen(np.ones(1)),
        covariance=frozen(np.zeros((1, 1))),
        poles={},
        m_B=1.0,
        m_M=0.0,
        options={"t0": "zero"},
        points=None,
        notes=(),
        reference=Reference(),
    )
    expansion = Expansion(source.id, "one", source.names, (), source.m_B, source.m_M, 0.0, 1.0)
    return FormFactors(source, expansion, frozen(np.ones((1, 1))))
