"""Terms of one's own: values against pyhf, every key, one sentence for what does not fit."""

import json

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.errors import DataError, ParameterError, UnknownNameError
from bsinv.likelihoods.reweighted.build import pyhf_term, reweighted_term
from bsinv.likelihoods.reweighted.inspection import efficiency
from bsinv.likelihoods.reweighted.inspection.post_fit import post_fit
from bsinv.likelihoods.reweighted.inspection.support import spectrum_support
from bsinv.likelihoods.reweighted.joint import joint_term
from bsinv.models import model as find_model
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson
from numpy.testing import assert_allclose

from . import toy_channel
from .test_redist import plain
from .toy_channel import arguments, null_spectrum, reweighted

pyhf = pytest.importorskip("pyhf")
INPUTS = Inputs.default()


@pytest.fixture(scope="module")
def ks():
    return reweighted_term("ks", **arguments())


@pytest.fixture(scope="module")
def spectra_ks():
    """Five spectra that are not the null."""
    position = 0.5 * (toy_channel.EDGES[1:] + toy_channel.EDGES[:-1]) / 22.0
    shapes = [position, 1.0 - position**2, np.exp(-4 * position), 0.5 + 0 * position, position**3]
    return np.array([3.0 * null_spectrum().sum() * shape / np.sum(shape) for shape in shapes])


def pyhf_profile(content, fixed):
    """-2 ln L of pyhf with minuit, parameters held."""
    workspace = pyhf.Workspace(content, validate=False)
    model = workspace.model(validate=False)
    pyhf.set_backend("numpy", pyhf.optimize.minuit_optimizer(strategy=2, tolerance=1e-7))
    start, held = model.config.suggested_init(), model.config.suggested_fixed()
    for name, value in fixed.items():
        where = model.config.par_slice(name)
        start[where], held[where] = [value], [True]
    _, twice = pyhf.infer.mle.fit(
        workspace.data(model), model, init_pars=start, fixed_params=held, return_fitted_val=True
    )
    return float(twice)


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
def test_profile_against_pyhf(ks, spectra_ks):
    for row in spectra_ks:
        weights = {"ks_sr": ks.weights(row)[0, :3]}
        content = reweighted(toy_channel.workspace(), {"ks_sr": "ks_signal"}, weights)
        twice = pyhf_profile(content, {"mu": 1.0})
        assert -2 * ks.log_likelihood(row)[0] == pytest.approx(twice, abs=1e-6)


def test_weights_from_the_density(ks, spectra_ks):
    density, null = toy_channel.density(), null_spectrum()
    expected = (density[:, 0] + (density[:, 1:] * (spectra_ks[1] / null)).sum(axis=1)) / (
        density.sum(axis=1)
    )
    assert_allclose(ks.weights(spectra_ks[1])[0], expected)


def test_prediction_is_that_of_the_observable(ks):
    wilson = Wilson()
    prediction = ks.predict(wilson, INPUTS)
    assert prediction.shape == (1, 23)
    for low, high, found in zip(
        toy_channel.EDGES, toy_channel.EDGES[1:], prediction[0, 1:], strict=False
    ):
        expected = observable("BR(B0->KSnunu)")(wilson, INPUTS, q2min=low, q2max=high)
        assert found == pytest.approx(expected[0], rel=1e-9)
    assert ks.observable_values(prediction)[0, 0] == pytest.approx(prediction[0, 1:].sum())
    assert ks.quoted()[0].observable == "BR(B0->KSnunu)"


def test_support_and_efficiency(ks):
    """Reports that the Belle II term has, for a term of one's own."""
    process = ks.signal.processes[0]
    prediction = ks.predict(Wilson(), INPUTS)[0]
    report = spectrum_support(ks, prediction, lambda edges: ks.spectrum(Wilson(), INPUTS, edges)[0])
    assert report.bins == ("ks_sr 1", "ks_sr 2", "ks_sr 3")
    rates = ks.model.nominal[0] * ks.weights(prediction)[0]
    assert_allclose(report.expected_events, rates)
    assert_allclose(report.outside_events, [0.02, 0.03, 0.01])
    # The weight changes smoothly, and the null spectrum inside bins is known from its sum.
    quarters = np.linspace(0.0, 22.0, 89)
    # A cubic sum knows its ends less well.
    assert_allclose(process.null_in(quarters), null_spectrum(quarters), rtol=0.05)
    assert (report.changes[:15] < 0.3).all()
    events = efficiency.efficiency(signal=ks.signal)
    assert_allclose(events[0], toy_channel.density()[:, 1:].sum(axis=0) / null_spectrum())
    assert efficiency.channels(ks.signal) == ("ks_sr",)
    assert_allclose(efficiency.efficiency_ratio(null_spectrum(), signal=ks.signal), 1.0)


