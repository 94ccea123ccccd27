"""Rows of somebody else's PostgreSQL, which is only read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import LabError, one_line
from .database import CONNECT_SECONDS, describe


def where(url: str) -> str:
    """Say where a server is, without its password; raises LabError where the address is none."""
    return describe(url)


def query_rows(url: str, query: str, skip: int, batch: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query, from a number on, a batch at a time from the server.

    Parameters
    ----------
    url : str
        The server's address.
    query : str
        One query, with an order.
    skip : int
        How many rows to leave out.
    batch : int
        How many rows are in memory at a time.

    Raises
    ------
    LabError
        If the server can't be reached, or the query fails. The address is not repeated: it may hold a password.
    """
    import psycopg
    from psycopg.rows import dict_row

    try:
        with psycopg.connect(url, connect_timeout=CONNECT_SECONDS, row_factory=dict_row) as connection:
            connection.read_only = True
            with connection.cursor(name="source") as cursor:
                cursor.itersize = batch
                # Without parameters: a percent sign in the query is one.
                cursor.execute(f"SELECT * FROM ({query.strip().rstrip(';')}) AS source OFFSET {int(skip)}".encode())
                yield from cursor
    except psycopg.OperationalError:
        raise LabError(f"The database {describe(url)} can't be used.", "Check its address and that it runs.") from None
    except psycopg.Error as error:
        said = one_line(ValueError(str(error).splitlines()[0] if str(error) else "it failed"))
        raise LabError(f"The query to {describe(url)} fails: {said}.", "Mend the query.") from None
