"""Groups of likelihoods: nothing twice, newest data, and overlaps that no pair escapes."""

from itertools import combinations

import numpy as np
import pytest
from bsinv.data import conflicts
from bsinv.data.measurements import measurement, measurements
from bsinv.errors import AnalysisError
from bsinv.likelihoods import catalogue
from bsinv.likelihoods.measured import observables_of, usable
from bsinv.likelihoods.options import TermOptions
from bsinv.physics.inputs import Inputs
from bsinv.physics.wilson import Wilson

GROUPS = catalogue.groups()
GLOBAL = "b2s-invisible-global"
PARTS = (
    *("b2snunu", "invisible", "kaons", "bsll-2022", "tau-and-lfv", "mixing", "charged-current"),
    *("radiative", "muon", "lhc-masses"),
)


@pytest.fixture(scope="module")
def standard_model():
    return Wilson(), Inputs.default()


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_group_builds_without_overlaps(name, standard_model):
    terms = catalogue.build([(name, TermOptions())])
    assert tuple(term.name for term in terms) == GROUPS[name]
    dark = {"m_phi0": [0.7], "phi0_S_ss": [1e-4]} if name.startswith("dark-matter") else {}
    dark |= {"m_1": [0.2]} if name.startswith("light-particle") else {}
    for term in terms:
        prediction = term.predict(Wilson(dark), standard_model[1])
        assert np.isfinite(term.log_likelihood(prediction)).all(), term.name


@pytest.mark.parametrize("name", sorted(GROUPS))
def test_a_group_has_nothing_that_was_replaced(name):
    for member in GROUPS[name]:
        record = measurements().get(member)
        if record is None or "talk" in name:
            continue
        assert record.confirmed, member
        assert record.superseded_by is None, member
        assert record.status in ("current", "average", "recast"), member


def test_the_global_group_is_the_sum_of_its_parts():
    expected = [member for part in PARTS for member in GROUPS[part]]
    assert GROUPS[GLOBAL] == (*expected, "perturbativity")
    assert len(set(expected)) == len(expected)
    kaons = [member for member in GROUPS[GLOBAL] if "pinunu" in member and member[:2] != "be"]
    assert kaons == ["na62_2024_kppinunu", "koto_2025_klpinunu"]


def test_each_decay_to_tau_or_different_leptons_once_with_its_strongest_limit():
    """Compared by the width of the half Gaussian, as the levels differ."""
    sums_of_charges = ("babar_2012_kpmutau", "babar_2012_kpetau", "lhcb_2023_kst0emu")
    known = [
        record
        for record in measurements().values()
        if usable(record)
        and record.kind == "upper_limit"
        and record.group == "c"
        and record.id not in sums_of_charges
    ]
    widths: dict[str, dict[str, float]] = {}
    for record in known:
        found = widths.setdefault(observables_of(record)[0], {})
        half = catalogue.term(record.id, TermOptions(limit_form="half-gaussian"))
        found[record.id] = half.sigma
    members = set(GROUPS["tau-and-lfv"])
    for name, found in widths.items():
        (chosen,) = members & set(found)
        # Of two that are as strong the newer.
        assert found[chosen] <= 1.02 * min(found.values()), name


def test_the_numbers_of_the_overview():
    terms = {term.name: term for term in catalogue.build([("talk-2024", TermOptions())])}
    assert set(GROUPS["talk-2024-nunu"]) == {"talk_2024_RKnunu", "talk_2024_RKstnunu"}
    assert set(GROUPS["talk-2024-nunu"]) < set(terms)
    rk = terms["talk_2024_RKnunu"]
    assert (rk.value - rk.error_minus, rk.value + rk.error_plus) == pytest.approx((3.8, 7.0))
    assert (terms["talk_2024_RKstnunu"].limit, terms["talk_2024_RKstnunu"].level) == (2.7, 0.9)
    assert measurement("talk_2024_RKstnunu_neutral").limit == 1.9
    limits = {
        "lhcb_2017_bstautau": 6.8e-3,
        "babar_2017_kptautau": 2.25e-3,
        "babar_2012_kpmumitaupl": 2.8e-5,
        "lhcb_2020_kpmumitaupl": 3.9e-5,
        "babar_2012_kpmupltaumi": 4.5e-5,
        "lhcb_2019_bsmutau": 4.2e-5,
    }
    assert set(limits) <= set(terms)
    assert {name: measurement(name).limit for name in limits} == limits


