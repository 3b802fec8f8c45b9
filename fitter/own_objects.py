"""Objects of a user's own: models, terms and observables that no file of the package knows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BsinvError, ModelError, PluginError
from ..models import Model, check_model, models
from ..models.base import described
from ..physics.fixed_kinematics import fix, split_name
from ..physics.observable import Observable
from ..physics.wilson import points
from .plugins import Plugin, read_plugin

if TYPE_CHECKING:
    from ..likelihoods.base import Array, Term
    from ..physics.inputs import Inputs
    from ..physics.wilson import Wilson

__all__ = ["GIVEN", "OwnObjects", "checked_observable", "gathered"]

GIVEN = "Given in Python"
"""Beginning of the sentence on objects that came from no plugin."""


class OwnObservables(Mapping[str, Observable]):
    """Observables of a user's own by name; a name may fix kinematics: ``"mine[q2max=4]"``."""

    def __init__(self, records: Mapping[str, Observable] = MappingProxyType({})) -> None:
        self._records = dict(records)

    def __getitem__(self, name: str) -> Observable:
        if name in self._records:
            return self._records[name]
        parts = split_name(name) if self._records else None
        if parts is None:
            raise KeyError(name)
        return fix(self._records[parts[0]], parts[1])

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


@dataclass(frozen=True, eq=False)
class OwnObjects:
    """Objects of a user's own, checked as far as that goes without an analysis.

    Attributes
    ----------
    models : mapping of str to Model
    terms : tuple of Term
        Added to the likelihood of an analysis.
    observables : OwnObservables
    plugins : tuple of Plugin
        Those that some of the objects are from.
    origin : mapping of (str, str) to str
        Kind (``"model"``, ``"term"``, ``"observable"``) and name of each object -> the name of its
        plugin, or ``""`` if it was given in Python.
    """

    models: Mapping[str, Model] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    observables: Mapping[str, Observable] = field(default_factory=OwnObservables)
    plugins: tuple[Plugin, ...] = ()
    origin: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Names of the terms."""
        return frozenset(term.name for term in self.terms)

    def sentences(self) -> tuple[str, ...]:
        """What was brought, one sentence for each plugin and one for all that came from Python."""
        told = []
        for plugin in ("", *(entry.name for entry in self.plugins)):
            listed = [f"{kind} {name}" for (kind, name), of in self.origin.items() if of == plugin]
            if listed:
                whence = f"From the plugin {plugin}" if plugin else GIVEN
                told.append(f"{whence}: {', '.join(listed)}.")
        return tuple(told)

    def fingerprint(self, model: str, digest: Callable[[Any], str]) -> dict[str, str]:
        """What must agree before a run with these objects is resumed, by topic.

        Parameters
        ----------
        model : str
            Name of the model of the analysis.
        digest : callable
            Of plain values.
        """
        found = {f"plugin {entry.name}": entry.digest for entry in self.plugins}
        if ("model", model) in self.origin:
            found["model"] = self._made_in("model", model, type(self.models[model]), digest)
        for term in self.terms:
            found[f"term {term.name}"] = self._made_in("term", term.name, type(term), digest)
        # Others are predicted only: the samples do not depend on them.
        used = {
            (split_name(name) or (name,))[0] for term in self.terms for name in term.observables
        }
        for name in sorted(used & set(self.observables)):
            code = _inner(self.observables[name])
            found[f"observable {name}"] = self._made_in("observable", name, code, digest)
        return found

    def _made_in(self, kind: str, name: str, code: Any, digest: Callable[[Any], str]) -> str:
        plugin = self.origin[kind, name]
        return f"{name} (plugin {plugin})" if plugin else f"{name} ({digest(_source(code))})"


def gathered(
    model: Any = None, terms: Any = (), observables: Any = (), plugins: Any = ()
) -> OwnObjects:
    """Objects that were given in Python, and those of plugins.

    Parameters
    ----------
    model : Model, optional
    terms : sequence of Term
    observables : sequence of Observable
    plugins : sequence of path or Plugin
        Python files, which are executed (`plugins.read_plugin`).

    Returns
    -------
    OwnObjects

    Raises
    ------
    ModelError
        If a model is none, or has the name of one of the package.
    PluginError
        If a term or an observable is none, a name is taken, or a plugin cannot be read.
    """
    listed = _listed("plugins", plugins, "a path of a Python file")
    read = tuple(one if isinstance(one, Plugin) else read_plugin(one) for one in listed)
    names = [entry.name for entry in read]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PluginError(f"two plugins are called {twice!r}: give each file once.")
    given = Plugin(
        "",
        "",
        () if model is None else (model,),
        _listed("terms", terms, "a Term"),
        _listed("observables", observables, "an Observable"),
    )
    found = _Gathering()
    for plugin in (given, *read):
        found.add(plugin)
    observed = OwnObservables(found.observables)
    return OwnObjects(found.models, tuple(found.terms.values()), observed, read, found.origin)


class _Gathering:
    """Objects by name, while they are collected from several places."""

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.terms: dict[str, Term] = {}
        self.observables: dict[str, Observable] = {}
        self.origin: dict[tuple[str, str], str] = {}

    def add(self, plugin: Plugin) -> None:
        """Check what a plugin brings, and take it."""
        for index, entry in enumerate(plugin.models):
            self._add_model(entry, plugin, index)
        for index, entry in enumerate(plugin.terms):
            term = _checked_term(entry, _where(plugin, "terms", index))
            self._own("term", term.name, self.terms, plugin)
            self.terms[term.name] = term
        for index, entry in enumerate(plugin.observables):
            one = checked_observable(entry, _where(plugin, "observables", index))
            if one is entry:  # of the package
                continue
            self._own("observable", one.name, self.observables, plugin)
            self.observables[one.name] = one

    def _add_model(self, entry: Any, plugin: Plugin, index: int) -> None:
        try:
            model = check_model(entry)
        except ModelError as error:
            if not plugin.name:
                raise
            raise ModelError(f"{_where(plugin, 'models', index)}: {error}") from error
        shipped = models().get(model.name)
        if shipped is model:  # given where its name would do
            self.models[model.name] = model
            return
        if shipped is not None:
            raise ModelError(
                f"{model.name!r} is a model of the package: give the one of your own another name."
            )
        self._own("model", model.name, self.models, plugin)
        self.models[model.name] = model

    def _own(self, kind: str, name: str, taken: Mapping[str, Any], plugin: Plugin) -> None:
        """Refuse a name that another object of the kind has."""
        if name in taken:
            raise PluginError(f"two {kind}s of your own are called {name!r}: rename one.")
        self.origin[kind, name] = plugin.name


def _listed(name: str, value: Any, what: str) -> tuple[Any, ...]:
    """Members of a list that was given."""
    if isinstance(value, list | tuple):
        return tuple(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | Path):
        return tuple(value)
    raise PluginError(
        f"{name} must be a list, each of its members {what}, not {described(value)}: {name}=[...]."
    )


def _where(plugin: Plugin, key: str, index: int) -> str:
    return f"{plugin.name}: {key.upper()}[{index}]" if plugin.name else f"{key}[{index}]"


def _checked_term(entry: Any, where: str) -> Term:
    """Refuse what is no term, or lacks what every term has."""
    from ..likelihoods.base import Term
    from ..likelihoods.catalogue import accepted_options

    if isinstance(entry, type):
        raise PluginError(
            f"{where} is the class {entry.__name__}: give an instance of it, {entry.__name__}(...)."
        )
    if not isinstance(entry, Term):
        raise PluginError(
            f"{where} is {described(entry)}: it must be an object of a class made from bsinv.Term "
            "(for a number measured of an observable, state it in the analysis)."
        )
    kind = type(entry).__name__
    for key in ("name", "description"):
        value = getattr(entry, key, None)
        if not isinstance(value, str) or not value.strip():
            found = repr(value) if isinstance(value, str) else described(value)
            raise PluginError(f"{where}: {kind}.{key} must be a text, not {found}.")
    for key in ("observables", "data_ids"):
        value = getattr(entry, key, None)
        if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
            raise PluginError(
                f"{where}: {kind}.{key} of {entry.name!r} must be a tuple of texts, not "
                f"{described(value)}."
            )
    if not isinstance(getattr(entry, "includes_constants", None), bool):
        raise PluginError(
            f"{where}: {kind}.includes_constants of {entry.name!r} must be True or False: whether "
            "log_likelihood is that of a normalised density of the data."
        )
    if entry.name in accepted_options():
        raise PluginError(
            f"{where}: {entry.name!r} is a likelihood of the package: take another name."
        )
    return entry


def checked_observable(entry: Any, where: str) -> Observable:
    """Refuse what is no observable, and have what its function returns looked at.

    Parameters
    ----------
    entry : object
    where : str
        Where it was given, for errors.

    Returns
    -------
    Observable
        One of the package as it is; one of a user's own with a function that refuses all but real
        numbers, one for each point.

    Raises
    ------
    PluginError
        If it is none, or has the name of one of the package.
    """
    from ..physics.observables import ALIASES, observables

    if not isinstance(entry, Observable):
        hint = " with name, latex, unit and function" if callable(entry) else ""
        what = f"the class {entry.__name__}" if isinstance(entry, type) else described(entry)
        raise PluginError(f"{where} is {what}: it must be a bsinv.Observable{hint}.")
    if any(entry is one for one in observables().values()) or _checked_before(entry):
        return entry
    for key in ("name", "latex", "unit", "description"):
        value = getattr(entry, key)
        if not isinstance(value, str) or (key in ("name", "unit") and not value.strip()):
            found = repr(value) if isinstance(value, str) else described(value)
            hint = ' ("1" if there is none)' if key == "unit" else ""
            raise PluginError(f"{where}: {key} must be a text{hint}, not {found}.")
    if "[" in entry.name:
        raise PluginError(
            f"{where}: the name {entry.name!r} must not have a bracket [, after which kinematics "
            "stand."
        )
    for key in ("kinematics", "optional", "references", "theory"):
        value = getattr(entry, key)
        if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
            raise PluginError(
                f"{where}: {key} of {entry.name!r} must be a tuple of texts, not "
                f"{described(value)}."
            )
    if not callable(entry.function):
        raise PluginError(
            f"{where}: function of {entry.name!r} must be a function of (wilson, inputs), not "
            f"{described(entry.function)}."
        )
    if entry.name in observables() or entry.name in ALIASES:
        raise PluginError(
            f"{where}: {entry.name!r} is an observable of the package: take another name."
        )
    return replace(entry, function=partial(_values, entry.name, entry.function))


def _checked_before(entry: Observable) -> bool:
    """Whether it is one of the package, or one that was checked, with kinematics in its name."""
    from ..physics.observables import observables

    function = entry.function
    base, bracket, _ = str(entry.name).partition("[")
    if not bracket or not isinstance(function, partial):
        return False
    if function.func is _values:
        return True
    record = observables().get(base)
    if record is None or entry.kinematics or entry.optional:
        return False
    whole = partial(record.function)
    return (function.func, function.args) == (whole.func, whole.args)


def _values(
    name: str, function: Callable[..., Any], wilson: Wilson, inputs: Inputs, **kinematics: Any
) -> Array:
    """Values of a function of a user's own at every point, (n,), or (n, k) at k values of q2."""
    try:
        values = np.asarray(function(wilson, inputs, **kinematics))
    except BsinvError:
        raise
    except Exception as error:
        raise PluginError(
            f"the function of the observable {name!r} fails: {type(error).__name__}: "
            f"{str(error).partition(chr(10))[0]}"
        ) from error
    size = points(wilson, inputs)
    axis = np.shape(kinematics["q2"]) if "q2" in kinematics else ()
    fits = values.ndim > 0 and values.shape[0] in (1, size) and values.shape[1:] == axis
    if values.dtype.kind not in "iuf" or not fits:
        wanted = "(n, k), k that of q2" if axis else "(n,)"
        raise PluginError(
            f"the function of the observable {name!r} must return real numbers of shape {wanted}, "
            f"not {values.dtype} of shape {values.shape}, where there are n = {size} points."
        )
    return np.broadcast_to(values.astype(np.float64), (size, *axis)).copy()


def _inner(one: Observable) -> Any:
    """Function that the user wrote."""
    function: Any = one.function
    while isinstance(function, partial):
        function = function.args[1] if function.func is _values else function.func
    return function


def _source(code: Any) -> str:
    """Source of a class or function; its name where that is not at hand."""
    try:
        return inspect.getsource(code)
    except (OSError, TypeError):
        return str(getattr(code, "__qualname__", type(code).__qualname__))
