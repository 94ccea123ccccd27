"""Whatever an endpoint sends is an answer, or a failure that says whether to try again."""

import json
from email.utils import formatdate
from time import time

import pytest

from labkit.chat.answer import Answer, Failure, confidence, read, retry_after


def body(message, finish="stop", **more):
    return json.dumps({"choices": [{"message": message, "finish_reason": finish}], **more}).encode()


def test_an_answer_brings_its_text_and_tokens():
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    assert read(200, {}, body({"content": " BUG\n"}, usage=usage)) == Answer(" BUG\n", "stop", 7, 2, None)


@pytest.mark.parametrize(
    ("message", "finish", "text", "kept"),
    [
        ({"content": None, "refusal": "I can't."}, "stop", "I can't.", "refusal"),
        ({"content": ""}, "content_filter", "", "content_filter"),
        ({"content": "BU"}, "length", "BU", "length"),
        ({"content": [{"type": "text", "text": "B"}, {"type": "text", "text": "UG"}]}, "stop", "BUG", "stop"),
        ({"content": None}, None, "", ""),
        ({"content": 7}, "stop", "", "stop"),
    ],
)
def test_why_it_stopped_is_kept(message, finish, text, kept):
    answer = read(200, {}, body(message, finish))
    assert (answer.text, answer.finish) == (text, kept)


UNREADABLE = (
    *(b"", b"<html>", b"null", b"[]", b"7", b"\xff\x00", b"[" * 100_000, body({"content": "BUG"})[:-9]),
    *(b'{"choices": 3}', b'{"choices": []}', b'{"choices": [null]}', b'{"choices": [{}]}'),
    b'{"choices": [{"message": "x"}]}',
)


@pytest.mark.parametrize("content", UNREADABLE)
def test_an_answer_that_cant_be_read_may_be_on_the_bill_and_is_asked_again(content):
    failure = read(200, {}, content)
    assert isinstance(failure, Failure)
    assert (failure.again, failure.billed, failure.refused) == (True, True, False)


@pytest.mark.parametrize(
    ("status", "again", "refused"),
    [
        *((400, False, False), (401, True, True), (403, True, True), (404, True, True), (408, True, False)),
        *((413, False, False), (429, True, False), (500, True, False), (503, True, False), (302, False, True)),
    ],
)
def test_a_status_says_whether_another_attempt_may_help(status, again, refused):
    failure = read(status, {}, b'{"error": {"message": "no\\n way"}}')
    assert (failure.again, failure.refused, failure.billed) == (again, refused, False)


@pytest.mark.parametrize(
    "content",
    [b'{"error": {"message": "too long"}}', b'{"error": "too long"}', b'[{"error": {"message": "too long"}}]'],
)
def test_errors_come_in_three_forms(content):
    assert str(read(400, {}, content)) == "HTTP 400: too long"


def test_an_error_with_a_good_status_is_an_error():
    assert str(read(200, {}, b'{"error": {"message": "overloaded"}, "choices": []}')) == "HTTP 200: overloaded"


def test_what_a_server_says_of_a_refused_key_is_not_repeated():
    assert str(read(401, {}, b'{"error": {"message": "Incorrect key: sk-1"}}')) == "HTTP 401: the key was refused"


def test_a_prompt_that_a_filter_stopped_was_declined_and_is_no_failure():
    answer = read(400, {}, b'{"error": {"code": "content_filter", "message": "policy"}}')
    assert answer.finish == "content_filter"


def test_an_empty_account_is_not_asked_again():
    failure = read(429, {}, b'{"error": {"code": "insufficient_quota", "message": "You exceeded"}}')
    assert (failure.again, failure.refused) == (False, True)


def test_retry_after_is_read_as_seconds_milliseconds_or_a_date():
    assert retry_after({"retry-after": "1.5"}) == 1.5
    assert retry_after({"Retry-After-Ms": "250"}) == 0.25
    assert retry_after({"Retry-After": formatdate(time() + 30, usegmt=True)}) == pytest.approx(30, abs=2)
    assert retry_after({"Retry-After": formatdate(time() - 30, usegmt=True)}) == 0
    assert retry_after({"Retry-After": "soon"}) is None


@pytest.mark.parametrize(
    "logprobs", [None, {}, {"content": None}, {"content": [{}]}, [], {"content": [{"logprob": None}]}]
)
def test_without_logprobs_there_is_no_confidence(logprobs):
    assert confidence(logprobs) is None


def test_confidence_is_at_most_one():
    assert confidence({"content": [{"logprob": 0}, {"logprob": 1e-9}]}) == 1.0
