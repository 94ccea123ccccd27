"""Work in other processes: what is done there, in which order, and what is left when something fails."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import loky
import pytest

from labkit import LabError
from labkit.apart import BATCH, FEW, beside
from labkit.files import JsonLines

from .workers import gone, workers_of

MANY = 3 * FEW + 7


def seen(things):
    """Return where the work is done, and what came."""
    return os.getpid(), list(things)


def written(path, things):
    """Write numbers to a file, and return how many those were."""
    with JsonLines(path) as file:
        for number in things:
            file.write({"number": number})
    return file.count


def full(things):
    """Find the disk full at the third thing."""
    for place, _ in enumerate(things):
        if place == 2:
            raise LabError("There is no space left.", "Delete something.")


def broken(things):
    """Have a fault."""
    next(things)
    raise ValueError("a fault of ours")


def killed(things):
    """Be killed at the third thing."""
    for place, _ in enumerate(things):
        if place == 2:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("number", [0, 1, FEW - 1])
def test_few_things_are_worked_on_here(number):
    assert beside(seen, range(number)) == (os.getpid(), list(range(number)))


@pytest.mark.parametrize("number", [FEW, FEW + 1, FEW + BATCH, MANY])
def test_many_are_worked_on_in_another_process_in_their_order(number):
    there, things = beside(seen, iter(range(number)))
    assert there != os.getpid() and things == list(range(number))
    assert not workers_of()


def test_on_one_core_all_is_done_here(monkeypatch):
    monkeypatch.setattr(loky, "cpu_count", lambda: 1)
    assert beside(seen, range(MANY)) == (os.getpid(), list(range(MANY)))


@pytest.mark.parametrize("text", ["\ud800", "\x00", "👩‍👩‍👧", "<script>", "\u202eabc", "é" * 100_000])
def test_any_text_comes_through(text):
    _, things = beside(seen, [text] * FEW)
    assert things == [text] * FEW


def test_things_are_streamed():
    made = count()
    given = (next(made) for _ in range(10**9))
    with pytest.raises(LabError, match="no space left"):
        beside(full, given)
    assert next(made) < 20 * FEW


def test_who_fails_there_says_why_without_the_other_process():
    with pytest.raises(LabError, match="no space left") as caught:
        beside(full, range(10**9))
    assert caught.value.__cause__ is None and not workers_of()


def test_a_fault_there_is_raised_here():
    with pytest.raises(ValueError, match="a fault of ours"):
        beside(broken, range(MANY))
    assert not workers_of()


def test_a_process_that_is_killed_is_told_in_words():
    with pytest.raises(LabError, match="was killed"):
        beside(killed, range(10**9))
    assert not workers_of()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_where_the_source_fails_nothing_half_done_is_left(tmp_path, error):
    def source():
        yield from range(MANY)
        raise error

    with pytest.raises(error):
        beside(partial(written, tmp_path / "a.jsonl"), source())
    assert not list(tmp_path.iterdir()) and not workers_of()


def test_a_script_that_is_killed_leaves_no_process_and_no_file(tmp_path):
    script = (
        "import sys, time\nfrom functools import partial\nfrom pathlib import Path\n"
        "from labkit.apart import FEW, beside\nfrom tests.test_apart import written\n"
        "def slow():\n    yield from range(3 * FEW)\n    print('there', flush=True)\n    time.sleep(600)\n"
        "beside(partial(written, Path(sys.argv[1])), slow())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.jsonl")]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) as running:
        assert running.stdout and running.stdout.readline() == "there\n"
        others = workers_of(running.pid)
        assert others
        running.kill()
    assert gone(others)
    deadline = time.monotonic() + 20
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not list(tmp_path.iterdir())


def test_a_plain_script_is_not_run_again_by_the_other_process(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("print('once')\nfrom labkit.apart import beside\nprint(beside(sum, range(100_000)))\n")
    said = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert (said.stdout, said.stderr) == ("once\n4999950000\n", "")
