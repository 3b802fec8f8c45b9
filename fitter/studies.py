"""Studies of an analysis: toys, limits, significances of excesses and evidence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .checked import CheckedFile
from .parameters.priors import Array

if TYPE_CHECKING:
    from ..chains.records import (
        BestFit,
        LimitScan,
        ScanSignificance,
        ToyStudy,
        WeightedSamples,
    )
    from ..chains.statistics.evidence import Evidence
    from .reports.studies.toys import At

__all__ = ["Studies"]


class Studies(CheckedFile, ABC):
    """A checked analysis file that can be fitted, with the studies that rest on fits.

    Parameters, attributes and errors are those of `CheckedFile`.
    """

    @abstractmethod
    def fit(
        self,
        progress: Callable[[int], None] | bool | None = None,
        starts: Sequence[Array] = (),
        **options: Any,
    ) -> BestFit:
        """Best fit to the measured data, see `Analysis.fit`."""

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

        What they say is in `chains.statistics` (`toys`, `coverage`) and, as tables, in
        `chains.tables.toys`: p-values, coverage of intervals, pulls, goodness of fit
        (docs/statistics/statistics.md).

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
