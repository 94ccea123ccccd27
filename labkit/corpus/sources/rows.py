"""Rows of a PostgreSQL query and of a Hugging Face dataset, as sources."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from typing import Any

from ...errors import LabError
from ...project import read_secret
from ...store.foreign import query_rows, where
from .fetching import Page

SIZE = 1000
"""Rows of a page."""


@dataclass(frozen=True)
class Query:
    """The rows of a query to a PostgreSQL server, which is only read.

    Parameters
    ----------
    sql : str
        The query; with an order, so that it can go on where it stopped.
    variable : str
        The environment variable that holds the server's address, with its password.
    """

    sql: str
    variable: str = "SOURCE_DATABASE_URL"

    @property
    def name(self) -> str:
        """The server without its password, and the query's hash."""
        return f"{where(self._url)}, query {sha256(self.sql.encode()).hexdigest()[:12]}"

    def pages(self, place: Any | None) -> Generator[Page, None, None]:
        """Yield the rows from a number on; a LabError where the server or the query fails."""
        if "order by" not in self.sql.lower():
            raise LabError("The query has no order, so it could not go on where it stopped.", "Add ORDER BY, by a key.")
        yield from _pages(query_rows(self._url, self.sql, place or 0, SIZE), place or 0)

    @property
    def _url(self) -> str:
        """The server's address."""
        url = read_secret(self.variable)
        if not url:
            raise LabError(f"{self.variable} is not set.", "Put the server's address there: postgresql://...")
        return url


@dataclass(frozen=True)
class HuggingFace:
    """The rows of a Hugging Face dataset, streamed from its hub, or of a file or folder in one of its forms.

    Parameters
    ----------
    path : str
        The dataset's name, or what the library can load: ``"json"``.
    split : str
        Which part of it.
    text : str
        The column of the text.
    files : str, optional
        The files, where `path` names their form.
    """

    path: str
    split: str = "train"
    text: str = "text"
    files: str | None = None

    @property
    def name(self) -> str:
        """The dataset and its split."""
        return f"{self.path} {self.files or ''}[{self.split}]"

    def pages(self, place: Any | None) -> Generator[Page, None, None]:
        """Yield the rows from a number on; a LabError where the library is missing or the dataset can't be loaded."""
        try:
            import datasets
        except ImportError:
            raise LabError("The library datasets is not installed.", 'Install it: pip install "datasets<5".') from None
        try:
            loaded = datasets.load_dataset(self.path, data_files=self.files, split=self.split, streaming=True)
            rows = iter(loaded.skip(place or 0))
            first = next(rows, None)
        except (OSError, ValueError, TypeError, KeyError, datasets.exceptions.DatasetsError):
            raise LabError(f"The dataset {self.name} can't be loaded.", "Check its name and the network.") from None
        if first is not None and self.text not in first:
            raise LabError(f"The dataset {self.name} has no column {self.text!r}.", f"It has: {', '.join(first)}.")
        everything = chain([] if first is None else [first], rows)
        yield from _pages((_named(row, self.text) for row in everything), place or 0)


def _named(row: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a row with its text in a column called text."""
    return {"text": row[text], **{name: value for name, value in row.items() if name != text}}


def _pages(rows: Iterator[dict[str, Any]], done: int) -> Generator[Page, None, None]:
    """Yield rows by the thousand; a place is how many rows came before it."""
    while True:
        page = list(islice(rows, SIZE))
        done += len(page)
        yield Page(page, done if len(page) == SIZE else None)
        if len(page) < SIZE:
            return
