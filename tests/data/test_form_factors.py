import copy
import pickle

import numpy as np
import pytest
from bsinv.data.form_factors import form_factor_set, form_factor_sets, read_set, read_sets
from bsinv.errors import DataError, UnknownNameError

PARAMETERS = {
    "id": "set",
    "process": "B->K",
    "kind": "parameters",
    "parametrisation": "BSZ",
    "status": "confirmed",
    "poles": {"f+": 5.415, "f0": 5.63, "fT": 5.415},
    "m_B": 5.279,
    "m_M": 0.492,
    "options": {
        "t0": "optimal",
        "variable": "z - z(0)",
        "terms": 3,
        "constraints": ["a0_f0 = a0_f+"],
        "masses": "given",
    },
    "names": ["a0_f+", "a1_f0"],
    "central": [0.33, 0.37],
    "covariance": [[1e-4, 1e-5], [1e-5, 6e-3]],
    "notes": [],
    "reference": {"arxiv": "1811.00983"},
}
BARYON = ("f+", "fperp", "f0", "g+", "gperp", "g0", "h+", "hperp", "ht+", "htperp")
POINTS = {
    **{key: value for key, value in PARAMETERS.items() if key != "poles"},
    "kind": "points",
    "parametrisation": "points",
    "options": {"masses": "given"},
    "names": ["f+@12", "f0@22.9"],
    "points": [["f+", 12.0], ["f0", 22.9]],
}


def evaluate(record, factor, q2):
    """Form factor at one q2 from the central values: the formulas that `options` stand for."""
    value = dict(zip(record.names, record.central, strict=True))
    plus, minus = (record.m_B + record.m_M) ** 2, (record.m_B - record.m_M) ** 2
    t0 = plus * (1 - np.sqrt(1 - minus / plus)) if record.options["t0"] == "optimal" else 0.0

    def z(t):
        a, b = np.sqrt(plus - t), np.sqrt(plus - t0)
        return (a - b) / (a + b)

    pole = 1 / (1 - q2 / record.poles[factor] ** 2)
    if record.parametrisation == "BSZ":
        leading = value.get(f"a0_{factor}")
        if leading is None:
            ratio = (record.m_B**2 - record.m_M**2) / (8 * record.m_B * record.m_M)
            leading = {
                "f0": lambda: value["a0_f+"],
                "A12": lambda: value["a0_A0"] * ratio,
                "T2": lambda: value["a0_T1"],
            }[factor]()
        rest = [value.get(f"a{n}_{factor}", 0.0) * (z(q2) - z(0)) ** n for n in (1, 2)]
        return pole * (leading + sum(rest))
    a = [value.get(f"a{n}_{factor}", value.get("a0") if n == 0 else None) for n in range(3)]
    if a[2] is None:  # f0 of FLAG: fixed by f0(0) = f+(0)
        a[2] = (evaluate(record, "f+", 0.0) - a[0] - a[1] * z(0)) / z(0) ** 2
    powers = [z(q2) ** n for n in range(3)]
    if factor != "f0":
        powers = [powers[n] - n / 3 * (-1) ** (n - 3) * z(q2) ** 3 for n in range(3)]
    return record.options.get("L", 1.0) * pole * float(np.dot(a, powers))


def residuals(parameters, points):
    record, data = form_factor_set(parameters), form_factor_set(points)
    found = np.array([evaluate(record, factor, q2) for factor, q2 in data.points])
    return found - data.central, data


def test_sets_are_there():
    known = form_factor_sets()
    assert len(known) == 39
    processes = {record.process for record in known.values()}
    assert processes == {
        *("B->K", "B->K*", "Bs->phi", "Bs->eta", "Bs->etaprime", "Bs->K*", "Lambdab->Lambda"),
        *("B->pi", "B->rho", "B->omega", "D->pi", "K->pi"),
    }
    assert {record.parametrisation for record in known.values()} == {
        "BSZ",
        "BCL",
        "BCL-HPQCD",
        "BCL-LMvD",
        "DM",
        "points",
    }


