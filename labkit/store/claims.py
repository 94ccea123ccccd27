"""Claims on questions, so that two processes never pay for the same prompt.

A claim is a lease on a row of the ledger: it ends by itself unless its holder, alive, renews it. A lock of the
session would vanish with its client at once, but behind a pooler such as PgBouncer (Neon's default address)
a client has no session of its own; a lease works on every server.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .database import Database

if TYPE_CHECKING:
    from .replies import Reply

LEASE_SECONDS = 10.0
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    r"""Return a text as PostgreSQL can keep it: NUL and halves of surrogate pairs become U+FFFD.

    Examples
    --------
    >>> storable("a\x00b")
    'a�b'
    """
    return _UNSTORABLE.sub("\ufffd", text)


class Claims:
    """The questions to one model that one holder is asking.

    Parameters
    ----------
    database : Database
        Where the ledger is.
    model, parameters
        As for `Reply`.
    """

    def __init__(self, database: Database, model: str, parameters: Mapping[str, Any]) -> None:
        self._database = database
        self._model = model
        self._parameters = dict(parameters)
        self._holder = uuid4()

    def take(self, prompts: Mapping[str, str]) -> set[str]:
        """Claim questions, and return the keys of those that are now this holder's alone to ask.

        The others have a reply, or someone else is asking. A question that failed may be claimed again.

        Parameters
        ----------
        prompts : mapping of str to str
            The prompt of each key.
        """
        from psycopg.types.json import Jsonb

        keys = sorted(prompts)  # one order for all processes, so that none waits for another in a circle
        with self._database.connection() as connection:
            rows = connection.execute(
                "INSERT INTO labkit.reply AS known (key, model, parameters, prompt, source, holder, held_until)"
                " SELECT key, %s, %s, prompt, 'asked', %s, clock_timestamp() + make_interval(secs => %s)"
                " FROM unnest(%s::text[], %s::text[]) AS question (key, prompt)"
                " ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until"
                " WHERE known.reply IS NULL AND (known.holder IS NULL OR known.held_until < clock_timestamp())"
                " RETURNING key",
                [
                    self._model,
                    Jsonb(self._parameters),
                    self._holder,
                    LEASE_SECONDS,
                    keys,
                    [storable(prompts[key]) for key in keys],
                ],
            )
            return {row[0] for row in rows}

    def keep(self, replies: Collection[Reply], errors: Mapping[str, str]) -> None:
        """Commit answers, and the errors of questions that got none; both end their claims.

        Calling it twice with the same answers changes nothing.

        Parameters
        ----------
        replies : collection of Reply
            Answers to questions that this holder claimed.
        errors : mapping of str to str
            Why the question with this key has no answer.
        """
        columns = [
            [r.key for r in replies],
            [storable(r.reply) for r in replies],
            [storable(r.finish) for r in replies],
            [r.tokens_in for r in replies],
            [r.tokens_out for r in replies],
            [r.dollars for r in replies],
            [r.seconds for r in replies],
            [r.confidence for r in replies],
        ]
        with self._database.connection() as connection:
            connection.execute(
                "UPDATE labkit.reply AS known SET reply = said.reply, finish = said.finish, tokens_in = said.tokens_in,"
                " tokens_out = said.tokens_out, dollars = said.dollars, seconds = said.seconds,"
                " confidence = said.confidence, source = 'asked', error = NULL, holder = NULL, held_until = NULL,"
                " created_at = clock_timestamp() FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::int[],"
                "  %s::numeric[], %s::real[], %s::real[])"
                "  AS said (key, reply, finish, tokens_in, tokens_out, dollars, seconds, confidence)"
                " WHERE known.key = said.key AND known.reply IS NULL",
                columns,
            )
            connection.execute(
                "UPDATE labkit.reply AS known SET error = failed.error, holder = NULL, held_until = NULL"
                " FROM unnest(%s::text[], %s::text[]) AS failed (key, error)"
                " WHERE known.key = failed.key AND known.holder = %s",
                [list(errors), [storable(error) for error in errors.values()], self._holder],
            )

    def renew(self) -> None:
        """Say that this holder is alive: its claims last another `LEASE_SECONDS`."""
        with self._database.connection() as connection:
            connection.execute(
                "UPDATE labkit.reply SET held_until = clock_timestamp() + make_interval(secs => %s) WHERE holder = %s",
                [LEASE_SECONDS, self._holder],
            )

    def release(self) -> None:
        """Give up every claim that is left, so that others may ask at once."""
        with self._database.connection() as connection:
            connection.execute("DELETE FROM labkit.reply WHERE holder = %s AND error IS NULL", [self._holder])
            connection.execute(
                "UPDATE labkit.reply SET holder = NULL, held_until = NULL WHERE holder = %s", [self._holder]
            )
