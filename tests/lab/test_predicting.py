"""A corpus is predicted once, whatever is in it, wherever it comes from, and however often it is stopped."""

import json
import re
import signal
import subprocess
import sys

import pandas as pd
import psycopg
import pytest
import spacy
from spacy.language import Language

from labkit.corpus.sources import Page, Query
from labkit.errors import LabError
from labkit.lab.train import Run
from labkit.student import score

from ..predicted import begin, corpus, kept, trained

HOSTILE = ["<script>alert(1)</script>", "\u202eright to left", "\U0001f600" * 50, "\x1b[31mred", "a,b\t'\"\\N", "ع"]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """Train a model for a few steps."""
    return trained(tmp_path_factory.mktemp("model"))


def begun(lab, pipeline, digest="d"):
    """Return a run with that model."""
    return Run(lab.store.runs.get(begin(lab.store, lab._desk.number, digest)), pipeline)


@pytest.fixture
def run(lab, pipeline):
    return begun(lab, pipeline)


def test_every_text_is_predicted_as_the_model_does(lab, run, root):
    texts = [f"report {number}: it crashes" for number in range(25)] + HOSTILE
    found = lab.predict(corpus(root, texts), run, size=10)
    assert (found.texts, found.new, found.shards, found.bad) == (31, 31, 4, 0)
    said = [each for n in range(0, 31, 10) for each in score(run.load(), lab.project.task, texts[n : n + 10])]
    assert [(each.value, each.scores) for each in found] == said
    assert [each.key for each in found] == [f"{number}" for number in range(31)]
    table = found.frame(3)
    assert list(table.columns) == ["key", "value", "confidence", "scores", "source", "hash"]
    assert list(table.source) == ["corpus.jsonl:1", "corpus.jsonl:2", "corpus.jsonl:3"]
    assert table.confidence.between(0, 1).all()


def test_the_second_time_nothing_is_predicted(lab, run, root):
    path = corpus(root, map(str, range(25)))
    first = lab.predict(path, run, size=10)
    again = lab.predict(path, Run(run.row, root / "no model"), size=10)
    assert (again.new, again.words, list(again)) == (0, 0, list(first))
    assert "all of them before" in repr(again)


def test_a_corpus_that_grew_is_predicted_where_it_is_new(lab, run, root, database):
    lab.predict(corpus(root, map(str, range(25))), run, size=10)
    grown = lab.predict(corpus(root, map(str, range(35))), run, size=10)
    assert grown.new == 15  # the last shard was not full
    assert kept(database) == [f"{number}" for number in range(35)]
    assert [each.key for each in grown] == kept(database)


def test_another_run_predicts_for_itself(lab, run, pipeline, root, database):
    path = corpus(root, ["it crashes"])
    lab.predict(path, run)
    assert lab.predict(path, begun(lab, pipeline, "e")).new == 1
    assert kept(database) == ["0", "0"]


def test_bad_rows_are_set_aside_with_their_lines(lab, run, root):
    path = root / "corpus.jsonl"
    good = json.dumps({"id": 1, "text": "it crashes"})
    path.write_bytes(f'{good}\n{{"id": 2}}\nno JSON\n{good}\n{{"text": "\xe9"}}\n'.encode("latin-1"))
    found = lab.predict(path, run)
    assert (found.texts, found.repeated, found.bad) == (1, 1, 3)
    aside = [json.loads(line) for line in found.set_aside.read_text("utf-8").splitlines()]
    assert [row["line"] for row in aside] == [2, 3, 5]
    assert "corpus.jsonl:3" in repr(found)
    assert "1 row dropped for repeating" in found._repr_html_()


def test_what_a_file_says_is_no_html(lab, run, root):
    path = corpus(root, ["it crashes"], "<b>.jsonl")
    with path.open("a") as file:
        file.write("<script>\n")
    found = lab.predict(path, run)._repr_html_()
    assert "<b>.jsonl" not in found
    assert "&lt;b&gt;.jsonl:2" in found


