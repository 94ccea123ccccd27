"""What is sent, and what may not be in a configuration."""

import json

import pytest

from labkit.chat import make_chat
from labkit.chat.endpoint import Endpoint
from labkit.errors import LabError


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://x/v1", "http://", "https://me:secret@x/v1", "http://x?a=b"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url):
    with pytest.raises(LabError, match="not an address") as caught:
        Endpoint("m", url)
    assert "secret" not in str(caught.value)


def test_fields_that_labkit_sets_are_refused():
    with pytest.raises(LabError, match="'stream'"):
        Endpoint("m", "http://x/v1", parameters={"stream": True})


@pytest.mark.parametrize("key", ["sk-1\n", "sk 1", "sk-é"])
def test_a_key_that_no_header_carries_is_refused_and_not_repeated(key):
    with pytest.raises(LabError, match="K_VARIABLE") as caught:
        Endpoint("m", "http://x/v1", "K_VARIABLE").authorisation(key)
    assert key not in str(caught.value)


def test_the_key_goes_where_the_endpoint_wants_it():
    assert Endpoint("m", "http://x", "K").authorisation("k") == {"Authorization": "Bearer k"}
    assert Endpoint("m", "http://x", "K", "api-key").authorisation("k") == {"api-key": "k"}
    assert Endpoint("m", "http://x", headers={"X-Title": "labkit"}).authorisation(None) == {"X-Title": "labkit"}


def test_a_body_carries_any_text():
    prompt = "\x00 \ud83d مرحبا \u202e 😀"
    assert json.loads(Endpoint("m", "http://x").body(prompt))["messages"] == [{"role": "user", "content": prompt}]


def test_logprobs_and_prices_are_no_part_of_the_question_and_parameters_are():
    plain = make_chat("m", "http://x/v1")
    assert make_chat("m", "http://y/v1", logprobs=True, prices={"input": 1, "output": 1}).key("p") == plain.key("p")
    assert make_chat("m", "http://x/v1", parameters={"temperature": 0}).key("p") != plain.key("p")


def test_prices_are_two():
    with pytest.raises(LabError, match="input and output"):
        make_chat("m", "http://x/v1", prices={"input": 1})
