import pytest
from bsinv.data.constants import constant, constants, kept_name, read_constants
from bsinv.data.measurements import measurement
from bsinv.errors import DataError, UnknownNameError

ENTRY = {
    "name": "m_x",
    "value": 1.0,
    "error": 0.1,
    "unit": "GeV",
    "allowed": [-10.0, 10.0],
    "latex": "m_x",
    "description": "a mass",
    "reference": {},
}


def test_values_that_have_a_reference_of_their_own():
    assert (constant("VtbVts").value, constant("VtbVts").error) == (0.0410, 0.0010)
    assert (constant("X_t").value, constant("X_t").error) == (1.469, 0.017)
    assert constant("X_t").reference.arxiv == "1009.0947"
    assert constant("hbar").value == 6.582119569e-25
    assert (constant("norm_BtoKstar").value, constant("norm_BtoKstar").error) == (1.0, 0.09)


@pytest.mark.parametrize(
    ("name", "id", "times"),
    [
        ("G_F", "par_GF", 1),
        ("Vub", "direct_vub_avg", 1),
        ("tau_Bplus", "tau_Bp_pdg", 1),
        ("tau_B0", "tau_B0_pdg", 1),
        ("m_Kstarplus", "mass_Kstp", 1),
        ("f_B", "par_f_B_flag24", 1),
        ("m_s_2GeV", "quark_m_s", 1e-3),
        ("m_s", "quark_m_s", 0.8446e-3),
        ("epsilon_K_SM", "sm_epsK", 1),
        ("a_mu_SM", "sm_amu_WP2025", 1),
        ("a_mu_SM_2020", "sm_amu_WP2020", 1),
    ],
)
def test_copied_from_measurements(name, id, times):
    record, origin = constant(name), measurement(id)
    assert record.value == pytest.approx(origin.values[0] * times, rel=1e-12)
    assert record.error == pytest.approx(origin.errors_plus[0] * times, rel=1e-12)
    assert f"measurement {id}" in record.reference.source


def test_every_constant_that_predictions_ask_for():
    names = (
        "G_F alpha_inv sin2_theta_W X_t VtbVts Vub Vus m_Bplus m_B0 m_Bs m_Kplus m_K0 m_Kstarplus "
        "m_Kstar0 m_phi m_piplus m_pi0 m_tau tau_Bplus tau_B0 tau_Bs "
        "tau_tau f_Bs f_B f_K f_Kstar m_b m_s m_s_2GeV hbar norm_BtoKstar "
        "m_D0 m_Dplus m_c m_d m_d_2GeV m_u_2GeV tau_D0 tau_Dplus tau_Kplus tau_KL f_D P_c "
        "CKM_lambda CKM_A CKM_gamma CKM_rhobar CKM_etabar m_W m_t eta_B bag_invariant_B "
        "kappa_epsilon "
        "epsilon_K_SM DeltaM_K norm_DeltaM_s norm_DeltaM_d RD_SM RDstar_SM BR_Bctaunu_SM "
        "BR_Xsgamma_SM a_mu_SM a_mu_SM_2020 m_e m_mu DeltaGamma_s dC9_hadronic norm_RK norm_RKstar "
        "norm_RKstar_low norm_BtoKtautau norm_BtoKstartautau norm_Bstophitautau "
        "m_eta m_nucleon B_chiral ln_norm_sigmav M_Planck s_today rho_critical n_s n_ud f_eff m_H "
        "Gamma_H V_cb X_t_sd delta_Pcu epsilon_K norm_Kpiplus norm_KLpi0 "
        "detector_radius detector_backward detector_forward detector_sphere beta_Upsilon4S "
        "m_rhoplus m_rho0 m_omega m_etaprime m_Lambdab m_Lambda tau_Lambdab Vud f_pi f_rho "
        "norm_LambdabtoLambda BR_Xsnunu_B0 BR_Xsnunu_Bplus m_b_1S m_s_Xs alpha_s_mb "
        "ratio_Xs_tensor w_Kstar_Xs"
    )
    mixing = {
        name
        for meson in ("Bs", "B0", "K0", "D0")
        for name in (f"chiral_{meson}", *(f"bag_{meson}_{i}" for i in (1, 2, 4, 5)))
    }
    assert {*names.split(), *mixing} == set(constants())


