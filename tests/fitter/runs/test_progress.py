"""What a run says: plain lines, bars of a terminal; signals that ask it to stop."""

import os
import signal

import pytest
from bsinv.errors import StoreError
from bsinv.fitter.runs import progress
from bsinv.fitter.runs.progress import BarReporter, PlainReporter, StopRequest


def test_plain_lines_are_written_once_for_each_state(capsys):
    with PlainReporter() as told:
        told.step("sample", 10, 100, "R-hat 1.2")
        told.step("sample", 20, 100, "R-hat 1.2")
        told.step("sample", 30, 100, "R-hat 1.1")
        told.step("pictures", 0)
        told.say("saved run.h5")
    assert capsys.readouterr().err.splitlines() == [
        "sample: 10 done, R-hat 1.2",
        "sample: 30 done, R-hat 1.1",
        "pictures",
        "saved run.h5",
    ]


def test_bars_of_earlier_stages_are_filled(capsys):
    with BarReporter() as told:
        told.step("fit", 3, 10)
        told.step("sample", 50, None, "[bold] R-hat 1.2")
        told.step("sample", 60, 100)
        fit, sample = told._progress.tasks
        assert (fit.completed, fit.total) == (3, 3)
        assert (sample.completed, sample.total) == (60, 100)
        assert fit.finished
        assert not sample.finished
        assert sample.fields["count"] == "60 / 100"
        told.say("saved run.h5")
        told.say("[red] going on\x1b[2J")
    assert sample.finished
    shown = capsys.readouterr().err
    assert "saved" not in shown
    # Neither markup nor control characters of a text act.
    assert "[red] going on" in shown
    assert "\x1b[2J" not in shown


def test_a_bar_that_failed_is_not_filled():
    told = BarReporter()

    def fail():
        with told:
            told.step("fit", 3, 10)
            raise StoreError("full")

    with pytest.raises(StoreError, match="full"):
        fail()
    (fit,) = told._progress.tasks
    assert (fit.completed, fit.total) == (3, 10)


@pytest.mark.parametrize(("terminal", "kind"), [(True, BarReporter), (False, PlainReporter)])
def test_bars_are_for_terminals(monkeypatch, terminal, kind):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    assert type(progress.reporter()) is kind


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_ends(number):
    before = signal.getsignal(number)
    stop = StopRequest()
    with stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
        assert stop.signal == number
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
