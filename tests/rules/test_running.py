from __future__ import annotations

import doctest
import signal
import sys
import threading
from itertools import count, islice

import pytest

from labkit import LabError
from labkit.rules import Said, make_rule, run, running
from labkit.tasks import make_task

TASK = make_task("choices", ["BUG", "DOCUMENTATION"])
HOSTILE = [
    "",
    "\u202eabc",
    "<script>crash</script>",
    "👩‍💻 crash",
    "a\x00b crash",
    " " * 5000,
    "é" * 20_000,
]
CRASH = make_rule("crash", TASK, label="BUG", regex="crash")
WORDS = make_rule("words", TASK, label="BUG", terms=["crash"])
has_clock = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such clock")


def test_examples_in_docstrings_run():
    assert doctest.testmod(running).failed == 0


def test_every_rule_is_asked_of_every_text_in_order():
    assert list(run([CRASH, WORDS], ["a crash", "crashes", "-"])) == [
        [Said(["BUG"]), Said(["BUG"])],
        [Said(["BUG"]), Said(None)],
        [Said(None), Said(None)],
    ]
    assert list(run([CRASH], [])) == []
    assert list(run([], ["a"])) == [[]]


def test_hostile_texts_are_texts():
    said = list(run([CRASH, WORDS], HOSTILE))
    assert [each[0].value for each in said] == [["BUG"] if "crash" in text else None for text in HOSTILE]
    assert not [each for pair in said for each in pair if each.problem]


def test_half_a_character_costs_the_rules_that_read_tokens():
    (by_characters, by_tokens), *_ = run([CRASH, WORDS], ["\ud800 crash"])
    assert by_characters == Said(["BUG"])
    assert by_tokens.problem.startswith("UnicodeEncodeError")


def test_what_is_no_text_is_set_aside():
    assert [each[0].problem for each in run([CRASH], ["a crash", None, 5, float("nan"), b"crash"])] == [
        None, "it is NoneType, not text", "it is int, not text", "it is float, not text", "it is bytes, not text",
    ]  # fmt: skip


def fails(text):
    """Fail in many ways."""
    if text == "key":
        raise KeyError("secret\nline")
    if text == "deep":
        return fails(text)
    if text == "assert":
        raise AssertionError
    return {"label": "BUGG", "type": 5}.get(text, "BUG")


def test_a_function_that_fails_on_a_text_costs_that_text():
    rule = make_rule("fails", TASK, function=fails)
    said = [each[0] for each in run([rule], ["key", "deep", "assert", "label", "type", "fine"])]
    problems = [each.problem for each in said]
    assert problems[0] == "KeyError: 'secret\\nline'"
    assert problems[1].startswith("RecursionError")
    assert problems[2] == "AssertionError"
    assert "'BUGG' is not in this project" in problems[3]
    assert "no label" in problems[4]
    assert said[5] == Said(["BUG"])
    assert not [problem for problem in problems if problem and "\n" in problem]


@has_clock
def test_an_expression_that_would_take_for_ever_costs_its_text():
    rule = make_rule("slow", TASK, label="BUG", regex=r"(a+)+b")
    said = [each[0] for each in run([rule], ["aab", "a" * 60, "ab"], seconds=0.2)]
    assert said == [Said(["BUG"]), Said(None, "it took more than 0.2 s"), Said(["BUG"])]


@has_clock
def test_a_function_that_never_ends_costs_its_text_even_if_it_catches_everything():
    def stubborn(text):
        for number in count() if text == "for ever" else ():
            try:
                int(number)
            except Exception:
                continue
        return "BUG"

    rule = make_rule("stubborn", TASK, function=stubborn)
    assert [each[0].value for each in run([rule], ["for ever", "fine"], seconds=0.2)] == [None, ["BUG"]]


@has_clock
def test_a_rule_that_is_always_too_slow_is_given_up():
    rule = make_rule("slow", TASK, label="BUG", regex=r"(a+)+b")
    with pytest.raises(LabError, match=f"'slow' took more than 0.05 s on each of {running.PATIENCE} texts"):
        list(run([rule], ["a" * 60] * 100, seconds=0.05))


@has_clock
def test_the_clock_is_given_back():
    before = signal.getsignal(signal.SIGVTALRM)
    next(run([CRASH], ["a", "b"]))
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_it_runs_in_a_thread_too():
    found = []
    thread = threading.Thread(target=lambda: found.extend(run([CRASH, WORDS], ["a crash"])))
    thread.start()
    thread.join()
    assert found == [[Said(["BUG"]), Said(["BUG"])]]


def test_ctrl_c_is_not_taken_for_a_failure():
    def stop(text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run([make_rule("stop", TASK, function=stop)], ["a"]))


def test_texts_are_read_as_results_are_taken_and_words_forgotten():
    taken = []

    def texts():
        for number in count():
            taken.append(number)
            yield f"word{number} crash"

    words = len(WORDS.nlp.vocab.strings)
    assert len(list(islice(run([CRASH, WORDS], texts()), 5 * running.BATCH))) == 5 * running.BATCH
    assert len(taken) == 5 * running.BATCH
    assert len(WORDS.nlp.vocab.strings) < words + running.BATCH
