"""Names of flavio and EOS: every one is something here, and the right thing."""

import numpy as np
import pytest
from bsinv.data.constants import constants
from bsinv.errors import ParameterError, PredictionError, UnknownNameError
from bsinv.fitter.predict import predict, predict_with_error
from bsinv.models import model
from bsinv.physics.ecosystem_names import (
    AMBIGUOUS_OBSERVABLES,
    EOS_OBSERVABLES,
    EOS_PARAMETERS,
    FLAVIO_OBSERVABLES,
    FLAVIO_PARAMETERS,
    own_parameter,
)
from bsinv.physics.inputs import Inputs, form_factor_parameters
from bsinv.physics.observables import ALIASES, observable, observables
from bsinv.physics.wilson import Wilson

INPUTS = Inputs.default()
BINNED = ("B+->Knunu", "B0->Knunu", "B+->K*nunu", "B0->K*nunu")


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_every_alias_is_an_observable(alias):
    assert alias not in observables()
    assert observable(alias) is observables()[ALIASES[alias]]


@pytest.mark.parametrize("table", [FLAVIO_PARAMETERS, EOS_PARAMETERS])
def test_every_parameter_is_one_here(table):
    eos = {entry.name for entry in model("wet-eos").parameters}
    for name, other in table.items():
        assert other.name in constants() or other.name in {*form_factor_parameters(), *eos}, name
        assert name not in constants()
    # No two names of one code for one number here.
    assert len({other.name for other in table.values()}) == len(table)


def test_both_codes_have_every_coefficient_of_the_default_sets():
    # Of the default sets of B -> pi, Bs -> eta and Lambda_b they have other forms or none.
    others = ("Ktopi", "Btopi", "Bstoeta", "Lambdab")
    bsz = {name for name in form_factor_parameters() if not name.startswith(others)}
    assert {other.name for other in FLAVIO_PARAMETERS.values()} >= bsz
    assert {other.name for other in EOS_PARAMETERS.values()} >= {
        name for name in bsz if not name.startswith("Dtopi")
    }
    assert own_parameter("B->K::alpha^f+_0@BSZ2015").name == "BtoK_a0_f+"
    assert own_parameter("B->K* BSZ a1_T23").name == "BtoKstar_a1_T23"
    assert own_parameter("q2_min").name == "q2min"
    assert own_parameter("dC_L").name == "dC_L"


# Against flavio itself, where it is installed.


@pytest.fixture(scope="module")
def flavio():
    return pytest.importorskip("flavio")


def random_wilson():
    rng = np.random.default_rng(17)
    keys = ("dC_9", "dC_10", "C_9p", "C_10p")
    draws = {key: rng.normal(size=(2, 1, 3, 3)) for key in keys}
    return Wilson({key: 10.0 * (draw[0] + 1j * draw[1]) for key, draw in draws.items()})


def in_flavio(name, wilson, **arguments):
    from bsinv.likelihoods.flavio.term import flavio_value

    term = flavio_value("x", name, arguments, 1.0, 1.0, 1.0)
    return float(np.ravel(term.predict(wilson, INPUTS))[0])


# Standard Models differ by inputs: |V_ts|, averages of R(D) and R(D*), epsilon_K with |V_cb|.
STANDARD = {
    "BR(K+->pinunu)": 0.02,
    "BR(KL->pinunu)": 0.05,
    "BR(B+->Ktautau)": 1e-3,
    "Rtaul(B->Dlnu)": 0.01,
    "Rtaul(B->D*lnu)": 0.05,
    "BR(B->Xsgamma)": 0.04,
    "eps_K": 0.12,
    "S_psiK": 0.04,
}


@pytest.mark.parametrize("name", sorted(FLAVIO_OBSERVABLES))
def test_every_name_of_flavio(flavio, name):
    if name in STANDARD:
        assert predict(name) == pytest.approx(flavio.sm_prediction(name), rel=STANDARD[name])
        return
    # No two flavour-violating rates of these coefficients are within the tolerance of a family.
    wilson = random_wilson()
    ours = observable(name)(wilson, INPUTS)[0]
    assert ours == pytest.approx(in_flavio(name, wilson), rel=0.012)


def test_flavour_violating_rates_differ_at_these_coefficients():
    wilson = random_wilson()
    for start in ("BR(B+->K", "BR(B0->K", "BR(Bs->phi", "BR(Bs->"):
        names = [name for name in FLAVIO_OBSERVABLES if name.startswith(start)]
        names = [name for name in names if name not in STANDARD]
        names = [name for name in names if "phi" in start or "phi" not in name]
        rates = np.sort([observable(name)(wilson, INPUTS)[0] for name in names])
        assert (rates[1:] / rates[:-1] > 1.03).all()


