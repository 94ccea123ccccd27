"""An endpoint may be rented for as long as a pass asks; its seconds are money, and it is given back in any case."""

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from labkit.chat import Opened, Rent
from labkit.errors import LabError
from tests.llm_server import labels_of

NOWHERE = "http://127.0.0.1:9/v1"


class Hired:
    """Runs a server that stands elsewhere than the configuration says."""

    def __init__(self, url, price="0.001"):
        self.url, self.price, self.log = url, Decimal(price), []

    @contextmanager
    def open(self, endpoint, budget, report):
        self.log.append(f"hired for {budget}")
        try:
            yield Opened(replace(endpoint, base_url=self.url), Rent(budget, self.price))
        finally:
            self.log.append("given back")


def test_a_pass_asks_the_rented_endpoint_and_pays_for_its_seconds(serve, chat_to, prompts):
    chat, reports = chat_to(NOWHERE), []
    chat.host = hired = Hired(serve(latency=0.02).url)
    tally = chat.ask(prompts, len(prompts), reports.append)
    assert [entry.reply for _, entry in chat.find(prompts)] == [labels_of(prompt) for prompt in prompts]
    assert hired.log == ["hired for None", "given back"]
    assert tally.dollars == 0
    assert tally.spent == tally.rent > Decimal("0.00002")
    assert reports[-1].figures["dollars"] == float(tally.spent)


def test_replies_are_known_by_the_question_and_not_by_who_hosts_the_model(serve, chat_to, prompts):
    server = serve()
    chat_to(server.url).ask(prompts, len(prompts))
    chat = chat_to(NOWHERE)
    assert chat.missing(prompts) == []


def test_a_budget_ends_the_pass_and_not_with_an_error(serve, chat_to, prompts):
    chat = chat_to(NOWHERE, concurrency=2)
    chat.host = hired = Hired(serve(latency=0.02).url, price="1")
    tally = chat.ask(prompts, len(prompts), budget=0.2)
    assert tally.stopped == "the budget is spent"
    assert 0 < tally.answered < len(prompts)
    assert hired.log == ["hired for 0.2", "given back"]
    assert len(chat.missing(prompts)) == len(prompts) - tally.answered


def test_it_is_given_back_where_the_pass_fails(chat_to, prompts):
    chat = chat_to(NOWHERE)
    chat.host = hired = Hired(NOWHERE)
    with pytest.raises(LabError):
        chat.ask(prompts, len(prompts))
    assert hired.log[-1] == "given back"
