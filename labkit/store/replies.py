"""The reply ledger: what an LLM answered to one exact prompt. Nothing is paid for twice."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from os.path import commonprefix
from typing import Any, NamedTuple

from .claims import Claims, storable
from .database import Database

ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False)
"""Made once: json.dumps makes one for each call, which takes longer than the prompt itself."""


def reply_key(model: str, parameters: Mapping[str, Any], prompt: str) -> str:
    """Name one exact question: SHA-256 of model, parameters and prompt, 64 hexadecimal digits.

    Examples
    --------
    >>> reply_key("claude", {}, "a") != reply_key("claude", {"temperature": 0}, "a")
    True
    """
    return reply_keys(model, parameters, [prompt])[0]


def reply_keys(model: str, parameters: Mapping[str, Any], prompts: Collection[str]) -> list[str]:
    """Return the `reply_key` of each prompt; what all of them begin with, which is most of each, is hashed once."""
    begin = commonprefix([min(prompts), max(prompts)]) if prompts else ""  # noqa: RUF071, no path is meant
    head, keys = sha256(_json([model, parameters, begin])[:-2]), []
    for prompt in prompts:
        whole = head.copy()
        whole.update(_json(prompt[len(begin) :])[1:] + b"]")
        keys.append(whole.hexdigest())
    return keys


def _json(given: Any) -> bytes:
    """Return something as JSON, in which halves of surrogate pairs stay what they are."""
    return ENCODER.encode(given).encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Reply:
    """One answer of an LLM.

    Parameters
    ----------
    model : str
        The model's name, as its endpoint spells it.
    prompt : str
        The exact prompt.
    reply : str
        The raw text of the answer. PostgreSQL keeps no NUL and no half of a surrogate pair: they are
        kept as U+FFFD.
    source : {"asked", "recorded"}
        Whether labkit asked for it, or it was loaded from a file.
    parameters : dict
        Everything else that was sent and may change the answer, such as the temperature.
    finish : str
        Why the LLM stopped, in the endpoint's words; ``""`` where it is not known.
    tokens_in, tokens_out : int or None
        Tokens of the prompt and of the answer, as the endpoint counts them.
    dollars : Decimal or None
        What it cost, by the prices of the configuration.
    seconds : float or None
        From sending the request to the last byte of the answer.
    confidence : float or None
        How sure the LLM was, 0 to 1, where its endpoint says.
    """

    model: str
    prompt: str
    reply: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    finish: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    dollars: Decimal | None = None
    seconds: float | None = None
    confidence: float | None = None

    @property
    def key(self) -> str:
        """The reply's `reply_key`."""
        return reply_key(self.model, self.parameters, self.prompt)


class Entry(NamedTuple):
    """What the ledger knows of a question: its answer, or why there is none."""

    reply: str | None
    finish: str
    confidence: float | None
    error: str | None


class Usage(NamedTuple):
    """Sums over replies: how many, bytes of their prompts in UTF-8, tokens in and out, seconds."""

    replies: int
    prompt_bytes: int
    tokens_in: int
    tokens_out: int
    seconds: float


class Replies:
    """The table of replies, keyed by model, parameters and prompt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, replies: Iterable[Reply]) -> int:
        """Keep replies, and return how many were new. The first answer to a question stays."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection, connection.cursor() as cursor:
            connection.execute(
                "CREATE TEMP TABLE incoming (key text, model text, parameters jsonb, prompt text, reply text,"
                " source text) ON COMMIT DROP"
            )
            with cursor.copy("COPY incoming FROM STDIN") as copy:
                for r in replies:
                    texts = storable(r.prompt), storable(r.reply)
                    copy.write_row([r.key, r.model, Jsonb(dict(r.parameters)), *texts, r.source])
            return connection.execute(
                "INSERT INTO labkit.reply AS known (key, model, parameters, prompt, reply, source)"
                " SELECT DISTINCT ON (key) * FROM incoming ORDER BY key"
                " ON CONFLICT (key) DO UPDATE SET reply = excluded.reply, source = excluded.source, error = NULL,"
                "  holder = NULL, held_until = NULL WHERE known.reply IS NULL"
            ).rowcount

    def find(self, keys: Collection[str]) -> dict[str, Entry]:
        """Return what is known of each of `keys` that was answered or failed."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT key, reply, finish, confidence, error FROM labkit.reply"
                " WHERE key = ANY(%s) AND (reply IS NOT NULL OR error IS NOT NULL)",
                [list(keys)],
            )
            return {key: Entry(*entry) for key, *entry in rows}

    def answered(self, keys: Collection[str]) -> set[str]:
        """Return those of `keys` that have a reply."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT key FROM labkit.reply WHERE key = ANY(%s) AND reply IS NOT NULL", [list(keys)]
            )
            return {row[0] for row in rows}

    def claims(self, model: str, parameters: Mapping[str, Any]) -> Claims:
        """Return a new holder of claims on questions to one model."""
        return Claims(self._database, model, parameters)

    def usage(self, model: str, parameters: Mapping[str, Any]) -> Usage:
        """Sum what up to 1,000 replies of a model took, where its endpoint counted tokens."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT count(*), coalesce(sum(size), 0)::bigint, coalesce(sum(tokens_in), 0)::bigint,"
                " coalesce(sum(tokens_out), 0)::bigint, coalesce(sum(seconds), 0)::float FROM"
                " (SELECT octet_length(prompt) AS size, tokens_in, tokens_out, seconds FROM labkit.reply"
                "  WHERE model = %s AND parameters = %s AND tokens_in IS NOT NULL AND tokens_out IS NOT NULL"
                "  AND seconds IS NOT NULL LIMIT 1000) AS sample",
                [model, Jsonb(dict(parameters))],
            ).fetchone()
        assert row is not None
        return Usage(*row)
