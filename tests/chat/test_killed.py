"""SIGKILL at any moment loses only what was on its way."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import psycopg
import pytest

PASS = """
import sys
from labkit.chat import make_chat
from labkit.store import open_store
chat = make_chat("m", sys.argv[1], concurrency=8)
chat.ledger = open_store(sys.argv[2], None).replies
print("ready", flush=True)
sys.stdin.readline()
print(chat.ask([f"prompt {i}" for i in range(400)], 400).answered)
"""


def begin(server, *databases):
    """Start a pass on each database in a process of its own, and return them when they begin to ask, all at once."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path(__file__).parents[2]}
    commands = [[sys.executable, "-c", PASS, server.url, database] for database in databases]
    processes = [subprocess.Popen(command, **streams) for command in commands]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * len(processes)
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    return processes


def table(database):
    """Return the ledger without the times of its answers."""
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT key, model, parameters, prompt, reply, finish, tokens_in, tokens_out, source, error, holder"
            " FROM labkit.reply ORDER BY key"
        ).fetchall()


@pytest.fixture
def another(postgres):
    """Make a second empty database, and yield its URL."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE DATABASE undisturbed")
        yield postgres.replace("/postgres?", "/undisturbed?")
        connection.execute("DROP DATABASE undisturbed WITH (FORCE)")


def test_ten_kills_and_a_rerun_end_in_the_same_table(serve, database, another):
    server, moments = serve(latency=0.1), random.Random(3)
    for _ in range(10):
        (process,), until = begin(server, database), sum(server.asked.values()) + moments.randint(0, 50)
        while sum(server.asked.values()) < until:
            sleep(0.001)
        sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    rows = len([row for row in table(database) if row[4] is not None])
    assert 0 < rows < 400
    (process,) = begin(server, database)
    rest, _ = process.communicate(timeout=150)
    assert int(rest) == 400 - rows
    on_their_way = sum(server.answers.values()) - 400
    assert on_their_way <= 10 * 2 * 8  # and answers that waited for a commit

    fresh = serve()
    (process,) = begin(fresh, another)
    process.communicate(timeout=150)
    assert table(database) == table(another)


def test_two_processes_share_the_work_and_pay_once(serve, database):
    server = serve(latency=0.03)
    both = begin(server, database, database)
    answered = [int(process.communicate(timeout=150)[0]) for process in both]
    assert sum(answered) == 400
    assert min(answered) > 0
    assert set(server.answers.values()) == {1}