def test_published_files_through_the_general_path(belle2, spectra, tmp_path):
    """HEPData 166082 as three densities and a null file on disk: ln L to 1e-10."""
    published = belle2_2023()
    (tmp_path / "likelihood.json").write_text(json.dumps(plain(published.workspace)))
    np.savetxt(tmp_path / "null.csv", belle2.null_columns[1:], delimiter=",", fmt="%.17g")
    entries = []
    for number, (channel, density) in enumerate(published.densities.items()):
        np.savetxt(tmp_path / f"density_{number}.csv", density, delimiter=",", fmt="%.17g")
        entries.append(
            {
                "channel": channel,
                "sample": published.signal_samples[channel],
                "observable": "dBR/dq2(B+->Knunu)",
                "density": f"density_{number}.csv",
            }
        )
    term = reweighted_term(
        "own",
        workspace="likelihood.json",
        fix={"mu": 1},
        signal=entries,
        bins={"q2": [-1, {"start": 0, "stop": 22.885, "bins": 100}]},
        cutoff={"q2": [0, 22.885]},
        null_spectrum="null.csv",
        directory=tmp_path,
    )
    assert len(term.signal.processes) == 1
    assert_allclose(term.log_likelihood(spectra), belle2.log_likelihood(spectra), atol=1e-10)
    without = reweighted_term(
        "own",
        workspace=tmp_path / "likelihood.json",
        fix={"mu": 1},
        theory_modifiers=["corr_ff_c1", "corr_ff_c2", "corr_ff_c3"],
        signal=[{**each, "density": tmp_path / each["density"]} for each in entries],
        bins={"q2": [-1, {"start": 0, "stop": 22.885, "bins": 100}]},
        cutoff={"q2": [0, 22.885]},
        null_spectrum=tmp_path / "null.csv",
        nuisances="laplace",
    )
    assert without.model.n_alpha == 48
    assert np.isfinite(without.log_likelihood(spectra[:2])).all()


def combined(ks, belle2, weights_ks, weights_belle2):
    """Both workspaces in one, their signals reweighted, one nuisance parameter in common."""
    published = belle2_2023()
    bins = dict(belle2.model.channels)
    own = reweighted(
        plain(published.workspace),
        dict(published.signal_samples),
        {name: weights_belle2[bins[name]] for name in bins},
    )
    toy = reweighted(toy_channel.workspace(), {"ks_sr": "ks_signal"}, {"ks_sr": weights_ks})
    for sample in toy["channels"][0]["samples"]:
        for modifier in sample["modifiers"]:
            if modifier["name"] == "norm_ccbar":
                modifier["name"] = "mu_bkg_ccbar"
    return {
        "channels": own["channels"] + toy["channels"],
        "observations": own["observations"] + toy["observations"],
        "measurements": toy["measurements"],
        "version": "1.0.0",
    }


@pytest.fixture(scope="module")
def joint(ks, belle2):
    correlate = [{"belle2-2023-bknunu": "mu_bkg_ccbar", "ks": "norm_ccbar"}]
    return joint_term([belle2, ks], correlate)


