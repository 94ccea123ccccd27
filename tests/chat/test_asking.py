"""A pass over prompts: what arrives is kept, what fails costs its own example, and nothing is paid for twice."""

import asyncio
import logging
import os
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from time import monotonic

import psycopg
import pytest

from labkit.chat import apart
from labkit.chat.asking import KNOCKS, Asking
from labkit.chat.client import Client
from labkit.errors import LabError
from labkit.store import claims, open_store
from tests.llm_server import FAULTS, labels_of

from .conftest import KEY

PRICES = {"input": 10.0, "output": 100.0}


def replies(chat, prompts):
    return [entry.reply for _, entry in chat.find(prompts)]


def test_every_prompt_is_answered_over_connections_that_are_kept(serve, chat_to, prompts):
    server = serve(latency=0.01)
    chat, reports = chat_to(server.url), []
    tally = chat.ask(prompts, len(prompts), reports.append)
    assert replies(chat, prompts) == [labels_of(prompt) for prompt in prompts]
    assert (tally.answered, tally.failed, tally.stopped) == (200, 0, None)
    assert server.connections <= 16
    assert set(server.answers.values()) == {1}
    assert (reports[-1].stage, reports[-1].done, reports[-1].total) == ("asking", 200, 200)
    assert {"per second", "dollars", "failed", "minutes left"} <= set(reports[-1].figures)


def test_a_rerun_asks_only_for_what_is_missing(serve, chat_to, prompts):
    server = serve()
    chat = chat_to(server.url)
    chat.ask(prompts[:120], 120)
    tally = chat.ask(prompts, 200)
    assert (tally.known, tally.answered) == (120, 80)
    assert len(server.requests) == 200


def test_a_prompt_that_stands_twice_is_asked_once(serve, chat_to):
    server = serve()
    tally = chat_to(server.url).ask(["a", "b", "a", "a"], 4)
    assert (tally.answered, tally.known, len(server.requests)) == (2, 2, 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fifth_failing_in_every_way_costs_no_reply_and_none_is_paid_for_twice(serve, chat_to, prompts, seed):
    server = serve(share=0.2, seed=seed, latency=0.005, retry_after="0.05")
    chat = chat_to(server.url, attempts=8, timeout=2.0)
    tally = chat.ask(prompts, len(prompts))
    assert replies(chat, prompts) == [labels_of(prompt) for prompt in prompts]
    assert tally.answered == 200
    assert set(server.answers.values()) == {1}
    assert len(server.requests) > 220


@pytest.mark.parametrize("fault", ["429", "500", "truncated", "no choices", "html", "dropped"])
def test_a_prompt_that_always_fails_ends_with_its_reason_and_is_asked_again_next_time(serve, chat_to, fault):
    server = serve(faults=[fault], share=0.5, seed=3)
    chat = chat_to(server.url, attempts=1)
    prompts = [f"p{i}" for i in range(40)]
    tally = chat.ask(prompts, 40)
    failed = [prompt for prompt, (_, entry) in zip(prompts, chat.find(prompts), strict=True) if entry.error]
    assert tally.answered + tally.failed == 40
    assert len(failed) == tally.failed > 5
    assert len(tally.failures) == 1
    server.share = 0
    assert (again := chat.ask(prompts, 40)).answered == len(failed)
    assert again.known == 40 - len(failed)
    assert None not in replies(chat, prompts)


def test_an_answer_that_comes_too_late_is_an_error_with_the_limit_in_it(serve, chat_to):
    server = serve(latency=60)
    tally = chat_to(server.url, timeout=0.5, attempts=2).ask(["a"], 1)
    assert tally.failures == Counter({"no answer within 0.5 seconds": 1})
    assert len(server.requests) == 3  # the knock, and two attempts


def test_retry_after_holds_everyone_back(serve, chat_to):
    server = serve(faults=["429"], share=0.1, retry_after="1", seed=5)
    chat_to(server.url, concurrency=4).ask([f"p{i}" for i in range(30)], 30)
    limited = [r.arrived for r in server.requests if r.fault == "429"]
    assert limited
    for moment in limited:  # others were under way
        assert len([r for r in server.requests if moment < r.arrived < moment + 0.9]) <= 8


def test_requests_a_minute_are_spread_evenly(serve, chat_to):
    server, started = serve(), monotonic()
    chat_to(server.url, requests_per_minute=1200, concurrency=32).ask([f"p{i}" for i in range(30)], 30)
    arrived = sorted(request.arrived - started for request in server.requests)
    assert len(arrived) == 30
    assert all(moment > 0.05 * place for place, moment in enumerate(arrived)), "none comes before its turn"


def test_tokens_a_minute_slow_down_once_answers_are_counted(serve, chat_to):
    server = serve(tokens=(900, 100))
    chat = chat_to(server.url, tokens_per_minute=600_000, concurrency=4)
    chat.ask(["warm"], 1)
    started = monotonic()
    chat.ask([f"p{i}" for i in range(20)], 20)
    assert monotonic() - started > 1.4


def test_a_budget_stops_the_pass_and_is_never_exceeded(serve, chat_to, prompts):
    server = serve(latency=0.02, tokens=(100, 10))  # a fifth of a cent each
    chat = chat_to(server.url, prices=PRICES, parameters={"max_tokens": 10})
    tally = chat.ask(prompts, 200, budget=0.1)
    assert tally.stopped == "the budget is spent"
    assert tally.dollars == Decimal("0.002") * tally.answered
    assert Decimal("0.09") < tally.dollars <= Decimal("0.1")
    assert sum(reply is not None for reply in replies(chat, prompts)) == tally.answered == len(server.requests)
    rest = chat.ask(prompts, 200)
    assert (rest.known, rest.answered) == (tally.answered, 200 - tally.answered)


def test_an_answer_that_may_be_on_the_bill_counts_against_the_budget(serve, chat_to, prompts):
    server = serve(faults=["truncated"], share=1.0)
    chat = chat_to(server.url, prices=PRICES, parameters={"max_tokens": 10}, attempts=2)
    tally = chat.ask(prompts, 200, budget=0.05)
    assert tally.stopped
    assert len(server.requests) * Decimal("0.002") < Decimal("0.05")


def test_what_it_took_is_in_the_ledger(serve, chat_to, database):
    server, started = serve(latency=0.05, tokens=(120, 3)), monotonic()
    chat_to(server.url, prices=PRICES, logprobs=True).ask(["a"], 1)
    took = monotonic() - started
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT model, prompt, finish, tokens_in, tokens_out, dollars, seconds, confidence, source, error, holder"
            " FROM labkit.reply"
        ).fetchone()
    assert row[:6] == ("m", "a", "stop", 120, 3, Decimal("0.0015"))
    assert 0.05 <= row[6] < took
    assert row[7] == pytest.approx(0.861, abs=0.001)
    assert row[8:] == ("asked", None, None)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"key": "another"}, "CANARY_KEY"),
        ({"model": "another"}, "'m'"),
    ],
)
def test_a_wrong_key_or_model_is_said_at_once(serve, chat_to, prompts, settings, words):
    server = serve(**settings)
    with pytest.raises(LabError, match=words) as caught:
        chat_to(server.url).ask(prompts, 200)
    assert len(server.requests) <= 3
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/v1", "http://no-such-host.invalid/v1", "http://192.0.2.1/v1"])
def test_a_host_that_does_not_answer_is_said_at_once(chat_to, prompts, unused_port, url, monkeypatch):
    chat, sent = chat_to(url.format(port=unused_port)), []
    send = Client.send
    monkeypatch.setattr(Client, "send", lambda client, body: sent.append(body) or send(client, body))
    with pytest.raises(LabError, match="nobody answers"):
        chat.ask(prompts, 200)
    assert len(sent) <= KNOCKS
    assert replies(chat, prompts) == [None] * 200


