"""Tokens are guessed until they are counted; a budget is never exceeded."""

import asyncio
import html
from dataclasses import replace
from decimal import Decimal

import pytest

from labkit.chat.cost import Estimate, Meter, Prices, Purse, minutes
from labkit.chat.limits import Limits
from labkit.errors import LabError
from labkit.store.replies import Usage

PRICES = Prices(0.4, 1.6)


def test_dollars_are_exact():
    assert PRICES.dollars(3, 1) == Decimal("0.0000028")


@pytest.mark.parametrize("price", [-1, float("nan")])
def test_a_price_is_no_less_than_nothing(price):
    with pytest.raises(LabError):
        Prices(price, 1)


def test_a_meter_guesses_until_it_has_counted():
    meter = Meter(Usage(0, 0, 0, 0, 0.0))
    assert (meter.replies, meter.tokens_in(400), meter.tokens_out, meter.seconds) == (0, 100, 8, 1)
    meter.add("é" * 50, 50, 3, 0.5)
    assert (meter.replies, meter.tokens_in(400), meter.tokens_out, meter.seconds) == (1, 200, 3, 0.5)


def test_minutes_follow_the_tightest_limit():
    assert minutes(120, 0, 1.0, Limits(concurrency=2)) == 1.0
    assert minutes(120, 0, 1.0, Limits(concurrency=60, requests_per_minute=10)) == 12
    assert minutes(120, 5000, 1.0, Limits(concurrency=60, tokens_per_minute=1000)) == 5
    assert minutes(0, 0, 1.0, Limits()) == 0


def test_a_budget_needs_prices_and_a_bound_on_an_answer():
    with pytest.raises(LabError, match="prices"):
        Purse(Decimal(1), None, 10)
    with pytest.raises(LabError, match="length"):
        Purse(Decimal(1), PRICES, None)


def test_a_purse_waits_for_what_is_under_way_before_it_says_no():
    async def spend():
        purse = Purse(Decimal(10), PRICES, 1)
        assert await purse.reserve(Decimal(8))
        second = asyncio.create_task(purse.reserve(Decimal(5)))
        await asyncio.sleep(0.01)
        assert not second.done()
        await purse.settle(Decimal(8), Decimal(3))
        assert await second
        await purse.settle(Decimal(5), None)
        return await purse.reserve(Decimal(3)), await purse.reserve(Decimal(2))

    assert asyncio.run(spend()) == (False, True)


def test_no_tokenizer_makes_more_tokens_than_the_worst_case_counts():
    purse = Purse(Decimal(1), Prices(1_000_000, 1_000_000), 5)
    assert purse.worst(b"x" * 10) == 10 + 64 + 5
    purse.learn(b"x" * 10, 110, 7)  # an endpoint that adds a prompt of its own, and heeds no limit
    assert purse.worst(b"x" * 10) == 110 + 7


ASKING = Estimate(texts=50, prompts=40, tokens_in=9120, tokens_out=320, dollars=0.0, minutes=0.52, measured_on=0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompts": 0}, "nothing is asked, and nothing is paid."),
        ({}, "40 have no reply: about 9,120 tokens and 320 in answers, $0.00, 0.5 minutes, a guess until"),
        ({"dollars": None}, "dollars unknown (no prices in the configuration)"),
        ({"dollars": 0.0042}, "less than $0.01"),
        ({"dollars": 1234.5, "measured_on": 7}, "$1,234.50, 0.5 minutes, as 7 replies took."),
        ({"minutes": 15.52, "startup": 15.0}, "15.5 minutes (up to 15 of them for the start of its engine), "),
    ],
)
def test_an_estimate_is_a_sentence(change, said):
    estimate = replace(ASKING, **change)
    assert said in repr(estimate)
    assert estimate._repr_html_() == f"<p>{html.escape(repr(estimate))}</p>"
