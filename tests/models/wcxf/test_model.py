"""Models that are WCxf files, in every basis that the package wilson writes."""

import builtins
import io
import pickle
import warnings

import bsinv
import numpy as np
import pytest
from bsinv.errors import MissingExtraError, ParameterError, UnknownNameError
from bsinv.fitter.predict import predict
from bsinv.models.matching import normalisation
from bsinv.models.wcxf.documents import write_wcxf
from bsinv.models.wcxf.model import wcxf_model
from bsinv.models.wcxf.translation import DIPOLES, TRANSLATIONS
from bsinv.physics.inputs import Inputs
from bsinv.physics.wcxf_names import SCALES, WCXF_COEFFICIENTS

pytestmark = pytest.mark.filterwarnings("ignore")

INPUTS = Inputs.default()
MIXING = ("sbsb", "dbdb", "sdsd", "cucu")


def document(eft="WET", basis="flavio", scale=4.8, **values):
    return {"eft": eft, "basis": basis, "scale": scale, "values": values}


def model_of(tmp_path, given, suffix="json", **options):
    path = tmp_path / f"point.{suffix}"
    write_wcxf(path, given)
    return wcxf_model(path, **options)


# With the package wilson.


@pytest.fixture(scope="module")
def package():
    pytest.importorskip("wilson")
    import wilson

    return wilson


@pytest.fixture(scope="module")
def wilson_inputs(package):
    """Constants here that are the parameters of wilson."""
    from ckmutil.ckm import ckm_tree
    from wilson import parameters

    own = parameters.p
    ckm = ckm_tree(own["Vus"], own["Vub"], own["Vcb"], own["gamma"])
    (ud, us, ub), (cd, _, cb) = ckm[0], ckm[1]
    lam = abs(us) / np.hypot(abs(ud), abs(us))
    apex = -ud * np.conj(ub) / (cd * np.conj(cb))
    return INPUTS.replace(
        constants={
            "CKM_lambda": lam,
            "CKM_A": abs(cb) / abs(us) / lam,
            "CKM_rhobar": apex.real,
            "CKM_etabar": apex.imag,
            "VtbVts": abs(ckm[2, 2] * ckm[2, 1]),
            # Of V_tb V_td*, for which gamma is the phase of V_ub.
            "Vub": abs(ub),
            "Vus": abs(us),
            "CKM_gamma": -np.degrees(np.angle(ub)),
            "alpha_inv": 1.0 / own["alpha_e"],
            "G_F": own["GF"],
        }
    )


def written(tmp_path, wc, form):
    """File of a document that wilson writes itself."""
    stream = io.StringIO()
    wc.dump(stream, fmt=form)
    path = tmp_path / f"point.{'yml' if form == 'yaml' else form}"
    path.write_text(stream.getvalue())
    return path


def coefficients(model, inputs):
    """Coefficients by the names of the basis flavio."""
    arrays = model.wilson(model.complete(dict.fromkeys(names_of(model), 1.0)), inputs)
    found = {}
    for name, place in WCXF_COEFFICIENTS.items():
        parts = [
            factor * arrays[key][(0, *place.at)] for key, factor in place.parts if key in arrays
        ]
        total = complex(sum(parts))
        found[name] = total.conjugate() if place.conjugate else total
    return found


def names_of(model):
    return [entry.name for entry in model.parameters]


def expected(start, eft):
    """Coefficients of the basis flavio at the scales at which they stand here, by wilson."""
    ladder = ("SMEFT", "WET", "WET-4", "WET-3")
    found = dict.fromkeys(WCXF_COEFFICIENTS, 0.0)
    for sector, (scale, theory) in SCALES.items():
        if ladder.index(theory) >= ladder.index(eft):
            values = start.match_run(scale, theory, "flavio", sectors=(sector,)).dict
            found |= {
                name: values.get(name, 0.0)
                for name, place in WCXF_COEFFICIENTS.items()
                if place.sector == sector
            }
    return found


def agree(got, wanted):
    """Relative to the size of the sector: of the rest, wilson itself has rounding only."""
    assert got.keys() == wanted.keys()
    assert any(wanted.values())
    for name, value in wanted.items():
        mixing = WCXF_COEFFICIENTS[name].sector in MIXING
        assert got[name] == pytest.approx(value, rel=1e-6, abs=1e-20 if mixing else 1e-9), name


