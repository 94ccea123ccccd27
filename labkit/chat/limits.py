"""How fast to ask: what an endpoint allows, spread evenly, and how long to wait after a failure.

The buckets of libraries such as aiolimiter let a whole minute's requests through at once and then keep
to the rate, so that the first minute sees twice the limit; and they can't be told afterwards how many
tokens an answer really took. Spacing requests evenly takes fewer lines than working around that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from time import monotonic

from ..errors import LabError

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0


@dataclass(frozen=True)
class Limits:
    """What one run may ask of an endpoint.

    Parameters
    ----------
    concurrency : int
        The most requests under way at once.
    requests_per_minute, tokens_per_minute : float or None
        What the account allows; tokens of prompts and answers together. None is no limit.
    timeout : float
        Seconds that one request may take.
    attempts : int
        How often a prompt is asked before its failure is final.

    Raises
    ------
    LabError
        If one of them is not positive.
    """

    concurrency: int = 8
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 60.0
    attempts: int = 6

    def __post_init__(self) -> None:
        for name, number in vars(self).items():
            if number is not None and number <= 0:
                raise LabError(f"{name} = {number} is no limit.", "Give a number over 0, or leave it out.")


class Pace:
    """Spreads units evenly over time.

    Parameters
    ----------
    per_minute : float or None
        Units a minute; None is no limit.

    Examples
    --------
    >>> pace = Pace(60)
    >>> pace.delay(), round(pace.delay())
    (0.0, 1)
    """

    def __init__(self, per_minute: float | None) -> None:
        self._gap = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    def delay(self, units: float = 1.0) -> float:
        """Book `units`, and return in how many seconds they may be used."""
        now = monotonic()
        start = max(now, self._next)
        self._next = start + units * self._gap
        return start - now

    def correct(self, units: float) -> None:
        """Book `units` more, or less where negative, than was thought."""
        self._next += units * self._gap


class Gate:
    """When the next request may leave: the requests' pace, the tokens' pace, and pauses that an endpoint asks for."""

    def __init__(self, limits: Limits) -> None:
        self._requests = Pace(limits.requests_per_minute)
        self._tokens = Pace(limits.tokens_per_minute)
        self._closed_until = 0.0

    def delay(self, tokens: float) -> float:
        """Book a request of so many tokens, and return in how many seconds it may leave."""
        return max(self._requests.delay(), self._tokens.delay(tokens))

    @property
    def closed(self) -> float:
        """For how many seconds no request may leave."""
        return max(0.0, self._closed_until - monotonic())

    def correct(self, tokens: float) -> None:
        """Say how many tokens more than booked a request took."""
        self._tokens.correct(tokens)

    def close(self, seconds: float) -> None:
        """Let no further request leave for some seconds."""
        self._closed_until = max(self._closed_until, monotonic() + seconds)


def backoff(attempt: int) -> float:
    """Return how many seconds to wait after a failure: exponential, with full jitter.

    Parameters
    ----------
    attempt : int
        0 after the first failure.

    Notes
    -----
    M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 4 March 2015: of the ways that it
    compares, full jitter needs the fewest calls.
    """
    return random.uniform(0, min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt))
