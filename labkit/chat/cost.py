"""What prompts cost: prices, a guess before the first request, and a budget that is never exceeded."""

from __future__ import annotations

import asyncio
import html
import math
from dataclasses import dataclass
from decimal import Decimal

from ..errors import LabError
from ..store.replies import Usage
from .limits import Limits

BYTES_PER_TOKEN = 4.0
"""Assumed until replies were counted: about four characters of English are one token (OpenAI's help pages)."""

TOKENS_OUT = 8.0
"""Assumed length of an answer, in tokens: a label or two."""

SECONDS = 1.0
"""Assumed time of an answer."""

FRAME_TOKENS = 64
"""Allowed at first for what an endpoint wraps around a prompt, when the worst case is counted."""


@dataclass(frozen=True)
class Prices:
    """Dollars for a million tokens.

    Parameters
    ----------
    input, output : float
        Of prompts and of answers. A discount for cached prompts is not reckoned with.

    Raises
    ------
    LabError
        If one of them is negative.
    """

    input: float
    output: float

    def __post_init__(self) -> None:
        if not (self.input >= 0 and self.output >= 0):
            raise LabError("A price is negative or no number.", "Give dollars for a million tokens.")

    def dollars(self, tokens_in: float, tokens_out: float) -> Decimal:
        """Return the price of so many tokens."""
        each = Decimal(str(self.input)) * Decimal(tokens_in) + Decimal(str(self.output)) * Decimal(tokens_out)
        return each / 1_000_000


def size(prompt: str) -> int:
    """Return the length of a prompt in bytes of UTF-8."""
    return len(prompt.encode("utf-8", "replace"))


class Meter:
    """Expects tokens and seconds from what replies took so far.

    Parameters
    ----------
    usage : Usage
        What replies of the same model took in the past.
    """

    def __init__(self, usage: Usage) -> None:
        self._replies, self._bytes, self._in, self._out, self._seconds = map(float, usage)

    def add(self, prompt: str, tokens_in: int, tokens_out: int, seconds: float) -> None:
        """Learn from one more reply."""
        self._replies += 1
        self._bytes += size(prompt)
        self._in += tokens_in
        self._out += tokens_out
        self._seconds += seconds

    @property
    def replies(self) -> int:
        """How many replies it has learned from."""
        return int(self._replies)

    def expect(self, prompt: str) -> float:
        """Expect the tokens of a prompt and of its answer, together."""
        return self.tokens_in(size(prompt)) + self.tokens_out

    def tokens_in(self, size: int) -> float:
        """Expect the tokens of prompts of `size` bytes in UTF-8."""
        return size * self._in / self._bytes if self._in else size / BYTES_PER_TOKEN

    @property
    def tokens_out(self) -> float:
        """Expect the tokens of one answer."""
        return self._out / self._replies if self._replies else TOKENS_OUT

    @property
    def seconds(self) -> float:
        """Expect the seconds of one answer."""
        return self._seconds / self._replies if self._replies else SECONDS


@dataclass(frozen=True, repr=False)
class Estimate:
    """What a run will take, before its first request.

    Parameters
    ----------
    texts : int
        How many texts there are.
    prompts : int
        How many different prompts have no reply yet and would be asked.
    tokens_in, tokens_out : int
        Tokens of those prompts and of their answers.
    dollars : float or None
        What they cost; None where the configuration has no prices.
    minutes : float
        How long it takes, by the limits and the time of an answer.
    measured_on : int
        From how many replies of this model tokens and seconds were reckoned. 0 says that four bytes a token,
        eight tokens an answer and one second an answer were assumed.
    startup : float
        How many of the minutes an engine that is rented for it may take to start; dollars count them.

    Examples
    --------
    >>> Estimate(texts=750, prompts=40, tokens_in=9120, tokens_out=320, dollars=0.0321, minutes=0.52, measured_on=710)
    Of 750 prompts 40 have no reply: about 9,120 tokens and 320 in answers, $0.03, 0.5 minutes, as 710 replies took.
    """

    texts: int
    prompts: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    minutes: float
    measured_on: int
    startup: float = 0.0

    def __repr__(self) -> str:
        if not self.prompts:
            return f"Of {self.texts:,} prompts all have a reply: nothing is asked, and nothing is paid."
        price = "dollars unknown (no prices in the configuration)"
        if self.dollars is not None:
            price = "less than $0.01" if 0 < self.dollars < 0.01 else f"${self.dollars:,.2f}"
        known = f"as {self.measured_on:,} replies took" if self.measured_on else "a guess until replies were counted"
        start = f" (up to {self.startup:g} of them for the start of its engine)" if self.startup else ""
        return (
            f"Of {self.texts:,} prompts {self.prompts:,} have no reply: about {self.tokens_in:,} tokens and"
            f" {self.tokens_out:,} in answers, {price}, {self.minutes:,.1f} minutes{start}, {known}."
        )

    def _repr_html_(self) -> str:
        """Show the same sentence."""
        return f"<p>{html.escape(repr(self))}</p>"


