"""What blind cards tell, by people who are simulated: how strongly they are pulled is known."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from labkit import LabError
from labkit.review import blind as module
from labkit.review import lots as lots_module
from labkit.review.blind import DRAWN, IN_TURN, PULL, SEEN, SHOWN, WRONG, Blind, blind, shown_as, source_of
from labkit.review.live import Pick
from labkit.review.lots import lots
from labkit.tasks import Task, make_task

from ..said import TASK

TEXTS, CARDS, SHARE = 1500, 500, 0.2
PER_DRAWN = round(2 / SHARE)
VALUES = ([], ["BUG"])


def test_examples_in_docstrings_run():
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(lots_module).failed == 0


def annotations(values: dict[int, list[str]]) -> pd.DataFrame:
    rows = {"example": list(values), "annotator": "llm", "outcome": "parsed", "value": list(values.values())}
    return pd.DataFrame(rows)


def decided(*rows: tuple[int, str, str, list[str] | None, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["example", "annotator", "outcome", "value", "source"])


class Reading:
    """One person who reads part of a queue that is good at finding errors, and is pulled by what it suggests."""

    def __init__(self, seed: int, pull: float) -> None:
        random = np.random.default_rng(seed)
        self.keys = pd.Series([f"{seed}: {number}" for number in range(TEXTS)], np.arange(TEXTS) + 7)
        self.wrong = random.random(TEXTS) < 0.1
        said, self.pulled = random.random(TEXTS) < 0.4, random.random(TEXTS) < pull
        self.said = annotations({e: VALUES[int(said[n])] for n, e in enumerate(self.keys.index)})
        truth = said ^ self.wrong
        drawn = lots(self.keys, SHARE)
        ranks = iter(np.argsort(-2.0 * self.wrong - random.gumbel(size=TEXTS)))
        waiting = iter([text for text in np.argsort(drawn.place) if drawn.blind[text]])
        rows, done, self.read = [], set(), []
        for card in range(CARDS):
            by_lot = card % PER_DRAWN == PER_DRAWN - 1
            text = next(text for text in (waiting if by_lot else ranks) if text not in done)
            done.add(text)
            source = DRAWN if by_lot else IN_TURN if drawn.blind[text] else SHOWN
            value = VALUES[int((said if source == SHOWN and self.pulled[text] else truth)[text])]
            rows.append((self.keys.index[text], "anna", "parsed" if value else "explicitly none", value, source))
            self.read.append(text)
        self.decisions = decided(*rows)
        self.found = blind(self.said, self.decisions, TASK, "llm", self.keys, SHARE).table

    def effect(self) -> float:
        """How many more agree with a suggestion in sight, of the texts that came up before their lot was drawn."""
        place, reached, turn = lots(self.keys, SHARE).place, 0.0, []
        for text, source in zip(self.read, self.decisions.source, strict=True):
            reached = place[text] if source == DRAWN else reached
            turn += [text] if place[text] > reached else []
        return float((self.wrong & self.pulled)[turn].mean())


def covers(found: pd.DataFrame, truth: np.ndarray) -> bool:
    """Say whether the intervals hold the truth as often as 95 %, less three standard errors of this simulation."""
    held = (found.low <= truth) & (truth <= found.high)
    return held.mean() > 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(found))


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    return [Reading(seed, pull=0.5) for seed in range(100)]


def test_the_error_is_estimated_without_bias_and_its_interval_covers(readings):
    found = pd.DataFrame([each.found.loc[WRONG] for each in readings]).reset_index(drop=True)
    errors = np.array([each.wrong.mean() for each in readings])
    off = found.share - errors
    assert found.texts.min() > 35
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(len(off)), off.mean()
    assert covers(found, errors)


def test_the_texts_that_were_drawn_would_be_biased_by_themselves(readings):
    """The queue took errors away from among them: why the sample holds blind texts that came up in their turn too."""
    naive = [
        each.wrong[[t for t, s in zip(each.read, each.decisions.source, strict=True) if s == DRAWN]].mean()
        for each in readings
    ]
    off = np.array(naive) - [each.wrong.mean() for each in readings]
    assert off.mean() < -5 * off.std() / np.sqrt(len(off))


def test_the_pull_is_estimated_without_bias_and_its_interval_covers(readings):
    found = pd.DataFrame([each.found.loc[PULL] for each in readings]).reset_index(drop=True)
    effects = np.array([each.effect() for each in readings])
    off = found.share - effects
    assert effects.mean() > 0.05
    assert abs(off.mean()) < 3 * off.std() / np.sqrt(len(off)), off.mean()
    assert covers(found, effects)


def test_drawn_and_ranked_texts_are_not_comparable(readings):
    """Why pulled people seem to agree less with suggestions where nobody asks how the texts came up."""
    agreed = [blind_share(each, SHOWN) - blind_share(each, DRAWN) for each in readings]
    assert np.mean(agreed) < 0 < np.mean([each.found.share[PULL] for each in readings])


def blind_share(reading: Reading, source: str) -> float:
    rows = reading.decisions[reading.decisions.source == source]
    said = reading.said.set_index("example").value
    return float(np.mean([value == said[e] for e, value in zip(rows.example, rows.value, strict=True)]))


def test_nobody_who_is_not_pulled_seems_to_be(readings):
    found = pd.DataFrame([Reading(seed, pull=0).found.loc[PULL] for seed in range(40)])
    assert ((found.low <= 0) & (found.high >= 0)).mean() > 0.85


KEYS = pd.Series([f"t{number}" for number in range(400)], range(400))
LOTS = lots(KEYS, SHARE)
SAID = annotations({number: ["BUG"] for number in range(400)})
IN_ORDER = [int(text) for text in np.argsort(LOTS.place) if LOTS.blind[text]]
SEEN_TEXTS = [int(text) for text in np.flatnonzero(~LOTS.blind)]


def read(*rows: tuple[int, str, list[str] | None, str]) -> Blind:
    people = decided(*((text, "anna", outcome, value, source) for text, outcome, value, source in rows))
    return blind(SAID, people, TASK, "llm", KEYS, SHARE)


def test_the_last_one_drawn_is_left_out_and_those_before_it_count_however_they_came_up():
    first, second, third, *_ = IN_ORDER
    found = read(
        (second, "parsed", ["BUG"], IN_TURN), (first, "explicitly none", [], DRAWN), (third, "parsed", ["BUG"], DRAWN)
    )
    assert found.table.loc[WRONG, ["hits", "texts"]].tolist() == [1, 2]


def test_nothing_after_a_text_that_was_not_decided_blind_is_a_sample():
    first, second, third, fourth, *_ = IN_ORDER
    rows = [(text, "parsed", ["BUG"], DRAWN) for text in (first, third, fourth)]
    assert read(*rows).table.loc[WRONG, "texts"] == 1
    elsewhere = (second, "parsed", ["BUG"], "people.jsonl:1")
    assert read(elsewhere, *rows).table.loc[WRONG, "texts"] == 2


def test_what_was_undone_does_not_count_and_what_was_decided_again_does():
    first, second, *_ = IN_ORDER
    rows = [(first, "parsed", ["BUG"], DRAWN), (second, "parsed", ["BUG"], DRAWN)]
    assert read(*rows, (first, "undone", None, SHOWN)).table.loc[WRONG, "texts"] == 0
    again = read(*rows, (first, "undone", None, SHOWN), (first, "explicitly none", [], DRAWN))
    assert again.table.loc[WRONG, ["hits", "texts"]].tolist() == [1, 1]


def test_a_blind_decision_stays_one_when_it_is_changed_later():
    first, second, *_ = IN_ORDER
    rows = [(first, "parsed", ["BUG"], DRAWN), (second, "parsed", ["BUG"], DRAWN)]
    found = read(*rows, (first, "explicitly none", [], SHOWN))
    assert found.table.loc[WRONG, ["hits", "texts"]].tolist() == [0, 1]


def test_a_rejected_suggestion_was_not_agreed_with_and_a_skipped_text_tells_nothing():
    one, two, three, *_ = SEEN_TEXTS
    found = read(
        (one, "rejected", None, SHOWN), (two, "parsed", ["BUG"], SHOWN), (three, "ignored", None, SHOWN),
        (IN_ORDER[0], "rejected", None, DRAWN),
    )  # fmt: skip
    assert found.table.loc[SEEN, ["hits", "texts"]].tolist() == [1, 2]
    assert found.left_out == 2
    assert "2 decided texts" in repr(found)


def test_decisions_from_elsewhere_are_passed_over():
    rows = [(text, "parsed", ["BUG"], source) for text, source in zip(SEEN_TEXTS, ["audit", "file:1"], strict=False)]
    found = read(*rows)
    assert found.table.texts.sum() == 0
    assert found.left_out == 0


def test_of_nothing_nothing_is_said():
    found = read()
    assert found.table.loc[WRONG, ["low", "high"]].tolist() == [0, 1]
    assert found.table.loc[PULL, ["low", "high"]].tolist() == [-1, 1]
    assert "nan" not in repr(found)
    assert repr(found).count("\n") == 1


def test_sentences_say_what_the_table_holds(readings):
    found = readings[0]
    shown = repr(Blind("llm<b>", found.found, 0))
    assert f"Of {found.found.texts[WRONG]:.0f} texts drawn by lot" in shown
    assert f"{100 * found.found.share[PULL]:+.1f} points" in shown
    assert "<b>" not in Blind("llm<b>", found.found, 0)._repr_html_()


def test_spans_are_compared_to_the_character():
    task: Task = make_task("spans", ["PERSON"])
    span = {"start": 0, "end": 3, "label": "PERSON"}
    keys, (one, two, *_) = KEYS, SEEN_TEXTS
    said = annotations({one: [span], two: [span]})
    people = decided((one, "anna", "parsed", [span], SHOWN), (two, "anna", "parsed", [{**span, "end": 4}], SHOWN))
    assert blind(said, people, task, "llm", keys, SHARE).table.loc[SEEN, ["hits", "texts"]].tolist() == [1, 2]


def test_a_stranger_and_a_share_that_is_none_are_refused():
    with pytest.raises(LabError, match="'cpu' has labelled nothing"):
        blind(SAID, decided(), TASK, "cpu", KEYS)
    for share in (-0.1, 1.5, "much", float("nan")):
        with pytest.raises(LabError, match="is no share"):
            blind(SAID, decided(), TASK, "llm", KEYS, share)


def test_lots_follow_from_the_key_alone():
    keys = ["a", "b", "ü", "\u202eabc", ""] * 50
    first, again = lots(keys, 0.5), lots(keys[::-1], 0.5)
    assert (first.blind == again.blind[::-1]).all()
    assert (first.place == again.place[::-1]).all()
    assert not lots([], 0.5).blind.size
    assert not lots(keys, 0).blind.any()


def test_a_larger_share_keeps_the_blind_texts_of_a_smaller_one():
    few, many = lots(KEYS, 0.05), lots(KEYS, 0.2)
    assert (few.blind <= many.blind).all()
    assert (few.place == many.place).all()


def test_lot_and_place_and_the_order_of_ties_have_nothing_to_do_with_each_other():
    keys = pd.Series([f"text {number}" for number in range(20_000)])
    drawn = lots(keys, 1.0)
    ties = pd.util.hash_array(keys.to_numpy(object)) / 2.0**64
    table = np.corrcoef([drawn.blind, drawn.place, ties])
    assert np.abs(table - np.eye(3)).max() < 0.03


@pytest.mark.parametrize("share", [1, 0.2, 0.05, 1e-7])
def test_how_a_card_was_shown_is_read_back_from_its_source(share):
    drawn, in_turn = Pick(1, "", True, True, share), Pick(1, "", True, False, share)
    assert shown_as(source_of(drawn)) == (DRAWN, share)
    assert shown_as(source_of(in_turn)) == (IN_TURN, share)
    assert shown_as(source_of(Pick(1, "", share=share)))[0] == SHOWN


@pytest.mark.parametrize("source", ["", "corrector: blind (7)", "corrector: blind (nan)", "people.jsonl:1"])
def test_what_the_corrector_did_not_write_is_nothing_else(source):
    assert shown_as(source)[0] == source


def test_the_share_is_what_the_cards_were_made_with_and_of_several_the_least():
    first, second, third, *_ = IN_ORDER
    wide = [(text, "parsed", ["BUG"], f"{DRAWN} ({SHARE})") for text in (first, second, third)]
    people = decided(*((text, "anna", *rest) for text, *rest in wide))
    assert blind(SAID, people, TASK, "llm", KEYS).table.loc[WRONG, "texts"] == 2
    narrow = next(key for key in KEYS.index[lots(KEYS, 0.02).blind])
    both = pd.concat([people, decided((narrow, "anna", "parsed", ["BUG"], f"{DRAWN} (0.02)"))])
    expected = blind(SAID, both.assign(source=DRAWN), TASK, "llm", KEYS, 0.02).table
    pd.testing.assert_frame_equal(blind(SAID, both, TASK, "llm", KEYS).table, expected)