@pytest.mark.parametrize("id", sorted(form_factor_sets()))
def test_covariance_is_positive_definite(id):
    record = form_factor_set(id)
    m = len(record.names)
    assert record.central.shape == (m,)
    assert record.covariance.shape == (m, m)
    assert (record.covariance == record.covariance.T).all()
    known = np.diag(record.covariance) > 0.0
    assert known.all() or record.status == "auxiliary"
    np.linalg.cholesky(record.covariance[np.ix_(known, known)])
    assert not record.covariance.flags.writeable


@pytest.mark.parametrize(
    "id", ["BtoKstar_BSZ2015_LCSR", "BtoKstar_BSZ2015_LCSR_Lattice", "Bstophi_BSZ2015_LCSR_Lattice"]
)
def test_dependent_coefficients_are_left_out(id):
    record = form_factor_set(id)
    assert len(record.names) == 19
    assert not {"a0_A12", "a0_T2"} & set(record.names)
    assert any("a0_A12 and a0_T2" in note for note in record.notes)


def test_masses_of_bsz_2015_reproduce_the_printed_a0_a12():
    # a0_A12 of arXiv:1503.05534, left out of the sets, from a0_A0 and the masses.
    printed = {
        "BtoKstar_BSZ2015_LCSR": 0.255783,
        "BtoKstar_BSZ2015_LCSR_Lattice": 0.265375,
        "Bstophi_BSZ2015_LCSR_Lattice": 0.267053,
    }
    for id, value in printed.items():
        assert evaluate(form_factor_set(id), "A12", 0.0) == pytest.approx(value, rel=5e-6)


def test_joint_fit_has_the_chi2_of_its_notes():
    # Sum over both sets of points, which are independent; 16 points, 8 coefficients.
    chi2 = 0.0
    for points in ("BtoK_FLAG2021_points", "BtoK_HPQCD2022_points"):
        r, data = residuals("BtoK_FLAG2021_HPQCD2022_BSZ", points)
        chi2 += r @ np.linalg.solve(data.covariance, r)
    assert chi2 == pytest.approx(4.83995, rel=1e-4)


@pytest.mark.parametrize(
    ("parameters", "points", "relative"),
    [
        ("BtoK_HPQCD2022_BCL", "BtoK_HPQCD2022_points", 1e-6),  # derived from these points
        ("BtoK_FNALMILC2015_BCL", "BtoK_FNALMILC2015_points", 1.5e-3),  # rounded coefficients
        ("BtoK_FLAG2021_BCL", "BtoK_FLAG2021_points", 2.5e-2),  # 1.3 sigma; see the notes
        ("BtoK_HPQCD2022_BCL_published", "BtoK_HPQCD2022_points", 5e-3),  # rounded coefficients
    ],
)
def test_parameters_agree_with_points_of_the_same_paper(parameters, points, relative):
    r, data = residuals(parameters, points)
    assert np.abs(r / data.central).max() < relative


def test_bcl_hpqcd_shares_a0():
    record = form_factor_set("BtoK_HPQCD2022_BCL_published")
    assert record.names == ("a0", "a1_f0", "a2_f0", "a1_f+", "a2_f+", "a0_fT", "a1_fT", "a2_fT")
    assert record.names == form_factor_set("BtoK_HPQCD2022_BCL").names
    assert record.options["L"] == 1.304
    assert (record.covariance == np.diag(np.diag(record.covariance))).all()
    assert any("without correlations" in note for note in record.notes)
    assert evaluate(record, "f0", 0.0) == pytest.approx(evaluate(record, "f+", 0.0))


def test_sets_can_be_sent_to_workers():
    record = form_factor_set("BtoK_GRvDV2023_BSZ")
    again = pickle.loads(pickle.dumps(record))
    assert dict(again.options) == dict(record.options)
    assert (again.covariance == record.covariance).all()


def test_unknown_id():
    with pytest.raises(UnknownNameError, match="unknown form-factor set 'BtoK_GRvDV2023'"):
        form_factor_set("BtoK_GRvDV2023")