class Purse:
    """A budget, of which each request reserves its worst case before it leaves.

    Parameters
    ----------
    budget : Decimal or None
        Dollars that a run may spend; None is no limit.
    prices : Prices or None
        Needed for a budget.
    longest : int or None
        The most tokens that an answer may have. Needed for a budget.

    Raises
    ------
    LabError
        If there is a budget and what it needs is missing.
    """

    def __init__(self, budget: Decimal | None, prices: Prices | None, longest: int | None) -> None:
        if budget is not None and not prices:
            raise LabError("A budget needs prices.", "Add [components.llm.model.prices] with input and output.")
        if budget is not None and not longest:
            raise LabError(
                "A budget needs a limit on the length of an answer: without one its cost has no bound.",
                "Add max_tokens under [components.llm.model.parameters].",
            )
        self._budget = budget
        self._prices = prices
        self._longest = longest or 0
        self._frame = FRAME_TOKENS
        self._taken = Decimal(0)
        self._under_way = 0
        self._settled = asyncio.Condition()

    @property
    def rent(self) -> Decimal:
        """What was spent beside answers: nothing."""
        return Decimal(0)

    def worst(self, body: bytes) -> Decimal:
        """Return the most that a request may cost: no tokenizer makes more tokens than a text has bytes."""
        if self._budget is None or not self._prices:
            return Decimal(0)
        return self._prices.dollars(len(body) + self._frame, self._longest)

    def learn(self, body: bytes, tokens_in: int, tokens_out: int) -> None:
        """Expect more in the worst case, where an endpoint adds more to a prompt or an answer than was thought."""
        self._frame = max(self._frame, tokens_in - len(body))
        self._longest = max(self._longest, tokens_out)

    async def reserve(self, dollars: Decimal) -> bool:
        """Set dollars aside for a request, once those under way have left enough; False if they never will."""
        if self._budget is None:
            return True
        async with self._settled:
            await self._settled.wait_for(lambda: self._fits(dollars) or not self._under_way)
            if not self._fits(dollars):
                return False
            self._taken += dollars
            self._under_way += 1
            return True

    async def settle(self, reserved: Decimal, spent: Decimal | None) -> None:
        """Put back what a request did not cost; None where nobody knows, and all of it may be on the bill."""
        if self._budget is None:
            return
        async with self._settled:
            self._taken -= reserved - (reserved if spent is None else spent)
            self._under_way -= 1
            self._settled.notify_all()

    def _fits(self, dollars: Decimal) -> bool:
        """Whether so much is left."""
        return self._budget is not None and self._taken + dollars <= self._budget


def minutes(requests: int, tokens: float, seconds: float, limits: Limits) -> float:
    """Return how long requests take: by their own time, or by the tightest limit."""
    rates = [(tokens, limits.tokens_per_minute), (requests, limits.requests_per_minute)]
    paced = [amount / rate for amount, rate in rates if rate]
    return max(math.ceil(requests / limits.concurrency) * seconds / 60, *paced, 0.0)
