"""The reply ledger: what an LLM answered to one exact prompt. Nothing is paid for twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .database import Database


def reply_key(model: str, parameters: Mapping[str, Any], prompt: str) -> str:
    """Name one exact question: SHA-256 of model, parameters and prompt, 64 hexadecimal digits.

    Examples
    --------
    >>> reply_key("claude", {}, "a") != reply_key("claude", {"temperature": 0}, "a")
    True
    """
    question = json.dumps([model, parameters, prompt], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()


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
        The raw text of the answer.
    source : {"asked", "recorded"}
        Whether labkit asked for it, or it was loaded from a file.
    parameters : dict
        Everything else that was sent and may change the answer, such as the temperature.
    """

    model: str
    prompt: str
    reply: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The reply's `reply_key`."""
        return reply_key(self.model, self.parameters, self.prompt)


class Replies:
    """The table of replies, keyed by model, parameters and prompt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, replies: Iterable[Reply]) -> int:
        """Keep replies, and return how many were new. The first answer to a question stays."""
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection, connection.cursor() as cursor:
            connection.execute("CREATE TEMP TABLE incoming (LIKE labkit.reply INCLUDING DEFAULTS) ON COMMIT DROP")
            with cursor.copy("COPY incoming (key, model, parameters, prompt, reply, source) FROM STDIN") as copy:
                for r in replies:
                    copy.write_row([r.key, r.model, Jsonb(dict(r.parameters)), r.prompt, r.reply, r.source])
            return connection.execute(
                "INSERT INTO labkit.reply SELECT * FROM incoming ON CONFLICT (key) DO NOTHING"
            ).rowcount

    def get(self, keys: Collection[str]) -> dict[str, str]:
        """Return the reply of each of `keys` that has one."""
        with self._database.connection() as connection:
            rows = connection.execute("SELECT key, reply FROM labkit.reply WHERE key = ANY(%s)", [list(keys)])
            return dict(rows.fetchall())
