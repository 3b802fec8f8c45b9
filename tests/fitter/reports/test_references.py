"""References of what a user brings, beside those of the package."""

import bsinv
from bsinv.fitter.reports.references import citations
from bsinv.physics.observables import observable


def uses(problem):
    """Uses by arXiv number."""
    return {one.reference.arxiv: one.used_for for one in citations(problem)}


def analysis(*likelihoods, **own):
    given = {"name": "x", "model": "wet-lfu", "likelihoods": list(likelihoods)}
    given["parameters"] = {"dC_L": {"prior": {"uniform": [-6.4, 20]}, "start": -2.0}}
    return bsinv.load(given, **own)


def test_the_published_likelihood_is_cited_with_its_methods():
    found = uses(analysis("belle2-2023-bknunu").problem)
    assert found["2311.14647"] == ("datum belle2-2023-bknunu",)
    assert found["2402.08417"] == ("reweighting of the published likelihood",)
    assert "2402.08417" not in uses(analysis("belle2_2023_kpnunu").problem)


def test_a_measurement_of_ones_own_is_cited_with_its_own_reference():
    own = {"name": "mine", "observable": "BR(B+->Knunu)", "value": 1e-5, "error": 3e-6}
    own |= {"experiment": "Mine", "year": 2027, "arxiv": "2701.00001"}
    assert uses(analysis(own).problem)["2701.00001"] == ("datum mine",)


def test_an_observable_of_ones_own_is_cited():
    record = bsinv.Observable(
        "twice",
        "2B",
        "1",
        lambda wilson, inputs: 2.0 * observable("BR(B+->Knunu)")(wilson, inputs),
        references=("2701.00002",),
    )
    own = {"name": "mine", "observable": "twice", "value": 1e-5, "error": 3e-6}
    found = uses(analysis(own, observables=[record]).problem)
    assert found["2701.00002"] == ("theory of twice",)