def random_values(sectors, sizes=(1.0, 1e-12), seed=3):
    rng = np.random.default_rng(seed)
    found = {}
    for name, place in WCXF_COEFFICIENTS.items():
        if place.sector in sectors:
            size = sizes[place.sector in MIXING]
            real = place.sector == "ffnunu" and place.at[0] == place.at[1]
            found[name] = size * complex(rng.normal(), 0.0 if real else rng.normal())
    return found


# Scale, EFT and sectors of the documents: each read as it is, and some that are run.
HOMES = [
    (4.8, "WET", [name for name, place in SCALES.items() if place == (4.8, "WET")]),
    (4.2, "WET", ["sbsb", "dbdb"]),
    (2.0, "WET-4", ["cucu"]),
    (2.0, "WET-3", ["sdsd"]),
]


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize("basis", ["flavio", "JMS", "Bern"])
@pytest.mark.parametrize(("scale", "eft", "sectors"), HOMES)
def test_low_energy_bases_as_they_are(
    package, wilson_inputs, tmp_path, scale, eft, sectors, basis, form
):
    values = random_values(sectors)
    if basis == "Bern":
        values = {name: v for name, v in values.items() if "_nu" not in name}
    if basis != "flavio":
        # Dipoles and scalar operators of these bases hold the running b mass.
        held = ("C7", "C8", "CS_", "CP_", "CSp", "CPp")
        values = {name: v for name, v in values.items() if not name.startswith(held)}
    start = package.Wilson(values, scale=scale, eft=eft, basis="flavio")
    path = written(tmp_path, start.wc.translate(basis), form)
    model = wcxf_model(path)
    tensors = "The tensor operators of mixing that are in "
    assert all(note.startswith(tensors) for note in model.notes)
    got = coefficients(model, wilson_inputs)
    agree(got, {**dict.fromkeys(WCXF_COEFFICIENTS, 0.0), **values})


@pytest.mark.parametrize("basis", ["JMS", "Bern"])
@pytest.mark.parametrize(("scale", "eft", "sectors"), HOMES)
def test_every_coefficient_of_the_tables(
    package, wilson_inputs, tmp_path, scale, eft, sectors, basis
):
    """Octets and all, in the basis itself."""
    rng = np.random.default_rng(8)
    pieces = [
        piece.name
        for name, pieces in TRANSLATIONS[basis].items()
        if WCXF_COEFFICIENTS[name].sector in sectors
        for piece in pieces
    ]
    values = {
        name: 1e-9 * complex(rng.normal(), 0.0 if name[-4:] in ("1122", "2222", "3322") else 1.0)
        for name in dict.fromkeys(pieces)
    }
    start = package.Wilson(values, scale=scale, eft=eft, basis=basis)
    model = wcxf_model(written(tmp_path, start.wc, "json"))
    assert not any("wilson" in note for note in model.notes)
    there = start.wc.translate("flavio").dict
    wanted = {
        name: there.get(name, 0.0) if place.sector in sectors else 0.0
        for name, place in WCXF_COEFFICIENTS.items()
    }
    agree(coefficients(model, wilson_inputs), wanted)


@pytest.mark.parametrize("basis", ["flavio", "JMS", "Bern", "FlavorKit"])
def test_low_energy_bases_from_another_scale(package, wilson_inputs, tmp_path, basis):
    values = random_values(("sb", "sbmutau", "sbnunu", "cbtaunu", "sbsb", "sdsd"))
    if basis == "FlavorKit":
        values = {name: value for name, value in values.items() if "sb" in name or "_bs" in name}
    start = package.Wilson(values, scale=91.1876, eft="WET", basis="flavio")
    translated = start.wc
    for step in ("JMS", "FlavorKit") if basis == "FlavorKit" else (basis,):
        translated = translated if step == "flavio" else translated.translate(step)
    path = written(tmp_path, translated, "yaml")
    model = wcxf_model(path)
    assert model.notes[0] == "Matched and run from 91.1876 GeV by the package wilson."
    again = package.Wilson.from_wc(translated)
    inputs = INPUTS if basis == "flavio" else wilson_inputs
    agree(coefficients(model, inputs), expected(again, "WET"))