def test_values_may_be_zero_or_negative():
    (record,) = read_constants({"entries": [{**ENTRY, "value": -1.0, "error": 0.0}]}).values()
    assert (record.value, record.error) == (-1.0, 0.0)


def test_each_has_symbol_unit_and_origin():
    for record in constants().values():
        assert record.latex.count("{") == record.latex.count("}")
        assert "$" not in record.latex
        assert record.unit
        assert record.reference.experiment


def test_unknown_name():
    with pytest.raises(UnknownNameError, match="unknown constant 'VtbVtd': did you mean 'VtbVts'"):
        constant("VtbVtd")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": float("inf")}, "test.json: m_x: value is inf; allowed: a finite number."),
        ({"error": -0.1}, "m_x: error is -0.1; allowed: a finite number of at least 0."),
        ({"value": True}, "m_x: value is True; allowed: a finite number"),
        ({"unit": "eV"}, "m_x: unit is 'eV'; allowed: one of 1, GeV"),
        ({"latex": " "}, "m_x: latex is ' '; allowed: a text that is not empty."),
        ({"mass": 1}, "m_x: unknown key 'mass'"),
        ({"role": "mass"}, "m_x: role is 'mass'; allowed: one of form factors, meson mass, norm"),
        ({"value": 11.0}, "m_x: value is 11.0; allowed: a number from -10 to 10."),
        ({"allowed": [1.0, 1.0]}, "m_x: allowed is [1.0, 1.0]; allowed: a lower and a higher"),
        ({"allowed": [0.0]}, "m_x: allowed is [0.0]; allowed: finite numbers of shape (2)."),
        (
            {"gives": {"name": "m_y", "times": 1.0}},
            "m_x: gives is 'm_y'; allowed: an earlier constant with a number of its own.",
        ),
    ],
)
def test_faults(changes, message):
    with pytest.raises(DataError) as caught:
        read_constants({"entries": [{**ENTRY, **changes}]}, "test.json")
    assert message in str(caught.value)


def test_two_names_of_one_number():
    """|V_cb| = |V_tb V_ts*|/0.982 by unitarity."""
    record = constant("V_cb")
    assert record.gives == ("VtbVts", 0.982)
    assert record.value * 0.982 == pytest.approx(0.0410, rel=1e-14)
    assert record.error * 0.982 == pytest.approx(0.0010, rel=1e-14)
    assert kept_name("V_cb") == kept_name("VtbVts") == "VtbVts"
    other = {**ENTRY, "name": "m_y", "value": 2.0, "gives": {"name": "m_x", "times": 0.6}}
    with pytest.raises(DataError, match=r"m_y: value is 2\.0; allowed: the value of m_x over 0\.6"):
        read_constants({"entries": [ENTRY, other]})


def test_roles():
    """Factors and masses of hadrons, which errors of predictions treat apart."""
    names = {}
    for record in constants().values():
        names.setdefault(record.role, set()).add(record.name)
    assert names["form factors"] == {"norm_BtoKstar", "norm_LambdabtoLambda"}
    assert names["meson mass"] == {
        *("m_Bplus", "m_B0", "m_Bs", "m_Kplus", "m_K0", "m_Kstarplus", "m_Kstar0"),
        *("m_rhoplus", "m_rho0", "m_omega", "m_etaprime", "m_Lambdab", "m_Lambda"),
    }
    factors = {name for name in constants() if name.startswith("norm_")} - names["form factors"]
    assert names["normalisation"] == factors
    assert read_constants({"entries": [ENTRY]})[ENTRY["name"]].role == ""


def test_every_range_holds_five_errors():
    """Nothing that a fit with the default errors tries is cut, but at zero."""
    for record in constants().values():
        lower, upper = record.allowed
        assert record.value + 5 * record.error < upper, record.name
        assert record.value - 5 * record.error > lower or lower == 0.0, record.name


def test_names_are_unique():
    with pytest.raises(DataError, match="the name m_x occurs twice"):
        read_constants({"entries": [ENTRY, ENTRY]})
