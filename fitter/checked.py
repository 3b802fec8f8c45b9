"""An analysis file that was read and checked, and the problem that it states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data.constants import constants
from ..data.form_factors import form_factor_sets
from ..errors import BsinvError, FitError, PluginError, PredictionError
from ..likelihoods.base import Array
from ..models import Model
from ..models import model as find_model
from ..physics.inputs import Inputs
from .analysis_file.changes import changed
from .analysis_file.definitions import IMAGINARY
from .analysis_file.names import known_names
from .analysis_file.reading.attachments import Attachments
from .analysis_file.reading.builtin import resolve
from .analysis_file.reading.source import Located, read_source
from .analysis_file.schema import AnalysisSpec, validate
from .model_files import model_of_file
from .own_checks import check_own
from .own_objects import gathered
from .own_workspaces import correlated_terms
from .parameters.angles import closed
from .parameters.build import build_table
from .parameters.cuts import CutError
from .parameters.rules import StartError
from .parameters.table import ParameterTable
from .problem import Problem
from .requests import check_predictions, check_separate
from .stated import stated_terms
from .terms import TermRequests, all_terms, term_requests

if TYPE_CHECKING:
    from ..likelihoods.base import Term
    from ..physics.observable import Observable
    from .plugins import Plugin

__all__ = ["CheckedFile"]


class CheckedFile:
    """A checked analysis file and its problem: all that a run needs.

    Parameters
    ----------
    source : str, path or mapping
        Name of a built-in analysis (``bsinv list analyses``), a file, YAML text, or a mapping of
        the same form (``docs/guide/analysis-file.md``).
    model : Model, optional
        A model of your own, which the analysis names by its ``name``.
    files : mapping of str to str, optional
        Texts of files that the analysis names, in place of those on disk: from a results file.
    terms : sequence of Term
        Terms of your own, added to the likelihood; the analysis may list them by name.
    observables : sequence of Observable
        Observables of your own, for ``predictions`` and wherever names of observables stand.
    plugins : sequence of path
        Python files with such objects (``docs/guide/your-own.md``). **They are executed.**

    changes : mapping of str to value, optional
        Values in place of those of the analysis, by dotted key: ``{"parameters.dC_L.start": 2}``.
        `text` is the analysis so changed.

    Attributes
    ----------
    spec : AnalysisSpec
        The analysis as written, checked.
    text : str
        The file, verbatim (YAML) where nothing was changed.
    files : dict of str to str
        Texts of the files that it names.
    requested : TermRequests
        The terms that it asks for by name.
    own : OwnObjects
        What was brought along.
    problem : Problem
        What is fitted.

    Raises
    ------
    AnalysisError
        If the analysis cannot be found or has faults, its data overlap, it names another model than
        the one given, or the model cannot predict what a term needs.
    ModelError
        If the model of your own is none, see `models.contract`, or has the name of one of the
        package.
    PluginError
        If a term or an observable of your own is none, fails or has a name that is taken, or a
        plugin cannot be read.
    MissingExtraError
        If a likelihood needs flavio, which is not installed.
    """

    def __init__(
        self,
        source: str | Path | Mapping[str, Any],
        model: Model | None = None,
        *,
        files: Mapping[str, str] | None = None,
        terms: Sequence[Term] = (),
        observables: Sequence[Observable] = (),
        plugins: Sequence[str | Path | Plugin] = (),
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        own = self.own = gathered(model, terms, observables, plugins)
        located = changed(read_source(resolve(source)), {} if changes is None else changes)
        attached = Attachments.of(located.file, files)
        of_file = model_of_file(located, attached)
        named = located.data.get("model")
        # Before anything else is checked: the rest has to fit the model that is meant.
        if model is not None and isinstance(named, str):
            _refuse_another(named, model, located)
        models = (*own.models.values(), *(() if of_file is None else (of_file,)))
        known = known_names().with_own(models, own.terms, own.observables.values())
        self.spec: AnalysisSpec = validate(located, known)
        self.text = located.text
        if model is not None:
            _refuse_another(self.spec.model_name, model, located)
        name = self.spec.model_name
        chosen = of_file or own.models.get(name) or find_model(name)
        table = _table(self.spec, chosen, located)
        inputs = _inputs(self.spec, table, located)
        stated = stated_terms(self.spec, table, located, attached, own.observables, chosen)
        self.files: dict[str, str] = attached.texts
        self.requested: TermRequests = term_requests(self.spec, chosen, table, own.names)
        with _at_likelihoods(located):
            made = all_terms(self.requested, (*stated, *own.terms))
        made = correlated_terms(self.spec, made, located)
        with _at_likelihoods(located):
            problem = Problem(chosen, table, inputs, made, observables=own.observables)
            check_own(problem, own)
            # One prediction of each term, so that what cannot work is said at once.
            problem.predictions(problem.start[None])
        self.problem: Problem = _without_false_angles(self.spec, problem, located)
        check_predictions(self.problem, self.spec.predictions, located)
        check_separate(self.problem, self.spec.fit, located)

    @property
    def name(self) -> str:
        """Name of the analysis."""
        return self.spec.name

    @property
    def seed(self) -> int:
        """Seed of the file; 0 if it gives none (a run draws one and writes it down)."""
        return int(self.spec.seed or 0)

    @property
    def asked(self) -> tuple[str, ...]:
        """Observables and parameters of which predictions are asked for."""
        return tuple(request.observable for request in self.spec.predictions)

    def refuse_nothing_free(self) -> None:
        """Raise if there is no free parameter, so nothing to fit or to sample.

        Raises
        ------
        FitError
        """
        if not self.problem.names:
            raise FitError(
                f"{self.name}: no parameter is free: give one a prior ('bsinv check' tells the "
                "likelihood of fixed values)."
            )


def _refuse_another(named: str, model: Model, located: Located) -> None:
    """Refuse a model that is not the one that the analysis names."""
    if model.name != named:
        raise located.mistake(
            f"the analysis names the model {named!r}, but the one given is called {model.name!r}.",
            ("model",),
        )


@contextmanager
def _at_likelihoods(located: Located) -> Iterator[None]:
    """Say of errors that they are of the likelihoods; those of plugins say where they are."""
    try:
        yield
    except PluginError:
        raise
    except BsinvError as error:
        raise located.mistake(str(error), ("likelihoods",)) from error


def _table(spec: AnalysisSpec, model: Model, located: Located) -> ParameterTable:
    try:
        return build_table(spec, model.parameters, constants(), form_factor_sets())
    except CutError as error:
        where = ("cuts",) if error.index is None else ("cuts", error.index)
        raise located.mistake(str(error), where) from error
    except StartError as error:
        # The partner that a polar form sets stands where that form stands.
        names = (error.name, error.name.removeprefix(IMAGINARY))
        paths = [("parameters", name) for name in names if name in spec.parameters]
        raise located.mistake(str(error), (*paths, ("auxiliary", error.name))[0]) from error


def _inputs(spec: AnalysisSpec, table: ParameterTable, located: Located) -> Inputs:
    """Inputs with the constants that the analysis fixes."""
    sets = {process: entry.set for process, entry in spec.form_factors.items()}
    try:
        return Inputs.default(sets).replace(constants=table.fixed_constants)
    except PredictionError as error:
        path = ("inputs", error.name) if error.name in spec.inputs else ("inputs",)
        raise located.mistake(str(error), path) from error
    except BsinvError as error:
        raise located.mistake(str(error), ("inputs",)) from error


def _without_false_angles(spec: AnalysisSpec, problem: Problem, located: Located) -> Problem:
    """Refuse angles whose range is no full period; phases found by themselves are then none."""
    table = problem.table

    def coefficients(theta: Array) -> dict[str, Array]:
        return dict(problem.wilson(theta)[0])

    for column, entry in enumerate(table.free):
        told = closed(table, coefficients, column) if entry.periodic else ""
        if not told:
            continue
        given = {**spec.parameters, **spec.auxiliary}[entry.name]
        if getattr(given, "periodic", None):
            section = "auxiliary" if entry.name in spec.auxiliary else "parameters"
            raise located.mistake(
                f"{entry.name} is no angle over [{entry.lower:g}, {entry.upper:g}], since both "
                f"ends must be the same point, but {told}: give a uniform prior over one full "
                "period, such as [0, 6.283185307].",
                (section, entry.name, "periodic"),
            )
        table = table.without_period(entry.name)
    return problem.with_table(table)
