import sys

import bsinv
import numpy as np
import pytest
from bsinv.fitter.options import sampler_options
from bsinv.fitter.problem import Problem
from bsinv.fitter.reports.best_fit import parameter_records
from bsinv.fitter.reports.predictions import post_fit_spectra, predictions, thinned_samples
from bsinv.fitter.runs.fingerprint import fingerprint, versions


@pytest.fixture(scope="module")
def default():
    return bsinv.load("b2snunu-lfu")


@pytest.fixture(scope="module")
def best(default):
    return default.fit(minos=(), retries=1)


def test_the_default_fit(default, best):
    assert best.valid, best.status
    total = {"dC_L": -6.35, "dC_R": 0.0}
    rates = dict(zip(best.names, best.values, strict=True))
    # Only the modulus of C_L + C_R enters B -> K: compare what the data see.
    assert abs(total["dC_L"] + rates["dC_L"] + rates["dC_R"]) == pytest.approx(10.52, abs=0.05)
    # 10.43 and 7.196 with half Gaussians for the K* results of Belle 2017.
    assert best.minus_two_delta_log == pytest.approx(6.634, abs=0.01)
    assert best.reference_dof == 2
    np.testing.assert_allclose(best.reference_values[:2], 0.0)


def test_searches_share_their_batches(default, monkeypatch):
    """A point alone costs as much as twenty in a batch: the batches of a fit are counted."""
    sizes = []
    evaluate = Problem.log_likelihood

    def counted(self, theta):
        sizes.append(len(theta))
        return evaluate(self, theta)

    monkeypatch.setattr(Problem, "log_likelihood", counted)
    found = default.fit()
    assert found.valid
    # One start after the other took 3974 points in 2148 batches; 402 with steps beside walls.
    assert len(sizes) < 405
    assert np.mean(sizes) > 10


def test_terms_add_up(default, best):
    assert best.term_log_likelihood.sum() == pytest.approx(best.log_likelihood)
    assert best.term_names == tuple(term.name for term in default.terms)
    assert np.isfinite(best.term_pulls).all()


def test_observables_of_every_term(default, best):
    assert tuple(entry.term for entry in best.observables) == best.term_names
    pulls = np.array([entry.pull for entry in best.observables])
    np.testing.assert_array_equal(pulls, best.term_pulls)
    reference = np.array([entry.reference_pull for entry in best.observables])
    np.testing.assert_array_equal(reference, best.reference_term_pulls)
    belle2, *values = best.observables[:5]
    assert (belle2.observable, belle2.kind) == ("BR(B+->Knunu)", "likelihood")
    # The sum of the bins is the rate, but for the masses, which are those of the simulation.
    rate = default.observable("BR(B+->Knunu)", best.values[None])[0]
    assert belle2.prediction == pytest.approx(rate, rel=3e-3)
    for entry in values:
        assert entry.prediction == pytest.approx(rate, rel=1e-9)
        error = entry.error_plus if entry.prediction > entry.value else entry.error_minus
        assert entry.pull == pytest.approx((entry.value - entry.prediction) / error)
    limit = best.observables[5]
    assert (limit.kind, limit.level, limit.limit > 0) == ("upper limit", 0.9, True)
    assert limit.reference_prediction < limit.limit


def test_logarithms_are_those_of_the_chain(default, best):
    theta = best.values[None]
    assert best.log_prior == pytest.approx(default.problem.log_prior(theta)[0])
    assert best.log_posterior == pytest.approx(default.problem.log_posterior(theta)[0])
    assert best.log_constraint == pytest.approx(default.problem.log_constraint(theta)[0])
    assert best.log_penalised == pytest.approx(best.log_likelihood + best.log_constraint)


def test_profile_goes_through_the_best_fit(default, best):
    scan = default.profile("norm_BtoKstar", points=3, best=best)
    assert (scan.log_penalised <= best.log_penalised + 1e-4).all()
    assert scan.log_penalised[1] == pytest.approx(best.log_penalised, abs=1e-3)


