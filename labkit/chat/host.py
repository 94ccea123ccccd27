"""Who runs an endpoint, for how long, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic
from typing import Protocol

from ..progress import Report
from .cost import Purse
from .endpoint import Endpoint


@dataclass(frozen=True)
class Opened:
    """An endpoint that answers.

    Parameters
    ----------
    endpoint : Endpoint
        Where it is now.
    purse : Purse
        What may be spent there.
    """

    endpoint: Endpoint
    purse: Purse


class Host(Protocol):
    """Runs an endpoint while a pass asks."""

    def open(self, endpoint: Endpoint, budget: Decimal | None, report: Report) -> AbstractContextManager[Opened]:
        """Have the endpoint answer until the context ends, however it ends.

        Parameters
        ----------
        endpoint : Endpoint
            What is to be asked.
        budget : Decimal or None
            Dollars that the pass may spend.
        report : callable
            Is told what is waited for.
        """
        ...


class Standing:
    """The host of an endpoint that answers anyway, and asks a price for each token."""

    @contextmanager
    def open(self, endpoint: Endpoint, budget: Decimal | None, report: Report) -> Iterator[Opened]:
        """Yield the endpoint as it is; see `Host`."""
        yield Opened(endpoint, Purse(budget, endpoint.prices, endpoint.longest))


class Rent(Purse):
    """The budget of an endpoint that is rented by the second, from now on.

    Parameters
    ----------
    budget : Decimal or None
        Dollars that may be spent; None is no limit.
    price : Decimal
        Dollars a second.

    Notes
    -----
    What is under way when the budget is spent is waited for: its seconds are on the bill, too.
    """

    def __init__(self, budget: Decimal | None, price: Decimal) -> None:
        super().__init__(None, None, None)
        self._limit, self._price, self._since = budget, price, monotonic()

    @property
    def rent(self) -> Decimal:
        """What was spent so far."""
        return self._price * Decimal(monotonic() - self._since)

    async def reserve(self, dollars: Decimal) -> bool:
        """Say whether something is left."""
        return self._limit is None or self.rent < self._limit