def test_ratios_and_moments_of_the_overview(standard_model):
    for name, ratio, error in (("talk_2024_RD", 1.19, 0.10), ("talk_2024_RDstar", 1.15, 0.05)):
        term = catalogue.term(name)
        predicted = term.predict(*standard_model)[0]
        assert term.value / predicted == pytest.approx(ratio, abs=1e-3)
        assert term.measured_plus / predicted == pytest.approx(error, abs=1e-3)
    term = catalogue.term("talk_2024_amu")
    predicted = term.predict(*standard_model)[0]
    assert term.value - predicted == pytest.approx(251e-11, rel=1e-3)
    assert term.error_plus == pytest.approx(59e-11, rel=0.01)
    # With the Standard Model of 2025 the difference is gone.
    assert abs(catalogue.term("world_2025_amu").pull(np.array([116592033e-11]))[0]) < 1.0


def test_the_overview_does_not_go_with_its_own_sources():
    for pair in (
        ("talk-2024-nunu", "belle2-2023-bknunu"),
        ("talk-2024-nunu", "belle_2017_kst0nunu"),
        ("talk-2024", "hflav_ckm2025_RD_RDstar"),
        ("talk-2024", "world_2025_amu"),
    ):
        with pytest.raises(AnalysisError, match="overlap"):
            catalogue.build([(name, TermOptions()) for name in pair])


# Results of one experiment on one observable that use different events: other tags, other runs,
# other final states.
INDEPENDENT = (
    {"belle_2013": "hadronic tag", "belle_2017": "semileptonic tag"},
    {"babar_2008": "other tags", "babar_2010": "semileptonic tag", "babar_2013": "hadronic tag"},
    {"koto_2019": "run of 2015", "koto_2021": "runs of 2016 to 2018", "koto_2025": "run of 2021"},
    {
        "belle_2015_RD_RDstar": "hadronic tag, leptonic tau",
        "belle_2017_RDstar": "hadronic tag, hadronic tau",
        "belle_2019_RD_RDstar": "semileptonic tag",
    },
    {
        "lhcb_2023_RD_RDstar": "D0, D*, leptonic tau",
        "lhcb_2024_RD_RDstar": "D+, leptonic tau",
        "lhcb_2023_RDstar_had": "hadronic tau",
    },
    {"belle2_2025_RD_RDstar_sl": "semileptonic tag", "belle2_2025_RD_RDstar_had": "hadronic tag"},
    {"na62_2025_kpiX": "but the mass of the pi0", "na62_2021_kpiX_pi0": "the mass of the pi0"},
    {"na62_2020_kpiX": "but the mass of the pi0", "na62_2021_kpiX_pi0": "the mass of the pi0"},
    {"atlas_2022_T_Zt": "one lepton", "atlas_2023_T_Zt": "two or more leptons"},
    {"atlas_2024_T_singlet": "T -> W b", "atlas_2023_T_singlet": "T -> Z t"},
)
EXPERIMENTS = ("Belle II", "BaBar", "LHCb", "ATLAS", "CMS", "NA62", "KOTO", "ALEPH", "DELPHI")


def experiments(record):
    text = record.reference.experiment or ""
    found = {name for name in EXPERIMENTS if name in text}
    if "Belle" in text.replace("Belle II", ""):
        found.add("Belle")
    return found


def different_events(a, b):
    for family in INDEPENDENT:
        keys = [{key for key in family if name.startswith(key)} for name in (a, b)]
        if all(keys) and keys[0] != keys[1]:
            return True
    return False


def test_no_pair_escapes_the_overlap_table():
    """One observable twice from one experiment, or in an average and besides."""
    records = [record for record in measurements().values() if usable(record)]
    for a, b in combinations(records, 2):
        names = [set(observables_of(record)) or set(record.observables) for record in (a, b)]
        if not names[0] & names[1]:
            continue
        shared = experiments(a) & experiments(b)
        made_of_others = {"average", "recast"} & {a.status, b.status}
        if not (shared or made_of_others) or different_events(a.id, b.id):
            continue
        assert conflicts([a.id, b.id]), f"{a.id} and {b.id} are not in the overlap table"


def test_regions_of_x_s_and_the_likelihood_of_k():
    """The lowest region is K nu nubar of the same events; the others may stand beside it."""
    plain = TermOptions()
    with pytest.raises(AnalysisError, match="measured with the same Belle II data"):
        catalogue.build([("xsnunu-regions", plain), ("belle2-2023-bknunu", plain)])
    terms = catalogue.build(
        [("xsnunu-regions", plain), ("belle2-2023-bknunu", plain)],
        excluded=["belle2_2025_xsnunu_low"],
    )
    assert len(terms) == 3
    with pytest.raises(AnalysisError, match="total and one of its intervals"):
        catalogue.build([("xsnunu-regions", plain), ("belle2_2025_xsnunu_tot", plain)])
