"""What the monitor makes of reports, and where it shows them."""

import io
import math
import sys

import pytest

from labkit.progress import Progress
from labkit.widgets import Monitor, monitor, pace
from labkit.widgets.monitor import Bar, Silent
from labkit.widgets.pace import POINTS, Curve, Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(pace.time, "monotonic", clock.monotonic)
    return clock


def test_the_rate_is_that_of_the_stage_from_its_first_report(clock):
    job = Pace()
    clock.now += 10
    job.note(Progress("reading", 50, 100))
    assert (job.rate, job.left) == (None, None)
    clock.now += 5
    job.note(Progress("reading", 60, 100))
    assert (job.elapsed, job.rate, job.left) == (15, 2, 20)
    job.note(Progress("training", 0, 10))
    assert job.rate is None


def test_what_comes_late_and_at_once_went_as_fast_as_it_says_itself(clock):
    job = Pace()
    for done in (0, 10, 20):
        job.note(Progress("training", done, 100, elapsed=60.0 + done))
    assert (job.rate, job.left, job.elapsed) == (1, 80, 80)


def test_time_left_is_not_known_without_a_total(clock):
    job = Pace()
    for done in (0, 10):
        job.note(Progress("reading", done, 0))
        clock.now += 1
    assert job.rate == 10
    assert job.left is None


@pytest.mark.parametrize("count", [0, 1, POINTS, POINTS + 1, 100_000])
def test_a_curve_has_few_points_and_ends_with_the_last_value(count):
    curve = Curve()
    for value in range(count):
        curve.add(value)
    assert len(curve.values) <= POINTS
    assert curve.values == sorted(curve.values)
    assert curve.values[-1:] == ([count - 1] if count else [])


def test_a_curve_leaves_out_what_cannot_be_drawn():
    curve = Curve()
    for value in (1.0, math.nan, math.inf, 2.0):
        curve.add(value)
    assert curve.values == [1.0, 2.0]


def test_a_report_is_drawn_with_its_curves():
    shown = Monitor("training")
    shown(Progress("epoch 1", 1, 4, {"loss": 0.7}))
    shown(Progress("epoch 2", 2, 4, {"loss": 0.5, "score": 0.9}, device="CPU"))
    assert (shown.report["stage"], shown.report["done"], shown.report["state"]) == ("epoch 2 on CPU", 2, "running")
    assert shown.report["curves"] == {"loss": [0.7, 0.5], "score": [0.9]}
    assert shown.report["dollars"] is None
    shown(Progress("epoch 3", 3, 4, {"dollars": 0.01}))
    assert (shown.report["dollars"], set(shown.report["curves"])) == (0.01, {"loss", "score"})


def test_the_browser_gets_ten_updates_a_second_at_most_and_the_last_report(clock):
    shown = Monitor("training")
    drawn = []
    shown.observe(lambda change: drawn.append(change["new"]["done"]), "report")
    for done in range(1000):
        shown(Progress("epoch", done, 1000))
        clock.now += 0.001
    assert 9 <= len(drawn) <= 11
    shown.finish("done")
    assert (shown.report["done"], shown.report["state"]) == (999, "done")


def test_its_text_is_fixed():
    assert repr(Monitor("training")) == "Monitor: training"
    assert Monitor("training")._repr_mimebundle_()[0]["text/plain"] == "Monitor: training"


class Terminal(io.StringIO):
    """A standard error that a person reads."""

    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_on_standard_error(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with monitor("training") as report:
        assert isinstance(report, Bar)
        report(Progress("epoch", 1, 2, {"loss": 0.5}))
        report(Progress("epoch", 2, 2))
    assert "training: done" in terminal.getvalue()
    assert "2/2" in terminal.getvalue()
    assert "loss=0.5" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_a_log_file_gets_nothing(capsys):
    with monitor("training") as report:
        assert isinstance(report, Silent)
        report(Progress("epoch", 1, 2))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("error", "state"), [(ValueError, "failed"), (KeyboardInterrupt, "stopped")])
def test_how_a_job_ended_is_shown_and_its_exception_passes(monkeypatch, error, state):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with pytest.raises(error), monitor("training"):
        raise error
    assert f"training: {state}" in terminal.getvalue()


def test_a_job_that_runs_elsewhere_says_itself_how_long_it_has_run():
    from labkit.widgets.pace import Pace

    pace = Pace()
    pace.note(Progress("training", 1, 10, elapsed=3600.0))
    assert 3600 <= pace.elapsed < 3700
    pace.note(Progress("training", 2, 10))
    assert pace.elapsed < 3600
