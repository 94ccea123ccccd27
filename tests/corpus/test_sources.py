"""Sources beyond files: fetched page by page, through rate limits and errors, and taken up where they stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from labkit.corpus import read
from labkit.corpus.sources import HuggingFace, JsonApi, Query, fetch, github_issues, guardian
from labkit.errors import LabError

TOKEN = "very-secret-token"


class Api(ThreadingHTTPServer):
    """Answers as the two APIs do; `plan` holds what goes wrong first: (status, headers, body)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan: list[tuple[int, dict[str, str], bytes]] = []
        self.asked: list[tuple[str, str | None]] = []
        self.items = 5

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Serves pages of two."""

    server: Api

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        if self.server.plan:
            return self.answer(*self.server.plan.pop(0))
        place = urlsplit(self.path)
        query = parse_qs(place.query)
        page = int(query.get("page", ["1"])[0])
        numbers = range(self.server.items)[2 * page - 2 : 2 * page]
        last = (self.server.items + 1) // 2
        if place.path == "/search":
            if query.get("api-key") != [TOKEN]:
                return self.answer(401, {}, b"{}")
            found = [{"id": f"a/{n}", "webTitle": f"T{n}", "fields": {"bodyText": f"Article {n} 😀"}} for n in numbers]
            body = {"response": {"currentPage": page, "pages": last, "results": found}}
            return self.answer(200, {}, json.dumps(body).encode())
        issues = [
            {"number": n, "title": f"Issue {n}", "body": None if n else "It fails", "labels": []} for n in numbers
        ]
        issues += [{"number": 99, "title": "a pull request", "pull_request": {}}]
        more = f'<{self.server.url}{place.path}?page={page + 1}>; rel="next", <x>; rel="last"' if page < last else ""
        return self.answer(200, {"Link": more} if more else {}, json.dumps(issues).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def issues(api, waits, monkeypatch):
    """Return GitHub's issues as the server gives them."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    return github_issues("anna/rookery", url=api.url, wait=waits.append)


def ids(path):
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def test_githubs_issues_page_by_page(api, issues, tmp_path):
    path = tmp_path / "issues.jsonl"
    found = fetch(issues, path)
    assert (found.rows, found.new, found.complete) == (5, 5, True)
    assert ids(path) == [f"anna/rookery#{number}" for number in range(5)]
    assert {authorization for _, authorization in api.asked} == {f"Bearer {TOKEN}"}
    first, *_ = read(path)
    assert first.text == "Issue 0\n\nIt fails"
    assert TOKEN not in path.read_text() + (tmp_path / "issues.jsonl.place").read_text() + repr(issues)
    api.asked.clear()
    assert (fetch(issues, path).new, api.asked) == (0, [])  # it is complete


def test_the_guardians_articles(api, tmp_path, monkeypatch, waits):
    monkeypatch.setenv("GUARDIAN_API_KEY", TOKEN)
    found = fetch(guardian("coal & steel", url=f"{api.url}/search", wait=waits.append), tmp_path / "a.jsonl")
    assert found.rows == 5
    row = json.loads((tmp_path / "a.jsonl").read_text("utf-8").splitlines()[4])
    assert (row["id"], row["text"], row["title"]) == ("a/4", "Article 4 😀", "T4")
    assert "coal+%26+steel" in api.asked[-1][0]
    assert TOKEN not in (tmp_path / "a.jsonl.place").read_text()


