"""The comparison of log-likelihoods before and after a change sees what it is there to see."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
ONLY = ("--only", "b2snunu-lfu", "belle2-signal-strength", "--points", "4")


@pytest.fixture(scope="module")
def tool():
    path = ROOT / "tools" / "compare_log_likelihoods.py"
    spec = importlib.util.spec_from_file_location("compare_log_likelihoods", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(tool, tmp_path_factory):
    path = tmp_path_factory.mktemp("logs") / "old.npz"
    tool.main(["write", str(path), *ONLY])
    return path


def changed(tool, written, change):
    """Another file, with one analysis changed by a function of its entry."""
    entries = tool.read(written)
    entries["b2snunu-lfu"] = change(*entries["b2snunu-lfu"])
    path = written.with_name("new.npz")
    tool.save(path, entries)
    return str(path)


def test_every_analysis_has_a_name_of_its_own(tool):
    """Else the tool stops: log L are kept by the names of the files."""
    assert {"b2snunu-lfu", "one-particle"} <= set(tool.files(ROOT))


def test_same_code_is_equal_at_the_same_points(tool, written, capsys):
    again = written.with_name("again.npz")
    tool.main(["write", str(again), "--at", str(written), *ONLY])
    tool.main(["compare", str(written), str(again)])
    assert "2 analyses, 8 points: equal within 1e-12, 2 of the analyses to the bit" in (
        capsys.readouterr().out
    )


def test_points_are_start_reference_and_draws(tool, written):
    names, theta, log = tool.read(written)["b2snunu-lfu"]
    assert theta.shape == (4, len(names))
    coefficients = [names.index(name) for name in ("dC_L", "dC_R") if name in names]
    assert len(coefficients) == 2
    assert not theta[1, coefficients].any()
    assert len(np.unique(theta, axis=0)) >= 3
    assert np.isfinite(log).all()


def test_worst_difference_is_told(tool, written):
    def change(names, theta, log):
        return names, theta, log * (1.0 + np.array([0.0, 1e-9, 3e-13, 1e-11]))

    with pytest.raises(SystemExit, match=r"b2snunu-lfu: 1\.0e-09 at point 1 .*; 2 of 4 points"):
        tool.main(["compare", str(written), changed(tool, written, change)])


def test_a_larger_tolerance_passes(tool, written):
    path = changed(tool, written, lambda names, theta, log: (names, theta, log * (1.0 + 1e-9)))
    tool.main(["compare", str(written), path, "--tolerance", "1e-8"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_differs(tool, written, value):
    def change(names, theta, log):
        return names, theta, np.where(np.arange(4) == 2, value, log)

    with pytest.raises(SystemExit, match=r"inf at point 2"):
        tool.main(["compare", str(written), changed(tool, written, change)])


def test_two_infinities_are_equal(tool):
    both = np.array([-np.inf, np.inf, 1.0])
    assert tool.distances(both, both).tolist() == [0.0, 0.0, 0.0]
    assert np.isinf(tool.distances(both, -both)[:2]).all()


def test_order_of_parameters_is_no_difference(tool, written):
    def change(names, theta, log):
        return names[::-1], theta[:, ::-1], log

    tool.main(["compare", str(written), changed(tool, written, change)])


def test_other_points_are_told(tool, written):
    path = changed(tool, written, lambda names, theta, log: (names, theta + 1e-9, log))
    with pytest.raises(SystemExit, match="b2snunu-lfu: the points differ"):
        tool.main(["compare", str(written), path])


def test_other_parameters_are_told(tool, written):
    path = changed(tool, written, lambda names, theta, log: (("x", *names[1:]), theta, log))
    with pytest.raises(SystemExit, match="b2snunu-lfu: parameters differ"):
        tool.main(["compare", str(written), path])


def test_missing_analysis_is_told(tool, written):
    entries = tool.read(written)
    del entries["b2snunu-lfu"]
    path = written.with_name("fewer.npz")
    tool.save(path, entries)
    with pytest.raises(SystemExit, match="b2snunu-lfu: in one of the files only"):
        tool.main(["compare", str(written), str(path)])


def test_unknown_analysis_and_no_points_are_refused(tool, tmp_path, capsys):
    for arguments in (["--only", "nothing"], ["--points", "0"]):
        with pytest.raises(SystemExit):
            tool.main(["write", str(tmp_path / "x.npz"), *arguments])
    told = capsys.readouterr().err
    assert "no analysis 'nothing'" in told
    assert "--points is 0; at least 1" in told


def test_every_analysis_is_in(tool):
    names = tool.files(ROOT)
    assert "b2snunu-lfu" in names
    examples = (ROOT / "examples").rglob("*.yaml")
    assert {path.stem for path in examples if path.parent.name != "hepdata"} < set(names)
