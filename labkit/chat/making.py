"""Makes the model that configurations name `labkit.Chat.v1`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Iterable  # noqa: UP035 - spacy-llm refuses any other Iterable

from ..errors import LabError
from .cost import Prices
from .endpoint import Endpoint
from .limits import Limits
from .model import Chat


def make_chat(
    model: str,
    base_url: str,
    key_variable: str = "",
    parameters: Mapping[str, Any] | None = None,
    structured: bool = False,
    logprobs: bool = False,
    concurrency: int = 8,
    requests_per_minute: float | None = None,
    tokens_per_minute: float | None = None,
    timeout: float = 60.0,
    attempts: int = 6,
    prices: Mapping[str, float] | None = None,
    budget: float | None = None,
    key_header: str = "Authorization",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> Callable[[Iterable[Iterable[str]]], Iterable[Iterable[str]]]:
    """Make the model that a configuration names ``labkit.Chat.v1``; see `Chat`, `Endpoint`, `Limits` and `Prices`."""
    if prices is not None and set(prices) != {"input", "output"}:
        raise LabError(f"The prices of {model!r} are not input and output.", "Give both, in dollars a million tokens.")
    endpoint = Endpoint(
        model,
        base_url,
        key_variable,
        key_header,
        parameters or {},
        headers or {},
        query or {},
        logprobs,
        prices=Prices(**prices) if prices else None,
    )
    limits = Limits(concurrency, requests_per_minute, tokens_per_minute, timeout, attempts)
    return Chat(endpoint, limits, budget=budget, structured=structured)