def test_predictions_at_best_fit_reference_and_samples(default, best):
    samples = np.repeat(best.values[None], 3, axis=0)
    found = {entry.name: entry for entry in predictions(default.problem, best, samples)}
    rate = found["BR(B+->Knunu)"]
    np.testing.assert_allclose(rate.samples, rate.best_fit[None].repeat(3, axis=0))
    assert rate.reference[0] < rate.best_fit[0]
    spectrum = found["dBR/dq2(B+->Knunu)"]
    integral = np.trapezoid(spectrum.best_fit, spectrum.axis)
    assert integral == pytest.approx(rate.best_fit[0], rel=1e-3)


def test_post_fit_spectra_of_both_tags(default, best):
    inclusive, hadronic = post_fit_spectra(default.problem, best)
    assert inclusive.data.tolist() == [1830, 1837, 1685, 1064, 955, 758, 536, 431, 197]
    assert hadronic.data.tolist() == [110, 67, 26, 28, 14, 7]
    for spectrum in (inclusive, hadronic):
        total = spectrum.background + spectrum.signal_best
        middle = 0.5 * (spectrum.total_lower + spectrum.total_upper)
        np.testing.assert_allclose(total, middle, rtol=1e-9)
        assert (spectrum.signal_best > spectrum.signal_reference).all()
        assert (spectrum.total_upper > spectrum.total_lower).all()


def test_a_signal_strength_predicts_only_its_own_mode():
    a = bsinv.load("belle2-signal-strength")
    names = [entry.name for entry in predictions(a.problem, None, np.array([[1.0], [4.6]]))]
    assert "BR(B+->Knunu)" in names
    assert "BR(B0->K*nunu)" not in names


def test_thinned_samples_leave_out_the_burn_in(default, best):
    ensembles, _ = bsinv.load("belle2-signal-strength").sample(max_steps=20)
    samples = thinned_samples(ensembles, burn_in=10, size=50)
    assert samples.shape == (50, 1)
    kept = np.concatenate([entry.chain[10:].ravel() for entry in ensembles])
    assert np.isin(samples.ravel(), kept).all()


def test_parameter_records_hold_everything(default):
    records = {record.name: record for record in parameter_records(default.problem)}
    assert records["dC_L"].free
    assert records["dC_L"].prior == "uniform [-30, 30]"
    assert records["BtoK_a0_f+"].role == "form factor"
    assert records["norm_BtoKstar"].role == "input"


def test_options_of_the_file_and_changes_to_them(default):
    given = default.problem, default.spec.sampler, 1
    options = sampler_options(*given, max_steps=10)
    assert (options.walkers, options.target_ess, options.max_steps) == (96, 1000, 10)
    assert sampler_options(*given, target_ess=10_000).walkers == 250
    assert (
        sampler_options(
            default.problem, default.spec.sampler, 1, target_ess=10_000, walkers=30
        ).walkers
        == 30
    )


def test_a_resumed_chain_keeps_its_walkers():
    """The number chosen depends on the target, which may have changed."""
    analysis = bsinv.load("belle2-signal-strength")
    first, _ = analysis.sample(max_steps=5, target_ess=100)
    again, _ = analysis.sample(max_steps=10, target_ess=10_000, resume=first)
    assert first[0].walkers == again[0].walkers == 96
    assert again[0].steps == 10


def test_a_fingerprint_names_what_differs(default):
    one = fingerprint(default, 1)
    assert one == fingerprint(bsinv.load("b2snunu-lfu"), 1)
    assert fingerprint(default, 2)["seed"] != one["seed"]
    text = default.text.replace("uniform: [-30, 30]", "uniform: [-29, 30]")
    other = fingerprint(bsinv.load(text), 1)
    differing = {key for key in one if one[key] != other[key]}
    assert differing == {"parameters and priors", "likelihood at the start"}
    assert versions(())["bsinv"] == bsinv.__version__


def test_versions_are_those_of_the_terms_whatever_else_was_imported(default, monkeypatch):
    before = versions(default.terms)
    monkeypatch.setitem(sys.modules, "flavio", sys)
    assert versions(default.terms) == before
    assert "flavio" not in before
