"""The ledger answers exactly the question that was asked, and lets one process alone ask it."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from hashlib import sha256

import pytest

from labkit.store import Reply, claims
from labkit.store.replies import reply_key, reply_keys


def test_the_first_answer_to_a_question_stays(store):
    first = Reply("m", "prompt", "one", "recorded")
    assert store.replies.add([first]) == 1
    assert store.replies.add([Reply("m", "prompt", "two", "recorded")]) == 0
    assert store.replies.find([first.key])[first.key].reply == "one"


def test_a_question_that_stands_twice_in_a_file_is_kept_once(store):
    assert store.replies.add([Reply("m", "prompt", "one", "recorded")] * 2) == 1


def test_another_model_parameter_or_word_order_is_another_question(store):
    replies = [
        Reply("m", "dog bites man", "1", "recorded"),
        Reply("m", "man bites dog", "2", "recorded"),
        Reply("n", "dog bites man", "3", "recorded"),
        Reply("m", "dog bites man", "4", "recorded", {"temperature": 0}),
    ]
    assert store.replies.add(replies) == 4
    found = store.replies.find([reply.key for reply in replies])
    assert {key: entry.reply for key, entry in found.items()} == {reply.key: reply.reply for reply in replies}


def test_unknown_questions_and_none_at_all_get_no_answer(store):
    assert store.replies.find(["0" * 64]) == {}
    assert store.replies.find([]) == {}


def test_nul_and_half_a_surrogate_pair_are_kept_as_a_replacement_character(store):
    reply = Reply("m", "a\x00b \ud83d", "\x00 مرحبا 😀 \udc00", "recorded")
    store.replies.add([reply])
    assert store.replies.find([reply.key])[reply.key].reply == "\ufffd مرحبا 😀 \ufffd"


@pytest.mark.parametrize(
    "prompts",
    [
        [],
        ["one"],
        ["", "a", ""],
        ["Label: it crashes", 'Label: it "crashes"\n', "Label: "],
        ["a\ud83d\ude00", "a\ud83d\ude01", "a\ud83d"],
        ["a😀b", "a😀\\", 'a😀"', "a😀\x00\x1f\u2028"],
    ],
)
def test_questions_have_the_same_names_together_as_alone(prompts):
    parameters = {"temperature": 0.0, "response_format": {"b": ["é", None], "a": True}}
    named = [json.dumps(["m", parameters, prompt], sort_keys=True, ensure_ascii=False) for prompt in prompts]
    alone = [sha256(each.encode("utf-8", "surrogatepass")).hexdigest() for each in named]
    assert reply_keys("m", parameters, prompts) == alone == [reply_key("m", parameters, each) for each in prompts]


def keys(*prompts):
    return {reply_key("m", {}, prompt): prompt for prompt in prompts}


def reply(prompt, text="BUG"):
    return Reply("m", prompt, text, "asked", {}, "stop", 100, 2, Decimal("0.00012345"), 0.2, 0.9)


def test_a_claimed_question_is_nobody_elses_until_it_is_given_up(store):
    mine, theirs = store.replies.claims("m", {}), store.replies.claims("m", {})
    assert mine.take(keys("a", "b")) == set(keys("a", "b"))
    assert theirs.take(keys("b", "c")) == set(keys("c"))
    mine.release()
    assert theirs.take(keys("a", "b", "c")) == set(keys("a", "b"))
    assert store.replies.find(keys("a", "b", "c")) == {}


def test_an_answer_ends_its_claim_and_stays(store):
    mine, theirs = store.replies.claims("m", {}), store.replies.claims("m", {})
    mine.take(keys("a"))
    for _ in range(2):
        mine.keep([reply("a")], {})
    mine.release()
    assert theirs.take(keys("a")) == set()
    theirs.keep([reply("a", "another")], {})
    assert store.replies.find(keys("a")) == {reply("a").key: ("BUG", "stop", pytest.approx(0.9), None)}
    assert store.replies.answered(keys("a", "b")) == set(keys("a"))


def test_a_failed_question_keeps_its_reason_and_may_be_asked_again(store):
    mine, (key,) = store.replies.claims("m", {}), keys("a")
    mine.take(keys("a"))
    mine.keep([], {key: "HTTP 500"})
    assert store.replies.find([key])[key].error == "HTTP 500"
    assert store.replies.answered([key]) == set()
    assert mine.take(keys("a")) == {key}
    mine.release()
    assert store.replies.find([key])[key].error == "HTTP 500"
    assert mine.take(keys("a")) == {key}
    mine.keep([reply("a")], {})
    assert store.replies.find([key])[key][::3] == ("BUG", None)


def test_a_claim_whose_holder_died_ends_by_itself_and_a_living_one_is_renewed(store, monkeypatch):
    monkeypatch.setattr(claims, "LEASE_SECONDS", 0.0)
    dead, next_one = store.replies.claims("m", {}), store.replies.claims("m", {})
    dead.take(keys("a"))
    monkeypatch.setattr(claims, "LEASE_SECONDS", 60.0)
    assert next_one.take(keys("a")) == set(keys("a"))
    next_one.renew()
    assert dead.take(keys("a")) == set()


def test_a_recorded_reply_answers_a_question_that_failed_or_is_being_asked(store):
    store.replies.claims("m", {}).take(keys("a"))
    assert store.replies.add([Reply("m", "a", "recorded", "recorded")]) == 1
    assert store.replies.answered(keys("a")) == set(keys("a"))


def test_no_question_is_claimed_by_two_of_many_at_once(store):
    questions = keys(*map(str, range(200)))

    def take(_):
        mine = store.replies.claims("m", {})
        return [mine.take(dict(list(questions.items())[start : start + 20])) for start in range(0, 200, 20)]

    with ThreadPoolExecutor(6) as pool:
        taken = [key for batches in pool.map(take, range(6)) for batch in batches for key in batch]
    assert sorted(taken) == sorted(questions)


def test_usage_sums_what_the_endpoint_counted_for_this_model_alone(store):
    mine = store.replies.claims("m", {})
    mine.take(keys("a", "é"))
    mine.keep([reply("a"), reply("é")], {})
    store.replies.add([Reply("m", "recorded", "x", "recorded")])
    assert store.replies.usage("m", {}) == (2, 3, 200, 4, pytest.approx(0.4))
    assert store.replies.usage("m", {"temperature": 0}) == (0, 0, 0, 0, 0)