def test_it_goes_on_where_it_stopped(api, issues, tmp_path):
    path = tmp_path / "issues.jsonl"
    assert (fetch(issues, path, most=2).rows, len(api.asked)) == (2, 1)
    with path.open("ab") as file:
        file.write(b'{"id": "half a r')  # killed in the middle of a page
    api.plan = [(500, {}, b"")] * 6
    with pytest.raises(LabError, match="can't answer \\(HTTP 500\\)"):
        fetch(issues, path)
    api.asked.clear()
    assert (fetch(issues, path).rows, len(api.asked)) == (5, 2)
    assert ids(path) == [f"anna/rookery#{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("trouble", "waited"),
    [
        ((429, {"Retry-After": "7"}, b""), 7),
        ((403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, b""), 1),
        ((403, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, b""), 0),
        ((503, {}, b"busy"), 1),
        ((429, {"Retry-After": "soon"}, b""), 1),
    ],
)
def test_what_passes_is_waited_for(api, issues, waits, tmp_path, trouble, waited):
    api.plan = [trouble]
    assert fetch(issues, tmp_path / "a.jsonl").rows == 5
    assert waits == [waited]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ((401, {}, TOKEN.encode()), "refuses the login \\(HTTP 401\\). Put a valid token into GITHUB_TOKEN"),
        ((404, {}, b""), "knows no such address"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "can't answer \\(HTTP 302\\)"),
        ((200, {}, b"<html>"), "answers with what is no JSON"),
        ((200, {}, b'{"message": "hello"}'), "answers in an unknown form"),
        ((200, {"Link": '<http://evil.example/x>; rel="next"'}, b"[]"), "names a next page on another server"),
        ((429, {"Retry-After": "3600"}, b""), "asks to wait 60 minutes"),
    ],
)
def test_what_does_not_pass_is_said(api, issues, tmp_path, trouble, said):
    api.plan = [trouble]
    with pytest.raises(LabError, match=said) as caught:
        fetch(issues, tmp_path / "a.jsonl")
    assert TOKEN not in str(caught.value)


def test_a_token_that_the_server_repeats_is_kept_nowhere(api, tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("A_TOKEN", "s3cret+/token")
    repeated = f"{api.url}/more?api-key=s3cret%2B%2Ftoken&page=2"
    api.plan = [
        (200, {}, json.dumps({"rows": [{"text": "you are s3cret+/token"}], "next": repeated}).encode()),
        (200, {}, json.dumps({"rows": [{"text": "two"}], "next": repeated}).encode()),
        (500, {}, b""),
    ]
    source = JsonApi(
        f"{api.url}/more?page=1",
        lambda answer: answer["rows"],
        lambda answer, headers, at: answer["next"],
        token="A_TOKEN",
        header="?api-key",
        wait=lambda seconds: None,
    )
    assert fetch(source, tmp_path / "a.jsonl", most=2).rows == 2
    assert {place for place, _ in api.asked[1:]} == {"/more?page=2&api-key=s3cret%2B%2Ftoken"}
    api.plan = [(401, {}, b"s3cret+/token")]
    with pytest.raises(LabError, match="Put a valid token into A_TOKEN") as caught:
        fetch(source, tmp_path / "a.jsonl")
    kept = "".join(each.read_text("utf-8") for each in tmp_path.iterdir())
    for said in (kept, str(caught.value), caplog.text, *capfd.readouterr(), repr(source)):
        assert "s3cret" not in said
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0]) == {"text": "you are ***"}


def test_a_fetch_that_is_killed_goes_on(api, tmp_path):
    api.items, path = 2000, tmp_path / "issues.jsonl"
    code = f"""
from pathlib import Path
from labkit.corpus.sources import fetch, github_issues
fetch(github_issues("anna/rookery", url={api.url!r}), Path({str(path)!r}))
"""
    killed = 0
    for pages in (1, 40):
        with subprocess.Popen([sys.executable, "-c", code]) as running:
            while len(api.asked) < pages and running.poll() is None:
                time.sleep(0.001)
            running.kill()
        killed += running.returncode == -signal.SIGKILL
        api.asked.clear()
    assert killed == 2
    before = ids(path)
    found = fetch(github_issues("anna/rookery", url=api.url), path)
    assert ids(path) == [f"anna/rookery#{number}" for number in range(2000)]
    assert found.rows == found.new + len(before) // 2 * 2 == 2000
    assert len(api.asked) == 1000 - len(before) // 2


