"""Everything a rate needs besides Wilson coefficients: constants and form factors."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..data.constants import constant as constant_record
from ..data.constants import constants as constant_records
from ..data.form_factors import form_factor_set
from ..errors import PredictionError, UnknownNameError
from .arrays import Array, batch, common_size, frozen
from .form_factors import FREE_QUARKS, FormFactors, free_quarks
from .transitions import transition, transitions

if TYPE_CHECKING:
    from ..data.records import FormFactorSet

__all__ = [
    "DEFAULT_FORM_FACTORS",
    "HIGHER_ORDER",
    "Inputs",
    "check_masses",
    "checked_constant",
    "form_factor_parameters",
]

DEFAULT_FORM_FACTORS: Mapping[str, str] = MappingProxyType(
    {
        "B->K": "BtoK_FLAG2021_HPQCD2022_BSZ",
        "B->K*": "BtoKstar_BSZ2015_LCSR_Lattice",
        "Bs->phi": "Bstophi_BSZ2015_LCSR_Lattice",
        "Bs->eta": "Bstoeta_MR2025_BSZ",
        "Bs->etaprime": "Bstoetaprime_MR2025_BSZ",
        "Bs->K*": "BstoKstar_BSZ2015_LCSR_Lattice",
        "B->pi": "Btopi_LMvD2021_LCSR_Lattice_BCL4",
        "B->rho": "Btorho_BSZ2015_LCSR",
        "B->omega": "Btoomega_BSZ2015_LCSR",
        "Lambdab->Lambda": "LambdabtoLambda_DM2016_nominal",
        "D->pi": "Dtopi_ETM2017_BSZ",
        "K->pi": "Ktopi_FLAG_poles",
    }
)

# Second fits of one order more in z, from which their authors take a systematic error.
HIGHER_ORDER: Mapping[str, str] = MappingProxyType(
    {"Lambdab->Lambda": "LambdabtoLambda_DM2016_higher_order"}
)


@lru_cache(maxsize=1)
def form_factor_parameters() -> Mapping[str, tuple[str, int]]:
    """Coefficients of the default sets by name, such as ``BtoK_a0_f+``: (process, index)."""
    return MappingProxyType(
        {
            f"{process.replace('->', 'to').replace('*', 'star')}_{name}": (process, index)
            for process, chosen in DEFAULT_FORM_FACTORS.items()
            for index, name in enumerate(form_factor_set(chosen).names)
        }
    )


@lru_cache(maxsize=256)
def _default_constant(name: str) -> Array:
    """Value of a constant of the data layer as a batch of one."""
    return batch(constant_record(name).value, f"the constant {name}")


@lru_cache(maxsize=64)
def _shipped_form_factors(name: str) -> FormFactors:
    """Form factors of a shipped set at its central values."""
    return FormFactors.of(form_factor_set(name))


@dataclass(frozen=True, eq=False)
class Inputs:
    """Constants and form factors, each fixed or varying from point to point.

    Make one with `Inputs.default` and change it with `replace`.
    """

    _constants: Mapping[str, Array] = field(default_factory=dict)
    _form_factors: Mapping[str, FormFactors] = field(default_factory=dict)

    @classmethod
    def default(cls, form_factors: Mapping[str, str] | None = None) -> Inputs:
        """Constants of `bsinv.data` and form factors at their central values.

        Parameters
        ----------
        form_factors : mapping of process to name of a form-factor set, optional
            Replaces the default set of the processes named.

        Raises
        ------
        UnknownNameError
            If a set does not exist.
        PredictionError
            If a set belongs to another process or holds no coefficients.
        """
        names = {**DEFAULT_FORM_FACTORS, **(form_factors or {})}
        return cls({}, {process: _resolve(process, name) for process, name in names.items()})

    def constant(self, name: str) -> Array:
        """Value of a constant.

        Parameters
        ----------
        name : str
            Name of the constant in `bsinv.data`, which gives its unit.

        Returns
        -------
        (1,) or (n,) array

        Raises
        ------
        UnknownNameError
            If there is no such constant.
        """
        value = self._constants.get(name)
        if value is not None:
            return value
        gives = constant_record(name).gives
        if gives is None:
            return _default_constant(name)
        other, times = gives
        return frozen(self.constant(other) / times)

    def form_factors(self, process: str) -> FormFactors:
        """Form factors of a process such as ``B->K``.

        Raises
        ------
        UnknownNameError
            If none are set for the process.
        """
        if process == FREE_QUARKS:
            return free_quarks()
        try:
            return self._form_factors[process]
        except KeyError:
            raise UnknownNameError(
                "form-factor process", process, self._form_factors, "the inputs"
            ) from None

    @property
    def size(self) -> int:
        """Number of parameter points, 1 if nothing varies.

        Raises
        ------
        PredictionError
            If two inputs vary over different numbers of points.
        """
        sizes = {name: len(value) for name, value in self._constants.items()}
        for process, entry in self._form_factors.items():
            sizes[f"form factors of {process}"] = entry.size
        return common_size(sizes)

    @property
    def finite(self) -> Array:
        """Whether all constants and coefficients of a point are finite: (1,) or (n,) of bool."""
        found = np.ones(1, dtype=bool)
        for value in self._constants.values():
            found = found & np.isfinite(value)
        for entry in self._form_factors.values():
            found = found & np.isfinite(entry.coefficients).all(axis=1)
        return found

    def replace(
        self,
        constants: Mapping[str, ArrayLike] | None = None,
        coefficients: Mapping[str, ArrayLike] | None = None,
        sets: Mapping[str, FormFactorSet | str] | None = None,
    ) -> Inputs:
        """Copy with some constants, form-factor sets or coefficients replaced.

        Parameters
        ----------
        constants : mapping of str to number or (n,) array, optional
            Constants, in the units of `bsinv.data` and inside the ranges given there; points of an
            array that are outside become NaN. ``V_cb`` sets ``VtbVts``: give one of them.
        coefficients : mapping of process to (m,) or (n, m) array, optional
            Form-factor coefficients in the order of the set's names.
        sets : mapping of process to FormFactorSet or name of one, optional
            Replaced before `coefficients`; starts from the central values of the set.

        Raises
        ------
        UnknownNameError
            If a constant, process or set is not known.
        PredictionError
            If a shape is wrong, a number is not real or outside its range, two names of one number
            are given, a decaying meson is not heavier than its product, or a set does not fit the
            process.
        """
        changed = dict(self._constants)
        for name, value in (constants or {}).items():
            if name not in constant_records():
                raise UnknownNameError("constant", name, constant_records())
            checked = checked_constant(name, value)
            kept, times = constant_record(name).gives or (name, 1.0)
            if kept != name and kept in (constants or {}):
                raise PredictionError(
                    f"{name} is not allowed beside {kept}: they are one number, "
                    f"{kept} = {times:g} {name}.",
                    name,
                )
            changed[kept] = checked if kept == name else frozen(checked * times)
        numbers = [name for name, value in (constants or {}).items() if np.ndim(value) == 0]
        check_masses(numbers, Inputs(changed).constant)
        form_factors = dict(self._form_factors)
        for process, source in (sets or {}).items():
            form_factors[process] = _resolve(process, source)
        for process, array in (coefficients or {}).items():
            if process not in form_factors:
                raise UnknownNameError("form-factor process", process, form_factors)
            form_factors[process] = form_factors[process].with_coefficients(array)
        return Inputs(changed, form_factors)


def _resolve(process: str, source: FormFactorSet | str) -> FormFactors:
    """Form factors of a set, by name or record, after a check of its process."""
    entry = _shipped_form_factors(source) if isinstance(source, str) else FormFactors.of(source)
    if entry.source.process != process:
        raise PredictionError(
            f"form-factor set {entry.source.id!r} is for {entry.source.process}, not {process}."
        )
    return entry


def checked_constant(name: str, value: ArrayLike) -> Array:
    """Batch of a constant, checked.

    A number outside the range is a mistake. An array is what a fit or a sampler tries, and its
    prior may reach beyond the range: such points become NaN and are rejected one by one.

    Parameters
    ----------
    name : str
        Name of the constant in `bsinv.data`.
    value : number or (n,) array
        In the unit of `bsinv.data`.

    Returns
    -------
    (1,) or (n,) array

    Raises
    ------
    PredictionError
        If a number is not finite or outside the range, or the value is not real or has more than
        one axis.
    """
    if np.asarray(value).dtype.kind not in "iuf":
        shown = reprlib.repr(value)
        raise PredictionError(f"{name} = {shown} is not allowed: it must be a real number.", name)
    array = batch(value, f"the constant {name}")
    record = constant_record(name)
    lower, upper = record.allowed
    inside = (array >= lower) & (array <= upper)
    if np.ndim(value) == 0 and not inside[0]:
        unit = "" if record.unit == "1" else f" {record.unit}"
        raise PredictionError(
            f"{name} = {array[0]:g}{unit} is not allowed: it must be between {lower:g} and "
            f"{upper:g}{unit}.",
            name,
        )
    return array if inside.all() else frozen(np.where(inside, array, np.nan))


def check_masses(numbers: Iterable[str], constant: Callable[[str], Array]) -> None:
    """Refuse masses given as numbers with which a transition cannot happen.

    Parameters
    ----------
    numbers : iterable of str
        Names of constants that were given as numbers.
    constant : callable
        Name to value, (1,) or (n,). Transitions with a mass that varies are left out: they have no
        rate where they cannot happen.

    Raises
    ------
    PredictionError
        If a decaying meson is not heavier than the one it decays to.
    """
    for name in numbers:
        for known in map(transition, transitions()):
            if name not in (known.parent_mass, known.meson_mass):
                continue
            parent, meson = constant(known.parent_mass), constant(known.meson_mass)
            if parent.size == 1 and meson.size == 1 and parent[0] <= meson[0]:
                side = "below" if name == known.meson_mass else "above"
                other, bound = (
                    (known.parent_mass, parent)
                    if name == known.meson_mass
                    else (known.meson_mass, meson)
                )
                raise PredictionError(
                    f"{name} = {constant(name)[0]:g} GeV is not allowed: for {known.name} it must "
                    f"be {side} {other} = {bound[0]:g} GeV.",
                    name,
                )
