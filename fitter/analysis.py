"""The face of the fitter: an analysis; its verbs: fit, sample, profile, check, and `Studies`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .analysis_file.arguments import check_kind
from .parameters.priors import Array
from .studies import Studies

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ..chains.records import BestFit, Ensemble, Scan
    from ..chains.statistics.diagnostics import Verdict
    from ..likelihoods.base import Term
    from ..models import Model
    from ..physics.inputs import Inputs
    from ..physics.observable import Observable
    from ..physics.wilson import Wilson
    from .drivers.sampling.ensembles import Report
    from .plugins import Plugin
    from .sensitivity.check import Identifiability

__all__ = ["Analysis", "load"]


def load(
    source: str | Path | Mapping[str, Any],
    model: Model | None = None,
    *,
    terms: Sequence[Term] = (),
    observables: Sequence[Observable] = (),
    plugins: Sequence[str | Path | Plugin] = (),
    changes: Mapping[str, Any] | None = None,
) -> Analysis:
    """Load an analysis: the same as `Analysis`.

    Parameters
    ----------
    source : str, path or mapping
        Name of a built-in analysis (``bsinv list analyses``), a file, YAML text, or a mapping of
        the same form.
    model : Model, optional
        A model of your own (a subclass of `bsinv.Model`), which the analysis names.
    terms : sequence of Term
        Terms of your own (subclasses of `bsinv.Term`), added to the likelihood.
    observables : sequence of Observable
        Observables of your own (`bsinv.Observable`), which the analysis may name.
    plugins : sequence of path
        Python files with such objects (``docs/guide/your-own.md``). **They are executed.**
    changes : mapping of str to value, optional
        Values in place of those of the analysis, by dotted key: ``{"parameters.dC_L.start": 2}``.

    Returns
    -------
    Analysis

    Raises
    ------
    AnalysisError
        If it cannot be found or has faults.
    ModelError, PluginError
        If an object of your own is not what it must be, fails, or has a name that is taken.
    """
    return Analysis(
        source, model, terms=terms, observables=observables, plugins=plugins, changes=changes
    )


class Analysis(Studies):
    """A checked analysis file and its problem, with verbs.

    ``problem`` has all that can be asked of points theta, (n, d); what one asks most often is here
    too. Parameters, attributes and errors are those of `CheckedFile`.
    """

    def __repr__(self) -> str:
        return (
            f"<Analysis {self.name}: model {self.model.name}, {len(self.terms)} likelihood terms, "
            f"{len(self.names)} free parameters>"
        )

    def _repr_html_(self) -> str:
        rows = [
            (name, f"{lower:.4g}", f"{upper:.4g}", f"{start:.4g}")
            for name, (lower, upper), start in zip(self.names, self.bounds, self.start, strict=True)
        ]
        from ..chains.records.shown import html_table

        header = ("free parameter", "lower", "upper", "start")
        terms = ", ".join(escape(term.name) for term in self.terms)
        return f"{html_table(repr(self).strip('<>'), header, rows)}<p>Terms: {terms}.</p>"

    @property
    def model(self) -> Model:
        """The model."""
        return self.problem.model

    @property
    def terms(self) -> tuple[Term, ...]:
        """Likelihood terms."""
        return self.problem.terms

    @property
    def names(self) -> tuple[str, ...]:
        """Free parameters, in the order of the columns of theta."""
        return self.problem.names

    @property
    def start(self) -> Array:
        """Starting point: (d,)."""
        return self.problem.start

    @property
    def scale(self) -> Array:
        """Typical size of a change of each parameter: (d,)."""
        return self.problem.scale

    @property
    def bounds(self) -> Array:
        """Support of each parameter: (d, 2)."""
        return self.problem.bounds

    def point(self, values: Mapping[str, float] | None = None) -> Array:
        """Point from names, see `Problem.point`: (1, d)."""
        return self.problem.point(values)

    def log_likelihood(self, theta: Array) -> Array:
        """Logarithm of the likelihood at points (n, d), see `Problem.log_likelihood`: (n,)."""
        return self.problem.log_likelihood(theta)

    def sample_prior(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points from the prior: (size, d)."""
        return self.problem.sample_prior(rng, size)

    def wilson(self, theta: Array) -> tuple[Wilson, Inputs]:
        """Wilson coefficients and inputs at points (n, d)."""
        return self.problem.wilson(theta)

    def observable(self, name: str, theta: Array, **kinematics: Any) -> Array:
        """Any observable at points (n, d), see `Problem.observable`: (n,) or (n, k)."""
        return self.problem.observable(name, theta, **kinematics)

    def fit(
        self,
        progress: Callable[[int], None] | bool | None = None,
        starts: Sequence[Array] = (),
        **options: Any,
    ) -> BestFit:
        """Best fit with MINUIT, errors, and the Standard Model point for comparison.

        Parameters
        ----------
        progress : callable or bool, optional
            Called with the number of points evaluated; or whether to show a bar: in a notebook one
            is shown by default.
        starts : sequence of (d,) arrays
            Further points to begin at.
        **options
            Fields of `drivers.minimum.minuit.FitOptions` in place of those of the analysis file.

        Returns
        -------
        BestFit

        Raises
        ------
        FitError
            If no parameter is free.
        """
        from .options import fit_options
        from .reports.best_fit import best_fit
        from .runs.bars import bar

        self.refuse_nothing_free()
        chosen = fit_options(self.problem, self.spec.fit, self.seed, **options)
        if callable(progress):
            return best_fit(self.problem, chosen, progress, starts, self.asked)
        with bar("fit", progress) as shown:
            return best_fit(self.problem, chosen, shown.step, starts, self.asked)

    def sample(
        self,
        best: BestFit | None = None,
        resume: tuple[Ensemble, ...] = (),
        report: Report | None = None,
        executor: Any = "serial",
        progress: bool | None = None,
        **options: Any,
    ) -> tuple[tuple[Ensemble, ...], Verdict]:
        """Posterior samples with emcee.

        Parameters
        ----------
        best : BestFit, optional
            Around which half of the walkers start.
        resume : tuple of Ensemble, optional
            Chains to go on with.
        report : callable, optional
            As in `drivers.ensembles.sample`.
        executor : str or object
            Where ensembles are advanced, as for `toys`.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.
        **options
            Fields of `drivers.ensembles.SamplerOptions` in place of those of the analysis file.

        Returns
        -------
        tuple of Ensemble, Verdict

        Raises
        ------
        FitError
            If no parameter is free, or no point with a finite posterior is found.
        """
        from .executors import Workers
        from .options import sampler_options
        from .reports.best_fit import check_best, posterior_samples
        from .runs.bars import bar, sampled

        self.refuse_nothing_free()
        check_best(best)
        check_kind("resume", resume, (tuple, list), "a tuple of ensembles")
        if resume:  # the number chosen may depend on a target that has changed
            options = {"walkers": resume[0].walkers, **options}
        chosen = sampler_options(self.problem, self.spec.sampler, self.seed, **options)
        with (
            Workers(executor, self.problem, self.own.plugins) as workers,
            bar("sample", progress) as shown,
        ):
            told = sampled(shown, report)
            return posterior_samples(self.problem, chosen, best, resume, told, workers.map)

    def profile(
        self,
        *names: str,
        points: int = 30,
        best: BestFit | None = None,
        axes: Mapping[str, Any] | None = None,
        profiled: bool = True,
        refine: int = 0,
        executor: Any = "serial",
        progress: bool | None = None,
    ) -> Scan:
        """Likelihood on a grid of one or two parameters, the others refitted at each point.

        Parameters
        ----------
        *names : str
            One or two free parameters.
        points : int
            Grid points along each, over three errors on each side of the best fit; there are more
            where other minima lie beyond, or the 95 % region does not end there.
        best : BestFit, optional
            Made if not given.
        axes : mapping of str to (k,) array, optional
            Grid values in place of those; `names` need not be given then.
        profiled : bool
            False holds the others: form factors and inputs at their central values. (Nuisance
            parameters inside a likelihood term are profiled in any case.)
        refine : int
            How often (0 to 3) the spacing of `axes` of two parameters is halved where a contour of
            68 or 95 % may be.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.

        Returns
        -------
        Scan
            Its `ends` say whether the 95 % region is closed.

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        ParameterError
            If there are not one or two different parameters, or fewer than two points.
        """
        from .executors import Workers
        from .reports.best_fit import check_best
        from .reports.profiles import profile_scan
        from .runs.bars import bar, scanned

        check_best(best)
        known = partial(self.fit, progress, minos=()) if best is None else best
        with (
            Workers(executor, self.problem, self.own.plugins) as workers,
            bar("profile", progress) as shown,
        ):
            return profile_scan(
                self.problem,
                names,
                points,
                known,
                axes=axes,
                profiled=profiled,
                refine=refine,
                report=scanned(shown),
                work=workers.map,
            )

    def check(self, points: int = 5, theta: Array | None = None) -> Identifiability:
        """Dead parameters and flat directions.

        Parameters
        ----------
        points : int
            Points of the prior at which the Jacobian is taken, besides `theta`.
        theta : (1, d) array, optional
            First point; the start by default.

        Returns
        -------
        Identifiability
        """
        from .sensitivity.check import identifiability

        return identifiability(self.problem, points, theta, self.seed)
