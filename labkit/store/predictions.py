"""What trained models say of texts beyond the project's own, a shard of a corpus at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .database import Database


class Prediction(NamedTuple):
    """What a model says of one text.

    Parameters
    ----------
    key : str
        The text's own id, or the first digits of its hash.
    hash : str
        SHA-256 of the text, 64 hex digits.
    source : str
        Where the text stands: ``"file:line"``.
    value : JSON value
        The task's value.
    scores : dict of str to float
        Each label's probability; empty where the model gives none.
    confidence : float or None
        How sure the model is of `value`, 0 to 1; None where it doesn't say.
    """

    key: str
    hash: str
    source: str
    value: Any
    scores: dict[str, float]
    confidence: float | None


class Predictions:
    """The tables of predictions and shards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def shards(self, run: int) -> set[str]:
        """Return the digests of the shards of which all predictions are here."""
        with self._database.connection() as connection:
            rows = connection.execute("SELECT digest FROM labkit.shard WHERE run_id = %s", [run])
            return {digest for (digest,) in rows}

    def add(self, run: int, digest: str, predictions: Iterable[Prediction]) -> None:
        """Append a shard and its predictions, all or none; what stands here already is kept once.

        Parameters
        ----------
        run : int
            The run whose model predicts.
        digest : str
            What the shard is known by.
        predictions : iterable of Prediction
            In the order of the corpus; they are streamed.
        """
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            connection.execute(
                "CREATE TEMP TABLE incoming (n bigserial, key text, hash text, source text, value jsonb, scores jsonb,"
                " confidence double precision) ON COMMIT DROP"
            )
            with connection.cursor().copy(
                "COPY incoming (key, hash, source, value, scores, confidence) FROM STDIN"
            ) as copy:
                for key, hash_, source, value, scores, confidence in predictions:
                    json = Jsonb(scores) if scores else None
                    copy.write_row((key, hash_, source, Jsonb(value), json, confidence))
            connection.execute(_APPEND, {"run": run})
            connection.execute(_CLOSE, {"run": run, "digest": digest})

    def read(self, run: int, digest: str) -> Iterator[Prediction]:
        """Yield the predictions of one shard, in the order of the corpus."""
        with self._database.connection() as connection:
            rows = connection.execute(_READ, {"run": run, "digest": digest}).fetchall()
        for row in rows:
            yield Prediction(*row)


# In one order, so that two processes that append the same texts wait for each other and never both.
_APPEND = (
    "INSERT INTO labkit.prediction (run_id, key, hash, source, value, scores, confidence)"
    " SELECT %(run)s, key, hash, source, value, scores, confidence FROM incoming ORDER BY key, hash"
    " ON CONFLICT DO NOTHING"
)
_CLOSE = (
    "INSERT INTO labkit.shard (run_id, digest, predictions) SELECT %(run)s, %(digest)s, array_agg(p.id ORDER BY i.n)"
    " FROM incoming i JOIN labkit.prediction p ON (p.run_id, p.key, p.hash) = (%(run)s, i.key, i.hash)"
    " ON CONFLICT DO NOTHING"
)
_READ = (
    "SELECT p.key, p.hash, p.source, p.value, coalesce(p.scores, '{}'), p.confidence FROM labkit.shard s,"
    " unnest(s.predictions) WITH ORDINALITY AS listed (id, n) JOIN labkit.prediction p ON p.id = listed.id"
    " WHERE s.run_id = %(run)s AND s.digest = %(digest)s ORDER BY listed.n"
)
