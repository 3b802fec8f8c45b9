"""The face of the fitter: an analysis; its verbs: fit, sample, profile, toys, limit, check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .analysis_file.arguments import check_kind
from .checked import CheckedFile
from .parameters.priors import Array

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from ..chains.records import (
        BestFit,
        Ensemble,
        LimitScan,
        Scan,
        ScanSignificance,
        ToyStudy,
        WeightedSamples,
    )
    from ..chains.statistics.diagnostics import Verdict
    from ..chains.statistics.evidence import Evidence
    from ..likelihoods.base import Term
    from ..models import Model
    from ..physics.inputs import Inputs
    from ..physics.observable import Observable
    from ..physics.wilson import Wilson
    from .drivers.sampling.ensembles import Report
    from .plugins import Plugin
    from .reports.studies.toys import At
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


class Analysis(CheckedFile):
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
                report=scanned(shown),
                work=workers.map,
            )

    def toys(
        self,
        at: At = "best",
        number: int = 1000,
        *,
        seed: int | None = None,
        nuisances: str = "conditional",
        best: BestFit | None = None,
        begun: Sequence[ToyStudy] = (),
        report: Callable[[ToyStudy], None] | None = None,
        executor: Any = "serial",
        progress: bool | None = None,
    ) -> ToyStudy:
        """Draw data sets as they might have been measured, and fit each.

        What they say is in `chains.statistics.toys` and, as tables, `chains.tables.toys`: p-values,
        coverage of intervals, pulls, goodness of fit (docs/statistics/statistics.md).

        Parameters
        ----------
        at : {"best", "sm"} or mapping of str to float
            Where toys are drawn, and what is tested: all parameters without constraint at the best
            fit; those of the model at their defaults; free parameters by name. What is not named
            is where it describes the measured data best, nuisance parameters too.
        number : int
        seed : int, optional
            That of the analysis file by default.
        nuisances : {"conditional", "nominal", "prior"}
            Nuisance parameters of the toys: as above, at the centres of their constraints, or drawn
            from their constraints. Auxiliary data are drawn in any case.
        best : BestFit, optional
            Of the measured data; made if not given.
        begun : sequence of ToyStudy
            Toys done before; those of this study are kept.
        report : callable, optional
            Told of the study after each chunk of toys.
        executor : str or object
            Where chunks are done: ``"processes:4"``, ``"dask:ADDRESS"``, ``"dask:local:4"``,
            ``"mpi"``, or an object with the interface of `concurrent.futures.Executor`
            (docs/guide/scale.md). Results do not depend on it.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.

        Returns
        -------
        ToyStudy

        Raises
        ------
        ParameterError
            If the point is outside the priors, or an argument is not allowed.
        UnknownNameError
            If a name is not a free parameter.
        FitError
            If no parameter is free, or the others cannot be fitted at the point.
        PredictionError
            If a term does not say how its data are drawn; it is named.
        """
        from .executors import Workers
        from .reports.best_fit import check_best
        from .reports.studies.toys import toy_study
        from .runs.bars import bar, drawn

        self.refuse_nothing_free()
        check_best(best)
        known = self.fit(progress, minos=()) if best is None else best
        with (
            Workers(executor, self.problem, self.own.plugins) as workers,
            bar("toys", progress) as shown,
        ):
            return toy_study(
                self.problem,
                known,
                at,
                number,
                seed=self.seed if seed is None else seed,
                nuisances=nuisances,
                begun=begun,
                report=drawn(shown, report),
                work=workers.map,
            )

    def limit(
        self,
        of: str,
        scan: Mapping[str, Any] | None = None,
        *,
        method: str = "cls",
        toys: int = 0,
        background: str = "sm",
        seed: int | None = None,
        report: Callable[[int, int], None] | None = None,
        executor: Any = "serial",
        progress: bool | None = None,
    ) -> LimitScan:
        """Limits of 90 and 95 % on a rate, with those expected of background alone.

        Parameters
        ----------
        of : str
            Free parameter with a range from zero on which predictions depend linearly.
        scan : mapping of str to (k,) array, optional
            Values at which up to two other free parameters are held.
        method : {"cls", "feldman-cousins", "bayes"}
        toys : int
            At each rate; with 0, `cls` is asymptotic.
        background : {"sm", "rescaled-sm"}
            Standard Model as predicted, or times a factor that is fitted (the input X_t floats).
        seed : int, optional
            That of the analysis file by default.
        report : callable, optional
            Told how many points of the scan are done, and of how many.
        executor : str or object
            Where blocks of points are done, as for `toys`.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.

        Returns
        -------
        LimitScan

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        ParameterError
            If the parameter is no rate, the scan leaves the priors, or an argument is not allowed.
        FitError
            If a Bayesian average tells nothing.
        """
        from .background import with_background
        from .executors import Workers
        from .reports.studies.limits import limit_scan
        from .runs.bars import bar, counted

        self.refuse_nothing_free()
        chosen = with_background(self, background)
        with (
            Workers(executor, chosen.problem, chosen.own.plugins) as workers,
            bar("limit", progress) as shown,
        ):
            return limit_scan(
                chosen.problem,
                of,
                {} if scan is None else scan,
                method=method,
                toys=toys,
                background=background,
                seed=self.seed if seed is None else seed,
                report=counted(shown, report),
                work=workers.map,
            )

    def significance(
        self,
        of: str,
        scan: Mapping[str, Any] | None = None,
        *,
        toys: int = 1000,
        precision: float = 0.2,
        background: str = "sm",
        seed: int | None = None,
        begun: Sequence[ScanSignificance] = (),
        report: Callable[[ScanSignificance], None] | None = None,
        executor: Any = "serial",
        progress: bool | None = None,
    ) -> ScanSignificance:
        """How likely so large an excess is anywhere in a scan, where the rate is zero.

        Parameters
        ----------
        of : str
            Free parameter with a range from zero on which predictions depend linearly.
        scan : mapping of str to (k,) array, optional
            Values at which up to two other free parameters are held.
        toys : int
            At most.
        precision : float
            Relative error of the global p-value at which no more toys are drawn; 0 draws all.
        background : {"sm", "rescaled-sm"}
            As for `limit`.
        seed : int, optional
            That of the analysis file by default.
        begun : sequence of ScanSignificance
            Toys done before; those of the same scan are kept.
        report : callable, optional
            Told what is known after each chunk of toys; what it raises ends the work.
        executor : str or object
            Where chunks of toys are done, as for `toys`.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.

        Returns
        -------
        ScanSignificance

        Raises
        ------
        UnknownNameError
            If a name is not a free parameter.
        ParameterError
            If the parameter is no rate, predictions without it depend on what is scanned, no rate
            would be seen, or an argument is not allowed.
        FitError
            If the measured data or all toys cannot be fitted.
        """
        from .background import with_background
        from .executors import Workers
        from .reports.studies.significance import significance_job
        from .runs.bars import bar, searched

        self.refuse_nothing_free()
        job = significance_job(
            with_background(self, background).problem,
            of,
            {} if scan is None else scan,
            toys=toys,
            precision=precision,
            background=background,
            seed=self.seed if seed is None else seed,
            begun=begun,
        )
        with (
            bar("significance", progress) as shown,
            Workers(executor, job.search, self.own.plugins) as workers,
        ):
            return job.find(workers.map, workers.workers, searched(shown, report))

    def evidence(
        self,
        seeds: int = 2,
        report: Callable[[int, int, float], None] | None = None,
        executor: Any = "serial",
        progress: bool | None = None,
        **options: Any,
    ) -> tuple[tuple[WeightedSamples, ...], Evidence]:
        """Evidence and weighted samples of the posterior by nested sampling (extra ``nested``).

        Nuisance parameters inside terms are integrated out, as with ``nuisances: laplace``,
        whatever the analysis says. ln Z is that of normalised densities of all data
        (docs/statistics/statistics.md).

        Parameters
        ----------
        seeds : int
            Independent runs.
        report : callable, optional
            Told of the number of the run, points evaluated and effective samples.
        executor : str or object
            Where batches of points are evaluated, as for `toys`; runs on different ones agree
            within their errors.
        progress : bool, optional
            Whether to show a bar: in a notebook one is shown by default.
        **options
            Fields of `drivers.nested.NestedOptions`; its seed is that of the analysis.

        Returns
        -------
        tuple of WeightedSamples, Evidence
            One record for each run, and what they say together.

        Raises
        ------
        FitError
            If a prior is not normalised or a term is not the density of its data; all are named.
        MissingExtraError
            If nautilus is not installed.
        """
        from ..chains.statistics.evidence import evidence
        from .drivers.sampling.nested import NestedOptions
        from .evidence import evidence_runs, marginalised
        from .executors import Workers
        from .runs.bars import bar, nested

        chosen = NestedOptions(**{"runs": seeds, "seed": self.seed, **options})
        problem = marginalised(self)[0].problem
        with (
            Workers(executor, problem, self.own.plugins) as workers,
            bar("nested sampling", progress) as shown,
        ):
            work = None if workers.serial else workers.map
            told = nested(shown, chosen.effective, report)
            runs = evidence_runs(problem, chosen, report=told, work=work, pieces=workers.workers)
        return runs, evidence(runs)

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