def test_joint_term(joint, ks, belle2, spectra, spectra_ks):
    assert joint.model.n_alpha == belle2.model.n_alpha + ks.model.n_alpha - 1
    assert joint.observables == ("dBR/dq2(B+->Knunu)", "dBR/dq2(B0->KSnunu)")
    both = np.concatenate([belle2.columns(spectra[:5]), ks.columns(spectra_ks)], axis=1)
    # Without anything in common the terms add up.
    apart = joint_term([belle2, ks], [])
    expected = belle2.log_likelihood(spectra[:5]) + ks.log_likelihood(spectra_ks)
    assert_allclose(apart.log_likelihood(both), expected, atol=1e-7)
    assert abs(joint.log_likelihood(both) - expected).max() > 0.1
    assert_allclose(joint.predict(Wilson(), INPUTS).shape, (1, 124))
    toys = joint.sample(both, np.random.default_rng(1))
    assert np.isfinite(joint.log_likelihood(both, toys)).all()
    assert toys.auxiliary["alpha"].shape[1] == joint.model.n_alpha - 1


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
def test_joint_profile_at_five_spectra(joint, ks, belle2, spectra, spectra_ks):
    """pyhf's log-density of the combined workspace at our minimum is the profiled value, and its
    gradient vanishes there in every parameter."""
    for row in range(5):
        weights = ks.weights(spectra_ks[row])[0, :3], belle2.weights(spectra[row])[0]
        peer_workspace = pyhf.Workspace(combined(ks, belle2, *weights), validate=False)
        peer = peer_workspace.model(validate=False)
        data = np.array(peer_workspace.data(peer))
        both = np.concatenate([belle2.columns(spectra[row]), ks.columns(spectra_ks[row])], axis=1)
        parameters = joint_parameters(joint, peer, joint.profiled(both))
        theirs = float(peer.logpdf(parameters, data)[0])
        assert joint.log_likelihood(both)[0] == pytest.approx(theirs, abs=1e-6)
        held = peer.config.par_slice("mu")
        for index in range(0, peer.config.npars, 7 if row else 1):
            if held.start <= index < held.stop:
                continue
            step = np.zeros(peer.config.npars)
            step[index] = 1e-4
            sides = [float(peer.logpdf(parameters + sign * step, data)[0]) for sign in (1, -1)]
            # -ln L falls by slope^2/(2 curvature) at most.
            slope, bend = (sides[0] - sides[1]) / 2e-4, (2 * theirs - sum(sides)) / 1e-8
            assert bend > 0
            assert slope**2 / (2 * bend) < 1e-7


def joint_parameters(joint, peer, rates):
    """Parameters of the combined workspace in pyhf's order."""
    names = {}
    for name, value in zip(joint.model.alpha_names, rates.alpha[0], strict=True):
        for part in name.split("="):
            names[part.split("/", 1)[1]] = value
    factors = joint.model.entry_factors(rates)[0]
    values = []
    for name in peer.config.par_order:
        if name == "mu":
            values.append(1.0)
        elif name in names:
            values.append(names[name])
        else:
            values += list(_bins_of(joint, peer, factors, name))
    return np.array(values)


def _bins_of(joint, peer, factors, name):
    channels = dict(joint.model.channels)
    samples = dict(zip(channels, joint.model.samples, strict=True))
    for channel in peer.spec["channels"]:
        for sample in channel["samples"]:
            if any(each["name"] == name for each in sample["modifiers"]):
                own = next(each for each in channels if each.endswith("/" + channel["name"]))
                slot = next(s for s, label in samples[own].items() if label == sample["name"])
                return factors[slot, channels[own]]
    raise KeyError(name)


def test_what_cannot_be_correlated(ks, belle2):
    name = "belle2-2023-bknunu"
    with pytest.raises(DataError, match=r"constraints: .*ccbar \(normal\) and ks/"):
        joint_term([belle2, ks], [{name: "mu_bkg_ccbar", "ks": "free_bb"}])
    with pytest.raises(UnknownNameError, match="norm_ccba"):
        joint_term([belle2, ks], [{name: "mu_bkg_ccbar", "ks": "norm_ccba"}])
    with pytest.raises(UnknownNameError, match="kz"):
        joint_term([belle2, ks], [{name: "mu_bkg_ccbar", "kz": "norm_ccbar"}])
    with pytest.raises(DataError, match="staterror, which acts bin by bin"):
        joint_term([belle2, ks], [{name: "mu_bkg_ccbar", "ks": "ks_stat"}])
    with pytest.raises(DataError, match="'norm_ccbar' of ks is correlated twice"):
        joint_term(
            [belle2, ks],
            [{name: "mu_bkg_ccbar", "ks": "norm_ccbar"}, {name: "corr_pid_c1", "ks": "norm_ccbar"}],
        )


