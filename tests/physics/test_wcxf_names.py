"""Names of coefficients in WCxf: every one has a place, and the places are the right ones."""

import pytest
from bsinv.physics.wcxf_names import SCALES, WCXF_COEFFICIENTS
from bsinv.physics.wilson import WILSON_NAMES


def test_every_name_has_a_place():
    assert len(WCXF_COEFFICIENTS) == 18 + 18 + 36 + 36 + 4 + 24 + 45 + 12
    for place in WCXF_COEFFICIENTS.values():
        assert place.sector in SCALES
        for key, factor in place.parts:
            assert len(place.at) == (2 if WILSON_NAMES[key].flavour else 0)
            assert factor != 0


@pytest.mark.parametrize(
    ("name", "sector", "key", "at"),
    [
        # The first lepton is the antilepton: b -> s mu- tau+ and b -> s nu_e antinu_tau.
        ("C9_bstaumu", "sbmutau", "dC_9", (1, 2)),
        ("C10p_bsmutau", "sbtaumu", "C_10p", (2, 1)),
        ("C10_bsee", "sb", "dC_10", (0, 0)),
        ("CR_bsnutaunue", "sbnunu", "dC_R", (0, 2)),
        ("CL_bdnumunue", "dbnunu", "dC_L_bd", (0, 1)),
        # A charged lepton, then its neutrino.
        ("CSL_bctaunumu", "cbtaunu", "C_SL_cb", (2, 1)),
    ],
)
def test_flavours(name, sector, key, at):
    place = WCXF_COEFFICIENTS[name]
    assert (place.sector, place.parts, place.at) == (sector, ((key, 1.0),), at)


def test_charm_mixing_is_conjugated():
    place = WCXF_COEFFICIENTS["CSLL_ucuc"]
    assert place.conjugate
    assert place.parts == (("C_SRR_cu", -1.0),)
    assert WCXF_COEFFICIENTS["CSLL_sdsd"].parts == (("C_SLL_sd", -1.0),)


def test_against_the_package_wcxf():
    """Names and sectors as in the basis files of wilson, if installed."""
    wcxf = pytest.importorskip("wilson.wcxf")
    for name, place in WCXF_COEFFICIENTS.items():
        basis = wcxf.Basis[SCALES[place.sector][1], "flavio"]
        assert name in basis.sectors[place.sector]
