"""The store opens, migrates once, and says in words what is wrong with an address."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from labkit.errors import LabError
from labkit.store import open_store
from labkit.store.database import describe
from labkit.store.migrate import available, migrate

SECRET = "c4nary"


def test_migrations_are_applied_once_each_with_its_record(empty):
    with psycopg.connect(empty, autocommit=True) as connection:
        assert migrate(connection) == list(available())
        assert migrate(connection) == []
        names = [row[0] for row in connection.execute("SELECT name FROM labkit.migration ORDER BY name")]
    assert names == list(available())


def test_an_old_database_is_migrated(empty, monkeypatch):
    first = dict(list(available().items())[:1])
    with psycopg.connect(empty, autocommit=True) as connection:
        monkeypatch.setattr("labkit.store.migrate.available", lambda: first)
        assert migrate(connection) == list(first)
        monkeypatch.setattr("labkit.store.migrate.available", lambda: first | {"9999_more": "CREATE TABLE more ()"})
        assert migrate(connection) == ["9999_more"]
        connection.execute("SELECT FROM more")


def test_a_migration_that_fails_leaves_no_trace(empty, monkeypatch):
    with psycopg.connect(empty, autocommit=True) as connection:
        monkeypatch.setattr(
            "labkit.store.migrate.available", lambda: {"0001_bad": "CREATE TABLE half (); SELECT nonsense"}
        )
        with pytest.raises(psycopg.errors.UndefinedColumn):
            migrate(connection)
        assert connection.execute("SELECT count(*) FROM labkit.migration").fetchone() == (0,)
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)


def test_a_newer_database_is_refused(empty):
    with psycopg.connect(empty, autocommit=True) as connection:
        migrate(connection)
        connection.execute("INSERT INTO labkit.migration (name) VALUES ('9999_future')")
    with pytest.raises(LabError, match="newer labkit: it holds '9999_future'"):
        open_store(empty, Path())


def test_two_processes_may_migrate_at_once(empty):
    program = f"from pathlib import Path; from labkit.store import open_store; open_store({empty!r}, Path())"
    both = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(2)]
    assert [(process.communicate()[1], process.returncode) for process in both] == [(b"", 0)] * 2


@pytest.mark.parametrize("url", [f"nonsense {SECRET}", f"postgres://user:{SECRET}@host:port/db", "mysql://x"])
def test_a_malformed_address_is_refused_without_repeating_it(url):
    with pytest.raises(LabError, match="not a PostgreSQL address|host is not known") as caught:
        open_store(url, Path())
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_listening_is_said_in_words(unused_port):
    with pytest.raises(LabError, match="nothing listens there") as caught:
        open_store(f"postgresql://anna:{SECRET}@127.0.0.1:{unused_port}/db", Path())
    assert SECRET not in str(caught.value)


def test_a_port_taken_by_another_server_is_said_in_words():
    refused = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_answer_like_a_web_server, args=[server, refused])
        thread.start()
        with pytest.raises(LabError, match="not PostgreSQL|connection failed"):
            open_store(f"postgresql://anna@127.0.0.1:{server.getsockname()[1]}/db", Path())
        refused.set()
        thread.join()


def _answer_like_a_web_server(server, refused):
    server.settimeout(0.05)
    while not refused.is_set():
        try:
            client, _address = server.accept()
        except TimeoutError:
            continue
        with client:
            client.recv(64)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_an_unknown_database_is_said_in_words(database):
    with pytest.raises(LabError, match="does not exist there"):
        open_store(database.replace(psycopg.conninfo.conninfo_to_dict(database)["dbname"], "nowhere"), Path())


def test_a_folder_that_is_a_file_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="did not start"):
        open_store(None, tmp_path / "file")


def test_a_path_with_a_space_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(LabError, match="holds a space"):
        open_store(None, tmp_path / "my lab")
    assert not (tmp_path / "my lab").exists()


def test_a_store_is_described_without_its_password():
    assert describe(f"postgresql://anna:{SECRET}@db.example.org/labels") == "anna@db.example.org:5432/labels"


def test_a_server_that_goes_away_is_said_in_words_and_taken_up_again(store, database):
    number = store.examples.project("issues")
    with psycopg.connect(database, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert store.examples.project("issues") == number


def test_the_embedded_server_is_shared_and_keeps_what_it_is_told(tmp_path):
    program = (
        "from pathlib import Path; from labkit.store import open_store;"
        f"print(open_store(None, Path({str(tmp_path)!r})).examples.project('issues'))"
    )
    numbers = [subprocess.check_output([sys.executable, "-c", program], text=True).strip() for _ in range(2)]
    assert numbers == ["1", "1"]