def test_asimov_and_post_fit(ks, spectra_ks):
    row = ks.columns(spectra_ks[2])
    asimov = ks.asimov(row)
    assert_allclose(ks.log_likelihood(row, asimov), ks.saturated(asimov), atol=1e-7)
    (counts,) = post_fit(ks, row[0]).values()
    assert list(counts.samples) == ["ks_signal", "ks_ccbar", "ks_bb"]
    assert_allclose(sum(counts.samples.values()), counts.expected, rtol=1e-9)
    assert (counts.error < 1.1 * np.sqrt(counts.expected)).all()
    pull = ks.pull(row)
    assert np.isfinite(pull).all()


def test_laplace_needs_priors(ks):
    with pytest.raises(ParameterError, match="ks: nuisances 'laplace' need priors, and free_bb"):
        reweighted_term("ks", **arguments(), nuisances="laplace")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"density": toy_channel.density()[:, :22]},
            "ks: the density has 3 rows and 22 columns, sample 'ks_signal' of 'ks_sr' needs 3 "
            "analysis bins and 23 kinematic bins",
        ),
        (
            {"density": toy_channel.density().T},
            "ks: the density has 23 rows and 3 columns, sample 'ks_signal' of 'ks_sr' needs 3 "
            "analysis bins and 23 kinematic bins; its transpose would fit",
        ),
        (
            {"density": toy_channel.density() * [[1.0], [1.001], [1.0]]},
            "ks: row 1 of the density adds up to 17.57875 events, bin 1 of sample 'ks_signal' of "
            "'ks_sr' has 17.56119; its transpose would not fit",
        ),
        ({"observable": "dBR/dq2(B0->Kznunu)"}, "dBR/dq2(B0->Kznunu)"),
        ({"observable": "BR(B0->KSnunu)"}, "BR(B0->KSnunu): a spectrum in q2 is needed"),
        ({"channel": "sr"}, "ks: no channel 'sr', but ks_sr"),
        ({"sample": "sig"}, "ks: channel 'ks_sr' has no sample 'sig', but ks_signal"),
        ({"densty": 1}, "densty"),
    ],
)
def test_entries_that_do_not_fit(change, message):
    given = arguments()
    given["signal"] = [{**given["signal"][0], **change}]
    with pytest.raises((DataError, UnknownNameError)) as error:
        reweighted_term("ks", **given)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fix": {}}, "'mu' is the parameter of interest of the weighted sample 'ks_signal'"),
        ({"fix": {"mu": 0}}, "ks: the weighted samples have 0 events, with parameters held as"),
        ({"bins": {"q2": [0, 5, 3]}}, "ks: edges of the bins of q2 must increase"),
        ({"bins": {"t": [0, 5]}}, "ks: bins and cutoff are given for q2, or q2 and cos, not for"),
        ({"cutoff": {"q2": [30, 40]}}, "ks: no bin of q2 lies inside the cutoff [30, 40]"),
        (
            {"null_spectrum": null_spectrum()[:-2]},
            "ks: the null spectrum has 20 bins: 23",
        ),
        ({"null_spectrum": -null_spectrum()}, "ks: the null spectrum is negative in bin 0"),
        ({"null_spectrum": {"obs": 1}}, "ks: null_spectrum does not know 'obs'"),
        ({"null_spectrum": None}, "ks: null_spectrum of dBR/dq2(B0->KSnunu) is needed"),
        ({"theory_modifiers": ["ff"]}, "ks: modifiers to drop that the workspace does not have"),
        ({"template_errors": "other"}, "ks: template_errors 'other' is not known"),
        ({"measurement": "n"}, "ks: no measurement 'n', but m"),
        ({"interpolation": {"histosys": 7}}, "ks: interpolation code 7 of histosys is not known"),
        ({"signal": []}, "ks: no sample is weighted by a prediction"),
        ({"signal": {"channel": "x"}}, "ks: signal is a list of entries with channel, sample"),
        ({"signal": ["x"]}, "ks: signal is a list of entries with channel, sample"),
        ({"bins": [1, 2]}, "ks: bins is a mapping of q2 (and cos) to a list, not [1, 2]"),
        ({"bins": {"q2": ["a", 1]}}, "ks: an edge of q2 is a number, not 'a'"),
        ({"cutoff": {"q2": 3}}, "ks: cutoff is a mapping of q2 (and cos) to a list"),
        ({"cutoff": {"q2": [1, 2, 3]}}, "ks: the cutoff of q2 has two ends, not 3"),
        ({"fix": ["mu"]}, "ks: fix is a mapping of parameters to numbers, not ['mu']"),
        ({"fix": {"mu": "x"}}, "ks: fix is a mapping of parameters to numbers"),
        ({"theory_modifiers": "ks_eff"}, "ks: theory_modifiers is a list of names, not 'ks_eff'"),
        ({"interpolation": "4p"}, "ks: interpolation is a mapping of type of modifier to code"),
        ({"workspace": [1]}, "ks: a workspace is a file or a mapping, not list"),
        ({"null_spectrum": "no.csv"}, "ks: no.csv cannot be read"),
        ({"null_spectrum": 3.0}, "ks: null_spectrum is a file, or observable, form_factors"),
    ],
)
def test_arguments_that_do_not_fit(change, message):
    with pytest.raises((DataError, ParameterError)) as error:
        reweighted_term("ks", **(arguments() | change))
    assert message in str(error.value)