def test_a_missing_key_is_named_with_how_many_prompts_need_it(serve, chat_to, monkeypatch):
    server = serve()
    chat = chat_to(server.url)
    chat.ask(["a"], 1)
    monkeypatch.delenv("CANARY_KEY")
    with pytest.raises(LabError, match="2 of 3 prompts.*CANARY_KEY"):
        chat.ask(["a", "b", "c"], 3)


def test_a_key_that_is_withdrawn_ends_the_pass_and_keeps_what_arrived(serve, chat_to):
    server = serve(latency=0.01)
    chat = chat_to(server.url, concurrency=4)
    prompts = [f"p{i}" for i in range(2000)]

    def withdraw(progress):
        server.key = "another"

    with pytest.raises(LabError, match="CANARY_KEY"):
        chat.ask(prompts, 2000, withdraw)
    kept = sum(reply is not None for reply in replies(chat, prompts))
    assert kept == len(server.answers) > 0
    assert len(server.requests) < kept + 200


def test_it_works_where_a_loop_runs_already(serve, chat_to):
    server = serve()
    chat = chat_to(server.url)

    async def cell():
        return chat.ask(["a", "b"], 2)

    assert asyncio.run(cell()).answered == 2


@contextmanager
def pressing_stop(*moments):
    """Interrupt this process as each of the moments has come, in order."""
    over = threading.Event()

    def press():
        for has_come in moments:
            while not has_come() and not over.wait(0.01):
                pass
            if not over.is_set():
                os.kill(os.getpid(), signal.SIGINT)

    hand = threading.Thread(target=press)
    hand.start()
    try:
        yield
    finally:
        over.set()
        hand.join()


def test_an_interrupt_keeps_what_arrived_and_leaves_no_thread(serve, chat_to, database):
    server = serve(latency=0.1)
    chat = chat_to(server.url, concurrency=4)
    prompts, before = [f"p{i}" for i in range(500)], set(threading.enumerate())
    with pressing_stop(lambda: len(server.answers) > 20), pytest.raises(KeyboardInterrupt):
        chat.ask(prompts, 500)
    assert set(threading.enumerate()) <= before
    assert 20 < len(server.answers) < 500
    kept = [prompt for prompt, reply in zip(prompts, replies(chat, prompts), strict=True) if reply]
    assert sorted(kept) == sorted(server.answers)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM labkit.reply WHERE reply IS NULL").fetchone() == (0,)


