from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from labkit.review import compare, learner, learning, queue
from labkit.review.features import embed
from labkit.review.learning import UNSEEN, Learning
from labkit.review.live import Fixed
from labkit.review.lots import lots
from labkit.review.yields import read_through
from labkit.tasks import make_task

from ..said import TASK, said

BUG, DOCS = ["BUG"], ["DOCUMENTATION"]
THINGS = ("editor", "parser", "server", "widget", "cache", "router", "shell", "theme")


def world(count: int = 160) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """Return texts and their true labels: reports of faults, of the docs, and questions of speed, which are neither."""
    kinds = [
        ("{} {} crashes with an error", BUG),
        ("{} {} is not in the docs", DOCS),
        ("{} {} feels slow today", []),
        ("how do I use {} {}", []),
    ]
    rows, truth = [], {}
    for number in range(count):
        pattern, value = kinds[number % 4]
        rows.append((number, f"k{number}", pattern.format(THINGS[number % 8], number % 13)))
        truth[number] = value
    return pd.DataFrame(rows, columns=["example", "key", "text"]), truth


def drafts(truth, *, wrong_of="slow", texts=None, other=True) -> pd.DataFrame:
    """Return an LLM that takes all that is slow for a bug, and another prompt that sees some of it."""
    slow = dict(zip(texts.example, texts.text.str.contains(wrong_of), strict=True))
    rows = [(e, "llm", "llm", BUG if slow[e] else value) for e, value in truth.items()]
    if other:
        sees = [e for e in truth if e % 40 == 2]
        rows += [(e, "llm-bare", "llm", BUG if slow[e] and e not in sees else value) for e, value in truth.items()]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "kind", "value"])
    return frame.assign(outcome="parsed", scores=None)


TEXTS, TRUTH = world()
SAID = drafts(TRUTH, texts=TEXTS)
WRONG = {e for e, value in TRUTH.items() if e % 4 == 2}


def live(**settings) -> Learning:
    order = queue(compare(SAID, TASK), TEXTS, **{"blind": 0, **settings}).live()
    assert isinstance(order, Learning)
    return order


def test_what_errors_have_in_common_is_found_after_a_few():
    read = read_through(live(), TRUTH)
    assert sorted(read) == TEXTS.example.tolist()
    assert sum(example in WRONG for example in read[:48]) >= 38
    fixed = queue(compare(SAID, TASK), TEXTS).frame.example
    assert sum(example in WRONG for example in fixed[:48]) < 25


def test_the_same_decisions_give_the_same_order():
    assert read_through(live(), TRUTH) == read_through(live(), TRUTH)


def test_nothing_is_learned_from_texts_that_nobody_decided():
    one, other = live(), live()
    one.settle()
    other.settle()
    for example in (2, 6, 10, 1, 5):
        one.note(example, TRUTH[example])
        other.note(example, TRUTH[example])
    one.settle()
    other.settle()
    before = [pick.example for pick in one.ranked()]
    assert before == [pick.example for pick in other.ranked()]
    assert len(before) == len(TEXTS) - 5


