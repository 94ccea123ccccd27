"""Predictions in Parquet: files that are whole, in the order of the corpus, and of one corpus and model only."""

import json
import resource
from contextlib import contextmanager

import pandas as pd
import pytest
from pyarrow import parquet

from labkit.errors import LabError
from labkit.predict import OneFile, Parts, Shard
from labkit.predict.parquet import MANIFEST
from labkit.store import Prediction

ABOUT = {"run": 7, "digest": "d", "corpus": "texts.jsonl"}
HOSTILE = "<b>\x1b[31m\u202e\U0001f600\n"


def predictions(number):
    """Return what a model says of two texts."""
    return [
        Prediction(f"{number}{HOSTILE}", "0" * 64, "texts.jsonl:1", ["BUG"], {"BUG": 0.1 + 0.2, "DOCS": 0.0}, 0.3),
        Prediction(f"{number} b", "1" * 64, "texts.jsonl:2", [], {}, None),
    ]


def shard(number):
    """Return a shard that is known by its number."""
    return Shard(number, f"{number:032x}", *[("a", "b")] * 4)


def digests(*numbers):
    return [shard(number).digest for number in numbers]


@pytest.fixture(params=["folder", "file.parquet"])
def path(request, tmp_path):
    return tmp_path / request.param


def sink(path, **about):
    """Open a sink."""
    return (OneFile if path.suffix else Parts)(path, ABOUT | about)


def fill(path, *numbers):
    """Keep shards, in this order."""
    made = sink(path)
    for number in numbers:
        made.put(shard(number), predictions(number))
    return made


def read(made, *numbers):
    return [list(made.read(digest)) for digest in digests(*numbers)]


def test_what_was_kept_is_read_as_it_was(path):
    made = fill(path, 1, 0)
    made.finish(digests(0, 1))
    assert read(made, 0, 1) == read(sink(path), 0, 1) == [predictions(0), predictions(1)]


def test_others_read_it_in_the_order_of_the_corpus(path):
    fill(path, 2, 0, 1).finish(digests(0, 1, 2))
    found = pd.read_parquet(path)
    assert list(found.key) == [each.key for number in range(3) for each in predictions(number)]
    assert [json.loads(value) for value in found.value[:2]] == [["BUG"], []]
    assert found.confidence.isna().tolist() == [False, True] * 3


def test_what_a_stopped_process_kept_is_done(path):
    fill(path, 0, 2)
    assert sink(path).done() == set(digests(0, 2))
    made = fill(path, 1)
    made.finish(digests(0, 1, 2))
    assert read(made, 0, 1, 2) == [predictions(number) for number in range(3)]


def test_what_is_complete_says_so(path):
    made = fill(path, 0, 1)
    said = (path if path.suffix == "" else path.with_name(f".{path.name}.parts")) / MANIFEST
    assert json.loads(said.read_text())["complete"] is False
    made.finish(digests(0, 1))
    assert json.loads(said.read_text())["complete"] if path.is_dir() else not said.parent.exists()


def test_a_corpus_that_grew_keeps_its_shards(path):
    fill(path, 0, 1).finish(digests(0, 1))
    grown = fill(path, 5)
    assert grown.done() == set(digests(0, 1, 5))
    grown.finish(digests(0, 5))
    assert read(sink(path), 0, 5) == [predictions(0), predictions(5)]
    assert len(pd.read_parquet(path)) == 4


def test_shards_that_moved_are_renamed(path):
    fill(path, 0, 1).finish(digests(0, 1))
    made = sink(path)
    made.finish(digests(1, 0))
    assert list(pd.read_parquet(path).key.str[0]) == ["1", "1", "0", "0"]


def test_finishing_twice_changes_nothing(path):
    fill(path, 0).finish(digests(0))
    before = path.stat().st_mtime_ns
    sink(path).finish(digests(0))
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("other", [{"run": 8}, {"corpus": "others.jsonl"}, {"digest": "e"}])
def test_another_corpus_or_model_is_refused(path, other):
    fill(path, 0).finish(digests(0))
    with pytest.raises(LabError, match="holds something else"):
        sink(path, **other)


def test_somebody_elses_files_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "mine.parquet")
    (tmp_path / "none.parquet").write_text("no Parquet at all")
    for path in (tmp_path, tmp_path / "mine.parquet", tmp_path / "none.parquet"):
        with pytest.raises(LabError, match="holds something else"):
            sink(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine.parquet", "mine.txt", "none.parquet"]


def test_a_damaged_manifest_is_said(tmp_path):
    fill(tmp_path / "folder", 0)
    (tmp_path / "folder" / MANIFEST).write_text("{")
    with pytest.raises(LabError, match="is damaged"):
        sink(tmp_path / "folder")


def test_no_predictions_make_an_empty_table(path):
    sink(path).finish([])
    found = parquet.read_table(path) if path.is_file() else None
    assert found is None or (len(found) == 0 and found.column_names[0] == "key")


@contextmanager
def small_disk(size):
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_one_shard_and_leaves_no_half_file(path):
    made = fill(path, 0)
    many = [each._replace(key=f"{number} {each.key}") for number in range(2000) for each in predictions(1)]
    with small_disk(8192), pytest.raises(LabError, match="can't be written"):
        made.put(shard(1), many)
    assert sink(path).done() == set(digests(0))
    made = fill(path, 1)
    made.finish(digests(0, 1))
    assert read(made, 0, 1) == [predictions(0), predictions(1)]
