"""Where an LLM is, and what is sent there."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from ..errors import LabError
from ..store.replies import Reply, reply_keys
from .answer import Answer, Failure
from .cost import Prices

OURS = {"messages", "model", "n", "response_format", "stream", "logprobs"}
"""The fields of a request that labkit sets itself."""


@dataclass(frozen=True)
class Endpoint:
    """One model behind one OpenAI-compatible address.

    Parameters
    ----------
    model : str
        The model's name, as its endpoint spells it.
    base_url : str
        The address, up to and without ``/chat/completions``.
    key_variable : str
        The environment variable that holds the key; ``""`` for an endpoint that asks for none. The key
        itself is never kept.
    key_header : str
        The header that carries the key: ``"Authorization"`` (as a bearer token), or for example ``"api-key"``.
    parameters : mapping
        What is sent beside the prompt and may change the answer, such as the temperature.
    headers, query : mapping of str to str
        Sent with each request, and no part of the question: ``api-version``, the name of an app.
    logprobs : bool
        Whether to ask how probable each token was.
    response_format : mapping or None
        The form that every answer must have: a JSON schema, in OpenAI's wrapping.
    prices : Prices or None
        What answers cost.

    Raises
    ------
    LabError
        If the address is none, or `parameters` holds a field that labkit sets itself.

    Examples
    --------
    >>> Endpoint("m", "http://localhost:11434/v1/").url
    'http://localhost:11434/v1/chat/completions'
    """

    model: str
    base_url: str
    key_variable: str = ""
    key_header: str = "Authorization"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    logprobs: bool = False
    response_format: Mapping[str, Any] | None = None
    prices: Prices | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise LabError(
                f"The base_url of {self.model!r} is not an address of the form https://host/path.",
                "Write it without a name, a password or a query; what the query held goes under query.",
            )
        taken = OURS & set(self.parameters)
        if taken:
            raise LabError(f"The parameters of {self.model!r} hold {min(taken)!r}.", "Leave it out: labkit sets it.")

    @property
    def url(self) -> str:
        """Where prompts are sent."""
        return f"{self.base_url.rstrip('/')}/chat/completions"

    def authorisation(self, key: str | None) -> dict[str, str]:
        """Return the header that carries a key, and `headers`.

        Raises
        ------
        LabError
            If the key holds what no HTTP header can carry. It is not repeated.
        """
        if not key:
            return dict(self.headers)
        if not key.isascii() or not key.isprintable() or " " in key:
            raise LabError(f"{self.key_variable} holds blanks or other characters that no key has.", "Copy it again.")
        bearer = self.key_header.lower() == "authorization"
        return {**self.headers, self.key_header: f"Bearer {key}" if bearer else key}

    @property
    def sent(self) -> dict[str, Any]:
        """Everything that is sent beside the prompt and may change the answer."""
        return {**self.parameters, **({"response_format": self.response_format} if self.response_format else {})}

    @property
    def longest(self) -> int | None:
        """The most tokens that an answer may have, or None where `parameters` sets no limit."""
        limit = self.parameters.get("max_completion_tokens", self.parameters.get("max_tokens"))
        return None if limit is None else int(limit)

    def key(self, prompt: str) -> str:
        """Return the ledger's key of a prompt."""
        return self.keys([prompt])[0]

    def keys(self, prompts: Collection[str]) -> list[str]:
        """Return the ledger's key of each prompt."""
        return reply_keys(self.model, self.sent, prompts)

    def body(self, prompt: str) -> bytes:
        """Return a request's body: JSON in ASCII, which also carries halves of surrogate pairs."""
        request = {"model": self.model, "messages": [{"role": "user", "content": prompt}], **self.sent}
        return json.dumps({**request, "logprobs": True} if self.logprobs else request).encode("ascii")

    def dollars(self, answer: Answer) -> Decimal | None:
        """Return what an answer cost; None without prices, or where the endpoint counts no tokens."""
        if not self.prices or answer.tokens_in is None or answer.tokens_out is None:
            return None
        return self.prices.dollars(answer.tokens_in, answer.tokens_out)

    def reply(self, prompt: str, answer: Answer, seconds: float) -> Reply:
        """Return an answer as the ledger keeps it."""
        return Reply(
            self.model,
            prompt,
            answer.text,
            "asked",
            self.sent,
            finish=answer.finish,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            dollars=self.dollars(answer),
            seconds=seconds,
            confidence=answer.confidence,
        )

    def refusal(self, failure: Failure) -> LabError:
        """Return the error for an endpoint where every request fails like this one."""
        remedies = {
            "HTTP 401": f"Set {self.key_variable or 'key_variable'} to a key of this endpoint.",
            "HTTP 403": f"Use a key in {self.key_variable or 'key_variable'} that may use this model.",
            "HTTP 404": f"Is {self.model!r} the model's name there, and base_url the part before /chat/completions?",
            "nobody": "Start the server, or correct base_url.",
            "the account": "Add credit to the account, and run it again: what was answered is kept.",
        }
        remedy = next((words for start, words in remedies.items() if failure.reason.startswith(start)), None)
        return LabError(
            f"{self.base_url} refuses to answer for {self.model!r}: {failure}.",
            remedy or "Correct the configuration, and run it again: what was answered is kept.",
        )
