import copy
import json
from pathlib import Path

import bsinv.data.belle2 as module
import numpy as np
import pytest
from bsinv.data.belle2 import belle2_2023, read_belle2
from bsinv.data.form_factors import form_factor_sets
from bsinv.errors import DataError


@pytest.fixture(scope="module")
def published():
    return json.loads(Path(module.__file__).with_name(module.FILE).read_text(encoding="utf-8"))


@pytest.fixture
def content(published):
    return copy.deepcopy(published)


def label(data, name):
    return {text: channel for channel, text in data.channel_labels.items()}[name]


def test_channels():
    data = belle2_2023()
    names = [channel["name"] for channel in data.workspace["channels"]]
    assert list(data.channel_labels) == names
    assert list(data.channel_labels.values()) == [
        "ITA-SR",
        "ITA-CR",
        "ITA-SR-offres",
        "ITA-CR-offres",
        "HTA",
    ]
    assert label(data, "ITA-SR").startswith("A__")
    assert label(data, "HTA") == "sgn1_had"
    assert set(data.densities) == set(data.signal_samples)
    assert {data.channel_labels[name] for name in data.densities} == {"ITA-SR", "ITA-CR", "HTA"}


def test_edges():
    edges = belle2_2023().q2_edges
    assert edges.shape == (101,)
    assert (edges[0], edges[-1]) == (0.0, 22.885)
    assert np.allclose(np.diff(edges), 0.22885)


def test_rows_of_densities_sum_to_the_nominal_yields():
    data = belle2_2023()
    for channel in data.workspace["channels"]:
        name = channel["name"]
        if name not in data.densities:
            continue
        (sample,) = (s for s in channel["samples"] if s["name"] == data.signal_samples[name])
        assert data.densities[name].shape == (len(sample["data"]), 101)
        deviation = data.densities[name].sum(axis=1) / np.array(sample["data"]) - 1
        # Two rows of HTA differ by one simulated event (3.05e-5) across the edge between them.
        if name == "sgn1_had":
            events = deviation[:2] * np.array(sample["data"][:2])
            assert events == pytest.approx([-3.05e-5, 3.05e-5], rel=0.02)
            deviation = deviation[2:]
        assert np.abs(deviation).max() < 1e-6


def test_events_outside_the_edges():
    data = belle2_2023()
    outside = {data.channel_labels[n]: d[:, 0] / d.sum(axis=1) for n, d in data.densities.items()}
    assert (outside["ITA-SR"] == 0).all()
    assert (outside["ITA-CR"] == 0).all()
    assert ((outside["HTA"] > 0.0014) & (outside["HTA"] < 0.0023)).all()


def test_pyhf_takes_the_workspace():
    pyhf = pytest.importorskip("pyhf")
    workspace = pyhf.Workspace(belle2_2023().workspace)
    model = workspace.model()
    assert model.config.poi_name == "mu"
    assert len(workspace.data(model, include_auxdata=False)) == 30
    assert model.config.npars == 232  # mu, 51 nuisances, 180 bin factors


def test_null_prediction_integrates_to_the_published_branching_fraction():
    """dB/dq2 = G_F^2 alpha^2 X_t^2 |V|^2 tau / (32 pi^5 s_W^4) |p|^3 f+^2, arXiv:2207.13371."""
    null = belle2_2023().null
    c, ff = null.constants, null.form_factors
    assert ff.id == "BtoK_HPQCD2022_BCL_published"
    q2 = np.linspace(0, (c["m_Bplus"] - c["m_Kplus"]) ** 2, 20001)
    B2, K2 = c["m_Bplus"] ** 2, c["m_Kplus"] ** 2
    p2 = ((B2 + K2 - q2) ** 2 / (4 * B2) - K2).clip(0)
    plus = (ff.m_B + ff.m_M) ** 2
    z = (np.sqrt(plus - q2) - np.sqrt(plus)) / (np.sqrt(plus - q2) + np.sqrt(plus))
    a = dict(zip(ff.names, ff.central, strict=True))
    series = a["a0"] + a["a1_f+"] * (z - z**3 / 3) + a["a2_f+"] * (z**2 + 2 / 3 * z**3)
    f_plus = ff.options["L"] / (1 - q2 / ff.poles["f+"] ** 2) * series
    prefactor = (c["G_F"] * c["X_t"] * c["VtbVts"] / (c["alpha_inv"] * c["sin2_theta_W"])) ** 2
    lifetime = c["tau_Bplus"] * 1e-12 / c["hbar"]
    spectrum = prefactor * lifetime / (32 * np.pi**5) * p2**1.5 * f_plus**2
    total = np.sum((spectrum[1:] + spectrum[:-1]) / 2 * np.diff(q2))
    assert total == pytest.approx(4.96613e-6, rel=2e-6)
    assert np.interp([1, 8, 16], q2, spectrum) == pytest.approx(
        [2.93723e-7, 2.76624e-7, 1.92359e-7], rel=5e-6
    )


def test_a_density_that_does_not_sum_to_the_yield_is_refused(content):
    row = content["channels"][0]["densities"][2]
    row[row.index(max(row))] *= 1.001
    with pytest.raises(DataError) as caught:
        read_belle2(content, form_factor_sets(), "test.json")
    text = str(caught.value)
    assert text.startswith("test.json: A__Bsig_H")
    assert "sum of densities[2] is 9.97" in text
    assert "allowed: the nominal signal yield 9.97" in text
    assert "to 1e-06 (relative)" in text


def test_only_declared_deviations_are_allowed(content):
    del content["channels"][4]["allowed_deviations"]
    with pytest.raises(DataError, match=r"sgn1_had: sum of densities\[\d\] is 1\.3"):
        read_belle2(content, form_factor_sets())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["channels"][0].update(signal="mixedd"), "signal is 'mixedd'; allowed: one of"),
        (lambda c: c["channels"][0].update(name="E"), "channel is 'E'; allowed: one of A__"),
        (lambda c: c["channels"].pop(), "channel sgn1_had of the workspace has no label"),
        (lambda c: c["channels"][0]["densities"].pop(), "finite numbers of shape (9, 101)"),
        (
            lambda c: c["channels"][4]["allowed_deviations"][0].update(row=6),
            "row is 6; allowed: a finite number of at least 0 and up to 5",
        ),
        (
            lambda c: c["channels"][4]["allowed_deviations"][0].update(relative=0.1),
            "relative is 0.1; allowed: a finite number above 0 and below 0.001",
        ),
        (
            lambda c: c["channels"][1]["densities"][0].__setitem__(3, -0.1),
            "densities[0][3] is -0.1; allowed: at least 0",
        ),
        (lambda c: c["null_prediction"]["constants"].pop("hbar"), "constants: hbar is missing"),
        (
            lambda c: c["null_prediction"].update(form_factors="X"),
            "null_prediction: form_factors is 'X'; allowed: one of BstoKstar_BSZ2015",
        ),
        (lambda c: c["workspace"].pop("version"), "workspace: version is missing; needed: chan"),
        (lambda c: c["workspace"]["observations"].pop(), "observations is None; allowed: finite"),
    ],
)
def test_faults(content, change, message):
    change(content)
    with pytest.raises(DataError) as caught:
        read_belle2(content, form_factor_sets())
    assert message in str(caught.value)