def test_null_spectrum_that_is_predicted():
    """The Standard Model with constants and form factors of its own."""
    null = {"observable": "dBR/dq2(B0->KSnunu)", "inputs": {"VtbVts": 0.04}}
    term = reweighted_term("ks", **(arguments() | {"null_spectrum": null}))
    inputs = INPUTS.replace(constants={"VtbVts": 0.04})
    assert_allclose(term.predict(Wilson(), inputs)[0], term.null_columns, rtol=1e-12)
    assert_allclose(term.weights(term.predict(Wilson(), inputs)), 1.0)


def test_null_that_is_zero_where_there_are_events():
    null = null_spectrum()
    null[-1] = 0.0
    term = reweighted_term("ks", **(arguments() | {"null_spectrum": null}))
    with pytest.raises(DataError, match="ks: the null spectrum is zero in column 22, from which"):
        term.log_likelihood(null_spectrum())


def test_helicity_angle():
    """d2BR/dq2dcos integrates to dBR/dq2, and its second moment in cos gives F_L."""
    cos = np.linspace(-1.0, 1.0, 41)
    content = toy_channel.workspace()
    bins = {"q2": [0, 5, 10, 19], "cos": [{"start": -1, "stop": 1, "bins": 40}]}
    rng = np.random.default_rng(3)
    signal = np.array(content["channels"][0]["samples"][0]["data"])
    density = rng.dirichlet(np.ones(120), 3) * signal[:, None]
    term = reweighted_term(
        "kst",
        workspace=content,
        fix={"mu": 1},
        bins=bins,
        null_spectrum={},
        signal=[
            {
                "channel": "ks_sr",
                "sample": "ks_signal",
                "observable": "d2BR/dq2dcos(B0->K*nunu)",
                "density": density,
            }
        ],
    )
    wet = find_model("wet-lfu")
    wilson = wet.wilson(wet.complete({"dC_R": np.array([2.0])}), INPUTS)
    table = term.predict(wilson, INPUTS)[0, 1:].reshape(3, 40)
    for row, (low, high) in zip(table, [(0, 5), (5, 10), (10, 19)], strict=True):
        total = observable("BR(B0->K*nunu)")(wilson, INPUTS, q2min=low, q2max=high)[0]
        assert row.sum() == pytest.approx(total, rel=1e-9)
        longitudinal = observable("<FL>(B0->K*nunu)")(wilson, INPUTS, q2min=low, q2max=high)[0]
        middle = 0.5 * (cos[1:] + cos[:-1])
        second = (row * (middle**2 + (cos[1] - cos[0]) ** 2 / 12)).sum() / row.sum()
        # <cos^2> = 1/5 (1 - F_L) + 3/5 F_L; the bins are even in second moments to 1e-3.
        assert second == pytest.approx(0.2 + 0.4 * longitudinal, abs=1e-3)
    assert np.isfinite(term.log_likelihood(term.predict(wilson, INPUTS))).all()
    with pytest.raises(DataError, match=r"d2BR/dq2dcos\(B0->K\*nunu\) needs bins of q2 and cos"):
        reweighted_term(
            "kst",
            **(
                arguments()
                | {
                    "signal": [
                        {**arguments()["signal"][0], "observable": "d2BR/dq2dcos(B0->K*nunu)"}
                    ]
                }
            ),
        )