@pytest.mark.parametrize(
    ("entry", "changes", "message"),
    [
        (
            PARAMETERS,
            {"process": "B->D"},
            "process is 'B->D'; allowed: one of B->K, B->K*",
        ),
        (PARAMETERS, {"kind": "spline"}, "kind is 'spline'; allowed: one of parameters, points"),
        (
            PARAMETERS,
            {"parametrisation": "points"},
            "allowed: one of BCL, BCL-HPQCD, BCL-LMvD, BSZ",
        ),
        (PARAMETERS, {"names": ["a0_f+", "a0_f+"]}, "names is 'a0_f+'; allowed: each name once"),
        (PARAMETERS, {"names": ["a0_f+", "a1_V"]}, "names is 'a1_V'; allowed: one of a0_f+"),
        (PARAMETERS, {"central": [1.0]}, "central is [1.0]; allowed: finite numbers of shape (2)"),
        (PARAMETERS, {"covariance": [[1, 0]]}, "allowed: finite numbers of shape (2, 2)"),
        (PARAMETERS, {"covariance": [[1, 0.1], [0.2, 1]]}, "covariance[0][1] is 0.1; allowed: its"),
        (
            PARAMETERS,
            {"covariance": [[1, 1], [1, 1]]},
            "lowest eigenvalue of the correlations",
        ),
        (
            PARAMETERS,
            {"covariance": [[0, 0], [0, 1]]},
            "covariance[0][0] is 0.0; allowed",
        ),
        (PARAMETERS, {"poles": {"f+": 5.4, "f0": 5.6}}, "poles: fT is missing; needed: f+, f0, fT"),
        (PARAMETERS, {"m_B": 5279}, "m_B is 5279; allowed: a finite number above 5 and below 6"),
        (PARAMETERS, {"options": {}}, "options: "),
        (
            PARAMETERS,
            {"options": {**PARAMETERS["options"], "t0": 20.3}},
            "t0 is 20.3; allowed: one of optimal, zero",
        ),
        (
            {**PARAMETERS, "process": "Lambdab->Lambda", "parametrisation": "DM"}
            | {"poles": dict.fromkeys(BARYON, 5.4), "names": ["a0_f+", "a0_f0"]},
            {},
            "t0 is 'optimal'; allowed: a finite number above 0",
        ),
        (PARAMETERS, {"status": "old"}, "status is 'old'; allowed: one of approximate, auxiliary"),
        (
            PARAMETERS,
            {"status": "auxiliary", "covariance": [[0, 1e-5], [1e-5, 1]]},
            "covariance is 'not zero'; allowed: zero beside a variance of zero",
        ),
        (POINTS, {"points": [["f+", 12.0]]}, "allowed: 2 pairs of form factor and q2"),
        (POINTS, {"points": [["f+", 12.0], ["f0"]]}, "points[1] is ['f0']; allowed: a pair"),
        (POINTS, {"points": [["f+", 12.0], ["V", 22.9]]}, "points[1] is 'V'; allowed: one of f+"),
        (POINTS, {"points": [["f+", 12.0], ["f0", 20.0]]}, "names[1] is 'f0@22.9'; allowed: f0@20"),
        (POINTS, {"points": [["f+", 12.0], ["f0", 30.0]]}, "allowed: a finite number below 26.5"),
    ],
)
def test_faults(entry, changes, message):
    with pytest.raises(DataError) as caught:
        read_set({**copy.deepcopy(entry), **changes}, "test.json")
    assert str(caught.value).startswith("test.json: set: ")
    assert message in str(caught.value)


def test_coefficients_without_errors_in_auxiliary_sets():
    changes = {"status": "auxiliary", "covariance": [[1e-4, 0], [0, 0]]}
    record = read_set({**PARAMETERS, **changes}, "test.json")
    assert record.covariance[1, 1] == 0.0
    for name in ("Dtopi_ETM2017_BSZ", "Ktopi_FLAG_poles"):
        assert form_factor_set(name).status == "auxiliary"


def test_sound_sets_are_read():
    assert read_set(POINTS).points == (("f+", 12.0), ("f0", 22.9))
    with pytest.raises(DataError, match="the id set occurs twice"):
        read_sets({"entries": [PARAMETERS, PARAMETERS]})