def test_before_the_first_fit_the_order_of_the_queue_counts(monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(learner, "embed_apart", lambda texts: gate.wait() and np.zeros((len(texts), 0), np.float32))
    order = live()
    assert [pick.example for pick in order.ranked()] == queue(compare(SAID, TASK), TEXTS).frame.example.tolist()
    order.note(2, [])  # returns, though the learner stands still
    assert len(order) == len(TEXTS)
    assert next(order.ranked()).example != 2
    gate.set()
    order.settle()


def test_what_was_taken_back_is_asked_again_and_not_learned():
    order = live()
    order.settle()
    for example in sorted(WRONG)[:10]:
        order.note(example, TRUTH[example])
    assert "you changed 10" in order.line
    for example in sorted(WRONG)[:10]:
        order.forget(example)
    order.forget(99)
    assert order.line == ""
    assert {pick.example for pick in order.ranked()} == set(TEXTS.example)


def test_skipped_texts_teach_nothing_and_do_not_come_back():
    order = live()
    for example in range(20):
        order.note(example, None)
    order.settle()
    assert order.line == ""
    assert min(pick.example for pick in order.ranked()) == 20


def test_a_card_says_how_often_texts_like_it_were_wrong():
    order = live()
    order.settle()
    for example in sorted(WRONG)[:10]:
        order.note(example, TRUTH[example])
    order.settle()
    whys = [pick.why for pick in order.ranked() if pick.example in WRONG]
    assert "llm and llm-bare say BUG, and texts like this were wrong 9 of 9 times" in whys
    assert all(why.endswith("texts like this were wrong 9 of 9 times") for why in whys[:5])


def test_the_line_compares_with_what_was_learned_while_few_were_drawn():
    order = live()
    read = 0
    while read < 24:
        order.settle()
        pick = next(order.ranked())
        order.note(pick.example, TRUTH[pick.example])
        read += 1
    order.settle()
    found, random = order.line.split("; ")
    assert found.startswith("Of the first 24 you changed ")
    assert random.startswith("a random 24 would have given about ")
    assert random.endswith("as far as is learned yet.")
    guessed = int(random.split()[7].rstrip(","))
    assert 3 <= guessed <= 12  # a quarter of all is wrong


def test_the_line_compares_with_texts_drawn_by_lot_and_gives_the_interval():
    order = live(blind=1.0)
    for pick in [*order.ranked()][:100]:
        order.note(pick.example, TRUTH[pick.example])
    assert order.line.startswith("Of the last 50 you changed ")
    low, high = map(int, order.line.rpartition("(")[2].rstrip(").").split(" to "))
    assert low < 12.5 < high


def test_lots_are_drawn_in_their_order_and_shown_without_a_hint():
    order = live(blind=0.5)
    picks = [*order.ranked()]
    assert [pick.example for pick in picks] != [pick.example for pick in live().ranked()]
    assert sorted(pick.example for pick in picks) == TEXTS.example.tolist()
    fell = lots(TEXTS.key, 0.5)
    blind = dict(zip(TEXTS.example, fell.blind, strict=True))
    assert [pick.blind for pick in picks] == [blind[pick.example] for pick in picks]
    assert {pick.why for pick in picks if pick.blind} == {UNSEEN}
    drawn = [fell.place[pick.example] for pick in picks if pick.drawn]
    assert all(pick.blind for pick in picks if pick.drawn)
    assert 15 <= sum(pick.drawn for pick in picks[:80]) <= 25  # one card in four
    assert len(drawn) > 15


def test_without_a_share_no_card_is_blind():
    assert not any(pick.blind or pick.drawn for pick in live(blind=0).ranked())


def test_a_drawn_card_that_nobody_has_decided_is_the_next_to_be_drawn():
    order = live(blind=0.5)
    first = next(pick for pick in order.ranked() if pick.drawn)
    again = next(pick for pick in order.ranked() if pick.drawn)
    assert first == again
    order.note(first.example, TRUTH[first.example])
    assert next(pick for pick in order.ranked() if pick.drawn) != first


def test_one_annotator_is_learned_from_too():
    alone = drafts(TRUTH, texts=TEXTS, other=False)
    found = queue(compare(alone, TASK), TEXTS, blind=0)
    assert found.order == "at random, for llm is alone and gives no scores"
    read = read_through(found.live(), TRUTH)
    assert sum(example in WRONG for example in read[:60]) >= 30


def test_without_texts_it_learns_from_what_annotators_say():
    found = queue(compare(SAID, TASK), blind=0)
    read = read_through(found.live(), TRUTH)
    bugs = {e for e in TRUTH if e in WRONG or TRUTH[e] == BUG}
    assert sorted(read) == sorted(TRUTH)
    assert len(bugs & set(read[:80])) >= 60


def test_decisions_made_before_teach_and_are_not_asked_again():
    before = {example: TRUTH[example] for example in range(40)}
    order = live(decided=before)
    order.settle()
    picks = [pick.example for pick in order.ranked()]
    assert min(picks) == 40
    assert sum(example in WRONG for example in picks[:20]) >= 18
    kept = live(decided=dict.fromkeys(range(40)))
    assert min(pick.example for pick in kept.ranked()) == 40


def test_no_ten_cards_are_copies_of_one_mistake():
    copies = pd.DataFrame({"example": range(60), "key": [f"k{n}" for n in range(60)]})
    copies["text"] = ["the very same slow thing" if n < 40 else f"{THINGS[n % 8]} slow in case {n}" for n in range(60)]
    frame = said({"llm": "B " * 60, "llm-bare": "B " * 60})
    frame["example"] -= 1
    order = queue(compare(frame, TASK), copies, blind=0).live()
    for example in (0, 1, 2, 40, 41, 42):
        order.note(example, [])
    order.settle()
    ten = [pick.example for pick in order.ranked()][:10]
    assert sum(example < 40 for example in ten) <= 5


def test_spans_are_learned_from_where_labels_agree_and_boundaries_do_not():
    task = make_task("spans", ["DATE"])
    texts = pd.DataFrame({"example": range(80), "key": [f"k{n}" for n in range(80)]})
    texts["text"] = [f"in late May of {n}" if n % 2 else f"since Monday {n}" for n in range(80)]
    short, long = [{"start": 0, "end": 3, "label": "DATE"}], [{"start": 0, "end": 8, "label": "DATE"}]
    rows = [(n, who, short) for who in ("llm", "llm-bare") for n in range(80)]
    frame = pd.DataFrame(rows, columns=["example", "annotator", "value"])
    frame = frame.assign(kind="llm", outcome="parsed", scores=None)
    truth = {n: long if n % 2 else short for n in range(80)}
    read = read_through(queue(compare(frame, task), texts, blind=0).live(), truth)
    assert sum(example % 2 for example in read[:44]) >= 36


def test_a_large_queue_is_ranked_in_part_and_loses_no_text(monkeypatch):
    monkeypatch.setattr(learner, "POOL", 100)
    read = read_through(live(), TRUTH)
    assert sorted(read) == TEXTS.example.tolist()


def test_no_refit_waits_until_the_texts_are_placed(monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(learner, "embed_apart", lambda texts: gate.wait() and embed(texts))
    order = live()
    bugs = [example for example in TRUTH if example in WRONG or TRUTH[example] == BUG]
    for example in bugs[:12]:
        order.note(example, TRUTH[example])
    while (refit := order._thread) is not None:
        refit.join()
    assert order.line.endswith("as far as is learned yet.")  # though no text has a place
    first = [pick.example for pick in order.ranked()]
    assert set(bugs[12:]) >= set(first[:40])
    gate.set()
    order.settle()
    then = [pick.example for pick in order.ranked()]
    assert sorted(then) == sorted(first)
    assert sum(example in WRONG for example in then[:20]) > sum(example in WRONG for example in first[:20])


def test_texts_are_placed_when_the_hand_rests(monkeypatch):
    placed = threading.Event()
    monkeypatch.setattr(learner, "embed_apart", lambda texts: placed.set() or embed(texts))
    monkeypatch.setattr(learning, "REST", 20)  # longer than all of this takes
    order = live()
    for example in [*TRUTH][:12]:
        next(order.ranked())
        order.note(example, TRUTH[example])
        assert not placed.is_set()
    order.settle()
    assert placed.is_set()


def test_texts_that_can_not_be_placed_are_learned_from_without_words(monkeypatch):
    monkeypatch.setattr(learner, "embed_apart", lambda texts: 1 / 0)
    order = live()
    read = read_through(order, TRUTH)
    assert order.line.endswith(" The order learns nothing from words (ZeroDivisionError).")
    bugs = {e for e in TRUTH if e in WRONG or TRUTH[e] == BUG}
    assert len(bugs & set(read[:90])) >= 60


def test_a_learner_that_fails_leaves_the_order_and_says_so(monkeypatch):
    monkeypatch.setattr(learner, "Suspicion", lambda *given: 1 / 0)
    order = live()
    order.settle()
    assert "The order learns no more (ZeroDivisionError)." in order.line
    assert [pick.example for pick in order.ranked()] == queue(compare(SAID, TASK), TEXTS).frame.example.tolist()


def test_a_decision_on_a_text_of_another_queue_does_no_harm():
    order = live()
    order.note(10_000, BUG)
    order.settle()
    assert len([*order.ranked()]) == len(TEXTS)


def test_a_cut_queue_learns_on_what_is_left_of_it():
    cut = queue(compare(SAID, TASK), TEXTS, blind=0)[:30]
    assert sorted(read_through(cut.live(), TRUTH)) == sorted(cut.frame.example)
    assert read_through(cut[:0].live(), TRUTH) == []


def test_a_queue_made_by_hand_and_one_of_blind_cards_learn_nothing():
    found = queue(compare(said({"llm": "B B", "cpu": "D B"}), TASK))
    assert isinstance(found.live(), Learning)
    assert isinstance(type(found)(found.frame, found.order).live(), Fixed)
    assert isinstance(type(found)(found.frame, found.order, blind=True, lesson=found.lesson).live(), Fixed)


@pytest.mark.parametrize("share", [-0.1, 1.5, "much"])
def test_a_share_that_is_none_is_refused(share):
    from labkit import LabError

    with pytest.raises(LabError, match="no share of cards"):
        queue(compare(SAID, TASK), TEXTS, blind=share).live()


def test_many_threads_may_ask_and_tell_at_once():
    order = live()
    examples = TEXTS.example.tolist()

    def decide(part):
        for example in part:
            order.note(example, TRUTH[example])
            next(order.ranked(), None)
            assert isinstance(order.line, str)

    threads = [threading.Thread(target=decide, args=(examples[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order.settle()
    assert not [*order.ranked()]
    assert order.problem == ""
