"""One pass over prompts: claims those without a reply, asks them at once within limits, keeps each as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import islice
from time import monotonic, perf_counter
from typing import NamedTuple, TypeVar

from ..errors import LabError
from ..store.claims import LEASE_SECONDS, Claims
from ..store.replies import Replies, Reply
from .answer import Answer, Failure
from .client import Client
from .cost import Meter, Purse
from .endpoint import Endpoint
from .limits import Gate, Limits, backoff
from .tally import Tally

T = TypeVar("T")

LOOKUP = 512
"""How many prompts are looked up in the ledger at once."""

POLL_SECONDS = 0.25
"""How often to look whether another process has answered."""

KNOCKS, KNOCK_SECONDS = 3, 3.0
"""An endpoint that refuses the first request so often, or for so long, is believed that it will refuse all."""

REFUSALS = 20
"""After so many refusals in a row, or twice as many as requests are under way at once, a pass is given up."""

GATHER_SECONDS = 0.01
"""For how long answers are gathered into one commit: most commits are saved, at the risk of a few more than the answers
on their way, which are lost with a killed process anyway."""

STORE_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts to keep answers while the store does not answer."""


class Question(NamedTuple):
    """A prompt, and the key of its row in the ledger."""

    key: str
    prompt: str


@dataclass
class Asking:
    """One pass. Every prompt ends with a reply or an error in the ledger, unless the pass is stopped."""

    endpoint: Endpoint
    limits: Limits
    client: Client
    ledger: Replies
    claims: Claims
    purse: Purse
    meter: Meter
    tally: Tally

    def __post_init__(self) -> None:
        concurrency = self.limits.concurrency
        self._gate = Gate(self.limits)
        self._stop = asyncio.Event()
        self._todo: asyncio.Queue[Question | None] = asyncio.Queue(concurrency)
        self._done: asyncio.Queue[tuple[Question, Reply | Failure] | None] = asyncio.Queue(4 * concurrency)
        self._writing: list[tuple[Question, Reply | Failure]] = []
        self._refusals = 0
        self._error: LabError | None = None

    async def run(self, prompts: Iterator[str]) -> None:
        """Ask what has no reply. The iterator is drawn from in another thread, some hundred prompts ahead.

        Raises
        ------
        LabError
            If the endpoint refuses every request, or the store does not answer.
        """
        try:
            async with self.client:
                await self._all(prompts)
        except BaseExceptionGroup as group:
            raise _first(group) from None
        finally:
            while not self._done.empty():
                self._gather(self._done.get_nowait())
            self._commit()
            self._count()
            self.claims.release()
        if self._error:
            raise self._error

    def stop(self, why: str) -> None:
        """Send nothing more; what is under way is waited for."""
        self.tally.stopped = self.tally.stopped or why
        self._stop.set()

    async def _all(self, prompts: Iterator[str]) -> None:
        """Feed, ask, write and renew side by side, until every prompt was seen to."""
        async with asyncio.TaskGroup() as group:
            beat = group.create_task(self._beat())
            writer = group.create_task(self._write())
            group.create_task(self._feed(prompts))
            if first := await self._todo.get():
                await self._knock(first)
                await asyncio.gather(*(group.create_task(self._work()) for _ in range(self.limits.concurrency)))
            await self._done.put(None)
            await writer
            beat.cancel()

    async def _feed(self, prompts: Iterator[str]) -> None:
        """Hand what has no reply to the workers; then wait for what other processes are asking."""
        elsewhere: dict[str, str] = {}
        while not self._stop.is_set() and (chunk := await asyncio.to_thread(lambda: list(islice(prompts, LOOKUP)))):
            questions = dict(zip(self.endpoint.keys(chunk), chunk, strict=True))
            self.tally.known += len(chunk) - len(questions)  # a prompt that stands twice is asked once
            elsewhere |= await self._claim(questions)
        while elsewhere and not self._stop.is_set():
            await self._pause(POLL_SECONDS)
            elsewhere = await self._claim(elsewhere)
        for _ in range(self.limits.concurrency):
            await self._todo.put(None)

    async def _claim(self, questions: Mapping[str, str]) -> dict[str, str]:
        """Hand on the questions that are ours to ask, and return those that someone else is asking."""
        known = await self._patiently(lambda: self.ledger.answered(list(questions)))
        self.tally.known += len(known)
        keys = iter([key for key in questions if key not in known])
        elsewhere: dict[str, str] = {}
        # Few at a time: what one process holds and has not asked yet, another could be asking.
        while not self._stop.is_set() and (some := list(islice(keys, self.limits.concurrency))):
            taken = await self._patiently(partial(self.claims.take, {key: questions[key] for key in some}))
            elsewhere |= {key: questions[key] for key in some if key not in taken}
            for key in taken:
                await self._todo.put(Question(key, questions[key]))
        return elsewhere

    async def _knock(self, question: Question) -> None:
        """Ask the first question alone: where nobody answers, no other is sent."""
        started, knocks = monotonic(), 0
        while isinstance(result := await self._attempt(question), Failure) and result.refused:
            knocks += 1
            if knocks == KNOCKS or monotonic() - started > KNOCK_SECONDS:
                self._give_up(result)
                return
            await self._pause(backoff(0))
        if isinstance(result, Failure):
            result = await self._ask(question)
        await self._hand_in(question, result)

    async def _work(self) -> None:
        """Ask one question after the other."""
        while question := await self._todo.get():
            if not self._stop.is_set():
                await self._hand_in(question, await self._ask(question))

    async def _hand_in(self, question: Question, result: Reply | Failure | None) -> None:
        """Give a result to the writer; None, the result of a question that was not asked, leaves no trace."""
        if result:
            await self._done.put((question, result))

    async def _ask(self, question: Question) -> Reply | Failure | None:
        """Ask a question as often as it takes and the limits allow."""
        for attempt in range(self.limits.attempts):
            result = await self._attempt(question)
            last = attempt + 1 == self.limits.attempts
            if not isinstance(result, Failure) or not result.again or last:
                return result
            # Jitter also on what the endpoint asks for, so that not everyone comes back at once.
            await self._pause(backoff(attempt) if result.wait is None else result.wait + backoff(0))
        raise AssertionError("limits allow at least one attempt")

    async def _attempt(self, question: Question) -> Reply | Failure | None:
        """Send one request when the limits let it leave; None where the pass was stopped before."""
        body = self.endpoint.body(question.prompt)
        reserved = self.purse.worst(body)
        if not self._stop.is_set() and not await self.purse.reserve(reserved):
            self.stop("the budget is spent")
        expected = self.meter.expect(question.prompt)
        await self._pause(self._gate.delay(expected))
        while closed := self._gate.closed:
            await self._pause(closed)
        if self._stop.is_set():
            return None
        started = perf_counter()
        result = await self.client.send(body)
        spent = self.endpoint.dollars(result) if isinstance(result, Answer) else None if result.billed else Decimal(0)
        if isinstance(result, Answer) and result.tokens_in is not None and result.tokens_out is not None:
            self.purse.learn(body, result.tokens_in, result.tokens_out)
        await self.purse.settle(reserved, spent)
        return self._learn(question, result, expected, perf_counter() - started)

    def _learn(self, question: Question, result: Answer | Failure, expected: float, seconds: float) -> Reply | Failure:
        """Take from a result what it says about the next ones."""
        if isinstance(result, Failure):
            return self._heed(result)
        self._refusals = 0
        if result.tokens_in is not None and result.tokens_out is not None:
            self.meter.add(question.prompt, result.tokens_in, result.tokens_out, seconds)
            self._gate.correct(result.tokens_in + result.tokens_out - expected)
        return self.endpoint.reply(question.prompt, result, seconds)

    def _heed(self, failure: Failure) -> Failure:
        """Pause everyone, or give up, where a failure says so."""
        if failure.wait is not None and failure.wait > self.limits.timeout:
            failure = replace(failure, again=False, refused=True)
        elif failure.wait is not None:
            self._gate.close(failure.wait)
        hopeless = failure.refused or not (failure.again or self.tally.answered)
        self._refusals = self._refusals + 1 if hopeless else 0
        if self._refusals >= max(REFUSALS, 2 * self.limits.concurrency):
            self._give_up(failure)
        return failure

    def _give_up(self, failure: Failure) -> None:
        """End the pass with an error, once what is under way has been kept."""
        self._error = self._error or self.endpoint.refusal(failure)
        self.stop(failure.reason)

    async def _write(self) -> None:
        """Commit results as they arrive: those that come in close together go into one commit."""
        last = False
        while not last:
            last = self._gather(await self._done.get())
            if not last:
                await asyncio.sleep(GATHER_SECONDS)
            while not self._done.empty():
                last = self._gather(self._done.get_nowait())
            await self._patiently(self._commit)
            self._count()

    def _gather(self, result: tuple[Question, Reply | Failure] | None) -> bool:
        """Take a result into the next commit; True for the sign that it was the last."""
        if result:
            self._writing.append(result)
        return result is None

    def _commit(self) -> None:
        """Put what is being written into the ledger."""
        replies = [result for _, result in self._writing if isinstance(result, Reply)]
        errors = {question.key: str(result) for question, result in self._writing if isinstance(result, Failure)}
        if self._writing:
            self.claims.keep(replies, errors)

    def _count(self) -> None:
        """Count what was committed."""
        for _, result in self._writing:
            if isinstance(result, Reply):
                self.tally.answered += 1
                self.tally.dollars += result.dollars or 0
            else:
                self.tally.failures[result.reason] += 1
        self._writing = []

    async def _beat(self) -> None:
        """Renew the claims for as long as this process lives."""
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            await self._patiently(self.claims.renew)

    async def _patiently(self, work: Callable[[], T]) -> T:
        """Use the store, and wait a while for it where it does not answer: what was paid for must not be lost."""
        for wait in STORE_WAITS:
            try:
                return await asyncio.to_thread(work)
            except LabError:
                await asyncio.sleep(wait)
        return await asyncio.to_thread(work)

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until the pass is stopped."""
        if seconds > 0 and not self._stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._stop.wait()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception of a group of groups."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
