from itertools import combinations

import pytest
from bsinv.data import conflicts
from bsinv.data.measurements import measurements
from bsinv.data.overlaps import data_sets, overlaps, read_overlaps
from bsinv.errors import DataError
from hypothesis import given
from hypothesis import strategies as st

IDS = [*data_sets(), *measurements()]


def pairs(ids):
    return {frozenset((found.a, found.b)) for found in conflicts(ids)}


def test_members_exist_and_reasons_are_given():
    for overlap in overlaps():
        assert len(overlap.members) == len(set(overlap.members)) >= 2
        assert set(overlap.members) <= set(IDS)
        assert overlap.reason


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("belle2-2023-bknunu", "belle2_2023_kpnunu", "same Belle II events"),
        ("belle2-2023-bknunu", "belle2_2025_kpnunu_reinterpretation", "same Belle II events"),
        ("belle2_2023_kpnunu_ITA", "belle2_2023_kpnunu_HTA", "same Belle II events"),
        ("belle2_2021_kpnunu", "belle2_2023_kpnunu", "belle2_2023_kpnunu supersedes belle2_2021"),
        ("hflav_dec2025_kpnunu", "belle2-2023-bknunu", "average and one of its inputs"),
        ("hflav_dec2025_kpnunu", "babar_2013_kpnunu_combined", "average and one of its inputs"),
        ("belle_2013_kpnunu", "belle_2013_kpnunu_value", "limit and central value of one result"),
        ("belle_2017_knunu_combined", "belle_2017_k0nunu", "isospin combination"),
        ("babar_2013_kstnunu_combined", "babar_2013_kst0nunu_had", "combination of tags"),
        ("babar_2010_kpnunu", "babar_2013_kpnunu_combined", "supersedes"),
        ("belle2_2025_xsnunu_low", "belle2-2023-bknunu", "K nu nu"),
        ("na62_2024_kppinunu", "pdg2026_kppinunu", "average"),
        ("hflav_2023_RD_RDstar", "babar_2012_RD_RDstar", "average"),
        ("xenon1t_2019_migdal", "xenon1t_2019_migdal_digitised", "two readings"),
        ("hflav_2024_dms", "hflav_xs", "the same average"),
        ("hflav_2025_dmd", "hflav_xd", "times the lifetime"),
        ("pdg_epsK", "bound_epsK_np", "a bound on new physics from the value"),
        ("pdg_dmK", "bound_dmK_np", "a bound on new physics"),
        ("hflav_ckm25_x12", "bound_x12D_np", "a bound that is its result"),
        ("hflav_2025_sin2beta", "ckm_utfit_etabar", "one of its inputs"),
        ("hflav_ckm2025_RD_RDstar", "belle2_2025_RD_RDstar_had", "average"),
        ("akeroyd_2017_bctaunu", "alonso_2016_bctaunu", "bounds on one branching fraction"),
        ("world_2025_amu", "fnal_2025_amu", "average"),
        ("talk_2024_RKnunu", "belle2-2023-bknunu", "same Belle II events"),
        ("talk_2024_RKstnunu", "belle_2017_kst0nunu", "made from this limit"),
        ("talk_2024_RKstnunu", "talk_2024_RKstnunu_neutral", "two readings"),
        ("talk_2024_amu", "world_2025_amu", "average"),
        ("talk_2024_bs_inv", "aleph_recast_b0_inv", "one ALEPH search"),
        ("atlas_2022_T_Zt", "atlas_2022_B_Wt", "the other decays are absent"),
    ],
)
def test_known_overlaps(a, b, reason):
    for ids in ([a, b], [b, a]):
        (found,) = conflicts(ids)
        assert (found.a, found.b) == tuple(ids)
        assert reason in found.reason


@pytest.mark.parametrize(
    "ids",
    [
        ["belle2-2023-bknunu", "belle_2017_kst0nunu", "belle_2017_kstpnunu"],
        ["belle_2013_kst0nunu", "belle_2017_kst0nunu", "babar_2013_kst0nunu_combined"],
        ["belle_2017_kpnunu_value", "belle_2013_kpnunu_value", "babar_2010_kpnunu_value"],
        ["lhcb_2024_RD_RDstar", "hflav_2023_RD_RDstar"],
        ["belle2_2025_xsnunu_mid", "belle2-2023-bknunu"],
        ["atlas_2024_sLQ_bnu", "cms_2020_sLQ_bnu", "atlas_2024_sLQ_btau"],
        ["charm2_1990_trident", "ccfr_1991_trident", "world_2025_amu", "hflav_xsgamma"],
        ["hflav_2024_dms", "hflav_2025_dmd", "hflav_2025_sin2beta", "pdg_epsK", "bound_x12D_np"],
        ["bound_epsK_np", "bound_dmK_np", "bound_x12D_np", "hflav_ckm2025_RD_RDstar"],
    ],
)
def test_independent_data(ids):
    assert conflicts(ids) == ()


def test_inputs_of_an_average_are_free_among_themselves():
    inputs = ["belle_2017_kpnunu_value", "babar_2013_kpnunu_value", "belle2_2023_kpnunu"]
    assert pairs([*inputs, "hflav_dec2025_kpnunu"]) == {
        frozenset(("hflav_dec2025_kpnunu", id)) for id in inputs
    }


def test_the_same_data_twice_and_data_of_the_user():
    (found,) = conflicts(["my_own", "belle_2017_kst0nunu", "my_own"])
    assert (found.a, found.b, found.reason) == ("my_own", "my_own", "the same data used twice")


def test_what_is_superseded_overlaps_with_its_successor():
    for record in measurements().values():
        if record.superseded_by:
            assert conflicts([record.id, record.superseded_by])


def test_averages_of_b_to_k_nu_nu_are_declared():
    members = {id for overlap in overlaps() for id in overlap.members}
    for record in measurements().values():
        if record.status == "average" and record.observables == ("BR(B+->K+nunu)",):
            assert record.id in members


@given(st.lists(st.sampled_from(IDS), max_size=12))
def test_conflicts_do_not_depend_on_order_and_grow_with_the_list(ids):
    found = pairs(ids)
    assert found == pairs(ids[::-1])
    assert pairs(ids[:-1]) <= found
    single = {pair for a, b in combinations(ids, 2) for pair in pairs([a, b])}
    assert found == single


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"members": ["a", "b"]}, "entries[0]: reason is None; allowed: a text"),
        (
            {"members": ["nobody", "s"], "reason": "r"},
            "members[0] is 'nobody'; allowed: the id",
        ),
        ({"members": ["s"], "reason": "r"}, "members is ['s']; allowed: at least 2 different ids"),
        ({"members": ["s", "s"], "reason": "r"}, "allowed: at least 2 different ids, each once"),
        ({"one": "s", "against": ["s"], "reason": "r"}, "against is 's'; allowed: ids other than"),
        ({"one": "s", "reason": "r"}, "against is missing"),
        ({"one": "t", "against": ["s"], "reason": "r"}, "one is 't'; allowed: one of"),
    ],
)
def test_faults(entry, message):
    with pytest.raises(DataError) as caught:
        read_overlaps({"data_sets": {"s": "a set"}, "entries": [entry]}, measurements())
    assert message in str(caught.value)