def test_two_interrupts_do_not_wait_for_a_slow_answer(serve, chat_to, monkeypatch):
    server, heard = serve(latency=600), []
    monkeypatch.setattr(apart, "GRACE_SECONDS", 600)
    stop = Asking.stop
    monkeypatch.setattr(Asking, "stop", lambda asking, why: heard.append(monotonic()) or stop(asking, why))
    moments = [lambda: server.asked, lambda: heard and monotonic() > heard[0] + 0.5]
    with pressing_stop(*moments), pytest.raises(KeyboardInterrupt):
        chat_to(server.url, timeout=600).ask(["a"], 1)
    assert not server.answers


def test_two_passes_at_once_pay_for_each_prompt_once_and_both_have_every_reply(serve, chat_to, database, prompts):
    server = serve(latency=0.02)
    other = open_store(database, None)

    def run(ledger):
        chat = chat_to(server.url)
        chat.ledger = ledger
        tally = chat.ask(prompts, 200)
        return tally, replies(chat, prompts)

    with ThreadPoolExecutor(2) as pool:
        (one, first), (two, second) = pool.map(run, [chat_to(server.url).ledger, other.replies])
    other.close()
    assert first == second == [labels_of(prompt) for prompt in prompts]
    assert one.answered + two.answered == 200
    assert one.known + two.known == 200
    assert set(server.answers.values()) == {1}


def test_what_a_dead_process_was_asking_is_asked_when_its_claim_ends(serve, chat_to, monkeypatch):
    server = serve()
    chat = chat_to(server.url)
    monkeypatch.setattr(claims, "LEASE_SECONDS", 1.0)
    started = monotonic()
    chat.ledger.claims("m", {}).take({chat.key("a"): "a"})
    monkeypatch.setattr(claims, "LEASE_SECONDS", 10.0)
    assert chat.ask(["a", "b"], 2).answered == 2
    assert monotonic() - started > 0.99


def test_the_key_is_in_no_row_report_log_error_or_representation(serve, chat_to, database, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    reports, found = [], []
    for fault in (*FAULTS, "echo"):
        server = serve(faults=[fault], share=0.5, latency=0.001, seed=7, reply=lambda prompt: f"BUG {KEY}")
        chat = chat_to(server.url, model=fault, attempts=2, timeout=0.4, concurrency=4)
        try:
            found.append(chat.ask([f"p{i}" for i in range(12)], 12, reports.append))
        except LabError as error:
            found.append(error)
        found += [chat, vars(chat), chat.endpoint, chat.identity]
    with psycopg.connect(database) as connection:
        found += connection.execute("SELECT reply::text, reply.* FROM labkit.reply").fetchall()
    assert len(found) > 60
    said = capfd.readouterr()
    for text in (*map(repr, found), *map(str, found), *map(repr, reports), caplog.text, said.out, said.err):
        assert KEY not in text


def test_an_endpoint_without_a_key_is_sent_none(serve, chat_to):
    server = serve()
    assert chat_to(server.url, key_variable="").ask(["a"], 1).answered == 1
    assert "authorization" not in server.requests[0].headers


def test_a_redirection_is_not_followed_with_the_key(serve, chat_to):
    other = serve()
    server = serve(redirect=other.url)
    with pytest.raises(LabError, match="302"):
        chat_to(server.url).ask(["a"], 1)
    assert other.requests == []


def test_an_estimate_becomes_exact_with_the_first_replies(serve, chat_to, database):
    server = serve(tokens=(50, 5), latency=0.05)
    chat = chat_to(server.url, prices=PRICES, concurrency=2)
    prompts = ["x" * 100 + str(i) for i in range(10, 30)]
    guess = chat.estimate([*prompts, prompts[0]])
    assert (guess.texts, guess.prompts, guess.tokens_in, guess.tokens_out, guess.measured_on) == (21, 20, 510, 160, 0)
    assert guess.dollars == pytest.approx(510e-5 + 160e-4)
    chat.ask(prompts[:4], 4)
    better = chat.estimate(prompts)
    assert (better.prompts, better.tokens_in, better.tokens_out, better.measured_on) == (16, 800, 80, 4)
    assert better.dollars == pytest.approx(800e-5 + 80e-4)
    with psycopg.connect(database) as connection:
        (seconds,) = connection.execute("SELECT avg(seconds) FROM labkit.reply").fetchone()
    assert better.minutes == pytest.approx(8 * seconds / 60, rel=0.01)
    assert seconds > 0.05


def test_as_a_plain_model_of_spacy_llm_it_answers_or_says_that_it_cant(serve, chat_to):
    server = serve()
    chat = chat_to(server.url)
    assert chat([["a"], ["b", "a"]]) == [[labels_of("a")], [labels_of("b"), labels_of("a")]]
    server.finish = "length"
    with pytest.raises(LabError, match="1 of 2 prompts have no whole answer"):
        chat([["a"], ["c"]])