def test_texts_that_repeat_are_predicted_once(lab, run, root, database):
    path = root / "corpus.jsonl"
    rows = [{"id": 1, "text": "a"}, {"id": 2, "text": "a"}, {"id": 1, "text": "b"}, {"id": 1, "text": "a\r\n"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = lab.predict(path, run, size=1)
    assert [(each.key, each.source) for each in found] == [
        ("1", "corpus.jsonl:1"),
        ("2", "corpus.jsonl:2"),
        ("1", "corpus.jsonl:3"),
    ]
    assert found.repeated == 1


def test_an_empty_corpus_and_one_of_bad_rows(lab, run, root):
    (root / "empty.jsonl").touch()
    with pytest.raises(LabError, match="holds no rows"):
        lab.predict("empty.jsonl", run)
    found = lab.predict(corpus(root, ["", " "]), run)
    assert (found.texts, found.bad, len(found.frame())) == (0, 2, 0)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_query_is_a_corpus(lab, run, database, monkeypatch, as_text):
    monkeypatch.setenv("SOURCE_DATABASE_URL", database)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE mail (id int, body text, at timestamptz DEFAULT now())")
        connection.execute(
            "INSERT INTO mail SELECT n, CASE n WHEN 7 THEN '' ELSE 'mail ' || n END FROM generate_series(1, 2500) n"
        )
    sql = "SELECT id, body, at FROM mail ORDER BY id"
    found = lab.predict(sql if as_text else Query(sql), run)
    assert (found.texts, found.bad, found.shards) == (2499, 1, 3)
    assert json.loads(found.set_aside.read_text())["line"] == 7
    assert lab.predict(Query(sql), run).new == 0


def test_a_query_that_fails_is_said_without_its_password(lab, run, unused_port, monkeypatch):
    monkeypatch.setenv("SOURCE_DATABASE_URL", f"postgresql://anna:canary@127.0.0.1:{unused_port}/x")
    with pytest.raises(LabError, match="can't be used") as raised:
        lab.predict("SELECT 1 AS text ORDER BY 1", run)
    assert "canary" not in str(raised.value)
    monkeypatch.delenv("SOURCE_DATABASE_URL")
    with pytest.raises(LabError, match="SOURCE_DATABASE_URL is not set"):
        lab.predict("select 1 AS text ORDER BY 1", run)


@pytest.mark.parametrize("to", ["folder", "found.parquet"])
def test_parquet_holds_the_same(lab, run, root, to, database):
    path = corpus(root, [f"report {number}" for number in range(25)])
    stored, written = lab.predict(path, run, size=10), lab.predict(path, run, size=10, to=root / to)
    assert list(written) == list(stored)
    found = pd.read_parquet(root / to)
    assert list(found.key) == [f"{number}" for number in range(25)]
    assert list(found.value.map(json.loads)) == [each.value for each in stored]
    assert lab.predict(path, run, size=10, to=root / to).new == 0


class Ending:
    """A source that does something after its first page."""

    name = "a source that ends"

    def __init__(self, do):
        self._do = do

    def pages(self, place):
        yield Page([{"id": number, "text": f"report {number}"} for number in range(150)], 150)
        self._do()
        yield Page([{"id": number, "text": f"report {number}"} for number in range(150, 200)], None)


def test_a_store_that_dies_on_the_way(lab, run, postgres, database):
    name = re.search(r"/(test_\d+)\?", database)[1]
    with psycopg.connect(postgres, autocommit=True) as connection:
        drop = Ending(lambda: connection.execute(f"DROP DATABASE {name} WITH (FORCE)"))
        with pytest.raises(LabError, match="The store .* can't be used"):
            lab.predict(drop, run, size=20)
        connection.execute(f"CREATE DATABASE {name}")  # the fixture drops it again


def test_an_interrupt_keeps_what_was_predicted(lab, run):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.predict(Ending(interrupt), run, size=20)
    assert lab.predict(Ending(bool), run, size=20).new == 60  # the shard that was not full has gone


@Language.component("labkit_test_fragile")
def fragile(doc):
    if "poison" in doc.text:
        raise ValueError("this one can't be read")
    return doc


def test_a_shard_that_fails_costs_no_other(lab, pipeline, root, database):
    nlp = spacy.load(pipeline)
    nlp.add_pipe("labkit_test_fragile")
    nlp.to_disk(root / "fragile")
    run = begun(lab, root / "fragile")
    path = corpus(root, ["poison" if number == 12 else f"report {number}" for number in range(30)])
    with pytest.raises(LabError, match=r"Of 3 shards 1 could not be predicted: corpus.jsonl:11 .* can't be read"):
        lab.predict(path, run, size=10)
    assert len(kept(database)) == 20
    assert lab.predict(corpus(root, [f"report {number}" for number in range(30)]), run, size=10).new == 10


def test_what_it_will_take_is_reckoned_before(lab, run, root):
    path = corpus(root, ["it crashes"] * 500 + [""])
    one, four = (lab.estimate_predict(path, run, containers=count) for count in (1, 4))
    assert (one.texts, one.characters) == (500, 5000)
    assert one.minutes > 0 < one.dollars
    assert four.minutes > 0
    assert "500 texts, 5,000 characters: about" in repr(one)
    assert lab.estimate_predict(path, run, on="here").dollars == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"on": "moon"}, "'moon' is no place"),
        ({"containers": 2}, "containers means nothing"),
        ({"size": 0}, "shard of 0 texts"),
        ({"limit": 0}, "takes no text"),
    ],
)
def test_what_can_not_be_is_said(lab, run, root, settings, words):
    with pytest.raises(LabError, match=words):
        lab.predict(corpus(root, ["a"]), run, **settings)


def test_a_model_that_is_gone_is_said(lab, run, root):
    with pytest.raises(LabError, match="model of run .* is gone"):
        lab.predict(corpus(root, ["a"]), Run(run.row, root / "gone"))


BLOCKED = """
import itertools, os, pathlib, time
import psycopg
from labkit import Lab
from labkit.lab.train import Run

def block_at(number, function):
    calls = itertools.count(1)
    def blocking(*args, **settings):
        if next(calls) == number:
            print("blocked", flush=True)
            time.sleep(600)
        return function(*args, **settings)
    return blocking

lab = Lab("issues", person="anna")
run = Run(lab.store.runs.get({number}), pathlib.Path({pipeline!r}))
psycopg.Copy.write_row = block_at(90, psycopg.Copy.write_row)  # in the middle of the fifth shard
os.fsync = block_at(6, os.fsync)  # behind the manifest and four shards
lab.predict("corpus.jsonl", run, size=20, to={to!r})
"""


@pytest.mark.parametrize("to", [None, "folder", "found.parquet"])
def test_killed_in_the_middle_of_a_shard_it_goes_on(lab, run, root, database, to):
    path = corpus(root, [f"report {number}: it crashes" for number in range(200)])
    script = BLOCKED.format(number=run.row.id, pipeline=str(run.pipeline), to=to)
    with subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "blocked\n"
        process.send_signal(signal.SIGKILL)
    assert (len(kept(database)) if to is None else sum(1 for _ in root.rglob("part-*.parquet")) * 20) == 80
    found = lab.predict(path, run, size=20, to=to)
    assert (found.texts, found.new) == (200, 120)
    keys = kept(database) if to is None else list(pd.read_parquet(root / to).key)
    assert keys == [each.key for each in found] == [f"{number}" for number in range(200)]
    assert not list(root.rglob(".part*"))
