"""An LLM's pass runs at Modal, here the stand-in, and writes to the store that this notebook reads."""

import traceback

import psycopg
import pytest

from labkit.errors import LabError
from tests.cloud.conftest import running, server  # noqa: F401 - fixtures
from tests.lab.conftest import TEXTS
from tests.llm_server import LLMServer, serving

KEY = "sk-canary-9876543210"


@pytest.fixture
def endpoint(lab, monkeypatch):
    """Have `llm.cfg` ask a server on loopback, whose key the environment holds."""
    with serving(LLMServer(key=KEY, latency=0.01)) as llm:
        path = lab.project.folder / "llm.cfg"
        text = path.read_text("utf-8").replace("https://api.anthropic.com/v1", llm.url)
        path.write_text(text.replace('model = "claude"', 'model = "m"'), "utf-8")
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        yield llm


def test_texts_are_labelled_from_a_container_and_the_run_says_so(lab, server, endpoint):  # noqa: F811
    said = lab.annotate("llm", on="modal")
    assert len(lab.replies("llm").dropna(subset="reply")) == TEXTS
    assert list(said.summary.texts) == [TEXTS]
    run = lab.runs().iloc[0]
    assert (run.kind, run["name"], run.state) == ("annotation", "llm", "done")
    assert f"Run {run.run} at Modal is done." in repr(said)


def everything(modal, store):
    """Return all that a stand-in was sent, but for secrets, what it holds, and what the store has of runs."""
    sent = [request.SerializeToString() for name, request, _ in modal.calls if name != "SecretGetOrCreate"]
    kept = [path.read_bytes() for path in modal.root.rglob("*") if path.is_file()]
    with psycopg.connect(store) as connection:
        rows = [
            row.encode()
            for table in ("run", "run_event", "annotator", "reply")
            for (row,) in connection.execute(f"SELECT t::text FROM labkit.{table} t")
        ]
    assert sent and kept and rows
    return b"".join([*sent, *kept, *rows, *modal.files.values(), *modal.blobs.values(), modal.logs().encode()])


def test_no_secret_shows_anywhere(lab, server, endpoint, database, monkeypatch, capfd):  # noqa: F811
    monkeypatch.setenv("DATABASE_URL", f"{database}&application_name=canary-address")
    said = [repr(lab.annotate("llm", on="modal"))]
    assert len(lab.replies("llm").dropna(subset="reply")) == TEXTS, "it got there by both"
    secret = server.add_secret("labkit", {"DATABASE_URL": "postgresql://anna:canary-word@127.0.0.1:1/labels"})
    server.secrets[secret]["ANTHROPIC_API_KEY"] = KEY
    with pytest.raises(LabError, match="can't be used: nothing listens there") as caught:
        lab.annotate("llm", on="modal")
    del server.secret_names["labkit"]
    said += [*traceback.format_exception(caught.value), *capfd.readouterr(), repr(lab.runs())]
    assert "canary" not in "".join(said)
    assert b"canary" not in everything(server, database)


def test_a_detached_pass_goes_on_by_itself_and_is_attached_to(lab, server, endpoint):  # noqa: F811
    begun = lab.annotate("llm", on="modal", detach=True)
    assert f"lab.attach({begun.row.id})" in repr(begun)
    said = lab.attach(begun.row.id)
    assert list(said.summary.texts) == [TEXTS]
    assert said.row.state == "done"
    again = lab.annotate("llm")
    assert (again.dollars, len(endpoint.requests)) == (0, TEXTS)


def test_the_embedded_store_is_refused_with_the_way_to_a_server(lab, server, monkeypatch):  # noqa: F811
    monkeypatch.setenv("DATABASE_URL", "")
    with pytest.raises(LabError, match="embedded PostgreSQL") as caught:
        lab.annotate("llm", on="modal")
    assert caught.value.remedy.count("\n") == 3
    assert "lab.move_to" in caught.value.remedy


def test_an_llm_with_a_gpu_of_its_own_is_steered_from_here(lab, server):  # noqa: F811
    with pytest.raises(LabError, match=r"Leave out on="):
        lab.annotate("llm-open", on="modal")


def test_what_the_container_met_is_said_here(lab, server, endpoint):  # noqa: F811
    endpoint.key = "another"
    with pytest.raises(LabError, match="key"):
        lab.annotate("llm", on="modal")
    assert lab.runs().iloc[0].state == "failed"
