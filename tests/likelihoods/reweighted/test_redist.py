"""Files of redist: the published likelihood saved by version 2.0, and the layout of 1.x.

redist's modifier multiplies the nominal signal and all its variations with the weights, so that
ln L is the same function of coefficients and nuisance parameters.
"""

import copy
import json

import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023
from bsinv.errors import DataError
from bsinv.likelihoods.reweighted.redist import redist_term

from . import toy_channel
from .test_against_pyhf import pyhf_parameters

Q2 = belle2_2023().q2_edges
OBSERVABLE = "dBR/dq2(B+->Knunu)"
PARAMETERS = {
    name: {"inits": [0.0], "bounds": [[-5.0, 5.0]], "paramset_type": "unconstrained"}
    for name in ("slope", "bend")
}


def null(q2):
    return 2.5e-7 * (23.0 - q2)


def alternative(q2, slope, bend):
    """Not the null shape, and positive."""
    return null(q2) * (1.5 + slope * q2 / 23.0 + bend * (q2 / 23.0) ** 2)


def integrals(edges, slope=None, bend=None):
    """Exact integrals of either in bins."""
    coefficients = np.array([23.0, -1.0]) * 2.5e-7
    factor = [1.0] if slope is None else [1.5, slope / 23.0, bend / 23.0**2]
    primitive = np.polynomial.Polynomial(np.convolve(coefficients, factor)).integ()
    return np.diff(primitive(edges))


def plain(value):
    """Frozen data as JSON."""
    return json.loads(
        json.dumps(value, default=lambda each: dict(each) if hasattr(each, "keys") else list(each))
    )


def specification(names):
    """The published channels with a custom modifier of each name on the signal samples."""
    data = belle2_2023()
    channels = plain(data.workspace)["channels"]
    for name, channel in zip(names, data.densities, strict=True):
        for entry in channels:
            for sample in entry["samples"] if entry["name"] == channel else ():
                if sample["name"] == data.signal_samples[channel]:
                    sample["modifiers"].append(
                        {"name": f"{name}_w", "type": name, "data": {"expr": f"{name}_weight_fn"}}
                    )
    held = {"name": "mu", "inits": [1.0], "bounds": [[0.0, 20.0]], "fixed": True}
    return {"channels": channels, "parameters": [held]}