def test_several_signals_each_with_its_process():
    """K_S signal and feed-down of K*: two processes, two slots in one channel."""
    content = toy_channel.workspace()
    feed = {
        "name": "feed",
        "data": [4.0, 3.0, 2.0],
        "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
    }
    content["channels"][0]["samples"].append(feed)
    rng = np.random.default_rng(4)
    density = rng.dirichlet(np.ones(5), 3) * np.array([[4.0], [3.0], [2.0]])
    given = arguments()
    given["signal"].append(
        {
            "channel": "ks_sr",
            "sample": "feed",
            "observable": "dBR/dq2(B0->K*nunu)",
            "density": density,
            "bins": {"q2": [{"start": 0, "stop": 19, "bins": 5}]},
            "cutoff": None,
            "null_spectrum": {},
        }
    )
    term = reweighted_term("ks", **(given | {"workspace": content}))
    assert term.model.signals == 2
    assert term.observables == ("dBR/dq2(B0->KSnunu)", "dBR/dq2(B0->K*nunu)")
    prediction = term.predict(Wilson(), INPUTS)
    assert prediction.shape == (1, 23 + 6)
    weights = term.weights(
        np.concatenate([2.0 * term.null_columns[:23], 3.0 * term.null_columns[23:]])
    )
    assert_allclose(weights[0], [2.0] * 3 + [3.0] * 3)
    rates = term.profiled(prediction)
    assert_allclose(rates.rate.shape, (1, 4, 3))
    assert np.isfinite(term.log_likelihood(prediction)).all()
    assert term.data.values.shape == (1, 3)


@pytest.mark.filterwarnings("ignore:jsonschema.RefResolver")
def test_plain_workspace():
    content = toy_channel.workspace()
    term = pyhf_term("plain", file=content, parameter_map={"mu": "RK(nunu)"})
    assert term.observables == ("RK(nunu)",)
    prediction = term.predict(Wilson(), INPUTS)
    assert_allclose(prediction, [[1.0, 1.0]], rtol=1e-9)
    for strength in (0.0, 0.7, 2.5):
        ours = -2 * term.log_likelihood(np.array([[1.0, strength]]))[0]
        assert ours == pytest.approx(pyhf_profile(content, {"mu": strength}), abs=1e-6)
    assert term.quoted()[0].observable == "RK(nunu)"
    with pytest.raises(DataError, match="'ks_eff' is a normsys, parameter_map needs norm factors"):
        pyhf_term("plain", file=content, parameter_map={"ks_eff": "RK(nunu)"})
    with pytest.raises(DataError, match="the workspace has no norm factor 'nu'"):
        pyhf_term("plain", file=content, parameter_map={"nu": "RK(nunu)"})
    with pytest.raises(DataError, match=r"mu is predicted \(parameter_map\) .* held at 2.0"):
        pyhf_term("plain", file=content, parameter_map={"mu": "RK(nunu)"}, fix={"mu": 2.0})
    with pytest.raises(DataError, match="mu needs one number, and dBR/dq2"):
        pyhf_term("plain", file=content, parameter_map={"mu": "dBR/dq2(B+->Knunu)"})


def test_nothing_expected_where_there_are_events():
    """A bin that has only signal, and a prediction without any: impossible, not merely unlikely."""
    content = toy_channel.workspace()
    for sample in content["channels"][0]["samples"][1:]:
        sample["data"][2] = 0.0
        for modifier in sample["modifiers"]:
            if modifier["type"] == "staterror":
                modifier["data"][2] = 0.0
    term = pyhf_term("plain", file=content, parameter_map={"mu": "RK(nunu)"})
    log = term.log_likelihood(np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert log[0] == -np.inf
    assert np.isfinite(log[1])
