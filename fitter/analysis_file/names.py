"""Names that exist in the layers below the fitter, as an analysis may use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ...errors import did_you_mean
from ...models import Model

if TYPE_CHECKING:
    from ...likelihoods.base import Term
    from ...physics.observable import Observable

__all__ = [
    "MAX_SIGMAS",
    "KnownNames",
    "KnownObservable",
    "KnownSet",
    "coefficient_prefix",
    "known_names",
]

# A normal prior cut further from its mean than this has nothing left to normalise.
MAX_SIGMAS = 30.0


@dataclass(frozen=True)
class KnownSet:
    """A form-factor set that exists: its process and the names of its coefficients."""

    process: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class KnownObservable:
    """An observable that exists: the keywords that it needs, and those that it takes."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownNames:
    """Names that an analysis may use, from the registries of the other layers.

    Attributes
    ----------
    models : mapping of str to mapping
        Model name -> parameter name -> (lower, upper), the range in the parameter's unit.
    likelihoods : mapping of str to tuple of str
        Name of a likelihood or group -> the options it takes, such as ``("nuisances",)``.
    constants : tuple of str
        Names allowed under ``inputs``.
    constant_ranges : mapping of str to (lower, upper)
        Range of a constant in its unit; everywhere for one that is not here.
    same_constants : mapping of str to str
        Second name of a constant -> the first.
    default_inputs : mapping of str to mapping
        Likelihood or group -> constant -> (mean, sigma) of the normal prior with which it floats
        where the analysis does not name it.
    form_factor_sets : mapping of str to KnownSet
        Set name -> its process and coefficients.
    data_ids : tuple of str
        Names allowed under ``allow_overlaps``.
    default_sets : mapping of str to str
        Process -> form-factor set used where an analysis names none.
    observables : mapping of str to KnownObservable
        Names allowed under ``predictions``, those that measurements use included.
    other_names : mapping of str to (str, float)
        Names that other codes have for constants, parameters and coefficients: the name here, and
        the value here over the value there.
    members : mapping of str to tuple of str
        Group of likelihoods -> its members.
    """

    models: Mapping[str, Mapping[str, tuple[float, float]]]
    likelihoods: Mapping[str, tuple[str, ...]]
    constants: tuple[str, ...] = ()
    constant_ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    same_constants: Mapping[str, str] = field(default_factory=dict)
    default_inputs: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    form_factor_sets: Mapping[str, KnownSet] = field(default_factory=dict)
    data_ids: tuple[str, ...] = ()
    default_sets: Mapping[str, str] = field(default_factory=dict)
    observables: Mapping[str, KnownObservable] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_names: Mapping[str, tuple[str, float]] = field(default_factory=dict)

    def hint(self, name: str, known: Iterable[str]) -> str:
        """End of a sentence on a name that is not known: what is meant, or the nearest names."""
        if name not in self.other_names:
            return did_you_mean(name, known)
        own, factor = self.other_names[name]
        times = "" if factor == 1.0 else f", with {factor:.10g} times the value"
        return f": what flavio or EOS call so is {own!r} here{times}."

    def with_own(
        self,
        models: Iterable[Model],
        terms: Iterable[Term] = (),
        observables: Iterable[Observable] = (),
    ) -> KnownNames:
        """The same names and those of models, terms and observables of the user's own."""
        terms = tuple(terms)
        ids = (name for term in terms for name in (term.name, *term.data_ids))
        return replace(
            self,
            models={**self.models, **_ranges(models)},
            likelihoods={**self.likelihoods, **{term.name: () for term in terms}},
            data_ids=tuple(dict.fromkeys((*self.data_ids, *ids))),
            observables={**self.observables, **{one.name: _known(one) for one in observables}},
        )


def coefficient_prefix(process: str) -> str:
    """Prefix of the parameters of a process's form factors: ``B->K*`` gives ``BtoKstar_``.

    Parameters
    ----------
    process : str
        Such as ``"B->K"``.

    Returns
    -------
    str
    """
    return process.replace("->", "to").replace("*", "star") + "_"


@lru_cache(maxsize=1)
def known_names() -> KnownNames:
    """Collect the registries of models, likelihoods, constants and form-factor sets.

    Returns
    -------
    KnownNames
    """
    from ...data.constants import constants
    from ...data.form_factors import form_factor_sets
    from ...data.groups import default_floats
    from ...data.measurements import measurements
    from ...likelihoods.catalogue import accepted_options, groups
    from ...models import models
    from ...physics.ecosystem_names import EOS_PARAMETERS, FLAVIO_PARAMETERS
    from ...physics.inputs import DEFAULT_FORM_FACTORS

    options = accepted_options()
    return KnownNames(
        models=_ranges(models().values()),
        likelihoods=options,
        constants=tuple(constants()),
        constant_ranges={name: entry.allowed for name, entry in constants().items()},
        same_constants={
            name: entry.gives[0] for name, entry in constants().items() if entry.gives is not None
        },
        default_inputs={
            name: {one: (constants()[one].value, constants()[one].error) for one in floated}
            for name, floated in default_floats().items()
        },
        form_factor_sets={
            name: KnownSet(entry.process, entry.names)
            for name, entry in form_factor_sets().items()
            if entry.kind == "parameters"
        },
        data_ids=(*measurements(), *options),
        default_sets=DEFAULT_FORM_FACTORS,
        observables=_observables(),
        other_names={
            name: (other.name, other.factor)
            for name, other in {**FLAVIO_PARAMETERS, **EOS_PARAMETERS}.items()
        },
        members=groups(),
    )


def _ranges(models: Iterable[Model]) -> dict[str, dict[str, tuple[float, float]]]:
    return {
        model.name: {entry.name: (entry.lower, entry.upper) for entry in model.parameters}
        for model in models
    }


def _observables() -> dict[str, KnownObservable]:
    from ...physics.observables import ALIASES, observables

    found = {name: _known(entry) for name, entry in observables().items()}
    return found | {alias: found[name] for alias, name in ALIASES.items()}


def _known(entry: Observable) -> KnownObservable:
    return KnownObservable(entry.kinematics, (*entry.kinematics, *entry.optional))