@pytest.mark.parametrize(
    "basis",
    [
        "Warsaw",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("Warsaw up", "SMEFTsim_general", "Higgs-Warsaw up")
        ),
    ],
)
def test_smeft(package, wilson_inputs, tmp_path, basis):
    values = {"lq1_3323": 1e-8 + 2e-8j, "lq3_2223": -2e-8, "ld_2332": 1e-8j, "qe_2333": 1e-8}
    values |= {"qd1_2323": 1e-12, "uB_23": 1e-9}
    start = package.Wilson(values, scale=2000.0, eft="SMEFT", basis="Warsaw")
    translated = start.wc if basis == "Warsaw" else start.wc.translate(basis)
    path = written(tmp_path, translated, "yaml")
    model = wcxf_model(path, scale_by="kappa")
    again = package.Wilson.from_wc(translated)
    agree(coefficients(model, wilson_inputs), expected(again, "SMEFT"))
    # Physics is in GeV^-2: other CKM elements and alpha change the normalisation alone.
    ratio = coefficients(model, INPUTS)["CL_bsnutaunutau"]
    ratio /= coefficients(model, wilson_inputs)["CL_bsnutaunutau"]
    given, own = wilson_inputs.constant("VtbVts"), INPUTS.constant("VtbVts")
    alpha = INPUTS.constant("alpha_inv") / wilson_inputs.constant("alpha_inv")
    assert abs(ratio) == pytest.approx((alpha * given / own)[0], rel=1e-6)


def test_coefficients_that_nothing_sees(package, tmp_path):
    given = document("SMEFT", "Warsaw", 3000.0, lq1_3323=1e-8, G=1e-8, qqql_1111=1e-8)
    model = model_of(tmp_path, given)
    assert model.notes == (
        "Matched and run from 3000 GeV by the package wilson.",
        "G, qqql_1111 are coefficients that no observable here sees.",
    )
    low = model_of(tmp_path, document(C9_bsmumu=1.0, CVLL_sdcc=0.1, CG=1e-6))
    assert low.notes[1:] == ("CVLL_sdcc, CG are coefficients that no observable here sees.",)


def test_scalar_operators(package, wilson_inputs, tmp_path):
    """L = c (mubar P_R mu)(sbar P_R b) is H = -N_0/2 m_b C_S (sbar P_R b)(mubar mu) + ... with
    C_S = C_P = N c/m_b(4.8 GeV), here 4.1 GeV; SMEFT has C_S = -C_P and C_S' = C_P'."""
    size = 1e-9
    model = model_of(tmp_path, document(basis="JMS", SedRR_2223=size))
    assert model.notes == ("Matched and run from 4.8 GeV by the package wilson.",)
    found = coefficients(model, wilson_inputs)
    wanted = normalisation(wilson_inputs)[0] * size / 4.1
    assert found["CS_bsmumu"] == pytest.approx(wanted, rel=0.01)
    assert found["CP_bsmumu"] == pytest.approx(found["CS_bsmumu"], rel=1e-9)
    model = model_of(tmp_path, document("SMEFT", "Warsaw", 2000.0, ledq_2232=1e-10))
    assert model.notes == ("Matched and run from 2000 GeV by the package wilson.",)
    found = coefficients(model, wilson_inputs)
    assert abs(found["CS_bsmumu"]) > 0.01
    assert found["CP_bsmumu"] == pytest.approx(-found["CS_bsmumu"], rel=1e-6)
    assert predict("BR(Bs->mumu)", model) < 0.7 * predict("BR(Bs->mumu)")


def test_tensors_of_mixing(tmp_path):
    given = document(basis="JMS", scale=4.2, S8ddRR_2323=1e-12, VddLL_2323=1e-12)
    model = model_of(tmp_path, given)
    assert model.notes == ("The tensor operators of mixing that are in S8ddRR_2323 are left out.",)
    # C_SRR = -5/12 S8, arXiv:1704.06639; H = + C O here.
    assert model.wilson({}, INPUTS)["C_SRR_bs"][0] == pytest.approx(5e-12 / 12, abs=1e-26)


