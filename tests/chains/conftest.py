"""Synthetic runs shared by the tests of results."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.records import (
    BestFit,
    Ensemble,
    ObservableRecord,
    ParameterRecord,
    PostFitSpectrum,
    Prediction,
    RunFile,
    Scan,
    SupportReport,
    WeightedSamples,
)

NAMES = ("dC_L", "dC_R", "VtbVts")


def make_ensemble(rng, steps=400, walkers=16, names=NAMES, shift=0.0, rho=0.0):
    """AR(1) walkers with correlation rho between steps, unit variance, mean `shift`."""
    noise = rng.normal(size=(steps, walkers, len(names)))
    chain = np.empty_like(noise)
    chain[0] = noise[0]
    for step in range(1, steps):
        chain[step] = rho * chain[step - 1] + np.sqrt(1 - rho**2) * noise[step]
    chain += shift
    log_likelihood = -0.5 * np.sum((chain - shift) ** 2, axis=2)
    log_prior = np.full((steps, walkers), -7.4)
    state = np.random.RandomState(int(rng.integers(1000))).get_state()
    return Ensemble(
        names=names,
        chain=chain,
        log_posterior=log_likelihood + log_prior,
        log_likelihood=log_likelihood,
        log_prior=log_prior,
        accepted=np.full(walkers, 0.3 * steps),
        random_state=state,
    )


@pytest.fixture(name="make_ensemble")
def make_ensemble_fixture():
    return make_ensemble


@pytest.fixture(name="make_weighted")
def make_weighted_fixture():
    return make_weighted


def make_run(steps=400, seed=5):
    rng = np.random.default_rng(seed)
    parameters = (
        ParameterRecord(
            "dC_L", r"\delta C_L", "", "model", "uniform [-20, 20]", -20.0, 20.0, start=0.0
        ),
        ParameterRecord(
            "dC_R", r"\delta C_R", "", "model", "uniform [-20, 20]", -20.0, 20.0, start=0.0
        ),
        ParameterRecord(
            "VtbVts", r"V_{tb}V_{ts}^*", "", "input", "normal [0.041, 0.001]", start=0.041
        ),
        ParameterRecord("m_X", "m_X", "GeV", "model", "", free=False, value=0.5),
        ParameterRecord("dC_L_ee", "", "", "model", "= dC_L", free=False),
    )
    fit = BestFit(
        names=NAMES,
        values=[0.1, -0.2, 0.041],
        covariance=np.diag([1.0, 1.0, 1e-6]),
        errors=[1.0, 1.0, 1e-3],
        log_likelihood=-3.0,
        log_prior=-1.0,
        status="The fit converged at the first attempt.",
        valid=True,
        minos=[[-0.9, 1.1], [np.nan, np.nan], [np.nan, np.nan]],
        minos_status=("valid", "", ""),
        edm=1e-6,
        n_calls=123,
        ladder=("migrad: converged",),
        seconds=0.5,
        term_names=("belle2-2023-bknunu", "belle-2017-bkstnunu"),
        term_log_likelihood=[-2.0, -1.0],
        term_pulls=[0.3, np.nan],
        reference_label="SM",
        reference_values=[0.0, 0.0, 0.041],
        reference_log_likelihood=-7.0,
        reference_log_prior=-1.0,
        reference_term_log_likelihood=[-6.0, -1.0],
        reference_term_pulls=[2.7, np.nan],
        reference_dof=2,
        observables=make_observables(),
    )
    grid = np.linspace(-3, 3, 7)
    scan = Scan(
        name="profile of dC_L",
        parameters=("dC_L",),
        axes=(grid,),
        log_likelihood=-0.5 * grid**2,
        other_names=("dC_R",),
        other_values=grid[:, None],
    )
    q2 = np.linspace(0, 22, 12)
    samples = 1e-6 * (1 + 0.1 * rng.normal(size=(50, 1))) * (1 - q2 / 23)
    prediction = Prediction(
        name="dBR/dq2(B+->Knunu)",
        samples=samples,
        best_fit=1e-6 * (1 - q2 / 23),
        latex=r"d\mathcal{B}/dq^2",
        unit="GeV^-2",
        axis=q2,
    )
    return RunFile(
        name="wet-scalar",
        analysis_text="name: wet\nμ: 1\n" + "# long\n" * 1000,
        seed=2**80 + 1,
        parameters=parameters,
        fingerprint={"analysis": "abc", "seed": "1"},
        versions={"bsinv": "0.1.0", "numpy": np.__version__},
        created="2024-01-02T03:04:05+00:00",
        best_fit=fit,
        scans=(scan,),
        ensembles=tuple(make_ensemble(rng, steps=steps) for _ in range(2)),
        predictions=(prediction,),
        spectra=(make_spectrum(),),
        support=make_support(),
        notes=("Priors of inputs count as data.",),
    )


def make_weighted(seed, size=6000, shift=0.0, **changes):
    """Unit normal distribution in two parameters, and a narrow one; points from a wider one.

    With the Gaussian likelihood exp(-x^2/2) for each and flat priors of width 20 (and 1), ln Z is
    2 ln(sqrt(2 pi) / 20) + ln(0.001 sqrt(2 pi)).
    """
    rng = np.random.default_rng(seed)
    scale = np.array([1.0, 1.0, 1e-3])
    centre = np.array([shift, 0.0, 0.041])
    z = rng.normal(size=(size, 3)) * 1.5
    log_likelihood = -0.5 * np.sum(z**2, axis=1)
    log_weights = log_likelihood + 0.5 * np.sum(z**2, axis=1) / 1.5**2
    exact = 1.5 * np.log(2.0 * np.pi) - 2.0 * np.log(20.0) + np.log(1e-3)
    given = {
        "log_evidence": float(exact + 0.01 * rng.normal()),
        "log_evidence_error": 0.01,
        "sampler": "made up 1.0",
        "options": {"seed": str(seed), "live points": "500"},
        "n_calls": 2 * size,
    }
    return WeightedSamples(
        names=NAMES,
        points=centre + scale * z,
        log_weights=log_weights,
        log_likelihood=log_likelihood,
        log_prior=np.full(size, -2.0 * np.log(20.0)),
        **given | changes,
    )


@pytest.fixture
def nested(run):
    """A run with samples with weights and no ensembles."""
    return dataclasses.replace(run, ensembles=(), weighted=(make_weighted(17), make_weighted(18)))


def make_observables():
    """A likelihood, a limit, a value with a theory error, and a mass bound, without order."""
    return (
        ObservableRecord(
            "belle2-2023-bknunu",
            "BR(B+->Knunu)",
            prediction=1.9e-5,
            pull=0.3,
            reference_prediction=4.4e-6,
            reference_pull=2.7,
        ),
        ObservableRecord(
            "belle_2017_kst0nunu",
            "BR(B0->K*nunu)",
            kind="upper limit",
            limit=1.8e-5,
            level=0.9,
            prediction=1.2e-5,
            pull=-1.1,
            reference_prediction=9.5e-6,
            reference_pull=-0.87,
        ),
        ObservableRecord(
            "hflav_2024_dms",
            "DeltaM_s",
            "ps^-1",
            "value",
            17.766,
            0.006,
            0.006,
            theory_error=0.95,
            prediction=17.3,
            pull=0.49,
            reference_prediction=17.34,
            reference_pull=0.45,
        ),
        ObservableRecord(
            "atlas_2024_sLQ_btau",
            "m(scalar LQ), BR(->b tau)=1",
            "GeV",
            "lower limit",
            limit=1480.0,
            level=0.95,
        ),
    )


def make_support():
    """Two channels, three generated bins, one narrow peak."""
    return SupportReport(
        term="belle2-2023-bknunu",
        verdict="The published simulation supports this spectrum only in part: a peak.",
        supported=False,
        bins=("ITA-SR 1", "ITA-SR 2", "HTA 1"),
        nominal_events=[10.0, 5.0, 1.0],
        expected_events=[30.0, 10.0, 4.0],
        outside_events=[0.0, 0.0, 0.1],
        published_error=[0.1, 0.08, 0.16],
        reweighted_error=[0.2, 0.4, 1.6],
        counted_error=[0.01, 0.02, 0.03],
        q2_edges=[0.0, 1.0, 2.0, 3.0],
        weights=[1.0, 40.0, 1.0],
        simulated_events=[1e4, 1e3, 3.0],
        changes=[0.0, 3.9, 0.1],
        changed_bins=[1],
        peaks=[[1.5, 0.004]],
        unsupported_rate=0.02,
        unsupported_events=0.001,
        outside_fraction=0.0001,
        changed_events=0.5,
        largest_weight=40.0,
        mean_weight=3.0,
    )


def make_spectrum():
    """Counts like those of the signal region of Belle II 2023 (inclusive tag)."""
    signal = np.array([15.9, 14.2, 10.0, 18.6, 13.9, 7.5, 24.6, 11.9, 3.5])
    charged = np.array([385.2, 745.3, 1028.2, 308.0, 476.9, 505.9, 242.8, 217.0, 148.0])
    mixed = np.array([243.6, 484.2, 512.2, 185.2, 277.6, 211.7, 103.4, 102.5, 41.6])
    continuum = np.array([968.5, 411.9, 170.6, 526.1, 141.9, 46.2, 92.4, 22.8, 7.0])
    best = 4.6 * signal
    total = charged + mixed + continuum + best
    return PostFitSpectrum(
        channel="ITA signal region",
        groups=tuple(
            rf"${lo:.2f} < \eta < {hi:.2f}$" for lo, hi in ((0.94, 0.96), (0.96, 0.98), (0.98, 1))
        ),
        edges=[-1.0, 4.0, 8.0, 25.0],
        data=[1830.0, 1837.0, 1685.0, 1064.0, 955.0, 758.0, 536.0, 431.0, 197.0],
        backgrounds={"continuum": continuum, "neutral B": mixed, "charged B": charged},
        signal_best=best,
        signal_reference=signal,
        total_lower=total * 0.98,
        total_upper=total * 1.02,
        reference_label="SM",
    )


@pytest.fixture
def run():
    return make_run()


@pytest.fixture
def spectrum():
    return make_spectrum()