def test_one_killed_within_its_first_page_goes_on(issues, tmp_path, monkeypatch):
    path = tmp_path / "issues.jsonl"
    written = iter([{"id": "half a page"}])
    with monkeypatch.context() as patched:
        patched.setattr("labkit.corpus.sources.fetching.plain", lambda row: next(written))
        with pytest.raises(StopIteration):  # in the second row
            fetch(issues, path)
    assert ids(path) == ["half a page"]
    assert fetch(issues, path).rows == 5
    assert ids(path) == [f"anna/rookery#{number}" for number in range(5)]


def test_nobody_there_and_no_repository(tmp_path, unused_port, waits):
    source = github_issues("a/b", url=f"http://127.0.0.1:{unused_port}", wait=waits.append)
    with pytest.raises(LabError, match=f"127.0.0.1:{unused_port} can't be reached"):
        fetch(source, tmp_path / "a.jsonl")
    assert waits == [1, 2, 4, 8, 16]
    with pytest.raises(LabError, match="is no repository"):
        github_issues("../../etc")


def test_a_file_of_something_else_is_left_alone(api, issues, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("mine")
    with pytest.raises(LabError, match="was not fetched from a source"):
        fetch(issues, path)
    assert path.read_text() == "mine"
    other = tmp_path / "b.jsonl"
    fetch(issues, other)
    with pytest.raises(LabError, match="holds rows of http"):
        fetch(github_issues("anna/other", url=api.url), other)
    (tmp_path / "b.jsonl.place").write_text("{")
    with pytest.raises(LabError, match="is damaged"):
        fetch(issues, other)


def test_rows_of_a_query(database, tmp_path, monkeypatch):
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE report AS SELECT n AS id, 'Report ' || n || ' %' AS text FROM generate_series(1, 2500) n"
        )
    monkeypatch.setenv("SOURCE_DATABASE_URL", database)
    source = Query("SELECT id, text FROM report WHERE text LIKE '%o%' ORDER BY id;")
    assert fetch(source, tmp_path / "a.jsonl", most=1000).rows == 1000
    found = fetch(source, tmp_path / "a.jsonl")
    assert (found.rows, found.new, found.complete) == (2500, 1500, True)
    assert ids(tmp_path / "a.jsonl") == list(range(1, 2501))
    with pytest.raises(LabError, match='fails: relation "nothing" does not exist'):
        fetch(Query("SELECT * FROM nothing ORDER BY 1"), tmp_path / "b.jsonl")
    with pytest.raises(LabError, match="fails: cannot execute"):
        fetch(Query("SELECT pg_catalog.lo_create(0) ORDER BY 1"), tmp_path / "c.jsonl")
    with pytest.raises(LabError, match="has no order"):
        fetch(Query("SELECT * FROM report"), tmp_path / "d.jsonl")
    monkeypatch.setenv("SOURCE_DATABASE_URL", "")
    with pytest.raises(LabError, match="SOURCE_DATABASE_URL is not set"):
        fetch(source, tmp_path / "e.jsonl")


def test_a_hugging_face_dataset(tmp_path, monkeypatch):
    pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    rows = "".join(json.dumps({"sentence": f"Text {number}", "n": number}) + "\n" for number in range(1500))
    (tmp_path / "in.jsonl").write_text(rows)
    source = HuggingFace("json", text="sentence", files=str(tmp_path / "in.jsonl"))
    assert fetch(source, tmp_path / "a.jsonl", most=1).rows == 1000
    assert fetch(source, tmp_path / "a.jsonl").rows == 1500
    last = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-1])
    assert last == {"text": "Text 1499", "n": 1499}
    with pytest.raises(LabError, match="has no column 'text'. It has: sentence, n"):
        fetch(HuggingFace("json", files=str(tmp_path / "in.jsonl")), tmp_path / "b.jsonl")
    with pytest.raises(LabError, match="can't be loaded"):
        fetch(HuggingFace("json", files=str(tmp_path / "gone.jsonl")), tmp_path / "c.jsonl")