def test_a_file_of_many_coefficients(package, tmp_path):
    pairs = [i + j for i in "123" for j in "123"]
    ordered = [pair for pair in pairs if pair[0] <= pair[1]]
    names = [f"{kind}_{pair}23" for kind in ("lq1", "lq3", "ld") for pair in ordered]
    names += [f"qe_23{pair}" for pair in pairs]
    given = dict.fromkeys(names, 1e-9)
    # Those match on b -> s and need no trial.
    model = model_of(tmp_path, document("SMEFT", "Warsaw", 3000.0, **given))
    assert model.notes == ("Matched and run from 3000 GeV by the package wilson.",)
    assert abs(coefficients(model, INPUTS)["CL_bsnuenue"]) > 1e-4
    given |= {
        f"{kind}_{i}{j}": 1e-12 for kind in ("uB", "uW", "uG", "dB") for i in "123" for j in "123"
    }
    model = model_of(tmp_path, document("SMEFT", "Warsaw", 3000.0, **given))
    assert model.notes[1] == (
        "Which of 36 coefficients no observable here sees was not tried: more than 32."
    )


@pytest.mark.parametrize("values", [{}, {"lq1_3323": 0.0, "G": 0.0}])
def test_a_file_of_nothing(package, tmp_path, values):
    model = model_of(tmp_path, document("SMEFT", "Warsaw", 3000.0, **values))
    assert predict("RK(nunu)", model) == pytest.approx(1.0)


def test_dipoles_of_other_bases(package, wilson_inputs, tmp_path):
    values = {"C7_bs": -0.02 + 0.01j, "C8p_bs": 0.1, "C9_bsmumu": -1.0}
    start = package.Wilson(values, scale=4.8, eft="WET", basis="flavio")
    for basis in ("JMS", "Bern"):
        model = wcxf_model(written(tmp_path, start.wc.translate(basis), "json"))
        agree(
            coefficients(model, wilson_inputs), {**dict.fromkeys(WCXF_COEFFICIENTS, 0.0), **values}
        )


def test_tables_are_those_of_the_bases(package):
    from wilson import wcxf

    for basis, table in TRANSLATIONS.items():
        known = set(wcxf.Basis["WET", basis].all_wcs)
        assert {piece.name for pieces in table.values() for piece in pieces} <= known
        assert known >= DIPOLES[basis]
    dipoles = {"C7_bs", "C7p_bs", "C8_bs", "C8p_bs"}
    scalars = {name for name in WCXF_COEFFICIENTS if name.startswith(("CS_", "CP_", "CSp", "CPp"))}
    assert len(scalars) == 36
    assert set(TRANSLATIONS["JMS"]) | dipoles | scalars == set(WCXF_COEFFICIENTS)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (
            document("SMEFT", "Warsaw", 10.0, lq1_3323=1e-8),
            ParameterError,
            "WCxf: the scale 10 GeV is not one of the SMEFT, which is used from 80 to 1e+16 GeV; "
            "eft or scale is wrong.",
        ),
        (
            document(scale=1000.0, C9_bsmumu=1.0),
            ParameterError,
            "WCxf: the scale 1000 GeV is not one of the WET, which is used from 2 to 250 GeV; eft "
            "or scale is wrong.",
        ),
        (
            document(basis="Flavio", C9_bsmumu=1.0),
            UnknownNameError,
            "unknown WCxf basis 'Flavio' in the WET: did you mean 'flavio' or 'FlavorKit'?",
        ),
        (
            document("SMEFT", "JMS", 1000.0, C9_bsmumu=1.0),
            UnknownNameError,
            "unknown WCxf basis 'JMS' in the SMEFT; known: Higgs-Warsaw up, SMEFTsim_general, "
            "Warsaw, Warsaw up.",
        ),
        (
            document(C9_bsmuu=1.0),
            UnknownNameError,
            "unknown WCxf coefficient 'C9_bsmuu' in the basis 'flavio' of the WET: did you mean "
            "'C9_bsmumu' or 'C9p_bsmumu' or 'C9_bsmutau'?",
        ),
        (
            document(basis="JMS", CL_bsnuenue=1.0),
            UnknownNameError,
            "unknown WCxf coefficient 'CL_bsnuenue' in the basis 'JMS' of the WET; known: ",
        ),
        (
            document("WET-3", scale=2.0, C9_bsmumu=1.0),
            UnknownNameError,
            "unknown WCxf coefficient 'C9_bsmumu' in the basis 'flavio' of the WET-3",
        ),
        (
            document(C9_bsmumu=float("nan")),
            ParameterError,
            "WCxf: C9_bsmumu is nan, which is not finite.",
        ),
        (
            document(CVLL_numunumumumu={"Re": 0.1, "Im": 0.1}),
            ParameterError,
            "WCxf: CVLL_numunumumumu is Hermitian, but its value is not real.",
        ),
        (
            document("SMEFT", "Warsaw", 1000.0, lq1_3333={"Re": 1e-8, "Im": 1e-8}),
            ParameterError,
            "WCxf: lq1_3333 is Hermitian, but its value is not real.",
        ),
        (
            document("WET-5", C9_bsmumu=1.0),
            ParameterError,
            "WCxf: eft is 'WET-5'; only 'SMEFT' or 'WET' or 'WET-4' or 'WET-3' can be read.",
        ),
    ],
)
def test_refused(package, tmp_path, given, kind, message):
    with pytest.raises(kind) as caught:
        model_of(tmp_path, given)
    told = str(caught.value)
    assert message in told
    assert told.startswith(f"{tmp_path / 'point.json'}: ")


