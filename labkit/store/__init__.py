"""PostgreSQL through psycopg: the only place that speaks SQL.

`open_store` uses the server that it is given, or the embedded one; the same SQL runs on both.
"""

from __future__ import annotations

from pathlib import Path

from .annotations import Annotation, Annotations
from .audits import Acceptance, Audits, Reading
from .cards import Cards
from .database import Database
from .decisions import Decisions
from .embedded import start
from .examples import Examples, NewExample
from .exchange import Exchange, Incoming, Outgoing
from .history import History
from .journal import Journal, Orphan, orphans
from .leases import Leases, Overlap
from .moving import Copied, copy_all
from .predictions import Prediction, Predictions
from .replies import Replies, Reply
from .runs import RunRow, Runs

__all__ = [
    "Acceptance",
    "Annotation",
    "Incoming",
    "Journal",
    "Leases",
    "NewExample",
    "Orphan",
    "Outgoing",
    "Overlap",
    "Prediction",
    "Reading",
    "Reply",
    "RunRow",
    "Store",
    "open_store",
    "orphans",
]


class Store:
    """Everything that labkit keeps, a room each.

    Parameters
    ----------
    database : Database
        Where it is kept.

    Attributes
    ----------
    where : str
        The server, for people; without a password.
    examples, annotations, audits, decisions, exchange, cards, history, predictions, replies, runs
        The tables, each with the questions that are asked of it.
    """

    def __init__(self, database: Database) -> None:
        self.where = database.where
        self.examples = Examples(database)
        self.annotations = Annotations(database)
        self.audits = Audits(database)
        self.decisions = Decisions(database)
        self.exchange = Exchange(database)
        self.history = History(database)
        self.cards = Cards(database)
        self.predictions = Predictions(database)
        self.replies = Replies(database)
        self.runs = Runs(database)
        self._database = database

    def __repr__(self) -> str:
        return f"Store({self.where})"

    def copy_to(self, other: Store) -> list[Copied]:
        """Copy everything to another store; see `labkit.store.moving.copy_all`."""
        return copy_all(self._database, other._database)

    @property
    def closed(self) -> bool:
        """Whether `close` was called; a closed store answers no question."""
        return self._database.closed

    def close(self) -> None:
        """Give the connections back. The embedded server stops when its last process leaves."""
        self._database.close()


def open_store(url: str | None, home: Path) -> Store:
    """Open the store, migrated to this version of labkit.

    Parameters
    ----------
    url : str or None
        A PostgreSQL server. None starts the embedded one, or joins it where it runs.
    home : Path
        The folder of the embedded server's data; not touched when `url` is given.

    Raises
    ------
    LabError
        If the server can't be reached or started, or a newer labkit made the database.
    """
    return Store(Database(url) if url else Database(start(home), "the embedded PostgreSQL"))
