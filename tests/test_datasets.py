"""Data sets from their source or from a mirror, on lines made up for the test."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from labkit.corpus import Row, read
from labkit.datasets import DOCS_ISSUES, MIRROR, Source, docs_issues
from labkit.errors import LabError
from labkit.formats.labels import read_labels

NAME = "docs_issues_training.jsonl"
MADE_UP = [
    ("  Caf\u00e9 guide is\r\n\r\n out of date \r\n", "accept"),
    ("Crash on start", "reject"),
    ("A bot says: update left-pad", "reject"),
    ("x" * 1199 + " y" + "z" * 500, "reject"),
]


def key_of(text: str) -> str:
    """Return the id that the description of the data gives a text."""
    return hashlib.sha1(text.encode()).hexdigest()[:10]


LEFT_OUT = frozenset({key_of(MADE_UP[2][0])})


@pytest.fixture
def raw(tmp_path) -> Path:
    """Write a source file as its makers export it."""
    path = tmp_path / "upstream" / NAME
    path.parent.mkdir()
    rows = [
        {
            "text": text,
            "meta": {"source": "GitHub", "url": f"https://example.org/{number}"},
            "label": "DOCUMENTATION",
            "_input_hash": number,
            "answer": answer,
        }
        for number, (text, answer) in enumerate(MADE_UP)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


class Quiet(SimpleHTTPRequestHandler):
    """A file server that prints nothing, and counts."""

    asked = 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with a file."""
        Quiet.asked += 1
        super().do_GET()


@pytest.fixture
def server(raw) -> Iterator[str]:
    """Serve the folder of the source file, and yield its address."""
    Quiet.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(raw.parent))) as running:
        threading.Thread(target=running.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/{NAME}"
        running.shutdown()


@pytest.fixture(autouse=True)
def _no_mirror(monkeypatch) -> None:
    """Keep the developer's mirror out."""
    monkeypatch.delenv(MIRROR, raising=False)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(found) -> tuple[list[tuple[str, str, str]], list[tuple[str, list[str]]]]:
    """Return ids, texts and addresses, and ids and labels, as the rest of labkit reads them."""
    rows = [row for row in read(found.texts) if isinstance(row, Row)]
    return [(row.key, row.text, row.meta["url"]) for row in rows], [
        (row.key, row.labels) for row in read_labels(found.people)
    ]


def test_downloaded_once_and_converted(tmp_path, raw, server):
    source = Source(server, sha256(raw), LEFT_OUT)
    found = docs_issues(tmp_path / "kept", source)
    texts, people = contents(found)
    assert texts == [
        (key_of(MADE_UP[0][0]), "Café guide is\n\n out of date", "https://example.org/0"),
        (key_of(MADE_UP[1][0]), "Crash on start", "https://example.org/1"),
        (key_of(MADE_UP[3][0]), "x" * 1199, "https://example.org/3"),
    ]
    assert [labels for _, labels in people] == [["DOCUMENTATION"], [], []]
    assert [key for key, _ in people] == [key for key, _, _ in texts]
    assert found.origin == server
    assert json.loads(found.texts.read_text("utf-8").splitlines()[2])["text"] == "x" * 1199 + " ", "cut after stripping"
    assert contents(docs_issues(tmp_path / "kept", source)) == (texts, people)
    assert Quiet.asked == 1


def test_every_way_gives_the_same(tmp_path, monkeypatch, raw, server):
    source = Source(server, sha256(raw), LEFT_OUT)
    downloaded = docs_issues(tmp_path / "kept", source)
    monkeypatch.setenv(MIRROR, str(raw.parent))
    from_raw = docs_issues(tmp_path / "other", source)
    ready = tmp_path / "mirror" / "docs-issues"
    ready.mkdir(parents=True)
    for file in (downloaded.texts, downloaded.people):
        (ready / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv(MIRROR, str(ready.parent))
    from_ready = docs_issues(tmp_path / "never")
    assert contents(downloaded) == contents(from_raw) == contents(from_ready)
    assert from_raw.origin == from_ready.origin == MIRROR
    assert from_ready.texts == ready / "texts.jsonl"
    assert not (tmp_path / "never").exists()
    assert repr(downloaded) == repr(from_raw) == repr(from_ready) == "DocsIssues: texts.jsonl, people.jsonl"
    assert Quiet.asked == 1


def test_nothing_of_this_machine_is_printed(tmp_path, capfd, raw, server):
    docs_issues(tmp_path / "kept", Source(server, sha256(raw)))
    assert capfd.readouterr() == ("", "")


def test_another_file_than_the_one_expected(tmp_path, monkeypatch, raw, server):
    with pytest.raises(LabError, match=rf"gave another file than the one expected.*set {MIRROR}"):
        docs_issues(tmp_path / "kept", Source(server, "0" * 64))
    assert not (tmp_path / "kept" / "texts.jsonl").exists()
    monkeypatch.setenv(MIRROR, str(raw.parent))
    with pytest.raises(LabError, match=f"{NAME} is not the file expected.*Take it from https://raw.githubusercontent"):
        docs_issues(tmp_path / "kept")


def test_a_file_that_is_not_served(tmp_path, server):
    with pytest.raises(LabError, match=r"could not be downloaded .*\(HTTPError\)\. Check the network"):
        docs_issues(tmp_path / "kept", Source(server + "l", "0" * 64))


def test_a_dead_server(tmp_path):
    with pytest.raises(LabError, match=r"could not be downloaded .*\(ConnectionError\)"):
        docs_issues(tmp_path / "kept", Source("http://127.0.0.1:9/a.jsonl", "0" * 64))


def test_a_folder_that_can_not_be_made(tmp_path, raw, server):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="could not be downloaded"):
        docs_issues(tmp_path / "file" / "kept", Source(server, sha256(raw)))


def test_a_mirror_that_lacks_the_data(tmp_path, monkeypatch):
    monkeypatch.setenv(MIRROR, str(tmp_path))
    with pytest.raises(LabError, match=f"{MIRROR} names .*, which holds no docs-issues/texts.jsonl"):
        docs_issues(tmp_path / "kept")


def test_the_source_is_pinned():
    assert "/504e1e428238a08fb038c04af04ea4b3b34756af/" in DOCS_ISSUES.url
    assert DOCS_ISSUES.name == NAME
    assert len(DOCS_ISSUES.left_out) == 5


@pytest.mark.network
def test_the_source_gives_what_is_described(tmp_path):
    texts, people = contents(docs_issues(tmp_path))
    assert (len(texts), len(people)) == (656, 656)