# Without it.


@pytest.fixture
def without_wilson(monkeypatch):
    """As if wilson were not installed."""
    import sys

    for name in [name for name in sys.modules if name == "wilson" or name.startswith("wilson.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "bsinv.models.wcxf.with_wilson", raising=False)
    package = sys.modules.get("bsinv.models.wcxf")
    if hasattr(package, "with_wilson"):
        monkeypatch.delattr(package, "with_wilson")
    plain = builtins.__import__

    def refusing(name, *args, **kwargs):
        if name.partition(".")[0] == "wilson":
            raise ImportError(name)
        return plain(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refusing)


def test_native_documents_need_no_package(without_wilson, tmp_path):
    model = model_of(tmp_path, document(CL_bsnumunumu=1.5, C7_bs=-0.1), "yaml")
    got = coefficients(model, INPUTS)
    assert (got["CL_bsnumunumu"], got["C7_bs"]) == (1.5, -0.1)
    assert model.notes == ()
    model = model_of(tmp_path, document(basis="JMS", VnudLL_2223=1e-9), "yaml")
    # N = pi/(sqrt 2 G_F alpha lambda_t) = 594 TeV^2, docs/physics/wilson.md.
    assert abs(coefficients(model, INPUTS)["CL_bsnumunumu"]) == pytest.approx(0.594, rel=2e-3)


def test_mixing_without_the_package(without_wilson, tmp_path):
    """Leading order, as `wilson_from_wcxf` runs it."""
    from bsinv.models.wcxf.low_energy import wilson_from_wcxf

    given = document(CVLL_bsbs=1e-12, CVLR_bdbd=2e-12, CVLR_sdsd=1e-15, CSLR_sdsd=2e-15)
    model = model_of(tmp_path, given)
    assert model.notes == (
        "The package wilson is not installed: what is at 4.8 GeV is run with QCD at leading order "
        "alone.",
    )
    expected_arrays = wilson_from_wcxf(given)
    arrays = model.wilson({}, INPUTS)
    assert set(arrays) == set(expected_arrays)
    for key, array in expected_arrays.items():
        np.testing.assert_allclose(arrays[key], array, rtol=1e-14)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            document("SMEFT", "Warsaw", 1000.0, lq1_3323=1e-8),
            "the basis 'Warsaw' of the SMEFT needs wilson: pip install 'bsinv[wilson]'.",
        ),
        (
            document(basis="FlavorKit", a=1e-8),
            "the basis 'FlavorKit' of the WET needs wilson: pip install 'bsinv[wilson]'.",
        ),
        (
            document(basis="JMS", dgamma_23=1e-8),
            "dgamma_23 of a WCxf file, WET, basis 'JMS', 4.8 GeV needs wilson",
        ),
        (
            document(scale=91.2, C7_bs=0.1),
            "C7_bs of a WCxf file, WET, basis 'flavio', 91.2 GeV needs wilson",
        ),
        (
            document(scale=91.2, CVLL_bsbs=1e-12),
            "CVLL_bsbs of a WCxf file, WET, basis 'flavio', 91.2 GeV needs wilson",
        ),
    ],
)
def test_what_needs_the_package(without_wilson, tmp_path, given, message):
    with pytest.raises(MissingExtraError) as caught:
        model_of(tmp_path, given)
    assert message in str(caught.value)