@pytest.mark.parametrize("name", sorted(AMBIGUOUS_OBSERVABLES))
def test_names_with_another_meaning_in_flavio(flavio, name):
    wilson = random_wilson()
    total, one = AMBIGUOUS_OBSERVABLES[name]
    assert observable(one)(wilson, INPUTS)[0] == pytest.approx(in_flavio(name, wilson), rel=0.01)
    assert observable(total)(wilson, INPUTS)[0] > 1.3 * observable(one)(wilson, INPUTS)[0]


@pytest.mark.parametrize("mode", BINNED)
@pytest.mark.parametrize("q2", [(1.0, 6.0), (15.0, 25.0)])
def test_mean_spectrum(flavio, mode, q2):
    wilson = Wilson({"dC_L": 2.0 * np.eye(3), "dC_R": 1.0 * np.eye(3)})
    limits = dict(zip(("q2min", "q2max"), q2, strict=True))
    name = f"<dBR/dq2>({mode})"
    ours = observable(name)(wilson, INPUTS, **limits)[0]
    # Form factors differ by 2.3 % at small q2; that the width is that of the bin is seen beyond the
    # end point.
    assert ours == pytest.approx(in_flavio(name, wilson, **limits), rel=0.025)
    rate = observable(f"BR({mode})")(wilson, INPUTS, **limits)[0]
    assert ours == pytest.approx(rate / (q2[1] - q2[0]), rel=1e-12)


@pytest.mark.parametrize("mode", ["B+->K*nunu", "B0->K*nunu"])
def test_longitudinal_fraction(flavio, mode):
    wilson = Wilson({"dC_L": 2.0 * np.eye(3), "dC_R": 1.0 * np.eye(3)})
    cases = {f"<FL>({mode})": {"q2min": 1.0, "q2max": 6.0}, f"FL({mode})": {"q2": 2.0}}
    for name, given in cases.items():
        ours = float(np.ravel(observable(name)(wilson, INPUTS, **given))[0])
        assert ours == pytest.approx(in_flavio(name, wilson, **given), rel=5e-3)


def test_parameters_of_flavio(flavio):
    """Numbers of both codes are those of the same quantity: within 10 %."""
    theirs = flavio.default_parameters.get_central_all()
    for name, other in FLAVIO_PARAMETERS.items():
        if other.name in constants():
            ours = constants()[other.name].value
            assert other.factor * theirs[name] == pytest.approx(ours, rel=0.1), name
        elif not name.startswith("B->K BSZ"):
            process, index = form_factor_parameters()[other.name]
            ours = INPUTS.form_factors(process).coefficients[0, index]
            # The same fits, D -> pi in another order: arXiv:1503.05534 and 1706.03017.
            assert theirs[name] == pytest.approx(ours, rel=0.02, abs=0.02), name


# Against numbers of EOS.


def test_branching_fraction_of_b_to_k_in_eos():
    """Those that EOS tests itself with (b-to-k-nu-nu_TEST.cc of version 1.0)."""
    given = {
        "B->K::alpha^f+_0@BSZ2015": 0.32909,
        "B->K::alpha^f+_1@BSZ2015": -0.86695,
        "B->K::alpha^f+_2@BSZ2015": 0.0060957,
        "mass::B_u": 5.2796,
        "mass::K_u": 0.49368,
        "VtbVts": 0.04,
    }
    for low, high, expected in (
        (0.0, 8.0, 2.05845e-6),
        (8.0, 16.0, 1.68211e-6),
        (16.0, 22.9, 0.59978e-6),
    ):
        for name in ("B->Knunu::BR", "B->Knunu::BR;q=u"):
            got = predict(name, "wet-eos", q2_min=low, q2_max=high, **given)
            assert got == pytest.approx(expected, rel=2e-3)


def test_branching_fraction_of_b_to_kstar_in_eos():
    """Those that EOS tests itself with (b-to-kstar-nu-nu_TEST.cc of version 1.0)."""
    values = {
        "A0_0": 0.33357,
        "A0_1": -1.1164,
        "A0_2": 2.4971,
        "A12_1": 0.50415,
        "A12_2": 0.52375,
        "A1_0": 0.28900,
        "A1_1": 0.45661,
        "A1_2": 1.1830,
        "V_0": 0.36417,
        "V_1": -1.0925,
        "V_2": 2.5955,
    }
    given = {f"B->K^*::alpha^{name}@BSZ2015": value for name, value in values.items()}
    given |= {"mass::B_d": 5.2793, "mass::K_d^*": 0.89555, "VtbVts": 0.04}
    for low, high, expected in (
        (0.0, 8.0, 2.84988e-6),
        (8.0, 16.0, 4.07642e-6),
        (16.0, 19.21, 1.11148e-6),
    ):
        got = predict("B->K^*nunu::BR;q=d", "wet-eos", q2_min=low, q2_max=high, **given)
        assert got == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("name", sorted(EOS_OBSERVABLES))