def observed():
    return {each["name"]: list(each["data"]) for each in belle2_2023().workspace["observations"]}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The published files, saved by redist."""
    pytest.importorskip("pyhf")
    modifier = pytest.importorskip("redist.modifier", reason="needs redistpy")
    import pyhf

    data, file = belle2_2023(), tmp_path_factory.mktemp("redist") / "model.json"
    parameters = {
        name: {**given, "inits": (0.0,), "bounds": ((-5.0, 5.0),)}
        for name, given in PARAMETERS.items()
    }
    bins = [[-1.0, *Q2.tolist()]]
    modifiers, extended = [], {}
    for index, density in enumerate(data.densities.values()):
        made = modifier.Modifier(
            parameters, alternative, null, np.array(density), bins, f"rw{index}", [[0.0, Q2[-1]]]
        )
        modifiers.append(made)
        extended.update(made.expanded_pyhf)
    spec = specification([each.name for each in modifiers])
    model = pyhf.Model(spec, validate=False, batch_size=None, modifier_set=extended)
    counts = observed()
    values = np.concatenate([counts[name] for name in model.config.channels])
    modifier.save(file, spec, modifiers, values)
    return file


@pytest.fixture(scope="module")
def term(saved):
    return redist_term(
        "from-redist",
        file=saved,
        observable=OBSERVABLE,
        null_spectrum=integrals(Q2),
        fix={"mu": 1},
    )


@pytest.mark.filterwarnings("ignore")
def test_log_density_of_a_saved_file(saved, term):
    """20 points of coefficients and nuisance parameters against pyhf with redist."""
    import pyhf
    from redist import modifier

    theirs, values = modifier.load(saved, alternative, null, return_data=True)
    data = [*values, *theirs.config.auxdata]
    model, rng = term.model, np.random.default_rng(17)
    content = plain(belle2_2023().workspace)
    plain_peer = pyhf.Workspace(content).model()
    for _ in range(20):
        slope, bend = rng.uniform(0.0, 4.0), rng.uniform(0.0, 4.0)
        weights = term.weights(integrals(Q2, slope, bend))
        alpha = rng.normal(scale=0.3, size=(1, model.n_alpha))
        rates = model.rates(alpha, weights)
        ours = -(model.objective(rates)[0] + model.constant)
        known = pyhf_parameters(plain_peer, model, content, 1.0, alpha[0], rates.gamma[0])
        named = {"slope": [slope], "bend": [bend]} | {
            name: known[plain_peer.config.par_slice(name)] for name in plain_peer.config.par_order
        }
        parameters = np.concatenate([named[name] for name in theirs.config.par_order])
        assert ours == pytest.approx(float(theirs.logpdf(parameters, data)[0]), rel=1e-9)


def test_dropped_parameters_are_named(term):
    assert term.notes() == (
        "from-redist: parameters of the saved model that the prediction takes the place of: bend, "
        "slope.",
        "from-redist: nuisance parameters: profile.",
    )


def test_the_term_is_the_published_one(term, belle2):
    """With the null prediction of the publication it is the Belle II term."""
    assert term.model.n_alpha == 51
    given = 3.0 * term.null_columns
    assert term.log_likelihood(given)[0] == pytest.approx(
        belle2.log_likelihood(3.0 * belle2.null_columns)[0], abs=1e-7
    )


def toy_file(version):
    """The toy channel in the layout of a version, written by hand after its source."""
    content = toy_channel.workspace()
    channels = copy.deepcopy(content["channels"])
    channels[0]["samples"][0]["modifiers"].append(
        {"name": "theory_w", "type": "theory", "data": {"expr": "theory_weight_fn"}}
    )
    file = {
        "spec": {"channels": channels, "parameters": [{"name": "mu", "bounds": [[0, 20]]}]},
        "name": "theory",
        "new_pars": PARAMETERS,
        "map": toy_channel.density().tolist(),
        "bins": [[-1.0, *toy_channel.EDGES.tolist()]],
    }
    if version == 2:
        file = {key: value if key == "spec" else [value] for key, value in file.items()}
        file |= {"cutoff": [[[0.0, 22.0]]], "weight_bound": [None]}
    return file | {"data": content["observations"][0]["data"]}


@pytest.mark.parametrize("version", [1, 2])
def test_either_layout(version):
    from bsinv.likelihoods.reweighted.build import reweighted_term

    term = redist_term(
        "toy",
        file=toy_file(version),
        observable=toy_channel.OBSERVABLE,
        null_spectrum=toy_channel.null_spectrum(),
        cutoff=toy_channel.CUTOFF,
        fix={"mu": 1},
    )
    expected = reweighted_term("toy", **toy_channel.arguments())
    given = np.linspace(0.5, 3.0, 22) * toy_channel.null_spectrum()
    assert term.log_likelihood(given)[0] == pytest.approx(expected.log_likelihood(given)[0])


def test_faults():
    arguments = {
        "observable": toy_channel.OBSERVABLE,
        "null_spectrum": toy_channel.null_spectrum(),
        "fix": {"mu": 1},
    }
    file = toy_file(2)
    del file["map"]
    with pytest.raises(DataError, match=r"a file saved by redist has .*; map is missing"):
        redist_term("toy", file=file, **arguments)
    file = toy_file(2)
    del file["data"]
    with pytest.raises(DataError, match="toy: the file has no data: observations are needed"):
        redist_term("toy", file=file, **arguments)
    file = toy_file(2) | {"weight_bound": [10.0]}
    with pytest.raises(DataError, match="'theory' bounds its weights or allows negative ones"):
        redist_term("toy", file=file, **arguments)
    file = toy_file(2)
    file["map"] = [[*file["map"][0], file["map"][0][0]]]
    with pytest.raises(DataError, match="the map of 'theory' has 4 rows"):
        redist_term("toy", file=file, **arguments)
    with pytest.raises(DataError, match="needs bins of q2 and cos, the file has 1 variables"):
        redist_term(
            "toy", file=toy_file(2), **(arguments | {"observable": "d2BR/dq2dcos(B0->K*nunu)"})
        )
