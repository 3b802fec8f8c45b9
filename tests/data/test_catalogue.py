from bsinv.data import listing
from bsinv.data.constants import constants
from bsinv.data.form_factors import form_factor_sets
from bsinv.data.measurements import measurements

LINES = {(line.kind, line.id): line for line in listing()}


def test_everything_is_listed_once():
    assert len(LINES) == len(listing())
    assert {id for kind, id in LINES if kind == "measurement"} == set(measurements())
    assert {id for kind, id in LINES if kind == "constant"} == set(constants())
    assert {id for kind, id in LINES if kind == "form factors"} == set(form_factor_sets())
    assert ("likelihood", "belle2-2023-bknunu") in LINES


def test_values_as_text():
    def value(id, kind="measurement"):
        return LINES[kind, id].value

    assert value("belle2_2023_kpnunu") == "2.3e-05 +7.1e-06 -6.4e-06"
    assert value("hflav_dec2025_kpnunu") == "1.38e-05 +- 3.5e-06"
    assert value("belle_2017_kst0nunu") == "< 1.8e-05 (90 % CL)"
    assert value("babar_2012_kpmupltaumi") == "< 4.5e-05 (90 % CL)"
    assert value("atlas_2022_T_Zt") == "> 1470 (95 % CL)"
    assert value("ds50_2022_migdal") == "curve of 10 points (90 % CL)"
    assert value("hflav_ckm2025_RD_RDstar") == "0.358 +- 0.024, 0.281 +- 0.011"
    assert value("belle2_2025_kpnunu_reinterpretation") == "11.3, 0, 8.21 (errors: see notes)"
    assert value("altmannshofer_2023_BKX") == "none (see notes)"
    assert value("ckm_Vtb") == "0.999118"
    assert value("fnal_2025_amu") == "0.001165920705 +- 1.48e-10"
    assert value("hbar", "constant") == "6.582119569e-25"
    assert value("BtoK_HPQCD2022_BCL", "form factors") == "8 coefficients, BCL-HPQCD"
    assert value("BtoK_HPQCD2022_points", "form factors") == "8 values at q2"
    assert value("belle2-2023-bknunu", "likelihood") == "5 channels, 30 bins"


def test_references_as_text():
    assert LINES["measurement", "belle2_2023_kpnunu"].reference == "arXiv:2311.14647"
    assert LINES["measurement", "babar_2006_b0tautau"].reference.startswith("doi:10.1103/")
    assert LINES["measurement", "mass_Bp"].reference == "PDG 2026"
    assert LINES["constant", "m_Bplus"].reference == "PDG 2026"
    assert LINES["measurement", "sensei_migdal"].reference == "SENSEI"
    assert all(line.reference for line in listing())
