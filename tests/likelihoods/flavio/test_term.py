"""Observables of flavio as likelihood terms: with flavio where it is installed, and without."""

import logging
import pickle

import numpy as np
import pytest
from bsinv.errors import MissingExtraError, PredictionError, UnknownNameError
from bsinv.likelihoods.flavio import term as flavio_term
from bsinv.likelihoods.flavio.coefficients import refuse_unknown
from bsinv.likelihoods.flavio.term import _logging_kept, flavio_limit, flavio_value
from bsinv.physics.inputs import Inputs
from bsinv.physics.observables import observable
from bsinv.physics.wilson import Wilson

BIN = {"q2min": 4.0, "q2max": 6.0}
EVERY = frozenset({"sb", "sbnunu", "dbnunu", "sdnunu", "dF=0"})


def matrix(i, j, value):
    array = np.zeros((len(value), 3, 3), dtype=complex)
    array[:, i, j] = value
    return array


@pytest.fixture(scope="module")
def inputs():
    return Inputs.default()


@pytest.fixture
def flavio():
    return pytest.importorskip("flavio")


# --- without flavio -----------------------------------------------------------------------------


def test_missing_package_says_how_to_install(monkeypatch):
    monkeypatch.setattr(flavio_term, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        flavio_value("mine", "<P5p>(B0->K*mumu)", BIN, -0.439, 0.12, 0.12)
    assert str(caught.value) == ("the likelihood 'mine' needs flavio: pip install 'bsinv[flavio]'.")


@pytest.mark.parametrize(
    ("key", "sector"),
    [
        ("C_Rp", "sbnunu"),
        ("C_TL", "sbnunu"),
        ("phi0_S", "sbnunu"),
        ("nuN_VL_bd", "dbnunu"),
        ("k_A_sd", "sdnunu"),
        ("da_mu", "dF=0"),
    ],
)
def test_what_flavio_lacks_is_refused_where_it_matters(key, sector):
    shape = (3, 3) if key in ("C_Rp", "C_TL") else ()
    wilson = Wilson({key: np.ones(shape)})
    with pytest.raises(PredictionError, match=f"coefficient {key}, which would change X"):
        refuse_unknown(wilson, frozenset({sector}), "X")
    refuse_unknown(wilson, EVERY - {sector}, "X")
    refuse_unknown(Wilson({key: np.zeros(shape)}), EVERY, "X")


def test_masses_and_what_flavio_has_are_not_refused():
    wilson = Wilson({"m_phi0": 0.5, "M_sLQ": 2.0, "dC_L": np.eye(3), "C_VLL_bs": 1e-11})
    refuse_unknown(wilson, EVERY, "X")


# --- with flavio --------------------------------------------------------------------------------


@pytest.fixture
def p5prime(flavio):
    return flavio_value("my-p5prime", "<P5p>(B0->K*mumu)", BIN, -0.439, 0.12, 0.11)


def test_an_observable_that_bsinv_does_not_have(p5prime, inputs):
    """P5' in [4, 6] GeV^2: Standard Model -0.76; a C_9 of about -1 brings it to the data."""
    wilson = Wilson({"dC_9": matrix(1, 1, [0.0, -1.0, -2.0])})
    prediction = p5prime.predict(wilson, inputs)
    assert prediction == pytest.approx([-0.758, -0.518, -0.152], abs=0.005)
    log = p5prime.log_likelihood(prediction)
    assert log[1] > max(log[0], log[2])
    assert p5prime.pull(prediction)[0] == pytest.approx((-0.439 + 0.758) / 0.11, abs=0.05)
    assert p5prime.observables == ("flavio:<P5p>(B0->K*mumu)[q2min=4, q2max=6]",)
    assert p5prime.data_ids == ("my-p5prime",)
    assert p5prime.quoted()[0].value == -0.439


def test_dark_coefficients_do_not_disturb_leptons(p5prime, inputs):
    wilson = Wilson({"phi0_S": [1e-8, 0.0], "m_phi0": 0.5})
    assert p5prime.predict(wilson, inputs) == pytest.approx([-0.758] * 2, abs=0.005)


def test_dark_coefficients_are_refused_with_missing_energy(flavio, inputs):
    term = flavio_limit("mine", "BR(B0->Knunu)", {}, 2.6e-5, 0.9)
    with pytest.raises(PredictionError, match="does not have the coefficient phi0_S"):
        term.predict(Wilson({"phi0_S": 1e-8, "m_phi0": 0.5}), inputs)


def test_points_where_a_coefficient_is_not_finite_are_nan(p5prime, inputs):
    prediction = p5prime.predict(Wilson({"dC_9": matrix(1, 1, [np.nan, 0.0])}), inputs)
    assert np.isnan(prediction[0])
    assert np.isfinite(prediction[1])


def test_predictions_are_remembered(p5prime, inputs, monkeypatch):
    wilson = Wilson({"dC_9": matrix(1, 1, [-1.0, 0.0])})
    first = p5prime.predict(wilson, inputs)
    monkeypatch.setattr(p5prime.predicted, "predict", lambda values: pytest.fail("asked again"))
    assert np.array_equal(p5prime.predict(wilson, inputs), first)


def test_a_term_can_be_sent_to_a_worker(p5prime, inputs):
    again = pickle.loads(pickle.dumps(p5prime))
    assert np.array_equal(again.predict(Wilson(), inputs), p5prime.predict(Wilson(), inputs))


def aligned(flavio, inputs):
    """Inputs of flavio for B+ -> K+ nu nubar."""
    values = flavio.default_parameters.get_central_all()
    names = inputs.form_factors("B->K").source.names
    hbar = 6.582119569e-13
    return inputs.replace(
        constants={
            "m_Bplus": values["m_B+"],
            "m_Kplus": values["m_K+"],
            "tau_Bplus": values["tau_B+"] * hbar,
        },
        coefficients={"B->K": [values[f"B->K BSZ {name}"] for name in names]},
    )


@pytest.mark.parametrize("key", ["dC_L", "dC_R"])
def test_the_product_of_alpha_lambda_and_coefficient_is_kept(flavio, inputs, key):
    """A single lepton-flavour violating entry adds its square to the rate.

    The rate of bsinv with the form factors of flavio agrees with flavio's to a permille, whatever
    alpha and V_tb V_ts* are here; without the conversion of alpha it would be 6 % off.
    """
    wilson = Wilson({key: matrix(0, 2, [0.0, 25.0])})
    term = flavio_value("mine", "BR(B+->Knunu)", {}, 1e-5, 1e-6, 1e-6)
    for constants in ({}, {"alpha_inv": 137.0, "VtbVts": 0.039}):
        used = aligned(flavio, inputs).replace(constants=constants)
        theirs, ours = (
            term.predict(wilson, used),
            observable("BR(B+->Knunu)").function(wilson, used),
        )
        assert np.ptp(theirs) == pytest.approx(np.ptp(ours), rel=2e-3)


@pytest.mark.parametrize(
    ("name", "entry"), [("BR(B+->Kmutau)", (2, 1)), ("BR(B+->Ktaumu)", (1, 2))]
)
def test_charges_of_lepton_flavour_violation(flavio, inputs, name, entry):
    """The first lepton of a name in flavio is positive in the decay of a b quark."""
    term = flavio_limit("mine", name, {}, 2e-5, 0.9)
    right = term.predict(Wilson({"dC_9": matrix(*entry, [20.0])}), inputs)
    wrong = term.predict(Wilson({"dC_9": matrix(*entry[::-1], [20.0])}), inputs)
    alpha = (132.116 / 127.951 * 0.0410 / 0.0411997) ** 2
    assert right == pytest.approx(400 * 1.11996e-8 * alpha, rel=1e-3)
    assert wrong == 0.0


def test_mixing_is_taken_at_its_own_scale(flavio, inputs):
    """ΔM_s: new physics adds to M_12 at 4.2 GeV, linearly in the coefficient."""
    term = flavio_value("mine", "DeltaM_s", {}, 1.17e-11, 1e-13, 1e-13)
    wilson = Wilson({"C_VLL_bs": [0.0, 1e-12, 2e-12], "C_SLL_sd": 1e-6})
    shift = np.diff(term.predict(wilson, inputs))
    assert shift[0] == pytest.approx(shift[1], rel=1e-2)
    assert shift[0] != 0


def test_unknown_observable_is_named(flavio):
    with pytest.raises(UnknownNameError) as caught:
        flavio_value("mine", "BR(Bs->mumi)", {}, 1.0, 1.0, 1.0)
    assert str(caught.value).startswith("unknown observable of flavio 'BR(Bs->mumi)': did you mean")
    assert "'BR(Bs->mumu)'" in str(caught.value)


def test_wrong_argument_is_named(flavio):
    with pytest.raises(UnknownNameError) as caught:
        flavio_value("mine", "<P5p>(B0->K*mumu)", {"q2mni": 4.0, "q2max": 6.0}, 1.0, 1.0, 1.0)
    assert str(caught.value) == (
        "unknown argument 'q2mni' in flavio's <P5p>(B0->K*mumu): did you mean 'q2min' or 'q2max'?"
    )


def test_missing_argument_is_named(flavio):
    with pytest.raises(PredictionError, match="needs a value of q2max"):
        flavio_value("mine", "<P5p>(B0->K*mumu)", {"q2min": 4.0}, 1.0, 1.0, 1.0)


def test_superfluous_argument_is_named(flavio):
    with pytest.raises(UnknownNameError, match="unknown argument 'q2' in flavio's BR"):
        flavio_value("mine", "BR(Bs->mumu)", {"q2": 4.0}, 1.0, 1.0, 1.0)


def test_observables_of_the_electroweak_scale_are_refused(flavio):
    with pytest.raises(PredictionError, match="coefficients at the electroweak scale"):
        flavio_value("mine", "R_mu", {}, 20.8, 0.03, 0.03)


def test_observables_that_nothing_changes_are_refused(flavio):
    with pytest.raises(PredictionError, match=r"no coefficient that bsinv has \(sectors: taue\)"):
        flavio_limit("mine", "BR(tau->eee)", {}, 2.7e-8, 0.9)


def test_what_flavio_cannot_predict_is_said(flavio):
    with pytest.raises(PredictionError, match=r"flavio cannot predict FLtot\(B0->D\*lnu\)"):
        flavio_value("mine", "FLtot(B0->D*lnu)", {}, 0.5, 0.1, 0.1)


def test_an_import_leaves_the_root_logger_alone():
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    with _logging_kept():
        root.setLevel(logging.DEBUG)
        root.addHandler(logging.NullHandler())
    assert (root.level, list(root.handlers)) == before
