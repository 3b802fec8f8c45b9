"""Regions of profiles, how they end, and that pictures say so."""

import dataclasses

import numpy as np
import pytest
from bsinv.chains.files.store import read, write
from bsinv.chains.plots.likelihood.profiles import profile_figure
from bsinv.chains.records import BestFit, ParameterRecord, Scan, ScanEnd
from bsinv.chains.tables.profiles import (
    ends_text,
    profile_curve,
    profile_regions,
    profile_table,
)
from bsinv.chains.tables.summary import summary_markdown


def texts_of(figure):
    legend = figure.axes[0].get_legend()
    return [text.get_text() for text in (legend.get_title(), *legend.get_texts())]


def test_regions_of_a_curve():
    axis = np.linspace(-3.0, 3.0, 601)
    ((low, high),) = profile_regions(axis, axis**2, 1.0)
    assert (low, high) == (pytest.approx(-1.0, abs=1e-4), pytest.approx(1.0, abs=1e-4))
    # a minimum on each side of zero
    two = profile_regions(axis, 10.0 * (abs(axis) - 1.5) ** 2, 1.0)
    ends = 1.5 + np.array([-1.0, 1.0]) / np.sqrt(10.0)
    np.testing.assert_allclose(two, [(-ends[1], -ends[0]), tuple(ends)], atol=1e-3)
    assert profile_regions(axis, np.zeros(601), 1.0) == ((-3.0, 3.0),)
    assert profile_regions(axis, np.full(601, 2.0), 1.0) == ()
    # what was not found counts as above, and does not widen an interval
    broken = np.where(abs(axis - 0.5) < 1e-9, np.nan, 0.0)
    assert profile_regions(axis, broken, 1.0) == (
        (-3.0, pytest.approx(0.49)),
        (pytest.approx(0.51), 3.0),
    )


def curve(**changes):
    grid = np.linspace(-2.0, 2.0, 21)
    given = {"ends": (ScanEnd.CLOSED, ScanEnd.SUPPORT)} | changes
    return Scan("profile dC_L", ("dC_L",), (grid,), -0.5 * grid**2, **given)


def test_how_scans_end():
    assert ends_text(curve(ends=(ScanEnd.CLOSED, ScanEnd.CLOSED))) == "closed"
    assert ends_text(curve()) == "open to the upper end of the support, 2"
    assert ends_text(curve(ends=(ScanEnd.OPEN, ScanEnd.CLOSED))) == (
        "open at -2, where the scan was given up"
    )
    assert ends_text(curve(ends=(ScanEnd.PERIOD,) * 2)) == "scanned over the whole period"
    assert ends_text(curve(ends=())) == ends_text(curve(ends=(ScanEnd.UNFINISHED,))) == ""


def test_table_and_summary_of_profiles(run):
    run = dataclasses.replace(run, scans=(curve(),), best_fit=None)
    assert profile_table(run).markdown().splitlines()[2] == (
        "| `dC_L` | others refitted | [-1.0, 1.0] | [-2.0, 2.0] "
        "| open to the upper end of the support, 2 |"
    )
    assert "## Profiles" in summary_markdown(run)
    assert not profile_table(dataclasses.replace(run, scans=())).rows


def test_a_minimum_between_two_points_is_on_the_curve(run):
    """A best fit narrower than the grid: its interval holds it, and the picture shows it."""
    grid = np.linspace(-2.05, 1.95, 5)
    best = dataclasses.replace(
        run.best_fit,
        values=np.zeros_like(run.best_fit.values),
        log_likelihood=0.0,
        log_constraint=0.0,
    )
    sharp = Scan("s", ("dC_L",), (grid,), -50.0 * abs(grid))
    axis, heights = profile_curve(best, sharp)
    assert axis[heights.argmin()] == 0.0
    assert heights.min() == 0.0
    ((low, high),) = profile_regions(axis, heights, 1.0)
    assert (low, high) == (pytest.approx(-0.01), pytest.approx(0.01))
    assert profile_regions(grid, 100.0 * abs(grid), 1.0) == ()
    drawn = profile_figure(dataclasses.replace(run, best_fit=best), sharp).axes[0].lines[0]
    np.testing.assert_array_equal(drawn.get_xdata(), axis)
    # one on the grid or beyond it changes nothing
    for place in (grid[2], 3.0):
        moved = dataclasses.replace(best, values=np.full_like(best.values, place))
        np.testing.assert_array_equal(profile_curve(moved, sharp)[0], grid)