def test_every_name_of_eos(name):
    decay, _, rest = name.partition("::")
    kind, _, option = rest.partition(";q=")
    mode = {"B->Knunu": "B{}->Knunu", "B->K^*nunu": "B{}->K*nunu"}.get(decay, "Bs->phinunu")
    mode = mode.format({"": "+", "u": "+", "d": "0"}.get(option, ""))
    if kind in ("BR", "F_L"):
        own = "BR" if kind == "BR" else "<FL>"
        expected = predict(f"{own}({mode})", q2min=2.0, q2max=9.0)
        assert predict(name, q2_min=2.0, q2_max=9.0) == expected
    else:
        own = "dBR/dq2" if kind == "dBR/dq2" else "FL"
        assert predict(name, q2=5.0) == predict(f"{own}({mode})", q2=5.0)


def test_units():
    assert predict("BR(B+->Knunu)", **{"life_time::B_u": 1.638e-12}) == pytest.approx(
        predict("BR(B+->Knunu)", tau_Bplus=1.638), rel=1e-12
    )
    # The lifetime of flavio is in GeV^-1.
    assert predict("BR(B+->Knunu)", **{"tau_B+": 2488800398208.0635}) == pytest.approx(
        predict("BR(B+->Knunu)", tau_Bplus=1.63817), rel=1e-4
    )


def test_coefficients_of_form_factors_by_name():
    plain = predict("BR(B+->Knunu)")
    central = INPUTS.form_factors("B->K").coefficients[0, 0]
    assert predict("BR(B+->Knunu)", **{"BtoK_a0_f+": central}) == plain
    batch = predict("BR(B+->Knunu)", **{"BtoK_a0_f+": np.array([central, 0.4])}, dC_L=[0.0, 1.0])
    assert batch[0] == pytest.approx(plain)
    assert batch[1] == predict("BR(B+->Knunu)", **{"BtoK_a0_f+": 0.4}, dC_L=1.0)


@pytest.mark.parametrize(
    ("name", "given", "kind", "message"),
    [
        (
            "FL(B0->K*nunu)",
            {},
            PredictionError,
            "FL(B0->K*nunu) needs a value of q2 (GeV^2). The ratio of integrals over q2, in a "
            "range or over all, is <FL>(B0->K*nunu).",
        ),
        (
            "FL(B0->K*nunu)",
            {"q2min": 1.0},
            ParameterError,
            "FL(B0->K*nunu) does not take q2min. The ratio of integrals over q2, in a range or "
            "over all, is <FL>(B0->K*nunu).",
        ),
        (
            "<dBR/dq2>(B+->Knunu)",
            {"q2min": 1.0},
            PredictionError,
            "<dBR/dq2>(B+->Knunu) needs a value of q2max (GeV^2).",
        ),
        (
            "BR(K+->pinuu)",
            {},
            UnknownNameError,
            "unknown observable 'BR(K+->pinuu)': did you mean 'BR(K+->pinunu)' or "
            "'BR(K+->pi+nunu)' or 'BR(KL->pinunu)'?",
        ),
        (
            "RK(nunu)",
            {"B_s->phi::alpha^T23_2": 0.3},
            UnknownNameError,
            "unknown parameter 'B_s->phi::alpha^T23_2' in the prediction with 'wet': did you mean "
            "'B_s->phi::alpha^T23_2@BSZ2015' or 'B_s->phi::alpha^T23_1@BSZ2015' or "
            "'B_s->phi::alpha^T23_0@BSZ2015'?",
        ),
        (
            "BR(B+->Knunu)",
            {"mass::B_u": 5.28, "m_B+": 5.28},
            ParameterError,
            "mass::B_u and m_B+ are one number: give one.",
        ),
        (
            "BR(B+->Knunu)",
            {"BtoK_a0_f+": np.array([0.3, 0.4]), "BtoK_a1_f+": np.array([1.0, 2.0, 3.0])},
            ParameterError,
            "BtoK_a1_f+ has 3 values, another coefficient 2.",
        ),
        (
            "BR(B+->Knunu)",
            {"BtoK_a0_f+": "x"},
            ParameterError,
            "BtoK_a0_f+ = 'x' is not allowed: it must be a real number or an array (n,) of them.",
        ),
    ],
)
def test_what_is_told(name, given, kind, message):
    with pytest.raises(kind) as caught:
        predict(name, **given)
    assert str(caught.value) == message


def test_coefficients_and_their_errors():
    with pytest.raises(ParameterError, match=r"form factors of B->K: coefficients cannot be given"):
        predict_with_error("BR(B+->Knunu)", samples=2, **{"B->K BSZ a0_f+": 0.3})
