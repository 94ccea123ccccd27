"""The ledger answers exactly the question that was asked."""

from labkit.store import Reply


def test_the_first_answer_to_a_question_stays(store):
    first = Reply("m", "prompt", "one", "recorded")
    assert store.replies.add([first]) == 1
    assert store.replies.add([Reply("m", "prompt", "two", "asked")]) == 0
    assert store.replies.get([first.key]) == {first.key: "one"}


def test_another_model_parameter_or_word_order_is_another_question(store):
    replies = [
        Reply("m", "dog bites man", "1", "asked"),
        Reply("m", "man bites dog", "2", "asked"),
        Reply("n", "dog bites man", "3", "asked"),
        Reply("m", "dog bites man", "4", "asked", {"temperature": 0}),
    ]
    assert store.replies.add(replies) == 4
    assert store.replies.get([reply.key for reply in replies]) == {reply.key: reply.reply for reply in replies}


def test_unknown_questions_and_none_at_all_get_no_answer(store):
    assert store.replies.get(["0" * 64]) == {}
    assert store.replies.get([]) == {}
