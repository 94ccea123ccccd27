"""Moves everything to a server that others reach too."""

from __future__ import annotations

import html
from dataclasses import astuple, dataclass

import pandas as pd

from ..errors import LabError
from ..project import read_secret
from ..store import open_store
from .desk import Desk

STEPS = (
    "NEW_DATABASE_URL=postgresql://user:password@host:5432/database    as a line of .env",
    'lab.move_to("NEW_DATABASE_URL")                                   in a cell',
    "DATABASE_URL in the place of NEW_DATABASE_URL                     in .env; then restart the kernel",
)
"""The three lines that move a project to a server. No password stands in a notebook."""


@dataclass(frozen=True, repr=False)
class Moved:
    """What was copied to a server. It shows no address with a password.

    Parameters
    ----------
    where : str
        The server, its user and database.
    tables : DataFrame
        One row a table: ``rows`` on both sides, how many were ``written`` now, and their ``checksum`` on both sides.
    """

    where: str
    tables: pd.DataFrame

    def __repr__(self) -> str:
        return f"{self._headline()}\n{self.tables.to_string()}\n{_NEXT}"

    def _repr_html_(self) -> str:
        """Show the same."""
        return f"<p>{html.escape(self._headline())}</p>{self.tables.to_html()}<p>{html.escape(_NEXT)}</p>"

    def _headline(self) -> str:
        """Say how much stands there now."""
        rows, written = self.tables["rows"].sum(), self.tables["written"].sum()
        return f"{rows:,} rows stand at {self.where}, {written:,} of them written now; counts and checksums agree."


_NEXT = "Next: have DATABASE_URL name this server, in .env or in the environment, and restart the kernel."


def move(desk: Desk, url: str) -> Moved:
    """Copy the whole store to another server; see `labkit.Lab.move_to`."""
    address = url if "://" in url else read_secret(url, desk.project.root)
    if address is None:
        raise LabError(f"{url} is neither an address nor a variable that is set.", "Write it as a line into .env.")
    target = open_store(address, desk.home)
    try:
        if target.where == desk.store.where:
            raise LabError(f"The project is at {target.where} already.", "Name another server.")
        rows = [astuple(copied) for copied in desk.store.copy_to(target)]
    finally:
        target.close()
    return Moved(target.where, pd.DataFrame(rows, columns=["table", "rows", "written", "checksum"]).set_index("table"))