def test_pictures_say_how_a_scan_ends(run):
    open_end = texts_of(profile_figure(run, curve()))
    assert open_end[0] == "95 % region: open to the upper end of the support, 2"
    assert texts_of(profile_figure(run, curve(ends=(ScanEnd.CLOSED,) * 2)))[0] == ""


def test_a_flat_profile_is_inside_the_frame(run):
    grid = np.linspace(-2.0, 2.0, 21)
    flat = Scan("s", ("dC_L",), (grid,), np.full(21, run.best_fit.log_penalised))
    axes = profile_figure(run, flat).axes[0]
    bottom, top = axes.get_ylim()
    assert bottom < -0.02 * top
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 0.0)


def test_no_line_where_a_parameter_has_no_meaning(run):
    assert "SM" in texts_of(profile_figure(run, curve()))
    fit = dataclasses.replace(run.best_fit, reference_undefined=("dC_L",))
    run = dataclasses.replace(run, best_fit=fit)
    assert "SM" not in texts_of(profile_figure(run, curve()))


def test_new_fields_are_stored(run, tmp_path):
    fit = dataclasses.replace(
        run.best_fit, other_minima=[[1.0, 2.0, 3.0]], reference_undefined=("dC_L",)
    )
    angle = dataclasses.replace(run.parameters[0], period=40.0)
    run = dataclasses.replace(
        run, best_fit=fit, scans=(curve(),), parameters=(angle, *run.parameters[1:])
    )
    path = tmp_path / "run.h5"
    write(path, run)
    back = read(path)
    np.testing.assert_array_equal(back.best_fit.other_minima, [[1.0, 2.0, 3.0]])
    assert back.best_fit.reference_undefined == ("dC_L",)
    assert back.scans[0].ends == (ScanEnd.CLOSED, ScanEnd.SUPPORT)
    assert back.parameter("dC_L").period == 40.0
    assert np.isnan(back.parameter("dC_R").period)


def test_records_of_older_files_are_read(run, tmp_path):
    """Without what was not there before: other minima, ends of scans, periods."""
    import h5py
    from bsinv.chains.files.codec import read_record, read_table, write_record, write_table
    from bsinv.chains.files.guarded import Budget, Guarded

    with h5py.File(tmp_path / "old.h5", "w") as file:
        for name, record in (("fit", run.best_fit), ("scan", curve())):
            write_record(file.create_group(name), record)
        write_table(file.create_group("parameters"), run.parameters, ParameterRecord)
        for name in ("fit/other_minima", "fit/reference_undefined", "scan/ends"):
            del file[name]
        del file["parameters/period"]
        root = Guarded(file, Budget(1_000_000))
        fit = read_record(root.group("fit"), BestFit)
        assert fit.other_minima.shape == (0, 3)
        assert fit.reference_line("dC_L") == 0.0
        assert read_record(root.group("scan"), Scan).ends == ()
        assert np.isnan(read_table(root.group("parameters"), ParameterRecord)[0].period)


def test_a_scan_says_whether_others_were_refitted(run):
    """The record, not the name; only files from before it was recorded have but the name."""
    scan = run.scans[0]
    held = dataclasses.replace(scan, name="any name", refitted=False)
    refitted = dataclasses.replace(scan, name="section of nothing", refitted=True)
    older = dataclasses.replace(scan, name="section dC_L")
    table = profile_table(dataclasses.replace(run, scans=(held, refitted, older, scan)))
    told = [row[table.header.index("scan")] for row in table.rows]
    assert told == ["others held", "others refitted", "others held", "others refitted"]