def test_names_without_the_package(without_wilson, tmp_path):
    with pytest.raises(UnknownNameError, match=r"'CG' in the part of the basis 'flavio' that"):
        model_of(tmp_path, document(CG=0.1))


# The model.


def test_scaling(tmp_path):
    model = model_of(tmp_path, document(CL_bsnumunumu=1.5, CR_bsnuenumu=2.0), scale_by="kappa")
    (kappa,) = model.parameters
    assert (kappa.name, kappa.default, kappa.unit) == ("kappa", 0.0, "1")
    standard, one = predict("BR(B+->Knunu)", model), predict("BR(B+->Knunu)", model, kappa=1.0)
    assert standard == predict("BR(B+->Knunu)")
    assert one == pytest.approx(predict("BR(B+->Knunu)", dC_L_mumu=1.5, dC_R_mue=2.0), rel=1e-14)
    batch = predict("BR(B+->Knunu)", model, kappa=np.array([0.0, 1.0, -2.0]))
    assert batch[:2] == pytest.approx([standard, one], rel=1e-14)
    twice = predict("BR(B+->Knunu)", dC_L_mumu=-3.0, dC_R_mue=-4.0)
    assert batch[2] == pytest.approx(twice, rel=1e-14)


def test_inputs_that_vary(tmp_path):
    """Coefficients in GeV^-2 are so whatever |V_ts| is: the amplitude beside it falls."""
    model = model_of(tmp_path, document(basis="JMS", VnudLL_2223=1e-9), scale_by="k")
    values = np.array([0.04, 0.041, 0.042])
    inputs = INPUTS.replace(constants={"VtbVts": values})
    array = model.wilson(model.complete({"k": 1.0}), inputs)["dC_L"]
    assert array.shape == (3, 3, 3)
    assert np.ptp(np.abs(array[:, 1, 1]) * values) < 1e-15
    assert predict("BR(B+->Knunu)", model, k=2.0, VtbVts=values).shape == (3,)


def test_in_a_fit(tmp_path):
    """All coefficients of the file at once, the Standard Model at kappa = 0, and |V_ts| free."""
    model = model_of(tmp_path, document(basis="JMS", VnudLL_3323=1e-9), scale_by="kappa")
    again = pickle.loads(pickle.dumps(model))
    prior = {"prior": {"uniform": [-80, 80]}, "start": 5.0}
    analysis = bsinv.load(
        {
            "name": "file",
            "model": model.name,
            "likelihoods": ["belle_2013_kpnunu_value"],
            "parameters": {"kappa": prior},
            "inputs": {"VtbVts": {"prior": {"normal": [0.041, 0.001]}}},
        },
        model=again,
    )
    best = analysis.fit()
    assert best.valid
    kappa, vts = best.values
    # belle_2013_kpnunu_value is 2.9e-5, arXiv:1303.3719.
    at_best = predict("BR(B+->Knunu)", model, kappa=kappa, VtbVts=vts)
    assert at_best == pytest.approx(2.9e-5, rel=1e-3)
    # Outside the range of a constant nothing is finite, without a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        outside = analysis.log_likelihood(np.array([[1.0, 5.0], [1.0, vts]]))
    assert outside[0] == -np.inf
    assert np.isfinite(outside[1])


def test_no_parameter(tmp_path):
    model = model_of(tmp_path, document(CL_bsnumunumu=1.5))
    assert model.parameters == ()
    assert predict("RK(nunu)", model) == pytest.approx(predict("RK(nunu)", dC_L_mumu=1.5))
    empty = model_of(tmp_path, document())
    assert predict("RK(nunu)", empty) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["", "2k", "a-b", "VtbVts", "q2min", 1, "k k"])
def test_names_that_cannot_scale(tmp_path, name):
    with pytest.raises(ParameterError, match=r"is not allowed: give a name of letters, digits"):
        model_of(tmp_path, document(CL_bsnumunumu=1.5), scale_by=name)
